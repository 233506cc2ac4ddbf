// The promise of an outward effect: a row written in the batch of what caused it. The payload names things
// by id and holds no secret; whoever keeps the promise looks them up.
import { and, asc, eq, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm'
import { newId, type Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { outbox } from './schema.ts'

/** Each kind of effect and what its consumer needs to know. */
export type Effect =
  | { readonly kind: 'mail_verify'; readonly proofId: Id<'proof'> }
  | { readonly kind: 'mail_reset'; readonly proofId: Id<'proof'> }
  | { readonly kind: 'mail_invitation'; readonly invitationId: Id<'invitation'> }
  | { readonly kind: 'profile_changed'; readonly userId: Id<'user'> }
  | { readonly kind: 'places_claimed'; readonly userId: Id<'user'> }

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

/** A promise that this caller, and nobody else until the lease ends, is to keep. */
export interface ClaimedEffect {
  readonly id: Id<'outbox'>
  readonly effect: Effect
  /** How often it was claimed, this time included. */
  readonly attempts: number
}

/** Claims what is due and not claimed by somebody else, the longest due first. */
export async function claimEffects(db: Db, now: Timestamp, leaseMs: number, limit: number): Promise<ClaimedEffect[]> {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(isNull(outbox.doneAt), isNull(outbox.deadAt), lte(outbox.dueAt, now), or(isNull(outbox.leaseUntil), lt(outbox.leaseUntil, now))),
    )
    .orderBy(asc(outbox.dueAt))
    .limit(limit)
  const rows = await db
    .update(outbox)
    .set({ leaseUntil: now + leaseMs, attempts: sql`${outbox.attempts} + 1` })
    .where(inArray(outbox.id, due))
    .returning({ id: outbox.id, payload: outbox.payload, attempts: outbox.attempts })
  return rows.map(({ id, payload, attempts }) => ({ id, effect: JSON.parse(payload) as Effect, attempts }))
}

export const completeEffect = (db: Db, id: Id<'outbox'>, now: Timestamp): Statement =>
  db.update(outbox).set({ doneAt: now, leaseUntil: null, error: null }).where(eq(outbox.id, id))

/** Gives the promise back, to be tried again when it is due. */
export const postponeEffect = (db: Db, id: Id<'outbox'>, dueAt: Timestamp, error: string): Statement =>
  db.update(outbox).set({ dueAt, leaseUntil: null, error }).where(eq(outbox.id, id))

/** Gives the promise up: it is not tried again, and stays to be looked at. */
export const buryEffect = (db: Db, id: Id<'outbox'>, now: Timestamp, error: string): Statement =>
  db.update(outbox).set({ deadAt: now, leaseUntil: null, error }).where(eq(outbox.id, id))
