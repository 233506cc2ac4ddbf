// Imports: a file is kept, looked at as often as its owner likes, taken into a group by a job, and taken back by another.
import { signedIn, type Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import * as rows from '../db/imports.ts'
import type { Import } from '../db/imports.ts'
import { insertJob, isJobTaken, newJob, requeueJob } from '../db/jobs.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { stableId } from '../db/stable-id.ts'
import { AppError, isRefusal, type Detail } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import { isClean, type Fault } from '../domain/import/draft.ts'
import type { PreviewedLine } from '../domain/import/preview.ts'
import type { ImportSettings, PersonChoice } from '../domain/import/settings.ts'
import { pageOfAll, type Page, type PageRequest } from '../domain/page.ts'
import { deleteFile, newFileKey, putFile } from '../platform/files.ts'
import { digest } from '../platform/keys.ts'
import { requireGroup } from './access.ts'
import { previewImport, type Preview } from './import-preview.ts'
import { commit, messagesOf } from './repeatable.ts'

export type { Import } from '../db/imports.ts'

export const IMPORT_MAX_BYTES = 10 * 1024 * 1024
const MOST_STAGED = 100

/** What is said of a file; `null` takes back what was said of a person. */
export type SaidSettings = Omit<ImportSettings, 'people'> & { readonly people?: Readonly<Record<string, PersonChoice | null>> }

export interface Previewed {
  readonly one: Import
  readonly preview: Preview
}

/** Where it goes: a group, one's own (`personal`) or a new one; absent, what is usual for such a file. */
export type TargetChoice = Id<'group'> | 'personal' | 'new'

const detailOf = ({ column, row, code, message, expected, got, difference }: Fault): Detail => ({
  field: column ?? (row === undefined ? 'file' : `row ${row}`),
  message,
  code,
  ...(expected !== undefined && { expected }),
  ...(got !== undefined && { got }),
  ...(difference !== undefined && { difference }),
})

/** What can be put right by saying how the file is to be read, and what cannot, even where it is a table. */
const MENDABLE: ReadonlySet<string> = new Set(['AMBIGUOUS_DATES', 'COLUMN_MISSING', 'PART_MISSING'])
const HOPELESS: ReadonlySet<string> = new Set(['NOT_AN_IMPORT', 'TOO_MANY_COLUMNS'])

/** Refuses a file of which nothing was read, and nothing would be whatever its owner says. */
function refuseUnreadable({ draft, source }: Preview): void {
  const errors = draft.faults.filter(({ severity }) => severity === 'error')
  const hasAny = (codes: ReadonlySet<string>): boolean => errors.some(({ code }) => codes.has(code))
  const isOver = source === 'table' ? hasAny(HOPELESS) : errors.length > 0
  if (draft.lines.length === 0 && isOver && !hasAny(MENDABLE)) throw new AppError('import.unreadable', errors.slice(0, 20).map(detailOf))
}

function groupFor(ctx: Ctx, choice: TargetChoice): Pick<Import, 'groupId' | 'isNewGroup'> {
  if (choice === 'new') return { groupId: newId('group'), isNewGroup: true }
  return { groupId: choice === 'personal' ? signedIn(ctx).personalGroupId : choice, isNewGroup: false }
}

/** Keeps the file and tells what would come of it. Throws `import.unreadable`, `import.too_many`, `group.not_found`. */
export async function stageImport(
  ctx: Ctx,
  file: { readonly bytes: Uint8Array; readonly name: string },
  asked: { readonly target?: TargetChoice; readonly settings: ImportSettings },
): Promise<Previewed> {
  const { userId } = signedIn(ctx)
  if (asked.target !== undefined && asked.target !== 'new') await requireGroup(ctx, groupFor(ctx, asked.target).groupId, 'expense.create')
  const stored = { fileKey: newFileKey('imports'), fileName: file.name, fileSize: file.bytes.length, sha256: digest(file.bytes) }
  const times = { createdAt: ctx.now, updatedAt: ctx.now, version: 1 }
  const base = { id: newId('import'), userId, state: 'staged', settings: asked.settings, ...stored, ...times } as const
  const first: Import = { ...base, ...groupFor(ctx, asked.target ?? 'new') }
  const looked = await previewImport(ctx, first, file.bytes)
  refuseUnreadable(looked)
  // A group's history makes a group; a bank's belongs to whoever has the account.
  const isHistory = looked.source === 'quits' || looked.source === 'splitwise'
  const one = asked.target !== undefined || isHistory ? first : { ...base, ...groupFor(ctx, 'personal') }
  await putFile(ctx.env, one.fileKey, { bytes: file.bytes, type: 'application/octet-stream', name: file.name })
  try {
    const kept = await commit(ctx, async () => {
      await refuseTooMany(ctx)
      return { statements: [rows.insertImport(ctx.db, one)], outcome: one }
    })
    if (kept.fileKey !== one.fileKey) await deleteFile(ctx.env, one.fileKey)
    return { one: kept, preview: kept === first ? looked : await previewImport(ctx, kept, file.bytes) }
  } catch (error) {
    if (isRefusal(error)) await deleteFile(ctx.env, one.fileKey)
    throw error
  }
}

async function refuseTooMany(ctx: Ctx): Promise<void> {
  const staged = await rows.countStaged(ctx.db, signedIn(ctx).userId)
  if (staged < MOST_STAGED) return
  throw new AppError('import.too_many', [
    {
      field: 'file',
      message: 'Imports wait to be committed',
      code: 'TOO_MANY',
      expected: `at most ${MOST_STAGED}`,
      got: String(staged + 1),
    },
  ])
}

/** One of the caller's imports; throws `import.not_found`. */
async function ownImport(ctx: Ctx, id: Id<'import'>): Promise<Import> {
  const one = await rows.findImport(ctx.db, id)
  if (one === undefined || one.userId !== signedIn(ctx).userId) throw new AppError('import.not_found')
  return one
}

/** Whether it can still be said how it is to be read: it was not committed, or its commit has failed. */
const isOpen = ({ state, job }: Import): boolean => state === 'staged' || (state === 'importing' && job?.state === 'failed')

/** One of the caller's imports, and while it is open what would come of it now. */
export async function getImport(ctx: Ctx, id: Id<'import'>): Promise<{ readonly one: Import; readonly preview?: Preview }> {
  const one = await ownImport(ctx, id)
  return isOpen(one) ? { one, preview: await previewImport(ctx, one) } : { one }
}

export const listImports = (ctx: Ctx, request: PageRequest): Promise<Page<Import>> =>
  rows.listImports(ctx.db, signedIn(ctx).userId, request)

/** The lines of the file and what becomes of each. */
export async function listImportLines(
  ctx: Ctx,
  id: Id<'import'>,
  state: PreviewedLine['state'] | undefined,
  request: PageRequest,
): Promise<Page<PreviewedLine>> {
  const { lines } = await previewImport(ctx, await ownImport(ctx, id))
  return pageOfAll(
    lines.filter((line) => state === undefined || line.state === state),
    request,
  )
}

const wrongState = (one: Import, expected: string): AppError =>
  new AppError('import.state', [
    { field: 'status', message: 'The import is at another step', code: 'WRONG_STATE', expected, got: one.state },
  ])

const MAX_TRIES = 4

/** Changes the import as it is; whoever changes it at the same time makes it look again. `build` refuses what is not open now. */
async function change<T>(
  ctx: Ctx,
  id: Id<'import'>,
  build: (one: Import) => Promise<{ readonly statements: readonly Statement[]; readonly outcome: T }>,
): Promise<T> {
  const guarded = async () => {
    const one = await ownImport(ctx, id)
    const { statements, outcome } = await build(one)
    return { statements: [rows.requireImport(ctx.db, one), ...statements], outcome }
  }
  for (let tries = 1; ; tries++) {
    try {
      return await commit(ctx, guarded)
    } catch (error) {
      if (!messagesOf(error).some((message) => rows.isImportGuard(message) || isJobTaken(message))) throw error
      if (tries === MAX_TRIES) throw new AppError('service.busy', [], { retryAfterS: 1 })
    }
  }
}

/** The settings with what was said put in their place. `null` takes back what was said of a person. */
function merged(before: ImportSettings, { people, columns, group, ...plain }: SaidSettings): ImportSettings {
  const said = Object.entries({ ...before.people, ...people }).flatMap(([ref, choice]) => (choice === null ? [] : [[ref, choice] as const]))
  return {
    ...before,
    ...plain,
    ...(people && { people: Object.fromEntries(said) }),
    ...(columns && { columns: { ...before.columns, ...columns } }),
    ...(group && { group: { ...before.group, ...group } }),
  }
}

/** Says something else about how the file is to be read; what is not said stays. Throws `import.state` once it is committed. */
export async function updateImport(
  ctx: Ctx,
  id: Id<'import'>,
  { target, settings: said }: { readonly target?: TargetChoice; readonly settings: SaidSettings },
): Promise<Previewed> {
  const looked: Preview[] = []
  const one = await change(ctx, id, async (before) => {
    if (!isOpen(before)) throw wrongState(before, 'staged')
    const { groupId, isNewGroup } = before
    const goesTo = target === undefined || (target === 'new' && isNewGroup) ? { groupId, isNewGroup } : groupFor(ctx, target)
    if (before.state !== 'staged' && goesTo.groupId !== groupId) throw wrongState(before, 'staged')
    if (!goesTo.isNewGroup) await requireGroup(ctx, goesTo.groupId, 'expense.create')
    const settings = merged(before.settings, said)
    const after: Import = { ...before, ...goesTo, settings, version: before.version + 1, updatedAt: ctx.now }
    const preview = await previewImport(ctx, after)
    refuseStrangers(preview, said)
    looked.push(preview)
    return { statements: [rows.changeImport(ctx.db, before, { ...goesTo, settings }, ctx.now)], outcome: after }
  })
  return { one, preview: looked.at(-1) ?? (await previewImport(ctx, one)) }
}

/** What was said of people whom the file does not name, or of members whom the group does not have. */
function refuseStrangers({ draft, target }: Preview, { people = {} }: SaidSettings): void {
  const named = new Set(draft.people.map(({ ref }) => ref))
  const members = new Set<string>(target.members.flatMap(({ id, userId }) => (userId === undefined ? [id] : [id, userId])))
  const details = Object.entries(people).flatMap(([ref, choice]): Detail[] => {
    const field = `people.${ref}`
    if (choice === null) return []
    if (!named.has(ref))
      return [{ field, message: 'The file names nobody like that', code: 'UNKNOWN_PERSON', expected: [...named].join(', ').slice(0, 200) }]
    if ('name' in choice || choice.member === 'me' || members.has(choice.member)) return []
    return [{ field, message: 'Nobody in the group has this id', code: 'NOT_A_MEMBER', got: choice.member }]
  })
  if (details.length > 0) throw new AppError('request.invalid', details)
}

/** Whether nothing of the file would be lost. */
export const isReady = ({ faults, draft: { checks } }: Preview): boolean => isClean({ faults, checks })

/**
 * Has the lines taken into the group. Throws `import.faulty` while something of the file would be lost, unless that is
 * accepted, and `import.state` where it was done already.
 */
export const commitImport = (ctx: Ctx, id: Id<'import'>, acceptsFaults: boolean): Promise<Import> =>
  change(ctx, id, async (one) => {
    if (!isOpen(one)) throw wrongState(one, 'staged')
    const preview = await previewImport(ctx, one)
    if (preview.isMade) await requireGroup(ctx, one.groupId, 'expense.create')
    if (preview.target.info.archivedAt !== undefined) throw new AppError('group.archived')
    if (!acceptsFaults && !isReady(preview)) throw new AppError('import.faulty', faultsOf(preview))
    return begin(ctx, one, 'commit')
  })

function faultsOf({ faults, draft: { checks } }: Preview): Detail[] {
  const errors = faults.filter(({ severity }) => severity === 'error').map(detailOf)
  const unmet = checks
    .filter(({ isMet }) => !isMet)
    .map(({ person, row, currency, expected, got, difference }) => ({
      field: `row ${row}`,
      message: `The lines give ${person} another net in ${currency} than the file says`,
      code: 'CHECK_FAILED',
      ...{ expected, got, difference },
    }))
  return [...errors, ...unmet].slice(0, 20)
}

/** Has everything taken back that the import has brought. Throws `import.state` where nothing is to be taken back. */
export const undoImport = (ctx: Ctx, id: Id<'import'>): Promise<Import> =>
  change(ctx, id, (one) => {
    const isFailed = (one.state === 'undoing' || one.state === 'importing') && one.job?.state === 'failed'
    if (one.state !== 'imported' && !isFailed) throw wrongState(one, 'imported')
    return Promise.resolve(begin(ctx, one, 'undo'))
  })

/** What has the step done by the one job that it has; one that has ended is run again. */
function begin(ctx: Ctx, one: Import, step: 'commit' | 'undo') {
  const state = step === 'commit' ? 'importing' : 'undoing'
  const id = stableId('job', 'import', one.id, step)
  ctx.notes.hasEffects = true
  const job = { ...newJob('import', one.userId, { importId: one.id, step }, ctx.now), id }
  const run =
    one.job?.id === id
      ? [requeueJob(ctx.db, job), promiseEffect(ctx.db, newEffect({ kind: 'run_job', jobId: id }, ctx.now))]
      : insertJob(ctx.db, job)
  const under = { id, state: 'queued', doneUnits: 0, totalUnits: 0, error: null } as const
  const outcome: Import = { ...one, state, updatedAt: ctx.now, version: one.version + 1, job: under }
  return { statements: [...run, rows.changeImport(ctx.db, one, { state, jobId: id }, ctx.now)], outcome }
}

/** Forgets a file that was not imported. Throws `import.state` once it is. */
export async function deleteImport(ctx: Ctx, id: Id<'import'>): Promise<void> {
  const fileKey = await change(ctx, id, (one) => {
    if (one.state !== 'staged') throw wrongState(one, 'staged')
    return Promise.resolve({ statements: [rows.removeImport(ctx.db, id)], outcome: one.fileKey })
  })
  await deleteFile(ctx.env, fileKey)
}
