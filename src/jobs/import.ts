// Takes an import into its group, and out of it again. Every id follows from the import and the line, and every command
// is one that may be repeated, so a run that was cut short is gone on with and nothing comes twice.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import {
  claimLines,
  countImported,
  findImport,
  findKnownLines,
  noteRecords,
  releaseLines,
  updateImport,
  type Import,
} from '../db/imports.ts'
import { findRate } from '../db/rates.ts'
import { stableId } from '../db/stable-id.ts'
import { AppError } from '../domain/errors.ts'
import { idAfter, isId, type Id } from '../domain/ids.ts'
import { commandsOf, type ImportStep, type Mapping } from '../domain/import/commands.ts'
import { categoriesFor } from '../domain/import/preview.ts'
import type { ImportResult, RefusedLine } from '../domain/import/settings.ts'
import type { Job } from '../domain/job.ts'
import type { Pack } from '../platform/unzip.ts'
import { previewImport, type Preview } from '../services/import-preview.ts'
import { makeCategories, makeTarget, type MadeTarget } from '../services/import-target.ts'
import { bringFiles } from '../services/import-files.ts'
import { closeSteps, runSteps, type Ran } from '../services/import-steps.ts'
import { actingAs } from './acting.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'
import { undoImport } from './undo-import.ts'

/** The place of each line in the file. */
type Numbers = ReadonlyMap<ImportStep['line'], number>

const MOST_REFUSALS = 100
/** Lines at a time. */
const TOGETHER = 60

/** The ids of what comes of the lines: of one import always the same. */
function idsOf(importId: Id<'import'>): Mapping['ids'] {
  return {
    expense: (identity) => stableId('expense', importId, identity),
    settlement: (identity) => stableId('settlement', importId, identity),
    // In the order in which they were said, because those of one moment are told in the order of their ids.
    comment: (identity, index) => idAfter('comment', stableId('comment', importId, identity), index),
  }
}

/** What the commands are made with: who everybody is, and what the group takes. */
async function mappingOf(ctx: Ctx, one: Import, preview: Preview, made: MadeTarget): Promise<Mapping> {
  const categories = categoriesFor(preview.draft, await makeCategories(ctx, preview))
  const names = new Map(preview.people.map(({ person }) => [person.ref, person.name]))
  return {
    people: made.members,
    categories,
    ids: idsOf(one.id),
    canSettle: ({ from, to, currency }) =>
      (made.info.settings.currencies === 'separate' || currency === made.info.currency) && (made.speaksFor(from) || made.speaksFor(to)),
    canSpeakFor: made.speaksFor,
    nameOf: (person) => names.get(person) ?? person,
    takesVoid: one.isNewGroup,
    keepsRates: made.info.currency === preview.draft.group?.currency,
  }
}

/** The steps with the rate of their day where the group keeps its books in another currency and the file says none. */
async function withRates(ctx: Ctx, steps: readonly ImportStep[], { info }: MadeTarget): Promise<ImportStep[]> {
  if (info.settings.currencies === 'separate') return [...steps]
  const rates = new Map<string, Promise<string | undefined>>()
  const rateOn = ({ currency, day }: ImportStep['line']): Promise<string | undefined> => {
    const key = `${currency} ${day}`
    const rate = rates.get(key) ?? findRate(ctx.db.$client, currency, info.currency, day)
    rates.set(key, rate)
    return rate
  }
  const priced: ImportStep[] = []
  for (const step of steps) {
    const [first, ...others] = step.commands
    const isForeign = step.line.currency !== info.currency && first?.type === 'record_expense' && first.draft.rate === undefined
    const rate = isForeign ? await rateOn(step.line) : undefined
    priced.push(
      rate === undefined || first?.type !== 'record_expense'
        ? step
        : { ...step, commands: [{ ...first, draft: { ...first.draft, rate } }, ...others] },
    )
  }
  return priced
}

/** The lines that this import has taken for the group and that are still to be written. */
async function claimed(ctx: Ctx, one: Import, preview: Preview): Promise<{ mine: Set<string>; done: number }> {
  const d1 = ctx.db.$client
  const all = preview.lines.map(({ identity }) => identity)
  const known = await findKnownLines(d1, one.groupId, all)
  const own = new Set(known.filter(({ importId }) => importId === one.id).map(({ identity }) => identity))
  const wanted = preview.lines.filter(({ isTaken }) => isTaken).map(({ identity }) => identity)
  if (wanted.length > 0) await runBatch(ctx.db, claimLines(ctx.db, one.groupId, one.id, wanted))
  const now = await findKnownLines(d1, one.groupId, [...new Set([...own, ...wanted])])
  const ours = now.filter(({ importId }) => importId === one.id)
  return {
    mine: new Set(ours.filter(({ recordId }) => recordId === null).map(({ identity }) => identity)),
    done: ours.filter(({ recordId }) => recordId !== null).length,
  }
}

async function takeIn(at: JobContext, ctx: Ctx, one: Import, progress: Progress): Promise<ImportResult> {
  const preview = await previewImport(ctx, one)
  const made = await makeTarget(ctx, one, preview)
  const { mine, done } = await claimed(ctx, one, preview)
  const numbers: Numbers = new Map(preview.lines.map(({ line, number }) => [line, number]))
  const digests = new Map(preview.lines.map(({ line, identity }) => [line, identity]))
  const lines = preview.lines.filter(({ identity }) => mine.has(identity)).map(({ line }) => line)
  const plan = commandsOf({ lines }, await mappingOf(ctx, one, preview, made), new Set())
  if (!plan.ok)
    throw new AppError(
      'import.faulty',
      plan.error.map(({ code, message, got = '' }) => ({ field: `people.${got}`, message, code })),
    )
  const steps = await withRates(ctx, plan.value.steps, made)
  const refused: RefusedLine[] = []
  const lost: RefusedLine[] = []
  let written = done
  await progress(written, done + steps.length)
  for (let i = 0; i < steps.length; i += TOGETHER) {
    const ran = await runSteps(ctx, one, steps.slice(i, i + TOGETHER))
    for (const { step, failed } of ran) if (failed !== undefined) refused.push(refusalOf(step, failed, numbers))
    if (preview.pack !== undefined) lost.push(...(await filesOf(ctx, one, ran, preview.pack, numbers)))
    await closeSteps(ctx, one, ran)
    await noteRan(at, one, ran, digests)
    written += ran.length
    await progress(written, done + steps.length)
  }
  // What asks for nothing must not stay taken.
  const asked = new Set(plan.value.steps.map(({ line }) => line))
  const idle = lines.filter((line) => !asked.has(line)).flatMap((line) => digests.get(line) ?? [])
  if (idle.length > 0) await runBatch(at.db, [releaseLines(at.db, one.groupId, idle)])
  await made.finish()
  const { expenses, settlements } = await countImported(at.db, one.id)
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

/** Notes what came of each line; one that was refused may be imported another time. */
async function noteRan(at: JobContext, one: Import, ran: readonly Ran[], digests: ReadonlyMap<ImportStep['line'], string>): Promise<void> {
  const identityOf = ({ step }: Ran): string => digests.get(step.line) ?? ''
  const records = ran.filter(({ failed }) => failed === undefined).map((one) => [identityOf(one), one.recordId] as const)
  const gone = ran.filter(({ failed }) => failed !== undefined).map(identityOf)
  await runBatch(at.db, [noteRecords(at.db, one.groupId, records), ...(gone.length > 0 ? [releaseLines(at.db, one.groupId, gone)] : [])])
}

/** Does the step of the import that the job is for. */
export async function runImport(at: JobContext, { userId, input }: Job<'import'>, progress: Progress): Promise<ImportResult> {
  const ctx = await actingAs(at, userId)
  const one = await findImport(at.db, input.importId)
  if (one === undefined) throw new AppError('import.not_found')
  const [seen, state] = input.step === 'commit' ? (['importing', 'imported'] as const) : (['undoing', 'undone'] as const)
  if (one.state === state && one.result !== undefined) return one.result
  const result = input.step === 'commit' ? await takeIn(at, ctx, one, progress) : await undoImport(at, ctx, one, progress)
  await runBatch(at.db, [updateImport(at.db, one.id, seen, { state, result }, Date.now())])
  return result
}
