// Sessions: one row is one family of refresh tokens, of which only the present generation is good. Rotation is
// one conditional UPDATE, so however many ask at once, one of them moves the family on.
import { and, desc, eq, gt, isNull, ne, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { sessions, users } from './schema.ts'

export type SessionRow = typeof sessions.$inferSelect

export const insertSession = (db: Db, row: SessionRow): Statement => db.insert(sessions).values(row)

export interface Rotation {
  readonly sessionId: Id<'session'>
  readonly generation: number
  readonly refreshHash: string
  readonly nextHash: string
  readonly now: Timestamp
  readonly expiresAt: Timestamp
}

/** Moves the family on to its next generation; false when the token shown was not the present one. */
export async function rotateSession(db: Db, { sessionId, generation, refreshHash, nextHash, now, expiresAt }: Rotation): Promise<boolean> {
  const moved = await db
    .update(sessions)
    .set({ generation: generation + 1, refreshHash: nextHash, rotatedAt: now, lastUsedAt: now, expiresAt })
    .where(
      and(
        eq(sessions.id, sessionId),
        eq(sessions.generation, generation),
        eq(sessions.refreshHash, refreshHash),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, now),
      ),
    )
    .returning({ id: sessions.id })
  return moved.length > 0
}

/** The session with what is known of its user, ended or not. */
export const findSession = (db: Db, id: Id<'session'>) =>
  db
    .select({
      userId: sessions.userId,
      generation: sessions.generation,
      rotatedAt: sessions.rotatedAt,
      expiresAt: sessions.expiresAt,
      revokedAt: sessions.revokedAt,
      tier: users.tier,
      personalGroupId: users.personalGroupId,
      timezone: users.timezone,
      deactivatedAt: users.deactivatedAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, id))
    .get()

const MOST_LISTED = 200

/** The user's live sessions, the last used first. */
export const listLiveSessions = (db: Db, userId: Id<'user'>, now: Timestamp) =>
  db
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      ip: sessions.ip,
      createdAt: sessions.createdAt,
      lastUsedAt: sessions.lastUsedAt,
      expiresAt: sessions.expiresAt,
    })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .limit(MOST_LISTED)

export const findLiveSession = (
  db: Db,
  id: Id<'session'>,
  userId: Id<'user'>,
  now: Timestamp,
): Promise<{ id: Id<'session'> } | undefined> =>
  db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, id), eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .get()

export const revokeSession = (db: Db, id: Id<'session'>, now: Timestamp): Statement =>
  db
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)))

/** Ends every session of the user, but for the one to keep. */
export const revokeSessions = (db: Db, userId: Id<'user'>, now: Timestamp, kept?: Id<'session'>): Statement =>
  db
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), kept === undefined ? sql`TRUE` : ne(sessions.id, kept)))
