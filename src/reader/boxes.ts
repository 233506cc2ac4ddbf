// From a map of how likely each pixel belongs to text to boxes around the pieces of text, as in "Real-time Scene Text
// Detection with Differentiable Binarization" (Liao et al. 2020): threshold, connected parts, smallest rectangle, grown.

export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle that may be tilted: its centre, its size along its own axes, and the angle of its width in radians. */
export interface Box extends Point {
  readonly width: number
  readonly height: number
  /** Clockwise on the screen, from -45 to 45 degrees. */
  readonly angle: number
}

interface Rules {
  /** A pixel more likely than this is text. */
  readonly threshold: number
  /** Mean likelihood below which a part is noise. */
  readonly minScore: number
  readonly minPixels: number
  /** Parts less high than this, in pixels of the map, are rules and dirt. */
  readonly minHeight: number
  /** How far boxes grow: the model marks the inner part of a line only. */
  readonly growth: number
}

export interface ProbabilityMap {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/** A connected part: for each of its rows the leftmost and the rightmost pixel. */
interface Part {
  readonly top: number
  readonly rows: readonly (readonly [left: number, right: number])[]
  readonly pixels: number
  readonly score: number
}

/** The parts of the map above the threshold; pixels touch at their sides. */
export function findParts(map: ProbabilityMap, threshold: number): Part[] {
  const { width, height, data } = map
  const seen = new Uint8Array(width * height)
  const stack: number[] = []
  const parts: Part[] = []
  const visit = (at: number): void => {
    if (seen[at] === 1 || (data[at] ?? 0) <= threshold) return
    seen[at] = 1
    stack.push(at)
  }
  for (let start = 0; start < seen.length; start++) {
    visit(start)
    if (stack.length === 0) continue
    const rows = new Map<number, [number, number]>()
    let [pixels, sum] = [0, 0]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width
      const y = (at - x) / width
      pixels++
      sum += data[at] ?? 0
      const row = rows.get(y)
      if (row === undefined) rows.set(y, [x, x])
      else if (x < row[0]) row[0] = x
      else if (x > row[1]) row[1] = x
      if (x > 0) visit(at - 1)
      if (x < width - 1) visit(at + 1)
      if (y > 0) visit(at - width)
      if (y < height - 1) visit(at + width)
    }
    const ordered = [...rows].toSorted(([a], [b]) => a - b)
    parts.push({ top: ordered[0]?.[0] ?? 0, rows: ordered.map(([, row]) => row), pixels, score: sum / pixels })
  }
  return parts
}

const cross = (o: Point, a: Point, b: Point): number => (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x)

/** The convex hull (Andrew's monotone chain), without points that lie on its sides. */
export function hullOf(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y)
  const chain = (along: readonly Point[]): Point[] => {
    const hull: Point[] = []
    for (const point of along) {
      while (hull.length > 1 && cross(hull[hull.length - 2] as Point, hull[hull.length - 1] as Point, point) <= 0) hull.pop()
      hull.push(point)
    }
    return hull.slice(0, -1)
  }
  return [...chain(sorted), ...chain(sorted.toReversed())]
}

/** The smallest rectangle around a convex hull: one of its sides lies on a side of the hull. */
export function smallestBox(hull: readonly Point[]): Box {
  let best: Box | undefined
  for (const [i, from] of hull.entries()) {
    const to = hull[(i + 1) % hull.length] ?? from
    const raw = Math.atan2(to.y - from.y, to.x - from.x)
    const angle = raw - Math.round(raw / (Math.PI / 2)) * (Math.PI / 2)
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const { x, y } of hull) {
      const [u, v] = [x * cos + y * sin, y * cos - x * sin]
      left = Math.min(left, u)
      right = Math.max(right, u)
      top = Math.min(top, v)
      bottom = Math.max(bottom, v)
    }
    const [width, height] = [right - left, bottom - top]
    if (best !== undefined && width * height >= best.width * best.height) continue
    const [u, v] = [(left + right) / 2, (top + bottom) / 2]
    best = { x: u * cos - v * sin, y: u * sin + v * cos, width, height, angle }
  }
  return best ?? { x: hull[0]?.x ?? 0, y: hull[0]?.y ?? 0, width: 0, height: 0, angle: 0 }
}

/** The box with every side moved outwards by area × growth ÷ perimeter, as the model was trained for. */
export function grow(box: Box, growth: number): Box {
  const by = (2 * box.width * box.height * growth) / (2 * (box.width + box.height) || 1)
  return { ...box, width: box.width + by, height: box.height + by }
}

/** Boxes around the text in the map, in a picture that is `scaleX` and `scaleY` times as large. */
export function findBoxes(map: ProbabilityMap, scaleX: number, scaleY: number, rules: Rules): Box[] {
  return findParts(map, rules.threshold)
    .filter((part) => part.pixels >= rules.minPixels && part.rows.length >= rules.minHeight && part.score >= rules.minScore)
    .map((part) => {
      const corners = part.rows.flatMap(([left, right], i) =>
        [part.top + i, part.top + i + 1].flatMap((y) => [
          { x: left * scaleX, y: y * scaleY },
          { x: (right + 1) * scaleX, y: y * scaleY },
        ]),
      )
      return grow(smallestBox(hullOf(corners)), rules.growth)
    })
}

const isWide = (box: Box): boolean => box.width > 1.5 * box.height
const isTall = (box: Box): boolean => box.height > 1.5 * box.width

/** Whether lines run from top to bottom: more of the boxes' length stands than lies. */
export function liesOnItsSide(boxes: readonly Box[]): boolean {
  const lengthOf = (some: readonly Box[]): number => some.reduce((sum, box) => sum + Math.max(box.width, box.height), 0)
  return lengthOf(boxes.filter(isTall)) > lengthOf(boxes.filter(isWide))
}

/** The tilt of the lines in radians: the median of the wide boxes, of which short ones tell little; 0 where there are none. */
export function tiltOf(boxes: readonly Box[]): number {
  const wide = boxes.filter((box) => box.width > 3 * box.height).toSorted((a, b) => a.angle - b.angle)
  const half = wide.reduce((sum, box) => sum + box.width, 0) / 2
  let sum = 0
  return wide.find((box) => (sum += box.width) >= half)?.angle ?? 0
}

/** The box as it lies once the page is turned back by `tilt` around its middle. */
export function level(box: Box, tilt: number, page: { readonly width: number; readonly height: number }): Box {
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)]
  const [x, y] = [box.x - page.width / 2, box.y - page.height / 2]
  return { ...box, x: x * cos + y * sin + page.width / 2, y: y * cos - x * sin + page.height / 2, angle: box.angle - tilt }
}
