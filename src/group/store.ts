// The object's own SQLite: a copy of the state and of the expenses at one seq, so that waking up costs one
// look at D1. All of it can be thrown away and rebuilt from the journal.
import type { Expense } from '../domain/expense.ts'
import type { Entry, State } from '../domain/group.ts'
import type { Head } from '../db/chain.ts'
import type { Id } from '../domain/ids.ts'

/** Where the state is kept between wakings. */
export interface Store {
  load(): { state: State; head: Head } | undefined
  /** Keeps the state as it is after the entries, and the expenses that they changed. */
  save(state: State, head: Head, entries: readonly Entry[]): void
  expense(id: Id<'expense'>): Expense | undefined
  clear(): void
}

/** The journal tells what came after a snapshot, so one is written only every so many entries. */
const SNAPSHOT_EVERY = 32

type Kept = Record<'info' | 'seq' | 'expenseCount', unknown> &
  Record<'members' | 'balances' | 'carry' | 'pairs' | 'totals', [never, never][]>

const TABLES = `
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), hash TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS expenses (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
`

const packed = (state: State): string =>
  JSON.stringify({
    ...state,
    members: [...state.members],
    balances: [...state.balances],
    carry: [...state.carry],
    pairs: [...state.pairs],
    totals: [...state.totals],
  })

function unpacked(text: string): State {
  // Only `packed` writes the snapshot, so it has the shape of a state with its maps as lists.
  const kept = JSON.parse(text) as Kept
  return {
    ...kept,
    members: new Map(kept.members),
    balances: new Map(kept.balances),
    carry: new Map(kept.carry),
    pairs: new Map(kept.pairs),
    totals: new Map(kept.totals),
  } as State
}

export class SqlStore implements Store {
  readonly #sql: SqlStorage
  #snapshotSeq = 0
  /** Expenses as they are since the snapshot; should they be lost, the journal brings them back. */
  readonly #fresh = new Map<Id<'expense'>, Expense>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(TABLES)
  }

  load(): { state: State; head: Head } | undefined {
    const row = this.#sql.exec<{ hash: string; state: string }>('SELECT hash, state FROM snapshot').toArray()[0]
    if (row === undefined) return undefined
    const state = unpacked(row.state)
    this.#snapshotSeq = state.seq
    return { state, head: { seq: state.seq, hash: row.hash } }
  }

  save(state: State, head: Head, entries: readonly Entry[]): void {
    for (const { expense } of entries) if (expense !== undefined) this.#fresh.set(expense.id, expense)
    if (state.seq - this.#snapshotSeq < SNAPSHOT_EVERY) return
    for (const expense of this.#fresh.values())
      this.#sql.exec('INSERT OR REPLACE INTO expenses (id, body) VALUES (?, ?)', expense.id, JSON.stringify(expense))
    this.#sql.exec('INSERT OR REPLACE INTO snapshot (id, hash, state) VALUES (1, ?, ?)', head.hash, packed(state))
    this.#fresh.clear()
    this.#snapshotSeq = state.seq
  }

  expense(id: Id<'expense'>): Expense | undefined {
    const fresh = this.#fresh.get(id)
    if (fresh !== undefined) return fresh
    const row = this.#sql.exec<{ body: string }>('SELECT body FROM expenses WHERE id = ?', id).toArray()[0]
    return row === undefined ? undefined : (JSON.parse(row.body) as Expense)
  }

  clear(): void {
    this.#sql.exec('DELETE FROM snapshot')
    this.#sql.exec('DELETE FROM expenses')
    this.#fresh.clear()
    this.#snapshotSeq = 0
  }
}
