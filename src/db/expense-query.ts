// From a filter to SQL. Columns and operators come from the lists here; whatever came from outside is a parameter.
import type { ExpenseFilter, Sort, SortField } from '../domain/expense-filter.ts'
import type { SortKey } from '../domain/page.ts'

const COLUMNS: Readonly<Record<SortField, string>> = {
  expense_date: 'date',
  amount: 'amount_milli',
  title: 'title',
  created_at: 'created_at',
  updated_at: 'updated_at',
}

type Param = string | number

export interface Clause {
  readonly text: string
  readonly params: readonly Param[]
}

const UNSETTLED = `EXISTS (SELECT 1 FROM json_each(x.body, '$.shares') s JOIN balances b ON b.group_id = x.group_id AND b.member_id = s.value->>'member'
AND b.currency = x.body->>'$.postings[0].currency' WHERE s.value->>'minor' <> 0 AND b.square_seq < x.posted_seq)`

const MEMBER_IDS = '(SELECT id FROM members WHERE id = ? OR (user_id = ? AND group_id = x.group_id))'

// A condition may ask only about what stands behind the heads of the viewer's groups; of a change of anything else a
// page that is kept would not hear (`PagePrint` in `expenses.ts`).
const KINDS: { readonly [K in keyof ExpenseFilter]?: (value: NonNullable<ExpenseFilter[K]>) => Clause } = {
  kind: (value) => ({ text: 'x.kind = ?', params: [value] }),
  status: (value) => ({ text: 'x.status = ?', params: [value] }),
  splitType: (value) => ({ text: 'x.split_type = ?', params: [value] }),
  currency: (value) => ({ text: 'x.currency = ?', params: [value] }),
  categoryIds: (value) => ({
    text: "x.category_id IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(x.body, '$.categoryIds') c WHERE c.value IN (SELECT value FROM json_each(?)))",
    params: [JSON.stringify(value)],
  }),
  paidBy: (value) => ({
    text: `EXISTS (SELECT 1 FROM json_each(x.body, '$.payers') p WHERE p.value->>'member' IN ${MEMBER_IDS})`,
    params: [value, value],
  }),
  participant: (value) => ({
    text: `EXISTS (SELECT 1 FROM json_each(x.body, '$.shares') s WHERE s.value->>'member' IN ${MEMBER_IDS})`,
    params: [value, value],
  }),
  dateFrom: (value) => ({ text: 'x.date >= ?', params: [value] }),
  dateTo: (value) => ({ text: 'x.date <= ?', params: [value] }),
  amountMin: (value) => ({ text: 'x.amount_milli >= ?', params: [value] }),
  amountMax: (value) => ({ text: 'x.amount_milli <= ?', params: [value] }),
  amountAbove: (value) => ({ text: 'x.amount_milli > ?', params: [value] }),
  amountBelow: (value) => ({ text: 'x.amount_milli < ?', params: [value] }),
  isSettled: (value) => ({
    text: value ? `x.status = 'posted' AND NOT ${UNSETTLED}` : `(x.status <> 'posted' OR ${UNSETTLED})`,
    params: [],
  }),
  tag: (value) => ({ text: `EXISTS (SELECT 1 FROM json_each(x.body, '$.tags') t WHERE lower(t.value) = lower(?))`, params: [value] }),
  isPersonal: (value) => ({
    text: `x.group_id ${value ? 'IN' : 'NOT IN'} (SELECT id FROM groups WHERE id = x.group_id AND is_personal = 1)`,
    params: [],
  }),
}

/** Each word as a prefix, all of them needed; empty where the text has no word. */
const wordsOf = (text: string): string[] =>
  text
    .normalize('NFC')
    .match(/[\p{L}\p{N}]+/gu)
    ?.slice(0, 10) ?? []

const SEARCHED_GROUPS = `(SELECT '(' || group_concat('"' || group_id || '"', ' OR ') || ') AND ' FROM members WHERE user_id = ? AND status = 'active')`

function searchClause(search: string, viewer: string, groupId: string | undefined): Clause {
  const words = wordsOf(search)
    .map((word) => `"${word}"*`)
    .join(' AND ')
  if (words === '') return { text: '0', params: [] }
  if (groupId !== undefined)
    return { text: 'x.n IN (SELECT rowid FROM expense_search WHERE expense_search MATCH ?)', params: [`"${groupId}" AND ${words}`] }
  return { text: `x.n IN (SELECT rowid FROM expense_search WHERE expense_search MATCH ${SEARCHED_GROUPS} || ?)`, params: [viewer, words] }
}

/** The conditions on an expense `x`, beyond the group it is in. */
export function filterClauses(filter: ExpenseFilter, viewer: string): Clause[] {
  const clauses: Clause[] = [{ text: `x.deleted_at IS ${filter.isDeleted === true ? 'NOT ' : ''}NULL`, params: [] }]
  for (const [name, value] of Object.entries(filter)) {
    const make = KINDS[name as keyof ExpenseFilter] as ((value: unknown) => Clause) | undefined
    if (make !== undefined && value !== undefined) clauses.push(make(value))
  }
  if (filter.search !== undefined) clauses.push(searchClause(filter.search, viewer, filter.groupId))
  return clauses
}

/** Whether the list is of everything in its groups, so that counters know how long it is. */
export const isUnfiltered = ({ groupId: _, ...rest }: ExpenseFilter): boolean => Object.values(rest).every((value) => value === undefined)

interface Order {
  readonly column: string
  readonly isDescending: boolean
}

/** The columns to sort by; newest last written breaks ties, so that every place in the list is one row's. */
export function orderOf(sorts: readonly Sort[]): Order[] {
  const order = (sorts.length === 0 ? [{ field: 'expense_date' as const, isDescending: true }] : sorts).map((sort) => ({
    column: COLUMNS[sort.field],
    isDescending: sort.isDescending,
  }))
  return [...order, { column: 'id', isDescending: order[0]?.isDescending ?? true }]
}

export const orderText = (order: readonly Order[], alias: string): string =>
  order.map((o) => `${alias}.${o.column} ${o.isDescending ? 'DESC' : 'ASC'}`).join(', ')

/**
 * Everything behind the row with these sort keys. Where all columns go one way it is one comparison of rows, so that an
 * index begins at that row, however many rows tie with it on the first column.
 */
export function afterClause(order: readonly Order[], after: readonly SortKey[]): Clause | undefined {
  const [first] = order
  if (first === undefined || after.length !== order.length) return undefined
  const keys = after.map((key) => key ?? '')
  if (order.some((o) => o.isDescending !== first.isDescending)) return behindColumnByColumn(order, first, keys)
  const columns = order.map((o) => `x.${o.column}`).join(', ')
  return { text: `(${columns}) ${first.isDescending ? '<' : '>'} (${keys.map(() => '?').join(', ')})`, params: keys }
}

function behindColumnByColumn(order: readonly Order[], first: Order, keys: readonly Param[]): Clause {
  const options: string[] = []
  const params: Param[] = []
  for (const [i, { column, isDescending }] of order.entries()) {
    const ties = order.slice(0, i)
    options.push([...ties.map((tie) => `x.${tie.column} = ?`), `x.${column} ${isDescending ? '<' : '>'} ?`].join(' AND '))
    params.push(...keys.slice(0, i + 1))
  }
  // Said on its own, the bound on the first column lets an index begin in the right place.
  const bound = `x.${first.column} ${first.isDescending ? '<=' : '>='} ?`
  return { text: `${bound} AND (${options.join(' OR ')})`, params: [keys[0] ?? '', ...params] }
}
