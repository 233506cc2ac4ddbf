// How far those outside have been told of each group. What lies behind `told_seq` is owed to them; a partial index
// holds just the groups where something is, so that finding them costs nothing while there are none.
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import { eq } from 'drizzle-orm'
import type { Db, Statement } from './client.ts'
import { takeIn } from './inbox.ts'
import { groups } from './schema.ts'

/** Groups in which something happened that was not told, at most `limit`. */
export async function listBehind(d1: D1Database, limit: number): Promise<Id<'group'>[]> {
  const { results } = await d1.prepare('SELECT id FROM groups WHERE seq > told_seq LIMIT ?').bind(limit).all<{ id: Id<'group'> }>()
  return results.map((row) => row.id)
}

/** The last entry that was told, or undefined where nothing is owed. */
export async function findTold(d1: D1Database, groupId: Id<'group'>): Promise<number | undefined> {
  const row = await d1.prepare('SELECT told_seq FROM groups WHERE id = ? AND seq > told_seq').bind(groupId).first<number>('told_seq')
  return row ?? undefined
}

/** The statements that say that the entries from one seq up to another were told; they fail if somebody said so before. */
export const markTold = (db: Db, groupId: Id<'group'>, from: number, to: number, now: Timestamp): Statement[] => [
  takeIn(db, 'tell', `${groupId}:${from}`, now),
  db.update(groups).set({ toldSeq: to }).where(eq(groups.id, groupId)),
]

/** The statement that says that up to the seq there is nothing to tell: it was written before anybody could ask to be told. */
export const skipNews = (db: Db, groupId: Id<'group'>, seq: number): Statement =>
  db.update(groups).set({ toldSeq: seq }).where(eq(groups.id, groupId))
