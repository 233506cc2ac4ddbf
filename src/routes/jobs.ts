// Work that goes on behind the requests, made visible: jobs for their owners, and what was given up for those who
// run the service.
import { z } from 'zod'
import type { DeadLetter, Job } from '../domain/job.ts'
import { mapPage } from '../domain/page.ts'
import { id, instant, instantOrNull, instantOut } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { listDeadLetters, replayDeadLetter } from '../services/dead-letters.ts'
import { getJob, listJobs, retryJob } from '../services/jobs.ts'

const JobOut = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed']),
    progress: z.object({
      done: z.int(),
      total: z.int().nullable().meta({ description: 'null while nobody knows' }),
      percent: z.int().min(0).max(100),
    }),
    result: z.object({ deliveries: z.int() }).nullable().meta({ description: 'What came of it: of a replay, how many deliveries' }),
    error: z.string().nullable(),
    attempts: z.int(),
    created_at: instantOut,
    updated_at: instantOut,
    finished_at: instantOut.nullable(),
  })
  .meta({ id: 'Job' })

/** Whole percents, rounded down, so that only what is done says 100. */
function percentOf({ state, doneUnits, totalUnits }: Job): number {
  if (state === 'done') return 100
  return totalUnits === 0 ? 0 : Math.min(99, Math.floor((100 * doneUnits) / totalUnits))
}

const jobOut = (job: Job): z.input<typeof JobOut> => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  progress: { done: job.doneUnits, total: job.totalUnits === 0 ? null : job.totalUnits, percent: percentOf(job) },
  result: job.result ?? null,
  error: job.error ?? null,
  attempts: job.attempts,
  created_at: instant(job.createdAt),
  updated_at: instant(job.updatedAt),
  finished_at: instantOrNull(job.finishedAt),
})

const DeadLetterOut = z
  .object({
    id: z.string(),
    kind: z.string(),
    group_id: z.string().nullable(),
    attempts: z.int(),
    error: z.string().nullable(),
    given_up_at: instantOut.nullable(),
  })
  .meta({ id: 'DeadLetter' })

const deadLetterOut = (letter: DeadLetter): z.input<typeof DeadLetterOut> => ({
  id: letter.id,
  kind: letter.kind,
  group_id: letter.groupId,
  attempts: letter.attempts,
  error: letter.error,
  given_up_at: instantOrNull(letter.deadAt ?? undefined),
})

const EXAMPLE = {
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

const path = z.object({ job_id: id('job') })
const tag = 'Jobs'

export const jobs: readonly Operation[] = [
  operation({
    id: 'listJobs',
    on: 'GET /api/jobs/',
    summary: 'List jobs',
    description: 'The work that you have asked for and that takes longer than a request, the newest first.',
    tag,
    access: user('profile:read'),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(JobOut),
    fails: [],
    example: { reply: [EXAMPLE] },
    run: async (ctx, { query }) => mapPage(await listJobs(ctx, pageRequest(query)), jobOut),
  }),
  operation({
    id: 'getJob',
    on: 'GET /api/jobs/{job_id}/',
    summary: 'Get a job',
    description: 'How far the work is, and what came of it. A job that an interruption cut short goes on by itself.',
    tag,
    access: user('profile:read'),
    limit: 'read',
    path,
    reply: data(200, JobOut),
    fails: ['job.not_found'],
    example: { reply: EXAMPLE },
    run: async (ctx, input) => jobOut(await getJob(ctx, input.path.job_id)),
  }),
  operation({
    id: 'retryJob',
    on: 'POST /api/jobs/{job_id}/retry/',
    summary: 'Run a failed job again',
    description: 'A job is tried five times before it has failed; this gives it five more.',
    tag,
    access: user('profile:write'),
    limit: 'write',
    path,
    reply: data(200, JobOut),
    fails: ['job.not_found', 'job.not_failed', 'request.key_reused'],
    example: { reply: { ...EXAMPLE, state: 'queued', attempts: 0 } },
    run: async (ctx, input) => jobOut(await retryJob(ctx, input.path.job_id)),
  }),
  operation({
    id: 'listDeadLetters',
    on: 'GET /api/dead-letters/',
    summary: 'List what was given up',
    description: 'Mails and other effects that failed ten times. Only for the operators that the deployment names.',
    tag,
    access: user(),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(DeadLetterOut),
    fails: ['auth.forbidden'],
    example: {
      reply: [
        {
          id: 'out_01jd3k5m7n9pqrstvwxyz01241',
          kind: 'mail_invitation',
          group_id: null,
          attempts: 10,
          error: 'the mail service refused the connection',
          given_up_at: '2026-11-20T10:30:00.000Z',
        },
      ],
    },
    run: async (ctx, { query }) => mapPage(await listDeadLetters(ctx, pageRequest(query)), deadLetterOut),
  }),
  operation({
    id: 'replayDeadLetter',
    on: 'POST /api/dead-letters/{dead_letter_id}/replay/',
    summary: 'Try again what was given up',
    description: 'Makes the effect due now, with ten more attempts. Only for the operators that the deployment names.',
    tag,
    access: user(),
    limit: 'write',
    path: z.object({ dead_letter_id: id('outbox') }),
    reply: nothing,
    fails: ['auth.forbidden', 'dead_letter.not_found'],
    example: {},
    run: (ctx, input) => replayDeadLetter(ctx, input.path.dead_letter_id),
  }),
]
