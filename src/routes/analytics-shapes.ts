// How analytics look, field by field as the document has them, and what goes beyond it.
import { z } from 'zod'
import type { CategoryBreakdown, CategoryPart } from '../domain/analytics/categories.ts'
import { INSIGHT_KINDS, type Insight, type InsightFigure } from '../domain/analytics/insights.ts'
import type { MembersTold } from '../domain/analytics/members.ts'
import type { Merchants } from '../domain/analytics/merchants.ts'
import { BUCKETS, PERIODS, type Range, type Span } from '../domain/analytics/range.ts'
import type { Flow, Summary } from '../domain/analytics/summary.ts'
import type { Trends } from '../domain/analytics/trends.ts'
import type { Unconverted } from '../domain/analytics/view.ts'
import type { Currency } from '../domain/currency.ts'
import { formatMinor } from '../domain/money.ts'
import { amountOut, currency, day, dayOut, id } from '../http/fields.ts'
import type { Asked } from '../services/analytics.ts'

const KINDS = ['expense', 'income'] as const

export const rangeFields = {
  period: z.enum(PERIODS).optional().meta({
    description:
      'Without dates the day, ISO week, month, quarter or year that it is now; with dates what they are compared with: as many such units before. custom takes dates.',
    example: 'monthly',
  }),
  date_from: day.optional(),
  date_to: day.optional().meta({ description: 'Today when absent' }),
  group_id: id('group').optional(),
  scope: z
    .enum(['group', 'own'])
    .optional()
    .meta({ description: 'own: your part of it; group: all of it. group where group_id is given, else own', example: 'own' }),
  currency: currency.optional().meta({ description: "What amounts are shown in: the group's, or the one you prefer, when absent" }),
}

interface RangeIn {
  readonly period?: (typeof PERIODS)[number] | undefined
  readonly date_from?: Asked['from'] | undefined
  readonly date_to?: Asked['to'] | undefined
  readonly group_id?: Asked['groupId'] | undefined
  readonly scope?: Asked['scope'] | undefined
  readonly currency?: Currency | undefined
}

export const askedIn = (query: RangeIn): Asked => ({
  ...(query.period && { period: query.period }),
  ...(query.date_from && { from: query.date_from }),
  ...(query.date_to && { to: query.date_to }),
  ...(query.group_id && { groupId: query.group_id }),
  ...(query.currency && { currency: query.currency }),
  scope: query.scope ?? (query.group_id === undefined ? 'own' : 'group'),
})

export const kindField = z.enum(KINDS).default('expense').meta({ example: 'expense' })
export const bucketField = z
  .enum(BUCKETS)
  .optional()
  .meta({ description: 'By day up to 92 days and by month beyond, when absent', example: 'day' })

const SpanOut = z.object({ from: dayOut, to: dayOut })
const spanOut = ({ from, to }: Span) => ({ from, to })

const percentage = z.number().meta({ description: 'Percent, with one decimal', example: 24.1 })

const UnconvertedOut = z
  .array(z.object({ kind: z.enum(KINDS), currency: z.string(), amount: amountOut, count: z.int() }))
  .meta({ description: 'Amounts in currencies for which no rate is known; they are in no other figure' })
const unconvertedOut = (all: readonly Unconverted[]): z.input<typeof UnconvertedOut> =>
  all.map((one) => ({ kind: one.kind, currency: one.currency, amount: formatMinor(one.minor, one.currency), count: one.count }))

const FlowOut = z.object({
  total_income: amountOut,
  income_count: z.int(),
  net: amountOut.meta({ description: 'Income less expenses' }),
  saved_percentage: percentage.nullable().meta({ description: 'What part of the income is left; null without income' }),
})
const flowOut = (flow: Flow, unit: Currency): z.input<typeof FlowOut> => ({
  total_income: formatMinor(flow.income.minor, unit),
  income_count: flow.income.count,
  net: formatMinor(flow.netMinor, unit),
  saved_percentage: flow.savedPercentage,
})

export const SummaryOut = z
  .object({
    period: z.enum(PERIODS),
    date_range: SpanOut,
    summary: FlowOut.extend({
      total_expenses: amountOut,
      expense_count: z.int(),
      average_expense: amountOut,
      average_daily: amountOut.meta({ description: 'Over the days that have come' }),
      currency: z.string(),
    }),
    comparison: z.object({
      previous_period: FlowOut.extend({
        from: dayOut,
        to: dayOut,
        total_expenses: amountOut,
        expense_count: z.int(),
        change_percentage: percentage.nullable().meta({ description: 'How much more was spent than then; null where that was nothing' }),
        income_change_percentage: percentage.nullable(),
        net_change_percentage: percentage.nullable(),
      }),
    }),
    top_categories: z.array(
      z.object({
        category_id: z.string().nullable(),
        category: z.string().nullable().meta({ description: 'Null for what has none' }),
        amount: amountOut,
        percentage,
        count: z.int(),
      }),
    ),
    unconverted: UnconvertedOut,
  })
  .meta({ id: 'ExpenseSummary' })

export function summaryOut(summary: Summary): z.input<typeof SummaryOut> {
  const { range, currency: unit, expenses, previous, change } = summary
  const amount = (minor: number): string => formatMinor(minor, unit)
  return {
    period: range.period,
    date_range: spanOut(range),
    summary: {
      total_expenses: amount(expenses.minor),
      expense_count: expenses.count,
      average_expense: amount(expenses.averageMinor),
      average_daily: amount(summary.averageDailyMinor),
      currency: unit,
      ...flowOut(summary, unit),
    },
    comparison: {
      previous_period: {
        ...spanOut(previous),
        total_expenses: amount(previous.expenses.minor),
        expense_count: previous.expenses.count,
        change_percentage: change.expenses,
        income_change_percentage: change.income,
        net_change_percentage: change.net,
        ...flowOut(previous, unit),
      },
    },
    top_categories: summary.topCategories.map((one) => ({
      category_id: one.id,
      category: one.name,
      amount: amount(one.minor),
      percentage: one.percentage,
      count: one.count,
    })),
    unconverted: unconvertedOut([...summary.unconverted]),
  }
}

export const TrendsOut = z
  .object({
    date_range: SpanOut,
    bucket: z.enum(BUCKETS),
    currency: z.string(),
    trends: z.array(
      z.object({
        date: dayOut.meta({ description: 'The first day of the bucket in the range' }),
        name: z.string(),
        amount: amountOut,
        expense_count: z.int(),
        income: amountOut,
        net: amountOut,
        change_percentage: percentage.nullable(),
      }),
    ),
    statistics: z.object({
      total: amountOut,
      count: z.int(),
      average_daily: amountOut,
      peak_day: dayOut.nullable().meta({ description: 'The bucket with the most, by its first day; null where there is nothing' }),
      peak_amount: amountOut.nullable(),
      trend_direction: z.enum(['increasing', 'decreasing', 'stable']),
      trend_percentage: percentage.meta({
        description: 'What the fitted line gains from the first bucket to the last, in percent of the average',
      }),
    }),
    unconverted: UnconvertedOut,
  })
  .meta({ id: 'SpendingTrends' })

export function trendsOut(trends: Trends & { readonly range: Range }): z.input<typeof TrendsOut> {
  const { currency: unit, statistics, kind } = trends
  const amount = (minor: number): string => formatMinor(minor, unit)
  return {
    date_range: spanOut(trends.range),
    bucket: trends.bucket,
    currency: unit,
    trends: trends.points.map((point) => {
      const told = kind === 'expense' ? point.expenses : point.income
      return {
        date: point.from,
        name: point.name,
        amount: amount(told.minor),
        expense_count: told.count,
        income: amount(point.income.minor),
        net: amount(point.netMinor),
        change_percentage: point.changePercentage,
      }
    }),
    statistics: {
      total: amount(statistics.minor),
      count: statistics.count,
      average_daily: amount(statistics.averageDailyMinor),
      peak_day: statistics.peak?.from ?? null,
      peak_amount: statistics.peak === null ? null : amount(statistics.peak.minor),
      trend_direction: statistics.direction,
      trend_percentage: statistics.percentage,
    },
    unconverted: unconvertedOut(trends.unconverted),
  }
}

const partFields = {
  id: z.string(),
  name: z.string().nullable().meta({ description: "Null for somebody else's own category" }),
  amount: amountOut,
  percentage,
  expense_count: z.int(),
  average_expense: amountOut,
}

export const CategoriesOut = z
  .object({
    date_range: SpanOut,
    currency: z.string(),
    total: amountOut,
    categories: z.array(
      z.object({
        ...partFields,
        direct: z
          .object({ amount: amountOut, percentage, expense_count: z.int() })
          .meta({ description: 'Filed under it and nothing below' }),
        subcategories: z.array(z.object(partFields)),
      }),
    ),
    uncategorized: z.object({ amount: amountOut, percentage, expense_count: z.int() }),
    unconverted: UnconvertedOut,
  })
  .meta({ id: 'CategoryBreakdown' })

export function categoriesOut(told: CategoryBreakdown & { readonly range: Range }): z.input<typeof CategoriesOut> {
  const amount = (minor: number): string => formatMinor(minor, told.currency)
  const part = (one: CategoryPart) => ({
    id: one.id,
    name: one.name,
    amount: amount(one.minor),
    percentage: one.percentage,
    expense_count: one.count,
    average_expense: amount(one.averageMinor),
  })
  const sums = (one: { readonly minor: number; readonly count: number; readonly percentage: number }) => ({
    amount: amount(one.minor),
    percentage: one.percentage,
    expense_count: one.count,
  })
  return {
    date_range: spanOut(told.range),
    currency: told.currency,
    total: amount(told.total.minor),
    categories: told.categories.map((branch) => ({
      ...part(branch),
      direct: sums(branch.direct),
      subcategories: branch.subcategories.map(part),
    })),
    uncategorized: sums(told.uncategorized),
    unconverted: unconvertedOut(told.unconverted),
  }
}

export const MerchantsOut = z
  .object({
    date_range: SpanOut.meta({ description: 'Whole months: vendors are told for no less' }),
    is_widened: z.boolean().meta({ description: 'Whether more days are told than were asked for' }),
    currency: z.string(),
    total: amountOut,
    merchants: z.array(z.object({ name: z.string(), amount: amountOut, percentage, expense_count: z.int(), average_expense: amountOut })),
    unconverted: UnconvertedOut,
  })
  .meta({ id: 'Merchants' })

/** So many are shown. */
const MOST_MERCHANTS = 100

export function merchantsOut(told: Merchants & { readonly range: Span; readonly isWidened: boolean }): z.input<typeof MerchantsOut> {
  const amount = (minor: number): string => formatMinor(minor, told.currency)
  return {
    date_range: spanOut(told.range),
    is_widened: told.isWidened,
    currency: told.currency,
    total: amount(told.total.minor),
    merchants: told.merchants.slice(0, MOST_MERCHANTS).map((one) => ({
      name: one.name,
      amount: amount(one.minor),
      percentage: one.percentage,
      expense_count: one.count,
      average_expense: amount(one.averageMinor),
    })),
    unconverted: unconvertedOut(told.unconverted),
  }
}

export const MembersOut = z
  .object({
    date_range: SpanOut,
    currency: z.string(),
    total_expenses: amountOut,
    total_income: amountOut,
    members: z.array(
      z.object({
        member_id: z.string(),
        paid: amountOut,
        paid_percentage: percentage,
        share: amountOut,
        share_percentage: percentage,
        received: amountOut,
        income_share: amountOut,
        net: amountOut.meta({ description: 'By how much the range raised their balance, payments between members aside' }),
        expense_count: z.int(),
      }),
    ),
    unconverted: UnconvertedOut,
  })
  .meta({ id: 'MemberFigures' })

export function membersOut(told: MembersTold & { readonly range: Range }): z.input<typeof MembersOut> {
  const amount = (minor: number): string => formatMinor(minor, told.currency)
  return {
    date_range: spanOut(told.range),
    currency: told.currency,
    total_expenses: amount(told.expensesMinor),
    total_income: amount(told.incomeMinor),
    members: told.members.map((one) => ({
      member_id: one.member,
      paid: amount(one.paidMinor),
      paid_percentage: one.paidPercentage,
      share: amount(one.shareMinor),
      share_percentage: one.sharePercentage,
      received: amount(one.receivedMinor),
      income_share: amount(one.incomeShareMinor),
      net: amount(one.netMinor),
      expense_count: one.count,
    })),
    unconverted: unconvertedOut(told.unconverted),
  }
}

export const InsightsOut = z
  .object({
    date_range: SpanOut,
    currency: z.string(),
    insights: z.array(
      z.object({
        kind: z.enum(INSIGHT_KINDS),
        title: z.string(),
        message: z.string(),
        figures: z.record(z.string(), z.unknown()).meta({ description: 'What it is told from; amounts as decimal text' }),
      }),
    ),
  })
  .meta({ id: 'Insights' })

/** The figure as JSON: amounts as text, names in snake case. */
function figureOut(figure: InsightFigure, unit: Currency): unknown {
  if (figure === null || typeof figure !== 'object') return figure
  if (Array.isArray(figure)) return figure.map((one: InsightFigure) => figureOut(one, unit))
  if ('minor' in figure && typeof figure.minor === 'number' && Object.keys(figure).length === 1) return formatMinor(figure.minor, unit)
  return Object.fromEntries(Object.entries(figure).map(([name, one]) => [snake(name), figureOut(one as InsightFigure, unit)]))
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const insightsOut = (told: {
  readonly range: Range
  readonly currency: Currency
  readonly insights: readonly Insight[]
}): z.input<typeof InsightsOut> => ({
  date_range: spanOut(told.range),
  currency: told.currency,
  insights: told.insights.map(({ kind, title, message, figures }) => ({
    kind,
    title,
    message,
    figures: figureOut(figures as InsightFigure, told.currency) as Record<string, unknown>,
  })),
})
