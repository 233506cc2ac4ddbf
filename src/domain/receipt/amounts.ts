// Amounts of money in a line of text, in the ways of writing of all countries, with the errors that recognisers make in
// digits. What is a percentage, a weight, a date, a time or part of a longer number is no amount.

export interface Amount {
  /** Whole minor units. */
  readonly minor: number
  /** Where it stands in the text, with its sign and currency; the end is exclusive. */
  readonly start: number
  readonly end: number
  /** From 0 to 1: 1 for plain digits with decimals, less the more had to be assumed. */
  readonly quality: number
  /** The sign or code of a currency beside it, as it is printed. */
  readonly currency: string | undefined
}

export interface Scan {
  readonly amounts: readonly Amount[]
  /** Percentages, such as 6 for `6 %` or `@6.00%`. */
  readonly percents: readonly number[]
}

const LOOKALIKE: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  Q: '0',
  D: '0',
  I: '1',
  l: '1',
  '|': '1',
  S: '5',
  s: '5',
  B: '8',
  Z: '2',
}

/** A digit, or a letter that may be a misread one. */
const D = String.raw`[\dOoQIl|SB]`
const SPACE = ' ?'

/** A figure with the decimals of the currency; thousands apart by a point, a comma, an apostrophe, or a space before a decimal comma. */
const withDecimals = (exponent: number): RegExp =>
  new RegExp(
    String.raw`(?:${D}{1,3}(?:[.,'’]${D}{3}){1,4}${SPACE}[.,]${SPACE}|${D}{1,3}(?: ${D}{3}){1,3},|${D}{1,9}${SPACE}[.,:;]${SPACE})(?:${D}{${exponent}}(?!\d)|\d{${exponent - 1}}[CG](?![\dA-Za-z]))`,
    'g',
  )

const DECIMAL: Readonly<Record<number, RegExp>> = { 2: withDecimals(2), 3: withDecimals(3) }
/** Less than one, without the 0 before the point. */
const FRACTION = /[.,]\d\d(?!\d)/g
/** Whole units, with or without thousands apart. */
const WHOLE = /\d{1,3}(?:[.,'’ ]\d{3}){1,4}(?!\d)|\d{1,9}(?!\d)/g
/**
 * A letter after the amount, such as a code of tax, was read as a digit: `4.408` for `4.40 S`; S looks like 5 or 8, O like 0.
 * And some tills print a third decimal, which is 0.
 */
const STRAY = /\d{1,6}[.,]\d\d[058](?!\d)/g
const POINTLESS = /(?<![\d.,'’])[1-9]\d{2,5}(?![\d.,'’]|0{3})/g
/** The point was read as a dash. */
const DASHED = /(?<![\d-])\d{1,5}-\d\d(?![\d-])/g
/** The point was too faint to be seen. */
const FAINT = /\d{1,4} \d{2}(?!\d)/g

const SIGNS = String.raw`RM|MYR|R\$|US\$|A\$|C\$|S\$|HK\$|NT\$|NZ\$|MX\$|\$|€|£|¥|￥|₹|₩|฿|₺|₫|₱|₪|₴|EUR|USD|GBP|CHF|SGD|AUD|CAD|NZD|JPY|BRL|INR|THB|IDR|KWD|Rp|Fr\.?|Kč|kr|zł|Ft|lei|円|원|元|EUROS?`
const SIGN_BEFORE = new RegExp(`(?:^|[^A-Za-z])(${SIGNS}) ?$`, 'i')
const SIGN_GLUED = new RegExp(`(RM|MYR|EUR|USD|CHF|€|£|¥|\\$) ?$`)
const SIGN_AFTER = new RegExp(`^ ?(${SIGNS})(?![A-Za-z])`, 'i')
const UNIT = /^ ?(?:KGS?|G|GMS?|GR|ML|CL|L|LT|LTRS?|LITER|LITRES?|CM|MM|MTR|M|KM|KWH|OZ|LBS?|PCS|INCH|X|°)(?![A-Za-z])/i

interface Digits {
  readonly whole: string
  readonly fraction: string
  readonly quality: number
}

/** The digits of a figure, or `undefined` when too much of it is letters. */
function digitsOf(text: string, exponent: number, isMoney: boolean): Digits | undefined {
  const compact = text.replaceAll(/\s*([.,:;-])\s*/g, '$1')
  const isPlain = exponent === 0 || /^\d+$/.test(compact)
  const cut = exponent === 0 ? compact.length : compact.length - exponent - (isPlain ? 0 : 1)
  const head = compact.slice(0, cut)
  const tail = compact.slice(isPlain ? cut : cut + 1)
  const figures = (head + tail).replace(/[^\dA-Za-z|]/g, '')
  const letters = figures.replace(/\d/g, '').length
  if (head !== '' && !/\d/.test(head) && !/^[Oo]$/.test(head) && !isMoney) return undefined
  if (letters > figures.length / 2 + (/[Oo]{2}$/.test(tail) ? 1 : 0)) return undefined
  const plain = (part: string): string => part.replace(/[^\dA-Za-z|]/g, '').replace(/\D/g, (char) => LOOKALIKE[char] ?? '0')
  const point = isPlain ? '' : (compact[cut] ?? '')
  const groups = new Set(head.replace(/[^.,'’ ]/g, ''))
  const isOdd = point === ':' || point === ';' || groups.size > 1 || groups.has(point)
  const quality = (letters > 0 ? 0.75 : 1) * (compact === text || groups.has(' ') ? 1 : 0.95) * (isOdd ? 0.6 : 1)
  return { whole: plain(head), fraction: plain(tail), quality }
}

interface Around {
  readonly start: number
  readonly end: number
  readonly isNegative: boolean
  readonly currency: string | undefined
}

/** Signs and currency on both sides, or `undefined` when the figure is part of something else. */
function around(text: string, from: number, to: number): Around | undefined {
  const figure = text.slice(from, to)
  let before = text.slice(Math.max(0, from - 14), from)
  const cut = from - before.length
  // Both `-RM 5` and `RM -5` are written.
  const inner = /(?:RM|[$€£¥]) ?([-−–] ?)$/.exec(before)?.[1]
  if (inner !== undefined) before = before.slice(0, -inner.length)
  const currencyBefore = (SIGN_BEFORE.exec(before) ?? SIGN_GLUED.exec(before))?.[1]
  if (currencyBefore !== undefined) before = before.slice(0, before.lastIndexOf(currencyBefore))
  const minus =
    /(?:^|[^\dA-Za-z])([-−–~] ?)$/.exec(before)?.[1] ?? (currencyBefore === undefined ? /[A-Za-z:] (-)$/.exec(before)?.[1] : undefined)
  if (minus !== undefined) before = before.slice(0, -minus.length)
  else if (/\d[-/.,:*]$|[\p{L}.]$/u.test(before) && figure.startsWith('.')) return undefined
  else if (/\d[-/.,:*]$|#$|\d$|[\p{L}\d]-$/u.test(before)) return undefined
  // A letter that may be a digit belongs to the word before it.
  if (/^\D/.test(figure) && /\p{L}$/u.test(before)) return undefined
  const after = text.slice(to, to + 12)
  const currencyAfter = SIGN_AFTER.exec(after)
  const rest = after.slice(currencyAfter?.[0].length ?? 0)
  if (/^(?:[/:*]\d|[.,-]\d|\d)/.test(rest) || (currencyAfter === null && UNIT.test(rest))) return undefined
  if (/\D$/.test(figure) && /^\p{L}/u.test(rest)) return undefined
  const trailing = /^ ?[-−–](?![\d\p{L}-])/u.exec(rest)?.[0]
  const isEnclosed = /\( ?$/.test(before) && /^ ?\)/.test(rest)
  return {
    start: cut + before.length,
    end: to + (currencyAfter?.[0].length ?? 0) + (trailing?.length ?? 0),
    isNegative: inner !== undefined || minus !== undefined || trailing !== undefined || isEnclosed,
    currency: currencyBefore ?? currencyAfter?.[1],
  }
}

const isPercentAt = (text: string, to: number): boolean => /^ ?[%％]/.test(text.slice(to, to + 3))

function percentsIn(text: string): number[] {
  return [...text.matchAll(/(\d{1,2}(?:[.,]\d{1,2})?) ?[%％]/g)].map((match) => Number((match[1] ?? '').replace(',', '.')))
}

interface Style {
  readonly pattern: RegExp
  readonly exponent: number
  readonly factor: number
  readonly quality: number
  /** What stands before the decimals; the last digit of such a figure is none. */
  readonly point?: Point
}

/** How amounts may be written, the plainest first: what one style has taken is no longer there for the next. */
function stylesOf(exponent: number, point: Point | undefined): Style[] {
  const unit = 10 ** exponent
  const decimal = DECIMAL[exponent]
  if (decimal === undefined) return [{ pattern: WHOLE, exponent: 0, factor: unit, quality: 1 }]
  return [
    { pattern: decimal, exponent, factor: 1, quality: 1 },
    ...(point === undefined || exponent !== 2 ? [] : [{ pattern: STRAY, exponent, factor: 1, quality: 0.55, point }]),
    ...(exponent === 2 ? [{ pattern: FRACTION, exponent, factor: 1, quality: 0.7 }] : []),
    ...(exponent === 2 ? [{ pattern: DASHED, exponent, factor: 1, quality: 0.35 }] : []),
    { pattern: FAINT, exponent, factor: 1, quality: 0.35 },
    // Where others have decimals, the point of a longer figure was not seen.
    ...(point === undefined ? [] : [{ pattern: POINTLESS, exponent, factor: 1, quality: 0.35 }]),
    { pattern: WHOLE, exponent: 0, factor: unit, quality: 0.3 },
  ]
}

/** A style of writing is less likely where nothing tells an amount from any other number. */
function qualityOf(style: Style, figure: string, currency: string | undefined): number {
  if (style.quality === 1 && style.exponent > 0) return 1
  if (style.exponent > 0) return style.quality
  const grouped = /^\d{1,3}(?:[.,'’]\d{3})+$/.test(figure)
  // Where amounts have no decimals, one or two digits are more often a count.
  const base = style.factor === 1 ? (figure.length < 3 ? 0.45 : 0.6) : 0.25
  if (figure.length > 1 && figure.startsWith('0')) return 0
  return Math.min(
    style.factor === 1 ? 1 : 0.7,
    base + (currency === undefined ? 0 : 0.4) + (grouped ? 0.3 : 0) - (figure.length > 6 && !grouped ? 0.3 : 0),
  )
}

export type Point = '.' | ','

/** Whether the receipt writes its decimals after a point or a comma; `undefined` when it has no amounts that tell. */
export function pointOf(text: string): Point | undefined {
  const points = text.match(/\d\.\d\d(?![\d.])/g)?.length ?? 0
  const commas = text.match(/\d,\d\d(?![\d,])/g)?.length ?? 0
  if (Math.max(points, commas) < 2 || points === commas) return undefined
  return points > commas ? '.' : ','
}

/** How the receipt writes its amounts. */
export interface Spelling {
  /** The number of decimals of its currency. */
  readonly exponent: number
  /** What stands before them. */
  readonly point?: Point | undefined
  /** Whether it has `$`, which is often read as an S. */
  readonly hasDollar?: boolean
}

/** All amounts of the line from left to right. */
export function scanAmounts(printed: string, { exponent, point, hasDollar = false }: Spelling): Scan {
  const text = hasDollar ? printed.replace(/(?<![A-Za-z\d])[Ss](?=\d{1,4}[.,]\d\d(?!\d))/g, '$') : printed
  const amounts: Amount[] = []
  const taken = (from: number, to: number): boolean => amounts.some(({ start, end }) => from < end && start < to)
  for (const style of stylesOf(exponent, point)) {
    for (const match of text.matchAll(style.pattern)) {
      const from = match.index
      const to = from + match[0].length
      if (style.point !== undefined && match[0].at(-4) !== style.point) continue
      const figure = style.point === undefined ? match[0] : match[0].slice(0, -1)
      if (taken(from, to) || isPercentAt(text, to)) continue
      const sides = around(text, from, to)
      const digits = sides && digitsOf(figure, style.exponent, sides.currency !== undefined)
      if (sides === undefined || digits === undefined) continue
      const minor = Number(digits.whole + digits.fraction) * style.factor * (sides.isNegative ? -1 : 1)
      const quality = digits.quality * qualityOf(style, figure, sides.currency)
      if (quality <= 0 || !Number.isSafeInteger(minor) || Math.abs(minor) > 1e12) continue
      amounts.push({ minor: minor === 0 ? 0 : minor, start: sides.start, end: sides.end, quality, currency: sides.currency })
    }
  }
  return { amounts: amounts.sort((a, b) => a.start - b.start), percents: percentsIn(text) }
}
