// What a consumer has taken in. The statement goes into the batch of the effect: where it was taken in before,
// the whole batch fails, so that a message that comes twice has its effect once.
import { sql } from 'drizzle-orm'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { inbox } from './outward-schema.ts'

export const takeIn = (db: Db, consumer: string, messageId: string, at: Timestamp): Statement =>
  db.insert(inbox).values({ consumer, messageId, at })

/** The statement for many messages at once; it fails if any of them was taken in before. */
export const takeAllIn = (db: Db, consumer: string, messageIds: readonly string[], at: Timestamp): Statement =>
  db.run(sql`INSERT INTO inbox (consumer, message_id, at) SELECT ${consumer}, value, ${at} FROM json_each(${JSON.stringify(messageIds)})`)

/** The statement that notes a message whether or not it was noted before. */
export const noteTaken = (db: Db, consumer: string, messageId: string, at: Timestamp): Statement =>
  db.insert(inbox).values({ consumer, messageId, at }).onConflictDoNothing()

/** Those of the messages that were taken in. */
export async function findTakenIn(d1: D1Database, consumer: string, messageIds: readonly string[]): Promise<Set<string>> {
  if (messageIds.length === 0) return new Set()
  const { results } = await d1
    .prepare('SELECT message_id AS id FROM inbox WHERE consumer = ? AND message_id IN (SELECT value FROM json_each(?))')
    .bind(consumer, JSON.stringify(messageIds))
    .all<{ id: string }>()
  return new Set(results.map((row) => row.id))
}

/** Whether a batch failed because its message was taken in before. */
export const isTakenIn = (message: string): boolean => message.includes('UNIQUE constraint failed: inbox.')
