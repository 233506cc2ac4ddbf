// Tables of expenses, one row each: what every report shows of them, in the same order of columns.
import type { MemberId } from '../expense.ts'
import { sum } from '../money.ts'
import type { Scope } from '../analytics/view.ts'
import { fielded, type Context, type Field } from './context.ts'
import { minorOf, textCell, type Draft } from './drafts.ts'
import type { ReportExpense, ReportPart } from './sources.ts'
import { listed, moneyText, within } from './words.ts'

export const PAYER = 'Paid by'

/** Beyond so many payers only the first are named. */
const MOST_PAYERS = 4

/** What the expense counts for: all of it, or what the members in the scope bear. In minor units of its postings. */
export const countedOf = ({ posted, shares }: ReportExpense, scope: Scope): number =>
  scope.kind === 'group' ? posted.minor : partOf(shares, scope.members)

const partOf = (parts: readonly ReportPart[], members: ReadonlySet<MemberId>): number =>
  sum(parts.filter(({ member }) => members.has(member)).map(({ minor }) => minor))

/** Those of which something counts; the others are none of the asker's business. */
export const countedIn = (expenses: readonly ReportExpense[], scope: Scope): ReportExpense[] =>
  scope.kind === 'group' ? [...expenses] : expenses.filter((expense) => countedOf(expense, scope) !== 0)

export function payersText({ payers }: Pick<ReportExpense, 'payers'>, { nameOf }: Context): string {
  const [first, ...others] = payers.map(({ member }) => nameOf(member))
  if (first === undefined || others.length === 0) return first ?? ''
  const names = [first, ...others].map(within)
  return names.length > MOST_PAYERS ? `${names.slice(0, MOST_PAYERS).join(', ')} and ${names.length - MOST_PAYERS} more` : listed(names)
}

/** The category with the one above it: `Food & Dining: Groceries`. */
const categoryText = ({ categoryName, parentName }: ReportExpense): string =>
  categoryName === null ? '' : parentName === undefined ? categoryName : `${parentName}: ${categoryName}`

export const isForeign = ({ currency, posted }: ReportExpense): boolean => currency !== posted.currency

/** The title, of a foreign expense with what was paid and its rate: `Taxi (USD 20.00 at 0.92)`. */
export const whatText = (expense: ReportExpense): string => {
  const { title, amountMinor, currency, rate } = expense
  if (!isForeign(expense)) return title
  return `${title} (${moneyText(amountMinor, currency)}${rate === undefined ? '' : ` at ${rate}`})`
}

/** The columns that come before amounts. Those that are empty throughout are left out. */
function factFields(
  context: Context,
  all: readonly ReportExpense[],
  { payerHeader = PAYER, isUnderCategory = false } = {},
): (Field<ReportExpense> | false)[] {
  return [
    { column: { header: 'Date', kind: 'date' }, of: ({ day }) => day },
    { column: { header: 'What', kind: 'text', weight: 1.6 }, of: ({ title }) => title },
    all.some(({ vendor }) => vendor.trim() !== '') && {
      column: { header: 'Vendor', kind: 'text' },
      of: ({ vendor }) => textCell(vendor),
    },
    all.some(({ categoryName }) => categoryName !== null) && {
      column: { header: 'Category', kind: 'text' },
      of: (expense) => textCell(isUnderCategory ? (expense.categoryName ?? '') : categoryText(expense)),
    },
    context.hasSeveralGroups && {
      column: { header: 'Group', kind: 'text' },
      of: ({ groupId }) => context.groupNameOf(groupId),
    },
    { column: { header: payerHeader, kind: 'text' }, of: (expense) => textCell(payersText(expense, context)) },
  ]
}

/** What was paid and the rate, where an expense has another currency than its postings. */
const foreignFields = (all: readonly ReportExpense[]): (Field<ReportExpense> | false)[] => [
  all.some(isForeign) && {
    column: { header: 'As paid', kind: 'money', currencyHeader: 'Currency paid' },
    of: (expense) => (isForeign(expense) ? minorOf(expense.amountMinor, expense.currency) : null),
  },
  all.some(isForeign) && { column: { header: 'Rate', kind: 'number' }, of: ({ rate }) => rate ?? null },
]

/** Every one of the expenses in a table. `all` are those that decide which columns it has, so that several look alike. */
export function expenseDraft(
  context: Context,
  title: string,
  expenses: readonly ReportExpense[],
  more: {
    readonly all?: readonly ReportExpense[]
    readonly kind?: ReportExpense['kind']
    readonly first?: Field<ReportExpense>
    /** Whether its title names the category above already. */
    readonly isUnderCategory?: boolean
  } = {},
): Draft {
  const { all = expenses, kind = 'expense', first, isUnderCategory = false } = more
  const { scope } = context.sources
  const isOwn = scope.kind === 'member'
  return {
    title,
    ...fielded(expenses, [
      first,
      ...factFields(context, all, { payerHeader: kind === 'income' ? 'Received by' : PAYER, isUnderCategory }),
      ...foreignFields(expenses),
      {
        column: { header: 'Amount', kind: 'money', isSummed: true },
        of: ({ posted }) => minorOf(posted.minor, posted.currency),
      },
      isOwn && {
        column: { header: 'Your share', kind: 'money', isSummed: true, currencyHeader: 'Currency of share' },
        of: (expense) => minorOf(countedOf(expense, scope), expense.posted.currency),
      },
    ]),
  }
}

/** What waits for approval, and so is in no figure. */
export function pendingDraft(context: Context): Draft | undefined {
  const pending = context.expenses.filter(({ status }) => status === 'pending')
  return pending.length === 0 ? undefined : expenseDraft(context, 'Waiting for approval (in no figure of this report)', pending)
}
