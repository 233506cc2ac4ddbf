// What pages and charts are made of. Points are counted from the upper left corner, down and to the right, as in SVG;
// the painters (pdf, svg) turn shapes into their formats and decide nothing else.
import { PathPen } from './path.ts'
import type { Weight } from './text/faces.ts'

export interface TextShape {
  readonly kind: 'text'
  readonly x: number
  /** Of the line that letters stand on. */
  readonly y: number
  readonly text: string
  readonly size: number
  readonly weight: Weight
  readonly fill: string
  /** Which point of the text `x` is. */
  readonly anchor: 'start' | 'middle' | 'end'
}

export interface RectShape {
  readonly kind: 'rect'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly fill: string
}

export interface PathShape {
  readonly kind: 'path'
  /** SVG path data of `path.ts`. */
  readonly d: string
  /** Where the path's zero is. */
  readonly x?: number
  readonly y?: number
  readonly fill?: string
  readonly stroke?: string
  readonly strokeWidth?: number
  readonly opacity?: number
}

export interface LineShape {
  readonly kind: 'line'
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly stroke: string
  readonly strokeWidth: number
}

/** Colours are `#rrggbb`. */
export type Shape = TextShape | RectShape | PathShape | LineShape

type TextOptions = Partial<Pick<TextShape, 'weight' | 'fill' | 'anchor'>>

export const INK = {
  strong: '#16212b',
  normal: '#2d3945',
  muted: '#66727f',
  line: '#dfe4e8',
  tint: '#f4f7f8',
  accent: '#0f6b66',
  negative: '#c05165',
} as const

/** For series and slices: apart from each other also for the colour-blind, and in print. */
const PALETTE = ['#0f6b66', '#e09f3e', '#4c5fb8', '#c05165', '#5aa9c7', '#7d9a3c', '#8a5a9e', '#7b8794'] as const

export const colourOf = (index: number): string => PALETTE[index % PALETTE.length] ?? INK.accent

export const textShape = (text: string, x: number, y: number, size: number, options: TextOptions = {}): TextShape => ({
  kind: 'text',
  text,
  x,
  y,
  size,
  weight: options.weight ?? 'regular',
  fill: options.fill ?? INK.normal,
  anchor: options.anchor ?? 'start',
})

export const rect = (x: number, y: number, width: number, height: number, fill: string): RectShape => ({
  kind: 'rect',
  x,
  y,
  width,
  height,
  fill,
})

export const rule = (x1: number, y1: number, x2: number, y2: number, stroke: string = INK.line, strokeWidth = 0.5): LineShape => ({
  kind: 'line',
  x1,
  y1,
  x2,
  y2,
  stroke,
  strokeWidth,
})

/** A rectangle with round corners, as a path. */
export function roundRect(x: number, y: number, width: number, height: number, radius: number, fill: string): PathShape {
  const r = Math.max(0, Math.min(radius, width / 2, height / 2))
  const pen = new PathPen()
  for (const [i, [cornerX, cornerY]] of [
    [width - r, r],
    [width - r, height - r],
    [r, height - r],
    [r, r],
  ].entries())
    pen.arc(cornerX ?? 0, cornerY ?? 0, r, ((i - 1) * Math.PI) / 2, (i * Math.PI) / 2)
  pen.closePath()
  return { kind: 'path', d: pen.data, x, y, fill }
}

/** The shape in another place. */
export function moved(shape: Shape, dx: number, dy: number): Shape {
  switch (shape.kind) {
    case 'line':
      return { ...shape, x1: shape.x1 + dx, y1: shape.y1 + dy, x2: shape.x2 + dx, y2: shape.y2 + dy }
    case 'path':
      return { ...shape, x: (shape.x ?? 0) + dx, y: (shape.y ?? 0) + dy }
    case 'rect':
    case 'text':
      return { ...shape, x: shape.x + dx, y: shape.y + dy }
  }
}
