// The chunks of a PNG (W3C, third edition) that say what its pixels are and where their data lies.
import { asciiAt, viewOf, type Dimensions } from '../../domain/images/bytes.ts'
import { orientationOfChunk } from '../exif.ts'
import { PictureError } from '../picture.ts'

/** What a pixel consists of; the numbers are those of the header. */
export const COLOUR = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 } as const

/** The depths, in bits, that each kind of pixel may have; and how many samples it has. */
const KINDS: Readonly<Record<number, { readonly depths: readonly number[]; readonly samples: number }>> = {
  [COLOUR.gray]: { depths: [1, 2, 4, 8, 16], samples: 1 },
  [COLOUR.rgb]: { depths: [8, 16], samples: 3 },
  [COLOUR.palette]: { depths: [1, 2, 4, 8], samples: 1 },
  [COLOUR.grayAlpha]: { depths: [8, 16], samples: 2 },
  [COLOUR.rgba]: { depths: [8, 16], samples: 4 },
}

export interface PngHeader extends Dimensions {
  readonly colour: number
  /** Bits of a sample, and samples of a pixel. */
  readonly depth: number
  readonly samples: number
  readonly isInterlaced: boolean
}

export interface PngFile extends PngHeader {
  /** Red, green and blue of each entry. */
  readonly palette: Uint8Array
  /** Opacity of the palette's entries, or the colour (16 bits a sample) that is transparent. */
  readonly transparency: Uint8Array
  readonly orientation: number
  /** The compressed data in its pieces. */
  readonly data: readonly Uint8Array[]
}

const SIGNATURE_BYTES = 8
const NONE: Uint8Array = new Uint8Array(0)

/** The header, which must be the first chunk. */
export function readHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33 || asciiAt(bytes, 12, 4) !== 'IHDR')
    throw new PictureError('corrupt', 'A PNG begins with a header, but this one does not')
  const view = viewOf(bytes.subarray(16, 29))
  const [depth, colour, interlace] = [view.getUint8(8), view.getUint8(9), view.getUint8(12)]
  const kind = KINDS[colour]
  if (kind === undefined || !kind.depths.includes(depth) || view.getUint8(10) !== 0 || view.getUint8(11) !== 0 || interlace > 1)
    throw new PictureError('corrupt', `A PNG of a known kind was expected, but this one has ${depth} bits of colour type ${colour}`)
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    colour,
    depth,
    samples: kind.samples,
    isInterlaced: interlace === 1,
  }
}

/** All that is needed of the chunks; a last one that is cut off counts as far as it goes. */
export function readChunks(bytes: Uint8Array, header: PngHeader): PngFile {
  const view = viewOf(bytes)
  const data: Uint8Array[] = []
  let [palette, transparency, orientation] = [NONE, NONE, 1]
  for (let at = SIGNATURE_BYTES; at + 8 <= bytes.length;) {
    const length = view.getUint32(at)
    const name = asciiAt(bytes, at + 4, 4)
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (name === 'IEND') break
    if (name === 'PLTE') palette = content
    else if (name === 'tRNS') transparency = content
    else if (name === 'eXIf') orientation = orientationOfChunk(content)
    else if (name === 'IDAT' && content.length > 0) data.push(content)
    at += 12 + length
  }
  if (header.colour === COLOUR.palette && palette.length === 0)
    throw new PictureError('corrupt', 'A PNG with a palette was expected to bring it, but this one does not')
  return { ...header, palette, transparency, orientation, data }
}
