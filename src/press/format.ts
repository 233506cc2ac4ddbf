// Cells as people of a place write them. Digits are never rounded: amounts come as decimals and leave with all of theirs.
import type { Cell, Column } from '../domain/document.ts'

export interface Format {
  /** A cell of a table. */
  readonly cell: (cell: Cell | undefined, column: Column) => string
  /** A cell that stands alone: amounts with the sign of their currency. */
  readonly figure: (cell: Cell) => string
  /** A value on an axis, short: `12K`. */
  readonly tick: (value: number, step: number) => string
  /** A value beside a bar or in a legend. */
  readonly value: (value: number, unit: string | undefined) => string
  /** `2026-11-20` as a day; as it was where it is none. */
  readonly day: (day: string, style: 'short' | 'month' | 'full') => string
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const CURRENCY = /^[A-Z]{3}$/
const MOST_DECIMALS = 20

/** The locale in its canonical form; `en` where it is none. */
export function localeOf(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(locale ?? 'en')[0] ?? 'en'
  } catch {
    return 'en'
  }
}

/** The number, grouped, with as many decimals as it has; the text itself where it is no number. */
function grouped(locale: string): (decimal: string) => string {
  const formats = new Map<number, Intl.NumberFormat>()
  return (decimal) => {
    if (!DECIMAL.test(decimal)) return decimal
    const decimals = Math.min(MOST_DECIMALS, decimal.split('.')[1]?.length ?? 0)
    const known = formats.get(decimals)
    const format = known ?? new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    if (known === undefined) formats.set(decimals, format)
    // A string is formatted digit by digit; a number would be rounded to what a double holds.
    return format.format(decimal as `${number}`)
  }
}

function signed(locale: string): (decimal: string, currency: string) => string {
  const formats = new Map<string, Intl.NumberFormat>()
  return (decimal, currency) => {
    if (!DECIMAL.test(decimal) || !CURRENCY.test(currency)) return `${decimal} ${currency}`
    const decimals = Math.min(MOST_DECIMALS, decimal.split('.')[1]?.length ?? 0)
    const key = `${currency}${decimals}`
    const known = formats.get(key)
    const format =
      known ??
      new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    if (known === undefined) formats.set(key, format)
    return format.format(decimal as `${number}`)
  }
}

/** How this locale writes; `en` where it is none. Latin digits in every locale, so that columns of amounts stay even. */
export function formatOf(wanted: string | undefined): Format {
  const locale = new Intl.Locale(localeOf(wanted), { numberingSystem: 'latn' }).toString()
  const [plain, money] = [grouped(locale), signed(locale)]
  const days = {
    short: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', month: 'short' }),
    month: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'short', year: '2-digit' }),
    full: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'medium' }),
  }
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 })
  const amountOf = (value: number, unit: string | undefined): string => {
    if (unit === undefined) return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value)
    if (!CURRENCY.test(unit)) return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value)} ${unit}`
    return new Intl.NumberFormat(locale, { style: 'currency', currency: unit }).format(value)
  }
  const day: Format['day'] = (text, style) => (DAY.test(text) ? days[style].format(Date.parse(text)) : text)
  return {
    cell(cell, column) {
      if (cell === null || cell === undefined) return ''
      if (typeof cell === 'object') return column.currency === cell.currency ? plain(cell.amount) : `${plain(cell.amount)} ${cell.currency}`
      if (column.kind === 'text') return String(cell)
      return column.kind === 'date' ? day(String(cell), 'full') : plain(String(cell))
    },
    figure(cell) {
      if (cell === null) return '–'
      if (typeof cell === 'object') return money(cell.amount, cell.currency)
      return typeof cell === 'number' ? plain(String(cell)) : cell
    },
    tick: (value, step) => (Math.abs(value) < 10_000 && step >= 1 ? plain(String(value)) : compact.format(value)),
    value: amountOf,
    day,
  }
}
