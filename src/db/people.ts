// Users as the groups see them: who they are and how they are called, and nothing of their account.
import { and, eq, inArray } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import { displayName } from '../domain/user.ts'
import type { Db } from './client.ts'
import { members, users } from './schema.ts'

export interface UserIdentity {
  readonly userId: Id<'user'>
  readonly name: string
  readonly email: string
  readonly avatarKey?: string
}

const COLUMNS = {
  id: users.id,
  email: users.email,
  username: users.username,
  firstName: users.firstName,
  lastName: users.lastName,
  avatarKey: users.avatarKey,
}

type Row = { id: Id<'user'>; email: string; username: string; firstName: string; lastName: string; avatarKey: string | null }

const identityOf = (row: Row): UserIdentity => ({
  userId: row.id,
  name: displayName(row),
  email: row.email,
  ...(row.avatarKey !== null && { avatarKey: row.avatarKey }),
})

export async function findPerson(db: Db, userId: Id<'user'>): Promise<UserIdentity | undefined> {
  const row = await db.select(COLUMNS).from(users).where(eq(users.id, userId)).get()
  return row === undefined ? undefined : identityOf(row)
}

/** Those of the addresses that have an account. At most 90 addresses: D1 binds 100 parameters. */
export async function findPeopleByEmail(db: Db, emails: readonly string[]): Promise<UserIdentity[]> {
  if (emails.length === 0) return []
  const rows = await db
    .select(COLUMNS)
    .from(users)
    .where(inArray(users.email, [...emails]))
  return rows.map(identityOf)
}

/** Every group in which the user has a place now, the personal one included. */
export async function listGroupIds(db: Db, userId: Id<'user'>): Promise<Id<'group'>[]> {
  const rows = await db
    .select({ groupId: members.groupId })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.status, 'active')))
  return rows.map((row) => row.groupId)
}
