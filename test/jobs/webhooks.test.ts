// What becomes of deliveries: tried again, given up, stopped, gone on with, and replayed; and who is told what.
import { describe, expect, test } from 'vitest'
import { FAILING_MS, RETRY_DELAYS_MS } from '../../src/domain/webhook.ts'
import { runBatch } from '../../src/db/client.ts'
import { completeEffect, standingId } from '../../src/db/outbox.ts'
import { deliver } from '../../src/jobs/deliver.ts'
import { WEBHOOK_EVENTS } from '../../src/routes/webhook-docs.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup } from '../../src/jobs/tell.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { mustMatch } from '../support/contract.ts'
import { env } from '../support/env.ts'
import { checkSigned, hook, Receiver, Runs, spend, type Hook } from '../support/hooks.ts'
import { jobAt } from '../support/jobs.ts'
import type { Seen } from '../support/receiver.ts'
import { formWith } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, type Client } from '../support/world.ts'

const DAY = 86_400_000
const payloadOf = ({ body }: Seen) => JSON.parse(body)
const toldIn = (seen: readonly Seen[]): string[] => seen.map((one) => `${payloadOf(one).event} ${payloadOf(one).metadata.seq}`)
const idsIn = (seen: readonly Seen[]): unknown[] => seen.map(({ headers }) => headers['webhook-id'])

/** Ann, alone with a group and a webhook. */
async function prepare(fields: object = {}) {
  const { id, as } = await group(['ann', 'bob'])
  const [receiver, runs] = [new Receiver(), new Runs()]
  const made = await hook(as.ann, receiver, fields)
  await runs.tell(id)
  await runs.finish([made])
  const before = (await receiver.seen()).length
  const seen = async () => (await receiver.seen()).slice(before)
  const go = async () => {
    await runs.tell(id)
    await runs.finish([made])
  }
  return { id, ...as, receiver, runs, made, seen, go }
}

const stateOf = async (who: Client, { id }: Pick<Hook, 'id'>) => (await who.get(`/api/webhooks/${id}/`)).body.data
const logOf = async (who: Client, { id }: Pick<Hook, 'id'>, query = '') =>
  (await who.get(`/api/webhooks/${id}/deliveries/?page_size=100${query}`)).body.data
const replay = async (who: Client, { id }: Hook, group_id: string, from_seq: number): Promise<string> =>
  (await dataOf<{ job_id: string }>(who.post(`/api/webhooks/${id}/replay/`, { group_id, from_seq }))).job_id
const jobRow = (id: string) => env.DB.prepare('SELECT state, done_units, total_units, result FROM jobs WHERE id = ?').bind(id).first()

describe('a lane', () => {
  test('is kept by one worker, however many drain and tell at once: nothing comes twice or out of order', async () => {
    const { id, ann, runs, made, seen } = await prepare()
    for (let i = 0; i < 25; i++) await spend(ann, id, `e${i}`)
    await Promise.all(Array.from({ length: 10 }, () => tellGroup(jobAt(runs.now), id as Id<'group'>)))
    await Promise.all(Array.from({ length: 10 }, () => drainOutbox(jobAt(runs.now))))
    await runs.finish([made])
    const all = await seen()
    expect(toldIn(all)).toEqual(Array.from({ length: 25 }, (_, i) => `expense.created ${i + 2}`))
    expect(new Set(idsIn(all)).size).toBe(25)
  })

  test('goes on, in order, with what comes while it is being kept', async () => {
    const { id, ann, runs, made, seen } = await prepare()
    await spend(ann, id, 'first')
    await runs.tell(id)
    const draining = runs.drain()
    await spend(ann, id, 'second')
    await runs.tell(id)
    await draining
    await runs.finish([made])
    expect(toldIn(await seen())).toEqual(['expense.created 2', 'expense.created 3'])
  })

  test('is not left with what comes between the last look into it and the mark that it is done', async () => {
    const { id, ann, runs, made, seen } = await prepare()
    const effect = { kind: 'deliver', endpointId: made.id, groupId: id as Id<'group'> } as const
    const claimed = { id: standingId(effect), effect, attempts: 1, leaseUntil: Date.now() + 60_000 }
    await env.DB.prepare('UPDATE outbox SET done_at = NULL, due_at = 0, lease_until = ? WHERE id = ?')
      .bind(claimed.leaseUntil, claimed.id)
      .run()
    const { againAt, statements = [] } = await deliver(jobAt(), effect)
    expect(againAt).toBeUndefined()
    await spend(ann, id, 'in between')
    await runs.tell(id)
    expect(await logOf(ann, made, '&state=pending')).toHaveLength(1)
    const { db } = jobAt()
    await runBatch(db, [completeEffect(db, claimed, Date.now()), ...statements])
    await runs.finish([made])
    expect(toldIn(await seen())).toEqual(['expense.created 2'])
  })

  test('passes to another worker when the one that kept it died', async () => {
    const { id, ann, runs, made, seen } = await prepare()
    const until = Date.now() + 60_000
    await env.DB.prepare("UPDATE outbox SET done_at = NULL, due_at = 0, lease_until = ? WHERE kind = 'deliver' AND payload LIKE ?")
      .bind(until, `%${made.id}%`)
      .run()
    await spend(ann, id, 'first')
    await runs.tell(id)
    await runs.drain()
    expect(await seen()).toEqual([])
    runs.now = until + 1
    await runs.drain()
    expect(toldIn(await seen())).toEqual(['expense.created 2'])
  })

  test('waits for what fails, by the schedule, and goes on with the next when that is given up', async () => {
    const { id, ann, receiver, runs, made, seen } = await prepare()
    await receiver.behave('500')
    await spend(ann, id, 'never')
    await spend(ann, id, 'later')
    await runs.tell(id)
    const begun = runs.now
    await runs.finish([made], async () => (await seen()).length > RETRY_DELAYS_MS.length)
    const [later, never] = await logOf(ann, made)
    expect([never.state, never.attempts, never.seq]).toEqual(['failed', 10, 2])
    expect([later.state, later.seq]).toEqual(['pending', 3])
    const { log } = (await ann.get(`/api/webhooks/${made.id}/deliveries/${never.id}/`)).body.data
    const times = log.map((one: { at: string }) => Date.parse(one.at)).reverse()
    expect(times[0] - begun).toBeLessThan(60_000)
    for (const [i, delay] of RETRY_DELAYS_MS.entries()) {
      const waited = times[i + 1] - times[i]
      expect(waited).toBeGreaterThanOrEqual(delay * 0.8 - 1)
      expect(waited).toBeLessThanOrEqual(delay * 1.2 + 5000)
    }
    await receiver.behave('ok')
    await runs.finish([made])
    expect(await logOf(ann, made, '&state=pending')).toEqual([])
    expect((await stateOf(ann, made)).failing_since).toBeNull()
  })

  test('waits longer where the receiver asks for it', async () => {
    const { id, ann, receiver, runs, made } = await prepare()
    await receiver.behave('429')
    await spend(ann, id, 'x')
    await runs.tell(id)
    await runs.drain()
    const row = await env.DB.prepare("SELECT due_at FROM outbox WHERE kind = 'deliver' AND payload LIKE ?")
      .bind(`%${made.id}%`)
      .first<number>('due_at')
    expect(Number(row) - runs.now).toBeGreaterThanOrEqual(110_000)
    expect(Number(row) - runs.now).toBeLessThan(130_000)
  })

  test.each([
    ['huge', 'x'.repeat(8192)],
    ['hang in the body', 'so far'],
  ] as const)('a 2xx is a success when the reply is %s, and the beginning is kept', async (behaviour, response) => {
    const { id, ann, receiver, made, go } = await prepare()
    await receiver.behave(behaviour)
    await spend(ann, id, 'x')
    await go()
    const [one] = await logOf(ann, made)
    const { log, state } = (await ann.get(`/api/webhooks/${made.id}/deliveries/${one.id}/`)).body.data
    expect([state, log.length, log[0].response]).toEqual(['delivered', 1, response])
  })
})

describe('an endpoint', () => {
  test('that answers 410 is disabled at once, and its owner is told once; enabled again, what waited is sent', async () => {
    const { id, ann, receiver, runs, made, seen } = await prepare()
    const other = (await ann.post('/api/groups/', { name: 'Second', currency: 'EUR' })).body.data.id
    // Both wait before either is told that it is gone: of what is told afterwards nothing would wait any more.
    await receiver.behave('500')
    await spend(ann, id, 'x')
    await spend(ann, other, 'y')
    await runs.tell(id, other)
    await runs.drain()
    await receiver.behave('410')
    await runs.finish([made])
    expect(await stateOf(ann, made)).toMatchObject({ is_enabled: false, disabled_reason: 'gone', version: 2 })
    const told = await env.DB.prepare("SELECT COUNT(*) AS n FROM inbox WHERE consumer = 'webhook_disabled' AND message_id LIKE ?")
      .bind(`${made.id}%`)
      .first<number>('n')
    expect(told).toBe(1)
    await receiver.behave('ok')
    await ann.patch(`/api/webhooks/${made.id}/`, { is_enabled: true })
    await runs.finish([made])
    expect(
      (await seen())
        .filter(({ answer }) => answer === 'ok')
        .map((one) => payloadOf(one).metadata.group_id)
        .sort(),
    ).toEqual([id, other].sort())
  })

  test('that nothing gets through to for five days is disabled', async () => {
    const { id, ann, receiver, runs, made } = await prepare()
    await receiver.behave('500')
    for (let i = 0; i < 3; i++) await spend(ann, id, `e${i}`)
    await runs.tell(id)
    const begun = runs.now
    await runs.finish([made])
    expect(await stateOf(ann, made)).toMatchObject({ is_enabled: false, disabled_reason: 'failing' })
    expect(runs.now - begun).toBeGreaterThanOrEqual(FAILING_MS)
    expect(runs.now - begun).toBeLessThan(FAILING_MS + 1.3 * DAY)
  })

  test('that its owner disables gets nothing of the meantime but by a replay, which keeps ids and order', async () => {
    const { id, ann, runs, made, seen, go } = await prepare()
    await spend(ann, id, 'before')
    await go()
    await ann.patch(`/api/webhooks/${made.id}/`, { is_enabled: false })
    await spend(ann, id, 'missed')
    await go()
    await ann.patch(`/api/webhooks/${made.id}/`, { is_enabled: true })
    await spend(ann, id, 'after')
    await go()
    expect(toldIn(await seen())).toEqual(['expense.created 2', 'expense.created 4'])

    const job = await replay(ann, made, id, 2)
    await runs.drain()
    await runs.finish([made])
    expect(await jobRow(job)).toEqual({ state: 'done', done_units: 3, total_units: 3, result: '{"deliveries":3}' })
    const all = await seen()
    expect(toldIn(all).slice(2)).toEqual(['expense.created 2', 'expense.created 3', 'expense.created 4'])
    expect(idsIn(all)[2]).toBe(idsIn(all)[0])
    expect(idsIn(all)[4]).toBe(idsIn(all)[1])
    expect(payloadOf(all[2]!)).toMatchObject({ timestamp: payloadOf(all[0]!).timestamp, metadata: payloadOf(all[0]!).metadata })
  })

  test('that is deleted gets nothing more', async () => {
    const { id, ann, runs, made, seen, go } = await prepare()
    await spend(ann, id, 'waits')
    await runs.tell(id)
    expect((await ann.delete(`/api/webhooks/${made.id}/`)).status).toBe(204)
    await spend(ann, id, 'later')
    await go()
    expect(await seen()).toEqual([])
  })

  test('gets the events and groups that it asked for', async () => {
    const { id, ann, receiver, runs } = await prepare()
    const other = (await ann.post('/api/groups/', { name: 'Second', currency: 'EUR' })).body.data.id
    const narrow = new Receiver()
    const made = await hook(ann, narrow, { events: ['expense.deleted', 'group.member_joined'], group_ids: [other] })
    for (const place of [id, other]) {
      await ann.delete(`/api/expenses/${await spend(ann, place, 'x')}/`)
      await ann.post(`/api/groups/${place}/members/`, { name: 'Grandma' })
    }
    await runs.tell(id, other)
    await runs.finish([made])
    expect(toldIn(await narrow.seen())).toEqual(['expense.deleted 3', 'group.member_joined 4'])
    expect(receiver.url).not.toBe(narrow.url)
  })

  test('signs with both secrets for a day after a rotation, then with the new one; one of its own too', async () => {
    const { id, ann, runs, made, seen, go, receiver } = await prepare()
    const own = 'my own secret!'.replaceAll(' ', '-') + '-ok'
    const { secret } = await dataOf<Hook>(ann.post(`/api/webhooks/${made.id}/rotate-secret/`, { secret: own }))
    expect(secret).toBe(own)
    await spend(ann, id, 'both')
    await go()
    runs.now += DAY + 1000
    await spend(ann, id, 'new alone')
    await go()
    const [both, alone] = await seen()
    if (both === undefined || alone === undefined) throw new Error('two were sent')
    for (const one of [both, alone]) checkSigned(one, own)
    checkSigned(both, made.secret)
    expect(() => checkSigned(alone, made.secret)).toThrow(/No matching signature/)
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2)
    expect(both.headers['x-webhook-signature-previous']).toMatch(/^[0-9a-f]{64}$/)
    expect(alone.headers).not.toHaveProperty('x-webhook-signature-previous')
    expect((await receiver.verify(own)).good).toBe(2)
    expect(both.headers).toMatchObject({
      'x-webhook-event': 'expense.created',
      'x-webhook-id': made.id,
      'content-type': 'application/json',
      'user-agent': 'Quits-Webhooks/1.0',
      'webhook-id': payloadOf(both).metadata.delivery_id,
    })
  })
})

/** A provider's payment for the settlement that is begun and does not go through. */
async function failPayment(group: string, settlement: string, payer: string): Promise<void> {
  const object = env.GROUP.getByName(group)
  const about = { settlement: settlement as Id<'settlement'>, payment: newId('payment') }
  await object.execute({ order: { commandId: newId('command'), actor: payer as Id<'user'>, command: { type: 'start_payment', ...about } } })
  await object.execute({ order: { commandId: newId('command'), command: { type: 'fail_payment', ...about } } })
}

describe('what is told', () => {
  test('an expense looks as the API shows it, and links lead to where the webhook was registered', async () => {
    const { id, ann, made, seen, go } = await prepare()
    const expense = await spend(ann, id, 'Bread')
    await go()
    const shown = (await ann.get(`/api/expenses/${expense}/`)).body.data
    const [one] = await seen()
    const payload = payloadOf(one!)
    expect(Object.keys(payload)).toEqual(['event', 'timestamp', 'data', 'metadata'])
    expect(payload).toMatchObject({
      event: 'expense.created',
      timestamp: shown.created_at,
      data: { group_id: id, seq: 2, expense_id: expense },
      metadata: { webhook_id: made.id, api_version: '1.0', group_id: id, seq: 2 },
    })
    // What is asked for by id says a little more.
    expect(shown).toMatchObject(payload.data.expense)
    expect(Object.keys(payload.data.expense).length).toBeGreaterThan(25)
  })

  test('each event has the shape that the reference gives it', async () => {
    const { id, ann, bob, made, seen, go } = await prepare()
    const expense = await spend(ann, id, 'Bread', { split_type: 'equal', split_data: { participants: [ann.id] } })
    await ann.patch(`/api/expenses/${expense}/`, { title: 'More bread' })
    await ann.delete(`/api/expenses/${expense}/`)
    const due = await dataOf(ann.post('/api/payments/settlements/', { group_id: id, payee_id: bob.id, amount: '1.00' }))
    await ann.post(`/api/payments/settlements/${due.id}/confirm/`, { confirmation_type: 'paid' })
    await bob.post(`/api/payments/settlements/${due.id}/undo/`)
    await failPayment(id, due.id, ann.id)
    await ann.post(`/api/groups/${id}/members/`, { name: 'Grandma' })
    await dataOf(ann.post(`/api/receipts/?group_id=${id}`, formWith('receipt')))
    await bob.post(`/api/groups/${id}/leave/`)
    await go()
    await ann.post(`/api/webhooks/${made.id}/test/`)
    const all = (await seen()).map(payloadOf)
    // The last payment comes before the end of what it is for.
    expect(all.map(({ event }) => event).toSorted()).toEqual(WEBHOOK_EVENTS.map(({ name }) => name).toSorted())
    for (const { name, schema } of WEBHOOK_EVENTS)
      mustMatch(
        schema,
        all.find(({ event }) => event === name),
        name,
      )
    expect(all.find(({ event }) => event === 'group.member_left').data).toMatchObject({ reason: 'left', member: { user: { id: bob.id } } })
  })

  test('who is removed gets their own leaving and nothing after it; a replay brings what they could see, and no more', async () => {
    const { id, ann, bob, runs, made } = await prepare()
    const [of, again] = [new Receiver(), new Receiver()]
    const theirs = await hook(bob, of)
    const alone = { split_type: 'equal', split_data: { participants: [ann.id] } }
    await spend(ann, id, 'seen', alone)
    expect((await ann.delete(`/api/groups/${id}/members/${bob.id}/`)).status).toBe(204)
    await spend(ann, id, 'unseen', alone)
    await runs.tell(id)
    await runs.finish([made, theirs])
    expect(toldIn(await of.seen())).toEqual(['expense.created 2', 'group.member_left 3'])
    expect(payloadOf((await of.seen())[1]!).data).toMatchObject({ reason: 'removed', member: { status: 'removed', user: { id: bob.id } } })
    const late = await hook(bob, again)
    await replay(bob, late, id, 1)
    await runs.drain()
    await runs.finish([late])
    // Bob was there when the group was made, with Ann as its founder.
    expect(toldIn(await again.seen())).toEqual(['group.member_joined 1', 'expense.created 2', 'group.member_left 3'])
  })

  test('a delivery is made again under its id', async () => {
    const { id, ann, made, seen, go, runs } = await prepare()
    await spend(ann, id, 'x')
    await go()
    const [one] = await logOf(ann, made)
    const reply = await ann.post(`/api/webhooks/${made.id}/deliveries/${one.id}/redeliver/`)
    expect([reply.status, reply.body.data.state]).toEqual([202, 'pending'])
    await runs.drain()
    await runs.finish([made])
    const all = await seen()
    expect(idsIn(all)).toEqual([one.id, one.id])
    expect(all[0]?.body).toBe(all[1]?.body)
    const detail = (await ann.get(`/api/webhooks/${made.id}/deliveries/${one.id}/`)).body.data
    expect([detail.state, detail.attempts, detail.log.map((a: { n: number }) => a.n)]).toEqual(['delivered', 1, [2, 1]])
  })

  test('a portion of the journal that is told again comes to no new deliveries', async () => {
    const { id, ann, made, runs, seen, go } = await prepare()
    await spend(ann, id, 'x')
    await go()
    await env.DB.prepare('UPDATE groups SET told_seq = 0 WHERE id = ?').bind(id).run()
    await env.DB.prepare('DELETE FROM inbox WHERE message_id LIKE ?').bind(`${id}%`).run()
    await runs.tell(id)
    await runs.finish([made])
    expect(toldIn(await seen())).toEqual(['expense.created 2'])
  })
})
