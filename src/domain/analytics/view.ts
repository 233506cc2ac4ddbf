// Rows of rollups as one asks for them: whose amounts, and in which currency. Amounts stay exact until they are shown; a
// total is rounded once, and what it is made of is rounded so that it sums to it. What follows from them - averages,
// percentages, differences - is told from the amounts as they are shown, so that a reader comes to the same.
import { Decimal } from 'decimal.js'
import { exponentOf, type Currency } from '../currency.ts'
import type { MemberId } from '../expense.ts'
import { sum } from '../money.ts'
import type { Day } from '../time.ts'
import { membersOf, monthOf, type Month, type RollupRow } from './rollup.ts'

/** Wide enough that no product or sum here is rounded before we round it. */
export const Exact = Decimal.clone({ precision: 100 })

export type Kind = RollupRow['kind']

/** Whose: everything that a group paid, or what these members bear of it - a person is another member in each of their groups. */
export type Scope = { readonly kind: 'group' } | { readonly kind: 'member'; readonly members: ReadonlySet<MemberId> }

/** What a row comes to in a scope, in minor units of its own currency. */
export type Amount = Omit<RollupRow, 'members'>

/** An amount in the currency that is shown: minor units of it, not rounded yet. */
export interface Figure {
  readonly series: string
  readonly period: Day | Month
  readonly kind: Kind
  readonly count: number
  readonly exact: Decimal
  readonly label?: string
}

export interface View {
  readonly currency: Currency
  readonly figures: readonly Figure[]
  /** Amounts without a rate, in no figure. */
  readonly unconverted: readonly Amount[]
}

/** So much, in minor units of `currency`, that no rate is known for. */
export interface Unconverted {
  readonly kind: Kind
  readonly currency: Currency
  readonly minor: number
  readonly count: number
}

/** Minor units, and how many expenses they are the sum of. */
export interface Total {
  readonly minor: number
  readonly count: number
}

/** Units of the currency that is shown for one unit of `from`, as positive decimal text. */
export type RateOf = (from: Currency, day: Day) => string | undefined

/** What the rows come to for the scope. Of members, an expense that several of them bear counts once for each. */
export function scopeOf(rows: readonly RollupRow[], scope: Scope): Amount[] {
  return rows.flatMap(({ members, ...row }) => {
    if (scope.kind === 'group') return [row]
    const own = membersOf({ members }).filter(([id]) => scope.members.has(id))
    const minor = sum(own.map(([, [owed]]) => owed))
    const count = sum(own.map(([, [, , borne]]) => borne))
    return minor === 0 && count === 0 ? [] : [{ ...row, minor, count }]
  })
}

/**
 * The day whose rate an amount is shown at: the first of its month. Days and months then come to the same, whichever of
 * them were read, and what was shown for a month does not move as the month goes on (as customs and the Commission's
 * InforEuro fix the rates of a month at its beginning).
 */
export const rateDayOf = (period: Day | Month): Day => `${monthOf(period)}-01` as Day

/** The amounts in one currency, at the rates of their months. What has no rate is set apart and never guessed. */
export function converted(amounts: readonly Amount[], currency: Currency, rateOf: RateOf): View {
  const rates = new Map<string, Decimal | undefined>()
  const factorOf = (from: Currency, day: Day): Decimal | undefined => {
    const key = `${from} ${day}`
    if (!rates.has(key)) rates.set(key, factor(from, currency, from === currency ? '1' : rateOf(from, day)))
    return rates.get(key)
  }
  const figures: Figure[] = []
  const unconverted: Amount[] = []
  for (const amount of amounts) {
    const by = factorOf(amount.currency, rateDayOf(amount.period))
    if (by === undefined) {
      unconverted.push(amount)
      continue
    }
    const { series, period, kind, count, minor, label } = amount
    figures.push({ series, period, kind, count, exact: by.mul(minor), ...(label !== undefined && { label }) })
  }
  return { currency, figures, unconverted }
}

/** Minor units of `to` for one minor unit of `from`. */
const factor = (from: Currency, to: Currency, rate: string | undefined): Decimal | undefined =>
  rate === undefined ? undefined : new Exact(rate).mul(new Exact(10).pow(exponentOf(to) - exponentOf(from)))

/** The figures of a kind that belong to one of the series. */
export const figuresOf = (view: View, kind: Kind, isWanted: (series: string) => boolean): Figure[] =>
  view.figures.filter((figure) => figure.kind === kind && isWanted(figure.series))

export const exactSum = (figures: readonly Figure[]): Decimal => figures.reduce((total, { exact }) => total.add(exact), new Exact(0))

const countOf = (figures: readonly Figure[]): number => sum(figures.map(({ count }) => count))

/** To whole minor units, half-even. Throws `RangeError` beyond the safe integers. */
export const rounded = (exact: Decimal): number => sum([exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber()])

export const totalOf = (figures: readonly Figure[]): Total => ({ minor: rounded(exactSum(figures)), count: countOf(figures) })

/**
 * The parts in whole minor units so that they sum to `total`, which must be their sum rounded up or down: each is rounded
 * down first, and the units left go to the largest fractions, ties to the earliest (largest remainder, as in `allocate`).
 */
export function apportioned(total: number, parts: readonly Decimal[]): number[] {
  const minors = parts.map((part) => part.floor().toNumber())
  const fractions = parts.map((part) => part.sub(part.floor()))
  const left = total - sum(minors)
  const first = [...parts.keys()]
    .filter((i) => fractions[i]?.isZero() === false)
    .sort((a, b) => (fractions[b] ?? new Exact(0)).cmp(fractions[a] ?? 0))
    .slice(0, left)
  for (const i of first) minors[i] = (minors[i] ?? 0) + 1
  return minors
}

/** The totals of groups of figures, which sum to the total of all of them. */
export function totalsOf(groups: readonly (readonly Figure[])[], total = totalOf(groups.flat()).minor): Total[] {
  const minors = apportioned(total, groups.map(exactSum))
  return groups.map((figures, i) => ({ minor: minors[i] ?? 0, count: countOf(figures) }))
}

/** For each kind and currency what no rate is known for, of the series that are wanted; by currency, expenses first. */
export function unconvertedOf(view: Pick<View, 'unconverted'>, isWanted: (series: string) => boolean): Unconverted[] {
  const wanted = view.unconverted.filter(({ series }) => isWanted(series))
  const groups = Map.groupBy(wanted, ({ currency, kind }) => `${currency} ${kind}`)
  const apart = [...groups.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { kind, currency } = first
    return [{ kind, currency, minor: sum(all.map(({ minor }) => minor)), count: sum(all.map(({ count }) => count)) }]
  })
  return apart.sort((a, b) => compareText(`${a.currency} ${a.kind}`, `${b.currency} ${b.kind}`))
}

/** By code points, the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Minor units for one of so many, halves up; 0 of nothing. */
export const averageOf = (minor: number, count: number): number =>
  count === 0 ? 0 : new Exact(minor).div(count).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber()

/** What part of the whole it is, in percent with one decimal; 0 of nothing. */
export const percentOf = (part: number, whole: number): number => (whole === 0 ? 0 : oneDecimal(new Exact(part).mul(100).div(whole)))

/** By how many percent of what it was it changed, with one decimal; `null` where it was nothing. */
export const changeOf = (now: number, before: number): number | null =>
  before === 0 ? null : oneDecimal(new Exact(now).sub(before).mul(100).div(Math.abs(before)))

/** Halves away from zero, so that a rise and the fall that undoes it are told alike; never -0. */
export const oneDecimal = (value: Decimal): number => value.toDecimalPlaces(1, Decimal.ROUND_HALF_UP).toNumber() + 0

export const twoDecimals = (value: Decimal): number => value.toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toNumber() + 0
