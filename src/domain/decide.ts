// The rules of a group. `decide` may refuse and never acts; what it returns is a fact that `apply` takes as it is.
import { decideExpense } from './decide-expense.ts'
import { decideReceipt } from './decide-receipt.ts'
import { decideMember } from './decide-member.ts'
import { decideSettlement } from './decide-settlement.ts'
import { entryOf, memberOf, refuse, refuseStale, touched, type Decision, type Moment } from './decision.ts'
import type { ErrorCode } from './errors.ts'
import { findMember, isPresent, type GroupSettings, type Member } from './group.ts'
import type { Book, Command, GroupFields, Order } from './commands.ts'
import { allows, type Action } from './roles.ts'
import type { Timestamp } from './time.ts'

const NEEDS: Readonly<Record<Exclude<Command['type'], 'create_group'>, Action | 'anyone' | 'system'>> = {
  update_group: 'group.update',
  archive_group: 'group.archive',
  unarchive_group: 'group.archive',
  add_member: 'member.add',
  invite_member: 'member.invite',
  revoke_invitation: 'member.invite',
  accept_invitation: 'anyone',
  join_group: 'anyone',
  rename_member: 'system',
  change_role: 'member.change',
  remove_member: 'member.remove',
  reinstate_member: 'member.add',
  leave_group: 'member.leave',
  record_expense: 'expense.create',
  update_expense: 'expense.update',
  delete_expense: 'expense.delete',
  restore_expense: 'expense.delete',
  approve_expense: 'expense.approve',
  reject_expense: 'expense.approve',
  comment_expense: 'expense.comment',
  attach_receipt: 'expense.update',
  remove_attachment: 'expense.update',
  reconcile_expense: 'expense.update',
  open_claims: 'expense.update',
  close_claims: 'expense.update',
  claim_line: 'expense.claim',
  claim_as_guest: 'system',
  join_claims: 'system',
  add_receipt: 'expense.create',
  read_again: 'expense.update',
  record_reading: 'system',
  match_receipt: 'expense.update',
  delete_receipt: 'expense.update',
  request_settlement: 'settlement.write',
  import_settlement: 'settlement.write',
  withdraw_settlement: 'settlement.write',
  confirm_settlement: 'settlement.write',
  reject_settlement: 'settlement.write',
  cancel_settlement: 'settlement.write',
  resolve_settlement: 'settlement.write',
  remind_settlement: 'settlement.write',
  undo_settlement: 'settlement.write',
  dispute_settlement: 'settlement.write',
  start_payment: 'settlement.write',
  record_payment: 'system',
  fail_payment: 'system',
  refund_payment: 'system',
  pin_plan: 'settlement.write',
}

/** Commands that an archived group still takes. */
const CLOSING: ReadonlySet<Command['type']> = new Set([
  'unarchive_group',
  'leave_group',
  'rename_member',
  'revoke_invitation',
  // What a provider says has happened, whatever became of the group meanwhile.
  'record_payment',
  'fail_payment',
  'refund_payment',
  // What came of a reading that was asked for before.
  'record_reading',
])

/** What a stranger is told does not exist. */
function hidden(command: Command): ErrorCode {
  if ('settlement' in command && command.type !== 'request_settlement' && command.type !== 'import_settlement')
    return 'settlement.not_found'
  if ('receipt' in command && !('id' in command) && command.type !== 'add_receipt') return 'receipt.not_found'
  return 'id' in command && command.type !== 'record_expense' ? 'expense.not_found' : 'group.not_found'
}

/**
 * The entry that the command makes of the group, or why it is refused. A stranger is told that the
 * group does not exist; a member with too little a role that it is not allowed.
 */
export function decide(book: Book, order: Order, at: Timestamp): Decision {
  const { command } = order
  const { state } = book
  if (command.type === 'create_group') return createGroup(book, order, at)
  const { info } = state
  if (info === undefined) return refuse('group.not_found')
  const self = order.actor === undefined ? undefined : presentMember(book, order.actor)
  const needs = NEEDS[command.type]
  if (needs !== 'anyone' && needs !== 'system') {
    if (self === undefined) return refuse(hidden(command))
    if (!allows(self.role, needs)) return refuse('group.forbidden', 'role', `${needs} is not allowed to a ${self.role}`)
  }
  if (needs === 'system' && order.actor !== undefined) return refuse('group.forbidden')
  if (info.archivedAt !== undefined && !CLOSING.has(command.type)) return refuse('group.archived')
  const moment: Moment = { book, order, at, info, self }
  // What is not about one expense or settlement is about the group, and so is the version that the caller saw.
  const stale = hidden(command) === 'group.not_found' ? refuseStale(moment, info.version) : undefined
  if (stale !== undefined) return stale
  return (
    decideGroup(moment, command) ??
    decideMember(moment, command) ??
    decideExpense(moment, command) ??
    decideReceipt(moment, command) ??
    decideSettlement(moment, command) ??
    refuse('internal')
  )
}

function presentMember(book: Book, user: string): Member | undefined {
  const member = findMember(book.state, user)
  return member !== undefined && member.userId === user && isPresent(member) ? member : undefined
}

function createGroup(book: Book, order: Order, at: Timestamp): Decision {
  const { command, actor } = order
  if (command.type !== 'create_group' || actor === undefined) return refuse('internal')
  if (book.state.seq > 0) return refuse('group.exists')
  const info = { ...command.info, createdBy: actor, createdAt: at, updatedAt: at, version: 1 }
  const members = command.members.map((m, i) => memberOf(m, at, i === 0 ? undefined : command.members[0]?.id))
  const invitations = command.invitations.flatMap((invitation) => {
    const member = members.find((m) => m.email === invitation.email)
    return member === undefined ? [] : [{ ...invitation, member: member.id, createdAt: at }]
  })
  return entryOf({ book, order, at, self: members[0] }, 'group_created', { info, members, invitations })
}

function decideGroup(m: Moment, command: Command): Decision | undefined {
  switch (command.type) {
    case 'update_group':
      return updateGroup(m, command.fields)
    case 'archive_group': {
      if (m.info.isPersonal) return refuse('group.personal')
      return entryOf(m, 'group_archived', { info: touched(m, { archivedAt: m.at }) })
    }
    case 'unarchive_group': {
      const { archivedAt: _, ...info } = touched(m, {})
      return entryOf(m, 'group_unarchived', { info })
    }
    default:
      return undefined
  }
}

function updateGroup(m: Moment, fields: GroupFields): Decision {
  if (fields.currency !== undefined && fields.currency !== m.info.currency && m.book.state.balances.size > 0) {
    return refuse('request.invalid', 'currency', 'Amounts are posted in this currency already; a new currency needs a new group')
  }
  const mode = fields.settings?.currencies
  if (mode && mode !== m.info.settings.currencies && m.book.state.balances.size > 0) {
    return refuse('request.invalid', 'settings.currencies', 'Amounts are posted already; how currencies are kept can no longer change')
  }
  const { settings, ...plain } = fields
  return entryOf(m, 'group_updated', { info: touched(m, { ...plain, settings: settingsWith(m.info.settings, settings ?? {}) }) })
}

function settingsWith(before: GroupSettings, changes: NonNullable<GroupFields['settings']>): GroupSettings {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined && value !== null)
  const { approvalThreshold, ...rest } = { ...before, ...Object.fromEntries(given) }
  if (changes.approvalThreshold === null || approvalThreshold === undefined) return rest
  return { ...rest, approvalThreshold }
}
