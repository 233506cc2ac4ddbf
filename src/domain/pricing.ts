// What an expense comes to: who pays, who bears how much, at which rate, and what that posts.
import type { Moment } from './decision.ts'
import { failure, type Detail, type Failure } from './errors.ts'
import type { Carry, Expense, MemberId, Payer, Posting, Share, Split } from './expense.ts'
import { chargeable, isActive, isPosted, nameOf, selfId } from './expense-moves.ts'
import { balanceKey, isPresent } from './group.ts'
import type { ExpenseElsewhere, ExpenseFields } from './commands.ts'
import { formatMinor, money } from './money.ts'
import { postings } from './postings.ts'
import { postingsElsewhere, sharesElsewhere } from './pricing-elsewhere.ts'
import { readAmount, readSplit, type Reader } from './resolve.ts'
import { err, ok, type Result } from './result.ts'
import { split } from './split.ts'

/** The part of an expense that is about money. */
export interface Priced {
  readonly kind: Expense['kind']
  readonly amount: number
  readonly currency: Expense['currency']
  readonly rate?: string
  readonly payers: readonly Payer[]
  readonly split: Split
  readonly shares: readonly Share[]
  readonly postings: readonly Posting[]
  readonly carry: readonly Carry[]
}

/** What is taken as it is: a split whose members are known to be there, and what came of a split elsewhere. */
type Given = Pick<ExpenseElsewhere, 'shares' | 'postings'> & { readonly split?: Split }

/** Who pays and bears what, and what that posts; what is not said stays as it was before. */
export function price(m: Moment, fields: ExpenseFields, before: Expense | undefined, given: Given = {}): Result<Priced, Failure> {
  const kind = before?.kind ?? fields.kind ?? 'expense'
  const currency = fields.currency ?? before?.currency ?? m.info.currency
  const read = amountOf(fields, before, currency)
  if (!read.ok) return read
  const amount = read.value
  const payers = payersOf(m, fields, before, amount, currency)
  if (!payers.ok) return payers
  const how = given.split === undefined ? splitOf(m, fields, before, amount, currency) : ok(given.split)
  if (!how.ok) return how
  const taken = new Map(
    (before !== undefined && isPosted(before) ? before.carry : []).map((c) => [balanceKey(c.member, c.currency), c.micro]),
  )
  // An edit is rounded as if the expense had been written so at once: what its rounding did before is set aside.
  const behind = (member: MemberId, unit: Expense['currency']): number =>
    (m.book.state.carry.get(balanceKey(member, unit)) ?? 0) - (taken.get(balanceKey(member, unit)) ?? 0)
  const worked = split(money(amount, currency), how.value, (member) => behind(member, currency))
  const divided = worked.ok && given.shares ? sharesElsewhere(m, given.shares, money(amount, currency), worked.value.shares) : worked
  if (!divided.ok) return divided
  const { shares, carry } = divided.value
  const rate = rateOf(m, fields, before, currency)
  if (!rate.ok) return rate
  const base = { kind, amount, currency, payers: payers.value, shares }
  const converted = rate.value === undefined ? base : { ...base, rate: { text: rate.value, currency: m.info.currency } }
  const posted = postings(converted, behind)
  const moves =
    posted.ok && rate.value !== undefined && given.postings ? postingsElsewhere(m, given.postings, posted.value.postings, base) : posted
  if (!moves.ok) return moves
  const priced = { ...base, split: how.value, postings: moves.value.postings, carry: [...carry, ...moves.value.carry] }
  return ok(rate.value === undefined ? priced : { ...priced, rate: rate.value })
}

function amountOf(fields: ExpenseFields, before: Expense | undefined, currency: Expense['currency']): Result<number, Failure> {
  // An amount that is not said again is the same number of the new currency: 12.50 stays 12.50.
  const text = fields.amount ?? (before === undefined ? '0' : formatMinor(before.amount, before.currency))
  const amount = readAmount(text, currency, 'amount')
  if (!amount.ok || amount.value > 0) return amount
  return err(
    failure('expense.invalid', [
      { field: 'amount', message: 'Must be greater than 0', code: 'INVALID_VALUE', expected: 'more than 0', got: text },
    ]),
  )
}

function rateOf(
  m: Moment,
  fields: ExpenseFields,
  before: Expense | undefined,
  currency: Expense['currency'],
): Result<string | undefined, Failure> {
  if (m.info.settings.currencies === 'separate' || currency === m.info.currency) return ok(undefined)
  const rate = fields.rate ?? (before?.currency === currency ? before.rate : undefined)
  if (rate !== undefined) return ok(rate)
  const message = `Say exchange_rate: how many ${m.info.currency} one ${currency} is worth`
  return err(
    failure('expense.rate_unknown', [{ field: 'exchange_rate', message, code: 'RATE_UNKNOWN', expected: m.info.currency, got: currency }]),
  )
}

function payersOf(
  m: Moment,
  fields: ExpenseFields,
  before: Expense | undefined,
  amount: number,
  currency: Expense['currency'],
): Result<readonly Payer[], Failure> {
  if (fields.payer !== undefined) {
    const payer = chargeable(m, fields.payer, 'paid_by')
    return payer.ok ? ok([{ member: payer.value, minor: amount }]) : payer
  }
  if (fields.payers === undefined) {
    if (before === undefined) return ok([{ member: selfId(m), minor: amount }])
    const isSame = before.amount === amount && before.currency === currency && (fields.rate === undefined || fields.rate === before.rate)
    const gone = before.payers.find((p) => !isActive(m, p.member))
    if (gone !== undefined && !isSame)
      return err(
        failure('member.inactive', [
          { field: 'paid_by', message: `${nameOf(m, gone.member)} has left the group; say who paid instead`, code: 'MEMBER_INACTIVE' },
        ]),
      )
    const [only, ...others] = before.payers
    if (only !== undefined && others.length === 0) return ok([{ member: only.member, minor: amount }])
    if (before.amount === amount) return ok(before.payers)
    return badPayers({ field: 'payers', message: 'Several people paid; say what each paid of the new amount', code: 'PAYERS_NEEDED' })
  }
  const payers: Payer[] = []
  for (const [i, { member: ref, amount: text }] of fields.payers.entries()) {
    const member = chargeable(m, ref, `payers[${i}].user_id`)
    if (!member.ok) return member
    const part = readAmount(text, currency, `payers[${i}].amount`)
    if (!part.ok) return part
    if (part.value <= 0)
      return badPayers({
        field: `payers[${i}].amount`,
        message: 'Must be greater than 0',
        code: 'INVALID_VALUE',
        expected: 'more than 0',
        got: text,
      })
    if (payers.some((p) => p.member === member.value))
      return badPayers({
        field: `payers[${i}].user_id`,
        message: `${nameOf(m, member.value)} is named twice`,
        code: 'DUPLICATE_PARTICIPANT',
      })
    payers.push({ member: member.value, minor: part.value })
  }
  const paid = payers.reduce((total, p) => total + p.minor, 0)
  if (paid === amount) return ok(payers)
  return badPayers({
    field: 'payers',
    message: `The payers' amounts add up to ${formatMinor(paid, currency)}, the expense is ${formatMinor(amount, currency)}`,
    code: 'PAYERS_DO_NOT_ADD_UP',
    expected: formatMinor(amount, currency),
    got: formatMinor(paid, currency),
    difference: formatMinor(paid - amount, currency),
  })
}

const badPayers = (detail: Detail) => err(failure('expense.invalid', [detail]))

function splitOf(
  m: Moment,
  fields: ExpenseFields,
  before: Expense | undefined,
  amount: number,
  currency: Expense['currency'],
): Result<Split, Failure> {
  const read: Reader = {
    member: (ref, field) => chargeable(m, ref, field),
    amount: (text, field) => readAmount(text, currency, field),
  }
  if (fields.split !== undefined) return readSplit(fields.split, read)
  if (before === undefined) return ok(equalAmongAll(m))
  const gone = before.shares.find((share) => !isActive(m, share.member))
  if (gone !== undefined)
    return err(
      failure('member.inactive', [
        {
          field: 'split_data',
          message: `${nameOf(m, gone.member)} has left the group; say how to split without them`,
          code: 'MEMBER_INACTIVE',
        },
      ]),
    )
  const { split: how } = before
  const isByAmounts = how.type === 'exact' || how.type === 'itemized' || how.type === 'adjustment'
  if (!isByAmounts || (amount === before.amount && currency === before.currency)) return ok(how)
  const message = `The expense is split by ${how.type} amounts; say split_type and split_data for the new amount`
  return err(failure('split.invalid', [{ field: 'split_data', message, code: 'SPLIT_NEEDED' }]))
}

function equalAmongAll(m: Moment): Split {
  const members = [...m.book.state.members.values()].filter((o) => isPresent(o) && o.role !== 'viewer')
  return { type: 'equal', members: members.map((o) => o.id) }
}
