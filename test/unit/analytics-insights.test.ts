// What is worth saying of spending: unusual days, habits of weekdays, and what changed and why.
import { describe, expect, test } from 'vitest'
import { daysOf, LEAST_DAYS, unusualDays, weekdayPattern, weekdaysOf, type DayTotal } from '../../src/domain/analytics/days.ts'
import { daysToExplain, insightsOf, type Insight } from '../../src/domain/analytics/insights.ts'
import { rangeOf, readsOf, vendorRange, type Range } from '../../src/domain/analytics/range.ts'
import { trendsOf } from '../../src/domain/analytics/trends.ts'
import type { Expense } from '../../src/domain/expense.ts'
import { DAY, isoOf, type Day } from '../../src/domain/time.ts'
import { household, OWN, spendingOf, viewOf } from '../support/spending.ts'

const HOUSEHOLD = household()

const FEBRUARY: Range = { from: '2024-02-01', to: '2024-02-29', period: 'monthly', previous: { from: '2024-01-01', to: '2024-01-31' } }

const daily = (from: Day, minors: readonly number[]): DayTotal[] =>
  minors.map((minor, i) => ({ day: isoOf(Date.parse(from) + i * DAY).slice(0, 10) as Day, minor, count: minor > 0 ? 1 : 0 }))

describe('unusualDays', () => {
  test('are far from the median of the days with spending', () => {
    const days = daily('2024-02-01', [10, 12, 11, 0, 9, 10, 13, 11, 10, 0, 12, 9, 11, 10, 12, 200])
    // Median 11, distances' median 1: (200 - 11) / (1 / 0.6745).
    expect(unusualDays(days)).toEqual([{ day: '2024-02-16', minor: 200, count: 1, medianMinor: 11, score: 127.48, days: LEAST_DAYS }])
  })

  test('take fourteen days with spending to be known', () => {
    expect(unusualDays(daily('2024-02-01', [...Array.from({ length: 12 }, () => 10), 0, 500]))).toEqual([])
  })

  test('stand out from days that are all the same, but not by a little', () => {
    const same = Array.from({ length: 20 }, () => 10)
    expect(unusualDays(daily('2024-02-01', same))).toEqual([])
    expect(unusualDays(daily('2024-02-01', [...same, 19]))).toEqual([])
    expect(unusualDays(daily('2024-02-01', [...same, 90])).map(({ day }) => day)).toEqual(['2024-02-21'])
  })
})

describe('weekdayPattern', () => {
  /** Four weeks from a Monday. */
  const weeks = (week: readonly number[]) => daily('2024-02-05', [...week, ...week, ...week, ...week])

  test('is a weekday that takes half as much again as the calendar would give it', () => {
    expect(weekdayPattern(weeks([10, 10, 10, 10, 30, 10, 10]))).toMatchObject({
      weekday: 5,
      days: 4,
      percentage: 33.3,
      expectedPercentage: 14.3,
    })
    expect(weekdayPattern(weeks([10, 10, 10, 10, 14, 10, 10]))).toBeUndefined()
    expect(weekdayPattern(weeks([0, 0, 0, 0, 0, 0, 0]))).toBeUndefined()
  })

  test('takes four weeks, and is no single dear day', () => {
    expect(weekdayPattern(weeks([1, 1, 1, 1, 9, 1, 1]).slice(0, 27))).toBeUndefined()
    expect(
      weekdayPattern(
        daily(
          '2024-02-05',
          Array.from({ length: 28 }, (_, i) => (i === 4 ? 900 : i % 7 === 4 ? 0 : 10)),
        ),
      ),
    ).toBeUndefined()
  })

  test('the shares of the weekdays are of all that was spent, and of all days', () => {
    const shares = weekdaysOf(weeks([10, 0, 10, 0, 60, 10, 10]))
    expect(shares.map(({ percentage }) => percentage)).toEqual([10, 0, 10, 0, 60, 10, 10])
    expect(shares.map(({ days }) => days)).toEqual([4, 4, 4, 4, 4, 4, 4])
  })
})

describe('insightsOf', () => {
  const told = (expenses: readonly Expense[], today: Day = '2024-06-01', range = FEBRUARY): Insight[] => {
    const view = (span: typeof range.previous) => viewOf(expenses, readsOf(span, 'total'))
    const days = trendsOf(viewOf(expenses, readsOf(range, 'trend', 'day')), range, 'day', today)
    const months = vendorRange(range)
    const ofVendors = (span: typeof range.previous) => viewOf(expenses, readsOf(span, 'vendors'))
    const vendors = { range: months, current: ofVendors(months), previous: ofVendors(months.previous) }
    const explained = daysToExplain(days).map((day) => ({ from: day, to: day }))
    const ofDays = viewOf(expenses, { months: [], days: explained, covers: range })
    return insightsOf({ range, today, current: view(range), previous: view(range.previous), days, ofDays, vendors, own: OWN })
  }

  test('say what changed, what moved it, who is new and what is left, each with its figures', () => {
    const insights = told(HOUSEHOLD)
    expect(insights.map(({ kind, title, message }) => `${kind} | ${title} | ${message}`)).toEqual([
      'change | Spending rose by 110% | 210.00 EUR was spent from 2024-02-01 to 2024-02-29, 110.00 EUR more than from 2024-01-01 to 2024-01-31. It rose most for: Food & Dining (+70.01 EUR), Boat (+30.00 EUR), What has no category (+9.99 EUR).',
      'category_mover | Food & Dining: +70% | Food & Dining came to 170.01 EUR from 2024-02-01 to 2024-02-29, after 100.00 EUR from 2024-01-01 to 2024-01-31: +70.01 EUR.',
      'category_mover | Boat: +30.00 EUR | Boat came to 30.00 EUR from 2024-02-01 to 2024-02-29, after 0.00 EUR from 2024-01-01 to 2024-01-31: +30.00 EUR.',
      'merchant_mover | rewe: +66.7% | rewe came to 100.00 EUR from 2024-02-01 to 2024-02-29, after 60.00 EUR from 2024-01-01 to 2024-01-31: +40.00 EUR.',
      'merchant_mover | CAFE MULLER: +25% | CAFE MULLER came to 50.01 EUR from 2024-02-01 to 2024-02-29, after 40.00 EUR from 2024-01-01 to 2024-01-31: +10.01 EUR.',
      'new_merchant | New: Boat Shop | Boat Shop was paid once from 2024-02-01 to 2024-02-29, 30.00 EUR in all, and not at all from 2024-01-01 to 2024-01-31.',
      'net | Income covers the spending | 500.00 EUR came in and 210.00 EUR was spent, which leaves 290.00 EUR, 58% of it.',
    ])
    expect(insights[0]?.figures).toMatchObject({
      amount: { minor: 21000 },
      previousAmount: { minor: 10000 },
      changePercentage: 110,
      drivers: [{ name: 'Food & Dining', change: { minor: 7001 } }, { name: 'Boat' }, { name: 'What has no category' }],
    })
  })

  test('a range that is running is told of as far as it has come, and nothing in it has fallen', () => {
    const running = told(
      spendingOf('2024-01-10 | 100.00 | ann | ann | Rent | Landlord\n2024-02-02 | 40.00 | ann | ann | Rent | Landlord'),
      '2024-02-05',
    )
    expect(running.map(({ title, message }) => `${title}: ${message}`)).toEqual([
      'So far 40% of the period before: 40.00 EUR was spent in the first 5 of 29 days; the whole period before came to 100.00 EUR.',
    ])
  })

  test('an unusual day says what it went on, and is left out of the weekdays; the dear day of each week is none', () => {
    const days = Array.from({ length: 29 }, (_, i) => {
      const day = `2024-02-${String(i + 1).padStart(2, '0')}`
      return `${day} | ${i % 7 === 1 ? 30 : 10 + (i % 3)}.00 | ann | ann | Groceries`
    })
    const insights = told(spendingOf([...days, '2024-02-14 | 900.00 | ann | ann | Hotels'].join('\n')))
    const unusual = insights.filter(({ kind }) => kind === 'unusual_day')
    expect(unusual.map(({ message }) => message)).toEqual([
      '911.00 EUR was spent on 2024-02-14; half of the 29 days with spending came to 11.00 EUR or less. Most of it: Travel (900.00 EUR).',
    ])
    expect(unusual[0]?.figures).toMatchObject({ amount: { minor: 91100 }, median: { minor: 1100 }, drivers: [{ name: 'Travel' }] })
    expect(insights.find(({ kind }) => kind === 'weekday_pattern')?.message).toMatch(/^Fridays take .* Unusual days \(1\) are left out\.$/)
  })

  test('a habit of a weekday is told with what the calendar would give it', () => {
    const friday = (i: number): boolean => i % 7 === 1
    const days = Array.from(
      { length: 29 },
      (_, i) => `2024-02-${String(i + 1).padStart(2, '0')} | ${friday(i) ? 25 : 8 + ((i * 5) % 9)}.00 | ann | ann`,
    )
    const pattern = told(spendingOf(days.join('\n'))).find(({ kind }) => kind === 'weekday_pattern')
    expect(pattern?.message).toBe('Fridays take 25.1% of the spending (100.00 EUR) and are 13.8% of the days.')
    expect(pattern?.figures).toMatchObject({ weekday: 5, days: 4, spendingDays: 4, daysLeftOut: 0 })
  })

  test('where no vendor was named before, none is new', () => {
    const january: Range = { from: '2024-01-01', to: '2024-01-31', period: 'monthly', previous: { from: '2023-12-01', to: '2023-12-31' } }
    expect(told(HOUSEHOLD, '2024-06-01', january).map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      'change: Spending began',
      'category_mover: Food & Dining: +100.00 EUR',
    ])
  })

  test('nothing has nothing to say, and the order of the rows changes nothing', () => {
    expect(told([])).toEqual([])
    expect(told(HOUSEHOLD.toReversed()).map(({ kind, figures }) => [kind, figures.id])).toEqual(
      told(HOUSEHOLD).map(({ kind, figures }) => [kind, figures.id]),
    )
  })

  test('a week is told in days, and its merchants by the month that it lies in', () => {
    const range = rangeOf({ period: 'weekly' }, '2024-02-28')
    if (!range.ok) throw new Error('refused')
    const fresh = told(HOUSEHOLD, '2024-06-01', range.value).find(({ kind }) => kind === 'new_merchant')
    expect(fresh?.figures).toMatchObject({ name: 'Boat Shop', from: '2024-02-01', to: '2024-03-31', previousFrom: '2023-12-01' })
  })
})

test('daysOf tells of the days that have come, and of days only', () => {
  const view = viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'trend', 'day'))
  expect(daysOf(trendsOf(view, FEBRUARY, 'day', '2024-02-03')).map(({ minor }) => minor)).toEqual([10000, 0, 7001])
  expect(() => daysOf(trendsOf(view, FEBRUARY, 'month', '2024-02-03'))).toThrow(RangeError)
})
