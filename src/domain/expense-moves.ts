// What a change of an expense comes to in the books: the image after it, and the money that it takes back and posts.
import { entryOf, refuse, type Decision, type Moment } from './decision.ts'
import { failure, type Failure } from './errors.ts'
import type { Activity, Carry, Expense, MemberId } from './expense.ts'
import { balanceKey, findMember, isPresent, type MemberRef } from './group.ts'
import { merged, reversed } from './postings.ts'
import { err, ok, type Result } from './result.ts'

/** So many steps of an expense's life are shown with it; the journal has them all. */
const ACTIVITY_KEPT = 50

/** The asking member. Every command on an expense names an action, so `decide` has made sure of one. */
export function selfId(m: Moment): MemberId {
  if (m.self === undefined) throw new Error('an expense is changed by a member')
  return m.self.id
}

/** The expense as of this entry, with one more step in its activity. */
export function touch(m: Moment, expense: Expense, type: Activity['type']): Expense {
  const activity = [...expense.activity, { type, member: selfId(m), at: m.at }].slice(-ACTIVITY_KEPT)
  return { ...expense, activity, updatedAt: m.at, version: m.book.state.seq + 1 }
}

export const isPosted = (expense: Expense): boolean => expense.status === 'posted' && expense.deletedAt === undefined

type MovingType =
  | 'expense_updated'
  | 'expense_split_updated'
  | 'expense_deleted'
  | 'expense_restored'
  | 'expense_approved'
  | 'expense_rejected'
  | 'expense_claims_opened'
  | 'expense_claimed'

/** The entry that takes back what the expense posted and posts what it now says. */
export function moved(m: Moment, type: MovingType, before: Expense, after: Expense): Decision {
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

export const isActive = (m: Moment, member: MemberId): boolean => {
  const found = m.book.state.members.get(member)
  return found !== undefined && isPresent(found)
}

export const nameOf = (m: Moment, member: MemberId): string => m.book.state.members.get(member)?.name ?? member

/** The member that the reference means, if they can take part in an expense now. */
export function chargeable(m: Moment, ref: MemberRef, field: string): Result<MemberId, Failure> {
  const member = findMember(m.book.state, ref)
  if (member === undefined)
    return err(failure('expense.invalid', [{ field, message: `${ref} is not a member of the group`, code: 'NOT_A_MEMBER' }]))
  if (isPresent(member)) return ok(member.id)
  return err(failure('member.inactive', [{ field, message: `${member.name} has left the group`, code: 'MEMBER_INACTIVE' }]))
}
