// What is done once a night: the audit of what has changed, and the removal of what nothing needs any more.
// Each part goes on where it ended, so a missed or doubled night changes nothing.
import type { Surroundings } from '../context.ts'
import { purgeDeliveries } from '../db/deliveries.ts'
import { findKeptKeys, IMPORTS_KEPT_MS, ORPHAN_AGE_MS, purgeExpired } from '../db/purge.ts'
import { errorText } from '../domain/error-text.ts'
import { DAY } from '../domain/time.ts'
import { deleteFile, listFiles, type FileArea } from '../platform/files.ts'
import { auditChangedGroups } from '../services/audit.ts'
import { KEPT_MS } from '../services/made-files.ts'
import { reconcilePayments } from './reconcile.ts'

const AUDITS_A_NIGHT = 200
const DELIVERIES_KEPT_MS = 30 * DAY
const PURGES_A_NIGHT = 50

/** Forgets deliveries to webhooks, and what was waiting for one that has been disabled for so long. */
async function forgetDeliveries(at: Surroundings): Promise<void> {
  for (let n = 0; n < PURGES_A_NIGHT; n++) if (!(await purgeDeliveries(at.db.$client, at.now - DELIVERIES_KEPT_MS))) return
}

/** Removes objects that have been stored for a day and that nothing names. */
export async function removeOrphans(at: Surroundings, area: FileArea): Promise<number> {
  let removed = 0
  let after: string | undefined
  do {
    const { files, next } = await listFiles(at.env, area, after)
    const old = files.filter((file) => file.storedAt < at.now - ORPHAN_AGE_MS).map((file) => file.key)
    const kept = await findKeptKeys(at.db.$client, old)
    const orphans = old.filter((key) => !kept.has(key))
    for (const key of orphans) await deleteFile(at.env, key)
    removed += orphans.length
    after = next
  } while (after !== undefined)
  return removed
}

/** Removes files of an area once they are so old. */
async function removeExpired(at: Surroundings, area: FileArea, keptMs: number): Promise<number> {
  let removed = 0
  let after: string | undefined
  do {
    const { files, next } = await listFiles(at.env, area, after)
    const old = files.filter((file) => file.storedAt < at.now - keptMs)
    for (const { key } of old) await deleteFile(at.env, key)
    removed += old.length
    after = next
  } while (after !== undefined)
  return removed
}

/** Runs every part, whatever becomes of the others. Never throws. */
export async function runNightly(at: Surroundings): Promise<void> {
  const parts = [
    () => reconcilePayments(at),
    () => auditChangedGroups(at, AUDITS_A_NIGHT),
    () => purgeExpired(at.db.$client, at.now),
    () => forgetDeliveries(at),
    () => removeOrphans(at, 'avatars'),
    () => removeOrphans(at, 'receipts'),
    () => removeOrphans(at, 'thumbnails'),
    () => removeExpired(at, 'reports', KEPT_MS),
    () => removeExpired(at, 'exports', KEPT_MS),
    () => removeExpired(at, 'imports', IMPORTS_KEPT_MS),
  ]
  for (const part of parts) {
    try {
      await part()
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', message: 'a nightly job failed', error: errorText(error) }))
    }
  }
}
