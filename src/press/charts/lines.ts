// Lines over days. Days without a value interrupt their line; a value between two gaps is a dot.
import { scaleUtc } from 'd3-scale'
import { area, line } from 'd3-shape'
import type { LineChart } from '../../domain/document.ts'
import { traced } from '../path.ts'
import { colourOf, INK, roundRect, textShape, type Shape } from '../shapes.ts'
import { drawLegend, drawNothing, drawValueAxis, labelStep, SIZE, type Pen, type Room } from './plot.ts'

const DAY_MS = 86_400_000
/** Over longer spans the axis tells months. */
const LONGEST_IN_DAYS = 100 * DAY_MS

interface Point {
  readonly x: number
  readonly y: number | null
}

/** The dots of values that have no neighbour to draw a line to. */
const lonely = (points: readonly Point[]): readonly Point[] =>
  points.filter(({ y }, i) => y !== null && (points[i - 1]?.y ?? null) === null && (points[i + 1]?.y ?? null) === null)

function drawSeries(points: readonly Point[], index: number, zero: number, isFilled: boolean): Shape[] {
  const isDefined = ({ y }: Point): boolean => y !== null
  const xOf = ({ x }: Point): number => x
  const yOf = ({ y }: Point): number => y ?? 0
  const colour = colourOf(index)
  const shapes: Shape[] = []
  if (isFilled)
    shapes.push({
      kind: 'path',
      d: traced((pen) => area<Point>(xOf, zero, yOf).defined(isDefined).context(pen)([...points])),
      fill: colour,
      opacity: 0.13,
    })
  const d = traced((pen) => line<Point>(xOf, yOf).defined(isDefined).context(pen)([...points]))
  shapes.push({ kind: 'path', d, stroke: colour, strokeWidth: 1.5 })
  for (const { x, y } of lonely(points)) shapes.push(roundRect(x - 2, (y ?? 0) - 2, 4, 4, 2, colour))
  return shapes
}

export function drawLines(pen: Pen, chart: LineChart, room: Room): Shape[] {
  const times = chart.days.map((day) => Date.parse(day))
  const [first, last] = [times[0], times.at(-1)]
  const values = chart.series.flatMap((one) => one.values.filter((value) => value !== null))
  if (first === undefined || last === undefined || values.length === 0) return drawNothing(pen, room)
  const legend = drawLegend(
    pen,
    chart.series.map(({ name }) => name),
    room,
  )
  const axis = drawValueAxis(pen, values, { ...legend.rest, right: room.right - 8, bottom: room.bottom - 14 }, chart.unit)
  const { scale, plot } = axis
  const isOneDay = first === last
  const across = scaleUtc([first, isOneDay ? last + DAY_MS : last], [plot.left + 4, plot.right])
  const style = last - first > LONGEST_IN_DAYS ? 'month' : 'short'
  const textOf = (time: number): string => pen.format.day(new Date(time).toISOString().slice(0, 10), style)
  const wanted = Math.max(2, Math.floor((plot.right - plot.left) / 55))
  const ticks = isOneDay ? [first] : across.ticks(wanted).map(Number)
  const spacing = ticks.length > 1 ? across(ticks[1] ?? 0) - across(ticks[0] ?? 0) : Infinity
  const step = labelStep(Math.max(0, ...ticks.map((time) => pen.measure(textOf(time), SIZE.tick))), spacing)
  const texts = ticks
    .filter((time, i) => i % step === 0 && (isOneDay || time % DAY_MS === 0))
    .map((time) => {
      const half = pen.measure(textOf(time), SIZE.tick) / 2
      const x = Math.max(room.left + half, Math.min(room.right - half, across(time)))
      return textShape(textOf(time), x, room.bottom - 3, SIZE.tick, { anchor: 'middle', fill: INK.muted })
    })
  const lines = chart.series.flatMap((one, i) => {
    const points = times.map((time, at) => ({ x: across(time), y: one.values[at] ?? null }))
    const placed = points.map(({ x, y }) => ({ x, y: y === null ? null : scale(y) }))
    return drawSeries(placed, i, scale(0), chart.series.length === 1)
  })
  return [...legend.shapes, ...axis.shapes, ...lines, ...texts]
}
