// What an expense adds to the sums that analytics are told from. Sums are additive: an edit takes back what the expense
// added before and adds what it comes to now, so that a row is always the sum over the expenses that the ledger has.
import type { Currency } from '../currency.ts'
import { isPosted } from '../expense-moves.ts'
import type { Expense, MemberId } from '../expense.ts'
import type { Id } from '../ids.ts'
import { sum } from '../money.ts'
import type { Day } from '../time.ts'

/** A month of the calendar, `2024-02`. */
export type Month = `${number}-${number}`

/** In minor units what the member bears and what they paid, and how many expenses they bear a part of. */
export type MemberSums = readonly [owed: number, paid: number, count: number]

/**
 * Sums of one group over a day or a month, in one currency, of one series and kind. Of income, what a member bears
 * is their part of it and what they paid is what they received, so that all amounts of both kinds are positive.
 */
export interface RollupRow {
  readonly groupId: Id<'group'>
  /** '' for everything; a category's id; `none` for what has no category; `v:` and the vendor as `foldVendor` gives it. */
  readonly series: string
  /** Everything and categories have a row for the day and one for the month; vendors have months only. */
  readonly period: Day | Month
  readonly kind: 'expense' | 'income'
  /** Of the postings: the group's, or the expense's own where the group keeps currencies apart. */
  readonly currency: Currency
  readonly count: number
  /** What was paid, in minor units. */
  readonly minor: number
  readonly members: Readonly<Record<MemberId, MemberSums>>
  /** Of a vendor, the name as it was written last. It is no sum: what takes a row back leaves it as it is. */
  readonly label?: string
}

export const EVERYTHING = ''
export const UNCATEGORIZED = 'none'
const VENDOR = 'v:'

/** The series of a vendor; a blank name has none. */
export function vendorSeries(name: string): string | undefined {
  const folded = foldVendor(name)
  return folded === '' ? undefined : VENDOR + folded
}

export const isVendorSeries = (series: string): boolean => series.startsWith(VENDOR)

/** The month that a day lies in; a month is itself. */
export const monthOf = (period: Day | Month): Month => period.slice(0, 7) as Month

/**
 * What the expense adds: nothing unless it is posted and not deleted. It counts under its first category.
 * Amounts are those of its postings, so a foreign expense is added at the rate that is pinned on it.
 */
export function contributionsOf(expense: Expense): RollupRow[] {
  const [first] = expense.postings
  if (!isPosted(expense) || first === undefined) return []
  const { groupId, kind, date, categoryIds, postings } = expense
  const isIncome = kind === 'income'
  const members: Record<MemberId, MemberSums> = {}
  for (const posting of postings) {
    // Income is posted the other way round: who received it owes it.
    const [owed, paid] = isIncome ? [posting.paid, posting.owed] : [posting.owed, posting.paid]
    members[posting.member] = [owed, paid, owed === 0 ? 0 : 1]
  }
  const sums = { kind, currency: first.currency, count: 1, minor: sum(postings.map(({ paid }) => paid)), members }
  const row = (series: string, period: Day | Month): RollupRow => ({ groupId, series, period, ...sums })
  const [category = UNCATEGORIZED] = categoryIds
  const month = monthOf(date)
  const vendor = vendorSeries(expense.vendor)
  return [
    ...[EVERYTHING, category].flatMap((series) => [row(series, date), row(series, month)]),
    ...(vendor === undefined ? [] : [{ ...row(vendor, month), label: expense.vendor.trim() }]),
  ]
}

/** The rows that take these back. They carry no label: a name that was written last stays the last one written. */
export const negated = (rows: readonly RollupRow[]): RollupRow[] =>
  rows.map(({ label: _, ...row }) => {
    const members = membersOf(row).map(([id, [owed, paid, count]]) => [id, [0 - owed, 0 - paid, 0 - count]] as const)
    return { ...row, count: 0 - row.count, minor: 0 - row.minor, members: Object.fromEntries(members) }
  })

/** What tells two rows apart: group, series, period, kind and currency. */
export const rowKey = ({ groupId, series, period, kind, currency }: RollupRow): string =>
  `${groupId} ${period} ${kind} ${currency} ${series}`

/**
 * One row for each group, series, period, kind and currency, the sum of theirs, in the order in which each first appears;
 * the last label stays. Members of whom nothing is left are left out, and so are rows of which nothing is left unless
 * `keepsZeros`. Throws `RangeError` beyond the safe integers.
 */
export function merged(rows: readonly RollupRow[], keepsZeros = false): RollupRow[] {
  const groups = Map.groupBy(rows, rowKey)
  return [...groups.values()].map(summed).filter((row) => keepsZeros || !isNothing(row))
}

function summed(rows: readonly RollupRow[]): RollupRow {
  const [first] = rows
  if (first === undefined) throw new Error('a group of rows has one at least')
  const { label: _, ...row } = first
  const label = rows.findLast((one) => one.label !== undefined)?.label
  const byMember = Map.groupBy(rows.flatMap(membersOf), ([id]) => id)
  const members = [...byMember].flatMap(([id, all]) => {
    const column = (i: 0 | 1 | 2) => sum(all.map(([, sums]) => sums[i]))
    const sums: MemberSums = [column(0), column(1), column(2)]
    return sums.every((one) => one === 0) ? [] : [[id, sums] as const]
  })
  return {
    ...row,
    count: sum(rows.map(({ count }) => count)),
    minor: sum(rows.map(({ minor }) => minor)),
    members: Object.fromEntries(members),
    ...(label !== undefined && { label }),
  }
}

const isNothing = ({ count, minor, members }: RollupRow): boolean => count === 0 && minor === 0 && Object.keys(members).length === 0

/** The members of a row with their sums. Keys of the record are members' ids by its type; `Object.entries` forgets that. */
export const membersOf = ({ members }: Pick<RollupRow, 'members'>): [MemberId, MemberSums][] =>
  Object.entries(members) as [MemberId, MemberSums][]

/** What stands at the end of a company's name on a receipt and is left out by people. */
const LEGAL_FORM = / (?:gmbh|mbh|ug|ag|kg|ohg|ltd|limited|plc|llc|llp|inc|corp|sarl|sas|srl|spa|bv|nv|oy|ab|aps|pty|kft|sro)$/

/** No vendor is known by more letters than this; what comes after is a slogan. */
const LONGEST_VENDOR = 80

/**
 * The name as vendors are grouped by: small letters without accents, no punctuation, one space between words, no legal
 * form at its end. Marks of scripts in which they are letters stay. A name of signs alone stays as it is; a blank one is ''.
 * Kept rows are found by it, so a change here takes a rebuild of them.
 */
export function foldVendor(name: string): string {
  const plain = name
    .normalize('NFKD')
    // Accents of Latin, Greek and Cyrillic. Vowel signs of Hindi or Thai are marks too, and are not in this block.
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    // By way of capitals, so that `ß` and `SS` are the same.
    .toUpperCase()
    .toLowerCase()
  const words = plain
    .replace(/['’.]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
  const folded = words.replace(LEGAL_FORM, '').replace(LEGAL_FORM, '')
  return [...(folded === '' ? plain.trim().replace(/\s+/g, ' ') : folded)].slice(0, LONGEST_VENDOR).join('').trim()
}
