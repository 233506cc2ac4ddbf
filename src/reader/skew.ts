// How the lines of a page run: where they lie level, the rows of the picture are either full of ink or empty.
import { resize, type Gray } from './gray.ts'

const WIDTH = 400
/** How much darker than the pixel above counts as the upper edge of ink. */
const EDGE = 25
const MOST_DEGREES = 10
const radians = (degrees: number): number => (degrees * Math.PI) / 180

export interface Grain {
  /** Of the lines, in radians, clockwise on the screen, up to 10 degrees either way; 0 where there are none. */
  readonly tilt: number
  /** The share of the pixels that are an edge of ink: up to 0.07 on a page of text, 0.2 and more in noise. */
  readonly edges: number
}

/** The edges of ink on a small copy of the picture. */
function findEdges({ width, height, data }: Gray): [x: number, y: number][] {
  const edges: [x: number, y: number][] = []
  for (let y = 1; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if ((data[at - width] ?? 0) - (data[at] ?? 0) > EDGE) edges.push([x, y])
    }
  }
  return edges
}

export function measureGrain(picture: Gray): Grain {
  const width = Math.min(WIDTH, picture.width)
  const height = Math.max(1, Math.round((picture.height * width) / picture.width))
  const edges = findEdges(resize(picture, width, height))
  /** Sum of squares of the edges per row, along rows of this tilt: greatest where they gather in few rows. */
  const gathered = (degrees: number): number => {
    const slope = Math.tan(radians(degrees))
    const rows = new Float64Array(height + 2 * width)
    for (const [x, y] of edges) {
      const row = Math.round(y - x * slope) + width
      rows[row] = (rows[row] ?? 0) + 1
    }
    return rows.reduce((sum, count) => sum + count * count, 0)
  }
  let best = { degrees: 0, score: gathered(0) }
  const look = (from: number, to: number, step: number): void => {
    for (let degrees = from; degrees <= to; degrees += step) {
      const score = gathered(degrees)
      if (score > best.score) best = { degrees, score }
    }
  }
  look(-MOST_DEGREES, MOST_DEGREES, 1)
  look(best.degrees - 0.75, best.degrees + 0.75, 0.25)
  return { tilt: radians(best.degrees), edges: edges.length / (width * height) }
}
