// The mail that brings the report of a schedule.
import type { Surroundings } from '../context.ts'
import { findJob } from '../db/jobs.ts'
import { isId } from '../domain/ids.ts'
import type { Job } from '../domain/job.ts'
import type { Letter } from '../domain/letter.ts'
import type { Notification } from '../domain/notification.ts'
import { reportLetter } from '../domain/report/schedule-words.ts'
import { displayName, type User } from '../domain/user.ts'
import { fileLink } from './files.ts'
import { jobIdOf } from './reports.ts'

/** Whether the notification is about a report, which has a mail of its own. */
export const isAboutReport = ({ type }: Notification): boolean => type === 'scheduled_report'

/** The letter with the link to the file; undefined where there is no file, or it is gone by now. */
export async function findReportLetter(at: Surroundings, user: User, notice: Notification): Promise<Letter | undefined> {
  const reportId = notice.metadata['report_id']
  if (!isAboutReport(notice) || !isId('report', reportId)) return undefined
  const job = (await findJob(at.db, jobIdOf(reportId))) as Job<'report'> | undefined
  if (job?.state !== 'done' || job.userId !== user.id) return undefined
  const { input, result: file } = job
  if (file === undefined || file.expiresAt <= at.now) return undefined
  return reportLetter(notice, { name: displayName(user), span: input.span, file, url: fileLink(at, file.key, file.expiresAt) })
}
