// The Quits export, version 1: what people said about a group's money, whole, in one JSON document. The names are those of
// the document; its text is made and read in `format.ts`.
//
// What is in it: everything that people said. What is not: what a ledger stamps on it for itself (ids, versions, who
// pressed the button and when, rights), because another group stamps its own. So a group that was made from a document
// gives the same document again, byte for byte, if it was made with the same people and nothing was added:
// - `m1`, `c1`, `e1`, `s1` are places in this document, counted from 1 in an order that follows from the content alone
//   (`canonical.ts`); they mean nothing outside of it. Categories of Quits itself keep their ids, which are the same
//   everywhere.
// - Roles are rights, and a file hands out none. A member who has left or was removed is `has_left`.
// - The instants of comments and payments (`at`) are in it only where whoever exports asks for them: a group that
//   can't keep them when it imports must be exported without.
import type { Currency } from '../currency.ts'
import type { SplitOf } from '../expense.ts'
import type { GroupSettings, GroupType } from '../group.ts'
import type { SettlementMethod, SettlementStatus } from '../settlement.ts'
import type { ClockTime, Day } from '../time.ts'

export const FORMAT = 'quits'
export const VERSION = 1

/** `m1`, `m2`, …: a member of this document. */
export type MemberKey = string
/** `c1`, `c2`, …, or the id of a category of Quits. */
type CategoryKey = string
/** Decimal text with as many decimals as the currency has: `62.50`, `1200` (JPY). */
export type AmountText = string

export interface ExportGroup {
  readonly name: string
  readonly description: string
  readonly type: GroupType
  readonly currency: Currency
  readonly is_private: boolean
  readonly settings: {
    readonly simplify_debts: boolean
    readonly require_approval: boolean
    readonly approval_threshold?: AmountText
    readonly auto_reminder: boolean
    readonly currencies: GroupSettings['currencies']
    readonly trust_payers?: boolean
  }
}

export interface ExportMember {
  readonly id: MemberKey
  readonly name: string
  /** Only where whoever exports may see it, and asked for it. */
  readonly email?: string
  readonly has_left?: true
}

/** Those that the expenses name, with those above them. */
export interface ExportCategory {
  readonly id: CategoryKey
  readonly name: string
  readonly icon: string
  readonly color: string
  readonly parent?: CategoryKey
}

export interface ExportPortion {
  readonly member: MemberKey
  readonly amount: AmountText
}

export interface ExportShare extends ExportPortion {
  readonly percentage?: string
  readonly weight?: string
}

/** Amounts in the group's currency: over an expense both columns sum to the same. */
export interface ExportPosting {
  readonly member: MemberKey
  readonly paid: AmountText
  readonly owed: AmountText
}

/** A file that is kept with the expense; in a ZIP it lies under `pathOfAttachment`. */
export interface ExportAttachment {
  readonly name: string
  readonly type: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
}

export interface ExportComment {
  readonly member: MemberKey
  readonly text: string
  /** RFC 3339 in UTC. */
  readonly at?: string
}

export interface ExportClaims {
  readonly is_open: boolean
  readonly bearer: MemberKey
  readonly lines: readonly (readonly { readonly member: MemberKey; readonly portion: string }[])[]
}

export interface ExportExpense {
  readonly id: string
  readonly kind: 'expense' | 'income'
  readonly title: string
  readonly description: string
  readonly amount: AmountText
  readonly currency: Currency
  /** Units of the group's currency for one unit of `currency`; absent where they are the same. */
  readonly rate?: string
  /** What that came to for each member in the group's currency, odd cents and all; with `rate` only. */
  readonly postings?: readonly ExportPosting[]
  /** They sum to `amount`. */
  readonly payers: readonly ExportPortion[]
  /** What was asked for. */
  readonly split: SplitOf<MemberKey, AmountText>
  /** What came of it and was frozen, odd cents and all; they sum to `amount`. */
  readonly shares: readonly ExportShare[]
  readonly categories: readonly CategoryKey[]
  readonly date: Day
  readonly time?: ClockTime
  readonly tags: readonly string[]
  readonly vendor: string
  readonly location: string
  readonly status: 'posted' | 'pending' | 'rejected'
  readonly claims?: ExportClaims
  readonly is_reconciled?: true
  readonly is_deleted?: true
  readonly attachments: readonly ExportAttachment[]
  /** The oldest first. */
  readonly comments: readonly ExportComment[]
}

export interface ExportPayment {
  readonly amount: AmountText
  readonly refunded: AmountText
  readonly method: SettlementMethod
  readonly notes: string
  readonly at?: string
}

export interface ExportSettlement {
  readonly id: string
  readonly payer: MemberKey
  readonly payee: MemberKey
  readonly amount: AmountText
  readonly currency: Currency
  readonly paid: AmountText
  readonly reported: AmountText
  readonly status: SettlementStatus
  readonly method: SettlementMethod
  readonly description: string
  readonly due_date?: Day
  readonly payments: readonly ExportPayment[]
  readonly dispute?: { readonly by: MemberKey; readonly reason: string }
}

export interface ExportData {
  readonly group: ExportGroup
  readonly members: readonly ExportMember[]
  readonly categories: readonly ExportCategory[]
  readonly expenses: readonly ExportExpense[]
  readonly settlements: readonly ExportSettlement[]
}
