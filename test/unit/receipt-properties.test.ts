// What holds for every receipt: figures that were printed are read back whatever the format and language, nothing that an
// engine may give makes the reading throw or take long, and what does not add up is never called proved.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanAmounts } from '../../src/domain/receipt/amounts.ts'
import type { Page, Snippet } from '../../src/domain/receipt/page.ts'
import type { Reading } from '../../src/domain/receipt/reading.ts'
import { readPage } from '../../src/domain/receipt/read-page.ts'
import { reconcileReadings } from '../../src/domain/receipt/reconcile.ts'
import { pageOf } from '../support/receipt-page.ts'

const today = '2026-11-20'

/** The ways to write 123456 minor units. */
const FORMATS: readonly ((minor: number) => string)[] = [
  (minor) => grouped(minor, ',', '.'),
  (minor) => grouped(minor, '.', ','),
  (minor) => grouped(minor, '', '.'),
  (minor) => grouped(minor, '', ','),
  (minor) => grouped(minor, ' ', ','),
  (minor) => grouped(minor, "'", '.'),
  (minor) => `€${grouped(minor, ',', '.')}`,
  (minor) => `${grouped(minor, '.', ',')} EUR`,
  (minor) => `RM${grouped(minor, ',', '.')}`,
  (minor) => `$ ${grouped(minor, ',', '.')}`,
]

function grouped(minor: number, group: string, point: string): string {
  const digits = String(minor).padStart(3, '0')
  return `${digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, group)}${point}${digits.slice(-2)}`
}

const LANGUAGES = [
  { subtotal: 'SUBTOTAL', tax: 'VAT 20%', total: 'TOTAL', cash: 'CASH', change: 'CHANGE' },
  { subtotal: 'Zwischensumme', tax: 'MwSt 20%', total: 'Gesamtbetrag', cash: 'Gegeben', change: 'Rückgeld' },
  { subtotal: 'Sous-total', tax: 'TVA 20%', total: 'Montant total', cash: 'Espèces', change: 'Monnaie rendue' },
  { subtotal: 'Base imponible', tax: 'IVA 20%', total: 'Importe total', cash: 'Efectivo', change: 'Cambio' },
  { subtotal: 'Subtotal', tax: 'IVA 20%', total: 'Total a pagar', cash: 'Dinheiro', change: 'Troco' },
  { subtotal: 'Jumlah kecil', tax: 'SST 20%', total: 'JUMLAH', cash: 'Tunai', change: 'Baki' },
  { subtotal: 'SUBTOTALE', tax: 'IVA 20%', total: 'TOTALE', cash: 'CONTANTI', change: 'RESTO' },
  { subtotal: 'Subtotaal', tax: 'BTW 20%', total: 'Totaal', cash: 'Contant', change: 'Wisselgeld' },
] as const

const NAMES = ['GREEN APPLES', 'Kaffee', 'PAN CASERO', 'Riz basmati', 'Nasi goreng', 'LAMPADINA', 'WOODEN SPOON', 'Azeite virgem']

const receipts = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  format: fc.constantFrom(...FORMATS),
  prices: fc.array(fc.integer({ min: 30, max: 250_000 }), { minLength: 1, maxLength: 8 }),
  handed: fc.integer({ min: 1, max: 5000 }),
  slope: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
})

const sumOf = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

function layoutOf(lines: readonly (readonly [string, string])[]): string {
  return ['BLUE HARBOUR STORES LTD', '14/03/2026 12:30', ...lines.map(([name, value]) => `${name.padEnd(24)}${value.padStart(18)}`)].join(
    '\n',
  )
}

describe('readPage', () => {
  test('gives the figures back that were printed, in any format and language, however the paper lies', () => {
    fc.assert(
      fc.property(receipts, ({ language, format, prices, handed, slope }) => {
        const subtotal = sumOf(prices)
        const tax = Math.round(subtotal * 0.2)
        const lines = [
          ...prices.map((price, at) => [NAMES[at] ?? '', format(price)] as const),
          [language.subtotal, format(subtotal)],
          [language.tax, format(tax)],
          [language.total, format(subtotal + tax)],
          [language.cash, format(subtotal + tax + handed)],
          [language.change, format(handed)],
        ] as const
        const reading = readPage(pageOf(layoutOf(lines), { slope }), { today })
        expect(reading).toMatchObject({
          date: { value: '2026-03-14' },
          subtotal: { value: subtotal },
          tax: { value: tax },
          total: { value: subtotal + tax },
          cashPaid: { value: subtotal + tax + handed },
          change: { value: handed },
          isProved: true,
        })
        expect(reading.items.map(({ name, amount }) => ({ name, amount }))).toEqual(
          prices.map((amount, at) => ({ name: NAMES[at], amount })),
        )
      }),
      { numRuns: 150 },
    )
  })

  test('never calls proved what contradicts itself: any one figure changed', () => {
    const altered = fc.tuple(receipts, fc.nat(20), fc.integer({ min: 1, max: 99_999 }))
    fc.assert(
      fc.property(altered, ([{ language, format, prices, handed }, which, by]) => {
        const subtotal = sumOf(prices)
        const tax = Math.round(subtotal * 0.2)
        const total = subtotal + tax
        const printed = [...prices, subtotal, tax, total, total + handed, handed]
        const at = which % printed.length
        const labels = [
          ...prices.map((_, i) => NAMES[i] ?? ''),
          language.subtotal,
          language.tax,
          language.total,
          language.cash,
          language.change,
        ]
        const lines = printed.map((minor, i) => [labels[i] ?? '', format(i === at ? minor + by : minor)] as const)
        const reading = readPage(pageOf(layoutOf(lines)), { today })
        expectHonest(reading)
        expect(reading.isProved).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  const snippets: fc.Arbitrary<Snippet> = fc.record({
    text: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        'TOTAL',
        'CASH 50.00',
        'GST 6%',
        '12.50',
        '-1.00',
        '1,234.56',
        '14/03/2026',
        'SUBTOTAL 9.99',
        '2 x 3.50 7.00',
        'QTY PRICE AMOUNT',
        'ROUNDING -0.02',
        '\uD800',
        '',
      ),
    ),
    confidence: fc.double(),
    x: fc.oneof(fc.double(), fc.integer({ min: -10, max: 600 })),
    y: fc.oneof(fc.double(), fc.integer({ min: -10, max: 900 })),
    width: fc.oneof(fc.double(), fc.integer({ min: 0, max: 200 })),
    height: fc.oneof(fc.double(), fc.integer({ min: 0, max: 60 })),
  })
  const pages = fc
    .array(snippets, { maxLength: 60 })
    .map((list): Page => ({ engine: 'tesseract', width: 600, height: 900, snippets: list }))

  test('never throws and stays honest whatever the engine gives, and two readings can always be reconciled', () => {
    fc.assert(
      fc.property(pages, pages, (one, other) => {
        const [first, second] = [readPage(one, { today }), readPage(other, { today })]
        for (const reading of [first, second, reconcileReadings(first, second)]) expectHonest(reading)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    [
      '10,000 pieces',
      Array.from({ length: 10_000 }, (_, i) => ({ text: `TOTAL AMOUNT ${i} 12.50`, x: (i % 5) * 120, y: Math.floor(i / 5) * 20 })),
    ],
    ['10,000 pieces at one place', Array.from({ length: 10_000 }, () => ({ text: 'TOTAL 12.50', x: 0, y: 0 }))],
    ['a million digits', [{ text: '1'.repeat(1_000_000), x: 0, y: 0 }]],
    ['a million points and spaces', [{ text: '1. '.repeat(333_333), x: 0, y: 0 }]],
    ['nothing but signs', Array.from({ length: 2000 }, (_, i) => ({ text: '-.,:/()@*x '.repeat(50), x: 0, y: i * 20 }))],
    [
      'a word that is nearly one, again and again',
      Array.from({ length: 2000 }, (_, i) => ({ text: 'TOTATOTATOTA'.repeat(30), x: 0, y: i * 20 })),
    ],
  ])('is done in time with %s', (_, list) => {
    const hostile = list.map((piece) => ({ ...piece, confidence: 0.9, width: 100, height: 18 }))
    const begun = performance.now()
    expectHonest(readPage({ engine: 'paddle', width: 600, height: 40_000, snippets: hostile }, { today }))
    expect(performance.now() - begun).toBeLessThan(6000)
  })
})

describe('scanAmounts', () => {
  test('reads every amount in every format', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.constantFrom(...FORMATS), (minor, format) => {
        expect(scanAmounts(`x ${format(minor)}`, { exponent: 2 }).amounts).toMatchObject([{ minor, quality: 1 }])
      }),
    )
  })
})

/** What is said of sums is true, and nothing is called proved that any of them contradicts. */
function expectHonest(reading: Reading): void {
  for (const { expected, got, difference, holds } of reading.checks) {
    expect(difference).toBe(got - expected)
    expect(got).toBe(reading.total?.value)
    expect(holds || difference !== 0).toBe(true)
  }
  if (reading.isProved) {
    expect(reading.checks.every(({ holds }) => holds)).toBe(true)
    expect(reading.checks.some(({ difference }) => difference === 0)).toBe(true)
  }
  for (const field of [reading.total, reading.tax, reading.vendor, reading.date]) {
    if (field !== null) expect(field.confidence).toSatisfy((share: number) => share >= 0 && share <= 1)
  }
}
