// Divides minor units by weight. This is the one place in Quits that rounds: the parts always sum to the total,
// each part is its exact share rounded down or up, and what the rounding did to each member is handed back as carry.

export interface Allocation {
  /** Minor units, in the order of the weights; they sum to the total. */
  readonly parts: number[]
  /** Exact part minus given part, in whole millionths of a minor unit. */
  readonly carried: number[]
}

const MICRO = 1_000_000n

/**
 * Divides `total` minor units in proportion to the weights. Parts are rounded down first; the units left over go, one
 * each, to the largest of fraction + `behind`, ties to the earliest (largest remainder, Hamilton's method, with the
 * remainders of earlier allocations diffused into it as in Floyd and Steinberg). Whoever's exact part is a whole
 * number, 0 among them, gets exactly that.
 *
 * `behind[i]` is the sum of what was `carried` for i so far, in millionths: positive when i bore too little.
 * A negative total is the mirror image: `allocate(-t, w, b)` is `allocate(t, w, -b)` negated, parts and carry.
 * Throws `RangeError` for a total that is no safe integer, a negative weight, or weights that sum to 0.
 */
export function allocate(total: number, weights: readonly bigint[], behind: readonly number[] = []): Allocation {
  if (!Number.isSafeInteger(total)) throw new RangeError(`only whole minor units can be allocated, got ${total}`)
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  if (whole <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError('weights must not be negative, and must not all be 0')
  }
  const divide = weights.every((weight) => weight === weights[0]) ? divideEqually : divideInProportion
  if (total >= 0) return divide(total, weights, whole, behind)
  const mirrored = divide(-total, weights, whole, behind.map(negate))
  return { parts: mirrored.parts.map(negate), carried: mirrored.carried.map(negate) }
}

function divideInProportion(total: number, weights: readonly bigint[], whole: bigint, behind: readonly number[]): Allocation {
  const products = weights.map((weight) => BigInt(total) * weight)
  const parts = products.map((product) => Number(product / whole))
  const fractions = products.map((product) => product % whole)
  const scores = fractions.map((fraction, i) => fraction * MICRO + BigInt(behind[i] ?? 0) * whole)
  const left = total - parts.reduce((sum, part) => sum + part, 0)
  const first = [...fractions.keys()]
    .filter((i) => fractions[i] !== 0n)
    .sort((a, b) => compare(scores[b] ?? 0n, scores[a] ?? 0n))
    .slice(0, left)
  for (const i of first) {
    parts[i] = (parts[i] ?? 0) + 1
    fractions[i] = (fractions[i] ?? 0n) - whole
  }
  return { parts, carried: fractions.map((fraction) => Number(roundedQuotient(fraction * MICRO, whole))) }
}

/** The same without BigInt: most splits are equal, and all fractions of an equal split are the same. */
function divideEqually(total: number, weights: readonly bigint[], _whole: bigint, behind: readonly number[]): Allocation {
  const count = weights.length
  const left = total % count
  const parts = Array.from(weights, () => (total - left) / count)
  const carried = Array.from(weights, () => Math.round((left * 1e6) / count))
  const first = [...parts.keys()].sort((a, b) => (behind[b] ?? 0) - (behind[a] ?? 0)).slice(0, left)
  for (const i of first) {
    parts[i] = (parts[i] ?? 0) + 1
    carried[i] = negate(Math.round(((count - left) * 1e6) / count))
  }
  return { parts, carried }
}

/**
 * Scales plain decimals to whole numbers in the same proportion, exactly: `['33.33', '0.5']` gives `[3333n, 50n]`.
 * Throws `RangeError` for a text that is not digits with at most one point and a sign.
 */
export function toWeights(texts: readonly string[]): bigint[] {
  const decimals = texts.map((text) => {
    const [, whole, fraction = ''] = /^(-?\d+)(?:\.(\d+))?$/.exec(text) ?? []
    if (whole === undefined) throw new RangeError(`not a plain decimal: ${text}`)
    return { whole, fraction }
  })
  const scale = decimals.reduce((longest, { fraction }) => Math.max(longest, fraction.length), 0)
  return decimals.map(({ whole, fraction }) => BigInt(whole + fraction.padEnd(scale, '0')))
}

/** Keeps 0 from becoming -0, which is equal to 0 but not the same in JSON, in a map or in a test. */
const negate = (value: number): number => 0 - value

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** The whole number nearest to a quotient; `divisor` is positive, halves go away from 0 so that signs mirror. */
function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const half = dividend < 0n ? -divisor : divisor
  return (2n * dividend + half) / (2n * divisor)
}
