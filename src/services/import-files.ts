// The files of expenses that come packed with a Quits document: held against their hashes, and attached in their order.
import type { Ctx } from '../context.ts'
import type { Import } from '../db/imports.ts'
import { stableId } from '../db/stable-id.ts'
import { isRefusal } from '../domain/errors.ts'
import type { ExportAttachment } from '../domain/export/document.ts'
import { pathOfAttachment } from '../domain/export/manifest.ts'
import type { Id } from '../domain/ids.ts'
import type { ImportStep } from '../domain/import/commands.ts'
import { digest } from '../platform/keys.ts'
import type { Pack } from '../platform/unzip.ts'
import { runAll, stepOf } from './import-steps.ts'
import { storeFile } from './files.ts'
import { ATTACHMENT_MAX_BYTES, ATTACHMENT_TYPES, attachmentOf } from './receipts.ts'

/** Why a file did not come along. */
export interface LostFile {
  readonly step: ImportStep
  readonly code: string
  readonly message: string
}

/** Attaches the files of one expense; answers those that did not come along. */
export async function bringFiles(ctx: Ctx, one: Import, step: ImportStep, expense: Id<'expense'>, pack: Pack): Promise<LostFile[]> {
  const { line } = step
  const files = line.kind === 'payment' ? [] : (line.record?.attachments ?? [])
  const lost: LostFile[] = []
  for (const [i, file] of files.entries()) {
    if (!pack.sizes.has(pathOfAttachment(file))) continue
    const wrong = await bringFile(ctx, one, { step, expense, pack, file, i })
    if (wrong !== undefined) lost.push({ step, ...wrong })
  }
  return lost
}

interface Bringing {
  readonly step: ImportStep
  readonly expense: Id<'expense'>
  readonly pack: Pack
  readonly file: ExportAttachment
  readonly i: number
}

async function bringFile(ctx: Ctx, one: Import, { step, expense, pack, file, i }: Bringing): Promise<Omit<LostFile, 'step'> | undefined> {
  const bytes = pack.read(pathOfAttachment(file), ATTACHMENT_MAX_BYTES)
  if (bytes === undefined || digest(bytes) !== file.sha256)
    return { code: 'FILE_CHANGED', message: `${file.name} is not the file that was exported` }
  try {
    const stored = await storeFile(ctx, {
      purpose: 'receipt',
      bytes,
      name: file.name,
      groupId: one.groupId,
      hasThumbnail: true,
      types: ATTACHMENT_TYPES,
      maxBytes: ATTACHMENT_MAX_BYTES,
    })
    const attachment = { ...attachmentOf(stored), id: stableId('attachment', one.id, step.identity, i) }
    const [failed] = await runAll(ctx, one, [
      stepOf(ctx, one, { type: 'attach_receipt', id: expense, attachment }, step.identity, 'file', i),
    ])
    // A file that the group did not note, or had noted before, is removed by the nightly sweep.
    return failed && { code: failed.details[0]?.code ?? failed.code, message: failed.details[0]?.message ?? `${file.name} was refused` }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { code: error.details[0]?.code ?? error.code, message: `${file.name}: ${error.message}` }
  }
}
