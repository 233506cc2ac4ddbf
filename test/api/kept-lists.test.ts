// A page that was read before is answered from what was kept of it, if D1 says that nothing has changed. So after
// every kind of change each list is held against the same list as nobody has asked for it before.
import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tokenFor } from '../../src/platform/keys.ts'
import { env } from '../support/env.ts'
import { formWith } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, send, worker, type Client, type Reply } from '../support/world.ts'

interface Book {
  readonly id: string
  readonly ann: Client
  readonly bob: Client
  /** Ann's own, and Bob's. */
  readonly games: string
  readonly tools: string
  readonly guest: string
  /** What the invitation that keeps a place for Cid is accepted with. */
  readonly token: string
  readonly lunch: string
  readonly sofa: string
  readonly gone: string
}

let book: Book

const spend = (who: Client, title: string, amount: string, fields: object) =>
  dataOf(who.post('/api/expenses/', { title, amount, expense_date: '2026-01-02', ...fields }))

async function newBook(): Promise<Book> {
  const { id, as } = await group(['ann', 'bob'], { settings: { require_approval: true, approval_threshold: '100' } })
  const { ann, bob } = as
  const guest = await dataOf(ann.post(`/api/groups/${id}/members/`, { name: 'Grandma' }))
  const invited = await dataOf<{ invitation_id: string }>(
    ann.post(`/api/groups/${id}/invite/`, { email: `cid.${id}@example.com`, name: 'Cid' }),
  )
  const games = await dataOf(ann.post('/api/categories/', { name: 'Puzzles' }))
  const tools = await dataOf(bob.post('/api/categories/', { name: 'Tools' }))
  const lunch = await spend(ann, 'Lunch', '30', { group_id: id })
  await spend(bob, 'Hammer', '12', { group_id: id, category_id: tools.id, paid_by: guest.id })
  const sofa = await spend(bob, 'Sofa', '900', { group_id: id })
  const gone = await spend(bob, 'Mistake', '9', { group_id: id })
  await bob.delete(`/api/expenses/${gone.id}/`)
  await spend(ann, 'Chess set', '30', { category_id: games.id })
  const token = tokenFor(env.SECRET, 'invitation', invited.invitation_id)
  return { id, ann, bob, games: games.id, tools: tools.id, guest: guest.id, token, lunch: lunch.id, sofa: sofa.id, gone: gone.id }
}

beforeEach(async () => {
  book = await newBook()
})

/** The lists that are watched, each of them kept after it was read once. */
const LISTS: readonly (() => string)[] = [
  () => '',
  () => `group_id=${book.id}`,
  () => 'page_size=2&page=2&sort=-amount',
  () => 'page_size=2&page=2&sort=amount',
  () => 'is_settled=true',
  () => 'status=pending',
  () => 'is_deleted=true',
  () => 'search=lunch',
  () => `participant=${book.bob.id}`,
  () => `paid_by=${book.guest}`,
  () => `category_id=${book.tools}`,
  () => 'category=puzzles',
  () => 'expense_type=personal',
]

const list = (who: Client, query: string): Promise<Reply> => who.get(`/api/expenses/?${query}`)

let unread = 0
/** The same list, asked for as nobody has before: no expense is as large as that, and there is no limit twice. */
const listAnew = (who: Client, query: string): Promise<Reply> =>
  list(who, `${query}${query === '' ? '' : '&'}amount_max=${900_000_000 + unread++}`)

const shown = ({ status, body }: Reply) => [status, body.data, body.meta.pagination?.total_items, body.error]

async function expectFresh(who: Client, query: string): Promise<unknown> {
  const [anew, kept] = [await listAnew(who, query), await list(who, query)]
  expect(shown(kept), query).toEqual(shown(anew))
  expect(shown(await list(who, query)), query).toEqual(shown(anew))
  return anew.body.data
}

/** A person's name and picture reach their groups after the reply. */
async function reached(field: 'name' | 'avatar_key', value: string): Promise<void> {
  const inGroup = env.DB.prepare(`SELECT COUNT(*) AS n FROM members WHERE group_id = ? AND ${field} = ?`).bind(book.id, value)
  await vi.waitFor(async () => expect(await inGroup.first('n')).toBe(1), { timeout: 5000 })
}

const sql = (text: string, ...values: string[]) =>
  env.DB.prepare(text)
    .bind(...values)
    .run()

/** Everything that changes what Ann's lists show. */
const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
  'an expense is added': () => spend(book.bob, 'Lunch again', '8', { group_id: book.id }),
  'an expense of one’s own is added': () => spend(book.ann, 'Bread', '3', {}),
  'an expense is renamed': () => dataOf(book.bob.patch(`/api/expenses/${book.sofa}/`, { title: 'Lunch table' })),
  'an expense costs more': () => dataOf(book.ann.patch(`/api/expenses/${book.lunch}/`, { amount: '50' })),
  'an expense moves to another day': () => dataOf(book.ann.patch(`/api/expenses/${book.lunch}/`, { expense_date: '2025-01-01' })),
  'an expense gets another category': () => dataOf(book.bob.patch(`/api/expenses/${book.sofa}/`, { category_id: book.tools })),
  'an expense is split otherwise': () =>
    dataOf(book.ann.post(`/api/expenses/${book.lunch}/split/`, { split_type: 'exact', split_data: { [book.bob.id]: '30' } })),
  'an expense is deleted': () => book.ann.delete(`/api/expenses/${book.lunch}/`),
  'an expense is restored': () => dataOf(book.bob.post(`/api/expenses/${book.gone}/restore/`)),
  'an expense is approved': () => dataOf(book.ann.post(`/api/expenses/${book.sofa}/approve/`)),
  'an expense is rejected': () => dataOf(book.ann.post(`/api/expenses/${book.sofa}/reject/`)),
  'an expense is commented on': () => dataOf(book.bob.post(`/api/expenses/${book.lunch}/comments/`, { comment: 'Thanks' })),
  'a receipt is added': () => dataOf(book.ann.post(`/api/expenses/${book.lunch}/receipt/`, formWith('receipt'))),
  'a debt is paid': () =>
    spend(book.bob, 'Paid back', '90', { group_id: book.id, split_type: 'exact', split_data: { [book.ann.id]: '90' } }),
  'somebody is called otherwise': async () => {
    await dataOf(book.bob.patch('/api/users/me/', { first_name: 'Robert' }))
    await reached('name', 'Robert Test')
  },
  'somebody has another picture': async () => {
    await dataOf(book.bob.patch('/api/users/me/', { avatar: 'https://pictures.test/bob.png' }))
    await reached('avatar_key', 'https://pictures.test/bob.png')
  },
  'somebody takes the place that was kept for them': async () => {
    await spend(book.ann, 'Cinema', '20', { group_id: book.id })
    for (const query of LISTS) await list(book.ann, query())
    const cid = await person('cid')
    await dataOf(cid.post(`/api/invitations/${book.token}/accept/`))
  },
  'the group is called otherwise': () => dataOf(book.ann.patch(`/api/groups/${book.id}/`, { name: 'Another name' })),
  'one joins a group': async () => {
    const { id, as } = await group(['eve', 'dan'])
    await spend(as.eve, 'Lunch elsewhere', '4', { group_id: id })
    const { invite_code: code } = await dataOf<{ invite_code: string }>(as.eve.get(`/api/groups/${id}/`))
    await dataOf(book.ann.post('/api/groups/join/', { invite_code: code }))
  },
  'a category is called otherwise': () => sql('UPDATE categories SET name = ? WHERE id = ?', 'Workshop', book.tools),
  'a category looks otherwise': () => sql("UPDATE categories SET icon = 'saw', color = '#000000' WHERE id = ?", book.games),
  'a category is erased': () => sql('DELETE FROM categories WHERE id = ?', book.tools),
}

describe('listExpenses, of what was read before', () => {
  test.each(Object.entries(CHANGES))('shows at the next reading that %s', async (_, change) => {
    const before = await Promise.all(LISTS.map((query) => expectFresh(book.ann, query())))
    await change()
    const after = await Promise.all(LISTS.map((query) => expectFresh(book.ann, query())))
    expect(after).not.toEqual(before)
    await expectFresh(book.bob, '')
  })

  test('keeps what it shows when a category is deleted, as expenses keep it', async () => {
    const before = await expectFresh(book.ann, '')
    await book.ann.delete(`/api/categories/${book.games}/`)
    expect(await expectFresh(book.ann, '')).toEqual(before)
  })

  test('shows a category again that was unknown for a while', async () => {
    const move = (from: string, to: string) => sql('UPDATE categories SET id = ? WHERE id = ?', to, from)
    const before = await expectFresh(book.ann, '')
    await move(book.tools, 'cat_elsewhere')
    expect(await expectFresh(book.ann, '')).not.toEqual(before)
    await move('cat_elsewhere', book.tools)
    expect(await expectFresh(book.ann, '')).toEqual(before)
  })

  test('asks D1 once, whether something has changed or not', async () => {
    const prepare = vi.spyOn(env.DB, 'prepare')
    const asked = async (): Promise<number> => {
      prepare.mockClear()
      await list(book.ann, '')
      return prepare.mock.calls.length
    }
    // News that are told meanwhile ask too: the quietest of five counts.
    const fewest = async (change: () => Promise<unknown>): Promise<number> => {
      let least = Infinity
      for (let again = 0; least > 1 && again < 5; again++) {
        await change()
        least = Math.min(least, await asked())
      }
      return least
    }
    const nothing = (): Promise<void> => Promise.resolve()
    try {
      const changed = await fewest(() => spend(book.bob, 'Tea', '2', { group_id: book.id }))
      expect([changed, await fewest(nothing)]).toEqual([1, 1])
    } finally {
      prepare.mockRestore()
    }
  })

  test('shows nothing of a group to whoever was removed from it, or has left', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const { ann, bob, cid } = as
    const only = { split_type: 'equal', split_data: { participants: [ann.id] } }
    await spend(ann, 'Rent', '7', { group_id: id, ...only })
    const members = await dataOf<{ id: string; user: { id: string } | null }[]>(ann.get(`/api/groups/${id}/members/`))
    const member = members.find((m) => JSON.stringify(m).includes(bob.id))
    for (const who of [bob, cid]) {
      for (const query of ['', `group_id=${id}`]) expect(await expectFresh(who, query)).toHaveLength(1)
    }
    expect((await ann.delete(`/api/groups/${id}/members/${member?.id}/`)).status).toBeLessThan(300)
    expect((await cid.post(`/api/groups/${id}/leave/`)).status).toBeLessThan(300)
    for (const who of [bob, cid]) {
      expect((await list(who, '')).body.data).toEqual([])
      expect((await list(who, `group_id=${id}`)).status).toBe(404)
    }
    expect(await expectFresh(ann, `group_id=${id}`)).toHaveLength(1)
  })

  test('answers nobody who is signed out, nor a key that was revoked', async () => {
    const { ann } = book
    const { id, key } = await dataOf<{ id: string; key: string }>(ann.post('/api/api-keys/', { name: 'k', scopes: ['expenses:read'] }))
    const byKey = (): Promise<Reply> => send('GET', '/api/expenses/', undefined, { 'x-api-key': key })
    expect([(await byKey()).status, (await list(ann, '')).status]).toEqual([200, 200])
    await ann.delete(`/api/api-keys/${id}/`)
    await ann.post('/api/auth/logout/', { refresh: ann.refresh })
    expect([(await byKey()).status, (await list(ann, '')).status]).toEqual([401, 401])
  })

  test('is each reader’s own', async () => {
    await Promise.all([list(book.ann, ''), list(book.bob, '')])
    const titles = async (who: Client): Promise<string[]> => (await list(who, '')).body.data.map((row: { title: string }) => row.title)
    expect([await titles(book.ann), await titles(book.bob)]).toEqual([
      expect.arrayContaining(['Chess set']),
      expect.not.arrayContaining(['Chess set']),
    ])
  })

  test('says of each reply when and to whom it was given', async () => {
    const [first, second] = [await list(book.ann, ''), await list(book.ann, '')]
    expect(first.body.meta.request_id).not.toBe(second.body.meta.request_id)
    expect(second.body.meta.request_id).toBe(second.headers.get('x-request-id'))
    const [page, cursor] = [await list(book.ann, 'page_size=2'), await list(book.ann, 'page_size=2&page=1')]
    expect([page.body.links.last, cursor.body.links.last]).toEqual([
      '/api/expenses/?page_size=2&page=2',
      '/api/expenses/?page_size=2&page=2',
    ])
  })

  test('is spelled by each surface in its own words', async () => {
    const { expenses } = (await send('GET', '/basic/api/expenses', undefined, { authorization: `Bearer ${book.ann.token}` })).body
    const { data } = (await list(book.ann, 'page_size=100')).body
    const again = (await send('GET', '/basic/api/expenses', undefined, { authorization: `Bearer ${book.ann.token}` })).body
    expect(again).toEqual({ expenses })
    expect(expenses.map((e: { title: string }) => e.title)).toEqual(data.map((e: { title: string }) => e.title))
    expect(Object.keys(expenses[0])).not.toEqual(Object.keys(data[0]))
  })

  test('has links that are good, at the host that was asked and at whatever hour', async () => {
    const { ann } = book
    const { key } = await dataOf<{ key: string }>(ann.post('/api/api-keys/', { name: 'k', scopes: ['expenses:read'] }))
    await dataOf(ann.post(`/api/expenses/${book.lunch}/receipt/`, formWith('receipt')))
    const receiptAt = async (host: string): Promise<string> => {
      const reply = await worker.fetch(`https://${host}/api/expenses/?search=lunch`, { headers: { 'x-api-key': key } })
      const { data } = await reply.json<{ data: { receipt: string }[] }>()
      return data[0]?.receipt ?? ''
    }
    const startedAt = Date.now()
    const clock = vi.spyOn(Date, 'now')
    try {
      const links = new Set<string>()
      for (let minutes = 0; minutes <= 240; minutes += 20) {
        clock.mockReturnValue(startedAt + minutes * 60_000)
        const link = await receiptAt('api.test')
        links.add(link)
        clock.mockReturnValue(startedAt + (minutes + 55) * 60_000)
        const file = await worker.fetch(link)
        await file.arrayBuffer()
        expect(file.status, `${minutes} minutes later`).toBe(200)
      }
      expect(links.size).toBe(5)
      expect(await receiptAt('other.test')).toMatch(/^https:\/\/other\.test\//)
      expect(await receiptAt('api.test')).toMatch(/^https:\/\/api\.test\//)
    } finally {
      clock.mockRestore()
    }
  })

  test('is what a first reading shows, whatever happened before', async () => {
    const step = fc.record({
      change: fc.nat(999),
      lists: fc.uniqueArray(fc.nat(LISTS.length - 1), { minLength: 1, maxLength: 3 }),
      isBob: fc.boolean(),
    })
    const changes = Object.values(CHANGES)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
        book = await newBook()
        for (const { change, lists, isBob } of steps) {
          // One that cannot happen any more is refused, and changes nothing.
          await Promise.allSettled([changes[change % changes.length]?.()])
          const who = isBob ? book.bob : book.ann
          for (const n of lists) await expectFresh(who, LISTS[n]?.() ?? '')
        }
      }),
      { numRuns: 5 },
    )
  }, 60_000)
})
