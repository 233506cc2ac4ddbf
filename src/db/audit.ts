// What the audit asks of the tables of one group. Each query gives the rows that contradict an invariant.
import type { GroupAccess } from '../domain/access.ts'
import type { Currency } from '../domain/currency.ts'
import type { MemberId } from '../domain/expense.ts'
import type { Entry } from '../domain/group.ts'
import { sealFault, unseal, type Head, type Sealed } from './chain.ts'

/** A contradiction: which invariant, at which entry if it is one's, and what is wrong. */
export interface Violation {
  readonly invariant: string
  readonly seq?: number
  readonly message: string
}

interface Found {
  readonly seq: number | null
  readonly message: string
}

/** Each with one parameter, the group. `message` says what is wrong; `seq` where it is known. */
const CHECKS: Readonly<Record<string, string>> = {
  entries_sum_to_zero: `SELECT seq, 'the postings in ' || currency || ' are off by ' || (SUM(paid) - SUM(owed)) AS message FROM postings WHERE group_id = ? GROUP BY seq, currency HAVING SUM(paid) <> SUM(owed)`,
  balances_sum_to_zero: `SELECT NULL AS seq, 'the balances in ' || currency || ' are off by ' || (SUM(paid) - SUM(owed)) AS message FROM balances WHERE group_id = ? GROUP BY currency HAVING SUM(paid) <> SUM(owed)`,
  balances_equal_postings: `WITH asked AS (SELECT ? AS id), sums AS (SELECT member_id, currency, SUM(paid) AS paid, SUM(owed) AS owed FROM postings WHERE group_id = (SELECT id FROM asked) GROUP BY member_id, currency)
    SELECT NULL AS seq, 'the balance of ' || b.member_id || ' is not the sum of its postings' AS message FROM balances b LEFT JOIN sums s ON s.member_id = b.member_id AND s.currency = b.currency
    WHERE b.group_id = (SELECT id FROM asked) AND (b.paid, b.owed) IS NOT (s.paid, s.owed)`,
  seq_has_no_gaps: `SELECT g.seq AS seq, 'the group says ' || g.seq || ', the journal ends in ' || COALESCE(MAX(j.seq), 0) || ' and has ' || COUNT(j.seq) || ' entries' AS message
    FROM groups g LEFT JOIN journal j ON j.group_id = g.id WHERE g.id = ? GROUP BY g.id HAVING g.seq <> COALESCE(MAX(j.seq), 0) OR g.seq <> COUNT(j.seq)`,
  commands_are_unique: `SELECT NULL AS seq, 'there are fewer commands than entries' AS message FROM journal WHERE group_id = ? GROUP BY group_id HAVING COUNT(DISTINCT command_id) <> COUNT(*)`,
  shares_sum_to_amount: `SELECT posted_seq AS seq, 'the shares or payers of ' || id || ' do not sum to its amount' AS message FROM expenses WHERE group_id = ? AND (
    (SELECT SUM(value->>'minor') FROM json_each(body, '$.shares')) <> body->>'$.amount' OR (SELECT SUM(value->>'minor') FROM json_each(body, '$.payers')) <> body->>'$.amount')`,
  postings_have_entries: `SELECT p.seq, 'there are postings without an entry' AS message FROM postings p WHERE p.group_id = ? AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.group_id = p.group_id AND j.seq = p.seq) GROUP BY p.seq`,
  effects_are_kept: `SELECT seq, 'the promise ' || id || ' is neither done, due nor given up' AS message FROM outbox WHERE group_id = ? AND done_at IS NULL AND dead_at IS NULL AND due_at IS NULL`,
  receipts_have_rows: `SELECT e.posted_seq AS seq, 'a receipt of ' || e.id || ' has no row' AS message FROM expenses e, json_each(e.body, '$.attachments') a WHERE e.group_id = ? AND NOT EXISTS (SELECT 1 FROM files f WHERE f.key = a.value->>'key')`,
}

/** The contradictions that SQL can find, at most twenty for each invariant. */
export async function findViolations(d1: D1Database, access: GroupAccess): Promise<Violation[]> {
  const names = Object.keys(CHECKS)
  const results = await d1.batch<Found>(Object.values(CHECKS).map((text) => d1.prepare(`${text} LIMIT 20`).bind(access.groupId)))
  return results.flatMap(({ results: rows }, i) =>
    rows.map(({ seq, message }) => ({ invariant: names[i] ?? '', ...(seq !== null && { seq }), message })),
  )
}

interface Link {
  readonly entries: Entry[]
  readonly head: Head
  readonly faults: Violation[]
}

/** The next entries behind the head, and where their seals do not hold. */
export async function readSealed(d1: D1Database, access: GroupAccess, after: Head, limit: number): Promise<Link> {
  const { results } = await d1
    .prepare(
      'SELECT seq, command_id AS commandId, at, type, body, texts, salt, text_digest AS textDigest, previous, hash FROM journal WHERE group_id = ? AND seq > ? ORDER BY seq LIMIT ?',
    )
    .bind(access.groupId, after.seq, limit)
    .all<Sealed>()
  const faults: Violation[] = []
  const entries: Entry[] = []
  let head = after
  for (const sealed of results) {
    const fault = sealFault(sealed, head.hash)
    if (fault !== undefined) faults.push({ invariant: 'hash_chain_holds', seq: sealed.seq, message: `entry ${sealed.seq} ${fault}` })
    else entries.push(unseal(sealed))
    head = { seq: sealed.seq, hash: sealed.hash }
  }
  return { entries, head, faults }
}

/** What the tables say of the group, to be held against a replay of its journal. */
export interface Kept {
  readonly group:
    | {
        readonly seq: number
        readonly head: string
        readonly expense_count: number
        readonly total_minor: number
        readonly unsettled_minor: number
        readonly member_count: number
      }
    | undefined
  readonly balances: readonly {
    readonly member: MemberId
    readonly currency: Currency
    readonly paid: number
    readonly owed: number
    readonly squareSeq: number
  }[]
}

export async function readKept(d1: D1Database, access: GroupAccess): Promise<Kept> {
  const [groups, balances] = await d1.batch([
    d1.prepare('SELECT seq, head, expense_count, total_minor, unsettled_minor, member_count FROM groups WHERE id = ?').bind(access.groupId),
    d1
      .prepare('SELECT member_id AS member, currency, paid, owed, square_seq AS squareSeq FROM balances WHERE group_id = ?')
      .bind(access.groupId),
  ])
  return { group: groups?.results[0] as Kept['group'], balances: (balances?.results ?? []) as unknown as Kept['balances'] }
}

/** Groups that have entries behind their last audit, the longest waiting first. */
export async function listUnaudited(d1: D1Database, limit: number): Promise<GroupAccess['groupId'][]> {
  const { results } = await d1
    .prepare(
      'SELECT g.id FROM groups g LEFT JOIN audits a ON a.group_id = g.id WHERE g.frozen_at IS NULL AND g.seq > COALESCE(a.seq, 0) ORDER BY COALESCE(a.at, 0) LIMIT ?',
    )
    .bind(limit)
    .all<{ id: GroupAccess['groupId'] }>()
  return results.map((row) => row.id)
}

/** Remembers how far the group was audited. */
export async function noteAudit(
  d1: D1Database,
  access: GroupAccess,
  audit: { seq: number; at: number; violations: number },
): Promise<void> {
  await d1
    .prepare(
      'INSERT INTO audits (group_id, seq, at, violations) VALUES (?, ?, ?, ?) ON CONFLICT (group_id) DO UPDATE SET seq = excluded.seq, at = excluded.at, violations = excluded.violations',
    )
    .bind(access.groupId, audit.seq, audit.at, audit.violations)
    .run()
}

/** Stops all writes to the group until somebody has looked. */
export async function freezeGroup(d1: D1Database, access: GroupAccess, now: number): Promise<void> {
  await d1.prepare('UPDATE groups SET frozen_at = ? WHERE id = ? AND frozen_at IS NULL').bind(now, access.groupId).run()
}
