// How spending and income ran through a range: bucket by bucket, those without any too, and where it is heading.
import { Decimal } from 'decimal.js'
import type { Currency } from '../currency.ts'
import { sum } from '../money.ts'
import type { Day } from '../time.ts'
import { bucketNameOf, bucketsOf, daysIn, isIn, type Bucket, type BucketName, type Span } from './range.ts'
import { EVERYTHING } from './rollup.ts'
import { elapsedOf } from './summary.ts'
import {
  averageOf,
  changeOf,
  Exact,
  figuresOf,
  oneDecimal,
  totalsOf,
  unconvertedOf,
  type Kind,
  type Total,
  type Unconverted,
  type View,
} from './view.ts'

/** Amounts in minor units. */
export interface TrendPoint extends Bucket {
  readonly expenses: Total
  readonly income: Total
  /** Income less expenses. */
  readonly netMinor: number
  /** Of the kind whose trend it is, in percent of the bucket before; `null` for the first and after nothing. */
  readonly changePercentage: number | null
}

export type Direction = 'increasing' | 'decreasing' | 'stable'

interface TrendStatistics extends Total {
  /** The days that have come by today; what is dated later is in the points and in none of these. */
  readonly until: Day
  readonly days: number
  readonly averageDailyMinor: number
  /** The bucket with the most, the first of several; `null` where there is nothing. With buckets of days it is a day. */
  readonly peak: (Span & { readonly minor: number }) | null
  readonly direction: Direction
  /** By how much the fitted line changes from the first bucket to the last, in percent of the average. */
  readonly percentage: number
}

export interface Trends {
  readonly currency: Currency
  readonly bucket: BucketName
  readonly kind: Kind
  readonly points: readonly TrendPoint[]
  readonly statistics: TrendStatistics
  readonly unconverted: readonly Unconverted[]
}

/** A line that changes by less than this, in percent of the average, from end to end is level. */
const STABLE_BELOW = 5

/**
 * Needs the rows of everything, or of the wanted series, that `readsOf(span, 'trend', bucket)` names. The points of each kind
 * sum to its total. The statistics are those of `kind`. Throws `RangeError` for a row that lies in none of the buckets.
 */
export function trendsOf(
  view: View,
  span: Span,
  bucket: BucketName,
  today: Day,
  more: { readonly kind?: Kind; readonly series?: ReadonlySet<string> } = {},
): Trends {
  const { kind = 'expense', series = new Set([EVERYTHING]) } = more
  const isWanted = (one: string): boolean => series.has(one)
  const buckets = bucketsOf(span, bucket)
  const expenses = pointsOf(view, 'expense', isWanted, buckets, bucket)
  const income = pointsOf(view, 'income', isWanted, buckets, bucket)
  const told = kind === 'expense' ? expenses : income
  const nothing: Total = { minor: 0, count: 0 }
  const points = buckets.map((one, i): TrendPoint => {
    const [out, into, now, before] = [expenses[i] ?? nothing, income[i] ?? nothing, told[i] ?? nothing, told[i - 1]]
    const changePercentage = before === undefined ? null : changeOf(now.minor, before.minor)
    return { ...one, expenses: out, income: into, netMinor: into.minor - out.minor, changePercentage }
  })
  const statistics = statisticsOf(
    buckets.map((one, i) => ({ ...one, ...(told[i] ?? nothing) })),
    elapsedOf(span, today),
  )
  const unconverted = unconvertedOf(view, isWanted)
  return { currency: view.currency, bucket, kind, points, statistics, unconverted }
}

function pointsOf(view: View, kind: Kind, isWanted: (series: string) => boolean, buckets: readonly Bucket[], unit: BucketName): Total[] {
  const byName = Map.groupBy(figuresOf(view, kind, isWanted), ({ period }) => bucketNameOf(period, unit))
  const names = new Set(buckets.map(({ name }) => name))
  const stray = [...byName.keys()].find((name) => !names.has(name))
  if (stray !== undefined) throw new RangeError(`a row of ${stray} lies in no bucket`)
  return totalsOf(buckets.map(({ name }) => byName.get(name) ?? []))
}

function statisticsOf(buckets: readonly (Bucket & Total)[], elapsed: Span): TrendStatistics {
  const come = buckets
    .filter(({ from }) => isIn(from, elapsed))
    .map((one) => ({ ...one, days: daysIn({ from: one.from, to: one.to < elapsed.to ? one.to : elapsed.to }) }))
  const days = daysIn(elapsed)
  const minor = sum(come.map((one) => one.minor))
  const most = Math.max(...come.map((one) => one.minor))
  const peak = come.find((one) => one.minor === most && most > 0)
  return {
    minor,
    count: sum(come.map(({ count }) => count)),
    until: elapsed.to,
    days,
    averageDailyMinor: averageOf(minor, days),
    peak: peak === undefined ? null : { from: peak.from, to: peak.to, minor: peak.minor },
    // By the day, so that a February or a week that the range cuts is no fall.
    ...slopeOf(come.map((one) => new Exact(one.minor).div(one.days))),
  }
}

/**
 * Where the values are heading: the least-squares line through (0, y0), (1, y1), … has the slope
 * (n Σxy - Σx Σy) / (n Σx² - (Σx)²), and what it gains over the n - 1 steps is told in percent of the average.
 */
export function slopeOf(values: readonly Decimal[]): { direction: Direction; percentage: number } {
  const n = values.length
  const total = values.reduce((all, value) => all.add(value), new Exact(0))
  if (n < 2 || total.isZero()) return { direction: 'stable', percentage: 0 }
  const xs = (n * (n - 1)) / 2
  const squares = ((n - 1) * n * (2 * n - 1)) / 6
  const products = values.reduce((all, value, x) => all.add(value.mul(x)), new Exact(0))
  const slope = products
    .mul(n)
    .sub(total.mul(xs))
    .div(n * squares - xs * xs)
  const percentage = oneDecimal(
    slope
      .mul(n - 1)
      .mul(100)
      .div(total.div(n)),
  )
  if (Math.abs(percentage) < STABLE_BELOW) return { direction: 'stable', percentage }
  return { direction: percentage > 0 ? 'increasing' : 'decreasing', percentage }
}
