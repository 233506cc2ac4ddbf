// How an expense is divided: who bears how much of it, and what that does to each member's balance.
// Shares sum to the amount exactly, and each comes from a single rounding (see `allocate`).
import { Decimal } from 'decimal.js'
import { allocate, toWeights } from './allocate.ts'
import type { Currency } from './currency.ts'
import { type Detail, type Failure, failure } from './errors.ts'
import type { Carry, Item, MemberId, Share, Split } from './expense.ts'
import { type Money, formatMinor, sum } from './money.ts'
import { type Result, err, ok } from './result.ts'

export interface Division {
  readonly shares: Share[]
  /** By how much the rounding moved each member's `behind`; members it did not move are left out. */
  readonly carry: Carry[]
}

type Behind = (member: MemberId) => number
type Part = Omit<Share, 'minor'>
type AmountPart = Extract<Split, { type: 'exact' }>['parts'][number]
type Itemized = Extract<Split, { type: 'itemized' }>

/** Wide enough that no product or sum here is rounded before we round it. */
const Exact = Decimal.clone({ precision: 100 })

/** What a percentage or a weight may be: not negative, at most 4 decimals (trailing zeros are not counted). */
const RATIO = /^\d{1,12}(\.\d{1,4}0{0,8})?$/

/**
 * Divides a positive total. `behind` is each member's carry so far, in millionths of a minor unit; it decides only who
 * gets the odd units. Shares are in the order of the split, and a participant whose share is 0 is kept.
 *
 * Refuses with `split.invalid`, one detail for each thing that is wrong. Where amounts are off, `difference` is
 * got - expected as decimal text: `-10.00` is 10.00 short.
 */
export function split(total: Money, spec: Split, behind: Behind): Result<Division, Failure> {
  const faults = [...amountFaults(total), ...participantFaults(spec)]
  if (faults.length > 0) return refuse(...faults)
  switch (spec.type) {
    case 'equal':
      return ok(divide(total, equalParts(spec.members), equalWeights(spec.members), behind))
    case 'exact':
      return splitExactly(total, spec.parts)
    case 'percentage':
      return splitByPercentage(total, spec.parts, behind)
    case 'shares':
      return splitByWeight(total, spec.parts, behind)
    case 'adjustment':
      return splitWithAdjustments(total, spec.parts, behind)
    case 'itemized':
      return splitItems(total, spec, behind)
  }
}

function splitExactly(total: Money, parts: readonly AmountPart[]): Result<Division, Failure> {
  const negative = parts.flatMap(({ amount }, i) =>
    amount >= 0
      ? []
      : [
          {
            field: `split_data.participants[${i}]`,
            code: 'NEGATIVE_SHARE',
            message: `A share must not be negative, this one is ${formatMinor(amount, total.currency)} ${total.currency}`,
            ...offBy(0, amount, total.currency),
          },
        ],
  )
  if (negative.length > 0) return refuse(...negative)
  const got = sum(parts.map(({ amount }) => amount))
  if (got !== total.minor) return refuse(sumFault('split_data', 'SHARES_DO_NOT_ADD_UP', 'The shares', total, got))
  return ok({ shares: parts.map(({ member, amount }) => ({ member, minor: amount })), carry: [] })
}

function splitByPercentage(
  total: Money,
  parts: readonly { member: MemberId; percentage: string }[],
  behind: Behind,
): Result<Division, Failure> {
  const texts = parts.map(({ percentage }) => percentage)
  const faults = ratioFaults(texts, 'split_data.participants', 'percentage')
  if (faults.length > 0) return refuse(...faults)
  const got = texts.reduce((whole, text) => whole.plus(text), new Exact(0))
  const difference = got.minus(100)
  if (!difference.isZero()) {
    const off = `${difference.abs().toFixed()} ${difference.isNegative() ? 'less' : 'more'} than 100`
    return refuse({
      field: 'split_data',
      code: 'PERCENTAGES_DO_NOT_ADD_UP',
      message: `The percentages add up to ${got.toFixed()}, which is ${off}`,
      expected: '100',
      got: got.toFixed(),
      difference: difference.toFixed(),
    })
  }
  const worded = parts.map(({ member, percentage }) => ({ member, percentage }))
  return ok(divide(total, worded, toWeights(texts), behind))
}

function splitByWeight(total: Money, parts: readonly { member: MemberId; weight: string }[], behind: Behind): Result<Division, Failure> {
  const faults = weightFaults(parts, 'split_data.participants')
  if (faults.length > 0) return refuse(...faults)
  const worded = parts.map(({ member, weight }) => ({ member, weight }))
  return ok(divide(total, worded, toWeights(parts.map(({ weight }) => weight)), behind))
}

function splitWithAdjustments(total: Money, parts: readonly AmountPart[], behind: Behind): Result<Division, Failure> {
  const text = (minor: number) => `${formatMinor(minor, total.currency)} ${total.currency}`
  const adjusted = sum(parts.map(({ amount }) => amount))
  const remainder = total.minor - adjusted
  if (remainder < 0) {
    return refuse({
      field: 'split_data',
      code: 'ADJUSTMENTS_TOO_LARGE',
      message: `The adjustments add up to ${text(adjusted)}, ${text(-remainder)} too large for ${text(total.minor)}`,
      ...offBy(total.minor, adjusted, total.currency),
    })
  }
  // Judged by the exact share, rounded down, so that a refusal does not depend on who gets the odd unit.
  const equal = Math.floor(remainder / parts.length)
  const negative = parts.flatMap(({ amount }, i) =>
    amount + equal >= 0
      ? []
      : [
          {
            field: `split_data.participants[${i}]`,
            code: 'NEGATIVE_SHARE',
            message: `An adjustment of ${text(amount)} is ${text(-amount - equal)} too large for a part of ${text(equal)}`,
            ...offBy(0, amount + equal, total.currency),
          },
        ],
  )
  if (negative.length > 0) return refuse(...negative)
  const members = parts.map(({ member }) => member)
  const { shares, carry } = divide({ ...total, minor: remainder }, equalParts(members), equalWeights(members), behind)
  return ok({ shares: shares.map((share, i) => ({ ...share, minor: share.minor + (parts[i]?.amount ?? 0) })), carry })
}

function splitItems(total: Money, spec: Itemized, behind: Behind): Result<Division, Failure> {
  const faults = itemFaults(total, spec)
  if (faults.length > 0) return refuse(...faults)
  const subtotals = exactSubtotals(spec.items)
  const members = [...subtotals.keys()]
  const weights = [...subtotals.values()]
  if (weights.some((weight) => weight < 0n)) {
    const message = 'The items of each member must add up to 0 or more'
    return refuse({ field: 'split_data.items', code: 'NEGATIVE_SHARE', message })
  }
  // Tax, tip and discount follow the subtotals, so the whole does: a share is total × subtotal ÷ sum of subtotals.
  const free = weights.every((weight) => weight === 0n)
  return ok(divide(total, equalParts(members), free ? equalWeights(members) : weights, behind))
}

function itemFaults(total: Money, { items, tax, tip, discount }: Itemized): Detail[] {
  const faults = [
    ...Object.entries({ tax, tip, discount }).flatMap(([name, amount]) =>
      amount >= 0 ? [] : [{ field: `split_data.${name}`, code: 'NEGATIVE_AMOUNT', message: `The ${name} must not be negative` }],
    ),
    ...items.flatMap(({ parts }, i) => weightFaults(parts, `split_data.items[${i}].participants`)),
  ]
  if (faults.length > 0) return faults
  const charged = sum([...items.map(({ amount }) => amount), tax, tip])
  if (discount > charged) {
    const excess = `${formatMinor(discount - charged, total.currency)} ${total.currency}`
    return [
      {
        field: 'split_data.discount',
        code: 'DISCOUNT_TOO_LARGE',
        message: `The discount is ${excess} more than the items, tax and tip together`,
        ...offBy(charged, discount, total.currency),
      },
    ]
  }
  const got = charged - discount
  if (got === total.minor) return []
  return [sumFault('split_data.items', 'ITEMS_DO_NOT_ADD_UP', 'The items, tax and tip less the discount', total, got)]
}

/** Each member's part of the items as whole multiples of one common fraction of a minor unit. */
function exactSubtotals(items: readonly Item[]): Map<MemberId, bigint> {
  const lines = items.map(({ amount, parts }) => {
    const weights = toWeights(parts.map(({ weight }) => weight))
    return { amount: BigInt(amount), parts, weights, whole: weights.reduce((a, b) => a + b, 0n) }
  })
  const denominator = lines.reduce((common, { whole }) => (common / greatestCommonDivisor(common, whole)) * whole, 1n)
  const subtotals = new Map<MemberId, bigint>()
  for (const { amount, parts, weights, whole } of lines) {
    for (const [i, { member }] of parts.entries()) {
      const part = amount * (weights[i] ?? 0n) * (denominator / whole)
      subtotals.set(member, (subtotals.get(member) ?? 0n) + part)
    }
  }
  return subtotals
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

function divide({ minor: total, currency }: Money, parts: readonly Part[], weights: readonly bigint[], behind: Behind): Division {
  const allocation = allocate(
    total,
    weights,
    parts.map(({ member }) => behind(member)),
  )
  return {
    shares: parts.map((part, i) => ({ ...part, minor: allocation.parts[i] ?? 0 })),
    carry: parts.map(({ member }, i) => ({ member, currency, micro: allocation.carried[i] ?? 0 })).filter(({ micro }) => micro !== 0),
  }
}

const equalParts = (members: readonly MemberId[]): Part[] => members.map((member) => ({ member }))
const equalWeights = (members: readonly MemberId[]): bigint[] => members.map(() => 1n)

const refuse = (...details: Detail[]) => err(failure('split.invalid', details))

const offBy = (expected: number, got: number, currency: Currency) => ({
  expected: formatMinor(expected, currency),
  got: formatMinor(got, currency),
  difference: formatMinor(got - expected, currency),
})

function sumFault(field: string, code: string, what: string, { minor, currency }: Money, got: number): Detail {
  const amount = (value: number) => `${formatMinor(value, currency)} ${currency}`
  const off = `${amount(Math.abs(got - minor))} ${got < minor ? 'less' : 'more'} than the amount of ${amount(minor)}`
  return { field, code, message: `${what} add up to ${amount(got)}, which is ${off}`, ...offBy(minor, got, currency) }
}

const amountFaults = ({ minor }: Money): Detail[] =>
  minor > 0 ? [] : [{ field: 'amount', code: 'INVALID_AMOUNT', message: 'The amount to split must be more than 0' }]

function participantFaults(spec: Split): Detail[] {
  if (spec.type === 'equal') return memberFaults(spec.members, 'split_data.participants')
  if (spec.type !== 'itemized')
    return memberFaults(
      spec.parts.map(({ member }) => member),
      'split_data.participants',
    )
  if (spec.items.length === 0) {
    return [{ field: 'split_data.items', code: 'NO_ITEMS', message: 'An itemized split needs at least one item' }]
  }
  return spec.items.flatMap(({ parts }, i) =>
    memberFaults(
      parts.map(({ member }) => member),
      `split_data.items[${i}].participants`,
    ),
  )
}

function memberFaults(members: readonly MemberId[], field: string): Detail[] {
  if (members.length === 0) return [{ field, code: 'NO_PARTICIPANTS', message: 'At least one participant is needed' }]
  return members.flatMap((member, i) => {
    const first = members.indexOf(member)
    if (first === i) return []
    const message = `${member} takes part twice; it is participant ${first} already`
    return [{ field: `${field}[${i}]`, code: 'DUPLICATE_PARTICIPANT', message }]
  })
}

function ratioFaults(texts: readonly string[], field: string, what: 'percentage' | 'weight'): Detail[] {
  return texts.flatMap((text, i) =>
    RATIO.test(text)
      ? []
      : [
          {
            field: `${field}[${i}].${what}`,
            code: `INVALID_${what.toUpperCase()}`,
            message: `A ${what} is a decimal of 0 or more with at most 4 decimals, such as 33.3333`,
            got: text,
          },
        ],
  )
}

function weightFaults(parts: readonly { readonly weight: string }[], field: string): Detail[] {
  const faults = ratioFaults(
    parts.map(({ weight }) => weight),
    field,
    'weight',
  )
  if (faults.length > 0 || parts.some(({ weight }) => /[1-9]/.test(weight))) return faults
  return [{ field, code: 'INVALID_WEIGHT', message: 'At least one weight must be more than 0' }]
}
