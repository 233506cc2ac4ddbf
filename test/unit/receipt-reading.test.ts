// What decides when a receipt could be read in more than one way: the total among its neighbours, the order of a date, the
// name of the shop, what a line cost, and two engines that differ.
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../src/domain/receipt/reading.ts'
import { readPage } from '../../src/domain/receipt/read-page.ts'
import { isSameName, reconcileReadings } from '../../src/domain/receipt/reconcile.ts'
import { pageOf } from '../support/receipt-page.ts'

const read = (layout: string): Reading => readPage(pageOf(layout), { today: '2026-11-20' })

describe('the total', () => {
  /** Lines below one thing for 21.20, and the total that is read. */
  const totalOf = (below: string): number | undefined =>
    read(`GREEN HILL HARDWARE\n12/03/2026 10:15\nPAINT BRUSH        21.20\n${below}`).total?.value

  test.each([
    ['what was handed over and the change', 'TOTAL              21.20\nCASH               50.00\nCHANGE             28.80', 2120],
    ['the number of things', 'TOTAL              21.20\nTOTAL ITEMS        42.00\nTOTAL QTY          99', 2120],
    ['the tax', 'TOTAL              21.20\nTOTAL GST           1.20', 2120],
    ['the total without tax', 'TOTAL EXCL. GST    20.00\nGST 6%              1.20\nTOTAL INCL. GST    21.20', 2120],
    ['what is saved', 'TOTAL              21.20\nTOTAL SAVING       98.80', 2120],
    ['points', 'TOTAL              21.20\nTOTAL POINTS      310.00', 2120],
    ['the tax that is in it', 'TOTAL              21.20\nTOTAL INCLUDES 6% GST   1.20', 2120],
    ['the amount before rounding', 'TOTAL              21.22\nROUNDING ADJ       -0.02\nTOTAL ROUNDED      21.20', 2120],
    ['an amount before rounding called total sales', 'TOTAL SALES        21.22\nROUNDING           -0.02\nAMOUNT TO PAY      21.20', 2120],
    ['the average', 'TOTAL              21.20\nAVERAGE PER PAX    99.00', 2120],
    [
      'the sums of a tax summary',
      'TOTAL              21.20\nGST SUMMARY   AMOUNT   TAX\nSR 6%         20.00   1.20\nTOTAL         20.00   1.20',
      2120,
    ],
  ])('is not taken from %s', (_, below, expected) => {
    expect(totalOf(below)).toBe(expected)
  })

  test('is read from the line below its word', () => {
    expect(totalOf('TOTAL\n                   RM 21.20')).toBe(2120)
  })

  test('may be called a subtotal where nothing else is', () => {
    expect(totalOf('SUBTOTAL           21.20\nCASH               30.00\nCHANGE              8.80')).toBe(2120)
  })

  test('without a word for it is what was paid less the change', () => {
    expect(totalOf('CASH               30.00\nCHANGE              8.80')).toBe(2120)
  })

  test('with a digit misread is put right by the sums that agree, and is less sure', () => {
    const plain =
      'A              10.00\nB               5.60\nSUBTOTAL       15.60\nGST 6%          0.94\nTOTAL          16.54\nCASH           20.00\nCHANGE          3.46'
    const right = read(plain)
    const misread = read(plain.replace('16.54', '18.54'))
    expect(right).toMatchObject({ total: { value: 1654 }, isProved: true })
    expect(misread).toMatchObject({ total: { value: 1654 }, isProved: false })
    expect(misread.total?.confidence).toBeLessThan(right.total?.confidence ?? 0)
  })

  test('that does not add up says so, and is not called proved', () => {
    const reading = read('BREAD   3.00\nMILK    2.00\nTOTAL   7.00')
    expect(reading).toMatchObject({ total: { value: 700 }, isProved: false })
    expect(reading.checks).toEqual([{ kind: 'items_total', holds: false, expected: 500, got: 700, difference: 200 }])
  })

  test('tells the sign of a rounding whose minus is missing', () => {
    expect(read('TEA            3.03\nTOTAL          3.03\nROUNDING       0.03\nTOTAL ROUNDED  3.00').rounding?.value).toBe(-3)
    expect(read('TEA            3.03\nTOTAL          3.03\nROUNDING       0.02\nTOTAL ROUNDED  3.05').rounding?.value).toBe(2)
  })

  test('comes with all discounts, also where their sum is printed below them', () => {
    const plain = 'TEA        3.00\nCAKE       5.00\nSUBTOTAL   8.00\nDISCOUNT  -1.00\nVOUCHER   -0.50\n'
    expect(read(`${plain}TOTAL      6.50`)).toMatchObject({ discount: { value: 150 }, total: { value: 650 }, isProved: true })
    expect(read(`${plain}TOTAL DISCOUNT  1.50\nTOTAL      6.50`)).toMatchObject({ discount: { value: 150 }, total: { value: 650 } })
  })

  test('that is only printed twice is not proved', () => {
    expect(read('SUBTOTAL   7.00\nTOTAL      7.00\nCASH       7.00')).toMatchObject({ total: { value: 700 }, isProved: false })
  })
})

describe('the date', () => {
  const dateOf = (...lines: string[]): string | undefined => read(lines.join('\n')).date?.value

  test.each([
    ['an expiry date', ['BEST BEFORE 01/09/2026', 'DATE 14/03/2026'], '2026-03-14'],
    ['a due date', ['DUE DATE: 14/04/2026', 'INVOICE DATE: 14/03/2026'], '2026-03-14'],
    ['a member\u2019s first day', ['MEMBER SINCE 02/02/2011', '14/03/2026 12:10'], '2026-03-14'],
    ['a day after tomorrow', ['31/12/2026', '14/03/2026'], '2026-03-14'],
  ])('is not %s', (_, lines, expected) => {
    expect(dateOf(...lines)).toBe(expected)
  })

  test.each([
    ['the day comes first', ['03/04/2026'], '2026-04-03'],
    ['the month comes first where people pay in dollars', ['03/04/2026', 'TOTAL $12.00', 'CASH $20.00'], '2026-03-04'],
    ['another date shows that the month comes first', ['03/04/2026', 'PRINTED 03/25/2026'], '2026-03-04'],
    ['the same day stands elsewhere with the name of its month', ['03/04/2026 10:00', '4 MAR 2026'], '2026-03-04'],
    ['the other order would lie in the future', ['12/11/2026', '11/12/2026'], '2026-11-12'],
  ])('of figures that could be either is decided: %s', (_, lines, expected) => {
    expect(dateOf(...lines)).toBe(expected)
  })

  test('may be tomorrow, for the shop may be ahead of the reader, and no later', () => {
    expect(dateOf('21/11/2026')).toBe('2026-11-21')
    expect(dateOf('22/11/2026')).toBeUndefined()
  })
})

describe('the vendor', () => {
  const vendorOf = (layout: string): string | undefined => read(layout).vendor?.value

  test.each([
    ['TAX INVOICE\nMAPLE GARDEN RESTAURANT\nNO 5, JALAN INDAH 2', 'MAPLE GARDEN RESTAURANT'],
    ['SILVER OAK BOOKSTORES\nSDN BHD\nLOT 5, 1ST FLOOR', 'SILVER OAK BOOKSTORES SDN BHD'],
    ['EVERGREEN VEGETARIAN\nRESTAURANT SDN BHD\n(1095514-X)', 'EVERGREEN VEGETARIAN RESTAURANT SDN BHD'],
    ['NOODLE BAR 88\nBLUE LOTUS HOLDINGS PTE LTD\n10 MARINA ROAD', 'BLUE LOTUS HOLDINGS PTE LTD'],
    ['00123\nBäckerei Sommer\nBahnhofstr. 5\n80331 München', 'Bäckerei Sommer'],
    ['NORTHWIND MARKETING SDN BHD (682288-V)\n12 JALAN BESAR', 'NORTHWIND MARKETING SDN BHD'],
    ['RIVERSIDE FOODS LTD\nformerly known as\nOLD RIVER FOODS LTD', 'RIVERSIDE FOODS LTD'],
    ['CEDAR TRADING\nTAX INVOICE\nBILL TO:\nSUNRISE TRANSPORT SDN BHD', 'CEDAR TRADING'],
    ['Table 4\nDate: 01/02/2026\nCashier: Bob\nThank you for shopping at Harbour Goods', 'Harbour Goods'],
  ])('%j is %s', (layout, expected) => {
    expect(vendorOf(layout)).toBe(expected)
  })
})

describe('the things bought', () => {
  const itemsOf = (layout: string) => read(layout).items.map(({ quantity, name, amount }) => `${quantity} ${name} ${amount}`)

  test.each([
    [
      'names above their figures',
      'WHITE PAINT 5L\n9556789012345  2 x 12.50   25.00\nBRUSH\n9556789012346  1 x 4.00    4.00\nTOTAL   29.00',
      ['2 WHITE PAINT 5L 2500', '1 BRUSH 400'],
    ],
    [
      'names below their figures',
      'ITEM    QTY   PRICE   AMOUNT\n10013    6    18.00   108.00\nSTEEL BAR\n10017    1     8.00     8.00\nCEMENT\nTOTAL                116.00',
      ['6 STEEL BAR 10800', '1 CEMENT 800'],
    ],
    [
      'counts on the line after',
      'COLA 1.5L           5.98\n2 X 2.99\nCHIPS               2.85\nTOTAL               8.83',
      ['2 COLA 1.5L 598', '1 CHIPS 285'],
    ],
    ['weights', 'BANANAS   0.745 x 3.00    2.24\nTOTAL     2.24', ['0.745 BANANAS 224']],
    [
      'something returned',
      'LAMP            30.00\nLAMP RETURNED  -30.00\nBULB             4.00\nTOTAL            4.00',
      ['1 LAMP 3000', '1 LAMP RETURNED -3000', '1 BULB 400'],
    ],
    [
      'wrapped names',
      'PRAWN NOODLES      9.50\nextra spicy\nTEA                1.50\nTOTAL             11.00',
      ['1 PRAWN NOODLES 950', '1 TEA 150'],
    ],
  ])('with %s are read', (_, layout, expected) => {
    expect(itemsOf(layout)).toEqual(expected)
  })
})

describe('reconcileReadings', () => {
  const plain = `
CEDAR TRADING LTD
14/03/2026 12:30
BREAD             3.00
MILK              2.00
SUBTOTAL          5.00
VAT 20%           1.00
TOTAL             6.00
CASH             10.00
CHANGE            4.00`
  const right = read(plain)
  const both = (one: string, other: string) => reconcileReadings(read(one), read(other))

  test('what both engines say is surer than what one says', () => {
    const reading = reconcileReadings(right, right)
    expect({ ...reading, total: right.total }).toMatchObject({ vendor: { value: 'CEDAR TRADING LTD' }, items: right.items, isProved: true })
    for (const name of ['vendor', 'date', 'total', 'tax'] as const) {
      expect(reading[name]?.value).toEqual(right[name]?.value)
      expect(reading[name]?.confidence).toBeGreaterThanOrEqual(right[name]?.confidence ?? 1)
    }
  })

  test('the total that is proved wins over another, whichever engine came first', () => {
    const misread = plain.replace('6.00\nCASH             10.00\nCHANGE            4.00', '8.00')
    expect(both(misread, plain)).toMatchObject({ total: { value: 600 }, isProved: true })
    expect(both(plain, misread)).toMatchObject({ total: { value: 600 }, isProved: true })
  })

  test('a figure that one engine did not see comes from the other', () => {
    expect(both(plain, plain.replace(/VAT.*\n/, ''))).toMatchObject({ tax: { value: 100 }, total: { value: 600 } })
    expect(both(plain.replace(/VAT.*\n/, ''), plain)).toMatchObject({ tax: { value: 100 }, total: { value: 600 } })
  })

  test('of two readings that both have an error the figures that add up are put together', () => {
    const reading = both(
      plain.replace('SUBTOTAL          5.00', 'SUBTOTAL          9.00'),
      plain.replace('CHANGE            4.00', 'CHANGE            9.00'),
    )
    expect(reading).toMatchObject({ subtotal: { value: 500 }, total: { value: 600 }, change: { value: 400 } })
  })

  test('where they differ on the rest the surer one is taken, with doubt', () => {
    const other = plain.replace('14/03/2026 12:30', 'DATE 24/03/2026 12:30')
    const reading = both(plain.replace('/2026 12:30', '/26'), other)
    expect(reading.date?.value).toBe('2026-03-24')
    expect(reading.date?.confidence).toBeLessThan(read(other).date?.confidence ?? 0)
  })

  test('amounts of different currencies are not mixed', () => {
    const yen = 'TOTAL ¥600\nCASH ¥1000\nCHANGE ¥400'
    expect(both(plain.replaceAll(/(\d+\.00)/g, '£$1'), yen)).toMatchObject({
      currency: { value: 'GBP' },
      total: { value: 600 },
      tax: { value: 100 },
    })
  })

  test('a reading of nothing changes nothing but the doubt', () => {
    const nothing = read('')
    expect(reconcileReadings(nothing, right)).toEqual(right)
    expect(reconcileReadings(right, nothing)).toEqual(right)
    expect(nothing).toMatchObject({ vendor: null, date: null, total: null, items: [], checks: [], isProved: false })
  })

  test.each([
    ['CEDAR TRADING LTD', 'CEDARTRAD1NG LTD', true],
    ['CEDAR TRADING LTD', 'CEDAR TRADING', true],
    ['CEDAR TRADING LTD', 'MAPLE FOODS LTD', false],
    ['', 'CEDAR', false],
  ])('%j and %j are one name: %s', (one, other, expected) => {
    expect(isSameName(one, other)).toBe(expected)
  })
})
