// JPEG (ITU-T T.81) as its segments. Kept are those that a decoder needs, the colour profile (APP2 ICC) and
// Adobe's colour transform (APP14); of EXIF only which side is up, in a segment of our own.
import { asciiAt, concat, sizeRefusal, sliceOf, viewOf, type Cleaned, type Dimensions } from './bytes.ts'
import { exifSegment, orientationOf } from './exif.ts'
import { err, ok } from '../result.ts'

const [SOI, EOI, SOS, DNL, DAC, COM] = [0xd8, 0xd9, 0xda, 0xdc, 0xcc, 0xfe]
const [APP0, APP1, APP2, APP14] = [0xe0, 0xe1, 0xe2, 0xee]

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7
/** Start of frame: C0 to CF, among which three markers mean something else. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== DAC
const isTable = (marker: number): boolean => marker === 0xc4 || marker === DAC || marker === 0xdb || marker === 0xdd

/** Where the entropy-coded data that begins at `start` ends: at a marker that is no restart. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
  }
  throw new RangeError('no end of scan')
}

function isKept(marker: number, segment: Uint8Array): boolean {
  if (marker === APP0) return segment.length > 8 && asciiAt(segment, 4, 5) === 'JFIF\0'
  if (marker === APP2) return segment.length > 16 && asciiAt(segment, 4, 12) === 'ICC_PROFILE\0'
  return marker === APP14 || isTable(marker)
}

const dimensionsOf = (segment: Uint8Array): Dimensions => ({ height: viewOf(segment).getUint16(5), width: viewOf(segment).getUint16(7) })

/** The JPEG without its metadata. A second frame, or a height that comes later, could hide the real size and is refused. */
export function cleanJpeg(bytes: Uint8Array): Cleaned {
  const view = viewOf(bytes)
  const parts: Uint8Array[] = []
  let orientation = 1
  let size: Dimensions | undefined
  let hasScan = false
  for (let at = 2; ;) {
    if (bytes[at] !== 0xff)
      return at < bytes.length ? err('The file is not a well-formed JPEG') : err('The file ends before the image does')
    while (view.getUint8(at + 1) === 0xff) at++
    const marker = view.getUint8(at + 1)
    if (marker === EOI) break
    if (marker === SOI || marker === DNL || isRestart(marker) || marker < 0xc0) return err('The file is not a well-formed JPEG')
    const end = at + 2 + view.getUint16(at + 2)
    const segment = sliceOf(bytes, at, end)
    at = end
    if (marker === SOS) {
      if (size === undefined) return err('The file is not a well-formed JPEG')
      at = endOfScan(bytes, end)
      parts.push(segment, sliceOf(bytes, end, at))
      hasScan = true
    } else if (isFrame(marker)) {
      if (size !== undefined) return err('The file holds more than one image')
      size = dimensionsOf(segment)
      const refusal = sizeRefusal(size)
      if (refusal !== undefined) return err(refusal)
      parts.push(segment)
    } else if (marker === APP1) orientation = orientationOf(segment) ?? orientation
    else if (marker !== COM && isKept(marker, segment)) parts.push(segment)
  }
  if (size === undefined || !hasScan) return err('The file holds no image')
  const isTurned = orientation !== 1
  const upright = isTurned ? [exifSegment(orientation)] : []
  return ok({
    ...size,
    ...(isTurned && { isTurned }),
    bytes: concat([Uint8Array.of(0xff, SOI), ...upright, ...parts, Uint8Array.of(0xff, EOI)]),
  })
}
