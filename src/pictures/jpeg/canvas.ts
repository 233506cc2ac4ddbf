// The picture while it is made: its planes, and the rows that they give. Memory is asked for here and nowhere else.
import { checkMemory, fitted, type DecodeOptions, type Picture } from '../picture.ts'
import { Reducer } from '../reducer.ts'
import { Rows, type ColourModel } from './colour.ts'
import { Plane } from './plane.ts'
import type { Component, Frame } from './segments.ts'

/** The smallest scale, in samples (1 to 8) that a block gives along a side, at which the picture is as large as wanted. */
const blockSideFor = (longer: number, wanted: number): number => Math.min(8, Math.max(1, Math.ceil((wanted * 8) / longer)))

export class Canvas {
  readonly frame: Frame
  readonly planes: readonly Plane[]
  readonly keepsAll: boolean
  readonly #rows: Rows
  readonly #reducer: Reducer
  readonly #rowsPerUnit: number
  #unitRow = 0

  constructor(frame: Frame, model: ColourModel, options: DecodeOptions, keepsAll: boolean) {
    const target = fitted(frame, options)
    const blockSide = blockSideFor(Math.max(frame.width, frame.height), Math.max(target.width, target.height))
    const scaled = { width: (frame.width * blockSide) / 8, height: (frame.height * blockSide) / 8 }
    const channels = options.gray ? 1 : 3
    const wanted = model === 'ycc' && options.gray ? frame.components.slice(0, 1) : frame.components
    this.frame = frame
    this.keepsAll = keepsAll
    this.planes = wanted.map((component) => new Plane(frame, component, blockSide))
    const stored = keepsAll ? this.planes.reduce((sum, plane) => sum + plane.storeBytes, 0) : 0
    checkMemory(stored + 2 * Reducer.bytesFor(target, channels), frame)
    if (keepsAll) for (const plane of this.planes) plane.keepAll()
    this.#rows = new Rows(frame, this.planes, blockSide, Math.ceil(scaled.width), model, channels)
    this.#reducer = new Reducer(scaled, target, channels)
    this.#rowsPerUnit = blockSide * frame.vMax
  }

  planeOf(component: Component): Plane | undefined {
    return this.planes.find((plane) => plane.component === component)
  }

  /** Hands on all rows of units above `unitRow`, as far as that has not happened. */
  reach(unitRow: number): void {
    for (; this.#unitRow < unitRow; this.#unitRow++) {
      for (let y = 0; y < this.#rowsPerUnit; y++) this.#reducer.push(this.#rows.read(y))
      for (const plane of this.planes) plane.forget()
    }
  }

  /** The picture from the coefficients that were kept. */
  renderAll(): void {
    for (let row = 0; row < this.frame.unitsHigh; row++) {
      for (const plane of this.planes) plane.renderUnits(row)
      this.reach(row + 1)
    }
  }

  finish(): Picture {
    return this.#reducer.finish()
  }
}
