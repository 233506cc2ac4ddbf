// From what an engine answers to what is made of it: made-up places, the wire to our own reader, who reads second, and
// whose word counts.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { judgeAttempts, secondEngineAfter, type Attempt, type OcrFault } from '../../src/domain/reading-plan.ts'
import { linesOf } from '../../src/domain/receipt/lines.ts'
import type { OcrEngine, Page } from '../../src/domain/receipt/page.ts'
import { readPage } from '../../src/domain/receipt/read-page.ts'
import type { Reading } from '../../src/domain/receipt/reading.ts'
import { defaultEngine, ocrOf, type OcrEnv } from '../../src/platform/ocr/engines.ts'
import { LocalOcr, type LocalEngine, type Reader } from '../../src/platform/ocr/local.ts'
import { OcrUnavailable } from '../../src/platform/ocr/ocr.ts'
import { pageOfText } from '../../src/platform/ocr/text-page.ts'
import { readReceiptImage } from '../../src/services/read-receipt.ts'

const TODAY = '2026-11-20'
const PICTURE = Uint8Array.of(0xff, 0xd8, 0xff)

const PROVED = `KAFFEEHAUS ROT
Marktplatz 3
14.11.2026  10:22
Espresso        2,50
Kuchen          4,00
Summe EUR       6,50
Bar            10,00
Rückgeld        3,50`
const UNPROVED = `KAFFEEHAUS ROT
14.11.2026
Summe EUR       6,50`
const UNDATED = PROVED.replace('14.11.2026  10:22\n', '')

const reading = (text: string): Reading => readPage(pageOfText(text, 'paddle'), { today: TODAY })
const read = (engine: OcrEngine, text: string): Attempt => ({ engine, outcome: 'read', reading: reading(text) })
const refused = (engine: OcrEngine, reason: OcrFault['reason']): Attempt => ({
  engine,
  outcome: 'refused',
  fault: { reason, message: `${engine} says ${reason}` },
})
const down = (engine: OcrEngine): Attempt => ({ engine, outcome: 'down' })

describe('pageOfText', () => {
  const linesIn = (text: string): string[] => linesOf(pageOfText(text, 'workers_ai')).map((line) => line.text)

  test('its lines and columns come out of the parser as they went in', () => {
    expect(linesIn('REWE  CITY\n\n2 x Milk   1.19    2.38\nTotal      2.38\r\nThank you')).toEqual([
      'REWE  CITY',
      '2 x Milk  1.19  2.38',
      'Total  2.38',
      'Thank you',
    ])
  })

  test('the last column is flush right, whatever the model thought of the width', () => {
    const { width, snippets } = pageOfText('Milk  1.19\nBread and butter    12.00', 'workers_ai')
    const ends = snippets.filter(({ text }) => /^\d/.test(text)).map((snippet) => snippet.x + snippet.width)
    expect(ends).toEqual([width, width])
  })

  test('pieces of a line never lie over each other, and all are on the page', () => {
    const { width, height, snippets } = pageOfText(`${'a'.repeat(150)}  ${'b'.repeat(40)}  c\nx  y`, 'workers_ai')
    for (const [i, one] of snippets.entries()) {
      const next = snippets[i + 1]
      if (next?.y === one.y) expect(one.x + one.width).toBeLessThan(next.x)
      expect(one.x + one.width).toBeLessThanOrEqual(width)
      expect(one.y + one.height).toBeLessThanOrEqual(height)
    }
  })

  test('Markdown is taken off, and what only looks like it is left', () => {
    expect(linesIn('```text\n| Item | Price |\n|---|---:|\n| Tea | 2.00 |\n**TOTAL**  2.00\n**** 1234\n***12**\n```')).toEqual([
      'Item  Price',
      'Tea  2.00',
      'TOTAL  2.00',
      '**** 1234',
      '***12**',
    ])
  })

  test('a model that does not stop fills no memory', () => {
    expect(pageOfText('0.00\n'.repeat(100_000), 'workers_ai').snippets.length).toBeLessThanOrEqual(400)
    expect(pageOfText('0'.repeat(1_000_000), 'workers_ai').width).toBeLessThanOrEqual(2000)
    const begun = performance.now()
    for (const sign of ['-', '|', '*', '`', ' ', '**a', '| -']) pageOfText(`|${sign.repeat(500_000)}x`, 'workers_ai')
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(pageOfText('\n \n', 'workers_ai').snippets).toEqual([])
  })
})

describe('secondEngineAfter', () => {
  test('a reading that its own sums prove, with a day, stands alone', () => {
    expect(reading(PROVED)).toMatchObject({ isProved: true, total: { value: 650 }, date: { value: '2026-11-14' } })
    expect(secondEngineAfter(read('paddle', PROVED))).toBeUndefined()
  })

  test.each<[OcrEngine, OcrEngine]>([
    ['paddle', 'tesseract'],
    ['tesseract', 'paddle'],
    ['workers_ai', 'paddle'],
  ])('after %s it is %s that reads what is not proved, not dated, not certain or not there', (first, second) => {
    const sure = reading(PROVED)
    const unsure = { ...sure, date: { value: TODAY, confidence: 0.4 } } as const
    expect(secondEngineAfter(read(first, UNPROVED))).toBe(second)
    expect(secondEngineAfter(read(first, UNDATED))).toBe(second)
    expect(secondEngineAfter({ engine: first, outcome: 'read', reading: unsure })).toBe(second)
    expect(secondEngineAfter({ engine: first, outcome: 'read', reading: { ...sure, total: null } })).toBe(second)
    expect(secondEngineAfter(refused(first, 'no_text'))).toBe(second)
    expect(secondEngineAfter(down(first))).toBe(second)
  })

  test('a picture that is broken for one engine is not shown to another, unless the first only takes fewer bytes', () => {
    for (const reason of ['corrupt', 'unsupported', 'too_large'] as const)
      expect(secondEngineAfter(refused('paddle', reason))).toBeUndefined()
    expect(secondEngineAfter(refused('workers_ai', 'too_large'))).toBe('paddle')
  })
})

describe('judgeAttempts', () => {
  test('of two readings the one that adds up gives the total', () => {
    const misread = UNPROVED.replace('6,50', '8,50')
    expect(judgeAttempts(read('paddle', misread), read('tesseract', PROVED))).toMatchObject({
      outcome: 'read',
      reading: { total: { value: 650 }, isProved: true },
      engine: 'tesseract',
      engines: ['paddle', 'tesseract'],
    })
    expect(judgeAttempts(read('paddle', PROVED), read('tesseract', misread))).toMatchObject({
      reading: { total: { value: 650 } },
      engine: 'paddle',
    })
  })

  test('a reading counts more than what happens to the other engine', () => {
    for (const other of [down('tesseract'), refused('tesseract', 'no_text'), refused('tesseract', 'corrupt')])
      expect(judgeAttempts(read('paddle', UNPROVED), other)).toMatchObject({ outcome: 'read', engine: 'paddle', engines: ['paddle'] })
    expect(judgeAttempts(down('paddle'), read('tesseract', UNPROVED))).toMatchObject({ outcome: 'read', engines: ['tesseract'] })
  })

  test.each<[string, Attempt, Attempt | undefined, string]>([
    ['broken for the first', refused('paddle', 'corrupt'), undefined, 'paddle says corrupt'],
    ['broken for the second, when the first is down', down('paddle'), refused('tesseract', 'corrupt'), 'tesseract says corrupt'],
    ['without text for both', refused('paddle', 'no_text'), refused('tesseract', 'no_text'), 'tesseract says no_text'],
    ['without text for the only one asked', refused('tesseract', 'no_text'), undefined, 'tesseract says no_text'],
    ['too large there, without text here', refused('workers_ai', 'too_large'), refused('paddle', 'no_text'), 'paddle says no_text'],
  ])('a picture that is %s is refused', (_, first, second, message) => {
    expect(judgeAttempts(first, second)).toMatchObject({ outcome: 'refused', fault: { message } })
  })

  test.each<[string, Attempt, Attempt | undefined]>([
    ['both are down', down('paddle'), down('tesseract')],
    ['the only one asked is down', down('workers_ai'), undefined],
    ['one is down and the other sees no text', down('paddle'), refused('tesseract', 'no_text')],
    ['one sees no text and the other is down', refused('paddle', 'no_text'), down('tesseract')],
    ['one takes fewer bytes and the other is down', refused('workers_ai', 'too_large'), down('paddle')],
  ])('when %s it is to be tried again', (_, first, second) => {
    expect(judgeAttempts(first, second)).toEqual({ outcome: 'down' })
  })
})

const page = (engine: LocalEngine, text: string): Page => pageOfText(text, engine)

/** A reader whose engines say what they are told to, and which keeps who was asked. */
function readerOf(texts: Readonly<Partial<Record<LocalEngine, string>>>, asked: LocalEngine[] = []): Reader {
  return {
    recognise: (_, { engine }) => {
      asked.push(engine)
      const text = texts[engine]
      if (text === undefined) return Promise.reject(new Error('the Worker ran out of memory'))
      if (text === '') return Promise.resolve({ ok: false, error: 'no_text', message: 'No text was found' })
      return Promise.resolve({ ok: true, page: page(engine, text), ms: 20, heapBytes: engine === 'paddle' ? 90 : 30 })
    },
  }
}

describe('LocalOcr', () => {
  test('passes on the page, and what is wrong with the picture', async () => {
    const ocr = (text: string) => new LocalOcr('paddle', readerOf({ paddle: text })).recognise(PICTURE)
    expect(await ocr(PROVED)).toEqual({ ok: true, value: { page: page('paddle', PROVED), ms: 20, heapBytes: 90 } })
    expect(await ocr('')).toEqual({ ok: false, error: { reason: 'no_text', message: 'No text was found' } })
  })

  test('a reader that throws, that hangs or that is not bound is for another try', async () => {
    const hanging: Reader = { recognise: () => new Promise(() => {}) }
    const asked = (reader: Reader | undefined) => new LocalOcr('tesseract', reader, 20).recognise(PICTURE)
    await expect(asked(readerOf({}))).rejects.toThrow('tesseract did not answer: Error: the Worker ran out of memory')
    await expect(asked(hanging)).rejects.toThrow('tesseract did not answer: Error: No answer within 20 ms')
    await expect(asked(undefined)).rejects.toThrow(OcrUnavailable)
  })
})

const ENV: OcrEnv = { ENVIRONMENT: 'production', OCR_ENGINE: '', WORKERS_AI_URL: '', WORKERS_AI_MODEL: '' }

describe('ocrOf', () => {
  test('gives each engine by its name', () => {
    for (const engine of ['paddle', 'tesseract', 'workers_ai'] as const) expect(ocrOf(ENV, engine).engine).toBe(engine)
  })

  test('the default is paddle unless OCR_ENGINE names another one that exists', () => {
    expect(defaultEngine(ENV)).toBe('paddle')
    expect(defaultEngine({ OCR_ENGINE: 'workers_ai' })).toBe('workers_ai')
    expect(() => defaultEngine({ OCR_ENGINE: 'toString' })).toThrow('OCR_ENGINE must be one of paddle, tesseract, workers_ai')
  })
})

describe('readReceiptImage', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => vi.restoreAllMocks())

  const readImage = (READER: Reader, more: { engine?: OcrEngine; OCR_ENGINE?: string } = {}) =>
    readReceiptImage(
      { ...ENV, READER, OCR_ENGINE: more.OCR_ENGINE ?? '' },
      { bytes: PICTURE, type: 'image/jpeg', today: TODAY, ...(more.engine && { engine: more.engine }) },
    )

  test('one engine reads what is proved', async () => {
    const asked: LocalEngine[] = []
    const answer = await readImage(readerOf({ paddle: PROVED, tesseract: PROVED }, asked))
    expect(answer).toMatchObject({
      ok: true,
      value: { reading: { total: { value: 650 } }, engine: 'paddle', engines: ['paddle'], ms: 20, heapBytes: 90 },
    })
    expect(asked).toEqual(['paddle'])
  })

  test('two read what is not, and both are counted', async () => {
    expect(await readImage(readerOf({ paddle: UNPROVED, tesseract: PROVED }))).toMatchObject({
      ok: true,
      value: { reading: { isProved: true }, engines: ['paddle', 'tesseract'], ms: 40, heapBytes: 90 },
    })
  })

  test('a named engine reads alone, however little it sees', async () => {
    const asked: LocalEngine[] = []
    const reader = readerOf({ paddle: PROVED, tesseract: UNPROVED }, asked)
    expect(await readImage(reader, { engine: 'tesseract' })).toMatchObject({ ok: true, value: { engines: ['tesseract'], heapBytes: 30 } })
    await expect(readImage(reader, { engine: 'workers_ai' })).rejects.toThrow('workers_ai is not set up')
    expect(asked).toEqual(['tesseract'])
  })

  test('when an engine is down the other takes over, and the log tells it', async () => {
    const asked: LocalEngine[] = []
    const reader = readerOf({ paddle: PROVED }, asked)
    expect(await readImage(reader, { OCR_ENGINE: 'tesseract' })).toMatchObject({
      ok: true,
      value: { engine: 'paddle', engines: ['paddle'] },
    })
    expect(await readImage(reader, { OCR_ENGINE: 'workers_ai' })).toMatchObject({ ok: true, value: { engine: 'paddle' } })
    expect(asked).toEqual(['tesseract', 'paddle', 'paddle'])
    expect(vi.mocked(console.error).mock.calls.map(([line]) => (JSON.parse(String(line)) as { engine: string }).engine)).toEqual([
      'tesseract',
      'workers_ai',
    ])
  })

  test('when both are down it throws, so that it is tried again', async () => {
    await expect(readImage(readerOf({}))).rejects.toThrow(OcrUnavailable)
  })

  test('what is wrong with the picture is an answer', async () => {
    expect(await readImage(readerOf({ paddle: '', tesseract: '' }))).toMatchObject({ ok: false, error: { reason: 'no_text' } })
  })

  test('a PDF is not shown to any engine', async () => {
    const asked: LocalEngine[] = []
    const answer = await readReceiptImage(
      { ...ENV, READER: readerOf({}, asked) },
      { bytes: PICTURE, type: 'application/pdf', today: TODAY },
    )
    expect(answer).toMatchObject({ ok: false, error: { reason: 'unsupported', message: expect.stringContaining('kept') } })
    expect(asked).toEqual([])
  })
})
