// What came of an expense elsewhere, taken as it was as far as it could have come of it here: an odd unit may have gone to
// somebody else, and nothing more.
import type { ExpenseElsewhere } from './commands.ts'
import type { Currency } from './currency.ts'
import type { Moment } from './decision.ts'
import { failure, type Detail, type Failure } from './errors.ts'
import type { Carry, MemberId, Payer, Posting, Share } from './expense.ts'
import { chargeable, nameOf } from './expense-moves.ts'
import { formatMinor, type Money } from './money.ts'
import { readAmount } from './resolve.ts'
import { err, ok, type Result } from './result.ts'

const bad = (detail: Detail): Result<never, Failure> => err(failure('split.invalid', [detail]))

/** By how much a rounded part may be another here: one unit, whoever was behind. */
const ODD = 1

/** Why one member's part can't have come of it; undefined where it can. */
function refusePart(m: Moment, field: string, member: MemberId, parts: { got: number; worked: number; currency: Currency }) {
  const { got, worked, currency } = parts
  if (Math.abs(got - worked) <= ODD) return undefined
  const [expected, given] = [formatMinor(worked, currency), formatMinor(got, currency)]
  const difference = formatMinor(got - worked, currency)
  return bad({ field, message: `This is not the part of ${nameOf(m, member)}`, code: 'NOT_THEIR_PART', expected, got: given, difference })
}

function refuseSum(field: string, got: number, expected: number, currency: Currency) {
  if (got === expected) return undefined
  const text = (minor: number): string => formatMinor(minor, currency)
  const message = `These add up to ${text(got)}, the amount is ${text(expected)}`
  return bad({ field, message, code: 'DOES_NOT_ADD_UP', expected: text(expected), got: text(got), difference: text(got - expected) })
}

const sum = (list: readonly { readonly minor: number }[]): number => list.reduce((total, { minor }) => total + minor, 0)

/** The shares that a split came to elsewhere; `worked` is what it comes to here. Nobody's rounding is carried on from them. */
export function sharesElsewhere(
  m: Moment,
  given: NonNullable<ExpenseElsewhere['shares']>,
  { minor: total, currency }: Money,
  worked: readonly Share[],
): Result<{ shares: readonly Share[]; carry: readonly Carry[] }, Failure> {
  const parts = new Map(worked.map((share) => [share.member, share.minor]))
  const shares: Share[] = []
  for (const [i, { member: ref, amount, ...words }] of given.entries()) {
    const field = `shares[${i}]`
    const member = chargeable(m, ref, `${field}.user_id`)
    if (!member.ok) return member
    const minor = readAmount(amount, currency, `${field}.amount`)
    if (!minor.ok) return minor
    const part = parts.get(member.value)
    if (minor.value < 0 || part === undefined || !parts.delete(member.value))
      return bad({ field, message: 'Each who shares in the split bears one part, of 0 or more', code: 'INVALID_VALUE', got: amount })
    const refused = refusePart(m, field, member.value, { got: minor.value, worked: part, currency })
    if (refused !== undefined) return refused
    shares.push({ member: member.value, minor: minor.value, ...words })
  }
  const left = [...parts].find(([, part]) => part > ODD)
  if (left !== undefined) return bad({ field: 'shares', message: `The part of ${nameOf(m, left[0])} is missing`, code: 'REQUIRED' })
  return refuseSum('shares', sum(shares), total, currency) ?? ok({ shares, carry: [] })
}

/** What a conversion came to elsewhere; `worked` is what it comes to here, and only who pays or bears is posted to. */
export function postingsElsewhere(
  m: Moment,
  given: NonNullable<ExpenseElsewhere['postings']>,
  worked: readonly Posting[],
  { payers, shares }: { readonly payers: readonly Payer[]; readonly shares: readonly Share[] },
): Result<{ postings: readonly Posting[]; carry: readonly Carry[] }, Failure> {
  const { currency } = m.info
  const parts = new Map(worked.map((posting) => [posting.member, posting]))
  const people = new Set([...payers, ...shares].map(({ member }) => member))
  const postings: Posting[] = []
  for (const [i, { member: ref, ...texts }] of given.entries()) {
    const field = `postings[${i}]`
    const member = chargeable(m, ref, `${field}.user_id`)
    if (!member.ok) return member
    const paid = readAmount(texts.paid, currency, `${field}.paid`)
    if (!paid.ok) return paid
    const owed = readAmount(texts.owed, currency, `${field}.owed`)
    if (!owed.ok) return owed
    if (paid.value < 0 || owed.value < 0 || !people.delete(member.value))
      return bad({ field, message: 'Each who pays or bears a part has one posting, of 0 or more', code: 'INVALID_VALUE' })
    const own = parts.get(member.value)
    const refused =
      refusePart(m, `${field}.paid`, member.value, { got: paid.value, worked: own?.paid ?? 0, currency }) ??
      refusePart(m, `${field}.owed`, member.value, { got: owed.value, worked: own?.owed ?? 0, currency })
    if (refused !== undefined) return refused
    postings.push({ member: member.value, currency, paid: paid.value, owed: owed.value })
  }
  const total = (list: readonly Posting[], column: 'paid' | 'owed'): number => list.reduce((all, posting) => all + posting[column], 0)
  const refused =
    refuseSum('postings.paid', total(postings, 'paid'), total(worked, 'paid'), currency) ??
    refuseSum('postings.owed', total(postings, 'owed'), total(worked, 'owed'), currency)
  return refused ?? ok({ postings, carry: [] })
}
