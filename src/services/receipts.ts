// Receipts and other files of expenses: the file is stored first, then the group takes note of it; if it doesn't, the
// file goes. What is to be read is promised in the batch of that note.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/receipts.ts'
import { AppError, isRefusal } from '../domain/errors.ts'
import type { Attachment, Expense } from '../domain/expense.ts'
import type { FileType } from '../domain/images/images.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { ReceiptFilter } from '../domain/receipt/candidate.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import { requireGroup } from './access.ts'
import { runCommand } from './command.ts'
import { getExpense, groupOfExpense } from './expenses.ts'
import { discardFile, storeFile, type KeptFile } from './files.ts'

export const ATTACHMENT_TYPES: readonly FileType[] = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf']
export const ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024

export interface SentFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly name: string
}

interface Kept {
  readonly outcome: Outcome
  /** The file that the group took note of: that of an earlier request, where this one is its repetition. */
  readonly file: Attachment
}

/** The file as the ledger names it, under a new id. */
export const attachmentOf = ({ key, type, size, sha256, name, hasThumbnail }: KeptFile): Attachment => ({
  id: newId('attachment'),
  key,
  type,
  size,
  sha256,
  name,
  ...(hasThumbnail && { hasThumbnail }),
})

/** Stores the file and has the group take note of it. Throws `file.unsupported` and what the group refuses; then nothing is kept. */
async function keep(ctx: Ctx, groupId: Id<'group'>, file: SentFile, note: (file: Attachment) => Promise<Outcome>): Promise<Kept> {
  const stored = await storeFile(ctx, {
    purpose: 'receipt',
    ...file,
    groupId,
    hasThumbnail: true,
    types: ATTACHMENT_TYPES,
    maxBytes: ATTACHMENT_MAX_BYTES,
  })
  const attachment = attachmentOf(stored)
  try {
    const outcome = await note(attachment)
    const [noted] = outcome.entry.files ?? []
    if (noted === undefined) throw new Error(`${outcome.entry.type} is answered with its file`)
    if (noted.key !== stored.key) await discardFile(ctx, stored.key)
    return { outcome, file: noted }
  } catch (error) {
    // Where it is not known what came of it, the ledger may name the file: the nightly sweep removes it if it does not.
    if (isRefusal(error)) await discardFile(ctx, stored.key)
    throw error
  }
}

const readingOf = (file: Attachment) => (file.type === 'application/pdf' ? 'skipped' : 'processing')

/** Has the receipt read; the effect is promised with the command that makes it one. */
const toRead = (receiptId: Id<'receipt'>) => [{ kind: 'read_receipt', receiptId } as const]

async function hintReading(ctx: Ctx): Promise<void> {
  if (!ctx.isDryRun && !ctx.notes.isReplayed) await ctx.env.READINGS.send({ kind: 'readings' })
}

/** The receipt that the command was about, as it is after it. */
function receiptOf({ entry }: Outcome): Receipt {
  const [receipt] = entry.receipts ?? []
  if (receipt === undefined) throw new Error(`${entry.type} is answered with the receipt`)
  return receipt
}

function expenseOf({ entry }: Outcome): Expense {
  if (entry.expense === undefined) throw new Error(`${entry.type} is answered with the expense`)
  return entry.expense
}

/** Keeps the file with the expense as its receipt, to be read. */
export async function uploadReceipt(
  ctx: Ctx,
  expenseId: Id<'expense'>,
  file: SentFile,
): Promise<{ receipt: Receipt; attachment: Attachment; version: number }> {
  const groupId = await groupOfExpense(ctx, expenseId)
  // Asked before anything is stored, so that a stranger's file never is.
  await getExpense(ctx, expenseId)
  const id = newId('receipt')
  const kept = await keep(ctx, groupId, file, (attachment) => {
    const receipt = { id, status: readingOf(attachment) } as const
    return runCommand(ctx, groupId, { type: 'attach_receipt', id: expenseId, attachment, receipt }, effectsOf(receipt))
  })
  await hintReading(ctx)
  return { receipt: receiptOf(kept.outcome), attachment: kept.file, version: expenseOf(kept.outcome).version }
}

const effectsOf = ({ id, status }: Pick<Receipt, 'id' | 'status'>) => (status === 'processing' ? toRead(id) : [])

/** Keeps the file with the expense; it is not read. */
export async function addAttachment(
  ctx: Ctx,
  expenseId: Id<'expense'>,
  file: SentFile,
): Promise<{ attachment: Attachment; version: number }> {
  const groupId = await groupOfExpense(ctx, expenseId)
  await getExpense(ctx, expenseId)
  const kept = await keep(ctx, groupId, file, (attachment) =>
    runCommand(ctx, groupId, { type: 'attach_receipt', id: expenseId, attachment }),
  )
  return { attachment: kept.file, version: expenseOf(kept.outcome).version }
}

/** The files of an expense, in the order in which they came. */
export const listAttachments = async (ctx: Ctx, expenseId: Id<'expense'>): Promise<readonly Attachment[]> =>
  (await getExpense(ctx, expenseId)).expense.attachments

/** One of them; throws `attachment.not_found`. */
export async function getAttachment(ctx: Ctx, expenseId: Id<'expense'>, id: Id<'attachment'>): Promise<Attachment> {
  const found = (await listAttachments(ctx, expenseId)).find((one) => one.id === id)
  if (found === undefined) throw new AppError('attachment.not_found')
  return found
}

/** Takes the file out of the expense and deletes it for good. */
export async function deleteAttachment(ctx: Ctx, expenseId: Id<'expense'>, id: Id<'attachment'>): Promise<void> {
  const groupId = await groupOfExpense(ctx, expenseId)
  const outcome = await runCommand(ctx, groupId, { type: 'remove_attachment', id: expenseId, attachment: id })
  await deleteFiles(ctx, outcome)
}

/** Deletes the objects of the files that the entry took out. What fails here the nightly sweep finds. */
async function deleteFiles(ctx: Ctx, { entry }: Outcome): Promise<void> {
  if (ctx.isDryRun) return
  await Promise.allSettled((entry.files ?? []).map(({ key }) => discardFile(ctx, key)))
}

/** Keeps a receipt that is of no expense yet, in the caller's personal group where none is named, to be read. */
export async function addReceipt(ctx: Ctx, file: SentFile, named?: Id<'group'>): Promise<Receipt> {
  const groupId = named ?? signedIn(ctx).personalGroupId
  await requireGroup(ctx, groupId, 'expense.create')
  const receipt = newId('receipt')
  const kept = await keep(ctx, groupId, file, (attachment) => {
    const status = readingOf(attachment)
    return runCommand(ctx, groupId, { type: 'add_receipt', receipt, file: attachment, status }, effectsOf({ id: receipt, status }))
  })
  await hintReading(ctx)
  return receiptOf(kept.outcome)
}

export const listReceipts = (ctx: Ctx, filter: ReceiptFilter, page: PageRequest): Promise<Page<Receipt>> =>
  rows.listReceipts(ctx.db.$client, signedIn(ctx).userId, filter, page)

/** A receipt of one of the caller's groups; throws `receipt.not_found`. */
export async function getReceipt(ctx: Ctx, id: Id<'receipt'>): Promise<Receipt> {
  const receipt = await rows.findReceipt(ctx.db.$client, signedIn(ctx).userId, id)
  if (receipt === undefined) throw new AppError('receipt.not_found')
  return receipt
}

/** The group it is in; whether the caller may see it, the group decides. */
export async function groupOfReceipt(ctx: Ctx, id: Id<'receipt'>): Promise<Id<'group'>> {
  const groupId = await rows.findGroupOfReceipt(ctx.db.$client, id)
  if (groupId === undefined) throw new AppError('receipt.not_found')
  return groupId
}

/** Has it read once more, as after an engine was out of order. */
export async function rereadReceipt(ctx: Ctx, id: Id<'receipt'>): Promise<Receipt> {
  const outcome = await runCommand(ctx, await groupOfReceipt(ctx, id), { type: 'read_again', receipt: id }, toRead(id))
  await hintReading(ctx)
  return receiptOf(outcome)
}

/** Takes it away, out of its expense too, and deletes its file for good. */
export async function deleteReceipt(ctx: Ctx, id: Id<'receipt'>): Promise<void> {
  await deleteFiles(ctx, await runCommand(ctx, await groupOfReceipt(ctx, id), { type: 'delete_receipt', receipt: id }))
}

const LOOKS_EVERY_MS = 150

/** The receipt when it has been read, or as it is when the time is over. */
export async function awaitReading(ctx: Ctx, receipt: Receipt): Promise<Receipt> {
  const wait = Number(ctx.env.OCR_WAIT_MS)
  let now = receipt
  for (let waited = 0; now.status === 'processing' && waited < wait && !ctx.isDryRun; waited += LOOKS_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS))
    now = (await rows.receiptToRead(ctx.db.$client, receipt.id)) ?? now
  }
  return now
}
