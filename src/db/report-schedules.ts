// Schedules of reports, each with how its last report stands, which its job says for as long as that is kept.
import { and, desc, eq, getTableColumns, ne, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Job, ReportRequest } from '../domain/job.ts'
import { MAX_SCHEDULES, type Rule, type Schedule } from '../domain/report/schedule.ts'
import type { Db, Statement } from './client.ts'
import { jobs } from './outward-schema.ts'
import { reportSchedules as schedules } from './schedule-schema.ts'

/** A schedule, and the job of its last report. */
export interface FollowedSchedule extends Schedule {
  readonly last: { readonly id: Id<'job'>; readonly state: Job['state']; readonly error: string | null } | null
}

const COLUMNS = { ...getTableColumns(schedules), last: { id: jobs.id, state: jobs.state, error: jobs.error } }

type Row = typeof schedules.$inferSelect & Pick<FollowedSchedule, 'last'>

/** What stands in the columns was checked when it was written. */
const scheduleOf = ({ request, rule, ...row }: Row): FollowedSchedule => ({
  ...row,
  request: JSON.parse(request) as ReportRequest,
  rule: JSON.parse(rule) as Rule,
})

const rowOf = ({ request, rule, ...schedule }: Schedule) => ({
  ...schedule,
  request: JSON.stringify(request),
  rule: JSON.stringify(rule),
})

/** The statements that store a schedule; they fail as a whole if its user then has too many. */
export const insertSchedule = (db: Db, schedule: Schedule): Statement[] => [
  db.insert(schedules).values(rowOf(schedule)),
  db
    .update(schedules)
    .set({ version: sql`NULL` })
    .where(
      and(
        eq(schedules.id, schedule.id),
        sql`(SELECT COUNT(*) FROM report_schedules WHERE user_id = ${schedule.userId}) > ${MAX_SCHEDULES}`,
      ),
    ),
]

/** Makes the batch fail as a whole unless the schedule still has this version. */
export const requireScheduleVersion = (db: Db, { id, version }: Schedule): Statement =>
  db
    .update(schedules)
    .set({ version: sql`NULL` })
    .where(and(eq(schedules.id, id), ne(schedules.version, version)))

/** Which of the two guards refused is known by which of them was in the batch. */
export const isScheduleGuard = (message: string): boolean => message.includes('NOT NULL constraint failed: report_schedules.version')

export const updateSchedule = (db: Db, schedule: Schedule): Statement =>
  db.update(schedules).set(rowOf(schedule)).where(eq(schedules.id, schedule.id))

export const deleteSchedule = (db: Db, id: Id<'schedule'>): Statement => db.delete(schedules).where(eq(schedules.id, id))

const selected = (db: Db) => db.select(COLUMNS).from(schedules).leftJoin(jobs, eq(jobs.id, schedules.lastJobId))

/** Whosever it is; undefined where there is none (any more). */
export async function findSchedule(db: Db, id: Id<'schedule'>): Promise<FollowedSchedule | undefined> {
  const row = await selected(db).where(eq(schedules.id, id)).get()
  return row === undefined ? undefined : scheduleOf(row)
}

/** The user's schedules, the newest first; there are never many. */
export async function listSchedules(db: Db, userId: Id<'user'>): Promise<FollowedSchedule[]> {
  const rows = await selected(db).where(eq(schedules.userId, userId)).orderBy(desc(schedules.id))
  return rows.map(scheduleOf)
}
