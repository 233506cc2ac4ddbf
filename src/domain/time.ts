/** Milliseconds since the epoch, everywhere but on the wire. The clock is read at an edge and passed in. */
export type Timestamp = number

/** A day on a calendar, with no zone: what a receipt says. */
export type Day = `${number}-${number}-${number}`

/** A time of day with no zone, `HH:MM:SS`. */
export type ClockTime = `${number}:${number}:${number}`

/** RFC 3339 in UTC with milliseconds: `2026-11-20T10:30:00.000Z`. */
export const isoOf = (at: Timestamp): string => new Date(at).toISOString()

/** The calendar day that `at` falls on in an IANA zone. Throws `RangeError` on an unknown zone. */
export function dayIn(zone: string, at: Timestamp): Day {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return parts.format(at) as Day
}

/** Whether the text is a day that exists: `2026-02-30` is not. */
export function isDay(text: string): text is Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && isoOf(at).startsWith(text)
}

/** Whether the runtime knows the IANA zone, such as `America/New_York`. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
