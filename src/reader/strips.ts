// A tall picture in strips that are looked at one after the other. They overlap, because a strip is blind near its cut.

export interface Strip {
  /** The rows that are looked at. */
  readonly top: number
  readonly bottom: number
  /** The rows of it that are believed. */
  readonly from: number
  readonly to: number
}

/** Strips of at most `most` rows which believe every row exactly once; neighbours share at least `overlap` rows. */
export function findStrips(height: number, most: number, overlap: number): Strip[] {
  const size = Math.min(height, Math.max(most, 2 * overlap))
  const count = size === height ? 1 : Math.ceil((height - overlap) / (size - overlap))
  const tops = Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round(((height - size) * i) / (count - 1))))
  return tops.map((top, i) => {
    const [before, after] = [tops[i - 1], tops[i + 1]]
    return {
      top,
      bottom: top + size,
      from: before === undefined ? 0 : Math.floor((top + before + size) / 2),
      to: after === undefined ? height : Math.floor((after + top + size) / 2),
    }
  })
}
