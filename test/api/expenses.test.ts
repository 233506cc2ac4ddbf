// What becomes of an expense over HTTP: how it is divided and posted, what each change does to the balances, and
// that sending it again, at once or on old knowledge does no harm.
import { describe, expect, test } from 'vitest'
import { said } from '../support/owed.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, type Client } from '../support/world.ts'

interface Shown {
  readonly id: string
  readonly amount: string
  readonly status: string
  readonly exchange_rate: string | null
  readonly version: number
  readonly participants: readonly { user_id: string; share: string }[]
}

const spend = (who: Client, id: string, amount: unknown, fields: object = {}): Promise<Shown> =>
  dataOf<Shown>(who.post('/api/expenses/', { title: 'Dinner', amount, group_id: id, ...fields }))
const sharesOf = (expense: Shown): string[] => expense.participants.map((p) => p.share)

/** What everybody is owed, in the order of the members. */
const owed = async (who: Client, id: string): Promise<string[]> =>
  (await dataOf<{ balances: { balance: string }[] }>(who.get(`/api/groups/${id}/balances/`))).balances.map((b) => b.balance)
const isSound = async (who: Client, id: string): Promise<boolean> =>
  (await dataOf<{ is_sound: boolean }>(who.get(`/api/groups/${id}/audit/`))).is_sound

describe('createExpense', () => {
  test('splits to the cent, moves the balances, and the odd cent goes round', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    for (const expected of [
      ['3.34', '3.33', '3.33'],
      ['3.33', '3.34', '3.33'],
      ['3.33', '3.33', '3.34'],
    ]) {
      expect(sharesOf(await spend(as.ann, id, '10.00'))).toEqual(expected)
    }
    expect(await owed(as.bob, id)).toEqual(['20.00', '-10.00', '-10.00'])
  })

  test('divides in each of the six ways, and shows the split as it was asked for', async () => {
    const { id, as, ids } = await group(['ann', 'bob', 'cid'])
    const { ann, bob, cid } = ids
    const items = [
      {
        name: 'Pizza',
        amount: '60.00',
        participants: [
          { user_id: ann, weight: '1' },
          { user_id: bob, weight: '2' },
        ],
      },
      { name: 'Wine', amount: '20.00', quantity: '2', participants: [{ user_id: cid, weight: '1' }] },
    ]
    const ways: [string, object, string[]][] = [
      ['equal', { participants: [cid, ann] }, ['50.00', '50.00']],
      ['exact', { [ann]: '10.00', [bob]: '89.99', [cid]: '0.01' }, ['10.00', '89.99', '0.01']],
      ['percentage', { [ann]: '33.3333', [bob]: '33.3333', [cid]: '33.3334' }, ['33.33', '33.33', '33.34']],
      ['shares', { [ann]: '1', [bob]: '2.5', [cid]: '0' }, ['28.57', '71.43', '0.00']],
      ['adjustment', { [ann]: '10.00', [bob]: '-5.00', [cid]: '0.00' }, ['41.67', '26.67', '31.66']],
      ['itemized', { items, tax: '8.00', tip: '15.00', discount: '3.00' }, ['25.00', '50.00', '25.00']],
    ]
    for (const [type, split_data, shares] of ways) {
      const made = await spend(as.ann, id, '100.00', { split_type: type, split_data })
      expect([
        type,
        made.participants.length,
        made.participants.reduce((total, p) => total + Math.round(Number(p.share) * 100), 0),
      ]).toEqual([type, shares.length, 10_000])
      if (type !== 'adjustment') expect([type, sharesOf(made)]).toEqual([type, shares])
      const detail = await dataOf<{ split_type: string; split_data: object }>(as.bob.get(`/api/expenses/${made.id}/`))
      expect([detail.split_type, detail.split_data]).toEqual([type, split_data])
      // What is shown can be sent back.
      expect(
        (await as.ann.post(`/api/expenses/${made.id}/split/?dry_run=true`, { split_type: type, split_data: detail.split_data })).status,
      ).toBe(200)
    }
    expect(await isSound(as.ann, id)).toBe(true)
  })

  test('is paid by several, by somebody who takes no part, or received as income', async () => {
    const { id, as, ids } = await group(['ann', 'bob', 'cid'])
    await spend(as.ann, id, '30', {
      payers: [
        { user_id: ids.ann, amount: '10' },
        { user_id: ids.bob, amount: '20' },
      ],
    })
    expect(await owed(as.ann, id)).toEqual(['0.00', '10.00', '-10.00'])
    await spend(as.ann, id, '10', { paid_by: ids.cid, split_type: 'equal', split_data: { participants: [ids.ann, ids.bob] } })
    expect(await owed(as.ann, id)).toEqual(['-5.00', '5.00', '0.00'])
    const income = await spend(as.ann, id, '30', { kind: 'income' })
    expect([income, await owed(as.ann, id)]).toMatchObject([{ kind: 'income', amount: '30.00' }, ['-25.00', '15.00', '10.00']])
  })

  test('without a group it is a personal expense that only its owner sees', async () => {
    const [ann, bob] = await Promise.all([person('ann'), person('bob')])
    const made = await dataOf<Shown>(ann.post('/api/expenses/', { title: 'Lunch', amount: 25.5 }))
    expect(made).toMatchObject({
      amount: '25.50',
      expense_type: 'personal',
      group: null,
      currency: { code: 'USD' },
      participants: [{ user_id: ann.id, share: '25.50' }],
    })
    expect((await bob.get(`/api/expenses/${made.id}/`)).status).toBe(404)
    expect((await bob.get('/api/expenses/')).body.data).toEqual([])
    expect((await ann.get('/api/expenses/?expense_type=personal')).body.data).toHaveLength(1)
    expect((await ann.get('/api/groups/')).body.data).toEqual([])
  })

  test('is dated today where its author is, unless it says otherwise', async () => {
    const far = await person('far', { timezone: 'Pacific/Kiritimati' })
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Kiritimati' }).format(Date.now())
    expect((await far.post('/api/expenses/', { title: 'Lunch', amount: '1' })).body.data.expense_date).toBe(today)
  })

  test('is filed under a category of the system or of its author, which others see', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const own = await dataOf(as.ann.post('/api/categories/', { name: 'Board games', icon: 'casino', color: '#5C7CFA' }))
    const made = await spend(as.ann, id, '5', { category_id: own.id })
    expect((await as.bob.get(`/api/expenses/${made.id}/`)).body.data.category).toEqual({
      id: own.id,
      name: 'Board games',
      icon: 'casino',
      color: '#5C7CFA',
    })
    expect(said(await as.ann.post('/api/categories/', { name: 'board GAMES' }))).toEqual([409, 'DUPLICATE_RESOURCE', 'name'])
    await as.ann.delete(`/api/categories/${own.id}/`)
    expect((await as.bob.get(`/api/expenses/${made.id}/`)).body.data.category.name).toBe('Board games')
    expect((await as.ann.put(`/api/expenses/${made.id}/`, { category_id: null })).body.data.category).toBeNull()
  })
})

describe('currencies', () => {
  test('another one posts in the currency of the group, at the rate that was given or published', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const given = await spend(as.ann, id, '100.00', { currency: 'USD', exchange_rate: '0.9' })
    expect(given).toMatchObject({
      amount: '100.00',
      currency: { code: 'USD' },
      exchange_rate: '0.9',
      participants: [{ share: '50.00' }, { share: '50.00' }],
    })
    expect(await owed(as.ann, id)).toEqual(['45.00', '-45.00'])
    const published = await spend(as.ann, id, '100.00', { currency: 'USD', expense_date: '2026-10-09' })
    const rate = (
      await dataOf<{ currency: string; rate: string }[]>(as.ann.get('/api/rates/?base=USD&date=2026-10-09&page_size=100'))
    ).find((r) => r.currency === 'EUR')
    expect([published.exchange_rate, rate]).toEqual([rate?.rate, expect.anything()])
    const unknown = await as.ann.post('/api/expenses/', { title: 'x', amount: '1', currency: 'KPW', group_id: id })
    expect([unknown.status, unknown.body.error.details]).toMatchObject([422, [{ field: 'exchange_rate', expected: 'EUR', got: 'KPW' }]])
    expect(await isSound(as.ann, id)).toBe(true)
  })

  test('yen have no cents and dinars have three', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'], { currency: 'KWD' })
    expect(sharesOf(await spend(as.ann, id, '1.000'))).toEqual(['0.334', '0.333', '0.333'])
    const yen = await spend(as.ann, id, '100', { currency: 'JPY', exchange_rate: '0.002' })
    expect(yen.participants.reduce((total, p) => total + Number(p.share), 0)).toBe(100)
    expect(sharesOf(yen).every((share) => /^\d+$/.test(share))).toBe(true)
  })

  test('are kept apart where the group says so', async () => {
    const { id, as } = await group(['ann', 'bob'], { settings: { currencies: 'separate' } })
    await spend(as.ann, id, '10')
    const dollars = await spend(as.bob, id, '8', { currency: 'USD' })
    expect(dollars.exchange_rate).toBeNull()
    const { balances, simplified_debts } = await dataOf<{
      balances: { balance: string; currency: { code: string } }[]
      simplified_debts: { amount: string; currency: { code: string } }[]
    }>(as.ann.get(`/api/groups/${id}/balances/`))
    expect(balances.map((b) => `${b.balance} ${b.currency.code}`)).toEqual(['5.00 EUR', '-4.00 USD', '-5.00 EUR', '4.00 USD'])
    expect(simplified_debts.map((d) => `${d.amount} ${d.currency.code}`).sort()).toEqual(['4.00 USD', '5.00 EUR'])
    const [ann] = await dataOf<object[]>(as.ann.get(`/api/groups/${id}/members/`))
    expect(ann).toMatchObject({
      balance: '5.00',
      other_currencies: [{ currency: { code: 'USD' }, balance: '-4.00', total_paid: '0.00', total_owed: '4.00' }],
    })
  })
})

describe('updateExpense', () => {
  test('changes what is sent; a change of money takes back and posts anew', async () => {
    const { id, as, ids } = await group(['ann', 'bob'])
    const made = await spend(as.ann, id, '10', { tags: ['a'], vendor: 'Roma' })
    const path = `/api/expenses/${made.id}/`
    expect(await dataOf(as.bob.patch(path, { title: 'Supper', expense_date: '2026-01-02' }))).toMatchObject({
      title: 'Supper',
      expense_date: '2026-01-02',
      vendor: 'Roma',
      tags: ['a'],
      amount: '10.00',
    })
    expect(await owed(as.ann, id)).toEqual(['5.00', '-5.00'])
    await as.ann.put(path, { amount: '30', paid_by: ids.bob, tags: [] })
    expect(await owed(as.ann, id)).toEqual(['-15.00', '15.00'])
    await as.ann.post(`${path}split/`, { split_type: 'shares', split_data: { [ids.ann]: 2, [ids.bob]: 1 } })
    expect(await owed(as.ann, id)).toEqual(['-20.00', '20.00'])
    expect(said(await as.ann.put(path, {}))).toEqual([422, 'VALIDATION_ERROR', 'body'])
    expect(await isSound(as.ann, id)).toBe(true)
  })

  test('of an amount that was split by amounts asks how to split the new one', async () => {
    const { id, as, ids } = await group(['ann', 'bob'])
    const made = await spend(as.ann, id, '10', { split_type: 'exact', split_data: { [ids.bob]: '10' } })
    expect(said(await as.ann.put(`/api/expenses/${made.id}/`, { amount: '12' }))).toEqual([422, 'VALIDATION_ERROR', 'split_data'])
    expect(
      sharesOf(
        await dataOf<Shown>(
          as.ann.put(`/api/expenses/${made.id}/`, { amount: '12', split_type: 'exact', split_data: { [ids.bob]: '12' } }),
        ),
      ),
    ).toEqual(['12.00'])
  })

  test('holds only against the version of If-Match, and answers the expense as it is now', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const made = await as.ann.post('/api/expenses/', { title: 'Dinner', amount: '10', group_id: id })
    const path = `/api/expenses/${made.body.data.id}/`
    const etag = { 'if-match': made.headers.get('etag') ?? '' }
    const answers = await Promise.all([1, 2, 3].map((n) => as.ann.put(path, { amount: `${n}0`, title: `Dinner ${n}` }, { headers: etag })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    const now = await dataOf<Shown & { title: string }>(as.bob.get(path))
    const stale = answers.find(({ status }) => status === 412)
    expect(stale?.body.error).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: [{ field: 'If-Match', expected: `"${now.version}"` }],
      current: { id: now.id, title: now.title, amount: now.amount, version: now.version },
    })
    expect((await as.ann.delete(path, { headers: etag })).status).toBe(412)
    expect((await as.ann.delete(path, { headers: { 'if-match': `"${now.version}"` } })).status).toBe(204)
  })
})

describe('deleteExpense and restoreExpense', () => {
  test('deleting takes the money out and the expense off the list; restoring puts both back', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: expense } = await spend(as.ann, id, '10')
    const path = `/api/expenses/${expense}/`
    const listed = async (query = '') => (await as.bob.get(`/api/expenses/?${query}`)).body.data.length
    expect([(await as.bob.delete(path)).status, await owed(as.ann, id), await listed(), await listed('is_deleted=true')]).toEqual([
      204,
      ['0.00', '0.00'],
      0,
      1,
    ])
    expect((await as.ann.get(path)).body.data).toMatchObject({ id: expense, deleted_at: expect.any(String) as string })
    for (const ask of [as.ann.put(path, { title: 'x' }), as.ann.delete(path), as.ann.post(`${path}comments/`, { comment: 'x' })])
      expect(said(await ask)).toEqual([409, 'CONFLICT'])
    const back = await as.ann.post(`${path}restore/`)
    expect([back.body.data.deleted_at, await owed(as.ann, id), await listed()]).toEqual([null, ['5.00', '-5.00'], 1])
    expect(said(await as.ann.post(`${path}restore/`))).toEqual([409, 'CONFLICT'])
    expect((await dataOf<{ statistics: object }>(as.ann.get(`/api/groups/${id}/`))).statistics).toMatchObject({
      total_expenses: '10.00',
      expense_count: 1,
    })
  })
})

describe('approveExpense', () => {
  test('what exceeds the threshold waits outside of the balances until an admin decides', async () => {
    const { id, as } = await group(['ann', 'bob'], { settings: { require_approval: true, approval_threshold: '100.00' } })
    const [small, large, refused] = [await spend(as.bob, id, '100.00'), await spend(as.bob, id, '100.01'), await spend(as.bob, id, '900')]
    expect([small.status, large.status, (await spend(as.ann, id, '5000')).status]).toEqual(['posted', 'pending', 'posted'])
    expect(await owed(as.ann, id)).toEqual(['2450.00', '-2450.00'])
    expect(said(await as.bob.post(`/api/expenses/${large.id}/approve/`))).toEqual([403, 'PERMISSION_DENIED', 'role'])
    expect((await as.ann.post(`/api/expenses/${large.id}/approve/`)).body.data.status).toBe('posted')
    expect((await as.ann.post(`/api/expenses/${refused.id}/reject/`)).body.data.status).toBe('rejected')
    expect(await owed(as.ann, id)).toEqual(['2399.99', '-2399.99'])
    for (const ask of [as.ann.post(`/api/expenses/${large.id}/approve/`), as.ann.post(`/api/expenses/${refused.id}/approve/`)])
      expect(said(await ask)).toEqual([409, 'CONFLICT'])
    for (const [who, amount] of [
      [as.ann, '800'],
      [as.bob, '1'],
    ] as const)
      expect((await who.put(`/api/expenses/${refused.id}/`, { amount })).body.data.status).toBe('rejected')
    expect(await owed(as.ann, id)).toEqual(['2399.99', '-2399.99'])
    expect((await as.bob.put(`/api/expenses/${small.id}/`, { amount: '200' })).body.data.status).toBe('pending')
    expect(await owed(as.ann, id)).toEqual(['2449.99', '-2449.99'])
    expect((await as.bob.get('/api/expenses/?status=pending')).body.data.map((e: Shown) => e.id)).toEqual([small.id])
    expect(await isSound(as.ann, id)).toBe(true)
  })
})

describe('addExpenseComment', () => {
  test('everybody in the group can read what was said, in order', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: expense } = await spend(as.ann, id, '10')
    await as.bob.post(`/api/expenses/${expense}/comments/`, { comment: 'Thanks!\n🍕' })
    await as.ann.post(`/api/expenses/${expense}/comments/`, { comment: 'Welcome' })
    const { comments } = await dataOf<{ comments: { comment: string; user: { id: string } }[] }>(as.bob.get(`/api/expenses/${expense}/`))
    expect(comments.map((c) => [c.user.id, c.comment])).toEqual([
      [as.bob.id, 'Thanks!\n🍕'],
      [as.ann.id, 'Welcome'],
    ])
  })
})

describe('Idempotency-Key', () => {
  test('the same request again is answered as the first time; another one under its key is refused', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const ask = (amount: string, who = as.ann) =>
      who.post('/api/expenses/', { title: 'Dinner', amount, group_id: id }, { headers: { 'idempotency-key': 'e1' } })
    const [first, again] = [await ask('10'), await ask('10')]
    expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([null, 'true'])
    expect([again.status, again.body.data, again.headers.get('etag')]).toEqual([201, first.body.data, first.headers.get('etag')])
    expect(said(await ask('11'))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED', 'Idempotency-Key'])
    expect((await ask('11', as.bob)).status).toBe(201)
    await as.ann.delete(`/api/expenses/${first.body.data.id}/`)
    expect((await ask('10')).body.data).toEqual(first.body.data)
  })

  test('of many at once one is made, and all are told the same', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: old } = await spend(as.ann, id, '4')
    const headers = { 'idempotency-key': 'e2' }
    const made = await Promise.all(
      Array.from({ length: 10 }, () => as.ann.post('/api/expenses/', { title: 'Dinner', amount: '10', group_id: id }, { headers })),
    )
    expect(new Set(made.map(({ status, body }) => `${status} ${body.data.id}`)).size).toBe(1)
    const gone = await Promise.all(
      Array.from({ length: 5 }, () => as.ann.delete(`/api/expenses/${old}/`, { headers: { 'idempotency-key': 'e3' } })),
    )
    expect(gone.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204])
    const left = await Promise.all(
      [1, 2].map(() =>
        as.bob.post(`/api/expenses/${made[0]?.body.data.id}/comments/`, { comment: 'One' }, { headers: { 'idempotency-key': 'e4' } }),
      ),
    )
    expect(new Set(left.map(({ body }) => body.data.id)).size).toBe(1)
    expect(await dataOf(as.ann.get(`/api/groups/${id}/`))).toMatchObject({
      seq: 5,
      statistics: { expense_count: 1, total_expenses: '10.00' },
    })
    expect(await owed(as.ann, id)).toEqual(['5.00', '-5.00'])
  })

  test('a refusal is not kept: the same request holds once what stood against it is gone', async () => {
    const { id, as } = await group(['ann'])
    const headers = { 'idempotency-key': 'e5' }
    const ask = () => as.ann.post('/api/expenses/', { title: 'Dinner', amount: '10', group_id: id }, { headers })
    await as.ann.post(`/api/groups/${id}/archive/`)
    expect((await ask()).status).toBe(409)
    await as.ann.post(`/api/groups/${id}/unarchive/`)
    expect((await ask()).status).toBe(201)
  })
})

describe('dry_run', () => {
  test('answers what would be, refuses what would be refused, and stores nothing', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const made = await spend(as.ann, id, '10')
    const before = [
      await dataOf(as.ann.get(`/api/groups/${id}/`)),
      await owed(as.ann, id),
      (await as.ann.get(`/api/expenses/${made.id}/`)).body.data,
    ]
    const headers = { 'idempotency-key': 'd1' }
    const tried = await as.ann.post('/api/expenses/?dry_run=true', { title: 'Try', amount: '100', group_id: id }, { headers })
    // The odd cent of the first expense was Ann's, so it is not hers again.
    expect([tried.status, sharesOf(tried.body.data)]).toEqual([201, ['33.33', '33.34', '33.33']])
    expect((await as.ann.put(`/api/expenses/${made.id}/?dry_run=true`, { amount: '99' })).body.data.amount).toBe('99.00')
    expect((await as.ann.delete(`/api/expenses/${made.id}/?dry_run=true`)).status).toBe(204)
    expect(
      (
        await as.ann.post('/api/expenses/?dry_run=true', {
          title: 'Try',
          amount: '1',
          group_id: id,
          split_type: 'exact',
          split_data: { [as.bob.id]: '2' },
        })
      ).status,
    ).toBe(422)
    expect([
      await dataOf(as.ann.get(`/api/groups/${id}/`)),
      await owed(as.ann, id),
      (await as.ann.get(`/api/expenses/${made.id}/`)).body.data,
    ]).toEqual(before)
    expect((await as.ann.get(`/api/expenses/${tried.body.data.id}/`)).status).toBe(404)
    const real = await as.ann.post('/api/expenses/', { title: 'Try', amount: '100', group_id: id }, { headers })
    expect([real.headers.get('idempotent-replayed'), sharesOf(real.body.data)]).toEqual([null, ['33.33', '33.34', '33.33']])
  })
})
