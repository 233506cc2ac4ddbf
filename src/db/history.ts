// The past of a group, read from its journal and postings. Each takes the proof that the reader is a member.
import type { GroupAccess } from '../domain/access.ts'
import type { Currency } from '../domain/currency.ts'
import type { MemberId } from '../domain/expense.ts'
import type { Person } from '../domain/expense-view.ts'
import type { Entry } from '../domain/group.ts'
import { unseal } from './chain.ts'
import { COUNT_PARAM } from './client.ts'

type JournalRow = { readonly body: string; readonly texts: string | null }

/** Entries with a seq of at most `newest`, newest first, and everybody who was ever a member. */
export async function readFeed(
  d1: D1Database,
  access: GroupAccess,
  newest: number,
  limit: number,
): Promise<{ entries: Entry[]; people: Map<MemberId, Person> }> {
  const [entries, people] = await d1.batch<
    JournalRow & { id: MemberId; user_id: Person['userId'] | null; name: string; avatar_key: string | null }
  >([
    d1
      .prepare(`SELECT body, texts FROM journal WHERE group_id = ? AND seq <= ? ORDER BY seq DESC LIMIT ${COUNT_PARAM}`)
      .bind(access.groupId, newest, limit),
    d1.prepare('SELECT id, user_id, name, avatar_key FROM members WHERE group_id = ?').bind(access.groupId),
  ])
  const named = (people?.results ?? []).map((row) => ({
    id: row.id,
    name: row.name,
    ...(row.user_id && { userId: row.user_id }),
    ...(row.avatar_key !== null && { avatarKey: row.avatar_key }),
  }))
  return { entries: (entries?.results ?? []).map(unseal), people: new Map(named.map((person) => [person.id, person])) }
}

export interface PastBalance {
  readonly member: MemberId
  readonly currency: Currency
  readonly paid: number
  readonly owed: number
}

/** What each member had paid and owed after the entry `seq`, in minor units. */
export async function readBalancesAt(d1: D1Database, access: GroupAccess, seq: number): Promise<PastBalance[]> {
  const { results } = await d1
    .prepare(
      'SELECT member_id AS member, currency, SUM(paid) AS paid, SUM(owed) AS owed FROM postings WHERE group_id = ? AND seq <= ? GROUP BY member_id, currency',
    )
    .bind(access.groupId, seq)
    .all<PastBalance>()
  return results
}

/** The last seq that was written before the instant; 0 when there was none. */
export async function findSeqBefore(d1: D1Database, access: GroupAccess, before: number): Promise<number> {
  const seq = await d1
    .prepare('SELECT seq FROM journal WHERE group_id = ? AND at < ? ORDER BY seq DESC LIMIT 1')
    .bind(access.groupId, before)
    .first<number>('seq')
  return seq ?? 0
}

/** The newest entries in which money moved for both members. */
export async function readEntriesBetween(
  d1: D1Database,
  access: GroupAccess,
  a: MemberId,
  b: MemberId,
  currency: Currency,
  limit: number,
): Promise<Entry[]> {
  const { results } = await d1
    .prepare(
      `SELECT j.body, j.texts FROM postings p JOIN postings q ON q.group_id = p.group_id AND q.member_id = ? AND q.currency = p.currency AND q.seq = p.seq
       JOIN journal j ON j.group_id = p.group_id AND j.seq = p.seq WHERE p.group_id = ? AND p.member_id = ? AND p.currency = ? ORDER BY p.seq DESC LIMIT ${COUNT_PARAM}`,
    )
    .bind(b, access.groupId, a, currency, limit)
    .all<JournalRow>()
  return results.map(unseal)
}
