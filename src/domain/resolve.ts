// A request names people by user or member id and amounts as decimal text; the ledger names members and
// counts minor units. The step between the two needs the group, so it is taken inside the decision.
import type { Currency } from './currency.ts'
import { failure, type Failure } from './errors.ts'
import type { MemberId, Split, SplitOf } from './expense.ts'
import { exponentOf } from './currency.ts'
import { MAX_MINOR, formatMinor, parseMoney } from './money.ts'
import { err, ok, type Result } from './result.ts'

/** How one reference and one amount are read; both are told the field, for the refusal. */
export interface Reader {
  readonly member: (ref: string, field: string) => Result<MemberId, Failure>
  readonly amount: (text: string, field: string) => Result<number, Failure>
}

/** Reads decimal text as minor units of the currency, or says what is wrong with it. */
export function readAmount(text: string, currency: Currency, field: string): Result<number, Failure> {
  const parsed = parseMoney(text, currency)
  if (typeof parsed === 'object') return ok(parsed.minor)
  const decimals = exponentOf(currency)
  const said = {
    not_a_number: { message: 'This is not a decimal amount such as "12.50"', code: 'INVALID_AMOUNT' },
    too_precise: {
      message: `${currency} has ${decimals} decimals, this amount has more`,
      code: 'TOO_PRECISE',
      expected: `at most ${decimals} decimals`,
    },
    too_large: {
      message: 'The amount is larger than the ledger keeps',
      code: 'TOO_LARGE',
      expected: `at most ${formatMinor(MAX_MINOR, currency)}`,
    },
  }[parsed]
  return err(failure('expense.invalid', [{ field, got: text, ...said }]))
}

/** The split with every reference and amount read, or the first refusal. */
export function readSplit(split: SplitOf<string, string>, read: Reader): Result<Split, Failure> {
  switch (split.type) {
    case 'equal':
      return mapped(
        split.members,
        (ref, i) => read.member(ref, `split_data.participants[${i}]`),
        (members) => ({ type: 'equal', members }),
      )
    case 'percentage':
      return mapped(
        split.parts,
        (part) => withMember(part, part.member, read),
        (parts) => ({ type: 'percentage', parts }),
      )
    case 'shares':
      return mapped(
        split.parts,
        (part) => withMember(part, part.member, read),
        (parts) => ({ type: 'shares', parts }),
      )
    case 'exact':
      return mapped(
        split.parts,
        (part) => readPart(part, read),
        (parts) => ({ type: 'exact', parts }),
      )
    case 'adjustment':
      return mapped(
        split.parts,
        (part) => readPart(part, read),
        (parts) => ({ type: 'adjustment', parts }),
      )
    case 'itemized':
      return readItems(split, read)
  }
}

function readItems(split: Extract<SplitOf<string, string>, { type: 'itemized' }>, read: Reader): Result<Split, Failure> {
  const extras = mapped(
    [split.tax, split.tip, split.discount],
    (text, i) => read.amount(text, `split_data.${['tax', 'tip', 'discount'][i]}`),
    (amounts) => amounts,
  )
  if (!extras.ok) return extras
  const [tax = 0, tip = 0, discount = 0] = extras.value
  const items = mapped(
    split.items,
    (item, i) => {
      const field = `split_data.items[${i}]`
      const amount = read.amount(item.amount, `${field}.amount`)
      if (!amount.ok) return amount
      const parts = mapped(
        item.parts,
        (part, k) => withMember(part, `items[${i}].participants[${k}]`, read),
        (all) => all,
      )
      return parts.ok ? ok({ ...item, amount: amount.value, parts: parts.value }) : parts
    },
    (all) => all,
  )
  return items.ok ? ok({ type: 'itemized', items: items.value, tax, tip, discount }) : items
}

function withMember<P extends { readonly member: string }>(
  part: P,
  at: string,
  read: Reader,
): Result<Omit<P, 'member'> & { member: MemberId }, Failure> {
  const member = read.member(part.member, `split_data.${at}`)
  return member.ok ? ok({ ...part, member: member.value }) : member
}

function readPart(
  part: { readonly member: string; readonly amount: string },
  read: Reader,
): Result<{ member: MemberId; amount: number }, Failure> {
  const member = read.member(part.member, `split_data.${part.member}`)
  if (!member.ok) return member
  const amount = read.amount(part.amount, `split_data.${part.member}`)
  return amount.ok ? ok({ member: member.value, amount: amount.value }) : amount
}

function mapped<A, B, C>(
  list: readonly A[],
  one: (item: A, index: number) => Result<B, Failure>,
  whole: (all: B[]) => C,
): Result<C, Failure> {
  const out: B[] = []
  for (const [i, item] of list.entries()) {
    const result = one(item, i)
    if (!result.ok) return result
    out.push(result.value)
  }
  return ok(whole(out))
}
