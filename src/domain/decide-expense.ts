// The rules about expenses: who can be charged, how an amount becomes postings, and what an edit does to
// them. An expense that waits for approval, was rejected or is deleted has no money in the balances.
import { splitByClaims } from './claims.ts'
import { openClaims } from './claims.ts'
import { decideClaims } from './decide-claims.ts'
import { claimsElsewhere, speakerOf } from './decide-import.ts'
import { attachFile, ofReceipt, reconcileExpense, removeAttachment } from './decide-receipt.ts'
import { entryOf, refuse, refuseStale, type Decision, type Moment } from './decision.ts'
import { failure } from './errors.ts'
import type { Expense } from './expense.ts'
import { isActive, isPosted, moved, nameOf, selfId, touch } from './expense-moves.ts'
import type { Command, ExpenseDraft, ExpenseFields } from './commands.ts'
import { price, type Priced } from './pricing.ts'
import { err, ok } from './result.ts'
import { allows } from './roles.ts'

type RecordExpense = Extract<Command, { type: 'record_expense' }>
type CommentExpense = Extract<Command, { type: 'comment_expense' }>

export function decideExpense(m: Moment, command: Command): Decision | undefined {
  if (command.type === 'record_expense') return recordExpense(m, command)
  if (!('id' in command)) return undefined
  const expense = m.book.expense(command.id)
  if (expense === undefined) return refuse('expense.not_found')
  const stale = refuseStale(m, expense.version)
  if (stale !== undefined) return stale
  if (expense.deletedAt !== undefined && command.type !== 'restore_expense') return refuse('expense.deleted')
  switch (command.type) {
    case 'update_expense':
      return updateExpense(m, expense, command.fields, command.splitOnly === true)
    case 'delete_expense':
      return moved(m, 'expense_deleted', expense, { ...touch(m, expense, 'deleted'), deletedAt: m.at })
    case 'restore_expense':
      return restoreExpense(m, expense)
    case 'approve_expense':
      return approveExpense(m, expense)
    case 'reject_expense':
      return expense.status === 'pending'
        ? moved(m, 'expense_rejected', expense, { ...touch(m, expense, 'rejected'), status: 'rejected' })
        : refuse('expense.not_pending')
    case 'attach_receipt':
      return attachFile(m, expense, command)
    case 'remove_attachment':
      return removeAttachment(m, expense, command.attachment)
    case 'reconcile_expense':
      return reconcileExpense(m, expense, command.isReconciled)
    case 'open_claims':
    case 'close_claims':
    case 'claim_line':
    case 'claim_as_guest':
    case 'join_claims':
      return decideClaims(m, expense, command)
    case 'comment_expense':
      return commentExpense(m, expense, command)
  }
}

function commentExpense(m: Moment, expense: Expense, { comment: id, text, by }: CommentExpense): Decision {
  const member = by === undefined ? ok(selfId(m)) : speakerOf(m, by)
  if (!member.ok) return member
  const comment = { id, expenseId: expense.id, member: member.value, text, createdAt: m.at }
  return entryOf(m, 'expense_commented', { expense: touch(m, expense, 'commented'), comment })
}

function recordExpense(m: Moment, { id, draft, receipt, isClaimed, was }: RecordExpense): Decision {
  const self = selfId(m)
  const priced = price(m, draft, undefined, was)
  if (!priced.ok) return priced
  const claims = claimsElsewhere(m, priced.value.split, was?.claims)
  if (!claims.ok) return claims
  const seq = m.book.state.seq + 1
  const status = was?.status ?? (waitsForApproval(m, priced.value) ? 'pending' : 'posted')
  const expense: Expense = {
    id,
    groupId: m.info.id,
    ...describe(draft),
    ...priced.value,
    status,
    attachments: [],
    ...(claims.value && { claims: claims.value }),
    ...(was?.isReconciled === true && { reconciledAt: m.at }),
    createdBy: self,
    createdAt: m.at,
    updatedAt: m.at,
    version: seq,
    postedSeq: seq,
    activity: [{ type: 'created', member: self, at: m.at }],
  }
  const made = ofReceipt(m, receipt, isClaimed === true ? claimed(expense) : expense)
  if (!made.ok) return made
  const { postings, carry } = expense
  return entryOf(m, 'expense_recorded', { ...made.value, ...(status === 'posted' && { postings, carry }) })
}

/** The expense with its lines open to be claimed; until somebody does, whoever paid bears them. */
function claimed(expense: Expense): Expense {
  const [payer] = expense.payers
  if (expense.split.type !== 'itemized' || payer === undefined) return expense
  return { ...expense, claims: openClaims(expense.split, payer.member) }
}

function describe(draft: ExpenseDraft) {
  const { title, date, description = '', tags = [], vendor = '', location = '', categoryIds = [], time } = draft
  return { title, date, description, tags, vendor, location, categoryIds, ...(time && { time }) }
}

function updateExpense(m: Moment, before: Expense, fields: ExpenseFields, isSplitOnly: boolean): Decision {
  if (fields.kind !== undefined && fields.kind !== before.kind)
    return refuse('expense.invalid', 'kind', 'An expense stays an expense, and income stays income')
  const type = isSplitOnly ? 'expense_split_updated' : 'expense_updated'
  const { time, amount, currency, rate, payer, payers, split: how, kind: _, ...words } = fields
  const { time: timeBefore, ...base } = touch(m, before, isSplitOnly ? 'split_updated' : 'updated')
  const timeAfter = time === undefined ? timeBefore : time
  const described: Expense = { ...base, ...words, ...(timeAfter && { time: timeAfter }) }
  const isRepriced = [amount, currency, rate, payer, payers, how].some((field) => field !== undefined)
  if (!isRepriced) return moved(m, type, before, described)
  const asked = price(m, fields, before)
  if (!asked.ok) return asked
  const claims = claimsUnder(asked.value, before, fields)
  const priced = claims === undefined ? asked : price(m, fields, before, { split: splitByClaims(claims.split, claims.claims) })
  if (!priced.ok) return priced
  const { rate: __, ...unpriced } = { ...described, ...(claims && { claims: claims.claims }) }
  // Only an approval lets in what waits, and nothing brings back what was rejected.
  const status = before.status === 'posted' && waitsForApproval(m, priced.value) ? 'pending' : before.status
  return moved(m, type, before, { ...withoutStale(unpriced, before, fields, priced.value), ...priced.value, status })
}

/** The claims where the rest passes from the payer before to the one who pays now: see `Claims`. */
function claimsUnder({ payers }: Priced, { claims, split, payers: payersBefore }: Expense, fields: ExpenseFields) {
  const [now, then] = [payers[0]?.member, payersBefore[0]?.member]
  if (claims === undefined || fields.split !== undefined || split.type !== 'itemized') return undefined
  return now === undefined || now === then || claims.bearer !== then ? undefined : { split, claims: { ...claims, bearer: now } }
}

/** The expense without what the change has made untrue: claims on lines that were said anew, agreement with a receipt of another amount. */
function withoutStale(after: Expense, before: Expense, fields: ExpenseFields, priced: Priced): Expense {
  const { claims, reconciledAt, ...rest } = after
  const isSameMoney = priced.amount === before.amount && priced.currency === before.currency
  return {
    ...rest,
    ...(claims && fields.split === undefined && { claims }),
    ...(reconciledAt !== undefined && isSameMoney && { reconciledAt }),
  }
}

function approveExpense(m: Moment, expense: Expense): Decision {
  if (expense.status !== 'pending') return refuse('expense.not_pending')
  const approved: Expense = { ...touch(m, expense, 'approved'), status: 'posted' }
  return refusePosting(m, approved) ?? moved(m, 'expense_approved', expense, approved)
}

function restoreExpense(m: Moment, expense: Expense): Decision {
  if (expense.deletedAt === undefined) return refuse('expense.not_deleted')
  const { deletedAt: _, ...restored } = touch(m, expense, 'restored')
  return refusePosting(m, restored) ?? moved(m, 'expense_restored', expense, restored)
}

/** Why what was divided at an earlier time can't be posted as it is: somebody has left since, or the books are kept in another currency. */
function refusePosting(m: Moment, expense: Expense): Decision | undefined {
  if (!isPosted(expense)) return undefined
  const gone = expense.postings.find((p) => !isActive(m, p.member))
  if (gone !== undefined) return refuse('member.inactive', 'participants', `${nameOf(m, gone.member)} has left the group`)
  const unit = m.info.settings.currencies === 'separate' ? expense.currency : m.info.currency
  if (expense.postings.every((p) => p.currency === unit)) return undefined
  return err(
    failure('expense.invalid', [
      {
        field: 'currency',
        message: `The group keeps its books in ${unit} by now; edit the expense first`,
        code: 'CURRENCY_CHANGED',
        expected: unit,
      },
    ]),
  )
}

/** An expense waits when the group asks for approval, it is above the threshold, and its author may not approve. */
function waitsForApproval(m: Moment, priced: Priced): boolean {
  const { requireApproval, approvalThreshold } = m.info.settings
  if (!requireApproval || m.self === undefined || allows(m.self.role, 'expense.approve')) return false
  if (approvalThreshold === undefined) return true
  const inGroupCurrency = priced.postings.filter((p) => p.currency === m.info.currency)
  // What is kept in another currency can't be compared with the threshold, so it waits.
  if (inGroupCurrency.length === 0) return true
  return Math.abs(inGroupCurrency.reduce((total, p) => total + p.paid, 0)) > approvalThreshold
}
