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
import { rowsBefore, type Page, type PageRequest, type SortKey } from '../domain/page.ts'
import { crossRate } from '../domain/rates.ts'
import { COUNT_PARAM } from './client.ts'
import { afterClause, filterClauses, isUnfiltered, orderOf, orderText } from './expense-query.ts'

/** How D1 tells an expense: with the sort keys of the list it is in, and with categories that somebody made for themselves. */
type ExpenseRow = readonly [expense: Expense, own: Own, keys: readonly SortKey[]]

/** A member, once for each currency of their balances. */
type PersonRow = readonly [
  group: Id<'group'>,
  id: MemberId,
  userId: Id<'user'> | null,
  name: string,
  avatarKey: string | null,
  currency: Currency | null,
  squareSeq: number | null,
  squareAt: number | null,
]

type GroupRow = readonly [id: Id<'group'>, name: string, isPersonal: 0 | 1, expenseCount: number]

/** Columns are JSON: one row with all of a page costs the way from D1 a third of what a row for each expense does. */
interface Surroundings {
  readonly groups: string
  readonly people: string
}

/** The groups that the viewer is in, and of them those that the condition leaves. */
const viewed = (condition = ''): string =>
  `WITH v AS MATERIALIZED (SELECT g.id, g.name, g.is_personal, g.expense_count, g.head FROM members m JOIN groups g ON g.id = m.group_id WHERE m.user_id = ? AND m.status = 'active'${condition})`

const SURROUNDINGS = `(SELECT json_group_array(json_array(id, name, is_personal, expense_count)) FROM v) AS groups,
(SELECT json_group_array(json_array(v.id, m.id, m.user_id, m.name, m.avatar_key, b.currency, b.square_seq, b.square_at))
FROM v CROSS JOIN members m ON m.group_id = v.id LEFT JOIN balances b ON b.group_id = v.id AND b.member_id = m.id) AS people`

/** The last rates published in the week before the expense's day, of its currency and the dollar. */
const RATES = `(SELECT json_group_array(json_array(c.value, (SELECT per_euro FROM rates WHERE currency = c.value AND date BETWEEN date(e.date, '-7 days') AND e.date ORDER BY date DESC LIMIT 1)))
FROM json_each(json_array(e.currency, 'USD')) c)`

const COMMENTS = `(SELECT json_group_array(json_array(id, member_id, text, created_at)) FROM (SELECT * FROM comments WHERE expense_id = e.id ORDER BY id LIMIT 200))`

/** The categories of an expense `e` that somebody made for themselves; what is uncategorised costs no look. */
const OWN_CATEGORIES = `CASE WHEN e.category_id IS NULL THEN '[]' ELSE (SELECT json_group_array(json_object('id', c.id, 'name', c.name, 'icon', c.icon, 'color', c.color))
FROM categories c WHERE c.id IN (SELECT value FROM json_each(e.body, '$.categoryIds'))) END`

/** Who is who, who is square, and which groups there are. */
function surroundingsOf(row: Surroundings) {
  const people = new Map<MemberId, Person>()
  const squares = new Map<string, Square>()
  for (const [, id, userId, name, avatarKey, currency, seq, at] of JSON.parse(row.people) as readonly PersonRow[]) {
    people.set(id, { id, name, ...(userId !== null && { userId }), ...(avatarKey !== null && { avatarKey }) })
    if (currency !== null) squares.set(balanceKey(id, currency), { seq: seq ?? 0, at: at ?? 0 })
  }
  const rows = JSON.parse(row.groups) as readonly GroupRow[]
  const groups = new Map(rows.map(([id, name, isPersonal]) => [id, { id, name, isPersonal: isPersonal === 1 }]))
  return { people, squares, groups, expenseCount: rows.reduce((total, [, , , count]) => total + count, 0) }
}

type Own = readonly Omit<Category, 'isDefault'>[]

function categoriesOf(expense: Expense, own: Own): Category[] {
  if (expense.categoryIds.length === 0) return []
  const known = new Map(own.map((category) => [category.id, { ...category, isDefault: false }]))
  return expense.categoryIds.flatMap((id) => findSystemCategory(id) ?? known.get(id) ?? [])
}

function viewOf(expense: Expense, own: Own, { groups, people, squares }: ReturnType<typeof surroundingsOf>): ExpenseView[] {
  const group = groups.get(expense.groupId)
  return group === undefined ? [] : [{ expense, group, people, squares, categories: categoriesOf(expense, own) }]
}

/**
 * What a page of expenses was made of: the heads of the viewer's groups, behind which everything in them stands, and
 * the categories that people made for themselves, which belong to no group.
 */
export interface PagePrint {
  readonly heads: string
  readonly categories: string
}

const HAS_CHANGED = `heads IS NOT ? OR EXISTS (SELECT 1 FROM json_each(?) k LEFT JOIN categories c ON c.id = k.value->>0
WHERE (c.name, c.icon, c.color) IS NOT (k.value->>1, k.value->>2, k.value->>3))`

/** Those categories as the statement above compares them; one that is unknown might become known. */
function printOfCategories(lines: readonly ExpenseRow[]): string {
  const own = new Map(lines.flatMap(([, categories]) => categories.map((c) => [c.id, c] as const)))
  const ids = new Set(lines.flatMap(([expense]) => expense.categoryIds.filter((id) => findSystemCategory(id) === undefined)))
  const looks = [...ids].map((id) => [id, own.get(id)?.name ?? null, own.get(id)?.icon ?? null, own.get(id)?.color ?? null])
  return JSON.stringify(looks)
}

interface FoundPage {
  readonly value: Page<ExpenseView>
  readonly print: PagePrint
  readonly size: number
}

interface PageRow extends Surroundings {
  readonly heads: string
  readonly lines: string | null
  readonly total: number | null
}

/**
 * The expenses in the viewer's groups that match; `unchanged` when the page would be the same as the one with that
 * print. Undefined when the filter names a group that the viewer is not in.
 */
export async function listExpenses(
  d1: D1Database,
  viewer: Id<'user'>,
  filter: ExpenseFilter,
  sorts: readonly Sort[],
  page: PageRequest,
  known?: PagePrint,
): Promise<FoundPage | 'unchanged' | undefined> {
  const order = orderOf(sorts)
  const after = page.after === undefined ? undefined : afterClause(order, page.after)
  const filters = filterClauses(filter, viewer)
  const conditions = after === undefined ? filters : [...filters, after]
  const offset = rowsBefore(page)
  const where = (clauses: typeof filters): string => clauses.map((clause) => clause.text).join(' AND ')
  const params = (clauses: typeof filters) => clauses.flatMap((clause) => clause.params)
  const isCounted = isUnfiltered(filter)
  const keys = order.map(({ column }) => `e.${column}`).join(', ')
  const found = await d1
    .prepare(
      `${viewed(filter.groupId === undefined ? '' : ' AND m.group_id = ?')}, print AS MATERIALIZED (SELECT COALESCE(group_concat(head), '') AS heads FROM (SELECT head FROM v ORDER BY id))
SELECT heads, (SELECT '[' || group_concat(line) || ']' FROM (SELECT '[' || e.body || ',' || ${OWN_CATEGORIES} || ',' || json_array(${keys}) || ']' AS line FROM v CROSS JOIN expenses e ON e.n IN
  (SELECT x.n FROM expenses x WHERE x.group_id = v.id AND ${where(conditions)} ORDER BY ${orderText(order, 'x')} LIMIT ${COUNT_PARAM})
  ORDER BY ${orderText(order, 'e')} LIMIT ${COUNT_PARAM} OFFSET ${COUNT_PARAM})) AS lines,
${isCounted ? 'NULL' : `(SELECT COUNT(*) FROM v CROSS JOIN expenses x ON x.group_id = v.id AND ${where(filters)})`} AS total, ${SURROUNDINGS}
FROM print WHERE ${HAS_CHANGED}`,
    )
    .bind(
      viewer,
      ...(filter.groupId === undefined ? [] : [filter.groupId]),
      ...params(conditions),
      offset + page.size + 1,
      page.size + 1,
      offset,
      ...(isCounted ? [] : params(filters)),
      known?.heads ?? null,
      known?.categories ?? '[]',
    )
    .first<PageRow>()
  if (found === null) return 'unchanged'
  const around = surroundingsOf(found)
  if (filter.groupId !== undefined && !around.groups.has(filter.groupId)) return undefined
  const lines = JSON.parse(found.lines ?? '[]') as readonly ExpenseRow[]
  const shown = lines.slice(0, page.size)
  const last = shown.at(-1)
  return {
    value: {
      items: shown.flatMap(([expense, own]) => viewOf(expense, own, around)),
      total: found.total ?? around.expenseCount,
      request: page,
      ...(lines.length > page.size && last !== undefined && { next: last[2] }),
    },
    print: { heads: found.heads, categories: printOfCategories(shown) },
    size: (found.lines?.length ?? 0) + found.people.length + found.groups.length,
  }
}

interface DetailRow extends Surroundings {
  readonly body: string
  readonly more: string
  readonly own: string
  readonly comments: string
  readonly rates: string
}

type CommentRow = readonly [id: Comment['id'], member: MemberId, text: string, at: number]

/** The expense with all that its page shows, if the viewer is in its group. */
export async function findExpense(d1: D1Database, viewer: Id<'user'>, id: Id<'expense'>): Promise<ExpenseDetail | undefined> {
  const row = await d1
    .prepare(
      `${viewed(' AND m.group_id = (SELECT group_id FROM expenses WHERE id = ?)')}
SELECT e.body, e.more, ${OWN_CATEGORIES} AS own, ${COMMENTS} AS comments, ${RATES} AS rates, ${SURROUNDINGS} FROM v JOIN expenses e ON e.id = ?`,
    )
    .bind(viewer, id, id)
    .first<DetailRow>()
  if (row === null) return undefined
  const expense = { ...(JSON.parse(row.body) as Expense), ...(JSON.parse(row.more) as Partial<Expense>) }
  const [view] = viewOf(expense, JSON.parse(row.own) as Own, surroundingsOf(row))
  if (view === undefined) return undefined
  const rates = JSON.parse(row.rates) as readonly (readonly [currency: Currency, perEuro: string | null])[]
  const perEuro = new Map(rates.flatMap(([currency, rate]) => (rate === null ? [] : [[currency, rate] as const])))
  const usdRate = crossRate(perEuro, expense.currency, USD)
  const comments = JSON.parse(row.comments) as readonly CommentRow[]
  return {
    ...view,
    comments: comments.map(([commentId, member, text, createdAt]) => ({ id: commentId, expenseId: id, member, text, createdAt })),
    ...(usdRate !== undefined && { usdRate }),
  }
}

/** The group an expense is in; it never changes. Tells nothing about who may see either. */
export async function findGroupOfExpense(d1: D1Database, id: Id<'expense'>): Promise<Id<'group'> | undefined> {
  return (await d1.prepare('SELECT group_id FROM expenses WHERE id = ?').bind(id).first<Id<'group'>>('group_id')) ?? undefined
}
