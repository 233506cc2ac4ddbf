// The brake on guessing: five wrong passwords for one address, known or not, and none is looked at for a
// quarter of an hour.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { countFailure, findLock, insertLogin } from '../db/logins.ts'
import type { Login } from '../domain/credentials.ts'
import { AppError } from '../domain/errors.ts'
import { newId } from '../domain/ids.ts'
import { SECOND } from '../domain/time.ts'
import { digest } from '../platform/keys.ts'

/** Throws `auth.locked` while passwords for the address are not looked at. */
export async function requireUnlocked(ctx: Ctx, email: string): Promise<void> {
  const until = await findLock(ctx.db, digest(email), ctx.now)
  if (until !== undefined) throw new AppError('auth.locked', [], { retryAfterS: Math.ceil((until - ctx.now) / SECOND) })
}

/** This request as an entry of the login history. */
export const loginNow = (ctx: Ctx, outcome: Login['outcome']): Login => ({
  id: newId('login'),
  at: ctx.now,
  ip: ctx.client.ip,
  userAgent: ctx.client.userAgent,
  outcome,
})

/** Counts the failure and notes it in the history; the same statements run for an address that nobody has. */
export async function failLogin(ctx: Ctx, email: string): Promise<AppError> {
  await runBatch(ctx.db, [countFailure(ctx.db, digest(email), ctx.now), insertLogin(ctx.db, email, loginNow(ctx, 'failure'))])
  return new AppError('auth.invalid_credentials')
}
