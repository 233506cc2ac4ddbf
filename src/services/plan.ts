// What a group's plan asks of one of its members, for mails and reminders. Its object has it in memory.
import type { Surroundings } from '../context.ts'
import type { Currency } from '../domain/currency.ts'
import type { Failure } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import type { Action } from '../domain/roles.ts'
import type { BalancesView } from '../domain/views.ts'

/** A payment that clears the person's balance or a part of it; negative minor units where they pay. */
export interface PlannedPayment {
  readonly other: string
  readonly currency: Currency
  readonly minor: number
}

/** The balances as the member may see them, or undefined when they may not (any more). */
export async function findPlan(at: Surroundings, groupId: Id<'group'>, userId: Id<'user'>): Promise<BalancesView | undefined> {
  // RPC types every field as if it might hold a stub; what comes here is plain data.
  const object = at.env.GROUP.getByName(groupId) as unknown as {
    balances(user: string, action: Action): Promise<Result<BalancesView, Failure>>
  }
  const view = await object.balances(userId, 'group.read')
  return view.ok ? view.value : undefined
}

/** The payments of the plan from the member or to them. */
export function paymentsOf(plan: BalancesView, userId: Id<'user'>): PlannedPayment[] {
  const self = plan.members.find((member) => member.userId === userId)?.id
  const nameOf = (id: string): string => plan.members.find((member) => member.id === id)?.name ?? 'somebody'
  return plan.debts.payments.flatMap(({ from, to, minor, currency }): PlannedPayment[] =>
    from === self ? [{ other: nameOf(to), currency, minor: -minor }] : to === self ? [{ other: nameOf(from), currency, minor }] : [],
  )
}
