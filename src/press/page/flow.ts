// Pages being filled from the top down. What is added goes below what is there, or on a new page where it does not fit.
import { moved, type Shape } from '../shapes.ts'

/** A4 in points, and the room that headers, footers and margins leave. */
export const PAGE = { width: 595.28, height: 841.89, left: 44, right: 551.28, top: 60, bottom: 784 } as const

export const PAGE_WIDTH = PAGE.right - PAGE.left
export const PAGE_ROOM = PAGE.bottom - PAGE.top

/** Shapes whose zero is their own upper left corner. */
export interface Block {
  readonly shapes: readonly Shape[]
  readonly height: number
}

export class Flow {
  readonly pages: Shape[][] = []
  #y: number = PAGE.bottom

  /** `firstTop`: the first page begins higher, because it has no header. */
  constructor(firstTop: number) {
    this.pages.push([])
    this.#y = firstTop
  }

  get room(): number {
    return PAGE.bottom - this.#y
  }

  get isAtTop(): boolean {
    return this.#y <= PAGE.top
  }

  newPage(): void {
    this.pages.push([])
    this.#y = PAGE.top
  }

  /** Makes sure that so much room is left on this page, if any page has it. */
  reserve(height: number): void {
    if (height > this.room && !this.isAtTop) this.newPage()
  }

  add(block: Block): void {
    this.reserve(block.height)
    const page = this.pages.at(-1) ?? []
    for (const shape of block.shapes) page.push(moved(shape, PAGE.left, this.#y))
    this.#y += block.height
  }

  /** Space between blocks; none at the top of a page. */
  skip(height: number): void {
    if (!this.isAtTop) this.#y = Math.min(PAGE.bottom, this.#y + height)
  }
}
