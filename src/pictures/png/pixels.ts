// From the samples of a PNG row, of whatever depth and colour, to gray or to red, green and blue on white.
import { grayLine, onWhite } from '../colour.ts'
import { COLOUR, type PngFile } from './header.ts'

const WHITE = 255

/** Samples of one row in 8 bits; those of a palette are places in it and stay as they are. */
function samplesOf({ depth, colour }: PngFile, row: Uint8Array, out: Uint8Array): void {
  if (depth === 8) out.set(row.subarray(0, out.length))
  else if (depth === 16) for (let i = 0; i < out.length; i++) out[i] = row[i * 2] ?? 0
  else {
    const most = (1 << depth) - 1
    const factor = colour === COLOUR.palette ? 1 : 255 / most
    for (let i = 0; i < out.length; i++) {
      const bit = i * depth
      out[i] = (((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & most) * factor
    }
  }
}

/** The palette as 256 colours on white; places that it does not have are black. */
function paletteOf({ palette, transparency }: PngFile): Uint8Array {
  return Uint8Array.from({ length: 256 * 3 }, (_, i) => onWhite(palette[i] ?? 0, transparency[Math.floor(i / 3)] ?? 255))
}

/** The transparent colour as the bytes that `clearKey` finds: of 16 bits as in the row, else as 8-bit samples. */
function keyOf({ transparency, depth, samples, colour }: PngFile): Uint8Array | undefined {
  if (transparency.length !== samples * 2 || (colour !== COLOUR.gray && colour !== COLOUR.rgb)) return undefined
  const factor = depth < 8 ? 255 / ((1 << depth) - 1) : 1
  const isDeep = depth === 16
  return Uint8Array.from({ length: isDeep ? samples * 2 : samples }, (_, i) => (transparency[isDeep ? i : i * 2 + 1] ?? 0) * factor)
}

/** Puts white where the row has the transparent colour. */
function clearKey(key: Uint8Array, raw: Uint8Array, samples: Uint8Array, perPixel: number): void {
  for (let x = 0; x * perPixel < samples.length; x++)
    if (key.every((byte, i) => raw[x * key.length + i] === byte)) samples.fill(WHITE, x * perPixel, (x + 1) * perPixel)
}

/** Colours of one row from its 8-bit samples. */
function colourLine(colour: number, palette: Uint8Array, samples: Uint8Array, out: Uint8Array): void {
  if (colour === COLOUR.rgb) out.set(samples)
  else if (colour === COLOUR.rgba)
    for (let from = 0, to = 0; to < out.length; from += 4) {
      const opacity = samples[from + 3] ?? 0
      for (let c = 0; c < 3; c++) out[to++] = opacity === 255 ? (samples[from + c] ?? 0) : onWhite(samples[from + c] ?? 0, opacity)
    }
  else if (colour === COLOUR.palette)
    for (let x = 0, to = 0; to < out.length; x++) for (let c = 0; c < 3; c++) out[to++] = palette[(samples[x] ?? 0) * 3 + c] ?? 0
  else {
    const step = colour === COLOUR.grayAlpha ? 2 : 1
    for (let from = 0, to = 0; to < out.length; from += step, to += 3) {
      const value = step === 1 ? (samples[from] ?? 0) : onWhite(samples[from] ?? 0, samples[from + 1] ?? 0)
      out.fill(value, to, to + 3)
    }
  }
}

/** Reads unfiltered rows of up to `width` pixels; what a call answers is valid until the next one. */
export function pixelReader(file: PngFile, channels: 1 | 3): (row: Uint8Array, width: number) => Uint8Array {
  const palette = paletteOf(file)
  const key = keyOf(file)
  const [samples, colours, grays] = [file.samples, 3, 1].map((each) => new Uint8Array(file.width * each)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  return (row, width) => {
    const own = samples.subarray(0, width * file.samples)
    samplesOf(file, row, own)
    if (key !== undefined) clearKey(key, file.depth === 16 ? row : own, own, file.samples)
    if (channels === 1 && file.colour === COLOUR.gray) return own
    const line = colours.subarray(0, width * 3)
    colourLine(file.colour, palette, own, line)
    if (channels === 3) return line
    const gray = grays.subarray(0, width)
    grayLine(line, gray)
    return gray
  }
}
