// Settlements: asked for, confirmed and disputed by their two sides, and the plan that makes a whole group even. A
// change goes to the group as a command; a reading goes to D1, with the reader's membership inside the statement.
import { signedIn, type Ctx } from '../context.ts'
import { findGroupOfSettlement, findSettlement, listSettlements as selectSettlements } from '../db/settlements.ts'
import { AppError } from '../domain/errors.ts'
import type { MemberRef } from '../domain/group.ts'
import type { SettlementCommand, SettlementDraft } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { PlanMode } from '../domain/plan.ts'
import { settlementOfOutcome, type PlanView, type SettlementFilter, type SettlementView } from '../domain/settlement-view.ts'
import type { Day } from '../domain/time.ts'
import { runCommand } from './command.ts'
import { readPlan } from './groups.ts'

/** The settlements of the caller's groups that match, the newest first. */
export const listSettlements = (ctx: Ctx, filter: SettlementFilter, page: PageRequest): Promise<Page<SettlementView>> =>
  selectSettlements(ctx.db.$client, signedIn(ctx).userId, filter, page)

/** Throws `settlement.not_found`, also where the caller is not in its group. */
export async function getSettlement(ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> {
  const found = await findSettlement(ctx.db.$client, signedIn(ctx).userId, id)
  if (found === undefined) throw new AppError('settlement.not_found')
  return found
}

/** Asks for a payment. It moves no money. */
export async function createSettlement(ctx: Ctx, groupId: Id<'group'>, draft: SettlementDraft): Promise<SettlementView> {
  return settlementOfOutcome(await runCommand(ctx, groupId, { type: 'request_settlement', settlement: newId('settlement'), draft }))
}

type About = Extract<
  SettlementCommand,
  { readonly type: `${'confirm' | 'reject' | 'cancel' | 'resolve' | 'remind' | 'undo' | 'dispute'}_settlement` }
>

async function change(ctx: Ctx, command: About): Promise<SettlementView> {
  const groupId = await findGroupOfSettlement(ctx.db.$client, command.settlement)
  if (groupId === undefined) throw new AppError('settlement.not_found')
  return settlementOfOutcome(await runCommand(ctx, groupId, command))
}

/** The payer's word that it is paid, or the payee's that it came, for all that is open or a part of it. */
export const confirmSettlement = (
  ctx: Ctx,
  id: Id<'settlement'>,
  how: Omit<Extract<About, { type: 'confirm_settlement' }>, 'type' | 'settlement'>,
): Promise<SettlementView> => change(ctx, { type: 'confirm_settlement', settlement: id, ...how })

export const rejectSettlement = (ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> =>
  change(ctx, { type: 'reject_settlement', settlement: id })

export const cancelSettlement = (ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> =>
  change(ctx, { type: 'cancel_settlement', settlement: id })

export const disputeSettlement = (ctx: Ctx, id: Id<'settlement'>, reason: string): Promise<SettlementView> =>
  change(ctx, { type: 'dispute_settlement', settlement: id, reason })

/** Whoever disputed it takes that back. */
export const resolveSettlement = (ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> =>
  change(ctx, { type: 'resolve_settlement', settlement: id })

export const remindSettlement = (ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> =>
  change(ctx, { type: 'remind_settlement', settlement: id })

/** The payee takes back that it came; what was posted for it is reversed. */
export const undoSettlement = (ctx: Ctx, id: Id<'settlement'>): Promise<SettlementView> =>
  change(ctx, { type: 'undo_settlement', settlement: id })

export interface PlanInput {
  readonly mode: PlanMode
  readonly hub?: MemberRef
  readonly households: readonly (readonly MemberRef[])[]
  readonly dueDate?: Day
}

/** Pins the payments that clear the group now: each becomes a settlement, and what is left of an earlier plan is withdrawn. */
export async function createPlan(ctx: Ctx, groupId: Id<'group'>, input: PlanInput): Promise<PlanView> {
  const outcome = await runCommand(ctx, groupId, { type: 'pin_plan', plan: newId('plan'), ...input })
  const { plan, settlements = [], seq } = outcome.entry
  if (plan === undefined) throw new Error('a plan is answered with the plan')
  const group = { id: outcome.info.id, name: outcome.info.name }
  const people = new Map(outcome.members.map((member) => [member.id, member]))
  const steps = settlements.filter((settlement) => settlement.plan === plan.id)
  return { seq, plan, people, differences: [], settlements: steps.map((settlement) => ({ settlement, group, people })) }
}

/** The plan that was pinned last, as it stands. Throws `plan.not_found`. */
export async function getPlan(ctx: Ctx, groupId: Id<'group'>): Promise<PlanView> {
  const view = await readPlan(ctx, groupId)
  if (view === undefined) throw new AppError('plan.not_found')
  return view
}
