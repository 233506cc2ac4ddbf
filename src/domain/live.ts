// Watching a group, with no socket in sight: what each entry did to whom, which entries a user may see, and when
// what a watcher missed is told entry by entry. All of it follows from entries and the state behind the last one.
import { movesOf } from './apply.ts'
import { ERRORS, type ErrorCode } from './errors.ts'
import type { MemberId } from './expense.ts'
import { balanceKey, isPresent, type Balance, type Entry, type EntryType, type Member, type State } from './group.ts'
import type { Id } from './ids.ts'

/** Further behind than this, a snapshot is cheaper than what was missed. */
export const MAX_BEHIND = 500

/** A socket is closed with the status of the error that it was told, in the range that is open to applications: 4401, 4404. */
export const closeCodeOf = (code: ErrorCode): number => 4000 + ERRORS[code].status

/** A close code as it may be sent on: those that only say that there was none become the plain one. */
export const sendableCode = (code: number): number => (code >= 3000 && code < 5000 ? code : 1000)

/** The most characters that are taken in one message of a client. */
const MAX_MESSAGE = 4096

/** What is wrong with what a client said, before it is looked into. */
export function messageFault(message: unknown): ErrorCode | undefined {
  if (typeof message !== 'string') return 'request.media_type'
  return message.length > MAX_MESSAGE ? 'request.too_large' : undefined
}

/** Whether what a watcher missed since the entry `from` is told entry by entry. */
export const isResumable = (seq: number, from: number | undefined): from is number =>
  from !== undefined && from <= seq && seq - from <= MAX_BEHIND

/** Entries that a user may see, one behind the other. */
export interface Span {
  readonly entries: readonly Entry[]
  /** Whether the last of them ended the user's place in the group. */
  readonly hasEnded: boolean
}

export const ENTERING: ReadonlySet<EntryType> = new Set(['group_created', 'member_added', 'member_joined'])

const ownImage = (entry: Entry, user: string): Member | undefined => entry.members?.find((member) => member.userId === user)

/** What of the entries the user may see: from their entering, or all along if they are in, to their leaving, both included. */
export function spansOf(entries: readonly Entry[], user: string, isIn: boolean): Span[] {
  const spans: Span[] = []
  let start = isIn ? 0 : undefined
  for (const [i, entry] of entries.entries()) {
    const own = ownImage(entry, user)
    if (own === undefined) continue
    if (!isPresent(own)) {
      if (start !== undefined) spans.push({ entries: entries.slice(start, i + 1), hasEnded: true })
      start = undefined
    } else if (ENTERING.has(entry.type)) start ??= i
  }
  if (start !== undefined && start < entries.length) spans.push({ entries: entries.slice(start), hasEnded: false })
  return spans
}

/** The users who come into the group with the entries. */
export function newcomersOf(entries: readonly Entry[]): Set<Id<'user'>> {
  const entering = entries.filter((entry) => ENTERING.has(entry.type)).flatMap((entry) => entry.members ?? [])
  return new Set(entering.flatMap((member) => (isPresent(member) && member.userId !== undefined ? [member.userId] : [])))
}

/** An entry, and all that the list of balances may say differently because of it. */
export interface Retold {
  readonly entry: Entry
  /** Everybody whose lines it may have changed, as they are now. */
  readonly concerned: readonly Member[]
  /** What each of them had paid and owed right after it. */
  readonly balances: readonly Pick<Balance, 'member' | 'currency' | 'paid' | 'owed'>[]
}

/** The members whose lines in the list of balances the entry may have changed. */
function concernedBy(entry: Entry, state: State): Set<MemberId> {
  // The currency of the group is also that of the lines of those to whom nothing was posted yet.
  if (entry.type === 'group_updated') return new Set(state.members.keys())
  const moved = movesOf(entry).map((posting) => posting.member)
  return new Set([...moved, ...(entry.members ?? []).map((member) => member.id)])
}

/**
 * The entries with the balances as they were after each, worked out backwards from the state after the last one,
 * so what is told again to someone who missed it is what was told at the time.
 */
export function retell(entries: readonly Entry[], state: State): Retold[] {
  const balances = new Map<string, Retold['balances'][number]>(state.balances)
  const retold = entries.toReversed().map((entry) => {
    const concerned = concernedBy(entry, state)
    const after: Retold = {
      entry,
      concerned: [...concerned].flatMap((id) => state.members.get(id) ?? []),
      balances: [...balances.values()].filter((balance) => concerned.has(balance.member)),
    }
    for (const { member, currency, paid, owed } of movesOf(entry)) {
      const key = balanceKey(member, currency)
      const held = balances.get(key)
      if (held !== undefined) balances.set(key, { member, currency, paid: held.paid - paid, owed: held.owed - owed })
    }
    return after
  })
  return retold.reverse()
}
