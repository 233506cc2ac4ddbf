// What an expense posts: the change of each member's balance, in the currency that balances are kept in.
// Both columns of an entry's postings sum to the same in every currency.
import { Decimal } from 'decimal.js'
import { allocate } from './allocate.ts'
import { type Currency, exponentOf } from './currency.ts'
import { type Failure, failure } from './errors.ts'
import type { Carry, MemberId, Payer, Posting } from './expense.ts'
import { type Money, MAX_MINOR, formatMinor, sum } from './money.ts'
import { type Result, err, ok } from './result.ts'

/** Wide enough that no product here is rounded before we round it. */
const Exact = Decimal.clone({ precision: 100 })

/** What is to be posted. Payers and shares each sum to the amount; all are minor units of `currency`. */
export interface Priced {
  readonly kind: 'expense' | 'income'
  readonly amount: number
  readonly currency: Currency
  readonly payers: readonly Payer[]
  readonly shares: readonly Payer[]
  /** Units of `currency` there for one unit of the amount's; absent where it posts as it is. */
  readonly rate?: { readonly text: string; readonly currency: Currency }
}

/**
 * What it does to each member, in minor units: `paid` for who paid and `owed` for who bears it, and the other
 * way round for income, where who received the money owes it.
 *
 * With a rate the amount is converted once, half-even, and both columns are divided from that one total; the odd
 * units of what is borne go to whoever is `behind` in that currency, and `carry` says how that changes.
 * Refuses with `expense.invalid` when the rate is no positive decimal, or the converted total is 0 or beyond
 * `MAX_MINOR`. Throws `RangeError` when a side does not sum to the amount: both were checked before, so that is a bug.
 */
export function postings(
  priced: Priced,
  behind: (member: MemberId, currency: Currency) => number,
): Result<{ postings: Posting[]; carry: Carry[] }, Failure> {
  const { kind, amount, currency, payers, shares, rate } = priced
  for (const side of [payers, shares]) {
    if (sum(side.map(({ minor }) => minor)) !== amount) throw new RangeError('who pays and who bears an expense each sum to its amount')
  }
  if (rate === undefined) return ok({ postings: columns(kind, payers, shares, currency), carry: [] })
  const total = convert({ minor: amount, currency }, rate)
  if (!total.ok) return total
  const weights = (side: readonly Payer[]): bigint[] => side.map(({ minor }) => BigInt(minor))
  const paid = allocate(total.value, weights(payers))
  const borne = allocate(
    total.value,
    weights(shares),
    shares.map(({ member }) => behind(member, rate.currency)),
  )
  const given = (side: readonly Payer[], parts: readonly number[]): Payer[] =>
    side.map(({ member }, i) => ({ member, minor: parts[i] ?? 0 }))
  const carry = shares.map(({ member }, i) => ({ member, currency: rate.currency, micro: borne.carried[i] ?? 0 }))
  return ok({
    postings: columns(kind, given(payers, paid.parts), given(shares, borne.parts), rate.currency),
    carry: carry.filter(({ micro }) => micro !== 0),
  })
}

function columns(kind: Priced['kind'], payers: readonly Payer[], shares: readonly Payer[], currency: Currency): Posting[] {
  const [paid, owed] = kind === 'expense' ? [payers, shares] : [shares, payers]
  return merged(
    paid.map(({ member, minor }) => ({ member, currency, paid: minor, owed: 0 })),
    owed.map(({ member, minor }) => ({ member, currency, paid: 0, owed: minor })),
  )
}

function convert({ minor, currency }: Money, rate: { text: string; currency: Currency }): Result<number, Failure> {
  const refuseRate = (code: string, message: string) =>
    err(failure('expense.invalid', [{ field: 'exchange_rate', code, message, got: rate.text }]))
  if (!/^\d{1,18}(\.\d{1,18})?$/.test(rate.text) || new Exact(rate.text).isZero()) {
    return refuseRate('INVALID_RATE', 'The exchange rate must be a positive decimal such as 0.92')
  }
  const shift = new Exact(10).pow(exponentOf(rate.currency) - exponentOf(currency))
  const converted = new Exact(minor).mul(rate.text).mul(shift).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN)
  const text = `At this rate ${formatMinor(minor, currency)} ${currency}`
  if (converted.isZero()) {
    return refuseRate('CONVERTED_AMOUNT_TOO_SMALL', `${text} rounds to 0 ${rate.currency}`)
  }
  if (converted.gt(MAX_MINOR)) {
    const largest = `${formatMinor(MAX_MINOR, rate.currency)} ${rate.currency}`
    return refuseRate('CONVERTED_AMOUNT_TOO_LARGE', `${text} is more than ${largest}, the largest amount that is kept`)
  }
  return ok(converted.toNumber())
}

/** The postings that undo these: a reversal, not a swap of columns, so that what was paid in total is undone too. */
export const reversed = (postings: readonly Posting[]): Posting[] =>
  postings.map((posting) => ({ ...posting, paid: 0 - posting.paid, owed: 0 - posting.owed }))

/**
 * One posting for each member and currency, the sum of theirs, in the order in which each first appears.
 * Those that come to 0 paid and 0 owed are left out. Throws `RangeError` beyond the safe integers.
 */
export function merged(...lists: readonly (readonly Posting[])[]): Posting[] {
  const rows = new Map<string, Posting>()
  for (const posting of lists.flat()) {
    const key = `${posting.member} ${posting.currency}`
    const row = rows.get(key) ?? { ...posting, paid: 0, owed: 0 }
    rows.set(key, { ...row, paid: sum([row.paid, posting.paid]), owed: sum([row.owed, posting.owed]) })
  }
  return [...rows.values()].filter(({ paid, owed }) => paid !== 0 || owed !== 0)
}
