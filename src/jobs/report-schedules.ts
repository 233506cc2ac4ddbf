// Schedules of reports: the morning on which one is due begins a job, and the end of the job is told, each once. A batch
// that begins or ends something holds the guard by which a second one of it fails.
import type { Statement } from '../db/client.ts'
import { runBatch } from '../db/client.ts'
import { isTakenIn, takeIn } from '../db/inbox.ts'
import { findJob, insertJob, newJob } from '../db/jobs.ts'
import { promiseOnce } from '../db/outbox.ts'
import { findSchedule, requireScheduleVersion, updateSchedule } from '../db/report-schedules.ts'
import { stableId } from '../db/stable-id.ts'
import { findUser } from '../db/users.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Job, ReportInput } from '../domain/job.ts'
import { localIn } from '../domain/reminder.ts'
import { isDue, runOn, withoutAccess, type Schedule } from '../domain/report/schedule.ts'
import { runNotice, stoppedNotice } from '../domain/report/schedule-words.ts'
import { MINUTE } from '../domain/time.ts'
import { requireGroupsOf } from '../services/report-schedules.ts'
import { messagesOf } from '../services/repeatable.ts'
import { reportIdOf } from '../services/reports.ts'
import { actingAs } from './acting.ts'
import { announce } from './announce.ts'
import type { JobContext, Kept } from './context.ts'

/** Whether its owner may still see what it is about. */
async function hasAccess(at: JobContext, { userId, request }: Schedule): Promise<boolean> {
  try {
    await requireGroupsOf(await actingAs(at, userId), request)
    return true
  } catch (error) {
    if (error instanceof AppError && (error.code === 'group.not_found' || error.code === 'group.forbidden')) return false
    throw error
  }
}

/** Pauses the schedule and says so. */
async function stop(at: JobContext, schedule: Schedule): Promise<void> {
  const id = stableId('notification', 'schedule_stopped', schedule.id, schedule.version)
  const told = await announce(at, [stoppedNotice(id, schedule, at.now)])
  const statements = [requireScheduleVersion(at.db, schedule), updateSchedule(at.db, withoutAccess(schedule, at.now))]
  await runBatch(at.db, [...statements, ...told.statements])
  await told.after?.()
}

/**
 * Begins the report of a schedule whose day has come where its owner lives, as the job of this id, and moves the schedule on to the
 * first day to come, in one batch. Nothing where it is not due (any more), is paused or gone, or where the account rests: a schedule
 * that stays due is found again by the next morning.
 */
export async function runSchedule(at: JobContext, id: Id<'schedule'>, jobId: Id<'job'>): Promise<Kept> {
  const found = await findSchedule(at.db, id)
  if (found === undefined) return {}
  const { last: _, ...schedule } = found
  const user = await findUser(at.db, schedule.userId)
  if (user === undefined || user.deactivatedAt !== null) return {}
  const today = localIn(user.timezone, at.now).day
  if (!isDue(schedule, today)) return {}
  if (!(await hasAccess(at, schedule))) {
    await stop(at, schedule)
    return {}
  }
  const { span, after } = runOn(schedule, today, jobId, at.now)
  const job = { ...newJob('report', user.id, { ...schedule.request, span, scheduleId: id }, at.now), id: jobId }
  await runBatch(at.db, [requireScheduleVersion(at.db, schedule), updateSchedule(at.db, after), ...insertJob(at.db, job)])
  return {}
}

const scheduleIdOf = ({ kind, input }: Job): Id<'schedule'> | undefined =>
  kind === 'report' ? (input as ReportInput).scheduleId : undefined

/** The statements that promise that the end of the job is told, where it was begun by a schedule. */
export const promiseTelling = (at: JobContext, job: Job): Statement[] =>
  scheduleIdOf(job) === undefined ? [] : [promiseOnce(at.db, [{ kind: 'tell_report', jobId: job.id }], at.now, 1)]

const INBOX = 'tell_report'

/** Tells the owner of a schedule what came of its report. Nothing where the schedule was deleted meanwhile. */
export async function tellReport(at: JobContext, jobId: Id<'job'>): Promise<Kept> {
  const job = (await findJob(at.db, jobId)) as Job<'report'> | undefined
  const scheduleId = job && scheduleIdOf(job)
  const schedule = scheduleId && (await findSchedule(at.db, scheduleId))
  if (job === undefined || schedule === undefined) return {}
  // Somebody has it made once more.
  if (job.state !== 'done' && job.state !== 'failed') return { againAt: at.now + MINUTE }
  const run = { reportId: reportIdOf(jobId), span: job.input.span, result: job.result ?? job.error ?? 'It failed' }
  const notice = runNotice(stableId('notification', 'report', jobId), schedule, run, at.now)
  const told = await announce(at, [notice])
  try {
    await runBatch(at.db, [takeIn(at.db, INBOX, jobId, at.now), ...told.statements])
  } catch (error) {
    if (messagesOf(error).some(isTakenIn)) return {}
    throw error
  }
  await told.after?.()
  return {}
}
