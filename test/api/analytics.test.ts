// Analytics over the API: the figures are those of the expenses, whatever was done to them, and cost what a period costs.
import { describe, expect, test } from 'vitest'
import { membersIn } from '../../src/db/rollups.ts'
import { findSystemCategory, SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import { env } from '../support/env.ts'
import { dataOf } from '../support/scene.ts'
import { unwatched } from '../support/tamper.ts'
import { group, person, worker, type Client, type Group } from '../support/world.ts'

type Team = Group<'ann' | 'bob' | 'cem'>

interface Line {
  readonly id: string
  readonly kind: 'expense' | 'income'
  readonly amount: string
  readonly expense_date: string
  readonly vendor: string
  readonly category: { readonly id: string } | null
  readonly participants: readonly { readonly user_id: string; readonly share: string }[]
}

/** Numbers that look random and are the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

const DAYS = ['2024-01-31', '2024-02-01', '2024-02-28', '2024-02-29', '2024-03-01', '2024-03-31', '2023-12-31']
const VENDORS = ['Cafe Central', 'CAFE CENTRAL GmbH', 'Rewe', '']
const cents = (text: string): number => Math.round(Number(text) * 100)
const text = (minor: number): string => (minor / 100).toFixed(2)

/** Expenses written, edited, deleted and restored in any order. */
async function lived(seed: number): Promise<Team> {
  const team = await group(['ann', 'bob', 'cem'])
  const { as, ids } = team
  const roll = dice(seed)
  const people = Object.values(ids)
  const some = <T>(all: readonly T[]): T => all[roll(all.length)] as T
  const fields = () => ({
    amount: text(100 + roll(20_000)),
    expense_date: some(DAYS),
    vendor: some(VENDORS),
    ...(roll(4) === 0 ? {} : { category_id: some(SYSTEM_CATEGORIES).id }),
    split_type: 'equal',
    split_data: { participants: people.slice(0, 1 + roll(3)) },
  })
  const made: string[] = []
  for (let n = 0; n < 24; n++) {
    const kind = roll(6) === 0 ? 'income' : 'expense'
    made.push((await dataOf(as.ann.post('/api/expenses/', { title: `No ${n}`, group_id: team.id, kind, ...fields() }))).id)
    const old = some(made)
    const step = roll(4)
    if (step === 0) await as.bob.patch(`/api/expenses/${old}/`, fields())
    if (step === 1) await as.bob.delete(`/api/expenses/${old}/`)
    if (step === 2) await as.cem.post(`/api/expenses/${old}/restore/`)
  }
  return team
}

const linesOf = (who: Client, from: string, to: string, groupId: string): Promise<Line[]> =>
  dataOf<Line[]>(who.get(`/api/expenses/?group_id=${groupId}&date_from=${from}&date_to=${to}&page_size=100`))

/** What the line comes to for the whole group, or for one person. */
const partOf = (line: Line, user?: string): number =>
  user === undefined ? cents(line.amount) : cents(line.participants.find((one) => one.user_id === user)?.share ?? '0')

const bears = (line: Line, user?: string): boolean =>
  user === undefined || line.participants.some((one) => one.user_id === user && cents(one.share) !== 0)

describe.each([7, 8])('figures of seed %i equal a plain recomputation', (seed) => {
  test('for the group and for one person, in total, by day, by category, by vendor and by member', async () => {
    const team = await lived(seed)
    const { as, ids, id } = team
    for (const [from, to] of [
      ['2024-02-01', '2024-02-29'],
      ['2023-12-31', '2024-03-01'],
      ['2024-02-29', '2024-02-29'],
    ] as const) {
      const lines = await linesOf(as.ann, from, to, id)
      for (const user of [undefined, ids.bob]) {
        const query = `group_id=${id}&date_from=${from}&date_to=${to}&scope=${user === undefined ? 'group' : 'own'}`
        const get = <T>(what: string) => dataOf<T>(as.bob.get(`/api/analytics/${what}/?${query}`))
        const spent = lines.filter((line) => line.kind === 'expense' && bears(line, user))
        const total = spent.reduce((sum, line) => sum + partOf(line, user), 0)
        const income = lines.filter((line) => line.kind === 'income').reduce((sum, line) => sum + partOf(line, user), 0)
        expect(await get('summary')).toMatchObject({
          date_range: { from, to },
          summary: {
            total_expenses: text(total),
            expense_count: spent.length,
            total_income: text(income),
            net: text(income - total),
            currency: 'EUR',
          },
        })
        const trends = await get<{ trends: { date: string; amount: string; expense_count: number }[] }>('trends')
        const byDay = new Map(trends.trends.map((one) => [one.date, one]))
        expect(trends.trends.reduce((sum, one) => sum + cents(one.amount), 0)).toBe(total)
        for (const line of spent) {
          const same = spent.filter((one) => one.expense_date === line.expense_date)
          expect(byDay.get(line.expense_date)).toMatchObject({
            amount: text(same.reduce((sum, one) => sum + partOf(one, user), 0)),
            expense_count: same.length,
          })
        }
        interface Part {
          readonly id: string
          readonly amount: string
          readonly direct: { readonly amount: string }
          readonly subcategories: readonly { readonly id: string; readonly amount: string }[]
        }
        const told = await get<{ total: string; categories: Part[]; uncategorized: { amount: string } }>('categories')
        expect(told.total).toBe(text(total))
        const kept = new Map(
          told.categories.flatMap(
            (one) => [[one.id, one.direct.amount], ...one.subcategories.map((sub) => [sub.id, sub.amount] as const)] as const,
          ),
        )
        for (const line of spent) {
          const same = spent.filter((one) => one.category?.id === line.category?.id).reduce((sum, one) => sum + partOf(one, user), 0)
          expect(
            line.category === null ? told.uncategorized.amount : kept.get(line.category.id),
            findSystemCategory(line.category?.id ?? '')?.name,
          ).toBe(text(same))
        }
      }
    }
    const february = await linesOf(as.ann, '2024-02-01', '2024-02-29', id)
    const shops = february.filter((line) => line.kind === 'expense' && /cafe central/i.test(line.vendor))
    const { merchants } = await dataOf<{ merchants: { name: string; amount: string; expense_count: number }[] }>(
      as.ann.get(`/api/analytics/merchants/?group_id=${id}&date_from=2024-02-01&date_to=2024-02-29`),
    )
    const cafe = merchants.filter((one) => /cafe central/i.test(one.name))
    expect(cafe.map((one) => [one.amount, one.expense_count])).toEqual(
      shops.length === 0 ? [] : [[text(shops.reduce((sum, line) => sum + cents(line.amount), 0)), shops.length]],
    )
    const { members } = await dataOf<{ members: { net: string; paid: string; share: string }[] }>(
      as.ann.get(`/api/analytics/members/?group_id=${id}&date_from=2023-01-01&date_to=2024-12-31`),
    )
    expect(members.reduce((sum, one) => sum + cents(one.net), 0)).toBe(0)
    expect((await as.ann.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true, violations: [] })
  })
})

describe('getSummary', () => {
  test('answers as documented, with the previous period beside it', async () => {
    const { id, as } = await group(['ann', 'bob'], { currency: 'USD' })
    const spend = (amount: string, expense_date: string, category_id?: string) =>
      dataOf(as.ann.post('/api/expenses/', { title: 'x', amount, group_id: id, expense_date, ...(category_id && { category_id }) }))
    const [food, other] = SYSTEM_CATEGORIES.filter((one) => one.parentId === undefined)
    await spend('1890.23', '2023-12-05')
    await spend('890.12', '2024-01-05', food?.id)
    await spend('1455.55', '2024-01-31', other?.id)
    const { data } = (await as.bob.get(`/api/analytics/summary/?period=monthly&date_from=2024-01-01&date_to=2024-01-31&group_id=${id}`))
      .body
    expect(data).toMatchObject({
      period: 'monthly',
      date_range: { from: '2024-01-01', to: '2024-01-31' },
      summary: { total_expenses: '2345.67', expense_count: 2, average_expense: '1172.84', currency: 'USD' },
      comparison: { previous_period: { from: '2023-12-01', to: '2023-12-31', total_expenses: '1890.23', change_percentage: 24.1 } },
      top_categories: [
        { category: other?.name, amount: '1455.55', percentage: 62.1, count: 1 },
        { category: food?.name, amount: '890.12', percentage: 37.9, count: 1 },
      ],
    })
  })

  test.each([
    ['date_from=2024-02-01&date_to=2024-01-01', 'date_from'],
    ['period=custom', 'date_from'],
    ['date_from=2001-01-01&date_to=2024-01-01', 'date_to'],
    ['period=hourly', 'period'],
  ])('refuses %s, naming %s', async (query, field) => {
    const ann = await person('ann')
    const { status, body } = await ann.get(`/api/analytics/summary/?${query}`)
    expect([status, body.error.details[0].field]).toEqual([422, field])
  })

  test('tells a stranger nothing of a group, and someone without expenses zeros', async () => {
    const [{ id }, eve] = [await group(['ann']), await person('eve')]
    expect((await eve.get(`/api/analytics/summary/?group_id=${id}`)).status).toBe(404)
    expect((await dataOf<{ summary: object }>(eve.get('/api/analytics/summary/'))).summary).toMatchObject({
      total_expenses: '0.00',
      expense_count: 0,
    })
  })

  test('this month is that of the zone of whoever asks', async () => {
    const [east, west] = [await person('east', { timezone: 'Pacific/Kiritimati' }), await person('west', { timezone: 'Pacific/Pago_Pago' })]
    const monthOf = (zone: string) =>
      new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' }).format(new Date()).slice(0, 7)
    for (const [who, zone] of [
      [east, 'Pacific/Kiritimati'],
      [west, 'Pacific/Pago_Pago'],
    ] as const) {
      const { date_range: range } = await dataOf<{ date_range: { from: string } }>(who.get('/api/analytics/summary/?period=monthly'))
      expect(range.from).toBe(`${monthOf(zone)}-01`)
    }
  })
})

describe('getInsights', () => {
  test('says what changed with the figures behind it', async () => {
    const { id, as } = await group(['ann'])
    const spend = (amount: string, expense_date: string, vendor: string) =>
      dataOf(as.ann.post('/api/expenses/', { title: 'x', amount, group_id: id, expense_date, vendor }))
    await spend('100.00', '2024-01-10', 'Rewe')
    await spend('150.00', '2024-02-10', 'Rewe')
    await spend('250.00', '2024-02-11', 'Ikea')
    const { insights } = await dataOf<{ insights: { kind: string; message: string; figures: Record<string, unknown> }[] }>(
      as.ann.get(`/api/analytics/insights/?group_id=${id}&period=monthly&date_from=2024-02-01&date_to=2024-02-29`),
    )
    expect(insights.map((one) => one.kind)).toEqual(expect.arrayContaining(['change', 'new_merchant']))
    expect(JSON.stringify(insights)).toContain('Ikea')
  })
})

describe('auditGroup', () => {
  test.each(['count', 'minor', 'members', 'series', 'period', 'currency'])('names what was changed in the %s of a sum', async (column) => {
    const { id, as } = await group(['ann', 'bob'])
    await dataOf(as.ann.post('/api/expenses/', { title: 'x', amount: '9.00', group_id: id, expense_date: '2024-01-10' }))
    const value = { count: '2', minor: '901', members: "'{}'", series: "'none2'", period: "'2024-03'", currency: "'USD'" }[column]
    await unwatched(() =>
      env.DB.prepare(`UPDATE rollups SET ${column} = ${value} WHERE group_id = ? AND period = '2024-01' AND series = ''`).bind(id).run(),
    )
    const { body } = await as.ann.get(`/api/groups/${id}/audit/`)
    expect(body.data.is_sound).toBe(false)
    expect(body.data.violations[0].message).toMatch(/^rollups /)
  })
})

test('what members bear is kept in lines that are added up before they are long, to what they come to', async () => {
  const { id, as } = await group(['ann', 'bob', 'cem'])
  const made: string[] = []
  for (let n = 1; n <= 40; n++)
    made.push((await dataOf(as.ann.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id, expense_date: '2024-01-05' }))).id)
  const kept = async () =>
    (await env.DB.prepare("SELECT members FROM rollups WHERE group_id = ? AND period = '2024-01' AND series = ''")
      .bind(id)
      .first<string>('members')) ?? ''
  const sumsOf = async () => Object.values(membersIn(await kept())).sort()
  expect((await kept()).length).toBeLessThan(2000)
  expect((await kept()).split('\n').length).toBeLessThan(20)
  expect(await sumsOf()).toEqual([
    [4000, 0, 40],
    [4000, 0, 40],
    [4000, 12_000, 40],
  ])
  for (const one of made.slice(1)) await as.ann.delete(`/api/expenses/${one}/`)
  expect(await sumsOf()).toEqual([
    [100, 0, 1],
    [100, 0, 1],
    [100, 300, 1],
  ])
  const path = `/api/analytics/members/?group_id=${id}&date_from=2024-01-01&date_to=2024-01-31`
  const { members } = await dataOf<{ members: { share: string; net: string }[] }>(as.bob.get(path))
  expect(members.map(({ share, net }) => `${share} ${net}`)).toEqual(['1.00 2.00', '1.00 -1.00', '1.00 -1.00'])
  expect((await as.ann.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true })
})

test('the migration makes of what was there before the sums that would have been kept', async () => {
  const teams = [await lived(11), await lived(12)]
  const stored = () =>
    env.DB.prepare(
      'SELECT * FROM rollups WHERE count <> 0 AND group_id IN (SELECT value FROM json_each(?)) ORDER BY group_id, period, series, kind, currency',
    )
      .bind(JSON.stringify(teams.map(({ id }) => id)))
      .all()
  const before = await stored()
  const fill = env.MIGRATIONS.flatMap(({ queries }) => queries).find((query) => query.includes('INSERT INTO rollups'))
  await env.DB.batch([env.DB.prepare('DELETE FROM rollups'), env.DB.prepare(fill ?? '')])
  const after = await stored()
  const plain = (rows: readonly Record<string, unknown>[]) => rows.map((row) => ({ ...row, members: membersIn(String(row['members'])) }))
  expect(plain(after.results)).toEqual(plain(before.results))
  for (const { id, as } of teams) expect((await as.ann.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true })
})

describe('getChart', () => {
  const shown = (who: Client, path: string): Promise<Response> =>
    worker.fetch(`http://localhost/api/analytics/charts/${path}`, { headers: { Authorization: `Bearer ${who.token}` } })

  test('draws what the figures say, as SVG and as PNG', async () => {
    const { as, id } = await lived(9)
    const span = 'date_from=2024-02-01&date_to=2024-02-29'
    const { total } = await dataOf<{ total: string }>(as.ann.get(`/api/analytics/categories/?group_id=${id}&${span}`))
    const svg = await shown(as.ann, `categories/?group_id=${id}&${span}&width=640`)
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
    // The press of the tests says what it was asked to draw.
    const drawn = JSON.parse(/<!-- (.*) -->/.exec(await svg.text())?.[1] ?? '') as {
      chart: { kind: string; slices: { value: number }[] }
      size: object
    }
    expect(drawn.size).toEqual({ width: 640, height: 440 })
    expect(drawn.chart.kind).toBe('donut')
    expect(Math.round(drawn.chart.slices.reduce((sum, { value }) => sum + value, 0) * 100)).toBe(cents(total))

    const png = await shown(as.ann, `trends/?group_id=${id}&${span}&format=png`)
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(new TextDecoder().decode(new Uint8Array(await png.arrayBuffer()).subarray(1, 4))).toBe('PNG')
  })

  test('refuses what it cannot draw', async () => {
    const { as, id } = await group(['ann'])
    const refused = await as.ann.get(`/api/analytics/charts/trends/?group_id=${id}&width=10`)
    expect([refused.status, refused.body.error.details[0].field]).toEqual([422, 'width'])
    expect((await as.ann.get('/api/analytics/charts/pies/')).status).toBe(404)
    const drawn = (query: string) => as.ann.get(`/api/analytics/charts/trends/?group_id=${id}&${query}`)
    const large = await drawn('format=png&width=2001&height=2000')
    expect([large.status, large.body.error.details]).toEqual([
      422,
      [
        {
          field: 'width',
          message: 'A PNG of this width and height has too many pixels; make it smaller, or take svg',
          code: 'TOO_LARGE',
          expected: 'at most 4000000 pixels',
          got: '4002000 pixels',
          difference: '2000',
        },
      ],
    ])
    const sizes = ['format=png&width=2000&height=2000', 'format=png&width=4000&height=1000', 'format=svg&width=4000&height=4000']
    for (const query of sizes) expect((await shown(as.ann, `trends/?group_id=${id}&${query}`)).status).toBe(200)
  })
})
