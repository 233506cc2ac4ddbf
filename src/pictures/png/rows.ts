// Takes the filters off the rows of a PNG as they arrive (W3C PNG, chapter 9). Only two rows are held.
import { PictureError } from '../picture.ts'

/** The neighbour that is closest to left + above - corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/** Each byte is told by its difference to those left of it, above it, and left above it; `step` is a pixel in bytes. */
function unfilter(filter: number, row: Uint8Array, previous: Uint8Array, step: number): void {
  if (filter === 1) for (let i = step; i < row.length; i++) row[i] = (row[i] ?? 0) + (row[i - step] ?? 0)
  else if (filter === 2) for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) + (previous[i] ?? 0)
  else if (filter === 3) {
    for (let i = 0; i < step; i++) row[i] = (row[i] ?? 0) + ((previous[i] ?? 0) >> 1)
    for (let i = step; i < row.length; i++) row[i] = (row[i] ?? 0) + (((row[i - step] ?? 0) + (previous[i] ?? 0)) >> 1)
  } else if (filter === 4) {
    for (let i = 0; i < step; i++) row[i] = (row[i] ?? 0) + (previous[i] ?? 0)
    for (let i = step; i < row.length; i++) row[i] = (row[i] ?? 0) + paeth(row[i - step] ?? 0, previous[i] ?? 0, previous[i - step] ?? 0)
  } else if (filter !== 0) throw new PictureError('corrupt', `Filters 0 to 4 were expected, but a row of this PNG has ${filter}`)
}

/** Cuts inflated bytes into rows of `bytes` each, behind a byte that names their filter. */
export class FilteredRows {
  readonly #step: number
  #row: Uint8Array
  #previous: Uint8Array
  #filter = -1
  #filled = 0

  constructor(bytes: number, step: number) {
    this.#step = step
    this.#row = new Uint8Array(bytes)
    this.#previous = new Uint8Array(bytes)
  }

  /** Takes bytes from `at` on and calls `onRow` when they complete a row. Answers how many were taken. */
  take(bytes: Uint8Array, at: number, onRow: (row: Uint8Array) => void): number {
    let taken = 0
    if (this.#filter === -1) {
      this.#filter = bytes[at] ?? 0
      taken = 1
    }
    const part = bytes.subarray(at + taken, at + taken + this.#row.length - this.#filled)
    this.#row.set(part, this.#filled)
    this.#filled += part.length
    if (this.#filled < this.#row.length) return taken + part.length
    unfilter(this.#filter, this.#row, this.#previous, this.#step)
    onRow(this.#row)
    ;[this.#row, this.#previous] = [this.#previous, this.#row]
    this.#filter = -1
    this.#filled = 0
    return taken + part.length
  }
}
