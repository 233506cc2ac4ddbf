// One document for one content: whatever order the members and expenses come in, and whatever they are called inside, the
// same content has the same places. That is what makes export, import and export again give the same bytes.
import { findSystemCategory } from '../categories.ts'
import type { SplitOf } from '../expense.ts'
import type { ExportCategory, ExportData, ExportExpense, ExportMember, ExportSettlement, MemberKey } from './document.ts'

/** JSON with sorted keys and two spaces, and a line end: the same text for the same value. */
export const canonicalJson = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`

/**
 * The canonical text of an object with an empty list in it, cut where the entries of the list belong. They come between the
 * two, each behind its `entryStart` and `indented`, and at least one.
 */
export function canonicalFrame(value: object, list: string): { readonly head: string; readonly tail: string } {
  const text = canonicalJson(value)
  // Line ends of texts are escaped, so no text of the value looks like this.
  const opening = `\n  "${list}": [`
  const at = text.indexOf(opening) + opening.length
  return { head: text.slice(0, at), tail: `\n  ${text.slice(at)}` }
}

/** Canonical text, or a piece of it, two levels further in. */
export const indented = (text: string): string => text.replaceAll('\n', '\n    ')

/** What stands before the entry of a list that has so many before it. */
export const entryStart = (before: number): string => `${before === 0 ? '' : ','}\n    `

/** By code units, which no locale changes. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => byCodeUnits(a, b))
      .map(([key, field]) => [key, sorted(field)]),
  )
}

const keyText = (value: unknown): string => JSON.stringify(sorted(value))

type Rename = (member: MemberKey) => MemberKey

/** The same split with other names for its members. */
export function renameSplit<M extends string, N extends string, A>(split: SplitOf<M, A>, rename: (member: M) => N): SplitOf<N, A> {
  const part = <P extends { readonly member: M }>(one: P): Omit<P, 'member'> & { member: N } => ({ ...one, member: rename(one.member) })
  switch (split.type) {
    case 'equal':
      return { type: 'equal', members: split.members.map(rename) }
    case 'exact':
      return { type: 'exact', parts: split.parts.map(part) }
    case 'percentage':
      return { type: 'percentage', parts: split.parts.map(part) }
    case 'shares':
      return { type: 'shares', parts: split.parts.map(part) }
    case 'adjustment':
      return { type: 'adjustment', parts: split.parts.map(part) }
    case 'itemized':
      return { ...split, items: split.items.map((item) => ({ ...item, parts: item.parts.map(part) })) }
  }
}

/** Claims of a line come in the order of ids that mean nothing here. */
const byMember = (a: { readonly member: MemberKey }, b: { readonly member: MemberKey }): number => byCodeUnits(a.member, b.member)

function renameExpense(expense: ExportExpense, rename: Rename): ExportExpense {
  const named = <P extends { readonly member: MemberKey }>(one: P): P => ({ ...one, member: rename(one.member) })
  const { claims } = expense
  return {
    ...expense,
    ...(expense.postings && { postings: expense.postings.map(named) }),
    payers: expense.payers.map(named),
    split: renameSplit(expense.split, rename),
    shares: expense.shares.map(named),
    comments: expense.comments.map(named),
    ...(claims && {
      claims: { ...claims, bearer: rename(claims.bearer), lines: claims.lines.map((line) => line.map(named).sort(byMember)) },
    }),
  }
}

function renameSettlement(settlement: ExportSettlement, rename: Rename): ExportSettlement {
  const { payer, payee, dispute } = settlement
  return { ...settlement, payer: rename(payer), payee: rename(payee), ...(dispute && { dispute: { ...dispute, by: rename(dispute.by) } }) }
}

/** The members that a record names, each once. */
function membersIn(record: ExportExpense | ExportSettlement): Set<MemberKey> {
  const found = new Set<MemberKey>()
  const note: Rename = (member) => (found.add(member), member)
  if ('split' in record) renameExpense(record, note)
  else renameSettlement(record, note)
  return found
}

/**
 * The data in the order, and with the keys, that follow from its content:
 * members by name, then by address, then whether they have left, and members who are alike in these by what the records
 * say of them; categories by their path of names; expenses by day, time and title, settlements by due day, each then by
 * all the rest. Order within a record is content and stays.
 */
export function canonicalForm(data: ExportData): ExportData {
  const categories = canonicalCategories(data.categories)
  const withCategories = data.expenses.map((expense) => ({
    ...expense,
    categories: expense.categories.map((key) => categories.keys.get(key) ?? key),
  }))
  const ranks = rankMembers(data.members, [...withCategories, ...data.settlements])
  const members = data.members.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0))
  const keys = new Map(members.map((member, i) => [member.id, `m${i + 1}`]))
  const rename: Rename = (member) => keys.get(member) ?? member
  return {
    group: data.group,
    members: members.map((member) => ({ ...member, id: rename(member.id) })),
    categories: categories.list,
    expenses: numbered(
      'e',
      withCategories.map((expense) => renameExpense(expense, rename)),
      ({ date, time, title }) => [date, time ?? '', title],
    ),
    settlements: numbered(
      's',
      data.settlements.map((settlement) => renameSettlement(settlement, rename)),
      (settlement) => [settlement.due_date ?? ''],
    ),
  }
}

function numbered<R extends { readonly id: string }>(
  prefix: string,
  records: readonly R[],
  orderOf: (record: R) => readonly string[],
): R[] {
  const keyed = records.map((record) => ({ record, order: [...orderOf(record), keyText({ ...record, id: '' })] }))
  keyed.sort((a, b) => compareLists(a.order, b.order))
  return keyed.map(({ record }, i) => ({ ...record, id: `${prefix}${i + 1}` }))
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const order = byCodeUnits(text, b[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** Those of Quits keep their ids; of others of the same path and looks one is kept. */
function canonicalCategories(categories: readonly ExportCategory[]): { list: ExportCategory[]; keys: Map<string, string> } {
  const byId = new Map(categories.map((category) => [category.id, category]))
  const pathOf = (category: ExportCategory, depth = 0): string[] => {
    const above = category.parent === undefined || depth > 20 ? undefined : byId.get(category.parent)
    return [...(above === undefined ? [] : pathOf(above, depth + 1)), category.name, category.icon, category.color]
  }
  const own = categories
    .filter(({ id }) => findSystemCategory(id) === undefined)
    .map((category) => ({ category, path: JSON.stringify(pathOf(category)) }))
  const paths = [...new Set(own.map(({ path }) => path))].sort(byCodeUnits)
  const keys = new Map(own.map(({ category, path }) => [category.id, `c${paths.indexOf(path) + 1}`]))
  const renamed = categories.map((category) => ({
    ...category,
    id: keys.get(category.id) ?? category.id,
    ...(category.parent !== undefined && { parent: keys.get(category.parent) ?? category.parent }),
  }))
  const unique = new Map(renamed.map((category) => [category.id, category]))
  const place = (id: string): number => (id.startsWith('cat_') ? -1 : Number(id.slice(1)))
  return { list: [...unique.values()].sort((a, b) => place(a.id) - place(b.id) || byCodeUnits(a.id, b.id)), keys }
}

/**
 * A place for each member that follows from the content. Members of one name are told apart by the records that name
 * them, again and again until nothing changes (colour refinement after Weisfeiler and Leman); where that leaves members
 * alike the first is set apart and the rest follows, because then either choice gives the same document.
 */
function rankMembers(members: readonly ExportMember[], records: readonly (ExportExpense | ExportSettlement)[]): Map<MemberKey, number> {
  let ranks = ranksOf(members.map((member) => [member.id, keyText([member.name, member.email ?? '', member.has_left ?? false])]))
  const isDone = (): boolean => new Set(ranks.values()).size === members.length
  if (isDone()) return ranks
  const named = records.map((record) => ({ record, members: membersIn(record) }))
  const tied = tiedIn(ranks)
  const views = named.reduce((count, one) => count + [...one.members].filter((member) => tied.has(member)).length, 0)
  if (views * tied.size > MOST_WORK) return inGivenOrder(members, ranks)
  for (let round = 0; round < 2 * members.length && !isDone(); round++) {
    const before = new Set(ranks.values()).size
    ranks = refine(members, named, ranks)
    if (new Set(ranks.values()).size > before) continue
    setOneApart(ranks)
  }
  return ranks
}

/**
 * Two people of one name are told apart by up to 50,000 expenses; a crowd of them stays in the order it came in, which is
 * that of the document where they were imported from one.
 */
const MOST_WORK = 200_000

/** The members whose rank is somebody else's too. */
function tiedIn(ranks: ReadonlyMap<MemberKey, number>): Set<MemberKey> {
  const counts = new Map<number, number>()
  for (const rank of ranks.values()) counts.set(rank, (counts.get(rank) ?? 0) + 1)
  return new Set([...ranks].flatMap(([member, rank]) => ((counts.get(rank) ?? 0) > 1 ? [member] : [])))
}

function inGivenOrder(members: readonly ExportMember[], ranks: ReadonlyMap<MemberKey, number>): Map<MemberKey, number> {
  const ordered = members.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0))
  return new Map(ordered.map(({ id }, i) => [id, i + 1]))
}

/** Puts the first of the first members that are still alike before the others. */
function setOneApart(ranks: Map<MemberKey, number>): void {
  const tied = [...tiedIn(ranks)].map((member) => ({ member, rank: ranks.get(member) ?? 0 }))
  const least = Math.min(...tied.map(({ rank }) => rank))
  const first = tied.find(({ rank }) => rank === least)
  if (first !== undefined) ranks.set(first.member, least - 0.5)
}

function refine(
  members: readonly ExportMember[],
  records: readonly { readonly record: ExportExpense | ExportSettlement; readonly members: ReadonlySet<MemberKey> }[],
  ranks: ReadonlyMap<MemberKey, number>,
): Map<MemberKey, number> {
  const views = new Map([...tiedIn(ranks)].map((member) => [member, [] as string[]]))
  for (const { record, members: inside } of records) {
    for (const self of inside) {
      const view = views.get(self)
      if (view === undefined) continue
      const rename: Rename = (member) => (member === self ? 'self' : String(ranks.get(member)))
      const seen = 'split' in record ? renameExpense(record, rename) : renameSettlement(record, rename)
      view.push(keyText({ ...seen, id: '' }))
    }
  }
  return ranksOf(
    members.map(({ id }) => [
      id,
      `${String((ranks.get(id) ?? 0) * 2).padStart(6, '0')} ${JSON.stringify(views.get(id)?.sort(byCodeUnits) ?? [])}`,
    ]),
  )
}

/** Equal texts have equal ranks. */
function ranksOf(texts: readonly (readonly [MemberKey, string])[]): Map<MemberKey, number> {
  const order = new Map([...new Set(texts.map(([, text]) => text))].sort(byCodeUnits).map((text, i) => [text, i + 1]))
  return new Map(texts.map(([member, text]) => [member, order.get(text) ?? 0]))
}
