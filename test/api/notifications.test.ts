// The list of what somebody was told, and what they say of how they want to be told. The document's examples are cases.
import { describe, expect, test } from 'vitest'
import { purgeExpired } from '../../src/db/purge.ts'
import { TYPES } from '../../src/domain/notification.ts'
import { DAY } from '../../src/domain/time.ts'
import { env } from '../support/env.ts'
import { storeNotification } from '../support/notified.ts'
import { person, worker, type Client } from '../support/world.ts'

const LIST = '/api/notifications/'
const PREFERENCES = `${LIST}preferences/`

/** Somebody who was told so many things, the last one last; and their ids. */
async function told(count: number, fields: Parameters<typeof storeNotification>[1] = {}): Promise<{ who: Client; ids: string[] }> {
  const who = await person('told', { timezone: 'Europe/Berlin' })
  const ids: string[] = []
  const start = Date.now() - 60_000
  for (let i = 0; i < count; i++) ids.push(await storeNotification(who.id, { createdAt: start + i, ...fields }))
  return { who, ids }
}

const idsOf = ({ body }: { body: any }): string[] => body.data.map((n: { id: string }) => n.id)
const preferencesOf = async (who: Client): Promise<any> => (await who.get(PREFERENCES)).body.data
const typeOf = async (who: Client, type: string) => (await preferencesOf(who)).preferences.find((p: { type: string }) => p.type === type)
const detailOf = async (who: Client, body: unknown) => {
  const reply = await who.put(PREFERENCES, body)
  expect(reply.status).toBe(422)
  return reply.body.error.details[0]
}

describe('listNotifications', () => {
  test('is the newest first, and the unread are counted whatever is filtered', async () => {
    const { who, ids } = await told(3)
    await who.put(`${LIST}${ids[0]}/read/`, undefined)
    const all = await who.get(LIST)
    expect(idsOf(all)).toEqual(ids.toReversed())
    expect(all.body.meta).toMatchObject({ unread_count: 2, pagination: { total_items: 3, page: 1 } })
    const read = await who.get(`${LIST}?is_read=true`)
    expect([idsOf(read), read.body.meta.unread_count, read.body.meta.pagination.total_items]).toEqual([[ids[0]], 2, 1])
    expect(idsOf(await who.get(`${LIST}?is_read=false`))).toEqual([ids[2], ids[1]])
  })

  test('is filtered by type and priority, and an unknown one is refused with those there are', async () => {
    const { who, ids } = await told(1)
    const overdue = await storeNotification(who.id, { type: 'payment_overdue', priority: 'urgent' })
    expect(idsOf(await who.get(`${LIST}?type=payment_overdue`))).toEqual([overdue])
    expect(idsOf(await who.get(`${LIST}?priority=normal`))).toEqual(ids)
    expect(idsOf(await who.get(`${LIST}?priority=normal&type=payment_overdue`))).toEqual([])
    const { body } = await who.get(`${LIST}?type=expense`)
    expect(body.error.details[0]).toMatchObject({ field: 'type', message: expect.stringContaining('expense_added, expense_updated') })
  })

  test('is leafed through by page and by cursor, also where many are of one moment', async () => {
    const { who } = await told(7, { createdAt: 1_700_000_000_000 })
    const all = idsOf(await who.get(LIST))
    expect(all).toHaveLength(7)
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await who.get(`${LIST}?page_size=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...idsOf(page))
      cursor = page.body.meta.pagination.next_cursor
    }
    expect(seen).toEqual(all)
    expect(idsOf(await who.get(`${LIST}?page=3&page_size=3`))).toEqual(all.slice(6))
  })

  test('the place in the list and the count of the unread come from indexes', async () => {
    const plan = async (sql: string): Promise<string> =>
      (await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>()).results.map((row) => row.detail).join('; ')
    const mine = "FROM notifications WHERE user_id = 'x' AND is_listed = 1"
    expect(await plan(`SELECT * ${mine} AND (created_at, id) < (5, 'a') ORDER BY created_at DESC, id DESC LIMIT 20`)).toMatch(
      /^SEARCH notifications USING INDEX notifications_user \(user_id=\? AND/,
    )
    expect(await plan(`SELECT COUNT(*) ${mine} AND read_at IS NULL`)).toContain('notifications_unread (user_id=?)')
  })
})

describe('markNotificationRead', () => {
  test('says when, and keeps that', async () => {
    const { who, ids } = await told(1)
    const first = await who.put(`${LIST}${ids[0]}/read/`, undefined)
    expect(first.body.data).toEqual({ id: ids[0], is_read: true, read_at: expect.stringMatching(/Z$/) })
    expect((await who.put(`${LIST}${ids[0]}/read/`, undefined)).body.data).toEqual(first.body.data)
    expect((await who.get(`${LIST}${ids[0]}/`)).body.data).toMatchObject({ is_read: true, read_at: first.body.data.read_at })
  })

  test('is taken back', async () => {
    const { who, ids } = await told(1)
    await who.put(`${LIST}${ids[0]}/read/`, undefined)
    expect((await who.put(`${LIST}${ids[0]}/unread/`, undefined)).body.data).toEqual({ id: ids[0], is_read: false, read_at: null })
    expect((await who.get(LIST)).body.meta.unread_count).toBe(1)
  })

  test('all at once, and the same answer to the same request', async () => {
    const { who } = await told(5)
    const headers = { 'Idempotency-Key': 'all' }
    expect((await who.post(`${LIST}mark-all-read/`, undefined, { headers })).body.data).toEqual({ updated_count: 5 })
    expect((await who.post(`${LIST}mark-all-read/`, undefined, { headers })).body.data).toEqual({ updated_count: 5 })
    expect((await who.post(`${LIST}mark-all-read/`)).body.data).toEqual({ updated_count: 0 })
    expect((await who.get(LIST)).body.meta.unread_count).toBe(0)
  })
})

describe('notifications of somebody else', () => {
  test('are not found, whatever is asked of them, and stay as they are', async () => {
    const [{ who, ids }, stranger] = [await told(1), await person('stranger')]
    const one = `${LIST}${ids[0]}/`
    const replies = await Promise.all([
      stranger.get(one),
      stranger.delete(one),
      stranger.put(`${one}read/`, undefined),
      stranger.put(`${one}unread/`, undefined),
    ])
    expect(replies.map(({ status, body }) => `${status} ${body.error.code}`)).toEqual(replies.map(() => '404 RESOURCE_NOT_FOUND'))
    expect((await stranger.post(`${LIST}mark-all-read/`)).body.data).toEqual({ updated_count: 0 })
    expect((await who.get(LIST)).body.meta.unread_count).toBe(1)
    expect(idsOf(await stranger.get(LIST))).toEqual([])
  })
})

describe('deleteNotification', () => {
  test('takes it away for good', async () => {
    const { who, ids } = await told(2)
    expect((await who.delete(`${LIST}${ids[0]}/`)).status).toBe(204)
    expect((await who.delete(`${LIST}${ids[0]}/`)).status).toBe(404)
    expect(idsOf(await who.get(LIST))).toEqual([ids[1]])
  })
})

describe('getNotificationPreferences', () => {
  test('lists every type, with the defaults where nothing was said', async () => {
    const who = await person('quiet', { timezone: 'America/New_York' })
    const { preferences, ...rest } = await preferencesOf(who)
    expect(rest).toEqual({
      email_enabled: true,
      push_enabled: false,
      sms_enabled: false,
      whatsapp_enabled: false,
      quiet_hours: { enabled: false, start: '22:00', end: '08:00', timezone: 'America/New_York' },
    })
    expect(preferences.map((p: { type: string }) => p.type)).toEqual(TYPES)
    expect(preferences).toContainEqual({ type: 'expense_added', enabled: true, channels: ['email', 'in_app'], frequency: 'immediate' })
    expect(preferences).toContainEqual({ type: 'payment_due', enabled: true, channels: ['email', 'push', 'in_app'], frequency: 'daily' })
  })
})

describe('updateNotificationPreferences', () => {
  const EXAMPLE = {
    email_enabled: true,
    push_enabled: true,
    preferences: [{ type: 'expense_added', enabled: false }],
    quiet_hours: { enabled: true, start: '23:00', end: '07:00' },
  }

  test("takes the document's example, and answers as it does", async () => {
    const who = await person('quiet', { timezone: 'America/New_York' })
    const { status, body } = await who.put(PREFERENCES, EXAMPLE)
    expect([status, body.status, body.message]).toEqual([200, 'success', 'Preferences updated successfully'])
    const after = await preferencesOf(who)
    expect(after).toMatchObject({ email_enabled: true, push_enabled: true, sms_enabled: false })
    expect(after.quiet_hours).toEqual({ enabled: true, start: '23:00', end: '07:00', timezone: 'America/New_York' })
    expect(await typeOf(who, 'expense_added')).toEqual({
      type: 'expense_added',
      enabled: false,
      channels: ['email', 'in_app'],
      frequency: 'immediate',
    })
  })

  test('changes what is named and keeps the rest, also when two change at once', async () => {
    const who = await person('quiet')
    const changes = [
      { sms_enabled: true },
      { whatsapp_enabled: true },
      { preferences: [{ type: 'expense_added', frequency: 'weekly' }] },
      { preferences: [{ type: 'expense_added', channels: ['push'] }] },
      { preferences: [{ type: 'member_left', enabled: false }] },
      { quiet_hours: { start: '21:30' } },
      { quiet_hours: { enabled: true } },
      { push_enabled: true },
    ]
    const replies = await Promise.all(changes.map((change) => who.put(PREFERENCES, change)))
    expect(replies.map((reply) => reply.status)).toEqual(changes.map(() => 200))
    const after = await preferencesOf(who)
    expect(after).toMatchObject({ email_enabled: true, push_enabled: true, sms_enabled: true, whatsapp_enabled: true })
    expect(after.quiet_hours).toMatchObject({ enabled: true, start: '21:30', end: '08:00' })
    expect(await typeOf(who, 'expense_added')).toMatchObject({ enabled: true, channels: ['push'], frequency: 'weekly' })
    expect(await typeOf(who, 'member_left')).toMatchObject({ enabled: false })
    await who.put(PREFERENCES, { preferences: [{ type: 'expense_added', channels: ['in_app', 'email'] }] })
    expect(await typeOf(who, 'expense_added')).toMatchObject({ channels: ['in_app', 'email'], frequency: 'weekly' })
  })

  test('the zone of quiet hours follows the account unless one is named', async () => {
    const who = await person('mover', { timezone: 'Europe/Berlin' })
    await who.put(PREFERENCES, { quiet_hours: { enabled: true, timezone: null } })
    await who.patch('/api/users/me/', { timezone: 'Asia/Tokyo' })
    expect((await preferencesOf(who)).quiet_hours.timezone).toBe('Asia/Tokyo')
    await who.put(PREFERENCES, { quiet_hours: { timezone: 'Europe/Paris' } })
    expect((await preferencesOf(who)).quiet_hours.timezone).toBe('Europe/Paris')
    await who.put(PREFERENCES, { quiet_hours: { timezone: null } })
    expect((await preferencesOf(who)).quiet_hours).toEqual({ enabled: true, start: '22:00', end: '08:00', timezone: 'Asia/Tokyo' })
  })

  test('email and push are the settings of the account, whichever of the two changes them', async () => {
    const who = await person('both')
    const before = (await who.get('/api/users/me/')).body.data
    await who.put(PREFERENCES, { email_enabled: false, push_enabled: true })
    const after = (await who.get('/api/users/me/')).body.data
    expect(after.settings).toEqual({ notifications_enabled: true, email_notifications: false, push_notifications: true })
    expect(after.version).toBe(before.version + 1)
    // Nothing moves, so whoever holds the ETag of the account still may.
    await who.put(PREFERENCES, { email_enabled: false, sms_enabled: true })
    expect((await who.get('/api/users/me/')).body.data.version).toBe(after.version)
    await who.patch('/api/users/me/', { settings: { email_notifications: true } })
    expect(await preferencesOf(who)).toMatchObject({ email_enabled: true, push_enabled: true, sms_enabled: true })
  })

  test('a request that comes again changes nothing again', async () => {
    const who = await person('again')
    const headers = { 'Idempotency-Key': 'once' }
    await who.put(PREFERENCES, { sms_enabled: true }, { headers })
    await who.put(PREFERENCES, { sms_enabled: false })
    const { headers: said } = await who.put(PREFERENCES, { sms_enabled: true }, { headers })
    expect([said.get('idempotent-replayed'), (await preferencesOf(who)).sms_enabled]).toEqual(['true', false])
  })

  test.each<[what: string, body: unknown, detail: object]>([
    [
      'an unknown type, with those there are',
      { preferences: [{ type: 'expense' }] },
      { field: 'preferences.0.type', message: `Must be one of ${TYPES.join(', ')}` },
    ],
    ['a type named twice', { preferences: [{ type: 'member_left' }, { type: 'member_left' }] }, { message: 'Must not name a type twice' }],
    [
      'an unknown channel',
      { preferences: [{ type: 'member_left', channels: ['pigeon'] }] },
      { message: 'Must be one of in_app, email, push, sms, whatsapp' },
    ],
    [
      'a channel named twice',
      { preferences: [{ type: 'member_left', channels: ['sms', 'sms'] }] },
      { message: 'Must not name a channel twice' },
    ],
    [
      'no channel',
      { preferences: [{ type: 'member_left', channels: [] }] },
      { message: 'Must name a channel; send enabled: false for none' },
    ],
    [
      'an unknown frequency',
      { preferences: [{ type: 'member_left', frequency: 'hourly' }] },
      { message: 'Must be one of immediate, daily, weekly' },
    ],
    [
      'a time that no clock shows',
      { quiet_hours: { start: '24:00' } },
      { field: 'quiet_hours.start', message: expect.stringContaining('HH:MM') },
    ],
    [
      'a zone that does not exist',
      { quiet_hours: { timezone: 'Mars/Olympus' } },
      { field: 'quiet_hours.timezone', message: 'Must be a time zone such as Europe/Berlin' },
    ],
    [
      'quiet hours without a length',
      { quiet_hours: { start: '07:00', end: '07:00' } },
      { field: 'quiet_hours.end', expected: 'not 07:00' },
    ],
    [
      'quiet hours that come to no length with what was said before',
      { quiet_hours: { start: '08:00' } },
      { field: 'quiet_hours.end', got: '08:00' },
    ],
    ['a field that there is not', { telegram_enabled: true }, { field: 'telegram_enabled' }],
  ])('refuses %s', async (_, body, detail) => {
    expect(await detailOf(await person('wrong'), body)).toMatchObject(detail)
  })
})

describe('purge', () => {
  test('what was read is kept 90 days, the rest 400', async () => {
    const who = await person('old')
    const now = Date.now()
    const stored = (days: number) => storeNotification(who.id, { createdAt: now - days * DAY })
    const [readOld, read, unread, unreadOld] = [await stored(91), await stored(89), await stored(399), await stored(401)]
    for (const id of [readOld, read]) await who.put(`${LIST}${id}/read/`, undefined)
    await purgeExpired(env.DB, now)
    expect(idsOf(await who.get(LIST))).toEqual([read, unread])
    expect((await who.get(`${LIST}${unreadOld}/`)).status).toBe(404)
  })
})

describe('/dev/messages', () => {
  test('shows in a browser what would have been sent, and what was written in it stays text', async () => {
    await env.FILES.put(
      'dev-messages/eml_x.json',
      JSON.stringify({ id: 'eml_x', channel: 'push', userId: 'usr_x', title: '<b>Hi</b>', text: '<script>1</script>', date: '2026-11-20' }),
    )
    const page = await (await worker.fetch('https://api.test/dev/messages')).text()
    expect(page).toContain('&lt;b&gt;Hi&lt;/b&gt;')
    expect(page).not.toContain('<script>')
  })
})
