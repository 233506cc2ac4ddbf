// Long lists on their way to D1.

/** Rows of one statement: as JSON they must stay well below the 2 MB that one parameter may have. */
const MOST_ROWS = 1000

/** The list in portions that a statement takes, in its order. */
export const chunked = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / MOST_ROWS) }, (_, i) => all.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS))
