// Groups from their making to their end, as their people see them: who comes in and how, what each may do, and who
// goes when.
import { describe, expect, test } from 'vitest'
import { env } from '../support/env.ts'
import { balancesOf, between, owed, said, spend, type Named } from '../support/owed.ts'
import { readMail, register } from '../support/people.ts'
import { dataOf } from '../support/scene.ts'
import { Client, group, person, send, type Reply } from '../support/world.ts'

let count = 0
const address = (): string => `guest${(count += 1)}@mail.test`

describe('createGroup', () => {
  test('who has an account is a member at once, who has none is a guest and gets a mail, and nobody is in it twice', async () => {
    const [ann, bob] = await Promise.all([person('ann'), person('bob')])
    const guest = address()
    const made = await dataOf<{ id: string; member_count: number }>(
      ann.post('/api/groups/', { name: 'Trip', initial_members: [bob.email, guest, guest.toUpperCase(), ann.email] }),
    )
    expect(made.member_count).toBe(3)
    const members = await dataOf<{ user: { email: string }; status: string; is_guest: boolean; role: string }[]>(
      bob.get(`/api/groups/${made.id}/members/`),
    )
    expect(members.map((m) => [m.user.email, m.role, m.status, m.is_guest])).toEqual([
      [ann.email, 'owner', 'active', false],
      [bob.email, 'member', 'active', false],
      [guest, 'member', 'invited', true],
    ])
    expect((await readMail(guest, /ann Test invites you to.*Trip/)).token).not.toBe('')
  })

  test('a dry run answers what would be, and no group is there', async () => {
    const ann = await person('ann')
    const tried = await ann.post('/api/groups/?dry_run=true', { name: 'Trip', initial_members: [address()] })
    expect([tried.status, tried.body.data.member_count]).toEqual([201, 2])
    expect((await ann.get(`/api/groups/${tried.body.data.id}/`)).status).toBe(404)
    expect((await ann.get('/api/groups/')).body.data).toEqual([])
  })

  test('a repetition under the same key makes no second group and no second invitation', async () => {
    const ann = await person('ann')
    const body = { name: 'Trip', initial_members: [address()] }
    const headers = { 'idempotency-key': 'g1' }
    const replies = await Promise.all([1, 2, 3].map(() => ann.post('/api/groups/', body, { headers })))
    expect(new Set(replies.map((reply) => `${reply.status} ${reply.body.data.id}`)).size).toBe(1)
    expect((await ann.get('/api/groups/')).body.data).toHaveLength(1)
    const invitations = await env.DB.prepare('SELECT COUNT(*) AS n FROM invitations WHERE email = ?')
      .bind(body.initial_members[0])
      .first('n')
    expect(invitations).toBe(1)
  })
})

describe('listGroups', () => {
  test('filters by state, type and words, and pages through every group once', async () => {
    const ann = await person('ann')
    const make = (name: string, group_type: string, description = '') => dataOf(ann.post('/api/groups/', { name, group_type, description }))
    const flat = await make('Flat 100%', 'home', 'Rent and _bread_')
    for (let n = 1; n <= 4; n++) await make(`Trip ${n}`, 'trip')
    await ann.post(`/api/groups/${flat.id}/archive/`)
    const names = async (query: string) => (await dataOf<Named[]>(ann.get(`/api/groups/?${query}`))).map((g) => g.name)
    expect(await names('is_active=false')).toEqual(['Flat 100%'])
    expect(await names('group_type=home')).toEqual(['Flat 100%'])
    expect(await names('search=TRIP%203')).toEqual(['Trip 3'])
    expect(await names('search=_BREAD_')).toEqual(['Flat 100%'])
    expect(await names('search=0%25')).toEqual(['Flat 100%'])
    expect(await names('search=____')).toEqual([])
    expect(await names(`search=${'x'.repeat(100)}`)).toEqual([])
    const seen: string[] = []
    for (let path: string | null = '/api/groups/?page_size=2'; path !== null;) {
      const { body }: Reply = await ann.get(path)
      seen.push(...body.data.map((g: Named) => g.name))
      expect(body.meta.pagination.total_items).toBe(5)
      path = body.meta.pagination.next_cursor === null ? null : `/api/groups/?page_size=2&cursor=${body.meta.pagination.next_cursor}`
    }
    expect(seen).toEqual(['Trip 4', 'Trip 3', 'Trip 2', 'Trip 1', 'Flat 100%'])
  })

  test('shows in each group where one stands, and the personal one is not among them', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await spend(as.ann, id, '30.00')
    await as.bob.post('/api/expenses/', { title: 'Own', amount: '5' })
    const [line, ...others] = await dataOf<object[]>(as.bob.get('/api/groups/'))
    expect([line, others]).toMatchObject([
      { id, my_balance: '-15.00', total_expenses: '30.00', unsettled_amount: '15.00', is_admin: false, role: 'member', member_count: 2 },
      [],
    ])
  })
})

describe('updateGroup', () => {
  test('changes what is sent, holds only against the version of If-Match, and answers the group as it is now', async () => {
    const { id, as } = await group(['ann'])
    const path = `/api/groups/${id}/`
    const etag = (await as.ann.get(path)).headers.get('etag') ?? ''
    const first = await as.ann.patch(
      path,
      { settings: { require_approval: true, approval_threshold: '12.5' } },
      { headers: { 'if-match': etag } },
    )
    expect(first.body.data.settings).toMatchObject({ require_approval: true, approval_threshold: '12.50', simplify_debts: true })
    const stale = await as.ann.patch(path, { name: 'Other' }, { headers: { 'if-match': etag } })
    expect([stale.status, stale.body.error.current]).toMatchObject([
      412,
      { id, name: 'Test group', version: first.body.data.version, settings: { approval_threshold: '12.50' } },
    ])
    const cleared = await as.ann.patch(
      path,
      { settings: { approval_threshold: null } },
      { headers: { 'if-match': first.headers.get('etag') ?? '' } },
    )
    expect(cleared.body.data.settings).toMatchObject({ require_approval: true, approval_threshold: null })
  })

  test('keeps its currency and how currencies are kept once money is posted', async () => {
    const { id, as } = await group(['ann', 'bob'])
    expect((await as.ann.patch(`/api/groups/${id}/`, { currency: 'USD' })).body.data.currency.code).toBe('USD')
    await spend(as.ann, id, '10')
    expect(said(await as.ann.patch(`/api/groups/${id}/`, { currency: 'EUR' }))).toEqual([422, 'VALIDATION_ERROR', 'currency'])
    expect(said(await as.ann.patch(`/api/groups/${id}/`, { settings: { currencies: 'separate' } }))).toEqual([
      422,
      'VALIDATION_ERROR',
      'settings.currencies',
    ])
    expect(said(await as.ann.patch(`/api/groups/${id}/`, { settings: { approval_threshold: '1.005' } }))).toEqual([
      422,
      'VALIDATION_ERROR',
      'settings.approval_threshold',
    ])
  })
})

describe('archiveGroup', () => {
  test('an archived group can be read and left, and takes no change until it is brought back', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const { id: expense } = await spend(as.ann, id, '10', between(as.ann.id))
    expect((await as.ann.post(`/api/groups/${id}/archive/`)).body.data.is_active).toBe(false)
    for (const ask of [
      as.ann.post('/api/expenses/', { title: 'x', amount: '1', group_id: id }),
      as.ann.delete(`/api/expenses/${expense}/`),
      as.ann.patch(`/api/groups/${id}/`, { name: 'x' }),
      as.ann.post(`/api/groups/${id}/members/`, { name: 'x' }),
    ]) {
      expect(said(await ask)).toEqual([409, 'CONFLICT'])
    }
    expect((await as.bob.get(`/api/expenses/${expense}/`)).status).toBe(200)
    expect((await as.bob.post(`/api/groups/${id}/leave/`)).status).toBe(200)
    expect((await as.ann.post(`/api/groups/${id}/unarchive/`)).body.data.is_active).toBe(true)
    await spend(as.ann, id, '1')
  })
})

describe('joinGroup', () => {
  test('the code lets in, in any case, and once', async () => {
    const { id, as } = await group(['ann'])
    const bob = await person('bob')
    const { invite_code: code } = (await as.ann.get(`/api/groups/${id}/`)).body.data
    expect((await bob.post('/api/groups/join/', { invite_code: ` ${code.toLowerCase()} ` })).body.data).toMatchObject({
      id,
      member_count: 2,
    })
    expect(said(await bob.post('/api/groups/join/', { invite_code: code }))).toEqual([409, 'DUPLICATE_RESOURCE'])
    expect(said(await bob.post('/api/groups/join/', { invite_code: 'EURO-AAAAAAAAAA' }))).toEqual([404, 'RESOURCE_NOT_FOUND'])
  })

  test('a private group is not there for who has its code, and who was removed does not come back by it', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'], { is_private: true })
    const { invite_code: code } = (await as.ann.get(`/api/groups/${id}/`)).body.data
    const dan = await person('dan')
    expect(said(await dan.post('/api/groups/join/', { invite_code: code }))).toEqual([404, 'RESOURCE_NOT_FOUND'])
    await as.ann.patch(`/api/groups/${id}/`, { is_private: false })
    await as.ann.delete(`/api/groups/${id}/members/${as.bob.id}/`)
    await as.cid.post(`/api/groups/${id}/leave/`)
    expect(said(await as.bob.post('/api/groups/join/', { invite_code: code }))).toEqual([404, 'RESOURCE_NOT_FOUND'])
    expect((await as.cid.post('/api/groups/join/', { invite_code: code })).body.data.member_count).toBe(2)
  })
})

describe('inviteMember', () => {
  test('who accepts takes the place with all that was charged to it, once', async () => {
    const { id, as } = await group(['ann'])
    const email = address()
    const invited = await dataOf<{ member_id: string }>(
      as.ann.post(`/api/groups/${id}/invite/`, { email, name: 'Bob', message: 'Come & join' }),
    )
    await spend(as.ann, id, '10')
    expect(await owed(as.ann, id)).toEqual(['ann 5.00', 'Bob -5.00'])
    const { token } = await readMail(email, /invites you to/)
    const bob = await person('bob')
    expect((await bob.post(`/api/invitations/${token}/accept/`)).body.data).toMatchObject({ id, member_count: 2 })
    expect(await owed(bob, id)).toEqual(['ann 5.00', 'bob -5.00'])
    expect((await balancesOf(bob, id)).balances[1]).toMatchObject({ user: { id: bob.id }, member_id: invited.member_id })
    expect(said(await (await person('cid')).post(`/api/invitations/${token}/accept/`))).toEqual([410, 'INVITATION_EXPIRED'])
  })

  test('an invitation that was withdrawn or is a week old lets nobody in, and the guest stays', async () => {
    const { id, as } = await group(['ann'])
    const [gone, old] = [address(), address()]
    const { invitation_id } = await dataOf<{ invitation_id: string }>(as.ann.post(`/api/groups/${id}/invite/`, { email: gone }))
    await as.ann.post(`/api/groups/${id}/invite/`, { email: old })
    const tokens = [await readMail(gone, /invites/), await readMail(old, /invites/)].map((mail) => mail.token)
    expect((await as.ann.delete(`/api/groups/${id}/invitations/${invitation_id}/`)).status).toBe(204)
    expect(said(await as.ann.delete(`/api/groups/${id}/invitations/${invitation_id}/`))).toEqual([410, 'INVITATION_EXPIRED'])
    await env.DB.prepare('UPDATE invitations SET expires_at = 1 WHERE email = ?').bind(old).run()
    const bob = await person('bob')
    for (const token of tokens) expect(said(await bob.post(`/api/invitations/${token}/accept/`))).toEqual([410, 'INVITATION_EXPIRED'])
    expect(said(await bob.post(`/api/invitations/${'A'.repeat(43)}/accept/`))).toEqual([404, 'RESOURCE_NOT_FOUND'])
    expect((await as.ann.get(`/api/groups/${id}/members/`)).body.data).toHaveLength(3)
  })

  test('inviting again keeps the place, and nobody invites a member, or an admin beyond their own role', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const email = address()
    const invite = (who: Client, fields: object) => who.post(`/api/groups/${id}/invite/`, { email, ...fields })
    const [first, again] = [await invite(as.bob, {}), await invite(as.ann, {})]
    expect(again.body.data.member_id).toBe(first.body.data.member_id)
    expect(again.body.data.invitation_id).not.toBe(first.body.data.invitation_id)
    expect(said(await invite(as.ann, { email: as.bob.email }))).toEqual([409, 'DUPLICATE_RESOURCE'])
    expect(said(await invite(as.bob, { email: address(), role: 'admin' }))).toEqual([403, 'PERMISSION_DENIED', 'role'])
    expect(said(await invite(as.bob, { role: 'owner' }))).toEqual([422, 'VALIDATION_ERROR', 'role'])
  })

  test('who registers with the token, or verifies the address, has the place of the guest', async () => {
    const { id, as } = await group(['ann'])
    const [one, two] = [address(), address()]
    for (const email of [one, two]) await as.ann.post(`/api/groups/${id}/invite/`, { email })
    await spend(as.ann, id, '9')
    const { token } = await readMail(one, /invites/)
    const asUser = (user: Awaited<ReturnType<typeof register>>) => new Client({ ...user, name: user.username, token: user.access })
    const bob = asUser(await register({ email: one, first_name: 'Bob', last_name: '', invitation_token: token }))
    expect(await owed(bob, id)).toEqual(['ann 6.00', 'Bob -3.00', `${two.split('@')[0]} -3.00`])
    const cid = asUser(await register({ email: two, first_name: 'Cid', last_name: '' }))
    expect((await cid.get(`/api/groups/${id}/`)).status).toBe(404)
    const { code } = await readMail(two, /verification code/)
    await send('POST', '/api/auth/verify-email/', { email: two, code })
    await expect.poll(async () => (await cid.get(`/api/groups/${id}/`)).status, { timeout: 15_000 }).toBe(200)
    expect(await owed(cid, id)).toEqual(['ann 6.00', 'Bob -3.00', 'Cid -3.00'])
  }, 30_000)
})

describe('changeMemberRole', () => {
  test('an owner always stays, only an owner makes one, and a guest cannot be one', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const path = `/api/groups/${id}/members/`
    const role = (who: Client, whom: string, to: string) => who.patch(`${path}${whom}/`, { role: to })
    const guest = await dataOf(as.ann.post(path, { name: 'Grandma' }))
    expect(said(await role(as.ann, as.ann.id, 'member'))).toEqual([409, 'CONFLICT'])
    expect((await role(as.ann, as.bob.id, 'admin')).body.data.role).toBe('admin')
    expect(said(await role(as.bob, as.cid.id, 'owner'))).toEqual([403, 'PERMISSION_DENIED', 'role'])
    expect(said(await role(as.bob, as.ann.id, 'member'))).toEqual([403, 'PERMISSION_DENIED', 'role'])
    expect(said(await role(as.ann, guest.id, 'owner'))).toEqual([422, 'VALIDATION_ERROR', 'role'])
    expect((await role(as.ann, as.bob.id, 'owner')).body.data.role).toBe('owner')
    expect((await role(as.bob, as.ann.id, 'viewer')).body.data.role).toBe('viewer')
    expect(said(await as.ann.post('/api/expenses/', { title: 'x', amount: '1', group_id: id }))).toEqual([403, 'PERMISSION_DENIED', 'role'])
  })

  test('a viewer is charged for nothing unless named', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    await as.ann.patch(`/api/groups/${id}/members/${as.cid.id}/`, { role: 'viewer' })
    await spend(as.ann, id, '10')
    expect(await owed(as.cid, id)).toEqual(['ann 5.00', 'bob -5.00', 'cid 0.00'])
    await spend(as.ann, id, '2', between(as.cid.id))
    expect(await owed(as.cid, id)).toEqual(['ann 7.00', 'bob -5.00', 'cid -2.00'])
  })
})

describe('leaveGroup and removeMember', () => {
  test('an open balance holds a member, and the answer says how much it is', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: expense } = await spend(as.ann, id, '25')
    const left = await as.bob.post(`/api/groups/${id}/leave/`)
    expect([left.status, left.body.error]).toMatchObject([
      409,
      { code: 'BALANCE_NOT_ZERO', details: [{ field: 'balance', expected: '0.00', got: '-12.50', difference: '-12.50' }] },
    ])
    const removed = await as.ann.delete(`/api/groups/${id}/members/${as.bob.id}/`)
    expect([removed.status, removed.body.error.details[0].got]).toEqual([409, '-12.50'])
    await spend(as.bob, id, '12.50', between(as.ann.id))
    expect((await as.bob.post(`/api/groups/${id}/leave/`)).status).toBe(200)
    expect((await as.bob.get(`/api/groups/${id}/`)).status).toBe(404)
    expect((await as.ann.get(`/api/expenses/${expense}/`)).body.data.participants[1]).toMatchObject({
      user_id: as.bob.id,
      share: '12.50',
      is_settled: true,
    })
  })

  test('who has gone is charged no more, and a deleted expense that charged them stays deleted', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: expense } = await spend(as.ann, id, '10')
    await as.ann.delete(`/api/expenses/${expense}/`)
    await as.bob.post(`/api/groups/${id}/leave/`)
    expect(said(await as.ann.post('/api/expenses/', { title: 'x', amount: '1', group_id: id, ...between(as.bob.id) }))).toEqual([
      409,
      'CONFLICT',
      'split_data.participants[0]',
    ])
    expect(said(await as.ann.post(`/api/expenses/${expense}/restore/`))).toEqual([409, 'CONFLICT', 'participants'])
  })

  test('the last owner hands over first, and the last person to leave archives the group', async () => {
    const { id, as } = await group(['ann', 'bob'])
    expect(said(await as.ann.post(`/api/groups/${id}/leave/`))).toEqual([409, 'CONFLICT'])
    await as.ann.patch(`/api/groups/${id}/members/${as.bob.id}/`, { role: 'owner' })
    for (const who of [as.ann, as.bob]) expect((await who.post(`/api/groups/${id}/leave/`)).status).toBe(200)
    expect(await env.DB.prepare('SELECT archived_at > 0 AS is_archived FROM groups WHERE id = ?').bind(id).first('is_archived')).toBe(1)
  })
})

describe('addGuest', () => {
  test('a guest is charged and pays like anybody', async () => {
    const { id, as } = await group(['ann'])
    const guest = await dataOf(as.ann.post(`/api/groups/${id}/members/`, { name: 'Grandma' }))
    await spend(as.ann, id, '8', { paid_by: guest.id })
    expect(await owed(as.ann, id)).toEqual(['ann -4.00', 'Grandma 4.00'])
  })
})
