// A settlement: one payment between two members, from the request to the money. Asking moves nothing; what was
// confirmed by the payee, trusted to the payer or reported by a provider is posted, and is what `paid` sums up.
import type { Currency } from './currency.ts'
import type { MemberId, Posting } from './expense.ts'
import type { Id } from './ids.ts'
import type { Day, Timestamp } from './time.ts'

export const SETTLEMENT_STATUSES = [
  'pending',
  'reported',
  'processing',
  'completed',
  'disputed',
  'rejected',
  'cancelled',
  'refunded',
] as const
/**
 * `pending`: asked for, perhaps paid in part. `reported`: the payer says it is paid, the payee has not said so yet.
 * `processing`: a provider is at it. `disputed`: the two do not agree. The others are ends.
 */
export type SettlementStatus = (typeof SETTLEMENT_STATUSES)[number]

export const SETTLEMENT_METHODS = ['manual', 'cash', 'bank_transfer', 'stripe', 'paypal', 'venmo', 'upi', 'other'] as const
export type SettlementMethod = (typeof SETTLEMENT_METHODS)[number]

/** Money that was moved for a settlement, in minor units of its currency. */
export interface SettlementPayment {
  /** Of the provider's payment; absent where people said so themselves. */
  readonly id?: Id<'payment'>
  readonly minor: number
  readonly refunded: number
  readonly method: SettlementMethod
  readonly notes: string
  /** Who said so; absent where the provider did. */
  readonly by?: MemberId
  readonly at: Timestamp
  readonly seq: number
}

export interface Settlement {
  readonly id: Id<'settlement'>
  readonly groupId: Id<'group'>
  readonly payer: MemberId
  readonly payee: MemberId
  /** Minor units, as `paid` and `reported`. */
  readonly amount: number
  readonly currency: Currency
  /** Posted by now, less what was refunded. */
  readonly paid: number
  /** What the payer says they have paid and the payee has not confirmed. */
  readonly reported: number
  /** The provider's payment under way. */
  readonly processing?: { readonly payment: Id<'payment'>; readonly minor: number }
  readonly status: SettlementStatus
  readonly method: SettlementMethod
  readonly description: string
  readonly dueDate?: Day
  readonly plan?: Id<'plan'>
  readonly payments: readonly SettlementPayment[]
  readonly dispute?: { readonly by: MemberId; readonly reason: string }
  readonly createdBy: MemberId
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly remindedAt?: Timestamp
  readonly completedAt?: Timestamp
  /** The seq that last changed it: its ETag. */
  readonly version: number
}

/** What can be done to a settlement by people. */
export type SettlementAction = 'confirm' | 'report' | 'reject' | 'cancel' | 'dispute' | 'resolve' | 'remind' | 'undo'

type Side = 'payer' | 'payee' | 'creator' | 'other side' | 'disputer'

/** Who may do it from which status. What is not here is refused, and a provider's word is always taken. */
const RULES: Readonly<Record<SettlementAction, Readonly<Partial<Record<SettlementStatus, readonly Side[]>>>>> = {
  confirm: { pending: ['payee'], reported: ['payee'], disputed: ['payee'] },
  report: { pending: ['payer'] },
  /** The one who was asked declines. */
  reject: { pending: ['other side'] },
  cancel: { pending: ['creator', 'payee'], reported: ['payee'], disputed: ['creator', 'payee'] },
  dispute: { pending: ['payer', 'payee'], reported: ['payee'] },
  resolve: { disputed: ['disputer'] },
  remind: { pending: ['payee', 'creator'] },
  /** Takes back what people said was paid. */
  undo: { completed: ['payee'] },
}

/** The sides from which the action is open to someone now; empty when to nobody. */
export const sidesFor = (action: SettlementAction, status: SettlementStatus): readonly Side[] => RULES[action][status] ?? []

/** The members that stand on a side of the settlement. */
export function membersOn(side: Side, { payer, payee, createdBy, dispute }: Settlement): readonly MemberId[] {
  switch (side) {
    case 'payer':
      return [payer]
    case 'payee':
      return [payee]
    case 'creator':
      return [createdBy]
    case 'other side':
      return [payer, payee].filter((member) => member !== createdBy)
    case 'disputer':
      return dispute === undefined ? [] : [dispute.by]
  }
}

/** What is still to be paid, in minor units. */
export const remainingOf = ({ amount, paid }: Pick<Settlement, 'amount' | 'paid'>): number => Math.max(0, amount - paid)

/** What a payment posts: who paid is owed that much more, and who got it owes it. */
export const paymentPostings = ({ payer, payee, currency }: Settlement, minor: number): Posting[] => [
  { member: payer, currency, paid: minor, owed: 0 },
  { member: payee, currency, paid: 0, owed: minor },
]

/** A settlement that nothing can be done to any more by those whom it is about, but to undo it. */
export const isClosed = (status: SettlementStatus): boolean =>
  status === 'completed' || status === 'rejected' || status === 'cancelled' || status === 'refunded'
