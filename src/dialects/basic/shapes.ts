// What the document's clients are answered with. An expense that was recorded elsewhere may lack what every
// expense has here; then it says what changes nothing: no time is midnight.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import type { Category } from '../../domain/categories.ts'
import type { Login } from '../../domain/credentials.ts'
import type { ExpenseView } from '../../domain/expense-view.ts'
import { uuidOf } from '../../domain/ids.ts'
import { formatMinor } from '../../domain/money.ts'
import { displayName, type User } from '../../domain/user.ts'
import { dayOut, instant, instantOrNull, instantOut } from '../../http/fields.ts'
import { fileLink } from '../../services/files.ts'
import { spell, uuidOut } from '../dialect.ts'

/** The system's categories were never made; this is when the document's clients believe they were. */
const ALWAYS = '2024-01-01T00:00:00.000Z'

const timeOut = z
  .string()
  .regex(/^\d{2}:\d{2}:\d{2}$/)
  .meta({ example: '19:30:00' })

export const UserOut = z
  .object({
    id: uuidOut,
    name: z.string(),
    email: z.string(),
    profile_image: z.string().nullable().meta({ description: 'Address of a picture; one that was uploaded has a link that expires' }),
    created_at: instantOut,
    updated_at: instantOut,
    is_active: z.boolean(),
    deactivated_at: instantOut.nullable(),
  })
  .meta({ id: 'User' })

const CategoryName = z.object({ id: uuidOut, name: z.string() }).meta({ id: 'CategoryName' })

export const CategoryOut = z
  .object({
    id: uuidOut,
    name: z.string(),
    is_default: z.boolean().meta({ description: 'Everybody has it, and nobody can delete it' }),
    created_at: instantOut,
    updated_at: instantOut,
  })
  .meta({ id: 'Category' })

const amount = z.number().meta({ description: "In the expense's currency", example: 12.5 })

export const ListedExpenseOut = z
  .object({
    id: uuidOut,
    title: z.string(),
    amount,
    expense_date: dayOut,
    expense_time: timeOut,
    categories: z.array(CategoryName).max(10),
  })
  .meta({ id: 'ListedExpense' })

export const ExpenseOut = z
  .object({
    id: uuidOut,
    user_id: uuidOut.meta({ description: 'Who paid' }),
    title: z.string(),
    description: z.string().nullable(),
    amount,
    expense_date: dayOut,
    expense_time: timeOut,
    created_at: instantOut,
    updated_at: instantOut,
    categories: z.array(CategoryName).max(10),
  })
  .meta({ id: 'Expense' })

export const LoginOut = z.object({ id: uuidOut, login_at: instantOut }).meta({ id: 'Login' })

export const userOut = (user: User, ctx: Ctx): z.input<typeof UserOut> =>
  spell<z.input<typeof UserOut>, User>({
    id: (u) => uuidOf(u.id),
    name: displayName,
    email: 'email',
    profile_image: (u) => (u.avatarKey === null ? null : fileLink(ctx, u.avatarKey)),
    created_at: (u) => instant(u.createdAt),
    updated_at: (u) => instant(u.updatedAt),
    is_active: (u) => u.deactivatedAt === null,
    deactivated_at: (u) => instantOrNull(u.deactivatedAt),
  })(user)

const bornAt = ({ createdAt }: Category): string => (createdAt === undefined ? ALWAYS : instant(createdAt))

export const categoryOut = spell<z.input<typeof CategoryOut>, Category>({
  id: (c) => uuidOf(c.id),
  name: 'name',
  is_default: 'isDefault',
  created_at: bornAt,
  updated_at: bornAt,
})

const categoryName = spell<z.input<typeof CategoryName>, Category>({ id: (c) => uuidOf(c.id), name: 'name' })

/** Who paid, or else who recorded it; a guest has no account and goes by the id of the member. */
function payerOf({ expense, people }: ExpenseView): string {
  const member = expense.payers[0]?.member ?? expense.createdBy
  return uuidOf(people.get(member)?.userId ?? member)
}

const listed = {
  id: ({ expense }: ExpenseView) => uuidOf(expense.id),
  title: ({ expense }: ExpenseView) => expense.title,
  amount: ({ expense }: ExpenseView) => Number(formatMinor(expense.amount, expense.currency)),
  expense_date: ({ expense }: ExpenseView) => expense.date,
  expense_time: ({ expense }: ExpenseView) => expense.time ?? '00:00:00',
  categories: ({ categories }: ExpenseView) => categories.map(categoryName),
}

export const listedExpenseOut = spell<z.input<typeof ListedExpenseOut>, ExpenseView>(listed)

export const expenseOut = spell<z.input<typeof ExpenseOut>, ExpenseView>({
  ...listed,
  user_id: payerOf,
  description: ({ expense }) => (expense.description === '' ? null : expense.description),
  created_at: ({ expense }) => instant(expense.createdAt),
  updated_at: ({ expense }) => instant(expense.updatedAt),
})

export const loginOut = spell<z.input<typeof LoginOut>, Login>({ id: (l) => uuidOf(l.id), login_at: (l) => instant(l.at) })
