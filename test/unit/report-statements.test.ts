// Statements and taxes: balances that follow from what is listed, payments that add up, and no tax that nobody gave.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Table } from '../../src/domain/document.ts'
import { sum } from '../../src/domain/money.ts'
import { accountsOf } from '../../src/domain/report/accounts.ts'
import { reportDocument, tablesOf } from '../../src/domain/report/report.ts'
import { postedTax } from '../../src/domain/report/tax-summary.ts'
import { SETTLEMENT_STATUSES } from '../../src/domain/settlement.ts'

import { EMPTY, EUR, memberOf, NAMES, OPTIONS, PLAIN, rawWorld, sourcesOf, tableOf, textsOf, under } from '../support/reports.ts'

const MOVES = [
  ['Paid', 1],
  ['Share', -1],
  ['Income received', -1],
  ['Share of income', 1],
  ['Payments made', 1],
  ['Payments received', -1],
  ['Other changes', 1],
] as const

describe('a group statement', () => {
  test('leads from every opening balance to the closing one, and all of a currency sum to 0', () => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const sources = sourcesOf('group_statement', raw)
        const document = reportDocument(sources, OPTIONS)
        const tables = tablesOf(document).filter(({ title }) => title?.startsWith('Balances') === true)
        for (const table of tables) {
          for (const row of [...table.rows, ...(table.totals ?? [])]) {
            const net = sum(MOVES.map(([header, sign]) => sign * under(table, row, header)))
            expect(under(table, row, 'Opening') + net).toBe(under(table, row, 'Closing'))
          }
          expect(table.columns.map(({ header }) => header)).not.toContain('Other changes')
          expect(sum(table.rows.map((row) => under(table, row, 'Closing')))).toBe(0)
        }
        const closings = tables.flatMap((table) => table.rows.map((row) => under(table, row, 'Closing'))).filter((minor) => minor !== 0)
        expect(closings.toSorted()).toEqual(sources.closings.map(({ minor }) => minor).toSorted())
        if (tables.length > 0) expect(textsOf(document)).toContain('Checked: every closing balance')
      }),
      { numRuns: 60 },
    )
  })

  test('says by how much a balance changed for reasons that it was not given', () => {
    const sources = sourcesOf('group_statement', { ...EMPTY, expenses: [PLAIN, { ...PLAIN, minor: 500 }] })
    const document = reportDocument({ ...sources, expenses: sources.expenses.slice(0, 1) }, OPTIONS)
    const table = tableOf(document, 'Balances')
    expect(table.rows.map((row) => [row[0], under(table, row, 'Other changes')])).toEqual([
      ['João', 250],
      ['日本', -250],
    ])
    expect(textsOf(document)).toContain('The balances of 2 members changed by more than the entries listed here')
    expect(textsOf(document)).not.toContain('Checked: every closing balance')
  })

  test('gives a few members a column each, and tells the shares of many in words', () => {
    const few = reportDocument(sourcesOf('group_statement', { ...EMPTY, expenses: [PLAIN] }), OPTIONS)
    expect(tableOf(few, 'Expenses').columns.map(({ header }) => header)).toEqual(['Date', 'What', 'Paid by', 'Amount', 'João', '日本'])
    const wide = { ...PLAIN, sharers: [0, 1, 2, 3, 5, 6], minor: 1000 }
    const many = reportDocument(sourcesOf('group_statement', { ...EMPTY, expenses: [wide, { ...wide, minor: 600 }, PLAIN] }), OPTIONS)
    expect(tableOf(many, 'Expenses').rows.map((row) => row.at(-1))).toEqual([
      '1.67 each: the other 4; 1.66 each: Ann, Ben',
      '1.00 each: all 6',
      '5.00 each: João, 日本',
    ])
    expect(textsOf(many)).toContain('All 6: Ann, Ben, João, Владимир, \u2068الياس\u2069 and 日本.')
  })
})

describe('a settlement statement', () => {
  test('has every settlement with its state, and pairs that sum to the payments', () => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const sources = sourcesOf('settlement_statement', raw)
        const document = reportDocument(sources, OPTIONS)
        if (sources.settlements.length === 0) return
        expect(tableOf(document, 'Settlements and how they stand').rows).toHaveLength(sources.settlements.length)
        if (sources.settlements.every(({ payments }) => payments.length === 0)) return
        const [made, pairs] = [tableOf(document, 'Payments made'), tableOf(document, 'Who paid whom')]
        const totalsOf = (table: Table) => table.totals?.map((row) => [row[0], row.at(-1)])
        expect(totalsOf(pairs)).toEqual(totalsOf(made))
      }),
      { numRuns: 40 },
    )
  })

  test('says whether the plan clears what is open', () => {
    const sources = sourcesOf('settlement_statement', { ...EMPTY, expenses: [PLAIN] })
    expect(textsOf(reportDocument(sources, OPTIONS))).toContain('With 1 payment everybody is at 0. Fewer payments would not do it.')
    const other = { ...sources, closings: sources.closings.map((one) => ({ ...one, minor: one.minor * 2 })) }
    expect(textsOf(reportDocument(other, OPTIONS))).toContain('worked out for other balances')
  })

  test('has nothing open of what was paid, declined, cancelled or refunded', () => {
    const payment = { group: 0, day: 1, sides: [0, 1], minor: 1000, part: 25, isSeparate: false }
    const payments = SETTLEMENT_STATUSES.map((status) => ({ ...payment, status }))
    const table = tableOf(
      reportDocument(sourcesOf('settlement_statement', { ...EMPTY, payments }), OPTIONS),
      'Settlements and how they stand',
    )
    const state = table.columns.findIndex(({ header }) => header === 'State')
    expect(table.rows.map((row) => [row[state], row.at(-1)])).toEqual([
      ['Open', '7.50'],
      ['Reported, not confirmed', '7.50'],
      ['Under way', '7.50'],
      ['Paid', '0.00'],
      ['Disputed', '7.50'],
      ['Declined', '0.00'],
      ['Cancelled', '0.00'],
      ['Refunded', '0.00'],
    ])
  })
})

describe('a tax summary', () => {
  test('adds up: gross is what is known and what is not, and what is known is tax and net', () => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const sources = sourcesOf('tax_summary', raw)
        const tables = tablesOf(reportDocument(sources, OPTIONS)).filter(({ columns }) =>
          columns.some(({ header }) => header === 'With known tax'),
        )
        for (const table of tables)
          for (const row of [...table.rows, ...(table.totals ?? [])]) {
            const of = (header: string): number => under(table, row, header)
            expect(of('Gross')).toBe(of('Without tax information') + of('With known tax'))
            expect(of('With known tax')).toBe(of('Tax') + of('Net'))
          }
        const known = sources.expenses.filter(({ kind, status, tax }) => kind === 'expense' && status === 'posted' && tax !== null)
        const told = tables.find(({ title }) => title === 'Expenses by month')
        const total = sum((told?.rows ?? []).map((row) => under(told!, row, 'Tax')))
        expect(total).toBe(sum(known.map((expense) => postedTax(expense) ?? 0)))
      }),
      { numRuns: 60 },
    )
  })

  test('never takes what is not known for a tax, and says where a tax comes from', () => {
    const expenses = [PLAIN, { ...PLAIN, tax: 20, files: 1 }, { ...PLAIN, tax: 7 }, { ...PLAIN, tax: 0 }]
    const document = reportDocument(sourcesOf('tax_summary', { ...EMPTY, expenses }), OPTIONS)
    const [head, ...rest] = tableOf(document, 'All expenses with their tax').rows.map((row) => row.slice(-5))
    expect(head).toEqual(['10.00', null, null, 'Unknown', 0])
    expect(rest).toEqual([
      ['10.00', '2.00', '8.00', 'Given', 1],
      ['10.00', '0.70', '9.30', 'Read', 0],
      ['10.00', '0.00', '10.00', 'Given', 0],
    ])
    expect(textsOf(document)).toContain('of 1 of 4 entries (EUR 10.00) no tax is known. None is assumed for them.')
    expect(textsOf(document)).toContain('Read on receipts by machine: EUR 0.70 (1 entry)')
    expect(tableOf(document, 'Expenses with and without receipts').rows.map((row) => row.slice(0, 3))).toEqual([
      ['With a receipt', 1, '10.00'],
      ['Without a receipt', 3, '30.00'],
    ])
  })

  test('a foreign tax is told at the rate of its expense, rounded half to even', () => {
    const posted = { minor: 500, currency: EUR }
    expect(postedTax({ tax: { minor: 161, from: 'read' }, amountMinor: 1000, posted })).toBe(80)
    expect(postedTax({ tax: { minor: 163, from: 'read' }, amountMinor: 1000, posted })).toBe(82)
    expect(postedTax({ tax: null, amountMinor: 1000, posted })).toBeNull()
  })

  test('a span of more than a year is told by quarters', () => {
    const sources = {
      ...sourcesOf('tax_summary', { ...EMPTY, expenses: [PLAIN] }),
      span: { from: '2025-01-01', to: '2026-03-31' } as const,
    }
    expect(tableOf(reportDocument(sources, OPTIONS), 'Expenses by quarter').rows[0]?.[0]).toBe('Q1 2026')
  })
})

describe('a member statement', () => {
  test('is a running account: each line leads to its balance, and the last to the closing one', () => {
    fc.assert(
      fc.property(rawWorld, fc.nat(NAMES.length - 1), (raw, who) => {
        const base = sourcesOf('member_statement', raw)
        const ids = base.groups.map((_, i) => memberOf(i, who))
        const document = reportDocument({ ...base, member: ids }, OPTIONS)
        const accounts = accountsOf(base).filter(({ member }) => ids.includes(member))
        const tables = tablesOf(document).filter(({ columns }) => columns.some(({ header }) => header === 'Debit'))
        expect(tables).toHaveLength(accounts.length)
        for (const [i, table] of tables.entries()) {
          let balance = accounts[i]?.opening ?? 0
          for (const row of table.rows) {
            balance += under(table, row, 'Credit') - under(table, row, 'Debit')
            expect(under(table, row, 'Balance')).toBe(balance)
          }
          expect(balance).toBe(accounts[i]?.closing)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('lists what was paid, borne, sent and got, with a line for what is not listed', () => {
    const payment = { group: 0, day: 2, sides: [1, 0], minor: 300, part: 100, isSeparate: false, status: 'completed' as const }
    const income = { ...PLAIN, isIncome: true, day: 1, minor: 200 }
    const sources = sourcesOf('member_statement', { ...EMPTY, expenses: [PLAIN, income], payments: [payment] })
    const closings = sources.closings.map((one) => ({ ...one, minor: one.minor + (one.member === memberOf(0, 0) ? 50 : -50) }))
    const rows = tableOf(reportDocument({ ...sources, closings }, OPTIONS), 'Running account').rows
    expect(rows).toEqual([
      ['2026-01-15', 'Opening balance', null, null, null, '0.00'],
      ['2026-01-15', 'Entry 0', 'Expense', '10.00', '5.00', '5.00'],
      ['2026-01-16', 'Entry 1', 'Income', '1.00', '2.00', '4.00'],
      ['2026-01-17', 'From 日本 (Cash)', 'Payment received', null, '3.00', '1.00'],
      ['2026-03-10', 'Entries that are not listed here', 'Other changes', '0.50', null, '1.50'],
      ['2026-03-10', 'Closing balance', null, null, null, '1.50'],
    ])
  })

  test('has to say of whom it is', () => {
    const { member: _, ...sources } = sourcesOf('member_statement', EMPTY)
    expect(() => reportDocument(sources, OPTIONS)).toThrow(RangeError)
  })
})
