// What the audit asks of the tables of one group. Each query gives the rows that contradict an invariant.
import type { GroupAccess } from '../domain/access.ts'
import type { Currency } from '../domain/currency.ts'
import type { MemberId } from '../domain/expense.ts'
import { movesOf } from '../domain/apply.ts'
import { sealFault, unseal, type Head, type Sealed } from './chain.ts'
import type { Told } from './audit-rows.ts'

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

/** The expenses of the group. One whose body is no JSON any more is told of where rows are compared; here it would end the audit. */
const READABLE = `(SELECT id, posted_seq, iif(json_valid(body), body, '{}') AS body FROM expenses WHERE group_id = ?)`

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
  shares_sum_to_amount: `SELECT posted_seq AS seq, 'the shares or payers of ' || id || ' do not sum to its amount' AS message FROM ${READABLE} WHERE (
    (SELECT SUM(value->>'minor') FROM json_each(body, '$.shares')) <> body->>'$.amount' OR (SELECT SUM(value->>'minor') FROM json_each(body, '$.payers')) <> body->>'$.amount')`,
  postings_have_entries: `WITH asked AS (SELECT ? AS id), ends AS (SELECT COALESCE(MAX(seq), 0) AS last FROM journal WHERE group_id = (SELECT id FROM asked))
    SELECT seq, 'there are postings without an entry' AS message FROM postings WHERE group_id = (SELECT id FROM asked) AND (seq < 1 OR seq > (SELECT last FROM ends)) GROUP BY seq`,
  effects_are_kept: `SELECT seq, 'the promise ' || id || ' is neither done, due nor given up' AS message FROM outbox WHERE group_id = ? AND done_at IS NULL AND dead_at IS NULL AND due_at IS NULL`,
  // The row follows the entry, so there is no moment at which it says more.
  payments_are_posted_once: `SELECT NULL AS seq, 'the payment ' || p.id || ' is not in the ledger once with its amount' AS message FROM payments p LEFT JOIN settlements s ON s.id = p.settlement_id
    WHERE p.group_id = ? AND p.status IN ('completed', 'refunded') AND (SELECT COUNT(*) FROM json_each(s.body, '$.payments') e WHERE e.value->>'id' = p.id AND e.value->>'minor' = p.minor AND e.value->>'refunded' >= p.refunded) <> 1`,
  receipts_have_rows: `SELECT e.posted_seq AS seq, 'a receipt of ' || e.id || ' has no row' AS message FROM ${READABLE} e, json_each(e.body, '$.attachments') a WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.key = a.value->>'key' AND f.deleted_at IS NULL)`,
}

/** So many contradictions are told of each kind. */
export const MOST = 20

/** The contradictions that SQL can find. */
export async function findViolations(d1: D1Database, access: GroupAccess): Promise<Violation[]> {
  const names = Object.keys(CHECKS)
  const results = await d1.batch<Found>(Object.values(CHECKS).map((text) => d1.prepare(`${text} LIMIT ${MOST}`).bind(access.groupId)))
  return results.flatMap(({ results: rows }, i) =>
    rows.map(({ seq, message }) => ({ invariant: names[i] ?? '', ...(seq !== null && { seq }), message })),
  )
}

interface Link {
  readonly entries: readonly Told[]
  readonly head: Head
  readonly faults: Violation[]
}

/** The lines of an entry in a fixed order, so that two lists of them can be compared. */
const inOrder = (lines: readonly unknown[]): string =>
  lines
    .map((line) => JSON.stringify(line))
    .sort()
    .join()

/** The next entries behind the head, and where their seals do not hold or their postings are not theirs. */
export async function readSealed(d1: D1Database, access: GroupAccess, after: Head, limit: number): Promise<Link> {
  const { results } = await d1
    .prepare(
      `SELECT seq, command_id AS commandId, at, type, body, texts, salt, text_digest AS textDigest, previous, hash,
       (SELECT json_group_array(json_array(p.member_id, p.currency, p.paid, p.owed)) FROM postings p WHERE p.group_id = j.group_id AND p.seq = j.seq) AS posted
       FROM journal j WHERE group_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
    )
    .bind(access.groupId, after.seq, limit)
    .all<Sealed & { posted: string }>()
  const faults: Violation[] = []
  const entries: Told[] = []
  let head = after
  for (const { posted, ...sealed } of results) {
    const { seq } = sealed
    for (let gone = head.seq + 1; gone < seq && faults.length < MOST; gone++)
      faults.push({ invariant: 'hash_chain_holds', seq: gone, message: `entry ${gone} is missing` })
    const fault = sealFault(sealed, head.hash)
    head = { seq, hash: sealed.hash }
    if (fault !== undefined) {
      faults.push({ invariant: 'hash_chain_holds', seq, message: `entry ${seq} ${fault}` })
      continue
    }
    const entry = unseal(sealed)
    entries.push({ entry, isErased: sealed.texts === null })
    const moves = movesOf(entry).map((p) => [p.member, p.currency, p.paid, p.owed])
    if (inOrder(moves) !== inOrder(JSON.parse(posted) as unknown[]))
      faults.push({ invariant: 'postings_equal_entries', seq, message: `the postings of entry ${seq} are not what it says` })
  }
  return { entries, head, faults }
}

/** What the tables say of the group at one moment, to be held against a replay of its journal up to that seq. */
export interface Kept {
  /** The last entry of the journal. */
  readonly seq: number
  /** The group's row by column. */
  readonly group: Readonly<Record<string, unknown>> | undefined
  readonly balances: readonly {
    readonly member: MemberId
    readonly currency: Currency
    readonly paid: number
    readonly owed: number
    readonly squareSeq: number
    readonly squareAt: number
  }[]
}

export async function readKept(d1: D1Database, access: GroupAccess): Promise<Kept> {
  const [ends, groups, balances] = await d1.batch([
    d1.prepare('SELECT COALESCE(MAX(seq), 0) AS seq FROM journal WHERE group_id = ?').bind(access.groupId),
    d1.prepare('SELECT * FROM groups WHERE id = ?').bind(access.groupId),
    d1
      .prepare(
        'SELECT member_id AS member, currency, paid, owed, square_seq AS squareSeq, square_at AS squareAt FROM balances WHERE group_id = ?',
      )
      .bind(access.groupId),
  ])
  const [end] = (ends?.results ?? []) as { seq: number }[]
  return {
    seq: end?.seq ?? 0,
    group: groups?.results[0] as Kept['group'],
    balances: (balances?.results ?? []) as unknown as Kept['balances'],
  }
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
