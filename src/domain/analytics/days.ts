// Days that stand out from the others, and what falls on which weekday.
import { Decimal } from 'decimal.js'
import type { Day } from '../time.ts'
import { sum } from '../money.ts'
import { weekdayOf } from './range.ts'
import type { Trends } from './trends.ts'
import { Exact, percentOf, twoDecimals, type Total } from './view.ts'

/** Minor units of what was spent on the day. */
export interface DayTotal extends Total {
  readonly day: Day
}

export interface UnusualDay extends DayTotal {
  /** Of the days on which anything was spent; the half of a minor unit may be left over. */
  readonly medianMinor: number
  /** The modified z-score, with two decimals. */
  readonly score: number
  /** How many days with spending it was held against. */
  readonly days: number
}

/** Fewer days with spending than this say nothing about what is usual. */
export const LEAST_DAYS = 14
/** Iglewicz and Hoaglin (1993) take a modified z-score beyond 3.5 for an outlier. */
const UNUSUAL_SCORE = 3.5
/** Amounts of days are skewed: what is not twice the median is no news, however even the other days are. */
const UNUSUAL_TIMES = 2

/** So many other days of its weekday say what is usual for it. */
const LEAST_OTHERS = 2

/** The days of a trend by day that have come. Throws `RangeError` for a trend of other buckets. */
export function daysOf({ bucket, points, statistics }: Trends): DayTotal[] {
  if (bucket !== 'day') throw new RangeError(`a trend by ${bucket} has no days`)
  return points.filter(({ from }) => from <= statistics.until).map(({ from, expenses }) => ({ day: from, ...expenses }))
}

/**
 * Days on which far more was spent than on the others, the farthest first. Only days with spending are compared, since
 * with all the others the median would be nothing. The score is 0.6745 (x - median) / MAD, where MAD is the median of the
 * distances from the median; where that is 0, (x - median) / (1.253314 mean distance) (Iglewicz and Hoaglin 1993). What is
 * usual for its weekday is not unusual, or the weekly shopping would be news every week.
 */
export function unusualDays(days: readonly DayTotal[]): UnusualDay[] {
  const spent = days.filter(({ minor }) => minor > 0)
  if (spent.length < LEAST_DAYS) return []
  const median = medianOf(spent.map(({ minor }) => new Exact(minor)))
  const distances = spent.map(({ minor }) => median.sub(minor).abs())
  const mad = medianOf(distances)
  const mean = distances.reduce((all, one) => all.add(one), new Exact(0)).div(spent.length)
  const unit = mad.isZero() ? mean.mul('1.253314') : mad.div('0.6745')
  if (unit.isZero()) return []
  return spent
    .map((day) => ({ ...day, exact: new Exact(day.minor).sub(median).div(unit) }))
    .filter(({ minor, exact }) => exact.gt(UNUSUAL_SCORE) && median.mul(UNUSUAL_TIMES).lte(minor))
    .filter((day) => !isUsualForWeekday(day, spent))
    .sort((a, b) => b.exact.cmp(a.exact) || (a.day < b.day ? -1 : 1))
    .map(({ exact, ...day }) => ({ ...day, medianMinor: median.toNumber(), score: twoDecimals(exact), days: spent.length }))
}

/** Whether the others of its weekday are like it, where there are enough of them to say so. */
function isUsualForWeekday({ day, minor }: DayTotal, spent: readonly DayTotal[]): boolean {
  const others = spent.filter((other) => other.day !== day && weekdayOf(other.day) === weekdayOf(day))
  if (others.length < LEAST_OTHERS) return false
  return medianOf(others.map((other) => new Exact(other.minor)))
    .mul(UNUSUAL_TIMES)
    .gt(minor)
}

function medianOf(values: readonly Decimal[]): Decimal {
  const sorted = [...values].sort((a, b) => a.cmp(b))
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? new Exact(0)
  return sorted.length % 2 === 1 ? upper : upper.add(sorted[middle - 1] ?? 0).div(2)
}

export interface WeekdayShare extends Total {
  /** 1 for Monday to 7 for Sunday. */
  readonly weekday: number
  /** How often it came, and on how many of those days something was spent. */
  readonly days: number
  readonly spendingDays: number
  /** Of what was spent, in percent. */
  readonly percentage: number
  /** Of the days: what it would be if every day were like the others. */
  readonly expectedPercentage: number
}

/** Monday to Sunday. Days in `without` are left out, of what was spent and of the calendar. */
export function weekdaysOf(days: readonly DayTotal[], without: ReadonlySet<Day> = new Set()): WeekdayShare[] {
  const kept = days.filter(({ day }) => !without.has(day))
  const total = sum(kept.map(({ minor }) => minor))
  const byWeekday = Map.groupBy(kept, ({ day }) => weekdayOf(day))
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const all = byWeekday.get(weekday) ?? []
    const minor = sum(all.map((day) => day.minor))
    return {
      weekday,
      minor,
      count: sum(all.map(({ count }) => count)),
      days: all.length,
      spendingDays: all.filter((day) => day.minor > 0).length,
      percentage: percentOf(minor, total),
      expectedPercentage: percentOf(all.length, kept.length),
    }
  })
}

/** A pattern takes this many weeks of days. */
const LEAST_WEEKS = 4
/** A weekday stands out with half as much again as the calendar would give it, on most of its days. */
const WEEKDAY_TIMES = 1.5

/** The weekday that takes most more than the calendar would give it, if one does; days in `without` are left out. */
export function weekdayPattern(days: readonly DayTotal[], without: ReadonlySet<Day> = new Set()): WeekdayShare | undefined {
  if (days.length - without.size < 7 * LEAST_WEEKS) return undefined
  const times = ({ percentage, expectedPercentage }: WeekdayShare): number =>
    expectedPercentage === 0 ? 0 : percentage / expectedPercentage
  const [most] = weekdaysOf(days, without).sort((a, b) => times(b) - times(a) || a.weekday - b.weekday)
  if (most === undefined || times(most) < WEEKDAY_TIMES) return undefined
  // One dear Friday of four is no habit.
  return 2 * most.spendingDays > most.days ? most : undefined
}
