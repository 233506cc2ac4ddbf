// Two engines read the same receipt: which of them is right, field by field. What both say is likely so; where they
// differ, the one with which the receipt adds up.
import type { Role } from './figures.ts'
import { fold } from './marks.ts'
import type { Check, Field, Reading, ReceiptItem } from './reading.ts'
import { type Sheet, checksOf, isProof } from './sums.ts'

const MONEY = ['subtotal', 'tax', 'tip', 'discount', 'rounding', 'cashPaid', 'change'] as const
type MoneyField = (typeof MONEY)[number]

const ROLE: Readonly<Record<MoneyField, Role>> = {
  subtotal: 'subtotal',
  tax: 'tax',
  tip: 'tip',
  discount: 'discount',
  rounding: 'rounding',
  cashPaid: 'cash',
  change: 'change',
}

/** Both are wrong only if each is. */
const together = (one: number, other: number): number => Math.min(0.99, 1 - (1 - one) * (1 - other))

/** The value both have; else the surer one, less sure for the doubt; the first of equals. */
function agree<T>(first: Field<T>, second: Field<T>, isSame: (one: T, other: T) => boolean = (one, other) => one === other): Field<T> {
  if (first === null || second === null) return first ?? second
  const [better, worse] = second.confidence > first.confidence ? [second, first] : [first, second]
  if (isSame(first.value, second.value)) return { value: better.value, confidence: together(first.confidence, second.confidence) }
  return { value: better.value, confidence: better.confidence * (1 - worse.confidence * 0.4) }
}

const lettersOf = (name: string): string => fold(name).replace(/[^A-Z\d]/g, '')

/** Whether two spellings are of one name: the same but for a misread letter in five, or one within the other. */
export function isSameName(one: string, other: string): boolean {
  const [a, b] = [lettersOf(one), lettersOf(other)]
  if (a === '' || b === '') return a === b
  if ((a.length > 3 && b.includes(a)) || (b.length > 3 && a.includes(b))) return true
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return (row[b.length] ?? 0) <= Math.max(a.length, b.length) * 0.2
}

type Figures = Pick<Reading, MoneyField | 'paymentMethod' | 'total' | 'items' | 'checks'>

/** The figures as sums take them. A tax summary is left of a reading as what it comes to. */
function sheetOf(figures: Figures): Sheet {
  const paid = figures.paymentMethod?.value
  const summary = figures.checks.find(({ kind }) => kind === 'tax_lines')
  const tax = figures.tax?.value ?? 0
  return {
    figures: MONEY.flatMap((field) => {
      const minor = figures[field]?.value
      if (minor === undefined) return []
      return [{ role: field === 'cashPaid' && paid === 'card' ? ('card' as const) : ROLE[field], minor }]
    }),
    taxRows: summary === undefined ? [] : [{ net: summary.expected - tax, tax }],
    items: figures.items,
  }
}

const holding = (figures: Figures): number => {
  if (figures.total === null) return 0
  return checksOf(sheetOf(figures), figures.total.value).reduce((sum, { holds, terms }) => sum + (holds ? (terms > 1 ? 1 : 0.3) : -0.4), 0)
}

/** Each amount from the reading with which more sums hold, beginning with all of the leading one. */
function amountsOf(lead: Reading, other: Reading): Figures {
  let figures: Figures = lead
  if (!lead.isProved && other.items.length > 0) {
    const swapped = { ...figures, items: other.items }
    if (lead.items.length === 0 || holding(swapped) > holding(figures)) figures = swapped
  }
  for (const field of MONEY) {
    const [own, offered] = [lead[field], other[field]]
    if (offered === null) continue
    if (own?.value === offered.value) {
      figures = { ...figures, [field]: agree(own, offered) }
    } else if (!lead.isProved || own === null) {
      const swapped = { ...figures, [field]: offered }
      const gain = holding(swapped) - holding(figures)
      if (gain > 0 || (own === null && gain === 0)) figures = swapped
    }
  }
  return figures
}

/** How much speaks for the total of a reading, in the light of the other one. */
function standing(reading: Reading, other: Reading): number {
  if (reading.total === null) return -1
  const isBacked = other.checks.some(({ expected, kind }) => kind !== 'payment_total' && expected === reading.total?.value)
  const crossed = holding({ ...other, total: reading.total })
  return (reading.isProved ? 4 : 0) + holding(reading) + 0.5 * crossed + (isBacked ? 1 : 0) + 2 * reading.total.confidence
}

function totalOf(lead: Reading, other: Reading): Reading['total'] {
  if (lead.total === null || other.total === null || lead.total.value === other.total.value) return agree(lead.total, other.total)
  // A proof on one side only outweighs what the other engine saw.
  const doubt = lead.isProved && !other.isProved ? 0.1 : 0.4
  return { value: lead.total.value, confidence: lead.total.confidence * (1 - other.total.confidence * doubt) }
}

const sameItems = (one: readonly ReceiptItem[], other: readonly ReceiptItem[]): boolean =>
  one.length === other.length && one.every(({ amount }, at) => amount === other[at]?.amount)

/** The checks of the leading reading where its figures were kept; else those of the figures that were put together. */
function checksFor(lead: Reading, figures: Figures): { checks: readonly Check[]; isProved: boolean } {
  const isKept = MONEY.every((field) => figures[field]?.value === lead[field]?.value) && sameItems(figures.items, lead.items)
  if (isKept || lead.isProved || figures.total === null) return { checks: lead.checks, isProved: lead.isProved }
  const checks = checksOf(sheetOf(figures), figures.total.value)
  return {
    checks: checks.map(({ kind, holds, expected, got, difference }) => ({ kind, holds, expected, got, difference })),
    isProved: isProof(checks),
  }
}

/** Amounts of currencies with different decimals are no more alike than their digits, so those of one reading stand. */
const isComparable = (first: Reading, second: Reading): boolean =>
  first.currency === null || second.currency === null || first.currency.value === second.currency.value

/**
 * One reading of two of the same receipt. The total comes from the reading that proves it, or in whose favour the
 * figures of both speak, the first of equals; the other amounts from where the sums hold; the rest from the surer one.
 */
export function reconcileReadings(first: Reading, second: Reading): Reading {
  const [lead, other] = standing(second, first) > standing(first, second) ? [second, first] : [first, second]
  const figures = isComparable(first, second) ? amountsOf(lead, other) : lead
  const { checks, isProved } = checksFor(lead, figures)
  const total = isComparable(first, second) ? totalOf(lead, other) : lead.total
  const currency = isComparable(first, second) ? agree(lead.currency, other.currency) : lead.currency
  return {
    vendor: agree(first.vendor, second.vendor, isSameName),
    date: agree(first.date, second.date),
    // `18:30` is `18:30:15` without its seconds.
    time: agree(first.time, second.time, (one, another) => one.slice(0, 5) === another.slice(0, 5)),
    currency,
    subtotal: figures.subtotal,
    tax: figures.tax,
    tip: figures.tip,
    discount: figures.discount,
    rounding: figures.rounding,
    total: total === null || !isProved ? total : { ...total, confidence: Math.max(0.93, total.confidence) },
    cashPaid: figures.cashPaid,
    change: figures.change,
    paymentMethod: agree(lead.paymentMethod, other.paymentMethod),
    items: figures.items,
    checks,
    isProved,
  }
}
