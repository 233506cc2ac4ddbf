// Reports: asked for at once, made by a job, fetched through a link that expires.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/jobs.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Job, ReportInput } from '../domain/job.ts'
import { requireGroup } from './access.ts'
import { commit } from './repeatable.ts'

export type ReportJob = Job<'report'>

/** A report is its job under another name. */
export const reportIdOf = (id: Id<'job'>): Id<'report'> => `rpt_${id.slice('job_'.length)}`
export const jobIdOf = (id: Id<'report'>): Id<'job'> => `job_${id.slice('rpt_'.length)}`

/** Has the report made. Throws `group.not_found` for a group that the caller is not in. */
export async function generateReport(ctx: Ctx, input: ReportInput): Promise<ReportJob> {
  for (const groupId of input.groupIds) await requireGroup(ctx, groupId, 'expense.read')
  return commit(ctx, () => {
    ctx.notes.hasEffects = true
    const outcome = rows.newJob('report', signedIn(ctx).userId, input, ctx.now)
    return Promise.resolve({ statements: rows.insertJob(ctx.db, outcome), outcome })
  })
}

/** One of the caller's reports; throws `report.not_found`. */
export async function getReport(ctx: Ctx, id: Id<'report'>): Promise<ReportJob> {
  const job = await rows.findJob(ctx.db, jobIdOf(id))
  if (job === undefined || job.kind !== 'report' || job.userId !== signedIn(ctx).userId) throw new AppError('report.not_found')
  return job as ReportJob
}
