// Receipts drawn by the tests themselves: text in a font of 5 by 7 dots, as a PNG.
import { deflateSync } from 'node:zlib'

/** A glyph is five columns, the lowest bit on top. */
const FONT: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  `A7e1111117e B7f49494936 C3e41414122 D7f4141221c E7f49494941 F7f09090901 G3e4149497a H7f0808087f I00417f4100 J2040413f01
K7f08142241 L7f40404040 M7f020c027f N7f0408107f O3e4141413e P7f09090906 R7f09192946 S4649494931 T01017f0101 U3f4040403f
V1f2040201f W3f4038403f X6314081463 Y0708700807 Z6151494543 03e4141413e 100427f4000 24261514946 32141454b31 41814127f10
52745454539 63c4a494930 70171090503 83649494936 9064949291e .0060600000 :0036360000 /2010080402 -0808080808`
    .split(/\s+/)
    .map((glyph) => [glyph[0], Array.from({ length: 5 }, (_, i) => Number.parseInt(glyph.slice(1 + 2 * i, 3 + 2 * i), 16))]),
)

export interface Drawing {
  readonly width: number
  readonly height: number
  /** 0 is black. */
  readonly gray: Uint8Array
}

const [PAPER, INK, MARGIN] = [235, 40, 40]
/** Pixels from dot to dot, half the width of the pen, and dots from line to line. */
const [DOT, PEN, LINE] = [5, 2.2, 12]

type Stroke = readonly [x: number, y: number, stepX: number, stepY: number]

/** A glyph drawn with a pen: its dots, joined to those beside them, and across the corner where there is no other way. */
function strokesOf(columns: readonly number[]): Stroke[] {
  const isSet = (x: number, y: number): boolean => (((columns[x] ?? 0) >> y) & 1) === 1
  const dots = columns.flatMap((_, x) => Array.from({ length: 7 }, (_, y) => [x, y] as const)).filter(([x, y]) => isSet(x, y))
  return dots.flatMap(([x, y]) =>
    (
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
        [-1, 1],
      ] as const
    )
      .filter(([stepX, stepY]) => isSet(x + stepX, y + stepY) && (stepX * stepY === 0 || (!isSet(x + stepX, y) && !isSet(x, y + stepY))))
      .map(([stepX, stepY]) => [x, y, stepX, stepY] as const),
  )
}

/** How far a point is from a stroke, all in dots. */
function distance(x: number, y: number, [fromX, fromY, stepX, stepY]: Stroke): number {
  const length = stepX * stepX + stepY * stepY
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - fromX) * stepX + (y - fromY) * stepY) / length))
  return Math.hypot(x - fromX - along * stepX, y - fromY - along * stepY)
}

/** Lines of capital letters and digits on paper that is as wide as the longest one. */
export function drawReceipt(lines: readonly string[]): Drawing {
  const width = Math.max(...lines.map((line) => line.length)) * 6 * DOT + 2 * MARGIN
  const height = lines.length * LINE * DOT + 2 * MARGIN
  const gray = new Uint8Array(width * height).fill(PAPER)
  for (const [row, line] of lines.entries()) {
    for (const [column, character] of [...line].entries()) {
      const strokes = strokesOf(FONT[character] ?? [])
      const [left, top] = [MARGIN + column * 6 * DOT, MARGIN + row * LINE * DOT]
      for (let y = -DOT; strokes.length > 0 && y < 8 * DOT; y++) {
        for (let x = -DOT; x < 6 * DOT; x++) {
          const reach = Math.min(...strokes.map((stroke) => distance(x / DOT, y / DOT, stroke))) * DOT
          const ink = Math.min(1, Math.max(0, PEN + 0.5 - reach))
          const at = (top + y) * width + left + x
          gray[at] = Math.min(gray[at] ?? PAPER, PAPER + (INK - PAPER) * ink)
        }
      }
    }
  }
  return { width, height, gray }
}

/** The drawing turned clockwise by so many quarters. */
export function turned({ width, height, gray }: Drawing, quarters: number): Drawing {
  if (quarters === 0) return { width, height, gray }
  const once = Uint8Array.from(gray, (_, i) => gray[(height - 1 - (i % height)) * width + Math.floor(i / height)] ?? 0)
  return turned({ width: height, height: width, gray: once }, quarters - 1)
}

const be32 = (n: number): number[] => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]

/** A PNG of one channel; its header may lie about the size. */
export function pngOfDrawing({ width, height, gray }: Drawing, told = { width, height }): Uint8Array {
  // A chunk is its length, its name and its data; no decoder of ours looks at the checksum.
  const chunk = (name: string, data: Uint8Array | readonly number[]) => [...be32(data.length), ...Buffer.from(name), ...data, 0, 0, 0, 0]
  const rows = Array.from({ length: height }, (_, y) => [0, ...gray.subarray(y * width, (y + 1) * width)])
  return Uint8Array.from([
    ...Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...chunk('IHDR', [...be32(told.width), ...be32(told.height), 8, 0, 0, 0, 0]),
    ...chunk('IDAT', deflateSync(Uint8Array.from(rows.flat()))),
    ...chunk('IEND', []),
  ])
}
