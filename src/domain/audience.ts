// Who may know of an entry: the users who were in the group when it was written, and whom it took out of it.
import { isPresent, type Entry, type EntryType, type State } from './group.ts'
import type { Id } from './ids.ts'
import { ENTERING, spansOf } from './live.ts'
import type { News } from './telling.ts'

const ENDING: ReadonlySet<EntryType> = new Set(['member_left', 'member_removed'])

/** Whether the user was in the group before the first of the entries, told from what the entries and the state after them say. */
function wasIn(user: Id<'user'>, entries: readonly Entry[], state: State): boolean {
  for (const entry of entries) {
    const own = entry.members?.find((member) => member.userId === user)
    // A member who has left may be renamed still, and is out before that entry as after it.
    if (own !== undefined) return isPresent(own) ? !ENTERING.has(entry.type) : ENDING.has(entry.type)
  }
  return [...state.members.values()].some((member) => member.userId === user && isPresent(member))
}

/** For each entry, by seq, the users who may know of it. */
export function audiencesOf({ entries, later, state }: News): ReadonlyMap<number, ReadonlySet<Id<'user'>>> {
  const audiences = new Map(entries.map((entry) => [entry.seq, new Set<Id<'user'>>()]))
  const users = new Set([...state.members.values()].flatMap((member) => member.userId ?? []))
  const all = [...entries, ...later]
  for (const user of users) {
    for (const span of spansOf(all, user, wasIn(user, all, state))) {
      for (const entry of span.entries) audiences.get(entry.seq)?.add(user)
    }
  }
  return audiences
}
