// Which of the days on a receipt is its own, and in what order its day and month stand.
import { DAY, type Day } from '../time.ts'
import type { Currency } from '../currency.ts'
import type { DayGuess, PrintedDay } from './dates.ts'
import type { Field, PrintedTime } from './reading.ts'
import { type Row, hasAny, wordsOf } from './rows.ts'

interface Found {
  readonly row: Row
  readonly printed: PrintedDay
}

interface Scored {
  readonly day: Day
  readonly row: Row
  readonly score: number
}

/** Where people write the month first. */
const MONTH_FIRST = new Set(['USD', 'PHP'])

const at = (day: Day): number => Date.parse(`${day}T00:00:00Z`)

/** What all days of the receipt together say: a part above 12 shows the order, as does the same day written otherwise. From -1 (month first) to 1. */
function orderOf(found: readonly Found[], currency: Currency | undefined, latest: number): number {
  let votes = currency !== undefined && MONTH_FIRST.has(currency) ? -0.6 : 0.6
  const certain = new Set(found.flatMap(({ printed: { guesses } }) => (guesses.length === 1 ? guesses.map(({ day }) => day) : [])))
  for (const { guesses } of found.map(({ printed }) => printed)) {
    const same = new Set(guesses.filter(({ day }) => guesses.length > 1 && certain.has(day)).map(({ order }) => order))
    if (same.size === 1) votes += same.has('day_first') ? 1.5 : -1.5
    const orders = new Set(guesses.filter(({ day }) => at(day) <= latest).map(({ order }) => order))
    if (orders.size === 1 && orders.has('day_first')) votes += 1.5
    if (orders.size === 1 && orders.has('month_first')) votes -= 1.5
  }
  return Math.max(-1, Math.min(1, votes))
}

/** Words on the line, or alone on the line above, that tell what the day is of. */
function wordScore(row: Row, rows: readonly Row[], printed: PrintedDay): number {
  const own = wordsOf(row.marks.filter(({ start }) => start < printed.end + 12))
  const above = rows[row.index - 1]
  const words = own.size > 0 || above === undefined || above.amounts.length > 0 || above.days.length > 0 ? own : wordsOf(above.marks)
  let score = 0
  if (words.has('date')) score += 0.8
  if (words.has('time')) score += 0.2
  if (hasAny(words, 'other_date')) score -= 1.6
  if (hasAny(words, 'points', 'exchange', 'thanks')) score -= 0.4
  return score
}

const hasClock = (row: Row | undefined): boolean => row?.clocks.some(({ isVague }) => !isVague) ?? false

function scoresOf(found: readonly Found[], rows: readonly Row[], order: number, latest: number): Scored[] {
  return found.flatMap(({ row, printed }) =>
    printed.guesses
      .filter(({ day }) => at(day) <= latest)
      .map((one: DayGuess) => {
        let score = printed.quality * 2 + wordScore(row, rows, printed)
        if (hasClock(row)) score += 0.5
        else if (hasClock(rows[row.index - 1]) || hasClock(rows[row.index + 1])) score += 0.2
        if (one.order === 'day_first') score += order * 0.7
        if (one.order === 'month_first') score -= order * 0.7
        score += (0.5 + 0.5 * row.line.confidence) * 0.4 - (row.index / Math.max(1, rows.length)) * 0.2
        // Tills keep the right day; what lies ten and more years back is likely a digit misread.
        if (latest - at(one.day) > 15 * 366 * DAY) score -= 1
        return { day: one.day, row, score }
      }),
  )
}

export interface DayChoice {
  readonly date: Field<Day>
  readonly time: Field<PrintedTime>
}

/** The day and time of the purchase. A day after tomorrow's is none: `today` is the reader's, which the shop may be ahead of. */
export function chooseDay(rows: readonly Row[], today: Day, currency: Currency | undefined): DayChoice {
  const latest = at(today) + DAY
  const found = rows.flatMap((row) => row.days.map((printed) => ({ row, printed })))
  const scored = scoresOf(found, rows, orderOf(found, currency, latest), latest)
  const byDay = new Map<Day, { score: number; row: Row }>()
  for (const { day, row, score } of scored.sort((a, b) => b.score - a.score)) {
    const before = byDay.get(day)
    // The same day again, from another line, speaks for both.
    if (before === undefined) byDay.set(day, { score, row })
    else if (before.row !== row) byDay.set(day, { ...before, score: before.score + 0.35 })
  }
  const [first, second] = [...byDay].sort((a, b) => b[1].score - a[1].score)
  if (first === undefined) return { date: null, time: timeNear(rows, undefined) }
  const [day, { score, row }] = first
  const margin = score - (second?.[1].score ?? 0)
  const confidence = Math.min(0.97, 1 / (1 + Math.exp(0.6 - 0.6 * score - 0.9 * margin)))
  return { date: { value: day, confidence: confidence * (0.7 + 0.3 * row.line.confidence) }, time: timeNear(rows, row) }
}

/** The time beside the day, else beside a word for it, else the first. */
function timeNear(rows: readonly Row[], own: Row | undefined): Field<PrintedTime> {
  const found = rows.flatMap((row) =>
    row.clocks
      .filter(({ isVague }) => !isVague || wordsOf(row.marks).has('time'))
      .map((clock) => {
        const words = wordsOf(row.marks)
        let score =
          (words.has('time') ? 1 : 0) +
          (clock.isVague ? 0 : 0.5) +
          (clock.time.length > 5 ? 0.2 : 0) -
          (hasAny(words, 'other_date', 'contact') ? 1 : 0)
        if (own !== undefined) score += row === own ? 2 : Math.max(0, 1 - Math.abs(row.index - own.index) * 0.25)
        return { clock, score, row }
      }),
  )
  const best = found.sort((a, b) => b.score - a.score)[0]
  if (best === undefined || best.score < 0.5) return null
  return { value: best.clock.time, confidence: Math.min(0.95, 0.5 + best.score * 0.15) * (0.7 + 0.3 * best.row.line.confidence) }
}
