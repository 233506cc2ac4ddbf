// A document as pages of shapes: the head of the first page, the sections one after the other, and around each page
// its title, footer and number. Nothing is drawn outside of the margins.
import type { Chart, Document, Section } from '../../domain/document.ts'
import { INK, rect, rule, textShape, type Shape } from '../shapes.ts'
import { shorten } from '../text/wrap.ts'
import { chartRows, figureRows, metaRows, textBlock, type Kit } from './blocks.ts'
import { Flow, PAGE, PAGE_WIDTH, type Block } from './flow.ts'
import { addTable, beginsIn, setTable, type SetTable } from './table.ts'

const FIRST_TOP = 46
/** Between parts of a document; between rows of one, around a paragraph, between paragraphs, and below a heading less. */
const [SPACE, BETWEEN_ROWS, AROUND_PARAGRAPH, BETWEEN_PARAGRAPHS, AFTER_HEADING] = [18, 10, 10, 5, 8]
const SMALL = 7.5
const PARAGRAPH = { size: 9, leading: 13 } as const
/** So many lines of a paragraph stay together where it begins. */
const COMPANY = 2

type Unit =
  | Exclude<Section, { kind: 'chart' | 'table' }>
  | { readonly kind: 'charts'; readonly charts: readonly Chart[] }
  | { readonly kind: 'table'; readonly set: SetTable }

/** Sections with neighbouring charts gathered, and tables set. */
function unitsOf(kit: Kit, sections: readonly Section[]): Unit[] {
  const units: Unit[] = []
  for (const section of sections) {
    const last = units.at(-1)
    if (section.kind === 'table') {
      const set = setTable(kit, section.table)
      if (set !== undefined) units.push({ kind: 'table', set })
    } else if (section.kind !== 'chart') units.push(section)
    else if (last?.kind === 'charts') units[units.length - 1] = { kind: 'charts', charts: [...last.charts, section.chart] }
    else units.push({ kind: 'charts', charts: [section.chart] })
  }
  return units
}

/** The space above the unit. */
function spaceBetween(before: Unit | undefined, unit: Unit): number {
  if (before?.kind === 'heading') return AFTER_HEADING
  if (unit.kind === 'heading' || before === undefined) return SPACE
  if (before.kind === 'paragraph' && unit.kind === 'paragraph') return BETWEEN_PARAGRAPHS
  return before.kind === 'paragraph' || unit.kind === 'paragraph' ? AROUND_PARAGRAPH : SPACE
}

function addHead(kit: Kit, flow: Flow, document: Document): void {
  flow.add(textBlock(kit, document.title, PAGE_WIDTH, { size: 22, leading: 28, weight: 'bold', fill: INK.strong, most: 3 }))
  if (document.subtitle !== undefined)
    flow.add(textBlock(kit, document.subtitle, PAGE_WIDTH, { size: 11, leading: 15, fill: INK.muted, most: 4 }))
  for (const row of metaRows(kit, document.meta)) {
    flow.skip(BETWEEN_ROWS)
    flow.add(row)
  }
  for (const [i, row] of figureRows(kit, document.figures).entries()) {
    flow.skip(i === 0 ? SPACE : BETWEEN_ROWS)
    flow.add(row)
  }
}

const paragraphBlock = (kit: Kit, text: string, fill: string): Block => textBlock(kit, text, PAGE_WIDTH, { ...PARAGRAPH, fill })

/** A paragraph goes on on the next page where it has to, line by line. */
function addParagraph(kit: Kit, flow: Flow, text: string, fill: string): void {
  const { size, leading } = PARAGRAPH
  const block = paragraphBlock(kit, text, fill)
  flow.reserve(Math.min(block.height, COMPANY * leading))
  for (const shape of block.shapes) if (shape.kind === 'text') flow.add({ shapes: [{ ...shape, y: size }], height: leading })
}

const headingBlock = (kit: Kit, text: string): Block =>
  textBlock(kit, text, PAGE_WIDTH, { size: 14, leading: 19, weight: 'bold', fill: INK.accent, most: 4 })

/** Whether the first of the units begins where so much of a page is left; a heading begins only with what it is about. */
function isBegunIn(kit: Kit, [unit, ...following]: readonly Unit[], room: number): boolean {
  if (unit === undefined) return true
  switch (unit.kind) {
    case 'heading': {
      const { height } = headingBlock(kit, unit.text)
      const [next] = following
      const isAlone = next === undefined || (next.kind === 'heading' && next.isOnNewPage === true)
      return height <= room && (isAlone || isBegunIn(kit, following, room - height - AFTER_HEADING))
    }
    case 'charts':
      return (chartRows(kit, unit.charts.slice(0, 2))[0]?.height ?? 0) <= room
    case 'figures':
      return (figureRows(kit, unit.figures)[0]?.height ?? 0) <= room
    case 'table':
      return beginsIn(unit.set, room)
    case 'paragraph':
      return Math.min(paragraphBlock(kit, unit.text, INK.normal).height, COMPANY * PARAGRAPH.leading) <= room
  }
}

/** Adds the first of the units. */
function addUnit(kit: Kit, flow: Flow, units: readonly Unit[]): void {
  const [unit] = units
  if (unit === undefined) return
  switch (unit.kind) {
    case 'heading': {
      if (!flow.isAtTop && (unit.isOnNewPage === true || !isBegunIn(kit, units, flow.room))) flow.newPage()
      return flow.add(headingBlock(kit, unit.text))
    }
    case 'paragraph':
      return addParagraph(kit, flow, unit.text, unit.tone === 'muted' ? INK.muted : INK.normal)
    case 'figures':
      for (const [i, row] of figureRows(kit, unit.figures).entries()) {
        if (i > 0) flow.skip(BETWEEN_ROWS)
        flow.add(row)
      }
      return
    case 'charts':
      for (const [i, row] of chartRows(kit, unit.charts).entries()) {
        if (i > 0) flow.skip(SPACE)
        flow.add(row)
      }
      return
    case 'table':
      return addTable(kit, flow, unit.set)
  }
}

/** Title above all pages but the first, and at the foot of each what the document says there, and its number. */
export function furniture(kit: Kit, document: Document, n: number, of: number): Shape[] {
  const short = (text: string, width: number): string => shorten(text, width, (part) => kit.measure(part, SMALL))
  const number = kit.words.page.replace('{n}', String(n)).replace('{of}', String(of))
  const y = PAGE.height - 32
  const foot = short(document.footer ?? document.title, PAGE_WIDTH - kit.measure(number, SMALL) - 20)
  const shapes: Shape[] = [
    rule(PAGE.left, y - 13, PAGE.right, y - 13),
    textShape(foot, PAGE.left, y, SMALL, { fill: INK.muted }),
    textShape(number, PAGE.right, y, SMALL, { fill: INK.muted, anchor: 'end' }),
  ]
  if (n === 1) return [rect(0, 0, PAGE.width, 7, INK.accent), ...shapes]
  return [
    ...shapes,
    textShape(short(document.title, PAGE_WIDTH), PAGE.left, 36, SMALL, { fill: INK.muted }),
    rule(PAGE.left, 43, PAGE.right, 43),
  ]
}

/** The pages of the document, without its appendix and without what surrounds each page. */
export function pagesOf(kit: Kit, document: Document): Shape[][] {
  const flow = new Flow(FIRST_TOP)
  addHead(kit, flow, document)
  const units = unitsOf(kit, document.sections)
  for (const [i, unit] of units.entries()) {
    flow.skip(spaceBetween(units[i - 1], unit))
    addUnit(kit, flow, units.slice(i))
  }
  return flow.pages
}
