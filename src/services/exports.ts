// Exports of a group: everything that it has, for whoever is in it, made by a job.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/jobs.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { ExportInput, Job } from '../domain/job.ts'
import { requireGroup } from './access.ts'
import { commit } from './repeatable.ts'

export type ExportJob = Job<'export'>

export const exportIdOf = (id: Id<'job'>): Id<'export'> => `xpt_${id.slice('job_'.length)}`
const jobIdOf = (id: Id<'export'>): Id<'job'> => `job_${id.slice('xpt_'.length)}`

/** Has the export made, of the caller's personal group where none is named. Throws `group.not_found`. */
export async function createExport(ctx: Ctx, input: Omit<ExportInput, 'groupId'> & { readonly groupId?: Id<'group'> }): Promise<ExportJob> {
  const { userId, personalGroupId } = signedIn(ctx)
  const groupId = input.groupId ?? personalGroupId
  await requireGroup(ctx, groupId, 'expense.read')
  return commit(ctx, () => {
    ctx.notes.hasEffects = true
    const outcome = rows.newJob('export', userId, { groupId, format: input.format }, ctx.now)
    return Promise.resolve({ statements: rows.insertJob(ctx.db, outcome), outcome })
  })
}

/** One of the caller's exports; throws `export.not_found`. */
export async function getExport(ctx: Ctx, id: Id<'export'>): Promise<ExportJob> {
  const job = await rows.findJob(ctx.db, jobIdOf(id))
  if (job === undefined || job.kind !== 'export' || job.userId !== signedIn(ctx).userId) throw new AppError('export.not_found')
  return job as ExportJob
}
