// Guarantees of the bank readers: OFX and QIF as banks write them, and no file, however hostile, does more than fault.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bankFormatOf, readBank } from '../../src/domain/import/bank.ts'
import { identityOf, type ImportDraft } from '../../src/domain/import/draft.ts'
import { ofxDay } from '../../src/domain/import/ofx.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { currencyOf } from '../support/ledger.ts'

const context = { currency: currencyOf('USD') }
const read = (text: string): ImportDraft => readBank(text, context)
const said = (draft: ImportDraft): string[] =>
  draft.lines.map(
    (line) => `${line.day} ${line.title} ${line.kind === 'income' ? '+' : '-'}${formatMinor(line.minor, line.currency)} ${line.currency}`,
  )
const codes = (draft: ImportDraft): string[] => draft.faults.map((fault) => fault.code)

const SGML = `OFXHEADER:100
DATA:OFXSGML
VERSION:102
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>1<ACCTID>DE1<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260131
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260102120000.000[-5:EST]<TRNAMT>-12.50<FITID>A1<NAME>B&amp;B <3 AT&T<MEMO>card 1</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260103<TRNAMT>+1000,00<FITID>A2<NAME>Work</STMTTRN>
<STMTTRN><TRNTYPE>POS<DTPOSTED>20260104<TRNAMT>-3.00<FITID>A3<CURRENCY><CURRATE>1.1<CURSYM>GBP</CURRENCY><MEMO>Pub</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`

const statement = (...transactions: string[]): string =>
  `<OFX><CURDEF>EUR<ACCTID>1<BANKTRANLIST>${transactions.join('\n')}</BANKTRANLIST></OFX>`
const transaction = (fields: string): string =>
  `<STMTTRN>${fields
    .split(' ')
    .map((field) => field.replace(/^(\w+)=(.*)$/, '<$1>$2'))
    .join('')}</STMTTRN>`

describe('OFX', () => {
  test('version 1, without end tags of elements', () => {
    const draft = read(SGML)
    expect(said(draft)).toEqual(['2026-01-02 B&B <3 AT&T -12.50 EUR', '2026-01-03 Work +1000.00 EUR', '2026-01-04 Pub -3.00 GBP'])
    expect(draft.faults).toEqual([])
    expect(draft.lines[0]).toMatchObject({ line: 9, notes: 'card 1', payers: [], shares: [], raw: { FITID: 'A1', TRNTYPE: 'DEBIT' } })
  })

  test('version 2, XML, with CDATA and aggregates', () => {
    const draft = read(`<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?><!-- a <comment> -->
      <OFX><CURDEF>EUR</CURDEF><BANKTRANLIST>
      <STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260102</DTPOSTED><TRNAMT>-1.00</TRNAMT><FITID>1</FITID>
        <PAYEE><NAME>Caf&#233; &#x4e2d;</NAME><CITY>Rome</CITY></PAYEE><MEMO><![CDATA[1 < 2 & <b>]]></MEMO></STMTTRN>
      </BANKTRANLIST></OFX>`)
    expect(said(draft)).toEqual(['2026-01-02 Café 中 -1.00 EUR'])
    expect(draft.lines[0]?.notes).toBe('1 < 2 & <b>')
    expect(draft.lines[0]?.raw['PAYEE.CITY']).toBe('Rome')
  })

  test.each([
    ['20261120', '2026-11-20'],
    ['20261120103000', '2026-11-20'],
    ['20261120103000.123', '2026-11-20'],
    ['20261120233000[-5:EST]', '2026-11-20'],
    ['20261120103000.000[+5.5:IST]', '2026-11-20'],
    ['20261320', undefined],
    ['2026-11-20', undefined],
    ['', undefined],
  ])('the day of %j is %s', (text, day) => {
    expect(ofxDay(text)).toBe(day)
  })

  test('the same FITID and content is one transaction; with other content both are taken and told', () => {
    const one = transaction('DTPOSTED=20260102 TRNAMT=-1.00 FITID=7 NAME=a')
    const draft = read(
      statement(
        one,
        one,
        transaction('DTPOSTED=20260102 TRNAMT=-2.00 FITID=7 NAME=b'),
        transaction('DTPOSTED=20260102 TRNAMT=-1.00 FITID=7 NAME=c'),
      ),
    )
    expect(said(draft)).toHaveLength(3)
    expect(codes(draft)).toEqual(['REPEATED', 'FITID_REUSED', 'FITID_REUSED'])
    expect(new Set(draft.lines.map(identityOf)).size).toBe(3)
  })

  test('a transaction is known again by its FITID, although the bank has changed the words', () => {
    const [a] = read(statement(transaction('DTPOSTED=20260102 TRNAMT=-1.00 FITID=7 NAME=PENDING'))).lines
    const [b] = read(
      statement(
        transaction('DTPOSTED=20260102 TRNAMT=-1.00 FITID=8 NAME=x'),
        transaction('DTPOSTED=20260102 TRNAMT=-1.00 FITID=7 NAME=Shop'),
      ),
    ).lines.slice(1)
    expect(a && identityOf(a)).toBe(b && identityOf(b))
  })

  test('without a FITID twins are kept apart by their number', () => {
    const one = transaction('DTPOSTED=20260102 TRNAMT=-1.00 NAME=a')
    expect(read(statement(one, one)).lines.map(({ occurrence }) => occurrence)).toEqual([1, 2])
  })

  test.each([
    ['INVALID_DATE', 'DTPOSTED=2026 TRNAMT=-1.00', 'DTPOSTED'],
    ['INVALID_AMOUNT', 'DTPOSTED=20260102 TRNAMT=one', 'TRNAMT'],
    ['INVALID_AMOUNT', 'DTPOSTED=20260102 TRNAMT=-1.005', 'TRNAMT'],
    ['INVALID_AMOUNT', 'DTPOSTED=20260102', 'TRNAMT'],
    ['UNKNOWN_CURRENCY', 'DTPOSTED=20260102 TRNAMT=-1.00 CURRENCY= CURSYM=XXX', 'CURDEF'],
    ['NO_MONEY', 'DTPOSTED=20260102 TRNAMT=0', 'TRNAMT'],
  ])('what is off is told: %s', (code, fields, column) => {
    const draft = read(statement(transaction(fields), transaction('DTPOSTED=20260102 TRNAMT=-1.00 NAME=b')))
    expect(draft.faults).toMatchObject([{ code, row: 1, column }])
    expect(said(draft)).toEqual(['2026-01-02 b -1.00 EUR'])
  })
})

const QIF = `!Account
NGiro
TBank
^
!Type:Bank
D13/01'26
T-1,234.50
PLandlord
MJanuary
LHousing:Rent
^
D01/02/2026
U10.00
PFriend
^
D02/02/2026
T-30.00
PMarket
SFood
$-20.00
SHome
Esoap
$-9.00
^
`

describe('QIF', () => {
  test('a file of an account, with splits', () => {
    const draft = read(QIF)
    expect(said(draft)).toEqual(['2026-01-13 Landlord -1234.50 USD', '2026-02-01 Friend +10.00 USD', '2026-02-02 Market -30.00 USD'])
    expect(draft.lines[0]).toMatchObject({ line: 6, category: 'Housing:Rent', notes: 'January', raw: { P: 'Landlord' } })
    expect(draft.lines[2]).toMatchObject({ category: 'Food', notes: 'Food -20.00\nHome -9.00 soap' })
    expect(draft.faults).toMatchObject([
      { severity: 'notice', code: 'SPLITS_DO_NOT_ADD_UP', row: 16, expected: '-30.00', got: '-29.00', difference: '1.00' },
    ])
  })

  // The dates of a file, and the days that they are.
  test.each([
    ['1/2/2026 1/13/2026', '2026-01-02 2026-01-13'],
    ["1/2'26 13/2'26", '2026-02-01 2026-02-13'],
    ['01.02.2026 03.04.2026', '2026-02-01 2026-04-03'],
    ['2026-01-02 2026-01-03', '2026-01-02 2026-01-03'],
    ['1/2/98 13/2/98', '1998-02-01 1998-02-13'],
    ['5/5/2026 6/6/2026', '2026-05-05 2026-06-06'],
  ])('the dates %s are %s', (dates, days) => {
    const draft = read(
      `!Type:CCard\n${dates
        .split(' ')
        .map((date) => `D${date}\nT-1.00\nPx\n^\n`)
        .join('')}`,
    )
    expect(draft.lines.map((line) => line.day).join(' ')).toBe(days)
  })

  test('an order of dates that nothing tells is asked for', () => {
    const text = '!Type:Bank\nD1/2/2026\nT-1.00\n^\nD3/4/2026\nT-1.00\n^'
    expect(read(text)).toMatchObject({ lines: [], faults: [{ code: 'AMBIGUOUS_DATES', got: '1/2/2026' }] })
    expect(readBank(text, { ...context, dates: 'month_first' }).lines.map((line) => line.day)).toEqual(['2026-01-02', '2026-03-04'])
  })

  test('decimal commas, names of types in another language, and lists that are no transactions', () => {
    const draft = read('!Type:Cat\nNFood\n^\n!Type:Banque\nD13/01/2026\nT-1.234,50\nPx\n^\n!Type:Invst\nD13/01/2026\nT5,00\n^')
    expect(said(draft)).toEqual(['2026-01-13 x -1234.50 USD'])
    expect(codes(draft)).toEqual(['INVESTMENTS_LEFT_OUT'])
  })

  test('a record without an end is left out and told', () => {
    const draft = read('!Type:Bank\nD2026-01-02\nT-1.00\nPa\n^\nD2026-01-03\nT-1.0')
    expect(said(draft)).toEqual(['2026-01-02 a -1.00 USD'])
    expect(draft.faults).toMatchObject([{ code: 'CUT_OFF', severity: 'error', row: 6, expected: '^' }])
  })

  test('twins are kept apart', () => {
    const one = 'D2026-01-02\nT-1.00\nPa\n^\n'
    expect(read(`!Type:Bank\n${one}${one}`).lines.map(({ occurrence }) => occurrence)).toEqual([1, 2])
  })
})

describe('hostile files', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`).join('')}]>`

  test('entities of a document are not expanded', () => {
    const draft = read(`${bomb}${statement(transaction('DTPOSTED=20260102 TRNAMT=-1.00 NAME=&l8;'))}`)
    expect(said(draft)).toEqual(['2026-01-02 &l8; -1.00 EUR'])
    expect(codes(draft)).toEqual(['DECLARATIONS_IGNORED'])
  })

  const many = (one: string, times: number): string => one.repeat(times)
  test.each<[string, () => string, string]>([
    ['a line of a million', () => `<OFX><STMTTRN><NAME>${many('x', 1_000_000)}`, 'CUT_OFF'],
    ['records without end', () => `<OFX><CURDEF>EUR${many('<STMTTRN><DTPOSTED>20260102<TRNAMT>-1', 300_000)}`, 'TOO_MANY_LINES'],
    ['records of QIF without end', () => `!Type:Bank\n${many('D2026-01-02\nT-1\n^\n', 300_000)}`, 'TOO_MANY_LINES'],
    ['no end tag', () => '<OFX><BANKTRANLIST><STMTTRN><DTPOSTED>20260102<TRNAMT>-1', 'CUT_OFF'],
    ['a million openings', () => `<OFX>${many('<', 1_000_000)}`, ''],
    ['declarations without end', () => `<OFX>${many('<!a>', 500_000)}`, ''],
    ['comments without an end', () => `<OFX>${many('<!--', 500_000)}`, ''],
    ['CDATA without an end', () => `<OFX>${many('<A><![CDATA[', 100_000)}`, ''],
    ['tags of a million letters', () => `<OFX><${many('A', 1_000_000)}>`, ''],
    ['attributes of a million letters', () => `<OFX>${many('<A b ', 300_000)}`, ''],
    ['elements without end in one record', () => `<OFX><STMTTRN>${many('<A>1', 200_000)}</STMTTRN></OFX>`, 'INVALID_DATE'],
    ['a million ampersands', () => `<OFX><STMTTRN><NAME>${many('&', 1_000_000)}</STMTTRN>`, 'INVALID_DATE'],
    ['a QIF line of a million', () => `!Type:Bank\nD${many('1/', 500_000)}\nT${many('1,', 500_000)}\n^`, 'INVALID_DATE'],
    ['splits without end', () => `!Type:Bank\nD2026-01-02\nT-1\n${many('Sx\n$-1\n', 300_000)}^`, 'SPLITS_DO_NOT_ADD_UP'],
    ['a million blank lines', () => `!Type:Bank${many('\n', 1_000_000)}`, ''],
    ['more than a bank file', () => `<OFX>${many('x', 32_000_000)}`, 'TOO_LARGE'],
    ['nothing', () => '', 'NOT_A_BANK_FILE'],
    ['zeros', () => many('\0', 100_000), 'NOT_A_BANK_FILE'],
  ])('%s: bounded, and told', (_name, text, code) => {
    const draft = read(text())
    if (code !== '') expect(codes(draft)).toContain(code)
    expect(draft.faults.length).toBeLessThanOrEqual(200)
  })

  test('any text is read without throwing', () => {
    const piece = fc.constantFrom(
      '<OFX>',
      '<STMTTRN>',
      '</STMTTRN>',
      '<TRNAMT>',
      '<DTPOSTED>',
      '20260102',
      '-1.00',
      '<![CDATA[',
      ']]>',
      '<!--',
      '&#x110000;',
      '&#xd800;',
      '<',
      '>',
      '!Type:Bank\n',
      '^\n',
      'D',
      'T',
      'S',
      '$',
      "1/2'26",
      '\n',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (parts) => {
        read(parts.join(''))
        read(`<OFX>${parts.join('')}`)
        read(`!Type:Bank\n${parts.join('')}`)
      }),
      { numRuns: 200 },
    )
  })

  test('a file that is neither is told', () => {
    expect(bankFormatOf('Date,Amount')).toBeUndefined()
    expect(read('Date,Amount')).toMatchObject({ lines: [], faults: [{ code: 'NOT_A_BANK_FILE', row: 1 }] })
  })
})
