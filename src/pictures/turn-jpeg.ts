// Turns a JPEG upright without decoding it to pixels, so that nothing of it is lost: blocks change places, and the
// coefficients within them. Where each unit's data begins is kept instead of the coefficients, and the data is read
// again in the order of the result; so 12 megapixels take some 2 MB beside the two files.
import { BitReader, ScanDamage } from './jpeg/bits.ts'
import { emptyHeader, frameOf, readSegment, segmentsOf, SOS, type Header, type Segment } from './jpeg/header.ts'
import { sequentialPass, type Pass } from './jpeg/passes.ts'
import { Plane, ZIGZAG } from './jpeg/plane.ts'
import { readScan, type Frame } from './jpeg/segments.ts'
import { putBlock, type SymbolSink } from './jpeg/symbols.ts'
import { writeJpeg } from './jpeg/write.ts'
import { PictureError } from './picture.ts'

/** What makes a picture upright: rows become columns first, then the result is mirrored. */
interface Way {
  readonly isTransposed: boolean
  readonly mirrorsX: boolean
  readonly mirrorsY: boolean
}

/** By EXIF's orientation; 1 and what is unknown need nothing. */
const WAYS: Readonly<Record<number, Way>> = {
  2: { isTransposed: false, mirrorsX: true, mirrorsY: false },
  3: { isTransposed: false, mirrorsX: true, mirrorsY: true },
  4: { isTransposed: false, mirrorsX: false, mirrorsY: true },
  5: { isTransposed: true, mirrorsX: false, mirrorsY: false },
  6: { isTransposed: true, mirrorsX: true, mirrorsY: false },
  7: { isTransposed: true, mirrorsX: true, mirrorsY: true },
  8: { isTransposed: true, mirrorsX: false, mirrorsY: true },
}

/** What is copied as it is: JFIF, the colour profile, Adobe's colours. */
const KEPT = new Set([0xe0, 0xe2, 0xee])

interface Source {
  readonly header: Header
  readonly frame: Frame
  readonly scan: Segment
  readonly kept: readonly Uint8Array[]
}

function readSource(bytes: Uint8Array): Source | undefined {
  const header = emptyHeader()
  const kept: Uint8Array[] = []
  for (const segment of segmentsOf(bytes)) {
    readSegment(header, segment)
    if (KEPT.has(segment.marker)) kept.push(segment.whole)
    if (segment.marker === SOS) return { header, frame: frameOf(header), scan: segment, kept }
  }
  return undefined
}

/** Whether all colours come together, in the order in which the frame names them. */
const isInOneScan = ({ frame, scan }: Source): boolean =>
  !frame.isProgressive &&
  scan.content[0] === frame.components.length &&
  frame.components.every(({ id }, i) => scan.content[1 + i * 2] === id)

/** The frame as it will be. Sampling factors and sides change places with the rows. */
function turnedFrame(frame: Frame, { isTransposed }: Way): Frame {
  if (!isTransposed) return frame
  return {
    ...frame,
    width: frame.height,
    height: frame.width,
    hMax: frame.vMax,
    vMax: frame.hMax,
    unitsWide: frame.unitsHigh,
    unitsHigh: frame.unitsWide,
    components: frame.components.map((component) => ({ ...component, h: component.v, v: component.h })),
  }
}

/** Units at the right and the lower edge may reach beyond the picture; mirrored, they would come to lie where it begins. */
const isMirrorable = ({ width, height, hMax, vMax }: Frame, way: Way): boolean =>
  (!way.mirrorsX || width % (8 * hMax) === 0) && (!way.mirrorsY || height % (8 * vMax) === 0)

/** Reads the units of a picture in any order. */
class Units {
  readonly planes: readonly Plane[]
  readonly #bits: BitReader
  readonly #passes: readonly Pass[]
  /** For each unit: where its data begins, and the DC value before it of each colour. */
  readonly #index: Int32Array
  readonly #step: number
  readonly #frame: Frame

  constructor(bytes: Uint8Array, { header, frame, scan }: Source) {
    this.#frame = frame
    this.#bits = new BitReader(bytes, scan.end)
    this.planes = frame.components.map((component) => new Plane(frame, component, 8))
    this.#passes = readScan(scan.content, frame).components.map((one) => {
      const plane = this.planes.find(({ component }) => component === one.component)
      return sequentialPass(this.#bits, header.tables, one, plane, false)
    })
    this.#step = 3 + this.planes.length
    this.#index = new Int32Array(frame.unitsWide * frame.unitsHigh * this.#step)
  }

  /** Goes over all units once. Throws ScanDamage where the data is not as it should be. */
  find(restartInterval: number): void {
    const units = this.#frame.unitsWide * this.#frame.unitsHigh
    for (let unit = 0; unit < units; unit++) {
      if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
        if (this.#bits.restart((unit / restartInterval - 1) & 7) !== 'found') throw new ScanDamage('no restart marker')
        for (const plane of this.planes) plane.prediction = 0
      }
      this.#bits.keepPlace(this.#index, unit * this.#step)
      this.planes.forEach((plane, i) => {
        this.#index[unit * this.#step + 3 + i] = plane.prediction
      })
      this.read(() => {})
      if (this.#bits.isOver) throw new ScanDamage('the data ends')
    }
  }

  goTo(unit: number): void {
    this.#bits.goBack(this.#index, unit * this.#step)
    this.planes.forEach((plane, i) => {
      plane.prediction = this.#index[unit * this.#step + 3 + i] ?? 0
    })
  }

  /** Reads the next unit and shows each block: its colour, its place in the unit, its coefficients. */
  read(show: (colour: number, place: number, coefficients: Int16Array) => void): void {
    this.planes.forEach((plane, colour) => {
      const { h, v } = plane.component
      for (let place = 0; place < h * v; place++) {
        this.#passes[colour]?.(0)
        show(colour, place, plane.coefficients)
      }
    })
  }
}

/** Puts the coefficients of a block where they belong, in zigzag order; odd waves turn over where they are mirrored. */
function blockTurner({ isTransposed, mirrorsX, mirrorsY }: Way): (from: Int16Array, to: Int16Array, at: number) => void {
  const places = ZIGZAG.map((natural) => (isTransposed ? (natural & 7) * 8 + (natural >> 3) : natural))
  const signs = Int8Array.from(ZIGZAG, (natural) => (((mirrorsX ? natural : 0) + (mirrorsY ? natural >> 3 : 0)) % 2 === 0 ? 1 : -1))
  return (from, to, at) => {
    for (let k = 0; k < 64; k++) to[at + k] = (from[places[k] ?? 0] ?? 0) * (signs[k] ?? 1)
  }
}

/** Hands over all blocks in the order of the result. */
function putAll(sink: SymbolSink, units: Units, frame: Frame, way: Way): void {
  const turnBlock = blockTurner(way)
  const { unitsWide, unitsHigh } = frame
  const sourceWide = way.isTransposed ? unitsHigh : unitsWide
  const blocks = frame.components.map(({ h, v }) => new Int16Array(h * v * 64))
  const previous = new Int32Array(blocks.length)
  for (let unit = 0; unit < unitsWide * unitsHigh; unit++) {
    const [x, y] = placeBefore(unit, unitsWide, unitsHigh, way)
    units.goTo(y * sourceWide + x)
    // A block lies in its unit as the unit lies in the picture.
    units.read((colour, place, coefficients) => {
      const { h, v } = units.planes[colour]?.component ?? { h: 1, v: 1 }
      const to = placeAfter(place % h, Math.floor(place / h), h, v, way)
      turnBlock(coefficients, blocks[colour] ?? coefficients, to * 64)
    })
    blocks.forEach((all, colour) => {
      for (let at = 0; at < all.length; at += 64) {
        const block = all.subarray(at, at + 64)
        putBlock(sink, colour, block, previous[colour] ?? 0)
        previous[colour] = block[0] ?? 0
      }
    })
  }
}

/** Column and row in the source of what is number `at` of a turned grid. */
function placeBefore(at: number, width: number, height: number, way: Way): readonly [x: number, y: number] {
  const [column, row] = [at % width, Math.floor(at / width)]
  const x = way.mirrorsX ? width - 1 - column : column
  const y = way.mirrorsY ? height - 1 - row : row
  return way.isTransposed ? [y, x] : [x, y]
}

/** The number in the turned grid of what is in this column and row of one of `width` by `height`. */
function placeAfter(column: number, row: number, width: number, height: number, way: Way): number {
  const [x, y, wide, high] = way.isTransposed ? [row, column, height, width] : [column, row, width, height]
  return (way.mirrorsY ? high - 1 - y : y) * wide + (way.mirrorsX ? wide - 1 - x : x)
}

/** Quantization steps, in zigzag order, of a picture whose rows become columns. */
function transposed(steps: Uint16Array): Uint16Array {
  const placeOf = Uint8Array.from({ length: 64 }, (_, natural) => ZIGZAG.indexOf(natural))
  return Uint16Array.from(ZIGZAG, (natural) => steps[placeOf[(natural & 7) * 8 + (natural >> 3)] ?? 0] ?? 0)
}

/**
 * The same JPEG with its pixels upright and no EXIF, nothing lost; undefined where there is nothing to turn or it cannot
 * be done: progressive, in several scans, damaged, or with a side that is mirrored and no multiple of 8 or 16 pixels.
 */
export function turnJpeg(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const source = readSource(bytes)
    if (source === undefined) return undefined
    const way = WAYS[source.header.orientation]
    if (way === undefined || !isInOneScan(source)) return undefined
    const frame = turnedFrame(source.frame, way)
    if (!isMirrorable(frame, way)) return undefined
    const units = new Units(bytes, source)
    units.find(source.header.restartInterval)
    const quantization = source.header.tables.quantization.map((steps) => (steps && way.isTransposed ? transposed(steps) : steps))
    return writeJpeg({ frame, quantization, segments: source.kept, expectedBytes: bytes.length }, (sink) => putAll(sink, units, frame, way))
  } catch (error) {
    if (error instanceof ScanDamage || error instanceof PictureError) return undefined
    throw error
  }
}
