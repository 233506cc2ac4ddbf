// A table on pages: columns as wide as their figures need, rows as high as their texts, the header on every page.
import type { Column, Row, Table } from '../../domain/document.ts'
import { INK, rect, rule, textShape, type Shape } from '../shapes.ts'
import type { Weight } from '../text/faces.ts'
import { wrap } from '../text/wrap.ts'
import type { Kit } from './blocks.ts'
import { columnWidths, forcedWidths, type ColumnNeed } from './columns.ts'
import { PAGE_ROOM, PAGE_WIDTH, type Block, type Flow } from './flow.ts'
import { paginate, type TableHeights } from './paginate.ts'

/** Letter sizes to try, the largest first. */
const SIZES = [8.5, 7.5, 6.75, 6]
const PADDING = { x: 5, y: 3.6 } as const
const LEADING = 1.32
const [TITLE_SIZE, TITLE_HEIGHT] = [10.5, 22]
/** Words up to this width are not broken, while all columns together leave the room. */
const MOST_WORD = 90
/** Longer cells would not leave a page to other rows. */
const MOST_LINES = { cell: 24, header: 6 } as const

/** A row ready to be drawn: for each of its cells the lines. */
interface SetRow {
  readonly cells: readonly (readonly string[])[]
  readonly height: number
  readonly weight: Weight
  /** Its only cell goes over all columns. */
  readonly isWhole?: boolean
}

interface Setting {
  readonly size: number
  readonly widths: readonly number[]
}

const headerOf = (column: Column): string => (column.currency === undefined ? column.header : `${column.header} (${column.currency})`)

const textsOf = (kit: Kit, table: Table, row: Row): string[] => table.columns.map((column, i) => kit.format.cell(row[i], column))

/** The width below which so much of the sorted widths lies. */
const quantile = (widths: readonly number[], part: number): number =>
  widths.toSorted((a, b) => a - b)[Math.floor(widths.length * part)] ?? 0

const widestOf = (widths: readonly number[]): number => widths.reduce((most, width) => Math.max(most, width), 0)

function needOf(kit: Kit, column: Column, cells: readonly string[], totals: readonly string[], size: number): ColumnNeed {
  const isElastic = column.kind === 'text'
  const padding = 2 * PADDING.x + 1
  const bold = (text: string): number => kit.measure(text, size, 'bold')
  const wordsOf = (text: string): string[] => text.split(/\s+/)
  const header = headerOf(column)
  const words = wordsOf(header)
  const headerWord = widestOf(words.map(bold))
  const widths = cells.map((text) => kit.measure(text, size))
  // Headers of figures have two lines; more would be a tower above short figures.
  const inTwo = words.map((_, i) => Math.max(bold(words.slice(0, i).join(' ')), bold(words.slice(i).join(' '))))
  const top = isElastic ? bold(header) : Math.min(...inTwo)
  const natural = Math.max(widestOf(widths), widestOf(totals.map(bold)), top) + padding
  if (!isElastic) return { natural, typical: natural, least: natural, isElastic, weight: 1 }
  const word = widestOf(cells.flatMap(wordsOf).map((one) => kit.measure(one, size)))
  const least = Math.max(headerWord, Math.min(word, MOST_WORD)) + padding
  const typical = Math.max(quantile(widths, 0.9) + padding, least)
  return { natural, typical, least: Math.min(natural, least), isElastic, weight: column.weight ?? 1 }
}

const needsOf = (kit: Kit, table: Table, body: readonly string[][], totals: readonly string[][], size: number): ColumnNeed[] =>
  table.columns.map((column, i) => {
    const cellsOf = (rows: readonly string[][]): string[] => rows.map((row) => row[i] ?? '')
    return needOf(kit, column, cellsOf(body), cellsOf(totals), size)
  })

function settingOf(kit: Kit, table: Table, body: readonly string[][], totals: readonly string[][]): Setting {
  for (const size of SIZES) {
    const widths = columnWidths(needsOf(kit, table, body, totals, size), PAGE_WIDTH)
    if (widths !== undefined) return { size, widths }
  }
  const size = SIZES.at(-1) ?? 6
  return { size, widths: forcedWidths(needsOf(kit, table, body, totals, size), PAGE_WIDTH) }
}

function setRow(kit: Kit, { size, widths }: Setting, texts: readonly string[], weight: Weight, most: number = MOST_LINES.cell): SetRow {
  const cells = texts.map((text, i) => wrap(text, (widths[i] ?? 0) - 2 * PADDING.x, (part) => kit.measure(part, size, weight), most))
  const lines = cells.reduce((most, cell) => Math.max(most, cell.length), 1)
  return { cells, weight, height: lines * size * LEADING + 2 * PADDING.y }
}

/** Cells begin at the top of their row; those of a header end at its bottom. */
function drawRow(table: Table, { size, widths }: Setting, row: SetRow, y: number, fill: string, isHeader = false): Shape[] {
  const shapes: Shape[] = []
  const most = row.cells.reduce((lines, cell) => Math.max(lines, cell.length), 1)
  let x = 0
  for (const [i, column] of table.columns.entries()) {
    const width = widths[i] ?? 0
    const isRight = column.align === 'right' && row.isWhole !== true
    const lines = row.cells[i] ?? []
    const first = isHeader ? most - lines.length : 0
    for (const [line, text] of lines.entries()) {
      if (text === '') continue
      const base = y + PADDING.y + size * (LEADING * (first + line) + 1.02)
      const at = isRight ? x + width - PADDING.x : x + PADDING.x
      shapes.push(textShape(text, at, base, size, { anchor: isRight ? 'end' : 'start', weight: row.weight, fill }))
    }
    x += width
  }
  return shapes
}

/** What stands on one page. */
interface TablePart {
  readonly header: SetRow
  readonly rows: readonly SetRow[]
  readonly totals: readonly SetRow[]
  readonly isFirst: boolean
}

/** One part of the table as shapes: title, header, rows, and the totals on the last one. */
function drawPart(kit: Kit, table: Table, setting: Setting, { header, rows, totals, isFirst }: TablePart): Block {
  const shapes: Shape[] = []
  let y = 0
  if (table.title !== undefined) {
    const text = isFirst ? table.title : `${table.title} · ${kit.words.continued}`
    const [shown = ''] = wrap(text, PAGE_WIDTH, (part) => kit.measure(part, TITLE_SIZE, 'bold'), 1)
    shapes.push(textShape(shown, 0, TITLE_SIZE + 2, TITLE_SIZE, { weight: 'bold', fill: isFirst ? INK.strong : INK.muted }))
    y += TITLE_HEIGHT
  }
  shapes.push(rect(0, y, PAGE_WIDTH, header.height, INK.tint), ...drawRow(table, setting, header, y, INK.accent, true))
  y += header.height
  shapes.push(rule(0, y, PAGE_WIDTH, y, INK.accent, 0.9))
  for (const row of rows) {
    shapes.push(...drawRow(table, setting, row, y, row.weight === 'bold' ? INK.strong : INK.normal))
    y += row.height
    shapes.push(rule(0, y, PAGE_WIDTH, y, INK.line, 0.5))
  }
  if (totals.length > 0) {
    const height = totals.reduce((sum, row) => sum + row.height, 0)
    shapes.push(rect(0, y, PAGE_WIDTH, height, INK.tint), rule(0, y, PAGE_WIDTH, y, INK.strong, 0.9))
    for (const row of totals) {
      shapes.push(...drawRow(table, setting, row, y, INK.strong))
      y += row.height
    }
  }
  return { shapes, height: y }
}

/** A table whose texts have their lines and rows their heights. */
export interface SetTable {
  readonly table: Table
  readonly setting: Setting
  readonly header: SetRow
  readonly rows: readonly SetRow[]
  readonly totals: readonly SetRow[]
  readonly heights: TableHeights
}

/** The table ready for pages; undefined where it has no columns. */
export function setTable(kit: Kit, table: Table): SetTable | undefined {
  if (table.columns.length === 0) return undefined
  const body = table.rows.map((row) => textsOf(kit, table, row))
  const sums = (table.totals ?? []).map((row) => textsOf(kit, table, row))
  const setting = settingOf(kit, table, body, sums)
  const header = setRow(kit, setting, table.columns.map(headerOf), 'bold', MOST_LINES.header)
  const set = (texts: string[], weight: Weight): SetRow => setRow(kit, setting, texts, weight)
  let rows = body.map((texts) => set(texts, 'regular'))
  let totals = sums.map((texts) => set(texts, 'bold'))
  if (rows.length === 0) rows = [emptyRow(kit, table, setting)]
  const heightOf = (some: readonly SetRow[]): number => some.reduce((sum, row) => sum + row.height, 0)
  // So many totals that they could not stay together are rows like the others.
  if (heightOf(totals) > PAGE_ROOM / 3) [rows, totals] = [[...rows, ...totals], []]
  const top = header.height + (table.title === undefined ? 0 : TITLE_HEIGHT)
  const heights = { rows: rows.map(({ height }) => height), header: top, totals: heightOf(totals) }
  return { table, setting, header, rows, totals, heights }
}

/** Whether the table begins where so much of a page is left, and not on the next. */
export const beginsIn = ({ heights }: SetTable, room: number): boolean => !paginate(heights, room, PAGE_ROOM).isOnNewPage

/** Adds the table to the pages. */
export function addTable(kit: Kit, flow: Flow, { table, setting, header, rows, totals, heights }: SetTable): void {
  const { isOnNewPage, parts } = paginate(heights, flow.room, PAGE_ROOM)
  if (isOnNewPage) flow.newPage()
  for (const [i, part] of parts.entries()) {
    if (i > 0) flow.newPage()
    const shown = { header, rows: rows.slice(part.from, part.to), totals: part.hasTotals ? totals : [], isFirst: i === 0 }
    flow.add(drawPart(kit, table, setting, shown))
  }
}

/** Says that there are no rows, in one cell over the whole width. */
const emptyRow = (kit: Kit, table: Table, setting: Setting): SetRow => ({
  ...setRow(kit, { ...setting, widths: [PAGE_WIDTH] }, [table.empty ?? kit.words.nothing], 'regular'),
  isWhole: true,
})
