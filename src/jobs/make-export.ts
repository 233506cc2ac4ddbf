// Makes an export: tables row by row, or lossless documents, alone or packed with the files and their hashes. Of everything of a
// person it reads one group after the other.
import { countExpenses } from '../db/report-rows.ts'
import { AppError } from '../domain/errors.ts'
import type { Attachment, Expense } from '../domain/expense.ts'
import { bundleFrame, foldersOf } from '../domain/export/bundle.ts'
import { canonicalJson, entryStart, listEnd } from '../domain/export/canonical.ts'
import { MANIFEST_PATH, manifestDocument, pathOfAttachment, type ManifestFile } from '../domain/export/manifest.ts'
import { PROFILE_PATH } from '../domain/export/profile.ts'
import { fileNameWith } from '../domain/file-name.ts'
import type { ExportFormat, Job, MadeFile } from '../domain/job.ts'
import { dayIn } from '../domain/time.ts'
import { csvOf } from '../platform/documents/csv.ts'
import { measured, streamOf, utf8 } from '../platform/documents/streams.ts'
import { xlsxOf } from '../platform/documents/xlsx.ts'
import { zipOf, type ZipEntry } from '../platform/documents/zip.ts'
import { findFile } from '../platform/files.ts'
import { listCategories } from '../services/categories.ts'
import { documentTexts, entryOf } from '../services/export-document.ts'
import { exportAllSheets, exportSheets } from '../services/export-rows.ts'
import { listExported, readOwnProfile, type ExportedGroup } from '../services/exports.ts'
import { storeMade, TYPES } from '../services/made-files.ts'
import type { Ctx } from '../context.ts'
import { actingAs } from './acting.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'

interface PackedFile {
  readonly path: string
  readonly data: AsyncIterable<Uint8Array>
  /** As the ledger has them, where it does; otherwise those of the data. */
  readonly known?: { readonly size: number; readonly sha256: string }
}

/** ZIP counts files with 16 bits and bytes with 32. */
const [MOST_FILES, MOST_BYTES] = [65_000, 4_000_000_000]

const tooLarge = (expected: string): AppError =>
  new AppError('export.too_large', [{ field: 'format', message: 'A ZIP holds less than this', code: 'TOO_LARGE', expected }])

/** The files, and a manifest of all with their hashes; the same content gives the same bytes. */
async function* packed(files: AsyncIterable<PackedFile>): AsyncGenerator<ZipEntry> {
  const manifest: ManifestFile[] = []
  let bytes = 0
  for await (const { path, data, known } of files) {
    const { chunks, measure } = measured(data)
    yield { name: path, data: known === undefined ? chunks : data, mtime: 0 }
    const file = { path, ...(known ?? measure()) }
    manifest.push(file)
    bytes += file.size
    if (manifest.length > MOST_FILES) throw tooLarge(`at most ${MOST_FILES} files`)
    if (bytes > MOST_BYTES) throw tooLarge(`at most ${MOST_BYTES} bytes`)
  }
  yield { name: MANIFEST_PATH, data: new TextEncoder().encode(manifestDocument(manifest)), mtime: 0 }
}

/** The text of the group's document; `seen` is told of every expense in it. */
type ReadGroup = (group: ExportedGroup, seen?: (expense: Expense) => void) => AsyncIterable<string>

/** The document of a group and the files of its expenses; `folder` is empty, or ends with a slash. */
async function* groupFiles(at: JobContext, group: ExportedGroup, read: ReadGroup, folder = ''): AsyncGenerator<PackedFile> {
  const files = new Map<string, Pick<Attachment, 'key' | 'size' | 'sha256'>>()
  const texts = read(group, ({ attachments }) => {
    for (const { key, size, sha256, name } of attachments) files.set(pathOfAttachment({ name, sha256 }), { key, size, sha256 })
    if (files.size > MOST_FILES) throw tooLarge(`at most ${MOST_FILES} files`)
  })
  yield { path: `${folder}quits.json`, data: utf8(texts) }
  for (const [path, { key, size, sha256 }] of files) {
    const found = await findFile(at.env, key)
    if (found !== undefined) yield { path: folder + path, data: found.body as ReadableStream<Uint8Array>, known: { size, sha256 } }
  }
}

async function* textOf(value: object): AsyncGenerator<string> {
  yield canonicalJson(value)
}

const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }

/** What somebody's account says of them, and their picture. */
async function* ownFiles(at: JobContext, ctx: Ctx): AsyncGenerator<PackedFile> {
  const { document, avatarKey } = await readOwnProfile(ctx)
  yield { path: PROFILE_PATH, data: utf8(textOf(document)) }
  const avatar = avatarKey === undefined ? undefined : await findFile(at.env, avatarKey)
  if (avatar !== undefined) yield { path: `avatar.${EXTENSIONS[avatar.type] ?? 'bin'}`, data: avatar.body as ReadableStream<Uint8Array> }
}

async function* allFiles(at: JobContext, ctx: Ctx, groups: readonly ExportedGroup[], read: ReadGroup): AsyncGenerator<PackedFile> {
  yield* ownFiles(at, ctx)
  const folders = foldersOf(groups.map(({ name }) => name))
  for (const [i, group] of groups.entries()) yield* groupFiles(at, group, read, `${folders[i]}/`)
}

/** The bundle of all of the groups. */
async function* bundled(ctx: Ctx, groups: readonly ExportedGroup[], read: ReadGroup): AsyncGenerator<string> {
  const { head, tail } = bundleFrame((await readOwnProfile(ctx)).document)
  yield head
  for (const [i, group] of groups.entries()) {
    yield entryStart(i)
    yield* entryOf(read(group))
  }
  yield listEnd(groups.length) + tail
}

/** The export of one group, or of all of them where there is none. */
async function streamFor(
  at: JobContext,
  ctx: Ctx,
  asked: { readonly format: ExportFormat; readonly only: ExportedGroup | undefined; readonly groups: readonly ExportedGroup[] },
  read: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const { format, only, groups } = asked
  const categories = await listCategories(ctx)
  const document: ReadGroup = (group, seen) =>
    documentTexts(ctx, group, categories, (expense) => {
      read()
      seen?.(expense)
    })
  if (format === 'json') return streamOf(utf8(only === undefined ? bundled(ctx, groups, document) : document(only)))
  if (format === 'zip') return zipOf(packed(only === undefined ? allFiles(at, ctx, groups, document) : groupFiles(at, only, document)))
  const sheets =
    only === undefined ? exportAllSheets(ctx, groups, categories, read) : await exportSheets(ctx, only.access, categories, read)
  return format === 'csv' ? csvOf(sheets) : xlsxOf(sheets)
}

const nameOf = (what: string, day: string, format: ExportFormat): string => fileNameWith(`${what} ${day}.${format}`, format)

export async function makeExport(at: JobContext, { id, userId, input }: Job<'export'>, progress: Progress): Promise<MadeFile> {
  const ctx = await actingAs(at, userId)
  const { groupId, format } = input
  const groups = await listExported(ctx, groupId)
  const only = groupId === null ? undefined : groups[0]
  const counts = await Promise.all(groups.map(({ access }) => countExpenses(at.db.$client, access)))
  const total = counts.reduce((sum, count) => sum + count, 0)
  await progress(0, total)
  let done = 0
  const stream = await streamFor(at, ctx, { format, only, groups }, () => void (done += 1))
  const made = await storeMade(at, 'exports', id, {
    name: nameOf(only?.name ?? 'Everything', dayIn('UTC', at.now), format),
    type: TYPES[format],
    stream,
  })
  await progress(done, Math.max(total, done))
  return made
}
