// Upright columns over a few labels: series beside each other, or stacked with negative values below the line of zero.
import { scaleBand } from 'd3-scale'
import type { ColumnChart } from '../../domain/document.ts'
import { colourOf, INK, rect, textShape, type Shape } from '../shapes.ts'
import { drawLegend, drawNothing, drawValueAxis, fitted, labelStep, SIZE, type Pen, type Room } from './plot.ts'

/** From where to where, as values: the series at one label on top of each other, those below zero downwards. */
export function stackOf(values: readonly number[]): readonly (readonly [from: number, to: number])[] {
  let [up, down] = [0, 0]
  return values.map((value) => {
    const from = value < 0 ? down : up
    const to = from + value
    if (value < 0) down = to
    else up = to
    return [from, to]
  })
}

export function drawColumns(pen: Pen, chart: ColumnChart, room: Room): Shape[] {
  const { labels, series } = chart
  const isStacked = chart.isStacked === true
  const at = (i: number): number[] => series.map(({ values }) => values[i] ?? 0)
  if (labels.length === 0 || series.length === 0) return drawNothing(pen, room)
  const names = series.map(({ name }) => name)
  const legend = drawLegend(pen, names, room)
  const reached = labels.flatMap((_, i) => (isStacked ? stackOf(at(i)).flat() : at(i)))
  const axis = drawValueAxis(pen, reached, { ...legend.rest, bottom: room.bottom - 14 }, chart.unit)
  const { scale, plot } = axis
  const places = labels.map((_, i) => i)
  const across = scaleBand(places, [plot.left, plot.right]).padding(0.28)
  const inner = scaleBand(
    series.map((_, i) => i),
    [0, across.bandwidth()],
  ).padding(series.length > 1 ? 0.08 : 0)
  const columns = places.flatMap((place) => {
    const values = at(place)
    const spans = isStacked ? stackOf(values) : values.map((value) => [0, value] as const)
    return spans.flatMap(([from, to], i): Shape[] => {
      const [y, height] = [Math.min(scale(from), scale(to)), Math.abs(scale(to) - scale(from))]
      const x = (across(place) ?? 0) + (isStacked ? 0 : (inner(i) ?? 0))
      return height === 0 ? [] : [rect(x, y, isStacked ? across.bandwidth() : inner.bandwidth(), height, colourOf(i))]
    })
  })
  const most = Math.max(...labels.map((label) => pen.measure(label, SIZE.tick)))
  const step = labelStep(Math.min(most, 60), across.step())
  const texts = places
    .filter((place) => place % step === 0)
    .map((place) => {
      const text = fitted(pen, labels[place] ?? '', across.step() * step - 4, SIZE.tick)
      const half = pen.measure(text, SIZE.tick) / 2
      const middle = (across(place) ?? 0) + across.bandwidth() / 2
      // The outermost labels stay inside the chart.
      const x = Math.max(room.left + half, Math.min(room.right - half, middle))
      return textShape(text, x, room.bottom - 3, SIZE.tick, { anchor: 'middle', fill: INK.muted })
    })
  return [...legend.shapes, ...axis.shapes, ...columns, ...texts]
}
