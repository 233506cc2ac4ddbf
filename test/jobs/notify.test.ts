// Notifications on their way: once for each person who is concerned, in the list, on sockets, and by the channels
// that they chose, at the time that they chose, whatever fails in between.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect, runBatch } from '../../src/db/client.ts'
import type { Env } from '../../src/env.ts'
import { NOTHING, type Followed } from '../../src/jobs/context.ts'
import { announce } from '../../src/jobs/announce.ts'
import { followNotifications } from '../../src/jobs/notify.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup } from '../../src/jobs/tell.ts'
import type { Id } from '../../src/domain/ids.ts'
import type { Notification } from '../../src/domain/notification.ts'
import type { News } from '../../src/domain/telling.ts'
import { DAY, HOUR, MINUTE } from '../../src/domain/time.ts'
import type { KeptMessage } from '../../src/platform/messages.ts'
import { env } from '../support/env.ts'
import { FaultyD1 } from '../support/faults.ts'
import { jobAt } from '../support/jobs.ts'
import { listen, spend } from '../support/listen.ts'
import { notification } from '../support/notified.ts'
import { group, person, worker, type Client } from '../support/world.ts'

const db = connect(env.DB)
const settle = async (followed: Followed): Promise<void> => {
  await runBatch(db, followed.statements)
  await followed.after?.()
}

/** Everything told of the group so far. */
const tell = async (groupId: string): Promise<void> => {
  await tellGroup(jobAt(), groupId as Id<'group'>)
  await expect
    .poll(() => env.DB.prepare('SELECT seq - told_seq AS left FROM groups WHERE id = ?').bind(groupId).first('left'), { interval: 10 })
    .toBe(0)
}

const listOf = async (client: Client, query = ''): Promise<any> => (await client.get(`/api/notifications/?page_size=100${query}`)).body
const typesOf = async (client: Client): Promise<string[]> => (await listOf(client)).data.map((n: { type: string }) => n.type)

const messagesTo = async (client: Client): Promise<KeptMessage[]> =>
  (await worker.fetch(`https://api.test/dev/messages?user=${client.id}`, { headers: { accept: 'application/json' } })).json()

const noticesOf = async (client: Client): Promise<{ channel: string; due_at: number; mail_id: string | null }[]> =>
  (await env.DB.prepare('SELECT channel, due_at, mail_id FROM notices WHERE user_id = ? ORDER BY due_at').bind(client.id).all<any>())
    .results

const effectOf = (client: Client, channel = 'push') =>
  env.DB.prepare("SELECT due_at, done_at, attempts FROM outbox WHERE kind = 'notify' AND payload LIKE ? AND payload LIKE ?")
    .bind(`%${client.id}%`, `%"${channel}"%`)
    .first<{ due_at: number; done_at: number | null; attempts: number }>()

/** Somebody whom every reminder reaches by push, and nothing by mail. */
async function pushed(changes: Record<string, unknown> = {}): Promise<Client> {
  const who = await person('pushed', { timezone: 'UTC' })
  const { status } = await who.put('/api/notifications/preferences/', { push_enabled: true, email_enabled: false, ...changes })
  expect(status).toBe(200)
  return who
}

const remind = async (client: Client, now: number, fields: Partial<Notification> = {}): Promise<void> =>
  settle(await announce(jobAt(now), [notification(client.id, { createdAt: now, ...fields })]))

/** A store that is down. */
const broken = { ...env, FILES: { put: () => Promise.reject(new Error('the store is down')) } } as unknown as Env

/** RPC types every field as if it might hold a stub; this is plain data. */
const newsOf = (groupId: string): Promise<News> =>
  (env.GROUP.getByName(groupId) as unknown as { news(after: number): Promise<News> }).news(0)

describe('followNotifications', () => {
  test('tells who is concerned, with what the document shows, and not who did it', async () => {
    const { id, as } = await group(['john', 'jane', 'amy'], { name: 'Roommates', currency: 'USD' })
    const { body } = await spend(as.john, id, {
      title: 'Groceries',
      amount: '45.67',
      split_type: 'equal',
      split_data: { participants: [as.john.id, as.jane.id] },
    })
    await tell(id)
    const { data, meta } = await listOf(as.jane, '&type=expense_added')
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^ntf_[0-9a-z]{26}$/),
        type: 'expense_added',
        title: 'New expense in Roommates',
        message: "john Test added 'Groceries' expense of $45.67",
        priority: 'normal',
        is_read: false,
        read_at: null,
        sender: { id: as.john.id, name: 'john Test' },
        metadata: { expense_id: body.data.id, group_id: id, group_name: 'Roommates', seq: 2, amount: '45.67', currency: 'USD' },
        action_url: `/expenses/${body.data.id}`,
        created_at: body.data.created_at,
      },
    ])
    expect(meta.unread_count).toBe(2)
    expect(await typesOf(as.jane)).toEqual(['expense_added', 'group_added'])
    expect(await typesOf(as.amy)).toEqual(['group_added'])
    expect(await typesOf(as.john)).toEqual([])
  })

  test('tells once, however many tell at the same time and however often', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await spend(as.ann, id)
    await spend(as.ann, id)
    await Promise.all(Array.from({ length: 5 }, () => tellGroup(jobAt(), id as Id<'group'>)))
    await tell(id)
    await env.DB.prepare('UPDATE groups SET told_seq = 0 WHERE id = ?').bind(id).run()
    await env.DB.prepare('DELETE FROM inbox WHERE message_id LIKE ?').bind(`${id}:%`).run()
    await tell(id)
    expect(await typesOf(as.bob)).toEqual(['expense_added', 'expense_added', 'group_added'])
  })

  test('tells the account of an invited address, a removed member, and a member with a new role', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const dan = await person('dan')
    await as.ann.post(`/api/groups/${id}/invite/`, { email: dan.email })
    await as.ann.patch(`/api/groups/${id}/members/${as.bob.id}/`, { role: 'admin' })
    await as.bob.delete(`/api/groups/${id}/members/${as.cid.id}/`)
    await tell(id)
    expect((await listOf(dan)).data).toMatchObject([{ type: 'group_invitation', priority: 'high', action_url: null }])
    expect(await typesOf(as.bob)).toEqual(['role_changed', 'group_added'])
    expect(await typesOf(as.cid)).toEqual(['member_removed', 'group_added'])
    expect(await typesOf(as.ann)).toEqual(['member_left'])
  })

  test('an account that rests is told nothing, and a profile that changes tells nobody', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await tell(id)
    await as.bob.post('/api/users/me/deactivate/')
    await spend(as.ann, id)
    await as.ann.patch('/api/users/me/', { first_name: 'Anna' })
    await drainOutbox(jobAt())
    await tell(id)
    await as.bob.post('/api/users/me/reactivate/')
    const { results } = await env.DB.prepare('SELECT type FROM notifications WHERE user_id = ?').bind(as.bob.id).all()
    expect(results).toEqual([{ type: 'group_added' }])
  })

  test('a portion that concerns nobody asks the database nothing', async () => {
    const { id, as } = await group(['ann'])
    await spend(as.ann, id)
    const news = await newsOf(id)
    const deaf = { ...jobAt(), db: { $client: undefined } } as unknown as ReturnType<typeof jobAt>
    expect(await followNotifications(deaf, id as Id<'group'>, news)).toBe(NOTHING)
  })

  test('however much happened it is one read and at most three statements', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid', 'dan'])
    await as.bob.put('/api/notifications/preferences/', {
      push_enabled: true,
      preferences: [{ type: 'expense_added', channels: ['in_app', 'push'] }],
    })
    for (let i = 0; i < 8; i++) await spend(as.ann, id, { title: `No. ${i}` })
    const news = await newsOf(id)
    let reads = 0
    const counted = new FaultyD1(env.DB, { read: () => (reads++, false) })
    const { statements } = await followNotifications({ ...jobAt(), db: connect(counted.asD1) }, id as Id<'group'>, news)
    expect([reads, statements.length]).toEqual([1, 3])
  })
})

describe('announce', () => {
  test('whoever is told by other channels alone has nothing in the list', async () => {
    const who = await pushed({ preferences: [{ type: 'balance_reminder', channels: ['push'] }] })
    await remind(who, tomorrow())
    expect((await listOf(who)).data).toEqual([])
    expect((await listOf(who)).meta.unread_count).toBe(0)
    expect(await noticesOf(who)).toMatchObject([{ channel: 'push' }])
  })

  test('who turned a type off is not told, and who is muted is told in the app alone', async () => {
    const off = await pushed({ preferences: [{ type: 'balance_reminder', enabled: false }] })
    const muted = await pushed()
    await muted.patch('/api/users/me/', { settings: { notifications_enabled: false } })
    for (const who of [off, muted]) await remind(who, tomorrow())
    expect(await env.DB.prepare('SELECT * FROM notifications WHERE user_id = ?').bind(off.id).first()).toBeNull()
    expect([(await listOf(muted)).data.length, await noticesOf(muted), await noticesOf(off)]).toEqual([1, [], []])
  })

  test('email goes to a verified address only', async () => {
    const who = await person('mailed')
    await remind(who, tomorrow())
    expect(await noticesOf(who)).toEqual([])
    await env.DB.prepare('UPDATE users SET is_verified = 1 WHERE id = ?').bind(who.id).run()
    await remind(who, tomorrow())
    expect(await noticesOf(who)).toMatchObject([{ channel: 'email' }])
  })

  test('a socket also hears of groups that its user is not in: an invitation', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const dan = await person('dan')
    const socket = await listen('/ws/', { token: dan.token })
    await socket.first('ready')
    await as.ann.post(`/api/groups/${id}/invite/`, { email: dan.email })
    await tell(id)
    expect((await socket.first('notification')).data).toMatchObject({ type: 'group_invitation', action_url: null })
    socket.close()
  })

  test('a socket of the user hears of it in the shape of the list; one of somebody else, and a key without the scope, do not', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'])
    const keyOf = async (scopes: string[]): Promise<string> =>
      (await as.bob.post('/api/api-keys/', { name: 'Listener', scopes })).body.data.key
    const [deafKey, key] = [
      await keyOf(['groups:read', 'expenses:read']),
      await keyOf(['groups:read', 'expenses:read', 'notifications:read']),
    ]
    await tell(id)
    const sockets = await Promise.all([as.bob.token, key, deafKey, as.cid.token].map((token) => listen('/ws/', { token })))
    for (const socket of sockets) await socket.first('ready')
    const { body } = await spend(as.ann, id, { split_type: 'equal', split_data: { participants: [as.ann.id, as.bob.id] } })
    await tell(id)
    const [bob, keyed, deaf, cid] = sockets
    const { data } = await listOf(as.bob)
    expect((await bob?.first('notification'))?.data).toEqual(data[0])
    expect((await keyed?.first('notification'))?.data.metadata.expense_id).toBe(body.data.id)
    for (const socket of [deaf, cid]) {
      await socket?.upTo(id, 2)
      expect(socket?.messages.filter(({ type }) => type === 'notification')).toEqual([])
    }
    for (const socket of sockets) socket.close()
  })
})

/** Later than anything that is drained in the background while the test runs. */
const tomorrow = (): number => Date.now() + DAY

describe('notify', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('sends what is due in one message, and the rest when it is', async () => {
    const who = await pushed()
    const now = tomorrow()
    for (const message of ['Tea', 'Jam']) await remind(who, now, { message, metadata: { group_name: 'Flat' } })
    await drainOutbox(jobAt(now))
    expect(await messagesTo(who)).toMatchObject([{ channel: 'push', title: '2 new in Flat', text: 'Tea\nJam' }])
    expect(await noticesOf(who)).toEqual([])
    expect((await effectOf(who))?.done_at).toBe(now)
    await remind(who, now + MINUTE, { message: 'Rent' })
    await drainOutbox(jobAt(now + MINUTE))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Rent', 'Tea\nJam'])
  })

  test('holds back what comes in quiet hours, and gathers the day of those who want that', async () => {
    const day = Math.floor(Date.now() / DAY + 2) * DAY
    const who = await pushed({
      preferences: [{ type: 'member_joined', channels: ['push'], frequency: 'daily' }],
      quiet_hours: { enabled: true, start: '22:00', end: '06:00' },
    })
    await remind(who, day - HOUR, { message: 'Late' })
    await remind(who, day - HOUR, { message: 'Newcomer', type: 'member_joined' })
    expect((await noticesOf(who)).map((notice) => notice.due_at)).toEqual([day + 6 * HOUR, day + 9 * HOUR])
    expect((await effectOf(who))?.due_at).toBe(day + 6 * HOUR)
    await drainOutbox(jobAt(day))
    expect(await messagesTo(who)).toEqual([])
    await drainOutbox(jobAt(day + 6 * HOUR))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Late'])
    expect(await effectOf(who)).toMatchObject({ due_at: day + 9 * HOUR, done_at: null })
    await drainOutbox(jobAt(day + 9 * HOUR))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Newcomer', 'Late'])
  })

  test('what is urgent passes quiet hours and brings the effect forward', async () => {
    const day = Math.floor(Date.now() / DAY + 4) * DAY
    const who = await pushed({ quiet_hours: { enabled: true, start: '22:00', end: '06:00' } })
    await remind(who, day, { message: 'Later' })
    await remind(who, day, { message: 'Now', type: 'payment_overdue', priority: 'urgent' })
    await drainOutbox(jobAt(day))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Now'])
    expect((await effectOf(who))?.due_at).toBe(day + 6 * HOUR)
  })

  test('a try that failed is made again with the same notices under the same id', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now, { message: 'First' })
    await drainOutbox(jobAt(now, broken))
    const [frozen] = await noticesOf(who)
    expect(frozen?.mail_id).toMatch(/^eml_/)
    await remind(who, now + 1, { message: 'Second' })
    await drainOutbox(jobAt(now + MINUTE))
    expect(await messagesTo(who)).toMatchObject([{ id: frozen?.mail_id, text: 'First' }])
    await drainOutbox(jobAt(now + MINUTE))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Second', 'First'])
  })

  test('a crash after sending sends nothing twice', async () => {
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now)
    const dying = new FaultyD1(env.DB, {
      rewrite: (sent) =>
        sent.some(({ text }) => text.startsWith('delete from "notices"')) ? Promise.reject(new Error('lost')) : Promise.resolve([sent]),
    })
    vi.spyOn(console, 'error').mockReturnValue()
    await drainOutbox({ ...jobAt(now), db: connect(dying.asD1) })
    expect([(await messagesTo(who)).length, (await noticesOf(who)).length]).toEqual([1, 1])
    await drainOutbox(jobAt(now + 2 * MINUTE))
    expect([(await messagesTo(who)).length, (await noticesOf(who)).length]).toEqual([1, 0])
  })

  test('what comes while others are being sent goes in the next message', async () => {
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now, { message: 'First' })
    const put = async (...args: Parameters<typeof env.FILES.put>) => {
      // Mails of other effects pass here too.
      if (args[0].startsWith('dev-messages/')) await remind(who, now, { message: 'Meanwhile' })
      return env.FILES.put(...args)
    }
    await drainOutbox(jobAt(now, { ...env, FILES: { put } as unknown as R2Bucket }))
    expect(await messagesTo(who)).toMatchObject([{ text: 'First' }])
    expect(await effectOf(who)).toMatchObject({ due_at: now, done_at: null, attempts: 0 })
    await drainOutbox(jobAt(now))
    expect((await messagesTo(who)).map(({ text }) => text)).toEqual(['Meanwhile', 'First'])
  })

  test('who turned the channel off in the meantime is sent nothing, then or later', async () => {
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now)
    await who.put('/api/notifications/preferences/', { push_enabled: false })
    await drainOutbox(jobAt(now + MINUTE))
    await who.put('/api/notifications/preferences/', { push_enabled: true })
    await drainOutbox(jobAt(now + 2 * MINUTE))
    expect([await messagesTo(who), await noticesOf(who)]).toEqual([[], []])
  })

  test('what was deleted from the list does not go out', async () => {
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now)
    const [one] = (await listOf(who)).data
    await who.delete(`/api/notifications/${one.id}/`)
    await drainOutbox(jobAt(now))
    expect([await messagesTo(who), await noticesOf(who)]).toEqual([[], []])
  })

  test('where no provider is set up nothing is kept, and the log says so', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const who = await pushed()
    const now = tomorrow()
    await remind(who, now)
    await drainOutbox(jobAt(now, { ...env, ENVIRONMENT: 'production' }))
    expect([await messagesTo(who), await noticesOf(who)]).toEqual([[], []])
    expect(logged.mock.calls.map(([line]) => JSON.parse(String(line)))).toContainEqual(
      expect.objectContaining({ channel: 'push', level: 'warn' }),
    )
  })
})
