// The lossless document of a group as text that is written while it is read.
import type { Ctx } from '../context.ts'
import { eachExpenseWithComments, eachSettlement, listUsedCategories } from '../db/report-rows.ts'
import type { Category } from '../domain/categories.ts'
import { indented } from '../domain/export/canonical.ts'
import { gatherExpense, gatherFrame, gatherSettlement } from '../domain/export/gather.ts'
import { DocumentPieces } from '../domain/export/pieces.ts'
import type { Expense } from '../domain/expense.ts'
import type { ExportedGroup } from './exports.ts'
import { listMembers } from './groups.ts'

/** The text of the document; `read` is told of every expense that is written. Throws `export.too_large`. */
export async function* documentTexts(
  ctx: Ctx,
  { access, info }: ExportedGroup,
  categories: readonly Category[],
  read: (expense: Expense) => void,
): AsyncGenerator<string> {
  const d1 = ctx.db.$client
  const [{ members }, used] = await Promise.all([listMembers(ctx, info.id), listUsedCategories(d1, access)])
  const frame = gatherFrame({ info, members, categories }, used)
  // An expense that comes while this is read is told without a category that none had before.
  const known = new Set(frame.categories.map(({ id }) => id))
  const pieces = new DocumentPieces(frame)
  if (pieces.needsRecords) await noteRecords(ctx, { access, known }, pieces)
  yield pieces.head()
  for await (const { expense, comments } of eachExpenseWithComments(d1, access)) {
    read(expense)
    yield* pieces.expense(gatherExpense(expense, comments, known))
  }
  for await (const settlement of eachSettlement(d1, access)) pieces.settlement(gatherSettlement(settlement))
  yield* pieces.end()
}

/** Members of one name are told apart by what is said of them, so all of it is read once before. */
async function noteRecords(
  ctx: Ctx,
  { access, known }: Pick<ExportedGroup, 'access'> & { readonly known: ReadonlySet<string> },
  pieces: DocumentPieces,
): Promise<void> {
  const d1 = ctx.db.$client
  for await (const settlement of eachSettlement(d1, access)) pieces.note(gatherSettlement(settlement))
  for await (const { expense, comments } of eachExpenseWithComments(d1, access)) {
    if (!pieces.needsRecords) return
    pieces.note(gatherExpense(expense, comments, known))
  }
}

/** The texts as an entry of a list, without their last line end. */
export async function* entryOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let end = ''
  for await (const text of texts) {
    const whole = end + text
    end = whole.endsWith('\n') ? '\n' : ''
    yield indented(whole.slice(0, whole.length - end.length))
  }
}
