// What reports call things, and how expenses and settlements as they are kept become what a report takes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import { type Currency } from '../../src/domain/currency.ts'
import type { Expense, MemberId } from '../../src/domain/expense.ts'
import type { Reading } from '../../src/domain/receipt/reading.ts'
import { receiptsOf, reportExpenseOf, reportSettlementOf, taxOf } from '../../src/domain/report/gather.ts'
import { reportFileName, reportTitle } from '../../src/domain/report/titles.ts'
import { nameFinder, spanText } from '../../src/domain/report/words.ts'
import { type Settlement } from '../../src/domain/settlement.ts'
import type { Day } from '../../src/domain/time.ts'

import { EUR, GROUPS, SPAN, USD } from '../support/reports.ts'

describe('names', () => {
  test.each([
    ['2026-01-01', '2026-12-31', '2026'],
    ['2026-04-01', '2026-06-30', 'Q2 2026'],
    ['2026-02-01', '2026-02-28', 'February 2026'],
    ['2026-02-03', '2026-02-03', '3 February 2026'],
    ['2026-02-03', '2026-04-30', '3 February 2026 – 30 April 2026'],
    ['2026-02-01', '2026-04-30', '1 February 2026 – 30 April 2026'],
  ] as const)('the days from %s to %s are %s', (from, to, text) => {
    expect(spanText({ from, to })).toBe(text)
  })

  test('a title says what, of whom and of when', () => {
    expect(reportTitle('tax_summary', [{ name: 'Lisboa' }], SPAN)).toBe('Tax summary: Lisboa, 15 January 2026 – 10 March 2026')
    const many = ['a', 'b', 'c', 'd'].map((name) => ({ name }))
    expect(reportTitle('member_statement', many, { from: '2026-01-01', to: '2026-01-31' }, 'Ann')).toBe(
      'Member statement: Ann, 4 groups, January 2026',
    )
  })

  test('a file has a name that every system takes', () => {
    const name = (group: string) => reportFileName('tax_summary', [{ name: group }], SPAN, 'pdf')
    expect(name('Café / São João!')).toBe('tax-summary-cafe-sao-joao-2026-01-15-to-2026-03-10.pdf')
    expect(name('日本')).toBe('tax-summary-2026-01-15-to-2026-03-10.pdf')
    expect(reportFileName('tax_summary', GROUPS, { from: '2026-01-15', to: '2026-01-15' }, 'xlsx')).toBe('tax-summary-2026-01-15.xlsx')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(name(text)).toMatch(/^tax-summary-([a-z0-9-]{1,40}-)?2026-01-15-to-2026-03-10\.pdf$/)
      }),
    )
  })

  test('two people of one name are told apart, and one person in two groups is one', () => {
    const people = new Map<MemberId, { name: string; userId?: `usr_${string}` }>([
      ['mem_a', { name: 'Ann', userId: 'usr_1' }],
      ['mem_b', { name: 'Ann' }],
      ['mem_c', { name: 'Ann', userId: 'usr_1' }],
      ['mem_d', { name: ' ' }],
    ])
    expect((['mem_a', 'mem_b', 'mem_c', 'mem_d', 'mem_e'] as const).map(nameFinder(people))).toEqual([
      'Ann',
      'Ann (2)',
      'Ann',
      'Somebody',
      'Somebody',
    ])
  })
})

describe('what is kept, as a report takes it', () => {
  const expense: Expense = {
    id: 'exp_1',
    groupId: 'grp_0',
    kind: 'income',
    title: 'Refund',
    description: '',
    amount: 1000,
    currency: USD,
    rate: '0.5',
    postings: [
      { member: 'mem_a', currency: EUR, paid: 250, owed: 500 },
      { member: 'mem_b', currency: EUR, paid: 250, owed: 0 },
    ],
    carry: [],
    payers: [{ member: 'mem_a', minor: 1000 }],
    split: { type: 'equal', members: ['mem_a', 'mem_b'] },
    shares: [
      { member: 'mem_a', minor: 500 },
      { member: 'mem_b', minor: 500 },
    ],
    categoryIds: [SYSTEM_CATEGORIES[1]!.id],
    date: '2026-01-20',
    tags: [],
    vendor: ' Lidl ',
    location: '',
    status: 'posted',
    attachments: [{ id: 'att_1', key: 'k', type: 'image/png', size: 9, sha256: '', name: 'a.png' }],
    createdBy: 'mem_a',
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    postedSeq: 1,
    activity: [],
  }
  const known = new Map(SYSTEM_CATEGORIES.map((category) => [category.id, category]))

  test('an expense has its parts in the currency of its postings, and income the right way round', () => {
    expect(reportExpenseOf(expense, known)).toMatchObject({
      amountMinor: 1000,
      currency: 'USD',
      posted: { minor: 500, currency: 'EUR' },
      payers: [{ member: 'mem_a', minor: 500 }],
      shares: [
        { member: 'mem_a', minor: 250 },
        { member: 'mem_b', minor: 250 },
      ],
      vendor: 'Lidl',
      categoryName: 'Restaurants',
      parentName: 'Food & Dining',
      tax: null,
    })
  })

  test('a tax is the one that was given, else the one that was read surely and in the same currency', () => {
    const read = (value: number, code: Currency | null, confidence = 0.9) =>
      ({ tax: { value, confidence }, currency: code === null ? null : { value: code, confidence: 1 } }) as Reading
    const given = { ...expense, split: { type: 'itemized', items: [], tax: 70, tip: 0, discount: 0 } } as Expense
    expect(taxOf(given, read(50, USD))).toEqual({ minor: 70, from: 'given' })
    expect(taxOf(expense, read(50, USD))).toEqual({ minor: 50, from: 'read' })
    expect([taxOf(expense), taxOf(expense, read(50, EUR)), taxOf(expense, read(50, null)), taxOf(expense, read(50, USD, 0.2))]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(taxOf(expense, read(1001, USD))).toBeNull()
  })

  test('of a settlement, only what was paid in the span moves balances', () => {
    const payment = { minor: 100, refunded: 0, method: 'cash' as const, notes: '', seq: 1 }
    const settlement = {
      payments: [
        { ...payment, at: Date.UTC(2026, 0, 14) },
        { ...payment, at: Date.UTC(2026, 0, 20), refunded: 30 },
        { ...payment, at: Date.UTC(2026, 0, 21), refunded: 100 },
      ],
      createdAt: Date.UTC(2026, 0, 1),
    } as unknown as Settlement
    const told = reportSettlementOf(settlement, SPAN, (at) => new Date(at).toISOString().slice(0, 10) as Day)
    expect(told.payments).toEqual([{ day: '2026-01-20', minor: 70, method: 'cash' }])
  })

  test('receipts are taken by day, as many as have room', () => {
    const files = (sizes: number[]) => sizes.map((size, i) => ({ key: `k${size}`, name: `${i}.png`, type: 'image/png', size }))
    const told = reportExpenseOf(expense, known)
    const [early, late] = [
      { ...told, day: '2026-01-01' as const, files: files([5, 50]) },
      { ...told, files: files([4, 3]) },
    ]
    const { items, leftOut } = receiptsOf([late, early], 10)
    expect([items.map(({ key }) => key), leftOut]).toEqual([['k5', 'k4'], 2])
    expect(items[0]?.caption).toBe('2026-01-01 · Refund · 10.00 USD')
  })
})
