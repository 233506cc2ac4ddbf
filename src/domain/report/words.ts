// How a report says things: days, periods, counts, names and states in plain English.
import { addDays, addMonths } from '../calendar.ts'
import type { Currency } from '../currency.ts'
import type { MemberId } from '../expense.ts'
import { formatMinor } from '../money.ts'
import { monthText, type Month } from '../reminder.ts'
import type { SettlementMethod, SettlementStatus } from '../settlement.ts'
import type { Day } from '../time.ts'
import type { Span } from '../analytics/range.ts'
import type { ReportSources } from './sources.ts'

/** The day in words: `3 January 2026`. */
export const dayText = (day: Day): string => `${Number(day.slice(8))} ${monthText(day.slice(0, 7) as Month)}`

/** The period as people name it: `2026`, `Q1 2026`, `January 2026`, a single day, or from one day to another. */
export function spanText({ from, to }: Span): string {
  const isWholeMonths = (months: number): boolean => from.endsWith('-01') && addDays(addMonths(from, months), -1) === to
  const [year, month] = [from.slice(0, 4), Number(from.slice(5, 7))]
  if (month === 1 && isWholeMonths(12)) return year
  if (month % 3 === 1 && isWholeMonths(3)) return `Q${(month + 2) / 3} ${year}`
  if (isWholeMonths(1)) return monthText(from.slice(0, 7) as Month)
  return from === to ? dayText(from) : `${dayText(from)} – ${dayText(to)}`
}

/** `1 expense`, `2 expenses`. */
export const countText = (count: number, one: string, many = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`

const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** `12.5%`, also where the decimal is 0, so that percentages below each other read alike. */
export const percentText = (percentage: number): string => `${percentage.toFixed(1)}%`

/** A change with its sign: `+12.5%`. */
export const signedPercent = (percentage: number): string => `${percentage > 0 ? '+' : ''}${percentText(percentage)}`

/** An amount within a sentence: `EUR 1,234.50`. */
export function moneyText(minor: number, currency: Currency): string {
  const [whole = '', decimals] = formatMinor(Math.abs(minor), currency).split('.')
  const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${minor < 0 ? '-' : ''}${currency} ${digits}${decimals === undefined ? '' : `.${decimals}`}`
}

/** The parts as one enumeration: `a, b and c`. */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/

/** A name as a part of a longer text: isolated where it runs from right to left, or it would turn the figures beside it around. */
export const within = (name: string): string => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name)

/** What a category without one is called, and one that is somebody else's. */
export const NO_CATEGORY = 'No category'
export const UNKNOWN_CATEGORY = 'A category of somebody else'
export const NO_VENDOR = 'No vendor'

export const STATUS_TEXT: Readonly<Record<SettlementStatus, string>> = {
  pending: 'Open',
  reported: 'Reported, not confirmed',
  processing: 'Under way',
  completed: 'Paid',
  disputed: 'Disputed',
  rejected: 'Declined',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
}

export const METHOD_TEXT: Readonly<Record<SettlementMethod, string>> = {
  manual: 'Unspecified',
  cash: 'Cash',
  bank_transfer: 'Bank transfer',
  stripe: 'Stripe',
  paypal: 'PayPal',
  venmo: 'Venmo',
  upi: 'UPI',
  other: 'Other',
}

/** The names of members, told apart: the second Ann is `Ann (2)`. Members with the same user are one person. */
export function nameFinder(people: ReportSources['people']): (member: MemberId) => string {
  const labels = new Map<string, string>()
  const taken = new Set<string>()
  for (const [member, { name, userId }] of people) {
    const key = userId ?? member
    if (labels.has(key)) continue
    const plain = name.trim() === '' ? 'Somebody' : name.trim()
    let label = plain
    for (let n = 2; taken.has(label); n++) label = `${plain} (${n})`
    taken.add(label)
    labels.set(key, label)
  }
  return (member) => labels.get(people.get(member)?.userId ?? member) ?? 'Somebody'
}
