// All that a service may know of its request. Built once, by the middleware; nothing else reads the clock.
import type { Db } from './db/client.ts'
import type { Actor, SignedIn } from './domain/actor.ts'
import { AppError } from './domain/errors.ts'
import type { Timestamp } from './domain/time.ts'
import type { Env } from './env.ts'

export interface Ctx {
  readonly env: Env
  readonly db: Db
  readonly now: Timestamp
  readonly requestId: string
  readonly actor: Actor
  readonly client: { readonly ip: string; readonly userAgent: string }
  /** The origin that links lead back to, without a slash at its end. */
  readonly origin: string
  /** Present when the request carried an Idempotency-Key: the key, and a digest of all that was asked. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: string }
  readonly ifMatch?: number
  /** Decide and answer, store nothing. */
  readonly isDryRun: boolean
  /** What the reply's headers have to say beyond the value, and whether a promised effect waits in the outbox. */
  readonly notes: { isReplayed: boolean; hasEffects: boolean }
  /** Work that the reply does not wait for. */
  readonly waitUntil: (promise: Promise<unknown>) => void
}

/** The signed-in actor; throws `auth.required` for an anonymous one. */
export function signedIn(ctx: Ctx): SignedIn {
  if (ctx.actor.type === 'anonymous') throw new AppError('auth.required')
  return ctx.actor
}

/** What a job has: the surroundings of a request without a caller. */
export type Surroundings = Pick<Ctx, 'env' | 'db' | 'now' | 'origin'>
