// Who is to be reminded of what: read zone by zone, in pages of users, each in one trip. What costs nothing is done by
// the database: groups that are archived or frozen, personal ones, viewers, and people who have left are not in it.
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { DuePayment, OpenInvitation } from '../domain/reminder.ts'
import type { Day, Timestamp } from '../domain/time.ts'

/** Skips from each zone to the next one, because DISTINCT would read every user. */
const ZONES = `WITH RECURSIVE z(zone) AS (
  SELECT (SELECT MIN(timezone) FROM users WHERE deactivated_at IS NULL)
  UNION ALL SELECT (SELECT MIN(timezone) FROM users WHERE deactivated_at IS NULL AND timezone > z.zone) FROM z WHERE z.zone IS NOT NULL)
SELECT zone FROM z WHERE zone IS NOT NULL`

/** Every zone that an active user lives in. */
export async function listZones(d1: D1Database): Promise<string[]> {
  const { results } = await d1.prepare(ZONES).all<{ zone: string }>()
  return results.map((row) => row.zone)
}

/** The active users of a zone whose ids are behind `after`, at most `limit`. */
export interface ZonePage {
  readonly zone: string
  readonly after: string
  readonly limit: number
}

/** What was found for a page; `next` is where the following one begins. */
export interface FoundPage<T> {
  readonly items: readonly T[]
  readonly next?: string
}

const PAGE = 'page AS (SELECT id FROM users WHERE deactivated_at IS NULL AND timezone = ?1 AND id > ?2 ORDER BY id LIMIT ?3)'
const LAST = `WITH ${PAGE} SELECT MAX(id) AS id, COUNT(*) AS n FROM page`

async function readPage<T>(d1: D1Database, page: ZonePage, select: string, params: readonly (string | number)[]): Promise<FoundPage<T>> {
  const { zone, after, limit } = page
  const [found, last] = await d1.batch<Record<string, unknown>>([
    d1.prepare(`WITH ${PAGE} ${select}`).bind(zone, after, limit, ...params),
    d1.prepare(LAST).bind(zone, after, limit),
  ])
  const end = last?.results[0] as { id: string | null; n: number } | undefined
  // The columns are those of the statement, which stands beside the type.
  const items = (found?.results ?? []) as T[]
  return { items, ...(end !== undefined && end.id !== null && end.n === limit && { next: end.id }) }
}

/** Somebody who owes in a group. */
export interface Debtor {
  readonly userId: Id<'user'>
  readonly memberId: Id<'member'>
  readonly groupId: Id<'group'>
  readonly group: string
  readonly currency: Currency
  /** Minor units, positive. */
  readonly minor: number
}

const DEBTORS = `SELECT p.id AS userId, m.id AS memberId, g.id AS groupId, g.name AS "group", b.currency, b.owed - b.paid AS minor
FROM page p CROSS JOIN members m ON m.user_id = p.id AND m.status = 'active' AND m.role <> 'viewer'
CROSS JOIN groups g ON g.id = m.group_id AND g.is_personal = 0 AND g.archived_at IS NULL AND g.frozen_at IS NULL
CROSS JOIN balances b ON b.group_id = g.id AND b.member_id = m.id AND b.paid < b.owed`

/** Those of the page who owe in groups that have reminders turned on. */
export const listDebtors = (d1: D1Database, page: ZonePage): Promise<FoundPage<Debtor>> =>
  readPage(d1, page, `${DEBTORS} WHERE json_extract(g.settings, '$.autoReminder') = 1`, [])

/** Nothing was posted since: the entries behind the last one before the instant hold nothing of the member. */
const IDLE = `${DEBTORS} WHERE json_extract(g.settings, '$.autoReminder') IS NOT 1 AND b.square_at < ?4 AND NOT EXISTS (
  SELECT 1 FROM postings q WHERE q.group_id = b.group_id AND q.member_id = b.member_id AND q.currency = b.currency
  AND q.seq > COALESCE((SELECT j.seq FROM journal j WHERE j.group_id = b.group_id AND j.at < ?4 ORDER BY j.seq DESC LIMIT 1), 0))`

/** Those of the page who owe in groups without reminders, and to whose balance nothing was posted since the instant. */
export const listIdleDebtors = (d1: D1Database, page: ZonePage, since: Timestamp): Promise<FoundPage<Debtor>> =>
  readPage(d1, page, IDLE, [since])

// The index is named because the order would tempt the planner to walk every invitation that ever was.
const DUE = `SELECT p.id AS userId, s.id, g.id AS groupId, g.name AS "group", s.currency, s.amount - s.paid AS minor, s.due_date AS dueDate, payee.name AS payee
FROM page p CROSS JOIN members m ON m.user_id = p.id AND m.status = 'active'
CROSS JOIN groups g ON g.id = m.group_id AND g.archived_at IS NULL AND g.frozen_at IS NULL
CROSS JOIN settlements s ON s.payer_id = m.id AND s.status = 'pending' AND s.due_date IS NOT NULL AND s.due_date >= ?4 AND s.due_date <= ?5
JOIN members payee ON payee.id = s.payee_id`

/** What the page's people are to pay from one day to another, both included. */
export const listDuePayments = (d1: D1Database, page: ZonePage, from: Day, to: Day): Promise<FoundPage<DuePayment>> =>
  readPage(d1, page, DUE, [from, to])

const SCHEDULES = `SELECT s.id FROM page p CROSS JOIN report_schedules s ON s.user_id = p.id AND s.paused_at IS NULL AND s.next_day <= ?4`

/** The page's people's schedules of reports whose day has come. */
export const listDueSchedules = (d1: D1Database, page: ZonePage, day: Day): Promise<FoundPage<{ readonly id: Id<'schedule'> }>> =>
  readPage(d1, page, SCHEDULES, [day])

const INVITATIONS = `SELECT i.id, u.id AS userId, g.id AS groupId, g.name AS "group", m.name AS guest, i.expires_at AS expiresAt
FROM invitations i INDEXED BY invitations_open JOIN members m ON m.id = i.member_id AND m.user_id IS NULL AND m.status IN ('active', 'invited')
JOIN members v ON v.id = m.invited_by AND v.status = 'active'
JOIN users u ON u.id = v.user_id AND u.deactivated_at IS NULL AND u.timezone = ?1
JOIN groups g ON g.id = i.group_id AND g.is_personal = 0 AND g.archived_at IS NULL AND g.frozen_at IS NULL
WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ?4 AND i.expires_at <= ?5 AND i.id > ?2
ORDER BY i.id LIMIT ?3`

/** Open invitations that end between the instants, of people in the zone; paged by the invitation. */
export async function listEndingInvitations(
  d1: D1Database,
  { zone, after, limit }: ZonePage,
  from: Timestamp,
  to: Timestamp,
): Promise<FoundPage<OpenInvitation>> {
  const { results } = await d1.prepare(INVITATIONS).bind(zone, after, limit, from, to).all<OpenInvitation>()
  const last = results.at(-1)
  return { items: results, ...(last !== undefined && results.length === limit && { next: last.id }) }
}

const STATEMENTS = `SELECT p.id AS userId FROM page p CROSS JOIN notification_preferences n ON n.user_id = p.id
WHERE json_extract(n.body, '$.types.monthly_statement.enabled') = 1`

/** Those of the page who want a statement of each month. */
export const listStatementReaders = (d1: D1Database, page: ZonePage): Promise<FoundPage<{ readonly userId: Id<'user'> }>> =>
  readPage(d1, page, STATEMENTS, [])
