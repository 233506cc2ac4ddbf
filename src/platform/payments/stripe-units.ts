// How Stripe counts money where it differs from ISO 4217. Off by this, an amount is off by a hundred.
// Source: https://docs.stripe.com/currencies#zero-decimal, #special-cases and #three-decimal
import { exponentOf, type Currency } from '../../domain/currency.ts'

const ZERO = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
/** Without decimals, but given in hundredths for the sake of old clients. */
const WHOLE_IN_HUNDREDTHS = new Set(['ISK', 'UGX'])

const stripeExponentOf = (currency: Currency): number =>
  WHOLE_IN_HUNDREDTHS.has(currency) ? 2 : ZERO.has(currency) ? 0 : exponentOf(currency) === 3 ? 3 : 2

/** What Stripe takes for this many of our minor units; undefined where it can't be said exactly. */
export function toStripe(minor: number, currency: Currency): number | undefined {
  const amount = (minor * 10 ** stripeExponentOf(currency)) / 10 ** exponentOf(currency)
  // Three decimals are taken, of which the last must be 0.
  const isTaken = Number.isSafeInteger(amount) && (exponentOf(currency) !== 3 || amount % 10 === 0)
  return isTaken ? amount : undefined
}

/** Our minor units for an amount of Stripe's. Throws where it is no whole number of them. */
export function fromStripe(amount: number, currency: Currency): number {
  const minor = (amount * 10 ** exponentOf(currency)) / 10 ** stripeExponentOf(currency)
  if (!Number.isSafeInteger(minor)) throw new Error(`Stripe's ${amount} ${currency} are not whole minor units`)
  return minor
}
