// Expenses. A change goes to the group that the expense is in as a command; a reading goes to D1, with the
// reader's membership inside the statement.
import { signedIn, type Ctx } from '../context.ts'
import { findExpense, findGroupOfExpense, listExpenses as selectExpenses, type PagePrint } from '../db/expenses.ts'
import { findRate } from '../db/rates.ts'
import { findSystemCategory, type Category } from '../domain/categories.ts'
import { isCurrency } from '../domain/currency.ts'
import { AppError } from '../domain/errors.ts'
import type { Comment } from '../domain/expense.ts'
import type { ExpenseFilter, Sort } from '../domain/expense-filter.ts'
import { viewOfOutcome, type ExpenseDetail, type ExpenseView, type Person } from '../domain/expense-view.ts'
import type { Command, ExpenseDraft, ExpenseFields } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Day } from '../domain/time.ts'
import { requireCategory } from './categories.ts'
import { runCommand } from './command.ts'
import { KeptReadings } from './kept.ts'

export interface CreateExpense {
  /** Absent for a personal expense. */
  readonly groupId?: Id<'group'>
  readonly draft: ExpenseDraft
  /** The receipt that it is made from, and whether its lines are open to be claimed. */
  readonly receipt?: Id<'receipt'>
  readonly isClaimed?: boolean
}

type ExpenseCommand = Extract<Command, { readonly id: Id<'expense'> }>

/** In which group each expense is, as this isolate has seen; it never changes, so it is never wrong. */
const groups = new Map<Id<'expense'>, Id<'group'>>()
const GROUPS_KEPT = 20_000

function rememberGroup(id: Id<'expense'>, groupId: Id<'group'>): void {
  if (groups.size >= GROUPS_KEPT) groups.clear()
  groups.set(id, groupId)
}

/** The group the expense is in. Throws `expense.not_found`; whether the caller may see it, the group decides. */
export async function groupOfExpense(ctx: Ctx, id: Id<'expense'>): Promise<Id<'group'>> {
  const known = groups.get(id) ?? (await findGroupOfExpense(ctx.db.$client, id))
  if (known === undefined) throw new AppError('expense.not_found')
  rememberGroup(id, known)
  return known
}

/** Runs a command that may need a rate; where the group asks for one that the table has, it is pinned on the expense. */
async function runPriced(ctx: Ctx, groupId: Id<'group'>, date: Day, command: (rate?: string) => ExpenseCommand): Promise<Outcome> {
  try {
    return await runCommand(ctx, groupId, command())
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'expense.rate_unknown') throw error
    const { expected: to, got: from } = error.details[0] ?? {}
    if (to === undefined || from === undefined || !isCurrency(to) || !isCurrency(from)) throw error
    const rate = await findRate(ctx.db.$client, from, to, date)
    if (rate === undefined) throw error
    return runCommand(ctx, groupId, command(rate))
  }
}

const categoriesOf = (ctx: Ctx, ids: readonly Id<'category'>[] = []): Promise<Category[]> =>
  Promise.all(ids.map((id) => requireCategory(ctx, id)))

export async function createExpense(ctx: Ctx, input: CreateExpense): Promise<ExpenseView> {
  const groupId = input.groupId ?? signedIn(ctx).personalGroupId
  const categories = await categoriesOf(ctx, input.draft.categoryIds)
  const id = newId('expense')
  const outcome = await runPriced(ctx, groupId, input.draft.date, (rate) => ({
    type: 'record_expense',
    id,
    ...(input.receipt && { receipt: input.receipt }),
    ...(input.isClaimed === true && { isClaimed: true as const }),
    draft: rate === undefined ? input.draft : { ...input.draft, rate },
  }))
  const { expense } = outcome.entry
  if (expense !== undefined && !ctx.isDryRun) rememberGroup(expense.id, groupId)
  return viewOfOutcome(outcome, categories)
}

/** The expense after a change of it. Categories that somebody else made are looked up where the expense is. */
async function changed(ctx: Ctx, outcome: Outcome): Promise<ExpenseView> {
  const { id, categoryIds } = outcome.entry.expense ?? { categoryIds: [] }
  const system = categoryIds.flatMap((categoryId) => findSystemCategory(categoryId) ?? [])
  if (id === undefined || system.length === categoryIds.length) return viewOfOutcome(outcome, system)
  const found = await findExpense(ctx.db.$client, signedIn(ctx).userId, id)
  return viewOfOutcome(outcome, found?.categories ?? system)
}

export async function updateExpense(ctx: Ctx, id: Id<'expense'>, fields: ExpenseFields, isSplitOnly = false): Promise<ExpenseView> {
  const groupId = await groupOfExpense(ctx, id)
  await categoriesOf(ctx, fields.categoryIds)
  const date = fields.date ?? (fields.currency === undefined ? undefined : (await getExpense(ctx, id)).expense.date)
  const command = (rate?: string): ExpenseCommand => ({
    type: 'update_expense',
    id,
    fields: rate === undefined ? fields : { ...fields, rate },
    ...(isSplitOnly && { splitOnly: true }),
  })
  const outcome = date === undefined ? await runCommand(ctx, groupId, command()) : await runPriced(ctx, groupId, date, command)
  return changed(ctx, outcome)
}

export const updateExpenseSplit = (ctx: Ctx, id: Id<'expense'>, fields: ExpenseFields): Promise<ExpenseView> =>
  updateExpense(ctx, id, fields, true)

const step =
  (type: 'delete_expense' | 'restore_expense' | 'approve_expense' | 'reject_expense') =>
  async (ctx: Ctx, id: Id<'expense'>): Promise<ExpenseView> =>
    changed(ctx, await runCommand(ctx, await groupOfExpense(ctx, id), { type, id }))

export const deleteExpense = async (ctx: Ctx, id: Id<'expense'>): Promise<void> => {
  await runCommand(ctx, await groupOfExpense(ctx, id), { type: 'delete_expense', id })
}
export const restoreExpense = step('restore_expense')
export const approveExpense = step('approve_expense')
export const rejectExpense = step('reject_expense')

export async function addExpenseComment(
  ctx: Ctx,
  id: Id<'expense'>,
  text: string,
): Promise<{ comment: Comment; author: Person | undefined; version: number }> {
  const outcome = await runCommand(ctx, await groupOfExpense(ctx, id), { type: 'comment_expense', id, comment: newId('comment'), text })
  const { comment, expense } = outcome.entry
  if (comment === undefined || expense === undefined) throw new Error('a comment is answered with the comment')
  return { comment, author: outcome.members.find((m) => m.id === comment.member), version: expense.version }
}

export async function getExpense(ctx: Ctx, id: Id<'expense'>): Promise<ExpenseDetail> {
  const found = await findExpense(ctx.db.$client, signedIn(ctx).userId, id)
  if (found === undefined) throw new AppError('expense.not_found')
  rememberGroup(id, found.expense.groupId)
  return found
}

/** Pages that this isolate has read, by who read them and what was asked. As objects they take some ten times the room. */
const pages = new KeptReadings<Page<ExpenseView>, PagePrint>(2_000_000)

/** A page of the expenses in all the caller's groups, or in one of them; the same object until something in it changes. */
export async function listExpenses(ctx: Ctx, filter: ExpenseFilter, sorts: readonly Sort[], page: PageRequest): Promise<Page<ExpenseView>> {
  const { userId } = signedIn(ctx)
  const found = await pages.read(JSON.stringify([userId, filter, sorts, page]), (print) =>
    selectExpenses(ctx.db.$client, userId, filter, sorts, page, print),
  )
  if (found === undefined) throw new AppError('group.not_found')
  return found
}

const MOST_LISTED = 10_000

/** The expenses in all the caller's groups, the newest first, for surfaces without pages; at most 10,000. */
export async function listAllExpenses(ctx: Ctx): Promise<ExpenseView[]> {
  const all: ExpenseView[] = []
  for (let request: PageRequest | undefined = { page: 1, size: 100 }; request !== undefined && all.length < MOST_LISTED;) {
    const page: Page<ExpenseView> = await listExpenses(ctx, {}, [], request)
    all.push(...page.items)
    request = page.next && { page: request.page + 1, size: request.size, after: page.next }
  }
  return all
}
