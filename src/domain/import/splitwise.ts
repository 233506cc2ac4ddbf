// Splitwise's CSV export, which has for each member the net of a row: what they paid less what they bore. Nets are kept
// exactly; who paid how much follows from them by a rule where it can't be known, and every member's sum is held against
// the totals that the file ends in.
import { allocate } from '../allocate.ts'
import { exponentOf } from '../currency.ts'
import { bothDays, orderOf, type DayOrder } from './days.ts'
import {
  draftOf,
  errorAt,
  fingerprintOf,
  headingNames,
  linesOf,
  MAX_LINES,
  noticeAt,
  peopleOf,
  rawOf,
  unreadable,
  type Fault,
  type ImportDraft,
  type Person,
  type Portion,
  type UncountedLine,
} from './draft.ts'
import { findColumns, isBlankRow, isTotalRow, type Columns } from './splitwise-columns.ts'
import { isBetweenTwo, paymentCategories } from './splitwise-payments.ts'
import { abs, decimalMark, decimalText, readRow, type File, type ReadRow } from './splitwise-rows.ts'
import { checksOf, Sums } from './splitwise-totals.ts'

type Rows = readonly (readonly string[])[]

export interface SplitwiseOptions {
  /** Which number of a date comes first, where the file doesn't tell. Splitwise itself writes the year first. */
  readonly dates?: DayOrder
}

/**
 * Reads the rows of a Splitwise export, in any language and number format.
 *
 * The rule for what the nets leave open, for a cost C:
 * - one member with a positive net: they paid C and bore C - net; the others bore what their nets say;
 * - several: each paid their net and a part of what the negative nets don't account for, which they bore alike;
 * - a negative cost is a refund, read as income: the same rule with all signs turned;
 * - a row between two members with nets of +C and -C is a payment from the one to the other where its category says so
 *   (`paymentCategories`); the positive side paid.
 * Rows whose nets don't sum to zero, or exceed the cost, are errors and are left out.
 *
 * Where nets have more decimals than the currency they are rounded so that each row sums to zero, and so that no
 * member's sum drifts: what was rounded off is carried to their next row.
 *
 * Source of the format: what Splitwise writes ("Export as spreadsheet" of a group); it is not documented.
 */
export function readSplitwise(rows: Rows, options: SplitwiseOptions = {}): ImportDraft {
  const found = findColumns(rows.slice(0, MAX_LINES + 100))
  if (!found.ok) return unreadable('splitwise', found.error)
  const columns = found.value
  const body = rows.map((cells, i) => ({ cells, i })).filter(({ cells, i }) => i > columns.headingRow && !isBlankRow(cells))
  const order = options.dates === undefined ? orderOf(body.map(({ cells }) => cells[columns.date] ?? '')) : { order: options.dates }
  if ('ambiguous' in order) return unreadable('splitwise', ambiguousDates(order.ambiguous, columns))
  const faults: Fault[] = []
  const mark = decimalMark(
    body.map(({ cells }) => cells),
    columns,
    faults,
  )
  const people = peopleOf(columns.members.map((column) => columns.headings[column] ?? ''))
  const file: File = { columns, names: headingNames(columns.headings), people, mark, order: order.order }
  const lineAt = linesOf(rows)
  const lastRow = body.findLastIndex(({ cells }) => !isTotalRow(cells, columns))
  const read = body.slice(0, lastRow + 1).flatMap(({ cells, i }) => readRow(cells, lineAt[i] ?? 0, file, faults))
  const totals = body.slice(lastRow + 1).map(({ cells, i }) => ({ cells, line: lineAt[i] ?? 0 }))
  const isPayment = paymentCategories(read, columns.headings, faults)
  const sums = new Sums()
  const lines = read.flatMap((row) => toLine(row, file, isPayment, sums, faults))
  const checks = checksOf(totals, sums, file, faults)
  return draftOf('splitwise', { people, lines, faults, checks })
}

function ambiguousDates(text: string, { date, headings }: Columns): Fault {
  const [dayFirst, monthFirst] = bothDays(text)
  return errorAt('AMBIGUOUS_DATES', 'No date of the file tells whether the day or the month comes first', {
    column: headings[date] ?? '',
    expected: `to be told which: ${dayFirst} or ${monthFirst}`,
    got: text,
  })
}

/** The line of a row that adds up; its rounded nets are added to the sums, so that they are those of what is imported. */
function toLine(
  row: ReadRow,
  { people, columns, names }: File,
  isPayment: (row: ReadRow) => boolean,
  sums: Sums,
  faults: Fault[],
): UncountedLine[] {
  const { currency, day, title, line } = row
  const off = row.nets.reduce((total, net) => total + net, 0n)
  const text = (value: bigint): string => decimalText(value, row.scale)
  if (off !== 0n) {
    const message = `The amounts of the members add up to ${text(off)} ${currency} instead of 0`
    faults.push(errorAt('NETS_DO_NOT_ADD_UP', message, { row: line, expected: text(0n), got: text(off), difference: text(off) }))
    return []
  }
  const positive = row.nets.reduce((total, net) => (net > 0n ? total + net : total), 0n)
  if (positive > abs(row.cost)) {
    const message = `The members are owed ${text(positive)} ${currency}, which is more than the cost`
    const column = columns.headings[columns.cost] ?? ''
    faults.push(
      errorAt('NETS_EXCEED_COST', message, { row: line, column, expected: `at most ${text(abs(row.cost))}`, got: text(positive) }),
    )
    return []
  }
  const rounded = sums.round(row)
  const minor = Number(abs(row.cost) / 10n ** BigInt(row.scale - exponentOf(currency)))
  const portions = people.map(({ ref }, i) => ({ person: ref, minor: rounded[i] ?? 0 })).filter((portion) => portion.minor !== 0)
  const alone = people.length === 1 ? people[0] : undefined
  if (minor === 0 || (portions.length === 0 && alone === undefined)) {
    faults.push(noticeAt('NO_MONEY', 'The row changes nobody’s balance and does not say who paid; it is left out', { row: line }))
    return []
  }
  const base = {
    source: 'splitwise' as const,
    line,
    raw: rawOf(names, row.cells),
    fingerprint: contentOf(row, people),
    day,
    minor,
    currency,
    title,
  }
  if (isPayment(row)) {
    const [from, to] = [portions.find((one) => one.minor > 0), portions.find((one) => one.minor < 0)]
    if (from !== undefined && to !== undefined) return [{ ...base, kind: 'payment', from: from.person, to: to.person }]
  }
  const isRefund = row.cost < 0n
  const parts = alone === undefined ? divide(minor, portions, isRefund) : whole(minor, alone)
  return [{ ...base, kind: isRefund ? 'income' : 'expense', ...parts, ...(row.category !== 'Untitled' && { category: row.category }) }]
}

const whole = (minor: number, { ref }: Person) => ({ payers: [{ person: ref, minor }], shares: [{ person: ref, minor }] })

/**
 * What a row is known by, the same in every language of the export: no category, and only nets that are not zero, so
 * that a member who has joined since makes no difference. Nets as the file has them, because how they are rounded
 * depends on the rows before.
 *
 * Splitwise itself describes payments, in the language of whoever exports, so what has the figures of one is known by
 * them alone, and twins by their number. Figures, because whether a category is that of payments may depend on the other
 * rows, and the next file has more of them: an expense must not change what it is known by.
 */
function contentOf(row: ReadRow, people: readonly Person[]): string {
  const { day, described, currency, scale, cost, nets } = row
  const text = (value: bigint): string => plain(decimalText(value, scale))
  const parts = people.flatMap(({ ref }, i) => (nets[i] === undefined || nets[i] === 0n ? [] : [[ref, text(nets[i])] as const]))
  parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return fingerprintOf(day, ...(isBetweenTwo(row) ? [] : [described]), text(cost), currency, ...parts.flat())
}

const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** Who paid and who bore how much, so that each net is exact and both sum to the cost. */
function divide(cost: number, nets: readonly Portion[], isRefund: boolean): { payers: Portion[]; shares: Portion[] } {
  const sign = isRefund ? -1 : 1
  const ahead = nets.filter(({ minor }) => minor * sign > 0).map(({ person, minor }) => ({ person, minor: minor * sign }))
  const behind = nets.filter(({ minor }) => minor * sign < 0).map(({ person, minor }) => ({ person, minor: 0 - minor * sign }))
  const open = cost - ahead.reduce((total, { minor }) => total + minor, 0)
  const own = allocate(
    open,
    ahead.map(() => 1n),
  ).parts
  const payers = ahead.map(({ person, minor }, i) => ({ person, minor: minor + (own[i] ?? 0) }))
  const borne = ahead.map(({ person }, i) => ({ person, minor: own[i] ?? 0 })).filter(({ minor }) => minor > 0)
  return { payers, shares: [...borne, ...behind] }
}
