// A table of expenses with columns that somebody has named: what banks, spreadsheets and other apps export. Nothing is
// guessed that the file does not prove: not the order of its dates, not the style of its figures.
import { type Currency, isCurrency } from '../currency.ts'
import { formatMinor, parseMoney } from '../money.ts'
import type { Day } from '../time.ts'
import { bothDays, orderOf, readDay, type DayOrder } from './days.ts'
import {
  draftOf,
  errorAt,
  fingerprintOf,
  headingNames,
  linesOf,
  noticeAt,
  notesOf,
  rawOf,
  titleOf,
  unreadable,
  type Fault,
  type ImportDraft,
  type UncountedLine,
} from './draft.ts'
import { markOf, readFigure, type DecimalMark } from './figures.ts'
import type { TableMapping } from './table-mapping.ts'
import { directionOf, type TableField } from './table-words.ts'

type Rows = readonly (readonly string[])[]

export interface TableContext {
  /** Of the amounts where no column says so. */
  readonly currency: Currency
}

interface Style {
  readonly order: DayOrder
  readonly mark: DecimalMark
  readonly isNegativeSpent: boolean
  /** Which of the two columns have most of their figures negative: there a positive one turns the money back. */
  readonly negative: ReadonlySet<TableField>
}

interface Row {
  readonly cells: readonly string[]
  readonly line: number
}

/**
 * Reads a table as the mapping says. Who paid is the person in `paidBy`, or whoever imports; shares are left to the
 * group. Where `dates` is `auto` and no day of the file tells the order, nothing is read and the fault names both days.
 */
export function readTable(rows: Rows, mapping: TableMapping, context: TableContext): ImportDraft {
  const { columns } = mapping
  const headings = mapping.headingRow === undefined ? [] : (rows[mapping.headingRow] ?? [])
  const table = new Table(columns, headings, context)
  const missing = table.missing()
  if (missing.length > 0) return unreadable('table', ...missing)
  const lineAt = linesOf(rows)
  const body = rows
    .map((cells, i) => ({ cells, line: lineAt[i] ?? 0 }))
    .slice((mapping.headingRow ?? -1) + 1)
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const found = mapping.dates === 'auto' ? orderOf(body.map(({ cells }) => table.cell(cells, 'date'))) : { order: mapping.dates }
  if ('ambiguous' in found) {
    const [dayFirst, monthFirst] = bothDays(found.ambiguous)
    const where = { column: table.heading('date'), expected: `to be told which: ${dayFirst} or ${monthFirst}`, got: found.ambiguous }
    return unreadable('table', errorAt('AMBIGUOUS_DATES', 'No date of the file tells whether the day or the month comes first', where))
  }
  const faults: Fault[] = []
  const mark = table.markOf(body, mapping.decimals, faults)
  const isNegativeSpent = table.isNegativeSpent(body, mark, mapping.sign, faults)
  const style = { order: found.order, mark, isNegativeSpent, negative: table.negativeColumns(body, mark) }
  const lines = body.flatMap((row) => table.read(row, style, faults))
  const names = new Set(lines.flatMap((line) => (line.kind === 'payment' ? [] : line.payers.map(({ person }) => person))))
  return draftOf('table', { people: [...names].map((name) => ({ ref: name, name })), lines, faults })
}

class Table {
  readonly #columns: TableMapping['columns']
  readonly #headings: readonly string[]
  /** The same, told apart. */
  readonly #names: readonly string[]
  readonly #currency: Currency

  constructor(columns: TableMapping['columns'], headings: readonly string[], { currency }: TableContext) {
    this.#columns = columns
    this.#headings = headings
    this.#names = headingNames(headings)
    this.#currency = currency
  }

  missing(): Fault[] {
    const { date, title, amount, debit, credit } = this.#columns
    const names = [
      ...(date === undefined ? ['date'] : []),
      ...(title === undefined ? ['title'] : []),
      ...(amount === undefined && debit === undefined && credit === undefined ? ['amount, or debit and credit'] : []),
    ]
    return names.map((name) =>
      errorAt('COLUMN_MISSING', 'The table cannot be read without this column', { column: name, expected: `a column for ${name}` }),
    )
  }

  cell(cells: readonly string[], field: TableField): string {
    const column = this.#columns[field]
    return column === undefined ? '' : (cells[column] ?? '').trim()
  }

  heading(field: TableField): string {
    const column = this.#columns[field]
    return column === undefined ? field : this.#headings[column]?.trim() || `${field} (column ${column + 1})`
  }

  markOf(body: readonly Row[], decimals: TableMapping['decimals'], faults: Fault[]): DecimalMark {
    if (decimals !== 'auto') return decimals === 'comma' ? ',' : '.'
    const fields = ['amount', 'debit', 'credit'] as const
    const { mark, either, isMixed } = markOf(body.flatMap(({ cells }) => fields.map((field) => this.cell(cells, field))))
    if (isMixed) {
      faults.push(noticeAt('NUMBER_FORMAT_MIXED', 'Some figures have a decimal comma and some a decimal point; say which it is'))
    }
    if (mark !== undefined) return mark
    if (either === undefined) return '.'
    faults.push(
      noticeAt('NUMBER_FORMAT_ASSUMED', 'No figure of the file tells thousands from decimals; they were read as thousands', {
        got: either,
      }),
    )
    return either.includes(',') ? '.' : ','
  }

  isNegativeSpent(body: readonly Row[], mark: DecimalMark, sign: TableMapping['sign'], faults: Fault[]): boolean {
    if (sign !== 'auto') return sign === 'negative_is_expense'
    if (this.#columns.amount === undefined || this.#columns.direction !== undefined) return true
    const isNegative = body.some(({ cells }) => readFigure(this.cell(cells, 'amount'), mark)?.startsWith('-') === true)
    const message = isNegative
      ? 'Negative amounts were read as spent, the others as received'
      : 'No amount is negative, so all were read as spent'
    faults.push(noticeAt('SIGN_ASSUMED', message, { column: this.heading('amount') }))
    return isNegative
  }

  negativeColumns(body: readonly Row[], mark: DecimalMark): Set<TableField> {
    const isNegative = (field: TableField): boolean => {
      const texts = body.map(({ cells }) => readFigure(this.cell(cells, field), mark)).filter((text) => text !== undefined && text !== '0')
      return texts.filter((text) => text?.startsWith('-') === true).length * 2 > texts.length
    }
    return new Set((['debit', 'credit'] as const).filter(isNegative))
  }

  read(row: Row, style: Style, faults: Fault[]): UncountedLine[] {
    const { cells, line } = row
    const wrong = (field: TableField, code: string, message: string, expected: string): UncountedLine[] => {
      faults.push(errorAt(code, message, { row: line, column: this.heading(field), expected, got: this.cell(cells, field) }))
      return []
    }
    const dated = this.cell(cells, 'date')
    const figure = this.#figure(cells, style, wrong)
    if (dated === '' && figure === undefined) {
      faults.push(noticeAt('NOT_A_LINE', 'The row has neither a date nor an amount; it is left out', { row: line }))
      return []
    }
    const day = readDay(dated, style.order)
    if (day === undefined) return wrong('date', 'INVALID_DATE', 'This is not a day', 'a day such as 2026-11-20')
    if (figure === undefined) return wrong('amount', 'NO_AMOUNT', 'The row has no amount', 'an amount such as 12.50')
    if (figure === 'wrong') return []
    const code = this.cell(cells, 'currency').toUpperCase() || this.#currency
    if (!isCurrency(code)) return wrong('currency', 'UNKNOWN_CURRENCY', 'This is not a currency in use', 'a code such as EUR')
    const parsed = parseMoney(figure.text, code)
    if (parsed === 'not_a_number') return wrong(figure.field, 'INVALID_AMOUNT', 'This is not an amount', 'an amount such as 12.50')
    if (parsed === 'too_precise') return wrong(figure.field, 'TOO_PRECISE', `${code} has fewer decimals than this amount`, 'fewer decimals')
    if (parsed === 'too_large') return wrong(figure.field, 'TOO_LARGE', 'The amount is larger than the ledger keeps', 'a smaller amount')
    if (parsed.minor === 0) {
      faults.push(noticeAt('NO_MONEY', 'The amount is 0; the row is left out', { row: line, column: this.heading(figure.field) }))
      return []
    }
    return [this.#line(row, day, parsed.minor, code)]
  }

  /** What was spent as a positive figure, what was received as a negative one; `wrong` once that is told. */
  #figure(
    cells: readonly string[],
    { mark, isNegativeSpent, negative }: Style,
    wrong: (field: TableField, code: string, message: string, expected: string) => unknown,
  ): { readonly text: string; readonly field: TableField } | 'wrong' | undefined {
    const figures = (['amount', 'debit', 'credit'] as const).flatMap((field) => {
      const cell = this.cell(cells, field)
      return cell === '' ? [] : [{ field, text: readFigure(cell, mark) }]
    })
    const unread = figures.find(({ text }) => text === undefined)
    if (unread !== undefined) {
      wrong(unread.field, 'INVALID_AMOUNT', 'This is not an amount', `an amount such as 12${mark}50`)
      return 'wrong'
    }
    // Some banks write 0 in the column that does not apply.
    const told = figures.filter(({ text }) => text !== '0')
    const [only, other] = told.length === 0 ? figures.slice(0, 1) : told
    if (only?.text === undefined) return undefined
    if (other !== undefined) {
      wrong(other.field, 'TWO_AMOUNTS', 'The row has more than one amount', 'one of them empty or 0')
      return 'wrong'
    }
    const { field, text } = only
    if (field === 'amount' && this.#columns.direction !== undefined) {
      const direction = directionOf(this.cell(cells, 'direction'))
      if (direction === undefined) {
        wrong('direction', 'UNKNOWN_DIRECTION', 'It is not clear which way the money went', 'a word such as debit or credit')
        return 'wrong'
      }
      return { field, text: `${direction === 'debit' ? '' : '-'}${text.replace('-', '')}` }
    }
    const turned = text.startsWith('-') ? text.slice(1) : `-${text}`
    if (field !== 'amount') {
      // The column says which way the money went, and its usual sign is a matter of taste; the other sign takes it back.
      const isBack = text.startsWith('-') !== negative.has(field)
      return { field, text: (field === 'debit') === isBack ? `-${text.replace('-', '')}` : text.replace('-', '') }
    }
    return { field, text: isNegativeSpent ? turned : text }
  }

  #line({ cells, line }: Row, day: Day, minor: number, currency: Currency): UncountedLine {
    const category = this.cell(cells, 'category')
    const payer = this.cell(cells, 'paidBy') === '' ? undefined : titleOf(this.cell(cells, 'paidBy'))
    const title = titleOf(this.cell(cells, 'title'), this.cell(cells, 'notes'), category)
    return {
      source: 'table',
      kind: minor < 0 ? 'income' : 'expense',
      line,
      raw: rawOf(this.#names, cells),
      fingerprint: fingerprintOf(day, title, formatMinor(minor, currency), currency, payer ?? ''),
      day,
      minor: Math.abs(minor),
      currency,
      title,
      payers: payer === undefined ? [] : [{ person: payer, minor: Math.abs(minor) }],
      shares: [],
      ...(category !== '' && { category: titleOf(category) }),
      ...notesOf(this.cell(cells, 'notes')),
    }
  }
}
