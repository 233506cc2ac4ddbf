// Holds the rows of a group, column by column, against the images in its journal, and says which entry wrote a row that
// differs. Rows are read after the journal was replayed up to a seq, while more may be written. So a row is told of only if
// no later entry has an image of it: those up to the end of the journal are looked at when the last row has been read.
import type { GroupAccess } from '../domain/access.ts'
import { movesOf } from '../domain/apply.ts'
import { balanceKey, type Entry, type GroupInfo } from '../domain/group.ts'
import { isPersonal, unseal, wordless, type Head } from './chain.ts'
import { readJournal } from './journal.ts'
import type { Effect } from './outbox.ts'
import { TABLES, wordedBy, type Row, type Table } from './project.ts'

/** An entry as it was read; of one that is erased the words are unknown. */
export interface Told {
  readonly entry: Entry
  readonly isErased: boolean
}

/** What differs; its key says which row, by the table's own key. */
interface Oddity {
  readonly table: string
  readonly key: string
  readonly seq: number | undefined
  readonly message: string
}

/** More than this is not remembered of one table: rows that are being written are among it, and memory is not endless. */
const REMEMBERED = 1000

/** So many expenses are looked up by their words. */
const LOOKED_UP = 200

/** Every row that the entry writes, by table and key. */
function writtenBy(entry: Entry): (readonly [table: string, key: string])[] {
  const worded = wordedBy(entry)
  const invited = (entry.invitations ?? []).filter((i) => i.acceptedAt === undefined && i.revokedAt === undefined)
  const toRead = (entry.receipts ?? []).filter((receipt) => receipt.status === 'processing' && receipt.version === entry.seq)
  return [
    ...TABLES.flatMap(({ name, keys }) => keys(entry).map((key) => [name, key] as const)),
    ...(worded === undefined ? [] : [['expense_search', worded[0]] as const]),
    ...(entry.info === undefined ? [] : [['groups', entry.info.id] as const]),
    ...movesOf(entry).map((p) => ['balances', balanceKey(p.member, p.currency)] as const),
    ...invited.map(({ id }) => ['outbox', id] as const),
    // A receipt may be read more than once, each time at the word of another entry.
    ...toRead.flatMap(({ id }) => [id, `${id} ${entry.seq}`].map((key) => ['outbox', key] as const)),
  ]
}

/** Which entry wrote each row last. It holds keys and seqs only, because a group may have more rows than fit into memory. */
export class Written {
  readonly #seqs = new Map<string, Map<string, number>>()

  note(entry: Entry): void {
    for (const [table, key] of writtenBy(entry)) {
      const seqs = this.#seqs.get(table) ?? new Map<string, number>()
      this.#seqs.set(table, seqs.set(key, entry.seq))
    }
  }

  in(table: string): ReadonlyMap<string, number> {
    return this.#seqs.get(table) ?? new Map<string, number>()
  }
}

interface Reading {
  readonly d1: D1Database
  readonly access: GroupAccess
  readonly info: GroupInfo
  readonly written: Written
  /** So many rows at a time. */
  readonly size: number
}

/** What differs in any table from the images up to the head. `size` rows are read at a time. */
export async function findOddRows(reading: Reading, head: Head): Promise<Oddity[]> {
  const odd: Oddity[] = []
  for (const table of TABLES) odd.push(...(await oddRows(reading, table)))
  odd.push(...(await oddWords(reading)), ...(await oddPromises(reading)))
  if (odd.length === 0) return []
  const later = new Written()
  let [end, isEnd] = [head, false]
  while (!isEnd) {
    const page = await readJournal(reading.d1, reading.access.groupId, end, reading.size)
    for (const entry of page.entries) later.note(entry)
    isEnd = page.entries.length < reading.size
    end = page.head
  }
  return odd.filter(({ table, key }) => !later.in(table).has(key))
}

/** The entries with these seqs. */
async function readTold({ d1, access }: Reading, seqs: readonly number[]): Promise<Map<number, Told>> {
  const { results } = await d1
    .prepare('SELECT seq, body, texts FROM journal WHERE group_id = ? AND seq IN (SELECT value FROM json_each(?))')
    .bind(access.groupId, JSON.stringify([...new Set(seqs)]))
    .all<{ seq: number; body: string; texts: string | null }>()
  return new Map(results.map((row) => [row.seq, { entry: unseal(row), isErased: row.texts === null }]))
}

/** A portion of the group's rows behind a place in their order. */
async function readRows({ d1, access, size }: Reading, { name, columns, order }: Table, after: Row): Promise<Row[]> {
  const by = order.join(', ')
  return d1
    .prepare(
      `SELECT ${columns.join(', ')} FROM ${name} WHERE group_id = ? AND (${by}) > (${order.map(() => '?').join(', ')}) ORDER BY ${by} LIMIT ?`,
    )
    .bind(access.groupId, ...after, size)
    .raw<(string | number | null)[]>()
}

async function oddRows(reading: Reading, table: Table): Promise<Oddity[]> {
  const { name, columns, order, rows: rowsOf } = table
  const places = order.map((column) => columns.indexOf(column))
  const left = new Map(reading.written.in(name))
  const odd: Oddity[] = []
  const note = (key: string, seq: number | undefined, what: string) => {
    if (odd.length < REMEMBERED) odd.push({ table: name, key, seq, message: `${name} ${key}: ${what}` })
  }
  let [after, isEnd]: [Row, boolean] = [order.map(() => ''), false]
  while (!isEnd) {
    const rows = await readRows(reading, table, after)
    const told = await readTold(
      reading,
      rows.flatMap((row) => left.get(String(row[0])) ?? []),
    )
    for (const row of rows) {
      const key = String(row[0])
      const seq = left.get(key)
      const by = seq === undefined ? undefined : told.get(seq)
      const image = by === undefined ? undefined : rowsOf(by.entry, reading.info).findLast((one) => one[0] === key)
      left.delete(key)
      if (by === undefined || image === undefined) {
        note(key, seq, 'there is a row that no entry wrote')
        continue
      }
      const wrong = columns.filter((column, i) => !isSame(column, image[i], row[i], by.isErased))
      if (wrong.length > 0) note(key, seq, `not as entry ${seq} says: ${wrong.join(', ')}`)
    }
    after = places.map((i) => rows.at(-1)?.[i] ?? null)
    isEnd = rows.length < reading.size
  }
  for (const [key, seq] of left) note(key, seq, `the row that entry ${seq} wrote is missing`)
  return odd
}

/** Whether a column holds what the image says. Nobody knows the words of an image that is erased any more. */
export function isSame(column: string, said: unknown, kept: unknown, isErased: boolean): boolean {
  if (said === kept || (typeof said === 'string' && !isStorable(said))) return true
  if (!isErased) return false
  if (isPersonal(column)) return true
  if (typeof said !== 'string' || typeof kept !== 'string' || !said.startsWith('{')) return false
  try {
    return wordless(said) === wordless(kept)
  } catch {
    return false
  }
}

/** Forms refuse what SQLite stores otherwise than it came. Should any get past them, that is no tampering. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** As a phrase at the beginning of the words. What comes behind it is not looked at. */
const phrase = (words: string): string => `^"${words.replaceAll('"', '""').replace(/\0.*/s, '')}"`

/**
 * What is wrong with the search table, which keeps no text to be read back. That each expense is found in its group, and
 * nothing else is, one walk over the index tells. Whether it is found by its own words has to be asked one by one, and each
 * answer costs a walk, so that only the newest are asked for.
 */
async function oddWords({ d1, access, written, ...reading }: Reading): Promise<Oddity[]> {
  const seqs = written.in('expense_search')
  const newest = new Map([...seqs].sort(([, a], [, b]) => b - a).slice(0, LOOKED_UP))
  const told = await readTold({ d1, access, written, ...reading }, [...newest.values()])
  const sought = [...newest].flatMap(([id, seq]) => {
    const by = told.get(seq)
    const words = by === undefined || by.isErased ? undefined : wordedBy(by.entry)?.[1]
    return words === undefined ? [] : [[id, phrase(words)]]
  })
  const own = phrase(access.groupId)
  const [unfound, orphaned, missed] = await d1.batch<{ key: string }>([
    d1
      .prepare(
        'SELECT id AS key FROM expenses WHERE group_id = ? AND n NOT IN (SELECT rowid FROM expense_search WHERE expense_search MATCH ?) LIMIT ?',
      )
      .bind(access.groupId, own, REMEMBERED),
    d1
      .prepare(
        "SELECT 'row ' || rowid AS key FROM expense_search WHERE expense_search MATCH ? AND NOT EXISTS (SELECT 1 FROM expenses e WHERE e.n = expense_search.rowid AND e.group_id = ?) LIMIT ?",
      )
      .bind(own, access.groupId, REMEMBERED),
    d1
      .prepare(
        'SELECT v.value->>0 AS key FROM json_each(?) v JOIN expenses e ON e.id = v.value->>0 WHERE NOT EXISTS (SELECT 1 FROM expense_search WHERE expense_search MATCH v.value->>1 AND rowid = e.n)',
      )
      .bind(JSON.stringify(sought)),
  ])
  const wrong = [
    ...(unfound?.results ?? []).map(({ key }) => ({ key, what: 'it is not found in its group' })),
    ...(orphaned?.results ?? []).map(({ key }) => ({ key, what: 'there are words of no expense' })),
    ...(missed?.results ?? []).map(({ key }) => ({ key, what: 'it is not found by its words' })),
  ]
  return wrong.map(({ key, what }) => ({ table: 'expense_search', key, seq: seqs.get(key), message: `expense_search ${key}: ${what}` }))
}

type Promised = [id: string, kind: string, seq: number | null, payload: string, isTold: number]

/** Promises that are not what an entry gave. A kept one is deleted in time, so that none is missed. */
async function oddPromises({ d1, access, written, size }: Reading): Promise<Oddity[]> {
  const odd: Oddity[] = []
  let [after, isEnd] = ['', false]
  while (!isEnd) {
    const rows = await d1
      .prepare(
        'SELECT id, kind, seq, payload, EXISTS (SELECT 1 FROM journal j WHERE j.group_id = o.group_id AND j.seq = o.seq) FROM outbox o WHERE group_id = ? AND id > ? ORDER BY id LIMIT ?',
      )
      .bind(access.groupId, after, size)
      .raw<Promised>()
    for (const [id, kind, seq, payload, isTold] of rows) {
      const effect = effectIn(payload)
      const key = effect?.invitationId ?? effect?.receiptId ?? id
      const made = written.in('outbox').get(`${key} ${seq}`) ?? written.in('outbox').get(key)
      const said = made === undefined && !TIED.has(kind) ? undefined : saidOf(key)
      const isKept =
        said === undefined
          ? isTold === 1 && kind === effect?.kind && payload === JSON.stringify(effect)
          : kind === said.kind && seq === made && payload === JSON.stringify(said)
      const by = made ?? seq ?? undefined
      if (!isKept) odd.push({ table: 'outbox', key, seq: by, message: `outbox ${id}: not as entry ${by} promised` })
    }
    after = rows.at(-1)?.[0] ?? ''
    isEnd = rows.length < size || odd.length >= REMEMBERED
  }
  return odd
}

/** Kinds of promises that an entry makes by what it says. */
const TIED: ReadonlySet<string> = new Set<Effect['kind']>(['mail_invitation', 'read_receipt'])

/** The promise that is made about the invitation or receipt. */
const saidOf = (key: string): Effect =>
  key.startsWith('rec_')
    ? { kind: 'read_receipt', receiptId: `rec_${key.slice('rec_'.length)}` }
    : { kind: 'mail_invitation', invitationId: `inv_${key.slice('inv_'.length)}` }

function effectIn(payload: string): { readonly kind?: string; readonly invitationId?: string; readonly receiptId?: string } | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
