// From a reading to the lines of an expense: whatever was read, the lines come to the amount.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claimLine, openClaims, splitByClaims } from '../../src/domain/claims.ts'
import { EUR } from '../../src/domain/currency.ts'
import type { MemberId } from '../../src/domain/expense.ts'
import { money } from '../../src/domain/money.ts'
import type { Field, Reading } from '../../src/domain/receipt/reading.ts'
import { billOf, readingIn } from '../../src/domain/receipt/to-expense.ts'
import { split } from '../../src/domain/split.ts'

const NOTHING: Reading = {
  vendor: null,
  date: null,
  time: null,
  currency: null,
  subtotal: null,
  tax: null,
  tip: null,
  discount: null,
  rounding: null,
  total: null,
  cashPaid: null,
  change: null,
  paymentMethod: null,
  items: [],
  checks: [],
  isProved: false,
}

const read = <T>(value: T): Field<T> => ({ value, confidence: 0.9 })
const line = (amount: number) => ({ name: 'Thing', quantity: '1', amount, confidence: 0.9 })
const sumOf = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0)

const minor = fc.integer({ min: 0, max: 100_000 })
const anyReading = fc
  .record({
    items: fc.array(fc.integer({ min: -2000, max: 50_000 }), { maxLength: 12 }),
    tax: fc.option(minor),
    tip: fc.option(minor),
    discount: fc.option(minor),
    rounding: fc.option(fc.integer({ min: -4, max: 4 })),
  })
  .map(({ items, tax, tip, discount, rounding }): Reading => ({
    ...NOTHING,
    items: items.map(line),
    tax: tax === null ? null : read(tax),
    tip: tip === null ? null : read(tip),
    discount: discount === null ? null : read(discount),
    rounding: rounding === null ? null : read(rounding),
  }))

test('the lines with tax, tip and discount come to the amount, and none of them is negative', () => {
  fc.assert(
    fc.property(anyReading, fc.integer({ min: 1, max: 200_000 }), (reading, amount) => {
      const { items, tax, tip, discount } = billOf(reading, amount)
      expect(sumOf(items.map((item) => item.amount)) + tax + tip - discount).toBe(amount)
      expect(Math.min(tax, tip, discount, ...items.map((item) => item.amount))).toBeGreaterThanOrEqual(0)
      expect(items.length).toBeGreaterThan(0)
    }),
  )
})

test('whatever is claimed of a receipt by whom, the parts come to the total', () => {
  const members = ['mem_a', 'mem_b', 'mem_c'] as MemberId[]
  const claims = fc.array(fc.tuple(fc.nat(2), fc.nat(11), fc.constantFrom('1', '1/2', '1/3', '2/7', null)), { maxLength: 20 })
  fc.assert(
    fc.property(anyReading, fc.integer({ min: 1, max: 200_000 }), claims, (reading, amount, wishes) => {
      const bill = billOf(reading, amount)
      const [payer = 'mem_a'] = members
      const items = bill.items.map((item) => ({ ...item, parts: [{ member: payer, weight: '1' }] }))
      const itemized = { type: 'itemized' as const, ...bill, items }
      let state = openClaims(itemized, payer)
      for (const [who, at, portion] of wishes) {
        const next = claimLine(state, at % items.length, members[who] ?? payer, portion)
        if (next.ok) state = next.value
      }
      const divided = split(money(amount, EUR), splitByClaims(itemized, state), () => 0)
      expect(divided.ok && sumOf(divided.value.shares.map((share) => share.minor))).toBe(amount)
    }),
  )
})

test.each([
  ['prices with their tax in them', { items: [700, 350], tax: 168 }, 1050, { tax: 0, tip: 0, discount: 0, lines: [700, 350] }],
  ['tax on top', { items: [1000], tax: 90 }, 1090, { tax: 90, tip: 0, discount: 0, lines: [1000] }],
  ['tax and tip on top', { items: [1000], tax: 90, tip: 150 }, 1240, { tax: 90, tip: 150, discount: 0, lines: [1000] }],
  ['a discount', { items: [1000, 500], discount: 200 }, 1300, { tax: 0, tip: 0, discount: 200, lines: [1000, 500] }],
  ['a line below zero', { items: [1000, 500, -200] }, 1300, { tax: 0, tip: 0, discount: 200, lines: [1000, 500] }],
  ['cash rounded down', { items: [1722], rounding: -2 }, 1720, { tax: 0, tip: 0, discount: 2, lines: [1722] }],
  ['lines that were missed', { items: [1000] }, 1300, { tax: 0, tip: 0, discount: 0, lines: [1000, 300] }],
  ['no lines at all', { items: [] }, 1300, { tax: 0, tip: 0, discount: 0, lines: [1300] }],
] as const)('%s', (_, { items, ...fields }, amount, { lines, ...expected }) => {
  const amounts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, read(value)]))
  const bill = billOf({ ...NOTHING, ...amounts, items: items.map(line) }, amount)
  expect(bill).toMatchObject(expected)
  expect(bill.items.map((item) => item.amount)).toEqual(lines)
})

test('amounts without a currency keep what they say in that of the group', () => {
  const yen = readingIn({ ...NOTHING, total: read(120_000), items: [line(120_000)] }, 'JPY' as typeof EUR)
  expect([yen?.total?.value, yen?.items[0]?.amount]).toEqual([1200, 1200])
  expect(readingIn({ ...NOTHING, total: read(1250) }, 'JPY' as typeof EUR)).toBeUndefined()
  expect(readingIn({ ...NOTHING, total: read(1250) }, 'KWD' as typeof EUR)?.total?.value).toBe(12_500)
})
