// When a notice goes out: at once, or with the others of the day or week, and never within quiet hours. Wall
// clocks are put forward and back; quiet hours last from the first time that the clock shows their start to the
// last time that it shows their end.
import { addDays, instantAt, localAt, type WallTime } from './calendar.ts'
import type { NotificationType, Priority } from './notification.ts'
import type { Channel, Frequency } from './channels.ts'
import type { Preferences, QuietHours } from './preferences.ts'
import type { Timestamp } from './time.ts'

/** When those who want one message a day or a week get it, on the clock where they are. */
const GATHERED_AT: WallTime = '09:00'
const MONDAY = 1

/** The first time after `now` at which the day's or the week's message is due. */
function nextGathering(zone: string, frequency: Exclude<Frequency, 'immediate'>, now: Timestamp): Timestamp {
  const today = localAt(zone, now).day
  for (let days = 0; ; days++) {
    const day = addDays(today, days)
    const at = instantAt(zone, day, GATHERED_AT)
    const there = localAt(zone, at)
    // A day that a zone skips, when it changes sides of the date line, has no morning.
    if (at > now && there.day === day && (frequency === 'daily' || there.weekday === MONDAY)) return at
  }
}

/** When the quiet that reigns at the instant ends; undefined where none does. */
function quietUntil({ start, end, timezone }: QuietHours, at: Timestamp): Timestamp | undefined {
  const today = localAt(timezone, at).day
  const isOvernight = start > end
  // Those that began the day before yesterday can last until now where yesterday was skipped.
  for (const before of [2, 1, 0]) {
    const day = addDays(today, -before)
    const until = instantAt(timezone, isOvernight ? addDays(day, 1) : day, end, 'last')
    if (instantAt(timezone, day, start) <= at && at < until) return until
  }
  return undefined
}

/** The first instant from `at` on that lies outside of the quiet hours. */
function outOfQuiet(quiet: QuietHours, at: Timestamp): Timestamp {
  if (!quiet.enabled || quiet.start === quiet.end) return at
  // Where a change of the clock swallows the time between, one night's quiet runs into the next.
  for (let then = at; ;) {
    const until = quietUntil(quiet, then)
    if (until === undefined) return then
    then = until
  }
}

/**
 * When a notice about the type is due on the channel. In the app that is now; elsewhere now, at the next 09:00 or
 * at the next Monday's, as the person wants it, and after their quiet hours unless it is urgent.
 */
export function dueAt(preferences: Preferences, type: NotificationType, channel: Channel, priority: Priority, now: Timestamp): Timestamp {
  if (channel === 'in_app') return now
  const { frequency } = preferences.types[type]
  const due = frequency === 'immediate' ? now : nextGathering(preferences.zone, frequency, now)
  return priority === 'urgent' ? due : outOfQuiet(preferences.quietHours, due)
}
