// A group as it is kept, as the data of an export.
import type { Category } from '../categories.ts'
import { formatMinor } from '../money.ts'
import type { Comment, Expense, MemberId, Posting, Split, SplitOf } from '../expense.ts'
import type { GroupInfo, Member } from '../group.ts'
import type { Settlement } from '../settlement.ts'
import { isoOf } from '../time.ts'
import { canonicalForm } from './form.ts'
import type { ExportData, ExportExpense, ExportGroup, ExportMember, ExportSettlement } from './document.ts'

/** What a group has. Deleted expenses are in the export if they are in here. */
export interface GroupRecords {
  readonly info: GroupInfo
  readonly members: readonly Member[]
  readonly expenses: readonly Expense[]
  readonly comments: readonly Comment[]
  readonly settlements: readonly Settlement[]
  /** At least those that the expenses name, with those above them; a name that is missing is left out of the expense. */
  readonly categories: readonly Category[]
}

export interface GatherOptions {
  /** Whose addresses are written: nobody's, or those of these members. */
  readonly emailsOf?: ReadonlySet<MemberId>
  /** Whether the instants of comments and payments are written; see `document.ts`. */
  readonly withInstants?: boolean
}

/** The data of an export of the group, in its canonical form. */
export function gatherExport(records: GroupRecords, options: GatherOptions = {}): ExportData {
  const { expenses, comments, settlements } = records
  const commentsOf = Map.groupBy(comments, (comment) => comment.expenseId)
  const used = new Set(expenses.flatMap(({ categoryIds }) => categoryIds))
  const known = new Set(records.categories.map(({ id }) => id))
  return canonicalForm({
    ...gatherFrame(records, used, options),
    expenses: expenses.map((expense) => gatherExpense(expense, commentsOf.get(expense.id) ?? [], known, options)),
    settlements: settlements.map((settlement) => gatherSettlement(settlement, options)),
  })
}

/** All but the expenses and settlements; `used` are the categories that the expenses name. */
export function gatherFrame(
  { info, members, categories }: Pick<GroupRecords, 'info' | 'members' | 'categories'>,
  used: ReadonlySet<string>,
  options: GatherOptions = {},
): Pick<ExportData, 'group' | 'members' | 'categories'> {
  const known = new Map(categories.map((category) => [category.id, category]))
  return {
    group: groupOf(info),
    members: members.map((member) => memberOf(member, options)),
    categories: usedCategories(used, known).map(({ id, name, icon, color, parentId }) => ({
      id,
      name,
      icon,
      color,
      ...(parentId !== undefined && known.has(parentId) && { parent: parentId }),
    })),
  }
}

/** The expense with its comments, under the categories that are known. */
export const gatherExpense = (
  expense: Expense,
  comments: readonly Comment[],
  known: ReadonlySet<string>,
  options: GatherOptions = {},
): ExportExpense => ({
  ...expenseOf(expense),
  categories: expense.categoryIds.filter((id) => known.has(id)),
  comments: comments
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    .map(({ member, text, createdAt }) => ({ member, text, ...(options.withInstants === true && { at: isoOf(createdAt) }) })),
})

function usedCategories(ids: Iterable<string>, known: ReadonlyMap<string, Category>): Category[] {
  const used = new Map<string, Category>()
  const add = (id: string | undefined): void => {
    const category = id === undefined || used.has(id) ? undefined : known.get(id)
    if (category === undefined) return
    used.set(category.id, category)
    add(category.parentId)
  }
  for (const id of ids) add(id)
  return [...used.values()]
}

function groupOf({ name, description, type, currency, isPrivate, settings }: GroupInfo): ExportGroup {
  const { approvalThreshold, trustPayers } = settings
  return {
    name,
    description,
    type,
    currency,
    is_private: isPrivate,
    settings: {
      simplify_debts: settings.simplifyDebts,
      require_approval: settings.requireApproval,
      ...(approvalThreshold !== undefined && { approval_threshold: formatMinor(approvalThreshold, currency) }),
      auto_reminder: settings.autoReminder,
      currencies: settings.currencies,
      ...(trustPayers !== undefined && { trust_payers: trustPayers }),
    },
  }
}

const memberOf = ({ id, name, email, status }: Member, { emailsOf }: GatherOptions): ExportMember => ({
  id,
  name,
  ...(email !== undefined && emailsOf?.has(id) === true && { email }),
  ...((status === 'left' || status === 'removed') && { has_left: true }),
})

type ExpenseText = Omit<ExportExpense, 'comments' | 'categories'>

function expenseOf(expense: Expense): ExpenseText {
  const { currency, rate, time, claims } = expense
  const text = (minor: number): string => formatMinor(minor, currency)
  return {
    id: expense.id,
    kind: expense.kind,
    title: expense.title,
    description: expense.description,
    amount: text(expense.amount),
    currency,
    ...(rate !== undefined && { rate, postings: expense.postings.map(postingText) }),
    payers: expense.payers.map(({ member, minor }) => ({ member, amount: text(minor) })),
    split: splitText(expense.split, text),
    shares: expense.shares.map(({ minor, ...share }) => ({ ...share, amount: text(minor) })),
    date: expense.date,
    ...(time !== undefined && { time }),
    tags: expense.tags,
    vendor: expense.vendor,
    location: expense.location,
    status: expense.status,
    ...(claims && { claims: { is_open: claims.isOpen, bearer: claims.bearer, lines: claims.lines } }),
    ...(expense.reconciledAt !== undefined && { is_reconciled: true }),
    ...(expense.deletedAt !== undefined && { is_deleted: true }),
    attachments: expense.attachments.map(({ name, type, size, sha256 }) => ({ name, type, size, sha256 })),
  }
}

const postingText = ({ member, currency, paid, owed }: Posting) => ({
  member,
  paid: formatMinor(paid, currency),
  owed: formatMinor(owed, currency),
})

/** The split with its amounts as decimal text. */
function splitText(split: Split, text: (minor: number) => string): SplitOf<MemberId, string> {
  switch (split.type) {
    case 'equal':
    case 'percentage':
    case 'shares':
      return split
    case 'exact':
      return { type: 'exact', parts: split.parts.map((part) => ({ ...part, amount: text(part.amount) })) }
    case 'adjustment':
      return { type: 'adjustment', parts: split.parts.map((part) => ({ ...part, amount: text(part.amount) })) }
    case 'itemized': {
      const items = split.items.map((item) => ({ ...item, amount: text(item.amount) }))
      return { type: 'itemized', items, tax: text(split.tax), tip: text(split.tip), discount: text(split.discount) }
    }
  }
}

export function gatherSettlement(settlement: Settlement, { withInstants }: GatherOptions = {}): ExportSettlement {
  const { currency, dueDate, dispute } = settlement
  const text = (minor: number): string => formatMinor(minor, currency)
  return {
    id: settlement.id,
    payer: settlement.payer,
    payee: settlement.payee,
    amount: text(settlement.amount),
    currency,
    paid: text(settlement.paid),
    reported: text(settlement.reported),
    // A provider's payment under way is of this group; elsewhere the settlement is still to be paid.
    status: settlement.status === 'processing' ? 'pending' : settlement.status,
    method: settlement.method,
    description: settlement.description,
    ...(dueDate !== undefined && { due_date: dueDate }),
    payments: settlement.payments.map(({ minor, refunded, method, notes, at }) => ({
      amount: text(minor),
      refunded: text(refunded),
      method,
      notes,
      ...(withInstants === true && { at: isoOf(at) }),
    })),
    ...(dispute && { dispute }),
  }
}
