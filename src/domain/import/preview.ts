// What would come of a draft in a group: who its people are, and which of its lines are new. Nothing here knows more than
// the draft, the group's members and what was found in its books.
import type { Category } from '../categories.ts'
import type { Member, MemberRef } from '../group.ts'
import type { Id } from '../ids.ts'
import { cut, oneLine } from '../one-line.ts'
import { LONGEST } from '../written.ts'
import type { ImportDraft, ImportLine, Person } from './draft.ts'
import type { ImportSettings, PersonChoice } from './settings.ts'

/** Whoever imports, by what files might call them. */
export interface Importer {
  readonly userId: Id<'user'>
  readonly names: readonly string[]
  readonly email: string
}

export type PresentMember = Pick<Member, 'id' | 'userId' | 'name' | 'email'>

/** How a person was found to be who they are. */
export interface MappedPerson {
  readonly person: Person
  readonly choice: PersonChoice
  readonly by: 'you' | 'email' | 'name' | 'new'
}

const folded = (text: string): string => oneLine(text).normalize('NFKC').toLowerCase()

/** Who each person is: as was said, else whoever has their address or, alone, their name; else somebody new. */
export function mapPeople(
  draft: Pick<ImportDraft, 'people'>,
  members: readonly PresentMember[],
  importer: Importer,
  settings: ImportSettings,
): MappedPerson[] {
  const said = new Map(Object.entries(settings.people ?? {}))
  const byName = Map.groupBy(members, ({ name }) => folded(name))
  const isImporter = new Set(importer.names.map(folded))
  const taken = new Set([...said.values()].flatMap((choice) => ('member' in choice ? [choice.member] : [])))
  const isFree = (ref: MemberRef): boolean => !taken.has(ref) && taken.add(ref).has(ref)
  const refs = new Set<MemberRef>(['me', ...members.flatMap(({ id, userId }) => (userId === undefined ? [id] : [id, userId]))])
  return draft.people.map((person): MappedPerson => {
    const own = said.get(person.ref)
    // What was said of another group does not hold in this one.
    if (own !== undefined && ('name' in own || refs.has(own.member))) return { person, choice: own, by: 'you' }
    const named = byName.get(folded(person.name)) ?? []
    const [alone] = named.length === 1 ? named : []
    const addressed = person.email === undefined ? undefined : members.find(({ email }) => email === person.email?.toLowerCase())
    const found = addressed ?? alone
    if (found !== undefined && isFree(found.userId ?? found.id))
      return { person, choice: { member: found.userId ?? found.id }, by: addressed === undefined ? 'name' : 'email' }
    const isMe = person.email?.toLowerCase() === importer.email || isImporter.has(folded(person.name))
    if (isMe && isFree(importer.userId)) return { person, choice: { member: 'me' }, by: 'name' }
    return { person, choice: { name: cut(person.name, LONGEST.guestName).trim() }, by: 'new' }
  })
}

/**
 * `new`: would be imported. `known`: an import has brought it into this group. `duplicate`: the group has an expense of
 * this day, kind and amount, which no other line of the file stands for. `excluded`: left out on request. `void`: came to
 * nothing, and the group is not a new one.
 */
export const LINE_STATES = ['new', 'known', 'duplicate', 'excluded', 'void'] as const
type LineState = (typeof LINE_STATES)[number]

export interface PreviewedLine {
  /** Its place in the draft, from 1. */
  readonly number: number
  readonly line: ImportLine
  readonly identity: string
  readonly state: LineState
  readonly isTaken: boolean
  /** Of a duplicate: what it looks like. */
  readonly like?: Id<'expense'>
}

/** An expense of the group, under the key that `likenessOf` gives a line. */
export interface Alike {
  readonly id: Id<'expense'>
  readonly key: string
}

/** What two records of the same thing have in common, whatever they are called. */
export const likenessOf = (line: Pick<ImportLine, 'kind' | 'day' | 'currency' | 'minor'>): string =>
  [line.kind, line.day, line.currency, line.minor].join(' ')

/** What is in the books already: by which identities, and which expenses look alike. */
export interface Found {
  readonly known: ReadonlySet<string>
  readonly alike: readonly Alike[]
}

/** What becomes of each line. An expense of the group stands for one line of the file at most. */
export function previewLines(
  lines: readonly { readonly line: ImportLine; readonly identity: string }[],
  { known, alike }: Found,
  settings: ImportSettings,
  isNewGroup: boolean,
): PreviewedLine[] {
  const free = Map.groupBy(alike, ({ key }) => key)
  const [excluded, included] = [new Set(settings.exclude), new Set(settings.include)]
  return lines.map(({ line, identity }, i): PreviewedLine => {
    const base = { number: i + 1, line, identity }
    if (known.has(identity)) return { ...base, state: 'known', isTaken: false }
    if (line.isVoid === true && !isNewGroup) return { ...base, state: 'void', isTaken: false }
    const like = free.get(likenessOf(line))?.shift()
    if (excluded.has(base.number)) return { ...base, state: 'excluded', isTaken: false }
    if (like === undefined) return { ...base, state: 'new', isTaken: true }
    const isTaken = settings.duplicates === 'add' || included.has(base.number)
    return { ...base, state: 'duplicate', isTaken, like: like.id }
  })
}

/** Under which categories lines are filed: by the key or the name that the file has for each. */
export function categoriesFor(draft: ImportDraft, all: readonly Category[]): Map<string, Id<'category'>> {
  const ids = new Map<string, Id<'category'>>(all.map(({ id }) => [id, id]))
  const byName = new Map(all.toReversed().map((category) => [folded(category.name), category.id]))
  for (const { id, name } of draft.categories ?? []) {
    const found = ids.get(id) ?? byName.get(folded(name))
    if (found !== undefined) ids.set(id, found)
  }
  for (const line of draft.lines) {
    if (line.kind === 'payment' || line.category === undefined || line.record !== undefined) continue
    const found = byName.get(folded(line.category))
    if (found !== undefined) ids.set(line.category, found)
  }
  return ids
}
