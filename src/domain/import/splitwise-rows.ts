// The rows of a Splitwise export as figures: each cell read in the style of the file, or told to be wrong.
import { type Currency, exponentOf, isCurrency } from '../currency.ts'
import { MAX_MINOR, formatMinor } from '../money.ts'
import type { Day } from '../time.ts'
import { readDay, type DayOrder } from './days.ts'
import { errorAt, noticeAt, titleOf, type Fault, type Person } from './draft.ts'
import { markOf, readFigure, type DecimalMark } from './figures.ts'
import { codeIn, type Columns } from './splitwise-columns.ts'

type Rows = readonly (readonly string[])[]

/** A row whose cells could be read. Amounts in units of `10^-scale` of the currency, whole numbers. */
export interface ReadRow {
  readonly line: number
  readonly cells: readonly string[]
  readonly day: Day
  readonly title: string
  /** The description as the file has it. */
  readonly described: string
  readonly category: string
  readonly currency: Currency
  /** How many decimals the figures of this row are kept with; at least those of the currency. */
  readonly scale: number
  readonly cost: bigint
  /** One for each person, in the order of the columns. */
  readonly nets: readonly bigint[]
}

/** How a file is written. */
export interface File {
  readonly columns: Columns
  /** The headings, told apart. */
  readonly names: readonly string[]
  readonly people: readonly Person[]
  readonly mark: DecimalMark
  readonly order: DayOrder
}

/**
 * The style of the figures: what they prove themselves, or the style in which more rows sum to zero. Where neither
 * tells, as in a file that only has figures such as `1,234`, what stands there parts thousands.
 */
export function decimalMark(rows: Rows, columns: Columns, faults: Fault[]): DecimalMark {
  const cellsOf = (cells: readonly string[]): string[] => [columns.cost, ...columns.members].map((column) => cells[column] ?? '')
  const { mark, either } = markOf(rows.flatMap(cellsOf))
  if (mark !== undefined) return mark
  if (either === undefined) return '.'
  const balanced = (style: DecimalMark): number =>
    rows.filter((cells) => {
      const nets = columns.members.map((column) => readFigure(cells[column] ?? '', style))
      return nets.every((net) => net !== undefined) && nets.reduce((total, net) => total + units(net ?? '0', 12), 0n) === 0n
    }).length
  const [point, comma] = [balanced('.'), balanced(',')]
  if (point !== comma) return point > comma ? '.' : ','
  const grouped: DecimalMark = either.includes(',') ? '.' : ','
  faults.push(
    noticeAt('NUMBER_FORMAT_ASSUMED', 'No figure of the file tells thousands from decimals; they were read as thousands', { got: either }),
  )
  return grouped
}

/** Plain decimal text as a whole number of `10^-scale`; the text has no more decimals than that. */
export function units(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(scale, '0'))
  return text.startsWith('-') ? -value : value
}

const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0

/** The row, or nothing where a cell can't be read, which is told. */
export function readRow(cells: readonly string[], line: number, file: File, faults: Fault[]): ReadRow[] {
  const { columns, order, mark } = file
  const heading = (column: number): string => columns.headings[column] ?? ''
  const wrong = (column: number, code: string, message: string, expected: string): ReadRow[] => {
    faults.push(errorAt(code, message, { row: line, column: heading(column), expected, got: cells[column] ?? '' }))
    return []
  }
  const day = readDay(cells[columns.date] ?? '', order)
  if (day === undefined) return wrong(columns.date, 'INVALID_DATE', 'This is not a day', 'a day such as 2026-11-20')
  const currency = codeIn(cells, columns)
  if (!isCurrency(currency)) return wrong(columns.currency, 'UNKNOWN_CURRENCY', 'This is not a currency in use', 'a code such as EUR')
  const cost = readFigure(cells[columns.cost] ?? '', mark)
  if (cost === undefined) return wrong(columns.cost, 'INVALID_AMOUNT', 'This is not an amount', `an amount such as 12${mark}50`)
  const nets: string[] = []
  for (const column of columns.members) {
    const cell = cells[column] ?? ''
    const net = cell.trim() === '' ? '0' : readFigure(cell, mark)
    if (net === undefined) return wrong(column, 'INVALID_AMOUNT', 'This is not an amount', `an amount such as 12${mark}50`)
    nets.push(net)
  }
  const decimals = exponentOf(currency)
  if (decimalsOf(cost) > decimals) {
    return wrong(columns.cost, 'TOO_PRECISE', `${currency} has ${decimals} decimals, this amount has more`, `at most ${decimals} decimals`)
  }
  const scale = Math.max(decimals, ...nets.map(decimalsOf))
  const large = [cost, ...nets].findIndex((text) => abs(units(text, scale)) > BigInt(MAX_MINOR) * 10n ** BigInt(scale - decimals))
  if (large >= 0) {
    const column = [columns.cost, ...columns.members][large] ?? columns.cost
    return wrong(column, 'TOO_LARGE', 'The amount is larger than the ledger keeps', `at most ${formatMinor(MAX_MINOR, currency)}`)
  }
  return [
    {
      line,
      cells,
      day,
      title: titleOf(cells[columns.title] ?? '', cells[columns.category] ?? ''),
      described: cells[columns.title] ?? '',
      category: titleOf(cells[columns.category] ?? ''),
      currency,
      scale,
      cost: units(cost, scale),
      nets: nets.map((net) => units(net, scale)),
    },
  ]
}

export const abs = (value: bigint): bigint => (value < 0n ? -value : value)

/** A whole number of `10^-scale` as plain decimal text. */
export function decimalText(value: bigint, scale: number): string {
  const digits = String(abs(value)).padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}
