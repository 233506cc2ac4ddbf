// Text of a CSV file as rows of cells, and back (RFC 4180). What the cells mean is read in `domain/import`.
import Papa from 'papaparse'

/** The most rows that are read; a file that has more is cut there and says so. */
const MAX_ROWS = 50_000

export interface CsvRows {
  /** Every row in order, empty lines among them as rows of one empty cell, so that a row's place gives its line. */
  readonly rows: readonly (readonly string[])[]
  readonly delimiter: string
  /** Whether the file goes on after the last row. */
  readonly isCut: boolean
  /** The row, from 0, in which a quoted cell has no end. */
  readonly openQuote?: number
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * Parts CSV text into rows. The byte order mark is dropped, the separator is the one of comma, semicolon, tab and bar that
 * parts the file into the most even rows, unless it says so itself (`sep=;`, as Excel has it). Never throws.
 */
export function parseCsv(text: string): CsvRows {
  const [, said] = /^\uFEFF?sep=([,;\t|])\r?\n/i.exec(text.slice(0, 10)) ?? []
  const delimiter = said ?? delimiterOf(text)
  const parsed = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { delimiter, preview: MAX_ROWS, skipEmptyLines: false })
  const openQuote = parsed.errors.find((error) => error.code === 'MissingQuotes')?.row
  const rows = parsed.data.slice()
  if (rows.length > 0 && rows.at(-1)?.every((cell) => cell === '') === true && /[\r\n]$/.test(text)) rows.pop()
  if (said !== undefined) rows[0] = ['']
  return { rows, delimiter, isCut: parsed.meta.truncated, ...(openQuote !== undefined && { openQuote }) }
}

/** Decides from the first rows: the separator that gives most of them the same number of cells, and more than one. */
function delimiterOf(text: string): string {
  const sample = text.slice(0, 100_000)
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of DELIMITERS) {
    const { data } = Papa.parse<string[]>(sample, { delimiter, preview: 60, skipEmptyLines: true })
    const counts = new Map<number, number>()
    for (const row of data) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
    const [cells = 1, rows = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? []
    const score = cells < 2 ? 0 : rows * 100 + cells
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

/** Rows as CSV text: commas, CRLF after each row, quotes only where they are needed (RFC 4180). */
export const formatCsv = (rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `${Papa.unparse(
        rows.map((row) => [...row]),
        { newline: '\r\n' },
      )}\r\n`
