// CSV (RFC 4180) for spreadsheets: UTF-8 with a mark by which they know it, and no text that they would run as a formula.
// Amounts stay numbers with all of their digits.
import type { Column } from '../../domain/document.ts'
import { decimalOf, fileCells, fileColumns, rowsOf, textOf, type Sheet } from './sheet.ts'
import { streamOf, utf8 } from './streams.ts'

const MARK = '\ufeff'
/** What makes a cell a formula, also in the wide forms of East Asian keyboards, and after white space that is skipped. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
/** Semicolons and tabs, too: which sign separates fields depends on where the file is opened. */
const QUOTED = /[",;\t\r\n]|^\s|\s$/

/** A text as a field that is read as that text. */
export function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const lineOf = (fields: readonly string[]): string => `${fields.join(',')}\r\n`

async function* linesOf(sheets: readonly Sheet[]): AsyncGenerator<string> {
  yield MARK
  for (const [i, sheet] of sheets.entries()) {
    const columns: readonly Column[] = fileColumns(sheet.columns)
    // One table is a plain file for programs; several are told apart by their names.
    if (sheets.length > 1) yield `${i === 0 ? '' : '\r\n'}${lineOf([csvField(sheet.name)])}`
    yield lineOf(columns.map(({ header }) => csvField(header)))
    for await (const row of rowsOf(sheet)) {
      const cells = fileCells(sheet.columns, row)
      yield lineOf(columns.map(({ kind }, at) => decimalOf(cells[at], kind) ?? csvField(textOf(cells[at]))))
    }
  }
}

/** The sheets below each other in one file. */
export const csvOf = (sheets: readonly Sheet[]): ReadableStream<Uint8Array> => streamOf(utf8(linesOf(sheets)))
