// A document as pages of shapes: the head of the first page, the sections one after the other, and around each page
// its title, footer and number. Nothing is drawn outside of the margins.
import type { Chart, Document, Section } from '../../domain/document.ts'
import { INK, rect, rule, textShape, type Shape } from '../shapes.ts'
import { shorten } from '../text/wrap.ts'
import { chartRows, figureRows, metaRows, textBlock, type Kit } from './blocks.ts'
import { Flow, PAGE, PAGE_WIDTH } from './flow.ts'
import { addTable } from './table.ts'

const FIRST_TOP = 46
const [SPACE, AFTER_HEADING] = [18, 8]
const SMALL = 7.5

type Unit = Exclude<Section, { kind: 'chart' }> | { readonly kind: 'charts'; readonly charts: readonly Chart[] }

/** Sections with neighbouring charts gathered. */
function unitsOf(sections: readonly Section[]): Unit[] {
  const units: Unit[] = []
  for (const section of sections) {
    const last = units.at(-1)
    if (section.kind !== 'chart') units.push(section)
    else if (last?.kind === 'charts') units[units.length - 1] = { kind: 'charts', charts: [...last.charts, section.chart] }
    else units.push({ kind: 'charts', charts: [section.chart] })
  }
  return units
}

function addHead(kit: Kit, flow: Flow, document: Document): void {
  flow.add(textBlock(kit, document.title, PAGE_WIDTH, { size: 22, leading: 28, weight: 'bold', fill: INK.strong, most: 3 }))
  if (document.subtitle !== undefined)
    flow.add(textBlock(kit, document.subtitle, PAGE_WIDTH, { size: 11, leading: 15, fill: INK.muted, most: 4 }))
  for (const row of metaRows(kit, document.meta)) {
    flow.skip(10)
    flow.add(row)
  }
  for (const [i, row] of figureRows(kit, document.figures).entries()) {
    flow.skip(i === 0 ? SPACE : 10)
    flow.add(row)
  }
}

/** A paragraph goes on on the next page where it has to, line by line. */
function addParagraph(kit: Kit, flow: Flow, text: string, fill: string): void {
  const size = 9
  const block = textBlock(kit, text, PAGE_WIDTH, { size, leading: 13, fill })
  flow.reserve(Math.min(block.height, 26))
  for (const shape of block.shapes) if (shape.kind === 'text') flow.add({ shapes: [{ ...shape, y: size }], height: 13 })
}

/** How much of what follows a heading stays with it. */
function beginningOf(kit: Kit, unit: Unit | undefined): number {
  switch (unit?.kind) {
    case 'charts':
      return chartRows(kit, unit.charts.slice(0, 2))[0]?.height ?? 0
    case 'figures':
      return figureRows(kit, unit.figures.slice(0, 4))[0]?.height ?? 0
    case 'table':
      return 110
    case 'heading':
    case 'paragraph':
    case undefined:
      return 40
  }
}

function addUnit(kit: Kit, flow: Flow, unit: Unit, next: Unit | undefined): void {
  switch (unit.kind) {
    case 'heading': {
      if (unit.isOnNewPage === true && !flow.isAtTop) flow.newPage()
      const block = textBlock(kit, unit.text, PAGE_WIDTH, { size: 14, leading: 19, weight: 'bold', fill: INK.accent, most: 4 })
      flow.reserve(block.height + AFTER_HEADING + beginningOf(kit, next))
      flow.add(block)
      return
    }
    case 'paragraph':
      return addParagraph(kit, flow, unit.text, unit.tone === 'muted' ? INK.muted : INK.normal)
    case 'figures':
      for (const [i, row] of figureRows(kit, unit.figures).entries()) {
        if (i > 0) flow.skip(10)
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
      return addTable(kit, flow, unit.table)
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
  const units = unitsOf(document.sections)
  for (const [i, unit] of units.entries()) {
    flow.skip(units[i - 1]?.kind === 'heading' ? AFTER_HEADING : SPACE)
    addUnit(kit, flow, unit, units[i + 1])
  }
  return flow.pages
}
