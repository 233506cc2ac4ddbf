// Changing a password, known or forgotten. Either way whoever else is signed in is signed out; a forgotten one
// also clears the lock, because the owner of the address must be able to get in while somebody else is guessing.
import { signedIn, type Ctx } from '../context.ts'
import { revokeKeys } from '../db/api-keys.ts'
import { runBatch } from '../db/client.ts'
import { clearFailures } from '../db/logins.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { revokeSessions } from '../db/sessions.ts'
import { findCredentialsOf, setPassword, setVerified } from '../db/users.ts'
import { AppError } from '../domain/errors.ts'
import { passwordFaults } from '../domain/password-rules.ts'
import { digest } from '../platform/keys.ts'
import { hashPassword, isPassword } from '../platform/passwords.ts'
import { forgetUser } from './identify.ts'
import { failLogin, requireUnlocked } from './lock.ts'
import { getProof, proofStatementsFor, redeemProof, type GivenProof } from './proofs.ts'
import { commit } from './repeatable.ts'
import { currentSession } from './sessions.ts'

/** Throws `request.invalid` with everything that is wrong with the new password. */
function requireGoodPassword(password: string, email: string): void {
  const faults = passwordFaults(password, email, 'new_password')
  if (faults.length > 0) throw new AppError('request.invalid', faults)
}

/** Mails a way to set a new password to whoever has the address, and says nothing about who has. */
export async function requestPasswordReset(ctx: Ctx, email: string): Promise<void> {
  await runBatch(ctx.db, proofStatementsFor(ctx, 'reset', email))
  // As much work as a sign-in: what one batch more or less takes is lost in it.
  isPassword('', undefined)
  ctx.notes.hasEffects = true
}

/**
 * Sets a new password with the proof of a reset mail; throws `auth.code_invalid` or `request.invalid`. Ends
 * every session and API key. The mail was read, so the address is proven as well.
 */
export async function confirmPasswordReset(ctx: Ctx, given: GivenProof, password: string): Promise<void> {
  requireGoodPassword(password, 'email' in given ? given.email : '')
  const passwordHash = hashPassword(password)
  const proof = await getProof(ctx, 'reset', given)
  requireGoodPassword(password, proof.email)
  const { db, now } = ctx
  const { userId } = proof
  await redeemProof(ctx, 'reset', given, proof, [
    setPassword(db, userId, passwordHash),
    revokeSessions(db, userId, now),
    revokeKeys(db, userId, now),
    clearFailures(db, digest(proof.email)),
    setVerified(db, userId, now),
    promiseEffect(db, newEffect({ kind: 'places_claimed', userId }, now)),
  ])
  forgetUser(userId)
  ctx.notes.hasEffects = true
}

/** Changes the caller's password; throws `auth.invalid_credentials` when the current one is wrong. Ends the other sessions. */
export async function changePassword(ctx: Ctx, current: string, password: string): Promise<void> {
  const { userId } = signedIn(ctx)
  const sessionId = currentSession(ctx)
  const { db, now } = ctx
  await commit(ctx, async () => {
    const credentials = await findCredentialsOf(db, userId)
    if (credentials === undefined) throw new AppError('auth.invalid_token')
    const { email } = credentials.user
    requireGoodPassword(password, email)
    await requireUnlocked(ctx, email)
    if (!isPassword(current, credentials.passwordHash)) throw await failLogin(ctx, email)
    return { statements: [setPassword(db, userId, hashPassword(password)), revokeSessions(db, userId, now, sessionId)], outcome: null }
  })
  forgetUser(userId)
}
