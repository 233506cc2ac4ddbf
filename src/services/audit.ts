// The audit of a group: every invariant, from the sums to the hash chain, and a replay of the whole journal held
// against the tables and the object's memory. It mends nothing; a contradiction freezes the group.
import type { Ctx, Surroundings } from '../context.ts'
import { findViolations, freezeGroup, listUnaudited, noteAudit, readKept, readSealed, type Kept, type Violation } from '../db/audit.ts'
import { START, type Head } from '../db/chain.ts'
import { apply } from '../domain/apply.ts'
import { balanceKey, EMPTY, isPresent, unsettledIn, type State } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { Memory } from '../domain/views.ts'
import type { GroupAccess } from '../domain/access.ts'
import { requireGroup, systemAccess } from './access.ts'

export interface Audit {
  readonly groupId: Id<'group'>
  readonly head: Head
  readonly entries: number
  readonly violations: readonly Violation[]
}

const PAGE = 500

/** Reads the journal from its beginning up to a seq: whether each seal holds, and the state that it comes to. */
async function replay(d1: D1Database, access: GroupAccess, until: number): Promise<{ state: State; head: Head; faults: Violation[] }> {
  const faults: Violation[] = []
  let [state, head] = [EMPTY, START]
  for (;;) {
    const size = Math.min(PAGE, until - head.seq)
    const link = await readSealed(d1, access, head, size)
    faults.push(...link.faults)
    // A state is replayed only as far as the chain holds; what comes behind a broken link proves nothing.
    if (faults.length === 0) state = link.entries.reduce(apply, state)
    const isEnd = link.head.seq - head.seq < PAGE || link.head.seq >= until
    head = link.head
    if (isEnd) return { state, head, faults }
  }
}

/** Audits the group as a member of it. Throws `group.not_found`. */
export async function auditGroup(ctx: Ctx, groupId: Id<'group'>): Promise<Audit> {
  const { access } = await requireGroup(ctx, groupId, 'group.read')
  return audit(ctx, access)
}

/** Audits every group that has changed since it was last audited, at most `limit` of them. */
export async function auditChangedGroups(at: Surroundings, limit: number): Promise<readonly Audit[]> {
  const audits: Audit[] = []
  for (const groupId of await listUnaudited(at.db.$client, limit)) audits.push(await audit(at, systemAccess(groupId)))
  return audits
}

async function audit(at: Surroundings, access: GroupAccess): Promise<Audit> {
  const d1 = at.db.$client
  const { groupId } = access
  const live = await at.env.GROUP.getByName(groupId).memory()
  const [found, kept] = await Promise.all([findViolations(d1, access), readKept(d1, access)])
  // Entries may come in all the while: the journal is replayed to the very seq at which the tables were read.
  const replayed = await replay(d1, access, kept.group?.seq ?? 0)
  const isWhole = replayed.faults.length === 0
  // The memory was read before, and is compared only if nothing came in between.
  const isSameMoment = replayed.state.seq === live.seq
  const violations = [
    ...found,
    ...replayed.faults,
    ...(isWhole ? againstTables(replayed.state, replayed.head, kept) : []),
    ...(isWhole && isSameMoment ? againstMemory(replayed.state, live) : []),
  ]
  if (violations.length > 0) {
    console.error(JSON.stringify({ level: 'alert', group: groupId, violations: violations.slice(0, 5) }))
    await freezeGroup(d1, access, at.now)
  }
  await noteAudit(d1, access, { seq: replayed.head.seq, at: at.now, violations: violations.length })
  return { groupId, head: replayed.head, entries: replayed.head.seq, violations }
}

const differs = (invariant: string, what: string, expected: unknown, got: unknown): Violation[] =>
  expected === got ? [] : [{ invariant, message: `${what}: the journal comes to ${String(expected)}, kept is ${String(got)}` }]

function againstTables(state: State, head: Head, { group, balances }: Kept): Violation[] {
  const name = 'tables_equal_replay'
  if (group === undefined || state.info === undefined) return [{ invariant: name, message: 'the group has no row' }]
  const { currency } = state.info
  const rows = new Map(balances.map((b) => [balanceKey(b.member, b.currency), b]))
  return [
    ...differs('hash_chain_holds', 'the head', head.hash, group.head),
    ...differs(name, 'the number of expenses', state.expenseCount, group.expense_count),
    ...differs(name, 'the number of members', [...state.members.values()].filter(isPresent).length, group.member_count),
    ...differs(name, 'the total', state.totals.get(currency) ?? 0, group.total_minor),
    ...differs(name, 'what is unsettled', unsettledIn(state, currency), group.unsettled_minor),
    ...differs(name, 'the number of balances', state.balances.size, rows.size),
    ...[...state.balances].flatMap(([key, b]) =>
      differs(name, `the balance ${key}`, `${b.paid}/${b.owed}@${b.squareSeq}`, shown(rows.get(key))),
    ),
  ]
}

const shown = (b: { paid: number; owed: number; squareSeq: number } | undefined): string =>
  b === undefined ? 'none' : `${b.paid}/${b.owed}@${b.squareSeq}`

function againstMemory(state: State, live: Memory): Violation[] {
  const name = 'memory_equals_replay'
  const memory = new Map(live.balances.map((b) => [balanceKey(b.member, b.currency), b]))
  return [
    ...differs(name, 'the number of balances in memory', state.balances.size, memory.size),
    ...[...state.balances].flatMap(([key, b]) =>
      differs(name, `the balance ${key} in memory`, `${b.paid}/${b.owed}@${b.squareSeq}`, shown(memory.get(key))),
    ),
  ]
}
