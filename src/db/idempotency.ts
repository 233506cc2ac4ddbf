// Replies of writes that carried an Idempotency-Key. The row lives or dies with the write itself.
import { and, eq } from 'drizzle-orm'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { idempotency } from './schema.ts'

/** A write that may be asked for again: by whom, under which key, and what it was. */
export interface Repeatable {
  readonly actor: string
  readonly key: string
  readonly fingerprint: string
}

export async function findReply(db: Db, actor: string, key: string): Promise<{ fingerprint: string; outcome: unknown } | undefined> {
  const row = await db
    .select({ fingerprint: idempotency.fingerprint, outcome: idempotency.outcome })
    .from(idempotency)
    .where(and(eq(idempotency.actor, actor), eq(idempotency.key, key)))
    .get()
  return row === undefined ? undefined : { fingerprint: row.fingerprint, outcome: JSON.parse(row.outcome) as unknown }
}

export const storeReply = (db: Db, write: Repeatable, outcome: unknown, now: Timestamp): Statement =>
  db.insert(idempotency).values({ ...write, outcome: JSON.stringify(outcome ?? null), createdAt: now })

/** SQLite reports a broken key only in words. */
export const isKeyTaken = (message: string): boolean => message.includes('UNIQUE constraint failed: idempotency.')
