// From the samples of a JPEG's colours to rows of gray or of red, green and blue.
import { grayLine } from '../colour.ts'
import type { Plane } from './plane.ts'
import type { Frame } from './segments.ts'

/** What the colours of the file are. Adobe's inks are stored inverted: 255 is none. */
export type ColourModel = 'gray' | 'ycc' | 'rgb' | 'cmyk' | 'inverted_cmyk' | 'ycck'

/** What a file says about its colours, in the order in which the Independent JPEG Group's decoder asks. */
export function colourModelOf(frame: Frame, isJfif: boolean, adobe: number | undefined): ColourModel {
  if (frame.components.length === 1) return 'gray'
  if (frame.components.length === 4) return adobe === 2 ? 'ycck' : adobe === undefined ? 'cmyk' : 'inverted_cmyk'
  if (isJfif) return 'ycc'
  if (adobe !== undefined) return adobe === 0 ? 'rgb' : 'ycc'
  return String.fromCharCode(...frame.components.map((component) => component.id)) === 'RGB' ? 'rgb' : 'ycc'
}

/** Turns a line of each colour into one of red, green and blue. */
type Mix = (lines: readonly Uint8Array[], out: Uint8ClampedArray) => void

const NONE = new Uint8Array(0)

// ITU-R BT.601 in 16 bits behind the point, as JFIF asks for it; the clamped array cuts what is out of range.
const SCALE = 65_536
const HALF = SCALE / 2
const [RED_BY_CR, GREEN_BY_CR, GREEN_BY_CB, BLUE_BY_CB] = [1.402, 0.71414, 0.34414, 1.772].map((factor) => Math.round(factor * SCALE)) as [
  number,
  number,
  number,
  number,
]

const mixYcc: Mix = ([ys = NONE, cbs = NONE, crs = NONE], out) => {
  for (let x = 0, to = 0; to < out.length; x++, to += 3) {
    const y = ys[x] ?? 0
    const cb = (cbs[x] ?? 0) - 128
    const cr = (crs[x] ?? 0) - 128
    out[to] = y + ((RED_BY_CR * cr + HALF) >> 16)
    out[to + 1] = y + ((HALF - GREEN_BY_CB * cb - GREEN_BY_CR * cr) >> 16)
    out[to + 2] = y + ((BLUE_BY_CB * cb + HALF) >> 16)
  }
}

const mixGray: Mix = ([ys = NONE], out) => {
  for (let x = 0, to = 0; to < out.length; x++, to += 3) out.fill(ys[x] ?? 0, to, to + 3)
}

const mixRgb: Mix = ([reds = NONE, greens = NONE, blues = NONE], out) => {
  for (let x = 0, to = 0; to < out.length; x++, to += 3) {
    out[to] = reds[x] ?? 0
    out[to + 1] = greens[x] ?? 0
    out[to + 2] = blues[x] ?? 0
  }
}

/** Light that black leaves, where 255 is no ink. */
function darken(out: Uint8ClampedArray, blacks: Uint8Array): void {
  for (let to = 0; to < out.length; to++) out[to] = ((out[to] ?? 0) * (blacks[Math.floor(to / 3)] ?? 0)) / 255
}

const mixInvertedCmyk: Mix = (lines, out) => {
  mixRgb(lines, out)
  darken(out, lines[3] ?? NONE)
}

const mixCmyk: Mix = (lines, out) =>
  mixInvertedCmyk(
    lines.map((line) => line.map((ink) => 255 - ink)),
    out,
  )

const mixYcck: Mix = (lines, out) => {
  mixYcc(lines, out)
  for (let to = 0; to < out.length; to++) out[to] = 255 - (out[to] ?? 0)
  darken(out, lines[3] ?? NONE)
}

const MIXES: Readonly<Record<ColourModel, Mix>> = {
  gray: mixGray,
  ycc: mixYcc,
  rgb: mixRgb,
  cmyk: mixCmyk,
  inverted_cmyk: mixInvertedCmyk,
  ycck: mixYcck,
}

/** Reads one row of the picture out of planes that may have fewer samples than it has pixels. */
export class Rows {
  readonly #planes: readonly Plane[]
  readonly #mix: Mix
  readonly #isLuma: boolean
  readonly #lines: readonly { readonly columns: Int32Array | undefined; readonly perRow: number; readonly line: Uint8Array }[]
  readonly #colours: Uint8ClampedArray
  readonly #out: Uint8Array

  constructor(frame: Frame, planes: readonly Plane[], blockSide: number, width: number, model: ColourModel, channels: 1 | 3) {
    this.#planes = planes
    this.#mix = MIXES[model]
    this.#isLuma = channels === 1 && planes.length === 1
    const buffer = new ArrayBuffer(this.#isLuma ? 0 : width * 3)
    this.#colours = new Uint8ClampedArray(buffer)
    this.#out = channels === 3 ? new Uint8Array(buffer) : new Uint8Array(width)
    this.#lines = planes.map(({ component, transform }) => {
      const perColumn = (transform.width * component.h) / (blockSide * frame.hMax)
      return {
        columns: perColumn === 1 ? undefined : Int32Array.from({ length: width }, (_, x) => Math.floor((x + 0.5) * perColumn)),
        perRow: (transform.height * component.v) / (blockSide * frame.vMax),
        line: new Uint8Array(perColumn === 1 ? 0 : width),
      }
    })
  }

  /** Row `y` of the current units, valid until the next call. */
  read(y: number): Uint8Array {
    const lines = this.#planes.map((plane, i) => this.#line(plane, i, y))
    if (this.#isLuma) return lines[0] ?? NONE
    this.#mix(lines, this.#colours)
    if (this.#out.buffer !== this.#colours.buffer) grayLine(this.#colours, this.#out)
    return this.#out
  }

  #line({ samples, stride }: Plane, i: number, y: number): Uint8Array {
    const { columns, perRow, line } = this.#lines[i] ?? { columns: undefined, perRow: 1, line: NONE }
    const start = Math.floor((y + 0.5) * perRow) * stride
    if (columns === undefined) return samples.subarray(start, start + stride)
    for (let x = 0; x < line.length; x++) line[x] = samples[start + (columns[x] ?? 0)] ?? 0
    return line
  }
}
