// The parts of the reader that need no engine.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findBoxes, findParts, grow, hullOf, level, liesOnItsSide, smallestBox, tiltOf, type Box } from '../../src/reader/boxes.ts'
import { alphabetOf, decodeCtc } from '../../src/reader/ctc.ts'
import { resize, sampleBox, type Gray } from '../../src/reader/gray.ts'
import { whiten } from '../../src/reader/paper.ts'
import { measureGrain } from '../../src/reader/skew.ts'
import { findStrips } from '../../src/reader/strips.ts'
import { wordsOf } from '../../src/reader/words.ts'

const degrees = (radians: number): number => (radians * 180) / Math.PI
const radians = (angle: number): number => (angle * Math.PI) / 180

/** A map drawn as rows of digits, in tenths. */
const mapOf = (...rows: string[]) => ({
  width: rows[0]?.length ?? 0,
  height: rows.length,
  data: Float32Array.from(rows.join(''), (digit) => Number(digit) / 10),
})

const corners = ({ x, y, width, height, angle }: Box) =>
  [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([a = 0, b = 0]) => ({
    x: x + (a * width * Math.cos(angle) - b * height * Math.sin(angle)) / 2,
    y: y + (a * width * Math.sin(angle) + b * height * Math.cos(angle)) / 2,
  }))

const anyBox = fc.record({
  x: fc.double({ min: -500, max: 500, noNaN: true }),
  y: fc.double({ min: -500, max: 500, noNaN: true }),
  width: fc.double({ min: 20, max: 400, noNaN: true }),
  height: fc.double({ min: 2, max: 19, noNaN: true }),
  angle: fc.double({ min: -0.7, max: 0.7, noNaN: true }),
})

describe('boxes around text', () => {
  test('parts touch at their sides, and weak pixels part them', () => {
    const parts = findParts(mapOf('9900', '0902', '0000', '0088', '8000'), 0.3)
    expect(parts.map(({ top, rows, pixels }) => ({ top, rows, pixels }))).toEqual([
      {
        top: 0,
        rows: [
          [0, 1],
          [1, 1],
        ],
        pixels: 3,
      },
      { top: 3, rows: [[2, 3]], pixels: 2 },
      { top: 4, rows: [[0, 0]], pixels: 1 },
    ])
    expect(parts[1]?.score).toBeCloseTo(0.8)
  })

  test('every pixel of text is in exactly one part', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 14 }), (pixels, width) => {
        const height = Math.floor(pixels.length / width)
        const data = Float32Array.from(pixels.slice(0, width * height), Number)
        const counted = findParts({ width, height, data }, 0.5).reduce((sum, part) => sum + part.pixels, 0)
        expect(counted).toBe(data.reduce((sum, one) => sum + one, 0))
      }),
    )
  })

  test('the smallest box around the corners of a tilted box is that box', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const found = smallestBox(hullOf([...corners(box), { x: box.x, y: box.y }]))
        for (const key of ['x', 'y', 'width', 'height', 'angle'] as const) expect(found[key]).toBeCloseTo(box[key], 4)
      }),
    )
  })

  test('boxes come in the scale of the picture, grown, without rules and dirt', () => {
    const map = mapOf('0000000000', '0999999990', '0999999990', '0000000000', '0888888880', '0000000000', '0000000900')
    const rules = { threshold: 0.3, minScore: 0.5, minPixels: 3, minHeight: 2, growth: 0 }
    expect(findBoxes(map, 2, 3, rules)).toEqual([{ x: 10, y: 6, width: 16, height: 6, angle: 0 }])
    expect(grow({ x: 0, y: 0, width: 30, height: 10, angle: 0 }, 1.6)).toMatchObject({ width: 42, height: 22 })
  })

  test('a page put level has its boxes where they would be on an upright page', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.5, max: 0.5, noNaN: true }), (tilt) => {
        const page = { width: 400, height: 900 }
        const lines = [100, 300, 500].map((y) => ({ x: 180, y, width: 200, height: 20, angle: 0 }))
        const tilted = lines.map((line) => level(line, -tilt, page))
        expect(tiltOf(tilted)).toBeCloseTo(tilt)
        for (const [i, box] of tilted.entries()) {
          const back = level(box, tiltOf(tilted), page)
          expect([back.x, back.y, back.angle]).toEqual([180, 100 + 200 * i, 0].map((n) => expect.closeTo(n)))
        }
      }),
    )
  })

  test('a page lies on its side when more of its text stands than lies', () => {
    const lying = { x: 0, y: 0, width: 100, height: 20, angle: 0 }
    const standing = { ...lying, width: 20, height: 100 }
    expect([[lying, lying, standing], [lying, standing, standing], []].map(liesOnItsSide)).toEqual([false, true, false])
  })
})

describe('decodeCtc', () => {
  const alphabet = alphabetOf('1\n2\n.\nA\nB')
  /** Steps as `1 : 0.9` and what nearly won. */
  const steps = (...likely: Record<string, number>[]) =>
    Float32Array.from(likely.flatMap((step) => alphabet.map((character) => step[character] ?? 0)))
  const blank = { '': 0.9 }

  test.each([
    ['repeats are one character', [{ A: 1 }, { A: 1 }, { B: 1 }], 'AB'],
    ['a blank parts two of the same', [{ A: 1 }, blank, { A: 1 }], 'AA'],
    ['a space that nearly won between words is written', [{ A: 1 }, { '': 0.9, ' ': 0.1 }, { B: 1 }], 'A B'],
    ['a space that is out of the question is not', [{ A: 1 }, { '': 0.9, ' ': 0.01 }, { B: 1 }], 'AB'],
    ['figures hold together where letters would not', [{ 1: 1 }, { '': 0.9, ' ': 0.1 }, { 2: 1 }], '12'],
    ['a point that nearly won between figures is written', [{ 1: 1 }, { '': 0.9, '.': 0.05, ' ': 0.1 }, { 2: 1 }], '1.2'],
    ['no point is made up between letters', [{ A: 1 }, { '': 0.9, '.': 0.05 }, { B: 1 }], 'AB'],
    ['an amount has no gap around its point', [{ 1: 1 }, { '.': 1 }, { ' ': 1 }, { 2: 1 }, blank, { 2: 1 }], '1.22'],
    ['blanks alone are nothing', [blank, blank], ''],
  ])('%s', (_, likely: Record<string, number>[], text) => {
    expect(decodeCtc(steps(...likely), likely.length, alphabet).text).toBe(text)
  })

  test('confidence is the mean of the characters, and nothing of the blanks', () => {
    const { confidence } = decodeCtc(steps({ A: 0.5 }, blank, { B: 1 }), 3, alphabet)
    expect(confidence).toBeCloseTo(0.75)
    expect(decodeCtc(steps(blank), 1, alphabet).confidence).toBe(0)
  })
})

describe('pictures', () => {
  const ramp: Gray = {
    channels: 1,
    width: 40,
    height: 30,
    data: Uint8Array.from({ length: 1200 }, (_, i) => (i % 40) * 5 + Math.floor(i / 40)),
  }

  test('a piece that is cut out as it is has the same pixels', () => {
    const piece = sampleBox(ramp, { x: 15, y: 12, width: 10, height: 4, angle: 0 }, 10, 4)
    const rows = [10, 11, 12, 13].map((y) => [...ramp.data.subarray(y * 40 + 10, y * 40 + 20)])
    expect([...piece]).toEqual(rows.flat())
  })

  test('a piece upside down is the piece read backwards', () => {
    const box = { x: 15, y: 12, width: 10, height: 4, angle: 0 }
    const turned = sampleBox(ramp, { ...box, angle: Math.PI }, 10, 4)
    expect([...turned]).toEqual([...sampleBox(ramp, box, 10, 4)].toReversed())
  })

  test('scaling keeps the mean of the picture', () => {
    const mean = ({ data }: Gray): number => data.reduce((sum, value) => sum + value, 0) / data.length
    for (const [width, height] of [
      [20, 15],
      [80, 60],
      [13, 30],
    ] as const)
      expect(mean(resize(ramp, width, height))).toBeCloseTo(mean(ramp), -0.5)
  })

  test('paper is white in light and in shadow, and ink keeps its share of the light', () => {
    const [width, height] = [200, 150]
    const light = (i: number): number => 230 - (i % width) / 2
    const isInk = (i: number): boolean => (i % width) % 12 < 4 && Math.floor(i / width) % 20 < 9
    const shaded: Gray = {
      channels: 1,
      width,
      height,
      data: Uint8Array.from({ length: width * height }, (_, i) => light(i) * (isInk(i) ? 0.5 : 1)),
    }
    for (const [i, value] of whiten(shaded).data.entries()) expect(Math.abs(value - (isInk(i) ? 127 : 255))).toBeLessThan(25)
  })

  test('the tilt of lines is found to half a degree, and none on an empty page', () => {
    const lined = (angle: number): Gray => {
      const [width, height] = [400, 500]
      const row = (i: number): number => Math.floor(i / width) - (i % width) * Math.tan(radians(angle))
      const isInk = (i: number): boolean => ((row(i) % 25) + 25) % 25 < 8 && (i % width) % 60 < 50
      return { channels: 1, width, height, data: Uint8Array.from({ length: width * height }, (_, i) => (isInk(i) ? 20 : 230)) }
    }
    for (const angle of [-9, -3.25, 0, 1.5, 7]) expect(Math.abs(degrees(measureGrain(lined(angle)).tilt) - angle)).toBeLessThanOrEqual(0.5)
    expect(measureGrain({ channels: 1, width: 50, height: 50, data: new Uint8Array(2500).fill(200) })).toEqual({ tilt: 0, edges: 0 })
  })

  test('strips believe every row once, see beyond what they believe, and are no higher than allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 4, max: 20 }), (rows, most) => {
        const strips = findStrips(rows * 32, most * 32, 64)
        let next = 0
        for (const { top, bottom, from, to } of strips) {
          expect(from).toBe(next)
          expect(bottom - top).toBeLessThanOrEqual(most * 32)
          expect((bottom - top) % 32).toBe(0)
          if (from > 0) expect(from - top).toBeGreaterThanOrEqual(31)
          if (to < rows * 32) expect(bottom - to).toBeGreaterThanOrEqual(31)
          next = to
        }
        expect(next).toBe(rows * 32)
      }),
    )
  })
})

test('of the table of Tesseract only words count, with their places', () => {
  const table = [
    '4\t1\t1\t1\t1\t0\t5\t6\t70\t8\t-1\t',
    '5\t1\t1\t1\t1\t1\t5\t6\t30\t8\t91.5\tTOTAL',
    '5\t1\t1\t1\t1\t2\t40\t6\t9\t8\t12\t ',
    '',
  ].join('\n')
  expect(wordsOf(table)).toEqual([{ text: 'TOTAL', confidence: 0.915, x: 5, y: 6, width: 30, height: 8 }])
})
