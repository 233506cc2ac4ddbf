// What a report looks like before anybody has chosen a format: figures, charts and tables, told in the words of the
// one who asked. The press (src/press) draws it without knowing what an expense is; spreadsheets take its tables alone.

/** A decimal with exactly the digits that its currency has (`-1234.50`), and that currency (`EUR`). */
export interface Amount {
  readonly amount: string
  readonly currency: string
}

/** What a cell holds: text, a number, an amount, or nothing. Which it is meant as is said by its column. */
export type Cell = string | number | Amount | null

export interface Column {
  readonly header: string
  readonly align: 'left' | 'right'
  /**
   * `text` is never read as anything else. `date` takes `YYYY-MM-DD`. `number` takes numbers and decimals as strings.
   * `money` takes amounts, or decimals as strings where the column has a currency.
   */
  readonly kind: 'text' | 'money' | 'number' | 'date'
  /** Of every plain decimal in this column; it is then named in the header instead of in each cell. */
  readonly currency?: string
  /** Over the currencies of amounts of several, which spreadsheets have in a column of their own; `Currency` where it is not said. */
  readonly currencyHeader?: string
  /** How much of the width a column of text gets, beside others; 1 where it is not said. */
  readonly weight?: number
}

export type Row = readonly Cell[]

export interface Table {
  readonly title?: string
  readonly columns: readonly Column[]
  /** Each with as many cells as there are columns; missing ones count as nothing. */
  readonly rows: readonly Row[]
  /** One row for each currency, usually. They stay on the page of the last row. */
  readonly totals?: readonly Row[]
  /** What is said where there are no rows. */
  readonly empty?: string
}

/** A tile: what it is, how much, and in small letters what it depends on. */
export interface Figure {
  readonly label: string
  readonly value: Cell
  readonly note?: string
}

export interface Series {
  readonly name: string
  /** One for each label or day of the chart; null where there is nothing to draw. For the eye only: exact digits belong in tables. */
  readonly values: readonly (number | null)[]
}

interface ChartFrame {
  readonly title: string
  /** A currency, or a word such as `km`; on the axis of values. */
  readonly unit?: string
}

/** Lying bars with their labels beside them: categories, people, balances. Values may be negative. */
export interface BarChart extends ChartFrame {
  readonly kind: 'bar'
  readonly bars: readonly { readonly label: string; readonly value: number }[]
}

/** Upright columns, side by side or on top of each other: a few labels, such as months. */
export interface ColumnChart extends ChartFrame {
  readonly kind: 'column'
  readonly labels: readonly string[]
  readonly series: readonly Series[]
  readonly isStacked?: boolean
}

/** A line over days, filled below where there is only one. */
export interface LineChart extends ChartFrame {
  readonly kind: 'line'
  /** `YYYY-MM-DD`, ascending; they need not be every day. */
  readonly days: readonly string[]
  readonly series: readonly Series[]
}

/** Parts of a whole, the largest first; what is not above zero is left out. */
export interface DonutChart extends ChartFrame {
  readonly kind: 'donut'
  readonly slices: readonly { readonly label: string; readonly value: number }[]
  /** What stands in the middle; the sum where it is not said. */
  readonly middle?: Cell
}

export type Chart = BarChart | ColumnChart | LineChart | DonutChart

/** Charts that follow each other stand side by side, two in a row. */
export type Section =
  | { readonly kind: 'heading'; readonly text: string; readonly isOnNewPage?: boolean }
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: 'normal' | 'muted' }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'table'; readonly table: Table }

/** A file that belongs to the document; `key` is where the one who asks for the document finds its bytes. */
export interface AppendixItem {
  readonly name: string
  readonly type: string
  readonly key: string
  /** Which expense it is of, for instance. */
  readonly caption?: string
}

/** The same with its bytes, as the press takes it. */
export interface Attachment extends Omit<AppendixItem, 'key'> {
  readonly bytes: Uint8Array
}

/** What one call may bring along: calls between Workers carry 32 MiB, and the press holds files as they came beside what becomes of them. */
export const MAX_APPENDIX_BYTES = 16 * 1024 * 1024

/** What the press itself says; `{n}`, `{of}` and `{name}` are filled in. */
export interface PressWords {
  readonly page: string
  readonly continued: string
  readonly nothing: string
  readonly appendix: string
  readonly broken: string
  readonly unsupported: string
}

export const ENGLISH: PressWords = {
  page: 'Page {n} of {of}',
  continued: 'continued',
  nothing: 'Nothing to show',
  appendix: 'Attachment {n} of {of}: {name}',
  broken: 'This file is damaged and could not be shown.',
  unsupported: 'Files of this type cannot be shown here.',
}

export interface Document {
  readonly title: string
  readonly subtitle?: string
  /** On the first page: the period, the group, who asked. */
  readonly meta: readonly { readonly label: string; readonly value: string }[]
  /** On the first page, as tiles. */
  readonly figures: readonly Figure[]
  readonly sections: readonly Section[]
  /** At the foot of every page. */
  readonly footer?: string
  /** BCP 47: how numbers, amounts and days are written; `en` where it is not said. */
  readonly locale?: string
  /** Milliseconds since 1970, for the file's own date. The same document gives the same bytes. */
  readonly madeAt?: number
  /** The file's author; `Quits` where it is not said. */
  readonly author?: string
  readonly words?: Partial<PressWords>
  readonly appendix?: readonly AppendixItem[]
}
