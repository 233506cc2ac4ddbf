// The reading of one receipt: text with places in, what it says out. Nothing here knows a shop or an engine.
import { exponentOf } from '../currency.ts'
import type { Day } from '../time.ts'
import { pointOf } from './amounts.ts'
import { findCurrency } from './currencies.ts'
import { chooseDay } from './day-choice.ts'
import { type Figure, type Role, type TaxRow, figuresIn, taxRowsIn } from './figures.ts'
import { itemsIn } from './items.ts'
import { linesOf } from './lines.ts'
import type { Page } from './page.ts'
import type { Field, PaidBy, Reading, ReceiptItem } from './reading.ts'
import { type Row, coverageOf, toRow, wordsOf } from './rows.ts'
import { checksOf, isProof, minorsOf, waysOf } from './sums.ts'
import { type PrintedSheet, type TotalChoice, chooseTotal } from './total.ts'
import { chooseVendor } from './vendor.ts'

interface Sheet extends PrintedSheet {
  readonly items: readonly ReceiptItem[]
  readonly taxRows: readonly TaxRow[]
}

const certaintyOf = ({ amount, row }: Figure): number => Math.min(0.97, amount.quality * (0.5 + 0.5 * row.line.confidence))

function fieldOf(figure: Figure | undefined, minor = figure?.minor ?? 0): Field<number> {
  // A bare number beside a word is a hint for the sums, and no reading by itself.
  return figure === undefined || figure.amount.quality < 0.3 ? null : { value: minor, confidence: certaintyOf(figure) }
}

const best = (figures: readonly Figure[], ...roles: readonly Role[]): Figure | undefined =>
  figures.filter(({ role }) => roles.includes(role)).sort((a, b) => b.weight - a.weight)[0]

/** All taxes: the largest single figure is their sum where it is printed, else the lines of the summary are. */
function taxOf({ figures, taxRows }: Sheet): Field<number> {
  const summed = taxRows.reduce((sum, { tax }) => sum + tax, 0)
  const printed = figures.filter(({ role, minor }) => role === 'tax' && minor >= 0)
  const same = printed.find(({ minor }) => minor === summed)
  if (taxRows.length > 0 && (same !== undefined || printed.every(({ minor }) => minor === 0))) {
    const seen = Math.min(...taxRows.map(({ row }) => row.line.confidence))
    return { value: summed, confidence: same === undefined ? 0.85 * seen : 0.97 * (0.5 + 0.5 * seen) }
  }
  return fieldOf([...printed].sort((a, b) => b.minor - a.minor)[0])
}

/** The subtotal that leads to the total if there is one, else the first. */
function subtotalOf(sheet: Sheet, total: number | undefined): Field<number> {
  const printed = sheet.figures.filter(({ role }) => role === 'subtotal' || role === 'net')
  const others = sheet.figures.filter(({ role }) => role !== 'subtotal' && role !== 'net')
  const leads = (figure: Figure): boolean =>
    waysOf({ ...sheet, figures: [figure, ...others] }).some(({ kind, result }) => kind === 'subtotal_tax_total' && result === total)
  return fieldOf(best(printed, 'subtotal') ?? printed.find(leads) ?? printed[0])
}

function paymentOf(rows: readonly Row[], figures: readonly Figure[], change: Figure | undefined): Field<PaidBy> {
  const paid = best(
    figures.filter(({ minor }) => minor > 0),
    'cash',
    'card',
    'transfer',
    'wallet',
  )
  const METHOD: Partial<Record<Role, PaidBy>> = { cash: 'cash', card: 'card', transfer: 'transfer', wallet: 'other' }
  // "Paid" alone does not say how.
  if (paid !== undefined && !(paid.role === 'cash' && !wordsOf(paid.row.marks).has('cash'))) {
    return { value: METHOD[paid.role] ?? 'other', confidence: 0.6 + 0.35 * paid.row.line.confidence }
  }
  if (change !== undefined && change.minor !== 0) return { value: 'cash', confidence: 0.8 }
  const bottom = Math.max(
    rows.length / 3,
    ...figures.filter(({ role }) => role === 'total' || role === 'subtotal').map(({ row }) => row.index),
  )
  const below = rows.filter((row) => row.index > bottom && coverageOf(row).share >= 0.5)
  const named = (['card', 'transfer', 'wallet', 'cash'] as const).find((word) =>
    below.some((row) => row.marks.some((mark) => mark.word === word)),
  )
  return named === undefined ? null : { value: METHOD[named] ?? 'other', confidence: 0.55 }
}

function sheetOf(rows: readonly Row[], unit: number): Sheet {
  const taxRows = taxRowsIn(rows)
  const inTable = new Set(taxRows.filter(({ row }) => row.amounts.length > 1).map(({ row }) => row.index))
  const figures = figuresIn(rows, unit).filter(({ row }) => !inTable.has(row.index))
  return { figures, taxRows, items: itemsIn(rows, figures, taxRows) }
}

function toItem({ name, quantity, unitPrice, amount, confidence }: ReceiptItem): ReceiptItem {
  return { name, quantity, ...(unitPrice === undefined ? {} : { unitPrice }), amount, confidence }
}

/** All discounts: their sum, which may be printed below them. */
function discountOf({ figures }: Sheet): Field<number> {
  const printed = figures.filter(({ role, minor }) => role === 'discount' && minor !== 0)
  const sum = printed.reduce((total, { minor }) => total + minor, 0)
  const ofAll = printed.find(({ minor }) => minor * 2 === sum)
  return fieldOf(ofAll ?? printed[0] ?? best(figures, 'discount'), ofAll?.minor ?? sum)
}

/** With the sign that leads to the total: a minus is faint, and some print what the shop loses. */
function roundingOf(sheet: Sheet, total: number | undefined): Field<number> {
  const figure = best(sheet.figures, 'rounding')
  if (figure === undefined || total === undefined) return fieldOf(figure)
  const { minor } = figure
  const leads = (rounding: number): boolean =>
    waysOf({ ...sheet, figures: sheet.figures.map((one) => (one.role === 'rounding' ? { ...one, minor: 0 } : one)) }).some(
      ({ kind, result, base }) => kind !== 'cash_change' && kind !== 'payment_total' && base !== total && result + rounding === total,
    ) || minorsOf(sheet, 'total', 'subtotal').some((before) => before !== total && before + rounding === total)
  return fieldOf(figure, !leads(minor) && leads(-minor) ? -minor : minor)
}

function totalField(choice: TotalChoice | undefined, isProved: boolean): Field<number> {
  if (choice === undefined) return null
  const sure = isProved && choice.repaired === undefined ? Math.max(0.93, choice.confidence) : choice.confidence
  return { value: choice.minor, confidence: sure }
}

/**
 * What the receipt says. `today` is the reader's day: no receipt is from later than the day after. Never throws,
 * whatever the page holds; what was not found is `null`, and `checks` says what does not add up.
 */
export function readPage(page: Page, at: { readonly today: Day }): Reading {
  const lines = linesOf(page)
  const currency = findCurrency(lines)
  const exponent = currency === null ? 2 : exponentOf(currency.value)
  const text = lines.map((line) => line.text).join('\n')
  const spelling = { exponent, point: pointOf(text), hasDollar: text.includes('$') }
  const rows = lines.map((line, index) => toRow(line, index, spelling))
  const sheet = sheetOf(rows, 10 ** exponent)
  const choice = chooseTotal(sheet, rows)
  const checks = choice === undefined ? [] : checksOf(sheet, choice.minor)
  const isProved = choice?.isPrinted === true && choice.repaired === undefined && isProof(checks)
  const change = best(sheet.figures, 'change')
  const { date, time } = chooseDay(rows, at.today, currency?.value)
  return {
    vendor: chooseVendor(rows),
    date,
    time,
    currency,
    subtotal: subtotalOf(sheet, choice?.minor),
    tax: taxOf(sheet),
    tip: fieldOf(best(sheet.figures, 'tip')),
    discount: discountOf(sheet),
    rounding: roundingOf(sheet, choice?.minor),
    total: totalField(choice, isProved),
    cashPaid: fieldOf(best(sheet.figures, 'cash')),
    change: change === undefined ? null : fieldOf(change, Math.abs(change.minor)),
    paymentMethod: paymentOf(rows, sheet.figures, change),
    items: sheet.items.map(toItem),
    checks: checks.map(({ kind, holds, expected, got, difference }) => ({ kind, holds, expected, got, difference })),
    isProved,
  }
}
