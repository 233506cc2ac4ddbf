// From what was read on a receipt to what an expense of it says. The lines always come to the amount: what the paper's
// own sums do not explain gets a line of its own, and is never spread over the others in silence.
import { EUR, exponentOf, type Currency } from '../currency.ts'
import type { Field, Reading } from './reading.ts'

/** What amounts of a receipt are counted in that names no currency: see `Reading`. */
const UNNAMED = EUR

/** The reading with its amounts in minor units of that currency: 12.50 stays 12.50. Undefined where one has more decimals than the currency. */
export function readingIn(reading: Reading, currency: Currency): Reading | undefined {
  const factor = 10 ** (exponentOf(currency) - exponentOf(reading.currency?.value ?? UNNAMED))
  let isWhole = true
  const scaled = (minor: number): number => {
    const value = factor < 1 ? minor / Math.round(1 / factor) : minor * factor
    isWhole &&= Number.isSafeInteger(value)
    return value
  }
  const field = (one: Field<number>): Field<number> => one && { ...one, value: scaled(one.value) }
  const items = reading.items.map((item) => ({ ...item, amount: scaled(item.amount) }))
  const { subtotal, tax, tip, discount, rounding, total } = reading
  const amounts = {
    subtotal: field(subtotal),
    tax: field(tax),
    tip: field(tip),
    discount: field(discount),
    rounding: field(rounding),
    total: field(total),
  }
  return isWhole ? { ...reading, ...amounts, items, currency: { value: currency, confidence: 1 } } : undefined
}

/** Lines with what is added and taken off, in minor units; their sum is the amount. */
export interface Bill {
  readonly items: readonly { readonly name: string; readonly amount: number; readonly quantity?: string }[]
  readonly tax: number
  readonly tip: number
  readonly discount: number
}

const REST = 'Not itemised'

/** What may stand on top of the lines: each of them does or does not, because papers print taxes that are in their prices. */
const EXTRAS = ['tax', 'tip', 'discount', 'rounding'] as const

const sumOf = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

interface Extra {
  readonly kind: (typeof EXTRAS)[number]
  /** With its sign: what it adds to the lines. */
  readonly minor: number
}

function extrasOf(reading: Reading): Extra[] {
  return EXTRAS.flatMap((kind) => {
    const minor = reading[kind]?.value ?? 0
    return minor === 0 ? [] : [{ kind, minor: kind === 'discount' ? -minor : minor }]
  })
}

/** Every choice among the extras, the first has all of them: a printed figure that explains the difference is not left out. */
const choicesOf = (extras: readonly Extra[]): Extra[][] =>
  Array.from({ length: 2 ** extras.length }, (_, bits) => extras.filter((__, i) => (bits & (1 << i)) === 0))

/** The bill of the amount in minor units, positive; always with at least one line, each of 0 or more. */
export function billOf(reading: Reading, amount: number): Bill {
  const items = reading.items
    .filter((item) => item.amount >= 0)
    .map(({ name, amount: minor, quantity }) => ({ name, amount: minor, quantity }))
  // A line below zero is what was taken off: alone with a member it would be a negative share.
  const taken = 0 - sumOf(reading.items.map((item) => Math.min(0, item.amount)))
  const lines = sumOf(items.map((item) => item.amount)) - taken
  const fitting =
    items.length === 0 ? undefined : choicesOf(extrasOf(reading)).find((chosen) => lines + sumOf(chosen.map((one) => one.minor)) === amount)
  const of = (kind: Extra['kind']): number => fitting?.find((one) => one.kind === kind)?.minor ?? 0
  const rest = fitting === undefined ? amount - lines : 0
  const added = Math.max(0, of('rounding'))
  const off = taken - of('discount') - Math.min(0, of('rounding')) - Math.min(0, rest)
  const all = rest > 0 || items.length === 0 ? [...items, { name: REST, amount: Math.max(0, rest) }] : items
  return { items: all, tax: of('tax') + added, tip: of('tip'), discount: off }
}
