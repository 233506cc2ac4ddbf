// What we ask of a provider of payments. Every question may be asked again: whatever begins something carries a key
// under which the provider gives its first answer once more. A question that was not answered throws, and tells nothing.
import type { Currency } from '../../domain/currency.ts'
import type { Id } from '../../domain/ids.ts'
import type { StoredCard } from '../../domain/payment-method.ts'
import type { GatewayName, ListedPayment, ProviderWord } from '../../domain/payment.ts'
import type { Timestamp } from '../../domain/time.ts'

export interface PayOrder {
  readonly paymentId: Id<'payment'>
  readonly minor: number
  readonly currency: Currency
  readonly card: StoredCard
  /** Written on the payment at the provider, so that a row of ours can be made again from it. */
  readonly about: Readonly<Record<string, string>>
}

/** A signed message of the provider: something has happened to this payment. What, is asked then. */
export interface GatewayEvent {
  readonly id: string
  readonly paymentId?: Id<'payment'>
  readonly externalId?: string
}

/** The provider will not take the card, and why. */
export interface CardRefusal {
  readonly reason: string
  readonly message: string
  /** It was declined, rather than unknown. */
  readonly isDecline: boolean
}

export interface Gateway {
  readonly name: GatewayName
  /** Has the provider keep the card; `key` repeats. */
  readonly attach: (token: string, key: Id<'paymentMethod'>) => Promise<StoredCard | CardRefusal>
  /** Whether the provider still keeps the card. */
  readonly isKept: (card: StoredCard) => Promise<boolean>
  /** Begins the payment, or says how the one stands that was begun under its id. */
  readonly pay: (order: PayOrder) => Promise<ProviderWord>
  readonly find: (externalId: string) => Promise<ProviderWord>
  /** The payment that carries our id, looked for among those made since. */
  readonly search: (paymentId: Id<'payment'>, since: Timestamp) => Promise<ProviderWord | undefined>
  /** Calls off what waits for the payer; says how it stands after that. */
  readonly cancel: (externalId: string) => Promise<ProviderWord>
  /** Pays back what is left of it. Safe to repeat. Returns why not, where the provider refuses. */
  readonly refund: (externalId: string, paymentId: Id<'payment'>) => Promise<{ readonly refusal?: string }>
  /** Everything that carries an id of ours and was made since, in no order. */
  readonly list: (since: Timestamp) => AsyncIterable<ListedPayment>
  /** The message, if the provider signed it within 300 s; undefined otherwise. */
  readonly readWebhook: (body: string, signature: string) => Promise<GatewayEvent | undefined>
}

/** What is between this and the time in a signature, at most. */
export const TOLERANCE_S = 300
