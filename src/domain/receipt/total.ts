// The total: of all amounts the one for which most speaks - its word, its print, and the sums that lead to it. A sum may
// also show that a digit of the printed total was misread.
import type { Row } from './rows.ts'
import { SOUND } from './rows.ts'
import { heightAt } from './lines.ts'
import type { Figure } from './figures.ts'
import { type Sheet, type Way, minorsOf, waysOf } from './sums.ts'

export interface TotalChoice {
  readonly minor: number
  readonly confidence: number
  /** Whether a word on the receipt calls this amount the total. */
  readonly isNamed: boolean
  /** Whether it stands on the receipt at all: it may follow from other figures alone. */
  readonly isPrinted: boolean
  /** The amount that was printed under that name, if a digit of it was misread. */
  readonly repaired: number | undefined
}

/** A sheet of figures that know where they stand. */
export interface PrintedSheet extends Sheet {
  readonly figures: readonly Figure[]
}

interface Candidate {
  readonly minor: number
  readonly score: number
  readonly isNamed: boolean
  readonly isPrinted: boolean
  readonly repaired: number | undefined
}

/** How much a sum says for its result; those of a single figure may be the total printed again. */
const WEIGHT: Readonly<Record<Way['kind'], readonly [single: number, several: number]>> = {
  cash_change: [1.5, 3.5],
  payment_total: [1.5, 2],
  subtotal_tax_total: [0, 2.5],
  items_total: [1.2, 2.5],
  tax_lines: [0, 2],
  rounding: [0, 2.5],
}

/** Whether the figures differ in one digit and have as many. */
function differsInOneDigit(one: number, other: number): boolean {
  const [a, b] = [String(one), String(other)]
  return a.length === b.length && one > 0 && [...a].filter((digit, at) => digit !== b[at]).length === 1
}

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

function waysTo(minor: number, ways: readonly Way[]): number {
  const kinds = new Map<string, number>()
  for (const { kind, result, terms, isUnrounded } of ways) {
    const off = Math.abs(result - minor)
    const isApart = isRoundingApart(minor, result)
    if (off > (kind === 'tax_lines' ? 2 : 0) && !isApart) continue
    const [single, several] = WEIGHT[kind]
    // The more things add up to it the less it is chance.
    const weight =
      ((terms > 1 ? several : single) + (kind === 'items_total' ? Math.min(1, Math.max(0, terms - 2) * 0.35) : 0)) *
      (off === 0 ? 1 : isApart ? 0.5 : 0.7) *
      (isUnrounded ? 0.6 : 1)
    kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight))
  }
  return [...kinds.values()].reduce((sum, weight) => sum + weight, 0)
}

/** What the word, the place and the print say for each amount that is called a total. */
function namedScores(sheet: PrintedSheet, rows: readonly Row[]): Map<number, number> {
  const height = medianOf(rows.map(({ line }) => line.height))
  const scores = new Map<number, number>()
  const totals = sheet.figures.filter(({ role, minor }) => (role === 'total' || role === 'subtotal' || role === 'net') && minor >= 0)
  const others = minorsOf(sheet, 'total').filter((minor) => minor > 0)
  for (const { role, minor, weight, amount, row } of totals) {
    const tall = Math.min(1.2, Math.max(0, heightAt(row.line, amount.start) / Math.max(1, height) - 1.1) * 1.5)
    const share = role === 'total' ? 1 : role === 'subtotal' ? 0.45 : 0.2
    const certainty = 0.7 + 0.3 * row.line.confidence
    let score = (weight + tall) * share * certainty
    if (minor === 0) score = Math.min(score, 1)
    const before = scores.get(minor)
    scores.set(minor, before === undefined ? score : Math.max(before, score) + 0.6)
  }
  // The things bought add up to the subtotal by its nature, so that alone does not make it the total.
  const subtotals = new Set(minorsOf(sheet, 'subtotal', 'net'))
  for (const minor of subtotals) {
    if (!others.includes(minor) && others.some((other) => other > minor && (scores.get(other) ?? 0) >= 2))
      scores.set(minor, (scores.get(minor) ?? 0) - 2)
  }
  // What is called a total and is less than another one is likely a part of it.
  for (const minor of others) {
    if (others.some((other) => other > minor + 5 && (scores.get(other) ?? 0) >= 2)) scores.set(minor, (scores.get(minor) ?? 0) - 0.6)
  }
  // Cash is rounded to 0.05 or 0.10 where there are no smaller coins: the rounded one of two neighbours is what is paid.
  for (const minor of others) {
    const unrounded = others.some((other) => other !== minor && Math.abs(other - minor) < 5 && other % 5 !== 0)
    if (minor % 5 === 0 && unrounded) scores.set(minor, (scores.get(minor) ?? 0) + 1.5)
  }
  return scores
}

/** The total that was printed where a sum gives one that differs in a single digit, if no sum gives what was read there. */
function repairOf(minor: number, named: ReadonlyMap<number, number>, ways: readonly Way[]): { misread: number; score: number } | undefined {
  let best: { misread: number; score: number } | undefined
  for (const [misread, score] of named) {
    if (!differsInOneDigit(minor, misread) || score < 2 || score <= (best?.score ?? 0)) continue
    if (waysTo(misread, ways) < 2) best = { misread, score }
  }
  return best
}

/** How many sums that have nothing to do with each other give the amount. */
const witnessesOf = (minor: number, ways: readonly Way[]): number =>
  new Set(ways.filter(({ result, terms, kind }) => result === minor && terms > 1 && kind !== 'rounding').map(({ kind }) => kind)).size

/** Whether the two are apart by a rounding of cash that no line tells: the total is a multiple of 5, the sum is not. */
const isRoundingApart = (total: number, result: number): boolean => total % 5 === 0 && result % 5 !== 0 && Math.abs(total - result) < 5

/** Whether the receipt calls an amount the total that is this one before or after rounding: what is printed stands. */
function isRoundedAway(minor: number, sheet: Sheet): boolean {
  const roundings = minorsOf(sheet, 'rounding').filter((rounding) => rounding !== 0)
  return minorsOf(sheet, 'total').some(
    (total) => isRoundingApart(total, minor) || roundings.some((rounding) => Math.abs(total - minor) === Math.abs(rounding)),
  )
}

/**
 * What counts against an amount that stands nowhere on the receipt: no match for one that is called the total, unless it
 * was misread there or several sums agree; and a sum of things alone may be of half of them.
 */
function absence(minor: number, ways: readonly Way[], isNamed: boolean): number {
  const isPaid = ways.some(({ kind, result, terms }) => kind === 'cash_change' && terms > 1 && result === minor)
  const witnesses = witnessesOf(minor, ways)
  if (witnesses >= 3 || (witnesses === 2 && isPaid)) return 2
  return isNamed ? 5 : isPaid ? 1 : 4
}

function candidatesOf(sheet: PrintedSheet, rows: readonly Row[]): Candidate[] {
  const ways = waysOf(sheet)
  const named = namedScores(sheet, rows)
  const printed = new Map<number, number>()
  for (const { minor, quality } of rows.flatMap(({ amounts }) => amounts)) {
    if (quality >= SOUND && minor > 0) printed.set(minor, (printed.get(minor) ?? 0) + 1)
  }
  const largest = Math.max(0, ...printed.keys())
  const isNamed = Math.max(0, ...named.values()) >= 2
  const minors = new Set([...named.keys(), ...ways.map(({ result }) => result), ...printed.keys()])
  return [...minors]
    .filter((minor) => minor >= 0 && (printed.has(minor) || named.has(minor) || !isRoundedAway(minor, sheet)))
    .map((minor) => {
      const own = named.get(minor)
      const proof = waysTo(minor, ways)
      const repeats = Math.min(3, Math.max(0, (printed.get(minor) ?? 0) - 1)) * 0.35
      const repair = proof >= (own === undefined ? 3.5 : 2) ? repairOf(minor, named, ways) : undefined
      const unseen = printed.has(minor) || own !== undefined ? 0 : repair !== undefined ? 1 : absence(minor, ways, isNamed)
      const size = own === undefined && largest > 0 ? (minor / largest) * 0.4 : 0
      return {
        minor,
        score: (own ?? 0) + (repair?.score ?? 0) * 0.6 + proof + repeats - unseen + size,
        isNamed: own !== undefined,
        isPrinted: printed.has(minor) || own !== undefined,
        repaired: own === undefined ? repair?.misread : undefined,
      }
    })
    .sort((a, b) => b.score - a.score || b.minor - a.minor)
}

/** The amount to pay, after rounding; `undefined` when the page has no amounts. */
export function chooseTotal(sheet: PrintedSheet, rows: readonly Row[]): TotalChoice | undefined {
  const [first, second] = candidatesOf(sheet, rows)
  if (first === undefined || first.score <= 0) return undefined
  const margin = first.score - Math.max(0, second?.score ?? 0)
  const likely = 1 / (1 + Math.exp(1.6 - 0.35 * first.score - 0.5 * margin))
  const confidence = Math.min(0.98, likely) * (first.repaired === undefined ? 1 : 0.75) * (first.isNamed ? 1 : 0.8)
  return { minor: first.minor, confidence, isNamed: first.isNamed, isPrinted: first.isPrinted, repaired: first.repaired }
}
