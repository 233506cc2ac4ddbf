// Which days a question is about, which days it is compared with, and which rows of the rollups tell of them: months that
// lie in it whole are read as months, and only what sticks out at its ends as days.
import { addDays, addMonths, weekOf } from '../calendar.ts'
import { failure, type Failure } from '../errors.ts'
import { err, ok, type Result } from '../result.ts'
import { DAY, type Day } from '../time.ts'
import { monthOf, type Month, type RollupRow } from './rollup.ts'

export const PERIODS = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'custom'] as const
export type PeriodName = (typeof PERIODS)[number]

export const BUCKETS = ['day', 'week', 'month', 'quarter', 'year'] as const
export type BucketName = (typeof BUCKETS)[number]

/** From one day to another, both included. */
export interface Span {
  readonly from: Day
  readonly to: Day
}

export interface Range extends Span {
  readonly period: PeriodName
  /** What it is compared with: it ends on the day before. */
  readonly previous: Span
}

/** A part of a range; `name` is `2024-02-29`, `2024-W09`, `2024-02`, `2024-Q1` or `2024`, also where the range cuts it. */
export interface Bucket extends Span {
  readonly name: string
}

export interface Reads {
  readonly months: readonly Month[]
  readonly days: readonly Span[]
  /** The days that these rows tell of: the range, or for vendors the months that it touches. */
  readonly covers: Span
}

export const BUCKET_OF: Readonly<Record<Exclude<PeriodName, 'custom'>, BucketName>> = {
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
}

const MONTHS_IN: Readonly<Record<'month' | 'quarter' | 'year', number>> = { month: 1, quarter: 3, year: 12 }

const MOST_YEARS = 10
/** Beyond these the days before and after are no longer four digits of a year. */
const [FIRST_DAY, LAST_DAY]: readonly [Day, Day] = ['1000-01-01', '8999-12-31']

/**
 * The days that are asked for, and those before them.
 * - Without dates: the whole day, ISO week, month, quarter or year that `today` lies in; a month where no period is named.
 * - With dates: exactly those. `from` alone goes until today.
 * - Compared with as many of the named units before, where the range is made of whole ones; else with as many days before.
 *
 * `today` is the day in the zone of whoever asks. Refuses with `request.invalid` when the dates are in the wrong order or more
 * than ten years apart, when a custom period has no dates, and when only the last day is given: nobody said since when.
 */
export function rangeOf(
  asked: { readonly period?: PeriodName; readonly from?: Day; readonly to?: Day },
  today: Day,
): Result<Range, Failure> {
  const { from, to, period = from === undefined ? 'monthly' : 'custom' } = asked
  if (from === undefined) {
    if (to !== undefined) return refuse('date_from', 'DATE_FROM_MISSING', 'Say date_from as well: the day from which on', { got: to })
    if (period === 'custom') return refuse('date_from', 'DATE_FROM_MISSING', 'A custom period needs date_from and date_to')
    return ok(ranged(unitOf(BUCKET_OF[period], today), period))
  }
  return checked({ from, to: to ?? today }, period)
}

function checked(span: Span, period: PeriodName): Result<Range, Failure> {
  const { from, to } = span
  if (from > to)
    return refuse('date_from', 'DATES_REVERSED', 'date_from must not be after date_to', { expected: `${to} or before`, got: from })
  if (from < FIRST_DAY || to > LAST_DAY) {
    const [field, got] = from < FIRST_DAY ? ['date_from', from] : ['date_to', to]
    return refuse(field, 'DATE_OUT_OF_RANGE', `Must lie between ${FIRST_DAY} and ${LAST_DAY}`, { got })
  }
  const last = addDays(addMonths(from, 12 * MOST_YEARS), -1)
  if (to > last)
    return refuse('date_to', 'RANGE_TOO_LONG', `At most ${MOST_YEARS} years can be told at once`, {
      expected: `${last} or before`,
      got: to,
    })
  return ok(ranged(span, period))
}

const refuse = (field: string, code: string, message: string, more: { readonly expected?: string; readonly got?: string } = {}) =>
  err(failure('request.invalid', [{ field, code, message, ...more }]))

function ranged(span: Span, period: PeriodName): Range {
  const { from, to } = span
  const before = addDays(from, -1)
  const unit = period === 'custom' ? 'day' : BUCKET_OF[period]
  // As many days are as many weeks too; only months differ in length.
  const months = unit === 'day' || unit === 'week' ? 0 : monthsIn(span, unit)
  const start = months === 0 ? addDays(from, 0 - daysIn(span)) : addMonths(from, 0 - months)
  return { from, to, period, previous: { from: start, to: before } }
}

/** How many months the span has, where it is made of whole units; else 0. */
function monthsIn(span: Span, unit: keyof typeof MONTHS_IN): number {
  const isWhole = unitOf(unit, span.from).from === span.from && unitOf(unit, span.to).to === span.to
  return isWhole ? monthsOf(span).length : 0
}

/** How many days the span has. */
export const daysIn = ({ from, to }: Span): number => (Date.parse(to) - Date.parse(from)) / DAY + 1

/** 1 for Monday to 7 for Sunday. */
export const weekdayOf = (day: Day): number => new Date(day).getUTCDay() || 7

/** The earlier and the later of two days; days sort as text. */
const earlier = (a: Day, b: Day): Day => (a < b ? a : b)
export const later = (a: Day, b: Day): Day => (a > b ? a : b)

/** The whole unit of the calendar that the day lies in. */
export function unitOf(unit: BucketName, day: Day): Bucket {
  if (unit === 'day') return { from: day, to: day, name: day }
  if (unit === 'week') {
    const from = addDays(day, 1 - weekdayOf(day))
    return { from, to: addDays(from, 6), name: weekOf(day) }
  }
  const year = day.slice(0, 4)
  const month = Number(day.slice(5, 7))
  const length = MONTHS_IN[unit]
  const first = month - ((month - 1) % length)
  const from = `${year}-${String(first).padStart(2, '0')}-01` as Day
  const name = { month: day.slice(0, 7), quarter: `${year}-Q${(first + 2) / 3}`, year }[unit]
  return { from, to: addDays(addMonths(from, length), -1), name }
}

/** The name of the bucket that a row counts in. Throws `RangeError` for a month where buckets cut months. */
export function bucketNameOf(period: Day | Month, unit: BucketName): string {
  if (period !== monthOf(period)) return unitOf(unit, period as Day).name
  if (unit === 'day' || unit === 'week') throw new RangeError(`the row of ${period} tells nothing of a ${unit}`)
  return unitOf(unit, `${period}-01` as Day).name
}

/** The parts of the range in order; the first and the last end where the range does. */
export function bucketsOf(span: Span, unit: BucketName): Bucket[] {
  const buckets: Bucket[] = []
  for (let day = span.from; day <= span.to;) {
    const { from, to, name } = unitOf(unit, day)
    buckets.push({ from: later(from, span.from), to: earlier(to, span.to), name })
    day = addDays(to, 1)
  }
  return buckets
}

/** A range is told in days up to a quarter, and in months beyond. */
const MOST_DAYS_TOLD = 92
export const bucketFor = (span: Span): BucketName => (daysIn(span) <= MOST_DAYS_TOLD ? 'day' : 'month')

const monthsOf = (span: Span): Month[] => bucketsOf(span, 'month').map(({ name }) => name as Month)

/**
 * Which rows tell of the span. They never overlap: everything read is summed.
 * - `total`, `categories`: whole months as months, what sticks out at the ends as days.
 * - `trend`: the same in months, quarters and years; by day or week, which cut months, the days. `bucketFor` where no bucket is named.
 * - `vendors`: months alone. A month that the span cuts is taken whole, and `covers` says so.
 */
export function readsOf(span: Span, purpose: 'total' | 'trend' | 'categories' | 'vendors', bucket = bucketFor(span)): Reads {
  const covers = { from: span.from, to: span.to }
  if (purpose === 'vendors') return { months: monthsOf(span), days: [], covers: widened(span) }
  if (purpose === 'trend' && (bucket === 'day' || bucket === 'week')) return { months: [], days: [covers], covers }
  const parts = bucketsOf(span, 'month')
  const isWhole = ({ from, to }: Span) => from.endsWith('-01') && addDays(to, 1).endsWith('-01')
  const months = parts.filter(isWhole).map(({ name }) => name as Month)
  const days: Span[] = []
  for (const { from, to } of parts.filter((part) => !isWhole(part))) {
    const last = days.at(-1)
    if (last !== undefined && addDays(last.to, 1) === from) days.splice(-1, 1, { from: last.from, to })
    else days.push({ from, to })
  }
  return { months, days, covers }
}

/** The span with the months that it cuts taken whole. */
const widened = ({ from, to }: Span): Span => ({ from: unitOf('month', from).from, to: unitOf('month', to).to })

/** The months that vendors are told for, and as many months before. */
export function vendorRange(span: Span): Range & { readonly isWidened: boolean } {
  const wide = widened(span)
  return { ...ranged(wide, 'monthly'), isWidened: wide.from !== span.from || wide.to !== span.to }
}

/** Of rows that were read for several questions, those that tell of this one. */
export function rowsIn(rows: readonly RollupRow[], { months, days }: Reads): RollupRow[] {
  const named = new Set<string>(months)
  return rows.filter(({ period }) => named.has(period) || (period !== monthOf(period) && days.some((span) => isIn(period as Day, span))))
}

/** Whether the day lies in the span. */
export const isIn = (day: Day, { from, to }: Span): boolean => from <= day && day <= to
