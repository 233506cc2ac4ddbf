// Reports and exports over the API: asked for, made by a job, fetched by a link. The press is stood in for
// (test/support/press-stand-in.js); what it really draws is tested in test/unit/press.test.ts.
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/export/canonical.ts'
import { exportDocument, readExport } from '../../src/domain/export/format.ts'
import { checkManifest, readManifest } from '../../src/domain/export/manifest.ts'
import { digest } from '../../src/platform/keys.ts'
import { env } from '../support/env.ts'
import { listen } from '../support/listen.ts'
import { formWith } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, send, worker, type Client, type Group } from '../support/world.ts'

type Team = Group<'ann' | 'bob'>

interface Made {
  readonly report_id: string
  readonly export_id: string
  readonly status: string
  readonly download_url: string | null
  readonly file_size: number | null
  readonly sha256: string | null
  readonly file_name: string | null
  readonly error: string | null
}

/** A group with what a report tells of: several days, currencies, categories, a payment, and a title that looks like a formula. */
async function team(): Promise<Team> {
  const made = await group(['ann', 'bob'])
  const { id, as, ids } = made
  const spend = (fields: Record<string, unknown>) =>
    dataOf(as.ann.post('/api/expenses/', { title: 'Dinner', amount: '30.00', group_id: id, expense_date: '2024-01-14', ...fields }))
  const { id: first } = await spend({ vendor: 'Café João', category_id: 'cat_00000000000000000000000101' })
  await spend({ title: '=HYPERLINK("http://evil.example","日本")', amount: '12.34', expense_date: '2024-01-31' })
  await spend({ kind: 'income', title: 'Refund', amount: '5.00', expense_date: '2024-01-20' })
  await spend({ title: 'Later', amount: '99.00', expense_date: '2024-03-01' })
  await dataOf(as.ann.post(`/api/expenses/${first}/receipt/`, formWith('receipt')))
  const due = await dataOf(as.bob.post('/api/payments/settlements/', { group_id: id, payee_id: ids.ann, amount: '10.00' }))
  await dataOf(as.bob.post(`/api/payments/settlements/${due.id}/confirm/`, { confirmation_type: 'paid' }))
  return made
}

async function followed(who: Client, path: string): Promise<Made> {
  const look = () => dataOf<Made>(who.get(path))
  await expect.poll(async () => (await look()).status, { timeout: 15_000, interval: 100 }).not.toBe('processing')
  return look()
}

async function fetched({
  download_url: url,
  file_size,
  sha256,
}: Made): Promise<{ bytes: Uint8Array; text: string; type: string; sha256: string | null }> {
  const reply = await worker.fetch(url ?? '')
  const bytes = new Uint8Array(await reply.arrayBuffer())
  expect([reply.status, bytes.length, digest(bytes)]).toEqual([200, file_size, sha256])
  return { bytes, text: new TextDecoder().decode(bytes), type: reply.headers.get('content-type') ?? '', sha256 }
}

/** Puts so many copies of the expense beside it, on three days: rows alone, which is what exports read. */
const repeat = (id: string, count: number) =>
  env.DB.prepare(
    `INSERT INTO expenses (id, group_id, date, kind, status, title, amount_milli, currency, category_id, paid_by, split_type, posted_seq, created_at, updated_at, body, more)
     WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?2)
     SELECT printf('exp_%026d', i), group_id, printf('2024-02-%02d', 1 + i % 3), kind, status, title, amount_milli, currency, category_id, paid_by, split_type, posted_seq, created_at, updated_at,
       json_set(body, '$.id', printf('exp_%026d', i), '$.date', printf('2024-02-%02d', 1 + i % 3), '$.vendor', 'v' || i), more
     FROM k CROSS JOIN expenses WHERE id = ?1`,
  )
    .bind(id, count)
    .run()

const JANUARY = { date_from: '2024-01-01', date_to: '2024-01-31' }

async function report(who: Client, fields: Record<string, unknown>): Promise<Made> {
  const { report_id } = await dataOf<Made>(who.post('/api/analytics/reports/generate/', fields))
  return followed(who, `/api/analytics/reports/${report_id}/`)
}

describe('generateReport', () => {
  test('answers 202 as documented, tells on the socket how far it is, and then has a link', async () => {
    const { id, as } = await team()
    const socket = await listen('/ws/', { token: as.ann.token })
    await socket.first('ready')
    const { status, body } = await as.ann.post('/api/analytics/reports/generate/', {
      report_type: 'expense_summary',
      format: 'pdf',
      filters: { ...JANUARY, group_ids: [id] },
      options: { include_charts: true, include_receipts: true, group_by: 'category' },
    })
    expect([status, body.data.status, body.data.download_url]).toEqual([202, 'processing', null])
    const made = await followed(as.ann, `/api/analytics/reports/${body.data.report_id}/`)
    expect(made).toMatchObject({ status: 'completed', error: null })
    expect((await fetched(made)).text.startsWith('%PDF')).toBe(true)
    const told = await socket.until((messages) => messages.some((m) => m.type === 'job_update' && m.data.state === 'done'))
    socket.close()
    expect(told.find((m) => m.type === 'job_update')?.data.kind).toBe('report')
  })

  test.each(['expense_summary', 'group_statement', 'settlement_statement', 'tax_summary', 'member_statement'])(
    '%s comes in every format',
    async (type) => {
      const { id, as } = await team()
      const tried = ['json', 'csv', 'xlsx', 'pdf'].map(async (format) => {
        const made = await report(as.ann, { report_type: type, format, filters: { ...JANUARY, group_ids: [id] } })
        expect(made, `${format}: ${made.error}`).toMatchObject({ status: 'completed' })
        const { text } = await fetched(made)
        if (format === 'json') expect(JSON.parse(text)).toHaveProperty('title')
        if (format === 'csv') expect(text).not.toMatch(/(^|[\n,"])=HYPERLINK/)
        if (format === 'xlsx') expect(text.startsWith('PK')).toBe(true)
        expect(made.file_name).toMatch(new RegExp(`\\.${format}$`))
      })
      await Promise.all(tried)
    },
    20_000,
  )

  test('tells only of its days, and a statement leads from the balances before to those after', async () => {
    const { id, as } = await team()
    const made = await report(as.ann, { report_type: 'group_statement', format: 'json', filters: { ...JANUARY, group_ids: [id] } })
    const { text } = await fetched(made)
    expect(text).toContain('日本')
    expect(text).not.toContain('"Later"')
    expect(text).not.toMatch(/NaN|undefined/)
  })

  test('of everything of one’s own, where no group is named, also of nobody’s', async () => {
    const eve = await person('eve')
    expect(await report(eve, { report_type: 'expense_summary', format: 'json' })).toMatchObject({ status: 'completed' })
    const { as } = await team()
    expect(await report(as.bob, { report_type: 'expense_summary', format: 'csv', filters: JANUARY })).toMatchObject({ status: 'completed' })
  })

  test('narrowed down, its figures are of what it lists, and groups named twice count once', async () => {
    const { id, as } = await team()
    const other = await dataOf(as.ann.post('/api/groups/', { name: 'Other', currency: 'EUR' }))
    await dataOf(as.ann.post('/api/expenses/', { title: 'Elsewhere', amount: '700.00', group_id: other.id, expense_date: '2024-01-15' }))
    const spent = async (filters: Record<string, unknown>) => {
      const made = await report(as.ann, { report_type: 'expense_summary', format: 'json', filters: { ...JANUARY, ...filters } })
      expect(made).toMatchObject({ status: 'completed' })
      const document = JSON.parse((await fetched(made)).text) as { figures: { label: string; value: unknown }[] }
      return JSON.stringify(document.figures)
    }
    expect(await spent({ group_ids: [id] })).toContain('42.34')
    expect(await spent({ group_ids: [id, id] })).toBe(await spent({ group_ids: [id] }))
    const food = await spent({ group_ids: [id], category_ids: ['cat_00000000000000000000000101'] })
    expect(food).toContain('30.00')
    expect(food).not.toContain('42.34')
    // Of the caller's own part: half of the one group's, and nothing of a third.
    const third = await dataOf(as.ann.post('/api/groups/', { name: 'Third', currency: 'EUR' }))
    const both = await spent({ group_ids: [id, id, third.id], currency: 'EUR' })
    expect(both).toContain('21.17')
    expect(both).not.toContain('721.17')
  }, 20_000)

  test('a statement tells each expense once, however often its group is named and whatever day is written on one', async () => {
    const { id, as } = await team()
    await dataOf(as.ann.post('/api/expenses/', { title: 'Long ago', amount: '8.00', group_id: id, expense_date: '0001-01-01' }))
    const told = async (group_ids: string[]) =>
      (await fetched(await report(as.ann, { report_type: 'group_statement', format: 'csv', filters: { ...JANUARY, group_ids } }))).sha256
    expect(await told([id, id])).toBe(await told([id]))
  })

  test('says at once what no other try would change', async () => {
    const { id, as } = await team()
    const eve = await person('eve')
    const made = await report(as.ann, { report_type: 'member_statement', format: 'csv', filters: { group_ids: [id], member_id: eve.id } })
    expect([made.status, made.error, made.download_url]).toEqual(['failed', 'There is no such member in the group', null])
    const job = await dataOf<{ attempts: number }>(as.ann.get(`/api/jobs/job_${made.report_id.slice(4)}/`))
    expect(job.attempts).toBe(1)
  })

  test('nobody else sees it, and nobody has one made of a group that is not theirs', async () => {
    const { id, as } = await team()
    const eve = await person('eve')
    const { report_id } = await dataOf<Made>(as.ann.post('/api/analytics/reports/generate/', { report_type: 'tax_summary', format: 'csv' }))
    expect((await as.bob.get(`/api/analytics/reports/${report_id}/`)).status).toBe(404)
    const refused = await eve.post('/api/analytics/reports/generate/', { report_type: 'tax_summary', filters: { group_ids: [id] } })
    expect(refused.status).toBe(404)
    const wrong = await as.ann.post('/api/analytics/reports/generate/', { report_type: 'horoscope' })
    expect(wrong.status).toBe(422)
  })
})

describe('createExport', () => {
  async function exported(who: Client, groupId: string, format: string): Promise<Made> {
    const { export_id } = await dataOf<Made>(who.post('/api/exports/', { group_id: groupId, format }))
    return followed(who, `/api/exports/${export_id}/`)
  }

  test('as tables with everyone’s share, in which text stays text', async () => {
    const { id, as } = await team()
    const { text, type } = await fetched(await exported(as.bob, id, 'csv'))
    expect(type).toMatch(/^text\/csv/)
    expect(text).toContain('Share of ann Test')
    expect(text).toContain(`'=HYPERLINK`)
    expect(text).toContain('日本')
    expect((await fetched(await exported(as.bob, id, 'xlsx'))).text.startsWith('PK')).toBe(true)
  })

  test('as a document that reads back, the same bytes each time', async () => {
    const { id, as } = await team()
    const [one, two] = [await exported(as.ann, id, 'json'), await exported(as.bob, id, 'json')]
    expect(one.sha256).toBe(two.sha256)
    const read = readExport((await fetched(one)).text)
    expect(
      read.ok && [read.value.expenses.length, read.value.settlements.length, read.value.members.map(({ name }) => name).toSorted()],
    ).toEqual([4, 1, ['ann Test', 'bob Test']])
  })

  test('of any length: as a document, written a page at a time, with comments and with people of one name', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const twins = await Promise.all([1, 2].map(() => dataOf(as.ann.post(`/api/groups/${id}/members/`, { name: 'Twin' }))))
    const [, twin] = twins
    const own = await dataOf(as.ann.post('/api/categories/', { name: `Own ${id.slice(-6)}` }))
    const split = { split_type: 'equal', split_data: { participants: [as.ann.id, twin?.id] } }
    const first = await dataOf(as.ann.post('/api/expenses/', { title: 'Bread', amount: '3.00', group_id: id, expense_date: '2024-01-14', category_id: own.id, ...split })) // oxfmt-ignore
    for (const comment of ['yum', 'more']) await dataOf(as.bob.post(`/api/expenses/${first.id}/comments/`, { comment }))
    await repeat(first.id, 1200)
    const made = await exported(as.ann, id, 'json')
    const read = readExport((await fetched(made)).text)
    if (!read.ok) throw new Error(JSON.stringify(read.error))
    const { expenses, members, categories } = read.value
    expect([expenses.length, new Set(expenses.map(({ date }) => date)).size, categories.map(({ name }) => name)]).toEqual([1201, 4, [`Own ${id.slice(-6)}`]]) // oxfmt-ignore
    expect(expenses.flatMap(({ comments }) => comments.map(({ text }) => text))).toEqual(['yum', 'more'])
    expect(members.map(({ name }) => name)).toEqual(['Twin', 'Twin', 'ann Test', 'bob Test'])
    expect(digest(exportDocument(read.value))).toBe(made.sha256)
    const rows = (await fetched(await exported(as.ann, id, 'csv'))).text.split('\r\n').filter((row) => row.includes(',Bread,'))
    expect(rows).toHaveLength(1201)
  }, 20_000)

  test('as a ZIP with the receipts and a manifest of hashes', async () => {
    const { id, as } = await team()
    const files = unzipSync((await fetched(await exported(as.ann, id, 'zip'))).bytes)
    const found = Object.entries(files)
      .filter(([path]) => path !== 'manifest.json')
      .map(([path, bytes]) => ({ path, size: bytes.length, sha256: digest(bytes) }))
    expect(found.map(({ path }) => path)).toHaveLength(2)
    const manifest = readManifest(new TextDecoder().decode(files['manifest.json']))
    expect(manifest.ok && checkManifest(manifest.value, found)).toEqual([])
  })

  describe('of everything', () => {
    /** Two groups of one name, one of them archived, one that was left, a personal expense, a category and a picture of one's own. */
    async function life(): Promise<{ who: Client; team: Team; flat: string; left: string }> {
      const made = await team()
      const who = made.as.ann
      const flat = await dataOf(who.post('/api/groups/', { name: 'Flat: a/b', currency: 'USD' }))
      const twin = await dataOf(who.post('/api/groups/', { name: 'Flat: a/b', currency: 'EUR' }))
      const own = await dataOf(who.post('/api/categories/', { name: 'Bees' }))
      await dataOf(who.post('/api/expenses/', { title: 'Honey', amount: '3.00', group_id: flat.id, category_id: own.id }))
      await dataOf(who.post('/api/expenses/', { title: 'Alone', amount: '1.00' }))
      await dataOf(who.post(`/api/groups/${twin.id}/archive/`))
      const other = await group(['bob', 'ann'])
      await dataOf(other.as.bob.post('/api/expenses/', { title: 'Of others', amount: '1.00', group_id: other.id, split_type: 'equal', split_data: { participants: [other.as.bob.id] } })) // oxfmt-ignore
      expect((await other.as.ann.post(`/api/groups/${other.id}/leave/`)).status).toBeLessThan(300)
      await dataOf(who.post('/api/users/me/avatar/', formWith('avatar')))
      return { who, team: made, flat: flat.id, left: other.id }
    }

    async function everything(who: Client, format: string): Promise<Made> {
      const { export_id } = await dataOf<Made>(who.post('/api/exports/', { scope: 'all', format }))
      return followed(who, `/api/exports/${export_id}/`)
    }

    interface Bundle {
      readonly format: string
      readonly version: number
      readonly groups: readonly { readonly group: { readonly name: string }; readonly expenses: readonly { readonly title: string }[] }[]
      readonly profile: Record<string, unknown>
    }

    test('as one document: each group exactly as alone, archived ones too, the same bytes each time, and no secret', async () => {
      const { who, team: one, flat } = await life()
      const made = await everything(who, 'json')
      expect(made).toMatchObject({ status: 'completed', scope: 'all', group_id: null, file_name: expect.stringMatching(/^Everything .*\.json$/) as string }) // oxfmt-ignore
      const { text } = await fetched(made)
      const bundle = JSON.parse(text) as Bundle
      expect(canonicalJson(bundle)).toBe(text)
      expect([bundle.format, bundle.version]).toEqual(['quits-bundle', 1])
      expect(bundle.groups.map(({ expenses }) => expenses.map(({ title }) => title).toSorted()[0])).toEqual(['Alone', '=HYPERLINK("http://evil.example","日本")', 'Honey', undefined]) // oxfmt-ignore
      for (const [i, id] of [
        [1, one.id],
        [2, flat],
      ] as const)
        // oxfmt-ignore
        expect(digest(canonicalJson(bundle.groups[i]))).toBe((await exported(who, id, 'json')).sha256)
      expect(bundle.profile).toMatchObject({ format: 'quits-profile', email: who.email, first_name: 'ann', categories: [{ name: 'Bees' }], settings: { notifications_enabled: true } }) // oxfmt-ignore
      expect(JSON.stringify(bundle.profile)).not.toMatch(/hash|password|token|argon|avatars\//i)
      expect((await everything(who, 'json')).sha256).toBe(made.sha256)
    }, 20_000)

    test('as tables, with the group in each row and the shares as rows', async () => {
      const { who, team: one } = await life()
      const { text } = await fetched(await everything(who, 'csv'))
      const tables = text.split('\r\n\r\n').map((table) => table.split('\r\n'))
      expect(tables.map(([name]) => name?.replace('\ufeff', ''))).toEqual(['Groups', 'Expenses', 'Shares', 'Payments'])
      const [groups = [], expenses = [], shares = [], payments = []] = tables
      expect(groups.slice(2).map((row) => row.split(',')[0])).toEqual(['Personal', expect.any(String), expect.stringMatching(/^Flat: a\/b \(\w{4}\)$/), expect.stringMatching(/^Flat: a\/b \(\w{4}\)$/)]) // oxfmt-ignore
      expect(expenses.find((row) => row.includes('Honey'))).toMatch(/^Flat: a\/b \(\w{4}\),\d{4}-\d\d-\d\d,Honey,/)
      expect(shares.filter((row) => row.includes(',Dinner,')).map((row) => row.split(',').slice(6, 11))).toEqual([
        ['ann Test', '30.00', '15.00', '15.00', 'EUR'],
        ['bob Test', '0.00', '15.00', '-15.00', 'EUR'],
      ])
      expect(payments.slice(2).filter((row) => row !== '')).toHaveLength(1)
      expect(text).not.toMatch(/(^|[\n,"])=HYPERLINK|Of others/)
      expect((await fetched(await everything(one.as.bob, 'xlsx'))).text.startsWith('PK')).toBe(true)
    }, 20_000)

    test('as a ZIP with a folder for each group, the profile, and one manifest', async () => {
      const { who } = await life()
      const { bytes, sha256 } = await fetched(await everything(who, 'zip'))
      const files = unzipSync(bytes)
      const found = Object.entries(files).map(([path, file]) => ({ path, size: file.length, sha256: digest(file) }))
      const manifest = readManifest(new TextDecoder().decode(files['manifest.json']))
      expect(manifest.ok && checkManifest(manifest.value, found)).toEqual([])
      const paths = found.map(({ path }) => path)
      expect(paths.filter((path) => !path.includes('/'))).toEqual(['profile.json', expect.stringMatching(/^avatar\./), 'manifest.json'])
      expect(paths.filter((path) => path.endsWith('quits.json'))).toEqual(['groups/Personal/quits.json', expect.any(String), 'groups/Flat a b/quits.json', 'groups/Flat a b (2)/quits.json']) // oxfmt-ignore
      expect(paths.filter((path) => path.includes('/receipts/'))).toHaveLength(1)
      expect((await everything(who, 'zip')).sha256).toBe(sha256)
    }, 20_000)

    test('no group is named with it, and an API key needs to see the profile', async () => {
      const { id, as } = await group(['ann'])
      const refused = await as.ann.post('/api/exports/', { scope: 'all', group_id: id, format: 'csv' })
      expect([refused.status, refused.body.error.code, refused.body.error.details]).toMatchObject([400, 'INVALID_REQUEST', [{ field: 'group_id', expected: 'no group_id, or scope group', got: id }]]) // oxfmt-ignore
      const keyed = async (scopes: string[]) => {
        const { key } = await dataOf<{ key: string }>(as.ann.post('/api/api-keys/', { name: scopes.join(' '), scopes }))
        return (method: 'POST' | 'GET', path: string, body?: unknown) => send(method, path, body, { 'x-api-key': key })
      }
      const [narrow, wide] = [await keyed(['expenses:read']), await keyed(['expenses:read', 'profile:read'])]
      expect((await narrow('POST', '/api/exports/', { scope: 'all', format: 'csv' })).status).toBe(403)
      const { export_id } = await dataOf<Made>(wide('POST', '/api/exports/', { scope: 'all', format: 'csv' }))
      expect([(await narrow('GET', `/api/exports/${export_id}/`)).status, (await wide('GET', `/api/exports/${export_id}/`)).status]).toEqual([403, 200]) // oxfmt-ignore
      expect((await narrow('POST', '/api/exports/', { format: 'csv' })).status).toBe(202)
    })
  })
})
