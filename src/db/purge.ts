// What is no longer needed, deleted in portions. Nothing of the ledger is ever among it.
import { DAY, HOUR, type Timestamp } from '../domain/time.ts'

const PORTION = 1000
/** How long a repeated request still gets its first reply. */
const REPLIES_KEPT_MS = 7 * DAY
const HISTORY_KEPT_MS = 400 * DAY
/** How long an import can be looked at, and taken back, after its file was sent. Which lines a group has is kept for good. */
export const IMPORTS_KEPT_MS = 90 * DAY

const PURGES: readonly { readonly table: string; readonly key: string; readonly where: string; readonly keptMs: number }[] = [
  { table: 'idempotency', key: 'actor, key', where: 'created_at < ?', keptMs: REPLIES_KEPT_MS },
  { table: 'sessions', key: 'id', where: 'expires_at < ?', keptMs: 30 * DAY },
  { table: 'email_proofs', key: 'id', where: 'expires_at < ?', keptMs: DAY },
  { table: 'login_attempts', key: 'email_hash', where: 'updated_at < ?', keptMs: DAY },
  { table: 'login_history', key: 'id', where: 'at < ?', keptMs: HISTORY_KEPT_MS },
  { table: 'jobs', key: 'id', where: 'finished_at < ?', keptMs: 90 * DAY },
  { table: 'imports', key: 'id', where: 'created_at < ?', keptMs: IMPORTS_KEPT_MS },
  { table: 'outbox', key: 'id', where: 'done_at < ?', keptMs: 30 * DAY },
  { table: 'inbox', key: 'consumer, message_id', where: 'at < ?', keptMs: 60 * DAY },
  { table: 'notifications', key: 'id', where: 'created_at < ? AND (read_at IS NOT NULL OR is_listed = 0)', keptMs: 90 * DAY },
  { table: 'notifications', key: 'id', where: 'created_at < ?', keptMs: HISTORY_KEPT_MS },
]

/** Deletes a portion of each kind; a rest waits for the next night. */
export async function purgeExpired(d1: D1Database, now: Timestamp): Promise<void> {
  await d1.batch(
    PURGES.map(({ table, key, where, keptMs }) =>
      d1.prepare(`DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${PORTION})`).bind(now - keptMs),
    ),
  )
}

/** Those of the keys that something still names: receipts by their row, thumbnails by that of their receipt, avatars by the profile that shows them. */
export async function findKeptKeys(d1: D1Database, keys: readonly string[]): Promise<Set<string>> {
  const { results } = await d1
    .prepare(
      `SELECT k.value AS key FROM json_each(?) k JOIN files f ON f.key = replace(k.value, 'thumbnails/', 'receipts/')
WHERE f.deleted_at IS NULL AND (f.purpose = 'receipt' OR f.key IN (SELECT avatar_key FROM users) OR f.key IN (SELECT avatar_key FROM members))`,
    )
    .bind(JSON.stringify(keys))
    .all<{ key: string }>()
  return new Set(results.map((row) => row.key))
}

/** A young object may still be on its way into its batch. */
export const ORPHAN_AGE_MS = 24 * HOUR
