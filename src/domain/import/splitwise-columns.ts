// Which column of a Splitwise export is what. Its headings come in the language of whoever exported it, so the columns are
// known by what stands in them: days, figures, codes of currencies, and behind those one column for each member.
import { isCurrency } from '../currency.ts'
import { errorAt, MAX_PEOPLE, type Fault } from './draft.ts'
import { looksLikeDay } from './days.ts'
import { isFigure } from './figures.ts'
import { err, ok, type Result } from '../result.ts'

type Rows = readonly (readonly string[])[]

/** Places of cells in a row, from 0. */
export interface Columns {
  readonly headings: readonly string[]
  /** Of the row with the headings among all rows. */
  readonly headingRow: number
  readonly date: number
  readonly title: number
  readonly category: number
  readonly cost: number
  readonly currency: number
  readonly members: readonly number[]
}

/** How many rows are looked at to tell the columns. */
const SAMPLE = 300

const isBlank = (cell: string | undefined): boolean => cell === undefined || cell.trim() === ''
export const isBlankRow = (cells: readonly string[]): boolean => cells.every(isBlank)

const isCode = (cell: string | undefined): boolean => /^[A-Z]{3}$/.test((cell ?? '').trim())

const NOT_SPLITWISE = errorAt('NOT_SPLITWISE', 'This does not look like an export of Splitwise', {
  row: 1,
  expected: 'a row of headings, and rows with a date, a description, a category, a cost, a currency and a column for each member',
})

/** Finds the columns, or says why this is no export of Splitwise. */
export function findColumns(rows: Rows): Result<Columns, Fault> {
  const headingRow = rows.findIndex((cells) => !isBlankRow(cells))
  const headings = rows[headingRow]
  if (headings === undefined) return err({ ...NOT_SPLITWISE, got: 'an empty file' })
  const sample = rows.slice(headingRow + 1, headingRow + 1 + SAMPLE).filter((cells) => !isBlankRow(cells))
  const width = Math.max(headings.length, ...sample.map((cells) => cells.length))
  if (width > MAX_PEOPLE + 5) {
    return err(
      errorAt('TOO_MANY_MEMBERS', 'The file has more members than a group', { expected: `at most ${MAX_PEOPLE}`, got: String(width - 5) }),
    )
  }
  if (looksLikeDay(headings[0] ?? '')) {
    return err(errorAt('NO_HEADINGS', 'The first row has no headings, so nobody knows whose the columns are', { row: headingRow + 1 }))
  }
  const columns = columnsIn(sample, headings)
  return columns === undefined ? err({ ...NOT_SPLITWISE, got: headings.join(', ') }) : ok({ ...columns, headings, headingRow })
}

/** Whether the rows are those of an export of Splitwise. */
export const isSplitwise = (rows: Rows): boolean => findColumns(rows).ok

function columnsIn(sample: Rows, headings: readonly string[]): Omit<Columns, 'headings' | 'headingRow'> | undefined {
  const share = (column: number, test: (cell: string) => boolean): number => {
    const cells = sample.map((row) => row[column] ?? '').filter((cell) => !isBlank(cell))
    return cells.length === 0 ? 0 : cells.filter(test).length / cells.length
  }
  if (sample.length === 0) return emptyColumns(headings)
  const width = Math.max(headings.length, ...sample.map((cells) => cells.length))
  const before = [...Array(width).keys()]
  // A description may be three capitals too, so the column has to be codes throughout, with figures on both sides.
  const currency = before.find(
    (column) => column >= 4 && share(column, isCode) > 0.5 && share(column - 1, isFigure) > 0.5 && share(column + 1, isFigure) > 0.5,
  )
  if (currency === undefined) return undefined
  const left = before.slice(0, currency)
  const date = left.find((column) => share(column, looksLikeDay) > 0.5)
  if (date === undefined || date > currency - 2) return undefined
  const [title, category] = left.filter((column) => column !== date && column !== currency - 1)
  if (title === undefined || category === undefined) return undefined
  const members = before.slice(currency + 1).filter((column) => !isBlank(headings[column]) || sample.some((row) => !isBlank(row[column])))
  return { date, title, category, cost: currency - 1, currency, members }
}

/** A group without an expense has its headings only. */
function emptyColumns(headings: readonly string[]): Omit<Columns, 'headings' | 'headingRow'> | undefined {
  const members = headings.flatMap((heading, column) => (column > 4 && !isBlank(heading) ? [column] : []))
  return members.length === 0 ? undefined : { date: 0, title: 1, category: 2, cost: 3, currency: 4, members }
}

/** Whether the row sums up: it names no cost, but has figures of members. */
export const isTotalRow = (cells: readonly string[], { cost, members }: Columns): boolean =>
  isBlank(cells[cost]) && members.some((column) => isFigure(cells[column] ?? ''))

/** The currency of the row: a code that is in use, what stands there instead, or nothing where the cell is empty. */
export function codeIn(cells: readonly string[], { currency }: Columns): string {
  const code = (cells[currency] ?? '').trim().toUpperCase()
  return isCurrency(code) ? code : code.slice(0, 20)
}
