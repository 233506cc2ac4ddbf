// Reports that are made again and again: what, how often, and on which day next.
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Id } from '../domain/ids.ts'
import type { Day } from '../domain/time.ts'

export const reportSchedules = sqliteTable(
  'report_schedules',
  {
    id: text('id').$type<Id<'schedule'>>().primaryKey(),
    userId: text('user_id').$type<Id<'user'>>().notNull(),
    /** Empty where its owner gave it none. */
    name: text('name').notNull(),
    /** What is reported, and when, as JSON. */
    request: text('request').notNull(),
    rule: text('rule').notNull(),
    /** A day where the owner lives, as the next: nothing is made before it. */
    nextDay: text('next_day').$type<Day>().notNull(),
    lastDay: text('last_day').$type<Day>(),
    lastJobId: text('last_job_id').$type<Id<'job'>>(),
    pausedAt: integer('paused_at'),
    pausedReason: text('paused_reason').$type<'owner' | 'no_access'>(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  // There are never many of one user, so the days need no index.
  (t) => [index('report_schedules_user').on(t.userId, t.id)],
)
