// Guarantees of the table reader: columns are proposed from what stands in them, days and figures are read as the file
// proves them or not at all, and the direction of the money is said.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDay, orderOf } from '../../src/domain/import/days.ts'
import { identityOf, MAX_LINES, type ImportDraft, type Total } from '../../src/domain/import/draft.ts'
import { isFigure, markOf, readFigure } from '../../src/domain/import/figures.ts'
import { guessMapping, type TableMapping } from '../../src/domain/import/table-mapping.ts'
import { readTable } from '../../src/domain/import/table.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { formatCsv, parseCsv } from '../../src/platform/csv.ts'
import { currencyOf } from '../support/ledger.ts'

const EUR = currencyOf('EUR')
const cells = (row: string): string[] => row.split('|').map((cell) => cell.trim())
const tableOf = (text: string): string[][] => text.trim().split('\n').map(cells)

const read = (text: string, changes: Partial<TableMapping> = {}): ImportDraft => {
  const { rows } = parseCsv(text)
  return readTable(rows, { ...guessMapping(rows).mapping, ...changes }, { currency: EUR })
}

const said = (draft: ImportDraft): string[] =>
  draft.lines.map((line) => {
    const who = line.kind !== 'payment' && line.payers.length > 0 ? ` by ${line.payers.map(({ person }) => person).join()}` : ''
    return `${line.day} ${line.title} ${line.kind === 'income' ? '+' : '-'}${formatMinor(line.minor, line.currency)} ${line.currency}${who}`
  })

describe('readFigure', () => {
  test.each(
    tableOf(`
    12.50        | 12.5       | no
    12,50        | no         | 12.5
    1,234        | 1234       | 1.234
    1.234,50     | no         | 1234.5
    1,234.50     | 1234.5     | no
    12,34,567.00 | 1234567    | no
    1'234.50     | 1234.5     | no
    1 234,50     | no         | 1234.5
    -5           | -5         | -5
    (5.00)       | -5         | no
    5.00-        | -5         | no
    −5,00        | no         | -5
    €12.50       | 12.5       | no
    $-12.50      | -12.5      | no
    12.50 EUR    | 12.5       | no
    kr. 12,50    | no         | 12.5
    .5           | 0.5        | no
    -0.00        | 0          | no
    007          | 7          | 7
    1,23,4       | no         | no
    1..2         | no         | no
    12.5.3       | no         | no
    --5          | no         | no
    -5-          | no         | no
    5%           | no         | no
    1e5          | no         | no
    0x10         | no         | no
    Infinity     | no         | no
    ١٢           | no         | no
    １２.５       | 12.5       | no
  `),
  )('%s is %s after a point and %s after a comma', (text = '', point, comma) => {
    expect(readFigure(text, '.') ?? 'no').toBe(point)
    expect(readFigure(text, ',') ?? 'no').toBe(comma)
  })

  test.each(['EUR 12.50', 'US$ 3', 'kr 100', 'kr. 12,50', '12,50 €', '3000円', 'R$5', '5 PLN', '12.50 CR', '-€ 4', 'Rs. 1,200'])(
    '%s is a figure with its currency',
    (text) => expect(isFigure(text)).toBe(true),
  )
  test.each(['Row 1', 'Tea2', '2 Teas', 'Top 10', 'A4', 'Nr. 7', 'Q1', '5 km2', ''])('%s is a word or nothing', (text) =>
    expect(isFigure(text)).toBe(false),
  )

  test('the figures of a file tell its style together', () => {
    expect(markOf(['1,234', '5', '12,5'])).toEqual({ mark: ',', isMixed: false, either: '1,234' })
    expect(markOf(['1,234', '5'])).toEqual({ isMixed: false, either: '1,234' })
    expect(markOf(['1,234,567', '1.234'])).toEqual({ mark: '.', isMixed: false, either: '1.234' })
    expect(markOf(['0,125'])).toEqual({ mark: ',', isMixed: false })
    expect(markOf(['1.5', '1,5'])).toMatchObject({ isMixed: true })
  })

  test('any amount is read back from any style', () => {
    const styles = fc.record({ mark: fc.constantFrom('.' as const, ',' as const), by: fc.constantFrom('', ' ', "'", 'other') })
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), styles, (minor, { mark, by }) => {
        const [whole = '', fraction] = formatMinor(minor, EUR).split('.')
        const between = by === 'other' ? (mark === '.' ? ',' : '.') : by
        const text = `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, between)}${mark}${fraction}`
        expect(Number(readFigure(text, mark)) * 100).toBeCloseTo(minor, 1)
      }),
    )
  })
})

describe('readDay', () => {
  test.each(
    tableOf(`
    2026-11-20             | 2026-11-20 | 2026-11-20
    2026-11-20T10:30:00Z   | 2026-11-20 | 2026-11-20
    2026/1/2 10:30         | 2026-01-02 | 2026-01-02
    20261120               | 2026-11-20 | 2026-11-20
    2026年1月2日            | 2026-01-02 | 2026-01-02
    03/04/2026             | 2026-04-03 | 2026-03-04
    3.4.26                 | 2026-04-03 | 2026-03-04
    13/04/2026             | 2026-04-13 | no
    04/13/2026             | no         | 2026-04-13
    1/ 2/98                | 1998-02-01 | 1998-01-02
    1/2'26                 | 2026-02-01 | 2026-01-02
    1/2' 6                 | 2006-02-01 | 2006-01-02
    20 Nov 2026            | 2026-11-20 | 2026-11-20
    20-Nov-26              | 2026-11-20 | 2026-11-20
    Nov 20, 2026           | 2026-11-20 | 2026-11-20
    20. März 2026          | 2026-03-20 | 2026-03-20
    3 de marzo de 2026     | 2026-03-03 | 2026-03-03
    2026-02-30             | no         | no
    30/02/2026             | no         | no
    1/2/3                  | no         | no
    yesterday              | no         | no
    1/2-2026               | no         | no
  `),
  )('%s is %s day first and %s month first', (text = '', dayFirst, monthFirst) => {
    expect(readDay(text, 'day_first') ?? 'no').toBe(dayFirst)
    expect(readDay(text, 'month_first') ?? 'no').toBe(monthFirst)
  })

  test('the days of a file tell their order together, or are said to be ambiguous', () => {
    expect(orderOf(['03/04/2026', '20/04/2026'])).toEqual({ order: 'day_first' })
    expect(orderOf(['03/04/2026', '04/20/2026'])).toEqual({ order: 'month_first' })
    expect(orderOf(['03/04/2026', '05/06/2026'])).toEqual({ ambiguous: '03/04/2026' })
    expect(orderOf(['03.04.2026', '05.06.2026'])).toEqual({ order: 'day_first' })
    expect(orderOf(['04/04/2026'])).toEqual({ order: 'day_first' })
    expect(orderOf(['2026-04-03', 'x'])).toEqual({ order: 'iso' })
    expect(orderOf(['03/04/2026', '20/04/2026', '04/20/2026'])).toEqual({ ambiguous: '03/04/2026' })
  })
})

describe('guessMapping', () => {
  // File, and the columns that are proposed by place.
  test.each([
    [
      'English',
      'Date,Description,Amount,Currency,Category,Notes\n2026-01-02,Shop,-4.00,EUR,Food,x',
      { date: 0, title: 1, amount: 2, currency: 3, category: 4, notes: 5 },
    ],
    [
      'German bank',
      'Buchungstag;Valuta;Verwendungszweck;Betrag;Währung;Saldo\n02.01.2026;02.01.2026;Miete;-400,00;EUR;600,00\n03.01.2026;03.01.2026;Lohn;1.400,00;EUR;2.000,00',
      { date: 0, title: 2, amount: 3, currency: 4 },
    ],
    [
      'French bank',
      'Date;Libellé;Débit;Crédit\n02/01/2026;Loyer;400,00;\n13/01/2026;Salaire;;1400,00',
      { date: 0, title: 1, debit: 2, credit: 3 },
    ],
    [
      'Spanish',
      'Fecha;Concepto;Importe;Divisa;Pagado por\n13/01/2026;Cena;12,50;EUR;Ann',
      { date: 0, title: 1, amount: 2, currency: 3, paidBy: 4 },
    ],
    [
      'Dutch bank with directions',
      'Datum,Naam,Af Bij,Bedrag (EUR)\n20260102,Huur,Af,"400,00"\n20260103,Loon,Bij,"1400,00"',
      { date: 0, title: 1, direction: 2, amount: 3 },
    ],
    ['Dutch bank', 'Datum,Naam,Af,Bij\n20260102,Huur,"400,00",\n20260103,Loon,,"1400,00"', { date: 0, title: 1, debit: 2, credit: 3 }],
    ['Japanese', '日付,摘要,金額,メモ\n2026年1月2日,寿司,3000,昼', { date: 0, title: 1, amount: 2, notes: 3 }],
    [
      'Polish',
      'Data;Opis;Kwota;Waluta;Kategoria\n2026-01-02;Obiad;-12,50;PLN;Jedzenie',
      { date: 0, title: 1, amount: 2, currency: 3, category: 4 },
    ],
    ['no headings', '2026-01-02,Shop,-4.00\n2026-01-03,Pub,-5.00', { date: 0, title: 1, amount: 2 }],
    ['unknown headings', 'a,b,c\n2026-01-02,Corner shop,-4.00\n2026-01-03,Pub,-5.00', { date: 0, title: 1, amount: 2 }],
    ['a preamble', 'Account 123\nFrom,2026\n\nDate,Description,Amount\n2026-01-02,Shop,-4.00', { date: 0, title: 1, amount: 2 }],
  ])('%s', (_name, text, expected) => {
    const { mapping, confidence, missing } = guessMapping(parseCsv(text).rows)
    expect(mapping.columns).toMatchObject(expected)
    if (Object.keys(expected).length > 2) expect(missing).toEqual([])
    for (const score of Object.values(confidence)) expect(score).toBeGreaterThanOrEqual(0.4)
  })

  test.each([
    ['words with numbers', 'Row 1', 'Tea2', 'Row 2'],
    ['numbers of an order', '1001', '1002', '1003'],
    ['rooms', 'Top 10', '2 Teas', 'Gate 4'],
  ])('a title that looks like figures is found below its heading: %s', (_, ...titles) => {
    const text = `Date,Description,Amount\n${titles.map((title, i) => `2026-01-0${i + 1},${title},-${i + 1}.50`).join('\n')}`
    const { mapping, missing } = guessMapping(parseCsv(text).rows)
    expect([mapping.columns, missing]).toEqual([{ date: 0, title: 1, amount: 2 }, []])
    expect(read(text).lines.map(({ title }) => title)).toEqual(titles)
  })

  test('what is shown of headings is cut', () => {
    const { headings } = guessMapping([['Date', ...Array<string>(250).fill('x'.repeat(500))]])
    expect([headings.length, headings[1]]).toEqual([200, 'x'.repeat(100)])
  })

  test('what a table cannot be read without is told', () => {
    expect(guessMapping([]).missing).toEqual(['date', 'title', 'amount'])
    expect(guessMapping(parseCsv('a,b\nx,y').rows).missing).toContain('date')
  })
})

describe('readTable', () => {
  test('a bank writes what was spent as negative', () => {
    const draft = read('Date,Payee,Amount\n2026-01-02,Shop,-4.00\n2026-01-03,Work,"1,000.00"\n\n2026-01-04,Shop,-4.00')
    expect(said(draft)).toEqual(['2026-01-02 Shop -4.00 EUR', '2026-01-03 Work +1000.00 EUR', '2026-01-04 Shop -4.00 EUR'])
    expect(draft.totals).toEqual([{ currency: 'EUR', lines: 3, expenses: 800, income: 100_000, payments: 0 }])
    expect(draft.faults).toMatchObject([
      { code: 'SIGN_ASSUMED', column: 'Amount', message: expect.stringContaining('Negative amounts were read as spent') },
    ])
  })

  test('a list of expenses has nothing negative', () => {
    const text = 'Date,What,Cost,Currency,Paid by,Category\n2026-01-02,Dinner,40,EUR,Ann,Food\n2026-01-03,Taxi,"1,500",JPY,Bob,'
    const draft = read(text)
    expect(said(draft)).toEqual(['2026-01-02 Dinner -40.00 EUR by Ann', '2026-01-03 Taxi -1500 JPY by Bob'])
    expect(draft.people).toEqual([{ ref: 'Ann', name: 'Ann' }, { ref: 'Bob', name: 'Bob' }]) // oxfmt-ignore
    expect(draft.lines[0]).toMatchObject({ category: 'Food', shares: [] })
    expect(said(read(text, { sign: 'negative_is_expense' }))[0]).toBe('2026-01-02 Dinner +40.00 EUR by Ann')
  })

  test('debit and credit have a column each, whatever sign they are written with', () => {
    const text =
      'Date;Libellé;Débit;Crédit\n13/01/2026;a;-4,00;\n14/01/2026;b;;5,00\n15/01/2026;c;-1,00;0,00\n16/01/2026;back;2,00;\n17/01/2026;both;-1,00;1,00'
    const draft = read(text)
    expect(said(draft)).toEqual(['2026-01-13 a -4.00 EUR', '2026-01-14 b +5.00 EUR', '2026-01-15 c -1.00 EUR', '2026-01-16 back +2.00 EUR'])
    expect(draft.faults).toMatchObject([{ code: 'TWO_AMOUNTS', row: 6, column: 'Crédit' }])
  })

  test('a column may say in a word which way the money went', () => {
    const draft = read('Datum,Naam,Af Bij,Bedrag (EUR)\n20260102,Huur,Af,"400,00"\n20260103,Loon,Bij,"1.400,00"\n20260104,x,?,"1,00"', {
      columns: { date: 0, title: 1, direction: 2, amount: 3 },
    })
    expect(said(draft)).toEqual(['2026-01-02 Huur -400.00 EUR', '2026-01-03 Loon +1400.00 EUR'])
    expect(draft.faults).toMatchObject([{ code: 'UNKNOWN_DIRECTION', row: 4, column: 'Af Bij', got: '?' }])
  })

  test('more lines and faults than are taken are counted', () => {
    const row = '2026-01-02,x,-1.00\n'
    const long = read(`Date,What,Amount\n${row.repeat(MAX_LINES + 5)}`)
    expect(long.lines).toHaveLength(MAX_LINES)
    expect(long.totals).toMatchObject([{ lines: MAX_LINES } satisfies Partial<Total>])
    expect(long.faults).toMatchObject([
      { code: 'TOO_MANY_LINES', message: '5 lines are beyond what one import takes' },
      { code: 'SIGN_ASSUMED' },
    ])
    const wrong = read(`Date,What,Amount\n${row}${'2026-01-02,x,one\n'.repeat(300)}`, { columns: { date: 0, title: 1, amount: 2 } })
    expect(wrong.faults).toHaveLength(200)
    expect(wrong.faults.at(-1)).toMatchObject({
      severity: 'error',
      code: 'MORE_FAULTS',
      message: '102 more are not shown; 300 of all are errors',
    })
  })

  test('an order of dates that nothing tells is asked for, never guessed', () => {
    const text = 'Date,What,Amount\n03/04/2026,Shop,-4.00\n05/06/2026,Shop,-5.00'
    expect(read(text)).toMatchObject({
      lines: [],
      faults: [{ code: 'AMBIGUOUS_DATES', severity: 'error', column: 'Date', got: '03/04/2026' }],
    })
    expect(said(read(text, { dates: 'day_first' }))[0]).toContain('2026-04-03')
    expect(said(read(text, { dates: 'month_first' }))[0]).toContain('2026-03-04')
  })

  test('the style of figures can be said where the file does not tell', () => {
    const text = 'Date;What;Amount\n2026-01-02;Shop;-1,234'
    expect(said(read(text))).toEqual(['2026-01-02 Shop -1234.00 EUR'])
    expect(read(text).faults.map((fault) => fault.code)).toContain('NUMBER_FORMAT_ASSUMED')
    expect(read(text, { decimals: 'comma' }).faults).toMatchObject([
      { code: 'SIGN_ASSUMED' },
      { code: 'TOO_PRECISE', row: 2, column: 'Amount', got: '-1,234' },
    ])
  })

  test.each([
    ['INVALID_DATE', 'x,Shop,-4.00,EUR', 'Date'],
    ['INVALID_AMOUNT', '2026-01-02,Shop,four,EUR', 'Amount'],
    ['NO_AMOUNT', '2026-01-02,Shop,,EUR', 'Amount'],
    ['TOO_PRECISE', '2026-01-02,Shop,-4.005,EUR', 'Amount'],
    ['TOO_LARGE', '2026-01-02,Shop,-99999999999999,EUR', 'Amount'],
    ['UNKNOWN_CURRENCY', '2026-01-02,Shop,-4.00,XXX', 'Currency'],
    ['NO_MONEY', '2026-01-02,Shop,0.00,EUR', 'Amount'],
    ['NOT_A_LINE', ',end of list,,', undefined],
  ])('a row that is off is told and the others are read: %s', (code, row, column) => {
    const draft = read(`Date,Payee,Amount,Currency\n2026-01-01,a,-1.00,EUR\n${row}\n2026-01-03,b,-1.00,EUR`)
    expect(draft.faults.find((fault) => fault.code === code)).toMatchObject({ row: 3, ...(column !== undefined && { column }) })
    expect(draft.lines.map((line) => line.title)).toEqual(['a', 'b'])
  })

  test('a mapping without what it needs is told', () => {
    expect(
      readTable([['a']], { columns: {}, dates: 'auto', decimals: 'auto', sign: 'auto' }, { currency: EUR }).faults.map(
        ({ column }) => column,
      ),
    ).toEqual(['date', 'title', 'amount, or debit and credit'])
  })

  test('twins are kept apart, and a longer file adds one more', () => {
    const head = 'Date,Payee,Amount\n'
    const coffee = '2026-01-02,Coffee,-2.50\n'
    const two = read(head + coffee.repeat(2)).lines.map(identityOf)
    const three = read(head + coffee.repeat(3)).lines.map(identityOf)
    expect(new Set(two).size).toBe(2)
    expect(three.filter((identity) => !two.includes(identity))).toHaveLength(1)
  })

  test('never throws, whatever the rows and the mapping', () => {
    const column = fc.option(fc.integer({ min: -2, max: 6 }), { nil: undefined })
    const cell = fc.oneof(fc.string(), fc.constantFrom('2026-01-02', '1,5', '-3', 'EUR', ''))
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 }),
        fc.array(column, { minLength: 5, maxLength: 5 }),
        (rows, [date, title, amount, debit, currency]) => {
          guessMapping(rows)
          const all = { date, title, amount, debit, currency }
          const columns = Object.fromEntries(Object.entries(all).filter(([, at]) => at !== undefined))
          readTable(rows, { columns, dates: 'auto', decimals: 'auto', sign: 'auto' }, { currency: EUR })
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('parseCsv', () => {
  test.each([
    ['a,b\n1,2', [['a', 'b'], ['1', '2']]],
    ['\uFEFFa;b\r\n1,5;2\r\n', [['a', 'b'], ['1,5', '2']]],
    ['a\tb\n"x\ty"\t2\n', [['a', 'b'], ['x\ty', '2']]],
    ['sep=;\na;b', [[''], ['a', 'b']]],
    ['a,b\n\n1,2\n', [['a', 'b'], [''], ['1', '2']]],
    ['"a ""b""",c\n"1\n2",3', [['a "b"', 'c'], ['1\n2', '3']]],
  ])('%j', (text, rows) => {
    expect(parseCsv(text).rows).toEqual(rows)
  }) // oxfmt-ignore

  test('a quoted cell without an end is told', () => {
    expect(parseCsv('a,b\n"1,2')).toMatchObject({ openQuote: 1, rows: [['a', 'b'], ['1,2']] })
  })

  test.each([
    ['a\r\nb\r\n\r\n', [['a'], ['b'], ['']]],
    ['a,b\r1,2\r', [['a', 'b'], ['1', '2']]],
    ['a,\n,\n', [['a', ''], ['', '']]],
    ['"a" ,"b"x,c"\n1', [['a', 'b"x,c'], ['1']]],
    ['a"b,c\n"",""', [['a"b', 'c'], ['', '']]],
    ['', []],
  ])('leniently: %j', (text, rows) => {
    expect(parseCsv(text).rows).toEqual(rows)
  }) // oxfmt-ignore

  test('any cells are read back as they were written', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', ';', '"', '\n', '\r', ' ', '\t', '=', '€'), maxLength: 6 })
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
        const text = `sep=,\r\n${formatCsv(rows)}`
        expect(parseCsv(text).rows.slice(1)).toEqual(rows)
      }),
    )
  })

  const MANY = 10_000_000
  test.each([
    ['commas alone', ','.repeat(MANY), 0],
    ['a heading and a row of commas', `${','.repeat(MANY / 2)}\n${','.repeat(MANY / 2)}`, 0],
    ['commas behind a quote that is closed oddly', `a,b\n"a"\r",${','.repeat(MANY)}`, 1],
    ['rows that are too many together', `${',x'.repeat(199)}\n`.repeat(MANY / 400), 10_000],
  ])('too many cells are refused at once: %s', (_, text, row) => {
    const start = performance.now()
    expect(parseCsv(text)).toMatchObject({ rows: [], tooWide: { row } })
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test('a row may have 300 cells', () => {
    expect(parseCsv(`${','.repeat(299)}\n`.repeat(3)).rows.map((cells) => cells.length)).toEqual([300, 300, 300])
    expect(parseCsv(`a,b\n${','.repeat(300)}`)).toMatchObject({ rows: [], tooWide: { row: 1, cells: 300 } })
  })
})
