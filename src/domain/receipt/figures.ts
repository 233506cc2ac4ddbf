// Amounts with the word that says what they are: the total, a tax, what was handed over. A line may say several things
// ("TOTAL INCL. GST"), so what its amount is follows from all its words and from how large it is beside the others.
import type { Amount } from './amounts.ts'
import type { Mark } from './marks.ts'
import { type Row, SOUND, type Words, coverageOf, hasAny, wordsOf } from './rows.ts'

export type Role =
  | 'total'
  | 'subtotal'
  | 'net'
  | 'tax'
  | 'tip'
  | 'discount'
  | 'rounding'
  | 'cash'
  | 'change'
  | 'card'
  | 'transfer'
  | 'wallet'
  | 'other'

export interface Figure {
  readonly role: Role
  readonly minor: number
  /** How much speaks for the role: about 1 for a hint, 3 for the plain word, 4 and more for the amount to pay. */
  readonly weight: number
  readonly amount: Amount
  readonly row: Row
}

/** A line of a tax summary. */
export interface TaxRow {
  readonly net: number
  readonly tax: number
  readonly row: Row
}

interface Verdict {
  readonly role: Role
  readonly weight: number
}

const NOT_MONEY = [
  'points',
  'average',
  'saving',
  'exchange',
  'other_date',
  'contact',
  'registration',
  'address',
  'thanks',
  'number',
] as const

function verdictOnTax(words: Words, isLarge: boolean): Verdict {
  if (words.has('included')) {
    if (!isLarge) return { role: 'tax', weight: 2 }
    if (words.has('sub')) return { role: 'subtotal', weight: 2.5 }
    return { role: 'total', weight: hasAny(words, 'total', 'due') ? 2.8 : 1.6 }
  }
  if (words.has('excluded')) return { role: isLarge ? 'net' : 'tax', weight: 2 }
  if (hasAny(words, 'sub')) return { role: isLarge ? 'net' : 'tax', weight: 1.5 }
  // "TOTAL GST" is a tax, unless it is as large as a total: then it is one with a note about the tax.
  if (isLarge && hasAny(words, 'total', 'due')) return { role: 'total', weight: 1.5 }
  return isLarge ? { role: 'other', weight: 0 } : { role: 'tax', weight: words.has('summary') ? 1 : 2.5 }
}

function verdictOnTotal(words: Words, isLarge: boolean): Verdict | undefined {
  if (words.has('sub')) return { role: 'subtotal', weight: 3 }
  if (words.has('excluded') && hasAny(words, 'total', 'amount')) return { role: 'net', weight: 2 }
  if (words.has('tip') && !(isLarge && words.has('total'))) return { role: 'tip', weight: 2.5 }
  if (words.has('discount') && !words.has('amount') && !(isLarge && hasAny(words, 'total', 'due'))) return { role: 'discount', weight: 2.5 }
  const paid = paymentOf(words)
  if (paid !== undefined && !words.has('due')) return { role: paid, weight: words.has('total') ? 2 : 3 }
  if (words.has('due')) return { role: 'total', weight: words.has('total') ? 4.2 : 3.6 }
  if (words.has('total')) return { role: 'total', weight: 3 }
  if (words.has('amount')) return { role: 'total', weight: 1.2 }
  return undefined
}

function paymentOf(words: Words): Role | undefined {
  if (words.has('cash')) return 'cash'
  if (words.has('card')) return 'card'
  if (words.has('transfer')) return 'transfer'
  if (words.has('wallet')) return 'wallet'
  return words.has('paid') ? 'cash' : undefined
}

/** What an amount is, by the words before it. `isLarge`: of the size of what was to be paid; `isTiny`: less than one unit. */
function verdict(words: Words, isLarge: boolean, isTiny: boolean): Verdict | undefined {
  if (hasAny(words, ...NOT_MONEY)) return undefined
  if (words.has('change') && !words.has('due')) return { role: 'change', weight: 3 }
  if (words.has('rounding')) {
    if (isTiny) return { role: 'rounding', weight: 3 }
    return isLarge && !words.has('sub') ? { role: 'total', weight: hasAny(words, 'total', 'due', 'amount') ? 4 : 1.5 } : undefined
  }
  if (words.has('count')) return hasAny(words, 'total', 'sub') && isLarge ? { role: 'total', weight: 0.8 } : undefined
  if (words.has('tax')) return verdictOnTax(words, isLarge)
  return verdictOnTotal(words, isLarge)
}

interface Labelled {
  readonly row: Row
  readonly amount: Amount
  readonly marks: readonly Mark[]
}

/** How much of a line must be known words for it to say what its amount is, so that a thing's name is not taken for it. */
function isLabel(row: Row): boolean {
  const { share, letters } = coverageOf(row)
  if (letters === 0) return false
  const words = wordsOf(row.marks)
  return share >= (hasAny(words, 'total', 'sub', 'due') ? 0.35 : hasAny(words, 'change', 'rounding', 'tax') ? 0.5 : 0.6)
}

/** Amounts below or above a line that has only words: the print is large, or the columns are apart. */
function neighbourOf(row: Row, rows: readonly Row[]): Row | undefined {
  const free = (other: Row | undefined): Row | undefined => {
    // Several amounts are a line of a table, of which this one is the head.
    if (other?.amounts.filter(({ quality }) => quality >= SOUND).length !== 1) return undefined
    const gap = Math.max(other.line.top - row.line.bottom, row.line.top - other.line.bottom)
    return coverageOf(other).letters <= 2 && gap < Math.max(row.line.height, other.line.height) * 1.2 ? other : undefined
  }
  return free(rows[row.index + 1]) ?? free(rows[row.index - 1])
}

/** The words that belong to each amount of a line: those since the amount before, else all that came before. */
function labelledIn(row: Row, rows: readonly Row[]): Labelled[] {
  if (!isLabel(row)) return []
  const sound = row.amounts.filter(({ quality }) => quality >= SOUND)
  // A faint figure or one without decimals is taken from the end of the line only, where nothing better stands.
  const least = hasAny(wordsOf(row.marks), 'total', 'sub', 'due', 'cash', 'change') ? 0.2 : 0.3
  const amounts = sound.length > 0 ? sound : row.amounts.filter(({ quality }) => quality > least).slice(-1)
  if (amounts.length === 0) {
    const beside = neighbourOf(row, rows)
    return (beside?.amounts ?? [])
      .filter(({ quality }) => quality >= SOUND)
      .map((amount) => ({ row, amount, marks: row.marks }))
      .slice(-1)
  }
  const labelled: Labelled[] = []
  let from = 0
  let marks: readonly Mark[] = []
  for (const amount of amounts) {
    const own = row.marks.filter(({ start }) => start >= from && start < amount.start)
    if (own.length > 0) marks = own
    // A figure before the first word belongs to no word, unless all words come after the figures.
    const isBehind = row.marks.every(({ start }) => start > (amounts.at(-1)?.start ?? 0))
    if (marks.length > 0 || isBehind) labelled.push({ row, amount, marks: marks.length > 0 ? marks : row.marks })
    from = amount.end
  }
  return labelled
}

const UNSIGNED: readonly Role[] = ['discount', 'cash', 'change', 'card', 'transfer', 'wallet']

export function figuresIn(rows: readonly Row[], unit: number): Figure[] {
  const labelled = rows.flatMap((row) => labelledIn(row, rows))
  const sizes = labelled
    .filter(({ marks, amount }) => hasAny(wordsOf(marks), 'total', 'sub', 'due') && amount.quality >= SOUND)
    .map(({ amount }) => Math.abs(amount.minor))
    .sort((a, b) => a - b)
  const largest = sizes.at(-1) ?? 0
  return labelled.flatMap(({ row, amount, marks }, at) => {
    const size = Math.abs(amount.minor)
    const found = verdict(wordsOf(marks), size > largest * 0.3 && size > 0, size < unit || size === 0)
    if (found === undefined) return []
    // Of several amounts under one label the last is what the line comes to.
    const isLast = labelled[at + 1]?.row !== row || labelled[at + 1]?.marks !== marks
    const weight = found.weight * (0.4 + 0.6 * amount.quality) * (isLast ? 1 : 0.5)
    // What is taken off or handed over is printed with a minus by some.
    const minor = UNSIGNED.includes(found.role) ? size : amount.minor
    return [{ role: found.role, minor, weight, amount, row }]
  })
}

/** Rates of taxes that are in use somewhere, for tables that do not print theirs. */
const RATES = [6, 10, 5, 7, 8, 9, 19, 20, 21, 22, 23, 13, 5.5, 15, 2.6, 8.1, 7.7, 16, 12]

const gives = (net: number, tax: number, rate: number): boolean => Math.abs((net * rate) / 100 - tax) <= 1.01

/** The heads of a tax summary: a tax and what it is of, without amounts. */
const isTaxHead = (row: Row, words: Words): boolean =>
  words.has('tax') && row.amounts.length === 0 && (hasAny(words, 'amount', 'excluded', 'sub', 'total') || row.text.includes('%'))

/** Lines of a tax summary: net and tax, maybe with the gross; told from other lines by their arithmetic. */
export function taxRowsIn(rows: readonly Row[]): TaxRow[] {
  const printed = rows.flatMap(({ percents }) => percents)
  const found: TaxRow[] = []
  let inSummary = -Infinity
  for (const row of rows) {
    const words = wordsOf(row.marks)
    // The heads of the things bought may have a tax and an amount too.
    if (hasAny(words, 'description', 'price', 'count')) inSummary = -Infinity
    else if (words.has('summary') || isTaxHead(row, words)) inSummary = row.index
    const near = row.index - inSummary <= 7
    const figures = row.amounts.filter(({ quality }) => quality >= SOUND).map(({ minor }) => minor)
    if (figures.length < 2 || figures.length > 3 || coverageOf(row).letters > 24) continue
    if (!near && !words.has('tax') && row.percents.length === 0) continue
    // "Total 5.66 0.34" under the lines of the table repeats them.
    if (words.has('total') && !words.has('tax')) continue
    const [a = 0, b = 0, c] = figures
    const sides =
      c === undefined
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
            [b, c],
            [c, b],
            [a, c],
          ]
    const rates = [...row.percents, ...(near || words.has('tax') ? [...printed, ...RATES] : [])]
    for (const [net = 0, tax = 0] of [...sides, [b, a]]) {
      const isTaxed = net > tax && tax > 0 && rates.some((rate) => rate > 0 && gives(net, tax, rate))
      if (isTaxed || (near && tax === 0 && net > 0)) {
        found.push({ net, tax, row })
        break
      }
    }
  }
  return found
}
