// A job does what its owner may do at the time it runs, no more: services are called with them as the caller.
import type { Ctx } from '../context.ts'
import { findUser } from '../db/users.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { JobContext } from './context.ts'

/** The surroundings of a request that the user might have made. Throws `user.deactivated` for an account that rests or is gone. */
export async function actingAs(at: JobContext, userId: Id<'user'>): Promise<Ctx> {
  const user = await findUser(at.db, userId)
  if (user === undefined || user.deactivatedAt !== null) throw new AppError('user.deactivated')
  const { tier, personalGroupId, timezone } = user
  return {
    ...at,
    requestId: newId('command'),
    actor: { type: 'session', sessionId: newId('session'), userId, tier, personalGroupId, timezone },
    client: { ip: 'local', userAgent: 'job' },
    isDryRun: false,
    notes: { isReplayed: false, hasEffects: false },
    waitUntil: () => {},
  }
}
