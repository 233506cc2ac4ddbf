// Proving that an address is one's own: by the long token of a link, or by six digits and the address. A proof
// is good once, a code has five tries, and the mail is promised in the batch that makes the proof.
import type { Ctx } from '../context.ts'
import { runBatch, type Statement } from '../db/client.ts'
import { newEffect, promiseEffect, type PromisedEffect } from '../db/outbox.ts'
import * as rows from '../db/proofs.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import { DAY, HOUR } from '../domain/time.ts'
import { digest, isSameSecret, tokenFor } from '../platform/keys.ts'
import { proofCode, proofCodeHash } from '../platform/tokens.ts'
import { messagesOf } from './repeatable.ts'

export const TOKEN_LIFETIME_MS: Readonly<Record<rows.ProofPurpose, number>> = { verify: DAY, reset: HOUR }

/** What somebody brings as a proof. */
export type GivenProof = { readonly token: string } | ({ readonly code: string } & rows.CodeOwner)

function newProof(ctx: Ctx, purpose: rows.ProofPurpose): { proof: rows.NewProof; effect: PromisedEffect } {
  const { SECRET } = ctx.env
  const id = newId('proof')
  const codeHash = proofCodeHash(SECRET, id, proofCode(SECRET, id))
  const tokenHash = digest(tokenFor(SECRET, 'mail-proof', id))
  const kind = purpose === 'verify' ? 'mail_verify' : 'mail_reset'
  return {
    proof: { id, purpose, codeHash, tokenHash, createdAt: ctx.now, expiresAt: ctx.now + TOKEN_LIFETIME_MS[purpose] },
    effect: newEffect({ kind, proofId: id }, ctx.now),
  }
}

/** The statements that make a proof for a user who is made in the same batch. */
export function proofStatements(ctx: Ctx, userId: Id<'user'>): Statement[] {
  const { proof, effect } = newProof(ctx, 'verify')
  return [rows.insertProof(ctx.db, userId, proof), promiseEffect(ctx.db, effect)]
}

/** The statements that make a proof for whoever has the address; nothing is stored if nobody has it. */
export function proofStatementsFor(ctx: Ctx, purpose: rows.ProofPurpose, email: string): Statement[] {
  const { proof, effect } = newProof(ctx, purpose)
  return rows.insertProofFor(ctx.db, email, proof, effect)
}

const invalid = (given: GivenProof): AppError =>
  new AppError('auth.code_invalid', [
    { field: 'token' in given ? 'token' : 'code', message: 'Is wrong, was used, or has expired; ask for a new mail', code: 'INVALID_CODE' },
  ])

/** The open proof that was given; throws `auth.code_invalid`. A code costs one of its tries, right or wrong. */
export async function getProof(ctx: Ctx, purpose: rows.ProofPurpose, given: GivenProof): Promise<rows.OpenProof> {
  const { db, now, env } = ctx
  if ('token' in given) {
    const proof = await rows.findProofByToken(db, purpose, digest(given.token), now)
    if (proof === undefined) throw invalid(given)
    return proof
  }
  const tried = await rows.spendTry(db, purpose, given, now)
  if (tried === undefined || !isSameSecret(tried.codeHash, proofCodeHash(env.SECRET, tried.id, given.code))) throw invalid(given)
  const proof = await rows.findProof(db, tried.id)
  if (proof === undefined) throw invalid(given)
  return proof
}

/** Uses the proof up and does what it allows, both or neither; throws `auth.code_invalid` if it was used meanwhile. */
export async function redeemProof(
  ctx: Ctx,
  purpose: rows.ProofPurpose,
  given: GivenProof,
  proof: rows.OpenProof,
  statements: readonly Statement[],
): Promise<void> {
  try {
    await runBatch(ctx.db, [...rows.useProof(ctx.db, purpose, proof, ctx.now), ...statements])
  } catch (error) {
    throw messagesOf(error).some(rows.isProofUsed) ? invalid(given) : error
  }
}
