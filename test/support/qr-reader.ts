// Reads QR pictures of ours back, by ISO/IEC 18004 and without the library that made them: versions 1 to 13 with error
// correction M, in bytes. It corrects nothing: a code that has an error is refused.

/** Of versions 1 to 13 with error correction M: check bytes per block, and blocks. */
const CHECK_BYTES = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9]

const MASKS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
]

/** The modules that are dark in the picture, the quiet zone with them. */
export function modulesOf(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    modules[Number(y)]!.fill(true, Number(x), Number(x) + Number(length))
  }
  return modules
}

/** Where finders, timing, alignment, format and version are, and no data. */
function isFixed(x: number, y: number, version: number, size: number): boolean {
  if ((x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8) || x === 6 || y === 6) return true
  if (version >= 7 && ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6))) return true
  const last = size - 7
  const centres = version === 1 ? [] : version < 7 ? [6, last] : [6, (6 + last) / 2, last]
  const near = (at: number) => centres.find((centre) => Math.abs(at - centre) <= 2)
  const [cx, cy] = [near(x), near(y)]
  return cx !== undefined && cy !== undefined && !(cx === 6 && cy === 6) && !(cx === 6 && cy === last) && !(cx === last && cy === 6)
}

/** Every byte in the order of the zigzag, without the mask. */
function bytesOf(at: (x: number, y: number) => boolean, mask: number, version: number, size: number): number[] {
  const bits: number[] = []
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const upward = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (!isFixed(x, y, version, size)) bits.push(Number(at(x, y) !== (MASKS[mask]!(x, y) === 0)))
      }
    }
  }
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8).join(''), 2))
}

function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a)
  return product
}

/** Whether the check bytes fit: the block is zero at the first powers of two. */
function isSound(block: readonly number[], checks: number): boolean {
  let root = 1
  for (let i = 0; i < checks; i++, root = times(root, 2)) {
    if (block.reduce((value, byte) => times(value, root) ^ byte, 0) !== 0) return false
  }
  return true
}

function dataOf(bytes: readonly number[], version: number): number[] {
  const [checks, count] = [CHECK_BYTES[version - 1]!, BLOCKS[version - 1]!]
  const short = Math.floor(bytes.length / count) - checks
  const lengths = Array.from({ length: count }, (_, i) => short + (i < count - (bytes.length % count) ? 0 : 1))
  const blocks: number[][] = lengths.map(() => [])
  const next = bytes.values()
  for (let i = 0; i <= short; i++) lengths.forEach((length, b) => i < length && blocks[b]!.push(next.next().value!))
  const data = blocks.flatMap((block) => [...block])
  for (let i = 0; i < checks; i++) blocks.forEach((block) => block.push(next.next().value!))
  if (!blocks.every((block) => isSound(block, checks))) throw new Error('the check bytes do not fit')
  return data
}

/** The text in the picture, and what it was written with. */
export function readQr(svg: string): { text: string; version: number; ecc: string } {
  const modules = modulesOf(svg)
  const size = modules.length - 8
  const version = (size - 17) / 4
  const at = (x: number, y: number) => modules[y + 4]![x + 4]!
  const format = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => at(8, y)).concat([7, 5, 4, 3, 2, 1, 0].map((x) => at(x, 8)))
  const bits = format.reduce((sum, dark, i) => sum | (Number(dark) << i), 0) ^ 0x5412
  const ecc = ['M', 'L', 'H', 'Q'][bits >> 13]!
  if (ecc !== 'M' || version > 13) throw new Error(`not read here: version ${version}, error correction ${ecc}`)
  const data = dataOf(bytesOf(at, (bits >> 10) & 7, version, size), version)
  const stream = data.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  if (!stream.startsWith('0100')) throw new Error('not in bytes')
  const start = version < 10 ? 12 : 20
  const length = Number.parseInt(stream.slice(4, start), 2)
  const bytes = Array.from({ length }, (_, i) => Number.parseInt(stream.slice(start + 8 * i, start + 8 * i + 8), 2))
  return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes)), version, ecc }
}
