// The rows of an export as tables: one for each expense with everyone's share beside it, and one for each payment. Of
// several groups shares are a table of their own. They are read a page at a time, so that groups of any size fit.
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
import type { ExportedGroup } from './exports.ts'

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

const GROUP: readonly Column[] = [text('Name', 2), text('Type'), text('Currency'), text('Role'), text('Archived'), text('Id', 2)]

const number = (header: string): Column => ({ header, align: 'right', kind: 'number' })

const SHARE: readonly Column[] = [
  date('Date'),
  text('Title', 2),
  text('Kind'),
  text('Status'),
  text('Deleted'),
  text('Member', 2),
  number('Paid'),
  number('Share'),
  number('Net'),
  text('Currency'),
  text('Expense id', 2),
]

type Names = ReadonlyMap<string, string>

/** Names, told apart where two people or groups have the same. */
function namesOf(all: readonly { readonly id: string; readonly name: string }[]): Names {
  const taken = Map.groupBy(all, ({ name }) => name)
  return new Map(all.map(({ id, name }) => [id, (taken.get(name)?.length ?? 0) > 1 ? `${name} (${id.slice(-4)})` : name]))
}

function expenseRow(expense: Expense, names: Names, categories: Names): Row {
  const { currency } = expense
  const amount = (minor: number): Cell => ({ amount: formatMinor(minor, currency), currency })
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
  ]
}

/** What each of the people bears of it, in their order. */
function sharesBeside({ shares, currency }: Expense, people: readonly NamedPerson[]): Row {
  const minors = new Map(shares.map((share) => [share.member, share.minor]))
  return people.map(({ id }) => {
    const minor = minors.get(id)
    return minor === undefined ? null : formatMinor(minor, currency)
  })
}

/** A row for each member who paid or bears a part of it, the payers first. */
function shareRows({ payers, shares, kind, currency, ...expense }: Expense, names: Names): Row[] {
  const paid = new Map(payers.map(({ member, minor }) => [member, minor]))
  const owed = new Map(shares.map(({ member, minor }) => [member, minor]))
  return [...new Set([...paid.keys(), ...owed.keys()])].map((member) => {
    const [put, borne] = [paid.get(member) ?? 0, owed.get(member) ?? 0]
    return [
      expense.date,
      expense.title,
      kind,
      expense.status,
      expense.deletedAt === undefined ? null : isoOf(expense.deletedAt),
      names.get(member) ?? member,
      formatMinor(put, currency),
      formatMinor(borne, currency),
      // Whoever received income owes it to those it is for.
      formatMinor(kind === 'income' ? borne - put : put - borne, currency),
      currency,
      expense.id,
    ]
  })
}

function settlementRow(one: Settlement, names: Names): Row {
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

const groupRow = ({ access, info }: ExportedGroup, name: string): Row => [
  name,
  info.type,
  info.currency,
  access.role,
  info.archivedAt === undefined ? null : isoOf(info.archivedAt),
  info.id,
]

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
      yield [...expenseRow(expense, names, known), ...sharesBeside(expense, people)]
    }
  }
  const share = ({ id }: NamedPerson): Column => number(`Share of ${names.get(id) ?? id}`)
  return [
    { name: 'Expenses', columns: [...EXPENSE, ...people.map(share)], rows: expenses() },
    { name: 'Payments', columns: SETTLEMENT, rows: settlements.map((one) => settlementRow(one, names)) },
  ]
}

/** The sheets of the export of several groups, each row with the name of its group; `read` is told of every expense that is read. */
export function exportAllSheets(
  ctx: Pick<Ctx, 'db'>,
  groups: readonly ExportedGroup[],
  categories: readonly Category[],
  read: () => void,
): Sheet[] {
  const d1 = ctx.db.$client
  const groupNames = namesOf(groups.map(({ info: { id }, name }) => ({ id, name })))
  const known = new Map(categories.map(({ id, name }) => [id as string, name]))
  const nameOf = ({ info: { id } }: ExportedGroup): string => groupNames.get(id) ?? id
  const namesIn = async ({ access }: ExportedGroup): Promise<Names> => namesOf(await listGroupPeople(d1, access))
  async function* expenses(rowsOf: (expense: Expense, names: Names) => readonly Row[]): AsyncGenerator<Row> {
    for (const group of groups) {
      const names = await namesIn(group)
      for await (const expense of eachExpense(d1, group.access, undefined, true))
        for (const row of rowsOf(expense, names)) yield [nameOf(group), ...row]
    }
  }
  async function* payments(): AsyncGenerator<Row> {
    for (const group of groups) {
      const names = await namesIn(group)
      for (const one of await listGroupSettlements(d1, group.access)) yield [nameOf(group), ...settlementRow(one, names)]
    }
  }
  const group = text('Group', 2)
  const expenseRows = expenses((expense, names) => {
    read()
    return [expenseRow(expense, names, known)]
  })
  return [
    { name: 'Groups', columns: GROUP, rows: groups.map((one) => groupRow(one, nameOf(one))) },
    { name: 'Expenses', columns: [group, ...EXPENSE], rows: expenseRows },
    { name: 'Shares', columns: [group, ...SHARE], rows: expenses(shareRows) },
    { name: 'Payments', columns: [group, ...SETTLEMENT], rows: payments() },
  ]
}
