// The rules about receipts and other files of expenses. What was read is a note beside the books: only people make
// an expense of it, or say that the two agree.
import { readingIn } from './receipt/to-expense.ts'
import type { Command, ReceiptCommand } from './commands.ts'
import { entryOf, refuse, refuseStale, type Decision, type Moment } from './decision.ts'
import { failure, type Failure } from './errors.ts'
import type { Attachment, Expense } from './expense.ts'
import { selfId, touch } from './expense-moves.ts'
import type { Entry, FileImage } from './group.ts'
import type { Id } from './ids.ts'
import type { Receipt, ReadingStatus } from './receipt/receipt.ts'
import { err, ok, type Result } from './result.ts'

const MAX_ATTACHMENTS = 20

type OfReceipt = Exclude<ReceiptCommand, { type: 'attach_receipt' }>

/** What a command on a receipt comes to; undefined where the command is of another kind. */
export function decideReceipt(m: Moment, command: Command): Decision | undefined {
  switch (command.type) {
    case 'add_receipt':
      return entryOf(m, 'receipt_added', {
        receipts: [newReceipt(m, command.receipt, command.file, command.status)],
        files: [command.file],
      })
    case 'read_again':
    case 'record_reading':
    case 'match_receipt':
    case 'delete_receipt': {
      const receipt = m.book.receipt(command.receipt)
      if (receipt === undefined || receipt.deletedAt !== undefined) return refuse('receipt.not_found')
      return refuseStale(m, receipt.version) ?? decideAbout(m, receipt, command)
    }
    default:
      return undefined
  }
}

function decideAbout(m: Moment, receipt: Receipt, command: Exclude<OfReceipt, { type: 'add_receipt' }>): Decision {
  switch (command.type) {
    case 'read_again':
      if (receipt.status !== 'failed' && receipt.status !== 'completed')
        return refuse('receipt.state', 'ocr_status', `A receipt that is ${receipt.status} is not read again`)
      return entryOf(m, 'receipt_requeued', { receipts: [touched(m, receipt, { status: 'processing' })] })
    case 'record_reading': {
      const { reading: _, engine: __, fault: ___, ...rest } = receipt
      return entryOf(m, 'receipt_processed', { receipts: [touched(m, rest, command.result)], member: receipt.createdBy })
    }
    case 'match_receipt':
      return match(m, receipt, command.expense, command.isReconciled)
    case 'delete_receipt':
      return deleteReceipt(m, receipt)
  }
}

function newReceipt(m: Moment, id: Id<'receipt'>, file: Attachment, status: ReadingStatus): Receipt {
  return {
    id,
    groupId: m.info.id,
    file,
    status,
    createdBy: selfId(m),
    createdAt: m.at,
    updatedAt: m.at,
    version: m.book.state.seq + 1,
  }
}

const touched = (m: Moment, receipt: Receipt, changes: Partial<Receipt>): Receipt => ({
  ...receipt,
  ...changes,
  updatedAt: m.at,
  version: m.book.state.seq + 1,
})

const gone = (m: Moment, file: Attachment): FileImage => ({ ...file, deletedAt: m.at })

/** The refusal where the expense has as many files as it can. */
function refuseFull(expense: Expense): Decision | undefined {
  if (expense.attachments.length < MAX_ATTACHMENTS) return undefined
  return err(
    failure('file.too_many', [
      {
        field: 'attachments',
        message: 'Delete one of its files first',
        code: 'TOO_MANY',
        expected: `at most ${MAX_ATTACHMENTS}`,
        got: String(expense.attachments.length + 1),
      },
    ]),
  )
}

export function attachFile(m: Moment, expense: Expense, command: Extract<ReceiptCommand, { type: 'attach_receipt' }>): Decision {
  const full = refuseFull(expense)
  if (full !== undefined) return full
  const { attachment, receipt } = command
  const file: Attachment = receipt === undefined ? attachment : { ...attachment, receipt: receipt.id }
  const read = receipt && { ...newReceipt(m, receipt.id, file, receipt.status), expenseId: expense.id }
  return entryOf(m, 'expense_receipt_added', {
    expense: withFile(m, expense, file),
    files: [file],
    ...(read && { receipts: [read] }),
  })
}

const withFile = (m: Moment, expense: Expense, file: Attachment): Expense => ({
  ...touch(m, expense, 'receipt_added'),
  attachments: [...expense.attachments, file],
})

const withoutFile = (m: Moment, expense: Expense, id: Id<'attachment'>): Expense => ({
  ...touch(m, expense, 'attachment_removed'),
  attachments: expense.attachments.filter((one) => one.id !== id),
})

export function removeAttachment(m: Moment, expense: Expense, id: Id<'attachment'>): Decision {
  const file = expense.attachments.find((one) => one.id === id)
  if (file === undefined) return refuse('attachment.not_found')
  const receipt = file.receipt === undefined ? undefined : m.book.receipt(file.receipt)
  return entryOf(m, 'expense_attachment_removed', {
    expense: withoutFile(m, expense, id),
    files: [gone(m, file)],
    ...(receipt && { receipts: [touched(m, receipt, { deletedAt: m.at })] }),
  })
}

export function reconcileExpense(m: Moment, expense: Expense, isReconciled: boolean): Decision {
  const { reconciledAt: _, ...open } = touch(m, expense, isReconciled ? 'reconciled' : 'unreconciled')
  return entryOf(m, isReconciled ? 'expense_reconciled' : 'expense_unreconciled', {
    expense: isReconciled ? { ...open, reconciledAt: m.at } : open,
  })
}

function match(m: Moment, receipt: Receipt, expenseId: Id<'expense'>, isReconciled: boolean): Decision {
  if (receipt.expenseId !== undefined)
    return err(
      failure('receipt.matched', [
        { field: 'expense_id', message: 'It is the receipt of an expense already', code: 'MATCHED', got: receipt.expenseId },
      ]),
    )
  const expense = m.book.expense(expenseId)
  if (expense === undefined) return refuse('expense.not_found')
  if (expense.deletedAt !== undefined) return refuse('expense.deleted')
  const full = refuseFull(expense)
  if (full !== undefined) return full
  const after = withFile(m, expense, { ...receipt.file, receipt: receipt.id })
  return entryOf(m, 'receipt_matched', {
    expense: isReconciled ? { ...after, reconciledAt: m.at } : after,
    receipts: [touched(m, receipt, { expenseId })],
  })
}

function deleteReceipt(m: Moment, receipt: Receipt): Decision {
  const expense = receipt.expenseId === undefined ? undefined : m.book.expense(receipt.expenseId)
  return entryOf(m, 'receipt_deleted', {
    receipts: [touched(m, receipt, { deletedAt: m.at })],
    files: [gone(m, receipt.file)],
    ...(expense && { expense: withoutFile(m, expense, receipt.file.id) }),
  })
}

/** Whether the paper says this amount, in this currency or in none. */
function isSaidBy(reading: Receipt['reading'], { amount, currency }: Expense): boolean {
  if (reading === undefined || (reading.currency !== null && reading.currency.value !== currency)) return false
  return readingIn(reading, currency)?.total?.value === amount
}

/** What an expense made from a receipt has of it: its file, and that the two agree where the amount is the one that was read. */
export function ofReceipt(
  m: Moment,
  id: Id<'receipt'> | undefined,
  expense: Expense,
): Result<Partial<Entry> & { expense: Expense }, Failure> {
  if (id === undefined) return ok({ expense })
  const receipt = m.book.receipt(id)
  if (receipt === undefined || receipt.deletedAt !== undefined) return err(failure('receipt.not_found'))
  if (receipt.expenseId !== undefined)
    return err(
      failure('receipt.matched', [
        { field: 'receipt_id', message: 'It is the receipt of an expense already', code: 'MATCHED', got: receipt.expenseId },
      ]),
    )
  const agrees = isSaidBy(receipt.reading, expense)
  const withIt = { ...expense, attachments: [{ ...receipt.file, receipt: receipt.id }], ...(agrees && { reconciledAt: m.at }) }
  return ok({ expense: withIt, receipts: [touched(m, receipt, { expenseId: expense.id })] })
}
