// Text of a CSV file as rows of cells, and back (RFC 4180). What the cells mean is read in `domain/import`.
import Papa from 'papaparse'

/** The most rows that are read; a file that has more is cut there and says so. */
const MAX_ROWS = 50_000
/** The most cells of a row, and of all rows that are read; a file that has more is not read at all. */
export const MAX_COLUMNS = 300
export const MAX_CELLS = 2_000_000

export interface CsvRows {
  /** Every row in order, empty lines among them as rows of one empty cell, so that a row's place gives its line. */
  readonly rows: readonly (readonly string[])[]
  readonly delimiter: string
  /** Whether the file goes on after the last row. */
  readonly isCut: boolean
  /** The row, from 0, in which a quoted cell has no end. */
  readonly openQuote?: number
  /** There are no rows because there are too many cells: in the row, from 0, that has more than so many. */
  readonly tooWide?: { readonly row: number; readonly cells: number }
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * Parts CSV text into rows. The byte order mark is dropped, the separator is the one of comma, semicolon, tab and bar that
 * parts the file into the most even rows, unless it says so itself (`sep=;`, as Excel has it). Never throws.
 */
export function parseCsv(text: string): CsvRows {
  const [, said] = /^\uFEFF?sep=([,;\t|])\r?\n/i.exec(text.slice(0, 10)) ?? []
  const delimiter = said ?? delimiterOf(text)
  const parted = partRows(text.replace(/^\uFEFF/, ''), delimiter)
  return { ...parted, delimiter, rows: said === undefined ? parted.rows : [[''], ...parted.rows.slice(1)] }
}

/** The place of the mark from there on, or the end of the text; asked from front to back it looks at each character once. */
function finder(text: string, mark: string): (from: number) => number {
  let at = -1
  return (from) => {
    if (at < from) at = text.indexOf(mark, from)
    if (at < 0) at = text.length
    return at
  }
}

interface Cell {
  readonly value: string
  /** Where the separator or the line end behind it is. */
  readonly end: number
  readonly isOpen?: true
}

/**
 * The rows, until one goes beyond the bounds: nothing is made of what comes after, so that a file of nothing but separators
 * costs as little as its first cells. A file has line feeds or, where it has none, carriage returns.
 */
function partRows(text: string, delimiter: string): Omit<CsvRows, 'delimiter'> {
  const isOld = !text.includes('\n')
  const [delimiterFrom, lineEndFrom] = [finder(text, delimiter), finder(text, isOld ? '\r' : '\n')]
  const isEnd = (at: number): boolean =>
    at >= text.length || text[at] === delimiter || (isOld ? text[at] === '\r' : text[at] === '\n' || text.startsWith('\r\n', at))
  const plain = (from: number): Cell => {
    const [separator, lineEnd] = [delimiterFrom(from), lineEndFrom(from)]
    const end = separator < lineEnd ? separator : !isOld && lineEnd > from && text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd
    return { value: text.slice(from, end), end }
  }
  const rows: string[][] = []
  let [at, all] = [0, 0]
  while (at < text.length && rows.length < MAX_ROWS) {
    const row: string[] = []
    for (; ; at++) {
      if (row.length === MAX_COLUMNS || all === MAX_CELLS)
        return { rows: [], isCut: false, tooWide: { row: rows.length, cells: row.length } }
      const { value, end, isOpen } = text[at] === '"' ? quoted(text, at, isEnd) : plain(at)
      row.push(value)
      all++
      at = end
      if (isOpen) return { rows: [...rows, row], isCut: false, openQuote: rows.length }
      if (text[at] !== delimiter) break
    }
    rows.push(row)
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  return { rows, isCut: at < text.length }
}

/** A cell in quotes: it goes to the first quote before a separator or a line end, spaces between them left out. */
function quoted(text: string, from: number, isEnd: (at: number) => boolean): Cell {
  for (let search = from + 1; ;) {
    const quote = text.indexOf('"', search)
    if (quote < 0) return { value: text.slice(from + 1).replaceAll('""', '"'), end: text.length, isOpen: true }
    let end = quote + 1
    while (!isEnd(end) && (text[end] === ' ' || text[end] === '\t')) end++
    if (isEnd(end)) return { value: text.slice(from + 1, quote).replaceAll('""', '"'), end }
    search = text[quote + 1] === '"' ? quote + 2 : quote + 1
  }
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
