// Expenses put together by category, payer, vendor, day or month: each in exactly one part, so that parts sum to the whole.
import { monthText, type Month } from '../reminder.ts'
import type { Section } from '../document.ts'
import { sum } from '../money.ts'
import { compareText, percentOf, type Scope } from '../analytics/view.ts'
import { vendorSeries } from '../analytics/rollup.ts'
import type { Context } from './context.ts'
import { minorOf, sumsBy, tableSection, type DraftCell } from './drafts.ts'
import { countedOf, expenseDraft, payersText } from './entries.ts'
import type { Grouping, ReportExpense } from './sources.ts'
import { countText, dayText, NO_CATEGORY, NO_VENDOR } from './words.ts'

interface Part {
  readonly label: string
  readonly expenses: readonly ReportExpense[]
}

const HEADER: Readonly<Record<Grouping, string>> = { category: 'Category', member: 'Paid by', vendor: 'Vendor', day: 'Day', month: 'Month' }

/** More parts than these, or shorter ones, would be headers for the most part: they stay one table, in the order of the parts. */
const MOST_TABLES = 16
const LEAST_ROWS = 3

/** What an expense is put under, and how that is called. */
function placeOf(expense: ReportExpense, by: Grouping, context: Context): { key: string; label: string } {
  switch (by) {
    case 'category': {
      const label = expense.parentName ?? expense.categoryName ?? NO_CATEGORY
      return { key: expense.categoryName === null ? '' : label, label }
    }
    case 'member': {
      // What several paid together is theirs together: it is in one part only.
      const label = payersText(expense, context)
      return {
        key: expense.payers
          .map(({ member }) => context.nameOf(member))
          .sort()
          .join('\n'),
        label,
      }
    }
    case 'vendor': {
      const key = vendorSeries(expense.vendor) ?? ''
      return { key, label: key === '' ? NO_VENDOR : expense.vendor.trim() }
    }
    case 'day':
      return { key: expense.day, label: dayText(expense.day) }
    case 'month': {
      const month = expense.day.slice(0, 7) as Month
      return { key: month, label: monthText(month) }
    }
  }
}

/** Days and months in their order; others by what they come to in the currency of most, the largest first, without a name last. */
function partsOf(expenses: readonly ReportExpense[], by: Grouping, context: Context): Part[] {
  const placed = expenses.map((expense) => ({ expense, ...placeOf(expense, by, context) }))
  const groups = [...Map.groupBy(placed, ({ key }) => key)].map(([key, some]) => ({
    key,
    label: some.at(-1)?.label ?? '',
    expenses: some.map(({ expense }) => expense),
  }))
  if (by === 'day' || by === 'month') return groups.sort((a, b) => compareText(a.key, b.key))
  const main = mainCurrency(expenses)
  const { scope } = context.sources
  const sizeOf = (some: readonly ReportExpense[]): number =>
    sum(some.filter(({ posted }) => posted.currency === main).map((expense) => countedOf(expense, scope)))
  const sized = groups.map((group) => ({ ...group, size: sizeOf(group.expenses) }))
  return sized.sort((a, b) => Number(a.key === '') - Number(b.key === '') || b.size - a.size || compareText(a.key, b.key))
}

/** The currency that most expenses were posted in. */
function mainCurrency(expenses: readonly ReportExpense[]): string | undefined {
  const counts = [...Map.groupBy(expenses, ({ posted }) => posted.currency)].map(([currency, some]) => ({ currency, count: some.length }))
  return counts.sort((a, b) => b.count - a.count || compareText(a.currency, b.currency))[0]?.currency
}

/** What each part comes to, a row for each currency that it has. */
function subtotalRows(parts: readonly Part[], scope: Scope): DraftCell[][] {
  const countedMoney = (expense: ReportExpense) => minorOf(countedOf(expense, scope), expense.posted.currency)
  const whole = new Map(
    sumsBy(
      parts.flatMap(({ expenses }) => expenses),
      countedMoney,
    ).map(({ currency, minor }) => [currency, minor]),
  )
  return parts.flatMap(({ label, expenses }) =>
    sumsBy(expenses, countedMoney).map((money): DraftCell[] => {
      const count = expenses.filter(({ posted }) => posted.currency === money.currency).length
      return [label, count, money, percentOf(money.minor, whole.get(money.currency) ?? 0).toFixed(1)]
    }),
  )
}

/** The subtotals, and then the expenses: a table for each part with its total, or one of all where there are too many parts. */
export function groupedSections(context: Context, expenses: readonly ReportExpense[], by: Grouping): Section[] {
  const parts = partsOf(expenses, by, context)
  const header = HEADER[by]
  const subtotals = tableSection({
    title: `Expenses by ${by === 'member' ? 'who paid' : by}`,
    columns: [
      { header, kind: 'text', weight: 2 },
      { header: 'Expenses', kind: 'number', isSummed: true },
      { header: context.sources.scope.kind === 'member' ? 'Your share' : 'Amount', kind: 'money', isSummed: true },
      { header: '% of all', kind: 'number' },
    ],
    rows: subtotalRows(parts, context.sources.scope),
  })
  const isSplit = parts.length <= MOST_TABLES && expenses.length >= parts.length * LEAST_ROWS
  if (isSplit) {
    const tables = parts.map((part) =>
      tableSection(
        expenseDraft(context, `${part.label} (${countText(part.expenses.length, 'expense')})`, part.expenses, {
          all: expenses,
          isUnderCategory: by === 'category',
        }),
      ),
    )
    // What was spent by category was told before, where it is the same.
    const isTold = by === 'category' && expenses.every(({ posted }) => posted.currency === context.sources.currency)
    return isTold ? tables : [subtotals, ...tables]
  }
  const labels = new Map(parts.flatMap(({ label, expenses: some }) => some.map(({ id }) => [id, label])))
  // What these name has a column of its own already.
  const hasColumn = by === 'day' || by === 'vendor' || by === 'member'
  const first = { column: { header, kind: 'text' as const }, of: ({ id }: ReportExpense) => labels.get(id) ?? null }
  const ordered = parts.flatMap((part) => part.expenses)
  const one = expenseDraft(context, `All expenses by ${by === 'member' ? 'who paid' : by}`, ordered, { ...(!hasColumn && { first }) })
  return [subtotals, tableSection(one)]
}
