// How well a receipt fits an expense, and which receipt belongs to which expense of a period. Only a pair that nothing
// else comes near to is matched by itself; all else is for somebody to look at.
import { type Currency, exponentOf } from '../currency.ts'
import { DAY, type Day } from '../time.ts'
import { ALIKE, type Name, type Pattern, SAME, nameOf, patternOf, twoDecimals, vendorLikeness } from './vendor-likeness.ts'

/** What a receipt says, `null` where it could not be read. `total` is in minor units; of a currency with 2 decimals where it is unknown. */
export interface ReceiptFacts {
  readonly total: number | null
  readonly currency: Currency | null
  readonly date: Day | null
  readonly vendor: string | null
  /** Whether other figures on the receipt confirm the total. */
  readonly isProved: boolean
}

/** `amount` is in minor units; `vendor` may be empty. */
export interface ExpenseFacts {
  readonly amount: number
  readonly currency: Currency
  readonly date: Day
  readonly vendor: string
  readonly title: string
}

type MatchReason = {
  readonly code:
    | 'amount_exact'
    | 'amount_within_tolerance'
    | 'amount_differs'
    | 'amount_unknown'
    | 'currency_differs'
    | 'currency_unknown'
    | 'same_day'
    | 'days_apart'
    | 'date_unknown'
    | 'vendor_same'
    | 'vendor_alike'
    | 'vendor_differs'
    | 'vendor_unknown'
  /** For a person: `Amount difference within tolerance`. */
  readonly message: string
}

export interface MatchScore {
  /** From 0 to 1, with two decimals. */
  readonly score: number
  /** Receipt less expense, in minor units of the expense's currency; `null` where they can't be compared. */
  readonly amountDifference: number | null
  /** Days of the calendar, receipt less expense: negative when the expense was booked later. */
  readonly dayDifference: number | null
  /** From 0 to 1, with two decimals; `null` where one side names nobody. */
  readonly vendorLikeness: number | null
  /** One about the amount, or that it is in another currency; then of currency, day and vendor what there is to say. */
  readonly reasons: readonly MatchReason[]
}

/** At or above: may be matched by itself. */
export const AUTO_SCORE = 0.8
/** At or above: shown as a potential match. */
export const REVIEW_SCORE = 0.4

/** By how much a match must be ahead of all others of its receipt and of its expense to be made by itself. */
const LEAD = 0.1

/** What amounts to the cent are worth, those that are off by next to nothing, and those that are off by the whole tolerance. */
const AMOUNT = { exact: 1, near: 0.85, atTolerance: 0.45, unknown: 0.45, differs: 0.2 } as const
const UNKNOWN_CURRENCY = 0.9
/** A card is booked up to 3 days later; by the 14th day it is hardly the same purchase, and after it never. */
const DATE = { perNearDay: 0.01, nearDays: 3, atLast: 0.6, lastDay: 14, unknown: 0.85 } as const
/** A name that is alike is worth between `alike` and 1. One that differs is not proof: a bank tells the owner, a till the shop. */
const VENDOR = { alike: 0.95, differs: 0.7, unknown: 0.85 } as const

/** So many expenses are weighed against one receipt, those that fit best. Who has so many alike finds out by hand. */
const MOST_RIVALS = 200
/** So many receipts are shown for one expense. */
const MOST_CANDIDATES = 5

/** What there is to judge by besides names, as in a `MatchScore`. */
interface Figures {
  readonly currency: 'same' | 'unknown' | 'differs'
  readonly amountDifference: number | null
  readonly dayDifference: number | null
}

/**
 * How well the receipt fits the expense. `toleranceMinor` is the difference of amounts that may still be the same purchase
 * (a tip, a rounding), in minor units.
 *
 * The score is the product of what amount, currency, day and vendor are worth; 1 is all the same. Another currency or an
 * amount beyond the tolerance stays below `REVIEW_SCORE`, whatever else agrees, and more than 14 days apart scores 0. What
 * is not known costs less than what contradicts. The vendor of the receipt is held against the expense's vendor and title;
 * a title that is not like it says nothing, since titles tell what was bought as often as where.
 */
export function scoreMatch(receipt: ReceiptFacts, expense: ExpenseFacts, toleranceMinor: number): MatchScore {
  const [known, candidate] = [readable(receipt), sought(expense)]
  const figures = figuresOf(known, candidate)
  const likeness = vendorLikeness(known.vendor, candidate.vendor, candidate.title)
  return {
    score: twoDecimals(worthOf(figures, toleranceMinor) * worthOfVendor(likeness)),
    amountDifference: figures.amountDifference,
    dayDifference: figures.dayDifference,
    vendorLikeness: likeness,
    reasons: [...reasonsOf(figures, toleranceMinor), reasonOfVendor(likeness)],
  }
}

/**
 * Which receipts belong to which expenses. Each expense is in exactly one of three lists, all in the order of date and id:
 * - `auto`: the match is at least `AUTO_SCORE`, ahead of all others of its receipt and of its expense by 0.1, and the amount
 *   is exact, or within the tolerance on a receipt whose total is proved and whose vendor is alike. What is settled so no
 *   longer stands in the way of others. No receipt is used twice.
 * - `manual`: the receipts still free that score at least `REVIEW_SCORE`, at most 5, the best first, ties by id. A receipt
 *   can be a candidate of several expenses.
 * - `unmatched`: no receipt comes near.
 *
 * The outcome does not depend on the order of the input; ids must differ. It costs about a receipt times the expenses of
 * about its amount: 1,000 receipts and 5,000 expenses take well under a second.
 */
export function reconcilePeriod<R extends ReceiptFacts & { id: string }, E extends ExpenseFacts & { id: string }>(
  receipts: readonly R[],
  expenses: readonly E[],
  toleranceMinor: number,
): {
  auto: readonly { receipt: R; expense: E; match: MatchScore }[]
  manual: readonly { expense: E; candidates: readonly { receipt: R; match: MatchScore }[] }[]
  unmatched: readonly E[]
} {
  const pairs = potentialMatches(receipts, expenses, toleranceMinor)
  const settled = settle(pairs)
  const matched = new Map(settled.map((pair) => [pair.expense, pair]))
  const used = new Set(settled.map((pair) => pair.receipt))
  const free = Map.groupBy(
    pairs.filter(({ receipt, expense }) => !used.has(receipt) && !matched.has(expense)),
    ({ expense }) => expense,
  )
  const ordered = [...expenses].sort((a, b) => compare(a.date, b.date) || compare(a.id, b.id))
  const shown = ({ receipt, expense }: Pair<R, E>) => ({ receipt, match: scoreMatch(receipt, expense, toleranceMinor) })
  return {
    auto: ordered.flatMap((expense) => {
      const pair = matched.get(expense)
      return pair === undefined ? [] : [{ ...shown(pair), expense }]
    }),
    manual: ordered.flatMap((expense) => {
      const best = free.get(expense)?.sort((a, b) => b.score - a.score || compare(a.receipt.id, b.receipt.id))
      return best === undefined ? [] : [{ expense, candidates: best.slice(0, MOST_CANDIDATES).map(shown) }]
    }),
    unmatched: ordered.filter((expense) => !matched.has(expense) && !free.has(expense)),
  }
}

interface Pair<R, E> {
  readonly receipt: R
  readonly expense: E
  readonly score: number
  /** Whether nothing about the pair itself asks for a second look. */
  readonly isSure: boolean
}

/** Every pair from `REVIEW_SCORE` on, at most `MOST_RIVALS` of a receipt. */
function potentialMatches<R extends ReceiptFacts & { id: string }, E extends ExpenseFacts & { id: string }>(
  receipts: readonly R[],
  expenses: readonly E[],
  toleranceMinor: number,
): Pair<R, E>[] {
  const near = indexByAmount(expenses.map(sought))
  return receipts.flatMap((receipt) => {
    const known = readable(receipt)
    const pairs: Pair<R, E>[] = []
    for (const candidate of near(receipt, toleranceMinor)) {
      if (known.day !== null && Math.abs(known.day - candidate.day) > DATE.lastDay) continue
      const figures = figuresOf(known, candidate)
      const worth = worthOf(figures, toleranceMinor)
      // To compare names costs more than all the rest, so it comes last.
      if (twoDecimals(worth) < REVIEW_SCORE) continue
      const likeness = vendorLikeness(known.vendor, candidate.vendor, candidate.title)
      const score = twoDecimals(worth * worthOfVendor(likeness))
      if (score < REVIEW_SCORE) continue
      pairs.push({ receipt, expense: candidate.facts, score, isSure: isSure(receipt, score, figures, likeness) })
    }
    if (pairs.length <= MOST_RIVALS) return pairs
    return pairs.sort((a, b) => b.score - a.score || compare(a.expense.id, b.expense.id)).slice(0, MOST_RIVALS)
  })
}

/** The expenses whose amount is within the tolerance of the receipt's total; all of its currency where it has no total. */
function indexByAmount<E extends ExpenseFacts>(expenses: readonly Sought<E>[]) {
  const byCurrency = Map.groupBy(
    [...expenses].sort((a, b) => a.facts.amount - b.facts.amount),
    ({ facts }) => facts.currency,
  )
  return (receipt: ReceiptFacts, toleranceMinor: number): Sought<E>[] =>
    [...byCurrency].flatMap(([currency, sorted]) => {
      if (receipt.currency !== null && receipt.currency !== currency) return []
      if (receipt.total === null) return sorted
      const total = totalIn(receipt, currency)
      if (total === null) return []
      return sorted.slice(firstFrom(sorted, total - toleranceMinor), firstFrom(sorted, total + toleranceMinor + 1))
    })
}

/** How many of the expenses, sorted by amount, are below this one. */
function firstFrom(sorted: readonly Sought<ExpenseFacts>[], amount: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.facts.amount ?? amount) < amount) low = middle + 1
    else high = middle
  }
  return low
}

/** Takes the pairs that are ahead of all others, then those that are ahead of what is left, until none is. */
function settle<R extends ReceiptFacts, E extends ExpenseFacts>(pairs: readonly Pair<R, E>[]): Pair<R, E>[] {
  const settled: Pair<R, E>[] = []
  const used = new Set<R | E>()
  let free = pairs
  for (;;) {
    const best = bestTwo(free)
    const isAhead = (side: R | E, { score }: Pair<R, E>) => {
      const [first = 0, second = 0] = best.get(side) ?? []
      // Scores have two decimals; as floats, 0.9 - 0.8 is less than 0.1.
      return score === first && Math.round((first - second) * 100) >= LEAD * 100
    }
    const clear = free.filter((pair) => pair.isSure && isAhead(pair.receipt, pair) && isAhead(pair.expense, pair))
    if (clear.length === 0) return settled
    for (const pair of clear) {
      settled.push(pair)
      used.add(pair.receipt).add(pair.expense)
    }
    free = free.filter(({ receipt, expense }) => !used.has(receipt) && !used.has(expense))
  }
}

/** The best and the second best score of each receipt and each expense. */
function bestTwo<R, E>(pairs: readonly Pair<R, E>[]): Map<R | E, readonly [number, number]> {
  const best = new Map<R | E, readonly [number, number]>()
  for (const { receipt, expense, score } of pairs) {
    for (const side of [receipt, expense]) {
      const [first, second] = best.get(side) ?? [0, 0]
      best.set(side, score > first ? [score, first] : [first, Math.max(second, score)])
    }
  }
  return best
}

function isSure({ isProved }: ReceiptFacts, score: number, { amountDifference }: Figures, likeness: number | null): boolean {
  if (score < AUTO_SCORE || amountDifference === null) return false
  return amountDifference === 0 || (isProved && likeness !== null && likeness >= ALIKE)
}

/** A receipt or an expense with its day as a number and its names as they are compared. */
interface Readable {
  readonly facts: ReceiptFacts
  readonly day: number | null
  readonly vendor: Pattern
}

interface Sought<E extends ExpenseFacts> {
  readonly facts: E
  readonly day: number
  readonly vendor: Name
  readonly title: Name
}

const dayNumber = (day: Day): number => Date.parse(`${day}T00:00:00Z`) / DAY

const readable = (facts: ReceiptFacts): Readable => ({
  facts,
  day: facts.date === null ? null : dayNumber(facts.date),
  vendor: patternOf(facts.vendor ?? ''),
})

const sought = <E extends ExpenseFacts>(facts: E): Sought<E> => ({
  facts,
  day: dayNumber(facts.date),
  vendor: nameOf(facts.vendor),
  title: nameOf(facts.title),
})

function figuresOf(receipt: Readable, expense: Sought<ExpenseFacts>): Figures {
  const { currency, amount } = expense.facts
  const total = totalIn(receipt.facts, currency)
  const isKnown = receipt.facts.currency !== null
  const isOther = isKnown ? receipt.facts.currency !== currency : receipt.facts.total !== null && total === null
  return {
    currency: isOther ? 'differs' : isKnown ? 'same' : 'unknown',
    amountDifference: total === null ? null : total - amount,
    dayDifference: receipt.day === null ? null : receipt.day - expense.day,
  }
}

/** The receipt's total in minor units of the currency; `null` if it has none, or none in this currency: there are no cents of a yen. */
function totalIn({ total, currency: own }: ReceiptFacts, currency: Currency): number | null {
  if (total === null || (own !== null && own !== currency)) return null
  const shift = own === null ? exponentOf(currency) - 2 : 0
  const shifted = shift < 0 ? total / 10 ** -shift : total * 10 ** shift
  return Number.isInteger(shifted) ? shifted : null
}

/** From 0 to 1: all that counts but the vendor. */
function worthOf({ currency, amountDifference, dayDifference }: Figures, toleranceMinor: number): number {
  const amount = currency === 'differs' ? AMOUNT.differs : worthOfAmount(amountDifference, toleranceMinor)
  return amount * (currency === 'unknown' ? UNKNOWN_CURRENCY : 1) * worthOfDays(dayDifference)
}

function worthOfAmount(difference: number | null, toleranceMinor: number): number {
  if (difference === null) return AMOUNT.unknown
  if (difference === 0) return AMOUNT.exact
  const off = Math.abs(difference)
  return off <= toleranceMinor ? AMOUNT.near - ((AMOUNT.near - AMOUNT.atTolerance) * off) / toleranceMinor : AMOUNT.differs
}

function worthOfDays(difference: number | null): number {
  if (difference === null) return DATE.unknown
  const days = Math.abs(difference)
  if (days > DATE.lastDay) return 0
  const near = 1 - DATE.perNearDay * Math.min(days, DATE.nearDays)
  return days <= DATE.nearDays ? near : near - ((near - DATE.atLast) * (days - DATE.nearDays)) / (DATE.lastDay - DATE.nearDays)
}

function worthOfVendor(likeness: number | null): number {
  if (likeness === null) return VENDOR.unknown
  return likeness < ALIKE ? VENDOR.differs : VENDOR.alike + ((1 - VENDOR.alike) * (likeness - ALIKE)) / (1 - ALIKE)
}

function reasonsOf({ currency, amountDifference, dayDifference }: Figures, toleranceMinor: number): MatchReason[] {
  const unknown: MatchReason = { code: 'currency_unknown', message: 'The receipt does not show its currency' }
  const amount: MatchReason =
    currency === 'differs' ? { code: 'currency_differs', message: 'Another currency' } : reasonOfAmount(amountDifference, toleranceMinor)
  return [amount, ...(currency === 'unknown' ? [unknown] : []), reasonOfDays(dayDifference)]
}

function reasonOfAmount(difference: number | null, toleranceMinor: number): MatchReason {
  if (difference === null) return { code: 'amount_unknown', message: 'No total could be read on the receipt' }
  if (difference === 0) return { code: 'amount_exact', message: 'Same amount' }
  return Math.abs(difference) <= toleranceMinor
    ? { code: 'amount_within_tolerance', message: 'Amount difference within tolerance' }
    : { code: 'amount_differs', message: 'Amount difference above tolerance' }
}

function reasonOfDays(difference: number | null): MatchReason {
  if (difference === null) return { code: 'date_unknown', message: 'No date could be read on the receipt' }
  if (difference === 0) return { code: 'same_day', message: 'Same day' }
  const days = Math.abs(difference)
  return { code: 'days_apart', message: days === 1 ? '1 day apart' : `${days} days apart` }
}

function reasonOfVendor(likeness: number | null): MatchReason {
  if (likeness === null) return { code: 'vendor_unknown', message: 'The vendor is not known' }
  if (likeness >= SAME) return { code: 'vendor_same', message: 'Same vendor' }
  return likeness >= ALIKE ? { code: 'vendor_alike', message: 'Similar vendor' } : { code: 'vendor_differs', message: 'Another vendor' }
}

/** By code units, which no locale changes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
