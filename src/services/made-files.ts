// Files that jobs make: stored under a key that follows from the job's id, and kept for a week.
import type { Surroundings } from '../context.ts'
import type { Id } from '../domain/ids.ts'
import { uuidOf } from '../domain/ids.ts'
import type { MadeFile } from '../domain/job.ts'
import { DAY } from '../domain/time.ts'
import { putStream } from '../platform/files.ts'

/** How long it can be fetched. */
export const KEPT_MS = 7 * DAY

export const TYPES = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  zip: 'application/zip',
} as const

/** Stores what the job made; again, it takes the place of what was stored before. */
export async function storeMade(
  { env, now }: Surroundings,
  area: 'reports' | 'exports',
  jobId: Id<'job'>,
  made: { readonly name: string; readonly type: string; readonly stream: ReadableStream<Uint8Array> },
): Promise<MadeFile> {
  const key = `${area}/${uuidOf(jobId)}`
  const { name, type } = made
  const { size, sha256 } = await putStream(env, key, made.stream, { name, type })
  return { key, name, type, size, sha256, expiresAt: now + KEPT_MS }
}
