// Takes an import into its group, and out of it again. Every id follows from the import and the line, and every command
// is one that may be repeated, so a run that was cut short is gone on with and nothing comes twice.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { claimLines, countImported, findImport, findKnownLines, markDone, releaseLines, updateImport, type Import } from '../db/imports.ts'
import { stableId } from '../db/stable-id.ts'
import { AppError } from '../domain/errors.ts'
import { idAfter, isId, type Id } from '../domain/ids.ts'
import type { ImportStep, Mapping } from '../domain/import/commands.ts'
import { mappingOf } from '../domain/import/mapping.ts'
import { categoriesFor } from '../domain/import/preview.ts'
import { NOTHING_YET, type ImportResult, type RefusedLine } from '../domain/import/settings.ts'
import type { Job } from '../domain/job.ts'
import type { Pack } from '../platform/unzip.ts'
import { planOf } from '../services/import-plan.ts'
import { previewImport, type Preview } from '../services/import-preview.ts'
import { makeCategories, makeTarget, type MadeTarget } from '../services/import-target.ts'
import { bringFiles } from '../services/import-files.ts'
import { breathe, closeSteps, recordOf, runSteps, TOGETHER, type Ran } from '../services/import-steps.ts'
import { actingAs } from './acting.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'
import { undoImport } from './undo-import.ts'

/** The place of each line in the file. */
type Numbers = ReadonlyMap<ImportStep['line'], number>

const MOST_REFUSALS = 100

/** The ids of what comes of the lines: of one import always the same. */
function idsOf(importId: Id<'import'>): Mapping['ids'] {
  return {
    expense: (identity) => stableId('expense', importId, identity),
    settlement: (identity) => stableId('settlement', importId, identity),
    // In the order in which they were said, because those of one moment are told in the order of their ids.
    comment: (identity, index) => idAfter('comment', stableId('comment', importId, identity), index),
  }
}

/** Who everybody is, and what the group takes. */
async function mappingFor(ctx: Ctx, one: Import, preview: Preview, { info, members, speaksFor }: MadeTarget): Promise<Mapping> {
  const categories = categoriesFor(preview.draft, await makeCategories(ctx, preview))
  const given = { draft: preview.draft, people: members, info, isNewGroup: one.isNewGroup, speaksFor }
  return mappingOf({ ...given, categories, ids: idsOf(one.id) })
}

/** A step, and what its line is known by. */
interface Step {
  readonly step: ImportStep
  readonly identity: string
}

/** Takes the lines of the steps for the group; answers those of the steps that are still to be done, and how many are done. */
async function claim(ctx: Ctx, one: Import, steps: readonly Step[]): Promise<{ open: Step[]; done: number }> {
  const claims = steps.map(({ identity, step }) => [identity, recordOf(step)] as const)
  if (claims.length > 0) await runBatch(ctx.db, claimLines(ctx.db, one.groupId, one.id, claims))
  const known = await findKnownLines(
    ctx.db.$client,
    one.groupId,
    steps.map(({ identity }) => identity),
  )
  const own = new Map(known.filter(({ importId }) => importId === one.id).map((line) => [line.identity, line]))
  // A record that an earlier run made otherwise, because it was allowed less, stays as it is.
  const isOpen = ({ identity, step }: Step): boolean => own.get(identity)?.isDone === 0 && own.get(identity)?.recordId === recordOf(step)
  const open = steps.filter(isOpen)
  return { open, done: own.size - open.length }
}

/** The lines that are wanted: those that are taken, and those that an earlier run of this import took. */
async function wantedOf(ctx: Ctx, one: Import, { lines }: Preview): Promise<Preview['lines']> {
  const known = await findKnownLines(
    ctx.db.$client,
    one.groupId,
    lines.map(({ identity }) => identity),
  )
  const own = new Set(known.filter(({ importId }) => importId === one.id).map(({ identity }) => identity))
  return lines.filter(({ isTaken, identity }) => isTaken || own.has(identity))
}

async function takeIn(at: JobContext, ctx: Ctx, one: Import, progress: Progress): Promise<ImportResult> {
  const preview = await previewImport(ctx, one)
  const wanted = await wantedOf(ctx, one, preview)
  const lines = wanted.map(({ line }) => line)
  const made = await makeTarget(ctx, one, preview, lines)
  // Noted at once, so that they can be taken out again whatever comes.
  await runBatch(at.db, [updateImport(at.db, one.id, 'importing', { result: { ...NOTHING_YET, guests: made.guests } }, Date.now())])
  const numbers: Numbers = new Map(wanted.map(({ line, number }) => [line, number]))
  const { steps, faults } = await planOf(ctx, lines, await mappingFor(ctx, one, preview, made), made.info)
  if (faults.some(({ code }) => code === 'UNMAPPED_PERSON'))
    throw new AppError(
      'import.faulty',
      faults.map(({ code, message, got = '' }) => ({ field: `people.${got}`, message, code })),
    )
  const identities = new Map(wanted.map(({ line, identity }) => [line, identity]))
  const { open, done } = await claim(
    ctx,
    one,
    steps.map((step) => ({ step, identity: identities.get(step.line) ?? '' })),
  )
  const refused: RefusedLine[] = []
  const lost: RefusedLine[] = []
  let written = done
  await progress(written, done + open.length)
  for (let i = 0; i < open.length; i += TOGETHER) {
    const portion = open.slice(i, i + TOGETHER)
    const ran = await runSteps(
      ctx,
      one,
      portion.map(({ step }) => step),
    )
    for (const { step, failed } of ran) if (failed !== undefined) refused.push(refusalOf(step, failed, numbers))
    if (preview.pack !== undefined) lost.push(...(await filesOf(ctx, one, ran, preview.pack, numbers)))
    await closeSteps(ctx, one, ran)
    await noteRan(at, one, portion, ran)
    written += ran.length
    await progress(written, done + open.length)
    await breathe()
  }
  await made.finish()
  const { expenses, settlements } = await countImported(at.db.$client, one.id)
  return {
    expenses,
    settlements,
    skipped: preview.lines.length - expenses - settlements - refused.length,
    refused: refused.length,
    refusals: [...refused, ...lost].slice(0, MOST_REFUSALS),
    guests: made.guests,
  }
}

/** Brings the files of the lines that were taken; tells of those that did not come along. */
async function filesOf(ctx: Ctx, one: Import, ran: readonly Ran[], pack: Pack, numbers: Numbers): Promise<RefusedLine[]> {
  const lost: RefusedLine[] = []
  for (const { step, recordId, failed } of ran) {
    if (failed !== undefined || !isId('expense', recordId)) continue
    const number = numbers.get(step.line) ?? 0
    for (const { code, message } of await bringFiles(ctx, one, step, recordId, pack))
      lost.push({ number, title: step.line.title, code, message })
  }
  return lost
}

function refusalOf({ line }: ImportStep, failed: NonNullable<Ran['failed']>, numbers: Numbers): RefusedLine {
  const { message, details } = AppError.from(failed)
  const number = numbers.get(line) ?? 0
  return { number, title: line.title, code: details[0]?.code ?? failed.code, message: details[0]?.message ?? message }
}

/** Notes what is done; a line that was refused may be imported another time. */
async function noteRan(at: JobContext, { groupId }: Import, portion: readonly Step[], ran: readonly Ran[]): Promise<void> {
  const [refused, done] = [true, false].map((isRefused) =>
    portion.filter((_, i) => (ran[i]?.failed !== undefined) === isRefused).map(({ identity }) => identity),
  )
  await runBatch(at.db, [markDone(at.db, groupId, done ?? []), releaseLines(at.db, groupId, refused ?? [])])
}

/** Does the step of the import that the job is for. */
export async function runImport(at: JobContext, { userId, input }: Job<'import'>, progress: Progress): Promise<ImportResult> {
  const ctx = await actingAs(at, userId)
  const one = await findImport(at.db, input.importId)
  if (one === undefined) throw new AppError('import.not_found')
  const seen = input.step === 'commit' ? 'importing' : 'undoing'
  // A run whose end was not heard.
  if (one.state !== seen) return one.result ?? NOTHING_YET
  const result = input.step === 'commit' ? await takeIn(at, ctx, one, progress) : await undoImport(at, ctx, one, progress)
  // What was not let go is still there, and can be asked for again.
  const state = input.step === 'undo' && result.undone?.kept === 0 ? 'undone' : 'imported'
  await runBatch(at.db, [updateImport(at.db, one.id, seen, { state, result }, Date.now())])
  return result
}
