// The lossless document of a group as text that is written while it is read, and the files that it names.
import type { Ctx } from '../context.ts'
import { countExpenses, eachExpense, listGroupComments, listGroupSettlements } from '../db/report-rows.ts'
import type { Category } from '../domain/categories.ts'
import { indented } from '../domain/export/canonical.ts'
import { exportDocument } from '../domain/export/format.ts'
import { gatherExport } from '../domain/export/gather.ts'
import { pathOfAttachment } from '../domain/export/manifest.ts'
import type { Attachment, Expense } from '../domain/expense.ts'
import type { ExportedGroup } from './exports.ts'
import { listMembers } from './groups.ts'

/** The document is put together in memory; tables have no such bound. */
const MOST_IN_DOCUMENT = 20_000

export interface GroupDocument {
  readonly texts: AsyncIterable<string>
  /** The files of its expenses by their paths; all of them once the texts have been read. */
  readonly files: ReadonlyMap<string, Attachment>
}

/** The document of the group; `read` is told of every expense that is read. */
export function readDocument(ctx: Ctx, group: ExportedGroup, categories: readonly Category[], read: () => void): GroupDocument {
  const files = new Map<string, Attachment>()
  const noted = ({ attachments }: Expense): void => {
    read()
    for (const file of attachments) files.set(pathOfAttachment(file), file)
  }
  return { texts: textsOf(ctx, group, categories, noted), files }
}

async function* textsOf(
  ctx: Ctx,
  { access, info }: ExportedGroup,
  categories: readonly Category[],
  noted: (expense: Expense) => void,
): AsyncGenerator<string> {
  const d1 = ctx.db.$client
  if ((await countExpenses(d1, access)) > MOST_IN_DOCUMENT)
    throw new Error(`At most ${MOST_IN_DOCUMENT} expenses fit into a document; take csv or xlsx`)
  const expenses: Expense[] = []
  for await (const expense of eachExpense(d1, access, undefined, true)) {
    expenses.push(expense)
    noted(expense)
  }
  const [{ members }, comments, settlements] = await Promise.all([
    listMembers(ctx, info.id),
    listGroupComments(d1, access),
    listGroupSettlements(d1, access),
  ])
  yield exportDocument(gatherExport({ info, members, expenses, comments, settlements, categories }))
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
