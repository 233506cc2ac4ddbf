// Schedules: reports that are made again and again, and mailed to whoever wants them. What they make is a report like any other.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/report-schedules.ts'
import { later } from '../domain/analytics/range.ts'
import { AppError, staleFailure } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { ReportRequest } from '../domain/job.ts'
import { pageOfAll, type Page, type PageRequest } from '../domain/page.ts'
import { localIn } from '../domain/reminder.ts'
import {
  changedRule,
  changedSchedule,
  MAX_SCHEDULES,
  nextRun,
  ruleOf,
  type AskedRule,
  type Schedule,
  type ScheduleChange,
} from '../domain/report/schedule.ts'
import type { Day } from '../domain/time.ts'
import { requireGroup } from './access.ts'
import { valueOf } from './command.ts'
import { commit, messagesOf } from './repeatable.ts'

export type ReportSchedule = rows.FollowedSchedule

const MAX_TRIES = 4

/** Throws `group.not_found` unless the caller may read each of the groups that the report is about. */
export async function requireGroupsOf(ctx: Ctx, { groupIds }: Pick<ReportRequest, 'groupIds'>): Promise<void> {
  for (const groupId of new Set(groupIds)) await requireGroup(ctx, groupId, 'expense.read')
}

const todayOf = (ctx: Ctx): Day => localIn(signedIn(ctx).timezone, ctx.now).day

/** The day on which it is made next, today for one that was missed; undefined while it is paused. */
export function nextRunOn(ctx: Ctx, { nextDay, pausedAt }: Schedule): Day | undefined {
  return pausedAt === null ? later(nextDay, todayOf(ctx)) : undefined
}

const tooMany = (): AppError =>
  new AppError('schedule.too_many', [
    {
      field: 'schedules',
      message: 'Delete one first; one that is paused counts',
      code: 'TOO_MANY',
      expected: `at most ${MAX_SCHEDULES}`,
      got: `${MAX_SCHEDULES + 1}`,
    },
  ])

/** Has a report made again and again, from tomorrow on. Throws `group.not_found`, `request.invalid` and `schedule.too_many`. */
export async function createReportSchedule(
  ctx: Ctx,
  input: { readonly name: string; readonly request: ReportRequest; readonly rule: AskedRule },
): Promise<ReportSchedule> {
  const rule = valueOf(ruleOf(input.rule))
  const build = async () => {
    await requireGroupsOf(ctx, input.request)
    const schedule: Schedule = {
      id: newId('schedule'),
      userId: signedIn(ctx).userId,
      name: input.name,
      request: input.request,
      rule,
      nextDay: nextRun(rule, todayOf(ctx)),
      lastDay: null,
      lastJobId: null,
      pausedAt: null,
      pausedReason: null,
      version: 1,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }
    return { statements: rows.insertSchedule(ctx.db, schedule), outcome: { ...schedule, last: null } }
  }
  try {
    return await commit(ctx, build)
  } catch (error) {
    throw messagesOf(error).some(rows.isScheduleGuard) ? tooMany() : error
  }
}

/** The caller's schedules, the newest first. */
export const listReportSchedules = async (ctx: Ctx, request: PageRequest): Promise<Page<ReportSchedule>> =>
  pageOfAll(await rows.listSchedules(ctx.db, signedIn(ctx).userId), request)

/** One of the caller's schedules; throws `schedule.not_found`. */
export async function getReportSchedule(ctx: Ctx, id: Id<'schedule'>): Promise<ReportSchedule> {
  const schedule = await rows.findSchedule(ctx.db, id)
  if (schedule === undefined || schedule.userId !== signedIn(ctx).userId) throw new AppError('schedule.not_found')
  return schedule
}

/** Which of what there is a report tells of. */
export type ReportFilters = Pick<ReportRequest, 'groupIds' | 'categoryIds' | 'currency' | 'member'>

/** What is to change; filters and options as a whole, of the rule what is named. */
export interface ReportScheduleChange extends Pick<ScheduleChange, 'name' | 'isPaused'> {
  readonly request: Partial<Pick<ReportRequest, 'type' | 'format' | 'options'>>
  readonly filters?: ReportFilters
  readonly rule: Partial<AskedRule>
}

function changedRequest(before: ReportRequest, { request, filters }: ReportScheduleChange): ReportRequest {
  const { type, format, options } = before
  return { ...(filters === undefined ? before : { type, format, options, ...filters }), ...request }
}

/**
 * Changes one of the caller's schedules, pauses it or lets it go on. Throws `request.stale`, and `group.not_found` where
 * it is to go on, or about groups, that the caller is not in.
 */
export async function updateReportSchedule(ctx: Ctx, id: Id<'schedule'>, input: ReportScheduleChange): Promise<ReportSchedule> {
  const build = async () => {
    const { last, ...before } = await getReportSchedule(ctx, id)
    if (ctx.ifMatch !== undefined && ctx.ifMatch !== before.version) throw AppError.from(staleFailure(before.version, ctx.ifMatch))
    const { name, isPaused, filters, rule } = input
    const change: ScheduleChange = {
      ...(name !== undefined && { name }),
      ...(isPaused !== undefined && { isPaused }),
      request: changedRequest(before.request, input),
      ...(Object.keys(rule).length > 0 && { rule: valueOf(changedRule(before.rule, rule)) }),
    }
    const after = changedSchedule(before, change, todayOf(ctx), ctx.now)
    if (filters !== undefined || isPaused === false) await requireGroupsOf(ctx, after.request)
    const statements = [rows.requireScheduleVersion(ctx.db, before), rows.updateSchedule(ctx.db, after)]
    return { statements, outcome: { ...after, last } }
  }
  for (let tries = 1; ; tries++) {
    try {
      return await commit(ctx, build)
    } catch (error) {
      if (!messagesOf(error).some(rows.isScheduleGuard)) throw error
      if (tries === MAX_TRIES) throw new AppError('service.busy', [], { retryAfterS: 1 })
    }
  }
}

/** Deletes one of the caller's schedules; reports that it has made stay. Throws `schedule.not_found`. */
export async function deleteReportSchedule(ctx: Ctx, id: Id<'schedule'>): Promise<void> {
  await commit(ctx, async () => {
    await getReportSchedule(ctx, id)
    return { statements: [rows.deleteSchedule(ctx.db, id)], outcome: null }
  })
}
