// Lists of expenses: what each filter finds, alone and with others, what words find, and that pages show every row
// once in the order that was asked for. One ledger is read by all; nothing here writes to it.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { env } from '../support/env.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, type Client, type Reply } from '../support/world.ts'

interface Row {
  readonly id: string
  readonly title: string
  readonly amount: string
  readonly expense_date: string
  readonly created_at: string
  readonly updated_at: string
}

interface Ledger {
  readonly ann: Client
  readonly bob: Client
  readonly trip: string
  readonly flat: string
  readonly guest: string
  readonly own: string
}

let ledger: Ledger
let all: Row[]

/** Ann's three books: a trip with Bob and a guest, a flat where big things wait for approval, and her own. */
beforeAll(async () => {
  const [trip, flat] = await Promise.all([group(['ann', 'bob'], { name: 'Trip' }), person('cid')])
  const { ann, bob } = trip.as
  const home = await dataOf(
    flat.post('/api/groups/', {
      name: 'Flat',
      currency: 'USD',
      initial_members: [ann.email],
      settings: { require_approval: true, approval_threshold: '100' },
    }),
  )
  const guest = await dataOf(ann.post(`/api/groups/${trip.id}/members/`, { name: 'Grandma' }))
  const categories = await dataOf<{ id: string; name: string }[]>(ann.get('/api/categories/?page_size=100'))
  const named = (name: string) => categories.find((c) => c.name === name)?.id
  const own = await dataOf(ann.post('/api/categories/', { name: 'Board games' }))
  const only = (...ids: string[]) => ({ split_type: 'equal', split_data: { participants: ids } })
  const spent: [Client, string, string, object][] = [
    [
      ann,
      'Café crème',
      '4.50',
      {
        group_id: trip.id,
        expense_date: '2026-01-01',
        category_id: named('Coffee & Snacks'),
        vendor: 'Zur Schönen Aussicht',
        tags: ['Breakfast'],
      },
    ],
    [
      bob,
      'Restaurant Roma',
      '80',
      {
        group_id: trip.id,
        expense_date: '2026-01-02',
        category_id: named('Food & Dining'),
        description: 'Pizza for everybody',
        tags: ['team-event', 'dinner'],
      },
    ],
    [ann, 'Hotel', '80', { group_id: trip.id, expense_date: '2026-01-02', category_id: named('Hotels'), ...only(bob.id, guest.id) }],
    [
      ann,
      'Museum',
      '20',
      { group_id: trip.id, expense_date: '2026-01-03', paid_by: guest.id, split_type: 'exact', split_data: { [ann.id]: '20' } },
    ],
    [bob, 'Refund', '15', { group_id: trip.id, expense_date: '2026-02-28', kind: 'income' }],
    [ann, 'Dollar store', '10', { group_id: trip.id, expense_date: '2026-03-01', currency: 'USD', exchange_rate: '0.9' }],
    [ann, 'Gone', '33', { group_id: trip.id, expense_date: '2026-01-02' }],
    [ann, 'Sofa', '900', { group_id: home.id, expense_date: '2026-01-15', category_id: named('Furniture') }],
    [ann, 'Bread', '3', { group_id: home.id, expense_date: '2026-01-16', category_id: named('Groceries'), ...only(ann.id) }],
    [ann, 'Chess set', '30', { expense_date: '2026-01-02', category_id: own.id }],
    [ann, 'Restaurant alone', '25', { expense_date: '2025-12-31' }],
  ]
  for (const [who, title, amount, fields] of spent) {
    const made = await dataOf(who.post('/api/expenses/', { title, amount, ...fields }))
    if (title === 'Gone') await who.delete(`/api/expenses/${made.id}/`)
  }
  ledger = { ann, bob, trip: trip.id, flat: home.id, guest: guest.id, own: own.id }
  all = await list('page_size=100')
})

const ask = (query: string): Promise<Reply> => ledger.ann.get(`/api/expenses/?${query}`)
const list = async (query: string): Promise<Row[]> => dataOf<Row[]>(ask(query))
const titles = async (query: string): Promise<string[]> => (await list(query)).map((row) => row.title).toSorted()

/** Each filter with what it finds in Ann's books. */
const FILTERS: readonly (readonly [query: string | (() => string), found: string])[] = [
  [() => `group_id=${ledger.trip}`, 'Café crème, Dollar store, Hotel, Museum, Refund, Restaurant Roma'],
  [() => `group_id=${ledger.flat}`, 'Bread, Sofa'],
  ['expense_type=personal', 'Chess set, Restaurant alone'],
  ['expense_type=group', 'Bread, Café crème, Dollar store, Hotel, Museum, Refund, Restaurant Roma, Sofa'],
  ['category=food', 'Bread, Café crème, Restaurant Roma'],
  ['category=Food%20%26%20Dining', 'Bread, Café crème, Restaurant Roma'],
  ['category=groceries', 'Bread'],
  ['category=BOARD%20games', 'Chess set'],
  [() => `category_id=${ledger.own}`, 'Chess set'],
  [() => `paid_by=${ledger.bob.id}`, 'Refund, Restaurant Roma'],
  [() => `paid_by=${ledger.guest}`, 'Museum'],
  [() => `participant=${ledger.guest}`, 'Café crème, Dollar store, Hotel, Refund, Restaurant Roma'],
  ['date_from=2026-01-15', 'Bread, Dollar store, Refund, Sofa'],
  ['date_to=2026-01-01', 'Café crème, Restaurant alone'],
  ['date_range=2026-01-02,2026-01-15', 'Chess set, Hotel, Museum, Restaurant Roma, Sofa'],
  ['amount_min=80', 'Hotel, Restaurant Roma, Sofa'],
  ['amount_gte=80.00', 'Hotel, Restaurant Roma, Sofa'],
  ['amount_gt=80', 'Sofa'],
  ['amount_max=4.50', 'Bread, Café crème'],
  ['amount_lte=4.5', 'Bread, Café crème'],
  ['amount_lt=4.5', 'Bread'],
  ['kind=income', 'Refund'],
  ['status=pending', 'Sofa'],
  ['split_type=exact', 'Museum'],
  ['currency=USD', 'Bread, Chess set, Dollar store, Restaurant alone, Sofa'],
  ['tag=dinner', 'Restaurant Roma'],
  ['tag=BREAKFAST', 'Café crème'],
  // Ann is owed more for the hotel than the museum cost her, so she owes nothing for it.
  ['is_settled=true', 'Bread, Chess set, Museum, Restaurant alone'],
  ['is_settled=false', 'Café crème, Dollar store, Hotel, Refund, Restaurant Roma, Sofa'],
  ['is_deleted=true', 'Gone'],
  ['search=restaurant', 'Restaurant Roma, Restaurant alone'],
]
const queryOf = (query: string | (() => string)): string => (typeof query === 'string' ? query : query())

describe('a filter', () => {
  test.each(
    FILTERS.map(
      ([query, found]) =>
        [
          typeof query === 'string'
            ? query
            : query
                .toString()
                .replaceAll(/[`()=>]|\$\{|\}/g, ' ')
                .trim(),
          query,
          found,
        ] as const,
    ),
  )('%s', async (_, query, found) => {
    const { body } = await ask(queryOf(query))
    expect(
      body.data
        .map((row: Row) => row.title)
        .toSorted()
        .join(', '),
    ).toBe(found)
    expect(body.meta.pagination.total_items).toBe(body.data.length)
  })

  test('and others find what each of them finds', async () => {
    const alone = new Map(await Promise.all(FILTERS.map(async ([query]) => [query, new Set(await titles(queryOf(query)))] as const)))
    const some = fc.uniqueArray(fc.constantFrom(...FILTERS.filter(([query]) => query !== 'is_deleted=true').map(([query]) => query)), {
      minLength: 2,
      maxLength: 4,
      selector: (query) => queryOf(query).split('=')[0],
    })
    await fc.assert(
      fc.asyncProperty(some, async (queries) => {
        // Two names of one bound are the same filter twice.
        const names = queries.map((query) =>
          (queryOf(query).split('=')[0] ?? '').replace(/gte$/, 'min').replace(/lte$/, 'max').replace('category_id', 'category'),
        )
        fc.pre(new Set(names).size === names.length && !(names.includes('date_range') && names.some((name) => /date_(from|to)/.test(name))))
        const expected = all.map((row) => row.title).filter((title) => queries.every((query) => alone.get(query)?.has(title) === true))
        expect(await titles(queries.map(queryOf).join('&'))).toEqual(expected.toSorted())
      }),
      { numRuns: 40 },
    )
  })

  test('for what is settled agrees with what each expense says of itself', async () => {
    const says = (rows: readonly object[], field: string): unknown[] => rows.map((row) => (row as Record<string, unknown>)[field])
    expect(new Set(says(await list('is_settled=true'), 'is_settled'))).toEqual(new Set([true]))
    expect(new Set(says(await list('is_settled=false'), 'is_settled'))).toEqual(new Set([false]))
  })

  test('finds nothing in what one is not in', async () => {
    const eve = await person('eve')
    expect((await eve.get('/api/expenses/')).body.data).toEqual([])
    expect((await eve.get('/api/expenses/?search=restaurant')).body.data).toEqual([])
    expect((await ledger.bob.get('/api/expenses/?search=restaurant')).body.data).toHaveLength(1)
  })
})

describe('search', () => {
  test.each([
    ['rest', 'Restaurant Roma, Restaurant alone'],
    ['ROMA rest', 'Restaurant Roma'],
    ['cafe', 'Café crème'],
    ['CRÈME', 'Café crème'],
    ['schonen', 'Café crème'],
    ['aussicht zur', 'Café crème'],
    ['everybody', 'Restaurant Roma'],
    ['team-event', 'Restaurant Roma'],
    ['event', 'Restaurant Roma'],
    ['break', 'Café crème'],
    ['estaurant', ''],
    ['restaurant sofa', ''],
    ['"rest" OR sofa', ''],
    ['-rest', 'Restaurant Roma, Restaurant alone'],
    ['!?', ''],
    ['gone', ''],
  ])('%s', async (words, found) => {
    expect((await titles(`search=${encodeURIComponent(words)}`)).join(', ')).toBe(found)
  })

  test('finds the words that an expense has now, and in one group only those of that group', async () => {
    const { id, as } = await group(['ann'])
    const made = await dataOf(as.ann.post('/api/expenses/', { title: 'Breakfast', amount: '1', group_id: id }))
    const found = async (words: string, more = '') => (await as.ann.get(`/api/expenses/?search=${words}${more}`)).body.data.length
    await as.ann.put(`/api/expenses/${made.id}/`, { title: 'Brunch' })
    expect([await found('breakfast'), await found('brunch'), await found('brunch', `&group_id=${id}`)]).toEqual([0, 1, 1])
  })
})

const FIELDS = ['expense_date', 'amount', 'title', 'created_at', 'updated_at'] as const
type Field = (typeof FIELDS)[number]
const sorts = fc.uniqueArray(fc.record({ field: fc.constantFrom(...FIELDS), isDescending: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
  selector: (sort) => sort.field,
})
const spelled = (order: readonly { field: Field; isDescending: boolean }[]): string =>
  order.map(({ field, isDescending }) => `${isDescending ? '-' : ''}${field}`).join(',')

function compare(a: Row, b: Row, field: Field): number {
  if (field === 'amount') return Number(a.amount) - Number(b.amount)
  return a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0
}

/** Every row that the pages of the list show, one page after another. */
async function walk(query: string, size: number, isByCursor: boolean): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = null
  for (let page = 1; ; page++) {
    const place = isByCursor ? (cursor === null ? '' : `&cursor=${cursor}`) : `&page=${page}`
    const { body } = await ask(`${query}&page_size=${size}${place}`)
    expect(body.data.length).toBeLessThanOrEqual(size)
    expect(body.meta.pagination).toMatchObject({ page, total_items: expect.any(Number) as number, has_previous: page > 1 })
    rows.push(...body.data)
    cursor = body.meta.pagination.next_cursor
    expect(body.meta.pagination.has_next).toBe(cursor !== null)
    if (cursor === null) return rows
  }
}

/** The reply, and what it asked of D1. */
async function askedBy(who: Client, path: string): Promise<{ body: Reply['body']; asked: D1PreparedStatement[] }> {
  const asked: D1PreparedStatement[] = []
  const original = env.DB.prepare.bind(env.DB)
  const prepare = vi.spyOn(env.DB, 'prepare').mockImplementation((text) => {
    const statement = original(text)
    const bind = statement.bind.bind(statement)
    statement.bind = (...values: unknown[]) => {
      const bound = bind(...values)
      asked.push(bound)
      return bound
    }
    return statement
  })
  const { body } = await who.get(path)
  prepare.mockRestore()
  return { body, asked }
}

/** The reply, and the rows that its one question to D1 reads when it is asked again. News told meanwhile ask too: the quietest of five counts. */
async function rowsReadBy(who: Client, path: string): Promise<{ body: Reply['body']; rows: number }> {
  let { body, asked } = await askedBy(who, path)
  for (let again = 0; asked.length > 1 && again < 4; again++) ({ body, asked } = await askedBy(who, path))
  expect(asked.length).toBe(1)
  return { body, rows: (await asked[0]?.all())?.meta.rows_read ?? 0 }
}

describe('pages', () => {
  test('show every row once and in order, whatever the order and the size, by number and by cursor', async () => {
    await fc.assert(
      fc.asyncProperty(sorts, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (order, size, isByCursor) => {
        const rows = await walk(`sort=${spelled(order)}`, size, isByCursor)
        expect(rows.map((row) => row.id).toSorted()).toEqual(all.map((row) => row.id).toSorted())
        for (const [i, row] of rows.entries()) {
          const next = rows[i + 1]
          if (next === undefined) continue
          const decided = order.map(({ field, isDescending }) => compare(row, next, field) * (isDescending ? -1 : 1)).find((c) => c !== 0)
          expect(decided ?? 0).toBeLessThanOrEqual(0)
        }
      }),
      { numRuns: 12 },
    )
  })

  test('of a filtered list show what the filter finds', async () => {
    const rows = await walk('expense_type=group&sort=-amount,title', 2, true)
    expect(rows.map((row) => row.title)).toEqual([
      'Sofa',
      'Hotel',
      'Restaurant Roma',
      'Museum',
      'Refund',
      'Dollar store',
      'Café crème',
      'Bread',
    ])
  })

  test('by cursor miss nothing when rows are written in between', async () => {
    const { id, as } = await group(['ann'])
    const make = (title: string, expense_date: string) =>
      dataOf(as.ann.post('/api/expenses/', { title, amount: '1', group_id: id, expense_date }))
    for (const day of ['01', '02', '03', '04']) await make(`Day ${day}`, `2026-01-${day}`)
    const first = await as.ann.get('/api/expenses/?page_size=2')
    await make('Day 05', '2026-01-05')
    const second = await as.ann.get(`/api/expenses/?page_size=2&cursor=${first.body.meta.pagination.next_cursor}`)
    expect([...first.body.data, ...second.body.data].map((row: Row) => row.title)).toEqual(['Day 04', 'Day 03', 'Day 02', 'Day 01'])
  })

  test('lead from one to the next by their links, and beyond the last there is nothing', async () => {
    const seen: string[] = []
    for (let path: string | null = '/api/expenses/?page_size=4&sort=title'; path !== null;) {
      const { body }: Reply = await ledger.ann.get(path)
      seen.push(...body.data.map((row: Row) => row.title))
      path = body.links.next
    }
    expect(seen).toEqual(all.map((row) => row.title).toSorted())
    const beyond = await ask('page=9')
    expect([beyond.body.data, beyond.body.meta.pagination]).toMatchObject([
      [],
      { page: 9, total_items: all.length, has_next: false, has_previous: true },
    ])
  })

  test('read no more where many are of one day than where each has its own', async () => {
    const { id, as } = await group(['ann'])
    for (let n = 0; n < 24; n++)
      await dataOf(as.ann.post('/api/expenses/', { title: `Tea ${n}`, amount: '1', group_id: id, expense_date: '2026-01-02' }))
    const pageRows: number[] = []
    for (let path: string | null = `/api/expenses/?group_id=${id}&page_size=4`; path !== null;) {
      const { body, rows } = await rowsReadBy(as.ann, path)
      pageRows.push(rows)
      const cursor: string | null = body.meta.pagination.next_cursor
      path = cursor === null ? null : `/api/expenses/?group_id=${id}&page_size=4&cursor=${cursor}`
    }
    expect(pageRows).toHaveLength(6)
    const [first = 0] = pageRows
    for (const rows of pageRows) expect(rows).toBeLessThanOrEqual(first + 2)
  })

  test('are newest first where nothing else is said', async () => {
    expect(all.map((row) => row.expense_date)).toEqual(
      all
        .map((row) => row.expense_date)
        .toSorted()
        .toReversed(),
    )
  })
})
