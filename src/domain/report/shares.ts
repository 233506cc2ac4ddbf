// Expenses with who bears what. A few members have a column each, which adds up; more would be figures that nobody can
// read on a page, so they are told in words: what each bears, and who bears that much.
import type { MemberId } from '../expense.ts'
import { formatMinor } from '../money.ts'
import { fielded, type Context, type Field } from './context.ts'
import type { Section } from '../document.ts'
import { minorOf, remark, tableOf, textCell, type Draft } from './drafts.ts'
import { PAYER, payersText, whatText } from './entries.ts'
import type { ReportExpense } from './sources.ts'
import { listed, within } from './words.ts'

/** Beside date, title, payer and amount an A4 page has room for so many names, and so many letters of them. */
const MOST_COLUMNS = 5
const MOST_LETTERS = 60

/** The table, and where names are left to `all 14`, who they are. */
export function sharesSections(
  context: Context,
  title: string,
  expenses: readonly ReportExpense[],
  kind: ReportExpense['kind'] = 'expense',
): Section[] {
  const { nameOf } = context
  const members = [...new Set(expenses.flatMap(({ shares }) => shares.map(({ member }) => member)))]
  const sorted = members.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const letters = sorted.map(nameOf).join('').length
  const isWide = sorted.length > MOST_COLUMNS || letters > MOST_LETTERS
  const draft: Draft = {
    title,
    ...fielded(expenses, [
      // Categories, vendors and rates leave their room to the shares.
      { column: { header: 'Date', kind: 'date' }, of: ({ day }) => day },
      { column: { header: 'What', kind: 'text', weight: isWide ? 2 : 1.6 }, of: whatText },
      {
        column: { header: kind === 'income' ? 'Received by' : PAYER, kind: 'text' },
        of: (expense) => textCell(payersText(expense, context)),
      },
      { column: { header: 'Amount', kind: 'money', isSummed: true }, of: ({ posted }) => minorOf(posted.minor, posted.currency) },
      ...(isWide ? [inWords(context, sorted)] : sorted.map((member) => shareField(member, nameOf(member)))),
    ]),
  }
  const hasAll = isWide && expenses.some(({ shares }) => shares.length === sorted.length)
  const table: Section = { kind: 'table', table: tableOf(draft) }
  return hasAll ? [table, remark(`All ${sorted.length}: ${listed(sorted.map((member) => within(nameOf(member))))}.`)] : [table]
}

const shareField = (member: MemberId, name: string): Field<ReportExpense> => ({
  column: { header: name, kind: 'money', isSummed: true, currencyHeader: `Currency of ${name}` },
  of: ({ shares, posted }) => {
    const share = shares.find((one) => one.member === member)
    return share === undefined ? null : minorOf(share.minor, posted.currency)
  },
})

/** `25.00: Cem; 12.50 each: Ann, Bob`, the largest first. */
const inWords = ({ nameOf }: Context, members: readonly MemberId[]): Field<ReportExpense> => ({
  column: { header: 'Shares', kind: 'text' },
  of: ({ shares, posted }) => {
    const bySize = [...Map.groupBy(shares, ({ minor }) => minor)].sort(([a], [b]) => b - a)
    // Where everybody takes part, those who bear the most frequent amount need no names.
    const isEverybody = shares.length === members.length
    const [most] = bySize.toSorted(([, a], [, b]) => b.length - a.length)[0] ?? []
    const parts = bySize.map(([minor, some]) => {
      const isAll = some.length === members.length
      const isRest = isEverybody && minor === most
      const names = isAll
        ? `all ${some.length}`
        : isRest
          ? `the other ${some.length}`
          : some.map(({ member }) => within(nameOf(member))).join(', ')
      return `${formatMinor(minor, posted.currency)}${some.length > 1 ? ' each' : ''}: ${names}`
    })
    return parts.join('; ')
  },
})
