// A line of the things bought: its name, its figures, and which of them is the quantity, which is told by multiplying.
import type { Amount } from './amounts.ts'
import { xOf } from './lines.ts'
import { type Row, SOUND, coverageOf, labelOf } from './rows.ts'

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

export interface Columns {
  /** How far to the right an amount must stand at least. */
  readonly column: number
  /** The middle of the quantities, where the column has a head. */
  readonly countColumn: number | undefined
}

export interface Parts {
  readonly row: Row
  readonly amount: Amount
  readonly quantity: string | undefined
  readonly unitPrice: number | undefined
  readonly isMultiplied: boolean
  readonly name: string
}

export interface Times {
  readonly quantity: string
  readonly unitPrice: number
}

export const soundIn = (row: Row): number => row.amounts.filter(({ quality }) => quality >= SOUND).length

export const lastSound = (row: Row): Amount | undefined => row.amounts.findLast(({ quality }) => quality >= SOUND)

/** Numbers that may be a quantity: `2`, `2x`, `x 2`, `0.745`, `3 PCS`. */
function numbersIn(row: Row): { value: string; start: number }[] {
  return [
    ...row.text.matchAll(
      /(?<![\d.,/#:A-Za-z-])(?:[xX*@] ?)?(\d{1,4}(?:[.,]\d{1,3})?)(?![\d/%:])(?: ?([xX*@]|KG|PCS|EA|NOS?)(?![A-Za-z]))?/gi,
    ),
  ]
    .map((match) => ({
      value: (match[1] ?? '').replace(',', '.'),
      start: match.index + match[0].indexOf(match[1] ?? ''),
    }))
    .filter(({ value }) => Number(value) > 0)
}

const plain = (value: string): string =>
  (value.includes('.') ? value.replace(/0+$/, '').replace(/\.$/, '') : value).replace(/^0+(?=\d)/, '')

/** Quantity and unit price whose product is the amount; a weight times a price is rounded. */
function multiplied(row: Row, amount: Amount): Times | undefined {
  const prices = row.amounts.filter((other) => other !== amount && other.quality >= SOUND && other.start < amount.start).reverse()
  for (const price of prices) {
    // The quantity stands before the price nearly everywhere, so those before it are tried first.
    const numbers = numbersIn(row).sort((a, b) => Number(a.start > price.start) - Number(b.start > price.start))
    for (const { value, start } of numbers) {
      if (start >= price.start && start < price.end) continue
      if (start >= amount.start && start < amount.end) continue
      if (Math.abs(Number(value) * price.minor - Math.abs(amount.minor)) <= (value.includes('.') ? 1 : 0)) {
        return { quantity: plain(value), unitPrice: price.minor }
      }
    }
  }
  return undefined
}

/** A count without a price to prove it: below the head of its column, else `2 COFFEE`, `2xCOFFEE`, `COFFEE x2`. */
function countOf(row: Row, amount: Amount, column: number | undefined): string | undefined {
  const text = row.text.slice(0, amount.start)
  if (column !== undefined) {
    const beside = numbersIn(row)
      .filter(({ start, value }) => start < amount.start && value.length <= 5)
      .map(({ value, start }) => ({ value, off: Math.abs(xOf(row.line, start + value.length / 2) - column) }))
      .sort((x, y) => x.off - y.off)[0]
    return beside !== undefined && beside.off < row.line.height * 2 ? plain(beside.value) : undefined
  }
  const found =
    /^(\d{1,3}) ?[xX*](?![A-Za-z]{2})/.exec(text) ??
    /^(\d{1,2}) (?! ?(?:ML|G|KG|L|CM|MM|PCS|IN)\b)(?!\d)/.exec(text) ??
    /^(\d)(?=[A-Z][A-Za-z]{2})/.exec(text) ??
    /(?:^| )[xX] ?(\d{1,3}) *$/.exec(text) ??
    /  (\d{1,2}) +$/.exec(text)
  return found?.[1] === undefined || Number(found[1]) === 0 ? undefined : plain(found[1])
}

/** The words of a line without its figures, codes and marks of tax. */
export function nameOf(row: Row, isCounted: boolean): string {
  let name = labelOf(row)
  // What stands after the amount is a code of tax.
  const last = lastSound(row)
  if (last !== undefined && last.start > 3) name = name.slice(0, last.start)
  // Letters glued to the amount are its currency, misread.
  if (last !== undefined && last.start > 3) name = name.replace(/ [A-Z]{1,2}$/, ' ')
  name = name
    .replace(/^\s*[\d-]{5,}\s?/, '')
    .replace(/ \d{7,}[A-Z]{0,3}(?= |$)/g, ' ')
    .replace(/(?:^|\s)(?:@|\d{1,4}(?:[.,]\d{1,3})? ?[xX*@]|[xX] ?\d{1,4})(?=\s|$)/g, ' ')
    .replace(/\s(?:RM|\$|€|£|@)\s*$/g, ' ')
    .replace(/\s{2,}\d{1,4}(?=\s*$)/, ' ')
  if (isCounted) name = name.replace(/^\s*\d{1,3} ?[xX*]?\s*/, '')
  return name
    .replace(/\s+/g, ' ')
    .replace(/ [*][A-Z]$/, '')
    .replace(/^[\s*#.:,;|_=-]+|[\s*#.:,;|_=@-]+$/g, '')
    .slice(0, 80)
    .toWellFormed()
    .trim()
}

export function partsOf(row: Row, { column, countColumn }: Columns): Parts | undefined {
  const amount = lastSound(row)
  // `@ 16.00` is the price of one, and the line goes on below.
  if (amount !== undefined && /@ ?$/.test(row.text.slice(0, amount.start))) return undefined
  if (amount === undefined || xOf(row.line, amount.start) < column) return undefined
  const product = multiplied(row, amount)
  const counted = product?.quantity ?? countOf(row, amount, countColumn)
  return {
    row,
    amount,
    quantity: counted,
    unitPrice: product?.unitPrice,
    isMultiplied: product !== undefined,
    name: nameOf(row, counted !== undefined),
  }
}

/** A name has letters, and is more than a code such as `D15` or `SR`. */
export const isName = (text: string): boolean => lettersIn(text.replace(/RM|EUR|USD|MYR/g, '')) >= 3 && !/^[A-Z]{0,3}\d+[A-Z]?$/.test(text)

/** Digits with a few letters, such as `BEN02`: a name only where no better one stands above. */
export const isCode = (text: string): boolean => /\d/.test(text) && lettersIn(text) <= 6

const STARTS_WITH_FIGURES = /^\s*[\dIl]{1,4}(?:[.,]\d{1,3})? ?(?:NOS?|PCS|KG|EA|UNITS?)? {0,2}[*xX@]/i

/** Whether a line has figures and the name of the thing. */
export const isNamed = (parts: Parts, row: Row): boolean => isName(parts.name) && !isCode(parts.name) && !STARTS_WITH_FIGURES.test(row.text)

/** More letters than digits: a name, not one of the codes and sizes that stand between it and the figures. */
export const isWordy = (name: string): boolean => lettersIn(name) >= 4 && lettersIn(name) > (name.match(/\d/g)?.length ?? 0)

/** Weights times prices are rounded, here one way and there another. */
export const isProduct = ({ quantity, unitPrice }: Times, amount: number): boolean => Math.abs(Number(quantity) * unitPrice - amount) <= 1

/** `2 x 3.50` alone: the figures of the thing before or after. */
export function timesOf(row: Row): Times | undefined {
  const match = /^\D{0,3}(\d{1,4}(?:[.,]\d{1,3})?) ?(?:KG|PCS)? ?[xX*@] ?/.exec(row.text)
  const price = row.amounts.find(({ quality }) => quality >= SOUND)
  // `1X 000006436190  6.80` counts a code of the thing, and the amount is what it costs.
  if (match === null || price === undefined || price.start - match[0].length > 3 || coverageOf(row).letters > 4) return undefined
  return { quantity: plain((match[1] ?? '1').replace(',', '.')), unitPrice: price.minor }
}
