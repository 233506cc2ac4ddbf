// Claims on the lines of an itemised expense, by members of its group.
import type { Ctx } from '../context.ts'
import { claimsView, type ClaimsView } from '../domain/claims-view.ts'
import type { AskedPart } from '../domain/commands.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Outcome } from '../domain/outcome.ts'
import { runCommand } from './command.ts'
import { getExpense, groupOfExpense } from './expenses.ts'

/** The claims after the command. */
export function claimsOf({ entry, members }: Outcome): ClaimsView {
  const view = entry.expense && claimsView(entry.expense, new Map(members.map((member) => [member.id, member])))
  if (view === undefined) throw new Error(`${entry.type} is answered with the claims`)
  return view
}

/** Who has claimed what; throws `expense.not_found`, `claim.closed` where nobody was asked to. */
export async function getClaims(ctx: Ctx, id: Id<'expense'>): Promise<ClaimsView> {
  const { expense, people } = await getExpense(ctx, id)
  const view = claimsView(expense, people)
  if (view === undefined) throw new AppError('claim.closed')
  return view
}

/** Opens the lines to claims. What nobody claims is borne by `bearer`: who paid, where nobody is named. */
export async function openClaims(ctx: Ctx, id: Id<'expense'>, bearer?: string): Promise<ClaimsView> {
  const groupId = await groupOfExpense(ctx, id)
  return claimsOf(await runCommand(ctx, groupId, { type: 'open_claims', id, ...(bearer !== undefined && { bearer }) }))
}

/** Ends the claiming: what was claimed stands. */
export const closeClaims = async (ctx: Ctx, id: Id<'expense'>): Promise<ClaimsView> =>
  claimsOf(await runCommand(ctx, await groupOfExpense(ctx, id), { type: 'close_claims', id }))

/** Sets what the caller, or the member they name, has of the line; nothing takes it back. Throws `claim.taken` for more than is left. */
export async function claimLine(ctx: Ctx, id: Id<'expense'>, line: number, part: AskedPart, member?: string): Promise<ClaimsView> {
  const command = { type: 'claim_line', id, line, part, ...(member !== undefined && { member }) } as const
  return claimsOf(await runCommand(ctx, await groupOfExpense(ctx, id), command))
}
