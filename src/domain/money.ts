// Money is a whole number of minor units with its currency. No float ever holds it, and the only
// place that rounds is `allocate`, which hands every unit to somebody.
import { type Currency, exponentOf } from './currency.ts'

/** The largest amount that is kept: 10^12 minor units. */
export const MAX_MINOR = 1_000_000_000_000

/** Whole minor units (cents, yen, fils) of a currency. */
export interface Money {
  readonly minor: number
  readonly currency: Currency
}

/** Throws `RangeError` unless `minor` is a whole number; a caller that can be wrong uses `parseMoney`. */
export function money(minor: number, currency: Currency): Money {
  if (!Number.isSafeInteger(minor)) {
    throw new RangeError(`money is whole minor units, got ${minor}`)
  }
  return { minor, currency }
}

export type AmountFault = 'not_a_number' | 'too_precise' | 'too_large'

/**
 * Reads a decimal such as `12.50` as minor units of the currency.
 * Returns why it can't be one: not a plain decimal, more decimals than the currency has, beyond the bound.
 */
export function parseMoney(text: string, currency: Currency): Money | AmountFault {
  const [, sign, whole, fraction = ''] = /^(-?)(\d{1,18})(?:\.(\d{1,12}))?$/.exec(text) ?? []
  if (whole === undefined) return 'not_a_number'
  const exponent = exponentOf(currency)
  const decimals = fraction.replace(/0+$/, '')
  if (decimals.length > exponent) return 'too_precise'
  const minor = BigInt(whole + decimals.padEnd(exponent, '0'))
  if (minor > BigInt(MAX_MINOR)) return 'too_large'
  return money(sign === '-' ? 0 - Number(minor) : Number(minor), currency)
}

/** Writes it with as many decimals as the currency has: `62.50`, `-0.05`, `1200` (JPY). */
export function formatMinor(minor: number, currency: Currency): string {
  const exponent = exponentOf(currency)
  const sign = minor < 0 ? '-' : ''
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0')
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** Sums whole minor units; throws `RangeError` when the sum leaves the range in which integers are exact. */
export function sum(minors: Iterable<number>): number {
  let total = 0
  for (const minor of minors) total += minor
  if (!Number.isSafeInteger(total)) throw new RangeError(`a sum of money left the safe range: ${total}`)
  return total
}
