// Decodes a PNG row by row out of one buffer: even a file that inflates to a thousand times its size costs no memory.
// (Streams that hand out a new buffer each time leave 60 MB behind before they are collected.) Only an interlaced
// picture has to be held as a whole.
import { Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, zlibInflate, zlibInflateInit, ZStream } from 'pako'
import type { Decoded, DecodeOptions } from '../picture.ts'
import { checkMemory, checkSize, fitted, PictureError } from '../picture.ts'
import { Reducer } from '../reducer.ts'
import { readChunks, readHeader, type PngFile } from './header.ts'
import { pixelReader } from './pixels.ts'
import { FilteredRows } from './rows.ts'

const MAX_MEGAPIXELS = 40
const BUFFER_BYTES = 65_536

/** A grid of pixels that is stored row by row: the whole picture, or one of the seven that Adam7 takes it apart into. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly stepX: number
  readonly stepY: number
}

const WHOLE: Pass = { x: 0, y: 0, stepX: 1, stepY: 1 }
const ADAM7: readonly Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
].map(([x = 0, y = 0, stepX = 1, stepY = 1]) => ({ x, y, stepX, stepY }))

/** Takes row `y` of a pass, unfiltered. */
type TakeRow = (pass: Pass, y: number, row: Uint8Array, width: number) => void

/** Hands over the rows of all passes as their bytes come. Answers false when there are no more to come. */
function rowTaker(file: PngFile, passes: readonly Pass[], takeRow: TakeRow): (bytes: Uint8Array) => boolean {
  const bits = file.depth * file.samples
  const sized = passes
    .map((pass) => ({
      pass,
      width: Math.ceil((file.width - pass.x) / pass.stepX),
      height: Math.ceil((file.height - pass.y) / pass.stepY),
    }))
    .filter(({ width, height }) => width > 0 && height > 0)
  let [index, y] = [0, 0]
  let current = sized[0]
  let rows = current && new FilteredRows(Math.ceil((current.width * bits) / 8), Math.max(1, bits >> 3))
  return (bytes) => {
    for (let at = 0; at < bytes.length && current !== undefined && rows !== undefined;) {
      const { pass, width, height } = current
      at += rows.take(bytes, at, (row) => takeRow(pass, y++, row, width))
      if (y < height) continue
      current = sized[++index]
      y = 0
      rows = current && new FilteredRows(Math.ceil((current.width * bits) / 8), Math.max(1, bits >> 3))
    }
    return current !== undefined
  }
}

/** Inflates the data into one buffer, again and again, as long as it is wanted; damage ends it as its end would. */
function inflate(pieces: readonly Uint8Array[], take: (bytes: Uint8Array) => boolean): void {
  const stream = new ZStream()
  const output = new Uint8Array(BUFFER_BYTES)
  stream.output = output
  zlibInflateInit(stream)
  for (const piece of pieces) {
    stream.input = piece
    stream.next_in = 0
    stream.avail_in = piece.length
    do {
      stream.next_out = 0
      stream.avail_out = output.length
      const status = zlibInflate(stream, Z_NO_FLUSH)
      if (stream.next_out > 0 && !take(output.subarray(0, stream.next_out))) return
      if (status === Z_BUF_ERROR) break
      if (status !== Z_OK) return
    } while (stream.avail_in > 0 || stream.avail_out === 0)
  }
}

/** Decodes a PNG, not turned yet. Throws PictureError. */
export function decodePng(bytes: Uint8Array, options: DecodeOptions): Decoded {
  const header = readHeader(bytes)
  checkSize(header, MAX_MEGAPIXELS, 'PNG')
  const { width, height, isInterlaced } = header
  const channels = options.gray ? 1 : 3
  const target = fitted(header, options)
  checkMemory((isInterlaced ? width * height * channels : 0) + 2 * Reducer.bytesFor(target, channels), header)
  const file = readChunks(bytes, header)
  const reducer = new Reducer(header, target, channels)
  const read = pixelReader(file, channels)
  if (!isInterlaced)
    inflate(
      file.data,
      rowTaker(file, [WHOLE], (_pass, _y, row) => reducer.push(read(row, width))),
    )
  else {
    const whole = deinterlaced(file, channels, read)
    for (let y = 0; y < height; y++) reducer.push(whole.subarray(y * width * channels, (y + 1) * width * channels))
  }
  return { picture: reducer.finish(), orientation: file.orientation }
}

function deinterlaced(file: PngFile, channels: 1 | 3, read: (row: Uint8Array, width: number) => Uint8Array): Uint8Array {
  const whole = new Uint8Array(file.width * file.height * channels)
  let isComplete = false
  const take = rowTaker(file, ADAM7, ({ x, y, stepX, stepY }, passY, row, width) => {
    const line = read(row, width)
    for (let i = 0; i < width; i++) {
      const to = ((y + passY * stepY) * file.width + x + i * stepX) * channels
      for (let c = 0; c < channels; c++) whole[to + c] = line[i * channels + c] ?? 0
    }
  })
  inflate(file.data, (bytes) => {
    isComplete = !take(bytes)
    return !isComplete
  })
  if (!isComplete) throw new PictureError('corrupt', 'The data of all pixels was expected, but this interlaced PNG is cut off or damaged')
  return whole
}
