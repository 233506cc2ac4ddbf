// Takes an import out of its group again: whatever it brought and nobody has deleted since, in one step for whoever asks.
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { listImportedLines, releaseLines, type Import } from '../db/imports.ts'
import type { Command } from '../domain/commands.ts'
import { AppError } from '../domain/errors.ts'
import type { ErrorCode } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { ImportResult } from '../domain/import/settings.ts'
import { requireGroup } from '../services/access.ts'
import { ignoringRefusal } from '../services/import-target.ts'
import { runAll, stepOf } from '../services/import-steps.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'

const TOGETHER = 60
const NOTHING: ImportResult = { expenses: 0, settlements: 0, skipped: 0, refused: 0, refusals: [], guests: [] }

/** What is not there any more is as good as taken out. */
const GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['expense.deleted', 'expense.not_found', 'settlement.not_found'])

const takeOut = (record: string): Command =>
  isId('expense', record) ? { type: 'delete_expense', id: record } : { type: 'withdraw_settlement', settlement: record as `stl_${string}` }

/** Takes everything out. What the group refuses to let go stays, and stays known as imported. */
export async function undoImport(at: JobContext, ctx: Ctx, one: Import, progress: Progress): Promise<ImportResult> {
  await requireGroup(ctx, one.groupId, 'expense.delete')
  const before = one.result ?? NOTHING
  const total = before.expenses + before.settlements
  let [seen, kept, after] = [0, 0, '']
  await progress(0, total)
  for (;;) {
    const lines = await listImportedLines(at.db, one.id, after, TOGETHER)
    const last = lines.at(-1)
    if (last === undefined) break
    const failures = await runAll(
      ctx,
      one,
      lines.map(({ recordId }) => stepOf(ctx, one, takeOut(recordId), 'undo', recordId)),
    )
    if (failures.some((failed) => failed?.code === 'group.archived')) throw new AppError('group.archived')
    const out = lines.filter((_, i) => failures[i] === undefined || GONE.has(failures[i].code))
    await runBatch(at.db, [
      releaseLines(
        at.db,
        one.groupId,
        out.map(({ identity }) => identity),
      ),
    ])
    seen += lines.length
    kept += lines.length - out.length
    after = last.recordId
    await progress(seen, Math.max(total, seen))
  }
  await clearGroup(ctx, one, before, kept)
  return { ...before, undone: { records: total - kept, kept } }
}

/** Takes those out who came with it and have nothing open, and lays a group aside that was made for it and is empty now. */
async function clearGroup(ctx: Ctx, one: Import, { guests }: ImportResult, kept: number): Promise<void> {
  const run = (command: Command, ...name: readonly string[]): Promise<void> =>
    ignoringRefusal(runAll(ctx, one, [stepOf(ctx, one, command, 'undo', ...name)]))
  for (const member of guests) await run({ type: 'remove_member', member }, member)
  const { view } = await requireGroup(ctx, one.groupId, 'group.read')
  if (one.isNewGroup && kept === 0 && view.figures.expenseCount === 0) await run({ type: 'archive_group' }, 'archive')
}
