// What spreadsheets and archives are written as: read back here by other means than those that wrote them.
import { createHash } from 'node:crypto'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { Cell, Column, Row } from '../../src/domain/document.ts'
import { csvField, csvOf } from '../../src/platform/documents/csv.ts'
import { sheetsOf, type Sheet } from '../../src/platform/documents/sheet.ts'
import { sheetNames } from '../../src/platform/documents/xlsx-parts.ts'
import { columnName, xlsxOf } from '../../src/platform/documents/xlsx.ts'
import { zipOf } from '../../src/platform/documents/zip.ts'

const COLUMNS: readonly Column[] = [
  { header: 'Day', align: 'left', kind: 'date' },
  { header: 'What', align: 'left', kind: 'text' },
  { header: 'Amount', align: 'right', kind: 'money' },
  { header: 'Share', align: 'right', kind: 'money', currency: 'EUR' },
  { header: 'Rate', align: 'right', kind: 'number' },
]

const amount = (text: string, currency: string): Cell => ({ amount: text, currency })
const sheet = (rows: Sheet['rows'], totals: readonly Row[] = []): Sheet => ({ name: 'Expenses', columns: COLUMNS, rows, totals })

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer())
}

const csv = async (...sheets: Sheet[]): Promise<string> => Buffer.from(await bytesOf(csvOf(sheets))).toString('utf8')
const partsOf = async (stream: ReadableStream<Uint8Array>): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(unzipSync(await bytesOf(stream))).map(([name, data]) => [name, Buffer.from(data).toString('utf8')]))

const DANGEROUS = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '  =1',
  '＝1',
  '＋1',
  '－1',
  '＠1',
  '=a\nb',
  '=HYPERLINK("https://x")',
]

describe('CSV', () => {
  test('has a mark, CRLF, quotes where they are needed, and currencies beside amounts of several', async () => {
    const rows = [
      ['2026-11-20', 'Café, "日本"', amount('1234.50', 'EUR'), '0.10', 1.5],
      ['2026-11-21', 'two\nlines', amount('-900', 'JPY'), null, '0.000001'],
    ]
    expect(await csv(sheet(rows))).toBe(
      '\ufeffDay,What,Amount,Currency,Share (EUR),Rate\r\n' +
        '2026-11-20,"Café, ""日本""",1234.50,EUR,0.10,1.5\r\n' +
        '2026-11-21,"two\nlines",-900,JPY,,0.000001\r\n',
    )
  })

  test.each(DANGEROUS)('a text that begins like a formula is no formula: %j', (text) => {
    expect(csvField(text)).toMatch(/^"?'/)
  })

  test('a negative amount stays a number, and a text in a column of amounts does not become one', async () => {
    const lines = (await csv(sheet([['=1', '-5', amount('-5.00', 'EUR'), '-0.05', '=1+1']]))).split('\r\n')
    expect(lines[1]).toBe(`'=1,'-5,-5.00,EUR,-0.05,'=1+1`)
  })

  test('an amount of another currency than its column names is not a number in it', async () => {
    const lines = (
      await csv(
        sheet([
          [null, '', null, amount('5.00', 'USD'), null],
          [null, '', null, amount('6.00', 'EUR'), null],
        ]),
      )
    ).split('\r\n')
    expect(lines.slice(1, 3)).toEqual([',,,,5.00 USD,', ',,,,6.00,'])
  })

  test('large and small numbers are written without exponents, and no digit of an amount is lost', async () => {
    const lines = (
      await csv(
        sheet([
          [null, '', amount('90071992547409931.07', 'EUR'), '', 1e-7],
          [null, '', null, null, 1e21],
        ]),
      )
    ).split('\r\n')
    expect(lines.slice(1, 3)).toEqual([',,90071992547409931.07,EUR,,0.0000001', ',,,,,1000000000000000000000'])
  })

  test('several tables are told apart by their titles', async () => {
    const tables = [1, 2].map((n) => ({ title: `Table ${n}`, columns: COLUMNS.slice(1, 2), rows: [[`row ${n}`]], totals: [['sum']] }))
    expect(await csv(...sheetsOf(tables))).toBe('\ufeffTable 1\r\nWhat\r\nrow 1\r\nsum\r\n\r\nTable 2\r\nWhat\r\nrow 2\r\nsum\r\n')
  })
})

describe('XLSX', () => {
  test('texts are never formulas, amounts are numbers with their digits, days are days', async () => {
    const rows = [
      ...DANGEROUS.map((text): Row => [null, text, null, null, null]),
      ['2026-11-20', 'x', amount('1234.50', 'EUR'), '-0.10', 7],
    ]
    const { 'xl/worksheets/sheet1.xml': xml = '' } = await partsOf(xlsxOf([sheet(rows)]))
    expect(xml).not.toContain('<f>')
    expect(xml.match(/t="inlineStr"/g)?.length).toBe(6 + DANGEROUS.length + 2)
    const at = DANGEROUS.length + 2
    expect(xml).toContain(`<c r="A${at}" s="2"><v>46346</v></c>`)
    expect(xml).toContain(`<c r="C${at}" s="5"><v>1234.50</v></c><c r="D${at}" s="1" t="inlineStr"><is><t>EUR</t></is></c>`)
    expect(xml).toContain(`<c r="E${at}" s="5"><v>-0.10</v></c><c r="F${at}" s="3"><v>7</v></c>`)
  })

  test('the header stays in sight, totals are bold and not part of what is filtered', async () => {
    const { 'xl/worksheets/sheet1.xml': xml = '' } = await partsOf(
      xlsxOf([sheet([[null, 'a', null, '1.00', null]], [[null, 'Sum', null, '1.00', null]])]),
    )
    expect(xml).toContain('state="frozen"')
    expect(xml).toContain('<autoFilter ref="A1:F2"/>')
    expect(xml).toContain('<c r="E3" s="16"><v>1.00</v></c>')
  })

  test('what XML can not hold is left out', async () => {
    const { 'xl/worksheets/sheet1.xml': xml = '' } = await partsOf(xlsxOf([sheet([[null, '<a>&"\u0000\ud800\uffff', null, null, null]])]))
    expect(xml).toContain('<t>&lt;a&gt;&amp;&quot;</t>')
  })

  test('sheets have names that they may have, and no two the same', () => {
    expect(sheetNames(['a/b:c', 'A b c', '', "'x'", 'n'.repeat(40), 'n'.repeat(50)])).toEqual([
      'a b c',
      'A b c (2)',
      'Sheet 3',
      'x',
      'n'.repeat(31),
      `${'n'.repeat(27)} (2)`,
    ])
    expect([0, 25, 26, 701, 702].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA'])
  })
})

describe('ZIP', () => {
  test('paths stay inside, names are free, and times are those that were given, whatever the time zone', async () => {
    const data = Buffer.from('x')
    const entries = ['../../etc/passwd', 'a.txt', 'A.txt', 'b/../c.txt', '', 'C:\\x.pdf'].map((name) => ({
      name,
      data,
      mtime: Date.UTC(2026, 10, 20, 12, 34, 56),
    }))
    const bytes = await bytesOf(zipOf(entries))
    expect(Object.keys(unzipSync(bytes))).toEqual(['etc/passwd', 'a.txt', 'A (2).txt', 'b/c.txt', 'file', 'C_/x.pdf'])
    const view = new DataView(bytes.buffer)
    expect([view.getUint16(10, true), view.getUint16(12, true)]).toEqual([(12 << 11) | (34 << 5) | 28, (46 << 9) | (11 << 5) | 20])
  })

  test('an entry that fails makes the file fail, and a reader that leaves ends the making', async () => {
    const broken = async function* () {
      yield Buffer.from('a')
      throw new Error('gone')
    }
    await expect(bytesOf(zipOf([{ name: 'a', data: broken(), mtime: 0 }]))).rejects.toThrow('gone')
    let isOver = false
    const endless = async function* (): AsyncGenerator<Row> {
      try {
        for (;;) yield ['2026-11-20', 'again', null, null, null]
      } finally {
        isOver = true
      }
    }
    const reader = csvOf([sheet(endless())]).getReader()
    await reader.read()
    await reader.cancel()
    expect(isOver).toBe(true)
  })
})

describe.each([
  ['CSV', csvOf],
  ['XLSX', xlsxOf],
])('%s of 100,000 rows', (_, fileOf) => {
  test('is made piece by piece, and twice the same', async () => {
    const many = async function* (): AsyncGenerator<Row> {
      for (let i = 0; i < 100_000; i++) yield ['2026-11-20', `Row ${i} 日本`, amount(`${i}.50`, 'EUR'), '1.00', i]
    }
    const hashes: string[] = []
    for (const _round of [1, 2]) {
      const hash = createHash('sha256')
      let most = 0
      const before = process.memoryUsage().rss
      for await (const piece of fileOf([sheet(many())])) {
        hash.update(piece)
        most = Math.max(most, piece.length)
      }
      expect(most).toBeLessThan(2 ** 20)
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
      hashes.push(hash.digest('hex'))
    }
    expect(hashes[0]).toBe(hashes[1])
  }, 30_000)
})
