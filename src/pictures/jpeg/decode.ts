// Decodes a JPEG at so many eighths of its size as are needed. A picture in one scan passes through row by row and nothing
// of it is kept but the result; of one in several scans (progressive) the coefficients are kept that the scale needs.
import { LEAST_SHARE, PictureError, type Decoded, type DecodeOptions } from '../picture.ts'
import { Canvas } from './canvas.ts'
import { colourModelOf } from './colour.ts'
import { emptyHeader, EOI, frameOf, readSegment, segmentsOf, SOS, type Header, type Segment } from './header.ts'
import { readScanData } from './scan.ts'
import { readScan } from './segments.ts'

/** A progressive picture has about ten; each goes over all blocks, however short it is. */
const MAX_SCANS = 100

/** Reads one scan, if it brings anything that counts at this scale. */
function takeScan(header: Header, canvas: Canvas, { content, end }: Segment, bytes: Uint8Array): void {
  const scan = readScan(content, canvas.frame)
  const planes = canvas.planes.filter((plane) => scan.components.some((one) => one.component === plane.component))
  if (!planes.some((plane) => plane.needs(scan.from, scan.to))) return
  const share = readScanData(bytes, end, canvas, header.tables, scan, header.restartInterval)
  if (scan.high > 0) return
  for (const { seen } of planes) for (let k = scan.from; k <= scan.to; k++) seen[k] = Math.max(seen[k] ?? 0, share)
}

/**
 * Refuses a picture of which too little came. A file that ends properly may leave bands of coefficients out, all of
 * them zero; in one that was cut off they are missing.
 */
function checkSeen(canvas: Canvas, isEnded: boolean): void {
  for (const { seen, places } of canvas.planes) {
    for (let k = 0; k < 64; k++) {
      const share = seen[k] ?? 0
      const isLeftOut = share === 0 && isEnded && k > 0
      if ((places[k] ?? -1) < 0 || isLeftOut || share >= LEAST_SHARE) continue
      throw new PictureError(
        'corrupt',
        `The data of all pixels was expected, but this JPEG is cut off or damaged at ${Math.floor(share * 100)} %`,
      )
    }
  }
}

/** Decodes a JPEG, not turned yet. Throws PictureError. */
export function decodeJpeg(bytes: Uint8Array, options: DecodeOptions): Decoded {
  const header = emptyHeader()
  let canvas: Canvas | undefined
  let [scans, isEnded] = [0, false]
  for (const segment of segmentsOf(bytes)) {
    readSegment(header, segment)
    isEnded = segment.marker === EOI
    if (segment.marker !== SOS) continue
    const frame = frameOf(header)
    if (++scans > MAX_SCANS) throw new PictureError('unsupported', `A JPEG may have ${MAX_SCANS} scans, but this one has more`)
    const isWhole = !frame.isProgressive && segment.content[0] === frame.components.length
    canvas ??= new Canvas(frame, colourModelOf(frame, header.isJfif, header.adobe), options, !isWhole)
    takeScan(header, canvas, segment, bytes)
    if (!canvas.keepsAll) break
  }
  if (canvas === undefined) throw new PictureError('corrupt', 'A picture was expected in the JPEG, but it ends before one')
  checkSeen(canvas, isEnded)
  if (canvas.keepsAll) canvas.renderAll()
  else canvas.reach(canvas.frame.unitsHigh)
  return { picture: canvas.finish(), orientation: header.orientation }
}
