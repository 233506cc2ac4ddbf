// A settlement as it is shown: with the group and the people that it names.
import type { Person } from './expense-view.ts'
import type { MemberId } from './expense.ts'
import type { Id } from './ids.ts'
import type { Outcome } from './outcome.ts'
import { openBalances, type State } from './group.ts'
import { planDifferences, type Plan, type PlanDifference } from './plan.ts'
import type { Settlement, SettlementStatus } from './settlement.ts'

export interface SettlementView {
  readonly settlement: Settlement
  readonly group: { readonly id: Id<'group'>; readonly name: string }
  readonly people: ReadonlyMap<MemberId, Person>
}

/** What is asked of a list of settlements. */
export interface SettlementFilter {
  readonly groupId?: Id<'group'> | undefined
  readonly status?: SettlementStatus | undefined
  /** Which side of it the viewer is on; absent: either, or neither. */
  readonly role?: 'payer' | 'payee' | undefined
  readonly planId?: Id<'plan'> | undefined
}

/** The plan of a group as it stands now. */
export interface PlanView {
  readonly seq: number
  readonly plan: Plan
  readonly settlements: readonly SettlementView[]
  /** What has happened since that the plan does not know of; empty while it still clears the group. */
  readonly differences: readonly PlanDifference[]
  readonly people: ReadonlyMap<MemberId, Person>
}

/** The settlement that a command came to: the last that the entry names. */
export function settlementOfOutcome({ entry, info, members }: Outcome): SettlementView {
  const settlement = entry.settlements?.at(-1)
  if (settlement === undefined) throw new Error(`${entry.type} is not about a settlement`)
  return { settlement, group: { id: info.id, name: info.name }, people: new Map(members.map((member) => [member.id, member])) }
}

/** The plan that the state holds, with its settlements as they are and what has happened since. */
export function viewPlan(state: State, find: (id: Id<'settlement'>) => Settlement | undefined): PlanView | undefined {
  const { plan, info } = state
  if (plan === undefined || info === undefined) return undefined
  const settlements = plan.steps.flatMap((step) => find(step.settlement) ?? [])
  const paid = new Map(settlements.map((settlement) => [settlement.id, settlement.paid]))
  const named = new Set([...plan.open.map(({ member }) => member), ...plan.steps.flatMap(({ from, to }) => [from, to]), plan.createdBy])
  const people = new Map([...named].flatMap((id) => state.members.get(id) ?? []).map((member) => [member.id, personOf(member)]))
  const differences = planDifferences(plan, paid, openBalances(state))
  for (const { member } of differences) {
    const found = state.members.get(member)
    if (found !== undefined) people.set(member, personOf(found))
  }
  const group = { id: info.id, name: info.name }
  return { seq: state.seq, plan, settlements: settlements.map((settlement) => ({ settlement, group, people })), differences, people }
}

/** No more of a member than is shown beside a payment. */
const personOf = ({ id, userId, name, avatarKey }: Person): Person => ({
  id,
  name,
  ...(userId !== undefined && { userId }),
  ...(avatarKey !== undefined && { avatarKey }),
})
