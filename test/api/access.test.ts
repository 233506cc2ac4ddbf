// Who may do what: every operation tried by every kind of caller, and what is let through follows from the row. All
// rows are tried in one scene, because the allowed ones are dry runs, or change only what is the caller's own.
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import { allows, type Role } from '../../src/domain/roles.ts'
import type { Operation } from '../../src/http/operation.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
import { env } from '../support/env.ts'
import { entriesWithout, requestFor, type Request } from '../support/requests.ts'
import { formWith } from '../support/picture.ts'
import { expired, headsOf, scene, type Scene } from '../support/scene.ts'
import { send, type Client, type Reply } from '../support/world.ts'

interface Caller {
  readonly name: string
  /** Whose things a request of the caller is about. */
  readonly who: Client
  readonly token?: string
  readonly header?: 'x-api-key'
  readonly is: 'nobody' | 'session' | 'key without the scope' | 'key'
  /** Undefined: not in the group. */
  readonly role?: Role
}

async function callersIn({ as, only, without, viewerKey }: Scene, op: Operation): Promise<Caller[]> {
  const session = (name: keyof typeof as, role?: Role): Caller => ({
    name,
    who: as[name],
    token: as[name].token,
    is: 'session',
    ...(role && { role }),
  })
  const scope = op.access.who === 'anyone' ? undefined : op.access.scope
  const every: Caller[] = [
    { name: 'nobody', who: as.owner, is: 'nobody' },
    { name: 'an expired token', who: as.owner, token: await expired(as.owner.token), is: 'nobody' },
    { name: 'garbage', who: as.owner, token: 'garbage', is: 'nobody' },
    { name: 'an unknown key', who: as.owner, token: `qk_${'A'.repeat(43)}`, header: 'x-api-key', is: 'nobody' },
    session('stranger'),
    session('removed'),
    session('viewer', 'viewer'),
    session('member', 'member'),
    session('admin', 'admin'),
    session('owner', 'owner'),
    {
      name: 'a key without the scope',
      who: as.owner,
      token: without[scope ?? 'groups:read'],
      header: 'x-api-key',
      is: 'key without the scope',
      role: 'owner',
    },
    { name: 'a key with the scope', who: as.owner, token: only[scope ?? 'groups:read'], header: 'x-api-key', is: 'key', role: 'owner' },
    { name: "a viewer's key", who: as.viewer, token: viewerKey, is: 'key', role: 'viewer' },
  ]
  // Where anyone is let in no role counts, and most of these hash a password, which takes its time.
  return op.access.who === 'anyone'
    ? every.filter(({ name }) => !['removed', 'viewer', 'member', 'admin', "a viewer's key", 'a key without the scope'].includes(name))
    : every
}

/** What the row promises this caller: the status of the refusal, or that they are let in. */
function promisedTo({ access }: Operation, caller: Caller): 'in' | 401 | 403 | 404 {
  if (access.who === 'anyone') return 'in'
  if (caller.is === 'nobody') return 401
  if (caller.is !== 'session' && (access.scope === undefined || caller.is !== 'key')) return 403
  if (access.who === 'user') return 'in'
  if (caller.role === undefined) return 404
  return allows(caller.role, access.may) ? 'in' : 403
}

const dryRun = (op: Operation, { path }: Request): string =>
  op.isGroupWrite === true ? `${path}${path.includes('?') ? '&' : '?'}dry_run=true` : path
const headersOf = ({ token, header }: Caller): Record<string, string> =>
  token === undefined ? {} : header === undefined ? { authorization: `Bearer ${token}` } : { [header]: token }
const attempt = (caller: Caller, { method, body }: Request, path: string): Promise<Reply> => send(method, path, body, headersOf(caller))

let all: Scene
beforeAll(async () => {
  all = await scene()
})

test('there is no entry of an operation that is gone', () => {
  expect(entriesWithout(OPERATIONS)).toEqual([])
})

describe('every operation', () => {
  test.each(OPERATIONS.map((op) => [op.id, op] as const))(
    '%s lets in whom its row names, and nothing changes for the others',
    async (_, op) => {
      const callers = (await callersIn(all, op)).map((caller) => ({ caller, promised: promisedTo(op, caller) }))
      const before = await headsOf(all)
      const refused: Record<string, unknown> = {}
      for (const { caller, promised } of callers) {
        if (promised === 'in') continue
        const request = await requestFor(op, all, caller.who)
        const { status } = await attempt(caller, request, request.path)
        if (status !== promised) refused[caller.name] = `${status} in place of ${promised}`
      }
      expect(refused).toEqual({})
      expect(await headsOf(all)).toEqual(before)

      const admitted: Record<string, unknown> = {}
      for (const { caller, promised } of callers) {
        if (promised !== 'in') continue
        const request = await requestFor(op, all, caller.who)
        const asked = request.token !== undefined && caller.is === 'session' ? { ...caller, token: request.token } : caller
        const { status, body } = await attempt(asked, request, dryRun(op, request))
        if (status !== request.status) admitted[caller.name] = `${status} in place of ${request.status}: ${JSON.stringify(body)}`
      }
      expect(admitted).toEqual({})
      if (op.upload === undefined) expect(await headsOf(all)).toEqual(before)
    },
  )

  test.each(OPERATIONS.filter((op) => op.access.who === 'member').map((op) => [op.id, op] as const))(
    '%s tells a stranger no more of what exists than of what does not',
    async (_, op) => {
      const { here, as } = all
      const request = await requestFor(op, all, as.stranger)
      const ids: [string, string][] = [
        [here.id, newId('group')],
        ...[here.expense, here.pending, here.deleted].map((id): [string, string] => [id, newId('expense')]),
      ]
      const elsewhere = (text: string): string => ids.reduce((changed, [from, to]) => changed.replaceAll(from, to), text)
      const ask = async (path: string, body: unknown) => {
        const { status, body: answer } = await as.stranger.request(request.method, path, body)
        return [status, answer.error]
      }
      const isForm = request.body instanceof FormData
      const exists = await ask(request.path, request.body)
      expect(exists).toEqual(
        await ask(
          elsewhere(request.path),
          isForm || request.body === undefined ? request.body : JSON.parse(elsewhere(JSON.stringify(request.body))),
        ),
      )
      expect(exists[0]).toBe(404)
    },
  )
})

/** Requests of somebody who may do everything in their own group, with things of another group or person in them. */
const FOREIGN: Readonly<Record<string, (s: Scene) => readonly [string, body?: unknown]>> = {
  'another group in the body': ({ elsewhere }) => ['404 POST /api/expenses/', { group_id: elsewhere.id }],
  'their user as payer': ({ elsewhere }) => ['422 POST /api/expenses/', { paid_by: elsewhere.owner.id }],
  'their guest as payer': ({ elsewhere }) => ['422 POST /api/expenses/', { paid_by: elsewhere.guest }],
  'their user among payers': ({ elsewhere, as }) => [
    '422 POST /api/expenses/',
    {
      payers: [
        { user_id: as.owner.id, amount: '4' },
        { user_id: elsewhere.owner.id, amount: '6' },
      ],
    },
  ],
  'their user in an equal split': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'equal', split_data: { participants: [elsewhere.owner.id] } },
  ],
  'their user in an exact split': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'exact', split_data: { [elsewhere.owner.id]: '10' } },
  ],
  'their user in a split by percentage': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'percentage', split_data: { [elsewhere.owner.id]: 100 } },
  ],
  'their user in a split by shares': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'shares', split_data: { [elsewhere.owner.id]: 1 } },
  ],
  'their user in a split with adjustments': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'adjustment', split_data: { [elsewhere.owner.id]: 0 } },
  ],
  'their user on an item': ({ elsewhere }) => [
    '422 POST /api/expenses/',
    { split_type: 'itemized', split_data: { items: [{ name: 'x', amount: '10', participants: [elsewhere.owner.id] }] } },
  ],
  "another person's category": ({ elsewhere }) => ['422 POST /api/expenses/', { category_id: elsewhere.category }],
  'a member who was removed': ({ as }) => ['409 POST /api/expenses/', { paid_by: as.removed.id }],
  "another person's category, in a change": ({ elsewhere, here }) => [
    `422 PUT /api/expenses/${here.expense}/`,
    { category_id: elsewhere.category },
  ],
  'their user as payer, in a change': ({ elsewhere, here }) => [`422 PUT /api/expenses/${here.expense}/`, { paid_by: elsewhere.owner.id }],
  'their user in a new split': ({ elsewhere, here }) => [
    `422 POST /api/expenses/${here.expense}/split/`,
    { split_type: 'percentage', split_data: { [elsewhere.guest]: 100 } },
  ],
  'their expense, to read': ({ elsewhere }) => [`404 GET /api/expenses/${elsewhere.expense}/`],
  'their expense, to change': ({ elsewhere }) => [`404 PUT /api/expenses/${elsewhere.expense}/`, { title: 'Mine' }],
  'their expense, to delete': ({ elsewhere }) => [`404 DELETE /api/expenses/${elsewhere.expense}/`],
  'their deleted expense': ({ elsewhere }) => [`404 POST /api/expenses/${elsewhere.deleted}/restore/`],
  'their pending expense': ({ elsewhere }) => [`404 POST /api/expenses/${elsewhere.pending}/approve/`],
  'a receipt for their expense': ({ elsewhere }) => [`404 POST /api/expenses/${elsewhere.expense}/receipt/`, formWith('receipt')],
  'their expenses': ({ elsewhere }) => [`404 GET /api/expenses/?group_id=${elsewhere.id}`],
  'their expenses, searched': ({ elsewhere }) => [`404 GET /api/expenses/?group_id=${elsewhere.id}&search=bread`],
  'their member under our group, to change': ({ here, elsewhere }) => [
    `404 PATCH /api/groups/${here.id}/members/${elsewhere.guest}/`,
    { role: 'admin' },
  ],
  'their user under our group, to change': ({ here, elsewhere }) => [
    `404 PATCH /api/groups/${here.id}/members/${elsewhere.owner.id}/`,
    { role: 'viewer' },
  ],
  'their member under our group, to remove': ({ here, elsewhere }) => [`404 DELETE /api/groups/${here.id}/members/${elsewhere.guest}/`],
  'our member under their group': ({ here, elsewhere }) => [`404 DELETE /api/groups/${elsewhere.id}/members/${here.guest}/`],
  'their invitation under our group': ({ here, elsewhere }) => [`404 DELETE /api/groups/${here.id}/invitations/${elsewhere.invitation}/`],
  'our invitation under their group': ({ here, elsewhere }) => [`404 DELETE /api/groups/${elsewhere.id}/invitations/${here.invitation}/`],
  'a debt of their member': ({ here, elsewhere, as }) => [
    `404 GET /api/groups/${here.id}/debts/${elsewhere.guest}/${as.owner.id}/explain/`,
  ],
  'a debt to their user': ({ here, elsewhere, as }) => [
    `404 GET /api/groups/${here.id}/debts/${as.owner.id}/${elsewhere.owner.id}/explain/`,
  ],
  'their invite code in lower case words': ({ elsewhere }) => [
    '404 POST /api/groups/join/',
    { invite_code: elsewhere.inviteCode.slice(0, -1) },
  ],
  "another person's category, to delete": ({ elsewhere }) => [`404 DELETE /api/categories/${elsewhere.category}/`],
  "a category below another person's": ({ elsewhere }) => ['422 POST /api/categories/', { name: 'Below', parent_id: elsewhere.category }],
  'a personal group, to invite into': () => ['409 POST /api/groups/personal/invite/', { email: 'x@example.com' }],
  'a personal group, to archive': () => ['409 POST /api/groups/personal/archive/'],
}

const EXPENSE = { title: 'Lunch', amount: '10.00' }

describe('ids of somebody else', () => {
  test.each(Object.entries(FOREIGN))('%s: refused, and nothing is stored', async (_, build) => {
    const [on, given] = build(all)
    const [status, method = '', path = ''] = on.split(' ')
    const { owner } = all.as
    const personal = await env.DB.prepare('SELECT personal_group_id AS id FROM users WHERE id = ?').bind(owner.id).first<string>('id')
    const body = path === '/api/expenses/' ? { ...EXPENSE, group_id: all.here.id, ...(given as object) } : given
    const before = await headsOf(all)
    const answer = await owner.request(method, path.replace('personal', personal ?? ''), body)
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([Number(status), expect.not.stringContaining('Bread')])
    expect(await headsOf(all)).toEqual(before)
  })

  test.each([
    ['payer', (s: Scene) => `paid_by=${s.elsewhere.owner.id}`],
    ['participant', (s: Scene) => `participant=${s.elsewhere.owner.id}`],
    ['category', (s: Scene) => `category_id=${s.elsewhere.category}`],
    ['tag of nobody', () => 'tag=none'],
  ])('a list filtered by their %s is empty', async (_, query) => {
    const { body } = await all.as.owner.get(`/api/expenses/?${query(all)}`)
    expect([body.data, body.meta.pagination.total_items]).toEqual([[], 0])
  })

  test('sessions and keys of another person are not there, and go on working', async () => {
    const { owner, admin } = all.as
    const made = await admin.post('/api/api-keys/', { name: 'Mine', scopes: ['profile:read'] })
    const session = `ses_${admin.refresh.slice(3, 29)}`
    expect((await owner.delete(`/api/api-keys/${made.body.data.id}/`)).status).toBe(404)
    expect((await owner.delete(`/api/auth/sessions/${session}/`)).status).toBe(404)
    expect((await send('GET', '/api/users/me/', undefined, { 'x-api-key': made.body.data.key })).status).toBe(200)
    expect((await admin.get('/api/users/me/')).status).toBe(200)
  })

  test('who was removed sees nothing of the group, in no list and at no path', async () => {
    const { removed } = all.as
    const [groups, expenses, balances] = await Promise.all(
      ['groups/', 'expenses/', 'users/me/balances/'].map((path) => removed.get(`/api/${path}`)),
    )
    expect([groups?.body.data, expenses?.body.data, balances?.body.data.groups]).toEqual([[], [], []])
  })
})
