// The table of exchange rates: units of a currency for one euro, by day. Days without rates are served by the
// last published day of the week before, currency by currency.
import { USD, type Currency } from '../domain/currency.ts'
import { crossRate, type PublishedRates } from '../domain/rates.ts'
import type { Day } from '../domain/time.ts'
import { chunked } from './chunked.ts'

/** Units of the currency for one euro, and the day that says so. */
export interface DayRate {
  readonly currency: Currency
  readonly perEuro: string
  readonly date: Day
}

/** The last rate of each currency published on the day or in the seven days before; those without one are left out. */
export async function listRatesOn(d1: D1Database, currencies: readonly Currency[], day: Day): Promise<DayRate[]> {
  const { results } = await d1
    .prepare(
      `SELECT r.currency, r.per_euro AS perEuro, r.date FROM json_each(?) c JOIN rates r ON r.currency = c.value
       AND r.date = (SELECT MAX(date) FROM rates WHERE currency = c.value AND date BETWEEN date(?, '-7 days') AND ?)`,
    )
    .bind(JSON.stringify(currencies), day, day)
    .all<DayRate>()
  return results
}

/**
 * Units of `to` for one unit of `from` on the day, from the last rates published on it or in the seven days
 * before (none are on weekends and holidays). Undefined where the table does not know.
 */
export async function findRate(d1: D1Database, from: Currency, to: Currency, day: Day): Promise<string | undefined> {
  const rates = await listRatesOn(d1, [from, to], day)
  return crossRate(new Map(rates.map((rate) => [rate.currency, rate.perEuro])), from, to)
}

/** What a rate is asked for: a currency on a day. */
export interface RateOn {
  readonly currency: Currency
  readonly day: Day
}

export const rateKey = ({ currency, day }: RateOn): string => `${currency} ${day}`

/** The last rate of the currency published on the day of the pair or in the seven days before. */
const lastOf = (currency: string): string =>
  `(SELECT r.per_euro FROM rates r WHERE r.currency = ${currency} AND r.date BETWEEN date(v.value->>1, '-7 days') AND v.value->>1 ORDER BY r.date DESC LIMIT 1)`

/** As `findRate` finds them, for many currencies and days at once; by `rateKey`, and left out where the table does not know. */
export async function findRates(d1: D1Database, asked: readonly RateOn[], to: Currency): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const pairs = [...new Map(asked.map((one) => [rateKey(one), one])).values()]
  for (const part of chunked(pairs)) {
    const { results } = await d1
      .prepare(
        `SELECT v.value->>0 AS currency, v.value->>1 AS day, ${lastOf('v.value->>0')} AS own, ${lastOf('?')} AS other FROM json_each(?) v`,
      )
      .bind(to, JSON.stringify(part.map(({ currency, day }) => [currency, day])))
      .all<RateOn & { own: string | null; other: string | null }>()
    for (const { currency, day, own, other } of results) {
      const perEuro = new Map([...(own === null ? [] : [[currency, own] as const]), ...(other === null ? [] : [[to, other] as const])])
      const rate = crossRate(perEuro, currency, to)
      if (rate !== undefined) found.set(rateKey({ currency, day }), rate)
    }
  }
  return found
}

/** The newest day of the table. Asked of the dollar, which no published day lacks, so that it costs one row. */
export async function findNewestDay(d1: D1Database): Promise<Day | undefined> {
  const row = await d1.prepare('SELECT MAX(date) AS date FROM rates WHERE currency = ?').bind(USD).first<{ date: Day | null }>()
  return row?.date ?? undefined
}

/** Stores what the table does not have yet, and returns how many rates that were: a published rate never changes. */
export async function insertRates(d1: D1Database, published: readonly PublishedRates[]): Promise<number> {
  const rows = published.flatMap(({ date, perEuro }) => perEuro.map(([currency, text]) => [currency, date, text]))
  const { meta } = await d1
    .prepare('INSERT OR IGNORE INTO rates (currency, date, per_euro) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)')
    .bind(JSON.stringify(rows))
    .run()
  return meta.changes
}
