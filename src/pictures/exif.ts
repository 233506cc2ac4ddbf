// EXIF in PNG (chunk eXIf) and WebP (chunk EXIF) is the bare TIFF block that a JPEG wraps in a segment.
import { concat } from '../domain/images/bytes.ts'
import { orientationOf } from '../domain/images/exif.ts'

const HEAD = Uint8Array.of(0xff, 0xe1, 0, 0, ...new TextEncoder().encode('Exif\0\0'))

/** The orientation, 1 to 8, that a chunk of EXIF tells; 1 where it tells none. Some WebP writers keep JPEG's `Exif`. */
export function orientationOfChunk(chunk: Uint8Array): number {
  const isWrapped = chunk[0] === 0x45
  return orientationOf(concat([isWrapped ? HEAD.subarray(0, 4) : HEAD, chunk])) ?? 1
}
