// Deliveries and the attempts at them. Those that wait for one endpoint about one group are a lane: they leave in
// the order of the journal, and what is written of an attempt holds only while its delivery still waits.
import { and, asc, count, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { EventName } from '../domain/events.ts'
import type { Attempt, Delivery, DeliveryState, Endpoint, Verdict } from '../domain/webhook.ts'
import type { Db, Statement } from './client.ts'
import { standingId, wakeEffects, type Standing } from './outbox.ts'
import { deliveries, deliveryAttempts as attempts, webhookEndpoints as endpoints } from './outward-schema.ts'
import { outbox } from './schema.ts'
import { endpointOf, SECRETS, SHOWN, type SealedSecrets } from './webhooks.ts'

export type Lane = Pick<Delivery, 'endpointId' | 'groupId'>

const effectOf = ({ endpointId, groupId }: Lane): Standing => ({ kind: 'deliver', endpointId, groupId })

const SHOWN_DELIVERY = {
  id: deliveries.id,
  endpointId: deliveries.endpointId,
  groupId: deliveries.groupId,
  seq: deliveries.seq,
  n: deliveries.n,
  event: sql<EventName>`${deliveries.event}`,
  body: deliveries.body,
  state: deliveries.state,
  attempts: deliveries.attempts,
  createdAt: deliveries.createdAt,
  deliveredAt: deliveries.deliveredAt,
}

export type NewDelivery = Pick<Delivery, 'id' | 'endpointId' | 'groupId' | 'seq' | 'n' | 'event' | 'body'>

/**
 * The statement that stores deliveries as waiting. Those that are there already stay as they are; where they are
 * made `again`, they wait anew.
 */
export function insertDeliveries(db: Db, made: readonly NewDelivery[], now: Timestamp, again = false): Statement {
  const rows = JSON.stringify(made.map((d) => [d.id, d.endpointId, d.groupId, d.seq, d.n, d.event, d.body]))
  const anew = sql`UPDATE SET body = excluded.body, state = 'pending', attempts = 0, delivered_at = NULL`
  return db.run(sql`INSERT INTO deliveries (id, endpoint_id, group_id, seq, n, event, body, state, attempts, created_at)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, 'pending', 0, CAST(${now} AS INTEGER)
    FROM json_each(${rows}) WHERE true ON CONFLICT (id) DO ${again ? anew : sql`NOTHING`}`)
}

/** The statement that has the lanes looked at now; one that waits after a failure goes on waiting, if `isPatient`. */
export const wakeLanes = (db: Db, lanes: readonly Lane[], now: Timestamp, isPatient = false): Statement =>
  wakeEffects(
    db,
    lanes.map((lane) => ({ effect: effectOf(lane), dueAt: now })),
    isPatient,
  )

/**
 * The statement that has a lane that was just left looked at again if something came into it meanwhile. In the
 * batch that leaves it, so that what comes is seen by this, or finds the lane left and wakes it.
 */
export const wakeLeftLane = (db: Db, lane: Lane, now: Timestamp): Statement =>
  db
    .update(outbox)
    .set({ doneAt: null, dueAt: now, attempts: 0 })
    .where(
      and(
        eq(outbox.id, standingId(effectOf(lane))),
        sql`${outbox.doneAt} IS NOT NULL`,
        sql`EXISTS (SELECT 1 FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
          WHERE d.endpoint_id = ${lane.endpointId} AND d.group_id = ${lane.groupId} AND d.state = 'pending'
            AND e.disabled_at IS NULL AND e.deleted_at IS NULL)`,
      ),
    )

/** The first that waits in a lane, and where it goes. */
export interface Head {
  readonly delivery: Delivery
  readonly endpoint: Endpoint
  readonly secrets: SealedSecrets
}

/** The first that waits; undefined where none does, or nothing may be sent to the endpoint. */
export async function findHead(db: Db, { endpointId, groupId }: Lane): Promise<Head | undefined> {
  const row = await db
    .select({ delivery: SHOWN_DELIVERY, endpoint: SHOWN, secrets: SECRETS })
    .from(deliveries)
    .innerJoin(endpoints, eq(endpoints.id, deliveries.endpointId))
    .where(
      and(
        eq(deliveries.endpointId, endpointId),
        eq(deliveries.groupId, groupId),
        // Spelled out, because the index of the lanes is bound to this word.
        sql`${deliveries.state} = 'pending'`,
        isNull(endpoints.disabledAt),
        isNull(endpoints.deletedAt),
      ),
    )
    .orderBy(asc(deliveries.seq), asc(deliveries.n))
    .limit(1)
    .get()
  return row === undefined ? undefined : { ...row, endpoint: endpointOf(row.endpoint) }
}

/** The lanes of the endpoint in which something waits. */
export async function listWaitingLanes(db: Db, endpointId: Id<'webhook'>): Promise<Lane[]> {
  const rows = await db
    .selectDistinct({ groupId: deliveries.groupId })
    .from(deliveries)
    .where(and(eq(deliveries.endpointId, endpointId), sql`${deliveries.state} = 'pending'`))
  return rows.map(({ groupId }) => ({ endpointId, groupId }))
}

/** The statement that lets what waits for the endpoint begin its schedule anew. */
export const forgiveWaiting = (db: Db, endpointId: Id<'webhook'>): Statement =>
  db
    .update(deliveries)
    .set({ attempts: 0 })
    .where(and(eq(deliveries.endpointId, endpointId), sql`${deliveries.state} = 'pending'`))

/** The statement that keeps an attempt, as the next of its delivery. */
export function insertAttempt(db: Db, deliveryId: Id<'delivery'>, attempt: Omit<Attempt, 'retryAfterMs'>): Statement {
  const { at, durationMs, status, error, requestHeaders, response } = attempt
  const n = sql<number>`(SELECT COALESCE(MAX(n), 0) + 1 FROM delivery_attempts WHERE delivery_id = ${deliveryId})`
  return db
    .insert(attempts)
    .values({ deliveryId, n, at, durationMs, status, error, requestHeaders: JSON.stringify(requestHeaders), response })
}

/** The statements that say what an attempt came to. */
export function recordAttempt(db: Db, { delivery, endpoint }: Head, attempt: Attempt, verdict: Verdict, now: Timestamp): Statement[] {
  const { state, disable } = verdict
  const waits = and(eq(deliveries.id, delivery.id), sql`${deliveries.state} = 'pending'`)
  const isDelivered = state === 'delivered'
  const isNews = isDelivered ? endpoint.failingSince !== null : endpoint.failingSince === null
  return [
    insertAttempt(db, delivery.id, attempt),
    db
      .update(deliveries)
      .set({ state, attempts: sql`${deliveries.attempts} + 1`, deliveredAt: isDelivered ? now : null })
      .where(waits),
    ...(isNews
      ? [
          db
            .update(endpoints)
            .set({ failingSince: isDelivered ? null : now })
            .where(eq(endpoints.id, endpoint.id)),
        ]
      : []),
    ...(disable === undefined ? [] : [disableEndpoint(db, endpoint.id, disable, now)]),
  ]
}

const disableEndpoint = (db: Db, id: Id<'webhook'>, reason: 'gone' | 'failing', now: Timestamp): Statement =>
  db
    .update(endpoints)
    .set({ disabledAt: now, disabledReason: reason, version: sql`${endpoints.version} + 1`, updatedAt: now })
    .where(and(eq(endpoints.id, id), isNull(endpoints.disabledAt)))

/** The statement that keeps a delivery as it is, such as that of a test. */
export const insertDelivery = (db: Db, delivery: Delivery): Statement => db.insert(deliveries).values(delivery)

/** The statements that have a delivery made again, with its turn in its lane. */
export const resetDelivery = (db: Db, delivery: Delivery, now: Timestamp): Statement[] => [
  db.update(deliveries).set({ state: 'pending', attempts: 0, deliveredAt: null }).where(eq(deliveries.id, delivery.id)),
  wakeLanes(db, [delivery], now),
]

export interface DeliveryFilter {
  readonly event?: EventName | undefined
  readonly state?: DeliveryState | undefined
  readonly groupId?: Id<'group'> | undefined
}

/** The place of a delivery among those of its endpoint, the newest first. */
export interface DeliveryPlace {
  readonly createdAt: Timestamp
  readonly seq: number
  readonly n: number
  readonly id: string
}

/** Deliveries of the endpoint, the newest first, and how many there are in all. */
export async function listDeliveriesOf(
  db: Db,
  endpointId: Id<'webhook'>,
  { event, state, groupId }: DeliveryFilter,
  { limit, offset, before }: { limit: number; offset: number; before?: DeliveryPlace },
): Promise<{ items: Delivery[]; total: number }> {
  const matching = and(
    eq(deliveries.endpointId, endpointId),
    event === undefined ? undefined : eq(deliveries.event, event),
    state === undefined ? undefined : eq(deliveries.state, state),
    groupId === undefined ? undefined : eq(deliveries.groupId, groupId),
  )
  const after =
    before === undefined
      ? undefined
      : sql`(${deliveries.createdAt}, ${deliveries.seq}, ${deliveries.n}, ${deliveries.id}) < (${before.createdAt}, ${before.seq}, ${before.n}, ${before.id})`
  const [items, counted] = await db.batch([
    db
      .select(SHOWN_DELIVERY)
      .from(deliveries)
      .where(and(matching, after))
      .orderBy(desc(deliveries.createdAt), desc(deliveries.seq), desc(deliveries.n), desc(deliveries.id))
      .limit(limit)
      .offset(offset),
    db.select({ n: count() }).from(deliveries).where(matching),
  ])
  return { items, total: counted[0]?.n ?? 0 }
}

export const findDelivery = (db: Db, endpointId: Id<'webhook'>, id: Id<'delivery'>): Promise<Delivery | undefined> =>
  db
    .select(SHOWN_DELIVERY)
    .from(deliveries)
    .where(and(eq(deliveries.id, id), eq(deliveries.endpointId, endpointId)))
    .get()

/** An attempt as it was kept; `n` counts all attempts at the delivery. */
export type KeptAttempt = Omit<Attempt, 'retryAfterMs'> & { readonly n: number }

/** The attempts at a delivery, the newest first. */
export async function listAttempts(db: Db, id: Id<'delivery'>, limit: number): Promise<KeptAttempt[]> {
  const rows = await db.select().from(attempts).where(eq(attempts.deliveryId, id)).orderBy(desc(attempts.n)).limit(limit)
  return rows.map(({ deliveryId: _, requestHeaders, ...row }) => ({
    ...row,
    requestHeaders: JSON.parse(requestHeaders) as Record<string, string>,
  }))
}

/** How many deliveries there are to the endpoint about the group, from a seq on. */
export async function countDeliveries(db: Db, { endpointId, groupId }: Lane, fromSeq: number): Promise<number> {
  const row = await db
    .select({ n: count() })
    .from(deliveries)
    .where(and(eq(deliveries.endpointId, endpointId), eq(deliveries.groupId, groupId), sql`${deliveries.seq} >= ${fromSeq}`))
    .get()
  return row?.n ?? 0
}

const PURGED = 5000
const OLD = `SELECT id FROM deliveries WHERE created_at < ? ORDER BY created_at LIMIT ${PURGED}`

/** Deletes a portion of what was made before the moment, with the attempts at it. Answers whether there may be more. */
export async function purgeDeliveries(d1: D1Database, before: Timestamp): Promise<boolean> {
  const [, gone] = await d1.batch([
    d1.prepare(`DELETE FROM delivery_attempts WHERE delivery_id IN (${OLD})`).bind(before),
    d1.prepare(`DELETE FROM deliveries WHERE id IN (${OLD})`).bind(before),
  ])
  return (gone?.meta.changes ?? 0) >= PURGED
}
