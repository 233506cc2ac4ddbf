// Work that goes on behind the requests, made visible: jobs for their owners, and what was given up for those who
// run the service.
import { z } from 'zod'
import type { DeadLetter } from '../domain/job.ts'
import { mapPage } from '../domain/page.ts'
import { id, instantOrNull, instantOut } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { listDeadLetters, replayDeadLetter } from '../services/dead-letters.ts'
import { getJob, listJobs, retryJob } from '../services/jobs.ts'
import { EXAMPLE_JOB, JobOut, jobOut } from './job-shapes.ts'

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
    example: { reply: [EXAMPLE_JOB] },
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
    example: { reply: EXAMPLE_JOB },
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
    example: { reply: { ...EXAMPLE_JOB, state: 'queued', attempts: 0 } },
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
