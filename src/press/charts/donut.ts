// A ring of parts with a legend that names them, how much they are and how many percent. Small parts share one slice.
import { arc, pie, type PieArcDatum } from 'd3-shape'
import type { DonutChart } from '../../domain/document.ts'
import { traced } from '../path.ts'
import { colourOf, INK, roundRect, textShape, type Shape } from '../shapes.ts'
import { shorten, widestPiece, wrap } from '../text/wrap.ts'
import { barsThatFit } from './bars.ts'
import { drawNothing, SIZE, type Pen, type Room } from './plot.ts'

type Slice = DonutChart['slices'][number]

const MOST_SLICES = 8
const ROW = 15
/** What a second line of a name takes. */
const LINE = 9
/** Names stand without amounts in less room than the first; in more than the second, never. */
const [LEAST_NAME, MOST_NAME] = [40, 110]
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

/** The lines of the names, two for those that need them while the height lasts; what is left out after that is told by an ellipsis. */
function legendLines(pen: Pen, names: readonly string[], width: number, height: number): string[][] {
  let spare = height - names.length * ROW
  return names.map((name) => {
    const lines = wrap(name, width, (part) => pen.measure(part, SIZE.label), spare >= LINE ? 2 : 1)
    spare -= (lines.length - 1) * LINE
    return lines
  })
}

/** Whether the names can stand in the room with no word broken and no end left out. */
function areWhole(pen: Pen, names: readonly string[], width: number, height: number): boolean {
  const measure = (part: string): number => pen.measure(part, SIZE.label)
  const counts = names.map((name) => wrap(name, width, measure).length)
  const needed = counts.reduce((sum, count) => sum + ROW + (count - 1) * LINE, 0)
  return needed <= height && counts.every((count) => count <= 2) && names.every((name) => widestPiece(name, measure) <= width)
}

function drawNames(pen: Pen, slices: readonly Slice[], unit: string | undefined, room: Room): Shape[] {
  const total = slices.reduce((sum, { value }) => sum + value, 0)
  const names = slices.map(({ label }) => label)
  const values = slices.map(({ value }) => pen.format.value(value, unit))
  const percents = slices.map(({ value }) => percentOf(value, total))
  const widest = (texts: readonly string[]): number => Math.max(...texts.map((text) => pen.measure(text, SIZE.label)))
  const valueEnd = room.right - widest(percents) - 8
  const at = room.left + 12
  const besideValues = valueEnd - widest(values) - 8 - at
  // Where a legend is narrow, names matter more than amounts.
  const height = room.bottom - room.top
  const hasValues = besideValues >= LEAST_NAME && (besideValues >= MOST_NAME || areWhole(pen, names, besideValues, height))
  const lines = legendLines(pen, names, hasValues ? besideValues : Math.max(4, valueEnd - at), height)
  const rows = lines.map((some) => ROW + (some.length - 1) * LINE)
  let top = room.top + (height - rows.reduce((sum, row) => sum + row, 0)) / 2
  return lines.flatMap((some, i): Shape[] => {
    const base = top + ROW / 2 + 2.6
    top += rows[i] ?? ROW
    return [
      roundRect(room.left, base - 6.5, 7, 7, 1.5, colourOf(i)),
      ...some.map((line, n) => textShape(line, at, base + n * LINE, SIZE.label)),
      ...(hasValues ? [textShape(values[i] ?? '', valueEnd, base, SIZE.label, { anchor: 'end', fill: INK.strong })] : []),
      textShape(percents[i] ?? '', room.right, base, SIZE.label, { anchor: 'end', fill: INK.muted }),
    ]
  })
}

export function drawDonut(pen: Pen, chart: DonutChart, room: Room): Shape[] {
  const [width, height] = [room.right - room.left, room.bottom - room.top]
  const slices = slicesOf(chart, Math.max(1, Math.min(MOST_SLICES, Math.floor(height / ROW))))
  if (slices.length === 0) return drawNothing(pen, room)
  const total = slices.reduce((sum, { value }) => sum + value, 0)
  const radius = Math.min(height / 2, width * 0.2)
  const [x, y] = [room.left + radius, room.top + height / 2]
  const middle = chart.middle === undefined ? pen.format.value(total, chart.unit) : pen.format.figure(chart.middle)
  const names = drawNames(pen, slices, chart.unit, { ...room, left: x + radius + 16 })
  return [...drawRing(slices, x, y, radius), drawMiddle(pen, middle, x, y, radius), ...names]
}

/** What is there is never told as nothing: `<1%`. */
function percentOf(value: number, total: number): string {
  const percent = (value / total) * 100
  return percent < 1 ? '<1%' : `${Math.round(percent)}%`
}
