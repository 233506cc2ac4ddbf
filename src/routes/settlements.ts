// Settlements and plans: who pays whom, until nobody owes anything.
import { z } from 'zod'
import { mapPage } from '../domain/page.ts'
import { PLAN_MODES } from '../domain/plan.ts'
import { SETTLEMENT_METHODS, SETTLEMENT_STATUSES } from '../domain/settlement.ts'
import type { SettlementView } from '../domain/settlement-view.ts'
import type { Ctx } from '../context.ts'
import { LONGEST } from '../domain/written.ts'
import { currency, day, id, line, memberRef, positiveDecimal, text } from '../http/fields.ts'
import { data, list, member, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  cancelSettlement,
  confirmSettlement,
  createPlan,
  createSettlement,
  disputeSettlement,
  getPlan,
  getSettlement,
  listSettlements,
  rejectSettlement,
  remindSettlement,
  resolveSettlement,
  undoSettlement,
} from '../services/settlements.ts'
import { EXAMPLE_IDS } from './examples.ts'
import { EXAMPLE_PLAN, EXAMPLE_SETTLEMENT } from './examples-payments.ts'
import { PlanOut, planOut, SettlementOut, settlementOut } from './settlement-shapes.ts'

const path = z.object({ settlement_id: id('settlement') })
const tag = 'Settlements'
const write = member('settlement.write', 'expenses:write')
const fails = [
  'settlement.not_found',
  'group.forbidden',
  'group.archived',
  'group.frozen',
  'settlement.state',
  'settlement.forbidden',
  'request.stale',
  'request.key_reused',
] as const

/** The settlement as it is now, for a client whose If-Match was of another version. */
const current = async (ctx: Ctx, input: { readonly path: z.output<typeof path> }) =>
  settlementOut(await getSettlement(ctx, input.path.settlement_id))

/** A row that does one thing to a settlement and takes nothing to do it. */
const action = (
  operationId: string,
  verb: string,
  summary: string,
  description: string,
  run: (ctx: Ctx, id: z.output<typeof path>['settlement_id']) => Promise<SettlementView>,
  status: (typeof SETTLEMENT_STATUSES)[number],
  more: readonly 'settlement.reminded'[] = [],
): Operation =>
  operation({
    id: operationId,
    on: `POST /api/payments/settlements/{settlement_id}/${verb}/`,
    summary,
    description,
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    reply: data(200, SettlementOut),
    fails: [...fails, ...more],
    example: { reply: { ...EXAMPLE_SETTLEMENT, status } },
    run: async (ctx, input) => settlementOut(await run(ctx, input.path.settlement_id)),
    current,
  })

export const settlements: readonly Operation[] = [
  operation({
    id: 'listSettlements',
    on: 'GET /api/payments/settlements/',
    summary: 'List settlements',
    description: 'The settlements in all your groups, the newest first.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject({
      ...pageFields,
      status: z.enum(SETTLEMENT_STATUSES).optional(),
      group_id: id('group').optional(),
      role: z.enum(['payer', 'payee']).optional().meta({ description: 'Those in which you are this side' }),
      plan_id: id('plan').optional(),
    }),
    reply: list(SettlementOut),
    fails: [],
    example: { reply: [EXAMPLE_SETTLEMENT] },
    run: async (ctx, { query }) => {
      const filter = { status: query.status, groupId: query.group_id, role: query.role, planId: query.plan_id }
      return mapPage(await listSettlements(ctx, filter, pageRequest(query)), settlementOut)
    },
  }),
  operation({
    id: 'createSettlement',
    on: 'POST /api/payments/settlements/',
    summary: 'Create a settlement',
    description:
      'Asks for a payment between two members: by default you pay payee_id; with payer_id you ask somebody to pay you. Nothing moves until it is confirmed.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    body: z.strictObject({
      group_id: id('group'),
      payer_id: memberRef.optional().meta({ description: 'You, where absent' }),
      payee_id: memberRef,
      amount: positiveDecimal,
      currency: currency.optional().meta({ description: "The group's, where absent" }),
      description: text(LONGEST.settlement).optional(),
      due_date: day.optional(),
      method: z.enum(SETTLEMENT_METHODS).optional(),
    }),
    reply: data(201, SettlementOut),
    fails: [
      'group.not_found',
      'group.forbidden',
      'group.archived',
      'group.frozen',
      'settlement.invalid',
      'member.not_found',
      'member.inactive',
      'request.key_reused',
      'request.stale',
    ],
    example: {
      body: {
        payee_id: EXAMPLE_IDS.users[1],
        amount: '45.67',
        currency: 'USD',
        group_id: EXAMPLE_IDS.group,
        description: 'Settlement for January expenses',
        due_date: '2024-01-31',
      },
      reply: EXAMPLE_SETTLEMENT,
    },
    run: async (ctx, { body }) => {
      const { group_id: groupId, payer_id: payer, payee_id: payee, due_date: dueDate, amount, currency: code, description, method } = body
      const draft = {
        payee,
        amount,
        ...(payer !== undefined && { payer }),
        ...(code !== undefined && { currency: code }),
        ...(description !== undefined && { description }),
        ...(dueDate !== undefined && { dueDate }),
        ...(method !== undefined && { method }),
      }
      return settlementOut(await createSettlement(ctx, groupId, draft))
    },
  }),
  operation({
    id: 'getSettlement',
    on: 'GET /api/payments/settlements/{settlement_id}/',
    summary: 'Get a settlement',
    description: 'The settlement with each payment that was made for it.',
    tag,
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path,
    reply: data(200, SettlementOut),
    fails: ['settlement.not_found'],
    example: { reply: EXAMPLE_SETTLEMENT },
    run: async (ctx, input) => settlementOut(await getSettlement(ctx, input.path.settlement_id)),
  }),
  operation({
    id: 'confirmSettlement',
    on: 'POST /api/payments/settlements/{settlement_id}/confirm/',
    summary: 'Confirm a settlement',
    description:
      "As the payee, that the money came (received); as the payer, that it is paid (paid), which completes it unless the group's setting trust_payers is off: then it waits for the payee. With an amount it is a part, and the rest stays open.",
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    body: z.strictObject({
      confirmation_type: z.enum(['paid', 'received']).optional().meta({ description: 'By default, whichever side you are' }),
      payment_method: z.enum(SETTLEMENT_METHODS).optional(),
      amount: positiveDecimal.optional().meta({ description: 'All that is open, where absent' }),
      notes: line(LONGEST.settlement).optional(),
    }),
    reply: data(200, SettlementOut),
    fails: [...fails, 'settlement.invalid', 'member.inactive'],
    example: {
      body: { confirmation_type: 'paid', payment_method: 'cash', notes: 'Paid in cash on Jan 15' },
      reply: {
        ...EXAMPLE_SETTLEMENT,
        status: 'completed',
        paid_amount: '45.67',
        remaining_amount: '0.00',
        completed_at: '2024-01-15T10:30:00.000Z',
      },
    },
    run: async (ctx, { path: at, body }) => {
      const { confirmation_type: as, payment_method: method, amount, notes } = body
      const how = {
        ...(as !== undefined && { as }),
        ...(method !== undefined && { method }),
        ...(amount !== undefined && { amount }),
        ...(notes !== undefined && { notes }),
      }
      return settlementOut(await confirmSettlement(ctx, at.settlement_id, how))
    },
    current,
  }),
  action(
    'rejectSettlement',
    'reject',
    'Decline a settlement',
    'By the one who was asked. It is closed without a payment.',
    rejectSettlement,
    'rejected',
  ),
  action(
    'cancelSettlement',
    'cancel',
    'Withdraw a settlement',
    'By whoever asked, or the payee. What was paid of it stays.',
    cancelSettlement,
    'cancelled',
  ),
  action('resolveSettlement', 'resolve', 'Take a dispute back', 'By whoever disputed it. It is open again.', resolveSettlement, 'pending'),
  action(
    'remindSettlement',
    'remind',
    'Remind the payer',
    'By the payee or whoever asked, once a day at most.',
    remindSettlement,
    'pending',
    ['settlement.reminded'],
  ),
  action(
    'undoSettlement',
    'undo',
    'Undo a settlement',
    'By the payee: the money did not come after all. What was posted is reversed and it is open again. What a provider moved is refunded instead.',
    undoSettlement,
    'pending',
  ),
  operation({
    id: 'disputeSettlement',
    on: 'POST /api/payments/settlements/{settlement_id}/dispute/',
    summary: 'Dispute a settlement',
    description:
      'By either side of an open one, or the payee of a reported one. It waits until that is taken back, it is confirmed or withdrawn.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    body: z.strictObject({ reason: line(LONGEST.settlement, 1) }),
    reply: data(200, SettlementOut),
    fails,
    example: { body: { reason: 'Nothing has come yet' }, reply: { ...EXAMPLE_SETTLEMENT, status: 'disputed' } },
    run: async (ctx, { path: at, body }) => settlementOut(await disputeSettlement(ctx, at.settlement_id, body.reason)),
    current,
  }),
  operation({
    id: 'createPlan',
    on: 'POST /api/groups/{group_id}/plan/',
    summary: 'Make a plan to settle up',
    description:
      'Pins the payments that clear the group as it is now and makes each a settlement. They may be paid in any order. What is still open of an earlier plan is withdrawn. minimal: the fewest payments; direct: as the debts arose; hub: all through one member; households: members that count as one, who settle among themselves too.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path: z.object({ group_id: id('group') }),
    body: z.strictObject({
      mode: z.enum(PLAN_MODES).default('minimal'),
      hub: memberRef.optional().meta({ description: 'With mode hub; you, where absent' }),
      households: z.array(z.array(memberRef).min(1).max(200)).max(100).default([]).meta({ description: 'With mode households' }),
      due_date: day.optional(),
    }),
    reply: data(201, PlanOut),
    fails: [
      'group.not_found',
      'group.forbidden',
      'group.archived',
      'group.frozen',
      'plan.empty',
      'plan.busy',
      'member.not_found',
      'request.stale',
      'request.key_reused',
    ],
    example: { body: { mode: 'minimal' }, reply: EXAMPLE_PLAN },
    run: async (ctx, { path: at, body }) => {
      const { mode, hub, households, due_date: dueDate } = body
      const input = { mode, households, ...(hub !== undefined && { hub }), ...(dueDate !== undefined && { dueDate }) }
      return planOut(await createPlan(ctx, at.group_id, input))
    },
  }),
  operation({
    id: 'getPlan',
    on: 'GET /api/groups/{group_id}/plan/',
    summary: 'Get the plan',
    description: 'The plan that was made last: how far it is, and whether something has happened since that it does not count on.',
    tag,
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path: z.object({ group_id: id('group') }),
    reply: data(200, PlanOut),
    fails: ['group.not_found', 'plan.not_found'],
    example: { reply: EXAMPLE_PLAN },
    run: async (ctx, input) => planOut(await getPlan(ctx, input.path.group_id)),
  }),
]
