// Reports as documents: whatever they are made of, tables are whole, totals are sums, and nothing is left out or said twice.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sum } from '../../src/domain/money.ts'
import { reportDocument, tablesOf } from '../../src/domain/report/report.ts'
import { GROUPINGS, REPORT_TYPES } from '../../src/domain/report/sources.ts'

import { EMPTY, isAmount, moneyAt, OPTIONS, PLAIN, rawWorld, sourcesOf, tableOf, textsOf } from '../support/reports.ts'

describe.each(REPORT_TYPES)('a report of type %s', (type) => {
  test('has whole rows, exact amounts, totals that are the sums of their rows, and finite charts', () => {
    fc.assert(
      fc.property(rawWorld, fc.constantFrom(...GROUPINGS), fc.boolean(), (raw, groupBy, includeCharts) => {
        const document = reportDocument(sourcesOf(type, raw), { includeCharts, includeReceipts: true, groupBy })
        expect(JSON.stringify(document)).not.toMatch(/NaN|Infinity|undefined/)
        for (const table of tablesOf(document)) {
          const { columns, rows, totals = [] } = table
          for (const row of [...rows, ...totals]) expect(row.length).toBe(columns.length)
          for (const total of totals) {
            for (const [i, column] of columns.entries()) {
              const told = moneyAt(table, total, i)
              if (told === undefined) continue
              const amounts = rows.flatMap((row) => moneyAt(table, row, i) ?? []).filter((one) => one.currency === told.currency)
              expect([column.header, told.minor]).toEqual([column.header, sum(amounts.map(({ minor }) => minor))])
            }
          }
          for (const row of rows)
            for (const [i, column] of columns.entries())
              if (column.kind === 'money') expect(isAmount(row[i])).toBe(column.currency === undefined && row[i] !== null)
        }
        const charts = document.sections.flatMap((section) => (section.kind === 'chart' ? [section.chart] : []))
        expect(includeCharts || charts.length === 0).toBe(true)
        for (const chart of charts) {
          if (chart.kind === 'column' || chart.kind === 'line') {
            const size = chart.kind === 'line' ? chart.days.length : chart.labels.length
            for (const { values } of chart.series) expect(values.length).toBe(size)
          }
          if (chart.kind === 'line') expect(chart.days).toEqual([...new Set(chart.days)].sort())
        }
      }),
      { numRuns: 60 },
    )
  })

  test('counts of every table are the sums of their rows where there is one currency', () => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const only = { ...raw, groups: 1, expenses: raw.expenses.map((one) => ({ ...one, isSeparate: false })) }
        for (const { columns, rows, totals = [] } of tablesOf(reportDocument(sourcesOf(type, only), OPTIONS))) {
          if (totals.length !== 1) continue
          for (const [i, column] of columns.entries()) {
            const told = totals[0]?.[i]
            if (column.kind === 'number' && typeof told === 'number') expect(told).toBe(sum(rows.map((row) => Number(row[i]))))
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  test('says so where there is nothing', () => {
    const document = reportDocument(sourcesOf(type, EMPTY), OPTIONS)
    expect(tablesOf(document)).toEqual([])
    expect(textsOf(document)).toMatch(/Nothing/)
    expect(document.subtitle).toContain('Lisboa')
  })

  test('is the same whatever order its sources come in', () => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const sources = sourcesOf(type, raw)
        const turned = {
          ...sources,
          expenses: sources.expenses.toReversed(),
          settlements: sources.settlements.toReversed(),
          openings: sources.openings.toReversed(),
        }
        expect(reportDocument(turned, OPTIONS)).toEqual(reportDocument(sources, OPTIONS))
      }),
      { numRuns: 20 },
    )
  })

  test('has receipts at its end only where they are wanted', () => {
    const sources = {
      ...sourcesOf(type, { ...EMPTY, expenses: [PLAIN] }),
      receipts: [{ key: 'k', name: 'a.jpg', type: 'image/jpeg' }],
      receiptsLeftOut: 2,
    }
    expect(reportDocument(sources, OPTIONS).appendix).toBeUndefined()
    const whole = reportDocument(sources, { ...OPTIONS, includeReceipts: true })
    expect(whole.appendix).toHaveLength(1)
    expect(textsOf(whole)).toContain('1 receipt at the end of this document. 2 files had no room in this document.')
  })
})

describe('an expense summary', () => {
  test.each(GROUPINGS)('by %s has every expense exactly once', (groupBy) => {
    fc.assert(
      fc.property(rawWorld, (raw) => {
        const sources = sourcesOf('expense_summary', { ...raw, isOwn: false })
        const document = reportDocument(sources, { ...OPTIONS, groupBy })
        const posted = sources.expenses.filter(({ status }) => status === 'posted')
        const told = tablesOf(document)
          .filter(({ title, columns }) => columns.some(({ header }) => header === 'What') && title?.startsWith('Waiting') !== true)
          .flatMap(({ columns, rows }) => rows.map((row) => row[columns.findIndex(({ header }) => header === 'What')]))
        expect(told.toSorted()).toEqual(posted.map(({ title }) => title).toSorted())
      }),
      { numRuns: 30 },
    )
  })

  test('tells the figures that it is given, and where most went', () => {
    const expenses = [PLAIN, { ...PLAIN, minor: 2550, vendor: 'Galp', category: 0, day: 3 }, { ...PLAIN, minor: 200, isIncome: true }]
    const document = reportDocument(sourcesOf('expense_summary', { ...EMPTY, expenses }), OPTIONS)
    expect(document.figures.map(({ label, value }) => [label, isAmount(value) ? `${value.amount} ${value.currency}` : value])).toEqual([
      ['Spent', '35.50 EUR'],
      ['Change in spending', null],
      ['Average expense', '17.75 EUR'],
      ['Average per day', '0.65 EUR'],
      ['Income', '2.00 EUR'],
      ['Net', '-33.50 EUR'],
    ])
    expect(tableOf(document, 'Spending by vendor').rows).toEqual([
      ['Galp', 1, '25.50', '25.50', '71.8'],
      ['Lidl', 1, '10.00', '10.00', '28.2'],
    ])
    expect(tableOf(document, 'Spending by subcategory').rows.map((row) => row.slice(0, 4))).toEqual([
      ['Food & Dining', 'Restaurants', 1, '10.00'],
      ['Food & Dining', 'No subcategory', 1, '25.50'],
    ])
  })

  test('of several groups tells what the asker bears, in the currency of each, and what has no rate', () => {
    const expenses = [PLAIN, { ...PLAIN, group: 1, minor: 3000 }, { ...PLAIN, isSeparate: true, minor: 4000 }]
    const document = reportDocument(sourcesOf('expense_summary', { ...EMPTY, groups: 2, isOwn: true, expenses }), {
      ...OPTIONS,
      groupBy: 'month',
    })
    expect(tableOf(document, 'Expenses by month').rows).toEqual([
      ['January 2026', 1, { amount: '5.00', currency: 'EUR' }, '100.0'],
      ['January 2026', 1, { amount: '1500', currency: 'JPY' }, '100.0'],
      ['January 2026', 1, { amount: '2.000', currency: 'KWD' }, '100.0'],
    ])
    expect(tableOf(document, 'January 2026 (3 expenses)').totals?.map((row) => row[0])).toEqual(['Total EUR', 'Total JPY', 'Total KWD'])
    expect(textsOf(document)).toContain('no rate to EUR is known: KWD 2.000 (1 expense)')
    expect(textsOf(document)).toContain('Figures and charts are in EUR')
  })

  test('names what waits for approval apart from everything that counts', () => {
    const document = reportDocument(
      sourcesOf('expense_summary', { ...EMPTY, expenses: [PLAIN, { ...PLAIN, status: 'pending', minor: 7 }] }),
      OPTIONS,
    )
    expect(tableOf(document, 'Waiting for approval (in no figure of this report)').rows).toHaveLength(1)
    expect(tableOf(document, 'Spending by category').totals?.[0]?.[3]).toBe('10.00')
  })
})
