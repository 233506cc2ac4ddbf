// Takes an import into its group, and out of it again. Every id follows from the import and the line, and every command
// is one that may be repeated, so a run that was cut short is gone on with and nothing comes twice.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { claimLines, countImported, findImport, findKnownLines, markDone, releaseLines, updateImport, type Import } from '../db/imports.ts'
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
import { closeSteps, recordOf, runSteps, type Ran } from '../services/import-steps.ts'
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
  const made = await makeTarget(ctx, one, preview)
  const wanted = await wantedOf(ctx, one, preview)
  const numbers: Numbers = new Map(wanted.map(({ line, number }) => [line, number]))
  const identities = new Map(wanted.map(({ line, identity }) => [line, identity]))
  const plan = commandsOf({ lines: wanted.map(({ line }) => line) }, await mappingOf(ctx, one, preview, made), new Set())
  if (!plan.ok)
    throw new AppError(
      'import.faulty',
      plan.error.map(({ code, message, got = '' }) => ({ field: `people.${got}`, message, code })),
    )
  const all = await withRates(ctx, plan.value.steps, made)
  const { open, done } = await claim(
    ctx,
    one,
    all.map((step) => ({ step, identity: identities.get(step.line) ?? '' })),
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
  const [seen, state] = input.step === 'commit' ? (['importing', 'imported'] as const) : (['undoing', 'undone'] as const)
  if (one.state === state && one.result !== undefined) return one.result
  const result = input.step === 'commit' ? await takeIn(at, ctx, one, progress) : await undoImport(at, ctx, one, progress)
  await runBatch(at.db, [updateImport(at.db, one.id, seen, { state, result }, Date.now())])
  return result
}
