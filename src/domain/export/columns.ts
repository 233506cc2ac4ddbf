// An export as tables, for CSV and spreadsheets: cells that say what they are, so that text stays text and an amount stays
// a number, with the decimals of its currency.
import type { Currency } from '../currency.ts'
import { exponentOf } from '../currency.ts'
import { formatMinor } from '../money.ts'
import type { Day } from '../time.ts'
import { minorIn } from './amounts.ts'
import type { AmountText, ExportData, ExportExpense, MemberKey } from './document.ts'

/** `amount` is plain decimal text; `decimals` is how many a spreadsheet shows. `null` is an empty cell. */
export type Cell =
  | { readonly text: string }
  | { readonly amount: AmountText; readonly decimals: number }
  | { readonly number: number }
  | { readonly day: Day }
  | null

export interface Table {
  /** A name for the sheet or the file: small letters and no spaces. */
  readonly name: 'expenses' | 'shares' | 'settlements'
  readonly headings: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

const text = (value: string): Cell => (value === '' ? null : { text: value })
const day = (value: Day | undefined): Cell => (value === undefined ? null : { day: value })
const amount = (value: AmountText, currency: Currency): Cell => ({ amount: value, decimals: exponentOf(currency) })

/** What a cell is in a CSV file. Text that a spreadsheet would take for a formula begins with an apostrophe there. */
export function csvText(cell: Cell): string {
  if (cell === null) return ''
  if ('text' in cell) return escapeFormula(cell.text)
  if ('amount' in cell) return cell.amount
  return 'day' in cell ? cell.day : String(cell.number)
}

/** Spreadsheets compute what begins so, and a tab or a line end before it doesn't stop them (OWASP, "CSV injection"). */
export const escapeFormula = (value: string): string => (/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value)

/** A table as rows of a CSV file, its headings first: a member may be called like a formula too. */
export const csvRowsOf = ({ headings, rows }: Table): string[][] => [
  headings.map(escapeFormula),
  ...rows.map((cells) => cells.map(csvText)),
]

/** Names of the members that tell them apart, by key. */
function headingsOf({ members }: ExportData): Map<MemberKey, string> {
  const taken = new Set<string>()
  return new Map(
    members.map(({ id, name }) => {
      let heading = name
      for (let n = 2; taken.has(heading); n++) heading = `${name} (${n})`
      taken.add(heading)
      return [id, heading]
    }),
  )
}

/** All tables of an export. */
export const tablesOf = (data: ExportData): Table[] => [expenseTable(data), shareTable(data), settlementTable(data)]

const EXPENSE_HEADINGS = [
  'Id', 'Date', 'Time', 'Kind', 'Title', 'Description', 'Category', 'Tags', 'Vendor', 'Location', 'Amount', 'Currency', 'Rate',
  'Paid by', 'Split', 'Status', 'Reconciled', 'Deleted', 'Files', 'Comments',
] as const // oxfmt-ignore

/** One row for each expense; behind its columns one for each member, with what the member bears. */
export function expenseTable(data: ExportData): Table {
  const headings = headingsOf(data)
  const categories = new Map(data.categories.map(({ id, name }) => [id, name]))
  const rows = data.expenses.map((expense): Cell[] => {
    const { currency, rate, payers } = expense
    const payer = (key: MemberKey): string => headings.get(key) ?? key
    const paidBy = payers.length === 1 ? payers.map((one) => payer(one.member)) : payers.map((one) => `${payer(one.member)} ${one.amount}`)
    const shares = new Map(expense.shares.map((share) => [share.member, share.amount]))
    return [
      text(expense.id),
      day(expense.date),
      text(expense.time ?? ''),
      text(expense.kind),
      text(expense.title),
      text(expense.description),
      text(expense.categories.map((id) => categories.get(id) ?? id).join('; ')),
      text(expense.tags.join('; ')),
      text(expense.vendor),
      text(expense.location),
      amount(expense.amount, currency),
      text(currency),
      rate === undefined ? null : { amount: rate, decimals: rate.split('.')[1]?.length ?? 0 },
      text(paidBy.join('; ')),
      text(expense.split.type),
      text(expense.status),
      text(expense.is_reconciled === true ? 'yes' : ''),
      text(expense.is_deleted === true ? 'yes' : ''),
      text(expense.attachments.map(({ name }) => name).join('; ')),
      { number: expense.comments.length },
      ...data.members.map(({ id }): Cell => {
        const share = shares.get(id)
        return share === undefined ? null : amount(share, currency)
      }),
    ]
  })
  return { name: 'expenses', headings: [...EXPENSE_HEADINGS, ...data.members.map(({ id }) => headings.get(id) ?? id)], rows }
}

/** One row for each expense and each member who paid or bears a part of it. */
export function shareTable(data: ExportData): Table {
  const headings = headingsOf(data)
  const rows = data.expenses.flatMap((expense) => shareRows(expense, data, headings))
  return { name: 'shares', headings: ['Expense', 'Date', 'Title', 'Kind', 'Member', 'Paid', 'Share', 'Net', 'Currency'], rows }
}

function shareRows(expense: ExportExpense, { members }: ExportData, headings: ReadonlyMap<MemberKey, string>): Cell[][] {
  const { currency, kind } = expense
  const paid = new Map(expense.payers.map((payer) => [payer.member, minorIn(payer.amount, currency)]))
  const owed = new Map(expense.shares.map((share) => [share.member, minorIn(share.amount, currency)]))
  const cell = (minor: number): Cell => amount(formatMinor(minor, currency), currency)
  return members
    .filter(({ id }) => paid.has(id) || owed.has(id))
    .map(({ id }) => {
      const [in_, out] = [paid.get(id) ?? 0, owed.get(id) ?? 0]
      // Whoever received income owes it to those it is for.
      const net = kind === 'income' ? out - in_ : in_ - out
      return [
        text(expense.id),
        day(expense.date),
        text(expense.title),
        text(kind),
        text(headings.get(id) ?? id),
        cell(in_),
        cell(out),
        cell(net),
        text(currency),
      ]
    })
}

/** One row for each settlement. */
function settlementTable(data: ExportData): Table {
  const headings = headingsOf(data)
  const rows = data.settlements.map((settlement): Cell[] => {
    const { currency } = settlement
    return [
      text(settlement.id),
      text(headings.get(settlement.payer) ?? settlement.payer),
      text(headings.get(settlement.payee) ?? settlement.payee),
      amount(settlement.amount, currency),
      amount(settlement.paid, currency),
      text(currency),
      text(settlement.status),
      text(settlement.method),
      day(settlement.due_date),
      text(settlement.description),
    ]
  })
  return {
    name: 'settlements',
    headings: ['Id', 'From', 'To', 'Amount', 'Paid', 'Currency', 'Status', 'Method', 'Due', 'Description'],
    rows,
  }
}
