// Decodes a WebP through libwebp, which holds all its pixels in four bytes, twice over: so only smaller ones are taken.
import { asciiAt, viewOf, type Dimensions } from '../domain/images/bytes.ts'
import { decodeRgba } from './codecs.ts'
import { grayLine, onWhite } from './colour.ts'
import { orientationOfChunk } from './exif.ts'
import { checkMemory, checkSize, fitted, PictureError, type Decoded, type DecodeOptions } from './picture.ts'
import { Reducer } from './reducer.ts'

const MAX_MEGAPIXELS = 8
/**
 * Measured: libwebp's pixels and the copy that its wrapper makes of them; lossless files (VP8L) are decoded beside the
 * pixels first. Its memory also holds the file, and grows by more than it needs.
 */
const [LOSSY_BYTES_PER_PIXEL, LOSSLESS_BYTES_PER_PIXEL] = [9.5, 13.5]

/** The content of the first chunk of that name. */
function chunkOf(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const view = viewOf(bytes)
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true)
    if (asciiAt(bytes, at, 4) === name) return bytes.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2)
  }
  return undefined
}

interface Header extends Dimensions {
  readonly isLossless: boolean
}

/** What the picture's own chunk tells (RFC 9649, RFC 6386); libwebp checks that a canvas around it is as large. */
function readHeader(bytes: Uint8Array): Header {
  if (chunkOf(bytes, 'ANIM') !== undefined) throw new PictureError('unsupported', 'A still WebP was expected, but this one moves')
  const [lossy, lossless] = [chunkOf(bytes, 'VP8 '), chunkOf(bytes, 'VP8L')]
  if (lossy !== undefined && lossy.length >= 10) {
    const view = viewOf(lossy)
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff, isLossless: false }
  }
  if (lossless === undefined || lossless.length < 5)
    throw new PictureError('corrupt', 'A WebP with a picture was expected, but this one has none')
  const bits = viewOf(lossless).getUint32(1, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), isLossless: true }
}

/** Decodes a WebP, not turned yet. Throws PictureError. */
export async function decodeWebp(bytes: Uint8Array, options: DecodeOptions): Promise<Decoded> {
  const header = readHeader(bytes)
  const { width, height } = header
  checkSize(header, MAX_MEGAPIXELS, 'WebP')
  checkMemory(width * height * (header.isLossless ? LOSSLESS_BYTES_PER_PIXEL : LOSSY_BYTES_PER_PIXEL) + 2 * bytes.length, header)
  const rgba = await decodeRgba(bytes)
  if (rgba === undefined || rgba.width !== width || rgba.height !== height)
    throw new PictureError('corrupt', 'The data of all pixels was expected, but this WebP is cut off or damaged')
  const channels = options.gray ? 1 : 3
  const reducer = new Reducer(rgba, fitted(rgba, options), channels)
  const [line, gray] = [new Uint8Array(width * 3), new Uint8Array(width)]
  for (let y = 0; y < height; y++) {
    opaqueLine(rgba.data, y * width * 4, line)
    if (options.gray) grayLine(line, gray)
    reducer.push(options.gray ? gray : line)
  }
  const exif = chunkOf(bytes, 'EXIF')
  return { picture: reducer.finish(), orientation: exif === undefined ? 1 : orientationOfChunk(exif) }
}

/** One row of red, green, blue and opacity, from `at` on, on white. */
function opaqueLine(rgba: Uint8ClampedArray, at: number, line: Uint8Array): void {
  for (let from = at, to = 0; to < line.length; from += 4) {
    const opacity = rgba[from + 3] ?? 0
    for (let c = 0; c < 3; c++) line[to++] = opacity === 255 ? (rgba[from + c] ?? 0) : onWhite(rgba[from + c] ?? 0, opacity)
  }
}
