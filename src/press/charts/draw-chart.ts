// A chart as shapes in a room that begins at zero. Nothing is drawn outside of it.
import type { Chart } from '../../domain/document.ts'
import type { Shape } from '../shapes.ts'
import { drawBars, heightOfBars } from './bars.ts'
import { drawColumns } from './columns.ts'
import { drawDonut } from './donut.ts'
import { drawLines } from './lines.ts'
import { drawTitle, type Pen, type Room } from './plot.ts'

const TITLE_HEIGHT = 24

/** How high a chart wants to be beside others of its row, or alone over the whole width. */
export const heightOf = (chart: Chart, isAlone: boolean): number =>
  chart.kind === 'bar' ? Math.max(isAlone ? 90 : 150, heightOfBars(chart.bars.length) + TITLE_HEIGHT) : isAlone ? 185 : 160

function drawPlot(pen: Pen, chart: Chart, room: Room): Shape[] {
  switch (chart.kind) {
    case 'bar':
      return drawBars(pen, chart, room)
    case 'column':
      return drawColumns(pen, chart, room)
    case 'line':
      return drawLines(pen, chart, room)
    case 'donut':
      return drawDonut(pen, chart, room)
  }
}

/** Sizes are in points. */
export function drawChart(pen: Pen, chart: Chart, size: { readonly width: number; readonly height: number }): Shape[] {
  const { shapes, rest } = drawTitle(pen, chart.title, { left: 0, top: 0, right: size.width, bottom: size.height })
  return [...shapes, ...drawPlot(pen, chart, rest)]
}
