// From entries to the tables that reads are served from. An entry carries after-images, so this only spells
// them as rows; of several entries on one thing the last image wins.
import { exponentOf } from '../domain/currency.ts'
import type { Comment, Expense } from '../domain/expense.ts'
import { isPresent, unsettledIn, type Entry, type GroupInfo, type Invitation, type Member, type State } from '../domain/group.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { Head } from './chain.ts'

/** SQL with a `?` for each parameter and none elsewhere. */
export interface Query {
  readonly text: string
  readonly params: readonly (string | number | null)[]
}

const UPSERT_EXPENSES = `INSERT INTO expenses (id, group_id, date, kind, status, title, amount_milli, currency, category_id, paid_by, split_type, posted_seq, created_at, updated_at, deleted_at, body, more)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16 FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET date = excluded.date, status = excluded.status, title = excluded.title, amount_milli = excluded.amount_milli, currency = excluded.currency,
category_id = excluded.category_id, paid_by = excluded.paid_by, split_type = excluded.split_type, posted_seq = excluded.posted_seq, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, body = excluded.body, more = excluded.more`

const DELETE_SEARCH = 'DELETE FROM expense_search WHERE rowid IN (SELECT n FROM expenses WHERE id IN (SELECT value->>0 FROM json_each(?)))'
const INSERT_SEARCH =
  'INSERT INTO expense_search (rowid, words) SELECT e.n, j.value->>1 FROM json_each(?) j JOIN expenses e ON e.id = j.value->>0'

const UPSERT_MEMBERS = `INSERT INTO members (id, group_id, user_id, name, email, avatar_key, role, status, joined_at, invited_by, ended_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, value->>10 FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, name = excluded.name, email = excluded.email, avatar_key = excluded.avatar_key, role = excluded.role,
status = excluded.status, joined_at = excluded.joined_at, invited_by = excluded.invited_by, ended_at = excluded.ended_at`

const UPSERT_INVITATIONS = `INSERT INTO invitations (id, group_id, member_id, email, message, token_hash, created_at, expires_at, accepted_at, revoked_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9 FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET accepted_at = excluded.accepted_at, revoked_at = excluded.revoked_at`

const INSERT_COMMENTS = `INSERT INTO comments (id, group_id, expense_id, member_id, text, created_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?)`

const UPSERT_SETTLEMENTS = `INSERT INTO settlements (id, group_id, payer_id, payee_id, status, amount, paid, currency, due_date, plan_id, created_at, updated_at, body)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, value->>10, value->>11, value->>12 FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET status = excluded.status, paid = excluded.paid, updated_at = excluded.updated_at, body = excluded.body`

const INSERT_FILES = `INSERT INTO files (key, user_id, group_id, purpose, name, type, size, sha256, created_at)
SELECT value->>0, value->>1, value->>2, 'receipt', value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each(?)`

const COUNTERS = 'seq = ?, head = ?, member_count = ?, expense_count = ?, total_minor = ?, unsettled_minor = ?'
const INFO =
  'name = ?, description = ?, type = ?, currency = ?, is_private = ?, invite_code = ?, image_key = ?, settings = ?, updated_at = ?, archived_at = ?, version = ?'

type Row = readonly (string | number | null)[]

/** The last image of each thing, in order of its first appearance. */
function lastOf<T extends { readonly id: string }>(images: readonly T[]): T[] {
  return [...new Map(images.map((image) => [image.id, image])).values()]
}

const rowsOf = (text: string, rows: readonly Row[]): Query[] => (rows.length === 0 ? [] : [{ text, params: [JSON.stringify(rows)] }])

/** The statement on the group's own row, which goes first, and those on everything else. */
export function projection(entries: readonly Entry[], after: State, head: Head): { group: Query; rest: Query[] } {
  const { info } = after
  if (info === undefined) throw new Error('entries are projected onto a group that exists')
  const expenses = lastOf(entries.flatMap((e) => e.expense ?? []))
  const worded = lastOf(entries.flatMap((e) => (e.expense !== undefined && changesWords(e) ? e.expense : [])))
  const isOld = entries.some((e) => e.type !== 'expense_recorded' && changesWords(e))
  const words = JSON.stringify(worded.map((e) => [e.id, wordsOf(e)]))
  return {
    group: groupQuery(entries, after, info, head),
    rest: [
      ...rowsOf(
        UPSERT_MEMBERS,
        lastOf(entries.flatMap((e) => e.members ?? [])).map((m) => memberRow(m, info)),
      ),
      ...rowsOf(
        UPSERT_INVITATIONS,
        lastOf(entries.flatMap((e) => e.invitations ?? [])).map((i) => invitationRow(i, info)),
      ),
      ...rowsOf(UPSERT_EXPENSES, expenses.map(expenseRow)),
      ...(isOld ? [{ text: DELETE_SEARCH, params: [words] }] : []),
      ...(worded.length > 0 ? [{ text: INSERT_SEARCH, params: [words] }] : []),
      ...rowsOf(UPSERT_SETTLEMENTS, lastOf(entries.flatMap((e) => e.settlements ?? [])).map(settlementRow)),
      ...rowsOf(
        INSERT_FILES,
        entries.flatMap((e) => fileRows(e, info)),
      ),
      ...rowsOf(
        INSERT_COMMENTS,
        entries.flatMap((e) => (e.comment === undefined ? [] : [commentRow(e.comment, info)])),
      ),
    ],
  }
}

const changesWords = (entry: Entry): boolean => entry.type === 'expense_recorded' || entry.type === 'expense_updated'

/** What an expense is found by. The group's id goes in as a word, so that a search stays within its groups. */
const wordsOf = (e: Expense): string => [e.groupId, e.title, e.description, e.vendor, ...e.tags].join(' ')

function groupQuery(entries: readonly Entry[], after: State, info: GroupInfo, head: Head): Query {
  const members = [...after.members.values()].filter(isPresent).length
  const counters = [
    head.seq,
    head.hash,
    members,
    after.expenseCount,
    after.totals.get(info.currency) ?? 0,
    unsettledIn(after, info.currency),
  ]
  if (entries.every((e) => e.info === undefined))
    return { text: `UPDATE groups SET ${COUNTERS} WHERE id = ?`, params: [...counters, info.id] }
  const named = [
    info.name,
    info.description,
    info.type,
    info.currency,
    info.isPrivate ? 1 : 0,
    info.inviteCode ?? null,
    info.imageKey ?? null,
    JSON.stringify(info.settings),
    info.updatedAt,
    info.archivedAt ?? null,
    info.version,
  ]
  if (entries[0]?.seq !== 1)
    return { text: `UPDATE groups SET ${COUNTERS}, ${INFO} WHERE id = ?`, params: [...counters, ...named, info.id] }
  const columns = `${COUNTERS}, ${INFO}, id = ?, created_by = ?, created_at = ?, is_personal = ?`.replaceAll(' = ?', '')
  const params = [...counters, ...named, info.id, info.createdBy, info.createdAt, info.isPersonal ? 1 : 0]
  return { text: `INSERT INTO groups (${columns}) VALUES (${params.map(() => '?').join(', ')})`, params }
}

const memberRow = (m: Member, info: GroupInfo): Row => [
  m.id,
  info.id,
  m.userId ?? null,
  m.name,
  m.email ?? null,
  m.avatarKey ?? null,
  m.role,
  m.status,
  m.joinedAt,
  m.invitedBy ?? null,
  m.endedAt ?? null,
]

const invitationRow = (i: Invitation, info: GroupInfo): Row => [
  i.id,
  info.id,
  i.member,
  i.email,
  i.message,
  i.tokenHash,
  i.createdAt,
  i.expiresAt,
  i.acceptedAt ?? null,
  i.revokedAt ?? null,
]

const settlementRow = (s: Settlement): Row => [
  s.id,
  s.groupId,
  s.payer,
  s.payee,
  s.status,
  s.amount,
  s.paid,
  s.currency,
  s.dueDate ?? null,
  s.plan ?? null,
  s.createdAt,
  s.updatedAt,
  JSON.stringify(s),
]

const commentRow = (c: Comment, info: GroupInfo): Row => [c.id, info.id, c.expenseId, c.member, c.text, c.createdAt]

/** The row of the file that an entry added; the object it names was stored before. */
function fileRows(entry: Entry, info: GroupInfo): Row[] {
  const file = entry.type === 'expense_receipt_added' ? entry.expense?.attachments.at(-1) : undefined
  if (file === undefined) return []
  return [[file.key, entry.actor ?? info.createdBy, info.id, file.name, file.type, file.size, file.sha256, entry.at]]
}

/** Thousandths of a major unit: the finest that any currency in use has. */
const milliOf = (e: Pick<Expense, 'amount' | 'currency'>): number => e.amount * 10 ** (3 - exponentOf(e.currency))

/** Lists are read far more often than anything in `more`, so that is kept apart from what they carry. */
const expenseRow = (e: Expense): Row => [
  e.id,
  e.groupId,
  e.date,
  e.kind,
  e.status,
  e.title,
  milliOf(e),
  e.currency,
  e.categoryIds[0] ?? null,
  e.payers[0]?.member ?? e.createdBy,
  e.split.type,
  e.postedSeq,
  e.createdAt,
  e.updatedAt,
  e.deletedAt ?? null,
  JSON.stringify({ ...e, split: { type: e.split.type }, postings: e.postings.slice(0, 1), carry: [], activity: [] }),
  JSON.stringify({ split: e.split, postings: e.postings, carry: e.carry, activity: e.activity }),
]
