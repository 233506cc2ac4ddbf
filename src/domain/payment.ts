// A payment through a provider: what we asked for, what the provider says of it, and which of its words may change
// what is known. Money is in the ledger only once the provider has said that it moved.
import type { Currency } from './currency.ts'
import type { ErrorCode } from './errors.ts'
import type { Id } from './ids.ts'
import { DAY, HOUR, SECOND, type Timestamp } from './time.ts'

export const PAYMENT_STATUSES = ['created', 'processing', 'requires_action', 'completed', 'failed', 'refunded'] as const
/**
 * `created`: intended, and the group not asked yet. `processing`: the provider is at it. `requires_action`: it waits for
 * the payer. `completed` and `refunded` stand in the ledger; `failed` does not.
 */
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

export const GATEWAYS = ['stripe', 'sandbox'] as const
export type GatewayName = (typeof GATEWAYS)[number]

/** Why nothing moved: the code to refuse with, the provider's own code, and its words. */
export interface PaymentError {
  readonly code: ErrorCode
  readonly reason: string
  readonly message: string
}

export interface Payment {
  readonly id: Id<'payment'>
  readonly settlementId: Id<'settlement'>
  readonly groupId: Id<'group'>
  /** Who pays. */
  readonly userId: Id<'user'>
  readonly methodId: Id<'paymentMethod'>
  readonly gateway: GatewayName
  /** Minor units of the currency, as `refunded`. */
  readonly minor: number
  readonly currency: Currency
  readonly status: PaymentStatus
  /** The provider's id of it, and of the charge that moved the money. */
  readonly externalId?: string
  readonly transactionId?: string
  readonly error?: PaymentError
  readonly refunded: number
  /** Since when a refund of all of it is wanted. */
  readonly refundAskedAt?: Timestamp
  /** When it was first sent to the provider: from then on it may exist there, whatever the answer was. */
  readonly sentAt?: Timestamp
  readonly processedAt?: Timestamp
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  /** How often the provider was asked. */
  readonly attempts: number
}

/** Money that the provider has moved back. */
export interface Refund {
  /** The provider's. */
  readonly id: string
  readonly minor: number
}

/** What the provider says of a payment now. */
export interface ProviderWord {
  /** Absent where the provider has refused to begin. */
  readonly externalId?: string
  readonly transactionId?: string
  readonly state: 'processing' | 'requires_action' | 'succeeded' | 'failed'
  readonly minor: number
  readonly currency: Currency
  readonly error?: Omit<PaymentError, 'code'>
  /** What the payer needs to go on. */
  readonly action?: { readonly clientSecret: string; readonly url?: string }
  readonly refunds: readonly Refund[]
}

/** A payment in the provider's list, with what we wrote on it when we asked for it. */
export interface ListedPayment {
  readonly externalId: string
  readonly about: Readonly<Record<string, string>>
  readonly state: ProviderWord['state']
  readonly minor: number
  readonly currency: Currency
  readonly refunded: number
}

const RANKS: Readonly<Record<PaymentStatus, number>> = {
  created: 0,
  processing: 1,
  requires_action: 1,
  failed: 2,
  completed: 3,
  refunded: 4,
}

/** Statuses that this one may follow: words that come late or twice never lead back. A success may follow a failure. */
export const mayFollow = (status: PaymentStatus): readonly PaymentStatus[] => PAYMENT_STATUSES.filter((one) => RANKS[one] <= RANKS[status])

/** Whether there is something to wait for: the end of the payment, or of a refund. */
export const isOpen = ({ status, refundAskedAt }: Pick<Payment, 'status' | 'refundAskedAt'>): boolean =>
  RANKS[status] < RANKS.failed || (status === 'completed' && refundAskedAt !== undefined)

/** The status that the word comes to. */
export function statusAfter(word: ProviderWord): PaymentStatus {
  if (word.state !== 'succeeded') return word.state
  return refundedOf(word) >= word.minor ? 'refunded' : 'completed'
}

export const refundedOf = ({ refunds }: Pick<ProviderWord, 'refunds'>): number => refunds.reduce((sum, { minor }) => sum + minor, 0)

/** The reason of a payment that was called off, by its payer or because they let a day pass. */
export const CALLED_OFF = 'canceled'

/** The refusal that a decline is: the documents know two. */
export const declineCode = (reason: string): ErrorCode =>
  reason === 'insufficient_funds' ? 'payment.insufficient_funds' : 'payment.failed'

/** How long to wait before the provider is asked again: half as long as it has been open, from 5 s to an hour. */
export const waitAfter = (openMs: number): number => Math.round(Math.min(HOUR, Math.max(5 * SECOND, openMs / 2)))

/** How long a payer may take over an action before the payment is called off and the settlement free again. */
export const ACTION_MS = DAY

/** How long a provider is sure to know a repeated request again. Stripe keeps keys 24 hours at least. */
export const KEY_MS = 23 * HOUR

/** A payment that is open for longer is given to people to look at. */
export const PATIENCE_MS = 7 * DAY
