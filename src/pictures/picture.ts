// A decoded picture, what may be wrong with one, and how large one may be. Pixels are packed row by row.
import type { Dimensions } from '../domain/images/bytes.ts'

export interface Picture extends Dimensions {
  /** One gray value, or red, green and blue. */
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** Why no picture came out of a file: the format is not read, the file is damaged, or it would take too much memory. */
export type PictureRefusal = 'unsupported' | 'corrupt' | 'too_large'

export class PictureError extends Error {
  readonly reason: PictureRefusal
  constructor(reason: PictureRefusal, message: string) {
    super(message)
    this.name = 'PictureError'
    this.reason = reason
  }
}

const MAX_SIDE = 16_384
const MEGAPIXEL = 1_000_000

const MEGABYTE = 1024 * 1024
/** What one decoding may hold beside the file: the isolate has 128 MB and holds a text engine too. */
const MAX_WORKING_BYTES = 48 * MEGABYTE

/** A picture that was cut off is still shown when this share of its rows came: of a receipt, less could miss the total. */
export const LEAST_SHARE = 7 / 8

/** Refuses a picture by the size that its header tells, before any memory is spent on it. */
export function checkSize(size: Dimensions, maxMegapixels: number, format: string): void {
  const { width, height } = size
  if (width < 1 || height < 1)
    throw new PictureError('corrupt', `A picture with pixels was expected, but this ${format} has ${width} by ${height}`)
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > maxMegapixels * MEGAPIXEL)
    throw new PictureError(
      'too_large',
      `A ${format} may have ${maxMegapixels} megapixels and ${MAX_SIDE} pixels on a side, but this one has ${width} by ${height}`,
    )
}

/** Refuses what would need more memory than there is, before it is allocated. */
export function checkMemory(bytes: number, { width, height }: Dimensions): void {
  if (bytes <= MAX_WORKING_BYTES) return
  const [needed, most] = [Math.ceil(bytes / MEGABYTE), MAX_WORKING_BYTES / MEGABYTE]
  throw new PictureError('too_large', `Decoding may take ${most} MB, but this picture of ${width} by ${height} pixels needs ${needed} MB`)
}

/** What a picture is wanted at: how long its longer side, and how many its pixels, may be at most. */
export interface Wanted {
  readonly maxSide?: number | undefined
  readonly maxPixels?: number | undefined
}

/** The largest size that is wanted, in the same shape; a picture is never made larger. */
export function fitted({ width, height }: Dimensions, wanted: Wanted): Dimensions {
  const bySide = (wanted.maxSide ?? Infinity) / Math.max(width, height)
  const byPixels = Math.sqrt((wanted.maxPixels ?? Infinity) / (width * height))
  const factor = Math.min(1, bySide, byPixels)
  const shrunk = (side: number): number => Math.max(1, Math.round(side * factor))
  return { width: shrunk(width), height: shrunk(height) }
}

export interface DecodeOptions extends Wanted {
  /** One channel instead of three. */
  readonly gray: boolean
}

export interface Decoded {
  readonly picture: Picture
  /** EXIF's orientation, 1 to 8: the picture is not turned yet. */
  readonly orientation: number
}
