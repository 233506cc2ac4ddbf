// Receipts of expenses: the file is stored first, then the group takes note of it; if it doesn't, the file goes.
import type { Ctx } from '../context.ts'
import type { Attachment } from '../domain/expense.ts'
import { newId, type Id } from '../domain/ids.ts'
import { runCommand } from './command.ts'
import { groupOfExpense, getExpense } from './expenses.ts'
import { discardFile, storeFile } from './files.ts'

const MAX_BYTES = 10 * 1024 * 1024

/** Keeps the file with the expense. Throws `file.unsupported` and what the group refuses; then nothing is kept. */
export async function uploadReceipt(
  ctx: Ctx,
  expenseId: Id<'expense'>,
  file: { bytes: Uint8Array<ArrayBuffer>; name: string },
): Promise<{ attachment: Attachment; version: number }> {
  const groupId = await groupOfExpense(ctx, expenseId)
  // Asked before anything is stored, so that a stranger's file never is.
  await getExpense(ctx, expenseId)
  const { key, type, size, sha256, name } = await storeFile(ctx, {
    purpose: 'receipt',
    ...file,
    groupId,
    types: ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'],
    maxBytes: MAX_BYTES,
  })
  try {
    const outcome = await runCommand(ctx, groupId, {
      type: 'attach_receipt',
      id: expenseId,
      attachment: { id: newId('attachment'), key, type, size, sha256, name },
    })
    const { expense } = outcome.entry
    const attachment = expense?.attachments.at(-1)
    if (expense === undefined || attachment === undefined) throw new Error('a receipt is answered with the expense')
    if (attachment.key !== key) await discardFile(ctx, key)
    return { attachment, version: expense.version }
  } catch (error) {
    await discardFile(ctx, key)
    throw error
  }
}
