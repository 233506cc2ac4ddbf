// The promise of an outward effect: a row written in the batch of what caused it. The payload names things
// by id and holds no secret; whoever keeps the promise looks them up.
import { and, asc, desc, eq, inArray, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import { newId, type Id } from '../domain/ids.ts'
import type { DeadLetter } from '../domain/job.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { OutwardChannel } from '../domain/channels.ts'
import type { Day, Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { outbox } from './schema.ts'
import { stableId } from './stable-id.ts'

/** Each kind of effect and what its consumer needs to know. */
export type Effect =
  | { readonly kind: 'mail_verify'; readonly proofId: Id<'proof'> }
  | { readonly kind: 'mail_reset'; readonly proofId: Id<'proof'> }
  | { readonly kind: 'mail_invitation'; readonly invitationId: Id<'invitation'> }
  | { readonly kind: 'mail_invitation_expiring'; readonly invitationId: Id<'invitation'> }
  | { readonly kind: 'profile_changed'; readonly userId: Id<'user'> }
  | { readonly kind: 'places_claimed'; readonly userId: Id<'user'> }
  | { readonly kind: 'run_job'; readonly jobId: Id<'job'> }
  /** The report of a schedule whose day has come. */
  | { readonly kind: 'run_schedule'; readonly scheduleId: Id<'schedule'> }
  /** The text of a receipt. It takes seconds, so it is claimed apart from the others. */
  | { readonly kind: 'read_receipt'; readonly receiptId: Id<'receipt'> }
  /** The provider is asked how the payment stands, until it stands still. */
  | { readonly kind: 'settle_payment'; readonly paymentId: Id<'payment'> }
  /** The sandbox tells us of a payment, as a provider would. */
  | { readonly kind: 'sandbox_event'; readonly paymentId: Id<'payment'> }
  | Standing

/** Effects of which there is one for each thing that they are about: it is done and wakes again, and never twice at once. */
export type Standing =
  /** The deliveries of an endpoint about one group, in order. */
  | { readonly kind: 'deliver'; readonly endpointId: Id<'webhook'>; readonly groupId: Id<'group'> | '' }
  /** The notices that wait for somebody on a channel. */
  | { readonly kind: 'notify'; readonly userId: Id<'user'>; readonly channel: OutwardChannel }
  /** The reminders of everybody in a zone, on one day there; `reached` is how far a run came that was too long for one go. */
  | { readonly kind: 'remind'; readonly zone: string; readonly day: Day; readonly reached?: string }
  /** What came of a report that a schedule had made: told once, however often its end is seen. */
  | { readonly kind: 'tell_report'; readonly jobId: Id<'job'> }

export interface PromisedEffect {
  readonly id: Id<'outbox'>
  readonly effect: Effect
  readonly groupId?: Id<'group'>
  readonly seq?: number
  readonly dueAt: Timestamp
}

export const newEffect = (effect: Effect, dueAt: Timestamp): PromisedEffect => ({ id: newId('outbox'), effect, dueAt })

/** The statement that makes the promise. */
export function promiseEffect(db: Db, promised: PromisedEffect): Statement {
  const { id, effect, groupId = null, seq = null, dueAt } = promised
  return db.insert(outbox).values({ id, kind: effect.kind, groupId, seq, payload: JSON.stringify(effect), dueAt })
}

/** The statement that makes many promises at once, so that their number does not lengthen the batch. */
export function promiseEffects(db: Db, effects: readonly Effect[], dueAt: Timestamp): Statement {
  const rows = JSON.stringify(effects.map((effect) => [newId('outbox'), effect.kind, JSON.stringify(effect)]))
  return db.run(
    sql`INSERT INTO outbox (id, kind, payload, due_at) SELECT value->>0, value->>1, value->>2, ${dueAt} FROM json_each(${rows})`,
  )
}

/** The id of a standing effect. */
export const standingId = ({ kind, ...about }: Standing): Id<'outbox'> => stableId('outbox', kind, ...Object.values(about))

/** A standing effect, and when it is to be due. */
export interface Wake {
  readonly effect: Standing
  readonly dueAt: Timestamp
}

/**
 * The one statement that makes standing effects due, each named once. One that waits already is brought forward, if
 * that is sooner, or, where it waits because it failed and `isPatient`, left to wait.
 */
export function wakeEffects(db: Db, wakes: readonly Wake[], isPatient = false): Statement {
  const isOver = sql`(outbox.done_at IS NOT NULL OR outbox.dead_at IS NOT NULL)`
  const waiting = isPatient ? sql`outbox.due_at` : sql`MIN(outbox.due_at, excluded.due_at)`
  const rows = JSON.stringify(wakes.map(({ effect, dueAt }) => [standingId(effect), effect.kind, JSON.stringify(effect), dueAt]))
  return db.run(sql`INSERT INTO outbox (id, kind, payload, due_at)
    SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(${rows}) WHERE true
    ON CONFLICT (id) DO UPDATE SET
      due_at = CASE WHEN ${isOver} THEN excluded.due_at ELSE ${waiting} END,
      attempts = CASE WHEN ${isOver} THEN 0 ELSE outbox.attempts END,
      done_at = NULL, dead_at = NULL`)
}

/** The statement that makes those of the standing effects due that were never promised, the first `limit` of them; one that is done stays done. */
export function promiseOnce(db: Db, effects: readonly Standing[], dueAt: Timestamp, limit: number): Statement {
  const rows = JSON.stringify(effects.map((effect) => [standingId(effect), effect.kind, JSON.stringify(effect)]))
  return db.run(
    sql`INSERT INTO outbox (id, kind, payload, due_at) SELECT value->>0, value->>1, value->>2, ${dueAt} FROM json_each(${rows})
    WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE id = value->>0) LIMIT ${limit} ON CONFLICT (id) DO NOTHING`,
  )
}

/** The statement that notes in an effect how far it has been kept. */
export const noteEffect = (db: Db, id: Id<'outbox'>, effect: Effect): Statement =>
  db
    .update(outbox)
    .set({ payload: JSON.stringify(effect) })
    .where(and(eq(outbox.id, id), isNull(outbox.doneAt)))

/** A promise that this caller, and nobody else until the lease ends, is to keep. */
export interface ClaimedEffect {
  readonly id: Id<'outbox'>
  readonly effect: Effect
  /** How often it was claimed, this time included. */
  readonly attempts: number
  readonly leaseUntil: Timestamp
}

/** Two lines that don't wait for each other: receipts to be read, and everything else. */
export type Line = 'readings' | 'others'

/** Claims what is due in the line and not claimed by somebody else, the longest due first. */
export async function claimEffects(
  db: Db,
  now: Timestamp,
  leaseMs: number,
  limit: number,
  line: Line = 'others',
): Promise<ClaimedEffect[]> {
  const ofLine = line === 'readings' ? eq(outbox.kind, 'read_receipt') : ne(outbox.kind, 'read_receipt')
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        ofLine,
        isNull(outbox.doneAt),
        isNull(outbox.deadAt),
        lte(outbox.dueAt, now),
        or(isNull(outbox.leaseUntil), lt(outbox.leaseUntil, now)),
      ),
    )
    .orderBy(asc(outbox.dueAt))
    .limit(limit)
  const rows = await db
    .update(outbox)
    .set({ leaseUntil: now + leaseMs, attempts: sql`${outbox.attempts} + 1` })
    .where(inArray(outbox.id, due))
    .returning({ id: outbox.id, payload: outbox.payload, attempts: outbox.attempts })
  return rows.map(({ id, payload, attempts }) => ({ id, effect: JSON.parse(payload) as Effect, attempts, leaseUntil: now + leaseMs }))
}

// A lease that ran out may have passed to somebody else: what its former holder says is not heard any more.
const claimedAs = ({ id, leaseUntil }: ClaimedEffect) => and(eq(outbox.id, id), eq(outbox.leaseUntil, leaseUntil))

/** Keeps the promise claimed until then by whoever holds it. */
export const renewLease = (db: Db, claimed: ClaimedEffect, leaseUntil: Timestamp): Statement =>
  db.update(outbox).set({ leaseUntil }).where(claimedAs(claimed))

export const completeEffect = (db: Db, claimed: ClaimedEffect, now: Timestamp): Statement =>
  db.update(outbox).set({ doneAt: now, leaseUntil: null, error: null }).where(claimedAs(claimed))

/** Gives the promise back, kept so far and due again; it has not failed. */
export const resumeEffect = (db: Db, claimed: ClaimedEffect, dueAt: Timestamp): Statement =>
  db.update(outbox).set({ dueAt, leaseUntil: null, error: null, attempts: 0 }).where(claimedAs(claimed))

/** Gives the promise back, to be tried again when it is due. */
export const postponeEffect = (db: Db, claimed: ClaimedEffect, dueAt: Timestamp, error: string): Statement =>
  db.update(outbox).set({ dueAt, leaseUntil: null, error }).where(claimedAs(claimed))

/** Gives the promise up: it is not tried again, and stays to be looked at. */
export const buryEffect = (db: Db, claimed: ClaimedEffect, now: Timestamp, error: string): Statement =>
  db.update(outbox).set({ deadAt: now, leaseUntil: null, error }).where(claimedAs(claimed))

const DEAD = {
  id: outbox.id,
  kind: outbox.kind,
  groupId: outbox.groupId,
  attempts: outbox.attempts,
  deadAt: outbox.deadAt,
  error: outbox.error,
}

/** What was given up, by id from the last to the first. */
export async function listDead(db: Db, request: PageRequest): Promise<Page<DeadLetter>> {
  const isDead = sql`${outbox.deadAt} IS NOT NULL`
  const [before] = request.after ?? []
  const [rows, total] = await Promise.all([
    db
      .select(DEAD)
      .from(outbox)
      .where(before === undefined ? isDead : and(isDead, sql`${outbox.id} < ${before}`))
      .orderBy(desc(outbox.id))
      .limit(request.size + 1)
      .offset(rowsBefore(request)),
    db.$count(outbox, isDead),
  ])
  return pageOfRows(rows, total, request, (row) => row.id)
}

/** Makes a promise that was given up due again. False when there is none such. */
export async function reviveEffect(db: Db, id: Id<'outbox'>, now: Timestamp): Promise<boolean> {
  const revived = await db
    .update(outbox)
    .set({ deadAt: null, dueAt: now, attempts: 0, leaseUntil: null })
    .where(and(eq(outbox.id, id), sql`${outbox.deadAt} IS NOT NULL`))
    .returning({ id: outbox.id })
  return revived.length > 0
}
