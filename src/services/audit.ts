// The audit of a group: every invariant, from the sums to the hash chain, and a replay of the whole journal held
// against the tables and the object's memory. It mends nothing; a contradiction freezes the group.
import type { Ctx, Surroundings } from '../context.ts'
import {
  findViolations,
  freezeGroup,
  listUnaudited,
  MOST,
  noteAudit,
  readKept,
  readSealed,
  type Kept,
  type Violation,
} from '../db/audit.ts'
import { findOddSums } from '../db/audit-rollups.ts'
import { findOddRows, isSame, Written } from '../db/audit-rows.ts'
import { START, type Head } from '../db/chain.ts'
import { apply } from '../domain/apply.ts'
import { errorText } from '../domain/error-text.ts'
import { groupColumns } from '../db/project.ts'
import { balanceKey, EMPTY, type Balance, type State } from '../domain/group.ts'
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

/** Entries of a large group are large, and a page of them has to fit into memory several times over; how large it is, the first page tells. */
const pageSize = ({ members }: State): number => (members.size === 0 ? 50 : Math.min(500, Math.max(50, Math.floor(20_000 / members.size))))

interface Replay {
  readonly state: State
  readonly head: Head
  readonly faults: Violation[]
  readonly written: Written
  /** Whether the words of the entry are erased that last changed the group itself. */
  readonly isInfoErased: boolean
}

/** Reads the journal from its beginning up to a seq: whether each seal holds, the state it comes to, and which entry wrote what. */
async function replay(d1: D1Database, access: GroupAccess, until: number): Promise<Replay> {
  const faults: Violation[] = []
  const written = new Written()
  let [state, head, isInfoErased] = [EMPTY, START, false]
  while (head.seq < until) {
    const link = await readSealed(d1, access, head, Math.min(pageSize(state), until - head.seq))
    faults.push(...link.faults)
    if (link.head.seq === head.seq) break
    head = link.head
    // A state is replayed only as far as the journal holds; what comes behind a broken link proves nothing.
    if (faults.some((fault) => fault.invariant === 'hash_chain_holds')) continue
    for (const { entry, isErased } of link.entries) {
      state = apply(state, entry)
      written.note(entry)
      if (entry.info !== undefined) isInfoErased = isErased
    }
  }
  return { state, head, faults, written, isInfoErased }
}

/** Audits the group as a member of it. Throws `group.not_found`. */
export async function auditGroup(ctx: Ctx, groupId: Id<'group'>): Promise<Audit> {
  const { access } = await requireGroup(ctx, groupId, 'group.read')
  return audit(ctx, access)
}

/** Audits every group that has changed since it was last audited, at most `limit` of them. Where one can't be audited, the rest are. */
export async function auditChangedGroups(at: Surroundings, limit: number): Promise<readonly Audit[]> {
  const audits: Audit[] = []
  for (const groupId of await listUnaudited(at.db.$client, limit)) {
    try {
      audits.push(await audit(at, systemAccess(groupId)))
    } catch (error) {
      // The group is the first in line again tomorrow; the others must not wait for it.
      console.error(JSON.stringify({ level: 'error', group: groupId, message: errorText(error) }))
    }
  }
  return audits
}

async function audit(at: Surroundings, access: GroupAccess): Promise<Audit> {
  const d1 = at.db.$client
  const { groupId } = access
  const live = await at.env.GROUP.getByName(groupId).memory()
  const [found, kept] = await Promise.all([findViolations(d1, access), readKept(d1, access)])
  // Entries may come in all the while: the journal is replayed to the very seq at which these tables were read.
  const replayed = await replay(d1, access, kept.seq)
  const isWhole = replayed.faults.every((fault) => fault.invariant !== 'hash_chain_holds')
  // The memory was read before, and is compared only if nothing came in between.
  const isSameMoment = replayed.state.seq === live.seq
  const violations = [
    ...found,
    ...replayed.faults,
    ...(isWhole ? againstKept(replayed, kept) : []),
    ...(isWhole ? await againstRows(d1, access, replayed) : []),
    ...(isWhole ? await againstSums(d1, access, replayed.head) : []),
    ...(isWhole && isSameMoment ? againstMemory(replayed.state, live) : []),
  ]
  if (violations.length > 0) {
    console.error(JSON.stringify({ level: 'alert', group: groupId, violations: violations.slice(0, 5) }))
    await freezeGroup(d1, access, at.now)
  }
  await noteAudit(d1, access, { seq: replayed.head.seq, at: at.now, violations: violations.length })
  return { groupId, head: replayed.head, entries: replayed.head.seq, violations }
}

const TABLES_DIFFER = 'tables_equal_replay'

/** The group's own row and the balances, which were read at the seq of the replay. */
function againstKept({ state, head, written, isInfoErased }: Replay, { group, balances }: Kept): Violation[] {
  const { info } = state
  if (group === undefined || info === undefined) return [{ invariant: TABLES_DIFFER, seq: head.seq, message: 'the group has no row' }]
  const columns = groupColumns(state, info, head)
  const writers = { counters: head.seq, info: written.in('groups').get(info.id) ?? head.seq, birth: 1 }
  const wrong = (['counters', 'info', 'birth'] as const).flatMap((part) =>
    Object.entries(columns[part])
      .filter(([column, said]) => !isSame(column, said, group[column], part === 'info' && isInfoErased))
      .map(([column, said]) => ({
        invariant: column === 'head' ? 'hash_chain_holds' : TABLES_DIFFER,
        seq: writers[part],
        // Only figures may go into the log, which keeps what a violation says.
        message: `groups ${column}: ${part === 'counters' ? `the journal comes to ${said}, kept is ${String(group[column])}` : `not as entry ${writers[part]} says`}`,
      })),
  )
  return [...wrong, ...differing(TABLES_DIFFER, 'balances', state, balances, written)]
}

async function againstRows(d1: D1Database, access: GroupAccess, { state, head, written }: Replay): Promise<Violation[]> {
  const { info } = state
  if (info === undefined) return []
  const odd = await findOddRows({ d1, access, info, written, size: pageSize(state) }, head)
  const tables = Map.groupBy(odd, ({ table }) => table)
  return [...tables.values()].flatMap((rows) =>
    rows.slice(0, MOST).map(({ seq, message }) => ({ invariant: TABLES_DIFFER, ...(seq !== undefined && { seq }), message })),
  )
}

async function againstSums(d1: D1Database, access: GroupAccess, head: Head): Promise<Violation[]> {
  const odd = await findOddSums(d1, access, head.seq)
  return odd.slice(0, MOST).map(({ seq, message }) => ({ invariant: TABLES_DIFFER, ...(seq !== undefined && { seq }), message }))
}

const againstMemory = (state: State, live: Memory): Violation[] => differing('memory_equals_replay', 'memory', state, live.balances)

type Sums = Pick<Balance, 'member' | 'currency' | 'paid' | 'owed' | 'squareSeq'> & { readonly squareAt?: number }

/** Balances that are not as the journal comes to, those that are missing, and those that nothing posted to. */
function differing(invariant: string, where: string, state: State, balances: readonly Sums[], written?: Written): Violation[] {
  const rows = new Map(balances.map((b) => [balanceKey(b.member, b.currency), b]))
  return [...new Set([...state.balances.keys(), ...rows.keys()])].flatMap((key) => {
    const [said, got] = [shown(state.balances.get(key)), shown(rows.get(key))]
    const seq = written?.in('balances').get(key)
    const message = `${where} ${key}: the journal comes to ${said}, kept is ${got}`
    return said === got ? [] : [{ invariant, ...(seq !== undefined && { seq }), message }]
  })
}

const shown = (b: Sums | undefined): string =>
  b === undefined ? 'none' : [b.paid, b.owed, b.squareSeq, ...(b.squareAt === undefined ? [] : [b.squareAt])].join('/')
