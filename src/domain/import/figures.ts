// Figures as files write them: decimals after a point or a comma, thousands apart by the other, by spaces or by
// apostrophes. One cell may be read in two ways; a whole column seldom can.
import { isCurrency } from '../currency.ts'

export type DecimalMark = '.' | ','

/** A figure with at most a sign and a unit beside it. Longer cells are none, which bounds the work of the pattern. */
const FIGURE = /^(\(|[-+−–])? ?(?:([\p{L}\p{Sc}]{1,4})\.? ?)?([-+−–])? ?(\d[\d.,'’ ]*|[.,]\d+)(?: ?([\p{L}\p{Sc}]{1,4})\.?)? ?(\)|[-−–])?$/u
const LONGEST = 48

interface Figure {
  readonly isNegative: boolean
  /** Digits and what parts them. */
  readonly body: string
  /** What is written before and behind it. */
  readonly units: readonly string[]
}

function figureOf(text: string): Figure | undefined {
  if (text.length > LONGEST) return undefined
  // Most cells of most files; the rest of this costs ten times as much.
  if (/^-?\d+(?:[.,]\d+)?$/.test(text)) return { isNegative: text.startsWith('-'), body: text.replace('-', ''), units: [] }
  // Compatibility forms: no-break and narrow spaces become spaces, wide digits become digits.
  const [, before, unit, inner, body, unitBehind, after] = FIGURE.exec(text.normalize('NFKC').trim()) ?? []
  if (body === undefined) return undefined
  const signs = [before, inner, after].filter((sign) => sign !== undefined && sign !== '(' && sign !== ')')
  const isEnclosed = before === '(' && after === ')'
  if (signs.length > 1 || (!isEnclosed && (before === '(' || after === ')'))) return undefined
  const isNegative = isEnclosed || (signs.length === 1 && signs[0] !== '+')
  return { isNegative, body: body.trimEnd(), units: [unit, unitBehind].filter((one) => one !== undefined) }
}

/** Whole numbers in groups: of three, or of two before the last three as in India. */
const GROUPED = /^\d{1,3}(?:(?<by>[.,'’ ])\d{2,3}(?:\k<by>\d{2,3})*)?$/

/**
 * The figure as plain decimal text (`-1234.5`, no leading zeros, no trailing zeros of decimals), or `undefined` when
 * the cell is no figure in this style.
 */
export function readFigure(text: string, mark: DecimalMark): string | undefined {
  const figure = figureOf(text)
  if (figure === undefined) return undefined
  const at = figure.body.lastIndexOf(mark)
  const head = at < 0 ? figure.body : figure.body.slice(0, at)
  const tail = at < 0 ? '' : figure.body.slice(at + 1)
  if (head.includes(mark) || !/^\d{0,12}$/.test(tail)) return undefined
  if (!/^\d*$/.test(head) && !(GROUPED.test(head) && /[.,'’ ]\d{3}$/.test(head))) return undefined
  const whole = head.replace(/\D/g, '').replace(/^0+(?=\d)/, '') || '0'
  const fraction = tail.replace(/0+$/, '')
  const isZero = /^0*$/.test(whole + fraction)
  return `${figure.isNegative && !isZero ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** What a single figure proves about the style it is written in. */
function markIn(text: string): DecimalMark | undefined {
  const body = figureOf(text)?.body
  const marks = body?.match(/[.,]/g)
  if (body === undefined || marks === undefined || marks === null) return undefined
  const last = marks.at(-1) as DecimalMark
  const other: DecimalMark = last === '.' ? ',' : '.'
  if (marks.includes(other)) return last
  if (marks.length > 1) return other
  const [head = '', tail = ''] = body.split(last)
  // `1,234` may be either; `0,234`, `1234,567` and `1,5` may not.
  return tail.length !== 3 || /^0|^$|^\d{4}/.test(head) ? last : undefined
}

export interface Evidence {
  /** The style that most figures prove; absent where none does. */
  readonly mark?: DecimalMark
  /** Figures that are written in both styles in one file. */
  readonly isMixed: boolean
  /** A figure that could be read in either style. */
  readonly either?: string
}

/** What the figures of a file prove together. */
export function markOf(texts: Iterable<string>): Evidence {
  const votes = { '.': 0, ',': 0 }
  let either: string | undefined
  for (const text of texts) {
    const mark = markIn(text)
    if (mark !== undefined) votes[mark] += 1
    else if (either === undefined && /\d[.,]\d{3}(?!\d)/.test(text.slice(0, LONGEST))) either = text
  }
  return {
    ...(votes['.'] + votes[','] > 0 && { mark: votes[','] > votes['.'] ? ',' : '.' }),
    isMixed: votes['.'] > 0 && votes[','] > 0,
    ...(either !== undefined && { either }),
  }
}

/** What currencies are called beside amounts, other than by their codes; and how banks mark which way the money went. */
const UNITS = new Set(
  'kr kn kč zł ft fr sfr lei lv лв руб р грн дин din rm rp rs r tl eur euro usd gbp chf rmb 元 円 圓 圆 원 cr dr'.split(' '),
)

const isUnit = (text: string): boolean => /\p{Sc}/u.test(text) || isCurrency(text) || UNITS.has(text.toLowerCase())

/** Whether the cell is a figure in one style or the other: not a word and a number, such as `Row 1`, which can be read as one. */
export const isFigure = (text: string): boolean =>
  figureOf(text)?.units.every(isUnit) === true && (readFigure(text, '.') ?? readFigure(text, ',')) !== undefined
