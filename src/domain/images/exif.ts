// EXIF 2.3 holds the camera, the time and the place, and also which side of the picture is up. Only that last
// one is read and written; a damaged block counts as absent.
import { asciiAt, viewOf } from './bytes.ts'

const ORIENTATION = 0x0112
/** Marker, length, then `Exif\0\0`: the TIFF block begins behind it. */
const TIFF_AT = 10

/** The orientation (1 to 8) in an APP1 segment of EXIF, if it tells one. */
export function orientationOf(segment: Uint8Array): number | undefined {
  if (segment.length < TIFF_AT + 14 || asciiAt(segment, 4, 6) !== 'Exif\0\0') return undefined
  const tiff = segment.subarray(TIFF_AT)
  const view = viewOf(tiff)
  const isLittle = asciiAt(tiff, 0, 2) === 'II'
  const directory = view.getUint32(4, isLittle)
  if (directory + 2 > tiff.length) return undefined
  const count = view.getUint16(directory, isLittle)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12
    if (entry + 12 > tiff.length) return undefined
    if (view.getUint16(entry, isLittle) !== ORIENTATION) continue
    const value = view.getUint16(entry + 8, isLittle)
    return value >= 1 && value <= 8 ? value : undefined
  }
  return undefined
}

/** An APP1 segment of EXIF that says the orientation and nothing else. */
export function exifSegment(orientation: number): Uint8Array {
  const exif = new TextEncoder().encode('Exif\0\0')
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8]
  const directory = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  const content = [...exif, ...header, ...directory]
  return Uint8Array.of(0xff, 0xe1, 0, content.length + 2, ...content)
}
