// Has a receipt read, and its group take note of what it says.
import { stableId } from '../db/stable-id.ts'
import { receiptToRead } from '../db/receipts.ts'
import type { Effect } from '../db/outbox.ts'
import { sniff } from '../domain/images/images.ts'
import type { ReadingResult, Receipt } from '../domain/receipt/receipt.ts'
import { dayIn } from '../domain/time.ts'
import { findFile } from '../platform/files.ts'
import { execute } from '../services/command.ts'
import { readReceiptImage } from '../services/read-receipt.ts'
import type { JobContext, Kept } from './context.ts'

/** After so many attempts the receipt is told to be unreadable, so that nobody waits for ever. */
const MAX_ATTEMPTS = 4

/** What can be read of its file; throws while another try may help. */
async function resultOf(at: JobContext, { file, createdAt }: Receipt): Promise<ReadingResult> {
  const found = await findFile(at.env, file.key)
  if (found === undefined) return { status: 'failed', fault: 'corrupt' }
  const bytes = new Uint8Array(await new Response(found.body).arrayBuffer())
  const type = sniff(bytes)
  if (type === undefined) return { status: 'failed', fault: 'corrupt' }
  const read = await readReceiptImage(at.env, { bytes, type, today: dayIn('UTC', createdAt) })
  if (!read.ok) return { status: 'failed', fault: read.error.reason }
  return { status: 'completed', reading: read.value.reading, engine: read.value.engine }
}

/** Reads the receipt and has its group take note. Read twice, it is noted once: the command's id follows from what is read. */
export async function readReceipt(
  at: JobContext,
  { receiptId }: Extract<Effect, { kind: 'read_receipt' }>,
  attempts: number,
): Promise<Kept> {
  const receipt = await receiptToRead(at.db.$client, receiptId)
  if (receipt === undefined || receipt.status !== 'processing') return {}
  let result: ReadingResult
  try {
    result = await resultOf(at, receipt)
  } catch (error) {
    if (attempts < MAX_ATTEMPTS) throw error
    result = { status: 'failed', fault: 'unavailable' }
  }
  const commandId = stableId('command', 'reading', receipt.id, receipt.version)
  const executed = await execute(at, receipt.groupId, {
    order: { commandId, command: { type: 'record_reading', receipt: receipt.id, result } },
  })
  // A receipt that was deleted meanwhile needs no reading; anything else may pass.
  if (!executed.ok && executed.error.code !== 'receipt.not_found') throw new Error(executed.error.code)
  return {}
}
