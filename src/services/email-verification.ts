// Proving the address of an account. What was waiting for that address - places that others invited it to - is
// promised in the batch that marks it as proven.
import { signedIn, type Ctx } from '../context.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { findUser, setVerified } from '../db/users.ts'
import { AppError } from '../domain/errors.ts'
import { getProof, proofStatementsFor, redeemProof, type GivenProof } from './proofs.ts'
import { commit } from './repeatable.ts'

/** Marks the address as proven; throws `auth.code_invalid`. */
export async function verifyEmail(ctx: Ctx, given: GivenProof): Promise<void> {
  const proof = await getProof(ctx, 'verify', given)
  await redeemProof(ctx, 'verify', given, proof, [
    setVerified(ctx.db, proof.userId, ctx.now),
    promiseEffect(ctx.db, newEffect({ kind: 'places_claimed', userId: proof.userId }, ctx.now)),
  ])
  ctx.notes.hasEffects = true
}

/** Mails a new code and token to the caller; nothing is sent when the address is proven already. */
export async function resendVerification(ctx: Ctx): Promise<void> {
  await commit(ctx, async () => {
    const user = await findUser(ctx.db, signedIn(ctx).userId)
    if (user === undefined) throw new AppError('auth.invalid_token')
    return { statements: user.isVerified ? [] : proofStatementsFor(ctx, 'verify', user.email), outcome: null }
  })
  ctx.notes.hasEffects = true
}
