// What people are reminded of, as a table: when a zone is looked through for it, what is found there, and the key
// under which each thing is told once. Another source is another entry.
import {
  listDebtors,
  listDuePayments,
  listDueSchedules,
  listEndingInvitations,
  listIdleDebtors,
  listStatementReaders,
  type Debtor,
  type ZonePage,
} from '../db/reminders.ts'
import type { Effect } from '../db/outbox.ts'
import { stableId } from '../db/stable-id.ts'
import { addDays, weekOf } from '../domain/calendar.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import type { Notification } from '../domain/notification.ts'
import {
  balanceReminder,
  invitationReminder,
  monthBefore,
  monthOf,
  paymentReminder,
  ROUNDS,
  statementNotice,
  type DuePayment,
  type Owed,
} from '../domain/reminder.ts'
import { DAY, HOUR, type Day } from '../domain/time.ts'
import type { BalancesView } from '../domain/views.ts'
import { findPlan, paymentsOf } from '../services/plan.ts'
import type { JobContext } from './context.ts'

/** One thing that one person is to be told, or that is done for them, under the key that it is done once by. */
export interface Reminder {
  readonly key: string
  readonly notification?: Notification
  /** What else goes out with it. */
  readonly effects?: readonly Effect[]
}

/** A portion of what was found; `next` is where the following one begins. */
interface Found {
  readonly reminders: readonly Reminder[]
  readonly next?: string
}

export interface Source {
  /** The round that the day belongs to: a zone is looked through once in each. Undefined on a day without one. */
  readonly round: (day: Day) => string | undefined
  readonly find: (at: JobContext, page: ZonePage, day: Day) => Promise<Found>
}

const IDLE_MS = 30 * DAY
const INVITATION_NOTICE_MS = 48 * HOUR

const idOf = (key: string): Id<'notification'> => stableId('notification', 'remind', key)

/** The plans of the debtors' groups; one that can't be had is left out, because the amount alone is worth telling. */
async function readPlans(at: JobContext, debtors: readonly Debtor[]): Promise<Map<Id<'group'>, BalancesView>> {
  const byGroup = new Map(debtors.map(({ groupId, userId }) => [groupId, userId]))
  const plans = await Promise.all(
    [...byGroup].map(async ([groupId, userId]) => {
      try {
        return { groupId, plan: await findPlan(at, groupId, userId) }
      } catch (error) {
        console.error(JSON.stringify({ level: 'error', group: groupId, message: 'no plan for a reminder', error: errorText(error) }))
        return { groupId, plan: undefined }
      }
    }),
  )
  return new Map(plans.flatMap(({ groupId, plan }) => (plan === undefined ? [] : [[groupId, plan] as const])))
}

function owedOf({ userId, groupId, group, currency, minor }: Debtor, plan: BalancesView | undefined): Owed {
  const payments =
    plan === undefined ? [] : paymentsOf(plan, userId).filter((payment) => payment.currency === currency && payment.minor < 0)
  // The plan is of now and the amount of a moment ago; where they differ, only the amount is told.
  const isSame = payments.reduce((sum, payment) => sum - payment.minor, 0) === minor
  const named = isSame ? payments.map(({ other, minor: paid }) => ({ to: other, minor: -paid })) : []
  return { userId, groupId, group, currency, minor, payments: named }
}

async function remindDebtors(at: JobContext, debtors: readonly Debtor[], kind: string, period: string): Promise<Reminder[]> {
  const plans = await readPlans(at, debtors)
  return debtors.map((debtor) => {
    const key = `${kind}:${debtor.memberId}:${debtor.currency}:${period}`
    const owed = owedOf(debtor, plans.get(debtor.groupId))
    return { key, notification: balanceReminder(idOf(key), owed, at.now, kind === 'idle_balance') }
  })
}

const from = ({ next }: { readonly next?: string }): { next?: string } => (next === undefined ? {} : { next })

const LONG_AGO: Day = '0001-01-01'

const remindOf = (at: JobContext, due: DuePayment, day: Day, key: string): Reminder => ({
  key,
  notification: paymentReminder(idOf(key), due, day, at.now),
})

/** Looked through in this order. */
export const SOURCES: Readonly<Record<string, Source>> = {
  invitation_expiring: {
    round: ROUNDS.day,
    async find(at, page) {
      const found = await listEndingInvitations(at.db.$client, page, at.now, at.now + INVITATION_NOTICE_MS)
      const reminders = found.items.map((open) => {
        const key = `invitation_expiring:${open.id}`
        const effects = [{ kind: 'mail_invitation_expiring', invitationId: open.id } as const]
        return { key, notification: invitationReminder(idOf(key), open, at.now), effects }
      })
      return { reminders, ...from(found) }
    },
  },
  /** The day before, or on the day where that was missed: once. */
  payment_due: {
    round: ROUNDS.day,
    async find(at, page, day) {
      const found = await listDuePayments(at.db.$client, page, day, addDays(day, 1))
      return { reminders: found.items.map((due) => remindOf(at, due, day, `payment_due:${due.id}`)), ...from(found) }
    },
  },
  /** From the day after, once a week. */
  payment_overdue: {
    round: ROUNDS.day,
    async find(at, page, day) {
      const found = await listDuePayments(at.db.$client, page, LONG_AGO, addDays(day, -1))
      return { reminders: found.items.map((due) => remindOf(at, due, day, `payment_overdue:${due.id}:${weekOf(day)}`)), ...from(found) }
    },
  },
  /** In groups that have it turned on, once a week. */
  balance_reminder: {
    round: ROUNDS.week,
    async find(at, page, day) {
      const found = await listDebtors(at.db.$client, page)
      return { reminders: await remindDebtors(at, found.items, 'balance_reminder', weekOf(day)), ...from(found) }
    },
  },
  /** In the others, where nothing has moved for long, once a month; looked for each week. */
  idle_balance: {
    round: ROUNDS.week,
    async find(at, page, day) {
      const found = await listIdleDebtors(at.db.$client, page, at.now - IDLE_MS)
      return { reminders: await remindDebtors(at, found.items, 'idle_balance', monthOf(day)), ...from(found) }
    },
  },
  /** Whether it is due is asked again when it is run. Who has moved has another morning of the same day, so the zone is in the key. */
  report_schedule: {
    round: ROUNDS.day,
    async find(at, page, day) {
      const found = await listDueSchedules(at.db.$client, page, day)
      const reminders = found.items.map(({ id }) => {
        const effects = [{ kind: 'run_schedule', scheduleId: id } as const]
        return { key: `report_schedule:${id}:${day}:${page.zone}`, effects }
      })
      return { reminders, ...from(found) }
    },
  },
  monthly_statement: {
    round: ROUNDS.statement,
    async find(at, page, day) {
      const found = await listStatementReaders(at.db.$client, page)
      const month = monthBefore(day)
      const reminders = found.items.map(({ userId }) => {
        const key = `monthly_statement:${userId}:${month}`
        return { key, notification: statementNotice(idOf(key), userId, month, at.now) }
      })
      return { reminders, ...from(found) }
    },
  },
}
