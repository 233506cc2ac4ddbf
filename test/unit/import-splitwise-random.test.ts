// Random ledgers written as Splitwise would, in every separator, number format and language: each member's net comes out to
// the minor unit, twins are kept apart, and a file is known again in another style.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exponentOf, type Currency } from '../../src/domain/currency.ts'
import { identityOf, isClean, type ImportDraft } from '../../src/domain/import/draft.ts'
import { readSplitwise } from '../../src/domain/import/splitwise.ts'
import { decimalText } from '../../src/domain/import/splitwise-rows.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { parseCsv } from '../../src/platform/csv.ts'
import { netsOf } from '../support/imports.ts'
import { currencyOf } from '../support/ledger.ts'

const read = (text: string): ImportDraft => readSplitwise(parseCsv(text).rows)

interface Row {
  readonly title: string
  readonly currency: Currency
  readonly cost: number
  readonly nets: readonly number[]
}

const CODES = (['EUR', 'JPY', 'KWD'] as const).map(currencyOf)
const titles = fc.oneof(
  fc.constantFrom('Dinner', 'Taxi; late', 'Wine, red', 'EUR', 'a "quoted" word', 'two\nlines', '1,234.50', '=SUM(A1)', 'Łódź 寿司'),
  fc.string({ maxLength: 20 }),
)

/** Nets that sum to zero and don't exceed the cost. */
const rowOf = (members: number): fc.Arbitrary<Row> =>
  fc
    .record({
      title: titles,
      currency: fc.constantFrom(...CODES),
      parts: fc.array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { minLength: members - 1, maxLength: members - 1 }),
      more: fc.integer({ min: 0, max: 5_000_000 }),
      isRefund: fc.boolean(),
    })
    .map(({ title, currency, parts, more, isRefund }) => {
      const nets = [...parts, 0 - parts.reduce((a, b) => a + b, 0)]
      const up = nets.reduce((total, net) => (net > 0 ? total + net : total), 0)
      return { title, currency, cost: (isRefund ? -1 : 1) * (up + more), nets }
    })

const ledgers = fc.integer({ min: 2, max: 6 }).chain((members) => fc.array(rowOf(members), { minLength: 1, maxLength: 12 }))

const styles = fc.record({
  by: fc.constantFrom(',', ';', '\t'),
  mark: fc.constantFrom('.' as const, ',' as const),
  thousands: fc.constantFrom('', ' ', "'", 'other'),
  end: fc.constantFrom('\n', '\r\n'),
  bom: fc.constantFrom('', '\uFEFF'),
  headings: fc.constantFrom(
    'Date Description Category Cost Currency',
    'Datum Beschreibung Kategorie Kosten Währung',
    '日付 説明 カテゴリー 費用 通貨',
  ),
})
type Style = typeof styles extends fc.Arbitrary<infer S> ? S : never

function csvOf(rows: readonly Row[], style: Style): string {
  const { by, mark, thousands, end, bom, headings } = style
  const members = rows[0]?.nets.map((_, i) => `Member ${i}`) ?? []
  const figure = (minor: number, currency: Currency): string => {
    const [whole = '', fraction] = formatMinor(minor, currency).split('.')
    const between = thousands === 'other' ? (mark === '.' ? ',' : '.') : thousands
    const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, between)
    return fraction === undefined ? grouped : `${grouped}${mark}${fraction}`
  }
  const cell = (text: string): string => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const totals = CODES.flatMap((currency) => {
    const own = rows.filter((row) => row.currency === currency)
    if (own.length === 0) return []
    const sums = members.map((_, i) => own.reduce((total, row) => total + (row.nets[i] ?? 0), 0))
    return [['2026-02-01', 'Total', ' ', ' ', currency, ...sums.map((sum) => figure(sum, currency))]]
  })
  const lines = [
    [...headings.split(' '), ...members],
    [''],
    ...rows.map((row) => [
      '2026-01-31',
      row.title,
      'General',
      figure(row.cost, row.currency),
      row.currency,
      ...row.nets.map((net) => figure(net, row.currency)),
    ]),
    [''],
    ...totals,
  ]
  return bom + lines.map((line) => line.map(cell).join(by)).join(end) + end
}

/** Without figures such as `1,234` alone, which no reader can tell. */
const isTelling = (rows: readonly Row[]): boolean => rows.some((row) => exponentOf(row.currency) === 2)

describe('a random ledger written as Splitwise would', () => {
  test('has each member’s net to the minor unit, whatever the style', () => {
    fc.assert(
      fc.property(ledgers.filter(isTelling), styles, (rows, style) => {
        const draft = read(csvOf(rows, style))
        const expected = new Map<string, number>()
        for (const { nets, currency } of rows)
          for (const [i, net] of nets.entries())
            expected.set(`Member ${i} ${currency}`, (expected.get(`Member ${i} ${currency}`) ?? 0) + net)
        expect(netsOf(draft.lines)).toEqual(Object.fromEntries([...expected].filter(([, net]) => net !== 0).sort()))
        expect(draft.faults.filter((fault) => fault.severity === 'error')).toEqual([])
        expect(isClean(draft)).toBe(true)
        for (const line of draft.lines) {
          if (line.kind === 'payment') continue
          for (const portions of [line.payers, line.shares]) {
            expect(portions.every(({ minor }) => minor > 0)).toBe(true)
            expect(portions.reduce((total, { minor }) => total + minor, 0)).toBe(line.minor)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  test('is known again in another style, and a file that goes on from it adds what is new, twins too', () => {
    fc.assert(
      fc.property(ledgers.filter(isTelling), styles, styles, fc.nat(), (rows, one, other, at) => {
        const twin = rows[at % rows.length]
        const first = read(csvOf(rows, one)).lines.map(identityOf)
        const again = read(csvOf(rows, other)).lines.map(identityOf)
        expect(again).toEqual(first)
        expect(new Set(first).size).toBe(first.length)
        const known = new Set(first)
        const longer = read(csvOf(twin === undefined ? rows : [twin, ...rows], other)).lines.filter((line) => !known.has(identityOf(line)))
        expect(longer).toHaveLength(twin?.nets.every((net) => net === 0) === true ? 0 : 1)
      }),
      { numRuns: 60 },
    )
  })

  test('nets finer than a cent come out at the total, to the unit that rounding leaves', () => {
    const row = (members: number): fc.Arbitrary<number[]> =>
      fc
        .array(fc.integer({ min: -99_999, max: 99_999 }), { minLength: members - 1, maxLength: members - 1 })
        .map((parts) => [...parts, 0 - parts.reduce((a, b) => a + b, 0)])
    const text = (tenThousandths: number): string => decimalText(BigInt(tenThousandths), 4)
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }).chain((members) => fc.array(row(members), { minLength: 1, maxLength: 30 })),
        (rows) => {
          const members = rows[0]?.map((_, i) => `M${i}`) ?? []
          const costs = rows.map((nets) => Math.ceil(nets.reduce((total, net) => (net > 0 ? total + net : total), 0) / 100))
          const totals = members.map((_, i) => rows.reduce((total, nets) => total + (nets[i] ?? 0), 0))
          const lines = rows.map((nets, i) => `2026-01-02,x,General,${decimalText(BigInt(costs[i] ?? 0), 2)},EUR,${nets.map(text).join()}`)
          const draft = read(
            [`Date,Description,Category,Cost,Currency,${members.join()}`, ...lines, `,Total,,,EUR,${totals.map(text).join()}`].join('\n'),
          )
          expect(draft.faults.filter((fault) => fault.severity === 'error')).toEqual([])
          expect(draft.checks.filter((check) => !check.isMet)).toEqual([])
          const nets = netsOf(draft.lines)
          for (const [i, total] of totals.entries()) expect(Math.abs((nets[`M${i} EUR`] ?? 0) * 100 - total)).toBeLessThan(200)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('never throws, whatever the file', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(fc.string(), fc.constantFrom('EUR', '2026-01-02', '1,0', '-1', ' ', '1e9', '٣')), { maxLength: 9 }), {
          maxLength: 9,
        }),
        (rows) => {
          readSplitwise(rows)
        },
      ),
      { numRuns: 200 },
    )
  })
})
