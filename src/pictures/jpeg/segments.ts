// The segments of a JPEG (ITU-T T.81, annex B) that say how its data is to be read. Everything is checked here once,
// so that the decoder may trust tables, sampling factors and places.
import type { Dimensions } from '../../domain/images/bytes.ts'
import { PictureError } from '../picture.ts'
import { huffmanTable, type HuffmanTable } from './bits.ts'

export interface Component {
  readonly id: number
  /** How many blocks of it lie beside and below each other in a unit of the picture. */
  readonly h: number
  readonly v: number
  readonly quantization: number
}

export interface Frame extends Dimensions {
  readonly isProgressive: boolean
  readonly components: readonly Component[]
  readonly hMax: number
  readonly vMax: number
  /** Units (MCUs) of hMax by vMax blocks that cover the picture. */
  readonly unitsWide: number
  readonly unitsHigh: number
}

export interface ScanComponent {
  readonly component: Component
  readonly dc: number
  readonly ac: number
}

export interface Scan {
  readonly components: readonly ScanComponent[]
  /** The band of coefficients, in zigzag order, and the bit positions before and after this scan. */
  readonly from: number
  readonly to: number
  readonly high: number
  readonly low: number
}

export interface Tables {
  /** In zigzag order. */
  readonly quantization: (Uint16Array | undefined)[]
  readonly dc: (HuffmanTable | undefined)[]
  readonly ac: (HuffmanTable | undefined)[]
}

const corrupt = (message: string): PictureError => new PictureError('corrupt', message)

/** A byte of a segment, which must reach that far. */
function byteAt(segment: Uint8Array, at: number): number {
  const byte = segment[at]
  if (byte === undefined) throw corrupt('A longer JPEG segment was expected than the one that came')
  return byte
}

const numberAt = (segment: Uint8Array, at: number): number => (byteAt(segment, at) << 8) | byteAt(segment, at + 1)

function partAt(segment: Uint8Array, start: number, length: number): Uint8Array {
  if (length > 0) byteAt(segment, start + length - 1)
  return segment.subarray(start, start + length)
}

function tablePlace(number: number): number {
  if (number > 3) throw corrupt(`A JPEG has tables 0 to 3, but this one defines table ${number}`)
  return number
}

export function readQuantization(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const head = byteAt(segment, at)
    const bytesEach = head >> 4 === 0 ? 1 : 2
    const values = partAt(segment, at + 1, 64 * bytesEach)
    tables.quantization[tablePlace(head & 15)] = Uint16Array.from({ length: 64 }, (_, i) =>
      bytesEach === 1 ? byteAt(values, i) : numberAt(values, i * 2),
    )
    at += 1 + values.length
  }
}

export function readHuffman(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const head = byteAt(segment, at)
    const counts = partAt(segment, at + 1, 16)
    const symbols = partAt(
      segment,
      at + 17,
      counts.reduce((sum, count) => sum + count, 0),
    )
    const isDc = head >> 4 === 0
    const table = huffmanTable(counts, symbols)
    if (table === undefined || (isDc && symbols.some((symbol) => symbol > 15))) throw corrupt('A Huffman table of this JPEG is impossible')
    ;(isDc ? tables.dc : tables.ac)[tablePlace(head & 15)] = table
    at += 17 + symbols.length
  }
}

const FRAMES: Readonly<Record<number, string>> = { 0xc3: 'lossless', 0xc5: 'hierarchical', 0xc6: 'hierarchical', 0xc7: 'hierarchical' }

/** Start of frame: C0 to CF, among which three markers mean something else. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

function readComponent(segment: Uint8Array, at: number): Component {
  const sampling = byteAt(segment, at + 1)
  const [h, v] = [sampling >> 4, sampling & 15]
  if (h < 1 || h > 4 || v < 1 || v > 4) throw corrupt(`Sampling factors of 1 to 4 were expected, but this JPEG has ${h} by ${v}`)
  return { id: byteAt(segment, at), h, v, quantization: tablePlace(byteAt(segment, at + 2)) }
}

export function readFrame(segment: Uint8Array, marker: number): Frame {
  if (marker > 0xc2)
    throw new PictureError('unsupported', `Baseline and progressive JPEGs are read, but this one is ${FRAMES[marker] ?? 'arithmetic'}`)
  const bits = byteAt(segment, 0)
  if (bits !== 8) throw new PictureError('unsupported', `JPEGs of 8 bits are read, but this one has ${bits}`)
  const [height, width, count] = [numberAt(segment, 1), numberAt(segment, 3), byteAt(segment, 5)]
  if (height === 0) throw new PictureError('unsupported', 'The height of a JPEG was expected before its data')
  if (count !== 1 && count !== 3 && count !== 4)
    throw new PictureError('unsupported', `A JPEG of 1, 3 or 4 colours was expected, but this one has ${count}`)
  const read = Array.from({ length: count }, (_, i) => readComponent(segment, 6 + i * 3))
  if (new Set(read.map((component) => component.id)).size !== count) throw corrupt('Two colours of this JPEG have the same name')
  // The blocks of a single component follow each other row by row, whatever its sampling factors say.
  const components = count === 1 ? read.map((component) => ({ ...component, h: 1, v: 1 })) : read
  return { ...frameFor({ width, height }, components), isProgressive: marker === 0xc2 }
}

/** A baseline frame of that size: how many units cover it follows from the sampling factors. */
export function frameFor({ width, height }: Dimensions, components: readonly Component[]): Frame {
  const hMax = Math.max(...components.map((component) => component.h))
  const vMax = Math.max(...components.map((component) => component.v))
  const [unitsWide, unitsHigh] = [Math.ceil(width / 8 / hMax), Math.ceil(height / 8 / vMax)]
  return { width, height, isProgressive: false, components, hMax, vMax, unitsWide, unitsHigh }
}

/** The blocks of a component that hold pixels of the picture: those that a scan of it alone carries. */
export const ownBlocks = (frame: Frame, { h, v }: Component): Dimensions => ({
  width: Math.ceil(Math.ceil((frame.width * h) / frame.hMax) / 8),
  height: Math.ceil(Math.ceil((frame.height * v) / frame.vMax) / 8),
})

function checkBand(scan: Scan, isProgressive: boolean): void {
  const { from, to, high, low } = scan
  const isPossible = isProgressive
    ? from <= to && to <= 63 && low <= 13 && (high === 0 || high === low + 1) && (from === 0 ? to === 0 : scan.components.length === 1)
    : true
  if (!isPossible) throw corrupt(`A scan of this JPEG is impossible: coefficients ${from} to ${to}, bits ${high} to ${low}`)
}

export function readScan(segment: Uint8Array, frame: Frame): Scan {
  const count = byteAt(segment, 0)
  const components = Array.from({ length: count }, (_, i): ScanComponent => {
    const [id, tables] = [byteAt(segment, 1 + i * 2), byteAt(segment, 2 + i * 2)]
    const component = frame.components.find((one) => one.id === id)
    if (component === undefined) throw corrupt(`A scan of this JPEG has a colour ${id} that the picture does not have`)
    return { component, dc: tablePlace(tables >> 4), ac: tablePlace(tables & 15) }
  })
  if (count === 0 || new Set(components.map((one) => one.component)).size !== count)
    throw corrupt('A scan of this JPEG names its colours wrongly')
  const bits = byteAt(segment, 3 + count * 2)
  const [from, to] = frame.isProgressive ? [byteAt(segment, 1 + count * 2), byteAt(segment, 2 + count * 2)] : [0, 63]
  const [high, low] = frame.isProgressive ? [bits >> 4, bits & 15] : [0, 0]
  const scan = { components, from, to, high, low }
  checkBand(scan, frame.isProgressive)
  return scan
}

/** Adobe's marker (APP14) says how the colours are to be understood: 0 as they are, 1 as YCbCr, 2 as YCCK. */
export function adobeTransformOf(segment: Uint8Array): number | undefined {
  return String.fromCharCode(...segment.subarray(0, 5)) === 'Adobe' ? segment[11] : undefined
}
