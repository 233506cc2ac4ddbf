// Guarantees of the Splitwise reader: every member's net is that of the file, to the minor unit, in any language,
// separator and number format; what can't be read is told; and a file read again adds nothing.
import { describe, expect, test } from 'vitest'
import { identityOf, isClean, type ImportDraft, type ImportLine } from '../../src/domain/import/draft.ts'
import { readSplitwise } from '../../src/domain/import/splitwise.ts'
import { isSplitwise } from '../../src/domain/import/splitwise-columns.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { parseCsv } from '../../src/platform/csv.ts'
import { readFile } from '../../src/services/read-import.ts'
import { netsOf } from '../support/imports.ts'
import { currencyOf } from '../support/ledger.ts'

const read = (text: string): ImportDraft => readSplitwise(parseCsv(text).rows)

/** A line as a reader of money says it. */
function said(line: ImportLine): string {
  const amount = (minor: number): string => formatMinor(minor, line.currency)
  const head = `${line.day} ${line.title} ${amount(line.minor)} ${line.currency}`
  if (line.kind === 'payment') return `${head}: ${line.from} paid ${line.to}`
  const part = (portions: typeof line.payers): string => portions.map((one) => `${one.person} ${amount(one.minor)}`).join(', ')
  return `${head}: ${line.kind === 'income' ? 'to' : 'by'} ${part(line.payers)} for ${part(line.shares)}`
}

const ENGLISH = `Date,Description,Category,Cost,Currency,Ann,Bob,Cleo

2026-01-02,Dinner,Dining out,90.00,EUR,60.00,-30.00,-30.00
2026-01-03,"Taxi, late",Taxi,25.00,EUR,-12.49,25.00,-12.51
2026-01-04,Boat,General,100.00,EUR,35.00,15.00,-50.00
2026-01-05,Deposit back,General,-30.00,EUR,10.00,10.00,-20.00
2026-01-06,Bob paid Ann,Payment,20.00,EUR,-20.00,20.00,0.00
2026-01-07,Sushi,Dining out,3000,JPY,-1500,-1500,3000
2026-01-08,All for Bob,Gifts,7.00,EUR,7.00,-7.00,0.00

2026-01-09,Total balance, , ,EUR,79.51,33.00,-112.51
2026-01-09,Total balance, , ,JPY,-1500,-1500,3000
`

describe('readSplitwise', () => {
  test('an export with uneven splits, several payers, a refund, a payment and two currencies', () => {
    const draft = read(ENGLISH)
    expect(draft.lines.map(said)).toEqual([
      '2026-01-02 Dinner 90.00 EUR: by Ann 90.00 for Ann 30.00, Bob 30.00, Cleo 30.00',
      '2026-01-03 Taxi, late 25.00 EUR: by Bob 25.00 for Ann 12.49, Cleo 12.51',
      '2026-01-04 Boat 100.00 EUR: by Ann 60.00, Bob 40.00 for Ann 25.00, Bob 25.00, Cleo 50.00',
      '2026-01-05 Deposit back 30.00 EUR: to Cleo 30.00 for Cleo 10.00, Ann 10.00, Bob 10.00',
      '2026-01-06 Bob paid Ann 20.00 EUR: Bob paid Ann',
      '2026-01-07 Sushi 3000 JPY: by Cleo 3000 for Ann 1500, Bob 1500',
      '2026-01-08 All for Bob 7.00 EUR: by Ann 7.00 for Bob 7.00',
    ])
    expect(netsOf(draft.lines)).toEqual({
      'Ann EUR': 7951, 'Ann JPY': -1500, 'Bob EUR': 3300, 'Bob JPY': -1500, 'Cleo EUR': -11251, 'Cleo JPY': 3000,
    }) // oxfmt-ignore
    expect(draft.faults).toEqual([])
    expect(draft.checks.every((check) => check.isMet)).toBe(true)
    expect(draft.checks).toHaveLength(6)
    expect(draft.totals).toEqual([
      { currency: 'EUR', lines: 6, expenses: 22200, income: 3000, payments: 2000 },
      { currency: 'JPY', lines: 1, expenses: 3000, income: 0, payments: 0 },
    ])
    expect(draft.lines[1]).toMatchObject({ line: 4, category: 'Taxi', raw: { Description: 'Taxi, late', Cost: '25.00', Ann: '-12.49' } })
  })

  // Headings and the words for a payment and for the total; the rows are the same.
  test.each(
    `
    English    | Date;Description;Category;Cost;Currency                  | Payment     | Total balance
    French     | Date;Description;Catégorie;Coût;Devise                   | Paiement    | Solde total
    German     | Datum;Beschreibung;Kategorie;Kosten;Währung              | Zahlung     | Gesamtsaldo
    Spanish    | Fecha;Descripción;Categoría;Coste;Moneda                 | Pago        | Saldo total
    Portuguese | Data;Descrição;Categoria;Custo;Moeda                     | Pagamento   | Saldo total
    Italian    | Data;Descrizione;Categoria;Costo;Valuta                  | Pagamento   | Saldo totale
    Dutch      | Datum;Omschrijving;Categorie;Kosten;Valuta               | Betaling    | Totaalsaldo
    Polish     | Data;Opis;Kategoria;Koszt;Waluta                         | Płatność    | Saldo całkowite
    Swedish    | Datum;Beskrivning;Kategori;Kostnad;Valuta                | Betalning   | Totalt saldo
    Czech      | Datum;Popis;Kategorie;Náklady;Měna                       | Platba      | Celkový zůstatek
    Turkish    | Tarih;Açıklama;Kategori;Tutar;Para birimi                | Ödeme       | Toplam bakiye
    Russian    | Дата;Описание;Категория;Стоимость;Валюта                 | Платёж      | Общий баланс
    Japanese   | 日付;説明;カテゴリー;費用;通貨                             | 支払い       | 合計残高
    Klingon    | jaj;QIjmeH;Segh;waQ;Huch                                 | DIl         | Hoch
  `
      .trim()
      .split('\n')
      .map((row) => row.split('|').map((cell) => cell.trim())),
  )('the headings may be in %s', (_language, headings = '', payment = '', total = '') => {
    for (const [by, mark] of [';,', ',.', '\t,', ';.', ',,']) {
      const cell = (text: string): string => {
        const written = /^-?\d+\.\d\d$/.test(text) ? text.replace('.', mark ?? '.') : text
        return by !== undefined && written.includes(by) ? `"${written}"` : written
      }
      const rows = [
        ...[`${headings};Ann;Bob`, '', '2026-01-02;Wein;Essen;1234.50;EUR;617.25;-617.25'],
        ...[`2026-01-03;x;${payment};17.25;EUR;-17.25;17.25`, '', `2026-01-03;${total}; ; ;EUR;600.00;-600.00`],
      ]
      const text = rows.map((row) => row.split(';').map(cell).join(by)).join('\r\n')
      const draft = read(`\uFEFF${text}\r\n`)
      expect(draft.lines.map(said)).toEqual([
        '2026-01-02 Wein 1234.50 EUR: by Ann 1234.50 for Ann 617.25, Bob 617.25',
        '2026-01-03 x 17.25 EUR: Bob paid Ann',
      ])
      expect(draft.faults.filter((fault) => fault.severity === 'error')).toEqual([])
      expect(isClean(draft)).toBe(true)
    }
  })

  test.each([
    ['NETS_DO_NOT_ADD_UP', '2026-01-02,x,General,10.00,EUR,5.00,-4.00', { row: 3, got: '1.00', difference: '1.00' }],
    ['NETS_EXCEED_COST', '2026-01-02,x,General,10.00,EUR,12.00,-12.00', { row: 3, expected: 'at most 10.00', got: '12.00' }],
    ['NETS_EXCEED_COST', '2026-01-02,x,General,0.00,EUR,1.00,-1.00', { row: 3 }],
    ['INVALID_DATE', 'soon,x,General,10.00,EUR,5.00,-5.00', { row: 3, column: 'Date', got: 'soon' }],
    ['INVALID_DATE', '2026-02-30,x,General,10.00,EUR,5.00,-5.00', { row: 3, column: 'Date', got: '2026-02-30' }],
    ['UNKNOWN_CURRENCY', '2026-01-02,x,General,10.00,BTC,5.00,-5.00', { row: 3, column: 'Currency', got: 'BTC' }],
    ['INVALID_AMOUNT', '2026-01-02,x,General,ten,EUR,5.00,-5.00', { row: 3, column: 'Cost', got: 'ten' }],
    ['INVALID_AMOUNT', '2026-01-02,x,General,10.00,EUR,5.00,-5.00x$2', { row: 3, column: 'Bob' }],
    ['TOO_PRECISE', '2026-01-02,x,General,10.001,EUR,5.00,-5.00', { row: 3, column: 'Cost', expected: 'at most 2 decimals' }],
    ['TOO_LARGE', '2026-01-02,x,General,99999999999.00,EUR,5.00,-5.00', { row: 3, column: 'Cost' }],
    ['NO_MONEY', '2026-01-02,x,General,10.00,EUR,0.00,0.00', { row: 3, severity: 'notice' }],
  ])('a row that is off is told: %s', (code, row, where) => {
    const draft = read(
      `Date,Description,Category,Cost,Currency,Ann,Bob\n\n${row}\n2026-01-03,y,General,4.00,EUR,2.00,-2.00\n2026-01-04,z,General,4.00,EUR,2.00,-2.00`,
    )
    expect(draft.faults.find((fault) => fault.code === code)).toMatchObject(where)
    expect(draft.lines.map((line) => line.title)).toEqual(['y', 'z'])
  })

  test('a total that the rows do not come to is a check that is not met, with the difference', () => {
    const draft = read(ENGLISH.replace('2026-01-02,Dinner,Dining out,90.00,EUR,60.00,-30.00,-30.00\n', ''))
    expect(isClean(draft)).toBe(false)
    expect(draft.checks.filter((check) => !check.isMet)).toEqual([
      { what: 'net', person: 'Ann', row: 10, currency: 'EUR', expected: '79.51', got: '19.51', difference: '-60.00', isMet: false },
      { what: 'net', person: 'Bob', row: 10, currency: 'EUR', expected: '33.00', got: '63.00', difference: '30.00', isMet: false },
      { what: 'net', person: 'Cleo', row: 10, currency: 'EUR', expected: '-112.51', got: '-82.51', difference: '30.00', isMet: false },
    ])
  })

  test('payments are known again in another language, in which Splitwise describes them otherwise; expenses by their description', () => {
    const rows = (paid: string, kind: string, dinner: string): ImportLine[] => [
      ...read(
        `Date,Description,Category,Cost,Currency,Ann,Bob
2026-01-02,${dinner},Food,9.00,EUR,4.50,-4.50
2026-01-03,${paid},${kind},20.00,EUR,-20.00,20.00
2026-01-03,${paid},${kind},20.00,EUR,-20.00,20.00
2026-01-03,${paid},${kind},20.00,EUR,20.00,-20.00`,
      ).lines,
    ]
    const english = rows('Bob paid Ann', 'Payment', 'Dinner')
    const german = rows('Bob hat Ann bezahlt', 'Zahlung', 'Dinner')
    expect(english.map(({ kind }) => kind)).toEqual(['expense', 'payment', 'payment', 'payment'])
    expect(german.map(identityOf)).toEqual(english.map(identityOf))
    expect(new Set(english.map(identityOf)).size).toBe(4)
    expect(identityOf(rows('x', 'Payment', 'Supper')[0] as ImportLine)).not.toBe(identityOf(english[0] as ImportLine))
    const ofGift = (more: string) => read(`Datum;B;K;Kosten;W;Ann;Bob\n2026-01-02;Buch;Geschenk;7;EUR;7;-7${more}`).lines[0] as ImportLine
    const [alone, later] = [ofGift(''), ofGift('\n2026-01-03;x;Zahlung;2;EUR;-2;2')]
    expect([alone.kind, later.kind, identityOf(alone)]).toEqual(['payment', 'expense', identityOf(later)])
  })

  test('a currency without a total is told', () => {
    const draft = read(ENGLISH.replace(/.*JPY,-1500,-1500,3000\n$/, ''))
    expect(draft.faults).toMatchObject([{ severity: 'notice', code: 'NO_TOTAL', expected: 'a total in JPY' }])
  })

  test('nets finer than a cent are rounded so that rows sum to zero and nobody drifts', () => {
    const rows = Array.from({ length: 500 }, (_, i) => `2026-01-02,Taxi ${i},Taxi,10.01,EUR,5.005,-2.5025,-2.5025`)
    const draft = read(
      ['Date,Description,Category,Cost,Currency,Ann,Bob,Cleo', ...rows, 'x,Total balance, , ,EUR,2502.5,-1251.25,-1251.25'].join('\n'),
    )
    expect(isClean(draft)).toBe(true)
    expect(netsOf(draft.lines)).toEqual({ 'Ann EUR': 250250, 'Bob EUR': -125125, 'Cleo EUR': -125125 })
  })

  test('thousands in any style, in brackets and with signs behind', () => {
    const of = (row: string): ImportLine[] => [...read(`Date;D;C;Cost;Cur;Ann;Bob\n${row}\n2026-01-03;y;C;4,50;EUR;2,25;-2,25`).lines]
    for (const [cost, half] of [
      ['1.234,50', '617,25'],
      ['1 234,50', '617,25'],
      ['1\u202f234,50', '617,25'],
      ["1'234,50", '617,25'],
      ['€ 1.234,50', '617,25'],
    ]) {
      for (const minus of [`-${half}`, `(${half})`, `${half}-`, `−${half}`]) {
        expect(of(`2026-01-02;x;C;${cost};EUR;${half};${minus}`)[0]).toMatchObject({
          minor: 123450,
          payers: [{ person: 'Ann', minor: 123450 }],
        })
      }
    }
  })

  test('where figures could be thousands or decimals, the reading that sums to zero is taken', () => {
    const draft = read('Date,D,C,Cost,Cur,Ann,Bob,Cleo\n2026-01-02,x,C,"3,000",JPY,"1,500",-500,"-1,000"')
    expect(draft.lines[0]).toMatchObject({ minor: 3000 })
    expect(draft.faults.map((fault) => fault.code)).toEqual(['NO_TOTAL'])
    const dinars = read('Date,D,C,Cost,Cur,Ann,Bob\n2026-01-02,x,C,"3,000",KWD,"1,500","-1,500"')
    expect(dinars.lines[0]).toMatchObject({ minor: 3_000_000 })
    expect(dinars.faults.map((fault) => fault.code)).toContain('NUMBER_FORMAT_ASSUMED')
  })

  test('line breaks in cells keep the numbers of the lines right', () => {
    const draft = read(
      'Date,Description,Category,Cost,Currency,Ann,Bob\n2026-01-02,"Dinner\nand\nwine",General,4.00,EUR,2.00,-2.00\n2026-01-03,y,General,4.00,EUR,2.00,-2.00',
    )
    expect(draft.lines.map(({ line, title }) => [line, title])).toEqual([[2, 'Dinner and wine'], [5, 'y']]) // oxfmt-ignore
  })

  test('members of one name are told apart, a column without a heading is called after its place', () => {
    const draft = read('Date,Description,Category,Cost,Currency,Ann,Ann,\n2026-01-02,x,General,6.00,EUR,4.00,-2.00,-2.00')
    expect(draft.people).toEqual([{ ref: 'Ann', name: 'Ann' }, { ref: 'Ann (2)', name: 'Ann' }, { ref: 'Person 3', name: 'Person 3' }]) // oxfmt-ignore
  })

  test('dates that could be two days are told, and read when it is said which', () => {
    const rows = parseCsv('Date,Description,Category,Cost,Currency,Ann,Bob\n03/04/2026,x,General,4.00,EUR,2.00,-2.00').rows
    expect(readSplitwise(rows)).toMatchObject({
      lines: [],
      faults: [{ code: 'AMBIGUOUS_DATES', got: '03/04/2026', expected: 'to be told which: 2026-04-03 or 2026-03-04' }],
    })
    expect(readSplitwise(rows, { dates: 'day_first' }).lines[0]?.day).toBe('2026-04-03')
  })

  test.each([
    ['nothing', ''],
    ['blank lines', '\n\n\n'],
    ['a bank file', 'Date,Amount,Payee\n2026-01-02,-4.00,Shop'],
    ['no headings', '2026-01-02,x,General,4.00,EUR,2.00,-2.00\n2026-01-02,x,General,4.00,EUR,2.00,-2.00'],
    ['prose', 'Lorem ipsum dolor sit amet, consectetur.\nSed do eiusmod, tempor.'],
    ['one long line', 'a'.repeat(1_000_000)],
    ['a quote without an end', `Date,"${'x,\n'.repeat(100_000)}`],
    ['only commas', `${','.repeat(1000)}\n`.repeat(100)],
  ])('what is no export of Splitwise is told: %s', (_name, text) => {
    const { rows } = parseCsv(text)
    expect(isSplitwise(rows)).toBe(false)
    expect(readSplitwise(rows)).toMatchObject({ lines: [], faults: [{ severity: 'error', row: expect.any(Number) }] })
  })

  test.each(['splitwise', 'table', undefined] as const)('a file with too many columns is refused as a whole, as %s', (source) => {
    const bytes = new TextEncoder().encode(`Date,Description,Category,Cost,Currency${',Ann'.repeat(5_000_000)}\n2026-01-02`)
    const { draft } = readFile(bytes, source === undefined ? {} : { source }, currencyOf('EUR'), '2026-11-20')
    const expected = 'at most 300 in a row and 2000000 in all'
    expect(draft).toMatchObject({
      lines: [],
      faults: [{ severity: 'error', code: 'TOO_MANY_COLUMNS', row: 1, expected, got: 'more than 300 in this row' }],
    })
    expect(draft.faults).toHaveLength(1)
  })

  test('an export of a group without expenses has people and no lines', () => {
    expect(read('Date,Description,Category,Cost,Currency,Ann,Bob\n')).toMatchObject({
      people: [{ ref: 'Ann' }, { ref: 'Bob' }],
      lines: [],
      faults: [],
    })
  })
})
