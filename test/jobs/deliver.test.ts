// Webhooks from the journal to a real receiver that breaks in every way: in order, none lost, each signed.
import { describe, expect, test, vi } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { listEnabledEndpoints } from '../../src/db/webhooks.ts'
import type { Id } from '../../src/domain/ids.ts'
import { runNightly } from '../../src/jobs/nightly.ts'
import { env } from '../support/env.ts'
import { checkSigned, hook, Receiver, Runs, spend } from '../support/hooks.ts'
import { jobAt } from '../support/jobs.ts'
import type { Seen } from '../support/receiver.ts'
import { group, person } from '../support/world.ts'

interface Payload {
  readonly event: string
  readonly timestamp: string
  readonly data: { readonly group_id: string; readonly seq: number; readonly reason?: string; readonly member?: { user: { id: string } } }
  readonly metadata: { readonly webhook_id: string; readonly delivery_id: string; readonly group_id: string; readonly seq: number }
}
const payloadOf = ({ body }: Seen): Payload => JSON.parse(body)

/** The seqs of a group in the order in which they arrived, each at its first arrival among these. */
function arrivals(seen: readonly Seen[], groupId: string): number[] {
  const ids = new Set<string>()
  return seen.flatMap((one) => {
    const id = String(one.headers['webhook-id'])
    if (ids.has(id) || payloadOf(one).metadata.group_id !== groupId) return []
    ids.add(id)
    return [payloadOf(one).metadata.seq]
  })
}

const isTakenIn = ({ answer }: Seen): boolean => answer === 'ok'

describe('deliver', () => {
  test('a receiver that fails at random, hangs, redirects, hangs up and says 410 gets every event of each group in order', async () => {
    const [one, two] = await Promise.all([group(['ann', 'bob']), group(['cat'])])
    const { ann } = one.as
    const [receiver, runs] = [new Receiver(), new Runs()]
    await receiver.behave('storm', 20_261_120)
    // A group of hers beside it, so that two lanes lead to one place.
    const other = (await ann.post('/api/groups/', { name: 'Second', currency: 'EUR' })).body.data.id as string
    const made = await hook(ann, receiver)
    for (let i = 0; i < 32; i++) {
      const ids = await Promise.all([spend(ann, one.id, `a${i}`), spend(ann, other, `b${i}`), spend(two.as.cat, two.id, 'not for her')])
      if (i % 4 === 0) await ann.patch(`/api/expenses/${ids[0]}/`, { title: 'Changed' })
      if (i === 10) await ann.delete(`/api/expenses/${ids[1]}/`)
      if (i % 8 === 0) await runs.tell(one.id, other, two.id)
      if (i % 8 === 4) await runs.drain()
    }
    await runs.tell(one.id, other, two.id)
    await runs.drain()
    await receiver.behave('410')
    await runs.finish([made], async () => (await ann.get(`/api/webhooks/${made.id}/`)).body.data.disabled_reason === 'gone')
    await receiver.behave('storm', 7)
    expect((await ann.patch(`/api/webhooks/${made.id}/`, { is_enabled: true })).status).toBe(200)
    await runs.finish([made])

    const seen = await receiver.seen()
    expect(new Set(seen.map(({ answer }) => answer))).toEqual(new Set(['ok', '500', 'hang', '302', '429', 'close', '410']))
    const seqs = async (id: string) => {
      const { body } = await ann.get(`/api/groups/${id}/`)
      return Array.from({ length: body.data.seq }, (_, i) => i + 1).slice(1)
    }
    for (const id of [one.id, other]) {
      const all = await seqs(id)
      // Told apart by their id, what was taken in is each entry once and in order; nothing overtook anything on the way either.
      const takenIn = arrivals(seen.filter(isTakenIn), id)
      // The first entry made the group, before there was an endpoint.
      expect(takenIn.filter((seq) => seq > 1)).toEqual(all)
      expect(arrivals(seen, id)).toEqual(takenIn)
    }
    expect(arrivals(seen, two.id)).toEqual([])
    expect(seen.filter(isTakenIn).length).toBeGreaterThanOrEqual(60)

    for (const request of seen) checkSigned(request, made.secret)
    const verified = await receiver.verify(made.secret)
    expect(verified).toMatchObject({ good: seen.length, bad: 0 })
    if (verified.python === 'absent') console.warn('python3 is not here, so its check of the signatures was left out')
    else expect(verified.python).toBe('good')
  }, 60_000)
})

describe('followWebhooks', () => {
  test('stores what many endpoints are to be told at once, each event once, in more than one batch', async () => {
    const { id, as } = await group(['ann'])
    const [receiver, runs] = [new Receiver(), new Runs()]
    await receiver.behave('hang')
    const hooks = await Promise.all(Array.from({ length: 20 }, () => hook(as.ann, receiver)))
    await Promise.all(Array.from({ length: 100 }, (_, i) => spend(as.ann, id, `e${i}`, { description: 'x'.repeat(2000) })))
    await runs.tell(id)
    const rows = await env.DB.prepare(
      'SELECT COUNT(*) AS n, COUNT(DISTINCT endpoint_id || seq) AS different, SUM(length(body)) AS size FROM deliveries WHERE group_id = ?',
    )
      .bind(id)
      .first()
    expect(rows).toMatchObject({ n: 2000, different: 2000 })
    expect(rows?.size).toBeGreaterThan(8 * 400_000)
    await Promise.all(hooks.map((one) => as.ann.delete(`/api/webhooks/${one.id}/`)))
  }, 60_000)

  test('asks little where nobody has a webhook, however many others have one', async () => {
    const { as } = await group(['ann', 'bob'])
    const run = vi.spyOn(env.DB, 'prepare')
    await listEnabledEndpoints(connect(env.DB), [as.ann.id, as.bob.id] as Id<'user'>[])
    const sql = run.mock.calls.map(([text]) => text).find((text) => text.includes('webhook_endpoints')) ?? ''
    run.mockRestore()
    const { meta } = await env.DB.prepare(sql)
      .bind(JSON.stringify([as.ann.id, as.bob.id]))
      .all()
    // The two ids of the question itself, twice; of endpoints, users and deliveries next to nothing.
    expect(meta.rows_read).toBeLessThanOrEqual(7)
  })

  test('tells nothing to somebody whose account is deactivated', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const [receiver, runs] = [new Receiver(), new Runs()]
    const made = await hook(as.bob, receiver)
    await runs.tell(id)
    await runs.finish([made])
    await as.bob.post('/api/users/me/deactivate/')
    await spend(as.ann, id, 'quiet')
    await runs.tell(id)
    await runs.finish([made])
    expect((await receiver.seen()).map((one) => payloadOf(one).metadata.seq).filter((seq) => seq > 1)).toEqual([])
  })
})

describe('when SECRET is changed', () => {
  test('deliveries wait until the owner rotates the secret, and none is lost', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { id, as } = await group(['ann'])
    const [receiver, runs] = [new Receiver(), new Runs()]
    const made = await hook(as.ann, receiver)
    // As if it had been written under another SECRET.
    await env.DB.prepare("UPDATE webhook_endpoints SET secret = 'v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' WHERE id = ?")
      .bind(made.id)
      .run()
    await spend(as.ann, id, 'one')
    await runs.tell(id)
    await runs.finish([made])
    expect(await receiver.seen()).toEqual([])
    const { secret } = (await as.ann.post(`/api/webhooks/${made.id}/rotate-secret/`, {})).body.data
    await spend(as.ann, id, 'two')
    await runs.tell(id)
    await runs.finish([made])
    const seen = await receiver.seen()
    expect(arrivals(seen, id)).toEqual([2, 3])
    for (const one of seen) checkSigned(one, secret)
    vi.restoreAllMocks()
  })
})

describe('runNightly', () => {
  test('forgets deliveries and their attempts after 30 days', async () => {
    const ann = await person('ann')
    const made = await hook(ann, new Receiver())
    const [old, young] = [await ann.post(`/api/webhooks/${made.id}/test/`), await ann.post(`/api/webhooks/${made.id}/test/`)]
    const now = Date.now()
    await env.DB.prepare('UPDATE deliveries SET created_at = ? WHERE id = ?')
      .bind(now - 30 * 86_400_000 - 1, old.body.data.id)
      .run()
    await runNightly(jobAt(now))
    expect((await ann.get(`/api/webhooks/${made.id}/deliveries/`)).body.data.map((one: { id: string }) => one.id)).toEqual([
      young.body.data.id,
    ])
    const attempts = await env.DB.prepare('SELECT COUNT(*) AS n FROM delivery_attempts WHERE delivery_id = ?')
      .bind(old.body.data.id)
      .first<number>('n')
    expect(attempts).toBe(0)
  })
})
