// A ring of parts with a legend that names them, how much they are and how many percent. Small parts share one slice.
import { arc, pie, type PieArcDatum } from 'd3-shape'
import type { DonutChart } from '../../domain/document.ts'
import { traced } from '../path.ts'
import { colourOf, INK, roundRect, textShape, type Shape } from '../shapes.ts'
import { shorten } from '../text/wrap.ts'
import { barsThatFit } from './bars.ts'
import { drawNothing, fitted, SIZE, type Pen, type Room } from './plot.ts'

type Slice = DonutChart['slices'][number]

const MOST_SLICES = 8
const ROW = 15
/** Below what any currency has as a unit there is nothing to see. */
const LEAST = 1e-4

/** What is above zero, the largest first, no more slices than there are colours. */
export const slicesOf = (chart: DonutChart, most = MOST_SLICES): readonly Slice[] =>
  barsThatFit(
    chart.slices.filter(({ value }) => value >= LEAST).toSorted((a, b) => b.value - a.value),
    most,
  )

function drawRing(slices: readonly Slice[], x: number, y: number, radius: number): Shape[] {
  const around = pie<Slice>()
    .value(({ value }) => value)
    .sort(null)
    .padAngle(slices.length > 1 ? 0.015 : 0)
  const ring = arc<PieArcDatum<Slice>>()
    .innerRadius(radius * 0.62)
    .outerRadius(radius)
  return around([...slices]).map((slice, i) => ({ kind: 'path', d: traced((pen) => ring.context(pen)(slice)), x, y, fill: colourOf(i) }))
}

/** The text in the hole, small enough for it. */
function drawMiddle(pen: Pen, text: string, x: number, y: number, radius: number): Shape {
  const room = radius * 1.08
  const size = [11, 10, 9, 8, 7, 6].find((one) => pen.measure(text, one, 'bold') <= room) ?? 5.5
  const shown = shorten(text, room, (part) => pen.measure(part, size, 'bold'))
  return textShape(shown, x, y + size * 0.36, size, { anchor: 'middle', weight: 'bold', fill: INK.strong })
}

export function drawDonut(pen: Pen, chart: DonutChart, room: Room): Shape[] {
  const [width, height] = [room.right - room.left, room.bottom - room.top]
  const slices = slicesOf(chart, Math.max(1, Math.min(MOST_SLICES, Math.floor(height / ROW))))
  if (slices.length === 0) return drawNothing(pen, room)
  const total = slices.reduce((sum, { value }) => sum + value, 0)
  const radius = Math.min(height / 2, width * 0.2)
  const [x, y] = [room.left + radius, room.top + height / 2]
  const middle = chart.middle === undefined ? pen.format.value(total, chart.unit) : pen.format.figure(chart.middle)
  const left = x + radius + 16
  const values = slices.map(({ value }) => pen.format.value(value, chart.unit))
  const percents = slices.map(({ value }) => percentOf(value, total))
  const [percentWidth, valueWidth] = [percents, values].map((texts) => Math.max(...texts.map((text) => pen.measure(text, SIZE.label))))
  const valueEnd = room.right - (percentWidth ?? 0) - 8
  const labelRoom = valueEnd - (valueWidth ?? 0) - 8 - (left + 12)
  // Where a legend is narrow, names matter more than amounts.
  const hasValues = labelRoom >= 40
  const top = y - (slices.length * ROW) / 2
  const legend = slices.flatMap(({ label }, i): Shape[] => {
    const base = top + i * ROW + ROW / 2 + 2.6
    const text = fitted(pen, label, hasValues ? labelRoom : Math.max(4, valueEnd - (left + 12)), SIZE.label)
    return [
      roundRect(left, base - 6.5, 7, 7, 1.5, colourOf(i)),
      textShape(text, left + 12, base, SIZE.label),
      ...(hasValues ? [textShape(values[i] ?? '', valueEnd, base, SIZE.label, { anchor: 'end', fill: INK.strong })] : []),
      textShape(percents[i] ?? '', room.right, base, SIZE.label, { anchor: 'end', fill: INK.muted }),
    ]
  })
  return [...drawRing(slices, x, y, radius), drawMiddle(pen, middle, x, y, radius), ...legend]
}

/** What is there is never told as nothing: `<1%`. */
function percentOf(value: number, total: number): string {
  const percent = (value / total) * 100
  return percent < 1 ? '<1%' : `${Math.round(percent)}%`
}
