// What reports and exports are made from: everything of a group in a period, a page at a time, for whoever has proof that
// they may see it.
import type { GroupAccess } from '../domain/access.ts'
import type { Comment, Expense, MemberId } from '../domain/expense.ts'
import type { Id } from '../domain/ids.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { Day } from '../domain/time.ts'

const PAGE = 500

interface ExpenseRow {
  readonly id: string
  readonly date: string
  readonly body: string
  readonly more: string
  /** A list of them as JSON, where they were asked for. */
  readonly comments?: string
}

interface ExpenseQuery {
  readonly span?: { readonly from: Day; readonly to: Day } | undefined
  /** Deleted ones too. */
  readonly isWhole: boolean
  readonly hasComments?: boolean
}

const COMMENTS = `, (SELECT json_group_array(json_object('id', c.id, 'expenseId', c.expense_id, 'member', c.member_id, 'text', c.text, 'createdAt', c.created_at))
  FROM comments c WHERE c.expense_id = expenses.id) AS comments`

async function* expenseRows(
  d1: D1Database,
  { groupId }: GroupAccess,
  { span, isWhole, hasComments = false }: ExpenseQuery,
): AsyncGenerator<ExpenseRow> {
  let after: readonly [string, string] = [span?.from ?? '', '']
  const columns = `id, date, body, more${hasComments ? COMMENTS : ''}`
  for (;;) {
    const { results } = await d1
      .prepare(
        `SELECT ${columns} FROM expenses WHERE group_id = ? AND (date, id) > (?, ?) AND date <= ?${isWhole ? '' : ' AND deleted_at IS NULL'} ORDER BY date, id LIMIT ?`,
      )
      .bind(groupId, ...after, span?.to ?? '9999-12-31', PAGE)
      .all<ExpenseRow>()
    yield* results
    const last = results.at(-1)
    if (last === undefined || results.length < PAGE) return
    after = [last.date, last.id]
  }
}

const expenseOfRow = ({ body, more }: ExpenseRow): Expense => ({
  ...(JSON.parse(body) as Expense),
  ...(JSON.parse(more) as Partial<Expense>),
})

/** The group's expenses by day, deleted ones only if asked for. */
export async function* eachExpense(
  d1: D1Database,
  access: GroupAccess,
  span: { readonly from: Day; readonly to: Day } | undefined,
  isWhole = false,
): AsyncGenerator<Expense> {
  for await (const row of expenseRows(d1, access, { span, isWhole })) yield expenseOfRow(row)
}

/** All of the group's expenses by day, deleted ones too, each with its comments in any order. */
export async function* eachExpenseWithComments(
  d1: D1Database,
  access: GroupAccess,
): AsyncGenerator<{ readonly expense: Expense; readonly comments: readonly Comment[] }> {
  for await (const row of expenseRows(d1, access, { isWhole: true, hasComments: true }))
    yield { expense: expenseOfRow(row), comments: JSON.parse(row.comments ?? '[]') as Comment[] }
}

/** The categories that the group's expenses are filed under. */
export async function listUsedCategories(d1: D1Database, { groupId }: GroupAccess): Promise<Set<string>> {
  const { results } = await d1
    .prepare("SELECT DISTINCT j.value AS id FROM expenses e, json_each(e.body, '$.categoryIds') j WHERE e.group_id = ?")
    .bind(groupId)
    .all<{ id: string }>()
  return new Set(results.map(({ id }) => id))
}

/** The group's settlements a page at a time. */
export async function* eachSettlement(d1: D1Database, { groupId }: GroupAccess): AsyncGenerator<Settlement> {
  for (let after = ''; ;) {
    const { results } = await d1
      .prepare('SELECT id, body FROM settlements WHERE group_id = ? AND id > ? ORDER BY id LIMIT ?')
      .bind(groupId, after, PAGE)
      .all<{ id: string; body: string }>()
    for (const { body } of results) yield JSON.parse(body) as Settlement
    const last = results.at(-1)
    if (last === undefined || results.length < PAGE) return
    after = last.id
  }
}

/** How many expenses the group has in the span. */
export async function countExpenses(
  d1: D1Database,
  { groupId }: GroupAccess,
  span?: { readonly from: Day; readonly to: Day },
): Promise<number> {
  const row = await d1
    .prepare('SELECT COUNT(*) AS n FROM expenses WHERE group_id = ? AND date BETWEEN ? AND ?')
    .bind(groupId, span?.from ?? '', span?.to ?? '9999-12-31')
    .first<number>('n')
  return row ?? 0
}

async function all<T>(d1: D1Database, table: 'settlements' | 'receipts', { groupId }: GroupAccess): Promise<T[]> {
  const { results } = await d1.prepare(`SELECT body FROM ${table} WHERE group_id = ? ORDER BY id`).bind(groupId).all<{ body: string }>()
  return results.map(({ body }) => JSON.parse(body) as T)
}

export const listGroupSettlements = (d1: D1Database, access: GroupAccess): Promise<Settlement[]> => all(d1, 'settlements', access)
export const listGroupReceipts = (d1: D1Database, access: GroupAccess): Promise<Receipt[]> => all(d1, 'receipts', access)

export interface NamedPerson {
  readonly id: MemberId
  readonly userId: Id<'user'> | null
  readonly name: string
}

/** Everybody who is or was in the group. */
export async function listGroupPeople(d1: D1Database, { groupId }: GroupAccess): Promise<NamedPerson[]> {
  const { results } = await d1
    .prepare('SELECT id, user_id AS userId, name FROM members WHERE group_id = ?')
    .bind(groupId)
    .all<NamedPerson>()
  return results
}
