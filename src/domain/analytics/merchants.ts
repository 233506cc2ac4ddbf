// What went to which vendor, or came from it, by whole months. A vendor is one whatever way their name is written.
import type { Currency } from '../currency.ts'
import { isVendorSeries } from './rollup.ts'
import {
  averageOf,
  compareText,
  figuresOf,
  percentOf,
  totalOf,
  totalsOf,
  unconvertedOf,
  type Figure,
  type Kind,
  type Total,
  type Unconverted,
  type View,
} from './view.ts'

/** Amounts in minor units. */
interface Merchant extends Total {
  /** The series of the vendor: the same in every period. */
  readonly series: string
  /** As it was written in the last month in which it occurs. */
  readonly name: string
  readonly averageMinor: number
  /** Of what went to all vendors that are named. */
  readonly percentage: number
}

export interface Merchants {
  readonly currency: Currency
  readonly kind: Kind
  /** Of all of them; expenses that name no vendor are not in it. */
  readonly total: Total
  readonly merchants: readonly Merchant[]
  readonly unconverted: readonly Unconverted[]
}

/** Every vendor, by amount or by count, ties by the other and then by series. Needs the rows that `readsOf(…, 'vendors')` names. */
export function merchantsOf(view: View, more: { readonly kind?: Kind; readonly by?: 'amount' | 'count' } = {}): Merchants {
  const { kind = 'expense', by = 'amount' } = more
  const figures = figuresOf(view, kind, isVendorSeries)
  const total = totalOf(figures)
  const groups = [...Map.groupBy(figures, ({ series }) => series)].sort(([a], [b]) => compareText(a, b))
  const totals = totalsOf(
    groups.map(([, all]) => all),
    total.minor,
  )
  const merchants = groups.map(([series, all], i): Merchant => {
    const { minor, count } = totals[i] ?? { minor: 0, count: 0 }
    return {
      series,
      name: nameOf(series, all),
      minor,
      count,
      averageMinor: averageOf(minor, count),
      percentage: percentOf(minor, total.minor),
    }
  })
  const order = by === 'amount' ? byAmount : (a: Merchant, b: Merchant) => b.count - a.count || byAmount(a, b)
  return {
    currency: view.currency,
    kind,
    total,
    merchants: merchants.filter(({ minor, count }) => minor !== 0 || count !== 0).sort(order),
    unconverted: unconvertedOf(view, isVendorSeries).filter((one) => one.kind === kind),
  }
}

const byAmount = (a: Merchant, b: Merchant): number => b.minor - a.minor || b.count - a.count || compareText(a.series, b.series)

/** The label of the latest month; of several groups' in one month, the first by code points, so that it does not flicker. */
function nameOf(series: string, figures: readonly Figure[]): string {
  const [last] = figures
    .flatMap(({ period, label }) => (label === undefined ? [] : [{ period, label }]))
    .sort((a, b) => compareText(b.period, a.period) || compareText(a.label, b.label))
  return last?.label ?? series.slice(series.indexOf(':') + 1)
}
