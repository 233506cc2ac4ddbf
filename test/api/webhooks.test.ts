// Webhooks as their owner keeps them: what is taken, what is shown and to whom, and what is refused.
import { describe, expect, test } from 'vitest'
import { isId, newId } from '../../src/domain/ids.ts'
import { EVENTS } from '../../src/domain/events.ts'
import { MAX_ENDPOINTS } from '../../src/domain/webhook.ts'
import { said } from '../support/ask.ts'
import { env } from '../support/env.ts'
import { checkSigned, hook, Receiver, Runs, spend, type Hook } from '../support/hooks.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, send, type Client } from '../support/world.ts'

const HOST = 'https://hooks.example.com/quits'
const BODY = { url: HOST, events: ['expense.created'] }
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/

const make = (who: Client, fields: object = {}) => who.post('/api/webhooks/', { ...BODY, ...fields })
const at = ({ id }: Pick<Hook, 'id'>, path = ''): string => `/api/webhooks/${id}/${path}`

describe('createWebhook', () => {
  test('answers with the secret once; it is shown nowhere again, and stored where nobody can read it', async () => {
    const ann = await person('ann')
    const key = { headers: { 'idempotency-key': crypto.randomUUID() } }
    const made = await ann.post('/api/webhooks/', { ...BODY, description: ' Books ' }, key)
    expect(made.status).toBe(201)
    const { secret, ...shown } = made.body.data
    expect(secret).toMatch(SECRET)
    expect(isId('webhook', shown.id)).toBe(true)
    expect(shown).toMatchObject({
      url: HOST,
      events: ['expense.created'],
      description: 'Books',
      group_ids: null,
      is_enabled: true,
      version: 1,
    })
    const again = await ann.post('/api/webhooks/', { ...BODY, description: ' Books ' }, key)
    expect([again.body.data.id, again.body.data.secret, again.headers.get('idempotent-replayed')]).toEqual([shown.id, null, 'true'])

    const got = await ann.get(at(shown))
    expect([got.body.data, got.headers.get('etag')]).toEqual([shown, '"1"'])
    expect((await ann.get('/api/webhooks/')).body.data).toEqual([shown])
    const rows = await env.DB.prepare(
      'SELECT * FROM webhook_endpoints WHERE id = ?1 UNION ALL SELECT * FROM webhook_endpoints WHERE id = ?1',
    )
      .bind(shown.id)
      .all()
    const replies = await env.DB.prepare('SELECT outcome FROM idempotency').all()
    expect(JSON.stringify([rows, replies])).not.toContain(secret.slice(6, 30))
  })

  test('takes a secret of one’s own, every documented event, and the groups that one is in', async () => {
    const { id, as } = await group(['ann'])
    const made = await dataOf<Hook & { events: string[]; group_ids: string[] }>(
      make(as.ann, { events: EVENTS, group_ids: [id], secret: 'my-own-secret-of-16' }),
    )
    expect([made.secret, made.events, made.group_ids]).toEqual(['my-own-secret-of-16', [...EVENTS], [id]])
  })

  test.each([
    ['no URL', { url: undefined }, 'url'],
    ['plain http', { url: 'http://hooks.example.com' }, 'url'],
    ['an address', { url: 'https://10.0.0.1/' }, 'url'],
    ['another port', { url: 'https://hooks.example.com:8443/' }, 'url'],
    ['a user', { url: 'https://ann:x@hooks.example.com/' }, 'url'],
    ['an internal name', { url: 'https://db.internal/' }, 'url'],
    ['a long URL', { url: `https://hooks.example.com/${'x'.repeat(2048)}` }, 'url'],
    ['no events', { events: [] }, 'events'],
    ['an unknown event', { events: ['expense.eaten'] }, 'events.0'],
    ['an event that is only for tests', { events: ['webhook.test'] }, 'events.0'],
    ['an event twice', { events: ['*', '*'] }, 'events'],
    ['no groups', { group_ids: [] }, 'group_ids'],
    ['something else than a group', { group_ids: ['usr_01jd3k5m7n9pqrstvwxyz01234'] }, 'group_ids.0'],
    ['a strange group', { group_ids: ['grp_01jd3k5m7n9pqrstvwxyz01234'] }, 'group_ids.0'],
    ['too many groups', { group_ids: Array.from({ length: 51 }, () => newId('group')) }, 'group_ids'],
    ['a short secret', { secret: 'short' }, 'secret'],
    ['a secret that is no base64', { secret: 'whsec_no-base64-but-long-enough' }, 'secret'],
    ['a long description', { description: 'x'.repeat(201) }, 'description'],
    ['an unknown field', { is_enabled: true }, 'is_enabled'],
  ])('refuses %s', async (_, fields, field) => {
    const ann = await person('ann')
    const reply = await make(ann, fields)
    expect([reply.status, reply.body.error.code, reply.body.error.details[0].field]).toEqual([422, 'VALIDATION_ERROR', field])
    expect((await ann.get('/api/webhooks/')).body.data).toEqual([])
  })

  test('says what is expected of a URL', async () => {
    const { body } = await make(await person('ann'), { url: 'https://10.0.0.1/' })
    const [detail] = body.error.details
    expect(detail).toEqual({
      field: 'url',
      message: 'Must name a host, not an address',
      code: 'URL_NOT_ALLOWED',
      expected: expect.stringContaining('https://'),
      got: 'https://10.0.0.1/',
    })
  })

  test('holds to the most that an account may have, however many come at once', async () => {
    const ann = await person('ann')
    const replies = await Promise.all(Array.from({ length: MAX_ENDPOINTS + 4 }, () => make(ann)))
    expect(replies.map(({ status }) => status).sort()).toEqual([...Array<number>(MAX_ENDPOINTS).fill(201), 422, 422, 422, 422])
    const refused = replies.find(({ status }) => status === 422)
    expect(refused?.body.error.message).toMatch(/as many webhooks as it can/)
    const { body } = await ann.get('/api/webhooks/?page_size=5')
    expect([body.data.length, body.meta.pagination.total_items, body.meta.pagination.has_next]).toEqual([5, MAX_ENDPOINTS, true])
    await ann.delete(at(body.data[0]))
    expect((await make(ann)).status).toBe(201)
  })

  test('a group of another person, or that one has left, is not taken', async () => {
    const [mine, theirs] = await Promise.all([group(['ann', 'bob']), group(['cat'])])
    expect(said(await make(mine.as.ann, { group_ids: [mine.id, theirs.id] }))).toEqual([
      422,
      'VALIDATION_ERROR',
      'group_ids.1 UNKNOWN_GROUP',
    ])
    await mine.as.bob.post(`/api/groups/${mine.id}/leave/`)
    expect(said(await make(mine.as.bob, { group_ids: [mine.id] }))).toEqual([422, 'VALIDATION_ERROR', 'group_ids.0 UNKNOWN_GROUP'])
  })
})

describe('updateWebhook', () => {
  test('changes what is sent and keeps the rest', async () => {
    const { id, as } = await group(['ann'])
    const made = await dataOf<Hook>(make(as.ann))
    const change = (fields: object) => as.ann.patch(at(made), fields)
    expect((await change({ url: 'https://other.example.com' })).body.data).toMatchObject({ url: 'https://other.example.com/', version: 2 })
    expect((await change({ events: ['*'], group_ids: [id] })).body.data).toMatchObject({ events: ['*'], group_ids: [id], version: 3 })
    expect((await change({ group_ids: null, description: 'New' })).body.data).toMatchObject({
      group_ids: null,
      description: 'New',
      version: 4,
    })
    expect((await change({ is_enabled: false })).body.data).toMatchObject({ is_enabled: false, disabled_reason: 'owner', version: 5 })
    const back = (await change({ is_enabled: true })).body.data
    expect(back).toMatchObject({
      is_enabled: true,
      disabled_at: null,
      disabled_reason: null,
      url: 'https://other.example.com/',
      events: ['*'],
      version: 6,
    })
    expect((await as.ann.get(at(made))).body.data).toEqual(back)
  })

  test('refuses nothing at all, a bad URL, and what is not a field', async () => {
    const ann = await person('ann')
    const made = await dataOf<Hook>(make(ann))
    for (const body of [{}, { url: 'http://hooks.example.com' }, { secret: 'my-own-secret-of-16' }, { events: null }])
      expect((await ann.patch(at(made), body)).status).toBe(422)
    expect((await ann.get(at(made))).body.data.version).toBe(1)
  })

  test('holds only against the version in If-Match, and of many changes at once none is lost', async () => {
    const ann = await person('ann')
    const made = await dataOf<Hook>(make(ann))
    const stale = await ann.patch(at(made), { description: 'x' }, { headers: { 'if-match': '"7"' } })
    expect([stale.status, stale.body.error.current.version]).toEqual([412, 1])
    const replies = await Promise.all(
      ['description', 'events', 'url'].map((name) =>
        ann.patch(at(made), { [name]: { description: 'New', events: ['*'], url: 'https://new.example.com/' }[name] }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await ann.get(at(made))).body.data).toMatchObject({
      description: 'New',
      events: ['*'],
      url: 'https://new.example.com/',
      version: 4,
    })
  })
})

describe('another person’s webhook', () => {
  test('is not there: not to read, change, delete, rotate, test, list, redeliver or replay', async () => {
    const [ann, eve] = await Promise.all([person('ann'), person('eve')])
    const made = await hook(ann, new Receiver())
    const own = await hook(eve, new Receiver())
    const test_ = await dataOf(ann.post(at(made, 'test/')))
    const asked = await Promise.all([
      eve.get(at(made)),
      eve.patch(at(made), { description: 'Mine' }),
      eve.delete(at(made)),
      eve.post(at(made, 'rotate-secret/'), {}),
      eve.post(at(made, 'test/')),
      eve.get(at(made, 'deliveries/')),
      eve.get(at(made, `deliveries/${test_.id}/`)),
      eve.get(at(own, `deliveries/${test_.id}/`)),
      eve.post(at(made, `deliveries/${test_.id}/redeliver/`)),
      eve.post(at(own, `deliveries/${test_.id}/redeliver/`)),
      eve.post(at(made, 'replay/'), { group_id: newId('group'), from_seq: 1 }),
    ])
    expect(asked.map(({ status, body }) => [status, body.error.code])).toEqual(asked.map(() => [404, 'RESOURCE_NOT_FOUND']))
    expect((await ann.get(at(made))).body.data).toMatchObject({ version: 1, description: '' })
  })

  test('keys read and write what their scopes say', async () => {
    const ann = await person('ann')
    const keyOf = async (scope: string) => (await dataOf<{ key: string }>(ann.post('/api/api-keys/', { name: scope, scopes: [scope] }))).key
    const [reader, writer] = [await keyOf('webhooks:read'), await keyOf('webhooks:write')]
    const ask = (key: string, method: string, body?: unknown) => send(method, '/api/webhooks/', body, { 'x-api-key': key })
    const replies = await Promise.all([ask(reader, 'GET'), ask(reader, 'POST', BODY), ask(writer, 'GET'), ask(writer, 'POST', BODY)])
    expect(replies.map(({ status }) => status)).toEqual([200, 403, 403, 201])
  })
})

describe('testWebhook', () => {
  test('sends a signed test at once, disabled or not, and tells what came of it', async () => {
    const ann = await person('ann')
    const receiver = new Receiver()
    const made = await hook(ann, receiver)
    await ann.patch(at(made), { is_enabled: false })
    const { body } = await ann.post(at(made, 'test/'))
    expect(body.data).toMatchObject({ event: 'webhook.test', state: 'delivered', attempts: 1, group_id: null, seq: null })
    expect(body.data.log).toMatchObject([{ n: 1, status: 200, error: null, response: 'thanks' }])
    const [seen] = await receiver.seen()
    if (seen === undefined) throw new Error('nothing came')
    checkSigned(seen, made.secret)
    expect(seen.body).toBe(body.data.body)
    expect(JSON.parse(seen.body)).toMatchObject({
      event: 'webhook.test',
      metadata: { webhook_id: made.id, api_version: '1.0', delivery_id: body.data.id },
    })
    expect((await ann.get(at(made, `deliveries/${body.data.id}/`))).body.data).toEqual(body.data)
  })

  test.each([
    ['500', { status: 500, error: 'Answered 500', response: 'no' }],
    ['302', { status: 302, error: 'Answered 302; redirects are not followed' }],
    ['410', { status: 410, error: 'Answered 410' }],
    ['hang', { status: null, error: 'No reply within 300 ms' }],
  ] as const)('says so when the receiver answers %s, and holds nothing against the webhook', async (behaviour, told) => {
    const ann = await person('ann')
    const receiver = new Receiver()
    await receiver.behave(behaviour)
    const made = await hook(ann, receiver)
    const { body } = await ann.post(at(made, 'test/'))
    expect(body.data).toMatchObject({ state: 'failed', attempts: 1, delivered_at: null, log: [told] })
    expect(await receiver.seen()).toHaveLength(1)
    expect((await ann.get(at(made))).body.data).toMatchObject({ is_enabled: true, failing_since: null, version: 1 })
  })
})

describe('listDeliveries', () => {
  test('shows the newest first, by pages and cursors, of one event, state or group', async () => {
    const { id, as } = await group(['ann'])
    const { ann } = as
    const runs = new Runs()
    const made = await hook(ann, new Receiver())
    for (let i = 0; i < 5; i++) await spend(ann, id, `e${i}`)
    await ann.delete(`/api/expenses/${await spend(ann, id, 'gone')}/`)
    await runs.tell(id)
    await runs.finish([made])
    const tested = await dataOf(ann.post(at(made, 'test/')))
    const ask = async (query: string) => (await ann.get(at(made, `deliveries/?${query}`))).body
    const all = await ask('')
    expect(all.data.map((one: { seq: number }) => one.seq)).toEqual([null, 8, 7, 6, 5, 4, 3, 2])
    const first = await ask('page_size=3')
    const second = await ask(`page_size=3&cursor=${first.meta.pagination.next_cursor}`)
    const third = await ask(`page_size=3&cursor=${second.meta.pagination.next_cursor}`)
    expect([...first.data, ...second.data, ...third.data]).toEqual(all.data)
    expect([third.meta.pagination.next_cursor, third.meta.pagination.total_items]).toEqual([null, 8])
    expect((await ask('page_size=3&page=2')).data).toEqual(second.data)
    expect((await ask('event=expense.deleted')).data.map((one: { seq: number }) => one.seq)).toEqual([8])
    expect((await ask('event=webhook.test')).data.map((one: { id: string }) => one.id)).toEqual([tested.id])
    expect((await ask('state=failed')).data).toEqual([])
    expect((await ask(`group_id=${id}&state=delivered`)).meta.pagination.total_items).toBe(7)
    expect((await ann.get(at(made, 'deliveries/?state=lost'))).status).toBe(422)
  })
})

describe('redeliverWebhook and replayWebhook', () => {
  test('are refused while the webhook is disabled', async () => {
    const { id, as } = await group(['ann'])
    const made = await hook(as.ann, new Receiver())
    const tested = await dataOf(as.ann.post(at(made, 'test/')))
    await as.ann.patch(at(made), { is_enabled: false })
    const again = await as.ann.post(at(made, `deliveries/${tested.id}/redeliver/`))
    const replayed = await as.ann.post(at(made, 'replay/'), { group_id: id, from_seq: 1 })
    expect([said(again), said(replayed)]).toEqual([again, replayed].map(() => [409, 'CONFLICT', 'is_enabled DISABLED']))
  })

  test('a replay is about a group that one is or was in and that the webhook is about, from an entry on', async () => {
    const { id, as } = await group(['ann'])
    const other = await group(['eve'])
    const made = await hook(as.ann, new Receiver(), { group_ids: [id] })
    const own = (await as.ann.post('/api/groups/', { name: 'Second', currency: 'EUR' })).body.data.id
    const ask = (group_id: string, from_seq: number) => as.ann.post(at(made, 'replay/'), { group_id, from_seq })
    expect(said(await ask(other.id, 1))).toEqual([404, 'RESOURCE_NOT_FOUND'])
    expect(said(await ask(newId('group'), 1))).toEqual([404, 'RESOURCE_NOT_FOUND'])
    expect(said(await ask(own, 1))).toEqual([422, 'VALIDATION_ERROR', 'group_id GROUP_NOT_WATCHED'])
    expect((await ask(id, 0)).status).toBe(422)
    const taken = await ask(id, 1)
    expect([taken.status, taken.body.data]).toEqual([202, { job_id: expect.stringMatching(/^job_/), state: 'queued' }])
  })
})

test('the reference names every event that is sent, with its headers', async () => {
  const { body } = await send('GET', '/openapi.json')
  expect(Object.keys(body.webhooks)).toEqual([
    'expense.created',
    'expense.updated',
    'expense.deleted',
    'settlement.created',
    'settlement.completed',
    'payment.completed',
    'payment.failed',
    'receipt.processed',
    'group.member_joined',
    'group.member_left',
    'webhook.test',
  ])
  const names = body.webhooks['expense.created'].post.parameters.map((one: { name: string }) => one.name)
  expect(names).toEqual(expect.arrayContaining(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'X-Webhook-Signature']))
  expect((await send('GET', '/basic/openapi.json')).body).not.toHaveProperty('webhooks')
})
