// Wall clocks where they are put forward and back, and calendars at their borders.
import { describe, expect, test } from 'vitest'
import { addDays, addMonths, instantAt, localAt, weekOf, type WallTime } from '../../src/domain/calendar.ts'
import { isoOf, type Day } from '../../src/domain/time.ts'

const at = (zone: string, day: Day, time: WallTime): string => isoOf(instantAt(zone, day, time))

describe('instantAt', () => {
  test.each([
    ['UTC', '2026-11-20', '08:00', '2026-11-20T08:00:00.000Z'],
    ['America/New_York', '2026-11-20', '08:00', '2026-11-20T13:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-20', '00:15', '2026-11-19T18:30:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '00:00', '2025-12-31T10:00:00.000Z'],
    // Clocks go from 02:00 to 03:00: half past two does not exist.
    ['Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:00:00.000Z'],
    // Clocks go from 03:00 back to 02:00: half past two comes twice, and the first is meant.
    ['Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    // A change of half an hour.
    ['Australia/Lord_Howe', '2026-10-04', '02:10', '2026-10-03T15:30:00.000Z'],
    // A day that was skipped altogether: Samoa crossed the date line.
    ['Pacific/Apia', '2011-12-30', '08:00', '2011-12-30T10:00:00.000Z'],
  ] as const)('in %s on %s at %s it is %s', (zone, day, time, iso) => {
    expect(at(zone, day, time)).toBe(iso)
  })

  test('an unknown zone is an error', () => {
    expect(() => instantAt('Europe/Nowhere', '2026-01-01', '08:00')).toThrow(RangeError)
  })
})

describe('localAt', () => {
  test('is what instantAt came from, every hour of a year, wherever the clock shows that time once', () => {
    const zone = 'America/Santiago'
    for (let t = Date.UTC(2026, 0, 1); t < Date.UTC(2027, 0, 1); t += 3_600_000) {
      const { day, time } = localAt(zone, t)
      const back = instantAt(zone, day, time)
      expect([0, 3_600_000]).toContain(t - back)
    }
  })

  test('a Sunday is the seventh day of its week', () => {
    expect(localAt('Europe/Berlin', Date.UTC(2026, 10, 22, 12))).toEqual({ day: '2026-11-22', time: '13:00', weekday: 7 })
  })
})

describe('days', () => {
  test.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
  ] as const)('%s and %i days is %s', (day, days, then) => {
    expect(addDays(day, days)).toBe(then)
  })

  test('a month after the last of January is the last of February', () => {
    expect([addMonths('2026-01-31', 1), addMonths('2026-01-31', 2)]).toEqual(['2026-02-28', '2026-03-31'])
  })

  test('the first days of a year may lie in the last week of the year before', () => {
    expect([weekOf('2027-01-01'), weekOf('2026-12-28'), weekOf('2026-01-01')]).toEqual(['2026-W53', '2026-W53', '2026-W01'])
  })
})
