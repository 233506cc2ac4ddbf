// What members see of a group's state: balances, the plan that would clear them, and who is in it.
import type { Currency } from './currency.ts'
import type { MemberId } from './expense.ts'
import { failure, type Failure } from './errors.ts'
import { findMember, isPresent, openBalances, type Balance, type GroupInfo, type Member, type State } from './group.ts'
import { figuresOf, type GroupFigures } from './outcome.ts'
import { err, ok, type Result } from './result.ts'
import { allows, type Action, type Role } from './roles.ts'
import { minimalPlan, pairwisePlan, type Payment } from './settle.ts'

export interface Debt extends Payment {
  readonly currency: Currency
}

/** The payments that would clear a group, and what makes sure that there are not fewer. */
export interface Debts {
  readonly payments: readonly Debt[]
  /** Whether fewer payments are impossible; pairwise debts claim nothing. */
  readonly isOptimal: boolean
  readonly isSimplified: boolean
  /** Disjoint sets of members whose balances sum to zero: each of size k needs k - 1 payments. */
  readonly certificate: readonly { readonly currency: Currency; readonly members: readonly MemberId[] }[]
}

export interface GroupView {
  readonly seq: number
  readonly info: GroupInfo
  readonly role: Role
  readonly self: MemberId
  readonly figures: GroupFigures
}

export interface MembersView extends GroupView {
  readonly members: readonly Member[]
  readonly balances: readonly Balance[]
}

/** A member as balances show them. */
export type NamedMember = Pick<Member, 'id' | 'userId' | 'name' | 'status'>

/** No more than balances show: all of it is copied on its way out of the object. */
export interface BalancesView {
  readonly seq: number
  readonly info: Pick<GroupInfo, 'id' | 'currency'>
  readonly members: readonly NamedMember[]
  readonly balances: readonly Balance[]
  readonly debts: Debts
}

export interface DebtsView extends BalancesView {
  /** What members owe each other as it arose, before any simplifying. */
  readonly direct: readonly Debt[]
}

/** What the object holds in memory, for the audit to compare. */
export interface Memory {
  readonly seq: number
  readonly balances: readonly Balance[]
}

/** The debts of the state, as the group's setting wants them: fewest payments, or as they arose. */
export function debtsOf(state: State): Debts {
  if (state.info?.settings.simplifyDebts !== false) return simplifiedDebts(openBalances(state))
  return { payments: directDebts(state), isOptimal: false, isSimplified: false, certificate: [] }
}

/** The fewest payments that clear the balances, currency by currency. */
export function simplifiedDebts(open: readonly { member: MemberId; currency: Currency; minor: number }[]): Debts {
  const plans = [...Map.groupBy(open, (b) => b.currency)].map(([currency, some]) => ({ currency, ...minimalPlan(some) }))
  return {
    payments: plans.flatMap(({ currency, payments }) => payments.map((p) => ({ ...p, currency }))),
    isOptimal: plans.every((plan) => plan.optimal),
    isSimplified: true,
    certificate: plans.flatMap(({ currency, certificate }) => certificate.map((members) => ({ currency, members }))),
  }
}

/** What members owe each other as it arose, netted between each two. */
export function directDebts(state: State): Debt[] {
  const pairs = [...state.pairs].map(([key, minor]) => {
    // The key is made by `pairKey`, of two members and a currency.
    const [a, b, currency] = key.split('|') as [MemberId, MemberId, Currency]
    return { from: a, to: b, currency, minor }
  })
  return [...Map.groupBy(pairs, (p) => p.currency)].flatMap(([currency, some]) => pairwisePlan(some).map((p) => ({ ...p, currency })))
}

/** The group as this user may see it, or why they may not. */
export function viewGroup(state: State, user: string, action: Action): Result<GroupView, Failure> {
  const { info } = state
  const self = findMember(state, user)
  if (info === undefined || self === undefined || self.userId !== user || !isPresent(self)) return err(failure('group.not_found'))
  if (!allows(self.role, action)) return err(failure('group.forbidden'))
  return ok({ seq: state.seq, info, role: self.role, self: self.id, figures: figuresOf(state, info) })
}

export function viewMembers(state: State, user: string, action: Action): Result<MembersView, Failure> {
  const view = viewGroup(state, user, action)
  return view.ok ? ok({ ...view.value, members: [...state.members.values()], balances: [...state.balances.values()] }) : view
}

/** Balances with the name of just this reading, by which whoever keeps it asks whether it still holds. */
export interface PrintedBalances {
  readonly value: BalancesView
  readonly print: string
}

/** The balances and the plan that would clear them, the same for everybody who may see them. */
export const viewBalances = (state: State, info: GroupInfo): BalancesView => ({
  seq: state.seq,
  info: { id: info.id, currency: info.currency },
  members: [...state.members.values()].map(({ id, userId, name, status }) => ({ id, name, status, ...(userId && { userId }) })),
  balances: [...state.balances.values()],
  debts: debtsOf(state),
})
