// The statement of a month: for each group and currency what was open when it began, what moved in it, and what was
// open when it ended. A line's closing balance is its opening balance plus what was paid less the share.
import { addMonths, instantAt } from './calendar.ts'
import type { Currency } from './currency.ts'
import type { Month } from './reminder.ts'
import { isZone, type Day, type Timestamp } from './time.ts'

/** Minor units; a balance is positive where the person is owed. */
export interface StatementLine {
  readonly group: string
  readonly currency: Currency
  readonly opening: number
  readonly paid: number
  readonly share: number
  readonly closing: number
}

/** A payment that the group's plan asks of the person, or of somebody else for them. */
export interface OpenDebt {
  readonly group: string
  readonly other: string
  readonly currency: Currency
  /** Minor units; negative where the person pays. */
  readonly minor: number
}

export interface Statement {
  readonly month: Month
  readonly lines: readonly StatementLine[]
  readonly debts: readonly OpenDebt[]
}

/** The instants between which the month lies in the zone; the second is the first of the next month. */
export function monthBorders(zone: string, month: Month): { from: Timestamp; to: Timestamp } {
  const [first, known] = [`${month}-01` as Day, isZone(zone) ? zone : 'UTC']
  return { from: instantAt(known, first, '00:00'), to: instantAt(known, addMonths(first, 1), '00:00') }
}

/** What a member's balance is now, and what was posted to it since the month began. */
export interface Moved {
  readonly group: string
  readonly currency: Currency
  readonly balance: number
  readonly paid: number
  readonly share: number
  /** What changed the balance after the month had ended. */
  readonly later: number
}

/** The line of the month, worked out backwards from the balance of today: so it costs what happened since, not all that ever did. */
export function statementLine({ group, currency, balance, paid, share, later }: Moved): StatementLine {
  const closing = balance - later
  return { group, currency, opening: closing - (paid - share), paid, share, closing }
}

/** Whether there is anything to say about the line. */
export const isTelling = ({ opening, paid, share, closing }: StatementLine): boolean => [opening, paid, share, closing].some((n) => n !== 0)
