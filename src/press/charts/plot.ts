// What charts share: the pen that knows widths and numbers, title, legend, and the axis of values with its lines.
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import type { Format } from '../format.ts'
import { colourOf, INK, rect, roundRect, rule, textShape, type Shape } from '../shapes.ts'
import type { Measure } from '../text/compositor.ts'
import { shorten } from '../text/wrap.ts'

export interface Pen {
  readonly measure: Measure
  readonly format: Format
  /** What is said where there is nothing to draw. */
  readonly nothing: string
}

export interface Room {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Letter sizes in points. */
export const SIZE = { title: 9.5, label: 7.5, tick: 7 } as const

export const fitted = (pen: Pen, text: string, width: number, size: number): string =>
  shorten(text, width, (part) => pen.measure(part, size))

/** The title in its own line, and what is left below it. */
export function drawTitle(pen: Pen, title: string, room: Room): { readonly shapes: Shape[]; readonly rest: Room } {
  const text = shorten(title, room.right - room.left, (part) => pen.measure(part, SIZE.title, 'bold'))
  const shapes = [textShape(text, room.left, room.top + SIZE.title, SIZE.title, { weight: 'bold', fill: INK.strong })]
  return { shapes, rest: { ...room, top: room.top + SIZE.title + 9 } }
}

/** The names of series with their colours, in as many lines as they take; none for a single one. */
export function drawLegend(pen: Pen, names: readonly string[], room: Room): { readonly shapes: Shape[]; readonly rest: Room } {
  if (names.length < 2) return { shapes: [], rest: room }
  const shapes: Shape[] = []
  let [x, y] = [room.left, room.top]
  for (const [i, name] of names.entries()) {
    const text = fitted(pen, name, room.right - room.left - 11, SIZE.label)
    const width = 11 + pen.measure(text, SIZE.label)
    if (x > room.left && x + width > room.right) [x, y] = [room.left, y + 12]
    shapes.push(roundRect(x, y, 7, 7, 1.5, colourOf(i)), textShape(text, x + 11, y + 6.5, SIZE.label))
    x += width + 12
  }
  return { shapes, rest: { ...room, top: y + 17 } }
}

/** Nothing but a word in the middle. */
export const drawNothing = (pen: Pen, room: Room): Shape[] => {
  const text = fitted(pen, pen.nothing, room.right - room.left, SIZE.label)
  return [
    rect(room.left, room.top, room.right - room.left, Math.max(0, room.bottom - room.top), INK.tint),
    textShape(text, (room.left + room.right) / 2, (room.top + room.bottom) / 2 + 3, SIZE.label, { anchor: 'middle', fill: INK.muted }),
  ]
}

export interface ValueAxis {
  readonly scale: ScaleLinear<number, number>
  readonly shapes: readonly Shape[]
  /** The room to the right of the axis, where the values are drawn. */
  readonly plot: Room
}

/** An upright axis from at most zero to at least zero, with round values, and the unit above it. */
export function drawValueAxis(pen: Pen, values: readonly number[], room: Room, unit: string | undefined): ValueAxis {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const hasUnit = unit !== undefined
  const plot = { ...room, top: room.top + (hasUnit ? 12 : 4) }
  const count = Math.max(2, Math.min(6, Math.floor((plot.bottom - plot.top) / 26)))
  const scale = scaleLinear([low, high === low ? low + 1 : high], [plot.bottom, plot.top]).nice(count)
  const ticks = scale.ticks(count)
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0))
  const labels = ticks.map((tick) => pen.format.tick(tick, step))
  const left = room.left + Math.max(0, ...labels.map((label) => pen.measure(label, SIZE.tick))) + 6
  const shapes: Shape[] = ticks.flatMap((tick, i) => [
    rule(left, scale(tick), room.right, scale(tick), tick === 0 ? INK.muted : INK.line, tick === 0 ? 0.75 : 0.5),
    textShape(labels[i] ?? '', left - 6, scale(tick) + 2.5, SIZE.tick, { anchor: 'end', fill: INK.muted }),
  ])
  if (hasUnit)
    shapes.push(textShape(fitted(pen, unit, room.right - room.left, SIZE.tick), room.left, room.top + 5, SIZE.tick, { fill: INK.muted }))
  return { scale, shapes, plot: { ...plot, left } }
}

/** Every how many-th label is shown so that none touches the next. */
export const labelStep = (widest: number, spacing: number): number => Math.max(1, Math.ceil((widest + 6) / spacing))
