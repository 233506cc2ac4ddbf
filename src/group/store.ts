// The object's own SQLite: a copy of the state and of the expenses at one seq, so that waking up costs one
// look at D1. All of it can be thrown away and rebuilt from the journal.
import type { Expense } from '../domain/expense.ts'
import type { Entry, State } from '../domain/group.ts'
import type { Head } from '../db/chain.ts'
import type { Id } from '../domain/ids.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import type { Settlement } from '../domain/settlement.ts'

/** Where the state is kept between wakings. */
export interface Store {
  load(): { state: State; head: Head } | undefined
  /** Keeps the state as it is after the entries, and the expenses that they changed. */
  save(state: State, head: Head, entries: readonly Entry[]): void
  expense(id: Id<'expense'>): Expense | undefined
  settlement(id: Id<'settlement'>): Settlement | undefined
  receipt(id: Id<'receipt'>): Receipt | undefined
  clear(): void
}

/** The journal tells what came after a snapshot, so one is written only every so many entries. */
const SNAPSHOT_EVERY = 32

type Kept = Record<'info' | 'seq' | 'expenseCount', unknown> &
  Record<'members' | 'balances' | 'carry' | 'pairs' | 'totals', [never, never][]>

const TABLES = `
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), hash TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS expenses (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settlements (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
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
  /** What changed since the snapshot; should it be lost, the journal brings it back. */
  readonly #expenses: Shelf<Expense>
  readonly #settlements: Shelf<Settlement>
  readonly #receipts: Shelf<Receipt>

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(TABLES)
    this.#expenses = new Shelf(sql, 'expenses')
    this.#settlements = new Shelf(sql, 'settlements')
    this.#receipts = new Shelf(sql, 'receipts')
  }

  load(): { state: State; head: Head } | undefined {
    const row = this.#sql.exec<{ hash: string; state: string }>('SELECT hash, state FROM snapshot').toArray()[0]
    if (row === undefined) return undefined
    const state = unpacked(row.state)
    this.#snapshotSeq = state.seq
    return { state, head: { seq: state.seq, hash: row.hash } }
  }

  save(state: State, head: Head, entries: readonly Entry[]): void {
    for (const { expense, settlements = [], receipts = [] } of entries) {
      if (expense !== undefined) this.#expenses.put(expense)
      for (const settlement of settlements) this.#settlements.put(settlement)
      for (const receipt of receipts) this.#receipts.put(receipt)
    }
    if (state.seq - this.#snapshotSeq < SNAPSHOT_EVERY) return
    this.#expenses.flush()
    this.#settlements.flush()
    this.#receipts.flush()
    this.#sql.exec('INSERT OR REPLACE INTO snapshot (id, hash, state) VALUES (1, ?, ?)', head.hash, packed(state))
    this.#snapshotSeq = state.seq
  }

  expense = (id: Id<'expense'>): Expense | undefined => this.#expenses.get(id)
  settlement = (id: Id<'settlement'>): Settlement | undefined => this.#settlements.get(id)
  receipt = (id: Id<'receipt'>): Receipt | undefined => this.#receipts.get(id)

  clear(): void {
    this.#sql.exec('DELETE FROM snapshot')
    this.#expenses.clear()
    this.#settlements.clear()
    this.#receipts.clear()
    this.#snapshotSeq = 0
  }
}

type ShelfName = 'expenses' | 'settlements' | 'receipts'

/** Things by id: those that changed lately in memory, the others in a table. */
class Shelf<T extends { readonly id: string }> {
  readonly #sql: SqlStorage
  readonly #table: ShelfName
  readonly #fresh = new Map<string, T>()

  constructor(sql: SqlStorage, table: ShelfName) {
    this.#sql = sql
    this.#table = table
  }

  put(thing: T): void {
    this.#fresh.set(thing.id, thing)
  }

  flush(): void {
    for (const thing of this.#fresh.values())
      this.#sql.exec(`INSERT OR REPLACE INTO ${this.#table} (id, body) VALUES (?, ?)`, thing.id, JSON.stringify(thing))
    this.#fresh.clear()
  }

  get(id: string): T | undefined {
    const fresh = this.#fresh.get(id)
    if (fresh !== undefined) return fresh
    const row = this.#sql.exec<{ body: string }>(`SELECT body FROM ${this.#table} WHERE id = ?`, id).toArray()[0]
    return row === undefined ? undefined : (JSON.parse(row.body) as T)
  }

  clear(): void {
    this.#sql.exec(`DELETE FROM ${this.#table}`)
    this.#fresh.clear()
  }
}
