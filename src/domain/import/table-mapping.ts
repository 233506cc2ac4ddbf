// Which column of a table is what: proposed from what stands in the columns and over them, for people to put right.
import { isCurrency } from '../currency.ts'
import { cut } from '../one-line.ts'
import { looksLikeDay, type DayOrder } from './days.ts'
import { isFigure } from './figures.ts'
import { directionOf, headingScore, TABLE_FIELDS, type TableField } from './table-words.ts'

type Rows = readonly (readonly string[])[]

/** How to read a table. Columns are places of cells in a row, from 0. */
export interface TableMapping {
  /** The row of the headings, from 0; what is before it is not read. Absent: the table begins with its first line. */
  readonly headingRow?: number
  readonly columns: Columns
  readonly dates: 'auto' | DayOrder
  readonly decimals: 'auto' | 'comma' | 'point'
  /**
   * Of `amount`. `auto`: what is negative was spent and the rest was received, as banks have it, unless nothing is
   * negative: then all of it was spent.
   */
  readonly sign: 'auto' | 'negative_is_expense' | 'positive_is_expense'
}

/**
 * `amount`, or `debit` and `credit`, or all three where only one of them has a figure in each row. `direction` has a word for
 * which way an amount without a sign went.
 */
type Columns = { readonly [K in TableField]?: number }

export interface Guess {
  readonly mapping: TableMapping
  /** From 0 to 1 for each column that was found. */
  readonly confidence: { readonly [K in TableField]?: number }
  /** Which columns a table can't be read without and were not found. */
  readonly missing: readonly ('date' | 'title' | 'amount')[]
  readonly headings: readonly string[]
}

const SAMPLE = 200
/** Banks put addresses and balances before the table. */
const PREAMBLE = 40
/** Less than this and a column is left for people to choose. */
const ENOUGH = 0.4
/** Columns that are looked at and shown, and how much of a cell is shown. */
const MAX_WIDTH = 200
const MAX_SHOWN = 100

/** Proposes a mapping; nothing is read with it until somebody has seen it. */
export function guessMapping(rows: Rows): Guess {
  const headingRow = findHeadings(rows)
  const headings = headingRow === undefined ? [] : (rows[headingRow] ?? [])
  const sample = rows
    .slice((headingRow ?? -1) + 1)
    .slice(0, SAMPLE)
    .filter((cells) => cells.some((cell) => cell.trim() !== ''))
  const width = Math.min(MAX_WIDTH, Math.max(headings.length, ...sample.map((cells) => cells.length), 0))
  const scores = Array.from({ length: width }, (_, column) =>
    scoresOf(
      headings[column] ?? '',
      sample.map((cells) => cells[column] ?? ''),
    ),
  )
  const chosen = choose(scores)
  const [debit, credit] = [chosen.get('debit'), chosen.get('credit')]
  // Both or neither: a single one of the two is more likely something else.
  if (debit === undefined || credit === undefined) for (const field of ['debit', 'credit'] as const) chosen.delete(field)
  else if ((chosen.get('amount')?.score ?? 0) < Math.min(debit.score, credit.score)) chosen.delete('amount')
  const found = [...chosen]
  const has = (field: TableField): boolean => chosen.has(field)
  return {
    mapping: {
      ...(headingRow !== undefined && { headingRow }),
      columns: Object.fromEntries(found.map(([field, { column }]) => [field, column])),
      dates: 'auto',
      decimals: 'auto',
      sign: 'auto',
    },
    confidence: Object.fromEntries(found.map(([field, { score }]) => [field, Math.round(score * 100) / 100])),
    missing: (['date', 'title', 'amount'] as const).filter((field) => !has(field) && !(field === 'amount' && has('debit'))),
    headings: shownCells(headings),
  }
}

/** The cells of a row as they are shown: so many as one sees, each as long as one reads. */
export const shownCells = (cells: readonly string[]): string[] =>
  cells.slice(0, MAX_WIDTH).map((cell) => (cell.length <= MAX_SHOWN ? cell : cut(cell.slice(0, 4 * MAX_SHOWN), MAX_SHOWN)))

/** The row before the first that has a day and a figure, if it has words and neither. */
function findHeadings(rows: Rows): number | undefined {
  const first = rows
    .slice(0, PREAMBLE)
    .findIndex((cells) => cells.some(looksLikeDay) && cells.some((cell) => isFigure(cell) && !looksLikeDay(cell)))
  const before = rows.slice(0, first < 0 ? PREAMBLE : first)
  const isWords = (cells: readonly string[]): boolean =>
    cells.filter((cell) => cell.trim() !== '').length > 1 &&
    !cells.some((cell) => cell.trim() !== '' && (looksLikeDay(cell) || isFigure(cell)))
  const at = first < 0 ? before.findIndex(isWords) : before.findLastIndex(isWords)
  return at < 0 ? undefined : at
}

type Scores = ReadonlyMap<TableField, number>

/** How much one column looks like each field: what stands in it and what stands over it. */
function scoresOf(heading: string, cells: readonly string[]): Scores {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const share = (test: (cell: string) => boolean): number => (filled.length === 0 ? 0 : filled.filter(test).length / filled.length)
  const days = share(looksLikeDay)
  const figures = share((cell) => isFigure(cell) && !looksLikeDay(cell))
  const codes = share((cell) => isCurrency(cell.toUpperCase()))
  const words = share((cell) => /\p{L}/u.test(cell) && !looksLikeDay(cell) && !isCurrency(cell) && !isFigure(cell))
  const distinct = filled.length === 0 ? 0 : new Set(filled).size / filled.length
  const fullness = cells.length === 0 ? 0 : filled.length / cells.length
  const named = (field: TableField): number => headingScore(heading, field)
  const isEmpty = filled.length === 0
  // Of one word only it says nothing, and is more likely a code of something else.
  const isDirection = !isEmpty && share((cell) => directionOf(cell) !== undefined) === 1 && new Set(filled.map(directionOf)).size === 2
  const isBalance = headingScore(heading, 'balance') > 0
  const needs = (content: number, score: number): number => (content > 0.6 || isEmpty ? score : 0)
  return new Map<TableField, number>([
    ['date', needs(days, 0.6 * days * fullness + 0.4 * named('date'))],
    ['amount', isBalance ? 0 : needs(figures, 0.5 * figures * fullness + 0.5 * named('amount'))],
    ['debit', isBalance || named('debit') === 0 ? 0 : needs(figures, 0.4 * figures + 0.6 * named('debit'))],
    ['credit', isBalance || named('credit') === 0 ? 0 : needs(figures, 0.4 * figures + 0.6 * named('credit'))],
    ['direction', isDirection ? 0.7 + 0.3 * named('direction') : 0],
    ['currency', needs(codes, 0.7 * codes * fullness + 0.3 * named('currency'))],
    // The exact heading is enough where no column of words is there to be taken.
    ['title', Math.max(needs(words, 0.3 * words * fullness + 0.2 * distinct + 0.5 * named('title')), named('title') === 1 ? 0.45 : 0)],
    ['category', named('category') * 0.9],
    ['paidBy', named('paidBy') * 0.9],
    ['notes', named('notes') * 0.8],
  ])
}

/** Gives each field the column that fits it best, the surest first; a column is one field only. */
function choose(scores: readonly Scores[]): Map<TableField, { column: number; score: number }> {
  const pairs = scores.flatMap((fields, column) => TABLE_FIELDS.map((field) => ({ field, column, score: fields.get(field) ?? 0 })))
  const chosen = new Map<TableField, { column: number; score: number }>()
  const taken = new Set<number>()
  for (const { field, column, score } of pairs.sort((a, b) => b.score - a.score || a.column - b.column)) {
    if (score < ENOUGH || chosen.has(field) || taken.has(column)) continue
    chosen.set(field, { column, score })
    taken.add(column)
  }
  return chosen
}
