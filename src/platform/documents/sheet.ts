// A table that never has to be in memory as a whole: what CSV and XLSX are written from, row by row.
import type { Cell, Column, Row, Table } from '../../domain/document.ts'

export interface Sheet {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: Iterable<Row> | AsyncIterable<Row>
  readonly totals?: readonly Row[]
}

/** The tables of a document as sheets, named by their titles. */
export const sheetsOf = (tables: readonly Table[]): Sheet[] =>
  tables.map(({ title, columns, rows, totals }, i) => ({
    name: title ?? `Table ${i + 1}`,
    columns,
    rows,
    ...(totals !== undefined && { totals }),
  }))

/** The rows of the sheet, its totals at the end. */
export async function* rowsOf({ rows, totals = [] }: Sheet): AsyncGenerator<Row> {
  yield* rows
  yield* totals
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/

/** The number without an exponent, which is no decimal. */
const plainNumber = (value: number): string => {
  const text = String(value)
  return text.includes('e') ? value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 }) : text
}

/** The decimal that the cell holds as a number, with its digits; undefined where it is none or its column is of text. */
export function decimalOf(cell: Cell | undefined, kind: Column['kind']): string | undefined {
  if (cell === null || cell === undefined || kind === 'text' || kind === 'date') return undefined
  const decimal = typeof cell === 'object' ? cell.amount : typeof cell === 'number' ? plainNumber(cell) : cell
  return DECIMAL.test(decimal) ? decimal : undefined
}

/** The cell as text. */
export function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'object' ? `${cell.amount} ${cell.currency}` : String(cell)
}

/** Amounts of several currencies have a column of currencies beside them, so that they can be added up by it. */
const hasCurrencies = (column: Column): boolean => column.kind === 'money' && column.currency === undefined

/** The columns of a file: those of the table, each with its currency in its header or in a column of its own. */
export const fileColumns = (columns: readonly Column[]): Column[] =>
  columns.flatMap((column): Column[] => {
    if (hasCurrencies(column)) return [column, { header: column.currencyHeader ?? 'Currency', align: 'left', kind: 'text' }]
    return [column.currency === undefined ? column : { ...column, header: `${column.header} (${column.currency})` }]
  })

/** The row for these columns. An amount of another currency than its column's is no number there, or it would be added to the others. */
export const fileCells = (columns: readonly Column[], row: Row): (Cell | undefined)[] =>
  columns.flatMap((column, i) => {
    const cell = row[i]
    const currency = typeof cell === 'object' && cell !== null ? cell.currency : undefined
    if (hasCurrencies(column)) return [cell, currency ?? null]
    return [currency !== undefined && column.currency !== undefined && currency !== column.currency ? textOf(cell) : cell]
  })
