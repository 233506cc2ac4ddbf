// One document for one content: whatever order the members and expenses come in, and whatever they are called inside, the
// same content has the same places. That is what makes export, import and export again give the same bytes.
import { findSystemCategory } from '../categories.ts'
import { byCodeUnits, keyText, renameExpense, renameSettlement, type Rename } from './canonical.ts'
import type { ExportCategory, ExportData, ExportExpense, ExportMember, ExportSettlement, MemberKey } from './document.ts'
import { MemberOrder } from './member-order.ts'

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
  const order = new MemberOrder(data.members)
  for (const record of [...withCategories, ...data.settlements]) order.note(record)
  const members = order.ranked()
  const keys = memberKeys(members)
  const rename: Rename = (member) => keys.get(member) ?? member
  return {
    group: data.group,
    members: members.map((member) => ({ ...member, id: rename(member.id) })),
    categories: categories.list,
    expenses: numbered(
      'e',
      withCategories.map((expense) => renameExpense(expense, rename)),
      orderOfExpense,
    ),
    settlements: numbered(
      's',
      data.settlements.map((settlement) => renameSettlement(settlement, rename)),
      orderOfSettlement,
    ),
  }
}

/** `m1`, `m2`, … for the members in their order. */
export const memberKeys = (members: readonly ExportMember[]): ReadonlyMap<MemberKey, MemberKey> =>
  new Map(members.map((member, i) => [member.id, `m${i + 1}`]))

/** What expenses come in the order of, before all the rest of them. */
export const orderOfExpense = ({ date, time, title }: ExportExpense): readonly string[] => [date, time ?? '', title]
export const orderOfSettlement = ({ due_date }: ExportSettlement): readonly string[] => [due_date ?? '']

function numbered<R extends { readonly id: string }>(
  prefix: string,
  records: readonly R[],
  orderOf: (record: R) => readonly string[],
): R[] {
  const keyed = records.map((record) => ({ record, order: [...orderOf(record), keyText({ ...record, id: '' })] }))
  keyed.sort((a, b) => compareLists(a.order, b.order))
  return keyed.map(({ record }, i) => ({ ...record, id: `${prefix}${i + 1}` }))
}

/** By the first texts that differ. */
export function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const order = byCodeUnits(text, b[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** Those of Quits keep their ids; of others of the same path and looks one is kept. */
export function canonicalCategories(categories: readonly ExportCategory[]): { list: ExportCategory[]; keys: Map<string, string> } {
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
