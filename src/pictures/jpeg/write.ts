// Puts a baseline JPEG together: its segments, and its data with code tables of its own. Everything is therefore
// handed over twice, the first time only to be counted.
import { concat } from '../../domain/images/bytes.ts'
import { PictureError } from '../picture.ts'
import type { Frame } from './segments.ts'
import { bestTable, SymbolCounter, SymbolWriter, type CodeTable, type SymbolSink } from './symbols.ts'

export interface JpegParts {
  readonly frame: Frame
  /** Steps in zigzag order, by the number under which the frame's colours ask for them. */
  readonly quantization: readonly (Uint16Array | undefined)[]
  /** Whole segments to go first. */
  readonly segments: readonly Uint8Array[]
  /** About how large the file will be. */
  readonly expectedBytes: number
}

const be16 = (value: number): readonly number[] => [value >> 8, value & 255]

export const segment = (marker: number, content: readonly number[]): Uint8Array =>
  Uint8Array.of(0xff, marker, ...be16(content.length + 2), ...content)

const isLong = (steps: Uint16Array | undefined): boolean => steps?.some((step) => step > 255) ?? false

function quantizationSegments({ frame, quantization }: JpegParts): readonly Uint8Array[] {
  return [...new Set(frame.components.map((component) => component.quantization))].map((number) => {
    const steps = quantization[number]
    if (steps === undefined) throw new PictureError('corrupt', 'A quantization table was expected before the data of this JPEG')
    const content = Array.from(steps).flatMap((step) => (isLong(steps) ? be16(step) : [step]))
    return segment(0xdb, [(isLong(steps) ? 16 : 0) | number, ...content])
  })
}

/** DC tables are numbers 0 and 1 here, AC tables 2 and 3; a picture of one colour has the even ones. */
const codeSegments = (tables: readonly CodeTable[]): readonly Uint8Array[] =>
  tables
    .map((table, i) => ({ table, number: i < 2 ? i : 0x10 | (i - 2) }))
    .filter(({ table }) => table.symbols.length > 0)
    .map(({ table, number }) => segment(0xc4, [number, ...table.counts, ...table.symbols]))

/** The file. `putAll` hands over all blocks in the order of the frame's units, and is called twice. */
export function writeJpeg(parts: JpegParts, putAll: (sink: SymbolSink) => void): Uint8Array {
  const { frame, segments } = parts
  const counter = new SymbolCounter()
  putAll(counter)
  const tables = counter.frequencies.map((frequencies) => bestTable(frequencies))
  const writer = new SymbolWriter(tables, parts.expectedBytes)
  putAll(writer)
  const components = frame.components.flatMap(({ id, h, v, quantization }) => [id, (h << 4) | v, quantization])
  // Steps of 16 bits make a picture "extended", which few readers mind but some do.
  const marker = frame.components.some(({ quantization }) => isLong(parts.quantization[quantization])) ? 0xc1 : 0xc0
  const scan = frame.components.flatMap(({ id }, i) => [id, i === 0 ? 0 : 0x11])
  return concat([
    Uint8Array.of(0xff, 0xd8),
    ...segments,
    ...quantizationSegments(parts),
    segment(marker, [8, ...be16(frame.height), ...be16(frame.width), frame.components.length, ...components]),
    ...codeSegments(tables),
    segment(0xda, [frame.components.length, ...scan, 0, 63, 0]),
    writer.finish(),
    Uint8Array.of(0xff, 0xd9),
  ])
}
