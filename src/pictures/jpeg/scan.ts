// Walks over the data of one scan, unit by unit and from restart marker to restart marker. Where the data is damaged it
// goes on at the next restart marker; what is lost is counted, never guessed.
import { PictureError } from '../picture.ts'
import { BitReader, ScanDamage } from './bits.ts'
import type { Canvas } from './canvas.ts'
import { progressivePass, sequentialPass, type Pass, type Run } from './passes.ts'
import type { Plane } from './plane.ts'
import type { Scan, Tables } from './segments.ts'

/** Reads units `start` to `end`, fewer if the data ends or is damaged. Answers how many came. */
function readInterval(bits: BitReader, start: number, end: number, readUnit: Pass): number {
  let unit = start
  try {
    for (; unit < end; unit++) {
      readUnit(unit)
      if (bits.isOver) break
    }
  } catch (error) {
    if (!(error instanceof ScanDamage)) throw error
  }
  return unit - start
}

/** Reads a scan of `units` units. Answers how many came. */
function readUnits(bits: BitReader, units: number, restartInterval: number, readUnit: Pass, beginInterval: () => void): number {
  const length = restartInterval === 0 ? units : restartInterval
  let count = 0
  for (let start = 0, number = 7; start < units; start += length, number = (number + 1) & 7) {
    const next = start === 0 ? 'found' : bits.restart(number)
    if (next === 'none') break
    if (next === 'later') continue
    beginInterval()
    count += readInterval(bits, start, Math.min(start + length, units), readUnit)
  }
  return count
}

/** One colour in a scan: what reads a block of it, and how many of its blocks make a unit. */
interface Reading {
  readonly plane: Plane | undefined
  readonly read: Pass
  readonly h: number
  readonly v: number
}

function readingsOf(bits: BitReader, canvas: Canvas, tables: Tables, scan: Scan, run: Run): readonly Reading[] {
  return scan.components.map((one) => {
    const plane = canvas.planeOf(one.component)
    const read = canvas.frame.isProgressive
      ? progressivePass(bits, tables, one, plane, scan, run)
      : sequentialPass(bits, tables, one, plane, canvas.keepsAll)
    if (plane !== undefined) latch(plane, tables)
    return { plane, read, h: one.component.h, v: one.component.v }
  })
}

function latch(plane: Plane, tables: Tables): void {
  const steps = tables.quantization[plane.component.quantization]
  if (steps === undefined) throw new PictureError('corrupt', 'A quantization table was expected before the data of this JPEG')
  plane.latch(steps)
}

/** Units of all colours, each unit as many blocks as their sampling factors say. */
function unitReader(readings: readonly Reading[], canvas: Canvas): Pass {
  const { unitsWide } = canvas.frame
  const renders = !canvas.keepsAll
  return (unit) => {
    const unitRow = Math.floor(unit / unitsWide)
    const unitX = unit - unitRow * unitsWide
    if (renders && unitX === 0) canvas.reach(unitRow)
    for (const { plane, read, h, v } of readings) {
      for (let row = 0; row < v; row++) {
        const first = (unitRow * v + row) * unitsWide * h + unitX * h
        for (let i = 0; i < h; i++) {
          read(first + i)
          if (renders) plane?.render(0, unitX * h + i, row)
        }
      }
    }
  }
}

/** Reads the data that begins at `at` into the canvas. Answers the share of it that came, 0 to 1. */
export function readScanData(bytes: Uint8Array, at: number, canvas: Canvas, tables: Tables, scan: Scan, restartInterval: number): number {
  const bits = new BitReader(bytes, at)
  const run: Run = { blocks: 0 }
  const readings = readingsOf(bits, canvas, tables, scan, run)
  const beginInterval = (): void => {
    run.blocks = 0
    for (const { plane } of readings) if (plane !== undefined) plane.prediction = 0
  }
  const { unitsWide, unitsHigh } = canvas.frame
  const [only] = readings
  if (readings.length > 1 || !canvas.keepsAll || only?.plane === undefined) {
    const units = unitsWide * unitsHigh
    return readUnits(bits, units, restartInterval, unitReader(readings, canvas), beginInterval) / units
  }
  const { own, blocksWide } = only.plane
  const readBlock = (unit: number): void => {
    const row = Math.floor(unit / own.width)
    only.read(row * blocksWide + unit - row * own.width)
  }
  return readUnits(bits, own.width * own.height, restartInterval, readBlock, beginInterval) / (own.width * own.height)
}
