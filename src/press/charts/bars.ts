// Lying bars: a label, its bar from the line of zero, its value. Labels have at most two fifths of the width.
import { scaleLinear } from 'd3-scale'
import type { BarChart } from '../../domain/document.ts'
import { INK, rect, rule, textShape, type Shape } from '../shapes.ts'
import { drawNothing, fitted, SIZE, type Pen, type Room } from './plot.ts'

type Bar = BarChart['bars'][number]

const [LEAST_ROW, MOST_ROW] = [12, 20]
const GAP = 5

/** How high a chart of so many bars wants to be, without its title. */
export const heightOfBars = (count: number): number => Math.max(3, Math.min(24, count)) * 17

/** The bars that there is room for; what is left over becomes one bar. */
export function barsThatFit(bars: readonly Bar[], most: number): readonly Bar[] {
  if (bars.length <= most) return bars
  const rest = bars.slice(most - 1)
  return [...bars.slice(0, most - 1), { label: `+${rest.length}`, value: rest.reduce((sum, { value }) => sum + value, 0) }]
}

export function drawBars(pen: Pen, chart: BarChart, room: Room): Shape[] {
  if (chart.bars.length === 0) return drawNothing(pen, room)
  const [width, height] = [room.right - room.left, room.bottom - room.top]
  const bars = barsThatFit(chart.bars, Math.max(1, Math.floor(height / LEAST_ROW)))
  const row = Math.min(MOST_ROW, height / bars.length)
  const labels = bars.map(({ label }) => fitted(pen, label, width * 0.4, SIZE.label))
  const values = bars.map(({ value }) => pen.format.value(value, chart.unit))
  const widest = (texts: readonly string[]): number => Math.max(...texts.map((text) => pen.measure(text, SIZE.label)))
  const labelWidth = widest(labels)
  const widthOf = (isNegative: boolean): number => {
    const some = values.filter((_, i) => (bars[i]?.value ?? 0) < 0 === isNegative)
    return some.length === 0 ? 0 : widest(some) + GAP
  }
  const left = room.left + labelWidth + GAP + 2
  const low = Math.min(0, ...bars.map(({ value }) => value))
  const high = Math.max(0, ...bars.map(({ value }) => value))
  // Values stand at the ends of their bars, so room for the widest of them is left on both sides.
  const from = Math.min(left + widthOf(true), room.right - 12)
  const to = Math.max(from + 10, room.right - widthOf(false))
  const scale = scaleLinear([low, high === low ? 1 : high], [from, to])
  const zero = scale(0)
  const shapes = bars.flatMap(({ value }, i): Shape[] => {
    const [y, end] = [room.top + i * row, scale(value)]
    const thickness = Math.min(11, row * 0.62)
    const middle = y + row / 2
    const isNegative = value < 0
    // Something small is still to be seen.
    const length = Math.max(0.6, Math.abs(end - zero))
    return [
      textShape(labels[i] ?? '', left - GAP - 2, middle + 2.6, SIZE.label, { anchor: 'end' }),
      rect(isNegative ? zero - length : zero, middle - thickness / 2, length, thickness, isNegative ? INK.negative : INK.accent),
      textShape(values[i] ?? '', isNegative ? end - GAP : end + GAP, middle + 2.6, SIZE.label, {
        anchor: isNegative ? 'end' : 'start',
        fill: INK.strong,
      }),
    ]
  })
  return [...shapes, rule(zero, room.top, zero, room.top + row * bars.length, INK.muted, 0.75)]
}
