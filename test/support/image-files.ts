// Pictures for tests: painted, written by the libraries' encoders, or put together from the format's own parts.
import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import decodeByLibrary, { init as initJpegDecoder } from '@jsquash/jpeg/decode.js'
import encodeByLibrary, { init as initJpegEncoder } from '@jsquash/jpeg/encode.js'
import encodeByWebp, { init as initWebpEncoder } from '@jsquash/webp/encode.js'
import { expect } from 'vitest'
import { useCodecs, type Rgba } from '../../src/pictures/codecs.ts'
import { decodePicture, PictureError, type DecodeOptions, type Picture } from '../../src/pictures/pictures.ts'

export type Bytes = Uint8Array<ArrayBuffer>

/** Types of the Worker know no compiler; node has one. */
const compile = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module
const moduleOf = (path: string): WebAssembly.Module => new compile(readFileSync(`node_modules/@jsquash/${path}`))

/** Makes the codecs ready, ours and those that pictures are compared with. */
export async function prepareCodecs(): Promise<void> {
  const jpegEncoder = moduleOf('jpeg/codec/enc/mozjpeg_enc.wasm')
  useCodecs({ webpDecoder: moduleOf('webp/codec/dec/webp_dec.wasm') })
  await initJpegEncoder(jpegEncoder)
  await initJpegDecoder(moduleOf('jpeg/codec/dec/mozjpeg_dec.wasm'))
  // The encoder asks the machine which of the two it can run.
  await initWebpEncoder(moduleOf('webp/codec/enc/webp_enc_simd.wasm'))
}

/** Waves with some structure of every size; `colour` 0 makes them gray. */
export function painting(width: number, height: number, colour = 1): Rgba {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const light = 128 + 60 * Math.sin(x / 7 + y / 19) + 40 * Math.cos(y / 3) + ((x * 7 + y * 13) % 11)
    data.set([light + colour * 40 * Math.sin(x / 30), light, light - colour * 40 * Math.cos(y / 40), 255], i * 4)
  }
  return { width, height, data }
}

export const encodeJpeg = async (picture: Rgba, options: Record<string, unknown> = {}): Promise<Bytes> =>
  new Uint8Array(await encodeByLibrary({ ...picture, colorSpace: 'srgb' }, { auto_subsample: false, chroma_subsample: 1, ...options }))

export const reference = (bytes: Bytes): Promise<Rgba> => decodeByLibrary(bytes.buffer)

/** The largest and the mean difference to red, green and blue (or, of one channel, to green) of the other picture. */
export function differences(picture: Picture, to: Rgba): { most: number; mean: number } {
  let [most, sum] = [0, 0]
  for (let i = 0; i < picture.data.length; i++) {
    const at = picture.channels === 1 ? i * 4 + 1 : Math.floor(i / 3) * 4 + (i % 3)
    const difference = Math.abs((picture.data[i] ?? 0) - (to.data[at] ?? 0))
    most = Math.max(most, difference)
    sum += difference
  }
  expect([picture.width, picture.height]).toEqual([to.width, to.height])
  return { most, mean: sum / picture.data.length }
}

export async function refusal(bytes: Uint8Array, options: DecodeOptions = { gray: true }): Promise<string> {
  const error: unknown = await decodePicture(bytes, options).then(
    (picture) => `decoded to ${picture.width} by ${picture.height}`,
    (thrown: unknown) => thrown,
  )
  return error instanceof PictureError ? `${error.reason}: ${error.message}` : String(error)
}

const be16 = (n: number): number[] => [n >> 8, n & 255]
export const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)]
export const segment = (marker: number, content: readonly number[]): number[] => [0xff, marker, ...be16(content.length + 2), ...content]

/** Writes bits, the highest first, with the zeros that JPEG puts behind 255. */
class BitWriter {
  readonly bytes: number[] = []
  #bits = ''
  write(value: number, length: number): void {
    if (length > 0) this.#bits += value.toString(2).padStart(length, '0')
    for (; this.#bits.length >= 8; this.#bits = this.#bits.slice(8)) this.#byte(Number.parseInt(this.#bits.slice(0, 8), 2))
  }
  #byte(byte: number): void {
    this.bytes.push(byte, ...(byte === 255 ? [0] : []))
  }
  flush(): void {
    if (this.#bits !== '') this.write(255 >> this.#bits.length, 8 - this.#bits.length)
  }
  marker(marker: number): void {
    this.flush()
    this.bytes.push(255, marker)
  }
}

export interface JpegPlan {
  readonly width: number
  readonly height: number
  /** Horizontal and vertical sampling of each colour. */
  readonly sampling: readonly (readonly [number, number])[]
  /** DC of a block (the mean times 8, less 1024) and some of its AC coefficients. */
  readonly block: (component: number, x: number, y: number) => readonly number[]
  readonly restart?: number
  readonly scans?: readonly (readonly number[])[]
  readonly before?: readonly number[]
}

/** A baseline JPEG out of coefficients, with the plainest code tables: symbols as they are, in 4 and in 9 bits. */
export function jpegOf({ width, height, sampling, block, restart = 0, scans = [sampling.map((_, i) => i)], before = [] }: JpegPlan): Bytes {
  const [hMax, vMax] = [Math.max(...sampling.map(([h]) => h)), Math.max(...sampling.map(([, v]) => v))]
  const counts = (length: number, count: number): number[] => Array.from({ length: 16 }, (_, i) => (i === length - 1 ? count : 0))
  const dcTable = [0, ...counts(4, 12), ...Array(12).keys()]
  // 256 codes of 9 bits are more than a byte can count: half of them are long.
  const acTable = [0x10, ...counts(9, 250).map((n, i) => (i === 11 ? 6 : n)), ...Array(256).keys()]
  const out = [
    0xff,
    0xd8,
    ...before,
    ...segment(0xdb, [0, ...Array<number>(64).fill(1)]),
    ...segment(0xc4, dcTable),
    ...segment(0xc4, acTable),
  ]
  out.push(...segment(0xdd, be16(restart)))
  const components = sampling.flatMap(([h, v], i) => [i + 1, (h << 4) | v, 0])
  out.push(...segment(0xc0, [8, ...be16(height), ...be16(width), sampling.length, ...components]))
  for (const scan of scans) {
    out.push(...segment(0xda, [scan.length, ...scan.flatMap((i) => [i + 1, 0]), 0, 63, 0]))
    const writer = new BitWriter()
    const last = sampling.map(() => 0)
    const signed = (value: number): void => {
      const length = 32 - Math.clz32(Math.abs(value))
      writer.write(value < 0 ? value + (1 << length) - 1 : value, length)
    }
    const ac = (symbol: number): void => (symbol < 250 ? writer.write(symbol, 9) : writer.write((250 << 3) + symbol - 250, 12))
    const put = (i: number, x: number, y: number): void => {
      const [dc = 0, ...others] = block(i, x, y)
      const step = dc - (last[i] ?? 0)
      last[i] = dc
      writer.write(32 - Math.clz32(Math.abs(step)), 4)
      signed(step)
      for (const value of others.filter((one) => one !== 0)) {
        ac(32 - Math.clz32(Math.abs(value)))
        signed(value)
      }
      ac(0)
    }
    const [only = 0] = scan
    const [h, v] = sampling[only] ?? [1, 1]
    const isAlone = scan.length === 1
    const across = isAlone ? Math.ceil((width * h) / hMax / 8) : Math.ceil(width / 8 / hMax)
    const down = isAlone ? Math.ceil((height * v) / vMax / 8) : Math.ceil(height / 8 / vMax)
    for (let unit = 0; unit < across * down; unit++) {
      if (restart > 0 && unit > 0 && unit % restart === 0) {
        writer.marker(0xd0 + ((unit / restart - 1) & 7))
        last.fill(0)
      }
      const [x, y] = [unit % across, Math.floor(unit / across)]
      if (isAlone) put(only, x, y)
      else
        for (const i of scan)
          for (let b = 0; b < (sampling[i]?.[1] ?? 1); b++)
            for (let a = 0; a < (sampling[i]?.[0] ?? 1); a++) put(i, x * (sampling[i]?.[0] ?? 1) + a, y * (sampling[i]?.[1] ?? 1) + b)
    }
    writer.flush()
    out.push(...writer.bytes)
  }
  return Uint8Array.from([...out, 0xff, 0xd9])
}

/** A WebP without loss, unless a quality is given. */
export const webpOf = async (picture: Rgba, quality?: number): Promise<Bytes> =>
  new Uint8Array(await encodeByWebp({ ...picture, colorSpace: 'srgb' }, quality === undefined ? { lossless: 1, exact: 1 } : { quality }))

const chunk = (name: string, content: Uint8Array | readonly number[]): number[] => [
  ...be32(content.length),
  ...Buffer.from(name),
  ...content,
  ...be32(0),
]

export interface PngPlan {
  readonly width: number
  readonly height: number
  readonly colour: number
  readonly depth: number
  /** Samples of the pixel at a place, each as large as the depth allows. */
  readonly pixel: (x: number, y: number) => readonly number[]
  readonly isInterlaced?: boolean
  readonly chunks?: readonly (readonly [name: string, content: readonly number[]])[]
  /** Changes what is compressed. */
  readonly spoil?: (data: Uint8Array) => Uint8Array
}

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

function filtered(filter: number, row: Uint8Array, previous: Uint8Array, step: number): Uint8Array {
  return row.map((value, i) => {
    const [a, b, c] = [i < step ? 0 : (row[i - step] ?? 0), previous[i] ?? 0, i < step ? 0 : (previous[i - step] ?? 0)]
    const nearest = [a, b, c].toSorted((one, other) => Math.abs(a + b - c - one) - Math.abs(a + b - c - other))[0] ?? 0
    return value - ([0, a, b, (a + b) >> 1, nearest][filter] ?? 0)
  })
}

/** A PNG of any kind, its rows filtered in each of the five ways by turns. */
export function pngOf({ width, height, colour, depth, pixel, isInterlaced = false, chunks = [], spoil = (data) => data }: PngPlan): Bytes {
  const data: number[] = []
  const step = Math.max(1, (depth * pixel(0, 0).length) >> 3)
  for (const [left, top, stepX, stepY] of isInterlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    let previous = new Uint8Array(0)
    for (let y = top; y < height && left < width; y += stepY) {
      let bits = ''
      for (let x = left; x < width; x += stepX) for (const sample of pixel(x, y)) bits += sample.toString(2).padStart(depth, '0')
      const row = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
        Number.parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2),
      )
      const filter = ((y / stepY) % 5) | 0
      data.push(filter, ...filtered(filter, row, previous, step))
      previous = row
    }
  }
  const header = chunk('IHDR', [...be32(width), ...be32(height), depth, colour, 0, 0, isInterlaced ? 1 : 0])
  const packed = spoil(deflateSync(Uint8Array.from(data)))
  const middle = packed.length >> 1
  const parts = [...chunk('IDAT', packed.subarray(0, middle)), ...chunk('IDAT', packed.subarray(middle))]
  return Uint8Array.from([
    ...Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...header,
    ...chunks.flatMap(([name, content]) => chunk(name, content)),
    ...parts,
    ...chunk('IEND', []),
  ])
}
