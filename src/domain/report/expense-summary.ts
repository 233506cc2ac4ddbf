// What was spent and earned, on what, where and by whom; and every expense behind it.
import type { Merchants } from '../analytics/merchants.ts'
import type { Summary } from '../analytics/summary.ts'
import { percentOf } from '../analytics/view.ts'
import type { Cell, Figure, Section } from '../document.ts'
import { sum } from '../money.ts'
import { postedOf, unconvertedRemarks, type Body, type Context } from './context.ts'
import { amountOf, minorOf, paragraph, remark, tableSection, type DraftCell, type DraftColumn } from './drafts.ts'
import { countedIn, expenseDraft, pendingDraft } from './entries.ts'
import { groupedSections } from './grouping.ts'
import { categoryChart, memberChart, trendChart } from './summary-charts.ts'
import { countText, dayText, moneyText, NO_CATEGORY, percentText, signedPercent, spanText, UNKNOWN_CATEGORY } from './words.ts'

const MOST_MERCHANTS = 20

export function expenseSummary(context: Context): Body {
  const { sources, options } = context
  const { summary, scope, insights = [] } = sources
  const spent = countedIn(postedOf(context.expenses, 'expense'), scope)
  const earned = countedIn(postedOf(context.expenses, 'income'), scope)
  const pending = pendingDraft(context)
  const isEmpty = summary.expenses.count === 0 && summary.income.count === 0 && summary.unconverted.length === 0
  if (isEmpty && spent.length === 0 && earned.length === 0)
    return {
      figures: figuresOf(summary),
      sections: [
        paragraph(`Nothing was spent or earned in ${spanText(sources.span)}.`),
        ...(pending === undefined ? [] : [tableSection(pending)]),
      ],
    }
  return {
    figures: figuresOf(summary),
    meta: [{ label: 'What counts', value: scope.kind === 'group' ? 'Everything that was paid' : `The shares of ${sources.asker.name}` }],
    sections: [
      ...remarksOn(context),
      ...(insights.length === 0 ? [] : [paragraph(insights.join('\n'))]),
      ...(options.includeCharts ? chartsOf(context) : []),
      ...categorySections(context),
      ...merchantSections(context),
      ...memberSections(context),
      ...(spent.length === 0 ? [] : groupedSections(context, spent, options.groupBy ?? 'category')),
      ...(earned.length === 0 ? [] : [tableSection(expenseDraft(context, 'All income', earned, { kind: 'income' }))]),
      ...(pending === undefined ? [] : [tableSection(pending)]),
    ],
  }
}

function figuresOf({
  expenses,
  income,
  netMinor,
  savedPercentage,
  previous,
  change,
  currency,
  averageDailyMinor,
  daysElapsed,
}: Summary): Figure[] {
  const money = (minor: number): Cell => amountOf(minor, currency)
  const hasIncome = income.count > 0 || previous.income.count > 0
  return [
    { label: 'Spent', value: money(expenses.minor), note: countText(expenses.count, 'expense') },
    {
      label: 'Change in spending',
      value: change.expenses === null ? null : signedPercent(change.expenses),
      note: `Before: ${moneyText(previous.expenses.minor, currency)} (${spanText(previous)})`,
    },
    { label: 'Average expense', value: money(expenses.averageMinor) },
    { label: 'Average per day', value: money(averageDailyMinor), note: `Over ${countText(daysElapsed, 'day')}` },
    ...(hasIncome
      ? [
          { label: 'Income', value: money(income.minor), note: countText(income.count, 'entry', 'entries') },
          {
            label: 'Net',
            value: money(netMinor),
            // A loss in percent of a small income says nothing.
            note:
              savedPercentage === null || savedPercentage < 0
                ? 'Income less expenses'
                : `Income less expenses: ${percentText(savedPercentage)} of the income`,
          },
        ]
      : []),
  ]
}

/** What has to be known to read the figures right. */
function remarksOn({ sources }: Context): Section[] {
  const { summary, trends, groups, currency } = sources
  const isConverted = groups.some((group) => group.currency !== currency)
  return [
    ...(summary.isRunning
      ? [
          remark(
            `The period is not over yet: averages are of its ${countText(summary.daysElapsed, 'day')} until ${dayText(trends.statistics.until)}.`,
          ),
        ]
      : []),
    ...(isConverted
      ? [
          remark(
            `Figures and charts are in ${currency}, at the rates of the first day of each month. The lists of expenses are in the currencies of their groups.`,
          ),
        ]
      : []),
    ...unconvertedRemarks(summary.unconverted, currency),
  ]
}

function chartsOf({ sources, nameOf }: Context): Section[] {
  const { summary, trends, categories, members, currency } = sources
  const charts = [
    ...(categories.total.minor > 0 ? [categoryChart(categories)] : []),
    ...(summary.expenses.count + summary.income.count > 0 ? [trendChart(trends, summary.income.count > 0)] : []),
    ...(members !== undefined && members.members.length > 1 ? [memberChart(members, nameOf, currency)] : []),
  ]
  return charts.map((chart) => ({ kind: 'chart', chart }))
}

const COUNT: DraftColumn = { header: 'Expenses', kind: 'number', isSummed: true }
const AVERAGE: DraftColumn = { header: 'Average', kind: 'money', currencyHeader: 'Currency of average' }
const AMOUNT: DraftColumn = { header: 'Amount', kind: 'money', isSummed: true }
const percentCell = (percentage: number): string => percentage.toFixed(1)

function categorySections({ sources }: Context): Section[] {
  const { categories: all, uncategorized, currency, total } = sources.categories
  if (all.length === 0 && uncategorized.count === 0) return []
  const name = (given: string | null): string => given ?? UNKNOWN_CATEGORY
  const rest = uncategorized.count === 0 && uncategorized.minor === 0 ? [] : [{ ...uncategorized, name: NO_CATEGORY }]
  const rows = [...all, ...rest].map((one): DraftCell[] => [
    name(one.name),
    one.count,
    minorOf(one.averageMinor, currency),
    minorOf(one.minor, currency),
    percentCell(percentOf(one.minor, total.minor)),
  ])
  const parts = all.flatMap(({ name: parent, direct, subcategories }): DraftCell[][] => [
    ...subcategories.map((one) => [name(parent), name(one.name), one.count, minorOf(one.minor, currency), percentCell(one.percentage)]),
    ...(direct.count === 0 && direct.minor === 0
      ? []
      : [[name(parent), 'No subcategory', direct.count, minorOf(direct.minor, currency), percentCell(direct.percentage)]]),
  ])
  const category: DraftColumn = { header: 'Category', kind: 'text', weight: 2 }
  const share: DraftColumn = { header: '% of all', kind: 'number' }
  const hasParts = all.some(({ subcategories }) => subcategories.length > 0)
  return [
    tableSection({ title: 'Spending by category', columns: [category, COUNT, AVERAGE, AMOUNT, share], rows }),
    ...(hasParts
      ? [
          tableSection({
            title: 'Spending by subcategory',
            columns: [
              category,
              { header: 'Subcategory', kind: 'text', weight: 2 },
              COUNT,
              AMOUNT,
              { header: '% of category', kind: 'number' },
            ],
            rows: parts,
          }),
        ]
      : []),
  ]
}

/** The twenty that got most, and all others in one row. */
function merchantSections({ sources }: Context): Section[] {
  const { merchants: all, currency, total }: Merchants = sources.merchants
  if (all.length === 0) return []
  const top = all.slice(0, MOST_MERCHANTS)
  const others = all.slice(MOST_MERCHANTS)
  const rowOf = (name: string, count: number, average: DraftCell, minor: number): DraftCell[] => [
    name,
    count,
    average,
    minorOf(minor, currency),
    percentCell(percentOf(minor, total.minor)),
  ]
  const rest = [sum(others.map(({ count }) => count)), sum(others.map(({ minor }) => minor))] as const
  const { merchantsSpan } = sources
  return [
    ...(merchantsSpan === undefined ? [] : [remark(`Vendors are kept by whole months: this table is of ${spanText(merchantsSpan)}.`)]),
    tableSection({
      title: others.length > 0 ? `Spending by vendor, the largest ${MOST_MERCHANTS}` : 'Spending by vendor',
      columns: [{ header: 'Vendor', kind: 'text', weight: 2 }, COUNT, AVERAGE, AMOUNT, { header: '% of these', kind: 'number' }],
      rows: [
        ...top.map(({ name, count, averageMinor, minor }) => rowOf(name, count, minorOf(averageMinor, currency), minor)),
        ...(others.length === 0 ? [] : [rowOf(countText(others.length, 'other vendor'), rest[0], null, rest[1])]),
      ],
    }),
    remark('Expenses that name no vendor are not in this table.'),
  ]
}

function memberSections({ sources, nameOf }: Context): Section[] {
  const { members: told } = sources
  if (told === undefined || told.members.length < 2) return []
  const { currency, members } = told
  const hasIncome = members.some(({ receivedMinor, incomeShareMinor }) => receivedMinor !== 0 || incomeShareMinor !== 0)
  const summed = (header: string): DraftColumn => ({ header, kind: 'money', isSummed: true, currencyHeader: `Currency of ${header}` })
  return [
    tableSection({
      title: 'Who paid, and who bears it',
      columns: [
        { header: 'Member', kind: 'text', weight: 2 },
        summed('Paid'),
        summed('Share'),
        ...(hasIncome ? [summed('Income received'), summed('Share of income')] : []),
        summed('Net'),
      ],
      rows: members.map((one): DraftCell[] => [
        nameOf(one.member),
        minorOf(one.paidMinor, currency),
        minorOf(one.shareMinor, currency),
        ...(hasIncome ? [minorOf(one.receivedMinor, currency), minorOf(one.incomeShareMinor, currency)] : []),
        minorOf(one.netMinor, currency),
      ]),
    }),
    remark('Net is by how much these entries raised what the member is owed. Payments between members are not in it.'),
  ]
}
