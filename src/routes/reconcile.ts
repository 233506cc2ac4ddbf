// Reconciling: receipts held against the expenses of a period.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { formatMinor } from '../domain/money.ts'
import { periodOf } from '../domain/period.ts'
import { amountOut, dayOut, id, line } from '../http/fields.ts'
import { data, member, operation } from '../http/operation.ts'
import { getExpense } from '../services/expenses.ts'
import { fileLink } from '../services/files.ts'
import { reconcileExpense, reconcileGroup, type Reconciliation } from '../services/receipt-expenses.ts'
import { EXAMPLE_EXPENSE, EXAMPLE_IDS } from './examples.ts'
import { EXAMPLE_RECEIPT } from './examples-receipts.ts'
import { ExpenseOut, expenseOut } from './expense-shapes.ts'
import { CandidateOut, candidateOut, scoreFields, scoreOut, tolerance, toleranceIn } from './receipt-shapes.ts'

const tag = 'Receipts'

const MatchOut = z.object({ receipt_id: z.string(), ...scoreFields })

const ReconciliationOut = z
  .object({
    period: z.object({ from: dayOut, until: dayOut }),
    currency: z.string(),
    tolerance: amountOut,
    summary: z.object({
      total_expenses: z.int(),
      already_reconciled: z.int(),
      auto_reconciled: z.int(),
      manual_review_required: z.int(),
      without_receipt: z.int(),
      reconciliation_rate: z
        .number()
        .meta({ description: 'Percent of the expenses that are reconciled now, with one decimal', example: 77.8 }),
    }),
    auto_reconciled: z.array(CandidateOut.extend(MatchOut.shape)),
    manual_review: z.array(CandidateOut.extend({ potential_matches: z.array(MatchOut) })),
    without_receipt: z.array(CandidateOut),
  })
  .meta({ id: 'Reconciliation' })

function reconciliationOut(
  { total, already, auto, manual, unmatched, currency }: Reconciliation,
  period: z.input<typeof ReconciliationOut>['period'],
  within: string,
): z.input<typeof ReconciliationOut> {
  return {
    period,
    currency,
    tolerance: within,
    summary: {
      total_expenses: total,
      already_reconciled: already,
      auto_reconciled: auto.length,
      manual_review_required: manual.length,
      without_receipt: unmatched.length,
      reconciliation_rate: total === 0 ? 0 : Math.round(((already + auto.length) / total) * 1000) / 10,
    },
    auto_reconciled: auto.map(({ expense, receipt, match }) => ({
      ...candidateOut(expense),
      receipt_id: receipt,
      ...scoreOut(match, expense.currency),
    })),
    manual_review: manual.map(({ expense, candidates }) => ({
      ...candidateOut(expense),
      potential_matches: candidates.map(({ receipt, match }) => ({ receipt_id: receipt, ...scoreOut(match, expense.currency) })),
    })),
    without_receipt: unmatched.map(candidateOut),
  }
}

const current = async (ctx: Ctx, input: { readonly path: { readonly expense_id: z.output<typeof expensePath>['expense_id'] } }) =>
  expenseOut(await getExpense(ctx, input.path.expense_id), (key) => fileLink(ctx, key))

const expensePath = z.object({ expense_id: id('expense') })

const SAMPLE = {
  expense_id: EXAMPLE_IDS.expense,
  title: EXAMPLE_EXPENSE.title,
  vendor: EXAMPLE_EXPENSE.vendor,
  amount: '250.00',
  currency: 'USD',
  expense_date: '2024-01-14',
}

export const reconcile = [
  operation({
    id: 'reconcileGroup',
    on: 'POST /api/groups/{group_id}/reconcile/',
    summary: 'Reconcile a period',
    description:
      'Holds the receipts of the group that were read against its expenses in the period. Pairs beyond doubt are matched and noted as reconciled; where amounts differ within the tolerance, or two would fit, the expense is left to be reviewed, with reasons. With dry_run nothing is noted.',
    tag,
    access: member('expense.approve', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path: z.object({ group_id: id('group') }),
    body: z
      .strictObject({
        period: line(20, 4)
          .refine(
            (text) => periodOf(text) !== undefined,
            'Must be a month (2024-01), a quarter (2024-Q1 or Q1-2024), a year (2024), or two days with a comma between',
          )
          .meta({ example: 'Q1-2024' }),
        tolerance,
      })
      .meta({ id: 'Reconcile' }),
    reply: data(200, ReconciliationOut),
    fails: ['group.not_found', 'group.forbidden', 'group.archived', 'group.frozen', 'request.invalid'],
    example: {
      body: { period: 'Q1-2024', tolerance: '5.00' },
      reply: {
        period: { from: '2024-01-01', until: '2024-03-31' },
        currency: 'USD',
        tolerance: '5.00',
        summary: {
          total_expenses: 1,
          already_reconciled: 0,
          auto_reconciled: 1,
          manual_review_required: 0,
          without_receipt: 0,
          reconciliation_rate: 100,
        },
        auto_reconciled: [
          {
            ...SAMPLE,
            receipt_id: EXAMPLE_RECEIPT.id,
            match_score: 0.95,
            amount_difference: '0.00',
            reason: 'The amount is the same',
            reasons: [{ code: 'amount_exact', message: 'The amount is the same' }],
          },
        ],
        manual_review: [],
        without_receipt: [],
      },
    },
    run: async (ctx, { path, body }) => {
      const period = periodOf(body.period)
      if (period === undefined) throw new Error('the schema has looked at the period')
      const toleranceOf = toleranceIn(body.tolerance)
      const found = await reconcileGroup(ctx, path.group_id, period, toleranceOf)
      return reconciliationOut(found, period, formatMinor(toleranceOf(found.currency), found.currency))
    },
  }),
  operation({
    id: 'reconcileExpense',
    on: 'POST /api/expenses/{expense_id}/reconcile/',
    summary: 'Mark an expense as reconciled',
    description:
      'Notes that it agrees with its receipt, whatever was read, or with is_reconciled false takes that back. A change of its amount takes it back too.',
    tag,
    access: member('expense.update', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path: expensePath,
    current,
    body: z.strictObject({ is_reconciled: z.boolean().default(true) }).meta({ id: 'ReconcileExpense' }),
    reply: data(200, ExpenseOut),
    fails: [
      'expense.not_found',
      'group.forbidden',
      'group.archived',
      'group.frozen',
      'expense.deleted',
      'request.stale',
      'request.key_reused',
    ],
    example: { body: { is_reconciled: true }, reply: { ...EXAMPLE_EXPENSE, reconciled_at: '2024-01-15T10:30:00.000Z' } },
    run: async (ctx, { path, body }) =>
      expenseOut(await reconcileExpense(ctx, path.expense_id, body.is_reconciled), (key) => fileLink(ctx, key)),
  }),
]
