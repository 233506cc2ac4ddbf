// Keeps the table of exchange rates current. What is due is read from the table itself, so that a missed tick is
// made up by the next one and a doubled tick changes nothing.
import type { Surroundings } from '../context.ts'
import { findNewestDay, insertRates } from '../db/rates.ts'
import { errorText } from '../domain/error-text.ts'
import { lastPublicationDay } from '../domain/rates.ts'
import { dayIn, HOUR, type Timestamp } from '../domain/time.ts'
import { fetchRates } from '../platform/rates.ts'

const PAUSE_MS = HOUR

/** When this isolate last asked. Lost with the isolate, which costs one question more. */
let askedAt: Timestamp | undefined

/**
 * Fetches the published rates and stores the new ones, if a weekday's rates should be out that the table lacks
 * and none were asked for within the hour. Does nothing without `RATES_URL`.
 * Never throws: whatever fails is logged and asked for again an hour later.
 */
export async function refreshRates({ env, db, now }: Surroundings): Promise<{ hasAsked: boolean; stored: number }> {
  const nothing = { hasAsked: false, stored: 0 }
  if (env.RATES_URL === '' || (askedAt !== undefined && now - askedAt < PAUSE_MS)) return nothing
  try {
    const newest = await findNewestDay(db.$client)
    if (newest !== undefined && newest >= lastPublicationDay(now)) return nothing
    askedAt = now
    const published = await fetchRates(env.RATES_URL)
    // A day to come, once stored, would stand for good, and let the table seem current until it is here.
    const future = published.find(({ date }) => date > dayIn('UTC', now))
    if (future !== undefined) throw new Error(`rates of a day to come: ${future.date}`)
    return { hasAsked: true, stored: await insertRates(db.$client, published) }
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'the rates could not be refreshed', error: errorText(error) }))
    return { hasAsked: askedAt === now, stored: 0 }
  }
}
