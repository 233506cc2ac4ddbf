// Days and times of day in a line of text. A day may be written in several orders: all that it could mean is told, and
// which one is meant is decided by everything else on the receipt.
import { type Day, isDay } from '../time.ts'
import { fold } from './marks.ts'
import type { PrintedTime } from './reading.ts'

type Order = 'day_first' | 'month_first' | 'year_first' | 'named'

export interface DayGuess {
  readonly day: Day
  readonly order: Order
}

/** A piece of text that looks like a day. */
export interface PrintedDay {
  readonly start: number
  readonly end: number
  /** From 0 to 1: how much its form tells a day from any other number. */
  readonly quality: number
  /** What it may mean; at least one. */
  readonly guesses: readonly DayGuess[]
}

/** How months begin, without accents, in the languages of `vocabulary.ts`; where several share a beginning it is long enough. */
const MONTHS: readonly string[] = [
  'JANUARY JANUAR JANVIER ENERO JANEIRO JANUARI GENNAIO ENE GEN',
  'FEBRUARY FEBRUAR FEVRIER FEBRERO FEVEREIRO FEBRUARI FEBBRAIO FEV',
  'MARCH MARZ MRZ MAERZ MARS MARZO MARCO MAC MAART MRT',
  'APRIL AVRIL ABRIL APRILE AVR ABR',
  'MAY MAI MAYO MAIO MEI MAGGIO MAG',
  'JUNE JUNI JUIN JUNIO JUNHO JUN GIUGNO GIU',
  'JULY JULI JUILLET JULIO JULHO JULAI JUL LUGLIO LUG JUIL',
  'AUGUST AOUT AGOSTO OGOS AUGUSTUS AUG AGO OGO',
  'SEPTEMBER SEPTEMBRE SEPTIEMBRE SETEMBRO SETTEMBRE SEPT SET',
  'OCTOBER OKTOBER OCTOBRE OCTUBRE OUTUBRO OTTOBRE OUT OTT OKT',
  'NOVEMBER NOVEMBRE NOVIEMBRE NOVEMBRO',
  'DECEMBER DEZEMBER DECEMBRE DICIEMBRE DEZEMBRO DISEMBER DICEMBRE DEZ DIC DIS',
]

/** The month, from 1, that a word names or abbreviates, with digits for letters as recognisers have it. */
export function monthOf(word: string): number | undefined {
  const plain = word.replaceAll('0', 'O').replaceAll('5', 'S')
  const spellings = [plain.replaceAll('1', 'I'), plain.replaceAll('1', 'L')]
  const at = MONTHS.findIndex((names) => names.split(' ').some((name) => spellings.some((one) => one.length >= 3 && name.startsWith(one))))
  return at < 0 ? undefined : at + 1
}

function dayOf(year: string, month: number, day: number): Day | undefined {
  // Receipts are not older than the shops' tills, so two digits are this century's.
  const full = year.length === 2 ? `20${year}` : year
  const text = `${full}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return isDay(text) && full >= '1990' && full <= '2099' ? text : undefined
}

const guess = (order: Order, year: string, month: number, day: number): DayGuess[] => {
  const found = dayOf(year, month, day)
  return found === undefined ? [] : [{ day: found, order }]
}

const Y = String.raw`(20\d\d|19\d\d)`
/** With two digits too, also where the time follows without a space: `18/03/1815:17`. */
const YY = String.raw`(\d\d(?=[012]?\d:\d\d)|20\d\d|19\d\d|\d\d(?!\d))`
const SEP = String.raw` ?[-/.,] ?`

interface Form {
  readonly pattern: RegExp
  readonly quality: number
  readonly read: (one: string, two: string, three: string) => DayGuess[]
}

const bothOrders = (a: string, b: string, year: string): DayGuess[] => [
  ...guess('day_first', year, Number(b), Number(a)),
  ...guess('month_first', year, Number(a), Number(b)),
]

function named(day: string, month: string, year: string): DayGuess[] {
  const number = monthOf(month)
  return number === undefined ? [] : guess('named', year, number, Number(day))
}

const FORMS: readonly Form[] = [
  {
    pattern: new RegExp(`(?<![\\d.,])${Y}${SEP}(\\d{1,2})${SEP}(\\d{1,2})(?!\\d{3})`, 'g'),
    quality: 1,
    read: (y, m, d) => guess('year_first', y, Number(m), Number(d)),
  },
  {
    pattern: /(?<!\d)(20\d\d) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日/g,
    quality: 1,
    read: (y, m, d) => guess('year_first', y, Number(m), Number(d)),
  },
  { pattern: new RegExp(`(?<![\\d/])(\\d{1,2})${SEP}(\\d{1,2})${SEP}${Y}(?!:)`, 'g'), quality: 1, read: bothOrders },
  { pattern: /(?<![\d.,/-])(\d{1,2}) ?([-/]) ?(\d{1,2}) ?\2 ?(\d\d)(?=[012]?\d:\d\d|[^\d/-]|$)/g, quality: 0.8, read: () => [] },
  { pattern: /(?<![\d.,/-])(\d{1,2})\.(\d{1,2})\.(\d\d)(?![\d.,])/g, quality: 0.55, read: bothOrders },
  {
    pattern: new RegExp(
      `(?<!\\d)(\\d{1,2})(?:ST|ND|RD|TH|ER|\\.|º)?[ ./,-]{0,2}(?:DE |OF )?([A-Z][A-Z015]{2,8})[ ./,'-]{0,3}(?:DE )?${YY}(?![-/]\\d)`,
      'g',
    ),
    quality: 1,
    read: named,
  },
  {
    pattern: new RegExp(`(?<![A-Z])([A-Z][A-Z015]{2,8})[ .-]{0,2}(\\d{1,2})(?:ST|ND|RD|TH)?[ ,.-]{1,3}${Y}`, 'g'),
    quality: 1,
    read: (month, day, year) => named(day, month, year),
  },
  // A separator was read as a digit or not at all.
  { pattern: /(?<!\d)(\d\d)[-/.][17]?(\d\d)[17](20\d\d)(?!\d)/g, quality: 0.5, read: bothOrders },
  { pattern: /(?<!\d)(\d\d)[17](\d\d)[-/.](20\d\d)(?!\d)/g, quality: 0.5, read: bothOrders },
  { pattern: /(?<!\d)(\d\d)[-/.]?(\d\d)[-/.]?(20[0-4]\d)(?!\d)/g, quality: 0.35, read: bothOrders },
  { pattern: /(?<!\d)(20[0-4]\d)(\d\d)(\d\d)(?!\d)/g, quality: 0.3, read: (y, m, d) => guess('year_first', y, Number(m), Number(d)) },
]

const DIGIT: Readonly<Record<string, string>> = { O: '0', Q: '0', I: '1', L: '1', '|': '1', S: '5', B: '8' }

/** Capitals, and digits where a letter stands among digits and the signs of a date. */
function toDigits(text: string): string {
  return fold(text)
    .replace(/[–—−_]/g, '-')
    .replace(/\\/g, '/')
    .replace(/(?<![A-Z\d])[\dOQIL|SB]{1,4}[-/.][\dOQIL|SB]{1,2}[-/.][\dOQIL|SB]{2,4}(?![A-Z])/g, (date) =>
      (date.match(/\d/g) ?? []).length < 4 ? date : date.replace(/[OQIL|SB]/g, (letter) => DIGIT[letter] ?? letter),
    )
    .replace(/(?<=\d|[-/.])[OQ](?=\d|[-/.]|$)|(?<![A-Z])[OQ](?=\d[-/.])/g, '0')
    .replace(/(?<=\d|[-/])[IL|](?=\d|[-/])|(?<![A-Z])[IL|](?=\d[-/.])/g, '1')
}

/** All that looks like a day in the text, each with what it may mean. */
export function scanDays(text: string): PrintedDay[] {
  const digits = toDigits(text)
  const found: PrintedDay[] = []
  for (const { pattern, quality, read } of FORMS) {
    for (const match of digits.matchAll(pattern)) {
      const end = match.index + match[0].length
      if (found.some((other) => match.index < other.end && other.start < end)) continue
      const [, one = '', two = '', three = '', four] = match
      const guesses = four === undefined ? read(one, two, three) : bothOrders(one, three, four)
      if (guesses.length > 0) found.push({ start: match.index, end, quality, guesses })
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

export interface PrintedClock {
  readonly start: number
  readonly end: number
  readonly time: PrintedTime
  /** Whether only a word beside it can tell that it is a time: `12.30`. */
  readonly isVague: boolean
}

const CLOCK = /(?<![\d.,:])(\d{1,2}) ?([:.H]) ?(\d\d)(?: ?[:.] ?(\d\d))?(?!\d|[.,]\d)(?: ?([AP])( ?\.?M)?(?![A-Z]))?/g
/** Glued to the year before it, as in `20/03/201812:30`. */
const GLUED = /(?<=[-/.](?:20)?\d\d)(\d{1,2})(:)(\d\d)(?::(\d\d))?(?!\d)(?: ?([AP])M(?![A-Z]))?/g

/** All times of day in the text, in 24 hours. */
export function scanClocks(text: string): PrintedClock[] {
  const digits = toDigits(text)
  const found: PrintedClock[] = []
  for (const match of [...digits.matchAll(CLOCK), ...digits.matchAll(GLUED)]) {
    const [all, hour = '', sign, minute = '', second, letter, meridiem] = match
    // `4.50 A` is an amount with a code of tax.
    const half = sign === ':' || meridiem !== undefined ? letter : undefined
    const twelve = half !== undefined && Number(hour) <= 12
    const hours = twelve ? (Number(hour) % 12) + (half === 'P' ? 12 : 0) : Number(hour)
    if (hours > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) continue
    const time = [String(hours).padStart(2, '0'), minute, ...(second === undefined ? [] : [second])].join(':') as PrintedTime
    const isVague = sign !== ':' && half === undefined && !(sign === 'H' && hour.length === 2)
    found.push({ start: match.index, end: match.index + all.length, time, isVague })
  }
  return found
}
