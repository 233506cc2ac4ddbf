// Jobs as their owner sees them: how far each is, and another try for one that has failed.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/jobs.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Job } from '../domain/job.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { commit } from './repeatable.ts'

/** One of the caller's jobs; throws `job.not_found`. */
export async function getJob(ctx: Ctx, id: Id<'job'>): Promise<Job> {
  const job = await rows.findJob(ctx.db, id)
  if (job === undefined || job.userId !== signedIn(ctx).userId) throw new AppError('job.not_found')
  return job
}

/** The caller's jobs, the newest first. */
export const listJobs = (ctx: Ctx, request: PageRequest): Promise<Page<Job>> => rows.listJobs(ctx.db, signedIn(ctx).userId, request)

/** Has a job that has failed run once more; throws `job.not_found`, `job.not_failed`. */
export async function retryJob(ctx: Ctx, id: Id<'job'>): Promise<Job> {
  return commit(ctx, async () => {
    const job = await getJob(ctx, id)
    if (job.state !== 'failed')
      throw new AppError('job.not_failed', [
        { field: 'job_id', message: 'Only a job that has failed is run again', code: 'NOT_FAILED', expected: 'failed', got: job.state },
      ])
    const { error: _, finishedAt: __, ...rest } = job
    const queued: Job = { ...rest, state: 'queued', attempts: 0, updatedAt: ctx.now }
    ctx.notes.hasEffects = true
    const effect = newEffect({ kind: 'run_job', jobId: id }, ctx.now)
    return { statements: [rows.requeueJob(ctx.db, queued), promiseEffect(ctx.db, effect)], outcome: queued }
  })
}
