// A Quits export as a draft: the same form as every other file, and beside each line all that the document says of it.
import { minorIn } from '../export/amounts.ts'
import type { ExportAttachment, ExportData, ExportExpense, ExportSettlement } from '../export/document.ts'
import { readExport } from '../export/format.ts'
import { isClosed } from '../settlement.ts'
import { type Day, isDay } from '../time.ts'
import {
  draftOf,
  fingerprintOf,
  noticeAt,
  notesOf,
  titleOf,
  unreadable,
  type Fault,
  type ImportDraft,
  type Person,
  type UncountedLine,
} from './draft.ts'

/** Whether the file of an attachment came with the document. */
type HasFile = (file: ExportAttachment) => boolean

export interface QuitsOptions {
  /** None, where absent. */
  readonly hasFile?: HasFile
  /** The day of the import: that of a settlement which says neither when it was due nor when it was paid. No identity has it. */
  readonly today?: Day
}

/** Reads a document of Quits; what `readExport` refuses is a draft with nothing but faults. */
export function readQuits(json: string, options: QuitsOptions = {}): ImportDraft {
  const read = readExport(json)
  return read.ok ? draftOfExport(read.value, options) : unreadable('quits', ...read.error)
}

/**
 * The draft of a document. People are called by their keys (`m1`). Expenses that were deleted or rejected and settlements
 * that ended with nothing paid are void; each is told. Those that are still open are requests.
 *
 * A line is known again by what makes its money: kind, day, title, amount, who paid and who bore, all by name. Comments,
 * tags and files may have changed since.
 */
export function draftOfExport(data: ExportData, { hasFile = () => false, today = '1970-01-01' }: QuitsOptions = {}): ImportDraft {
  const faults: Fault[] = []
  const names = namesOf(data)
  const categories = new Map(data.categories.map(({ id, name }) => [id, name]))
  const lines: UncountedLine[] = []
  for (const [i, expense] of data.expenses.entries()) {
    const row = i + 1
    const came = expense.is_deleted === true ? 'deleted' : expense.status === 'rejected' ? 'rejected' : undefined
    const where = { row, column: `expenses[${i}]`, got: expense.title }
    lines.push({ ...expenseLine(expense, row, names, categories), ...(came && { isVoid: true }) })
    if (came !== undefined) faults.push(noticeAt('VOID', `The expense was ${came}; only a new group takes it along`, where))
    const missing = expense.attachments.filter((file) => !hasFile(file)).length
    if (missing > 0) faults.push(noticeAt('FILES_LEFT_OUT', `Its files (${missing}) did not come with it; they are left out`, where))
  }
  for (const [i, settlement] of data.settlements.entries()) {
    const row = data.expenses.length + i + 1
    const isVoid = minorIn(settlement.paid, settlement.currency) === 0 && isClosed(settlement.status)
    lines.push({ ...paymentLine(settlement, row, names, today), ...(isVoid && { isVoid }) })
    const where = { row, column: `settlements[${i}]`, got: settlement.status }
    if (isVoid) faults.push(noticeAt('VOID', 'The settlement ended with nothing paid; only a new group takes it along', where))
  }
  const people = data.members.map(({ id, name, email, has_left: hasLeft }): Person => ({
    ref: id,
    name,
    ...(email !== undefined && { email }),
    ...(hasLeft && { hasLeft }),
  }))
  return draftOf('quits', { people, lines, faults, group: data.group, categories: data.categories })
}

/** Names that tell people apart: keys are places in one document, and another document may have others. */
function namesOf({ members }: ExportData): Map<string, string> {
  const counts = new Map<string, number>()
  return new Map(
    members.map(({ id, name }) => {
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      return [id, count === 1 ? name : `${name} (${count})`]
    }),
  )
}

function expenseLine(
  expense: ExportExpense,
  line: number,
  names: ReadonlyMap<string, string>,
  categories: ReadonlyMap<string, string>,
): UncountedLine {
  const { kind, title, amount, currency, date, payers, shares } = expense
  const portions = (list: readonly { member: string; amount: string }[]) =>
    list.map((one) => ({ person: one.member, minor: minorIn(one.amount, currency) })).filter(({ minor }) => minor !== 0)
  const named = (list: readonly { member: string; amount: string }[]): string =>
    JSON.stringify(
      list
        .filter((one) => minorIn(one.amount, currency) !== 0)
        .map((one) => `${names.get(one.member)} ${one.amount}`)
        .sort(),
    )
  const [first] = expense.categories
  const category = first === undefined ? undefined : categories.get(first)
  return {
    source: 'quits',
    kind,
    line,
    raw: { id: expense.id, title, amount, currency, date, status: expense.status },
    fingerprint: fingerprintOf(kind, date, title, amount, currency, named(payers), named(shares)),
    day: date,
    minor: minorIn(amount, currency),
    currency,
    title: titleOf(title),
    payers: portions(payers),
    shares: portions(shares),
    ...(category !== undefined && { category }),
    ...notesOf(expense.description),
    record: expense,
  }
}

/** The day of an instant in UTC. */
function dayOf(at: string | undefined): Day | undefined {
  const text = at?.slice(0, 10) ?? ''
  return isDay(text) ? text : undefined
}

function paymentLine(settlement: ExportSettlement, line: number, names: ReadonlyMap<string, string>, today: Day): UncountedLine {
  const { id, payer, payee, amount, paid, currency, status, description, due_date, payments } = settlement
  const [from, to] = [names.get(payer) ?? '', names.get(payee) ?? '']
  const moved = minorIn(paid, currency)
  return {
    source: 'quits',
    kind: 'payment',
    line,
    raw: { id, payer: from, payee: to, amount, paid, currency, status },
    fingerprint: fingerprintOf('payment', due_date ?? '', from, to, amount, currency, description),
    day: due_date ?? dayOf(payments.at(-1)?.at) ?? today,
    minor: moved > 0 ? moved : minorIn(amount, currency),
    currency,
    title: titleOf(description, `${from} paid ${to}`),
    from: payer,
    to: payee,
    ...(moved === 0 && { isRequest: true }),
    record: settlement,
  }
}
