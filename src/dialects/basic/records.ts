// Expenses and the categories that they are filed under.
import { z } from 'zod'
import { user } from '../../http/operation.ts'
import { createCategory, deleteCategory, listCategories } from '../../services/categories.ts'
import { createExpense, deleteExpense, listAllExpenses } from '../../services/expenses.ts'
import { row, uuid, type ForeignOperation } from '../dialect.ts'
import { CategoryIn, ExpenseIn } from './forms.ts'
import { CategoryOut, categoryOut, ExpenseOut, expenseOut, ListedExpenseOut, listedExpenseOut } from './shapes.ts'

const said = <M extends string>(message: M) => z.object({ message: z.literal(message) })

const NAMED = { id: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a12', name: 'Groceries' }
const CATEGORY: z.input<typeof CategoryOut> = {
  ...NAMED,
  is_default: false,
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:00.000Z',
}
const LISTED: z.input<typeof ListedExpenseOut> = {
  id: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a13',
  title: 'Groceries',
  amount: 12.5,
  expense_date: '2026-11-20',
  expense_time: '19:30:00',
  categories: [NAMED],
}
const EXPENSE: z.input<typeof ExpenseOut> = {
  ...LISTED,
  user_id: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a10',
  description: 'For the weekend',
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:00.000Z',
}

const expenses: readonly ForeignOperation[] = [
  row({
    id: 'createExpense',
    on: 'POST /api/expenses',
    summary: 'Record an expense',
    description: 'Records an expense of your own, in the currency of your account, under the categories that are named.',
    tag: 'Expenses',
    access: user(),
    limit: 'write',
    takes: { body: ExpenseIn },
    call: (ctx, { body }) => createExpense(ctx, body),
    gives: [
      201,
      said('Expense created successfully.').extend({ expense: ExpenseOut }),
      (view) => ({ message: 'Expense created successfully.' as const, expense: expenseOut(view) }),
    ],
    refuses: { 400: 'Invalid expense data' },
    fails: ['expense.invalid', 'split.invalid', 'group.frozen', 'request.stale'],
    example: {
      body: {
        title: 'Groceries',
        description: 'For the weekend',
        amount: 12.5,
        expense_date: '2026-11-20',
        expense_time: '19:30:00',
        categories: [NAMED.id],
      },
      reply: { message: 'Expense created successfully.', expense: EXPENSE },
    },
  }),
  row({
    id: 'listAllExpenses',
    on: 'GET /api/expenses',
    summary: 'List expenses',
    description: 'All that you may see, those of your groups included, the newest first; at most 10,000.',
    tag: 'Expenses',
    access: user(),
    limit: 'read',
    call: listAllExpenses,
    gives: [200, z.object({ expenses: z.array(ListedExpenseOut) }), (views) => ({ expenses: views.map(listedExpenseOut) })],
    fails: [],
    example: { reply: { expenses: [LISTED] } },
  }),
  row({
    id: 'deleteExpense',
    on: 'DELETE /api/expenses/{id}',
    summary: 'Delete an expense',
    description: 'Takes the expense out of the list. One that is deleted already is not found.',
    tag: 'Expenses',
    access: user(),
    limit: 'write',
    takes: { path: z.object({ id: uuid('expense') }) },
    call: (ctx, { path }) => deleteExpense(ctx, path.id),
    gives: [200, said('Expense deleted successfully.'), () => ({ message: 'Expense deleted successfully.' as const })],
    refuses: { 404: 'Expense not found' },
    fails: [
      'expense.not_found',
      'expense.deleted',
      'group.not_found',
      'group.forbidden',
      'group.archived',
      'group.frozen',
      'request.stale',
    ],
    example: { reply: { message: 'Expense deleted successfully.' } },
  }),
]

const categories: readonly ForeignOperation[] = [
  row({
    id: 'createCategory',
    on: 'POST /api/categories',
    summary: 'Create a category',
    description: 'Makes a category of your own. Its name must be new among your own and those that everybody has.',
    tag: 'Categories',
    access: user(),
    limit: 'write',
    takes: { body: CategoryIn },
    call: (ctx, { body }) => createCategory(ctx, body),
    gives: [
      201,
      said('Category created successfully.').extend({ category: CategoryOut }),
      (category) => ({ message: 'Category created successfully.' as const, category: categoryOut(category) }),
    ],
    refuses: { 400: 'Invalid category data', 'category.duplicate': [400, 'Invalid category data'] },
    fails: ['category.duplicate'],
    example: {
      body: { name: 'Board games' },
      reply: { message: 'Category created successfully.', category: { ...CATEGORY, name: 'Board games' } },
    },
  }),
  row({
    id: 'listCategories',
    on: 'GET /api/categories',
    summary: 'List categories',
    description: 'Those that everybody has, and your own.',
    tag: 'Categories',
    access: user(),
    limit: 'read',
    call: listCategories,
    gives: [200, z.object({ categories: z.array(CategoryOut) }), (all) => ({ categories: all.map(categoryOut) })],
    fails: [],
    example: { reply: { categories: [CATEGORY] } },
  }),
  row({
    id: 'deleteCategory',
    on: 'DELETE /api/categories/{id}',
    summary: 'Delete a category of your own',
    description: 'It leaves the list; expenses filed under it keep it.',
    tag: 'Categories',
    access: user(),
    limit: 'write',
    takes: { path: z.object({ id: uuid('category') }) },
    call: (ctx, { path }) => deleteCategory(ctx, path.id),
    gives: [200, said('Category deleted successfully.'), () => ({ message: 'Category deleted successfully.' as const })],
    refuses: { 404: 'Category not found', 'auth.forbidden': [404, 'Category not found'] },
    fails: ['category.not_found', 'auth.forbidden'],
    example: { reply: { message: 'Category deleted successfully.' } },
  }),
]

export const records: readonly ForeignOperation[] = [...expenses, ...categories]
