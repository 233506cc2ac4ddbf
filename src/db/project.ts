// From entries to the tables that reads are served from. An entry carries after-images, so this only spells
// them as rows; of several entries on one thing the last image wins. The audit spells them again, and compares.
import { exponentOf } from '../domain/currency.ts'
import type { Comment, Expense } from '../domain/expense.ts'
import {
  isPresent,
  unsettledIn,
  type Entry,
  type FileImage,
  type GroupInfo,
  type Invitation,
  type Member,
  type State,
} from '../domain/group.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { Head } from './chain.ts'

/** SQL with a `?` for each parameter and none elsewhere. */
export interface Query {
  readonly text: string
  readonly params: readonly (string | number | null)[]
}

type Value = string | number | null
export type Row = readonly Value[]

/** A table in which each row is the last image of a thing. To keep another kind of thing is to add a line to `TABLES`. */
export interface Table {
  readonly name: string
  /** In the order of a row's values; the first is the key. */
  readonly columns: readonly string[]
  /** What a later image changes; where there is none, a thing has one image only. */
  readonly changed: readonly string[]
  /** Columns with an index behind `group_id`, by which the rows of a group are read in portions. */
  readonly order: readonly string[]
  /** The keys of what the entry has an image of. */
  readonly keys: (entry: Entry) => string[]
  readonly rows: (entry: Entry, info: GroupInfo) => Row[]
}

/** A table by the images that an entry has for it, and the row of an image. */
function table<T>(
  spec: Pick<Table, 'name' | 'columns'> & Partial<Table>,
  images: (entry: Entry) => readonly T[],
  keyOf: (image: T) => string,
  rowOf: (image: T, info: GroupInfo, entry: Entry) => Row,
): Table {
  return {
    changed: [],
    order: spec.columns.slice(0, 1),
    ...spec,
    keys: (entry) => images(entry).map(keyOf),
    rows: (entry, info) => images(entry).map((image) => rowOf(image, info, entry)),
  }
}

const but = (columns: readonly string[], ...others: readonly string[]): string[] => columns.filter((column) => !others.includes(column))
const wordsIn = (text: string): string[] => text.split(' ')
const idOf = ({ id }: { readonly id: string }): string => id

const EXPENSE = wordsIn(
  'id group_id date kind status title amount_milli currency category_id paid_by split_type posted_seq created_at updated_at deleted_at body more',
)
const MEMBER = wordsIn('id group_id user_id name email avatar_key role status joined_at invited_by ended_at')
const INVITATION = wordsIn('id group_id member_id email message token_hash created_at expires_at accepted_at revoked_at')
const COMMENT = wordsIn('id group_id expense_id member_id text created_at')
const SETTLEMENT = wordsIn('id group_id payer_id payee_id status amount paid currency due_date plan_id created_at updated_at body')
const FILE = wordsIn('key user_id group_id purpose name type size sha256 created_at deleted_at')
const RECEIPT = wordsIn('id group_id expense_id status created_at updated_at deleted_at body')

/**
 * The tables that entries are spelled into and that the audit reads back, in the order in which they are written. The audit
 * takes a row that is spelled otherwise for tampering: whoever changes how one is spelled has a migration spell the old ones anew.
 */
export const TABLES: readonly Table[] = [
  table({ name: 'members', columns: MEMBER, changed: but(MEMBER, 'id', 'group_id') }, (e) => e.members ?? [], idOf, memberRow),
  table(
    { name: 'invitations', columns: INVITATION, changed: ['accepted_at', 'revoked_at'] },
    (e) => e.invitations ?? [],
    idOf,
    invitationRow,
  ),
  table(
    { name: 'expenses', columns: EXPENSE, changed: but(EXPENSE, 'id', 'group_id', 'kind', 'created_at'), order: ['date', 'id'] },
    (e) => listed(e.expense),
    idOf,
    expenseRow,
  ),
  table({ name: 'files', columns: FILE, changed: but(FILE, 'key') }, filesOf, (file) => file.key, fileRow),
  table(
    { name: 'receipts', columns: RECEIPT, changed: but(RECEIPT, 'id', 'group_id', 'created_at') },
    (e) => e.receipts ?? [],
    idOf,
    receiptRow,
  ),
  table({ name: 'comments', columns: COMMENT }, (e) => listed(e.comment), idOf, commentRow),
  table(
    { name: 'settlements', columns: SETTLEMENT, changed: ['status', 'paid', 'updated_at', 'body'] },
    (e) => e.settlements ?? [],
    idOf,
    settlementRow,
  ),
]

function upsertOf({ name, columns, changed }: Table): string {
  const values = columns.map((_, i) => `value->>${i}`).join(', ')
  const insert = `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${values} FROM json_each(?)`
  if (changed.length === 0) return insert
  // Without WHERE the parser takes ON for that of a join.
  return `${insert} WHERE true ON CONFLICT (${columns[0]}) DO UPDATE SET ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}`
}

const UPSERTS = TABLES.map((one) => ({ one, text: upsertOf(one) }))

const DELETE_SEARCH = 'DELETE FROM expense_search WHERE rowid IN (SELECT n FROM expenses WHERE id IN (SELECT value->>0 FROM json_each(?)))'
const INSERT_SEARCH =
  'INSERT INTO expense_search (rowid, words) SELECT e.n, j.value->>1 FROM json_each(?) j JOIN expenses e ON e.id = j.value->>0'

/** The last row of each key, in order of its first appearance. */
const lastOf = (rows: readonly Row[]): Row[] => [...new Map(rows.map((row) => [row[0], row])).values()]

/** The statement on the group's own row, which goes first, and those on everything else. */
export function projection(entries: readonly Entry[], after: State, head: Head): { group: Query; rest: Query[] } {
  const { info } = after
  if (info === undefined) throw new Error('entries are projected onto a group that exists')
  const worded = lastOf(entries.flatMap((e) => listed(wordedBy(e))))
  const isOld = entries.some((e) => e.type !== 'expense_recorded' && wordedBy(e) !== undefined)
  const words = JSON.stringify(worded)
  return {
    group: groupQuery(entries, after, info, head),
    rest: [
      ...UPSERTS.flatMap(({ one, text }) => {
        const images = entries.flatMap((e) => one.rows(e, info))
        // What has one image only keeps its doubles, so that the table refuses them.
        const rows = one.changed.length === 0 ? images : lastOf(images)
        return rows.length === 0 ? [] : [{ text, params: [JSON.stringify(rows)] }]
      }),
      ...(isOld ? [{ text: DELETE_SEARCH, params: [words] }] : []),
      ...(worded.length > 0 ? [{ text: INSERT_SEARCH, params: [words] }] : []),
    ],
  }
}

/** The expense that the entry gives other words to be found by, and those words. */
export function wordedBy({ type, expense }: Entry): readonly [id: string, words: string] | undefined {
  return expense !== undefined && (type === 'expense_recorded' || type === 'expense_updated') ? [expense.id, wordsOf(expense)] : undefined
}

/** What an expense is found by. The group's id goes in as a word, so that a search stays within its groups. */
const wordsOf = (e: Expense): string => [e.groupId, e.title, e.description, e.vendor, ...e.tags].join(' ')

/** The columns of the group's own row: those that every entry writes, those that an entry on the group does, and those of the first. */
export function groupColumns(
  after: State,
  info: GroupInfo,
  head: Head,
): Readonly<Record<'counters' | 'info' | 'birth', Record<string, Value>>> {
  return {
    counters: {
      seq: head.seq,
      head: head.hash,
      member_count: [...after.members.values()].filter(isPresent).length,
      expense_count: after.expenseCount,
      total_minor: after.totals.get(info.currency) ?? 0,
      unsettled_minor: unsettledIn(after, info.currency),
    },
    info: {
      name: info.name,
      description: info.description,
      type: info.type,
      currency: info.currency,
      is_private: info.isPrivate ? 1 : 0,
      invite_code: info.inviteCode ?? null,
      image_key: info.imageKey ?? null,
      settings: JSON.stringify(info.settings),
      updated_at: info.updatedAt,
      archived_at: info.archivedAt ?? null,
      version: info.version,
    },
    birth: { id: info.id, created_by: info.createdBy, created_at: info.createdAt, is_personal: info.isPersonal ? 1 : 0 },
  }
}

function groupQuery(entries: readonly Entry[], after: State, info: GroupInfo, head: Head): Query {
  const { counters, info: named, birth } = groupColumns(after, info, head)
  const isNew = entries[0]?.seq === 1
  const columns = { ...counters, ...(entries.some((e) => e.info !== undefined) && named), ...(isNew && birth) }
  const names = Object.keys(columns)
  const params = Object.values(columns)
  if (isNew) return { text: `INSERT INTO groups (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, params }
  return { text: `UPDATE groups SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`, params: [...params, info.id] }
}

function listed<T>(one: T | undefined): T[] {
  return one === undefined ? [] : [one]
}

function memberRow(m: Member, info: GroupInfo): Row {
  return [
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
}

function invitationRow(i: Invitation, info: GroupInfo): Row {
  return [i.id, info.id, i.member, i.email, i.message, i.tokenHash, i.createdAt, i.expiresAt, i.acceptedAt ?? null, i.revokedAt ?? null]
}

function commentRow(c: Comment, info: GroupInfo): Row {
  return [c.id, info.id, c.expenseId, c.member, c.text, c.createdAt]
}

/** The files that the entry brought or took; the object of one that it brought was stored before. */
function filesOf({ type, expense, files }: Entry): readonly FileImage[] {
  return files ?? (type === 'expense_receipt_added' ? listed(expense?.attachments.at(-1)) : [])
}

function fileRow(file: FileImage, info: GroupInfo, { actor, at }: Entry): Row {
  const { key, name, type, size, sha256, deletedAt } = file
  return [key, actor ?? info.createdBy, info.id, 'receipt', name, type, size, sha256, at, deletedAt ?? null]
}

function receiptRow(r: Receipt): Row {
  return [r.id, r.groupId, r.expenseId ?? null, r.status, r.createdAt, r.updatedAt, r.deletedAt ?? null, JSON.stringify(r)]
}

/** Thousandths of a major unit: the finest that any currency in use has. */
const milliOf = (e: Pick<Expense, 'amount' | 'currency'>): number => e.amount * 10 ** (3 - exponentOf(e.currency))

/** Lists are read far more often than anything in `more`, so that is kept apart from what they carry. */
function expenseRow(e: Expense): Row {
  return [
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
}

function settlementRow(s: Settlement): Row {
  return [
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
}
