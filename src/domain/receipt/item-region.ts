// Where on a receipt the things bought stand: between its head and its sums.
import type { Figure, TaxRow } from './figures.ts'
import { lastSound } from './item-lines.ts'
import { xOf } from './lines.ts'
import type { Mark } from './marks.ts'
import { type Row, SOUND, coverageOf, hasAny, wordsOf } from './rows.ts'

const HEAD_WORDS = ['description', 'count', 'price', 'amount', 'total', 'tax', 'discount', 'excluded'] as const

/** The heads of the columns: several such words and hardly anything else. */
function isHead(row: Row): boolean {
  const heads = row.marks.filter(({ word }) => (HEAD_WORDS as readonly string[]).includes(word))
  const kinds = new Set(heads.map(({ word }) => word))
  return (
    heads.length >= 2 &&
    coverageOf(row).share >= 0.5 &&
    !row.amounts.some(({ quality }) => quality >= SOUND) &&
    hasAny(kinds, 'description', 'count', 'price')
  )
}

const META = [
  'clerk',
  'table',
  'number',
  'registration',
  'contact',
  'date',
  'time',
  'document',
  'customer',
  'other_date',
  'average',
  'thanks',
  'points',
  'summary',
] as const

/** A line about the purchase, not of it. */
export function isMeta(row: Row): boolean {
  if (row.days.length > 0 || (row.clocks.some(({ isVague }) => !isVague) && lastSound(row) === undefined)) return true
  const words = wordsOf(row.marks)
  const least = lastSound(row) === undefined ? 0.6 : 0.8
  // `8 No` counts the things; a number of the document is longer or follows a colon.
  if (words.has('number') && words.size === 1 && !/\d{3}|[#:]/.test(row.text)) return false
  // `Take away` is sold too; a table has a number.
  if (words.has('table') && words.size === 1 && !/\d/.test(row.text)) return false
  return hasAny(words, ...META) && coverageOf(row).share >= least
}

/** `Item` heads the names, not how many there are. */
const isCountHead = (row: Row, { word, start, end }: Mark): boolean => word === 'count' && !/item|art/i.test(row.text.slice(start, end))

/** Where the head of the quantities stands, in pixels from the left. */
export function countColumnOf(head: Row | undefined): number | undefined {
  const marks = head?.marks.filter((mark) => isCountHead(head, mark)) ?? []
  const [mark] = marks
  return head === undefined || mark === undefined || marks.length > 1 ? undefined : xOf(head.line, (mark.start + mark.end) / 2)
}

/** "Total Qty: 25  404.39": a sum of the things, not one of them. */
const isCountLine = (row: Row): boolean =>
  row.marks.some(({ word, start, end }) => word === 'count' && !/pcs|stk|st[uü]e?ck|unit/i.test(row.text.slice(start, end))) &&
  coverageOf(row).share >= 0.6 &&
  !isHead(row) &&
  /\d/.test(row.text)

export interface Region {
  readonly rows: readonly Row[]
  readonly head: Row | undefined
}

const ENDS: readonly Figure['role'][] = [
  'total',
  'subtotal',
  'net',
  'tax',
  'tip',
  'rounding',
  'cash',
  'change',
  'card',
  'transfer',
  'wallet',
]

/** From the heads of the columns, or the last line about the purchase before the first thing, to the first sum after it. */
export function regionOf(rows: readonly Row[], figures: readonly Figure[], taxRows: readonly TaxRow[]): Region {
  const sums = [...figures.filter(({ role, weight }) => ENDS.includes(role) && weight >= 1.2), ...taxRows].map(({ row }) => row.index)
  sums.push(...rows.filter(isCountLine).map(({ index }) => index))
  const isThing = (row: Row): boolean => lastSound(row) !== undefined && !sums.includes(row.index) && !isMeta(row)
  const head = rows.findIndex((row, at) => isHead(row) && rows.slice(at + 1, at + 6).some(isThing))
  const first = rows.findIndex((row, at) => at > head && isThing(row))
  if (first < 0) return { rows: [], head: undefined }
  const meta = rows.findLastIndex((row, at) => at < first && (isMeta(row) || sums.includes(at)))
  const from = head >= 0 ? head + 1 : meta + 1
  const end = Math.min(rows.length, ...sums.filter((at) => at > first))
  return { rows: rows.slice(from, end).filter((row) => !isHead(row)), head: rows[head] }
}
