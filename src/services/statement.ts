// The statement of a month, worked out when it is asked for.
import type { Surroundings } from '../context.ts'
import { readMoved } from '../db/statements.ts'
import type { Id } from '../domain/ids.ts'
import type { Month } from '../domain/reminder.ts'
import { isTelling, monthBorders, statementLine, type OpenDebt, type Statement } from '../domain/statement.ts'
import type { User } from '../domain/user.ts'
import { findPlan, paymentsOf } from './plan.ts'

async function openDebts(at: Surroundings, userId: Id<'user'>, groups: ReadonlyMap<Id<'group'>, string>): Promise<OpenDebt[]> {
  const debts = await Promise.all(
    [...groups].map(async ([groupId, group]) => {
      const plan = await findPlan(at, groupId, userId)
      return plan === undefined ? [] : paymentsOf(plan, userId).map((payment) => ({ group, ...payment }))
    }),
  )
  return debts.flat()
}

/** The month of the user in all their groups, as recorded between its first and its last midnight in their zone. */
export async function readStatement(at: Surroundings, user: Pick<User, 'id' | 'timezone'>, month: Month): Promise<Statement> {
  const { from, to } = monthBorders(user.timezone, month)
  const moved = await readMoved(at.db.$client, user.id, from, to)
  const open = new Map(moved.filter(({ balance }) => balance !== 0).map(({ groupId, group }) => [groupId, group]))
  return { month, lines: moved.map(statementLine).filter(isTelling), debts: await openDebts(at, user.id, open) }
}
