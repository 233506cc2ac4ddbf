// What the sockets say, field by field as the document has it. Every entry comes to one group_activity, which is
// the last of its messages; what it did to an expense and to balances is said before that.
import { z } from 'zod'
import { activityType } from '../domain/activity.ts'
import { claimsView } from '../domain/claims-view.ts'
import { viewInGroup } from '../domain/expense-view.ts'
import type { Entry, EntryType, GroupInfo } from '../domain/group.ts'
import { retell, type Retold } from '../domain/live.ts'
import { SETTLEMENT_STATUSES } from '../domain/settlement.ts'
import type { Audience, Cursor, Speller, Telling } from '../domain/telling.ts'
import type { BalancesView } from '../domain/views.ts'
import { amountOut, instant, instantOut } from '../http/fields.ts'
import { refusalOut, type PongOut } from '../http/socket-words.ts'
import type { Link } from './attachment-shapes.ts'
import { ExpenseOut, expenseOut } from './expense-shapes.ts'
import { ClaimsOut, claimsOut } from './claim-shapes.ts'
import { ReceiptOut, receiptOut } from './receipt-shapes.ts'
import { BalancesOut, balancesOut } from './group-shapes.ts'
import { SettlementOut, settlementOut } from './settlement-shapes.ts'

const seq = z.int().meta({ description: 'The entry of the group that it belongs to' })
const groupId = z.string()

const ReadyGroup = z.object({ group_id: groupId, seq: z.int().meta({ description: 'The last entry of the group just now' }) })

export const ReadyOut = z.object({ type: z.literal('ready'), data: ReadyGroup }).meta({ id: 'Ready' })
export const ReadyAllOut = z.object({ type: z.literal('ready'), data: z.object({ groups: z.array(ReadyGroup) }) }).meta({ id: 'ReadyAll' })

export const SnapshotOut = z.object({ type: z.literal('snapshot'), group_id: groupId, seq, data: BalancesOut }).meta({ id: 'Snapshot' })

const ACTIONS = [
  'created',
  'updated',
  'deleted',
  'restored',
  'approved',
  'rejected',
  'commented',
  'receipt_added',
  'attachment_removed',
  'reconciled',
  'unreconciled',
  'claims_opened',
  'claimed',
  'claims_closed',
] as const

export const ExpenseUpdateOut = z
  .object({
    type: z.literal('expense_update'),
    group_id: groupId,
    seq,
    data: z.object({
      expense_id: z.string(),
      action: z.enum(ACTIONS),
      expense: ExpenseOut,
      claims: ClaimsOut.optional().meta({ description: 'Who has claimed what, where its lines are or were open to claims' }),
    }),
  })
  .meta({ id: 'ExpenseUpdate' })

const BalanceLine = BalancesOut.shape.balances.element.omit({ owes: true })

export const BalanceUpdateOut = z
  .object({
    type: z.literal('balance_update'),
    group_id: groupId,
    seq,
    data: z.object({
      group_id: groupId,
      balances: z.array(BalanceLine).meta({ description: 'All lines of each member that the entry concerned, as they are after it' }),
      removed: z.array(z.string()).meta({ description: 'Members concerned who have no line any more' }),
    }),
  })
  .meta({ id: 'BalanceUpdate' })

export const GroupActivityOut = z
  .object({
    type: z.literal('group_activity'),
    group_id: groupId,
    seq,
    data: z.object({
      group_id: groupId,
      activity: z.object({ type: z.string(), user: z.string().meta({ description: 'Name of who did it' }), timestamp: instantOut }),
    }),
  })
  .meta({ id: 'GroupActivity' })

export const PaymentUpdateOut = z
  .object({
    type: z.literal('payment_update'),
    group_id: groupId,
    seq,
    data: z.object({
      settlement_id: z.string(),
      status: z.enum(SETTLEMENT_STATUSES),
      payer: z.string().meta({ description: 'Name of who pays' }),
      amount: amountOut,
      settlement: SettlementOut,
    }),
  })
  .meta({ id: 'PaymentUpdate' })

const ACTION_OF: Readonly<Partial<Record<EntryType, (typeof ACTIONS)[number]>>> = {
  expense_recorded: 'created',
  expense_updated: 'updated',
  expense_split_updated: 'updated',
  expense_deleted: 'deleted',
  expense_restored: 'restored',
  expense_approved: 'approved',
  expense_rejected: 'rejected',
  expense_commented: 'commented',
  expense_receipt_added: 'receipt_added',
  receipt_matched: 'receipt_added',
  receipt_deleted: 'attachment_removed',
  expense_attachment_removed: 'attachment_removed',
  expense_reconciled: 'reconciled',
  expense_unreconciled: 'unreconciled',
  expense_claims_opened: 'claims_opened',
  expense_claimed: 'claimed',
  expense_claims_closed: 'claims_closed',
}

const RECEIPT_EVENTS = ['receipt.added', 'receipt.requeued', 'receipt.processed', 'receipt.matched', 'receipt.deleted'] as const

export const ReceiptUpdateOut = z
  .object({
    type: z.literal('receipt_update'),
    group_id: groupId,
    seq,
    data: z.object({ event: z.enum(RECEIPT_EVENTS), receipt_id: z.string(), receipt: ReceiptOut }),
  })
  .meta({ id: 'ReceiptUpdate' })

/** What happened to a receipt in an entry of this type; of expenses' own entries, that it came in or went. */
const RECEIPT_EVENT_OF: Readonly<Partial<Record<EntryType, (typeof RECEIPT_EVENTS)[number]>>> = {
  receipt_added: 'receipt.added',
  expense_receipt_added: 'receipt.added',
  receipt_requeued: 'receipt.requeued',
  receipt_processed: 'receipt.processed',
  receipt_matched: 'receipt.matched',
  expense_recorded: 'receipt.matched',
  receipt_deleted: 'receipt.deleted',
  expense_attachment_removed: 'receipt.deleted',
}

export const ClaimsUpdateOut = z.object({ type: z.literal('claims_update'), data: ClaimsOut }).meta({ id: 'ClaimsUpdate' })

/** The entries' surroundings, the same for all of them. */
interface Setting {
  readonly telling: Telling
  readonly info: GroupInfo
  readonly link: Link
}

function expenseUpdate({ entry }: Retold, { telling: { state, categories }, info, link }: Setting): z.input<typeof ExpenseUpdateOut>[] {
  const { expense } = entry
  const action = ACTION_OF[entry.type]
  if (expense === undefined || action === undefined) return []
  const view = viewInGroup(expense, info, state, categories)
  const claims = claimsView(expense, state.members)
  return [
    {
      type: 'expense_update',
      group_id: info.id,
      seq: entry.seq,
      data: { expense_id: expense.id, action, expense: expenseOut(view, link), ...(claims && { claims: claimsOut(claims) }) },
    },
  ]
}

function receiptUpdates({ entry }: Retold, { info, link }: Setting): z.input<typeof ReceiptUpdateOut>[] {
  const event = RECEIPT_EVENT_OF[entry.type]
  if (event === undefined) return []
  return (entry.receipts ?? []).map((receipt) => {
    const data = { event, receipt_id: receipt.id, receipt: receiptOut(receipt, link) }
    return { type: 'receipt_update', group_id: info.id, seq: entry.seq, data }
  })
}

function paymentUpdates({ entry }: Retold, { telling: { state }, info }: Setting): z.input<typeof PaymentUpdateOut>[] {
  const group = { id: info.id, name: info.name }
  return (entry.settlements ?? []).map((settlement) => {
    const shown = settlementOut({ settlement, group, people: state.members })
    const data = { settlement_id: shown.id, status: shown.status, payer: shown.payer.name, amount: shown.amount, settlement: shown }
    return { type: 'payment_update', group_id: info.id, seq: entry.seq, data }
  })
}

const NO_DEBTS = { payments: [], isOptimal: false, isSimplified: false, certificate: [] }

function balanceUpdate({ entry, concerned, balances }: Retold, { info }: Setting): z.input<typeof BalanceUpdateOut>[] {
  if (concerned.length === 0) return []
  const shown = balancesOut({ seq: entry.seq, info, members: concerned, balances, debts: NO_DEBTS })
  const lines = shown.balances.map((one) => {
    const { owes: _, ...line } = one
    return line
  })
  const removed = concerned.filter(({ id }) => !lines.some((line) => line.member_id === id)).map(({ id }) => id)
  return [{ type: 'balance_update', group_id: info.id, seq: entry.seq, data: { group_id: info.id, balances: lines, removed } }]
}

function nameOfActor({ member, actor }: Entry, { telling: { state } }: Setting): string {
  const byId = member === undefined ? undefined : state.members.get(member)
  return (byId ?? [...state.members.values()].find((m) => actor !== undefined && m.userId === actor))?.name ?? 'Quits'
}

function groupActivity({ entry }: Retold, setting: Setting): z.input<typeof GroupActivityOut> {
  const { id } = setting.info
  const activity = { type: activityType(entry.type), user: nameOfActor(entry, setting), timestamp: instant(entry.at) }
  return { type: 'group_activity', group_id: id, seq: entry.seq, data: { group_id: id, activity } }
}

const readyOut = (cursor: Cursor): z.input<typeof ReadyGroup> => ({ group_id: cursor.groupId, seq: cursor.seq })

/** The speller of the native surface; `linkFor` makes the links under which avatars and receipts can be fetched. */
export function spellerOf(linkFor: (audience: Audience, key: string) => string): Speller {
  return {
    entries(telling: Telling, audience: Audience) {
      const { info } = telling.state
      if (info === undefined) return []
      const setting: Setting = { telling, info, link: (key) => linkFor(audience, key) }
      return retell(telling.entries, telling.state).map((retold) => {
        const messages = [
          ...expenseUpdate(retold, setting),
          ...receiptUpdates(retold, setting),
          ...paymentUpdates(retold, setting),
          ...balanceUpdate(retold, setting),
          groupActivity(retold, setting),
        ]
        return { seq: retold.entry.seq, messages: messages.map((message) => JSON.stringify(message)) }
      })
    },
    snapshot(view: BalancesView) {
      return JSON.stringify({ type: 'snapshot', group_id: view.info.id, seq: view.seq, data: balancesOut(view) } satisfies z.input<
        typeof SnapshotOut
      >)
    },
    claims: (expense, members) => {
      const view = claimsView(expense, members)
      return view && JSON.stringify({ type: 'claims_update', data: claimsOut(view) } satisfies z.input<typeof ClaimsUpdateOut>)
    },
    ready: (cursor) => JSON.stringify({ type: 'ready', data: readyOut(cursor) } satisfies z.input<typeof ReadyOut>),
    readyAll: (cursors) => JSON.stringify({ type: 'ready', data: { groups: cursors.map(readyOut) } } satisfies z.input<typeof ReadyAllOut>),
    refusal: (failure) => JSON.stringify(refusalOut(failure)),
    pong: JSON.stringify({ type: 'pong' } satisfies z.input<typeof PongOut>),
  }
}
