// The guarantee of `split` over time: what rounding gives or takes is carried on, so that it evens out for everybody.
import { describe, expect, test } from 'vitest'
import type { MemberId, Split } from '../../src/domain/expense.ts'
import { sum } from '../../src/domain/money.ts'
import { split } from '../../src/domain/split.ts'
import { amount, level } from '../support/amounts.ts'
import { currencyOf as currency, memberId as member } from '../support/ledger.ts'

/** A seeded generator (mulberry32), so that 10,000 expenses are the same ones in each run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** 10,000 × lcm(1…60): every exact share in these tests is a whole number of such fractions of a unit. */
const FINE = 9690712164777231700912800n * 10_000n

interface Sample {
  readonly total: number
  readonly spec: Split
  /** Of each member, in fractions of a unit. */
  readonly exact: ReadonlyMap<MemberId, bigint>
}

/** Records expenses one after another and answers the largest bias in units: borne less exact, at any time. */
function worstBias(next: () => Sample, count = 10_000): number {
  const behind = new Map<MemberId, number>()
  const bias = new Map<MemberId, bigint>()
  let worst = 0n
  for (let i = 0; i < count; i++) {
    const { total, spec, exact } = next()
    const divided = split({ minor: total, currency: currency('USD') }, spec, (id) => behind.get(id) ?? 0)
    if (!divided.ok) throw new Error(JSON.stringify(divided.error))
    for (const { member: id, micro } of divided.value.carry) behind.set(id, (behind.get(id) ?? 0) + micro)
    for (const { member: id, minor } of divided.value.shares) {
      const off = (bias.get(id) ?? 0n) + BigInt(minor) * FINE - (exact.get(id) ?? 0n)
      bias.set(id, off)
      const size = off < 0n ? -off : off
      if (size > worst) worst = size
    }
  }
  return Number((worst * 1_000_000n) / FINE) / 1e6
}

function weightedExpense(total: number, weights: readonly (readonly [MemberId, number])[]): Sample {
  const whole = BigInt(sum(weights.map(([, weight]) => weight)))
  if ((BigInt(total) * FINE) % whole !== 0n) throw new Error(`${whole} does not divide ${FINE}`)
  return {
    total,
    spec: { type: 'shares', parts: weights.map(([id, weight]) => ({ member: id, weight: `${weight}` })) },
    exact: new Map(weights.map(([id, weight]) => [id, (BigInt(total) * FINE * BigInt(weight)) / whole])),
  }
}

describe('over 10,000 expenses', () => {
  const names = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay'].map(member)

  test.each([1, 2, 3])('nobody is off by 2 units when some of six share random amounts equally (seed %i)', (seed) => {
    const below = random(seed)
    expect(
      worstBias(() => {
        const chosen = names.filter(() => below(2) === 0)
        const members = chosen.length > 0 ? chosen : names
        return {
          ...weightedExpense(
            1 + below(99_999),
            members.map((id) => [id, 1]),
          ),
          spec: { type: 'equal', members },
        }
      }),
    ).toBeLessThan(2)
  })

  test.each([1, 2, 3])('nobody is off by 2 units when some of six share by random weights (seed %i)', (seed) => {
    const below = random(seed)
    expect(
      worstBias(() => {
        const chosen = names.filter(() => below(2) === 0)
        return weightedExpense(
          1 + below(99_999),
          (chosen.length > 0 ? chosen : names).map((id) => [id, 1 + below(9)]),
        )
      }),
    ).toBeLessThan(2)
  })

  test.each([
    [1001, [5, 3, 2]],
    [1001, [2, 1]],
    [101, [1, 2, 4, 8, 16]],
    [1, [3, 1]],
    [100, [1, 1, 1]],
    [9999, [20, 1, 1, 1, 1]],
    [1, [10, 9, 8, 7, 6]],
    [1001, [3333, 3333, 3334]],
    [7, [48, 1, 1]],
  ])('nobody is off by 1 unit when %i is split by %j each time', (total, weights) => {
    const rows = weights.map((weight, i) => [names[i] ?? member('x'), weight] as const)
    expect(worstBias(() => weightedExpense(total, rows))).toBeLessThan(1)
  })

  test('without carry the same split would be off by thousands of units', () => {
    const spec: Split = { type: 'equal', members: names.slice(0, 3) }
    const divided = split(amount('1.00 USD'), spec, level)
    expect(divided.ok && 10_000 * (divided.value.shares[0]?.minor ?? 0) - (10_000 * 100) / 3).toBeGreaterThan(6000)
  })
})
