// The rules about expenses: who can be charged, how an amount becomes postings, and what an edit does to
// them. An expense that waits for approval, was rejected or is deleted has no money in the balances.
import { entryOf, refuse, refuseStale, type Decision, type Moment } from './decision.ts'
import { failure, type Detail, type Failure } from './errors.ts'
import type { Activity, Carry, Expense, MemberId, Payer, Posting, Share, Split } from './expense.ts'
import { balanceKey, findMember, isPresent, type Command, type ExpenseDraft, type ExpenseFields, type MemberRef } from './group.ts'
import { formatMinor, money } from './money.ts'
import { err, ok, type Result } from './result.ts'
import { allows } from './roles.ts'
import { merged, postings, reversed } from './postings.ts'
import { split } from './split.ts'
import { readAmount, readSplit, type Reader } from './resolve.ts'

/** So many steps of an expense's life are shown with it; the journal has them all. */
const ACTIVITY_KEPT = 50

export function decideExpense(m: Moment, command: Command): Decision | undefined {
  if (command.type === 'record_expense') return recordExpense(m, command.id, command.draft)
  if (!('id' in command)) return undefined
  const expense = m.book.expense(command.id)
  if (expense === undefined) return refuse('expense.not_found')
  const stale = refuseStale(m, expense.version)
  if (stale !== undefined) return stale
  if (expense.deletedAt !== undefined && command.type !== 'restore_expense') return refuse('expense.deleted')
  switch (command.type) {
    case 'update_expense':
      return updateExpense(m, expense, command.fields, command.splitOnly === true)
    case 'delete_expense':
      return moved(m, 'expense_deleted', expense, { ...touch(m, expense, 'deleted'), deletedAt: m.at })
    case 'restore_expense':
      return restoreExpense(m, expense)
    case 'approve_expense':
      return approveExpense(m, expense)
    case 'reject_expense':
      return expense.status === 'pending'
        ? moved(m, 'expense_rejected', expense, { ...touch(m, expense, 'rejected'), status: 'rejected' })
        : refuse('expense.not_pending')
    case 'attach_receipt':
      return entryOf(m, 'expense_receipt_added', {
        expense: { ...touch(m, expense, 'receipt_added'), attachments: [...expense.attachments, command.attachment] },
      })
    case 'comment_expense': {
      const comment = { id: command.comment, expenseId: expense.id, member: selfId(m), text: command.text, createdAt: m.at }
      return entryOf(m, 'expense_commented', { expense: touch(m, expense, 'commented'), comment })
    }
  }
}

/** The asking member. Every command on an expense names an action, so `decide` has made sure of one. */
function selfId(m: Moment): MemberId {
  if (m.self === undefined) throw new Error('an expense is changed by a member')
  return m.self.id
}

/** The expense as of this entry, with one more step in its activity. */
function touch(m: Moment, expense: Expense, type: Activity['type']): Expense {
  const activity = [...expense.activity, { type, member: selfId(m), at: m.at }].slice(-ACTIVITY_KEPT)
  return { ...expense, activity, updatedAt: m.at, version: m.book.state.seq + 1 }
}

const isPosted = (expense: Expense): boolean => expense.status === 'posted' && expense.deletedAt === undefined

/** The entry that takes back what the expense posted and posts what it now says. */
function moved(
  m: Moment,
  type: 'expense_updated' | 'expense_split_updated' | 'expense_deleted' | 'expense_restored' | 'expense_approved' | 'expense_rejected',
  before: Expense,
  after: Expense,
): Decision {
  const taken = isPosted(before) ? reversed(before.postings) : []
  const given = isPosted(after) ? after.postings : []
  const isSame = isPosted(before) === isPosted(after) && merged(reversed(before.postings), after.postings).length === 0
  const carry = carryOf(before, after)
  // Money that comes to the same has not moved: what was settled of it stays settled. Its exact parts may have.
  if (isSame) return entryOf(m, type, { expense: { ...after, postings: before.postings }, carry })
  // Whoever has left was square when they went, and nobody could settle with them what this would open again.
  const gone = merged(taken, given).find((change) => change.paid !== change.owed && !isActive(m, change.member))
  if (gone !== undefined)
    return refuse(
      'member.inactive',
      'participants',
      `${nameOf(m, gone.member)} has left the group, and this would open their balance again`,
    )
  const expense = { ...after, postedSeq: m.book.state.seq + 1 }
  return entryOf(m, type, {
    expense,
    reversal: taken,
    postings: given,
    carry,
  })
}

/** What rounding is taken back and done anew; a member whose part of it stays the same is left out. */
function carryOf(before: Expense, after: Expense): Carry[] {
  const all = [
    ...(isPosted(before) ? before.carry.map((c) => ({ ...c, micro: 0 - c.micro })) : []),
    ...(isPosted(after) ? after.carry : []),
  ]
  const sums = new Map<string, Carry>()
  for (const one of all) {
    const key = balanceKey(one.member, one.currency)
    sums.set(key, { ...one, micro: (sums.get(key)?.micro ?? 0) + one.micro })
  }
  return [...sums.values()].filter(({ micro }) => micro !== 0)
}

function recordExpense(m: Moment, id: Expense['id'], draft: ExpenseDraft): Decision {
  const self = selfId(m)
  const priced = price(m, draft, undefined)
  if (!priced.ok) return priced
  const seq = m.book.state.seq + 1
  const status = waitsForApproval(m, priced.value) ? 'pending' : 'posted'
  const expense: Expense = {
    id,
    groupId: m.info.id,
    ...describe(draft),
    ...priced.value,
    status,
    attachments: [],
    createdBy: self,
    createdAt: m.at,
    updatedAt: m.at,
    version: seq,
    postedSeq: seq,
    activity: [{ type: 'created', member: self, at: m.at }],
  }
  if (status === 'pending') return entryOf(m, 'expense_recorded', { expense })
  return entryOf(m, 'expense_recorded', { expense, postings: expense.postings, carry: expense.carry })
}

function describe(draft: ExpenseDraft) {
  const { title, date, description = '', tags = [], vendor = '', location = '', categoryIds = [], time } = draft
  return { title, date, description, tags, vendor, location, categoryIds, ...(time && { time }) }
}

/** The part of an expense that is about money. */
interface Priced {
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

function updateExpense(m: Moment, before: Expense, fields: ExpenseFields, isSplitOnly: boolean): Decision {
  if (fields.kind !== undefined && fields.kind !== before.kind)
    return refuse('expense.invalid', 'kind', 'An expense stays an expense, and income stays income')
  const type = isSplitOnly ? 'expense_split_updated' : 'expense_updated'
  const { time, amount, currency, rate, payer, payers, split: how, kind: _, ...words } = fields
  const { time: timeBefore, ...base } = touch(m, before, isSplitOnly ? 'split_updated' : 'updated')
  const timeAfter = time === undefined ? timeBefore : time
  const described: Expense = { ...base, ...words, ...(timeAfter && { time: timeAfter }) }
  const isRepriced = [amount, currency, rate, payer, payers, how].some((field) => field !== undefined)
  if (!isRepriced) return moved(m, type, before, described)
  const priced = price(m, fields, before)
  if (!priced.ok) return priced
  const { rate: __, ...unpriced } = described
  // Only an approval lets in what waits, and nothing brings back what was rejected.
  const status = before.status === 'posted' && waitsForApproval(m, priced.value) ? 'pending' : before.status
  return moved(m, type, before, { ...unpriced, ...priced.value, status })
}

function approveExpense(m: Moment, expense: Expense): Decision {
  if (expense.status !== 'pending') return refuse('expense.not_pending')
  const approved: Expense = { ...touch(m, expense, 'approved'), status: 'posted' }
  return refusePosting(m, approved) ?? moved(m, 'expense_approved', expense, approved)
}

function restoreExpense(m: Moment, expense: Expense): Decision {
  if (expense.deletedAt === undefined) return refuse('expense.not_deleted')
  const { deletedAt: _, ...restored } = touch(m, expense, 'restored')
  return refusePosting(m, restored) ?? moved(m, 'expense_restored', expense, restored)
}

/** Why what was divided at an earlier time can't be posted as it is: somebody has left since, or the books are kept in another currency. */
function refusePosting(m: Moment, expense: Expense): Decision | undefined {
  if (!isPosted(expense)) return undefined
  const gone = expense.postings.find((p) => !isActive(m, p.member))
  if (gone !== undefined) return refuse('member.inactive', 'participants', `${nameOf(m, gone.member)} has left the group`)
  const unit = m.info.settings.currencies === 'separate' ? expense.currency : m.info.currency
  if (expense.postings.every((p) => p.currency === unit)) return undefined
  return err(
    failure('expense.invalid', [
      {
        field: 'currency',
        message: `The group keeps its books in ${unit} by now; edit the expense first`,
        code: 'CURRENCY_CHANGED',
        expected: unit,
      },
    ]),
  )
}

const isActive = (m: Moment, member: MemberId): boolean => {
  const found = m.book.state.members.get(member)
  return found !== undefined && isPresent(found)
}

const nameOf = (m: Moment, member: MemberId): string => m.book.state.members.get(member)?.name ?? member

/** An expense waits when the group asks for approval, it is above the threshold, and its author may not approve. */
function waitsForApproval(m: Moment, priced: Priced): boolean {
  const { requireApproval, approvalThreshold } = m.info.settings
  if (!requireApproval || m.self === undefined || allows(m.self.role, 'expense.approve')) return false
  if (approvalThreshold === undefined) return true
  const inGroupCurrency = priced.postings.filter((p) => p.currency === m.info.currency)
  // What is kept in another currency can't be compared with the threshold, so it waits.
  if (inGroupCurrency.length === 0) return true
  return Math.abs(inGroupCurrency.reduce((total, p) => total + p.paid, 0)) > approvalThreshold
}

/** Who pays and bears what, and what that posts; what is not said stays as it was before. */
function price(m: Moment, fields: ExpenseFields, before: Expense | undefined): Result<Priced, Failure> {
  const kind = before?.kind ?? fields.kind ?? 'expense'
  const currency = fields.currency ?? before?.currency ?? m.info.currency
  const read = amountOf(fields, before, currency)
  if (!read.ok) return read
  const amount = read.value
  const payers = payersOf(m, fields, before, amount, currency)
  if (!payers.ok) return payers
  const how = splitOf(m, fields, before, amount, currency)
  if (!how.ok) return how
  const taken = new Map(
    (before !== undefined && isPosted(before) ? before.carry : []).map((c) => [balanceKey(c.member, c.currency), c.micro]),
  )
  // An edit is rounded as if the expense had been written so at once: what its rounding did before is set aside.
  const behind = (member: MemberId, unit: Expense['currency']): number =>
    (m.book.state.carry.get(balanceKey(member, unit)) ?? 0) - (taken.get(balanceKey(member, unit)) ?? 0)
  const divided = split(money(amount, currency), how.value, (member) => behind(member, currency))
  if (!divided.ok) return divided
  const { shares, carry } = divided.value
  const rate = rateOf(m, fields, before, currency)
  if (!rate.ok) return rate
  const base = { kind, amount, currency, payers: payers.value, shares }
  const moves = postings(rate.value === undefined ? base : { ...base, rate: { text: rate.value, currency: m.info.currency } }, behind)
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

/** The member that the reference means, if they can take part in an expense now. */
function chargeable(m: Moment, ref: MemberRef, field: string): Result<MemberId, Failure> {
  const member = findMember(m.book.state, ref)
  if (member === undefined)
    return err(failure('expense.invalid', [{ field, message: `${ref} is not a member of the group`, code: 'NOT_A_MEMBER' }]))
  if (isPresent(member)) return ok(member.id)
  return err(failure('member.inactive', [{ field, message: `${member.name} has left the group`, code: 'MEMBER_INACTIVE' }]))
}

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
