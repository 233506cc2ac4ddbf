// One colour of a JPEG at the scale that is wanted: which coefficients of a block are kept, and the samples of one
// row of units at a time. Coefficients are kept for all blocks only where several scans make up the picture.
import { ownBlocks, type Component, type Frame } from './segments.ts'
import { transformTo, type Transform } from './idct.ts'

/** Where coefficient k of the zigzag order lies in a block of rows (T.81, figure 5). */
export const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
)

/** What samples are where no data came: a gray between ink and paper, or no colour. */
const UNKNOWN = 128

/** Samples that a block gives along one side, so that the colour comes as close to the picture's size as it can. */
const samplesAlong = (blockSide: number, factor: number, max: number): number =>
  Math.max(1, Math.min(8, Math.floor((blockSide * max) / factor)))

export class Plane {
  readonly component: Component
  readonly transform: Transform
  /** For each coefficient in zigzag order, its place among the kept ones of its block, or -1. */
  readonly places: Int8Array
  /** How many coefficients of a block are kept: those of the lowest frequencies. */
  readonly kept: number
  /** Blocks of the whole, and of the part that holds pixels. */
  readonly blocksWide: number
  readonly blocksHigh: number
  readonly own: { readonly width: number; readonly height: number }
  /** Samples of a row of units. */
  readonly samples: Uint8Array
  readonly stride: number
  /** Of one block, or of all. */
  coefficients: Int16Array
  /** For each block of a progressive picture two words: which coefficients, kept or not, are not zero. */
  nonzero = new Uint32Array(0)
  /** For each coefficient, the share of blocks for which its first bits came. */
  readonly seen = new Float32Array(64)
  /** The last DC value, from which the next one is told. */
  prediction = 0
  #factors: Int32Array | undefined

  constructor(frame: Frame, component: Component, blockSide: number) {
    const width = samplesAlong(blockSide, component.h, frame.hMax)
    const height = samplesAlong(blockSide, component.v, frame.vMax)
    this.component = component
    this.transform = transformTo(width, height)
    this.places = Int8Array.from(ZIGZAG, (natural) => {
      const [u, v] = [natural & 7, natural >> 3]
      return u < width && v < height ? v * width + u : -1
    })
    this.kept = width * height
    this.blocksWide = frame.unitsWide * component.h
    this.blocksHigh = frame.unitsHigh * component.v
    this.own = ownBlocks(frame, component)
    this.stride = this.blocksWide * width
    this.samples = new Uint8Array(this.stride * component.v * height).fill(UNKNOWN)
    this.coefficients = new Int16Array(this.kept)
  }

  /** Bytes that keeping all coefficients takes. */
  get storeBytes(): number {
    return this.blocksWide * this.blocksHigh * (this.kept * 2 + (this.kept > 1 ? 8 : 0))
  }

  keepAll(): void {
    this.coefficients = new Int16Array(this.blocksWide * this.blocksHigh * this.kept)
    if (this.kept > 1) this.nonzero = new Uint32Array(this.blocksWide * this.blocksHigh * 2)
  }

  /** Whether any coefficient of the band counts at this scale. */
  needs(from: number, to: number): boolean {
    return this.places.subarray(from, to + 1).some((place) => place >= 0)
  }

  /** Takes the quantization steps as they are at the first scan of this colour; later tables belong to others. */
  latch(steps: Uint16Array): void {
    if (this.#factors !== undefined) return
    this.#factors = new Int32Array(this.kept)
    for (let k = 0; k < 64; k++) {
      const place = this.places[k] ?? -1
      if (place >= 0) this.#factors[place] = steps[k] ?? 0
    }
  }

  /** Makes samples of the block whose kept coefficients begin at `at`, the `x`th of row `row` of the current units. */
  render(at: number, x: number, row: number): void {
    if (this.#factors === undefined) return
    const to = row * this.transform.height * this.stride + x * this.transform.width
    this.transform.run(this.coefficients, at, this.#factors, this.samples, to, this.stride)
  }

  /** Makes samples of all blocks in row `unitRow` of units. */
  renderUnits(unitRow: number): void {
    for (let row = 0; row < this.component.v; row++) {
      const first = (unitRow * this.component.v + row) * this.blocksWide
      for (let x = 0; x < this.blocksWide; x++) this.render((first + x) * this.kept, x, row)
    }
  }

  forget(): void {
    this.samples.fill(UNKNOWN)
  }
}
