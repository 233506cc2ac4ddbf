import { z } from 'zod'
import { dayIn } from '../domain/time.ts'
import { LONGEST } from '../domain/written.ts'
import { id, instant, text } from '../http/fields.ts'
import { data, list, member, nothing, operation, user } from '../http/operation.ts'
import { pageRequest, pageSpeller } from '../http/pages.ts'
import { matchCategories } from '../services/categories.ts'
import {
  addExpenseComment,
  approveExpense,
  createExpense,
  deleteExpense,
  getExpense,
  listExpenses,
  rejectExpense,
  restoreExpense,
  updateExpense,
  updateExpenseSplit,
} from '../services/expenses.ts'
import { signedIn, type Ctx } from '../context.ts'
import { fileLink, linkEpoch } from '../services/files.ts'
import { CreateExpenseIn, ExpenseQuery, fieldsOf, filterOf, SplitIn, sortsOf, UpdateExpenseIn } from './expense-forms.ts'
import type { Link } from './attachment-shapes.ts'
import {
  AddedCommentOut,
  ExpenseDetailOut,
  expenseDetailOut,
  ExpenseLineOut,
  expenseLineOut,
  ExpenseOut,
  expenseOut,
  personOut,
  ShareOut,
} from './expense-shapes.ts'
import { EXAMPLE_COMMENT, EXAMPLE_EXPENSE, EXAMPLE_EXPENSE_DETAIL, EXAMPLE_IDS, EXAMPLE_LINE, EXAMPLE_SHARES } from './examples.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)

const spellLines = pageSpeller(expenseLineOut)

const path = z.object({ expense_id: id('expense') })
const tag = 'Expenses'

/** The expense as it is now, for a client whose If-Match was of another version. */
const current = async (ctx: Ctx, input: { readonly path: z.output<typeof path> }) =>
  expenseDetailOut(await getExpense(ctx, input.path.expense_id), linkOf(ctx))

const splitFails = [
  'expense.not_found',
  'group.forbidden',
  'group.archived',
  'group.frozen',
  'expense.invalid',
  'split.invalid',
  'member.inactive',
  'expense.rate_unknown',
] as const
const changeFails = [
  'expense.not_found',
  'group.forbidden',
  'group.archived',
  'group.frozen',
  'expense.deleted',
  'request.stale',
  'request.key_reused',
  'member.inactive',
] as const

export const expenses = [
  operation({
    id: 'listExpenses',
    on: 'GET /api/expenses/',
    summary: 'List expenses',
    description: 'The expenses in all your groups, personal ones included, or in one of them. Newest first unless sort says otherwise.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: ExpenseQuery,
    reply: list(ExpenseLineOut),
    fails: ['group.not_found'],
    example: { reply: [EXAMPLE_LINE] },
    run: async (ctx, { query }) => {
      const named = query.category ?? query.category_id
      const categoryIds = named === undefined ? undefined : await matchCategories(ctx, named)
      const page = await listExpenses(ctx, filterOf(query, categoryIds), sortsOf(query.sort), pageRequest(query))
      return spellLines(page, linkOf(ctx), linkEpoch(ctx))
    },
  }),
  operation({
    id: 'createExpense',
    on: 'POST /api/expenses/',
    summary: 'Create an expense',
    description:
      'Records who paid what for whom. The server divides the amount, to the last minor unit, and moves the balances with it. Without group_id it is a personal expense; without split_type it is split equally among all members but viewers.',
    tag,
    access: member('expense.create', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    body: CreateExpenseIn,
    reply: data(201, ExpenseOut, 'Expense created successfully'),
    fails: ['group.not_found', ...splitFails, 'request.key_reused'],
    example: {
      body: {
        title: 'Dinner at Italian Restaurant',
        description: 'Team dinner after project completion',
        amount: '250.00',
        currency: 'USD',
        category_id: EXAMPLE_IDS.category,
        expense_type: 'group',
        group_id: EXAMPLE_IDS.group,
        expense_date: '2024-01-14',
        split_type: 'equal',
        split_data: { participants: EXAMPLE_IDS.users },
        tags: ['dinner', 'team-event'],
        vendor: "Luigi's Restaurant",
        location: '123 Main St, New York',
      },
      reply: EXAMPLE_EXPENSE,
    },
    run: async (ctx, { body }) => {
      const { title, amount, group_id: groupId } = body
      const draft = { ...fieldsOf(body), title, amount, date: body.expense_date ?? dayIn(signedIn(ctx).timezone, ctx.now) }
      return expenseOut(await createExpense(ctx, groupId === undefined ? { draft } : { groupId, draft }), linkOf(ctx))
    },
  }),
  operation({
    id: 'getExpense',
    on: 'GET /api/expenses/{expense_id}/',
    summary: 'Get an expense',
    description: 'The expense with its shares, comments, attachments and what happened to it. Deleted ones can be read too.',
    tag,
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path,
    reply: data(200, ExpenseDetailOut),
    fails: ['expense.not_found'],
    example: { reply: EXAMPLE_EXPENSE_DETAIL },
    run: async (ctx, { path: p }) => expenseDetailOut(await getExpense(ctx, p.expense_id), linkOf(ctx)),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    operation({
      id: method === 'PUT' ? 'updateExpense' : 'patchExpense',
      on: `${method} /api/expenses/{expense_id}/`,
      summary: 'Update an expense',
      description:
        'Changes the fields that are sent; the others stay. A change of money takes back what was posted and posts anew in one entry. PUT and PATCH do the same.',
      tag,
      access: member('expense.update', 'expenses:write'),
      limit: 'write',
      isGroupWrite: true,
      path,
      current,
      body: UpdateExpenseIn,
      reply: data(200, ExpenseOut),
      fails: [...changeFails, ...splitFails],
      example: {
        body: { title: "Updated: Dinner at Luigi's", amount: '260.00', description: 'Team dinner with dessert' },
        reply: EXAMPLE_EXPENSE,
      },
      run: async (ctx, { path: p, body }) => expenseOut(await updateExpense(ctx, p.expense_id, fieldsOf(body)), linkOf(ctx)),
    }),
  ),
  operation({
    id: 'deleteExpense',
    on: 'DELETE /api/expenses/{expense_id}/',
    summary: 'Delete an expense',
    description: 'Takes its money out of the balances and the expense out of lists. It can be restored.',
    tag,
    access: member('expense.delete', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    reply: nothing,
    fails: changeFails,
    example: {},
    run: (ctx, { path: p }) => deleteExpense(ctx, p.expense_id),
  }),
  operation({
    id: 'restoreExpense',
    on: 'POST /api/expenses/{expense_id}/restore/',
    summary: 'Restore a deleted expense',
    description: 'Puts it back into lists and its money back into the balances, if everyone it charges is still in the group.',
    tag,
    access: member('expense.delete', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    reply: data(200, ExpenseOut),
    fails: [
      'expense.not_found',
      'group.forbidden',
      'group.archived',
      'group.frozen',
      'expense.not_deleted',
      'member.inactive',
      'request.stale',
      'request.key_reused',
    ],
    example: { reply: EXAMPLE_EXPENSE },
    run: async (ctx, { path: p }) => expenseOut(await restoreExpense(ctx, p.expense_id), linkOf(ctx)),
  }),
  operation({
    id: 'updateExpenseSplit',
    on: 'POST /api/expenses/{expense_id}/split/',
    summary: 'Update how an expense is split',
    description: 'Divides the same amount in another way.',
    tag,
    access: member('expense.update', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    body: SplitIn,
    reply: data(200, z.object({ shares: z.array(ShareOut), version: z.int() }).meta({ id: 'Shares' })),
    fails: [...changeFails, ...splitFails],
    example: {
      body: {
        split_type: 'percentage',
        split_data: { [EXAMPLE_IDS.users[0]]: 40, [EXAMPLE_IDS.users[1]]: 30, [EXAMPLE_IDS.users[2]]: 30 },
      },
      reply: EXAMPLE_SHARES,
    },
    run: async (ctx, { path: p, body }) => {
      const { shares, version } = expenseOut(await updateExpenseSplit(ctx, p.expense_id, fieldsOf(body)), linkOf(ctx))
      return { shares, version }
    },
  }),
  ...(['approve', 'reject'] as const).map((verb) =>
    operation({
      id: verb === 'approve' ? 'approveExpense' : 'rejectExpense',
      on: `POST /api/expenses/{expense_id}/${verb}/`,
      summary: verb === 'approve' ? 'Approve an expense' : 'Reject an expense',
      description:
        verb === 'approve'
          ? 'Posts an expense that waited because it is above the threshold of its group.'
          : 'Leaves an expense that waited for approval out of the balances for good.',
      tag,
      access: member('expense.approve', 'expenses:write'),
      limit: 'write',
      isGroupWrite: true,
      path,
      current,
      reply: data(200, ExpenseOut),
      fails: [...changeFails, 'expense.not_pending'],
      example: { reply: EXAMPLE_EXPENSE },
      run: async (ctx, { path: p }) =>
        expenseOut(await (verb === 'approve' ? approveExpense : rejectExpense)(ctx, p.expense_id), linkOf(ctx)),
    }),
  ),
  operation({
    id: 'addExpenseComment',
    on: 'POST /api/expenses/{expense_id}/comments/',
    summary: 'Comment on an expense',
    description: 'Everyone in the group can read it.',
    tag,
    access: member('expense.comment', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    body: z.strictObject({ comment: text(LONGEST.comment, 1) }).meta({ id: 'AddComment' }),
    reply: data(201, AddedCommentOut),
    fails: changeFails,
    example: { body: { comment: EXAMPLE_COMMENT.comment }, reply: { ...EXAMPLE_COMMENT, version: 18 } },
    run: async (ctx, { path: p, body }) => {
      const { comment, author, version } = await addExpenseComment(ctx, p.expense_id, body.comment)
      return {
        id: comment.id,
        user: personOut(author, comment.member, linkOf(ctx)),
        comment: comment.text,
        created_at: instant(comment.createdAt),
        version,
      }
    },
  }),
]
