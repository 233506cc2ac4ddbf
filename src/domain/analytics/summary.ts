// What was spent and earned in a range, held against the days before it, and where most of it went.
import type { Category } from '../categories.ts'
import type { Currency } from '../currency.ts'
import { categoriesOf } from './categories.ts'
import { daysIn, isIn, type Range, type Span } from './range.ts'
import { EVERYTHING } from './rollup.ts'
import type { Day } from '../time.ts'
import {
  averageOf,
  changeOf,
  figuresOf,
  percentOf,
  totalOf,
  unconvertedOf,
  type Kind,
  type Total,
  type Unconverted,
  type View,
} from './view.ts'

/** Amounts in minor units. */
interface Sums extends Total {
  /** For one expense. */
  readonly averageMinor: number
}

export interface Flow {
  readonly expenses: Sums
  readonly income: Sums
  /** Income less expenses. */
  readonly netMinor: number
  /** What part of the income is left, in percent; `null` without income. */
  readonly savedPercentage: number | null
}

interface TopCategory extends Total {
  /** `null` for what has no category. */
  readonly id: string | null
  readonly name: string | null
  readonly color: string | null
  readonly percentage: number
}

export interface Summary extends Flow {
  readonly range: Range
  readonly currency: Currency
  /** How many of the days have come, and so count in averages of a day: all of them unless `today` lies in the range. */
  readonly daysElapsed: number
  /** Whether days of the range are still to come, while what it is compared with is over. */
  readonly isRunning: boolean
  readonly averageDailyMinor: number
  readonly previous: Flow & Span
  /** In percent of what it was, with one decimal; `null` where there was nothing. */
  readonly change: { readonly expenses: number | null; readonly income: number | null; readonly net: number | null }
  readonly topCategories: readonly TopCategory[]
  /** Amounts without a rate, which no figure of the range has in it. */
  readonly unconverted: readonly Unconverted[]
  readonly previousUnconverted: readonly Unconverted[]
}

const isEverything = (series: string): boolean => series === EVERYTHING

/** So many categories are told with a summary. */
const TOP_CATEGORIES = 5

/**
 * Needs in both views the rows of everything, and in the first those of the categories, as `readsOf` names them for
 * the range and for `range.previous`. `today` is the day in the zone of whoever asks.
 */
export function summaryOf(range: Range, today: Day, views: { current: View; previous: View }, own: readonly Category[]): Summary {
  const now = flowOf(views.current)
  const before = flowOf(views.previous)
  const elapsed = daysIn(elapsedOf(range, today))
  return {
    range,
    currency: views.current.currency,
    ...now,
    daysElapsed: elapsed,
    isRunning: elapsed < daysIn(range),
    averageDailyMinor: averageOf(now.expenses.minor, elapsed),
    previous: { ...before, from: range.previous.from, to: range.previous.to },
    change: {
      expenses: changeOf(now.expenses.minor, before.expenses.minor),
      income: changeOf(now.income.minor, before.income.minor),
      net: changeOf(now.netMinor, before.netMinor),
    },
    topCategories: topOf(views.current, own),
    unconverted: unconvertedOf(views.current, isEverything),
    previousUnconverted: unconvertedOf(views.previous, isEverything),
  }
}

/** The days of the span that have come by `today`; all of them where none has, so that a plan for next year has an average too. */
export const elapsedOf = (span: Span, today: Day): Span => ({ from: span.from, to: isIn(today, span) ? today : span.to })

/** Income against expenses, from the rows of everything. */
export function flowOf(view: View): Flow {
  const expenses = sumsOf(view, 'expense')
  const income = sumsOf(view, 'income')
  const netMinor = income.minor - expenses.minor
  return { expenses, income, netMinor, savedPercentage: income.minor === 0 ? null : percentOf(netMinor, income.minor) }
}

function sumsOf(view: View, kind: Kind): Sums {
  const total = totalOf(figuresOf(view, kind, isEverything))
  return { ...total, averageMinor: averageOf(total.minor, total.count) }
}

function topOf(view: View, own: readonly Category[]): TopCategory[] {
  const { categories, uncategorized } = categoriesOf(view, own)
  const { minor, count, percentage } = uncategorized
  const rest: TopCategory = { id: null, name: null, color: null, minor, count, percentage }
  const all = categories.map(({ id, name, color, minor, count, percentage }) => ({ id, name, color, minor, count, percentage }))
  // What has no category comes after a category of the same amount.
  return [...all, ...(count === 0 ? [] : [rest])].sort((a, b) => b.minor - a.minor).slice(0, TOP_CATEGORIES)
}
