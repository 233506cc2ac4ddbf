// Which rows of a table stand on which page. Every row stands on one page, in order; totals never stand without a row
// above them, and a header never without one below.

/** Rows `from` to before `to`; the totals below them on the last part. */
export interface Part {
  readonly from: number
  readonly to: number
  readonly hasTotals: boolean
}

export interface TableHeights {
  readonly rows: readonly number[]
  /** Above the rows of every part: the title and the header. */
  readonly header: number
  readonly totals: number
}

/** So many rows stay together at the beginning and at the end. */
const COMPANY = 2
/** A table that takes no more than this part of a page stays in one piece. */
const SHORT = 1 / 3

const heightOf = (rows: readonly number[]): number => rows.reduce((total, row) => total + row, 0)

/** How many rows from `from` on fit, at least one, so that a row of any height is drawn. */
function countFitting(rows: readonly number[], from: number, room: number): number {
  let [count, used] = [0, 0]
  while (from + count < rows.length) {
    used += rows[from + count] ?? 0
    if (used > room && count > 0) break
    count++
    if (used > room) break
  }
  return count
}

/** The parts from the first row on, the first of them in `firstRoom`. */
function partsOf({ rows, header, totals }: TableHeights, firstRoom: number, room: number): Part[] {
  const parts: Part[] = []
  let from = 0
  do {
    const space = (parts.length === 0 ? firstRoom : room) - header
    let to = from + countFitting(rows, from, space)
    if (to === rows.length && heightOf(rows.slice(from, to)) + totals > space && to - from > 1) {
      // The totals go on to the next page and take the last rows with them.
      to = Math.max(from + 1, to - COMPANY)
    }
    parts.push({ from, to, hasTotals: to === rows.length })
    from = to
  } while (from < rows.length)
  return parts
}

/**
 * Parts of a table that begins where `firstRoom` is left on the page, and goes on on pages with `room` each.
 * It begins on a new page where the header and its first rows don't fit.
 */
export function paginate(
  heights: TableHeights,
  firstRoom: number,
  room: number,
): { readonly isOnNewPage: boolean; readonly parts: Part[] } {
  const { rows, header, totals } = heights
  const first = rows.slice(0, COMPANY)
  const whole = header + heightOf(rows) + totals
  const start = whole <= room * SHORT ? whole : header + heightOf(first) + (rows.length <= COMPANY ? totals : 0)
  const isOnNewPage = start > firstRoom && firstRoom < room
  const parts = partsOf(heights, isOnNewPage ? room : firstRoom, room)
  // One row alone on the first page, because the totals took the others along, is better begun on the next.
  if (!isOnNewPage && firstRoom < room && parts.length > 1 && parts[0]?.to === 1 && rows.length > 1)
    return { isOnNewPage: true, parts: partsOf(heights, room, room) }
  return { isOnNewPage, parts }
}
