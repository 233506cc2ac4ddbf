// A page of a list as services give it. Where it begins is told by sort keys, never by counting rows.

export type SortKey = string | number | null

export interface PageRequest {
  /** Counted from 1; where `after` is given it only numbers the page. */
  readonly page: number
  readonly size: number
  /** The sort keys of the last row of the page before. */
  readonly after?: readonly SortKey[]
}

export interface Page<T> {
  readonly items: readonly T[]
  /** How many there are on all pages. */
  readonly total: number
  readonly request: PageRequest
  /** The sort keys of the last row; absent on the last page. */
  readonly next?: readonly SortKey[]
  /** What is to be said of the list as a whole. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The page of a list that is short enough to be held whole. */
export function pageOfAll<T>(all: readonly T[], request: PageRequest): Page<T> {
  const start = request.after === undefined ? (request.page - 1) * request.size : Number(request.after[0] ?? 0)
  const items = all.slice(start, start + request.size)
  const end = start + items.length
  return { items, total: all.length, request, ...(end < all.length && { next: [end] }) }
}

/** The page of rows that were fetched from where it begins, one more than it holds if there is one. */
export function pageOfRows<T>(rows: readonly T[], total: number, request: PageRequest, keyOf: (row: T) => SortKey): Page<T> {
  const items = rows.slice(0, request.size)
  const last = items.at(-1)
  return { items, total, request, ...(rows.length > items.length && last !== undefined && { next: [keyOf(last)] }) }
}

/** How many rows a page given by its number leaves out. */
export const rowsBefore = ({ after, page, size }: PageRequest): number => (after === undefined ? (page - 1) * size : 0)

export const mapPage = <T, U>(page: Page<T>, one: (item: T) => U): Page<U> => ({ ...page, items: page.items.map(one) })
