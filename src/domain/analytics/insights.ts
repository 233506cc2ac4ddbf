// What changed and why, in plain words, each with the figures behind it. The same rows give the same insights in the same
// order. While a range is running it is held against one that is over: what has risen past it is told, no fall is.
import type { Category } from '../categories.ts'
import type { Currency } from '../currency.ts'
import { formatMinor } from '../money.ts'
import type { Day } from '../time.ts'
import { categoriesOf } from './categories.ts'
import { daysOf, unusualDays, weekdayPattern, type UnusualDay } from './days.ts'
import { merchantsOf } from './merchants.ts'
import { daysIn, isIn, type Range, type Span } from './range.ts'
import { flowOf, type Flow } from './summary.ts'
import type { Trends } from './trends.ts'
import { changeOf, compareText, percentOf, type View } from './view.ts'

/** An amount in minor units of the insights' currency, a number, a text, or several such. */
export type InsightFigure = { readonly minor: number } | number | string | null | readonly InsightFigures[]
interface InsightFigures {
  readonly [name: string]: InsightFigure
}

export const INSIGHT_KINDS = [
  'change',
  'category_mover',
  'merchant_mover',
  'new_merchant',
  'unusual_day',
  'weekday_pattern',
  'net',
] as const

export interface Insight {
  readonly kind: (typeof INSIGHT_KINDS)[number]
  readonly title: string
  readonly message: string
  readonly figures: InsightFigures
}

export interface InsightSources {
  readonly range: Range
  /** The day in the zone of whoever asks. */
  readonly today: Day
  /** Everything and categories, of the range and of `range.previous`. */
  readonly current: View
  readonly previous: View
  /** Of the range, by day. */
  readonly days: Trends
  /** The category rows of `daysToExplain(days)`. */
  readonly ofDays?: View
  /** Of `vendorRange(range)`, whose months may be more than the range. */
  readonly vendors?: { readonly range: Range; readonly current: View; readonly previous: View }
  readonly own: readonly Category[]
}

/** So many of each kind are told. */
const MOST_TOLD = 3
/** What moved less than this, in percent of the larger total, explains nothing. */
const LEAST_MOVE = 5

const WEEKDAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'] as const

/** Days that an insight tells of; with their category rows it says what they were spent on. */
export const daysToExplain = (days: Trends): Day[] =>
  unusualDays(daysOf(days))
    .slice(0, MOST_TOLD)
    .map(({ day }) => day)

/** What there is to say: the change of the total, what moved it, merchants, days and weekdays, and what is left of the income. */
export function insightsOf(sources: InsightSources): Insight[] {
  const { range, today, current, previous, days } = sources
  const [now, before] = [flowOf(current), flowOf(previous)]
  const movers = moversOf(branchesOf(current, sources.own), branchesOf(previous, sources.own))
  const told = { range, today, currency: current.currency }
  const unusual = unusualDays(daysOf(days))
  return [
    ...changed(told, now, before, movers),
    ...large(told, movers, Math.max(now.expenses.minor, before.expenses.minor)).map((mover) => moved(told, 'category_mover', mover)),
    ...ofMerchants(sources),
    ...unusual.slice(0, MOST_TOLD).map((day) => unusualDay(sources, day)),
    ...weekday(days, unusual, current.currency),
    ...left(current.currency, now),
  ]
}

interface Told {
  readonly range: Range
  readonly today: Day
  readonly currency: Currency
}

interface Part {
  readonly key: string
  readonly name: string
  readonly minor: number
}

interface Mover extends Part {
  readonly before: number
  readonly change: number
}

/** The days of the range that have come, where some are still to come. */
function runningDays({ range, today }: Told): number | undefined {
  return isIn(today, range) && today < range.to ? daysIn({ from: range.from, to: today }) : undefined
}

const spanText = ({ from, to }: Span): string => (from === to ? `on ${from}` : `from ${from} to ${to}`)

const amountText = (minor: number, currency: Currency): string => `${formatMinor(minor, currency)} ${currency}`

const signedText = (minor: number, currency: Currency): string => `${minor > 0 ? '+' : ''}${amountText(minor, currency)}`

function branchesOf(view: View, own: readonly Category[]): Part[] {
  const { categories, uncategorized } = categoriesOf(view, own)
  const parts = categories.map(({ id, name, minor }) => ({ key: id, name: name ?? 'A category of somebody else', minor }))
  return [...parts, { key: 'none', name: 'What has no category', minor: uncategorized.minor }]
}

/** What changed of parts, the largest change first. */
function moversOf(now: readonly Part[], before: readonly Part[]): Mover[] {
  const was = new Map(before.map((part) => [part.key, part]))
  const is = new Set(now.map(({ key }) => key))
  const all = [...now, ...before.filter(({ key }) => !is.has(key)).map((part) => ({ ...part, minor: 0 }))]
  return all
    .map((part) => ({ ...part, before: was.get(part.key)?.minor ?? 0 }))
    .map((part) => ({ ...part, change: part.minor - part.before }))
    .filter(({ change }) => change !== 0)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || compareText(a.key, b.key))
}

/** Those that moved enough to be told; `whole` is the larger of the two totals. */
function large(told: Told, movers: readonly Mover[], whole: number): Mover[] {
  const isRunning = runningDays(told) !== undefined
  return movers.filter(({ change }) => percentOf(Math.abs(change), whole) >= LEAST_MOVE && !(isRunning && change < 0)).slice(0, MOST_TOLD)
}

function changed(told: Told, now: Flow, before: Flow, movers: readonly Mover[]): Insight[] {
  const { range, currency } = told
  const [minor, was] = [now.expenses.minor, before.expenses.minor]
  const change = minor - was
  if (change === 0) return []
  const percentage = changeOf(minor, was)
  const figures = {
    amount: { minor },
    count: now.expenses.count,
    previousAmount: { minor: was },
    previousCount: before.expenses.count,
    change: { minor: change },
    changePercentage: percentage,
  }
  const come = runningDays(told)
  if (come !== undefined && change < 0) {
    const title = `So far ${percentOf(minor, was)}% of the period before`
    const spent = `${amountText(minor, currency)} was spent in the first ${come} of ${daysIn(range)} days`
    const message = `${spent}; the whole period before came to ${amountText(was, currency)}.`
    return [{ kind: 'change', title, message, figures: { ...figures, daysElapsed: come, days: daysIn(range) } }]
  }
  const why = movers.filter((mover) => mover.change > 0 === change > 0).slice(0, MOST_TOLD)
  const verb = change > 0 ? 'rose' : 'fell'
  const title = percentage === null ? 'Spending began' : `Spending ${verb} by ${Math.abs(percentage)}%`
  const more = `${amountText(Math.abs(change), currency)} ${change > 0 ? 'more' : 'less'} than ${spanText(range.previous)}`
  const reasons = why.map((mover) => `${mover.name} (${signedText(mover.change, currency)})`)
  const because = reasons.length === 0 ? '' : ` It ${verb} most for: ${reasons.join(', ')}.`
  const message = `${amountText(minor, currency)} was spent ${spanText(range)}, ${more}.${because}`
  const drivers = why.map((mover) => ({ id: mover.key, name: mover.name, change: { minor: mover.change } }))
  return [{ kind: 'change', title, message, figures: { ...figures, drivers } }]
}

function moved(told: Told, kind: 'category_mover' | 'merchant_mover', mover: Mover): Insight {
  const { range, currency } = told
  const { key, name, minor, before, change } = mover
  const percentage = changeOf(minor, before)
  const title = `${name}: ${percentage === null ? signedText(change, currency) : `${percentage > 0 ? '+' : ''}${percentage}%`}`
  const message = `${name} came to ${amountText(minor, currency)} ${spanText(range)}, after ${amountText(before, currency)} ${spanText(range.previous)}: ${signedText(change, currency)}.`
  const amounts = { amount: { minor }, previousAmount: { minor: before }, change: { minor: change }, changePercentage: percentage }
  return { kind, title, message, figures: { id: key, name, ...amounts, ...spanFigures(range) } }
}

const spanFigures = ({ from, to, previous }: Range): InsightFigures => ({
  from,
  to,
  previousFrom: previous.from,
  previousTo: previous.to,
})

/** Vendors that moved, and those that are new. Where nobody was named before, everybody would be new. */
function ofMerchants({ vendors, today }: InsightSources): Insight[] {
  if (vendors === undefined) return []
  const { range, current, previous } = vendors
  const told = { range, today, currency: current.currency }
  const now = merchantsOf(current)
  const before = merchantsOf(previous)
  const partsOf = (all: typeof now): Part[] => all.merchants.map(({ series, name, minor }) => ({ key: series, name, minor }))
  const known = new Set(before.merchants.map(({ series }) => series))
  const movers = moversOf(partsOf(now), partsOf(before)).filter(({ key }) => known.has(key))
  const fresh = known.size === 0 ? [] : now.merchants.filter(({ series }) => !known.has(series))
  return [
    ...large(told, movers, Math.max(now.total.minor, before.total.minor)).map((mover) => moved(told, 'merchant_mover', mover)),
    ...fresh.slice(0, MOST_TOLD).map(({ series, name, minor, count }): Insight => {
      const times = count === 1 ? 'once' : `${count} times`
      return {
        kind: 'new_merchant',
        title: `New: ${name}`,
        message: `${name} was paid ${times} ${spanText(range)}, ${amountText(minor, told.currency)} in all, and not at all ${spanText(range.previous)}.`,
        figures: { id: series, name, amount: { minor }, count, ...spanFigures(range) },
      }
    }),
  ]
}

function unusualDay({ current: { currency }, ofDays, own }: InsightSources, unusual: UnusualDay): Insight {
  const { day, minor, count, medianMinor, score, days } = unusual
  const usual = Math.round(medianMinor)
  const [most] =
    ofDays === undefined
      ? []
      : branchesOf({ ...ofDays, figures: ofDays.figures.filter(({ period }) => period === day) }, own).sort(
          (a, b) => b.minor - a.minor || compareText(a.key, b.key),
        )
  const why = most === undefined || most.minor === 0 ? '' : ` Most of it: ${most.name} (${amountText(most.minor, currency)}).`
  return {
    kind: 'unusual_day',
    title: `An unusual day: ${day}`,
    message: `${amountText(minor, currency)} was spent on ${day}; half of the ${days} days with spending came to ${amountText(usual, currency)} or less.${why}`,
    figures: {
      day,
      amount: { minor },
      count,
      median: { minor: usual },
      score,
      days,
      ...(most !== undefined && most.minor !== 0 && { drivers: [{ id: most.key, name: most.name, amount: { minor: most.minor } }] }),
    },
  }
}

function weekday(trends: Trends, unusual: readonly UnusualDay[], currency: Currency): Insight[] {
  const pattern = weekdayPattern(daysOf(trends), new Set(unusual.map(({ day }) => day)))
  if (pattern === undefined) return []
  const { weekday, minor, count, days, spendingDays, percentage, expectedPercentage } = pattern
  const name = WEEKDAYS[weekday - 1] ?? ''
  const apart = unusual.length === 0 ? '' : ` Unusual days (${unusual.length}) are left out.`
  return [
    {
      kind: 'weekday_pattern',
      title: `${name} take the most`,
      message: `${name} take ${percentage}% of the spending (${amountText(minor, currency)}) and are ${expectedPercentage}% of the days.${apart}`,
      figures: { weekday, amount: { minor }, count, days, spendingDays, percentage, expectedPercentage, daysLeftOut: unusual.length },
    },
  ]
}

function left(currency: Currency, { income, expenses, netMinor, savedPercentage }: Flow): Insight[] {
  if (income.minor === 0) return []
  const isShort = netMinor < 0
  const title = isShort ? 'More was spent than came in' : 'Income covers the spending'
  const end = isShort
    ? `${amountText(0 - netMinor, currency)} more`
    : `which leaves ${amountText(netMinor, currency)}, ${savedPercentage ?? 0}% of it`
  const message = `${amountText(income.minor, currency)} came in and ${amountText(expenses.minor, currency)} was spent, ${end}.`
  const figures = { income: { minor: income.minor }, expenses: { minor: expenses.minor }, net: { minor: netMinor }, savedPercentage }
  return [{ kind: 'net', title, message, figures }]
}
