// Makes a JPEG of a small picture. Well-kept encoders come as WebAssembly, which takes 17 MB for as long as the isolate
// lives; beside a decoder and a text engine a page of arithmetic is the better price.
import type { Picture } from '../picture.ts'
import { basis } from './idct.ts'
import { ZIGZAG } from './plane.ts'
import { frameFor } from './segments.ts'
import { putBlock, type SymbolSink } from './symbols.ts'
import { segment, writeJpeg } from './write.ts'

/** Steps at quality 50 in rows (T.81, tables K.1 and K.2), of light and of colour. */
const LIGHT_STEPS = Uint8Array.of(
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100],
  ...[103, 99],
)
const COLOUR_STEPS = Uint8Array.of(
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...Array<number>(32).fill(99),
)
const JFIF = segment(0xe0, [...new TextEncoder().encode('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0])

/** Steps in zigzag order, scaled by quality (1 to 100) as the Independent JPEG Group's encoder does it. */
function stepsAt(quality: number, steps: Uint8Array): Uint16Array {
  const percent = quality < 50 ? 5000 / quality : 200 - quality * 2
  return Uint16Array.from(ZIGZAG, (natural) => Math.min(255, Math.max(1, Math.floor(((steps[natural] ?? 0) * percent + 50) / 100))))
}

/** One colour of a picture in whole blocks; what lies beyond its edge repeats the edge. */
interface Channel {
  readonly width: number
  readonly samples: Float32Array
}

/** Y, Cb and Cr around zero (BT.601, as JFIF asks for it), each padded to whole units of 16 by 16 pixels. */
function channelsOf({ width, height, channels, data }: Picture, wide: number, high: number): readonly Float32Array[] {
  const [ys, cbs, crs] = [new Float32Array(wide * high), new Float32Array(wide * high), new Float32Array(wide * high)]
  for (let y = 0, to = 0; y < high; y++) {
    for (let x = 0; x < wide; x++, to++) {
      const at = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * channels
      const red = data[at] ?? 0
      const green = channels === 3 ? (data[at + 1] ?? 0) : red
      const blue = channels === 3 ? (data[at + 2] ?? 0) : red
      const light = 0.299 * red + 0.587 * green + 0.114 * blue
      ys[to] = light - 128
      cbs[to] = (blue - light) / 1.772
      crs[to] = (red - light) / 1.402
    }
  }
  return [ys, cbs, crs]
}

/** Half as wide and half as high, each sample the mean of four. */
function halved(samples: Float32Array, wide: number): Float32Array {
  const half = wide / 2
  return Float32Array.from({ length: samples.length / 4 }, (_, i) => {
    const at = Math.floor(i / half) * 2 * wide + (i % half) * 2
    return ((samples[at] ?? 0) + (samples[at + 1] ?? 0) + (samples[at + wide] ?? 0) + (samples[at + wide + 1] ?? 0)) / 4
  })
}

const WAVES = basis(8)
const columns = new Float32Array(64)

/** The quantized coefficients of the block at `from`, in zigzag order (T.81, A.3.3). */
function transformBlock({ samples, width }: Channel, from: number, steps: Uint16Array, out: Int16Array): void {
  for (let u = 0; u < 8; u++)
    for (let y = 0; y < 8; y++) {
      let sum = 0
      for (let x = 0; x < 8; x++) sum += (samples[from + y * width + x] ?? 0) * (WAVES[u * 8 + x] ?? 0)
      columns[y * 8 + u] = sum
    }
  for (let k = 0; k < 64; k++) {
    const natural = ZIGZAG[k] ?? 0
    let sum = 0
    for (let y = 0; y < 8; y++) sum += (columns[y * 8 + (natural & 7)] ?? 0) * (WAVES[(natural >> 3) * 8 + y] ?? 0)
    out[k] = Math.round(sum / (steps[k] ?? 1))
  }
}

/** A baseline JPEG, its colours at half the resolution, without any metadata. `quality` from 1 to 100 as elsewhere. */
export function encodeJpeg(picture: Picture, quality: number): Uint8Array {
  const frame = frameFor(picture, [
    { id: 1, h: 2, v: 2, quantization: 0 },
    { id: 2, h: 1, v: 1, quantization: 1 },
    { id: 3, h: 1, v: 1, quantization: 1 },
  ])
  const wide = frame.unitsWide * 16
  const quantization = [stepsAt(quality, LIGHT_STEPS), stepsAt(quality, COLOUR_STEPS)]
  const planes = channelsOf(picture, wide, frame.unitsHigh * 16).map((samples, i): Channel =>
    i === 0 ? { samples, width: wide } : { samples: halved(samples, wide), width: wide / 2 },
  )
  const block = new Int16Array(64)
  const putAll = (sink: SymbolSink): void => {
    const previous = [0, 0, 0]
    for (let unit = 0; unit < frame.unitsWide * frame.unitsHigh; unit++) {
      const [unitX, unitY] = [unit % frame.unitsWide, Math.floor(unit / frame.unitsWide)]
      planes.forEach((plane, colour) => {
        const { h, v, quantization: number } = frame.components[colour] ?? { h: 1, v: 1, quantization: 0 }
        for (let place = 0; place < h * v; place++) {
          const [x, y] = [unitX * h + (place % h), unitY * v + Math.floor(place / h)]
          transformBlock(plane, y * 8 * plane.width + x * 8, quantization[number] ?? new Uint16Array(64), block)
          putBlock(sink, colour, block, previous[colour] ?? 0)
          previous[colour] = block[0] ?? 0
        }
      })
    }
  }
  return writeJpeg({ frame, quantization, segments: [JFIF], expectedBytes: picture.width * picture.height }, putAll)
}
