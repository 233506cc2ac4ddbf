// Exchange rates as the table has them, for whoever wants to know what an expense would be converted at.
import { signedIn, type Ctx } from '../context.ts'
import { listRatesOn } from '../db/rates.ts'
import { CURRENCIES, EUR, type Currency } from '../domain/currency.ts'
import { crossRate } from '../domain/rates.ts'
import { dayIn, type Day } from '../domain/time.ts'

export interface Rate {
  readonly currency: Currency
  /** Units of the currency for one unit of the base, as decimal text. */
  readonly rate: string
  /** The day that was published; where the two currencies differ, the older one. */
  readonly date: Day
}

/**
 * What one unit of `base` is worth in each other currency on the day, today in UTC when absent: by the same rates that an
 * expense of that day is converted at. Empty where the table does not know the base or the day.
 */
export async function listRates(ctx: Ctx, base: Currency, day: Day = dayIn('UTC', ctx.now)): Promise<Rate[]> {
  signedIn(ctx)
  const published = await listRatesOn(ctx.db.$client, CURRENCIES, day)
  const perEuro = new Map(published.map((one) => [one.currency, one.perEuro]))
  const dates = new Map(published.map((one) => [one.currency, one.date]))
  const ofBase = dates.get(base)
  return [EUR, ...dates.keys()].sort().flatMap((currency) => {
    const rate = currency === base ? undefined : crossRate(perEuro, base, currency)
    const [date] = [dates.get(currency), ofBase].filter((one) => one !== undefined).sort()
    return rate === undefined || date === undefined ? [] : [{ currency, rate, date }]
  })
}
