// The one way money gets into the database: entries with everything they imply, in one batch that commits
// as a whole or not at all. Statements are set-based, so their number doesn't grow with the entries.
import { sql } from 'drizzle-orm'
import type { RollupRow } from '../domain/analytics/rollup.ts'
import { movesOf } from '../domain/apply.ts'
import type { Entry, State } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { Db, Statement } from './client.ts'
import { seal, unseal, type Head, type Sealed } from './chain.ts'
import type { Repeatable } from './idempotency.ts'
import type { PromisedEffect } from './outbox.ts'
import { projection, type Query } from './project.ts'
import { addRollups } from './rollups.ts'

/** Entries to be written behind a head, and what is promised with them. */
export interface Commit {
  readonly groupId: Id<'group'>
  readonly head: Head
  readonly entries: readonly Entry[]
  /** The state after the last of the entries. */
  readonly after: State
  readonly replies: readonly { readonly write: Repeatable; readonly outcome: unknown; readonly at: number }[]
  readonly effects: readonly (PromisedEffect & { readonly seq: number })[]
  /** What the entries add to the sums that analytics are told from. */
  readonly rollups?: readonly RollupRow[]
}

const INSERT_JOURNAL = `INSERT INTO journal (group_id, seq, command_id, at, type, body, texts, salt, text_digest, previous, hash)
SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9 FROM json_each(?)`

/** An amount that must be there becomes NULL, and the batch fails, unless every entry sums to zero in every currency. */
const INSERT_POSTINGS = `INSERT INTO postings (group_id, seq, member_id, currency, paid, owed)
SELECT ?, value->>0, value->>1, value->>2, value->>3, iif(EXISTS (SELECT 1 FROM json_each(?) GROUP BY value->>0, value->>2 HAVING SUM(value->>3) <> SUM(value->>4)), NULL, value->>4)
FROM json_each(?)`

const INSERT_REPLIES = `INSERT INTO idempotency (actor, key, fingerprint, outcome, created_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?)`

const INSERT_EFFECTS = `INSERT INTO outbox (id, kind, group_id, seq, payload, due_at)
SELECT value->>1, value->>2, ?, value->>0, value->>3, value->>4 FROM json_each(?)`

/** Seals the entries one behind the other. */
function sealAll(entries: readonly Entry[], head: Head): Sealed[] {
  let previous = head.hash
  return entries.map((entry) => {
    const sealed = seal(entry, previous)
    previous = sealed.hash
    return sealed
  })
}

/** The statements of a commit, and the head of the journal after it. */
function commitQueries(commit: Commit): { queries: Query[]; head: Head } {
  const { groupId, entries } = commit
  const sealed = sealAll(entries, commit.head)
  const last = sealed.at(-1)
  const head = last === undefined ? commit.head : { seq: last.seq, hash: last.hash }
  const rows = sealed.map((s) => [s.seq, s.commandId, s.at, s.type, s.body, s.texts, s.salt, s.textDigest, s.previous, s.hash])
  const postings = JSON.stringify(entries.flatMap((e) => movesOf(e).map((p) => [e.seq, p.member, p.currency, p.paid, p.owed])))
  const { group, rest } = projection(commit.entries, commit.after, head)
  const queries: Query[] = [group, { text: INSERT_JOURNAL, params: [groupId, JSON.stringify(rows)] }]
  if (postings !== '[]') {
    queries.push({ text: INSERT_POSTINGS, params: [groupId, postings, postings] })
  }
  queries.push(...rest)
  if (commit.rollups !== undefined && commit.rollups.length > 0) queries.push(addRollups(groupId, commit.rollups))
  if (commit.replies.length > 0) {
    const replies = commit.replies.map(({ write, outcome, at }) => [write.actor, write.key, write.fingerprint, JSON.stringify(outcome), at])
    queries.push({ text: INSERT_REPLIES, params: [JSON.stringify(replies)] })
  }
  if (commit.effects.length > 0) {
    const effects = commit.effects.map((e) => [e.seq, e.id, e.effect.kind, JSON.stringify(e.effect), e.dueAt])
    queries.push({ text: INSERT_EFFECTS, params: [groupId, JSON.stringify(effects)] })
  }
  return { queries, head }
}

/** Writes the commit as one batch; throws what D1 says when it does not go through. */
export async function writeCommit(d1: D1Database, commit: Commit): Promise<Head> {
  const { queries, head } = commitQueries(commit)
  await d1.batch(queries.map(({ text, params }) => d1.prepare(text).bind(...params)))
  return head
}

/** The same statements for a batch that has others in it too. */
export function commitStatements(db: Db, commit: Commit): Statement[] {
  return commitQueries(commit).queries.map(({ text, params }) => {
    const [first = '', ...more] = text.split('?')
    const chunks = more.flatMap((chunk, i) => [sql`${params[i]}`, sql.raw(chunk)])
    return db.run(sql.join([sql.raw(first), ...chunks]))
  })
}

interface JournalRow {
  readonly body: string
  readonly texts: string | null
  readonly hash: string
}

/** A page of the journal: the entries after a seq, and the head at the last of them. */
export async function readJournal(d1: D1Database, groupId: string, after: Head, limit: number): Promise<{ entries: Entry[]; head: Head }> {
  const { results } = await d1
    .prepare('SELECT body, texts, hash FROM journal WHERE group_id = ? AND seq > ? ORDER BY seq LIMIT ?')
    .bind(groupId, after.seq, limit)
    .all<JournalRow>()
  const entries = results.map(unseal)
  const last = entries.at(-1)
  const hash = results.at(-1)?.hash
  return { entries, head: last === undefined || hash === undefined ? after : { seq: last.seq, hash } }
}

/** Those of the entries behind `after`, up to a seq, that changed who is in the group. */
export async function readMemberEntries(d1: D1Database, groupId: string, after: number, until: number): Promise<Entry[]> {
  const { results } = await d1
    .prepare(
      "SELECT body, texts FROM journal WHERE group_id = ? AND seq > ? AND seq <= ? AND (type LIKE 'member_%' OR type = 'group_created') ORDER BY seq",
    )
    .bind(groupId, after, until)
    .all<Pick<JournalRow, 'body' | 'texts'>>()
  return results.map(unseal)
}

export type CommitFault = 'fence' | 'key_taken' | 'frozen' | 'unknown' | 'overloaded' | 'refused'

/**
 * What a failed batch means. `fence`: someone else wrote first; `unknown`: it may have gone through;
 * `refused`: it broke a rule of the tables, so it is a bug and no retry helps.
 */
export function commitFault(message: string): CommitFault {
  if (/fence:|UNIQUE constraint failed: (journal|groups)\./.test(message)) return 'fence'
  if (message.includes('UNIQUE constraint failed: idempotency.')) return 'key_taken'
  if (message.includes('frozen:')) return 'frozen'
  if (/overloaded|too many requests queued/i.test(message)) return 'overloaded'
  if (/constraint|append-only|SQLITE_(ERROR|MISMATCH|TOOBIG)|syntax error|no such/i.test(message)) return 'refused'
  return 'unknown'
}
