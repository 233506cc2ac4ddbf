// How a job looks to its owner.
import { z } from 'zod'
import type { Job } from '../domain/job.ts'
import { instant, instantOrNull, instantOut } from '../http/fields.ts'

export const JobOut = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed']),
    progress: z.object({
      done: z.int(),
      total: z.int().nullable().meta({ description: 'null while nobody knows' }),
      percent: z.int().min(0).max(100),
    }),
    result: z
      .union([
        z.object({ deliveries: z.int() }),
        z.object({ expenses: z.int(), settlements: z.int(), skipped: z.int(), refused: z.int() }),
        z.object({ name: z.string(), type: z.string(), size: z.int(), sha256: z.string(), expires_at: instantOut }),
      ])
      .nullable()
      .meta({
        description:
          'What came of it: of a replay how many deliveries,, of a report or export the file that it made, of an import what became of its lines',
      }),
    error: z.string().nullable(),
    attempts: z.int(),
    created_at: instantOut,
    updated_at: instantOut,
    finished_at: instantOut.nullable(),
  })
  .meta({ id: 'Job' })

function resultOut(result: NonNullable<Job['result']>): z.input<typeof JobOut>['result'] {
  if ('deliveries' in result) return { deliveries: result.deliveries }
  if ('refused' in result) {
    const { expenses, settlements, skipped, refused } = result
    return { expenses, settlements, skipped, refused }
  }
  const { name, type, size, sha256, expiresAt } = result
  return { name, type, size, sha256, expires_at: instant(expiresAt) }
}

/** Whole percents, rounded down, so that only what is done says 100. */
export function percentOf({ state, doneUnits, totalUnits }: Pick<Job, 'state' | 'doneUnits' | 'totalUnits'>): number {
  if (state === 'done') return 100
  return totalUnits === 0 ? 0 : Math.min(99, Math.floor((100 * doneUnits) / totalUnits))
}

export const jobOut = (job: Job): z.input<typeof JobOut> => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  progress: { done: job.doneUnits, total: job.totalUnits === 0 ? null : job.totalUnits, percent: percentOf(job) },
  result: job.result === undefined ? null : resultOut(job.result),
  error: job.error ?? null,
  attempts: job.attempts,
  created_at: instant(job.createdAt),
  updated_at: instant(job.updatedAt),
  finished_at: instantOrNull(job.finishedAt),
})

export const JobUpdateOut = z.object({ type: z.literal('job_update'), data: JobOut }).meta({ id: 'JobUpdate' })

export const EXAMPLE_JOB = {
  id: 'job_01jd3k5m7n9pqrstvwxyz01240',
  kind: 'webhook_replay',
  state: 'running',
  progress: { done: 200, total: 840, percent: 23 },
  result: null,
  error: null,
  attempts: 1,
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:02.000Z',
  finished_at: null,
}
