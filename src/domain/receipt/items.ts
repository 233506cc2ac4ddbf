// What was bought. A thing may take one line, or its name one and its figures the next, or the other way round.
import type { Figure, TaxRow } from './figures.ts'
import {
  type Columns,
  type Parts,
  type Times,
  isCode,
  isName,
  isNamed,
  isProduct,
  isWordy,
  nameOf,
  partsOf,
  soundIn,
  timesOf,
} from './item-lines.ts'
import { type Region, countColumnOf, isMeta, regionOf } from './item-region.ts'
import type { ReceiptItem } from './reading.ts'
import { type Row, coverageOf } from './rows.ts'

export interface ItemRow extends ReceiptItem {
  readonly row: Row
  /** Quantity times unit price is the amount. */
  readonly isMultiplied: boolean
}

/** The name that stands above its figures. A long one goes over several lines; above the first thing there may be anything. */
function nameAbove(names: readonly string[], isFirst: boolean): string | undefined {
  const wordy = names.filter(isWordy).slice(isFirst ? -1 : -3)
  return wordy.length > 0 ? wordy.join(' ') : names.at(-1)
}

/** Lines after a first sum whose figures multiply: some shops print a sum for each rate of tax. */
function later(rows: readonly Row[], region: Region, figures: readonly Figure[], columns: Columns): Parts[] {
  const last = region.rows.at(-1)?.index ?? rows.length
  const labelled = new Set(figures.map(({ row }) => row.index))
  const end = Math.max(-1, ...figures.filter(({ role }) => role === 'total').map(({ row }) => row.index))
  return rows
    .slice(last + 1, Math.max(last + 1, end))
    .filter((row) => !labelled.has(row.index) && coverageOf(row).letters >= 3)
    .map((row) => partsOf(row, columns))
    .filter((parts) => parts !== undefined)
    .filter(({ isMultiplied }) => isMultiplied)
}

interface Found {
  readonly row: Row
  readonly parts: Parts | undefined
}

/** The lines of the region put together: names and counts that stand alone belong to the figures next to them. */
function assemble(found: readonly Found[], hasHead: boolean): ItemRow[] {
  const namesFollow = doNamesFollow(found, hasHead)
  const things = found.filter(({ parts }) => parts !== undefined)
  const named = things.filter(({ parts, row }) => parts !== undefined && isNamed(parts, row)).length
  // Where lines have names of their own, what stands between them belongs to the line above: the rest of a name, a wish.
  const areNamed = named > things.length * 0.6
  const items: ItemRow[] = []
  let names: string[] = []
  let times: Times | undefined
  for (const { row, parts } of found) {
    const last = items.at(-1)
    const factor = parts === undefined || soundIn(row) === 1 ? timesOf(row) : undefined
    if (factor !== undefined) {
      const isOfLast = last !== undefined && !last.isMultiplied && names.length === 0 && isProduct(factor, last.amount)
      if (isOfLast) items[items.length - 1] = { ...last, ...factor, isMultiplied: true, confidence: 0.95 }
      else times = factor
    } else if (parts === undefined) {
      const name = nameOf(row, false)
      if (!isName(name)) continue
      if (namesFollow && last !== undefined && (!isName(last.name) || isCode(last.name))) items[items.length - 1] = { ...last, name }
      else names.push(name)
    } else {
      const keepsOwn = namesFollow || isNamed(parts, row) || (areNamed && isName(parts.name))
      items.push(toItem(parts, keepsOwn ? undefined : nameAbove(names, last === undefined && !hasHead), times))
      names = []
      times = undefined
    }
  }
  return items
}

/**
 * Whether names stand below their figures: more lines of bare figures have a name below than above. Where as many have,
 * a line too many stands on either side: below heads it is more likely the one at the end, else the one at the beginning.
 */
function doNamesFollow(found: readonly Found[], hasHead: boolean): boolean {
  const isNameAt = (at: number): boolean => {
    const line = found[at]
    return line !== undefined && line.parts === undefined && isName(nameOf(line.row, false))
  }
  const bare = found.flatMap(({ parts, row }, at) => (parts !== undefined && !isNamed(parts, row) ? [at] : []))
  const above = bare.filter((at) => isNameAt(at - 1)).length
  const below = bare.filter((at) => isNameAt(at + 1)).length
  return below > above || (below > 0 && below === above && !hasHead)
}

/** What was bought, in the order of the receipt. */
export function itemsIn(rows: readonly Row[], figures: readonly Figure[], taxRows: readonly TaxRow[]): ItemRow[] {
  const right = Math.max(0, ...rows.map(({ line }) => line.right))
  const left = Math.min(right, ...rows.map(({ line }) => line.left))
  const region = regionOf(rows, figures, taxRows)
  const columns = { column: left + (right - left) * 0.42, countColumn: countColumnOf(region.head) }
  const discounts = new Set(figures.filter(({ role }) => role === 'discount').map(({ row }) => row.index))
  const found = region.rows
    .filter((row) => !discounts.has(row.index) && !isMeta(row))
    .map((row) => ({ row, parts: partsOf(row, columns) }))
    .filter(({ row, parts }) => parts !== undefined || timesOf(row) !== undefined || isName(nameOf(row, false)))
  const items = assemble(found, region.head !== undefined)
  for (const parts of later(rows, region, figures, columns)) items.push(toItem(parts, undefined, undefined))
  return items.filter(({ name, amount }) => name !== '' || amount !== 0)
}

/** Behind a name: the quantity with its unit, and other whole numbers, such as what was delivered and returned. */
const COLUMNS = /(?: (?:-?\d{1,4}(?:[.,]\d{1,3})?|[xX*@]|KG|UN|STK|ST|PCS|EA|NOS?|LB))+$/i

function toItem(parts: Parts, nameBefore: string | undefined, times: Times | undefined): ItemRow {
  const { row, amount, isMultiplied } = parts
  const proved = times !== undefined && isProduct(times, amount.minor)
  const { quantity = '1', unitPrice } = proved ? times : parts
  return {
    name: (nameBefore ?? parts.name).replace(isMultiplied ? COLUMNS : /$/, ''),
    quantity: unitPrice !== undefined && amount.minor < 0 ? `-${quantity}` : quantity,
    ...(unitPrice === undefined ? {} : { unitPrice }),
    amount: amount.minor,
    confidence: Math.min(0.98, row.line.confidence) * amount.quality * (isMultiplied || proved ? 1 : 0.85),
    row,
    isMultiplied: isMultiplied || proved,
  }
}
