// A PNG inside a PDF. Both pack rows of pixels in the same way, so what has no transparency goes over as it is: unpacked,
// a photograph would take a third of the isolate.
import { PDFHexString, PDFName, type PDFDocument, type PDFRef } from '@cantoo/pdf-lib'
import { asciiAt, concat, viewOf } from '../../domain/images/bytes.ts'

interface Embedded {
  readonly ref: PDFRef
  readonly width: number
  readonly height: number
}

interface Png {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly isInterlaced: boolean
  readonly palette: Uint8Array
  readonly data: Uint8Array<ArrayBuffer>
}

const [GRAY, RGB, INDEXED] = [0, 2, 3]

/** The parts of a well-formed PNG. */
function parse(bytes: Uint8Array): Png {
  const view = viewOf(bytes)
  const data: Uint8Array[] = []
  let palette = new Uint8Array()
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = asciiAt(bytes, at + 4, 4)
    const chunk = bytes.subarray(at + 8, at + 8 + view.getUint32(at))
    if (name === 'IDAT') data.push(chunk)
    if (name === 'PLTE') palette = chunk.slice()
  }
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: bytes[24] ?? 8,
    colour: bytes[25] ?? 0,
    isInterlaced: bytes[28] === 1,
    palette,
    data: concat(data),
  }
}

/** Whether the data unpacks to as many bytes as the picture has; nothing is kept of them. */
async function isWhole({ data }: Png, wanted: number): Promise<boolean> {
  let bytes = 0
  try {
    for await (const chunk of new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate'))) bytes += chunk.length
  } catch {
    return false
  }
  return bytes >= wanted
}

/** The picture in the document; undefined where it is transparent or interlaced, which PDF packs in another way, or damaged. */
export async function embedPng({ context }: PDFDocument, bytes: Uint8Array): Promise<Embedded | undefined> {
  const png = parse(bytes)
  const { width, height, depth, colour } = png
  if (png.isInterlaced || ![GRAY, RGB, INDEXED].includes(colour)) return undefined
  const colours = colour === RGB ? 3 : 1
  const rowBytes = 1 + Math.ceil((width * colours * depth) / 8)
  if (!(await isWhole(png, rowBytes * height))) return undefined
  const space =
    colour === INDEXED
      ? context.obj(['Indexed', 'DeviceRGB', Math.floor(png.palette.length / 3) - 1, PDFHexString.of(hexOf(png.palette))])
      : PDFName.of(colour === RGB ? 'DeviceRGB' : 'DeviceGray')
  const stream = context.stream(png.data, {
    Type: 'XObject',
    Subtype: 'Image',
    Width: width,
    Height: height,
    BitsPerComponent: depth,
    ColorSpace: space,
    Filter: 'FlateDecode',
    DecodeParms: { Predictor: 15, Colors: colours, BitsPerComponent: depth, Columns: width },
  })
  return { ref: context.register(stream), width, height }
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
