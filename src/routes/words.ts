// What goes out in the words of the native surface: the events of webhooks, and the message that brings a
// notification to a socket. An event shows the same shapes as the reply of a route.
import { viewInGroup } from '../domain/expense-view.ts'
import type { Entry, EntryType, GroupInfo, Member } from '../domain/group.ts'
import type { Audience, News, SpelledEvent, Words } from '../domain/telling.ts'
import type { z } from 'zod'
import type { Link } from './attachment-shapes.ts'
import { expenseOut } from './expense-shapes.ts'
import { memberOut } from './group-shapes.ts'
import { receiptOut } from './receipt-shapes.ts'
import { settlementOut } from './settlement-shapes.ts'
import { jobOut, type JobUpdateOut } from './job-shapes.ts'
import { notificationOut, type NotificationMessageOut } from './notification-shapes.ts'

interface Setting {
  readonly news: News
  readonly info: GroupInfo
  readonly link: Link
}

const EVENT_OF = {
  expense_recorded: 'expense.created',
  expense_updated: 'expense.updated',
  expense_split_updated: 'expense.updated',
  expense_restored: 'expense.updated',
  expense_approved: 'expense.updated',
  expense_rejected: 'expense.updated',
  expense_receipt_added: 'expense.updated',
  receipt_matched: 'expense.updated',
  receipt_deleted: 'expense.updated',
  expense_attachment_removed: 'expense.updated',
  expense_reconciled: 'expense.updated',
  expense_unreconciled: 'expense.updated',
  expense_claims_opened: 'expense.updated',
  expense_claimed: 'expense.updated',
  expense_claims_closed: 'expense.updated',
  expense_deleted: 'expense.deleted',
} as const

function expenseEvents(entry: Entry, { news: { state, categories }, info, link }: Setting): SpelledEvent[] {
  const { expense, seq, at } = entry
  const event = EVENT_OF[entry.type as keyof typeof EVENT_OF] as (typeof EVENT_OF)[keyof typeof EVENT_OF] | undefined
  if (expense === undefined || event === undefined) return []
  const view = viewInGroup(expense, info, state, categories)
  return [{ seq, n: 0, event, at, data: { group_id: info.id, seq, expense_id: expense.id, expense: expenseOut(view, link) } }]
}

/** That a receipt has been read, or could not be. */
function receiptEvents({ type, seq, at, receipts = [] }: Entry, { info, link }: Setting): SpelledEvent[] {
  if (type !== 'receipt_processed') return []
  return receipts.map((receipt, n) => ({
    seq,
    n,
    event: 'receipt.processed',
    at,
    data: { group_id: info.id, seq, receipt_id: receipt.id, receipt: receiptOut(receipt, link) },
  }))
}

/** Those who came into the group with the entry. A group's founder does not join it. */
function joinersOf({ type, members = [], actor }: Entry): readonly Member[] {
  if (type !== 'group_created' && type !== 'member_added' && type !== 'member_joined') return []
  return members.filter((one) => one.status === 'active' && !(type === 'group_created' && one.userId === actor))
}

const PAYMENT_EVENT_OF: Readonly<Partial<Record<EntryType, SpelledEvent['event']>>> = {
  settlement_requested: 'settlement.created',
  plan_pinned: 'settlement.created',
  payment_failed: 'payment.failed',
}

/** What an entry did to settlements: asked for, failed, or paid, which may complete it. */
function paymentEvents({ type, seq, at, settlements = [] }: Entry, { news: { state }, info }: Setting): SpelledEvent[] {
  const group = { id: info.id, name: info.name }
  const spelled = settlements.flatMap((settlement) => {
    const data = {
      group_id: info.id,
      seq,
      settlement_id: settlement.id,
      settlement: settlementOut({ settlement, group, people: state.members }),
    }
    if (type === 'settlement_paid') {
      const isDone = settlement.status === 'completed'
      return [{ event: 'payment.completed', data } as const, ...(isDone ? [{ event: 'settlement.completed', data } as const] : [])]
    }
    const event = PAYMENT_EVENT_OF[type]
    // A plan names also what it withdraws of the one before.
    return event === undefined || settlement.status === 'cancelled' ? [] : [{ event, data }]
  })
  return spelled.map(({ event, data }, n): SpelledEvent => ({ seq, n, event, at, data }))
}

const leaversOf = ({ type, members = [] }: Entry): readonly Member[] =>
  type === 'member_left' || type === 'member_removed' ? members.filter((one) => one.status === 'left' || one.status === 'removed') : []

function memberEvents(entry: Entry, { news: { state }, info, link }: Setting): SpelledEvent[] {
  const { seq, at } = entry
  const about = (one: Member) => ({ group_id: info.id, seq, member: memberOut(one, state.members, link) })
  return [
    ...joinersOf(entry).map((one, n): SpelledEvent => ({ seq, n, event: 'group.member_joined', at, data: about(one) })),
    ...leaversOf(entry).map((one, n): SpelledEvent => ({
      seq,
      n,
      event: 'group.member_left',
      at,
      data: { ...about(one), reason: one.status },
    })),
  ]
}

/** The words of the native surface; `linkFor` makes the links under which avatars and receipts can be fetched. */
export const wordsOf = (linkFor: (audience: Audience, key: string) => string): Words => ({
  events(news, audience) {
    const { info } = news.state
    if (info === undefined) return []
    const setting: Setting = { news, info, link: (key) => linkFor(audience, key) }
    return news.entries.flatMap((entry) => [
      ...expenseEvents(entry, setting),
      ...receiptEvents(entry, setting),
      ...paymentEvents(entry, setting),
      ...memberEvents(entry, setting),
    ])
  },
  job: (job) => JSON.stringify({ type: 'job_update', data: jobOut(job) } satisfies z.input<typeof JobUpdateOut>),
  notification: (notification) =>
    JSON.stringify({ type: 'notification', data: notificationOut(notification) } satisfies z.input<typeof NotificationMessageOut>),
})
