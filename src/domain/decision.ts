// What every rule of a group is written with: the moment it decides in, and the two things it can answer.
import { failure, staleFailure, type ErrorCode, type Failure } from './errors.ts'
import type { Entry, EntryType, GroupInfo, Member } from './group.ts'
import type { Book, NewMember, Order } from './commands.ts'
import { formatMinor } from './money.ts'
import { err, ok, type Result } from './result.ts'
import type { Timestamp } from './time.ts'

export type Decision = Result<Entry, Failure>

/** What a command needs to know of its moment: who asks as which member, and the head of the entry to be written. */
export interface Moment {
  readonly book: Book
  readonly order: Order
  readonly at: Timestamp
  readonly info: GroupInfo
  /** The asking member; absent where the system acts or a stranger joins. */
  readonly self: Member | undefined
}

export const refuse = (code: ErrorCode, field?: string, message?: string): Decision =>
  err(failure(code, field === undefined || message === undefined ? [] : [{ field, message, code: 'INVALID_VALUE' }]))

/** An entry of this type that follows the state, with what it changes. */
export function entryOf(m: Pick<Moment, 'book' | 'order' | 'at' | 'self'>, type: EntryType, changes: Partial<Entry>): Decision {
  const { commandId, actor, import: step } = m.order
  const head = { seq: m.book.state.seq + 1, at: m.at, commandId, type, reversal: [], postings: [], carry: [] }
  return ok({ ...head, ...(actor && { actor }), ...(m.self && { member: m.self.id }), ...(step && { import: step }), ...changes })
}

/** A member as they enter: someone with an account is active, a guest with an address is invited. */
export function memberOf(m: NewMember, at: Timestamp, invitedBy: Member['id'] | undefined): Member {
  const status = m.userId === undefined && m.email !== undefined ? 'invited' : 'active'
  return { ...m, status, joinedAt: at, ...(invitedBy && { invitedBy }) }
}

/** The group's info with these changes, stamped as of this entry. */
export const touched = (m: Moment, changes: Partial<GroupInfo>): GroupInfo => ({
  ...m.info,
  ...changes,
  updatedAt: m.at,
  version: m.book.state.seq + 1,
})

/** The refusal where the caller saw another version than this one. */
export function refuseStale(m: Pick<Moment, 'order'>, version: number): Decision | undefined {
  const { ifMatch } = m.order
  if (ifMatch === undefined || ifMatch === version) return undefined
  return err(staleFailure(version, ifMatch))
}

/** The refusal where the member's balance is not zero, saying how much is open. */
export function refuseOpenBalance(m: Moment, member: Member): Decision | undefined {
  const open = [...m.book.state.balances.values()].filter((b) => b.member === member.id && b.paid !== b.owed)
  if (open.length === 0) return undefined
  const details = open.map((b) => ({
    field: 'balance',
    message: b.paid > b.owed ? 'The group still owes this member' : 'This member still owes the group',
    code: 'BALANCE_NOT_ZERO',
    expected: formatMinor(0, b.currency),
    got: formatMinor(b.paid - b.owed, b.currency),
    difference: formatMinor(b.paid - b.owed, b.currency),
  }))
  return err(failure('member.balance_open', details))
}
