// The parts that a receipt is read from, each on text alone: amounts, days, times, words, lines.
import { describe, expect, test } from 'vitest'
import { pointOf, scanAmounts } from '../../src/domain/receipt/amounts.ts'
import { monthOf, scanClocks, scanDays } from '../../src/domain/receipt/dates.ts'
import { linesOf } from '../../src/domain/receipt/lines.ts'
import { marksIn } from '../../src/domain/receipt/marks.ts'
import { pageOf } from '../support/receipt-page.ts'

/** Rows of a text table: cells between bars; the first line names the columns. */
const rowsOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))

const AMOUNTS = `
printed               | minor units
12.50                 | 1250
12,50                 | 1250
1,234.56              | 123456
1.234,56              | 123456
1 234,56              | 123456
1'234.50              | 123450
1.234.567,89          | 123456789
RM12.50               | 1250
RM 1,050.00           | 105000
€12.30                | 1230
12,30 €               | 1230
12.50-                | -1250
-12.50                | -1250
(12.50)               | -1250
-RM 5.00              | -500
RM-5.00               | -500
$ -5.00               | -500
TOTAL:12.50           | 1250
TOTAL12.50            | 1250
12 .50                | 1250
12. 50                | 1250
l2.5O                 | 1250
1O.00                 | 1000
S5.OO                 | 5500
2B.40                 | 2840
50.0C                 | 5000
$ 1,O50.00            | 105000
.20                   | 20
RM .05                | 5
17.00SR               | 1700
17.00 S               | 1700
2 x 12.50             | 1250
2x12.50               | 1250
@12.50                | 1250
3 4.00 12.00          | 400 1200
6%                    |
12.50%                |
6.00 %                |
0.745 KG              |
1.50L                 |
500.00ML              |
12/05/2018            |
03-55423228           |
192.168.10.20         |
A-12.50               |
`

describe('scanAmounts', () => {
  test.each(rowsOf(AMOUNTS))('%s is %s', (printed = '', expected = '') => {
    const { amounts } = scanAmounts(printed, { exponent: 2 })
    const sound = amounts.filter(({ quality }) => quality >= 0.5)
    expect(sound.map(({ minor }) => String(minor)).join(' ')).toBe(expected)
  })

  test.each([
    ['1,200', 0, 1200],
    ['¥1200', 0, 1200],
    ['12.500円', 0, 12500],
    ['1.200', 3, 1200],
    ['12,345.678', 3, 12345678],
    ['KWD 4.750', 3, 4750],
  ])('%s of a currency with %i decimals is %i', (printed, exponent, minor) => {
    expect(scanAmounts(printed, { exponent }).amounts).toMatchObject([{ minor }])
  })

  test('a letter is a digit only among digits', () => {
    for (const word of ['SOB', 'B.S', 'IS.', 'OIL', 'S.B.SO', 'SDN.BHD', 'lot.so']) {
      expect(scanAmounts(word, { exponent: 2 }).amounts).toEqual([])
    }
  })

  test('what had to be assumed lowers the quality: no decimals, a faint point, a dash for it', () => {
    const quality = (printed: string) => scanAmounts(printed, { exponent: 2, point: '.' }).amounts[0]?.quality ?? 0
    expect(quality('12.50')).toBe(1)
    expect(quality('12.5O')).toBeLessThan(1)
    for (const odd of ['12 50', '12-50', '1250', '20']) expect(quality(odd)).toBeLessThan(0.5)
    expect(quality('RM 20')).toBeGreaterThan(quality('20'))
  })

  test('an S before an amount is the dollar sign where the receipt has dollars, else a 5', () => {
    expect(scanAmounts('S8.20', { exponent: 2, hasDollar: true }).amounts).toMatchObject([{ minor: 820 }])
    expect(scanAmounts('S8.20', { exponent: 2 }).amounts).toMatchObject([{ minor: 5820 }])
  })

  test('a code of tax that was read as a digit is left out where decimals are known to be two', () => {
    expect(scanAmounts('4.408', { exponent: 2, point: '.' }).amounts).toMatchObject([{ minor: 440 }])
    expect(scanAmounts('4.408', { exponent: 2 }).amounts).toMatchObject([{ minor: 440800 }])
    expect(scanAmounts('RM CASH 100.000', { exponent: 2, point: '.' }).amounts).toMatchObject([{ minor: 10000 }])
    expect(scanAmounts('BAR 100.000', { exponent: 2, point: ',' }).amounts).toMatchObject([{ minor: 10000000 }])
  })

  test('the decimal sign of a receipt is the one that most amounts have', () => {
    expect(pointOf('1,50 2,50 1.250,00')).toBe(',')
    expect(pointOf('1.50 2.50 1,250.00')).toBe('.')
    expect(pointOf('nothing')).toBeUndefined()
  })
})

const DAYS = `
printed                   | may be
18/03/2018                | 2018-03-18
18-03-2018 12:30          | 2018-03-18
18.03.2018                | 2018-03-18
03/04/2018                | 2018-04-03 2018-03-04
01-03-18                  | 2018-03-01 2018-01-03
2018-03-18                | 2018-03-18
2018/3/8                  | 2018-03-08
2018年3月18日              | 2018-03-18
18/03/201812:30:15        | 2018-03-18
18/03/1812:30             | 2018-03-18
27/06/185:02PM            | 2018-06-27
05 MAR 2018               | 2018-03-05
05MAR2018                 | 2018-03-05
02/Jan/2017               | 2017-01-02
15 Jun 18 08:34:31 PM     | 2018-06-15
June 5, 2018              | 2018-06-05
3. März 2018              | 2018-03-03
24 août 2019              | 2019-08-24
1er janvier 2019          | 2019-01-01
5 de enero de 2019        | 2019-01-05
7 de março de 2019        | 2019-03-07
12 Mac 2019               | 2019-03-12
31 Ogos 2019              | 2019-08-31
9 dicembre 2019           | 2019-12-09
12 mei 2019               | 2019-05-12
18/Ol/2018                | 2018-01-18
l8/O3/2018                | 2018-03-18
24/0712017                | 2017-07-24
20180318                  | 2018-03-18
31/02/2018                |
45/13/2018                |
Tel 03-4162-2318          |
10.50 2.30                |
`

describe('scanDays', () => {
  test.each(rowsOf(DAYS))('%s may be %s', (printed = '', expected = '') => {
    const found = scanDays(printed).flatMap(({ guesses }) => guesses.map(({ day }) => day))
    expect([...new Set(found)].join(' ')).toBe(expected)
  })

  test('months are known by their beginnings, with digits for letters', () => {
    expect(['JAN', '0CT', 'JU1Y', 'JUIL', 'JUIN', 'MRZ', 'DEZ', 'SETEMBRO', 'FOO', 'MA'].map(monthOf)).toEqual([
      1,
      10,
      7,
      7,
      6,
      3,
      12,
      9,
      undefined,
      undefined,
    ])
  })
})

describe('scanClocks', () => {
  test.each([
    ['12:30', '12:30'],
    ['12:30:15', '12:30:15'],
    ['8:05 PM', '20:05'],
    ['12:15 am', '00:15'],
    ['12:15PM', '12:15'],
    ['14h32', '14:32'],
    ['20/03/201812:30', '12:30'],
    ['02/02/20177:31:08PM', '19:31:08'],
    ['4.50 A', '04:50 vague'],
    ['25:00', ''],
    ['12:75', ''],
  ])('%s is %s', (printed, expected) => {
    expect(
      scanClocks(printed)
        .map(({ time, isVague }) => (isVague ? `${time} vague` : time))
        .join(' '),
    ).toBe(expected)
  })

  test('hours apart from minutes by a point are told as vague', () => {
    expect(scanClocks('18.30 Uhr')).toMatchObject([{ time: '18:30', isVague: true }])
  })
})

const WORDS = `
printed                     | words
TOTAL                       | total
T0TAL                       | total
TOTA1                       | total
Tota!                       | total
TOTALAMOUNT                 | total
GrandTotal                  | total
Sub-Total                   | sub
SUBTOTAI                    | sub
Zwischensumme               | sub
ZWISCHENSUMHE               | sub
Rückgeld                    | change
RUCKGELD                    | change
CHANCE                      | change
Espèces                     | cash
CASHIER                     | clerk
CASHEW NUTS                 |
CHOCOLATE TAXI              |
ROUNDING ADJUSIMENT         | rounding
TotalPayable                | due
Total Sales (Inclusive of GST) | total amount included tax
TOTAL EXCL. GST             | total excluded tax
Total Qty                   | count
Jumlah kecil                | sub
IVA incluído                | tax included
`

describe('marksIn', () => {
  test.each(rowsOf(WORDS))('%s says %s', (printed = '', expected = '') => {
    expect(
      marksIn(printed)
        .map(({ word }) => word)
        .join(' '),
    ).toBe(expected)
  })

  test('a mark tells where in the text it stands', () => {
    const text = 'Gesamtbetrag: 12,50  MwSt 19%'
    expect(marksIn(text).map(({ start, end }) => text.slice(start, end))).toEqual(['Gesamtbetrag', 'MwSt'])
  })
})

describe('linesOf', () => {
  const layout = `
MILK                1.20
BREAD        2      3.40
TOTAL               4.60`
  const texts = (page: ReturnType<typeof pageOf>) => linesOf(page).map(({ text }) => text)

  test('pieces become lines from top to bottom whatever order they come in', () => {
    const page = pageOf(layout)
    expect(texts({ ...page, snippets: page.snippets.toReversed() })).toEqual(['MILK  1.20', 'BREAD  2  3.40', 'TOTAL  4.60'])
  })

  test.each([-0.08, -0.04, 0.04, 0.08])('lines that climb by %f stay whole', (slope) => {
    expect(texts(pageOf(layout, { slope }))).toEqual(['MILK  1.20', 'BREAD  2  3.40', 'TOTAL  4.60'])
  })

  test('an amount in tall print stays with its word, and does not draw two lines into one', () => {
    const at = (text: string, x: number, y: number, height: number) => ({ text, confidence: 1, x, y, width: text.length * 10, height })
    const snippets = [at('TOTAL', 0, 100, 20), at('51.30', 200, 85, 40), at('CASH', 0, 130, 20), at('60.00', 200, 130, 20)]
    expect(texts({ engine: 'tesseract', width: 300, height: 200, snippets })).toEqual(['TOTAL  51.30', 'CASH  60.00'])
  })

  test('pieces without text or with a box that is none are left out', () => {
    const at = (text: string, x: number, width: number) => ({ text, confidence: Number.NaN, x, y: 0, width, height: 20 })
    const snippets = [at('A', Number.NaN, 10), at('B', 0, 0), at(' ', 0, 10), at('C', 0, Infinity), at('D', 0, 10)]
    expect(texts({ engine: 'paddle', width: 10, height: 10, snippets })).toEqual(['D'])
  })
})
