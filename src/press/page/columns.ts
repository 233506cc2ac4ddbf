// How wide the columns of a table are: figures are never broken, so they get what they need, and texts share the rest.

/** What a column needs, in points, with its padding. */
export interface ColumnNeed {
  /** With every cell in one line. */
  readonly natural: number
  /** What most of its cells need: a single long text should not take the room of all others. */
  readonly typical: number
  /** With text broken into as many lines as it takes. */
  readonly least: number
  /** Whether its cells may be broken. */
  readonly isElastic: boolean
  readonly weight: number
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Shares the room by weight, no column below its least; columns that would be below leave the sharing. */
function share(needs: readonly ColumnNeed[], room: number): number[] {
  const fixed = new Set<number>()
  for (;;) {
    const left = room - sum(needs.map(({ least }, i) => (fixed.has(i) ? least : 0)))
    const weights = sum(needs.map(({ weight, typical }, i) => (fixed.has(i) ? 0 : weight * typical)))
    const widths = needs.map(({ least, weight, typical }, i) => (fixed.has(i) ? least : (left * weight * typical) / weights))
    const below = widths.flatMap((width, i) => (!fixed.has(i) && width < (needs[i]?.least ?? 0) ? [i] : []))
    if (below.length === 0) return widths
    for (const i of below) fixed.add(i)
  }
}

/** Widths that fill the room exactly; undefined where even broken texts don't fit. */
export function columnWidths(needs: readonly ColumnNeed[], room: number): number[] | undefined {
  const natural = sum(needs.map((need) => need.natural))
  if (natural <= room) {
    // What is left over goes to all of them, to texts more than to figures.
    const takers = needs.map(({ isElastic, weight }) => (isElastic ? 1 + weight : 1))
    return needs.map((need, i) => need.natural + ((room - natural) * (takers[i] ?? 0)) / sum(takers))
  }
  const least = sum(needs.map((need) => (need.isElastic ? need.least : need.natural)))
  if (least > room) return undefined
  const elastic = needs.filter(({ isElastic }) => isElastic)
  const widths = share(elastic, room - sum(needs.map((need) => (need.isElastic ? 0 : need.natural))))
  return needs.map((need) => (need.isElastic ? (widths.shift() ?? need.least) : need.natural))
}

/** Widths where nothing helps but breaking figures, too: in proportion to what each needs. */
export const forcedWidths = (needs: readonly ColumnNeed[], room: number): number[] => {
  const natural = sum(needs.map((need) => need.natural))
  const even = room / needs.length
  // Half by need and half evenly, so that no column is left without any width.
  return needs.map((need) => even / 2 + (room * need.natural) / natural / 2)
}
