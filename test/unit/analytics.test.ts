// What is told of spending: figures as the documents show them, in one currency, and what is worth saying about them.
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { categoriesOf, seriesBelow } from '../../src/domain/analytics/categories.ts'
import { memberFiguresOf } from '../../src/domain/analytics/members.ts'
import { merchantsOf } from '../../src/domain/analytics/merchants.ts'
import { readsOf, rowsIn, type Range } from '../../src/domain/analytics/range.ts'
import { summaryOf } from '../../src/domain/analytics/summary.ts'
import { slopeOf, trendsOf } from '../../src/domain/analytics/trends.ts'
import { apportioned, averageOf, changeOf, percentOf, rateDayOf, rounded, type Scope } from '../../src/domain/analytics/view.ts'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import type { Expense } from '../../src/domain/expense.ts'
import { formatMinor, sum } from '../../src/domain/money.ts'
import { DAY, isoOf, type Day } from '../../src/domain/time.ts'
import { currencyOf, memberId } from '../support/ledger.ts'
import { categoryId, household, OWN, rateOf, rowsOf, spendingOf, viewOf } from '../support/spending.ts'

const EUR = currencyOf('EUR')

const HOUSEHOLD = household()

const FEBRUARY: Range = { from: '2024-02-01', to: '2024-02-29', period: 'monthly', previous: { from: '2024-01-01', to: '2024-01-31' } }

const summarise = (expenses: readonly Expense[], range = FEBRUARY, today: Day = '2024-06-01', scope: Scope = { kind: 'group' }) => {
  const views = {
    current: viewOf(expenses, readsOf(range, 'total'), scope),
    previous: viewOf(expenses, readsOf(range.previous, 'total'), scope),
  }
  return summaryOf(range, today, views, OWN)
}

describe('summaryOf', () => {
  test('tells totals, averages, the change since the period before, and where most went', () => {
    const told = summarise(HOUSEHOLD)
    expect(told.expenses).toEqual({ minor: 21000, count: 5, averageMinor: 4200 })
    expect(told.income).toEqual({ minor: 50000, count: 1, averageMinor: 50000 })
    expect(told).toMatchObject({ netMinor: 29000, savedPercentage: 58, averageDailyMinor: 724, daysElapsed: 29, isRunning: false })
    expect(told.previous).toMatchObject({ expenses: { minor: 10000, count: 2 }, from: '2024-01-01', to: '2024-01-31' })
    expect(told.change).toEqual({ expenses: 110, income: null, net: 390 })
    expect(told.topCategories.map(({ name, minor, count, percentage }) => [name, minor, count, percentage])).toEqual([
      ['Food & Dining', 17001, 3, 81],
      ['Boat', 3000, 1, 14.3],
      [null, 999, 1, 4.8],
    ])
  })

  test('of a person it is what they bear', () => {
    const bob: Scope = { kind: 'member', members: new Set([memberId('bob')]) }
    const told = summarise(HOUSEHOLD, FEBRUARY, '2024-06-01', bob)
    expect(told.expenses).toMatchObject({ minor: 5000 + 1000 + 1000 + 999, count: 4 })
    expect(told.income).toMatchObject({ minor: 25000, count: 1 })
  })

  test('while it is running, an average of a day is over the days that have come', () => {
    expect(summarise(HOUSEHOLD, FEBRUARY, '2024-02-10')).toMatchObject({ daysElapsed: 10, isRunning: true, averageDailyMinor: 2100 })
  })

  test('nothing is 0, with no change to tell', () => {
    const told = summarise([])
    expect(told).toMatchObject({ expenses: { minor: 0, count: 0, averageMinor: 0 }, netMinor: 0, savedPercentage: null, topCategories: [] })
    expect(told.change).toEqual({ expenses: null, income: null, net: null })
  })
})

describe('converted', () => {
  test('what has no rate is told apart and is in no figure', () => {
    const told = summarise(
      spendingOf('2024-02-03 | 10.00 USD | ann | ann\n2024-02-04 | 7.00 GBP | ann | ann\n2024-02-05 | 1.00 | ann | ann'),
    )
    // 0.927 in February.
    expect(told.expenses).toMatchObject({ minor: 927 + 100, count: 2 })
    expect(told.unconverted).toEqual([{ kind: 'expense', currency: 'GBP', minor: 700, count: 1 }])
  })

  test('every day of a month is shown at the rate of its first, so that days and months come to the same', () => {
    expect([rateDayOf('2024-02-29'), rateDayOf('2024-02')]).toEqual(['2024-02-01', '2024-02-01'])
    const expenses = spendingOf('2024-02-03 | 10.00 USD | ann | ann\n2024-02-29 | 1000 JPY | ann | ann')
    const months = viewOf(expenses, { months: ['2024-02'], days: [], covers: FEBRUARY })
    const days = viewOf(expenses, { months: [], days: [FEBRUARY], covers: FEBRUARY })
    expect(summaryOf(FEBRUARY, '2024-06-01', { current: days, previous: days }, []).expenses).toEqual(
      summaryOf(FEBRUARY, '2024-06-01', { current: months, previous: months }, []).expenses,
    )
  })

  test('parts are rounded so that they sum to the whole, which is rounded once, half-even', () => {
    expect(rounded(new Decimal('2.5'))).toBe(2)
    expect(
      apportioned(
        2,
        ['0.2', '0.9', '0.9'].map((part) => new Decimal(part)),
      ),
    ).toEqual([0, 1, 1])
    expect(
      apportioned(
        2,
        ['0.5', '0.5', '1.5'].map((part) => new Decimal(part)),
      ),
    ).toEqual([1, 0, 1])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { maxLength: 12 }), (thousandths) => {
        const parts = thousandths.map((one) => new Decimal(one).div(1000))
        const total = rounded(Decimal.sum(0, ...parts))
        const minors = apportioned(total, parts)
        expect(sum(minors)).toBe(total)
        for (const [i, minor] of minors.entries()) expect(Math.abs(minor - (thousandths[i] ?? 0) / 1000)).toBeLessThan(1)
      }),
    )
  })

  test.each([
    [1, 3, 33.3], [2, 3, 66.7], [1, 8, 12.5], [0, 0, 0], [1, 16, 6.3],
  ])('%d of %d is %d percent', (part, whole, expected) => {
    expect(percentOf(part, whole)).toBe(expected)
  }) // oxfmt-ignore

  test.each([
    [234567, 189023, 24.1], [189023, 234567, -19.4], [0, 100, -100], [100, 0, null], [-50, -100, 50], [50, -100, 150], [100, 100, 0],
  ])('%d after %d is a change of %s percent', (now, before, expected) => {
    expect(changeOf(now, before)).toBe(expected)
  }) // oxfmt-ignore

  test('an average is rounded to the unit, halves up', () => {
    expect([averageOf(5, 2), averageOf(10, 3), averageOf(0, 0)]).toEqual([3, 3, 0])
  })
})

describe('categoriesOf', () => {
  const told = categoriesOf(viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'categories')), OWN)

  test('is a tree in which what is filed under a category itself and below it sum to it', () => {
    const [food, boat] = told.categories
    expect(food).toMatchObject({
      name: 'Food & Dining',
      minor: 17001,
      count: 3,
      averageMinor: 5667,
      direct: { minor: 2000, count: 1, percentage: 11.8 },
    })
    expect(food?.subcategories.map(({ name, minor, percentage }) => [name, minor, percentage])).toEqual([
      ['Groceries', 10000, 58.8],
      ['Restaurants', 5001, 29.4],
    ])
    expect(boat).toMatchObject({
      name: 'Boat',
      direct: { minor: 0, count: 0 },
      subcategories: [{ name: 'Sails', minor: 3000, percentage: 100 }],
    })
  })

  test('what has no category is told apart and counts in the whole', () => {
    expect(told.uncategorized).toEqual({ minor: 999, count: 1, percentage: 4.8, averageMinor: 999 })
    expect(sum(told.categories.map(({ minor }) => minor)) + told.uncategorized.minor).toBe(told.total.minor)
  })

  test('somebody else’s category stands at the top without a name', () => {
    const others = categoriesOf(viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'categories')), [])
    expect(others.categories.find(({ id }) => id === 'cat_sails')).toMatchObject({ name: null, icon: null, minor: 3000 })
  })

  test('one whose parent is not known stands at the top under its own name', () => {
    const sails = OWN.filter(({ name }) => name === 'Sails')
    const told = categoriesOf(viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'categories')), sails)
    expect(told.categories.find(({ id }) => id === 'cat_sails')).toMatchObject({ name: 'Sails', minor: 3000, subcategories: [] })
  })

  test('what lies below a category sums to it also where the whole took its cent', () => {
    // Each is 0.621 cents, together 1.242: one cent, which the first takes.
    const cents = spendingOf('2024-02-03 | 1 JPY | ann | ann | Groceries\n2024-02-03 | 1 JPY | ann | ann | Rent')
    const { categories, total } = categoriesOf(viewOf(cents, readsOf(FEBRUARY, 'categories')), OWN)
    expect(total.minor).toBe(1)
    expect(categories.map(({ name, minor, subcategories }) => [name, minor, subcategories.map((one) => one.minor)])).toEqual([
      ['Food & Dining', 1, [1]],
      ['Housing', 0, [0]],
    ])
  })

  test('income has a tree of its own', () => {
    const income = categoriesOf(viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'categories')), OWN, 'income')
    expect(income.categories).toMatchObject([{ name: 'Income', minor: 50000, percentage: 100, subcategories: [{ name: 'Salary' }] }])
  })
})

describe('trendsOf', () => {
  const trend = (table: string, today: Day = '2024-06-01', range = FEBRUARY) =>
    trendsOf(viewOf(spendingOf(table), readsOf(range, 'trend', 'day')), range, 'day', today)

  test('has a point for each day, also for those without spending', () => {
    const view = viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'trend', 'day'))
    const { points, statistics } = trendsOf(view, FEBRUARY, 'day', '2024-06-01')
    expect(points.length).toBe(29)
    expect(
      points.filter(({ expenses }) => expenses.count > 0).map(({ name, expenses }) => `${name} ${expenses.minor} ${expenses.count}`),
    ).toEqual(['2024-02-01 10000 1', '2024-02-03 7001 2', '2024-02-29 3999 2'])
    expect(points[14]).toMatchObject({ income: { minor: 50000, count: 1 }, netMinor: 50000, changePercentage: null })
    expect(points[1]).toMatchObject({ changePercentage: -100 })
    expect(statistics).toMatchObject({
      minor: 21000,
      days: 29,
      averageDailyMinor: 724,
      peak: { from: '2024-02-01', minor: 10000 },
      direction: 'decreasing',
    })
  })

  test('of one category it is what was filed there and below', () => {
    const series = seriesBelow(categoryId('Food & Dining'), SYSTEM_CATEGORIES)
    const view = viewOf(HOUSEHOLD, readsOf(FEBRUARY, 'trend', 'month'))
    const { points } = trendsOf(view, FEBRUARY, 'month', '2024-06-01', { series })
    expect(points).toMatchObject([{ name: '2024-02', expenses: { minor: 17001, count: 3 } }])
  })

  test('the statistics are of the days that have come', () => {
    const { points, statistics } = trend(
      '2024-02-01 | 10.00 | ann | ann\n2024-02-02 | 30.00 | ann | ann\n2024-02-20 | 90.00 | ann | ann',
      '2024-02-02',
    )
    expect(points.length).toBe(29)
    expect(statistics).toMatchObject({ minor: 4000, days: 2, averageDailyMinor: 2000, direction: 'increasing', percentage: 100 })
    expect(statistics.peak).toMatchObject({ from: '2024-02-02', minor: 3000 })
  })

  test('months are compared by the day, so that a February is no fall', () => {
    const everyDay = Array.from({ length: 366 }, (_, i) => `${isoOf(Date.parse('2024-01-01') + i * DAY).slice(0, 10)} | 10.00 | ann | ann`)
    const year = { from: '2024-01-01', to: '2024-12-31' } as const
    const { statistics } = trendsOf(viewOf(spendingOf(everyDay.join('\n')), readsOf(year, 'trend')), year, 'month', '2025-01-01')
    expect(statistics).toMatchObject({ direction: 'stable', percentage: 0, averageDailyMinor: 1000 })
  })

  test.each([
    [[1, 2, 3], 'increasing', 100],
    [[3, 2, 1], 'decreasing', -100],
    [[100, 101, 102, 104], 'stable', 3.8],
    [[100, 102, 104, 106], 'increasing', 5.8],
    [[5], 'stable', 0],
    [[0, 0, 0], 'stable', 0],
    [[], 'stable', 0],
  ] as const)('%j is %s by %d percent', (values, direction, percentage) => {
    expect(slopeOf(values.map((value) => new Decimal(value)))).toEqual({ direction, percentage })
  })

  test('nothing has no peak, and a row of another range is a bug', () => {
    expect(trend('2024-01-01 | 1.00 | ann | ann').statistics).toMatchObject({ peak: null, averageDailyMinor: 0, direction: 'stable' })
    const wide = viewOf(HOUSEHOLD, { months: ['2024-01'], days: [], covers: FEBRUARY })
    expect(() => trendsOf(wide, FEBRUARY, 'month', '2024-06-01')).toThrow(RangeError)
    expect(() => trendsOf(wide, FEBRUARY, 'day', '2024-06-01')).toThrow(RangeError)
  })
})

describe('merchantsOf', () => {
  const reads = readsOf({ from: '2024-01-01', to: '2024-02-29' }, 'vendors')

  test('takes spellings of a name together, under the last, by amount or by count', () => {
    const told = merchantsOf(viewOf(HOUSEHOLD, reads))
    expect(told.merchants.map(({ name, minor, count, percentage }) => [name, minor, count, percentage])).toEqual([
      ['rewe', 16000, 2, 57.1],
      ['CAFE MULLER', 9001, 2, 32.1],
      ['Boat Shop', 3000, 1, 10.7],
    ])
    expect(merchantsOf(viewOf(HOUSEHOLD, reads), { by: 'count' }).merchants.map(({ count }) => count)).toEqual([2, 2, 1])
    expect(merchantsOf(viewOf(HOUSEHOLD, reads), { kind: 'income' }).merchants).toMatchObject([{ name: 'Work', minor: 50000 }])
  })
})

describe('memberFiguresOf', () => {
  test('tells what each paid and bears, and nets that sum to 0', () => {
    const { members, expensesMinor } = memberFiguresOf(rowsIn(rowsOf(HOUSEHOLD), readsOf(FEBRUARY, 'total')), EUR, rateOf)
    const euros = (minor: number) => formatMinor(minor, EUR)
    expect(members.map((one) => [one.member, euros(one.paidMinor), euros(one.shareMinor), one.count, euros(one.netMinor)])).toEqual([
      ['mem_ann', '109.99', '120.01', 4, '-260.02'],
      ['mem_bob', '70.01', '79.99', 4, '240.02'],
      ['mem_cyd', '30.00', '10.00', 1, '20.00'],
    ])
    expect([expensesMinor, sum(members.map(({ netMinor }) => netMinor))]).toEqual([21000, 0])
  })
})
