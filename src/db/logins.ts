// Who tried to sign in. Failures are counted by the digest of the address, whether or not anybody has it, so
// that a lock tells nothing about who has an account.
import { desc, eq, sql } from 'drizzle-orm'
import type { Login } from '../domain/credentials.ts'
import type { Id } from '../domain/ids.ts'
import { MINUTE, type Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { loginAttempts, loginHistory, users } from './schema.ts'

const MAX_FAILURES = 5
const LOCK_MS = 15 * MINUTE

/** Until when no try is looked at; undefined when it may be tried. */
export async function findLock(db: Db, emailHash: string, now: Timestamp): Promise<Timestamp | undefined> {
  const row = await db
    .select({ lockedUntil: loginAttempts.lockedUntil })
    .from(loginAttempts)
    .where(eq(loginAttempts.emailHash, emailHash))
    .get()
  return row?.lockedUntil != null && row.lockedUntil > now ? row.lockedUntil : undefined
}

/** Counts a failure; the fifth within a quarter of an hour locks. A lock is not made longer by trying on. */
export function countFailure(db: Db, emailHash: string, now: Timestamp): Statement {
  const { failures, lockedUntil, updatedAt } = loginAttempts
  const isOver = sql`(${lockedUntil} <= ${now} OR (${lockedUntil} IS NULL AND ${updatedAt} <= ${now - LOCK_MS}))`
  return db
    .insert(loginAttempts)
    .values({ emailHash, failures: 1, lockedUntil: null, updatedAt: now })
    .onConflictDoUpdate({
      target: loginAttempts.emailHash,
      set: {
        failures: sql`CASE WHEN ${isOver} THEN 1 ELSE ${failures} + 1 END`,
        lockedUntil: sql`CASE WHEN ${isOver} THEN NULL WHEN ${lockedUntil} IS NULL AND ${failures} + 1 >= ${MAX_FAILURES} THEN ${now + LOCK_MS} ELSE ${lockedUntil} END`,
        updatedAt: now,
      },
    })
}

export const clearFailures = (db: Db, emailHash: string): Statement =>
  db.delete(loginAttempts).where(eq(loginAttempts.emailHash, emailHash))

/** Adds to the history of the account with this address; the statement is the same where there is none. */
export function insertLogin(db: Db, email: string, login: Login): Statement {
  const ofUser = db
    .select({
      id: sql`${login.id}`.as('id'),
      userId: users.id,
      at: sql`${login.at}`.as('at'),
      ip: sql`${login.ip}`.as('ip'),
      userAgent: sql`${login.userAgent}`.as('user_agent'),
      outcome: sql`${login.outcome}`.as('outcome'),
    })
    .from(users)
    .where(eq(users.email, email))
  return db.insert(loginHistory).select(ofUser)
}

const MOST_LISTED = 500

/** The newest entries of the user's history. */
export async function listLoginsOf(db: Db, userId: Id<'user'>): Promise<Login[]> {
  const rows = await db
    .select()
    .from(loginHistory)
    .where(eq(loginHistory.userId, userId))
    .orderBy(desc(loginHistory.at), desc(loginHistory.id))
    .limit(MOST_LISTED)
  return rows.map(({ id, at, ip, userAgent, outcome }) => ({ id: id as Id<'login'>, at, ip, userAgent, outcome }))
}
