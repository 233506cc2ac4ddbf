// Gross, tax and net for the accountant. A tax is told only where somebody gave it or a receipt says it; what nothing is
// known of stands in a column of its own, and is never taken for a tax of 0.
import { Decimal } from 'decimal.js'
import { bucketNameOf, daysIn } from '../analytics/range.ts'
import { compareText, Exact, percentOf } from '../analytics/view.ts'
import type { Currency } from '../currency.ts'
import type { Chart, Figure, Section } from '../document.ts'
import { sum } from '../money.ts'
import { monthText, type Month } from '../reminder.ts'
import { fielded, postedOf, type Body, type Context } from './context.ts'
import {
  amountOf,
  drawn,
  heading,
  minorOf,
  MOST_CURRENCIES,
  paragraph,
  remark,
  sumsBy,
  tableSection,
  textCell,
  type Draft,
  type DraftCell,
  type DraftColumn,
} from './drafts.ts'
import { isForeign, pendingDraft, whatText } from './entries.ts'
import type { ReportExpense } from './sources.ts'
import { countText, listed, moneyText, NO_CATEGORY, percentText, spanText } from './words.ts'

/** Longer spans are told by quarters. */
const MOST_DAYS_IN_MONTHS = 366

/** Minor units of the currency in which the expenses were posted. `gross` is what is `taxed` and what is `unknown`. */
interface Taxed {
  readonly count: number
  readonly gross: number
  readonly taxed: number
  readonly tax: number
  readonly unknown: number
  readonly unknownCount: number
}

/** The tax in minor units of the postings: at the rate that the expense itself was posted at, half-even. */
export function postedTax({ tax, amountMinor, posted }: Pick<ReportExpense, 'tax' | 'amountMinor' | 'posted'>): number | null {
  if (tax === null) return null
  if (posted.minor === amountMinor || amountMinor === 0) return tax.minor
  return new Exact(tax.minor).mul(posted.minor).div(amountMinor).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber()
}

function taxedOf(expenses: readonly ReportExpense[]): Taxed {
  const known = expenses.filter(({ tax }) => tax !== null)
  const gross = sum(expenses.map(({ posted }) => posted.minor))
  const taxed = sum(known.map(({ posted }) => posted.minor))
  return {
    count: expenses.length,
    gross,
    taxed,
    tax: sum(known.map((expense) => postedTax(expense) ?? 0)),
    unknown: gross - taxed,
    unknownCount: expenses.length - known.length,
  }
}

export function taxSummary(context: Context): Body {
  const { sources } = context
  const [spent, earned] = [postedOf(context.expenses, 'expense'), postedOf(context.expenses, 'income')]
  const pending = pendingDraft(context)
  const waiting = pending === undefined ? [] : [tableSection(pending)]
  const figures = figuresOf(context, spent)
  if (spent.length === 0 && earned.length === 0)
    return {
      figures,
      sections: [paragraph(`Nothing was spent or earned in ${spanText(sources.span)}, so there is no tax to tell of.`), ...waiting],
    }
  return {
    figures,
    sections: [
      remark(
        'Amounts are whole: whoever paid them and whoever bears them. Gross is what is without tax information and what has a known tax; the latter is tax and net.',
      ),
      ...(spent.length === 0 ? [paragraph(`Nothing was spent in ${spanText(sources.span)}.`)] : kindSections(context, 'expense', spent)),
      ...(earned.length === 0 ? [] : kindSections(context, 'income', earned)),
      ...waiting,
    ],
  }
}

function figuresOf({ sources }: Context, spent: readonly ReportExpense[]): Figure[] {
  const fallback = sources.groups[0]?.currency ?? sources.currency
  const groups = [...Map.groupBy(spent, ({ posted }) => posted.currency)].sort(([a], [b]) => compareText(a, b))
  const told = groups.length === 0 ? [[fallback, []] as const] : groups
  const hasFile = spent.filter(({ files }) => files.length > 0).length
  return [
    ...told.flatMap(([currency, some]): Figure[] => {
      const { count, gross, taxed, tax, unknown } = taxedOf(some)
      const figure = (label: string, minor: number, note: string): Figure => ({ label, value: amountOf(minor, currency), note })
      return [
        figure('Spent, gross', gross, countText(count, 'expense')),
        figure('Tax', tax, 'As given or read'),
        ...(told.length > MOST_CURRENCIES ? [] : [figure('Net', taxed - tax, 'Where the tax is known')]),
        figure('Without tax information', unknown, `${percentText(percentOf(unknown, gross))} of the gross`),
      ]
    }),
    { label: 'With a receipt', value: hasFile, note: `Of ${countText(spent.length, 'expense')}` },
  ]
}

function kindSections(context: Context, kind: ReportExpense['kind'], all: readonly ReportExpense[]): Section[] {
  const { span } = context.sources
  const unit = daysIn(span) > MOST_DAYS_IN_MONTHS ? 'quarter' : 'month'
  const noun = kind === 'income' ? 'Income' : 'Expenses'
  const periodOf = ({ day }: ReportExpense): string => bucketNameOf(day, unit)
  const periods = sortedParts(all, periodOf, compareText).map(
    ([name, some]) => [unit === 'month' ? monthText(name as Month) : quarterText(name), some] as const,
  )
  const categories = sortedParts(all, topCategory, (a, b) => Number(a === NO_CATEGORY) - Number(b === NO_CATEGORY) || compareText(a, b))
  const charts = context.options.includeCharts && periods.length > 1 ? chartsOf(periods) : []
  return [
    heading(kind === 'income' ? 'Tax on income' : 'Tax on expenses'),
    ...knownText(all, noun),
    ...charts.map((chart): Section => ({ kind: 'chart', chart })),
    tableSection(partsDraft(`${noun} by ${unit}`, unit === 'month' ? 'Month' : 'Quarter', periods)),
    tableSection(partsDraft(`${noun} by category`, 'Category', categories)),
    tableSection(receiptDraft(`${noun} with and without receipts`, all)),
    tableSection(detailDraft(context, `All ${noun.toLowerCase()} with their tax`, all)),
    ...(all.some(isForeign)
      ? [remark('Tax in a foreign currency is told at the rate at which its expense was posted; which stands beside it.')]
      : []),
  ]
}

const topCategory = ({ categoryName, parentName }: ReportExpense): string => parentName ?? categoryName ?? NO_CATEGORY

const quarterText = (name: string): string => `Q${name.slice(6)} ${name.slice(0, 4)}`

const sortedParts = (
  all: readonly ReportExpense[],
  of: (expense: ReportExpense) => string,
  compare: (a: string, b: string) => number,
): [string, ReportExpense[]][] => [...Map.groupBy(all, of)].sort(([a], [b]) => compare(a, b))

/** How much of it nothing is known of, and where the known taxes come from. */
function knownText(all: readonly ReportExpense[], noun: string): Section[] {
  const unknown = all.filter(({ tax }) => tax === null)
  const sourced = (from: 'given' | 'read') => all.filter(({ tax }) => tax?.from === from)
  const taxText = (some: readonly ReportExpense[]): string =>
    listed(
      sumsBy(some, (expense) => minorOf(postedTax(expense) ?? 0, expense.posted.currency)).map(({ minor, currency }) =>
        moneyText(minor, currency),
      ),
    )
  const grossText = listed(sumsBy(unknown, ({ posted }) => posted).map(({ minor, currency }) => moneyText(minor, currency)))
  const [given, read] = [sourced('given'), sourced('read')]
  const entries = (count: number): string => countText(count, 'entry', 'entries')
  return [
    unknown.length === 0
      ? paragraph(`${noun}: the tax of all ${entries(all.length)} is known.`)
      : paragraph(`${noun}: of ${unknown.length} of ${entries(all.length)} (${grossText}) no tax is known. None is assumed for them.`),
    ...(given.length === 0 ? [] : [remark(`Given by those who recorded them: ${taxText(given)} (${entries(given.length)}).`)]),
    ...(read.length === 0
      ? []
      : [remark(`Read on receipts by machine: ${taxText(read)} (${entries(read.length)}). Please compare these with the receipts.`)]),
  ]
}

const money = (header: string): DraftColumn => ({
  header,
  kind: 'money',
  isSummed: true,
  currencyHeader: `Currency of ${header.toLowerCase()}`,
})

const TAX_COLUMNS: readonly DraftColumn[] = [
  { header: 'Entries', kind: 'number', isSummed: true },
  money('Gross'),
  money('Without tax information'),
  money('With known tax'),
  money('Tax'),
  money('Net'),
]

function taxCells(expenses: readonly ReportExpense[], currency: Currency): DraftCell[] {
  const { count, gross, taxed, tax, unknown } = taxedOf(expenses)
  return [count, ...[gross, unknown, taxed, tax, taxed - tax].map((minor) => minorOf(minor, currency))]
}

const byCurrency = (expenses: readonly ReportExpense[]): [Currency, ReportExpense[]][] =>
  [...Map.groupBy(expenses, ({ posted }) => posted.currency)].sort(([a], [b]) => compareText(a, b))

const partsDraft = (title: string, header: string, parts: readonly (readonly [string, readonly ReportExpense[]])[]): Draft => ({
  title,
  columns: [{ header, kind: 'text', weight: 2 }, ...TAX_COLUMNS],
  rows: parts.flatMap(([label, some]) => byCurrency(some).map(([currency, own]) => [label, ...taxCells(own, currency)])),
})

function receiptDraft(title: string, all: readonly ReportExpense[]): Draft {
  const parts = [
    ['With a receipt', all.filter(({ files }) => files.length > 0)],
    ['Without a receipt', all.filter(({ files }) => files.length === 0)],
  ] as const
  return {
    title,
    columns: [{ header: 'Receipt', kind: 'text', weight: 2 }, ...TAX_COLUMNS],
    rows: parts.flatMap(([label, some]) => byCurrency(some).map(([currency, own]) => [label, ...taxCells(own, currency)])),
  }
}

const SOURCE_TEXT = { given: 'Given', read: 'Read' } as const

function detailDraft({ hasSeveralGroups, groupNameOf }: Context, title: string, all: readonly ReportExpense[]): Draft {
  return {
    title,
    ...fielded(all, [
      // Who paid, and what foreign expenses were paid in, is in the summary; here it would leave too little room.
      { column: { header: 'Date', kind: 'date' }, of: ({ day }) => day },
      { column: { header: 'What', kind: 'text', weight: 2.5 }, of: whatText },
      { column: { header: 'Vendor', kind: 'text' }, of: ({ vendor }) => textCell(vendor) },
      { column: { header: 'Category', kind: 'text' }, of: topCategory },
      hasSeveralGroups && { column: { header: 'Group', kind: 'text' }, of: ({ groupId }) => groupNameOf(groupId) },
      { column: money('Gross'), of: ({ posted }) => minorOf(posted.minor, posted.currency) },
      {
        column: money('Tax'),
        of: (expense) => {
          const minor = postedTax(expense)
          return minor === null ? null : minorOf(minor, expense.posted.currency)
        },
      },
      {
        column: money('Net'),
        of: (expense) => {
          const minor = postedTax(expense)
          return minor === null ? null : minorOf(expense.posted.minor - minor, expense.posted.currency)
        },
      },
      { column: { header: 'Tax is', kind: 'text' }, of: ({ tax }) => (tax === null ? 'Unknown' : SOURCE_TEXT[tax.from]) },
      { column: { header: 'Files', kind: 'number', isSummed: true }, of: ({ files }) => files.length },
    ]),
  }
}

/** Columns of net, tax and what is unknown on top of each other: for each currency a chart of its own. */
function chartsOf(periods: readonly (readonly [string, readonly ReportExpense[]])[]): Chart[] {
  const currencies = [...new Set(periods.flatMap(([, some]) => some.map(({ posted }) => posted.currency)))].sort()
  return currencies.map((currency) => {
    const sums = periods.map(([, some]) => taxedOf(some.filter(({ posted }) => posted.currency === currency)))
    const series = (name: string, of: (taxed: Taxed) => number) => ({ name, values: sums.map((one) => drawn(of(one), currency)) })
    return {
      kind: 'column',
      title: currencies.length > 1 ? `Net and tax in ${currency}` : 'Net and tax',
      unit: currency,
      labels: periods.map(([label]) => label.replace(/^(\p{L}{3})\p{L}*(?= \d)/u, '$1')),
      series: [
        series('Net', ({ taxed, tax }) => taxed - tax),
        series('Tax', ({ tax }) => tax),
        series('Tax not known', ({ unknown }) => unknown),
      ],
      isStacked: true,
    }
  })
}
