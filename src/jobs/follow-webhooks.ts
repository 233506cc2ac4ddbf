// From entries to deliveries: which endpoints an event goes to, and the rows that wait in their lanes. The ids follow
// from what a delivery is about, so an entry that is told twice, or replayed, comes to the same deliveries.
import { runBatch, type Statement } from '../db/client.ts'
import { insertDeliveries, wakeLanes, type Lane, type NewDelivery } from '../db/deliveries.ts'
import { stableId } from '../db/stable-id.ts'
import { listEnabledEndpoints } from '../db/webhooks.ts'
import { audiencesOf } from '../domain/audience.ts'
import type { Id } from '../domain/ids.ts'
import type { News, SpelledEvent } from '../domain/telling.ts'
import { isWanted, payloadOf, type Endpoint } from '../domain/webhook.ts'
import { NOTHING, type Followed, type JobContext } from './context.ts'

/** Characters of bodies in one statement, far from the 2 MB that a parameter may have. */
const PORTION = 400_000
/** Portions that go into the batch of the caller; more are written before it. */
const MOST_PORTIONS = 8

/** The deliveries that the entries come to for endpoints of people who may know of them, endpoint by endpoint in their order. */
export function* deliveriesOf(at: JobContext, groupId: Id<'group'>, news: News, endpoints: readonly Endpoint[]): Generator<NewDelivery> {
  const audiences = audiencesOf(news)
  const spelled = new Map<string, readonly SpelledEvent[]>()
  for (const endpoint of endpoints) {
    const origin = endpoint.origin || at.origin
    const events = spelled.get(origin) ?? at.words.events(news, { now: at.now, origin })
    spelled.set(origin, events)
    for (const { seq, n, event, at: happenedAt, data } of events) {
      if (audiences.get(seq)?.has(endpoint.userId) !== true || !isWanted(endpoint, event, groupId)) continue
      const id = stableId('delivery', endpoint.id, groupId, seq, n)
      const about = { endpointId: endpoint.id, deliveryId: id, groupId, seq }
      yield { id, endpointId: endpoint.id, groupId, seq, n, event, body: payloadOf({ event, at: happenedAt, data }, about) }
    }
  }
}

function* portionsOf(all: Iterable<NewDelivery>): Generator<NewDelivery[]> {
  let portion: NewDelivery[] = []
  let size = 0
  for (const one of all) {
    portion.push(one)
    size += one.body.length
    if (size < PORTION) continue
    yield portion
    portion = []
    size = 0
  }
  if (portion.length > 0) yield portion
}

/**
 * The statements that store the deliveries and wake their lanes. Where there are more than fit into one batch, the
 * first are stored here already: they are no less true for that, and whoever tells the entries again finds them there.
 */
export async function storeDeliveries(at: JobContext, all: Iterable<NewDelivery>, again = false): Promise<Statement[]> {
  const statements: Statement[] = []
  const lanes = new Map<string, Lane>()
  for (const portion of portionsOf(all)) {
    if (statements.length === MOST_PORTIONS) await runBatch(at.db, statements.splice(0))
    statements.push(insertDeliveries(at.db, portion, at.now, again))
    for (const { endpointId, groupId } of portion) lanes.set(endpointId, { endpointId, groupId })
  }
  return lanes.size === 0 ? [] : [...statements, wakeLanes(at.db, [...lanes.values()], at.now, true)]
}

/** The deliveries that the entries come to. */
export async function followWebhooks(at: JobContext, groupId: Id<'group'>, news: News): Promise<Followed> {
  const users = new Set([...news.state.members.values()].flatMap((member) => member.userId ?? []))
  const endpoints = await listEnabledEndpoints(at.db, [...users])
  if (endpoints.length === 0) return NOTHING
  return { statements: await storeDeliveries(at, deliveriesOf(at, groupId, news, endpoints)) }
}
