// How somebody pays and is paid. The full values are for the provider, for pay links and for nobody else; what is shown of
// them is masked.
import type { GatewayName } from './payment.ts'
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

export const METHOD_TYPES = ['stripe', 'paypal', 'bank_account', 'venmo', 'upi', 'cash', 'manual'] as const
export type MethodType = (typeof METHOD_TYPES)[number]

/** So many are kept by one person; the table holds to it, too. */
export const MOST_METHODS = 20

/** What a card looks like from outside. */
export interface Card {
  readonly brand: string
  readonly last4: string
  readonly exp_month: number
  readonly exp_year: number
}

/** A card that the provider keeps: `ref` names it there, and `customer` whose it is. */
export interface StoredCard {
  readonly type: 'stripe'
  readonly gateway: GatewayName
  readonly ref: string
  readonly customer: string
  readonly card: Card
}

/** Where money can be sent, in full. */
export type PayTarget =
  | { readonly type: 'bank_account'; readonly iban: string; readonly accountHolder: string; readonly bic?: string }
  | { readonly type: 'paypal'; readonly paypalMe?: string; readonly email?: string }
  | { readonly type: 'venmo'; readonly username: string }
  | { readonly type: 'upi'; readonly vpa: string }
  | { readonly type: 'cash' | 'manual' }

/** What is kept of a method, encrypted. */
export type MethodSecret = StoredCard | PayTarget

/** What is shown of a method. */
export type MethodDetails = Readonly<Record<string, string | number>>

export interface PaymentMethod {
  readonly id: Id<'paymentMethod'>
  readonly userId: Id<'user'>
  readonly type: MethodType
  readonly name: string
  readonly details: MethodDetails
  readonly isDefault: boolean
  readonly isVerified: boolean
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

const BRANDS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}
/** A brand as people write it; providers have it in small letters. */
const brandOf = ({ brand }: Card): string => BRANDS[brand] ?? brand

/** The first character and the last of what stands before the @. */
function maskedName(text: string): string {
  const [name = '', ...rest] = text.split('@')
  const masked = name.length < 3 ? `${name.slice(0, 1)}***` : `${name.slice(0, 1)}***${name.slice(-1)}`
  return [masked, ...rest].join('@')
}

/** What may be shown of the method, to its owner too. */
export function maskedDetails(secret: MethodSecret): MethodDetails {
  switch (secret.type) {
    case 'stripe':
      return { ...secret.card, brand: brandOf(secret.card) }
    case 'bank_account':
      return { country: secret.iban.slice(0, 2), last4: secret.iban.slice(-4), account_holder: secret.accountHolder }
    case 'paypal':
      return {
        ...(secret.paypalMe !== undefined && { paypal_me: secret.paypalMe }),
        ...(secret.email !== undefined && { email: maskedName(secret.email) }),
      }
    case 'venmo':
      return { username: secret.username }
    case 'upi':
      return { vpa: maskedName(secret.vpa) }
    case 'cash':
    case 'manual':
      return {}
  }
}

const NAMES: Readonly<Record<Exclude<MethodType, 'stripe' | 'bank_account'>, string>> = {
  paypal: 'PayPal',
  venmo: 'Venmo',
  upi: 'UPI',
  cash: 'Cash',
  manual: 'By hand',
}

/** What a method is called whose owner gives it no name. */
export function nameFor(secret: MethodSecret): string {
  if (secret.type === 'stripe') return `${brandOf(secret.card)} ending in ${secret.card.last4}`
  if (secret.type === 'bank_account') return `Account ending in ${secret.iban.slice(-4)}`
  return NAMES[secret.type]
}
