// What the owner of a schedule is told: that a report is ready, that it could not be made, or that none is made any more.
import type { Span } from '../analytics/range.ts'
import type { Id } from '../ids.ts'
import type { MadeFile } from '../job.ts'
import type { Letter } from '../letter.ts'
import { NOTIFICATION_TYPES, type Notification } from '../notification.ts'
import { isoOf, type Timestamp } from '../time.ts'
import type { Schedule } from './schedule.ts'
import { typeTitle } from './titles.ts'
import { spanText } from './words.ts'

const labelOf = ({ name, request }: Schedule): string => (name === '' ? typeTitle(request.type) : name)

const UNITS = ['KB', 'MB', 'GB'] as const

/** A size as people read it, in powers of 1000: `840 bytes`, `48.2 KB`. */
export function sizeText(bytes: number): string {
  let [size, unit] = [`${bytes}`, bytes === 1 ? 'byte' : 'bytes'] as [string, string]
  for (const [i, name] of UNITS.entries()) if (bytes >= 1000 ** (i + 1)) [size, unit] = [(bytes / 1000 ** (i + 1)).toFixed(1), name]
  return `${size} ${unit}`
}

const dayOf = (at: Timestamp): string => isoOf(at).slice(0, 10)

const noticeOf = (id: Id<'notification'>, schedule: Schedule, now: Timestamp) =>
  ({
    id,
    userId: schedule.userId,
    type: 'scheduled_report',
    priority: NOTIFICATION_TYPES.scheduled_report.priority,
    createdAt: now,
  }) as const

/** A report of a schedule, and what came of it: its file, or why there is none. */
export interface Run {
  readonly reportId: Id<'report'>
  readonly span: Span
  readonly result: MadeFile | string
}

/** Says that a report of the schedule is there, or that it could not be made. */
export function runNotice(id: Id<'notification'>, schedule: Schedule, { reportId, span, result }: Run, now: Timestamp): Notification {
  const isMade = typeof result !== 'string'
  const title = `${labelOf(schedule)} for ${spanText(span)}`
  return {
    ...noticeOf(id, schedule, now),
    title: isMade ? title : `${title} could not be made`,
    message: isMade
      ? `The report is ready: ${result.name}, ${sizeText(result.size)}. It is kept until ${dayOf(result.expiresAt)}.`
      : [`${result}.`, ...(schedule.pausedAt === null ? [`The next one is made on ${schedule.nextDay}.`] : [])].join(' '),
    metadata: { schedule_id: schedule.id, report_id: reportId, date_from: span.from, date_to: span.to },
    actionUrl: `/reports/${reportId}`,
  }
}

/** Says that the schedule is paused because its owner is no longer in one of its groups. */
export const stoppedNotice = (id: Id<'notification'>, schedule: Schedule, now: Timestamp): Notification => ({
  ...noticeOf(id, schedule, now),
  title: `${labelOf(schedule)} is no longer made`,
  message: 'You are no longer in a group that it is about. The schedule is paused until you name other groups and let it go on.',
  metadata: { schedule_id: schedule.id },
  actionUrl: '/reports/schedules',
})

/** What the mail about a report says beyond its notification. */
export interface Enclosed {
  readonly name: string
  readonly span: Span
  readonly file: MadeFile
  readonly url: string
}

/** The mail that brings the report: its link, and what is behind it. */
export function reportLetter({ title }: Notification, { name, span, file, url }: Enclosed): Letter {
  const { from, to } = span
  return {
    subject: title,
    preheader: `${file.name}, ${sizeText(file.size)}`,
    parts: [
      { heading: title },
      `Hello ${name}, the report that you have made regularly is ready.`,
      {
        rows: [
          { label: 'Period', amount: from === to ? from : `${from} to ${to}` },
          { label: 'File', amount: file.name },
          { label: 'Size', amount: sizeText(file.size) },
        ],
      },
      { link: 'Download the report', to: url },
      { small: `The link needs no password and is good until ${dayOf(file.expiresAt)}: whoever has it can read the report.` },
    ],
  }
}
