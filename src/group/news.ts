// What those outside are still to be told, read by the object because it has the state: a portion of the journal,
// and what it takes to put it in words.
import { readJournal, readMemberEntries } from '../db/journal.ts'
import { readOwnCategories } from '../db/live.ts'
import { findSystemCategory, type Category } from '../domain/categories.ts'
import type { Entry, State } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { News } from '../domain/telling.ts'

const PORTION = 200

async function categoriesOf(d1: D1Database, entries: readonly Entry[]): Promise<Map<Id<'category'>, Category>> {
  const ids = [...new Set(entries.flatMap(({ expense }) => expense?.categoryIds ?? []))]
  const own = ids.filter((id) => findSystemCategory(id) === undefined)
  const found = [...ids.flatMap((id) => findSystemCategory(id) ?? []), ...(own.length === 0 ? [] : await readOwnCategories(d1, own))]
  return new Map(found.map((category) => [category.id, category]))
}

/** The next entries behind `after`, at most a portion of them. */
export async function readNews(d1: D1Database, groupId: Id<'group'>, state: State, after: number): Promise<News> {
  const { entries } = await readJournal(d1, groupId, { seq: after, hash: '' }, Math.min(PORTION, Math.max(0, state.seq - after)))
  const last = entries.at(-1)?.seq ?? state.seq
  const later = last < state.seq ? await readMemberEntries(d1, groupId, last, state.seq) : []
  return { entries, later, state, categories: await categoriesOf(d1, entries) }
}
