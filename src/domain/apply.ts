// What an entry does to the state. It never refuses: a contradiction here is a bug, and says so.
import { balanceKey, pairKey, type Entry, type State } from './group.ts'
import type { Posting } from './expense.ts'
import { pairFlows } from './pairs.ts'
import { merged } from './postings.ts'

/** What the entry does to each member it names. Also where that comes to nothing: the debts between members may change nevertheless, and are explained from the entries that post for both. */
export function movesOf({ reversal, postings }: Pick<Entry, 'reversal' | 'postings'>): Posting[] {
  const moves = merged(reversal, postings)
  if (moves.length === 0) return []
  const even = postings.filter((p) => !moves.some((move) => move.member === p.member && move.currency === p.currency))
  return [...moves, ...even.map((p) => ({ ...p, paid: 0, owed: 0 }))]
}

/** The state after the entry. Throws when the entry does not follow the state; replay is `entries.reduce(apply, EMPTY)`. */
export function apply(state: State, entry: Entry): State {
  if (entry.seq !== state.seq + 1) throw new Error(`entry ${entry.seq} does not follow seq ${state.seq}`)
  const moves = movesOf(entry)
  return {
    seq: entry.seq,
    info: entry.info ?? state.info,
    members: entry.members === undefined ? state.members : upserted(state.members, entry),
    balances: moves.length === 0 ? state.balances : posted(state.balances, moves, entry),
    carry: entry.carry.length === 0 ? state.carry : carried(state.carry, entry),
    pairs: moves.length === 0 ? state.pairs : paired(state.pairs, entry),
    expenseCount: state.expenseCount + countChange(entry),
    ...((entry.plan ?? state.plan) && { plan: entry.plan ?? state.plan }),
    totals: entry.expense?.kind === 'expense' && moves.length > 0 ? totalled(state.totals, moves) : state.totals,
  }
}

function upserted(before: State['members'], entry: Entry): State['members'] {
  const after = new Map(before)
  for (const member of entry.members ?? []) after.set(member.id, member)
  return after
}

function posted(before: State['balances'], moves: readonly Posting[], { seq, at }: Entry): State['balances'] {
  const after = new Map(before)
  for (const { member, currency, paid, owed } of moves) {
    const key = balanceKey(member, currency)
    const old = after.get(key)
    const next = { member, currency, paid: (old?.paid ?? 0) + paid, owed: (old?.owed ?? 0) + owed }
    const square =
      next.paid >= next.owed ? { squareSeq: seq, squareAt: at } : { squareSeq: old?.squareSeq ?? 0, squareAt: old?.squareAt ?? 0 }
    after.set(key, { ...next, ...square })
  }
  return after
}

function carried(before: State['carry'], entry: Entry): State['carry'] {
  const after = new Map(before)
  for (const { member, currency, micro } of entry.carry) {
    const key = balanceKey(member, currency)
    after.set(key, (after.get(key) ?? 0) + micro)
  }
  return after
}

function paired(before: State['pairs'], entry: Entry): State['pairs'] {
  const after = new Map(before)
  for (const { from, to, currency, minor } of [...pairFlows(entry.reversal), ...pairFlows(entry.postings)]) {
    const key = pairKey(from, to, currency)
    const next = (after.get(key) ?? 0) + (from < to ? minor : -minor)
    if (next === 0) after.delete(key)
    else after.set(key, next)
  }
  return after
}

function totalled(before: State['totals'], moves: readonly Posting[]): State['totals'] {
  const after = new Map(before)
  for (const { currency, paid } of moves) after.set(currency, (after.get(currency) ?? 0) + paid)
  return after
}

function countChange(entry: Entry): number {
  if (entry.type === 'expense_recorded' || entry.type === 'expense_restored') return 1
  return entry.type === 'expense_deleted' ? -1 : 0
}
