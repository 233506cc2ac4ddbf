// What was spent by category: the tree of two levels with what lies under each, and what has no category.
// Categories and what has none sum to the total; what is filed under a category itself and its subcategories sum to it.
import { findSystemCategory, type Category } from '../categories.ts'
import type { Currency } from '../currency.ts'
import { EVERYTHING, isVendorSeries, UNCATEGORIZED } from './rollup.ts'
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
export interface CategoryPart extends Total {
  readonly id: string
  /** `null` where the category is not among those that are known here: somebody else's. */
  readonly name: string | null
  readonly icon: string | null
  readonly color: string | null
  /** Of the category above it; of a category at the top, of everything. */
  readonly percentage: number
  readonly averageMinor: number
}

interface CategoryBranch extends CategoryPart {
  /** Filed under the category itself and none below it. */
  readonly direct: Total & { readonly percentage: number }
  readonly subcategories: readonly CategoryPart[]
}

export interface CategoryBreakdown {
  readonly currency: Currency
  readonly kind: Kind
  readonly total: Total
  /** By amount, the largest first. */
  readonly categories: readonly CategoryBranch[]
  readonly uncategorized: Total & { readonly percentage: number; readonly averageMinor: number }
  readonly unconverted: readonly Unconverted[]
}

export const isCategorySeries = (series: string): boolean => series !== EVERYTHING && !isVendorSeries(series)

/**
 * The tree of what the view's category rows come to. `own` are the categories that people made themselves; one that is
 * in neither tree stands at the top without a name. Categories of which there is nothing are left out.
 */
export function categoriesOf(view: View, own: readonly Category[], kind: Kind = 'expense'): CategoryBreakdown {
  const find = finder(own)
  const figures = figuresOf(view, kind, isCategorySeries)
  const total = totalOf(figures)
  const byRoot = Map.groupBy(figures, ({ series }) => rootOf(series, find))
  if (!byRoot.has(UNCATEGORIZED)) byRoot.set(UNCATEGORIZED, [])
  // In the order of ids, so that the odd units go the same way whatever order the rows came in.
  const roots = [...byRoot].sort(([a], [b]) => compareText(a, b))
  const totals = totalsOf(
    roots.map(([, all]) => all),
    total.minor,
  )
  const told = roots.map(([id, all], i) => ({ id, all, sums: totals[i] ?? { minor: 0, count: 0 } }))
  const rest = told.find(({ id }) => id === UNCATEGORIZED)?.sums ?? { minor: 0, count: 0 }
  const isThere = ({ sums }: (typeof told)[number]) => sums.minor !== 0 || sums.count !== 0
  return {
    currency: view.currency,
    kind,
    total,
    categories: told
      .filter((one) => one.id !== UNCATEGORIZED && isThere(one))
      .map(({ id, all, sums }) => branchOf(find, id, all, sums, total.minor))
      .sort(byAmount),
    uncategorized: { ...rest, percentage: percentOf(rest.minor, total.minor), averageMinor: averageOf(rest.minor, rest.count) },
    unconverted: unconvertedOf(view, isCategorySeries).filter((one) => one.kind === kind),
  }
}

type Find = (id: string) => Category | undefined

function finder(own: readonly Category[]): Find {
  const byId = new Map<string, Category>(own.map((category) => [category.id, category]))
  return (id) => findSystemCategory(id) ?? byId.get(id)
}

/** The category at the top of the tree above this one. A category whose parent is not known stands for itself. */
function rootOf(series: string, find: Find): string {
  const parent = find(series)?.parentId
  return parent !== undefined && find(parent) !== undefined ? parent : series
}

function branchOf(find: Find, id: string, all: readonly Figure[], sums: Total, whole: number): CategoryBranch {
  const bySeries = [...Map.groupBy(all, ({ series }) => series)].sort(([a], [b]) => compareText(a, b))
  const totals = totalsOf(
    bySeries.map(([, figures]) => figures),
    sums.minor,
  )
  const parts = bySeries.map(([series], i) => partOf(find, series, totals[i] ?? { minor: 0, count: 0 }, sums.minor))
  const { minor, count, percentage } = parts.find((part) => part.id === id) ?? { minor: 0, count: 0, percentage: 0 }
  return {
    ...partOf(find, id, sums, whole),
    direct: { minor, count, percentage },
    subcategories: parts.filter((part) => part.id !== id && (part.minor !== 0 || part.count !== 0)).sort(byAmount),
  }
}

function partOf(find: Find, id: string, sums: Total, whole: number): CategoryPart {
  const { name = null, icon = null, color = null } = find(id) ?? {}
  return { id, name, icon, color, ...sums, percentage: percentOf(sums.minor, whole), averageMinor: averageOf(sums.minor, sums.count) }
}

/** The largest first, then the one with more expenses, then by id. */
const byAmount = (a: CategoryPart, b: CategoryPart): number => b.minor - a.minor || b.count - a.count || compareText(a.id, b.id)

/** Every series that a category stands for in a filter: itself and those below it. */
export function seriesBelow(id: string, known: readonly Category[]): Set<string> {
  return new Set([id, ...known.filter(({ parentId }) => parentId === id).map((category) => category.id)])
}
