// Runs the jobs that people asked for. A job may be run again from its start after a crash, so each runner is safe
// to repeat; how far it came stands in its row.
import { runBatch } from '../db/client.ts'
import { findUser } from '../db/users.ts'
import { findJob, updateJob } from '../db/jobs.ts'
import { isRefusal, type AppError } from '../domain/errors.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import type { Job, JobKind, JobKinds } from '../domain/job.ts'
import type { JobContext, Kept } from './context.ts'
import { runImport } from './import.ts'
import { makeExport } from './make-export.ts'
import { makeReport } from './make-report.ts'
import { promiseTelling } from './report-schedules.ts'
import { replay, type Progress } from './replay.ts'

type Runner<K extends JobKind> = (at: JobContext, job: Job<K>, progress: Progress) => Promise<JobKinds[K]['result']>

const RUNNERS: { readonly [K in JobKind]: Runner<K> } = {
  webhook_replay: replay,
  report: makeReport,
  export: makeExport,
  import: runImport,
}

/** The runner of the job's own kind, which is the one that it is looked up by. */
const runnerOf = ({ kind }: Job): ((at: JobContext, job: Job, progress: Progress) => Promise<JobKinds[JobKind]['result']>) =>
  RUNNERS[kind] as never

/** Says on the owner's open sockets how far the job is. Whoever is away asks for it. */
async function tell(at: JobContext, job: Job): Promise<void> {
  try {
    const user = await findUser(at.db, job.userId)
    if (user !== undefined) await at.env.GROUP.getByName(user.personalGroupId).announce(job.userId, [at.words.job(job)])
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'a job could not be told of', job_id: job.id, error: errorText(error) }))
  }
}

const MAX_ATTEMPTS = 5

const failure = (error: string) => ({ state: 'failed', error }) as const

const wordsOf = ({ message, details: [detail] }: AppError): string =>
  detail === undefined ? message : `${message}. ${detail.message}: ${detail.expected ?? ''}`

/** Says how it ended, in its row and to its owner. */
async function end(at: JobContext, job: Job, how: Pick<Job, 'state' | 'error'>, result?: Job['result']): Promise<Kept> {
  const finishedAt = Date.now()
  const changes = { ...how, updatedAt: finishedAt, finishedAt }
  await tell(at, { ...job, ...changes, ...(result && { result }) })
  return { statements: [updateJob(at.db, job.id, changes, result), ...promiseTelling(at, job)] }
}

/** Runs the job to its end. Throws while another try may help; after the last one the job has failed, and says why. */
export async function runJob(at: JobContext, id: Id<'job'>): Promise<Kept> {
  const job = await findJob(at.db, id)
  if (job === undefined || job.state === 'done' || job.state === 'failed') return {}
  const attempts = job.attempts + 1
  // A run that took its isolate with it could not say so.
  if (attempts > MAX_ATTEMPTS) return end(at, job, failure('It was cut short again and again'))
  await runBatch(at.db, [updateJob(at.db, id, { state: 'running', attempts, updatedAt: at.now })])
  const progress: Progress = async (doneUnits, totalUnits) => {
    const changes = { doneUnits, totalUnits, updatedAt: Date.now() }
    await runBatch(at.db, [updateJob(at.db, id, changes)])
    await tell(at, { ...job, ...changes, state: 'running' })
  }
  try {
    const result = await runnerOf(job)(at, job, progress)
    return await end(at, job, { state: 'done' }, result)
  } catch (error) {
    // Asking again does not change a refusal.
    if (isRefusal(error)) return end(at, job, failure(wordsOf(error)))
    if (attempts < MAX_ATTEMPTS) throw error
    // What broke is for us to read, not for whoever asked.
    console.error(JSON.stringify({ level: 'error', message: 'a job has failed', job_id: id, error: errorText(error) }))
    return end(at, job, failure('It failed for a reason of ours; it can be run again'))
  }
}
