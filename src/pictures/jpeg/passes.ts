// What one scan tells about one block (ITU-T T.81, annex F for sequential pictures, annex G for progressive ones).
// A coefficient that the scale has no use for is read and left out.
import { PictureError } from '../picture.ts'
import { ScanDamage, type BitReader, type HuffmanTable } from './bits.ts'
import type { Plane } from './plane.ts'
import type { Scan, ScanComponent, Tables } from './segments.ts'

/** Reads what comes next as the block with this number. */
export type Pass = (block: number) => void

/** Blocks that a run still covers, shared by all that one scan reads. */
export interface Run {
  blocks: number
}

function tableOf(tables: readonly (HuffmanTable | undefined)[], place: number): HuffmanTable {
  const table = tables[place]
  if (table === undefined) throw new PictureError('corrupt', `A Huffman table ${place} was expected before the data of this JPEG`)
  return table
}

/** A whole block. Blocks that nobody wants (`plane` undefined) are only read over. */
export function sequentialPass(
  bits: BitReader,
  tables: Tables,
  { dc, ac }: ScanComponent,
  plane: Plane | undefined,
  keepsAll: boolean,
): Pass {
  const [dcTable, acTable] = [tableOf(tables.dc, dc), tableOf(tables.ac, ac)]
  if (plane === undefined)
    return () => {
      bits.bits(bits.symbol(dcTable))
      for (let k = 1; k < 64; k++) {
        const symbol = bits.symbol(acTable)
        if (symbol === 0) return
        k += symbol >> 4
        bits.bits(symbol & 15)
      }
    }
  const { places, coefficients, kept } = plane
  return (block) => {
    const at = keepsAll ? block * kept : 0
    if (!keepsAll) coefficients.fill(0)
    const length = bits.symbol(dcTable)
    if (length > 0) plane.prediction += bits.signed(length)
    coefficients[at] = plane.prediction
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(acTable)
      const size = symbol & 15
      if (size === 0 && symbol < 0xf0) return
      k += symbol >> 4
      if (size === 0) continue
      if (k > 63) throw new ScanDamage('more coefficients than a block has')
      const value = bits.signed(size)
      const place = places[k] ?? -1
      if (place >= 0) coefficients[at + place] = value
    }
  }
}

function dcPass(bits: BitReader, tables: Tables, { dc }: ScanComponent, plane: Plane | undefined, { high, low }: Scan): Pass {
  if (high > 0)
    return (block) => {
      if (bits.bits(1) === 1 && plane !== undefined)
        plane.coefficients[block * plane.kept] = (plane.coefficients[block * plane.kept] ?? 0) | (1 << low)
    }
  const table = tableOf(tables.dc, dc)
  if (plane === undefined)
    return () => {
      bits.bits(bits.symbol(table))
    }
  return (block) => {
    const length = bits.symbol(table)
    if (length > 0) plane.prediction += bits.signed(length)
    plane.coefficients[block * plane.kept] = plane.prediction << low
  }
}

function acFirstPass(bits: BitReader, table: HuffmanTable, plane: Plane, { from, to, low }: Scan, run: Run): Pass {
  const { places, coefficients, nonzero, kept } = plane
  return (block) => {
    if (run.blocks > 0) {
      run.blocks--
      return
    }
    for (let k = from; k <= to; k++) {
      const symbol = bits.symbol(table)
      const zeros = symbol >> 4
      const size = symbol & 15
      if (size === 0 && zeros < 15) {
        run.blocks = (1 << zeros) - 1 + bits.bits(zeros)
        return
      }
      k += zeros
      if (size === 0) continue
      if (k > to) throw new ScanDamage('more coefficients than the band has')
      const value = bits.signed(size) << low
      const place = places[k] ?? -1
      if (place >= 0) coefficients[block * kept + place] = value
      const word = block * 2 + (k >> 5)
      nonzero[word] = (nonzero[word] ?? 0) | (1 << (k & 31))
    }
  }
}

function acRefinePass(bits: BitReader, table: HuffmanTable, plane: Plane, { from, to, low }: Scan, run: Run): Pass {
  const { places, coefficients, nonzero, kept } = plane
  const bit = 1 << low
  const isNonzero = (block: number, k: number): boolean => (((nonzero[block * 2 + (k >> 5)] ?? 0) >>> (k & 31)) & 1) === 1
  /** One more bit for a coefficient that has some already. */
  const refine = (block: number, k: number): void => {
    const place = places[k] ?? -1
    if (bits.bits(1) === 0 || place < 0) return
    const at = block * kept + place
    const value = coefficients[at] ?? 0
    coefficients[at] = value > 0 ? value + bit : value - bit
  }
  /** All that have some bits, from k on. A run may go over all blocks at the cost of a few bytes: those without any must cost little. */
  const refineFrom = (block: number, k: number): void => {
    for (let word = k >> 5; word <= to >> 5; word++) {
      const first = Math.max(k - word * 32, 0)
      const last = Math.min(to - word * 32, 31)
      let left = (nonzero[block * 2 + word] ?? 0) & (-1 << first) & (-1 >>> (31 - last))
      for (; left !== 0; left &= left - 1) refine(block, word * 32 + 31 - Math.clz32(left & -left))
    }
  }
  const begin = (block: number, k: number, value: number): void => {
    const place = places[k] ?? -1
    if (place >= 0) coefficients[block * kept + place] = value
    const word = block * 2 + (k >> 5)
    nonzero[word] = (nonzero[word] ?? 0) | (1 << (k & 31))
  }
  return (block) => {
    let k = from
    for (; run.blocks === 0 && k <= to; k++) {
      const symbol = bits.symbol(table)
      let zeros = symbol >> 4
      const isNew = (symbol & 15) > 0
      if (!isNew && zeros < 15) {
        run.blocks = (1 << zeros) + bits.bits(zeros)
        break
      }
      const value = isNew && bits.bits(1) === 0 ? -bit : bit
      for (; k <= to; k++) {
        if (isNonzero(block, k)) refine(block, k)
        else if (zeros-- === 0) break
      }
      if (isNew && k > to) throw new ScanDamage('more coefficients than the band has')
      if (isNew) begin(block, k, value)
    }
    if (run.blocks === 0) return
    refineFrom(block, k)
    run.blocks--
  }
}

/** One scan's part of a block of a progressive picture. */
export function progressivePass(bits: BitReader, tables: Tables, one: ScanComponent, plane: Plane | undefined, scan: Scan, run: Run): Pass {
  if (scan.from === 0) return dcPass(bits, tables, one, plane, scan)
  if (plane === undefined) throw new Error('an AC scan of a colour that nobody wants is passed over')
  return (scan.high === 0 ? acFirstPass : acRefinePass)(bits, tableOf(tables.ac, one.ac), plane, scan, run)
}
