// Makes a picture smaller while its rows arrive, so that the large one is never held. Each pixel is the mean of the
// area that it covers. Edges are counted in units in which they are exact, so that no pixel is lost to rounding.
import type { Dimensions } from '../domain/images/bytes.ts'
import { LEAST_SHARE, PictureError, type Picture } from './picture.ts'

/** What stands where no row came: neither ink nor paper. */
const UNKNOWN = 128

/** For each pixel of the result: the first and the last one that it covers, and how much of them, as shares of one. */
interface Spans {
  readonly first: Int32Array
  readonly last: Int32Array
  readonly firstShare: Float32Array
  readonly lastShare: Float32Array
}

function spansOf(from: number, to: number): Spans {
  const spans = {
    first: new Int32Array(to),
    last: new Int32Array(to),
    firstShare: new Float32Array(to),
    lastShare: new Float32Array(to),
  }
  for (let i = 0; i < to; i++) {
    const [start, end] = [i * from, (i + 1) * from]
    const first = Math.floor(start / to)
    const last = Math.ceil(end / to) - 1
    spans.first[i] = first
    spans.last[i] = last
    spans.firstShare[i] = (Math.min((first + 1) * to, end) - start) / from
    spans.lastShare[i] = last === first ? 0 : (end - last * to) / from
  }
  return spans
}

export class Reducer {
  readonly #from: Dimensions
  readonly #to: Dimensions
  readonly #channels: 1 | 3
  readonly #data: Uint8Array
  readonly #spans: Spans
  readonly #line: Float32Array
  readonly #sums: Float32Array
  #rowsIn = 0
  #rowsOut = 0

  /** `from` may end within its last column and row: a picture at an eighth of its size does. */
  constructor(from: Dimensions, to: Dimensions, channels: 1 | 3) {
    this.#from = from
    this.#to = to
    this.#channels = channels
    this.#data = new Uint8Array(to.width * to.height * channels).fill(UNKNOWN)
    this.#spans = spansOf(from.width, to.width)
    this.#line = new Float32Array(to.width * channels)
    this.#sums = new Float32Array(to.width * channels)
  }

  /** Bytes that the result and the reducer's own rows take. */
  static bytesFor(to: Dimensions, channels: number): number {
    return to.width * channels * (to.height + 8) + to.width * 16
  }

  /** Takes the next row of the large picture; rows beyond its height are left out. */
  push(row: Uint8Array): void {
    if (this.#rowsIn >= this.#from.height) return
    const { width, height } = this.#to
    const at = this.#rowsIn++
    if (width === this.#from.width && height === this.#from.height) {
      this.#data.set(row.subarray(0, width * this.#channels), at * width * this.#channels)
      return
    }
    if (this.#channels === 1) this.#narrowGray(row)
    else this.#narrowColour(row)
    const end = Math.min(at + 1, this.#from.height) * height
    for (let start = at * height; start < end;) {
      const edge = (this.#rowsOut + 1) * this.#from.height
      const covered = Math.min(edge, end)
      this.#add((covered - start) / this.#from.height)
      start = covered
      if (covered === edge) this.#emit()
    }
  }

  /** The picture, of which the last rows may be missing. */
  finish(): Picture {
    if (this.#rowsIn < this.#from.height * LEAST_SHARE)
      throw new PictureError('corrupt', `${this.#from.height} rows of pixels were expected, but the file holds ${this.#rowsIn}`)
    return { ...this.#to, channels: this.#channels, data: this.#data }
  }

  #narrowGray(row: Uint8Array): void {
    const { first, last, firstShare, lastShare } = this.#spans
    const line = this.#line
    const whole = this.#to.width / this.#from.width
    for (let x = 0; x < line.length; x++) {
      const start = first[x] ?? 0
      const end = last[x] ?? 0
      let inner = 0
      for (let i = start + 1; i < end; i++) inner += row[i] ?? 0
      line[x] = (row[start] ?? 0) * (firstShare[x] ?? 0) + inner * whole + (row[end] ?? 0) * (lastShare[x] ?? 0)
    }
  }

  #narrowColour(row: Uint8Array): void {
    const { first, last, firstShare, lastShare } = this.#spans
    const line = this.#line
    const whole = this.#to.width / this.#from.width
    for (let x = 0, at = 0; at < line.length; x++) {
      const start = (first[x] ?? 0) * 3
      const end = (last[x] ?? 0) * 3
      for (let channel = 0; channel < 3; channel++, at++) {
        let inner = 0
        for (let i = start + channel + 3; i < end; i += 3) inner += row[i] ?? 0
        line[at] = (row[start + channel] ?? 0) * (firstShare[x] ?? 0) + inner * whole + (row[end + channel] ?? 0) * (lastShare[x] ?? 0)
      }
    }
  }

  #add(share: number): void {
    const [line, sums] = [this.#line, this.#sums]
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (line[i] ?? 0) * share
  }

  #emit(): void {
    const sums = this.#sums
    const at = this.#rowsOut++ * sums.length
    for (let i = 0; i < sums.length; i++) this.#data[at + i] = (sums[i] ?? 0) + 0.5
    sums.fill(0)
  }
}

/** The picture at another size, each pixel the mean of what it covers. Made larger, pixels are repeated. */
export function resample(picture: Picture, to: Dimensions): Picture {
  const reducer = new Reducer(picture, to, picture.channels)
  const stride = picture.width * picture.channels
  for (let y = 0; y < picture.height; y++) reducer.push(picture.data.subarray(y * stride, (y + 1) * stride))
  return reducer.finish()
}
