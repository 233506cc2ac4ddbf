// The parts of a page that stay in one piece: tiles of figures, charts, and lines of text.
import type { Chart, Document, Figure, PressWords } from '../../domain/document.ts'
import { drawChart, heightOf } from '../charts/draw-chart.ts'
import type { Format } from '../format.ts'
import { INK, moved, rect, roundRect, textShape, type Shape } from '../shapes.ts'
import type { Weight } from '../text/faces.ts'
import type { Measure } from '../text/compositor.ts'
import { wrap } from '../text/wrap.ts'
import { PAGE_WIDTH, type Block } from './flow.ts'

/** What drawing takes: widths, numbers of the locale, and words. */
export interface Kit {
  readonly measure: Measure
  readonly format: Format
  readonly words: PressWords
}

interface TextStyle {
  readonly size: number
  readonly leading: number
  readonly weight?: Weight
  readonly fill?: string
  readonly most?: number
  /** Texts that begin from the right stand at the right, except in a row of others. */
  readonly isInRow?: boolean
}

const GAP = 10
const STARTS_RIGHT_TO_LEFT = /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u

/** The lines of a text below each other. */
export function textBlock(kit: Kit, text: string, width: number, style: TextStyle): Block {
  const { size, leading, weight = 'regular', fill = INK.normal, most, isInRow = false } = style
  const lines = wrap(text, width, (part) => kit.measure(part, size, weight), most)
  const anchor = !isInRow && STARTS_RIGHT_TO_LEFT.test(text) ? 'end' : 'start'
  const shapes = lines.map((line, i) => textShape(line, anchor === 'end' ? width : 0, i * leading + size, size, { weight, fill, anchor }))
  return { shapes, height: lines.length * leading }
}

/** Blocks below each other. */
function stack(blocks: readonly Block[], gap = 0): Block {
  let y = 0
  const shapes: Shape[] = []
  for (const [i, block] of blocks.entries()) {
    if (i > 0) y += gap
    shapes.push(...block.shapes.map((shape) => moved(shape, 0, y)))
    y += block.height
  }
  return { shapes, height: y }
}

const VALUE_SIZES = [16, 14, 12.5, 11, 10, 9]

/** The largest size in which every value of a row fits; where none does, values are broken. */
const valueSize = (kit: Kit, figures: readonly Figure[], width: number): number =>
  VALUE_SIZES.find((size) => figures.every(({ value }) => kit.measure(kit.format.figure(value), size, 'bold') <= width)) ?? 8

/** What a tile says, without its ground. */
function tileText(kit: Kit, { label, value, note }: Figure, width: number, size: number): Block {
  const text = kit.format.figure(value)
  const blocks = [
    textBlock(kit, label, width, { isInRow: true, size: 7.5, leading: 10, fill: INK.muted, most: 2 }),
    textBlock(kit, text, width, { isInRow: true, size, leading: size * 1.25, weight: 'bold', fill: INK.strong }),
  ]
  if (note !== undefined) blocks.push(textBlock(kit, note, width, { isInRow: true, size: 7, leading: 9.5, fill: INK.muted, most: 3 }))
  return stack(blocks, 2)
}

/** How many tiles stand in a row, so that the rows are as even as can be. */
const tilesInRow = (count: number): number => (count <= 4 ? Math.max(1, count) : Math.ceil(count / Math.ceil(count / 4)))

/** Rows of tiles; each row is a block, so that rows may stand on different pages. */
export function figureRows(kit: Kit, figures: readonly Figure[]): Block[] {
  const inRow = Math.max(2, tilesInRow(figures.length))
  const width = (PAGE_WIDTH - (inRow - 1) * GAP) / inRow
  return rowsOf(figures, inRow).map((row) => {
    const size = valueSize(kit, row, width - 22)
    const texts = row.map((figure) => tileText(kit, figure, width - 22, size))
    const height = Math.max(...texts.map((text) => text.height)) + 18
    const shapes = texts.flatMap((text, i): Shape[] => {
      const x = i * (width + GAP)
      return [
        roundRect(x, 0, width, height, 4, INK.tint),
        rect(x, 5, 2.5, height - 10, INK.accent),
        ...text.shapes.map((shape) => moved(shape, x + 12, 9)),
      ]
    })
    return { shapes, height }
  })
}

/** The facts below the title: small labels with their values under them. */
export function metaRows(kit: Kit, meta: Document['meta']): Block[] {
  const inRow = Math.max(2, Math.min(4, meta.length))
  const width = (PAGE_WIDTH - (inRow - 1) * GAP) / inRow
  return rowsOf(meta, inRow).map((row) => {
    const blocks = row.map(({ label, value }) =>
      stack([
        textBlock(kit, label, width, { isInRow: true, size: 7, leading: 10, fill: INK.muted, most: 2 }),
        textBlock(kit, value, width, { isInRow: true, size: 9, leading: 12, fill: INK.strong, most: 4 }),
      ]),
    )
    const shapes = blocks.flatMap((block, i) => block.shapes.map((shape) => moved(shape, i * (width + GAP), 0)))
    return { shapes, height: Math.max(...blocks.map((block) => block.height)) }
  })
}

/** Charts two by two, one that is left alone over the whole width. */
export function chartRows(kit: Kit, charts: readonly Chart[]): Block[] {
  const pen = { measure: kit.measure, format: kit.format, nothing: kit.words.nothing }
  return rowsOf(charts, 2).map((row) => {
    const width = (PAGE_WIDTH - (row.length - 1) * 26) / row.length
    const height = Math.max(...row.map((chart) => heightOf(chart, row.length === 1)))
    const shapes = row.flatMap((chart, i) => drawChart(pen, chart, { width, height }).map((shape) => moved(shape, i * (width + 26), 0)))
    return { shapes, height }
  })
}

const rowsOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
