// Wall clocks and calendars: which instant a time of day is somewhere, and which time of day an instant. Where clocks
// are put forward, a time that is skipped is taken as the first moment after the gap; where they are put back, a
// time that comes twice is its first coming.
import { Temporal } from 'temporal-polyfill'
import type { Day, Timestamp } from './time.ts'

/** A time of day with no zone, `HH:MM`. */
export type WallTime = `${number}:${number}`

export interface Local {
  readonly day: Day
  readonly time: WallTime
  /** 1 for Monday to 7 for Sunday. */
  readonly weekday: number
}

/** What calendar and clock show at the instant in an IANA zone. Throws `RangeError` on an unknown zone. */
export function localAt(zone: string, at: Timestamp): Local {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  return {
    day: local.toPlainDate().toString() as Day,
    time: local.toPlainTime().toString({ smallestUnit: 'minute' }) as WallTime,
    weekday: local.dayOfWeek,
  }
}

/**
 * The instant at which calendar and clock show this in an IANA zone; of a time that comes twice the first, unless
 * the last is asked for. Throws `RangeError` on an unknown zone.
 */
export function instantAt(zone: string, day: Day, time: WallTime, coming: 'first' | 'last' = 'first'): Timestamp {
  const wall = Temporal.PlainDate.from(day).toPlainDateTime(Temporal.PlainTime.from(time))
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const after = wall.toZonedDateTime(zone, { disambiguation: 'later' })
  if (before.toPlainDateTime().equals(wall)) return (coming === 'first' ? before : after).epochMilliseconds
  // Skipped: the two readings lie on both sides of the gap, and the change itself is the first moment after it.
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? after.epochMilliseconds
}

/** The day so many days later, or earlier for a negative number. */
export const addDays = (day: Day, days: number): Day => Temporal.PlainDate.from(day).add({ days }).toString() as Day

/** The day of the same number so many months later, or the last day of that month where it has no such day. */
export const addMonths = (day: Day, months: number): Day => Temporal.PlainDate.from(day).add({ months }).toString() as Day

/** The week of the ISO calendar that the day lies in: `2026-W47`. */
export function weekOf(day: Day): string {
  const { yearOfWeek, weekOfYear } = Temporal.PlainDate.from(day)
  return `${yearOfWeek}-W${String(weekOfYear).padStart(2, '0')}`
}
