// What the sockets tell, and that they lose nothing: that of a group, and that of a user with all their groups.
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { isId } from '../../src/domain/ids.ts'
import { env } from '../support/env.ts'
import { evict, listen, personalGroup, signIn, spend } from '../support/listen.ts'
import { linesOf, LiveLedger, sorted, type Message } from '../support/told.ts'
import { group, person } from '../support/world.ts'

const shapeOf = ({ type, seq, data }: Message): string =>
  [seq, type, data.action ?? data.activity?.type].filter((part) => part !== undefined).join(' ')

describe('the socket of a group', () => {
  test('tells of each change what it did to the expense, to the balances and in the feed, in this order', async () => {
    const { id, as } = await group(['ann', 'bob'], { settings: { require_approval: true, approval_threshold: '50.00' } })
    const socket = await listen(`/ws/groups/${id}`, { token: as.bob.token })
    expect((await socket.first('ready')).data).toEqual({ group_id: id, seq: 1 })
    const { body } = await spend(as.ann, id)
    const path = `/api/expenses/${body.data.id}`
    await as.ann.patch(`${path}/`, { amount: '12.00' })
    await as.bob.post(`${path}/comments/`, { comment: 'Was it good?' })
    await as.ann.delete(`${path}/`)
    await as.ann.post(`${path}/restore/`)
    const { body: large } = await spend(as.bob, id, { amount: '60.00' })
    await as.ann.post(`/api/expenses/${large.data.id}/approve/`)
    const told = await socket.upTo(id, 8)
    expect(told.slice(1).map(shapeOf)).toEqual([
      '2 expense_update created', '2 balance_update', '2 group_activity expense_added',
      '3 expense_update updated', '3 balance_update', '3 group_activity expense_updated',
      '4 expense_update commented', '4 group_activity expense_commented',
      '5 expense_update deleted', '5 balance_update', '5 group_activity expense_deleted',
      '6 expense_update restored', '6 balance_update', '6 group_activity expense_restored',
      '7 expense_update created', '7 group_activity expense_added',
      '8 expense_update approved', '8 balance_update', '8 group_activity expense_approved',
    ]) // oxfmt-ignore
    const [, expense, balance, activity] = told
    expect(expense?.data.expense).toMatchObject({ id: body.data.id, amount: '10.00', paid_by: { name: 'ann Test' } })
    expect(balance?.data.balances.map((line: { balance: string }) => line.balance)).toEqual(['5.00', '-5.00'])
    expect(activity?.data).toEqual({
      group_id: id,
      activity: { type: 'expense_added', user: 'ann Test', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
  })

  test("shows the expense as a reply would, with a category of one's own", async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { body: category } = await as.ann.post('/api/categories/', { name: 'Llamas' })
    const socket = await listen(`/ws/groups/${id}`, { token: as.bob.token })
    await socket.first('ready')
    const { body } = await spend(as.ann, id, { category_id: category.data.id })
    expect((await socket.first('expense_update')).data.expense).toEqual(body.data)
  })

  test('shows what becomes of a settlement, and the balances that it moves', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await spend(as.ann, id)
    const socket = await listen(`/ws/groups/${id}`, { token: as.ann.token })
    const { data } = await socket.first('snapshot')
    const { body } = await as.bob.post('/api/payments/settlements/', { group_id: id, payee_id: as.ann.id, amount: '5.00' })
    const paid = await as.ann.post(`/api/payments/settlements/${body.data.id}/confirm/`, {})
    await socket.upTo(id, data.seq + 2)
    const told = socket.messages.filter(({ seq }) => seq !== undefined && seq > data.seq)
    expect(told.map(({ type, seq }) => `${seq - data.seq} ${type}`)).toEqual([
      '1 payment_update',
      '1 group_activity',
      '2 payment_update',
      '2 balance_update',
      '2 group_activity',
    ])
    expect(told[2]?.data).toEqual({
      settlement_id: body.data.id,
      status: 'completed',
      payer: 'bob Test',
      amount: '5.00',
      settlement: paid.body.data,
    })
  })

  test('keeps the list of balances right when people come, change and go', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const cid = await person('cid')
    const ledger = new LiveLedger()
    const socket = await listen(`/ws/groups/${id}`, { token: as.ann.token, onMessage: (message) => ledger.hear(message) })
    await socket.first('snapshot')
    const { body } = await as.ann.get(`/api/groups/${id}/`)
    await as.ann.patch(`/api/groups/${id}/`, { currency: 'CHF' })
    await cid.post('/api/groups/join/', { invite_code: body.data.invite_code })
    const { body: guest } = await as.ann.post(`/api/groups/${id}/members/`, { name: 'Grandma' })
    await as.ann.delete(`/api/groups/${id}/members/${guest.data.id}/`)
    await cid.post(`/api/groups/${id}/leave/`)
    await spend(as.bob, id)
    const { body: after } = await as.ann.get(`/api/groups/${id}/balances/`)
    await socket.upTo(id, after.data.seq)
    expect(sorted(ledger.lines)).toEqual(sorted(linesOf(after.data.balances)))
    expect(ledger.lines).toHaveLength(2)
    expect(ledger.faults).toEqual([])
  })

  test('tells again what was missed, as it was told at the time', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const socket = await listen(`/ws/groups/${id}`, { token: as.ann.token })
    await socket.first('ready')
    for (const amount of ['10.00', '20.00', '0.01', '5.55']) await spend(as.bob, id, { amount })
    const live = await socket.upTo(id, 5)
    const late = await listen(`/ws/groups/${id}?from_seq=2`, { token: as.bob.token })
    const again = await late.upTo(id, 5)
    const ofBalances = (messages: readonly Message[]) => messages.filter((m) => m.seq > 2 && m.type !== 'expense_update')
    expect(ofBalances(again)).toEqual(ofBalances(live))
    expect(again.map(shapeOf)).toEqual(live.filter((m) => m.seq > 2).map(shapeOf))
    expect((await late.first('ready')).data.seq).toBe(5)
  })

  test('gives a snapshot to whoever asks for none of the past, or for more than there is', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await spend(as.ann, id)
    const { body } = await as.ann.get(`/api/groups/${id}/balances/`)
    for (const query of ['', '?from_seq=3']) {
      const socket = await listen(`/ws/groups/${id}${query}`, { token: as.bob.token })
      expect(await socket.first('snapshot')).toEqual({ type: 'snapshot', group_id: id, seq: 2, data: body.data })
    }
    const upToDate = await listen(`/ws/groups/${id}?from_seq=2`, { token: as.bob.token })
    await spend(as.ann, id)
    expect((await upToDate.upTo(id, 3)).map((m) => m.seq)).toEqual([3, 3, 3])
  })

  test('lives on through hibernation, and misses nothing that was written meanwhile', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const sockets = [await listen(`/ws/groups/${id}`, { token: as.ann.token }), await listen(`/ws/groups/${id}`, { auth: signIn(as.bob) })]
    for (const socket of sockets) await socket.first('snapshot')
    for (let seq = 2; seq < 6; seq++) {
      await spend(as.ann, id)
      await evict(id)
    }
    await spend(as.bob, id)
    for (const socket of sockets) {
      const told = await socket.upTo(id, 6)
      expect(told.filter((m) => m.type === 'group_activity').map((m) => m.seq)).toEqual([2, 3, 4, 5, 6])
    }
  })

  test('whoever joins while others write misses nothing', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const told = (path: string, from: number) =>
      path === '/ws/' ? listen(path, { auth: signIn(as.bob, { [id]: from }) }) : listen(`${path}?from_seq=${from}`, { token: as.bob.token })
    for (let round = 0; round < 12; round++) {
      const path = round % 3 === 2 ? '/ws/' : `/ws/groups/${id}`
      const from = 1 + round * 4
      const writing = Array.from({ length: 4 }, () => spend(as.ann, id))
      const [listener] = await Promise.all([told(path, from), ...writing])
      const seqs = (await listener.upTo(id, from + 4)).filter((m) => m.type === 'group_activity').map((m) => m.seq)
      expect(seqs).toEqual([from + 1, from + 2, from + 3, from + 4])
      listener.close()
    }
  })

  test('answers everybody who wakes it at once', async () => {
    const { id, as } = await group(['ann', 'bob'])
    for (let i = 0; i < 5; i++) await spend(as.ann, id)
    await evict(id)
    const asked = await Promise.all([spend(as.ann, id), ...Array.from({ length: 8 }, () => as.bob.get(`/api/groups/${id}/balances/`))])
    expect(asked.map((reply) => reply.status)).toEqual([201, ...Array.from({ length: 8 }, () => 200)])
  })
})

describe('the socket of a user', () => {
  test('tells of all their groups, the personal one first', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { body } = await as.bob.post('/api/groups/', { name: 'Another', currency: 'EUR' })
    const socket = await listen('/ws/', { auth: signIn(as.bob) })
    const { data } = await socket.first('ready')
    const [personal] = data.groups
    expect(data.groups).toEqual([
      { group_id: personal.group_id, seq: 1 },
      { group_id: body.data.id, seq: 1 },
      { group_id: id, seq: 1 },
    ])
    await spend(as.ann, id)
    await spend(as.bob, body.data.id)
    await as.bob.post('/api/expenses/', { title: 'Lunch', amount: '5.00' })
    for (const groupId of [id, body.data.id, personal.group_id]) {
      const told = await socket.upTo(groupId, 2)
      expect(told.map((m) => m.type)).toEqual(['expense_update', 'balance_update', 'group_activity'])
    }
  })

  test('tells of a group joined later from the entry that brought them in, and of none any more that they left', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const cid = await person('cid')
    const socket = await listen('/ws/', { auth: signIn(cid) })
    const { data } = await socket.first('ready')
    await spend(as.ann, id)
    const { body } = await as.ann.get(`/api/groups/${id}/`)
    await cid.post('/api/groups/join/', { invite_code: body.data.invite_code })
    const { body: made } = await as.ann.post('/api/groups/', { name: 'Made for cid', currency: 'EUR', initial_members: [cid.email] })
    await spend(as.ann, made.data.id)
    expect((await socket.upTo(made.data.id, 2)).map(shapeOf)).toEqual([
      '1 balance_update',
      '1 group_activity group_created',
      '2 expense_update created',
      '2 balance_update',
      '2 group_activity expense_added',
    ])
    await as.ann.patch(`/api/groups/${id}/`, { name: 'Renamed' })
    expect((await socket.upTo(id, 4)).map(shapeOf)).toEqual([
      '3 balance_update',
      '3 group_activity member_joined',
      '4 balance_update',
      '4 group_activity group_updated',
    ])

    await cid.post(`/api/groups/${id}/leave/`)
    await spend(as.ann, id)
    await cid.post('/api/expenses/', { title: 'Lunch', amount: '5.00' })
    await socket.upTo(data.groups[0].group_id, 2)
    const told = await socket.upTo(id, 5)
    expect(told.at(-1)).toMatchObject({ seq: 5, data: { activity: { type: 'member_left', user: 'cid Test' } } })
    const next = await listen('/ws/', { auth: signIn(cid, { [id]: 3 }) })
    expect((await next.first('ready')).data.groups.map((g: { group_id: string }) => g.group_id)).not.toContain(id)
  })

  test('resumes in each group behind the cursor that is given', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { body } = await as.ann.post('/api/groups/', { name: 'Another', currency: 'EUR', initial_members: [as.bob.email] })
    for (const groupId of [id, body.data.id]) for (let i = 0; i < 3; i++) await spend(as.ann, groupId)
    const socket = await listen('/ws/', { auth: signIn(as.bob, { [id]: 2, [body.data.id]: 999 }) })
    expect((await socket.upTo(id, 4)).map((m) => m.seq)).toEqual([3, 3, 3, 4, 4, 4])
    expect(await socket.first('snapshot')).toMatchObject({ group_id: body.data.id, seq: 4 })
    await spend(as.ann, body.data.id)
    expect((await socket.upTo(body.data.id, 5)).map((m) => m.seq)).toEqual([4, 5, 5, 5])
  })

  test('loses nothing when the objects behind it are evicted', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const hub = await personalGroup(as.bob)
    const sockets = [await listen('/ws/', { auth: signIn(as.bob) }), await listen('/ws/', { token: as.bob.token })]
    for (const socket of sockets) await socket.first('ready')
    for (let seq = 2; seq < 10; seq++) {
      await spend(as.ann, id)
      await (seq % 2 === 0 ? evict(hub) : evict(id))
    }
    for (const socket of sockets) {
      const told = await socket.upTo(id, 9)
      expect(told.filter((m) => m.type === 'group_activity').map((m) => m.seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    }
  })

  test('asks for what a note left out, and drops what it repeats', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const hub = env.GROUP.getByName(await personalGroup(as.bob))
    if (!isId('group', id)) throw new Error('a group has an id')
    const socket = await listen('/ws/', { token: as.bob.token })
    await socket.first('ready')
    // As if the word of the first two entries had been lost on its way.
    await runInDurableObject(env.GROUP.getByName(id), (_, state) => state.storage.kv.delete(`subscriber:${as.bob.id}`))
    await evict(id)
    for (let i = 0; i < 2; i++) await spend(as.ann, id)
    const note = { groupId: id, since: 2, seq: 3, spelled: [], hasEnded: false }
    expect(
      await Promise.all([hub.relay(note), hub.relay(note), hub.relay({ ...note, spelled: [{ seq: 2, messages: ['{}'] }], seq: 2 })]),
    ).toEqual([true, true, true])
    expect((await socket.upTo(id, 3)).map((m) => m.seq)).toEqual([2, 2, 2, 3, 3, 3])
  })

  test('a hub to which nobody listens any more is forgotten', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const subscribers = (): Promise<number> =>
      runInDurableObject(env.GROUP.getByName(id), (_, state) => [...state.storage.kv.list({ prefix: 'subscriber:' })].length)
    const socket = await listen('/ws/', { token: as.bob.token })
    await socket.first('ready')
    expect(await subscribers()).toBe(1)
    socket.close()
    await spend(as.ann, id)
    await vi.waitFor(async () => expect(await subscribers()).toBe(0))
  })
})
