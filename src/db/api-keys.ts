// API keys, found by the digest of the key. A revoked key stays as a row, so that its use can be told later.
import { and, count, desc, eq, isNull, lt, or } from 'drizzle-orm'
import type { Scope } from '../domain/actor.ts'
import type { ApiKey } from '../domain/credentials.ts'
import type { Id } from '../domain/ids.ts'
import { HOUR, type Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { apiKeys, users } from './schema.ts'

const shown = {
  id: apiKeys.id,
  name: apiKeys.name,
  hint: apiKeys.hint,
  scopes: apiKeys.scopes,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
}

/** What stands in the column was checked against the scopes when it was written. */
const scopesOf = (stored: readonly string[]): readonly Scope[] => stored as readonly Scope[]

export const insertApiKey = (db: Db, userId: Id<'user'>, key: ApiKey, hash: string): Statement =>
  db.insert(apiKeys).values({ ...key, userId, hash })

/** The user's keys that were not revoked, the newest first. */
export async function listApiKeysOf(db: Db, userId: Id<'user'>): Promise<ApiKey[]> {
  const rows = await db
    .select(shown)
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .orderBy(desc(apiKeys.id))
  return rows.map((row) => ({ ...row, scopes: scopesOf(row.scopes) }))
}

export async function countApiKeys(db: Db, userId: Id<'user'>): Promise<number> {
  const row = await db
    .select({ n: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .get()
  return row?.n ?? 0
}

/** The key with this digest and what is known of its user, whether it is still good or not. */
export async function findApiKey(db: Db, hash: string) {
  const row = await db
    .select({
      id: apiKeys.id,
      userId: apiKeys.userId,
      scopes: apiKeys.scopes,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
      revokedAt: apiKeys.revokedAt,
      tier: users.tier,
      personalGroupId: users.personalGroupId,
      timezone: users.timezone,
      deactivatedAt: users.deactivatedAt,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.hash, hash))
    .get()
  return row === undefined ? undefined : { ...row, scopes: scopesOf(row.scopes) }
}

export const isKeyOf = async (db: Db, id: Id<'apiKey'>, userId: Id<'user'>): Promise<boolean> =>
  (await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .get()) !== undefined

export const revokeKey = (db: Db, id: Id<'apiKey'>, now: Timestamp): Statement =>
  db.update(apiKeys).set({ revokedAt: now }).where(eq(apiKeys.id, id))

export const revokeKeys = (db: Db, userId: Id<'user'>, now: Timestamp): Statement =>
  db
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))

/** Notes the use of the key, at most once an hour. */
export async function touchApiKey(db: Db, id: Id<'apiKey'>, now: Timestamp): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, now - HOUR))))
}
