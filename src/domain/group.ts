// A group as a value: its state, the commands it takes and the entries it is made of. An entry carries
// the after-image of whatever it changed, so replaying and projecting need no rule of their own.
import type { Currency } from './currency.ts'
import type { Carry, Comment, Expense, MemberId, Posting, Attachment } from './expense.ts'
import type { Id } from './ids.ts'
import type { Plan } from './plan.ts'
import type { Receipt } from './receipt/receipt.ts'
import type { Role } from './roles.ts'
import type { Settlement } from './settlement.ts'
import type { Timestamp } from './time.ts'

export const GROUP_TYPES = [
  'personal',
  'family',
  'home',
  'couple',
  'trip',
  'travel',
  'project',
  'team',
  'business',
  'event',
  'other',
] as const
export type GroupType = (typeof GROUP_TYPES)[number]

/** More active members than this and a group is an organisation; balances and plans are kept in memory. */
export const MAX_MEMBERS = 200

export interface GroupSettings {
  readonly simplifyDebts: boolean
  readonly requireApproval: boolean
  /** Minor units of the group's currency; with `requireApproval`, what exceeds it waits. Absent: everything does. */
  readonly approvalThreshold?: number
  readonly autoReminder: boolean
  /** `converted`: balances in the group's currency; `separate`: one balance for each currency. */
  readonly currencies: 'converted' | 'separate'
  /** Whether a settlement is paid when its payer says so; otherwise the payee has to confirm. Absent: it is. */
  readonly trustPayers?: boolean
}

export interface GroupInfo {
  readonly id: Id<'group'>
  readonly name: string
  readonly description: string
  readonly type: GroupType
  /** A user's own group of one, hidden from lists. */
  readonly isPersonal: boolean
  readonly currency: Currency
  readonly isPrivate: boolean
  readonly inviteCode?: string
  readonly imageKey?: string
  readonly settings: GroupSettings
  readonly createdBy: Id<'user'>
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly archivedAt?: Timestamp
  /** The seq of the entry that last changed it: its ETag. */
  readonly version: number
}

type MemberStatus = 'active' | 'invited' | 'left' | 'removed'

export interface Member {
  readonly id: MemberId
  /** Absent for a guest: a member without an account. */
  readonly userId?: Id<'user'>
  readonly name: string
  /** What a guest was invited by; for a user, the account's address. */
  readonly email?: string
  readonly avatarKey?: string
  readonly role: Role
  readonly status: MemberStatus
  readonly joinedAt: Timestamp
  readonly invitedBy?: MemberId
  readonly endedAt?: Timestamp
}

export interface Invitation {
  readonly id: Id<'invitation'>
  readonly member: MemberId
  readonly email: string
  readonly message: string
  /** SHA-256 of the token that the mail carries. */
  readonly tokenHash: string
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp
  readonly acceptedAt?: Timestamp
  readonly revokedAt?: Timestamp
}

export interface Balance {
  readonly member: MemberId
  readonly currency: Currency
  /** Minor units, summed over all postings. The balance is `paid - owed`. */
  readonly paid: number
  readonly owed: number
  /** The last entry after which the member owed nothing; 0 when there was none. */
  readonly squareSeq: number
  readonly squareAt: Timestamp
}

export interface State {
  readonly seq: number
  readonly info: GroupInfo | undefined
  readonly members: ReadonlyMap<MemberId, Member>
  /** By `balanceKey`. */
  readonly balances: ReadonlyMap<string, Balance>
  /** Millionths of a minor unit by `balanceKey`: who is behind after rounding, and by how much. */
  readonly carry: ReadonlyMap<string, number>
  /** What one member owes another as it arose, netted; by `pairKey`, positive: the first owes the second. */
  readonly pairs: ReadonlyMap<string, number>
  readonly expenseCount: number
  /** Minor units spent, by currency of the postings. */
  readonly totals: ReadonlyMap<Currency, number>
  /** The plan that was pinned last. */
  readonly plan?: Plan
}

export const EMPTY: State = {
  seq: 0,
  info: undefined,
  members: new Map(),
  balances: new Map(),
  carry: new Map(),
  pairs: new Map(),
  expenseCount: 0,
  totals: new Map(),
}

export const balanceKey = (member: MemberId, currency: Currency): string => `${member}|${currency}`

/** Both members in order of their ids, so that a pair has one key. */
export const pairKey = (a: MemberId, b: MemberId, currency: Currency): string => (a < b ? `${a}|${b}|${currency}` : `${b}|${a}|${currency}`)

export type EntryType =
  | 'group_created'
  | 'group_updated'
  | 'group_archived'
  | 'group_unarchived'
  | 'member_added'
  | 'member_invited'
  | 'member_joined'
  | 'member_updated'
  | 'member_left'
  | 'member_removed'
  | 'invitation_revoked'
  | 'expense_recorded'
  | 'expense_updated'
  | 'expense_split_updated'
  | 'expense_deleted'
  | 'expense_restored'
  | 'expense_approved'
  | 'expense_rejected'
  | 'expense_commented'
  | 'expense_receipt_added'
  | 'expense_attachment_removed'
  | 'expense_reconciled'
  | 'expense_unreconciled'
  | 'expense_claims_opened'
  | 'expense_claimed'
  | 'expense_claims_closed'
  | 'receipt_added'
  | 'receipt_processed'
  | 'receipt_requeued'
  | 'receipt_matched'
  | 'receipt_deleted'
  | 'settlement_requested'
  | 'settlement_reported'
  | 'settlement_paid'
  | 'settlement_rejected'
  | 'settlement_cancelled'
  | 'settlement_disputed'
  | 'settlement_resolved'
  | 'settlement_reminded'
  | 'settlement_undone'
  | 'payment_started'
  | 'payment_failed'
  | 'payment_refunded'
  | 'plan_pinned'

/** A file of the group as it is after an entry. What was taken out is gone for good. */
export interface FileImage extends Attachment {
  readonly deletedAt?: Timestamp
}

/** One line of the journal: what happened, and the after-image of everything it changed. */
export interface Entry {
  readonly seq: number
  readonly at: Timestamp
  readonly commandId: Id<'command'>
  readonly type: EntryType
  /** Absent where the system acted. */
  readonly actor?: Id<'user'>
  readonly member?: MemberId
  /** The import that it is a step of: a thousand such steps are news to nobody. */
  readonly import?: Id<'import'>
  readonly info?: GroupInfo
  readonly members?: readonly Member[]
  readonly invitations?: readonly Invitation[]
  readonly expense?: Expense
  readonly comment?: Comment
  readonly settlements?: readonly Settlement[]
  readonly plan?: Plan
  readonly receipts?: readonly Receipt[]
  /** Files that came in or were taken out. Entries from before there were any name the file of `expense_receipt_added` only with its expense. */
  readonly files?: readonly FileImage[]
  /** What an edit or a deletion takes back: the postings of before, negated. Kept apart from the new ones, because debts between two members are netted from each on its own. */
  readonly reversal: readonly Posting[]
  /** How the balances and the carry change; all empty where no money moves. */
  readonly postings: readonly Posting[]
  readonly carry: readonly Carry[]
}

/** A member of the group named by a user's id or a member's id. */
export type MemberRef = string

/** The member with this user's or member's id, whatever their status. */
export function findMember(state: State, ref: MemberRef): Member | undefined {
  const byId = state.members.get(ref as MemberId)
  if (byId !== undefined) return byId
  for (const member of state.members.values()) if (member.userId === ref) return member
  return undefined
}

export const isPresent = (member: Pick<Member, 'status'>): boolean => member.status === 'active' || member.status === 'invited'

/** What the member has paid beyond what they owe, in minor units: positive when they are owed. */
export function balanceOf(state: State, member: MemberId, currency: Currency): number {
  const balance = state.balances.get(balanceKey(member, currency))
  return balance === undefined ? 0 : balance.paid - balance.owed
}

/** Every balance that is not zero. */
export const openBalances = (state: State): { member: MemberId; currency: Currency; minor: number }[] =>
  [...state.balances.values()].map((b) => ({ member: b.member, currency: b.currency, minor: b.paid - b.owed })).filter((b) => b.minor !== 0)

/** Minor units of a currency that are still owed: the sum of the positive balances. */
export const unsettledIn = (state: State, currency: Currency): number =>
  openBalances(state).reduce((total, b) => (b.currency === currency && b.minor > 0 ? total + b.minor : total), 0)
