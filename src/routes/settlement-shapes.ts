// How settlements and plans look to clients, field by field as the document has it.
import { z } from 'zod'
import type { MemberId } from '../domain/expense.ts'
import type { Person } from '../domain/expense-view.ts'
import { formatMinor } from '../domain/money.ts'
import { PLAN_MODES } from '../domain/plan.ts'
import type { PlanView, SettlementView } from '../domain/settlement-view.ts'
import { remainingOf, SETTLEMENT_METHODS, SETTLEMENT_STATUSES } from '../domain/settlement.ts'
import { amountOut, CurrencyOut, currencyOut, dayOut, instant, instantOrNull, instantOut } from '../http/fields.ts'

const Side = z
  .object({ id: z.string().meta({ description: 'Id of the user, or of the member for a guest' }), name: z.string() })
  .meta({ id: 'SettlementSide' })

const PaymentOut = z.object({
  payment_id: z.string().nullable().meta({ description: 'Of the payment that was processed; null where people said so' }),
  amount: amountOut,
  refunded_amount: amountOut,
  method: z.enum(SETTLEMENT_METHODS),
  notes: z.string(),
  paid_at: instantOut,
})

export const SettlementOut = z
  .object({
    id: z.string(),
    payer: Side,
    payee: Side,
    amount: amountOut,
    paid_amount: amountOut.meta({ description: 'What was confirmed and is in the balances' }),
    remaining_amount: amountOut,
    reported_amount: amountOut.meta({ description: 'What the payer says is paid and the payee has not confirmed' }),
    currency: CurrencyOut,
    group: z.object({ id: z.string(), name: z.string() }),
    status: z.enum(SETTLEMENT_STATUSES),
    method: z.enum(SETTLEMENT_METHODS),
    description: z.string(),
    due_date: dayOut.nullable(),
    plan_id: z.string().nullable(),
    payments: z.array(PaymentOut),
    dispute: z.object({ by: Side, reason: z.string() }).nullable(),
    created_by: Side,
    created_at: instantOut,
    updated_at: instantOut,
    completed_at: instantOut.nullable(),
    version: z.int().meta({ description: 'The ETag: the seq that last changed it' }),
  })
  .meta({ id: 'Settlement' })

const sideOut = (people: ReadonlyMap<MemberId, Person>, id: MemberId): z.input<typeof Side> => {
  const person = people.get(id)
  return { id: person?.userId ?? id, name: person?.name ?? '' }
}

export function settlementOut({ settlement: s, group, people }: SettlementView): z.input<typeof SettlementOut> {
  const amount = (minor: number): string => formatMinor(minor, s.currency)
  return {
    id: s.id,
    payer: sideOut(people, s.payer),
    payee: sideOut(people, s.payee),
    amount: amount(s.amount),
    paid_amount: amount(s.paid),
    remaining_amount: amount(remainingOf(s)),
    reported_amount: amount(s.reported),
    currency: currencyOut(s.currency),
    group: { id: group.id, name: group.name },
    status: s.status,
    method: s.method,
    description: s.description,
    due_date: s.dueDate ?? null,
    plan_id: s.plan ?? null,
    payments: s.payments.map((payment) => ({
      payment_id: payment.id ?? null,
      amount: amount(payment.minor),
      refunded_amount: amount(payment.refunded),
      method: payment.method,
      notes: payment.notes,
      paid_at: instant(payment.at),
    })),
    dispute: s.dispute === undefined ? null : { by: sideOut(people, s.dispute.by), reason: s.dispute.reason },
    created_by: sideOut(people, s.createdBy),
    created_at: instant(s.createdAt),
    updated_at: instant(s.updatedAt),
    completed_at: instantOrNull(s.completedAt),
    version: s.version,
  }
}

export const PlanOut = z
  .object({
    id: z.string(),
    group_id: z.string(),
    mode: z.enum(PLAN_MODES),
    hub: Side.nullable(),
    households: z.array(z.array(Side)),
    seq: z.int().meta({ description: 'The entry whose balances it clears' }),
    is_optimal: z.boolean().meta({ description: 'Whether fewer payments are impossible' }),
    is_stale: z
      .boolean()
      .meta({ description: 'Whether something else has happened since, so that executing it no longer clears the group' }),
    is_done: z.boolean(),
    differences: z
      .array(z.object({ user: Side, currency: CurrencyOut, amount: amountOut }))
      .meta({ description: 'By how much each balance is off what the plan counts on' }),
    steps: z.array(
      z.object({
        settlement_id: z.string(),
        from: Side,
        to: Side,
        amount: amountOut,
        currency: CurrencyOut,
        is_internal: z.boolean().meta({ description: 'Within a household' }),
        status: z.enum(SETTLEMENT_STATUSES),
        paid_amount: amountOut,
      }),
    ),
    created_by: Side,
    created_at: instantOut,
    version: z.int().meta({ description: 'The seq of the group that it was looked at' }),
  })
  .meta({ id: 'Plan' })

export function planOut({ seq, plan, settlements, differences, people }: PlanView): z.input<typeof PlanOut> {
  const side = (id: MemberId) => sideOut(people, id)
  const known = new Map(settlements.map(({ settlement, group }) => [settlement.id, { settlement, group }]))
  const [first] = settlements
  return {
    id: plan.id,
    group_id: first?.settlement.groupId ?? '',
    mode: plan.mode,
    hub: plan.hub === undefined ? null : side(plan.hub),
    households: plan.households.map((unit) => unit.map(side)),
    seq: plan.seq,
    is_optimal: plan.isOptimal,
    is_stale: differences.length > 0,
    is_done: plan.steps.every((step) => known.get(step.settlement)?.settlement.status === 'completed'),
    differences: differences.map((d) => ({
      user: side(d.member),
      currency: currencyOut(d.currency),
      amount: formatMinor(d.minor, d.currency),
    })),
    steps: plan.steps.map((step) => {
      const settlement = known.get(step.settlement)?.settlement
      return {
        settlement_id: step.settlement,
        from: side(step.from),
        to: side(step.to),
        amount: formatMinor(step.minor, step.currency),
        currency: currencyOut(step.currency),
        is_internal: step.isInternal,
        status: settlement?.status ?? 'pending',
        paid_amount: formatMinor(settlement?.paid ?? 0, step.currency),
      }
    }),
    created_by: side(plan.createdBy),
    created_at: instant(plan.createdAt),
    version: seq,
  }
}
