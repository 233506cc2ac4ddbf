// What a receipt says, as far as it could be read: each field with how sure one may be, and what adds up of it.
// Amounts are whole minor units of the receipt's currency (of a currency with 2 decimals when it is unknown).
import type { Currency } from '../currency.ts'
import type { ClockTime, Day } from '../time.ts'

/** A value with the likelihood, from 0 to 1, that it is what the paper says. */
interface Read<T> {
  readonly value: T
  readonly confidence: number
}

/** `null` where nothing was found; never a guess without evidence. */
export type Field<T> = Read<T> | null

/** `HH:MM:SS`, or `HH:MM` where no seconds are printed. */
export type PrintedTime = ClockTime | `${number}:${number}`

export type PaidBy = 'cash' | 'card' | 'transfer' | 'other'

/** A line of what was bought. The amount is what the line costs, so quantity times unit price where both stand. */
export interface ReceiptItem {
  readonly name: string
  /** A plain decimal such as `2` or `0.745`; negative for what was returned at a unit price. `1` where none is printed. */
  readonly quantity: string
  readonly unitPrice?: number
  readonly amount: number
  readonly confidence: number
}

/**
 * - `items_total`: the lines add up to the subtotal or the total, with tax, tip, discount and rounding where printed
 * - `subtotal_tax_total`: subtotal, tax, tip, discount and rounding give the total
 * - `rounding`: the total before the rounding of cash and the rounding give the total
 * - `cash_change`: what was handed over less the change is the total
 * - `payment_total`: what was paid by card, by transfer or in exact cash is the total
 * - `tax_lines`: the net amounts and taxes of a tax summary add up to the total before rounding;
 *   each line is rounded, so it holds within a unit a line and 2
 */
export type CheckKind = 'items_total' | 'subtotal_tax_total' | 'rounding' | 'cash_change' | 'payment_total' | 'tax_lines'

/** One sum on the receipt: what the other figures give, what is printed, and by how much that is more. */
export interface Check {
  readonly kind: CheckKind
  readonly holds: boolean
  readonly expected: number
  readonly got: number
  readonly difference: number
}

export interface Reading {
  readonly vendor: Field<string>
  /** The day on the calendar of the shop. */
  readonly date: Field<Day>
  readonly time: Field<PrintedTime>
  readonly currency: Field<Currency>
  /** What is due before tax on top, tip, discount and rounding. */
  readonly subtotal: Field<number>
  /** All taxes together, whether they are in the prices or on top. */
  readonly tax: Field<number>
  /** A tip or a service charge. */
  readonly tip: Field<number>
  /** What was taken off, as a positive amount. */
  readonly discount: Field<number>
  /** The rounding of cash, with its sign: `-2` for 17.22 paid as 17.20. */
  readonly rounding: Field<number>
  /** What was to be paid, after rounding. */
  readonly total: Field<number>
  readonly cashPaid: Field<number>
  readonly change: Field<number>
  readonly paymentMethod: Field<PaidBy>
  readonly items: readonly ReceiptItem[]
  /** The sums that could be made of what was read, those first that hold. */
  readonly checks: readonly Check[]
  /** Whether the total follows from other figures on the receipt, or agrees with three of them, and none contradicts it. */
  readonly isProved: boolean
}
