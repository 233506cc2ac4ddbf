// Reading expenses. Membership stands inside each statement, so there is no reading without it; a list takes so
// many rows from each of the viewer's groups and merges them, so its cost does not grow with what is in them.
import type { Category } from '../domain/categories.ts'
import { findSystemCategory } from '../domain/categories.ts'
import { USD, type Currency } from '../domain/currency.ts'
import type { Comment, Expense, MemberId } from '../domain/expense.ts'
import type { ExpenseFilter, Sort } from '../domain/expense-filter.ts'
import type { ExpenseDetail, ExpenseView, Person, Square } from '../domain/expense-view.ts'
import { balanceKey } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import { rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import { crossRate } from '../domain/rates.ts'
import { afterClause, filterClauses, isUnfiltered, orderOf, orderText } from './expense-query.ts'

interface ExpenseRow {
  readonly body: string
  /** Only where one expense is read. */
  readonly more?: string
  readonly group_id: Id<'group'>
  readonly own_categories: string | null
  readonly date: string
  readonly amount_milli: number
  readonly [column: string]: string | number | null
}

interface PersonRow {
  readonly id: MemberId
  readonly user_id: Id<'user'> | null
  readonly name: string
  readonly avatar_key: string | null
  readonly group_id: Id<'group'>
  readonly group_name: string
  readonly is_personal: number
  readonly expense_count: number
  readonly currency: Currency | null
  readonly square_seq: number | null
  readonly square_at: number | null
}

const PEOPLE = `SELECT m.id, m.user_id, m.name, m.avatar_key, g.id AS group_id, g.name AS group_name, g.is_personal, g.expense_count, b.currency, b.square_seq, b.square_at
FROM members v JOIN groups g ON g.id = v.group_id JOIN members m ON m.group_id = g.id LEFT JOIN balances b ON b.group_id = g.id AND b.member_id = m.id
WHERE v.user_id = ? AND v.status = 'active'`

/** The last rates published in the week before the expense's day, of its currency and the dollar. */
const RATES = `SELECT c.value AS currency, (SELECT per_euro FROM rates WHERE currency = c.value AND date BETWEEN date(e.date, '-7 days') AND e.date ORDER BY date DESC LIMIT 1) AS per_euro
FROM expenses e JOIN json_each(json_array(e.currency, 'USD')) c WHERE e.id = ?`

/** As JSON, the categories of an expense `e` that somebody made for themselves; what is uncategorised costs no look. */
const OWN_CATEGORIES = `CASE WHEN e.category_id IS NULL THEN NULL ELSE (SELECT json_group_array(json_object('id', c.id, 'name', c.name, 'icon', c.icon, 'color', c.color))
FROM categories c WHERE c.id IN (SELECT value FROM json_each(e.body, '$.categoryIds'))) END AS own_categories`

/** What the rows of `PEOPLE` tell: who is who, who is square, and which groups there are. */
function surroundingsOf(rows: readonly PersonRow[]) {
  const people = new Map<MemberId, Person>()
  const squares = new Map<string, Square>()
  const groups = new Map<Id<'group'>, ExpenseView['group'] & { expenseCount: number }>()
  for (const row of rows) {
    people.set(row.id, {
      id: row.id,
      name: row.name,
      ...(row.user_id !== null && { userId: row.user_id }),
      ...(row.avatar_key !== null && { avatarKey: row.avatar_key }),
    })
    if (row.currency !== null) squares.set(balanceKey(row.id, row.currency), { seq: row.square_seq ?? 0, at: row.square_at ?? 0 })
    groups.set(row.group_id, { id: row.group_id, name: row.group_name, isPersonal: row.is_personal === 1, expenseCount: row.expense_count })
  }
  return { people, squares, groups }
}

function categoriesOf(expense: Expense, row: Pick<ExpenseRow, 'own_categories'>): Category[] {
  if (expense.categoryIds.length === 0) return []
  const own = JSON.parse(row.own_categories ?? '[]') as Omit<Category, 'isDefault'>[]
  const known = new Map(own.map((category) => [category.id, { ...category, isDefault: false }]))
  return expense.categoryIds.flatMap((id) => findSystemCategory(id) ?? known.get(id) ?? [])
}

/**
 * The expenses in the viewer's groups that match. Undefined when the filter names a group that the viewer is
 * not in.
 */
export async function listExpenses(
  d1: D1Database,
  viewer: Id<'user'>,
  filter: ExpenseFilter,
  sorts: readonly Sort[],
  page: PageRequest,
): Promise<Page<ExpenseView> | undefined> {
  const order = orderOf(sorts)
  const after = page.after === undefined ? undefined : afterClause(order, page.after)
  const filters = filterClauses(filter, viewer)
  const conditions = after === undefined ? filters : [...filters, after]
  const inGroup = filter.groupId === undefined ? '' : ' AND v.group_id = ?'
  const scope = filter.groupId === undefined ? [viewer] : [viewer, filter.groupId]
  const offset = rowsBefore(page)
  const where = (clauses: typeof filters): string => clauses.map((clause) => clause.text).join(' AND ')
  const params = (clauses: typeof filters) => clauses.flatMap((clause) => clause.params)
  const rows = d1
    .prepare(
      `SELECT e.body, e.group_id, ${order.map(({ column }) => `e.${column}`).join(', ')}, ${OWN_CATEGORIES} FROM members v JOIN expenses e ON e.n IN
       (SELECT x.n FROM expenses x WHERE x.group_id = v.group_id AND ${where(conditions)} ORDER BY ${orderText(order, 'x')} LIMIT ?)
       WHERE v.user_id = ? AND v.status = 'active'${inGroup} ORDER BY ${orderText(order, 'e')} LIMIT ? OFFSET ?`,
    )
    .bind(...params(conditions), offset + page.size + 1, ...scope, page.size + 1, offset)
  const people = d1.prepare(`${PEOPLE}${inGroup}`).bind(...scope)
  const count = d1
    .prepare(
      `SELECT COUNT(*) AS total FROM members v JOIN expenses x ON x.group_id = v.group_id WHERE v.user_id = ? AND v.status = 'active'${inGroup} AND ${where(filters)}`,
    )
    .bind(...scope, ...params(filters))
  const isCounted = isUnfiltered(filter)
  const [found, around, counted] = await d1.batch<ExpenseRow & PersonRow & { total: number }>(
    isCounted ? [rows, people] : [rows, people, count],
  )
  const { groups, ...rest } = surroundingsOf(around?.results ?? [])
  if (filter.groupId !== undefined && !groups.has(filter.groupId)) return undefined
  const shown = found?.results.slice(0, page.size) ?? []
  const last = shown.at(-1)
  const isMore = (found?.results.length ?? 0) > page.size
  return {
    items: shown.flatMap((row) => viewOfRow(row, groups, rest)),
    total: isCounted ? [...groups.values()].reduce((total, group) => total + group.expenseCount, 0) : (counted?.results[0]?.total ?? 0),
    request: page,
    ...(isMore && last !== undefined && { next: order.map(({ column }) => last[column] ?? null) }),
  }
}

function viewOfRow(
  row: ExpenseRow,
  groups: ReadonlyMap<Id<'group'>, ExpenseView['group']>,
  rest: Pick<ExpenseView, 'people' | 'squares'>,
): ExpenseView[] {
  const group = groups.get(row.group_id)
  if (group === undefined) return []
  const line = JSON.parse(row.body) as Expense
  const expense = row.more === undefined ? line : { ...line, ...(JSON.parse(row.more) as Partial<Expense>) }
  return [{ expense, group, ...rest, categories: categoriesOf(expense, row) }]
}

interface DetailRows extends ExpenseRow, PersonRow {
  readonly id: MemberId
  readonly group_id: Id<'group'>
  readonly per_euro: string | null
}

/** The expense with all that its page shows, if the viewer is in its group. */
export async function findExpense(d1: D1Database, viewer: Id<'user'>, id: Id<'expense'>): Promise<ExpenseDetail | undefined> {
  const its = '(SELECT group_id FROM expenses WHERE id = ?)'
  const [found, around, comments, rates] = await d1.batch<DetailRows>([
    d1
      .prepare(
        `SELECT e.body, e.more, e.group_id, ${OWN_CATEGORIES} FROM expenses e JOIN members v ON v.group_id = e.group_id AND v.user_id = ? AND v.status = 'active' WHERE e.id = ?`,
      )
      .bind(viewer, id),
    d1.prepare(`${PEOPLE} AND v.group_id = ${its}`).bind(viewer, id),
    d1
      .prepare('SELECT id, member_id AS memberId, text, created_at AS createdAt FROM comments WHERE expense_id = ? ORDER BY id LIMIT 200')
      .bind(id),
    d1.prepare(RATES).bind(id),
  ])
  const row = found?.results[0]
  if (row === undefined) return undefined
  const { groups, ...rest } = surroundingsOf(around?.results ?? [])
  const [view] = viewOfRow(row, groups, rest)
  if (view === undefined) return undefined
  const perEuro = new Map(
    (rates?.results ?? []).flatMap(({ currency, per_euro: rate }) => (rate === null ? [] : [[currency, rate] as const])),
  )
  const usdRate = crossRate(perEuro, view.expense.currency, USD)
  return {
    ...view,
    comments: ((comments?.results ?? []) as unknown as CommentRow[]).map((c) => ({
      id: c.id,
      expenseId: id,
      member: c.memberId,
      text: c.text,
      createdAt: c.createdAt,
    })),
    ...(usdRate !== undefined && { usdRate }),
  }
}

interface CommentRow {
  readonly id: Comment['id']
  readonly memberId: MemberId
  readonly text: string
  readonly createdAt: number
}

/** The group an expense is in; it never changes. Tells nothing about who may see either. */
export async function findGroupOfExpense(d1: D1Database, id: Id<'expense'>): Promise<Id<'group'> | undefined> {
  return (await d1.prepare('SELECT group_id FROM expenses WHERE id = ?').bind(id).first<Id<'group'>>('group_id')) ?? undefined
}
