// The feed of a group: its journal in words.
import { formatMinor } from './money.ts'
import { symbolOf } from './currency.ts'
import type { Entry, EntryType } from './group.ts'
import type { Person } from './expense-view.ts'

export interface ActivityItem {
  readonly entry: Entry
  readonly type: string
  readonly actor: Person | undefined
  readonly description: string
  readonly metadata: Readonly<Record<string, string | number>>
}

const WORDS: Readonly<Record<EntryType, readonly [type: string, verb: string]>> = {
  group_created: ['group_created', 'created the group'],
  group_updated: ['group_updated', 'changed the group'],
  group_archived: ['group_archived', 'archived the group'],
  group_unarchived: ['group_unarchived', 'brought the group back'],
  member_added: ['member_added', 'added'],
  member_invited: ['member_invited', 'invited'],
  member_joined: ['member_joined', 'joined the group'],
  member_updated: ['member_updated', 'updated'],
  member_left: ['member_left', 'left the group'],
  member_removed: ['member_removed', 'removed'],
  invitation_revoked: ['invitation_revoked', 'withdrew an invitation'],
  expense_recorded: ['expense_added', 'added'],
  expense_updated: ['expense_updated', 'changed'],
  expense_split_updated: ['expense_updated', 'split anew'],
  expense_deleted: ['expense_deleted', 'deleted'],
  expense_restored: ['expense_restored', 'restored'],
  expense_approved: ['expense_approved', 'approved'],
  expense_rejected: ['expense_rejected', 'rejected'],
  expense_commented: ['expense_commented', 'commented on'],
  expense_receipt_added: ['receipt_added', 'added a receipt to'],
  expense_attachment_removed: ['attachment_removed', 'removed a file from'],
  expense_reconciled: ['expense_reconciled', 'reconciled'],
  expense_unreconciled: ['expense_unreconciled', 'took back the reconciliation of'],
  expense_claims_opened: ['claims_opened', 'opened the lines to claims of'],
  expense_claimed: ['expense_claimed', 'claimed lines of'],
  expense_claims_closed: ['claims_closed', 'closed the claims of'],
  receipt_added: ['receipt_uploaded', 'sent a receipt'],
  receipt_processed: ['receipt_processed', 'sent a receipt that has been read'],
  receipt_requeued: ['receipt_requeued', 'had a receipt read again'],
  receipt_matched: ['receipt_matched', 'matched a receipt to'],
  receipt_deleted: ['receipt_deleted', 'deleted a receipt'],
  settlement_requested: ['settlement_requested', 'asked for a payment'],
  settlement_reported: ['settlement_reported', 'reported as paid'],
  settlement_paid: ['payment_made', 'recorded a payment'],
  settlement_rejected: ['settlement_rejected', 'declined to pay'],
  settlement_cancelled: ['settlement_cancelled', 'withdrew a payment'],
  settlement_disputed: ['settlement_disputed', 'disputes a payment'],
  settlement_resolved: ['settlement_resolved', 'resolved the dispute about a payment'],
  settlement_reminded: ['settlement_reminded', 'reminded of a payment'],
  settlement_undone: ['settlement_undone', 'took back a payment'],
  payment_started: ['payment_started', 'started a payment'],
  payment_failed: ['payment_failed', 'could not complete a payment'],
  payment_refunded: ['payment_refunded', 'refunded a payment'],
  plan_pinned: ['plan_pinned', 'made a plan to settle up'],
}

/** The word for the entry in feeds and socket messages. */
export const activityType = (type: EntryType): string => WORDS[type][0]

/** The entry as a line of the feed: `John added 'Groceries' expense of $45.67`. */
export function activityOf(entry: Entry, actor: Person | undefined): ActivityItem {
  const [type, verb] = WORDS[entry.type]
  const who = actor?.name ?? 'Quits'
  return { entry, type, actor, description: `${who} ${verb}${objectOf(entry)}`, metadata: metadataOf(entry) }
}

function objectOf({ expense, members, settlements, plan, type }: Entry): string {
  const [settlement] = settlements ?? []
  if (plan !== undefined) return ` with ${plan.steps.length} ${plan.steps.length === 1 ? 'payment' : 'payments'}`
  if (settlement !== undefined) return ` of ${symbolOf(settlement.currency)}${formatMinor(settlement.amount, settlement.currency)}`
  if (expense !== undefined)
    return ` '${expense.title}' ${expense.kind} of ${symbolOf(expense.currency)}${formatMinor(expense.amount, expense.currency)}`
  const [member] = members ?? []
  const isAboutOther = type === 'member_added' || type === 'member_invited' || type === 'member_removed' || type === 'member_updated'
  return member !== undefined && isAboutOther ? ` ${member.name}` : ''
}

function metadataOf({ expense, comment, members, settlements, receipts, plan, type, seq }: Entry): ActivityItem['metadata'] {
  const [settlement] = settlements ?? []
  const [receipt] = receipts ?? []
  if (plan !== undefined) return { plan_id: plan.id, seq }
  if (settlement !== undefined) {
    const { id, amount, currency, status } = settlement
    return { settlement_id: id, amount: formatMinor(amount, currency), currency, status, seq }
  }
  if (expense !== undefined) {
    const about = { expense_id: expense.id, amount: formatMinor(expense.amount, expense.currency), currency: expense.currency, seq }
    if (comment !== undefined) return { ...about, comment_id: comment.id }
    return receipt === undefined ? about : { ...about, receipt_id: receipt.id }
  }
  if (receipt !== undefined) return { receipt_id: receipt.id, seq }
  const [member] = members ?? []
  return member !== undefined && type !== 'group_created' ? { member_id: member.id, role: member.role, seq } : { seq }
}
