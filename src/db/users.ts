// Accounts. The hash of a password leaves this file only for those who ask for it by name, and an update holds
// only if the account is still the one that was read.
import { and, eq, getTableColumns, isNotNull, isNull, ne, or, sql } from 'drizzle-orm'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { User } from '../domain/user.ts'
import type { Db, Statement } from './client.ts'
import { balances, groups, members, users } from './schema.ts'

const { passwordHash: _, ...account } = getTableColumns(users)

export const findUser = (db: Db, id: Id<'user'>): Promise<User | undefined> => db.select(account).from(users).where(eq(users.id, id)).get()

export interface Credentials {
  readonly user: User
  readonly passwordHash: string
}

/** The account that someone means who writes this to sign in: its email, or its username. */
export function findCredentials(db: Db, login: string): Promise<Credentials | undefined> {
  const column = login.includes('@') ? users.email : users.username
  return db.select({ user: account, passwordHash: users.passwordHash }).from(users).where(eq(column, login)).get()
}

export const findCredentialsOf = (db: Db, id: Id<'user'>): Promise<Credentials | undefined> =>
  db.select({ user: account, passwordHash: users.passwordHash }).from(users).where(eq(users.id, id)).get()

/** Which of the two names somebody else already has. */
export async function findTaken(db: Db, email: string, username: string): Promise<{ email: boolean; username: boolean }> {
  const rows = await db
    .select({ email: users.email, username: users.username })
    .from(users)
    .where(or(eq(users.email, email), eq(users.username, username)))
  return { email: rows.some((row) => row.email === email), username: rows.some((row) => row.username === username) }
}

export const insertUser = (db: Db, user: User, passwordHash: string): Statement => db.insert(users).values({ ...user, passwordHash })

/** Makes the batch fail as a whole unless the account still has this version. */
export const requireVersion = (db: Db, id: Id<'user'>, version: number): Statement =>
  db
    .update(users)
    .set({ version: sql`NULL` })
    .where(and(eq(users.id, id), ne(users.version, version)))

/** SQLite tells which guard or key refused only in words. */
export const isVersionOutrun = (message: string): boolean => message.includes('NOT NULL constraint failed: users.version')
export const isEmailTaken = (message: string): boolean => message.includes('UNIQUE constraint failed: users.email')
export const isUsernameTaken = (message: string): boolean => message.includes('UNIQUE constraint failed: users.username')

/** Writes what a person may change of their account; the rest stays. */
export function updateUser(db: Db, user: User): Statement {
  const { username, firstName, lastName, bio, avatarKey, preferredCurrency, timezone, profile, settings, version, updatedAt } = user
  return db
    .update(users)
    .set({ username, firstName, lastName, bio, avatarKey, preferredCurrency, timezone, profile, settings, version, updatedAt })
    .where(eq(users.id, user.id))
}

export const setPassword = (db: Db, id: Id<'user'>, passwordHash: string): Statement =>
  db.update(users).set({ passwordHash }).where(eq(users.id, id))

/** Notes that the address is theirs; changes nothing when that was known. */
export const setVerified = (db: Db, id: Id<'user'>, now: Timestamp): Statement =>
  db
    .update(users)
    .set({ isVerified: true, version: sql`${users.version} + 1`, updatedAt: now })
    .where(and(eq(users.id, id), eq(users.isVerified, false)))

export interface UserStats {
  /** What their shares add up to in the groups of this currency, in minor units. */
  readonly owedMinor: number
  readonly expenseCount: number
  readonly groupCount: number
}

/** Sums over the user's places; read from counters and balances, never from the expenses themselves. */
export async function readStats(db: Db, id: Id<'user'>, currency: Currency): Promise<UserStats> {
  const [owed, counts] = await db.batch([
    db
      .select({ minor: sql<number>`COALESCE(SUM(${balances.owed}), 0)` })
      .from(members)
      .innerJoin(groups, and(eq(groups.id, members.groupId), eq(groups.currency, currency)))
      .innerJoin(balances, and(eq(balances.groupId, members.groupId), eq(balances.memberId, members.id), eq(balances.currency, currency)))
      .where(eq(members.userId, id)),
    db
      .select({
        expenses: sql<number>`COALESCE(SUM(${groups.expenseCount}), 0)`,
        groups: sql<number>`COALESCE(SUM(${groups.type} <> 'personal'), 0)`,
      })
      .from(members)
      .innerJoin(groups, eq(groups.id, members.groupId))
      .where(and(eq(members.userId, id), eq(members.status, 'active'))),
  ])
  return { owedMinor: owed[0]?.minor ?? 0, expenseCount: counts[0]?.expenses ?? 0, groupCount: counts[0]?.groups ?? 0 }
}

/** Sets or clears the moment from which the account is deactivated; changes nothing when it was so already. */
export const setDeactivated = (db: Db, id: Id<'user'>, isDeactivated: boolean, now: Timestamp): Statement =>
  db
    .update(users)
    .set({ deactivatedAt: isDeactivated ? now : null, version: sql`${users.version} + 1`, updatedAt: now })
    .where(and(eq(users.id, id), isDeactivated ? isNull(users.deactivatedAt) : isNotNull(users.deactivatedAt)))
