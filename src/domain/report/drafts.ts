// Tables as they are thought of: amounts in minor units, and which columns have totals. What comes out has exact decimals,
// its currency in the header where there is only one, and totals that are the sums of the rows, a row for each currency.
import type { Currency } from '../currency.ts'
import type { Amount, Cell, Column, Figure, Row, Section, Table } from '../document.ts'
import { formatMinor, sum, type Money } from '../money.ts'
import { compareText } from '../analytics/view.ts'

export type DraftCell = Cell | Money

export interface DraftColumn {
  readonly header: string
  readonly kind: Column['kind']
  /** Whether it has a total: of amounts one for each currency, of numbers those of the rows in that currency. */
  readonly isSummed?: boolean
  readonly currencyHeader?: string
  readonly weight?: number
}

export interface Draft {
  readonly title: string
  readonly columns: readonly DraftColumn[]
  readonly rows: readonly (readonly DraftCell[])[]
  readonly empty?: string
}

/** An amount of a cell or figure, in minor units. */
export const minorOf = (minor: number, currency: Currency): Money => ({ minor, currency })

export const amountOf = (minor: number, currency: Currency): Amount => ({ amount: formatMinor(minor, currency), currency })

/** A text cell; nothing for an empty one. */
export const textCell = (text: string): string | null => (text.trim() === '' ? null : text)

const isMoney = (cell: DraftCell | undefined): cell is Money => typeof cell === 'object' && cell !== null && 'minor' in cell

/** The table with its totals. Throws `RangeError` where a sum leaves the safe integers. */
export function tableOf({ title, columns, rows, empty }: Draft): Table {
  const totals = totalsOf(columns, rows)
  const only = columns.map((_, i) => onlyCurrency([...rows, ...totals].map((row) => row[i])))
  const written = (row: readonly DraftCell[]): Row =>
    columns.map((_, i) => {
      const cell = row[i] ?? null
      if (!isMoney(cell)) return cell
      const amount = amountOf(cell.minor, cell.currency)
      return only[i] === undefined ? amount : amount.amount
    })
  return {
    title,
    columns: columns.map(({ isSummed: _, ...column }, i) => {
      const currency = only[i]
      const isFigure = column.kind === 'money' || column.kind === 'number'
      return { ...column, align: isFigure ? 'right' : 'left', ...(currency !== undefined && { currency }) }
    }),
    rows: rows.map(written),
    ...(totals.length > 0 && { totals: totals.map(written) }),
    ...(empty !== undefined && { empty }),
  }
}

/** The currency of all amounts among the cells; undefined where they have several, or there are none. */
function onlyCurrency(cells: readonly (DraftCell | undefined)[]): Currency | undefined {
  const currencies = new Set(cells.filter(isMoney).map(({ currency }) => currency))
  const [first] = currencies
  return currencies.size === 1 ? first : undefined
}

function totalsOf(columns: readonly DraftColumn[], rows: readonly (readonly DraftCell[])[]): DraftCell[][] {
  const summed = columns.flatMap(({ kind, isSummed }, i) => (kind === 'money' && isSummed === true ? [i] : []))
  if (rows.length === 0 || summed.length === 0) return []
  const currenciesOf = (row: readonly DraftCell[]) =>
    summed.flatMap((i) => row.slice(i, i + 1).filter(isMoney)).map((cell) => cell.currency)
  const currencies = [...new Set(rows.flatMap(currenciesOf))].sort()
  return currencies.map((currency) => {
    const own = rows.filter((row) => currenciesOf(row).includes(currency))
    return columns.map(({ kind, isSummed }, i): DraftCell => {
      if (i === 0) return currencies.length === 1 ? 'Total' : `Total ${currency}`
      if (isSummed !== true) return null
      const cells = own.map((row) => row[i])
      if (kind === 'number') return sum(cells.filter((cell) => typeof cell === 'number'))
      const amounts = cells.filter(isMoney).filter((cell) => cell.currency === currency)
      return amounts.length === 0 ? null : { minor: sum(amounts.map(({ minor }) => minor)), currency }
    })
  })
}

export const tableSection = (draft: Draft): Section => ({ kind: 'table', table: tableOf(draft) })
export const heading = (text: string, isOnNewPage = false): Section => ({ kind: 'heading', text, ...(isOnNewPage && { isOnNewPage }) })
export const paragraph = (text: string): Section => ({ kind: 'paragraph', text })
export const remark = (text: string): Section => ({ kind: 'paragraph', text, tone: 'muted' })

/** Sums by currency of what `of` tells of each, and of how many, in the order of the codes. */
export function sumsBy<T>(all: readonly T[], of: (one: T) => Money): (Money & { readonly count: number })[] {
  const groups = Map.groupBy(all.map(of), ({ currency }) => currency)
  return [...groups]
    .map(([currency, some]) => ({ currency, minor: sum(some.map(({ minor }) => minor)), count: some.length }))
    .sort((a, b) => compareText(a.currency, b.currency))
}

/** A tile for each currency; one of nothing in `fallback` where there are none. `note` is told how many it is the sum of. */
export const moneyFigures = (
  label: string,
  sums: readonly (Money & { readonly count: number })[],
  fallback: Currency,
  note?: (count: number) => string,
): Figure[] =>
  (sums.length === 0 ? [{ minor: 0, currency: fallback, count: 0 }] : sums).map(({ minor, currency, count }) => ({
    label,
    value: amountOf(minor, currency),
    ...(note !== undefined && { note: note(count) }),
  }))

/** With more currencies than these, tiles would fill the first page: only the most important are told there. */
export const MOST_CURRENCIES = 2

/** For a chart, which is for the eye: a double may be off by less than it shows. */
export const drawn = (minor: number, currency: Currency): number => Number(formatMinor(minor, currency))
