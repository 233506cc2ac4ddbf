// WebP (RFC 9649) as its RIFF chunks. Kept are the picture, its transparency and its colour profile; EXIF, XMP
// and unknown chunks go. Animations are refused: each of their frames would need the same look.
import { asciiAt, concat, sizeRefusal, sliceOf, viewOf, type Cleaned, type Dimensions } from './bytes.ts'
import { err, ok } from '../result.ts'

const [HEADER_BYTES, CHUNK_HEAD_BYTES] = [12, 8]
const KEPT = new Set(['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L'])
/** Bits of the VP8X flags that announce EXIF and XMP. */
const METADATA_FLAGS = 0x0c

/** The size that a chunk tells: of the canvas (VP8X) or of the picture; undefined where it is damaged or tells none. */
function dimensionsOf(name: string, data: Uint8Array): Dimensions | undefined {
  const view = viewOf(data)
  if (name === 'VP8X') return { width: 1 + (view.getUint32(4, true) & 0xffffff), height: 1 + (view.getUint32(6, true) >>> 8) }
  if (name === 'VP8 ') {
    if (asciiAt(data, 3, 3) !== '\x9d\x01\x2a') return undefined
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }
  }
  if (name !== 'VP8L' || data[0] !== 0x2f) return undefined
  const bits = view.getUint32(1, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

/** The same chunk with the flags of what is no longer there taken off. */
function withoutFlags(chunk: Uint8Array): Uint8Array {
  const copy = chunk.slice()
  copy[CHUNK_HEAD_BYTES] = (copy[CHUNK_HEAD_BYTES] ?? 0) & ~METADATA_FLAGS
  return copy
}

function riffOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode('RIFF\0\0\0\0WEBP')
  const whole = concat([header, ...parts])
  viewOf(whole).setUint32(4, whole.length - 8, true)
  return whole
}

/** The WebP without its metadata and whatever follows its end. */
export function cleanWebp(bytes: Uint8Array): Cleaned {
  const view = viewOf(bytes)
  const riffEnd = 8 + view.getUint32(4, true)
  const file = sliceOf(bytes, 0, riffEnd)
  const parts: Uint8Array[] = []
  let [canvas, picture]: [Dimensions?, Dimensions?] = []
  for (let at = HEADER_BYTES; at < file.length;) {
    const name = asciiAt(file, at, 4)
    const length = view.getUint32(at + 4, true)
    const end = at + CHUNK_HEAD_BYTES + length
    const data = sliceOf(file, at + CHUNK_HEAD_BYTES, end)
    // Chunks are padded to an even length; some writers leave the pad of the last one out.
    const next = Math.min(end + (length % 2), file.length)
    const chunk = length % 2 === 0 ? sliceOf(file, at, end) : concat([sliceOf(file, at, end), Uint8Array.of(0)])
    at = next
    if (name === 'ANIM' || name === 'ANMF') return err('Animated images are not taken')
    if (!KEPT.has(name)) continue
    const size = dimensionsOf(name, data)
    if (name === 'VP8X') canvas = size
    else if (name === 'VP8 ' || name === 'VP8L') {
      if (picture !== undefined) return err('The file holds more than one image')
      picture = size ?? { width: 0, height: 0 }
    }
    const refusal = size === undefined ? undefined : sizeRefusal(size)
    if (refusal !== undefined) return err(refusal)
    parts.push(name === 'VP8X' ? withoutFlags(chunk) : chunk)
  }
  if (picture === undefined || picture.width === 0) return err('The file holds no image')
  if (canvas !== undefined && (canvas.width !== picture.width || canvas.height !== picture.height))
    return err('The file is not a well-formed WebP')
  return ok({ ...picture, bytes: riffOf(parts) })
}
