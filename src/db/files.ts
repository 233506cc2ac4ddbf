// The rows of stored files. The object is written first, so a row always names one that exists.
import { eq, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { files, users } from './schema.ts'

export const insertFile = (db: Db, row: typeof files.$inferInsert): Statement => db.insert(files).values(row)

/** Gives the user another avatar; the profile has changed, so its version grows. */
export const setAvatar = (db: Db, userId: Id<'user'>, avatarKey: string, now: Timestamp): Statement =>
  db
    .update(users)
    .set({ avatarKey, version: sql`${users.version} + 1`, updatedAt: now })
    .where(eq(users.id, userId))
