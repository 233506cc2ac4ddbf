// Text that is the same for the same content, and records with other names for their members: what the canonical form of a
// document is made with.
import type { SplitOf } from '../expense.ts'
import type { ExportExpense, ExportSettlement, MemberKey } from './document.ts'

/** JSON with sorted keys and two spaces, and a line end: the same text for the same value. */
export const canonicalJson = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`

/**
 * The canonical text of an object with empty lists in it, cut where the entries of each list belong; the lists are named in
 * the order of their names. Each entry comes behind its `entryStart` and `indented`, the last before the `listEnd`.
 */
export function canonicalFrame(value: object, ...lists: readonly string[]): string[] {
  let rest = canonicalJson(value)
  const parts: string[] = []
  for (const list of lists) {
    // Line ends of texts are escaped, so no text of the value looks like this.
    const opening = `\n  "${list}": [`
    const at = rest.indexOf(opening) + opening.length
    parts.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...parts, rest]
}

/** Canonical text, or a piece of it, two levels further in. */
export const indented = (text: string): string => text.replaceAll('\n', '\n    ')

/** What stands before the entry of a list that has so many before it. */
export const entryStart = (before: number): string => `${before === 0 ? '' : ','}\n    `

/** What stands behind the last of so many entries. */
export const listEnd = (count: number): string => (count === 0 ? '' : '\n  ')

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

/** The same in one line: what texts of one meaning are compared by. */
export const keyText = (value: unknown): string => JSON.stringify(sorted(value))

export type Rename = (member: MemberKey) => MemberKey

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

export function renameExpense(expense: ExportExpense, rename: Rename): ExportExpense {
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

export function renameSettlement(settlement: ExportSettlement, rename: Rename): ExportSettlement {
  const { payer, payee, dispute } = settlement
  return { ...settlement, payer: rename(payer), payee: rename(payee), ...(dispute && { dispute: { ...dispute, by: rename(dispute.by) } }) }
}

/** What names members. */
export type ExportRecord = ExportExpense | ExportSettlement

/** The same record with other names for its members. */
export const renameRecord = (record: ExportRecord, rename: Rename): ExportRecord =>
  'split' in record ? renameExpense(record, rename) : renameSettlement(record, rename)

/** The members that a record names, each once. */
export function membersIn(record: ExportRecord): Set<MemberKey> {
  const found = new Set<MemberKey>()
  const note: Rename = (member) => (found.add(member), member)
  renameRecord(record, note)
  return found
}
