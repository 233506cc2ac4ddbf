// Takes an import out of its group again: whatever it brought and nobody has deleted since, in one step for whoever asks.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { countLines, listImportedLines, releaseLines, updateImport, type Import } from '../db/imports.ts'
import type { Command } from '../domain/commands.ts'
import { AppError, type ErrorCode } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import { NOTHING_YET, type ImportResult } from '../domain/import/settings.ts'
import { requireGroup } from '../services/access.ts'
import { listMembers } from '../services/groups.ts'
import { breathe, runAll, stepOf, TOGETHER } from '../services/import-steps.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'

/** What is not there any more is as good as taken out. */
const GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['expense.deleted', 'expense.not_found', 'settlement.not_found'])

const takeOut = (record: string): Command =>
  isId('expense', record) ? { type: 'delete_expense', id: record } : { type: 'withdraw_settlement', settlement: record as `stl_${string}` }

/** Takes everything out. What the group refuses to let go stays, stays known as imported, and can be asked for again. */
export async function undoImport(at: JobContext, ctx: Ctx, one: Import, progress: Progress): Promise<ImportResult> {
  const { result: before = NOTHING_YET } = one
  // A commit that failed before it could make its group has brought nothing.
  if (!(await isMade(ctx, one))) return { ...before, undone: { records: 0, kept: 0 } }
  const { guests } = before
  // Each time that it is asked for is a run of its own, in which a step is taken once.
  const run = (command: Command, ...name: readonly string[]) => stepOf(ctx, one, command, 'undo', one.version, ...name)
  for (const member of guests) await runAll(ctx, one, [run({ type: 'reinstate_member', member }, 'reinstate', member)])
  const total = await countLines(at.db, one.id)
  let [records, kept, after] = [before.undone?.records ?? 0, 0, '']
  await progress(0, total)
  for (let seen = 0; ;) {
    const lines = await listImportedLines(at.db, one.id, after, TOGETHER)
    const last = lines.at(-1)
    if (last === undefined) break
    const failures = await runAll(
      ctx,
      one,
      lines.map(({ recordId }) => run(takeOut(recordId), recordId)),
    )
    if (failures.some((failed) => failed?.code === 'group.archived')) throw new AppError('group.archived')
    const out = lines.filter((_, i) => failures[i] === undefined || GONE.has(failures[i].code))
    records += failures.filter((failed) => failed === undefined).length
    kept += lines.length - out.length
    seen += lines.length
    after = last.recordId
    const identities = out.map(({ identity }) => identity)
    const noted = updateImport(at.db, one.id, 'undoing', { result: { ...before, undone: { records, kept } } }, Date.now())
    await runBatch(at.db, [releaseLines(at.db, one.groupId, identities), noted])
    await progress(seen, total)
    await breathe()
  }
  for (const member of guests) await runAll(ctx, one, [run({ type: 'remove_member', member }, 'remove', member)])
  if (one.isNewGroup && kept === 0 && (await isEmpty(ctx, one))) await runAll(ctx, one, [run({ type: 'archive_group' }, 'archive')])
  return { ...before, undone: { records, kept } }
}

/** Whether the group is there, and the caller may take things out of it. Throws `group.forbidden`, and `group.not_found` for one that it was not to make. */
async function isMade(ctx: Ctx, { groupId, isNewGroup }: Import): Promise<boolean> {
  try {
    await requireGroup(ctx, groupId, 'expense.delete')
    return true
  } catch (error) {
    if (isNewGroup && error instanceof AppError && error.code === 'group.not_found') return false
    throw error
  }
}

/** Whether nothing is in the group that anybody has spent or owes. */
async function isEmpty(ctx: Ctx, { groupId }: Import): Promise<boolean> {
  const { figures, balances } = await listMembers(ctx, groupId)
  return figures.expenseCount === 0 && balances.every(({ paid, owed }) => paid === owed)
}
