// What can be asked of a group: the commands that it takes, and what a decision looks at.
import type { Currency } from './currency.ts'
import type { Attachment, Expense, MemberId, Share, SplitOf } from './expense.ts'
import type { GroupInfo, GroupSettings, GroupType, Invitation, MemberRef, State } from './group.ts'
import type { Id } from './ids.ts'
import type { PlanMode } from './plan.ts'
import type { ReadingResult, Receipt } from './receipt/receipt.ts'
import type { Role } from './roles.ts'
import type { Settlement, SettlementMethod, SettlementStatus } from './settlement.ts'
import type { ClockTime, Day, Timestamp } from './time.ts'

/** What can be said about an expense; absent means as it was, or the default on recording. */
export interface ExpenseFields {
  readonly kind?: 'expense' | 'income'
  readonly title?: string
  readonly description?: string
  /** Decimal text; what it means in minor units depends on the currency, which may be the group's. */
  readonly amount?: string
  readonly currency?: Currency
  /** Units of the group's currency for one unit of `currency`. */
  readonly rate?: string
  /** Who paid all of it; several are named with their amounts in `payers`. */
  readonly payer?: MemberRef
  readonly payers?: readonly { readonly member: MemberRef; readonly amount: string }[]
  readonly split?: SplitOf<MemberRef, string>
  readonly categoryIds?: readonly Id<'category'>[]
  readonly date?: Day
  /** `null` takes it away. */
  readonly time?: ClockTime | null
  readonly tags?: readonly string[]
  readonly vendor?: string
  readonly location?: string
}

export type ExpenseDraft = ExpenseFields & Required<Pick<ExpenseFields, 'title' | 'amount' | 'date'>>

/** Someone to be put in a group: a user, or a guest by name or address. */
export interface NewMember {
  readonly id: MemberId
  readonly userId?: Id<'user'>
  readonly name: string
  readonly email?: string
  readonly avatarKey?: string
  readonly role: Role
}

export interface NewInvitation {
  readonly id: Id<'invitation'>
  readonly email: string
  readonly message: string
  readonly tokenHash: string
  readonly expiresAt: Timestamp
}

export interface GroupFields {
  readonly name?: string
  readonly description?: string
  readonly type?: GroupType
  readonly currency?: Currency
  readonly isPrivate?: boolean
  readonly imageKey?: string
  readonly settings?: { readonly [K in keyof GroupSettings]?: GroupSettings[K] | null }
}

export type Command =
  | {
      readonly type: 'create_group'
      readonly info: Omit<GroupInfo, 'createdAt' | 'updatedAt' | 'version' | 'createdBy'>
      readonly members: readonly NewMember[]
      readonly invitations: readonly NewInvitation[]
    }
  | { readonly type: 'update_group'; readonly fields: GroupFields }
  | { readonly type: 'archive_group' }
  | { readonly type: 'unarchive_group' }
  | { readonly type: 'add_member'; readonly member: NewMember }
  | { readonly type: 'invite_member'; readonly member: NewMember; readonly invitation: NewInvitation }
  | { readonly type: 'revoke_invitation'; readonly member: MemberRef; readonly invitation: Invitation }
  | { readonly type: 'accept_invitation'; readonly invitation: Invitation; readonly user: NewMember }
  | { readonly type: 'join_group'; readonly user: NewMember; readonly inviteCode: string }
  | {
      readonly type: 'rename_member'
      readonly userId: Id<'user'>
      readonly name: string
      readonly avatarKey?: string
      readonly email?: string
    }
  | { readonly type: 'change_role'; readonly member: MemberRef; readonly role: Role }
  | { readonly type: 'remove_member'; readonly member: MemberRef }
  /** A guest who had left; a step of an import that is taken back. */
  | { readonly type: 'reinstate_member'; readonly member: MemberRef }
  | { readonly type: 'leave_group' }
  | {
      readonly type: 'record_expense'
      readonly id: Id<'expense'>
      readonly draft: ExpenseDraft
      /** A receipt of the group that it is made from, and whether its lines are open to be claimed from the start. */
      readonly receipt?: Id<'receipt'>
      readonly isClaimed?: true
      /** What it was elsewhere, beside the draft. */
      readonly was?: ExpenseElsewhere
    }
  | { readonly type: 'update_expense'; readonly id: Id<'expense'>; readonly fields: ExpenseFields; readonly splitOnly?: true }
  | { readonly type: 'delete_expense'; readonly id: Id<'expense'> }
  | { readonly type: 'restore_expense'; readonly id: Id<'expense'> }
  | { readonly type: 'approve_expense'; readonly id: Id<'expense'> }
  | { readonly type: 'reject_expense'; readonly id: Id<'expense'> }
  | {
      readonly type: 'comment_expense'
      readonly id: Id<'expense'>
      readonly comment: Id<'comment'>
      readonly text: string
      /** The guest who said it elsewhere; whoever asks where absent. */
      readonly by?: MemberRef
    }
  | { readonly type: 'remove_attachment'; readonly id: Id<'expense'>; readonly attachment: Id<'attachment'> }
  | { readonly type: 'reconcile_expense'; readonly id: Id<'expense'>; readonly isReconciled: boolean }
  | ClaimCommand
  | ReceiptCommand
  | SettlementCommand

/** Part of a line, as it was asked for: a fraction or decimal of it, or so many of its pieces; nothing to take a claim back. */
export type AskedPart = { readonly portion?: string; readonly quantity?: string } | null

/** An expense that is brought along: what came of it is taken as it is, instead of being worked out anew. */
export interface ExpenseElsewhere {
  /** What came of the split, odd cents and all; they sum to the amount. */
  readonly shares?: readonly (Omit<Share, 'member' | 'minor'> & { readonly member: MemberRef; readonly amount: string })[]
  /** What a conversion at the rate came to, in the group's currency. */
  readonly postings?: readonly { readonly member: MemberRef; readonly paid: string; readonly owed: string }[]
  readonly status?: 'pending' | 'rejected'
  readonly isReconciled?: true
  readonly claims?: {
    readonly isOpen: boolean
    readonly bearer: MemberRef
    readonly lines: readonly (readonly { readonly member: MemberRef; readonly portion: string }[])[]
  }
}

/** A settlement that is brought along, with what was paid of it. */
export interface SettlementElsewhere {
  readonly status: Exclude<SettlementStatus, 'processing'>
  /** Decimal text. */
  readonly reported: string
  readonly payments: readonly {
    readonly amount: string
    readonly refunded: string
    readonly method: SettlementMethod
    readonly notes: string
  }[]
  readonly dispute?: { readonly by: MemberRef; readonly reason: string }
}

export type ClaimCommand =
  /** From nothing claimed on, or, where they were closed, from what was claimed then. */
  | { readonly type: 'open_claims'; readonly id: Id<'expense'>; readonly bearer?: MemberRef }
  | { readonly type: 'close_claims'; readonly id: Id<'expense'> }
  /** For oneself where no member is named. */
  | {
      readonly type: 'claim_line'
      readonly id: Id<'expense'>
      readonly line: number
      readonly part: AskedPart
      readonly member?: MemberRef
    }
  /** By a guest who came by a link, on the word of whoever looked at it. */
  | {
      readonly type: 'claim_as_guest'
      readonly id: Id<'expense'>
      readonly line: number
      readonly part: AskedPart
      readonly member: MemberId
    }
  /** Somebody without an account takes a place by a link, in order to claim. */
  | { readonly type: 'join_claims'; readonly id: Id<'expense'>; readonly member: NewMember }

export type ReceiptCommand =
  /** Keeps the file with the expense; with a receipt's id it is a receipt that is read. */
  | {
      readonly type: 'attach_receipt'
      readonly id: Id<'expense'>
      readonly attachment: Attachment
      readonly receipt?: { readonly id: Id<'receipt'>; readonly status: 'processing' | 'skipped' }
    }
  | { readonly type: 'add_receipt'; readonly receipt: Id<'receipt'>; readonly file: Attachment; readonly status: 'processing' | 'skipped' }
  | { readonly type: 'read_again'; readonly receipt: Id<'receipt'> }
  | { readonly type: 'record_reading'; readonly receipt: Id<'receipt'>; readonly result: ReadingResult }
  | { readonly type: 'match_receipt'; readonly receipt: Id<'receipt'>; readonly expense: Id<'expense'>; readonly isReconciled: boolean }
  | { readonly type: 'delete_receipt'; readonly receipt: Id<'receipt'> }

/** What is asked of the payer. */
export interface SettlementDraft {
  /** Whoever asks, where absent. */
  readonly payer?: MemberRef
  readonly payee: MemberRef
  /** Decimal text in the currency, which is the group's where absent. */
  readonly amount: string
  readonly currency?: Currency
  readonly description?: string
  readonly dueDate?: Day
  readonly method?: SettlementMethod
}

export type SettlementCommand =
  | { readonly type: 'request_settlement'; readonly settlement: Id<'settlement'>; readonly draft: SettlementDraft }
  | {
      readonly type: 'import_settlement'
      readonly settlement: Id<'settlement'>
      readonly draft: SettlementDraft
      readonly was: SettlementElsewhere
    }
  /** Takes back, as if it had never been, what an import of the same person brought. */
  | { readonly type: 'withdraw_settlement'; readonly settlement: Id<'settlement'> }
  | {
      readonly type: 'confirm_settlement'
      readonly settlement: Id<'settlement'>
      /** `paid` is the payer's word, `received` the payee's; whichever of the two asks where absent. */
      readonly as?: 'paid' | 'received'
      /** Decimal text; all that is open where absent. */
      readonly amount?: string
      readonly method?: SettlementMethod
      readonly notes?: string
    }
  | {
      readonly type: 'reject_settlement' | 'cancel_settlement' | 'resolve_settlement' | 'remind_settlement' | 'undo_settlement'
      readonly settlement: Id<'settlement'>
    }
  | { readonly type: 'dispute_settlement'; readonly settlement: Id<'settlement'>; readonly reason: string }
  | {
      readonly type: 'start_payment'
      readonly settlement: Id<'settlement'>
      readonly payment: Id<'payment'>
      readonly amount?: string
      readonly currency?: Currency
    }
  | {
      readonly type: 'record_payment'
      readonly settlement: Id<'settlement'>
      readonly payment: Id<'payment'>
      readonly minor: number
      readonly method: SettlementMethod
    }
  | { readonly type: 'fail_payment'; readonly settlement: Id<'settlement'>; readonly payment: Id<'payment'> }
  | { readonly type: 'refund_payment'; readonly settlement: Id<'settlement'>; readonly payment: Id<'payment'>; readonly minor: number }
  | {
      readonly type: 'pin_plan'
      readonly plan: Id<'plan'>
      readonly mode: PlanMode
      readonly hub?: MemberRef
      readonly households: readonly (readonly MemberRef[])[]
      readonly dueDate?: Day
    }

/** What `decide` looks at: the state, and the expenses it holds outside of it. */
export interface Book {
  readonly state: State
  expense(id: Id<'expense'>): Expense | undefined
  settlement(id: Id<'settlement'>): Settlement | undefined
  receipt(id: Id<'receipt'>): Receipt | undefined
}

/** Who asks, under which command id, and on what condition. */
export interface Order {
  readonly commandId: Id<'command'>
  /** Absent where the system acts. */
  readonly actor?: Id<'user'>
  readonly command: Command
  /** The version of the expense or group that the caller saw; another one is refused. */
  readonly ifMatch?: number
  /** The import that it is a step of. */
  readonly import?: Id<'import'>
}
