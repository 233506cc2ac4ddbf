// An expense (or income): what was spent, by whom and for whom, in its own currency.
// Its shares and its payers each sum to its amount exactly; they are frozen when it is written.
import type { Currency } from './currency.ts'
import type { Id } from './ids.ts'
import type { ClockTime, Day, Timestamp } from './time.ts'

export type MemberId = Id<'member'>

/** Minor units of the amount that one member paid. */
export interface Payer {
  readonly member: MemberId
  readonly minor: number
}

/** Minor units of the amount that one member bears, and the words it was asked for in. */
export interface Share {
  readonly member: MemberId
  readonly minor: number
  readonly percentage?: string
  readonly weight?: string
}

/** One line of an itemised expense; several members share it by weight. */
interface ItemOf<M, A> {
  readonly name: string
  /** Of the whole line, not of one piece. */
  readonly amount: A
  readonly quantity?: string
  readonly parts: readonly { readonly member: M; readonly weight: string }[]
}

/**
 * How an amount is divided. `M` names a member and `A` is an amount: in the ledger a member's id and
 * minor units; as it was asked for, a user's or member's id and decimal text, because only the group
 * knows who is in it and which currency the amounts are in. Percentages and weights are decimal text.
 */
export type SplitOf<M, A> =
  | { readonly type: 'equal'; readonly members: readonly M[] }
  | { readonly type: 'exact'; readonly parts: readonly { readonly member: M; readonly amount: A }[] }
  | { readonly type: 'percentage'; readonly parts: readonly { readonly member: M; readonly percentage: string }[] }
  | { readonly type: 'shares'; readonly parts: readonly { readonly member: M; readonly weight: string }[] }
  /** Equal, after each member's plus or minus is set aside. */
  | { readonly type: 'adjustment'; readonly parts: readonly { readonly member: M; readonly amount: A }[] }
  /** Lines with their own participants; tax and tip are added and discount taken off pro rata. */
  | {
      readonly type: 'itemized'
      readonly items: readonly ItemOf<M, A>[]
      readonly tax: A
      readonly tip: A
      readonly discount: A
    }

/** Amounts in minor units of the expense's currency. */
export type Split = SplitOf<MemberId, number>
export type Item = ItemOf<MemberId, number>
export type SplitType = Split['type']
export const SPLIT_TYPES = ['equal', 'exact', 'percentage', 'shares', 'adjustment', 'itemized'] as const satisfies readonly SplitType[]

/**
 * What an entry does to one member in one currency, in minor units. The change of the balance is
 * `paid - owed`; over an entry both columns sum to the same.
 */
export interface Posting {
  readonly member: MemberId
  readonly currency: Currency
  readonly paid: number
  readonly owed: number
}

/** How far a member is behind after rounding: millionths of a minor unit, positive when they bore less than their exact part. */
export interface Carry {
  readonly member: MemberId
  readonly currency: Currency
  readonly micro: number
}

type ExpenseStatus = 'posted' | 'pending' | 'rejected'

export interface Activity {
  readonly type:
    | 'created'
    | 'updated'
    | 'split_updated'
    | 'deleted'
    | 'restored'
    | 'approved'
    | 'rejected'
    | 'commented'
    | 'receipt_added'
    | 'attachment_removed'
    | 'reconciled'
    | 'unreconciled'
    | 'claims_opened'
    | 'claimed'
    | 'claims_closed'
  readonly member: MemberId
  readonly at: Timestamp
}

/** A part of a line: an exact fraction in lowest terms, such as `1` or `2/3`; `0` is none of it. */
export type Portion = string

export interface Claim {
  readonly member: MemberId
  readonly portion: Portion
}

/** Who has claimed what of an itemised expense. Its split follows from it: see `splitByClaims`. */
export interface Claims {
  readonly isOpen: boolean
  /** Who bears what nobody has claimed. */
  readonly bearer: MemberId
  /** For each item of the split, in its order. */
  readonly lines: readonly (readonly Claim[])[]
}

/** A file kept with the expense. */
export interface Attachment {
  readonly id: Id<'attachment'>
  readonly key: string
  readonly type: string
  readonly size: number
  readonly sha256: string
  readonly name: string
  /** Whether there is a small picture of it, under the key that `thumbnailKey` gives. */
  readonly hasThumbnail?: true
  /** Where it was sent to be read. */
  readonly receipt?: Id<'receipt'>
}

export const thumbnailKey = (key: string): string => key.replace(/^receipts\//, 'thumbnails/')

export interface Expense {
  readonly id: Id<'expense'>
  readonly groupId: Id<'group'>
  readonly kind: 'expense' | 'income'
  readonly title: string
  readonly description: string
  /** Minor units of `currency`, positive. */
  readonly amount: number
  readonly currency: Currency
  /** Units of the posting currency for one unit of `currency`; absent where they are the same. */
  readonly rate?: string
  readonly postings: readonly Posting[]
  readonly carry: readonly Carry[]
  readonly payers: readonly Payer[]
  readonly split: Split
  readonly shares: readonly Share[]
  /** The first is the one that it is counted under. */
  readonly categoryIds: readonly Id<'category'>[]
  readonly date: Day
  /** The time of day as the receipt says it, `HH:MM:SS`; like the day it has no zone. */
  readonly time?: ClockTime
  readonly tags: readonly string[]
  readonly vendor: string
  readonly location: string
  readonly status: ExpenseStatus
  readonly attachments: readonly Attachment[]
  /** Who has claimed which lines of an itemised expense; absent where nobody was asked to. */
  readonly claims?: Claims
  /** When it was held against its receipt and found to agree. */
  readonly reconciledAt?: Timestamp
  readonly createdBy: MemberId
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly deletedAt?: Timestamp
  /** The seq of the entry that last changed it: its ETag. */
  readonly version: number
  /** The seq of the entry that last moved its money. */
  readonly postedSeq: number
  readonly activity: readonly Activity[]
}

export interface Comment {
  readonly id: Id<'comment'>
  readonly expenseId: Id<'expense'>
  readonly member: MemberId
  readonly text: string
  readonly createdAt: Timestamp
}
