// What a statement is made of: the balances of today, and what was posted since the month began.
import type { Id } from '../domain/ids.ts'
import type { Moved } from '../domain/statement.ts'
import type { Timestamp } from '../domain/time.ts'

export interface MovedIn extends Moved {
  readonly groupId: Id<'group'>
}

/** Reads the postings behind the last entry before the month, and none before it. */
const MOVED = `SELECT g.id AS groupId, g.name AS "group", b.currency, b.paid - b.owed AS balance,
  COALESCE(SUM(CASE WHEN j.at < ?3 THEN p.paid END), 0) AS paid,
  COALESCE(SUM(CASE WHEN j.at < ?3 THEN p.owed END), 0) AS share,
  COALESCE(SUM(CASE WHEN j.at >= ?3 THEN p.paid - p.owed END), 0) AS later
FROM members m CROSS JOIN groups g ON g.id = m.group_id AND g.is_personal = 0 AND g.archived_at IS NULL
CROSS JOIN balances b ON b.group_id = m.group_id AND b.member_id = m.id
LEFT JOIN postings p ON p.group_id = b.group_id AND p.member_id = b.member_id AND p.currency = b.currency
  AND p.seq > COALESCE((SELECT f.seq FROM journal f WHERE f.group_id = b.group_id AND f.at < ?2 ORDER BY f.seq DESC LIMIT 1), 0)
LEFT JOIN journal j ON j.group_id = p.group_id AND j.seq = p.seq
WHERE m.user_id = ?1 AND m.status = 'active'
GROUP BY g.id, b.currency ORDER BY g.name, g.id, b.currency`

/** What moved in each group and currency of the user: from the first instant up to the second, and after it. */
export async function readMoved(d1: D1Database, userId: Id<'user'>, from: Timestamp, to: Timestamp): Promise<MovedIn[]> {
  const { results } = await d1.prepare(MOVED).bind(userId, from, to).all<MovedIn>()
  return results
}
