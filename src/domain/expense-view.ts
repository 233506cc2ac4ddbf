// An expense as it is shown: with the people, the group and the category it names, and what is settled of it.
import type { Category } from './categories.ts'
import type { Comment, Expense, MemberId } from './expense.ts'
import { balanceKey, type Balance, type GroupInfo, type Member, type State } from './group.ts'
import type { Id } from './ids.ts'
import type { Outcome } from './outcome.ts'
import type { Timestamp } from './time.ts'

export type Person = Pick<Member, 'id' | 'userId' | 'name' | 'avatarKey'>

export interface Square {
  readonly seq: number
  readonly at: Timestamp
}

export interface ExpenseView {
  readonly expense: Expense
  readonly group: { readonly id: Id<'group'>; readonly name: string; readonly isPersonal: boolean }
  readonly people: ReadonlyMap<MemberId, Person>
  /** By `balanceKey`: the last entry after which the member owed nothing. */
  readonly squares: ReadonlyMap<string, Square>
  /** Those of its categories that are known, in the expense's order. */
  readonly categories: readonly Category[]
}

export interface ExpenseDetail extends ExpenseView {
  readonly comments: readonly Comment[]
  /** US dollars for one unit of the expense's currency on its day, as decimal text; absent where unknown. */
  readonly usdRate?: string
}

/** When the member's part of the expense was settled: an entry since it was posted after which they owed nothing. */
export function settledAt(view: Pick<ExpenseView, 'expense' | 'squares'>, member: MemberId): Timestamp | undefined {
  const { expense, squares } = view
  if (expense.status !== 'posted' || expense.deletedAt !== undefined) return undefined
  const currency = expense.postings[0]?.currency ?? expense.currency
  const square = squares.get(balanceKey(member, currency))
  return square !== undefined && square.seq >= expense.postedSeq ? square.at : undefined
}

/** Whether everybody who bears a part of it has settled it. */
export const isSettled = (view: Pick<ExpenseView, 'expense' | 'squares'>): boolean =>
  view.expense.shares.every((share) => share.minor === 0 || settledAt(view, share.member) !== undefined)

const squaresOf = (balances: readonly Balance[]): Map<string, Square> =>
  new Map(balances.map((b) => [balanceKey(b.member, b.currency), { seq: b.squareSeq, at: b.squareAt }]))

/** What is shown of the expense that a command came to. */
export function viewOfOutcome({ entry, info, members, balances }: Outcome, categories: readonly Category[]): ExpenseView {
  if (entry.expense === undefined) throw new Error(`${entry.type} is not about an expense`)
  return {
    expense: entry.expense,
    group: { id: info.id, name: info.name, isPersonal: info.isPersonal },
    people: new Map(members.map((m) => [m.id, m])),
    squares: squaresOf(balances),
    categories,
  }
}

/** What is shown of an expense to those who watch its group. */
export const viewInGroup = (
  expense: Expense,
  info: GroupInfo,
  { members, balances }: State,
  categories: ReadonlyMap<Id<'category'>, Category>,
): ExpenseView => ({
  expense,
  group: { id: info.id, name: info.name, isPersonal: info.isPersonal },
  people: members,
  squares: squaresOf([...balances.values()]),
  categories: expense.categoryIds.flatMap((id) => categories.get(id) ?? []),
})
