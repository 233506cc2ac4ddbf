// Reports that are made again and again: on which days, and of which days each tells. All days are those of the owner's
// own calendar, and the next one always lies behind today and behind the last one, so that no day sees two runs, wherever the owner has moved.
import { BUCKET_OF, later, unitOf, weekdayOf, type Span } from '../analytics/range.ts'
import { addDays } from '../calendar.ts'
import { failure, type Failure } from '../errors.ts'
import type { Id } from '../ids.ts'
import type { ReportRequest } from '../job.ts'
import { err, ok, type Result } from '../result.ts'
import type { Day, Timestamp } from '../time.ts'

export const MAX_SCHEDULES = 20

export const CADENCES = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const
export type Cadence = (typeof CADENCES)[number]

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
type Weekday = (typeof WEEKDAYS)[number]

/** One that every month has. */
type DayOfMonth = number | 'last'
export const LAST_OF_ALL_MONTHS = 28

/** When a report is made, and `period`: the unit of the calendar that it tells of, the last that was over by then. */
export type Rule = { readonly period: Cadence } & (
  | { readonly frequency: 'daily' }
  | { readonly frequency: 'weekly'; readonly weekday: Weekday }
  /** In the first month of each quarter or year. */
  | { readonly frequency: 'monthly' | 'quarterly' | 'yearly'; readonly dayOfMonth: DayOfMonth }
)

/** A rule as it is asked for. */
export interface AskedRule {
  readonly frequency: Cadence
  readonly weekday?: Weekday
  readonly dayOfMonth?: DayOfMonth
  readonly period?: Cadence
}

const misplaced = (field: string, expected: string, got: Cadence) =>
  err(failure('request.invalid', [{ field, message: `Goes with another frequency`, code: 'OTHER_FREQUENCY', expected, got }]))

/**
 * The rule that was asked for: on Mondays, on the first, and of a unit as long as the time between two runs where that is
 * not said. Refuses with `request.invalid` a weekday or a day of the month that does not go with the frequency.
 */
export function ruleOf({ frequency, weekday, dayOfMonth, period = frequency }: AskedRule): Result<Rule, Failure> {
  if (weekday !== undefined && frequency !== 'weekly') return misplaced('weekday', 'frequency weekly', frequency)
  if (dayOfMonth !== undefined && (frequency === 'daily' || frequency === 'weekly'))
    return misplaced('day_of_month', 'frequency monthly, quarterly or yearly', frequency)
  if (frequency === 'daily') return ok({ frequency, period })
  if (frequency === 'weekly') return ok({ frequency, weekday: weekday ?? 'monday', period })
  return ok({ frequency, dayOfMonth: dayOfMonth ?? 1, period })
}

/** The rule with what was said of it changed. Another frequency is a new rule, of which nothing but that is kept. Refuses as `ruleOf` does. */
export function changedRule(before: Rule, asked: Partial<AskedRule>): Result<Rule, Failure> {
  const isSame = asked.frequency === undefined || asked.frequency === before.frequency
  return ruleOf({ ...(isSame ? before : {}), frequency: before.frequency, ...asked })
}

/** The first day behind `after` that the rule names. */
export function nextRun(rule: Rule, after: Day): Day {
  if (rule.frequency === 'daily') return addDays(after, 1)
  if (rule.frequency === 'weekly') {
    const ahead = WEEKDAYS.indexOf(rule.weekday) + 1 - weekdayOf(after)
    return addDays(after, ahead > 0 ? ahead : ahead + 7)
  }
  const { from, to } = unitOf(BUCKET_OF[rule.frequency], after)
  const day = dayOfMonthFrom(from, rule.dayOfMonth)
  return day > after ? day : dayOfMonthFrom(addDays(to, 1), rule.dayOfMonth)
}

/** The day of that number in the month that begins on `first`. */
const dayOfMonthFrom = (first: Day, day: DayOfMonth): Day => (day === 'last' ? unitOf('month', first).to : addDays(first, day - 1))

/** The last whole unit of the calendar that was over before the day. */
export function spanBefore(period: Cadence, day: Day): Span {
  const unit = BUCKET_OF[period]
  const { from, to } = unitOf(unit, addDays(unitOf(unit, day).from, -1))
  return { from, to }
}

export interface Schedule {
  readonly id: Id<'schedule'>
  readonly userId: Id<'user'>
  /** Empty where its owner gave it none. */
  readonly name: string
  readonly request: ReportRequest
  readonly rule: Rule
  readonly nextDay: Day
  /** When it was last made, and by which job. */
  readonly lastDay: Day | null
  readonly lastJobId: Id<'job'> | null
  readonly pausedAt: Timestamp | null
  /** `no_access`: its owner was no longer in one of its groups. */
  readonly pausedReason: 'owner' | 'no_access' | null
  readonly version: number
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

/** What its owner may change of one. */
export interface ScheduleChange {
  readonly name?: string
  readonly request?: ReportRequest
  readonly rule?: Rule
  readonly isPaused?: boolean
}

/** Not today: the morning may be over, and a day has one run. */
const nextBehind = (rule: Rule, today: Day, lastDay: Day | null): Day => nextRun(rule, lastDay === null ? today : later(today, lastDay))

/** The schedule after a change by its owner. Days that went by while it was paused, or under another rule, are not made up for. */
export function changedSchedule(before: Schedule, change: ScheduleChange, today: Day, now: Timestamp): Schedule {
  const { name = before.name, request = before.request, rule = before.rule, isPaused = before.pausedAt !== null } = change
  const isResumed = before.pausedAt !== null && !isPaused
  const pausing = before.pausedAt === null && isPaused ? ({ pausedAt: now, pausedReason: 'owner' } as const) : {}
  return {
    ...before,
    name,
    request,
    rule,
    ...((isResumed || change.rule !== undefined) && { nextDay: nextBehind(rule, today, before.lastDay) }),
    ...(isResumed ? { pausedAt: null, pausedReason: null } : pausing),
    version: before.version + 1,
    updatedAt: now,
  }
}

/** Whether its day has come; one that was missed is due until it is made up for, once. */
export const isDue = ({ nextDay, pausedAt }: Schedule, today: Day): boolean => pausedAt === null && nextDay <= today

/** The days that a run of today tells of, and the schedule behind it. */
export function runOn(before: Schedule, today: Day, jobId: Id<'job'>, now: Timestamp): { readonly span: Span; readonly after: Schedule } {
  const { rule, version } = before
  const moved = { nextDay: nextBehind(rule, today, today), lastDay: today, lastJobId: jobId, version: version + 1, updatedAt: now }
  return { span: spanBefore(rule.period, today), after: { ...before, ...moved } }
}

/** The schedule once it is known that its owner may not see one of its groups any more. */
export const withoutAccess = (before: Schedule, now: Timestamp): Schedule => ({
  ...before,
  pausedAt: now,
  pausedReason: 'no_access',
  version: before.version + 1,
  updatedAt: now,
})
