// What the readers of image files share: reading and joining bytes, and how large an image may be.
// A read past the end throws RangeError: the file is cut off.
import type { Result } from '../result.ts'

export interface Dimensions {
  readonly width: number
  readonly height: number
}

interface CleanImage extends Dimensions {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether a tag has to say which side is up. */
  readonly isTurned?: true
}

/** A clean image, or in words why it is none. */
export type Cleaned = Result<CleanImage, string>

/** Pixels that a decoder may have to hold: 40 megapixels are 160 MB. */
const MAX_PIXELS = 40_000_000

/** Why an image of this size is not taken, if it is not. */
export function sizeRefusal({ width, height }: Dimensions): string | undefined {
  if (width < 1 || height < 1) return 'The image has no pixels'
  if (width * height > MAX_PIXELS)
    return `The image has ${width} by ${height} pixels; at most ${MAX_PIXELS / 1_000_000} megapixels are taken`
  return undefined
}

/** Big-endian and little-endian numbers at an offset. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The bytes from `start` to `end`, all of which must be there. */
export function sliceOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end > bytes.length || start > end) throw new RangeError('out of bytes')
  return bytes.subarray(start, end)
}

export const asciiAt = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...sliceOf(bytes, start, start + length))

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
