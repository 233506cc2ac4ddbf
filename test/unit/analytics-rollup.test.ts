// What an expense adds to the sums, and that the sums tell the same as its journal does, whatever is asked.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { categoriesOf } from '../../src/domain/analytics/categories.ts'
import { memberFiguresOf } from '../../src/domain/analytics/members.ts'
import { merchantsOf } from '../../src/domain/analytics/merchants.ts'
import { BUCKETS, bucketsOf, readsOf, rowsIn, type Reads, type Span } from '../../src/domain/analytics/range.ts'
import { contributionsOf, foldVendor, merged, negated, rowKey, type RollupRow } from '../../src/domain/analytics/rollup.ts'
import { flowOf } from '../../src/domain/analytics/summary.ts'
import { trendsOf } from '../../src/domain/analytics/trends.ts'
import { converted, scopeOf, type Scope, type View } from '../../src/domain/analytics/view.ts'
import { findSystemCategory } from '../../src/domain/categories.ts'
import type { Expense } from '../../src/domain/expense.ts'
import { sum } from '../../src/domain/money.ts'
import { currencyOf, memberId } from '../support/ledger.ts'
import {
  anyLives, anyScope, anySpan, anySpent, categoryId, exactCents, expenseOf, OWN, rateOf, rowsOf, spendingOf, standing, wholeCents, worthTo, written,
} from '../support/spending.ts' // oxfmt-ignore

const EUR = currencyOf('EUR')

/** Rows in an order of their own, without the names that are no sums. */
const sums = (rows: readonly RollupRow[]) => rows.map(({ label: _, ...row }) => row).sort((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1))

describe('contributionsOf', () => {
  const [dinner] = spendingOf('2024-02-29 | 30.00 | ann | ann bob | Restaurants | Café Müller')

  test('everything and the category get a row for the day and the month, the vendor one for the month', () => {
    const rows = dinner === undefined ? [] : contributionsOf(dinner)
    const shown = rows.map(({ series, period, minor, label }) => [series, period, minor, label])
    const restaurants = categoryId('Restaurants')
    expect(shown).toEqual([
      ['', '2024-02-29', 3000, undefined],
      ['', '2024-02', 3000, undefined],
      [restaurants, '2024-02-29', 3000, undefined],
      [restaurants, '2024-02', 3000, undefined],
      ['v:cafe muller', '2024-02', 3000, 'Café Müller'],
    ])
    expect(rows[0]?.members).toEqual({ mem_ann: [1500, 3000, 1], mem_bob: [1500, 0, 1] })
  })

  test('of income, a member’s part counts as theirs and what they received as paid: all of it positive', () => {
    const [salary] = rowsOf(spendingOf('2024-02-29 | +30.00 | ann | bob cyd'))
    expect(salary).toMatchObject({ kind: 'income', minor: 3000, count: 1 })
    expect(salary?.members).toEqual({ mem_ann: [0, 3000, 0], mem_bob: [1500, 0, 1], mem_cyd: [1500, 0, 1] })
  })

  test.each([{ status: 'pending' }, { status: 'rejected' }, { isDeleted: true }] as const)(
    'what is not in the ledger adds nothing: %o',
    (how) => {
      const one = { member: memberId('ann'), minor: 100 }
      expect(contributionsOf(expenseOf({ date: '2024-01-01', payers: [one], shares: [one], ...how }))).toEqual([])
    },
  )

  test('a foreign expense counts at the rate pinned on it, and under the first of its categories', () => {
    const one = { member: memberId('ann'), minor: 1000 }
    const rate = { text: '0.9', currency: EUR }
    const categories = [categoryId('Rent'), categoryId('Groceries')]
    const rows = contributionsOf(expenseOf({ date: '2024-01-01', currency: 'USD', rate, payers: [one], shares: [one], categories }))
    expect(rows.map(({ series, currency, minor }) => [series, currency, minor])).toEqual([
      ...['', '', categoryId('Rent'), categoryId('Rent')].map((series) => [series, 'EUR', 900]),
    ])
  })
})

describe('merged', () => {
  test('an expense and what takes it back leave nothing, and no -0', () => {
    fc.assert(
      fc.property(anySpent, (spent) => {
        const rows = contributionsOf(expenseOf(spent))
        expect(merged([...rows, ...negated(rows)])).toEqual([])
        const zeros = merged([...rows, ...negated(rows)], true)
        expect(zeros.length).toBe(rows.length)
        for (const { count, minor, members } of zeros) expect([count, minor, members]).toEqual([0, 0, {}])
        expect(JSON.stringify(negated(negated(rows)))).toBe(JSON.stringify(rows.map(({ label: _, ...row }) => row)))
      }),
    )
  })

  test('an edit that only moves who bears it is kept, though its amount comes to nothing', () => {
    const [before] = rowsOf(spendingOf('2024-01-01 | 10.00 | ann | ann'))
    const [after] = rowsOf(spendingOf('2024-01-01 | 10.00 | ann | bob'))
    const change = merged([...negated(before === undefined ? [] : [before]), ...(after === undefined ? [] : [after])])
    expect(change).toMatchObject([{ minor: 0, count: 0, members: { mem_ann: [-1000, 0, -1], mem_bob: [1000, 0, 1] } }])
  })

  test('a vendor is called as it was written last, also when that is taken back', () => {
    const [small, large] = spendingOf('2024-01-01 | 1.00 | ann | ann | | rewe\n2024-01-02 | 1.00 | ann | ann | | REWE')
    const rows = [small, large].flatMap((one) => (one === undefined ? [] : contributionsOf(one)))
    const back = large === undefined ? [] : negated(contributionsOf(large))
    expect(merged(rows).find(({ series }) => series === 'v:rewe')).toMatchObject({ count: 2, label: 'REWE' })
    expect(merged([...rows, ...back]).find(({ series }) => series === 'v:rewe')).toMatchObject({ count: 1, label: 'REWE' })
  })

  test('rows that writes leave are those of the expenses that stand, after edits, deletions and restorations', () => {
    fc.assert(
      fc.property(anyLives, (lives) => {
        const last = lives.flatMap((life) => life.slice(-1))
        expect(sums(written(lives))).toEqual(sums(rowsOf(last)))
      }),
    )
  })
})

describe('foldVendor', () => {
  test.each([
    ['Café Müller', 'cafe muller'],
    ['  REWE   Markt GmbH ', 'rewe markt'],
    ['Acme Co., Ltd.', 'acme co'],
    ['McDonald’s', 'mcdonalds'],
    ['Straße & Söhne', 'strasse sohne'],
    ['İstanbul', 'istanbul'],
    ['ＡＢＣ マート', 'abc マート'],
    // Vowel signs are letters of these scripts: without them other words would be the same.
    ['की दुकान', 'की दुकान'],
    ['가나', '가나'],
    ['AG', 'ag'],
    ['★ ★', '★ ★'],
    ['   ', ''],
  ])('%s is grouped as %s', (name, folded) => {
    expect(foldVendor(name)).toBe(folded)
    expect(foldVendor(folded)).toBe(folded)
  })
})

/** What the rows that are read for it come to. */
const viewOf = (rows: readonly RollupRow[], reads: Reads, scope: Scope): View => converted(scopeOf(rowsIn(rows, reads), scope), EUR, rateOf)

interface Plain {
  exact: bigint
  count: number
}

/** The expenses summed one by one, by what `keyOf` says of them; `apart` is what has no rate. */
function plainly(expenses: readonly Expense[], scope: Scope, keyOf: (expense: Expense) => string) {
  const told = new Map<string, Plain>()
  let apart = 0
  for (const expense of expenses) {
    const { minor, count } = worthTo(expense, scope)
    if (minor === 0 && count === 0) continue
    const exact = exactCents(minor, expense.postings[0]?.currency ?? EUR, expense.date)
    if (exact === undefined) {
      apart += minor
      continue
    }
    const at = told.get(keyOf(expense)) ?? { exact: 0n, count: 0 }
    told.set(keyOf(expense), { exact: at.exact + exact, count: at.count + count })
  }
  return { told, apart }
}

/** Each is its plain sum, up to the unit that makes them sum to the whole; and they do. */
function expectParts(parts: ReadonlyMap<string, { minor: number; count: number }>, plain: ReadonlyMap<string, Plain>): void {
  for (const [key, { exact, count }] of plain) {
    const part = parts.get(key)
    expect([key, part?.count]).toEqual([key, count])
    const off = BigInt(part?.minor ?? 0) * 10n ** 12n - exact
    expect(off < 10n ** 12n && off > -(10n ** 12n), `${key} is off by ${off}`).toBe(true)
  }
  for (const [key, { minor, count }] of parts) if (!plain.has(key)) expect([key, minor, count]).toEqual([key, 0, 0])
  const whole = [...plain.values()].reduce((all, { exact }) => all + exact, 0n)
  expect(sum([...parts.values()].map(({ minor }) => minor))).toBe(wholeCents(whole))
}

const asked = fc.tuple(anyLives, anySpan, anyScope)

describe('figures equal a plain sum of the expenses, for any lives, range and scope', () => {
  test('totals of expenses and income, and what has no rate', () => {
    fc.assert(
      fc.property(asked, ([lives, span, scope]) => {
        const view = viewOf(written(lives), readsOf(span, 'total'), scope)
        const flow = flowOf(view)
        const { told, apart } = plainly(standing(lives, span), scope, ({ kind }) => kind)
        for (const [kind, sums] of [
          ['expense', flow.expenses],
          ['income', flow.income],
        ] as const) {
          const plain = told.get(kind) ?? { exact: 0n, count: 0 }
          expect(sums).toMatchObject({ minor: wholeCents(plain.exact), count: plain.count })
        }
        expect(flow.netMinor).toBe(flow.income.minor - flow.expenses.minor)
        expect(sum(view.unconverted.filter(({ series }) => series === '').map(({ minor }) => minor))).toBe(apart)
      }),
      { numRuns: 300 },
    )
  })

  test('trends, by every bucket', () => {
    fc.assert(
      fc.property(asked, fc.constantFrom(...BUCKETS), ([lives, span, scope], bucket) => {
        const cutsMonths = bucket === 'day' || bucket === 'week'
        const short = { from: span.from, to: (cutsMonths && bucketsOf(span, 'day')[200]?.to) || span.to }
        const view = viewOf(written(lives), readsOf(short, 'trend', bucket), scope)
        const { points } = trendsOf(view, short, bucket, '2024-02-29')
        const buckets = bucketsOf(short, bucket)
        const nameOf = (expense: Expense) => buckets.find(({ from, to }) => from <= expense.date && expense.date <= to)?.name ?? 'none'
        for (const kind of ['expense', 'income'] as const) {
          const expenses = standing(lives, short).filter((one) => one.kind === kind)
          const parts = new Map(points.map((point) => [point.name, kind === 'expense' ? point.expenses : point.income]))
          expectParts(parts, plainly(expenses, scope, nameOf).told)
        }
        expect(points.map(({ name }) => name)).toEqual(buckets.map(({ name }) => name))
      }),
      { numRuns: 200 },
    )
  })

  test('categories at the top of the tree and below, and what has none', () => {
    const find = (id: string) => findSystemCategory(id) ?? OWN.find((category) => category.id === id)
    fc.assert(
      fc.property(asked, ([lives, span, scope]) => {
        const { categories, uncategorized, total } = categoriesOf(viewOf(written(lives), readsOf(span, 'categories'), scope), OWN)
        const expenses = standing(lives, span).filter(({ kind }) => kind === 'expense')
        const idOf = (expense: Expense): string => expense.categoryIds[0] ?? 'none'
        const top = plainly(expenses, scope, (expense) => find(idOf(expense))?.parentId ?? idOf(expense))
        expectParts(new Map([...categories.map((one) => [one.id, one] as const), ['none', uncategorized]]), top.told)
        expect(sum([...categories, uncategorized].map(({ minor }) => minor))).toBe(total.minor)
        const leaves = plainly(expenses, scope, idOf).told
        for (const branch of categories) {
          expect(branch.direct.minor + sum(branch.subcategories.map(({ minor }) => minor))).toBe(branch.minor)
          expect(branch.direct.count).toBe(leaves.get(branch.id)?.count ?? 0)
          for (const leaf of branch.subcategories) expect(leaf.count).toBe(leaves.get(leaf.id)?.count)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('vendors, over the months that the range touches', () => {
    fc.assert(
      fc.property(asked, ([lives, span, scope]) => {
        const reads = readsOf(span, 'vendors')
        const { merchants } = merchantsOf(viewOf(written(lives), reads, scope))
        const expenses = standing(lives, reads.covers).filter(({ kind, vendor }) => kind === 'expense' && vendor !== '')
        const plain = plainly(expenses, scope, ({ vendor }) => `v:${foldVendor(vendor)}`).told
        expectParts(new Map(merchants.map((one) => [one.series, one])), plain)
      }),
    )
  })

  test('members: what they paid, bear and received, with nets that sum to 0', () => {
    fc.assert(
      fc.property(anyLives, anySpan, (lives, span) => {
        const { members, expensesMinor, incomeMinor } = memberFiguresOf(rowsIn(written(lives), readsOf(span, 'total')), EUR, rateOf)
        const expenses = standing(lives, span)
        expect(sum(members.map(({ netMinor }) => netMinor))).toBe(0)
        for (const kind of ['expense', 'income'] as const) {
          const own = expenses.filter((one) => one.kind === kind)
          const whole = plainly(own, { kind: 'group' }, () => '').told.get('')?.exact ?? 0n
          expect(kind === 'expense' ? expensesMinor : incomeMinor).toBe(wholeCents(whole))
          for (const one of members) {
            const scope: Scope = { kind: 'member', members: new Set([one.member]) }
            const plain = plainly(own, scope, () => '').told.get('') ?? { exact: 0n, count: 0 }
            const off = BigInt(kind === 'expense' ? one.shareMinor : one.incomeShareMinor) * 10n ** 12n - plain.exact
            expect(off < 10n ** 12n && off > -(10n ** 12n)).toBe(true)
            if (kind === 'expense') expect(one.count).toBe(plain.count)
            // A posting’s columns are the other way round for income.
            const paid = own.flatMap(({ postings, date }) =>
              postings
                .filter(({ member }) => member === one.member)
                .map((p) => exactCents(kind === 'expense' ? p.paid : p.owed, p.currency, date) ?? 0n),
            )
            const offPaid =
              BigInt(kind === 'expense' ? one.paidMinor : one.receivedMinor) * 10n ** 12n - paid.reduce((all, exact) => all + exact, 0n)
            expect(offPaid < 10n ** 12n && offPaid > -(10n ** 12n)).toBe(true)
          }
        }
      }),
    )
  })
})

test('a whole month is read as one row of each series, and its trend as one row of each day', () => {
  const months = [
    ['2000-02', 29],
    ['2020-12', 31],
    ['2024-02', 29],
    ['2100-02', 28],
  ] as const
  fc.assert(
    fc.property(anyLives, fc.constantFrom(...months), (lives, [month, days]) => {
      const span: Span = { from: `${month}-01`, to: `${month}-${days}` }
      const rows = written(lives).filter(({ groupId, kind }) => groupId === 'grp_home' && kind === 'expense')
      const series = new Set(rows.map((row) => row.series))
      expect(readsOf(span, 'total')).toEqual({ months: [month], days: [], covers: span })
      expect(rowsIn(rows, readsOf(span, 'categories')).length).toBeLessThanOrEqual(series.size)
      const everything = rows.filter((row) => row.series === '')
      expect(rowsIn(everything, readsOf(span, 'trend')).length).toBeLessThanOrEqual(days)
    }),
  )
})
