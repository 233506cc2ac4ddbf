// Paper as white everywhere: a photograph has shadows, and thermal print fades. Each pixel is divided by how bright the
// paper around it is, told by the brightest pixels of blocks that are larger than a stroke.
import type { Gray } from './gray.ts'

const BLOCK = 24
/** The share of a block that is brighter than its paper: highlights and noise. */
const BRIGHTER = 0.1
/** Nothing is made more than six times as bright: what is as dark as this is no paper. */
const DARKEST_PAPER = 40

interface Grid {
  readonly width: number
  readonly height: number
  readonly at: (x: number, y: number) => number
}

function gridOf(width: number, height: number, valueAt: (x: number, y: number) => number): Grid {
  const values = Float32Array.from({ length: width * height }, (_, i) => valueAt(i % width, Math.floor(i / width)))
  const within = (at: number, end: number): number => Math.min(end - 1, Math.max(0, at))
  return { width, height, at: (x, y) => values[within(y, height) * width + within(x, width)] ?? 0 }
}

/** How bright the paper is in a block: every other pixel is asked. */
function paperOf({ width, height, data }: Gray, left: number, top: number): number {
  const counts = new Uint16Array(256)
  let seen = 0
  for (let y = top; y < Math.min(height, top + BLOCK); y += 2) {
    for (let x = left; x < Math.min(width, left + BLOCK); x += 2) {
      const value = data[y * width + x] ?? 0
      counts[value] = (counts[value] ?? 0) + 1
      seen++
    }
  }
  let [value, rest] = [255, seen * BRIGHTER]
  for (; value > 0; value--) {
    rest -= counts[value] ?? 0
    if (rest < 0) break
  }
  return value
}

/** The picture with its paper white; what is printed keeps its share of the light around it. */
export function whiten(picture: Gray): Gray {
  const { width, height, data } = picture
  const raw = gridOf(Math.ceil(width / BLOCK), Math.ceil(height / BLOCK), (x, y) => paperOf(picture, x * BLOCK, y * BLOCK))
  const smooth = gridOf(raw.width, raw.height, (x, y) => {
    let sum = 0
    for (let j = -1; j <= 1; j++) for (let i = -1; i <= 1; i++) sum += raw.at(x + i, y + j)
    return sum / 9
  })
  const out = new Uint8Array(data.length)
  // One block more on either side, so that every pixel lies between two of them.
  const row = new Float32Array(smooth.width + 2)
  for (let y = 0; y < height; y++) {
    const v = (y + 0.5) / BLOCK - 0.5
    const above = Math.floor(v)
    for (let x = 0; x < row.length; x++) row[x] = mix(smooth.at(x - 1, above), smooth.at(x - 1, above + 1), v - above)
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) / BLOCK + 0.5
      const before = Math.floor(u)
      const paper = Math.max(DARKEST_PAPER, mix(row[before] ?? 0, row[before + 1] ?? 0, u - before))
      out[y * width + x] = Math.min(255, ((data[y * width + x] ?? 0) * 255) / paper)
    }
  }
  return { channels: 1, width, height, data: out }
}

const mix = (from: number, to: number, share: number): number => from + (to - from) * share
