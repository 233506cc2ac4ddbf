// Which days a question is about: at the ends of months and years, over leap days, and where today is not the same day everywhere.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BUCKETS, bucketFor, bucketsOf, daysIn, PERIODS, rangeOf, readsOf, vendorRange, weekdayOf, type PeriodName, type Range, type Span,
} from '../../src/domain/analytics/range.ts' // oxfmt-ignore
import { addDays, addMonths, instantAt } from '../../src/domain/calendar.ts'
import { dayIn, type Day } from '../../src/domain/time.ts'
import { anyDay, anySpan } from '../support/spending.ts'

type Asked = Parameters<typeof rangeOf>[0]

function rangeFor(asked: Asked, today: Day): Range {
  const range = rangeOf(asked, today)
  if (!range.ok) throw new Error(`refused: ${JSON.stringify(range.error)}`)
  return range.value
}

const shown = ({ from, to }: Span): string => `${from} ${to}`
const shownRange = (range: Range): string => `${shown(range)}, before ${shown(range.previous)}`

describe('rangeOf', () => {
  test.each([
    ['daily', '2024-03-01', '2024-03-01 2024-03-01, before 2024-02-29 2024-02-29'],
    ['weekly', '2024-02-29', '2024-02-26 2024-03-03, before 2024-02-19 2024-02-25'],
    // The week of new year's day 2021 is the 53rd of 2020.
    ['weekly', '2021-01-01', '2020-12-28 2021-01-03, before 2020-12-21 2020-12-27'],
    ['monthly', '2024-03-31', '2024-03-01 2024-03-31, before 2024-02-01 2024-02-29'],
    ['monthly', '2100-03-31', '2100-03-01 2100-03-31, before 2100-02-01 2100-02-28'],
    ['monthly', '2000-03-31', '2000-03-01 2000-03-31, before 2000-02-01 2000-02-29'],
    ['monthly', '2024-01-15', '2024-01-01 2024-01-31, before 2023-12-01 2023-12-31'],
    ['quarterly', '2024-05-31', '2024-04-01 2024-06-30, before 2024-01-01 2024-03-31'],
    ['quarterly', '2024-01-01', '2024-01-01 2024-03-31, before 2023-10-01 2023-12-31'],
    ['yearly', '2024-02-29', '2024-01-01 2024-12-31, before 2023-01-01 2023-12-31'],
  ] as const)('the %s range of %s is %s', (period, today, expected) => {
    expect(shownRange(rangeFor({ period }, today))).toBe(expected)
  })

  test('nothing asked is the month of today', () => {
    expect(rangeFor({}, '2024-02-10')).toEqual(rangeFor({ period: 'monthly' }, '2024-02-10'))
  })

  test.each([
    // Whole units are held against as many of them, whatever their lengths.
    ['monthly', '2024-03-01 2024-03-31', '2024-02-01 2024-02-29'],
    ['monthly', '2024-03-01 2024-04-30', '2024-01-01 2024-02-29'],
    ['quarterly', '2024-01-01 2024-06-30', '2023-07-01 2023-12-31'],
    ['yearly', '2023-01-01 2024-12-31', '2021-01-01 2022-12-31'],
    ['weekly', '2024-02-26 2024-03-03', '2024-02-19 2024-02-25'],
    // What cuts them, and what is no named unit, against as many days.
    ['monthly', '2024-03-01 2024-03-30', '2024-01-31 2024-02-29'],
    ['quarterly', '2024-02-01 2024-04-30', '2023-11-03 2024-01-31'],
    ['custom', '2024-03-01 2024-03-31', '2024-01-30 2024-02-29'],
    [undefined, '2024-02-29 2024-02-29', '2024-02-28 2024-02-28'],
  ] as const)('%s from %s is held against %s', (period, dates, previous) => {
    const [from, to] = dates.split(' ') as [Day, Day]
    const range = rangeFor({ ...(period && { period }), from, to }, '2024-06-15')
    expect([shown(range), range.period, shown(range.previous)]).toEqual([dates, period ?? 'custom', previous])
  })

  test('a first day alone goes until today', () => {
    expect(shown(rangeFor({ from: '2024-02-01' }, '2024-03-05'))).toBe('2024-02-01 2024-03-05')
  })

  test.each([
    [{ to: '2024-02-01' }, 'date_from', 'DATE_FROM_MISSING'],
    [{ period: 'custom' }, 'date_from', 'DATE_FROM_MISSING'],
    [{ from: '2024-02-02', to: '2024-02-01' }, 'date_from', 'DATES_REVERSED'],
    [{ from: '2024-07-01' }, 'date_from', 'DATES_REVERSED'],
    [{ from: '2014-06-15', to: '2024-06-15' }, 'date_to', 'RANGE_TOO_LONG'],
    [{ from: '0999-12-31', to: '1000-01-01' }, 'date_from', 'DATE_OUT_OF_RANGE'],
    [{ from: '8999-12-31', to: '9000-01-01' }, 'date_to', 'DATE_OUT_OF_RANGE'],
  ] as const)('%o is refused: %s %s', (asked, field, code) => {
    expect(rangeOf(asked, '2024-06-15')).toMatchObject({ ok: false, error: { code: 'request.invalid', details: [{ field, code }] } })
  })

  test('ten years to the day are not too long, a leap day at either end or not', () => {
    for (const [from, to] of [
      ['2014-06-16', '2024-06-15'],
      ['2014-03-01', '2024-02-29'],
      ['2014-01-01', '2023-12-31'],
    ] as const) {
      expect(rangeOf({ from, to }, '2024-06-15').ok).toBe(true)
    }
  })

  test('the days before end where the range begins, and named units are as many of them', () => {
    const named = fc.constantFrom(...PERIODS.filter((period): period is Exclude<PeriodName, 'custom'> => period !== 'custom'))
    fc.assert(
      fc.property(anyDay, named, (today, period) => {
        const range = rangeFor({ period }, today)
        expect(range.from <= today && today <= range.to).toBe(true)
        expect(addDays(range.previous.to, 1)).toBe(range.from)
        // The unit before is what the last day of it asks for, and naming the dates is the same as naming the unit.
        expect(shown(rangeFor({ period }, range.previous.to))).toBe(shown(range.previous))
        expect(rangeFor({ period, from: range.from, to: range.to }, today)).toEqual(range)
      }),
    )
  })
})

describe('today is the day where one is', () => {
  test('at one instant it is leap day in Pago Pago and March on Kiritimati', () => {
    const at = Date.parse('2024-03-01T10:30:00Z')
    const [west, east] = [dayIn('Pacific/Pago_Pago', at), dayIn('Pacific/Kiritimati', at)]
    expect(shownRange(rangeFor({ period: 'monthly' }, west))).toBe('2024-02-01 2024-02-29, before 2024-01-01 2024-01-31')
    expect(shownRange(rangeFor({ period: 'monthly' }, east))).toBe('2024-03-01 2024-03-31, before 2024-02-01 2024-02-29')
    expect(shownRange(rangeFor({ period: 'daily' }, west))).toBe('2024-02-29 2024-02-29, before 2024-02-28 2024-02-28')
    expect(shownRange(rangeFor({ period: 'daily' }, east))).toBe('2024-03-02 2024-03-02, before 2024-03-01 2024-03-01')
  })

  test.each([
    ['Europe/Berlin', '2026-03-29'],
    ['Europe/Berlin', '2026-10-25'],
    ['Australia/Lord_Howe', '2026-10-04'],
    ['America/Santiago', '2026-09-06'],
  ] as const)('a day of %s on which clocks change is one day from its first minute to its last: %s', (zone, day) => {
    for (const time of ['00:00', '02:30', '12:00', '23:59'] as const) {
      expect(shown(rangeFor({ period: 'daily' }, dayIn(zone, instantAt(zone, day, time))))).toBe(`${day} ${day}`)
    }
  })
})

describe('bucketsOf', () => {
  const names = (from: Day, to: Day, unit: (typeof BUCKETS)[number]): string =>
    bucketsOf({ from, to }, unit)
      .map((bucket) => `${bucket.name} ${bucket.from.slice(5)}/${bucket.to.slice(5)}`)
      .join(', ')

  test.each([
    ['day', '2024-02-28', '2024-03-01', '2024-02-28 02-28/02-28, 2024-02-29 02-29/02-29, 2024-03-01 03-01/03-01'],
    ['week', '2020-12-30', '2021-01-05', '2020-W53 12-30/01-03, 2021-W01 01-04/01-05'],
    ['month', '2024-01-31', '2024-03-01', '2024-01 01-31/01-31, 2024-02 02-01/02-29, 2024-03 03-01/03-01'],
    ['quarter', '2023-12-31', '2024-04-01', '2023-Q4 12-31/12-31, 2024-Q1 01-01/03-31, 2024-Q2 04-01/04-01'],
    ['year', '2023-12-31', '2024-01-01', '2023 12-31/12-31, 2024 01-01/01-01'],
  ] as const)('by %s from %s to %s: %s', (unit, from, to, expected) => {
    expect(names(from, to, unit)).toBe(expected)
  })

  test('every day of the range lies in one bucket, under a name of its own', () => {
    fc.assert(
      fc.property(anySpan, fc.constantFrom(...BUCKETS), (span, unit) => {
        const buckets = bucketsOf(span, unit)
        expect([buckets[0]?.from, buckets.at(-1)?.to]).toEqual([span.from, span.to])
        for (const [i, { from, to }] of buckets.entries()) {
          expect(from <= to).toBe(true)
          if (i > 0) expect(from).toBe(addDays(buckets[i - 1]?.to ?? from, 1))
        }
        expect(new Set(buckets.map(({ name }) => name)).size).toBe(buckets.length)
      }),
      { numRuns: 50 },
    )
  })
})

test('weekdays run from Monday, 1, to Sunday, 7', () => {
  expect(['2024-02-26', '2024-02-29', '2024-03-03', '2000-01-01', '2100-03-01'].map((day) => weekdayOf(day as Day))).toEqual([
    1, 4, 7, 6, 1,
  ])
})

describe('readsOf', () => {
  const reads = (from: Day, to: Day, purpose: Parameters<typeof readsOf>[1], unit?: (typeof BUCKETS)[number]): string => {
    const { months, days } = readsOf({ from, to }, purpose, unit)
    return [...months, ...days.map(shown)].join(', ')
  }

  test.each([
    ['total', '2024-02-01', '2024-02-29', '2024-02'],
    ['total', '2100-02-01', '2100-02-28', '2100-02'],
    ['total', '2024-02-01', '2024-02-28', '2024-02-01 2024-02-28'],
    ['categories', '2024-01-31', '2024-04-01', '2024-02, 2024-03, 2024-01-31 2024-01-31, 2024-04-01 2024-04-01'],
    ['categories', '2023-12-20', '2024-01-10', '2023-12-20 2024-01-10'],
    ['trend', '2024-02-01', '2024-02-29', '2024-02-01 2024-02-29'],
    ['trend', '2024-01-01', '2024-12-31', Array.from({ length: 12 }, (_, i) => `2024-${String(i + 1).padStart(2, '0')}`).join(', ')],
    ['vendors', '2024-01-31', '2024-03-01', '2024-01, 2024-02, 2024-03'],
  ] as const)('%s from %s to %s reads %s', (purpose, from, to, expected) => {
    expect(reads(from, to, purpose)).toBe(expected)
  })

  test('a trend by week reads days, since weeks cut months; one by quarter reads months', () => {
    expect(reads('2024-01-01', '2024-03-31', 'trend', 'week')).toBe('2024-01-01 2024-03-31')
    expect(reads('2024-01-01', '2024-03-31', 'trend', 'quarter')).toBe('2024-01, 2024-02, 2024-03')
  })

  test('what is read is every day of the range once, and no more days than two months without their ends have', () => {
    fc.assert(
      fc.property(anySpan, (span) => {
        const { months, days } = readsOf(span, 'total')
        const told = months.map((month): Span => ({ from: `${month}-01`, to: addDays(addMonths(`${month}-01`, 1), -1) }))
        const all = [...told, ...days].sort((a, b) => (a.from < b.from ? -1 : 1))
        expect([all[0]?.from, all.at(-1)?.to]).toEqual([span.from, span.to])
        for (const [i, { from }] of all.entries()) if (i > 0) expect(from).toBe(addDays(all[i - 1]?.to ?? from, 1))
        expect(days.reduce((count, one) => count + daysIn(one), 0)).toBeLessThanOrEqual(60)
        expect(days.length).toBeLessThanOrEqual(2)
      }),
    )
  })

  test('vendors take the months that the range cuts whole, say so, and are held against as many months before', () => {
    const cut = { from: '2024-02-10', to: '2024-02-16' } as const
    expect(readsOf(cut, 'vendors').covers).toEqual({ from: '2024-02-01', to: '2024-02-29' })
    expect(shownRange(vendorRange(cut))).toBe('2024-02-01 2024-02-29, before 2024-01-01 2024-01-31')
    expect(vendorRange(cut).isWidened).toBe(true)
    expect(vendorRange({ from: '2024-02-01', to: '2024-03-31' })).toMatchObject({ isWidened: false, previous: { from: '2023-12-01' } })
  })

  test('a range is told by day up to a quarter, and by month beyond', () => {
    expect(bucketFor({ from: '2024-07-01', to: '2024-09-30' })).toBe('day')
    expect(bucketFor({ from: '2024-07-01', to: '2024-10-01' })).toBe('month')
  })
})
