// Guarantees of matching receipts to expenses: what agrees scores high, what contradicts is never matched by itself, and a
// period comes out the same in whatever order it is told.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AUTO_SCORE,
  type ExpenseFacts,
  type MatchScore,
  REVIEW_SCORE,
  type ReceiptFacts,
  reconcilePeriod,
  scoreMatch,
} from '../../src/domain/receipt/match.ts'
import { type Day, isDay } from '../../src/domain/time.ts'
import { amount } from '../support/amounts.ts'
import { currencyOf as currency } from '../support/ledger.ts'

type Receipt = ReceiptFacts & { readonly id: string }
type Expense = ExpenseFacts & { readonly id: string }

const TOLERANCE = 500

const rowsOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))

function dayOf(text: string): Day {
  const day = `2026-03-${text.padStart(2, '0')}`
  if (!isDay(day)) throw new Error(`no day: ${text}`)
  return day
}

/** Reads `12.50 EUR on 3 at Cafe Central`; `?` is what could not be read, `proved` says that the total is. */
function receiptOf(text: string, id = ''): Receipt {
  const [, value = '?', code = '?', day = '?', vendor = '?', proved] = /^(\S+) (\S+) on (\S+) at (.+?)(, proved)?$/.exec(text) ?? []
  return {
    id,
    // Of a currency with 2 decimals where it is unknown.
    total: value === '?' ? null : amount(`${value} ${code === '?' ? 'EUR' : code}`).minor,
    currency: code === '?' ? null : currency(code),
    date: day === '?' ? null : dayOf(day),
    vendor: vendor === '?' ? null : vendor,
    isProved: proved !== undefined,
  }
}

/** Reads `12.50 EUR on 3 at Cafe Central for Lunch`; either name may be missing. */
function expenseOf(text: string, id = ''): Expense {
  const [, value = '', code = '', day = '', vendor = '', title = ''] = /^(\S+) (\S+) on (\S+)(?: at (.+?))?(?: for (.+))?$/.exec(text) ?? []
  return { id, amount: amount(`${value} ${code}`).minor, currency: currency(code), date: dayOf(day), vendor, title }
}

const scoreOf = (receipt: string, expense: string, tolerance = TOLERANCE): MatchScore =>
  scoreMatch(receiptOf(receipt), expenseOf(expense), tolerance)

const CASES = `
receipt                                | expense                                         | score | why
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 1     | amount_exact same_day vendor_same
12.50 EUR on 3 at CAFÉ CENTRAL G.m.b.H | 12.50 EUR on 3 at Cafe Central                  | 1     | amount_exact same_day vendor_same
12.50 EUR on 3 at Cafe Centra1         | 12.50 EUR on 3 at Cafe Central                  | 0.99  | amount_exact same_day vendor_alike
12.50 EUR on 3 at REWE Markt 1234      | 12.50 EUR on 3 at Rewe                          | 0.98  | amount_exact same_day vendor_alike
12.50 EUR on 3 at Osteria Bella S.r.l. | 12.50 EUR on 3 for Dinner at Osteria Bella      | 0.99  | amount_exact same_day vendor_alike
12.50 EUR on 3 at Osteria Bella        | 12.50 EUR on 3 at OB Gastro KG for Osteria Bella | 1    | amount_exact same_day vendor_same
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 3 for Lunch                        | 0.85  | amount_exact same_day vendor_unknown
12.50 EUR on 3 at ?                    | 12.50 EUR on 3 at Cafe Central                  | 0.85  | amount_exact same_day vendor_unknown
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Shell                         | 0.7   | amount_exact same_day vendor_differs
12.50 EUR on 3 at Bar                  | 12.50 EUR on 3 at Barcelona Hotel               | 0.7   | amount_exact same_day vendor_differs
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 4 at Cafe Central                  | 0.99  | amount_exact days_apart vendor_same
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 6 at Cafe Central                  | 0.97  | amount_exact days_apart vendor_same
12.50 EUR on 6 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.97  | amount_exact days_apart vendor_same
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 10 at Cafe Central                 | 0.84  | amount_exact days_apart vendor_same
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 17 at Cafe Central                 | 0.6   | amount_exact days_apart vendor_same
12.50 EUR on 3 at Cafe Central         | 12.50 EUR on 18 at Cafe Central                 | 0     | amount_exact days_apart vendor_same
12.50 EUR on ? at Cafe Central         | 12.50 EUR on 18 at Cafe Central                 | 0.85  | amount_exact date_unknown vendor_same
15.00 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.65  | amount_within_tolerance same_day vendor_same
12.50 EUR on 3 at Cafe Central         | 15.00 EUR on 3 at Cafe Central                  | 0.65  | amount_within_tolerance same_day vendor_same
12.51 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.85  | amount_within_tolerance same_day vendor_same
17.50 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.45  | amount_within_tolerance same_day vendor_same
17.51 EUR on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.2   | amount_differs same_day vendor_same
12.50 USD on 3 at Cafe Central         | 12.50 EUR on 3 at Cafe Central                  | 0.2   | currency_differs same_day vendor_same
12.50 ? on 3 at Cafe Central           | 12.50 EUR on 3 at Cafe Central                  | 0.9   | amount_exact currency_unknown same_day vendor_same
1250.00 ? on 3 at Cafe Central         | 1250 JPY on 3 at Cafe Central                   | 0.9   | amount_exact currency_unknown same_day vendor_same
12.50 ? on 3 at Cafe Central           | 12 JPY on 3 at Cafe Central                     | 0.2   | currency_differs same_day vendor_same
12.50 ? on 3 at Cafe Central           | 12.500 KWD on 3 at Cafe Central                 | 0.9   | amount_exact currency_unknown same_day vendor_same
? EUR on 3 at Cafe Central             | 12.50 EUR on 3 at Cafe Central                  | 0.45  | amount_unknown same_day vendor_same
? EUR on 3 at Cafe Central             | 12.50 EUR on 3 at Shell                         | 0.32  | amount_unknown same_day vendor_differs
? ? on ? at ?                          | 12.50 EUR on 3 at Cafe Central                  | 0.29  | amount_unknown currency_unknown date_unknown vendor_unknown
`

describe('scoreMatch', () => {
  test.each(rowsOf(CASES))('%s, %s: %s', (receipt = '', expense = '', score = '', why = '') => {
    const match = scoreOf(receipt, expense)
    expect(match.score).toBe(Number(score))
    expect(match.reasons.map(({ code }) => code).join(' ')).toBe(why)
  })

  test('differences are receipt less expense, in minor units and days', () => {
    const match = scoreOf('15.00 EUR on 3 at Cafe Central', '12.50 EUR on 5 at Cafe Central')
    expect(match).toMatchObject({ amountDifference: 250, dayDifference: -2, vendorLikeness: 1 })
    expect(match.reasons.map(({ message }) => message)).toEqual(['Amount difference within tolerance', '2 days apart', 'Same vendor'])
    const unknown = scoreOf('? EUR on ? at ?', '12.50 EUR on 5 at Cafe Central')
    expect(unknown).toMatchObject({ amountDifference: null, dayDifference: null, vendorLikeness: null })
    expect(scoreOf('12.50 USD on 3 at Cafe', '12.50 EUR on 3 at Cafe').amountDifference).toBeNull()
    expect(scoreOf('12.50 ? on 3 at Cafe', '12.400 KWD on 3 at Cafe').amountDifference).toBe(100)
  })

  test('without a tolerance only the exact amount is worth anything', () => {
    expect(scoreOf('12.50 EUR on 3 at Cafe', '12.50 EUR on 3 at Cafe', 0).score).toBe(1)
    expect(scoreOf('12.51 EUR on 3 at Cafe', '12.50 EUR on 3 at Cafe', 0).score).toBeLessThan(REVIEW_SCORE)
  })
})

const VENDORS = [
  'Cafe Central',
  'CAFE CENTRAL GMBH',
  'Cafe Zentral',
  'Shell Station 12',
  'Shell',
  'S.A.R.L. Dupont',
  'Dupont',
  '寿司 大',
  '-',
  '',
]
const vendors = fc.oneof(fc.constantFrom(...VENDORS), fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 40 }))
const days = fc.integer({ min: 1, max: 31 }).map((day) => dayOf(String(day)))
const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD').map(currency)
/** Few amounts, so that many pairs are the same, near or just beyond the tolerance. */
const amounts = fc.constantFrom(1000, 1001, 1050, 1250, 1500, 1501, 2000, 100_000)
const receiptFacts: fc.Arbitrary<ReceiptFacts> = fc.record({
  total: fc.option(amounts, { freq: 9 }),
  currency: fc.option(currencies, { freq: 9 }),
  date: fc.option(days, { freq: 9 }),
  vendor: fc.option(vendors, { freq: 9 }),
  isProved: fc.boolean(),
})
const expenseFacts: fc.Arbitrary<ExpenseFacts> = fc.record({
  amount: amounts,
  currency: currencies,
  date: days,
  vendor: vendors,
  title: vendors,
})

/** Levenshtein's distance as the books have it, to hold the other against. */
function plainDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1] ?? []
    const row = [i]
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min((above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1), (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

describe('of any receipt and any expense', () => {
  test('the score is from 0 to 1 with two decimals, and so is the likeness of vendors', () => {
    fc.assert(
      fc.property(receiptFacts, expenseFacts, (receipt, expense) => {
        const { score, vendorLikeness } = scoreMatch(receipt, expense, TOLERANCE)
        for (const value of [score, vendorLikeness ?? 0]) {
          expect(value >= 0 && value <= 1).toBe(true)
          expect(Number(value.toFixed(2))).toBe(value)
        }
      }),
    )
  })

  test('another currency, an amount beyond the tolerance or more than 14 days apart is never shown', () => {
    fc.assert(
      fc.property(receiptFacts, expenseFacts, (receipt, expense) => {
        const { score, amountDifference, dayDifference } = scoreMatch(receipt, expense, TOLERANCE)
        const isOther = receipt.currency !== null && receipt.currency !== expense.currency
        const isOff = amountDifference !== null && Math.abs(amountDifference) > TOLERANCE
        const isFar = dayDifference !== null && Math.abs(dayDifference) > 14
        if (isOther || isOff || isFar) expect(score).toBeLessThan(REVIEW_SCORE)
      }),
    )
  })

  test('what the one says and what the other says can be swapped: the score stays, the differences turn around', () => {
    const sides = fc.record({ amount: amounts, date: days, vendor: vendors })
    fc.assert(
      fc.property(sides, sides, (a, b) => {
        const match = (one: typeof a, other: typeof a) =>
          scoreMatch(
            { total: one.amount, currency: currency('EUR'), date: one.date, vendor: one.vendor, isProved: true },
            { ...other, currency: currency('EUR'), title: '' },
            TOLERANCE,
          )
        const [there, back] = [match(a, b), match(b, a)]
        expect(back.score).toBe(there.score)
        expect(back.vendorLikeness).toBe(there.vendorLikeness)
        expect(back.amountDifference).toBe(0 - (there.amountDifference ?? 0))
        expect(back.dayDifference).toBe(0 - (there.dayDifference ?? 0))
      }),
    )
  })

  test('names of which none is in the other are as like as the letters that must be changed say', () => {
    const names = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(names, names, (a, b) => {
        fc.pre(!a.includes(b) && !b.includes(a))
        const expense = { amount: 1, currency: currency('EUR'), date: dayOf('3'), vendor: b, title: '' }
        const likeness = scoreMatch({ total: 1, currency: null, date: null, vendor: a, isProved: false }, expense, 0).vendorLikeness
        const longest = Math.min(32, Math.max(a.length, b.length))
        expect(likeness).toBe(Math.round((1 - plainDistance(a.slice(0, 32), b.slice(0, 32)) / longest) * 100) / 100)
      }),
    )
  })
})

/** Reads a period: lines of `r1 …` and `e1 …`. */
function periodOf(text: string): { receipts: Receipt[]; expenses: Expense[] } {
  const lines = text.split('\n').map((line) => line.trim())
  const of = <T>(kind: string, read: (text: string, id: string) => T) =>
    lines
      .filter((line) => line.startsWith(kind))
      .map((line) => {
        const [id = ''] = line.split(' ')
        return read(line.slice(id.length + 1), id)
      })
  return { receipts: of('r', receiptOf), expenses: of('e', expenseOf) }
}

/** Writes `r1=e1 | e2: r2 r3 | e3`: matched by themselves, to look at, without a receipt. */
function outcomeOf(receipts: readonly Receipt[], expenses: readonly Expense[]): string {
  const { auto, manual, unmatched } = reconcilePeriod(receipts, expenses, TOLERANCE)
  return [
    auto.map(({ receipt, expense }) => `${receipt.id}=${expense.id}`).join(' '),
    manual.map(({ expense, candidates }) => `${expense.id}: ${candidates.map(({ receipt }) => receipt.id).join(' ')}`).join(', '),
    unmatched.map(({ id }) => id).join(' '),
  ].join(' | ')
}

const PERIODS: readonly (readonly [string, string, string])[] = [
  [
    'a receipt that nothing else comes near is matched by itself',
    `r1 12.50 EUR on 3 at Cafe Central
     r2 48.00 EUR on 4 at Shell
     e1 12.50 EUR on 3 at Cafe Central
     e2 48.00 EUR on 6 at Shell Station 12
     e3 99.00 EUR on 6 at Hotel Nord`,
    'r1=e1 r2=e2 |  | e3',
  ],
  [
    'the same thing bought on two days is for somebody to tell apart',
    `r1 3.50 EUR on 3 at Cafe Central
     r2 3.50 EUR on 4 at Cafe Central
     e1 3.50 EUR on 3 at Cafe Central
     e2 3.50 EUR on 4 at Cafe Central`,
    ' | e1: r1 r2, e2: r2 r1 | ',
  ],
  [
    'of two receipts that fit equally neither is taken',
    `r1 12.50 EUR on 3 at Cafe Central
     r2 12.50 EUR on 3 at Cafe Central
     e1 12.50 EUR on 3 at Cafe Central`,
    ' | e1: r1 r2 | ',
  ],
  [
    'one receipt is not taken for two expenses that it fits equally',
    `r1 12.50 EUR on 3 at Cafe Central
     e1 12.50 EUR on 3 at Cafe Central
     e2 12.50 EUR on 3 at Cafe Central`,
    ' | e1: r1, e2: r1 | ',
  ],
  [
    'the exact amount is clearly ahead of one within the tolerance',
    `r1 12.50 EUR on 3 at Cafe Central
     r2 13.50 EUR on 3 at Cafe Central
     e1 12.50 EUR on 3 at Cafe Central
     e2 13.50 EUR on 3 at Cafe Central`,
    'r1=e1 r2=e2 |  | ',
  ],
  [
    'what is settled no longer stands in the way of others',
    `r1 12.50 EUR on 3 at Cafe Central
     r2 12.50 EUR on 10 at ?
     e1 12.50 EUR on 3 at Cafe Central
     e2 12.50 EUR on 10 at Cafe Central`,
    'r1=e1 r2=e2 |  | ',
  ],
  [
    'an amount that is a little off is matched by itself only where the receipt proves it and the vendor is alike',
    `r1 20.05 EUR on 3 at Cafe Central, proved
     r2 40.05 EUR on 3 at Shell
     r3 60.05 EUR on 3 at ?, proved
     e1 20.00 EUR on 3 at Cafe Central
     e2 40.00 EUR on 3 at Shell
     e3 60.00 EUR on 3 at Hotel Nord`,
    'r1=e1 | e2: r2, e3: r3 | ',
  ],
  [
    'an amount that is well off, another vendor and an unread total are looked at',
    `r1 22.50 EUR on 3 at Cafe Central, proved
     r2 40.00 EUR on 3 at Shell
     r3 ? EUR on 3 at Hotel Nord
     e1 20.00 EUR on 3 at Cafe Central
     e2 40.00 EUR on 3 at Taxi Otto
     e3 60.00 EUR on 3 at Hotel Nord`,
    ' | e1: r1, e2: r2, e3: r3 | ',
  ],
  [
    'another currency is not matched; one that could not be read may be',
    `r1 20.00 USD on 3 at Cafe Central
     r2 4000.00 ? on 3 at Shell
     e1 20.00 EUR on 3 at Cafe Central
     e2 4000 JPY on 3 at Shell`,
    'r2=e2 |  | e1',
  ],
]

const periods = fc.record({
  receipts: fc.array(receiptFacts, { maxLength: 12 }).map((all) => all.map((facts, i): Receipt => ({ ...facts, id: `r${i}` }))),
  expenses: fc.array(expenseFacts, { maxLength: 12 }).map((all) => all.map((facts, i): Expense => ({ ...facts, id: `e${i}` }))),
})

describe('reconcilePeriod', () => {
  test.each(PERIODS)('%s', (_, text, outcome) => {
    const { receipts, expenses } = periodOf(text)
    expect(outcomeOf(receipts, expenses)).toBe(outcome)
    expect(outcomeOf(receipts.toReversed(), expenses.toReversed())).toBe(outcome)
  })

  test('the outcome does not depend on the order of receipts and expenses', () => {
    const shuffled = periods.chain((period) =>
      fc.record({
        period: fc.constant(period),
        receipts: fc.shuffledSubarray(period.receipts, { minLength: period.receipts.length }),
        expenses: fc.shuffledSubarray(period.expenses, { minLength: period.expenses.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ period, receipts, expenses }) => {
        expect(reconcilePeriod(receipts, expenses, TOLERANCE)).toEqual(reconcilePeriod(period.receipts, period.expenses, TOLERANCE))
      }),
    )
  })

  test('each expense is in one list, and no receipt is matched twice or shown after it is matched', () => {
    fc.assert(
      fc.property(periods, ({ receipts, expenses }) => {
        const { auto, manual, unmatched } = reconcilePeriod(receipts, expenses, TOLERANCE)
        const told = [...auto.map(({ expense }) => expense), ...manual.map(({ expense }) => expense), ...unmatched]
        expect(told.map(({ id }) => id).sort()).toEqual(expenses.map(({ id }) => id).sort())
        const used = new Set(auto.map(({ receipt }) => receipt.id))
        expect(used.size).toBe(auto.length)
        expect(manual.flatMap(({ candidates }) => candidates).filter(({ receipt }) => used.has(receipt.id))).toEqual([])
      }),
    )
  })

  test('what is matched by itself scores enough, is ahead of all that is not settled, and exact unless proved and alike', () => {
    fc.assert(
      fc.property(periods, ({ receipts, expenses }) => {
        const { auto } = reconcilePeriod(receipts, expenses, TOLERANCE)
        const used = new Set(auto.flatMap((pair) => [pair.receipt.id, pair.expense.id]))
        for (const { receipt, expense, match } of auto) {
          const rivals = [
            ...expenses.filter(({ id }) => !used.has(id)).map((other) => scoreMatch(receipt, other, TOLERANCE)),
            ...receipts.filter(({ id }) => !used.has(id)).map((other) => scoreMatch(other, expense, TOLERANCE)),
          ]
          expect(rivals.every(({ score }) => match.score - score > 0.099)).toBe(true)
          expect(match).toEqual(scoreMatch(receipt, expense, TOLERANCE))
          expect(match.score).toBeGreaterThanOrEqual(AUTO_SCORE)
          expect(Math.abs(match.amountDifference ?? Infinity)).toBeLessThanOrEqual(TOLERANCE)
          if (match.amountDifference !== 0) expect([receipt.isProved, (match.vendorLikeness ?? 0) >= 0.7]).toEqual([true, true])
        }
      }),
    )
  })

  test('whatever fits at all is shown: looking only at like amounts misses nothing', () => {
    fc.assert(
      fc.property(periods, ({ receipts, expenses }) => {
        const { auto, manual } = reconcilePeriod(receipts, expenses, TOLERANCE)
        const free = receipts.filter(({ id }) => !auto.some(({ receipt }) => receipt.id === id))
        for (const expense of expenses.filter(({ id }) => !auto.some((pair) => pair.expense.id === id))) {
          const fitting = free
            .map((receipt) => ({ receipt, match: scoreMatch(receipt, expense, TOLERANCE) }))
            .filter(({ match }) => match.score >= REVIEW_SCORE)
            .sort((a, b) => b.match.score - a.match.score || (a.receipt.id < b.receipt.id ? -1 : 1))
            .slice(0, 5)
          expect(manual.find((row) => row.expense.id === expense.id)?.candidates ?? []).toEqual(fitting)
        }
      }),
    )
  })
})
