// Runs the jobs that people asked for. A job may be run again from its start after a crash, so each runner is safe
// to repeat; how far it came stands in its row.
import { runBatch } from '../db/client.ts'
import { findJob, updateJob } from '../db/jobs.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import type { Job, JobKind, JobKinds } from '../domain/job.ts'
import type { JobContext, Kept } from './context.ts'
import { replay, type Progress } from './replay.ts'

type Runner<K extends JobKind> = (at: JobContext, job: Job<K>, progress: Progress) => Promise<JobKinds[K]['result']>

const RUNNERS: { readonly [K in JobKind]: Runner<K> } = {
  webhook_replay: replay,
}

const MAX_ATTEMPTS = 5

/** Runs the job to its end. Throws while another try may help; after the last one the job has failed, and says why. */
export async function runJob(at: JobContext, id: Id<'job'>): Promise<Kept> {
  const job = await findJob(at.db, id)
  if (job === undefined || job.state === 'done' || job.state === 'failed') return {}
  const attempts = job.attempts + 1
  await runBatch(at.db, [updateJob(at.db, id, { state: 'running', attempts, updatedAt: at.now })])
  const progress: Progress = (doneUnits, totalUnits) =>
    runBatch(at.db, [updateJob(at.db, id, { doneUnits, totalUnits, updatedAt: Date.now() })])
  try {
    const result = await RUNNERS[job.kind](at, job, progress)
    const finishedAt = Date.now()
    return { statements: [updateJob(at.db, id, { state: 'done', updatedAt: finishedAt, finishedAt }, result)] }
  } catch (error) {
    if (attempts < MAX_ATTEMPTS) throw error
    const finishedAt = Date.now()
    return { statements: [updateJob(at.db, id, { state: 'failed', error: errorText(error), updatedAt: finishedAt, finishedAt })] }
  }
}
