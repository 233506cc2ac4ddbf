// What the document's clients send, read into what the services take.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from '../../domain/password-rules.ts'
import { LONGEST, MOST_CATEGORIES } from '../../domain/written.ts'
import { parseWith } from '../../http/errors.ts'
import { clockTime, currency, day, email, line, positiveDecimal, text, webAddress } from '../../http/fields.ts'
import type { Registration } from '../../services/auth.ts'
import type { CreateExpense } from '../../services/expenses.ts'
import type { ProfileChange } from '../../services/users.ts'
import { uuid } from '../dialect.ts'

const name = line(LONGEST.fullName, 2).meta({ example: 'John Doe' })

/** The first word is the first name and the rest is the last, so that both together are what was sent. */
function namesOf(whole: string): { firstName: string; lastName: string } {
  const [firstName = '', ...rest] = whole.split(/\s+/)
  return { firstName, lastName: rest.join(' ') }
}

const DOLLAR = parseWith(currency, 'USD')

/** A currency and a time zone are not asked for; the account has those that a native one has by default. */
export const RegisterIn = z
  .strictObject({
    name,
    email,
    password: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD).meta({ format: 'password', example: 'correct horse battery' }),
  })
  .transform(({ name: whole, ...same }): Registration => ({ ...same, ...namesOf(whole), preferredCurrency: DOLLAR, timezone: 'UTC' }))

export const LogInIn = z.strictObject({
  email,
  password: z.string().min(1).max(MAX_PASSWORD).meta({ format: 'password', example: 'correct horse battery' }),
})

const amount = z
  .number()
  .positive()
  .refine((value) => positiveDecimal.safeParse(value).success, 'Must be a plain decimal')
  .transform(String)
  .meta({ example: 12.5 })

export const ExpenseIn = z
  .strictObject({
    title: line(LONGEST.title, 1).meta({ example: 'Groceries' }),
    description: text(LONGEST.description).nullable().optional(),
    amount,
    expense_date: day,
    expense_time: clockTime,
    categories: z.array(uuid('category')).max(MOST_CATEGORIES).default([]),
  })
  .transform((given): CreateExpense => {
    const { title, expense_date: date, expense_time: time, categories: categoryIds } = given
    return { draft: { title, description: given.description ?? '', amount: given.amount, date, time, categoryIds } }
  })

export const CategoryIn = z.strictObject({ name: line(LONGEST.category, 1).meta({ example: 'Board games' }) })

export const ProfileIn = z.strictObject({
  name,
  profile_image: z
    .string()
    .max(1000)
    .nullable()
    .optional()
    .meta({ description: 'https address of a picture; null for none, absent for no change' }),
})

/** A client that sends back the link to an uploaded picture means to keep it; the link itself would expire. */
const isOwnLink = (ctx: Ctx, address: string): boolean => address.startsWith(`${ctx.origin}/api/files/`)

/** Throws `request.invalid` where the picture is neither a link that we gave nor an https address. */
export function profileChangeOf(ctx: Ctx, { name: whole, profile_image: image }: z.output<typeof ProfileIn>): ProfileChange {
  const isKept = image === undefined || (image !== null && isOwnLink(ctx, image))
  return { ...namesOf(whole), ...(!isKept && { avatarUrl: parseWith(webAddress.nullable(), image) }) }
}
