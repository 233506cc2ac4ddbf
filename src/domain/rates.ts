// Exchange rates from a table against the euro, as the European Central Bank publishes them.
import { Decimal } from 'decimal.js'
import { EUR, type Currency } from './currency.ts'
import { DAY, dayIn, HOUR, type Day, type Timestamp } from './time.ts'

/** What was published on one day: units of each currency for one euro, as positive decimal text. */
export interface PublishedRates {
  readonly date: Day
  readonly perEuro: readonly (readonly [Currency, string])[]
}

/** Enough digits for every pair; more would claim a precision that the table does not have. */
const DIGITS = 10

/**
 * Units of `to` for one unit of `from`, from units per euro as decimal text. The euro itself needs no entry.
 * Undefined where one of the two is not in the table. Same currency: `1.00`.
 */
export function crossRate(perEuro: ReadonlyMap<Currency | null, string>, from: Currency, to: Currency): string | undefined {
  if (from === to) return '1.00'
  const of = (currency: Currency): string | undefined => (currency === EUR ? '1' : perEuro.get(currency))
  const [base, quote] = [of(from), of(to)]
  if (base === undefined || quote === undefined) return undefined
  return new Decimal(quote).div(base).toSignificantDigits(DIGITS).toFixed()
}

/** Around 16:00 CET, which in summer is an hour earlier. */
const PUBLISHED_AFTER_MS = 15 * HOUR

/** The last weekday whose rates are out. It may be a holiday of TARGET on which none were: those are not known here. */
export function lastPublicationDay(now: Timestamp): Day {
  let at = now - PUBLISHED_AFTER_MS
  while ([0, 6].includes(new Date(at).getUTCDay())) at -= DAY
  return dayIn('UTC', at)
}
