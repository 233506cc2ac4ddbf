// Reminders as rules: when somebody's morning is, in which period a thing is reminded of once, and the words.
import { addMonths, localAt, weekOf, type Local } from './calendar.ts'
import { formatMinor } from './money.ts'
import { symbolOf, type Currency } from './currency.ts'
import type { Id } from './ids.ts'
import { NOTIFICATION_TYPES, type Notification } from './notification.ts'
import { isoOf, isZone, type Day, type Timestamp } from './time.ts'

const [MORNING, EVENING] = ['08:00', '20:00']

/** `YYYY-MM`. */
export type Month = `${number}-${number}`

/** What calendar and clock show in the zone; in UTC where the zone is not known (any more), so that nobody is left out. */
export const localIn = (zone: string, at: Timestamp): Local => localAt(isZone(zone) ? zone : 'UTC', at)

/** Whether people may be reminded at this time of their day. What comes too late waits for the next morning. */
export const isReminderTime = ({ time }: Local): boolean => time >= MORNING && time < EVENING

export const monthOf = (day: Day): Month => day.slice(0, 7) as Month

/** The month before that of the day. */
export const monthBefore = (day: Day): Month => monthOf(addMonths(day, -1))

const LAST_STATEMENT_DAY = 7

/** The rounds in which a zone is looked through for something; undefined on a day without one. One that was missed is made up while it lasts. */
export const ROUNDS = {
  day: (day: Day): string => day,
  week: weekOf,
  /** Of the month that has just ended. */
  statement: (day: Day): string | undefined => (Number(day.slice(8)) <= LAST_STATEMENT_DAY ? monthBefore(day) : undefined),
} satisfies Record<string, (day: Day) => string | undefined>

/** An amount as people write it: `€12.30`, `CHF 12.30`. */
export function amountText(minor: number, currency: Currency): string {
  const [symbol, amount] = [symbolOf(currency), formatMinor(Math.abs(minor), currency)]
  return `${minor < 0 ? '-' : ''}${symbol}${/\p{L}$/u.test(symbol) ? '\u00a0' : ''}${amount}`
}

/** What somebody owes in a group, and whom to pay according to its plan, where that is known. */
export interface Owed {
  readonly userId: Id<'user'>
  readonly groupId: Id<'group'>
  readonly group: string
  readonly currency: Currency
  /** Minor units, positive. */
  readonly minor: number
  readonly payments: readonly { readonly to: string; readonly minor: number }[]
}

/** The names of a few, and how many more there are. */
function listed(parts: readonly string[]): string {
  const most = 5
  const shown = parts.length > most ? [...parts.slice(0, most), `${parts.length - most} more`] : parts
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

function howToPay({ payments, currency }: Owed): string {
  if (payments.length === 0) return 'Settle it when you can.'
  return `Pay ${listed(payments.map(({ to, minor }) => `${to} ${amountText(minor, currency)}`))} and you are square.`
}

/** The reminder of a debt; `idle` where nothing has been posted to it for long. */
export function balanceReminder(id: Id<'notification'>, owed: Owed, now: Timestamp, isIdle: boolean): Notification {
  const { userId, groupId, group, currency, minor } = owed
  const amount = amountText(minor, currency)
  return {
    id,
    userId,
    type: 'balance_reminder',
    priority: 'normal',
    title: isIdle ? `You still owe ${amount} in ${group}` : `You owe ${amount} in ${group}`,
    message: isIdle ? `Nothing has moved on this balance for a month. ${howToPay(owed)}` : howToPay(owed),
    metadata: { group_id: groupId, amount: formatMinor(minor, currency), currency },
    actionUrl: `/groups/${groupId}/balances`,
    groupId,
    createdAt: now,
  }
}

/** A payment that somebody was asked for, with a day until which it is due. */
export interface DuePayment {
  readonly id: Id<'settlement'>
  readonly userId: Id<'user'>
  readonly groupId: Id<'group'>
  readonly group: string
  readonly payee: string
  readonly currency: Currency
  /** Minor units that are open. */
  readonly minor: number
  readonly dueDate: Day
}

/** Reminds of a payment that is due today or tomorrow, or that was due before. */
export function paymentReminder(id: Id<'notification'>, due: DuePayment, today: Day, now: Timestamp): Notification {
  const { userId, groupId, group, payee, currency, minor, dueDate } = due
  const amount = amountText(minor, currency)
  const isOverdue = dueDate < today
  const type = isOverdue ? 'payment_overdue' : 'payment_due'
  const when = isOverdue ? `was due on ${dueDate}` : dueDate === today ? 'is due today' : 'is due tomorrow'
  return {
    id,
    userId,
    type,
    priority: NOTIFICATION_TYPES[type].priority,
    title: `${amount} to ${payee} ${when}`,
    message: `Your payment of ${amount} to ${payee} in ${group} ${when}.`,
    metadata: {
      settlement_id: due.id,
      group_id: groupId,
      group_name: group,
      amount: formatMinor(minor, currency),
      currency,
      due_date: dueDate,
    },
    actionUrl: `/payments/settlements/${due.id}`,
    groupId,
    createdAt: now,
  }
}

/** An invitation that nobody has answered. */
export interface OpenInvitation {
  readonly id: Id<'invitation'>
  readonly userId: Id<'user'>
  readonly groupId: Id<'group'>
  readonly group: string
  /** The name of the place that it offers. */
  readonly guest: string
  readonly expiresAt: Timestamp
}

/** Tells whoever invited that the invitation is about to end. */
export const invitationReminder = (id: Id<'notification'>, open: OpenInvitation, now: Timestamp): Notification => ({
  id,
  userId: open.userId,
  type: 'invitation_expiring',
  priority: 'low',
  title: `${open.guest} has not joined ${open.group} yet`,
  message: `The invitation ends on ${isoOf(open.expiresAt).slice(0, 10)}. We have mailed ${open.guest} a reminder; you can invite them again after that.`,
  metadata: { group_id: open.groupId, invitation_id: open.id, expires_at: isoOf(open.expiresAt) },
  actionUrl: `/groups/${open.groupId}`,
  groupId: open.groupId,
  createdAt: now,
})

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** The month in words: `October 2026`. */
export const monthText = (month: Month): string => `${MONTHS[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`

/** Says that the statement of a month is there; its figures are worked out when it is sent. */
export const statementNotice = (id: Id<'notification'>, userId: Id<'user'>, month: Month, now: Timestamp): Notification => ({
  id,
  userId,
  type: 'monthly_statement',
  priority: 'low',
  title: `Your statement for ${monthText(month)}`,
  message: 'What you paid, what your shares were, and what is open, group by group.',
  metadata: { month },
  actionUrl: '/balances',
  createdAt: now,
})
