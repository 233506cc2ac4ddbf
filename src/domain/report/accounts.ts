// What moved each member's balance in the span, by group and currency. Opening balance plus everything that moved it is the
// closing one; where it is not, the difference is named as such and never hidden in another figure.
import type { Currency } from '../currency.ts'
import type { MemberId } from '../expense.ts'
import type { Id } from '../ids.ts'
import { sum } from '../money.ts'
import { compareText } from '../analytics/view.ts'
import type { ReportBalance, ReportExpense, ReportPart, ReportSettlement, ReportSources } from './sources.ts'

/** All in minor units and, but for balances and other changes, not negative unless something was taken back. */
export interface Account {
  readonly groupId: Id<'group'>
  readonly member: MemberId
  readonly currency: Currency
  readonly opening: number
  /** Of expenses: what they paid, and what they bear. */
  readonly paid: number
  readonly share: number
  /** Of income: what they received, and what is theirs of it. */
  readonly received: number
  readonly incomeShare: number
  /** Payments between members: made, and got. */
  readonly sent: number
  readonly got: number
  /** What the balance changed by besides: entries that the report was not given. */
  readonly other: number
  readonly closing: number
}

type Column = 'paid' | 'share' | 'received' | 'incomeShare' | 'sent' | 'got' | 'opening' | 'closing'
type Tally = Record<Column, number>

const NOTHING: Tally = { paid: 0, share: 0, received: 0, incomeShare: 0, sent: 0, got: 0, opening: 0, closing: 0 }

/** By how much the column raises a balance. */
const SIGN: Readonly<Record<Exclude<Column, 'opening' | 'closing'>, 1 | -1>> = {
  paid: 1,
  share: -1,
  received: -1,
  incomeShare: 1,
  sent: 1,
  got: -1,
}

/** What the listed expenses and payments did to the balance. */
const netOf = (account: Pick<Account, keyof typeof SIGN>): number =>
  sum((Object.keys(SIGN) as (keyof typeof SIGN)[]).map((column) => SIGN[column] * account[column]))

export const isPostedExpense = ({ status }: Pick<ReportExpense, 'status'>): boolean => status === 'posted'

interface Movement {
  readonly column: Column
  readonly groupId: Id<'group'>
  readonly currency: Currency
  readonly member: MemberId
  readonly minor: number
}

/** One for each group, currency and member of whom there is anything to tell; by group, currency and id. */
export function accountsOf(sources: Pick<ReportSources, 'expenses' | 'settlements' | 'openings' | 'closings'>): Account[] {
  const movements = [
    ...sources.openings.map((one) => balanceMovement(one, 'opening')),
    ...sources.closings.map((one) => balanceMovement(one, 'closing')),
    ...sources.expenses.filter(isPostedExpense).flatMap(expenseMovements),
    ...sources.settlements.flatMap(paymentMovements),
  ]
  const byAccount = Map.groupBy(movements, ({ groupId, currency, member }) => `${groupId} ${currency} ${member}`)
  return [...byAccount]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, some]) => {
      const account = accountOf(some)
      return account === undefined ? [] : [account]
    })
}

function accountOf(movements: readonly Movement[]): Account | undefined {
  const [first] = movements
  if (first === undefined) return undefined
  const tally: Tally = { ...NOTHING }
  for (const { column, minor } of movements) tally[column] = sum([tally[column], minor])
  const isEmpty = Object.values(tally).every((minor) => minor === 0)
  if (isEmpty) return undefined
  const { groupId, currency, member } = first
  return { groupId, currency, member, ...tally, other: tally.closing - tally.opening - netOf(tally) }
}

const balanceMovement = (balance: ReportBalance, column: 'opening' | 'closing'): Movement => ({ ...balance, column })

function expenseMovements({ groupId, kind, posted, payers, shares }: ReportExpense): Movement[] {
  const { currency } = posted
  const as = (column: Column, parts: readonly ReportPart[]): Movement[] => parts.map((part) => ({ ...part, column, groupId, currency }))
  return kind === 'income' ? [...as('received', payers), ...as('incomeShare', shares)] : [...as('paid', payers), ...as('share', shares)]
}

const paymentMovements = ({ groupId, currency, payer, payee, payments }: ReportSettlement): Movement[] =>
  payments.flatMap(({ minor }): Movement[] => [
    { column: 'sent', groupId, currency, member: payer, minor },
    { column: 'got', groupId, currency, member: payee, minor },
  ])
