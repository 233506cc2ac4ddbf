// A JPEG's segments one after the other, and what those before the data tell.
import { orientationOf } from '../../domain/images/exif.ts'
import { checkSize, PictureError } from '../picture.ts'
import { endOfData } from './bits.ts'
import { adobeTransformOf, isFrame, readFrame, readHuffman, readQuantization, type Frame, type Tables } from './segments.ts'

const MAX_MEGAPIXELS = 40
export const [EOI, SOS] = [0xd9, 0xda]
const [DQT, DHT, DRI] = [0xdb, 0xc4, 0xdd]
const [APP0, APP1, APP14] = [0xe0, 0xe1, 0xee]

/** What the segments have told so far. */
export interface Header {
  readonly tables: Tables
  restartInterval: number
  orientation: number
  adobe: number | undefined
  isJfif: boolean
  frame: Frame | undefined
}

export interface Segment {
  readonly marker: number
  /** From the marker on; the content is behind it and the two bytes of length. */
  readonly whole: Uint8Array
  readonly content: Uint8Array
  /** Where it ends, and the data of a scan begins. */
  readonly end: number
}

/** The segments as far as they are whole, and the end of the picture as the last one if it is there. */
export function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  for (let at = endOfData(bytes, 2); at < bytes.length; at = endOfData(bytes, at)) {
    const marker = bytes[at + 1] ?? EOI
    // Restart markers and their like have no content; those here were left behind by damage.
    if (marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    const end = marker === EOI ? at + 2 : at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
    if (end > bytes.length) return
    const whole = bytes.subarray(at, end)
    yield { marker, whole, content: whole.subarray(4), end }
    if (marker === EOI) return
    at = end
  }
}

export const emptyHeader = (): Header => ({
  tables: { quantization: [], dc: [], ac: [] },
  restartInterval: 0,
  orientation: 1,
  adobe: undefined,
  isJfif: false,
  frame: undefined,
})

/** The frame, which must come before the data. */
export function frameOf({ frame }: Header): Frame {
  if (frame === undefined) throw new PictureError('corrupt', 'The size of this JPEG was expected before its data')
  return frame
}

/** Takes what a segment tells. */
export function readSegment(header: Header, { marker, whole, content }: Segment): void {
  if (marker === DQT) readQuantization(content, header.tables)
  else if (marker === DHT) readHuffman(content, header.tables)
  else if (marker === DRI) header.restartInterval = ((content[0] ?? 0) << 8) | (content[1] ?? 0)
  else if (marker === APP0) header.isJfif ||= String.fromCharCode(...content.subarray(0, 4)) === 'JFIF'
  else if (marker === APP1) header.orientation = orientationOf(whole) ?? header.orientation
  else if (marker === APP14) header.adobe = adobeTransformOf(content) ?? header.adobe
  else if (isFrame(marker)) {
    if (header.frame !== undefined) throw new PictureError('corrupt', 'One picture was expected in the JPEG, but a second one begins in it')
    header.frame = readFrame(content, marker)
    checkSize(header.frame, MAX_MEGAPIXELS, 'JPEG')
  }
}
