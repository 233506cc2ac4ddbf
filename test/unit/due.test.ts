// When notices go out: quiet hours and digests where clocks are put forward and back, where half hours count and
// where days are skipped. Expected times are written out; what holds of all times is tried on many.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localAt, type WallTime } from '../../src/domain/calendar.ts'
import { dueAt } from '../../src/domain/due.ts'
import type { Frequency } from '../../src/domain/channels.ts'
import { preferencesOf, type Preferences } from '../../src/domain/preferences.ts'
import { DAY, HOUR, isoOf, MINUTE, type Timestamp } from '../../src/domain/time.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/user.ts'

interface Wish {
  readonly zone: string
  /** `22:00-08:00` */
  readonly quiet?: string
  readonly quietZone?: string
  readonly frequency?: Frequency
}

function wanting({ zone, quiet, quietZone, frequency = 'immediate' }: Wish): Preferences {
  const [start, end] = (quiet?.split('-') ?? []) as WallTime[]
  const quietHours =
    start === undefined || end === undefined ? undefined : { enabled: true, start, end, ...(quietZone && { timezone: quietZone }) }
  return preferencesOf(
    { types: { expense_added: { frequency } }, ...(quietHours && { quietHours }) },
    { settings: DEFAULT_SETTINGS, timezone: zone, isVerified: true },
  )
}

const due = (wish: Wish, now: Timestamp): Timestamp => dueAt(wanting(wish), 'expense_added', 'email', 'normal', now)
const at = (wish: Wish, iso: string): string => isoOf(due(wish, Date.parse(`${iso}Z`))).slice(0, 16)

describe('quiet hours', () => {
  test.each([
    // Over midnight: New York is 5 hours behind in winter and 4 in summer.
    ['America/New_York', '22:00-08:00', '2026-11-20T02:59', '2026-11-20T02:59'],
    ['America/New_York', '22:00-08:00', '2026-11-20T03:00', '2026-11-20T13:00'],
    ['America/New_York', '22:00-08:00', '2026-11-20T12:59', '2026-11-20T13:00'],
    ['America/New_York', '22:00-08:00', '2026-11-20T13:00', '2026-11-20T13:00'],
    ['America/New_York', '22:00-08:00', '2026-07-20T03:00', '2026-07-20T12:00'],
    // Within a day.
    ['Europe/Berlin', '12:00-14:00', '2026-11-20T11:30', '2026-11-20T13:00'],
    ['Europe/Berlin', '12:00-14:00', '2026-11-20T13:00', '2026-11-20T13:00'],
    // From midnight, and until midnight.
    ['Europe/Berlin', '00:00-06:00', '2026-11-19T23:00', '2026-11-20T05:00'],
    ['Europe/Berlin', '20:00-00:00', '2026-11-20T19:30', '2026-11-20T23:00'],
    // Zones of halves and quarters of an hour.
    ['Asia/Kolkata', '22:00-08:00', '2026-11-20T16:30', '2026-11-21T02:30'],
    ['Asia/Kathmandu', '22:00-08:00', '2026-11-20T16:15', '2026-11-21T02:15'],
    ['Australia/Lord_Howe', '22:00-08:00', '2026-11-20T11:00', '2026-11-20T21:00'],
    // The first and the last zones to see a day.
    ['Pacific/Kiritimati', '22:00-08:00', '2026-12-31T08:00', '2026-12-31T18:00'],
    ['Pacific/Niue', '22:00-08:00', '2026-12-31T09:00', '2026-12-31T19:00'],
    // A night that is an hour shorter, and one that is an hour longer.
    ['Europe/Berlin', '22:00-08:00', '2026-03-28T22:00', '2026-03-29T06:00'],
    ['Europe/Berlin', '22:00-08:00', '2026-10-24T22:00', '2026-10-25T07:00'],
    // 02:30 is skipped: the quiet that ends then ends at 03:00, and the quiet that begins then begins at 03:00.
    ['Europe/Berlin', '22:00-02:30', '2026-03-29T00:59', '2026-03-29T01:00'],
    ['Europe/Berlin', '22:00-02:30', '2026-03-29T01:00', '2026-03-29T01:00'],
    ['Europe/Berlin', '02:30-08:00', '2026-03-29T00:59', '2026-03-29T00:59'],
    ['Europe/Berlin', '02:30-08:00', '2026-03-29T01:00', '2026-03-29T06:00'],
    // Quiet that lies in the hour that is skipped does not take place.
    ['Europe/Berlin', '02:10-02:50', '2026-03-29T01:00', '2026-03-29T01:00'],
    // 02:30 comes twice: quiet begins with the first and ends with the second.
    ['Europe/Berlin', '22:00-02:30', '2026-10-25T00:45', '2026-10-25T01:30'],
    ['Europe/Berlin', '22:00-02:30', '2026-10-25T01:15', '2026-10-25T01:30'],
    ['Europe/Berlin', '22:00-02:30', '2026-10-25T01:30', '2026-10-25T01:30'],
    ['Europe/Berlin', '02:30-08:00', '2026-10-25T00:29', '2026-10-25T00:29'],
    ['Europe/Berlin', '02:30-08:00', '2026-10-25T01:10', '2026-10-25T07:00'],
    // All but a quarter of an hour, which the change of the clock swallows: one night runs into the next.
    ['Europe/Berlin', '02:30-02:15', '2026-03-28T12:00', '2026-03-30T00:15'],
    // Clocks that go back at midnight, so that a day begins and the one before it comes back.
    ['America/Havana', '23:30-00:30', '2026-11-01T04:15', '2026-11-01T05:30'],
    ['Asia/Beirut', '22:00-23:30', '2026-10-24T20:45', '2026-10-24T21:30'],
    // A change of half an hour.
    ['Australia/Lord_Howe', '22:00-02:15', '2026-10-03T15:29', '2026-10-03T15:30'],
    // Samoa skipped a whole Friday.
    ['Pacific/Apia', '22:00-08:00', '2011-12-30T09:00', '2011-12-30T18:00'],
    ['Pacific/Apia', '22:00-08:00', '2011-12-30T10:30', '2011-12-30T18:00'],
  ])('in %s, quiet %s: what comes at %s goes at %s', (zone, quiet, now, then) => {
    expect(at({ zone, quiet }, now)).toBe(then)
  })

  test('follow the zone that was named for them', () => {
    expect(at({ zone: 'UTC', quiet: '22:00-08:00', quietZone: 'Asia/Tokyo' }, '2026-11-20T13:00')).toBe('2026-11-20T23:00')
  })

  test('hold back neither the app nor what is urgent, and mean nothing where they are off or have no length', () => {
    const night = Date.UTC(2026, 10, 20, 2)
    const quiet = wanting({ zone: 'UTC', quiet: '22:00-08:00' })
    expect(dueAt(quiet, 'expense_added', 'in_app', 'normal', night)).toBe(night)
    expect(dueAt(quiet, 'expense_added', 'push', 'urgent', night)).toBe(night)
    expect(dueAt(quiet, 'expense_added', 'push', 'high', night)).toBe(night + 6 * HOUR)
    expect(due({ zone: 'UTC', quiet: '08:00-08:00' }, night)).toBe(night)
    const off = { ...quiet, quietHours: { ...quiet.quietHours, enabled: false } }
    expect(dueAt(off, 'expense_added', 'push', 'normal', night)).toBe(night)
  })
})

describe('digests', () => {
  test.each([
    ['daily', 'America/New_York', undefined, '2026-11-20T13:59', '2026-11-20T14:00'],
    ['daily', 'America/New_York', undefined, '2026-11-20T14:00', '2026-11-21T14:00'],
    // 09:00 on the wall, on the days on which clocks change as on others.
    ['daily', 'America/New_York', undefined, '2026-03-07T15:00', '2026-03-08T13:00'],
    ['daily', 'America/New_York', undefined, '2026-10-31T14:00', '2026-11-01T14:00'],
    ['daily', 'Asia/Kathmandu', undefined, '2026-11-20T03:14', '2026-11-20T03:15'],
    ['daily', 'Pacific/Kiritimati', undefined, '2026-11-20T12:00', '2026-11-20T19:00'],
    // There was no 30 December.
    ['daily', 'Pacific/Apia', undefined, '2011-12-30T00:00', '2011-12-30T19:00'],
    // Quiet at nine: then when it ends, that day or the next.
    ['daily', 'UTC', '22:00-10:00', '2026-11-20T05:00', '2026-11-20T10:00'],
    ['daily', 'UTC', '08:00-07:00', '2026-11-20T05:00', '2026-11-21T07:00'],
    ['weekly', 'Europe/Berlin', undefined, '2026-11-20T12:00', '2026-11-23T08:00'],
    ['weekly', 'Europe/Berlin', undefined, '2026-11-23T07:59', '2026-11-23T08:00'],
    ['weekly', 'Europe/Berlin', undefined, '2026-11-23T08:00', '2026-11-30T08:00'],
    // Summer time ends in between.
    ['weekly', 'Europe/Berlin', undefined, '2026-10-23T12:00', '2026-10-26T08:00'],
    // It is Monday there while it is still Sunday in UTC, and the other way round.
    ['weekly', 'Pacific/Auckland', undefined, '2026-11-22T12:00', '2026-11-22T20:00'],
    ['weekly', 'Pacific/Niue', undefined, '2026-11-23T19:00', '2026-11-23T20:00'],
    ['weekly', 'UTC', '22:00-10:00', '2026-11-20T12:00', '2026-11-23T10:00'],
  ] as const)('%s in %s, quiet %s: what comes at %s goes at %s', (frequency, zone, quiet, now, then) => {
    expect(at({ zone, frequency, ...(quiet && { quiet }) }, now)).toBe(then)
  })

  test('what is urgent waits for its digest, but not for the end of quiet hours', () => {
    const preferences = wanting({ zone: 'UTC', quiet: '22:00-10:00', frequency: 'daily' })
    expect(dueAt(preferences, 'expense_added', 'email', 'urgent', Date.UTC(2026, 10, 20, 2))).toBe(Date.UTC(2026, 10, 20, 9))
  })
})

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Asia/Beirut',
  'America/St_Johns',
  'Pacific/Chatham',
]
/** Noon before some night in which clocks change in one of the zones. */
const CHANGES = [
  '2026-03-28',
  '2026-10-24',
  '2026-03-07',
  '2026-10-31',
  '2026-04-04',
  '2026-10-03',
  '2026-09-26',
  '2026-11-20',
  '2011-12-29',
].map((day) => Date.parse(`${day}T12:00Z`))
const clock: fc.Arbitrary<WallTime> = fc
  .nat(95)
  .map((n) => `${String(Math.floor(n / 4)).padStart(2, '0')}:${String((n % 4) * 15).padStart(2, '0')}` as WallTime)
const night = fc.record({
  zone: fc.constantFrom(...ZONES, 'Pacific/Apia'),
  start: clock,
  end: clock,
  now: fc.tuple(fc.constantFrom(...CHANGES), fc.nat(36 * 60)).map(([noon, minutes]) => noon + minutes * MINUTE),
})

const isQuiet = (zone: string, start: WallTime, end: WallTime, when: Timestamp): boolean => {
  const { time } = localAt(zone, when)
  if (start === end) return false
  return start < end ? start <= time && time < end : time >= start || time < end
}

describe('whatever the clocks do', () => {
  test('nothing goes out while the clock on the wall says that it is quiet, and nothing goes early', () => {
    fc.assert(
      fc.property(night, fc.constantFrom('immediate', 'daily', 'weekly'), ({ zone, start, end, now }, frequency) => {
        const then = due({ zone, quiet: `${start}-${end}`, frequency }, now)
        expect(then).toBeGreaterThanOrEqual(now)
        expect(isQuiet(zone, start, end, then)).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  test('what comes while it is not quiet goes at once, but for a time that the clock shows again', () => {
    fc.assert(
      fc.property(night, ({ zone, start, end, now }) => {
        fc.pre(!isQuiet(zone, start, end, now) && start !== end)
        const then = due({ zone, quiet: `${start}-${end}` }, now)
        // Held back only within the longest time by which clocks are put back, or a skipped day.
        if (zone !== 'Pacific/Apia') expect(isRepeated(zone, now) || then === now).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test('what comes later does not go earlier', () => {
    fc.assert(
      fc.property(
        night,
        fc.nat(36 * 60),
        fc.constantFrom('immediate', 'daily', 'weekly'),
        ({ zone, start, end, now }, later, frequency) => {
          const wish: Wish = { zone, quiet: `${start}-${end}`, frequency }
          expect(due(wish, now + later * MINUTE)).toBeGreaterThanOrEqual(due(wish, now))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a digest goes at 09:00 on the wall, within a day or on a Monday within a week', () => {
    fc.assert(
      fc.property(night, fc.constantFrom('daily', 'weekly'), ({ zone, now }, frequency) => {
        const then = due({ zone, frequency }, now)
        const { time, weekday } = localAt(zone, then)
        expect(time).toBe('09:00')
        if (frequency === 'weekly') expect(weekday).toBe(1)
        const most = frequency === 'weekly' ? 7 * DAY : DAY
        expect(then - now).toBeLessThanOrEqual(most + HOUR)
      }),
      { numRuns: 300 },
    )
  })
})

/** Whether the clock shows this time, or did, a second time within some hours: it is put back. */
function isRepeated(zone: string, now: Timestamp): boolean {
  for (let t = now - 3 * HOUR; t < now + 3 * HOUR; t += 15 * MINUTE) {
    const [a, b] = [localAt(zone, t), localAt(zone, t + 15 * MINUTE)]
    if (`${b.day}${b.time}` <= `${a.day}${a.time}`) return true
  }
  return false
}
