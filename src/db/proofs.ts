// Proofs that went out by mail. Each is good once: using one that was used makes the whole batch fail, so what
// it would have allowed does not happen either.
import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import { MINUTE, type Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import type { PromisedEffect } from './outbox.ts'
import { emailProofs, outbox, users } from './schema.ts'

export type ProofPurpose = 'verify' | 'reset'

export interface NewProof {
  readonly id: Id<'proof'>
  readonly purpose: ProofPurpose
  readonly codeHash: string
  readonly tokenHash: string
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp
}

/** A proof that still is good, and whose it is. */
export interface OpenProof {
  readonly id: Id<'proof'>
  readonly userId: Id<'user'>
  readonly email: string
}

const MAX_CODE_TRIES = 5
export const CODE_LIFETIME_MS = 10 * MINUTE

/** So many mails with a code in so long a time; each new code would allow as many guesses again. */
const MAX_PROOFS = 3
const PROOFS_WINDOW_MS = 10 * MINUTE

export const insertProof = (db: Db, userId: Id<'user'>, proof: NewProof): Statement => db.insert(emailProofs).values({ ...proof, userId })

/**
 * Makes the proof for whoever has this address, with the promise to mail it. The same statements run when
 * nobody has it, or has been sent enough of them; then they store nothing.
 */
export function insertProofFor(db: Db, email: string, proof: NewProof, { id, effect, dueAt }: PromisedEffect): Statement[] {
  const recent = sql`(SELECT COUNT(*) FROM email_proofs WHERE user_id = ${users.id} AND purpose = ${proof.purpose} AND created_at > ${proof.createdAt - PROOFS_WINDOW_MS})`
  const ofUser = db
    .select({
      id: sql`${proof.id}`.as('id'),
      userId: users.id,
      purpose: sql`${proof.purpose}`.as('purpose'),
      codeHash: sql`${proof.codeHash}`.as('code_hash'),
      tokenHash: sql`${proof.tokenHash}`.as('token_hash'),
      tries: sql`0`.as('tries'),
      createdAt: sql`${proof.createdAt}`.as('created_at'),
      expiresAt: sql`${proof.expiresAt}`.as('expires_at'),
      usedAt: sql`NULL`.as('used_at'),
    })
    .from(users)
    .where(and(eq(users.email, email), lt(recent, MAX_PROOFS)))
  const ofProof = db
    .select({
      id: sql`${id}`.as('id'),
      kind: sql`${effect.kind}`.as('kind'),
      groupId: sql`NULL`.as('group_id'),
      seq: sql`NULL`.as('seq'),
      payload: sql`${JSON.stringify(effect)}`.as('payload'),
      dueAt: sql`${dueAt}`.as('due_at'),
      attempts: sql`0`.as('attempts'),
      leaseUntil: sql`NULL`.as('lease_until'),
      doneAt: sql`NULL`.as('done_at'),
      deadAt: sql`NULL`.as('dead_at'),
      error: sql`NULL`.as('error'),
    })
    .from(emailProofs)
    .where(eq(emailProofs.id, proof.id))
  return [db.insert(emailProofs).select(ofUser), db.insert(outbox).select(ofProof)]
}

const open = { id: sql<Id<'proof'>>`${emailProofs.id}`, userId: emailProofs.userId, email: users.email }

export const findProofByToken = (db: Db, purpose: ProofPurpose, tokenHash: string, now: Timestamp): Promise<OpenProof | undefined> =>
  db
    .select(open)
    .from(emailProofs)
    .innerJoin(users, eq(users.id, emailProofs.userId))
    .where(
      and(
        eq(emailProofs.tokenHash, tokenHash),
        eq(emailProofs.purpose, purpose),
        isNull(emailProofs.usedAt),
        gt(emailProofs.expiresAt, now),
      ),
    )
    .get()

/** The proof as its mail needs it, used or not. */
export const findProof = (db: Db, id: Id<'proof'>) =>
  db
    .select({ ...open, firstName: users.firstName, username: users.username, usedAt: emailProofs.usedAt, expiresAt: emailProofs.expiresAt })
    .from(emailProofs)
    .innerJoin(users, eq(users.id, emailProofs.userId))
    .where(eq(emailProofs.id, id))
    .get()

/** Whose code it is that somebody types. */
export type CodeOwner = { readonly email: string } | { readonly userId: Id<'user'> }

/**
 * Takes one of the tries that the owner's newest code has left, before anybody looks whether the code is
 * right: guesses sent side by side are counted too. Undefined when there is no such code or no try left.
 */
export async function spendTry(
  db: Db,
  purpose: ProofPurpose,
  owner: CodeOwner,
  now: Timestamp,
): Promise<{ id: Id<'proof'>; codeHash: string } | undefined> {
  const whose = 'email' in owner ? sql`u.email = ${owner.email}` : sql`u.id = ${owner.userId}`
  const newest = sql`(SELECT p.id FROM email_proofs p JOIN users u ON u.id = p.user_id WHERE ${whose} AND p.purpose = ${purpose} ORDER BY p.id DESC LIMIT 1)`
  const [row] = await db
    .update(emailProofs)
    .set({ tries: sql`${emailProofs.tries} + 1` })
    .where(
      and(
        eq(emailProofs.id, newest),
        lt(emailProofs.tries, MAX_CODE_TRIES),
        isNull(emailProofs.usedAt),
        gt(emailProofs.createdAt, now - CODE_LIFETIME_MS),
      ),
    )
    .returning({ id: open.id, codeHash: emailProofs.codeHash })
  return row
}

/** Marks the proof as used, and its fellows with it; the batch fails as a whole if it was used meanwhile. */
export function useProof(db: Db, purpose: ProofPurpose, proof: OpenProof, now: Timestamp): Statement[] {
  const unlessUsed = sql`CASE WHEN ${emailProofs.usedAt} IS NULL THEN ${emailProofs.userId} ELSE NULL END`
  return [
    db.update(emailProofs).set({ usedAt: now, userId: unlessUsed }).where(eq(emailProofs.id, proof.id)),
    db
      .update(emailProofs)
      .set({ usedAt: now })
      .where(and(eq(emailProofs.userId, proof.userId), eq(emailProofs.purpose, purpose), isNull(emailProofs.usedAt))),
  ]
}

export const isProofUsed = (message: string): boolean => message.includes('NOT NULL constraint failed: email_proofs.user_id')
