// Days as files write them. Whether `03/04/2026` is in March or in April is decided by the other days of the file,
// by whoever imports it, or not at all; it is never guessed.
import { type Day, isDay } from '../time.ts'
import { fold } from '../receipt/marks.ts'
import { monthOf } from '../receipt/dates.ts'

/** `iso` stands for every form that has its year first. */
export type DayOrder = 'iso' | 'day_first' | 'month_first'

const LONGEST = 40
const YEAR_FIRST = /^(\d{4}) ?[-/.年 ] ?(\d{1,2}) ?[-/.月 ] ?(\d{1,2}) ?日?$/
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/
/** Two numbers and a year; Quicken writes years from 2000 on after an apostrophe. */
const NUMERIC = /^(\d{1,2}) ?([-/. ]) ?(\d{1,2}) ?([-/. '’]) ?(\d{4}|\d{1,2})$/
const DAY_NAMED = /^(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª)?[ ./-]{0,2}(?:de |of )?(\p{L}{3,12})\.?[ ,./-]{0,2}(?:de |of )?(\d{4}|\d{2})$/iu
const MONTH_NAMED = /^(\p{L}{3,12})\.? ?(\d{1,2})(?:st|nd|rd|th)?[ ,.-]{1,2}(\d{4})$/iu

interface Numeric {
  readonly one: number
  readonly two: number
  readonly year: string
  readonly isDotted: boolean
}

/** The day without the time that may follow it, and without the name of the weekday. */
const bare = (text: string): string => (/^[\d/.-]{6,10}$/.test(text) ? text : cleaned(text))

const cleaned = (text: string): string =>
  text
    .slice(0, LONGEST)
    .normalize('NFKC')
    .trim()
    .replace(/(?:T| +)\d{1,2}:\d\d.*$/, '')
    .replace(/ {2,}/g, ' ')

function fullYear(text: string, isApostrophe: boolean): string {
  if (text.length === 4) return text
  const number = Number(text)
  // Two digits are of the years 1970 to 2069, as POSIX has it.
  return String(isApostrophe || number < 70 ? 2000 + number : 1900 + number)
}

function numericOf(text: string): Numeric | undefined {
  const [, one, by, two, between, year] = NUMERIC.exec(text) ?? []
  if (one === undefined || two === undefined || year === undefined) return undefined
  const isApostrophe = between === "'" || between === '’'
  if (year.length === 1 && !isApostrophe) return undefined
  if (!isApostrophe && between !== by) return undefined
  return { one: Number(one), two: Number(two), year: fullYear(year, isApostrophe), isDotted: by === '.' }
}

function dayFrom(year: string, month: number, day: number): Day | undefined {
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return isDay(text) && year >= '1900' && year <= '2200' ? text : undefined
}

const fromNumeric = ({ one, two, year }: Numeric, order: DayOrder): Day | undefined =>
  order === 'day_first' ? dayFrom(year, two, one) : order === 'month_first' ? dayFrom(year, one, two) : undefined

function fromNamed(day: string, name: string, year: string): Day | undefined {
  const month = monthOf(fold(name))
  return month === undefined ? undefined : dayFrom(fullYear(year, false), month, Number(day))
}

/** The day that the text means where numbers are in this order; a time after it is left out. */
export function readDay(text: string, order: DayOrder): Day | undefined {
  const plain = bare(text)
  const [, year, month, day] = YEAR_FIRST.exec(plain) ?? COMPACT.exec(plain) ?? []
  if (year !== undefined) return dayFrom(year, Number(month), Number(day))
  const numeric = numericOf(plain)
  if (numeric !== undefined) return fromNumeric(numeric, order)
  const named = DAY_NAMED.exec(plain)
  if (named !== null) return fromNamed(named[1] ?? '', named[2] ?? '', named[3] ?? '')
  const after = MONTH_NAMED.exec(plain)
  return after === null ? undefined : fromNamed(after[2] ?? '', after[1] ?? '', after[3] ?? '')
}

/** Whether the text is a day in some order. */
export const looksLikeDay = (text: string): boolean =>
  text.length <= LONGEST && (readDay(text, 'day_first') ?? readDay(text, 'month_first')) !== undefined

/** The order that the days prove, or a text that could be two days and nothing in the file tells which. */
export type OrderFound = { readonly order: DayOrder } | { readonly ambiguous: string }

/**
 * Decides from all days of a file. A number beyond 12 tells; so do points, which are written day first wherever they
 * are written. Where the days contradict each other the order that reads more of them is taken, and the others are
 * faults of their rows.
 */
export function orderOf(texts: Iterable<string>): OrderFound {
  const read = { day_first: 0, month_first: 0 }
  let differing: string | undefined
  let isDotted = false
  for (const text of texts) {
    const numeric = numericOf(bare(text))
    if (numeric === undefined) continue
    const dayFirst = fromNumeric(numeric, 'day_first')
    const monthFirst = fromNumeric(numeric, 'month_first')
    if (dayFirst !== undefined) read.day_first += 1
    if (monthFirst !== undefined) read.month_first += 1
    if (numeric.isDotted) isDotted = true
    if (dayFirst !== undefined && monthFirst !== undefined && dayFirst !== monthFirst) differing ??= text
  }
  if (read.day_first === 0 && read.month_first === 0) return { order: 'iso' }
  if (read.day_first !== read.month_first) return { order: read.day_first > read.month_first ? 'day_first' : 'month_first' }
  return differing === undefined || isDotted ? { order: 'day_first' } : { ambiguous: differing.slice(0, LONGEST) }
}

/** The two days that an ambiguous text may be, for whoever has to say which. */
export const bothDays = (text: string): readonly [Day | undefined, Day | undefined] => [
  readDay(text, 'day_first'),
  readDay(text, 'month_first'),
]
