// XLSX (ECMA-376) written row by row. Texts are strings and never formulas, whatever they begin with; amounts are numbers
// with their digits, days are days, the header stays in sight. The same sheets give the same bytes.
import type { Cell, Column } from '../../domain/document.ts'
import { decimalOf, fileCells, fileColumns, textOf, type Sheet } from './sheet.ts'
import { streamOf, utf8 } from './streams.ts'
import { CONTENT_TYPES, headOf, RELATIONS, sheetNames, styleOf, STYLES, WORKBOOK, WORKBOOK_RELATIONS } from './xlsx-parts.ts'
import { escapeXml } from './xml.ts'
import { zipOf, type ZipEntry } from './zip.ts'

/** As many as a sheet can hold, with the header. */
const MOST_ROWS = 1_048_576
const LONGEST_TEXT = 32_767
const DAY = /^\d{4}-\d{2}-\d{2}$/
const DAY_MS = 86_400_000
/** Day 0 of spreadsheets, which believe that there was a 29 February 1900. */
const DAY_ZERO = Date.UTC(1899, 11, 30)
const FIRST_DAY = Date.UTC(1900, 2, 1)

/** `A` for 0, `AA` for 26. */
export function columnName(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest === 0 ? '' : columnName(rest - 1)) + String.fromCharCode(65 + (index % 26))
}

/** The day as spreadsheets count them; undefined where it is none that they know. */
function serialOf(text: string): number | undefined {
  const time = DAY.test(text) ? Date.parse(text) : Number.NaN
  return time >= FIRST_DAY ? (time - DAY_ZERO) / DAY_MS : undefined
}

function cellXml(place: string, cell: Cell | undefined, kind: Column['kind'], isBold: boolean): string {
  if (cell === null || cell === undefined || cell === '') return ''
  const decimal = decimalOf(cell, kind)
  if (decimal !== undefined) return `<c r="${place}" s="${styleOf(decimal.split('.')[1]?.length ?? 0, isBold)}"><v>${decimal}</v></c>`
  const text = textOf(cell)
  const serial = kind === 'date' ? serialOf(text) : undefined
  if (serial !== undefined) return `<c r="${place}" s="${styleOf('date', isBold)}"><v>${serial}</v></c>`
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text
  // Spaces at the ends would go, and line breaks with them.
  const space = /^\s|\s$|[\n\t]/.test(shown) ? ' xml:space="preserve"' : ''
  return `<c r="${place}" s="${styleOf('text', isBold)}" t="inlineStr"><is><t${space}>${escapeXml(shown)}</t></is></c>`
}

async function* sheetXml(sheet: Sheet): AsyncGenerator<string> {
  const columns = fileColumns(sheet.columns)
  const letters = columns.map((_, i) => columnName(i))
  let at = 1
  const rowXml = (cells: readonly (Cell | undefined)[], isBold: boolean): string => {
    if (at > MOST_ROWS) throw new RangeError(`a sheet holds ${MOST_ROWS} rows`)
    const xml = columns.map(({ kind }, i) => cellXml(`${letters[i]}${at}`, cells[i], kind, isBold)).join('')
    return `<row r="${at++}">${xml}</row>`
  }
  yield headOf(columns)
  const headers = columns.map(({ header }, i) => cellXml(`${letters[i]}1`, header, 'text', true)).join('')
  yield `<row r="${at++}">${headers}</row>`
  for await (const row of sheet.rows) yield rowXml(fileCells(sheet.columns, row), false)
  const last = at - 1
  for (const row of sheet.totals ?? []) yield rowXml(fileCells(sheet.columns, row), true)
  const filter = last > 1 && columns.length > 0 ? `<autoFilter ref="A1:${letters.at(-1)}${last}"/>` : ''
  yield `</sheetData>${filter}</worksheet>`
}

async function* partsOf(sheets: readonly Sheet[]): AsyncGenerator<ZipEntry> {
  const names = sheetNames(sheets.map(({ name }) => name))
  const part = (name: string, xml: string): ZipEntry => ({ name, data: new TextEncoder().encode(xml), mtime: 0 })
  yield part('[Content_Types].xml', CONTENT_TYPES(names))
  yield part('_rels/.rels', RELATIONS)
  yield part('xl/workbook.xml', WORKBOOK(names))
  yield part('xl/_rels/workbook.xml.rels', WORKBOOK_RELATIONS(names))
  yield part('xl/styles.xml', STYLES)
  for (const [i, sheet] of sheets.entries()) yield { name: `xl/worksheets/sheet${i + 1}.xml`, data: utf8(sheetXml(sheet)), mtime: 0 }
}

/** A workbook of at least one sheet. Rows are asked for as the file is read. */
export const xlsxOf = (sheets: readonly Sheet[]): ReadableStream<Uint8Array> => streamOf(zipOf(partsOf(sheets)))
