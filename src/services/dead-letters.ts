// What was given up, for those who run the service: each can be looked at and tried again.
import { signedIn, type Ctx } from '../context.ts'
import { listDead, reviveEffect } from '../db/outbox.ts'
import { findUser } from '../db/users.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { DeadLetter } from '../domain/job.ts'
import type { Page, PageRequest } from '../domain/page.ts'

/** Throws `auth.forbidden` unless the caller's address is one of the operators' and they have proved it. */
async function requireOperator(ctx: Ctx): Promise<void> {
  const operators = ctx.env.OPERATORS.split(',').map((address) => address.trim().toLowerCase())
  const user = await findUser(ctx.db, signedIn(ctx).userId)
  if (user?.isVerified === true && operators.includes(user.email.toLowerCase())) return
  throw new AppError('auth.forbidden', [
    { field: 'Authorization', message: 'Only operators of the service may see this', code: 'NOT_AN_OPERATOR' },
  ])
}

/** The effects that were given up, the newest first. Throws `auth.forbidden`. */
export async function listDeadLetters(ctx: Ctx, request: PageRequest): Promise<Page<DeadLetter>> {
  await requireOperator(ctx)
  return listDead(ctx.db, request)
}

/** Makes an effect that was given up due again. Throws `auth.forbidden`, `dead_letter.not_found`. */
export async function replayDeadLetter(ctx: Ctx, id: Id<'outbox'>): Promise<void> {
  await requireOperator(ctx)
  if (!(await reviveEffect(ctx.db, id, ctx.now))) throw new AppError('dead_letter.not_found')
  ctx.notes.hasEffects = true
}
