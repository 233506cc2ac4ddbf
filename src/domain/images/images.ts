// What a file really is, told by its bytes, and the same picture without what it says about its maker.
// The clean file is put together again from the parts that we know: nothing unknown and nothing after the end gets through.
import type { Cleaned } from './bytes.ts'
import { cleanJpeg } from './jpeg.ts'
import { cleanPng } from './png.ts'
import { cleanWebp } from './webp.ts'
import { err } from '../result.ts'

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp'
export type FileType = ImageType | 'application/pdf'

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  Array.from(text).every((char, i) => bytes[at + i] === char.charCodeAt(0))

/** The type that the first bytes stand for, of those that we take. */
export function sniff(bytes: Uint8Array): FileType | undefined {
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg'
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return 'image/webp'
  if (startsWith(bytes, '%PDF-')) return 'application/pdf'
  return undefined
}

const CLEANERS: Readonly<Record<ImageType, (bytes: Uint8Array) => Cleaned>> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/webp': cleanWebp,
}

/** The image without position, camera, comments and texts; the colour profile and which side is up are kept. */
export function cleanImage(bytes: Uint8Array, type: ImageType): Cleaned {
  try {
    return CLEANERS[type](bytes)
  } catch (error) {
    if (error instanceof RangeError) return err('The file ends before the image does')
    throw error
  }
}
