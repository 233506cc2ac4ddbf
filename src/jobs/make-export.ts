// Makes an export of a group: tables row by row, or the lossless document, alone or packed with the files and their hashes.
import { countExpenses, eachExpense, listGroupComments, listGroupSettlements } from '../db/report-rows.ts'
import type { Expense } from '../domain/expense.ts'
import { exportDocument } from '../domain/export/format.ts'
import { gatherExport } from '../domain/export/gather.ts'
import { MANIFEST_PATH, manifestDocument, pathOfAttachment, type ManifestFile } from '../domain/export/manifest.ts'
import { fileNameWith } from '../domain/file-name.ts'
import type { ExportFormat, Job, MadeFile } from '../domain/job.ts'
import { dayIn } from '../domain/time.ts'
import { csvOf } from '../platform/documents/csv.ts'
import { xlsxOf } from '../platform/documents/xlsx.ts'
import { zipOf, type ZipEntry } from '../platform/documents/zip.ts'
import { findFile } from '../platform/files.ts'
import { digest } from '../platform/keys.ts'
import { requireGroup } from '../services/access.ts'
import { listCategories } from '../services/categories.ts'
import { exportSheets } from '../services/export-rows.ts'
import { listMembers } from '../services/groups.ts'
import { storeMade, TYPES } from '../services/made-files.ts'
import type { Ctx } from '../context.ts'
import { actingAs } from './acting.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'

/** The document is put together in memory; tables have no such bound. */
const MOST_IN_DOCUMENT = 20_000

interface Whole {
  readonly json: string
  readonly expenses: readonly Expense[]
}

/** The lossless document of the group. */
async function wholeOf(ctx: Ctx, input: Job<'export'>['input'], read: () => void): Promise<Whole> {
  const { access, view } = await requireGroup(ctx, input.groupId, 'expense.read')
  const d1 = ctx.db.$client
  if ((await countExpenses(d1, access)) > MOST_IN_DOCUMENT)
    throw new Error(`At most ${MOST_IN_DOCUMENT} expenses fit into a document; take csv or xlsx`)
  const expenses: Expense[] = []
  for await (const expense of eachExpense(d1, access, undefined, true)) {
    expenses.push(expense)
    read()
  }
  const [{ members }, comments, settlements, categories] = await Promise.all([
    listMembers(ctx, input.groupId),
    listGroupComments(d1, access),
    listGroupSettlements(d1, access),
    listCategories(ctx),
  ])
  const data = gatherExport({ info: view.info, members, expenses, comments, settlements, categories })
  return { json: exportDocument(data), expenses }
}

/** The document, the files of its expenses, and a manifest of all with their hashes; the same content gives the same bytes. */
async function* packed(at: JobContext, { json, expenses }: Whole): AsyncGenerator<ZipEntry> {
  const manifest: ManifestFile[] = [{ path: 'quits.json', size: Buffer.byteLength(json), sha256: digest(json) }]
  yield { name: 'quits.json', data: new TextEncoder().encode(json), mtime: 0 }
  const files = new Map(expenses.flatMap(({ attachments }) => attachments.map((file) => [pathOfAttachment(file), file] as const)))
  for (const [path, { key, size, sha256 }] of files) {
    const found = await findFile(at.env, key)
    if (found === undefined) continue
    manifest.push({ path, size, sha256 })
    yield { name: path, data: found.body as ReadableStream<Uint8Array>, mtime: 0 }
  }
  yield { name: MANIFEST_PATH, data: new TextEncoder().encode(manifestDocument(manifest)), mtime: 0 }
}

async function streamOf(at: JobContext, ctx: Ctx, input: Job<'export'>['input'], read: () => void): Promise<ReadableStream<Uint8Array>> {
  if (input.format === 'json') return new Blob([(await wholeOf(ctx, input, read)).json]).stream()
  if (input.format === 'zip') return zipOf(packed(at, await wholeOf(ctx, input, read)))
  const { access } = await requireGroup(ctx, input.groupId, 'expense.read')
  const sheets = await exportSheets(ctx, access, await listCategories(ctx), read)
  return input.format === 'csv' ? csvOf(sheets) : xlsxOf(sheets)
}

const nameOf = (group: string, day: string, format: ExportFormat): string => fileNameWith(`${group} ${day}.${format}`, format)

export async function makeExport(at: JobContext, { id, userId, input }: Job<'export'>, progress: Progress): Promise<MadeFile> {
  const ctx = await actingAs(at, userId)
  const { access, view } = await requireGroup(ctx, input.groupId, 'expense.read')
  const total = await countExpenses(at.db.$client, access)
  await progress(0, total)
  let done = 0
  const stream = await streamOf(at, ctx, input, () => void (done += 1))
  const made = await storeMade(at, 'exports', id, {
    name: nameOf(view.info.isPersonal ? 'Personal' : view.info.name, dayIn('UTC', at.now), input.format),
    type: TYPES[input.format],
    stream,
  })
  await progress(done, Math.max(total, done))
  return made
}
