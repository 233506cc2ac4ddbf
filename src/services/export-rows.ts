// The rows of an export as tables: one for each expense with everyone's share beside it, and one for each payment. They are
// read a page at a time, so that a group of any size fits.
import type { Ctx } from '../context.ts'
import { eachExpense, listGroupPeople, listGroupSettlements, type NamedPerson } from '../db/report-rows.ts'
import type { GroupAccess } from '../domain/access.ts'
import type { Category } from '../domain/categories.ts'
import type { Cell, Column, Row } from '../domain/document.ts'
import type { Expense } from '../domain/expense.ts'
import { formatMinor } from '../domain/money.ts'
import type { Settlement } from '../domain/settlement.ts'
import { isoOf } from '../domain/time.ts'
import type { Sheet } from '../platform/documents/sheet.ts'

const text = (header: string, weight = 1): Column => ({ header, align: 'left', kind: 'text', weight })
const date = (header: string): Column => ({ header, align: 'left', kind: 'date' })
const money = (header: string): Column => ({ header, align: 'right', kind: 'money', currencyHeader: `${header} currency` })

/** The columns that every expense has; a column for each person comes behind them. */
const EXPENSE: readonly Column[] = [
  date('Date'),
  text('Title', 2),
  text('Kind'),
  text('Status'),
  text('Category'),
  text('Vendor'),
  money('Amount'),
  text('Exchange rate'),
  text('Paid by', 2),
  text('Split'),
  text('Tags'),
  text('Description', 2),
  text('Location'),
  text('Reconciled'),
  text('Deleted'),
  text('Id', 2),
]

const SETTLEMENT: readonly Column[] = [
  date('Date'),
  text('Payer'),
  text('Payee'),
  money('Amount'),
  money('Paid'),
  text('Status'),
  text('Method'),
  text('Description', 2),
  text('Id', 2),
]

/** Names, told apart where two people have the same. */
function namesOf(people: readonly NamedPerson[]): Map<string, string> {
  const taken = Map.groupBy(people, ({ name }) => name)
  return new Map(people.map(({ id, name }) => [id, (taken.get(name)?.length ?? 0) > 1 ? `${name} (${id.slice(-4)})` : name]))
}

function expenseRow(
  expense: Expense,
  people: readonly NamedPerson[],
  names: ReadonlyMap<string, string>,
  categories: ReadonlyMap<string, string>,
): Row {
  const { currency } = expense
  const amount = (minor: number): Cell => ({ amount: formatMinor(minor, currency), currency })
  const shares = new Map(expense.shares.map((share) => [share.member, share.minor]))
  return [
    expense.date,
    expense.title,
    expense.kind,
    expense.status,
    expense.categoryIds.flatMap((id) => categories.get(id) ?? []).join(', '),
    expense.vendor,
    amount(expense.amount),
    expense.rate ?? null,
    expense.payers.map(({ member, minor }) => `${names.get(member) ?? member} ${formatMinor(minor, currency)}`).join(', '),
    expense.split.type,
    expense.tags.join(', '),
    expense.description,
    expense.location,
    expense.reconciledAt === undefined ? null : isoOf(expense.reconciledAt),
    expense.deletedAt === undefined ? null : isoOf(expense.deletedAt),
    expense.id,
    ...people.map(({ id }) => {
      const minor = shares.get(id)
      return minor === undefined ? null : formatMinor(minor, currency)
    }),
  ]
}

function settlementRow(one: Settlement, names: ReadonlyMap<string, string>): Row {
  const amount = (minor: number): Cell => ({ amount: formatMinor(minor, one.currency), currency: one.currency })
  const name = (member: string): string => names.get(member) ?? member
  return [
    isoOf(one.createdAt).slice(0, 10),
    name(one.payer),
    name(one.payee),
    amount(one.amount),
    amount(one.paid),
    one.status,
    one.method,
    one.description,
    one.id,
  ]
}

/** The sheets of the group's export; `read` is told of every row that is read. */
export async function exportSheets(
  ctx: Pick<Ctx, 'db'>,
  access: GroupAccess,
  categories: readonly Category[],
  read: () => void,
): Promise<Sheet[]> {
  const d1 = ctx.db.$client
  const [people, settlements] = await Promise.all([listGroupPeople(d1, access), listGroupSettlements(d1, access)])
  const names = namesOf(people)
  const known = new Map(categories.map(({ id, name }) => [id as string, name]))
  async function* expenses(): AsyncGenerator<Row> {
    for await (const expense of eachExpense(d1, access, undefined, true)) {
      read()
      yield expenseRow(expense, people, names, known)
    }
  }
  const share = ({ id }: NamedPerson): Column => ({ header: `Share of ${names.get(id) ?? id}`, align: 'right', kind: 'number' })
  return [
    { name: 'Expenses', columns: [...EXPENSE, ...people.map(share)], rows: expenses() },
    { name: 'Payments', columns: SETTLEMENT, rows: settlements.map((one) => settlementRow(one, names)) },
  ]
}
