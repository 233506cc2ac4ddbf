// Periods as people name them: a month, a quarter, a year, or from one day to another.
import { addDays, addMonths } from './calendar.ts'
import { isDay, type Day } from './time.ts'

/** From the first day to the last, both included. */
export interface Period {
  readonly from: Day
  readonly until: Day
}

const months = (year: string, first: number, count: number): Period => {
  const from = `${year}-${String(first).padStart(2, '0')}-01` as Day
  return { from, until: addDays(addMonths(from, count), -1) }
}

/** The period that the text names: `2024`, `2024-Q1`, `Q1-2024`, `2024-01`, or `2024-01-05,2024-02-04`. */
export function periodOf(text: string): Period | undefined {
  const quarter = /^(?:Q([1-4])-(\d{4})|(\d{4})-Q([1-4]))$/.exec(text)
  if (quarter !== null) return months(quarter[2] ?? quarter[3] ?? '', Number(quarter[1] ?? quarter[4]) * 3 - 2, 3)
  const month = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text)
  if (month !== null) return months(month[1] ?? '', Number(month[2]), 1)
  if (/^\d{4}$/.test(text)) return months(text, 1, 12)
  const [from = '', until = '', ...more] = text.split(',')
  return isDay(from) && isDay(until) && more.length === 0 && from <= until ? { from, until } : undefined
}
