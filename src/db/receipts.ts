// Reading receipts. What people ask for has their membership inside the statement; what a job or a proof of access
// asks for says so.
import type { GroupAccess } from '../domain/access.ts'
import type { Expense } from '../domain/expense.ts'
import type { Id } from '../domain/ids.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { Candidate, ReceiptFilter } from '../domain/receipt/candidate.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import type { Day } from '../domain/time.ts'

interface Row {
  readonly id: string
  readonly body: string
}

const receiptOf = ({ body }: Pick<Row, 'body'>): Receipt => JSON.parse(body) as Receipt

/** The receipts `r` that the viewer may see: those of all groups that they are in. */
const SEEN = `FROM members v JOIN receipts r ON r.group_id = v.group_id WHERE v.user_id = ? AND v.status = 'active' AND r.deleted_at IS NULL`

function conditionsOf({ groupId, status, isMatched }: ReceiptFilter): { text: string; params: string[] } {
  const matched = isMatched === undefined ? '' : ` AND r.expense_id IS ${isMatched ? 'NOT NULL' : 'NULL'}`
  const given = [
    ...(groupId === undefined ? [] : [{ text: ' AND v.group_id = ?', value: groupId }]),
    ...(status === undefined ? [] : [{ text: ' AND r.status = ?', value: status }]),
  ]
  return { text: given.map(({ text }) => text).join('') + matched, params: given.map(({ value }) => value) }
}

/** The receipts in the viewer's groups that match, the newest first. */
export async function listReceipts(d1: D1Database, viewer: Id<'user'>, filter: ReceiptFilter, page: PageRequest): Promise<Page<Receipt>> {
  const { text, params } = conditionsOf(filter)
  const [before] = page.after ?? []
  const behind = before === undefined ? { text: '', params: [] } : { text: ' AND r.id < ?', params: [before] }
  const [rows, count] = await d1.batch<Row & { total: number }>([
    d1
      .prepare(`SELECT r.id, r.body ${SEEN}${text}${behind.text} ORDER BY r.id DESC LIMIT ? OFFSET ?`)
      .bind(viewer, ...params, ...behind.params, page.size + 1, rowsBefore(page)),
    d1.prepare(`SELECT COUNT(*) AS total ${SEEN}${text}`).bind(viewer, ...params),
  ])
  const found = pageOfRows(rows?.results ?? [], count?.results[0]?.total ?? 0, page, (row) => row.id)
  return { ...found, items: found.items.map(receiptOf) }
}

/** The receipt, if the viewer is in its group. */
export async function findReceipt(d1: D1Database, viewer: Id<'user'>, id: Id<'receipt'>): Promise<Receipt | undefined> {
  const row = await d1.prepare(`SELECT r.body ${SEEN} AND r.id = ?`).bind(viewer, id).first<Row>()
  return row === null ? undefined : receiptOf(row)
}

/** The receipt for the job that reads it, whoever may see it. */
export async function receiptToRead(d1: D1Database, id: Id<'receipt'>): Promise<Receipt | undefined> {
  const row = await d1.prepare('SELECT body FROM receipts WHERE id = ? AND deleted_at IS NULL').bind(id).first<Row>()
  return row === null ? undefined : receiptOf(row)
}

/** So many expenses are looked at; the newest, where there are more. */
const MOST_CANDIDATES = 5000

/** The expenses of the group in a period of days, both included: what receipts may belong to. */
export async function listCandidates(d1: D1Database, { groupId }: GroupAccess, from: Day, until: Day): Promise<Candidate[]> {
  const { results } = await d1
    .prepare(
      `SELECT body FROM expenses WHERE group_id = ? AND date BETWEEN ? AND ? AND kind = 'expense' AND status <> 'rejected' AND deleted_at IS NULL
ORDER BY date DESC, id DESC LIMIT ?`,
    )
    .bind(groupId, from, until, MOST_CANDIDATES)
    .all<Pick<Row, 'body'>>()
  return results.map(({ body }) => {
    const { id, amount, currency, date, vendor, title, reconciledAt, attachments } = JSON.parse(body) as Expense
    const receipts = attachments.flatMap(({ receipt }) => receipt ?? [])
    return { id, amount, currency, date, vendor, title, isReconciled: reconciledAt !== undefined, receipts }
  })
}

/** Those receipts of the group that were read and are not of an expense yet, or are of one of these. */
export async function listReadReceipts(
  d1: D1Database,
  { groupId }: GroupAccess,
  expenses: readonly Id<'expense'>[],
  limit: number,
): Promise<Receipt[]> {
  const { results } = await d1
    .prepare(
      `SELECT body FROM receipts WHERE group_id = ? AND status = 'completed' AND deleted_at IS NULL
AND (expense_id IS NULL OR expense_id IN (SELECT value FROM json_each(?))) ORDER BY id DESC LIMIT ?`,
    )
    .bind(groupId, JSON.stringify(expenses), limit)
    .all<Pick<Row, 'body'>>()
  return results.map(receiptOf)
}

/** The group a receipt is in; it never changes. Tells nothing about who may see either. */
export async function findGroupOfReceipt(d1: D1Database, id: Id<'receipt'>): Promise<Id<'group'> | undefined> {
  return (await d1.prepare('SELECT group_id FROM receipts WHERE id = ?').bind(id).first<Id<'group'>>('group_id')) ?? undefined
}
