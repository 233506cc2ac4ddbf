// The arithmetic of a receipt: which sums over its figures could give its total, and which of them do.
import type { Role } from './figures.ts'
import type { Check, CheckKind } from './reading.ts'

/** The figures of a receipt by what they are. */
export interface Sheet {
  readonly figures: readonly { readonly role: Role; readonly minor: number }[]
  /** The lines of a tax summary. */
  readonly taxRows: readonly { readonly net: number; readonly tax: number }[]
  readonly items: readonly { readonly amount: number }[]
}

/** A way to the total through other figures. */
export interface Way {
  readonly kind: CheckKind
  readonly result: number
  /** How many figures other than 0 went into it: one alone proves nothing, it may be the total printed again. */
  readonly terms: number
  /** Whether it leaves out a rounding that is printed. */
  readonly isUnrounded: boolean
  /** Whether it is only worth telling where it leads to the total. */
  readonly isOptional?: boolean
  /** What it starts from. */
  readonly base: number
}

const distinct = (minors: readonly number[]): number[] => [...new Set(minors)]

/** More different amounts of one kind than this are no receipt, and every pair of them would have to be tried. */
const MOST = 10

export const minorsOf = ({ figures }: Sheet, ...roles: readonly Role[]): number[] =>
  distinct(figures.filter(({ role }) => roles.includes(role)).map(({ minor }) => minor)).slice(0, MOST)

const totalOf = (minors: readonly number[]): number => minors.reduce((sum, minor) => sum + minor, 0)

/** 0, each figure, and all together: a tax may be printed by rate, in sum, or both. */
const choicesOf = (minors: readonly number[]): number[] => distinct([0, ...minors.slice(0, 4), totalOf(minors)])

interface Additions {
  readonly taxes: readonly number[]
  readonly tips: readonly number[]
  readonly discounts: readonly number[]
  readonly roundings: readonly number[]
}

function additionsOf(sheet: Sheet): Additions {
  return {
    taxes: choicesOf(distinct([...minorsOf(sheet, 'tax'), totalOf(sheet.taxRows.map(({ tax }) => tax))]).filter((tax) => tax > 0)),
    tips: choicesOf(minorsOf(sheet, 'tip')),
    discounts: choicesOf(minorsOf(sheet, 'discount')),
    // The sign of a rounding is often printed oddly or not seen.
    roundings: distinct(
      [
        0,
        ...minorsOf(sheet, 'rounding')
          .slice(0, 2)
          .flatMap((minor) => [minor, -minor]),
      ].map((minor) => minor + 0),
    ),
  }
}

function waysFrom(
  kind: CheckKind,
  bases: readonly { minor: number; terms: number }[],
  { taxes, tips, discounts, roundings }: Additions,
): Way[] {
  const ways: Way[] = []
  for (const base of bases) {
    for (const tax of taxes) {
      for (const tip of tips) {
        for (const discount of discounts) {
          for (const rounding of roundings) {
            const terms = base.terms + [tax, tip, discount, rounding].filter((term) => term !== 0).length
            const isUnrounded = rounding === 0 && roundings.length > 1
            ways.push({ kind, result: base.minor + tax + tip - discount + rounding, terms, isUnrounded, base: base.minor })
          }
        }
      }
    }
  }
  return ways
}

/** Every total that the figures could give. A subtotal alone is no way to it, nor is a single thing without anything added. */
export function waysOf(sheet: Sheet): Way[] {
  const additions = additionsOf(sheet)
  const subtotals = minorsOf(sheet, 'subtotal', 'net').map((minor) => ({ minor, terms: 1 }))
  const { items } = sheet
  const bought = totalOf(items.map(({ amount }) => amount))
  const things = items.length === 0 ? [] : [{ minor: bought, terms: items.filter(({ amount }) => amount !== 0).length }]
  const net = totalOf(sheet.taxRows.map((row) => row.net))
  const tax = totalOf(sheet.taxRows.map((row) => row.tax))
  // Some summaries tell what a tax is of with it, others without it.
  const table =
    sheet.taxRows.length === 0
      ? []
      : [
          { minor: net + tax, terms: tax === 0 ? 1 : 2 },
          { minor: net, terms: 1 },
        ]
  const rounded = { taxes: [0], tips: [0], discounts: [0], roundings: additions.roundings }
  const before = minorsOf(sheet, 'total').map((minor) => ({ minor, terms: 1 }))
  return [
    ...waysFrom('subtotal_tax_total', subtotals, additions),
    ...groupWays(sheet, additions),
    ...waysFrom('items_total', things, additions).filter(({ terms }) => terms > 0),
    ...waysFrom('tax_lines', table, { ...rounded, tips: additions.tips }),
    ...waysFrom('rounding', before, rounded).filter(({ terms }) => terms > 1),
    ...paymentWays(sheet),
  ]
}

/** Sums of two groups of things, such as those of two rates of tax, each with a total of its own. */
function groupWays(sheet: Sheet, { taxes }: Additions): Way[] {
  const parts = minorsOf(sheet, 'subtotal', 'net', 'total')
    .filter((minor) => minor !== 0)
    .slice(0, 6)
  const pairs = parts.flatMap((one, at) => parts.slice(at + 1).map((other) => ({ minor: one + other, terms: 2 })))
  const ways = waysFrom('subtotal_tax_total', pairs, { taxes, tips: [0], discounts: [0], roundings: [0] })
  return ways.map((way) => ({ ...way, isOptional: true }))
}

/** What was handed over less the change, and what was paid in another way. */
function paymentWays(sheet: Sheet): Way[] {
  const cash = minorsOf(sheet, 'cash')
  const change = minorsOf(sheet, 'change')
  const { roundings } = additionsOf(sheet)
  const ways: Way[] = []
  for (const paid of cash) {
    for (const back of change) {
      ways.push({ kind: 'cash_change', result: paid - Math.abs(back), terms: back === 0 ? 1 : 2, isUnrounded: false, base: paid })
    }
    // Without a change line, or with one that was not read, exact money is likely.
    if (change.length === 0) ways.push({ kind: 'payment_total', result: paid, terms: 1, isUnrounded: false, base: paid })
  }
  for (const paid of minorsOf(sheet, 'card', 'transfer', 'wallet')) {
    for (const rounding of roundings)
      ways.push({ kind: 'payment_total', result: paid + rounding, terms: 1, isUnrounded: false, base: paid })
    for (const back of change.filter((minor) => minor !== 0 && Math.abs(minor) < paid))
      ways.push({ kind: 'cash_change', result: paid - Math.abs(back), terms: 2, isUnrounded: false, base: paid })
  }
  return ways
}

const KINDS: readonly CheckKind[] = ['items_total', 'subtotal_tax_total', 'tax_lines', 'rounding', 'cash_change', 'payment_total']

/** A tax summary rounds each of its lines, so it may be off by as many units. */
const slackOf = (kind: CheckKind, sheet: Pick<Sheet, 'taxRows'>): number => (kind === 'tax_lines' ? sheet.taxRows.length + 2 : 0)

/** Of each kind the way that comes nearest to the total; of equals the one through more figures. */
export function checksOf(sheet: Sheet, total: number): (Check & { readonly terms: number })[] {
  const ways = waysOf(sheet)
  return KINDS.flatMap((kind) => {
    const nearest = ways
      // A rounding of the total itself leads away from it.
      .filter(
        (way) => way.kind === kind && (kind !== 'rounding' || way.base !== total) && (way.isOptional !== true || way.result === total),
      )
      .sort((a, b) => Math.abs(a.result - total) - Math.abs(b.result - total) || b.terms - a.terms)[0]
    if (nearest === undefined) return []
    const difference = total - nearest.result
    return [
      { kind, holds: Math.abs(difference) <= slackOf(kind, sheet), expected: nearest.result, got: total, difference, terms: nearest.terms },
    ]
  }).sort((a, b) => Number(b.holds) - Number(a.holds))
}

/**
 * Whether the total follows from other figures, and no sum leads elsewhere: a sum of several figures gives it exactly, or
 * three kinds of sums do, though each may be of one figure: the one thing bought, the subtotal, the exact money paid.
 * Printed twice proves nothing.
 */
export function isProof(checks: readonly (Check & { readonly terms: number })[]): boolean {
  const exact = checks.filter(({ difference }) => difference === 0)
  return checks.every(({ holds }) => holds) && (exact.some(({ terms }) => terms > 1) || exact.length >= 3)
}
