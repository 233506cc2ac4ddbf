// How documents are laid out: lines, columns, pages and charts, with letters of a made-up width, because whether
// something fits is arithmetic.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ENGLISH, type Cell, type Chart, type Document, type Table } from '../../src/domain/document.ts'
import { slicesOf } from '../../src/press/charts/donut.ts'
import { drawChart } from '../../src/press/charts/draw-chart.ts'
import { stackOf } from '../../src/press/charts/columns.ts'
import { formatOf } from '../../src/press/format.ts'
import { columnWidths } from '../../src/press/page/columns.ts'
import { PAGE } from '../../src/press/page/flow.ts'
import { pagesOf } from '../../src/press/page/pages.ts'
import { paginate } from '../../src/press/page/paginate.ts'
import { pdfPath, PathPen } from '../../src/press/path.ts'
import type { Shape, TextShape } from '../../src/press/shapes.ts'
import type { Measure } from '../../src/press/text/compositor.ts'
import { shorten, wrap } from '../../src/press/text/wrap.ts'

const measure: Measure = (text, size, weight) => Array.from(text).length * size * (weight === 'bold' ? 0.6 : 0.55)
const press = { measure, format: formatOf('en'), words: ENGLISH }
const widthOf = (text: string): number => Array.from(text).length

const SLACK = 0.1
const texts = (shapes: readonly Shape[]): TextShape[] => shapes.filter((shape): shape is TextShape => shape.kind === 'text')

/** From where to where a text goes. */
function extent({ x, text, size, weight, anchor }: TextShape): readonly [number, number] {
  const width = measure(text, size, weight)
  const left = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0)
  return [left, left + width]
}

/** Pairs of texts that stand on each other. */
function overlaps(shapes: readonly Shape[]): string[] {
  const all = texts(shapes)
  return all.flatMap((one, i) =>
    all.slice(i + 1).flatMap((other) => {
      const [[left, right], [otherLeft, otherRight]] = [extent(one), extent(other)]
      const isBeside = right <= otherLeft + SLACK || otherRight <= left + SLACK
      const isApart = Math.abs(one.y - other.y) >= Math.min(one.size, other.size) * 0.9
      return isBeside || isApart ? [] : [`"${one.text}" and "${other.text}"`]
    }),
  )
}

const outside = (shapes: readonly Shape[], room: { left: number; right: number; top: number; bottom: number }): string[] =>
  texts(shapes)
    .filter((shape) => {
      const [left, right] = extent(shape)
      return left < room.left - SLACK || right > room.right + SLACK || shape.y > room.bottom + SLACK || shape.y - shape.size < room.top - 3
    })
    .map(({ text, x, y }) => `"${text}" at ${x}, ${y}`)

describe('lines', () => {
  const anything = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '日', '。', 'ก', 'é', '👩‍👧', '\n', '/'), maxLength: 80 })

  test('nothing is wider than its room, and nothing is lost', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 4, max: 30 }), (text, width) => {
        const lines = wrap(text, width, widthOf)
        const squeezed = (one: string): string => one.replaceAll(/\s/g, '')
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
        expect(squeezed(lines.join(''))).toBe(squeezed(text))
      }),
    )
  })

  test('where lines are limited, the last one tells that there is more', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 4, max: 12 }), fc.integer({ min: 1, max: 3 }), (text, width, most) => {
        const [all, some] = [wrap(text, width, widthOf), wrap(text, width, widthOf, most)]
        expect(some.length).toBe(Math.min(all.length, most))
        expect(some.every((line) => widthOf(line) <= width)).toBe(true)
        expect(some.at(-1)?.endsWith('…')).toBe(all.length > most)
      }),
    )
  })

  test.each([
    ['words end lines', 'the quick brown fox', 10, ['the quick', 'brown fox']],
    ['a word that is too long is broken', 'Donaudampfschiff', 6, ['Donaud', 'ampfsc', 'hiff']],
    ['a hyphen ends a line', 'two-thirds of', 8, ['two-', 'thirds', 'of']],
    ['Japanese breaks between characters, not before a full stop', '日本語です。次', 5, ['日本語で', 'す。次']],
    ['Thai breaks between words', 'ภาษาไทยง่าย', 7, ['ภาษาไทย', 'ง่าย']],
    ['a family is one character', '👩‍👩‍👧👩‍👩‍👧', 5, ['👩‍👩‍👧', '👩‍👩‍👧']],
    ['line breaks stay', 'a\n\nb', 5, ['a', '', 'b']],
  ])('%s', (_, text, width, lines) => {
    expect(wrap(text, width, widthOf)).toEqual(lines)
  })

  test('a text is shortened to what fits', () => {
    expect(shorten('Groceries', 9, widthOf)).toBe('Groceries')
    expect(shorten('Groceries and more', 10, widthOf)).toBe('Groceries…')
    expect(shorten('Groceries', 0, widthOf)).toBe('…')
  })
})

describe('columns', () => {
  const need = fc.record({
    natural: fc.integer({ min: 20, max: 400 }),
    isElastic: fc.boolean(),
    weight: fc.integer({ min: 1, max: 4 }),
    part: fc.integer({ min: 1, max: 100 }),
  })
  const needs = fc.array(
    need.map(({ natural, isElastic, weight, part }) => {
      const least = isElastic ? Math.ceil((natural * part) / 100) : natural
      return { natural, isElastic, weight, least, typical: (least + natural) / 2 }
    }),
    { minLength: 1, maxLength: 8 },
  )

  test('fill the room exactly, and none is narrower than it can be', () => {
    fc.assert(
      fc.property(needs, (all) => {
        const widths = columnWidths(all, 500)
        const least = all.reduce((sum, one) => sum + one.least, 0)
        expect(widths === undefined).toBe(least > 500)
        if (widths === undefined) return
        expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(500, 6)
        expect(all.every((one, i) => (widths[i] ?? 0) >= one.least - 1e-9)).toBe(true)
      }),
    )
  })
})

describe('rows on pages', () => {
  const heights = fc.record({
    rows: fc.array(fc.integer({ min: 10, max: 120 }), { minLength: 1, maxLength: 120 }),
    header: fc.integer({ min: 15, max: 60 }),
    totals: fc.integer({ min: 0, max: 150 }),
  })

  test('every row stands on one page, in order, and no page is too full', () => {
    fc.assert(
      fc.property(heights, fc.integer({ min: 0, max: 700 }), (table, firstRoom) => {
        const { isOnNewPage, parts } = paginate(table, firstRoom, 700)
        expect(parts.map(({ from }) => from)).toEqual([0, ...parts.slice(0, -1).map(({ to }) => to)])
        expect(parts.at(-1)?.to).toBe(table.rows.length)
        for (const [i, { from, to, hasTotals }] of parts.entries()) {
          const used = table.header + table.rows.slice(from, to).reduce((sum, row) => sum + row, 0) + (hasTotals ? table.totals : 0)
          expect(to).toBeGreaterThan(from)
          expect(hasTotals).toBe(i === parts.length - 1)
          expect(used).toBeLessThanOrEqual(i === 0 && !isOnNewPage ? firstRoom : 700)
        }
      }),
    )
  })

  test('a short table is not torn apart, and totals take rows with them', () => {
    expect(paginate({ rows: [20, 20, 20], header: 20, totals: 20 }, 70, 700)).toEqual({
      isOnNewPage: true,
      parts: [{ from: 0, to: 3, hasTotals: true }],
    })
    const rows = Array.from({ length: 30 }, () => 20)
    expect(paginate({ rows, header: 20, totals: 40 }, 620, 700).parts).toEqual([
      { from: 0, to: 28, hasTotals: false },
      { from: 28, to: 30, hasTotals: true },
    ])
  })
})

const cells = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.constant<Cell>(null),
  fc.integer(),
  fc.constant<Cell>({ amount: '-999999999999.99', currency: 'EUR' }),
)
const tables: fc.Arbitrary<Table> = fc.integer({ min: 1, max: 9 }).chain((count) =>
  fc.record({
    title: fc.string({ maxLength: 100 }),
    columns: fc.array(
      fc.record({
        header: fc.string({ maxLength: 120 }),
        align: fc.constantFrom('left' as const, 'right' as const),
        kind: fc.constantFrom('text' as const, 'money' as const, 'number' as const, 'date' as const),
      }),
      { minLength: count, maxLength: count },
    ),
    rows: fc.array(fc.array(cells, { minLength: count, maxLength: count }), { maxLength: 60 }),
    totals: fc.array(fc.array(cells, { minLength: count, maxLength: count }), { maxLength: 3 }),
  }),
)

const document = (sections: Document['sections']): Document => ({ title: 'Statement', meta: [], figures: [], sections })
const ROOM = { left: PAGE.left, right: PAGE.right, top: 40, bottom: PAGE.bottom }

describe('pages', () => {
  test('whatever is in a table, it stays within the margins and nothing stands on anything', () => {
    fc.assert(
      fc.property(tables, tables, (one, other) => {
        const pages = pagesOf(
          press,
          document([
            { kind: 'table', table: one },
            { kind: 'table', table: other },
          ]),
        )
        for (const page of pages) expect([...outside(page, ROOM), ...overlaps(page)]).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('a thousand rows are all there, below a header on every page, and the total stands with the last of them', () => {
    const table: Table = {
      columns: [
        { header: 'What', align: 'left', kind: 'text' },
        { header: 'Amount', align: 'right', kind: 'money', currency: 'EUR' },
      ],
      rows: Array.from({ length: 1000 }, (_, i) => [`row-${i} ${'word '.repeat(i % 40)}`, `${i}.00`]),
      totals: [['Total', '499500.00']],
    }
    const pages = pagesOf(press, document([{ kind: 'table', table }])).map((page) => texts(page).map(({ text }) => text))
    expect(pages.flat().filter((text) => text.startsWith('row-')).length).toBe(1000)
    expect(pages.every((page) => page.includes('Amount'))).toBe(true)
    expect(pages.at(-1)).toContain('499,500.00')
    expect(pages.at(-1)?.some((text) => text.startsWith('row-999'))).toBe(true)
  })

  test('figures, facts and paragraphs of any length stay apart', () => {
    const long = 'A very long text that goes on and on. '.repeat(200)
    const value: Cell = { amount: '-123456789012345.67', currency: 'EUR' }
    const figures = Array.from({ length: 7 }, (_, i) => ({
      label: `Figure ${i} ${'x'.repeat(i * 12)}`,
      value,
      note: long.slice(0, i * 30),
    }))
    const whole: Document = {
      ...document([
        { kind: 'heading', text: long },
        { kind: 'paragraph', text: long },
        { kind: 'figures', figures },
      ]),
      title: long,
      subtitle: long,
      meta: Array.from({ length: 6 }, (_, i) => ({ label: `Label ${i}`, value: long.slice(0, i * 40) })),
      figures,
    }
    for (const page of pagesOf(press, whole)) expect([...outside(page, ROOM), ...overlaps(page)]).toEqual([])
  })

  test('a heading is not left behind by what it is about', () => {
    const filler = { kind: 'paragraph', text: 'x\n'.repeat(46) } as const
    const chart: Chart = { kind: 'bar', title: 'Chart', bars: [{ label: 'a', value: 1 }] }
    const pages = pagesOf(press, document([filler, { kind: 'heading', text: 'Heading' }, { kind: 'chart', chart }]))
    const last = texts(pages.at(-1) ?? []).map(({ text }) => text)
    expect(last).toEqual(expect.arrayContaining(['Heading', 'Chart']))
  })

  test('no heading stands alone at the foot of a page, whatever comes after it', () => {
    const sections = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'heading', text: 'Heading' } as const) },
      fc
        .integer({ min: 1, max: 60 })
        .map((lines) => ({ kind: 'paragraph', text: Array.from({ length: lines }, () => 'x').join('\n') }) as const),
      fc.integer({ min: 1, max: 9 }).map((count) => ({ kind: 'figures', figures: Array.from({ length: count }, (_, i) => ({ label: `f${i}`, value: i, note: 'x '.repeat(i * 9) })) }) as const), // oxfmt-ignore
      fc.integer({ min: 1, max: 20 }).map((bars) => ({ kind: 'chart', chart: { kind: 'bar', title: 'Chart', bars: Array.from({ length: bars }, () => ({ label: 'a', value: 1 })) } }) as const), // oxfmt-ignore
      tables.map((table) => ({ kind: 'table', table: { ...table, rows: table.rows.slice(0, 30) } }) as const),
    )
    const isHeading = ({ text, size }: TextShape): boolean => text === 'Heading' && size === 14
    fc.assert(
      fc.property(fc.array(sections, { minLength: 1, maxLength: 12 }), (all) => {
        const pages = pagesOf(press, document([...all, { kind: 'paragraph', text: 'end' }]))
        const lowest = pages.map((page) => texts(page).toSorted((a, b) => b.y - a.y)[0])
        expect(lowest.filter((shape) => shape !== undefined && isHeading(shape))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('paragraphs stand closer to each other than to what comes before and after them', () => {
    const table = (row: string) => ({ kind: 'table', table: { columns: [{ header: '', align: 'left', kind: 'text' }], rows: [[row]] } }) as const // oxfmt-ignore
    const paragraph = (text: string) => ({ kind: 'paragraph', text }) as const
    const [page = []] = pagesOf(press, document([table('row'), paragraph('one'), paragraph('two'), table('below')]))
    const at = Object.fromEntries(texts(page).map(({ text, y }) => [text, y]))
    expect((at['two'] ?? 0) - (at['one'] ?? 0)).toBe(18)
    expect((at['one'] ?? 0) - (at['row'] ?? 0)).toBeGreaterThan(18)
    expect((at['below'] ?? 0) - (at['two'] ?? 0)).toBeGreaterThan(18)
  })
})

const values = fc.oneof(fc.integer({ min: -1_000_000, max: 100_000_000 }), fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true }))
const label = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '日'), minLength: 1, maxLength: 40 })
const frame = { title: label, unit: fc.constantFrom('EUR', 'JPY', 'km') }
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 30 })
const series = fc.array(fc.record({ name: label, values: fc.array(values, { maxLength: 30 }) }), { maxLength: 4 })
const day = fc.integer({ min: 0, max: 30_000 }).map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10))
const charts: fc.Arbitrary<Chart> = fc.oneof(
  fc.record({ ...frame, kind: fc.constant('bar' as const), bars: list(fc.record({ label, value: values })) }),
  fc.record({ ...frame, kind: fc.constant('column' as const), labels: list(label), series, isStacked: fc.boolean() }),
  fc.record({ ...frame, kind: fc.constant('line' as const), days: list(day).map((days) => days.toSorted()), series }),
  fc.record({ ...frame, kind: fc.constant('donut' as const), slices: list(fc.record({ label, value: values })) }),
)

describe('charts', () => {
  test('whatever the values, nothing leaves the chart and no words stand on each other', () => {
    fc.assert(
      fc.property(charts, fc.constantFrom([240, 160], [507, 185], [390, 212]), (chart, [width = 0, height = 0]) => {
        const shapes = drawChart({ ...press, nothing: 'Nothing' }, chart, { width, height })
        expect([...outside(shapes, { left: 0, right: width, top: 0, bottom: height }), ...overlaps(shapes)]).toEqual([])
        for (const shape of shapes) {
          expect(JSON.stringify(shape)).not.toMatch(/NaN|Infinity|null/)
          if (shape.kind !== 'rect') continue
          expect(shape.width).toBeGreaterThanOrEqual(0)
          expect(shape.x + shape.width).toBeLessThanOrEqual(width + SLACK)
          expect(shape.y + shape.height).toBeLessThanOrEqual(height + SLACK)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('a donut has the largest parts first, and those that are too many in one', () => {
    const slices = [1, 5, 0, -3, 4, 2, 1, 1, 1, 1, 1].map((value, i) => ({ label: `s${i}`, value }))
    const shown = slicesOf({ kind: 'donut', title: '', slices }, 4)
    expect(shown.map(({ value }) => value)).toEqual([5, 4, 2, 6])
    expect(shown.at(-1)?.label).toBe('+6')
  })

  test('the legend of a donut has names in two lines, and rather no amounts than names without their ends', () => {
    const names = ['Professional Services', 'Public Transport', 'Restaurants', 'Rent']
    const slices = names.map((name, i) => ({ label: name, value: 400 - i }))
    const rich = slices.map((slice) => ({ ...slice, value: slice.value * 1_000_000 }))
    const legend = (width: number, some = slices): string[] =>
      texts(drawChart({ ...press, nothing: '' }, { kind: 'donut', title: '', slices: some, unit: 'EUR' }, { width, height: 160 })).map(({ text }) => text) // oxfmt-ignore
    expect(legend(507)).toEqual(expect.arrayContaining([...names, '€399.00']))
    expect(legend(240)).toEqual(expect.arrayContaining(['Professional', 'Services', 'Public', 'Transport', 'Restaurants', '€399.00']))
    expect(legend(240, rich)).toEqual(expect.arrayContaining(names))
    expect(legend(240, rich)).not.toContain('€399,000,000.00')
    const many = Array.from({ length: 8 }, (_, i) => ({ label: `Professional Services of others ${i}`, value: 9 - i }))
    expect(legend(240, many).filter((text) => text.endsWith('…')).length).toBe(6)
    expect(legend(240, many).filter((text) => text === `of others 0` || text === 'of others 1')).toHaveLength(2)
  })

  test('stacks go up from zero for what is positive, and down for what is not', () => {
    expect(stackOf([3, -1, 2, -4])).toEqual([
      [0, 3],
      [0, -1],
      [3, 5],
      [-1, -5],
    ])
  })

  test('arcs become curves that end where the arc does', () => {
    const pen = new PathPen()
    pen.arc(0, 0, 10, 0, Math.PI)
    pen.closePath()
    expect(pdfPath(pen.data)).toBe('10 0 m\n10 5.523 5.523 10 0 10 c\n-5.523 10 -10 5.523 -10 0 c\nh')
  })
})

describe('numbers', () => {
  const money = { header: '', align: 'right', kind: 'money' } as const

  test('no digit of an amount is lost, in any locale', () => {
    for (const locale of ['en', 'de-DE', 'fr', 'en-IN', 'ar-EG', 'hi', 'ja', 'no such locale']) {
      const shown = formatOf(locale).cell({ amount: '-90071992547409931.07', currency: 'EUR' }, money)
      expect(shown.replaceAll(/\D/g, '')).toBe('9007199254740993107')
    }
    expect(formatOf('en-IN').figure({ amount: '1234567.50', currency: 'INR' })).toBe('₹12,34,567.50')
    expect(formatOf('de-DE').cell('1234.5', { ...money, currency: 'EUR' })).toBe('1.234,5')
  })

  test('what is no number or no day is shown as it is', () => {
    const format = formatOf('en')
    expect(format.cell('n/a', money)).toBe('n/a')
    expect(format.cell('soon', { ...money, kind: 'date' })).toBe('soon')
    expect(format.cell('2026-02-03', { ...money, kind: 'date' })).toBe('Feb 3, 2026')
  })
})
