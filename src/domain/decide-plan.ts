// The rule that pins a plan: its steps become settlements in the same entry, and what is left of the plan before it
// is withdrawn, so that nobody is asked twice.
import { entryOf, refuse, type Decision, type Moment } from './decision.ts'
import { failure } from './errors.ts'
import type { MemberId } from './expense.ts'
import { findMember, isPresent, openBalances, type MemberRef } from './group.ts'
import type { SettlementCommand } from './commands.ts'
import { idAfter } from './ids.ts'
import { planSteps, type Plan } from './plan.ts'
import { err } from './result.ts'
import type { Settlement } from './settlement.ts'
import { directDebts } from './views.ts'

const MOST_STEPS = 500

type PinPlan = Extract<SettlementCommand, { type: 'pin_plan' }>

export function pinPlan(m: Moment, command: PinPlan): Decision {
  const { state } = m.book
  if (m.self === undefined) return refuse('group.forbidden')
  const open = openBalances(state)
  if (open.length === 0) return refuse('plan.empty')
  const members = readMembers(m, command)
  if (!('households' in members)) return members
  const before = (state.plan?.steps ?? []).flatMap((step) => m.book.settlement(step.settlement) ?? [])
  const busy = before.filter(({ status }) => status === 'reported' || status === 'processing' || status === 'disputed')
  if (busy.length > 0)
    return err(
      failure(
        'plan.busy',
        busy.slice(0, 10).map(({ id, status }) => ({ field: 'plan', message: `${id} is ${status}`, code: 'UNDER_WAY', got: id })),
      ),
    )
  const { steps, isOptimal } = planSteps({ mode: command.mode, ...members }, open, directDebts(state))
  if (steps.length > MOST_STEPS) return refuse('request.invalid', 'mode', `This plan has ${steps.length} payments, more than ${MOST_STEPS}`)
  const plan: Plan = {
    id: command.plan,
    mode: command.mode,
    ...members,
    seq: state.seq,
    open,
    steps: steps.map((step, i) => ({ ...step, settlement: idAfter('settlement', command.plan, i) })),
    isOptimal,
    createdBy: m.self.id,
    createdAt: m.at,
  }
  const version = state.seq + 1
  const withdrawn = before
    .filter(({ status }) => status === 'pending')
    .map((settlement): Settlement => ({ ...settlement, status: 'cancelled', updatedAt: m.at, version }))
  return entryOf(m, 'plan_pinned', { plan, settlements: [...withdrawn, ...plan.steps.map((step) => settlementOf(m, plan, step, command))] })
}

function settlementOf(m: Moment, plan: Plan, step: Plan['steps'][number], { dueDate }: PinPlan): Settlement {
  return {
    id: step.settlement,
    groupId: m.info.id,
    payer: step.from,
    payee: step.to,
    amount: step.minor,
    currency: step.currency,
    paid: 0,
    reported: 0,
    status: 'pending',
    method: 'manual',
    description: '',
    ...(dueDate && { dueDate }),
    plan: plan.id,
    payments: [],
    createdBy: plan.createdBy,
    createdAt: m.at,
    updatedAt: m.at,
    version: m.book.state.seq + 1,
  }
}

/** The members that the command names; a household may hold whoever has an open balance, though they have left. */
function readMembers(
  m: Moment,
  { mode, hub, households }: PinPlan,
): { hub?: MemberId; households: MemberId[][] } | Extract<Decision, { ok: false }> {
  const unknown = (field: string, ref: MemberRef) =>
    err(failure('member.not_found', [{ field, message: 'Nobody in the group has this id', code: 'NOT_A_MEMBER', got: ref }]))
  const find = (ref: MemberRef): MemberId | undefined => {
    const member = findMember(m.book.state, ref)
    return member !== undefined && isPresent(member) ? member.id : undefined
  }
  const named: MemberId[][] = []
  for (const [i, household] of households.entries()) {
    const ids: MemberId[] = []
    for (const ref of household) {
      const id = find(ref)
      if (id === undefined) return unknown(`households[${i}]`, ref)
      ids.push(id)
    }
    named.push(ids)
  }
  const all = named.flat()
  if (new Set(all).size < all.length)
    return err(failure('request.invalid', [{ field: 'households', message: 'Nobody is in two households', code: 'INVALID_VALUE' }]))
  if (mode !== 'hub') return { households: named }
  const center = hub === undefined ? m.self?.id : find(hub)
  return center === undefined ? unknown('hub', hub ?? '') : { hub: center, households: named }
}
