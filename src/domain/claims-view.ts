// An itemised expense as those see it who claim its lines: who has what, what is left, and what that comes to.
import { portionLeft } from './claims.ts'
import type { Expense, MemberId, Portion } from './expense.ts'
import type { Person } from './expense-view.ts'

interface ClaimedLine {
  /** Counted from 0. */
  readonly line: number
  readonly name: string
  /** Minor units of the whole line. */
  readonly amount: number
  readonly quantity?: string
  readonly claims: readonly { readonly member: MemberId; readonly portion: Portion }[]
  /** What nobody has claimed of it. */
  readonly left: Portion
}

export interface ClaimsView {
  readonly expense: Expense
  readonly people: ReadonlyMap<MemberId, Person>
  readonly isOpen: boolean
  readonly bearer: MemberId
  readonly lines: readonly ClaimedLine[]
}

/** The view; undefined where the lines of the expense were never opened to claims. */
export function claimsView(expense: Expense, people: ReadonlyMap<MemberId, Person>): ClaimsView | undefined {
  const { claims, split } = expense
  if (claims === undefined || split.type !== 'itemized') return undefined
  const lines = split.items.map(({ name, amount, quantity }, line) => ({
    line,
    name,
    amount,
    ...(quantity !== undefined && { quantity }),
    claims: claims.lines[line] ?? [],
    left: portionLeft(claims, line),
  }))
  return { expense, people, isOpen: claims.isOpen, bearer: claims.bearer, lines }
}
