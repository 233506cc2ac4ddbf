// The charts of an expense summary. They are for the eye; the tables beside them have the exact amounts.
import type { CategoryBreakdown } from '../analytics/categories.ts'
import type { MembersTold } from '../analytics/members.ts'
import type { TrendPoint, Trends } from '../analytics/trends.ts'
import type { Currency } from '../currency.ts'
import type { BarChart, Chart, DonutChart, Series } from '../document.ts'
import type { MemberId } from '../expense.ts'
import { amountOf, drawn } from './drafts.ts'
import { monthText, type Month } from '../reminder.ts'
import { NO_CATEGORY, UNKNOWN_CATEGORY } from './words.ts'

export function categoryChart({ categories, uncategorized, currency, total }: CategoryBreakdown): DonutChart {
  const slices = [...categories, { ...uncategorized, name: NO_CATEGORY }].map(({ name, minor }) => ({
    label: name ?? UNKNOWN_CATEGORY,
    value: drawn(minor, currency),
  }))
  return { kind: 'donut', title: 'Spending by category', unit: currency, slices, middle: amountOf(total.minor, currency) }
}

/** A line over days and weeks; columns of months, quarters and years. What is still to come has no value. */
export function trendChart({ bucket, points, currency, statistics }: Trends, hasIncome: boolean): Chart {
  const seriesOf = (name: string, of: (point: TrendPoint) => number): Series => ({
    name,
    values: points.map((point) => (point.from > statistics.until ? null : drawn(of(point), currency))),
  })
  const series = [
    seriesOf('Expenses', ({ expenses }) => expenses.minor),
    ...(hasIncome ? [seriesOf('Income', ({ income }) => income.minor)] : []),
  ]
  const title = `${hasIncome ? 'Spending and income' : 'Spending'} by ${bucket}`
  if (bucket === 'day' || bucket === 'week') return { kind: 'line', title, unit: currency, days: points.map(({ from }) => from), series }
  return { kind: 'column', title, unit: currency, labels: points.map(({ name }) => labelOf(name)), series }
}

/** `2026-03` as `Mar 26`, so that twelve of them stand beside each other; `2026-Q1` and `2026` as they are. */
const labelOf = (name: string): string => (/^\d{4}-\d\d$/.test(name) ? `${monthText(name as Month).slice(0, 3)} ${name.slice(2, 4)}` : name)

export const memberChart = ({ members }: MembersTold, nameOf: (member: MemberId) => string, currency: Currency): BarChart => ({
  kind: 'bar',
  title: 'Who paid',
  unit: currency,
  bars: members.map(({ member, paidMinor }) => ({ label: nameOf(member), value: drawn(paidMinor, currency) })),
})
