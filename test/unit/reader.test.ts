// The built reader with its real engines, in the runtime that it is deployed to.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReader, type RunningReader } from '../../scripts/start-reader.ts'
import type { LocalEngine, Recognised } from '../../src/reader/recognise.ts'
import { drawReceipt, pngOfDrawing, turned, type Drawing } from '../support/receipt-picture.ts'

const ENGINES = ['paddle', 'tesseract'] as const
const MOST_HEAP_MB = { paddle: 80, tesseract: 32 }

let reader: RunningReader
beforeAll(async () => {
  reader = await startReader()
}, 30_000)
afterAll(() => reader.stop())

const receipt = (total: string): Drawing => drawReceipt(['BAKERY SMITH', 'DATE 24-12-2018', `TOTAL ${total}`, 'THANK YOU'])
const recognise = (drawing: Drawing, engine: LocalEngine): Promise<Recognised> => reader.recognise(pngOfDrawing(drawing), { engine })

/** The recognised text line by line, without spaces; or the error. */
function textOf(recognised: Recognised): string {
  if (!recognised.ok) return recognised.error
  const lines = recognised.page.snippets.toSorted((a, b) => a.y - b.y || a.x - b.x)
  return lines.map(({ text }) => text.replaceAll(' ', '')).join('\n')
}

describe.each(ENGINES)('%s', (engine) => {
  test('twelve receipts sent at once each get their own text', async () => {
    const totals = '12.40 14.80 16.20 18.60 21.40 24.10 26.80 28.40 41.20 42.60 46.10 48.20'.split(' ')
    const pages = await Promise.all(totals.map((total) => recognise(drawReceipt([`TOTAL ${total}`, 'THANK YOU']), engine)))
    expect(pages.map((page) => /\d+\.\d\d/.exec(textOf(page))?.[0])).toEqual(totals)
    // An isolate has 128 MB for both engines, a picture and the code.
    for (const page of pages) expect(page.ok && page.heapBytes / 2 ** 20).toBeLessThan(MOST_HEAP_MB[engine])
  }, 60_000)

  test.each([1, 2, 3])(
    'a receipt turned by %i quarters is read as an upright one',
    async (quarters) => {
      const page = await recognise(turned(receipt('84.10'), quarters), engine)
      expect(textOf(page)).toContain('24-12-2018')
      expect(textOf(page)).toMatch(/SMITH[^]*2018[^]*84\.10/)
    },
    30_000,
  )
})

describe.each(ENGINES)('%s is given what is no receipt', (engine) => {
  const blank = { width: 300, height: 400, gray: new Uint8Array(120_000).fill(230) }
  const noise = { width: 400, height: 400, gray: Uint8Array.from({ length: 160_000 }, (_, i) => Math.imul(i + 7, 2_654_435_761) >>> 24) }
  const good = pngOfDrawing(receipt('12.60'))

  test.each([
    ['an empty file', new Uint8Array(), 'unsupported'],
    ['a text', Buffer.from('TOTAL 12.60'), 'unsupported'],
    ['a script that begins like a GIF', Buffer.from('GIF89a<script>alert(1)</script>'), 'unsupported'],
    ['a picture that breaks off', good.subarray(0, good.length / 2), 'corrupt'],
    ['a small file that says it has ten thousand million pixels', pngOfDrawing(blank, { width: 100_000, height: 100_000 }), 'too_large'],
    ['an empty sheet', pngOfDrawing(blank), 'no_text'],
    ['a single pixel', pngOfDrawing({ width: 1, height: 1, gray: Uint8Array.of(0) }), 'no_text'],
  ])(
    '%s',
    async (_, bytes, error) => {
      expect(await reader.recognise(bytes, { engine })).toEqual({ ok: false, error, message: expect.stringMatching(/./) })
    },
    20_000,
  )

  test('noise ends, and the next receipt is read', async () => {
    await recognise(noise, engine)
    const page = await recognise(receipt('12.60'), engine)
    expect(textOf(page)).toContain('12.60')
    expect(page).toMatchObject({ ok: true, page: { engine }, ms: expect.any(Number) })
  }, 30_000)
})

test('thumbnails are made of pictures, and of nothing else', async () => {
  const small = await reader.thumbnail(pngOfDrawing(receipt('6.10')))
  expect(small).toMatchObject({ ok: true, type: 'image/jpeg', width: 320 })
  expect(await reader.thumbnail(Buffer.from('no picture'))).toMatchObject({ ok: false, error: 'unsupported' })
})

test('a thumbnail does not stand in line behind readings', async () => {
  const ended: string[] = []
  const file = pngOfDrawing(receipt('12.60'))
  const readings = Array.from({ length: 5 }, async () =>
    ended.push((await reader.recognise(file, { engine: 'paddle' })).ok ? 'read' : 'not'),
  )
  const small = reader.thumbnail(file).then(({ ok }) => ended.push(ok ? 'thumbnail' : 'not'))
  await Promise.all([...readings, small])
  expect(ended.toSorted()).toEqual(['read', 'read', 'read', 'read', 'read', 'thumbnail'])
  expect(ended.indexOf('thumbnail')).toBeLessThan(3)
}, 60_000)
