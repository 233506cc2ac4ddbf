// The built press with its real fonts, in the runtime that it is deployed to; what it makes is read by another library.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PDFDocument } from '@cantoo/pdf-lib'
import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPress, type RunningPress } from '../../scripts/start-press.ts'
import type { Attachment, Cell, Chart, Document, Row, Table } from '../../src/domain/document.ts'
import { PAGE } from '../../src/press/page/flow.ts'
import { FONT_FILES } from '../../src/press/text/faces.ts'
import { pngOfDrawing } from '../support/receipt-picture.ts'

let press: RunningPress
beforeAll(async () => {
  press = await startPress()
}, 30_000)
afterAll(() => press.stop())

const NAMES = [
  'João Silva',
  '山田 日本',
  'Łukasz Żak',
  'محمد الأحمد',
  'שרה כהן',
  'राहुल शर्मा',
  '김민수',
  'Ελένη',
  'Дмитрий',
  'สมชาย ใจดี',
  '陈小明',
]
const amount = (i: number): Cell => ({ amount: `${(i * 7919) % 100_000}.50`, currency: i % 2 === 0 ? 'EUR' : 'INR' })
const rows = Array.from({ length: 1000 }, (_, i): Row => ['2026-11-20', `Expense ${i} €`, NAMES[i % NAMES.length] ?? '', amount(i)])
const table: Table = {
  title: 'Expenses',
  columns: [
    { header: 'Day', align: 'left', kind: 'date' },
    { header: 'What', align: 'left', kind: 'text', weight: 2 },
    { header: 'Paid by', align: 'left', kind: 'text' },
    { header: 'Amount', align: 'right', kind: 'money' },
  ],
  rows,
  totals: [['', 'Total', '', { amount: '49750000.00', currency: 'EUR' }]],
}
const bars: Chart = {
  kind: 'bar',
  title: 'Balances <&> 日本',
  unit: 'EUR',
  bars: NAMES.map((label, i) => ({ label, value: i * 100 - 300 })),
}
const donut: Chart = { kind: 'donut', title: 'Categories', unit: 'INR', slices: NAMES.map((label, i) => ({ label, value: i })) }
const statement: Document = {
  title: 'Statement of João',
  subtitle: 'Lisbon and 日本',
  meta: [{ label: 'Group', value: 'Flat 4B' }],
  figures: [{ label: 'Total', value: { amount: '1234567.89', currency: 'INR' } }],
  sections: [
    { kind: 'chart', chart: bars },
    { kind: 'chart', chart: donut },
    { kind: 'table', table },
  ],
  locale: 'en-IN',
  madeAt: Date.UTC(2026, 10, 20),
}

/** The pages of the file as text. */
async function textOf(bytes: Uint8Array): Promise<string[]> {
  const { text } = await extractText(await getDocumentProxy(bytes.slice()), { mergePages: false })
  return text
}

const short = (sections: Document['sections']): Document => ({ title: 'Short', meta: [], figures: [], sections })

test('every font that a document can ask for is gathered', () => {
  expect(FONT_FILES.filter((file) => !existsSync(join('dist', 'fonts', file)))).toEqual([])
})

test('a thousand expenses are made into pages in under five seconds, twice the same, and nothing is lost', async () => {
  const start = performance.now()
  const file = await press.pdf(statement)
  expect(performance.now() - start).toBeLessThan(5000)
  const pages = await textOf(file)
  const all = pages.join('\n')
  expect(rows.filter((_, i) => !all.includes(`Expense ${i} €`)).length).toBe(0)
  expect(all).toContain('₹12,34,567.89')
  for (const name of ['João Silva', '山田 日本', '陈小明', 'Łukasz Żak', 'Ελένη', 'Дмитрий', '김민수']) expect(all).toContain(name)
  expect(pages.slice(1).every((page) => page.includes('Expenses · continued') && page.includes('Paid by'))).toBe(true)
  expect(pages.every((page, i) => page.includes(`Page ${i + 1} of ${pages.length}`))).toBe(true)
  expect(pages.at(-1)).toContain('4,97,50,000.00 EUR')
  expect((await PDFDocument.load(file)).getPageCount()).toBe(pages.length)
  expect(Buffer.from(await press.pdf(statement)).equals(Buffer.from(file))).toBe(true)
}, 20_000)

test('the file says what it is, in which language, and when it was made', async () => {
  const file = await press.pdf(statement)
  const { info } = await getMeta(await getDocumentProxy(file.slice()))
  expect(info).toMatchObject({ Title: 'Statement of João', Author: 'Quits', CreationDate: expect.stringContaining('20261120') })
  const { catalog } = await PDFDocument.load(file, { updateMetadata: false })
  expect([...catalog.entries()].map(([key, value]) => `${String(key)} ${String(value)}`)).toContain('/Lang (en-IN)')
}, 20_000)

test('no text leaves the margins, and none stands on another', async () => {
  const long = 'Donaudampfschifffahrtsgesellschaftskapitän '.repeat(4)
  const hard = rows
    .slice(0, 60)
    .map((row, i): Row => [
      row[0] ?? null,
      i % 3 === 0 ? long : '日本語の長い名前'.repeat(i % 5),
      row[2] ?? null,
      { amount: '-999999999999.99', currency: 'EUR' },
    ])
  const file = await press.pdf({
    ...statement,
    sections: [
      { kind: 'chart', chart: bars },
      { kind: 'table', table: { ...table, rows: hard } },
    ],
  })
  const pdf = await getDocumentProxy(file.slice())
  for (let n = 1; n <= pdf.numPages; n++) {
    const { items } = await (await pdf.getPage(n)).getTextContent()
    const boxes = items.flatMap((item) => {
      if (!('str' in item) || item.str.trim() === '') return []
      const [, , , size = 0, x = 0, y = 0] = item.transform as number[]
      return [{ text: item.str, left: x, right: x + item.width, y, size: Math.abs(size) }]
    })
    expect(boxes.filter(({ left, right }) => left < PAGE.left - 0.5 || right > PAGE.right + 0.5)).toEqual([])
    const overlapping = boxes.flatMap((one, i) =>
      boxes.slice(i + 1).filter((other) => Math.abs(one.y - other.y) < 5 && one.left < other.right - 1 && other.left < one.right - 1),
    )
    expect(overlapping).toEqual([])
  }
}, 20_000)

test('attachments become pages, and those that are damaged say so', async () => {
  const picture = new Uint8Array(pngOfDrawing({ width: 40, height: 60, gray: new Uint8Array(2400).fill(99) }))
  const inner = await PDFDocument.create()
  inner.addPage([200, 300]).drawText('Inside')
  inner.addPage([200, 300])
  const file = (name: string, bytes: Uint8Array): Attachment => ({ name, type: 'x', caption: 'Dinner', bytes })
  const files = [
    file('a.png', picture),
    file('broken.png', picture.slice(0, 60)),
    file('c.pdf', await inner.save()),
    file('broken.pdf', new TextEncoder().encode('%PDF-1.4 nothing')),
    file('d.txt', new TextEncoder().encode('text')),
  ]
  const pages = await textOf(await press.pdf(short([{ kind: 'paragraph', text: 'See below.' }]), files))
  expect(pages.map((page) => page.match(/Attachment \d of 5: \S+|This file is damaged|Files of this type|Inside/g) ?? [])).toEqual([
    [],
    ['Attachment 1 of 5: a.png'],
    ['Attachment 2 of 5: broken.png', 'This file is damaged'],
    ['Inside', 'Attachment 3 of 5: c.pdf'],
    ['Attachment 3 of 5: c.pdf'],
    ['Attachment 4 of 5: broken.pdf', 'This file is damaged'],
    ['Attachment 5 of 5: d.txt', 'Files of this type'],
  ])
}, 20_000)

test('charts are pictures of the wanted size, with names as text in SVG', async () => {
  const svg = Buffer.from(await press.chart(bars, 'svg', { width: 800, height: 440 })).toString('utf8')
  expect(svg).toContain('<svg xmlns="http://www.w3.org/2000/svg" width="800" height="440"')
  expect(svg).toContain('Balances &lt;&amp;&gt; 日本</text>')
  expect(svg).toContain('João Silva</text>')
  const png = Buffer.from(await press.chart(donut, 'png', { width: 640, height: 320 }))
  expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 640, 320])
  expect(Buffer.from(await press.chart(donut, 'png', { width: 640, height: 320 })).equals(png)).toBe(true)
}, 20_000)

test('what is asked for at once does not get mixed up', async () => {
  const files = await Promise.all(NAMES.map((name) => press.pdf(short([{ kind: 'paragraph', text: `For ${name} alone` }]))))
  const pages = await Promise.all(files.map(textOf))
  for (const i of [0, 1, 2, 6, 7, 8, 10]) expect(pages[i]?.[0]).toContain(`For ${NAMES[i]} alone`)
}, 20_000)
