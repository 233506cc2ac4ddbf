// Amounts of a document that was read: `readExport` has looked at each of them.
import type { Currency } from '../currency.ts'
import { parseMoney } from '../money.ts'

/** Minor units of decimal text that the currency can hold. Throws `RangeError` for other text, which `readExport` refuses. */
export function minorIn(text: string, currency: Currency): number {
  const parsed = parseMoney(text, currency)
  if (typeof parsed === 'string') throw new RangeError(`no amount of ${currency}: ${text}`)
  return parsed.minor
}
