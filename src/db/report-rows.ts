// What reports and exports are made from: everything of a group in a period, a page at a time, for whoever has proof that
// they may see it.
import type { GroupAccess } from '../domain/access.ts'
import type { Comment, Expense, MemberId } from '../domain/expense.ts'
import type { Id } from '../domain/ids.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { Day } from '../domain/time.ts'

const PAGE = 500

/** The group's expenses by day, deleted ones only if asked for. */
export async function* eachExpense(
  d1: D1Database,
  { groupId }: GroupAccess,
  span: { readonly from: Day; readonly to: Day } | undefined,
  isWhole = false,
): AsyncGenerator<Expense> {
  let after: readonly [string, string] = [span?.from ?? '', '']
  for (;;) {
    const { results } = await d1
      .prepare(
        `SELECT id, date, body, more FROM expenses WHERE group_id = ? AND (date, id) > (?, ?) AND date <= ?${isWhole ? '' : ' AND deleted_at IS NULL'} ORDER BY date, id LIMIT ?`,
      )
      .bind(groupId, ...after, span?.to ?? '9999-12-31', PAGE)
      .all<{ id: string; date: string; body: string; more: string }>()
    for (const { body, more } of results) yield { ...(JSON.parse(body) as Expense), ...(JSON.parse(more) as Partial<Expense>) }
    const last = results.at(-1)
    if (last === undefined || results.length < PAGE) return
    after = [last.date, last.id]
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

export async function listGroupComments(d1: D1Database, { groupId }: GroupAccess): Promise<Comment[]> {
  const { results } = await d1
    .prepare(
      'SELECT id, expense_id AS expenseId, member_id AS member, text, created_at AS createdAt FROM comments WHERE group_id = ? ORDER BY id',
    )
    .bind(groupId)
    .all<Comment>()
  return results
}

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
