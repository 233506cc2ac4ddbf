// A chart by itself, as a picture of a wanted size. Letters grow with the picture, so that a large one is no desert.
import type { Chart } from '../domain/document.ts'
import type { PictureSize } from '../platform/documents/press.ts'
import { drawChart } from './charts/draw-chart.ts'
import { prepareKit } from './prepare-kit.ts'
import { moved } from './shapes.ts'
import { svgOf } from './svg.ts'
import type { Shelf } from './text/shelf.ts'

/** In this size letters are as large as in print. */
const USUAL = { width: 420, height: 240 } as const
const MARGIN = 14
const [LEAST_SIDE, MOST_SIDE] = [80, 4000]

const side = (wanted: number): number => Math.round(Math.min(MOST_SIDE, Math.max(LEAST_SIDE, wanted || LEAST_SIDE)))

/** As SVG, with letters as text, or as outlines where `hasOutlines`. */
export async function chartSvg(shelf: Shelf, chart: Chart, wanted: PictureSize, hasOutlines: boolean): Promise<string> {
  const kit = await prepareKit(shelf, chart, wanted.locale)
  const size = { width: side(wanted.width), height: side(wanted.height) }
  const scale = Math.max(0.5, Math.min(size.width / USUAL.width, size.height / USUAL.height))
  const drawn = { width: size.width / scale, height: size.height / scale }
  const pen = { measure: kit.measure, format: kit.format, nothing: kit.words.nothing }
  const inner = { width: drawn.width - 2 * MARGIN, height: drawn.height - 2 * MARGIN }
  const shapes = drawChart(pen, chart, inner).map((shape) => moved(shape, MARGIN, MARGIN))
  return svgOf(shapes, drawn, size, chart.title, hasOutlines ? kit.compositor : undefined)
}
