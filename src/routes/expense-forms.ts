// What clients send about expenses, read into what a command says. Amounts stay text: only the group knows
// which currency they are in when the client doesn't say.
import { z } from 'zod'
import type { SplitOf } from '../domain/expense.ts'
import { SPLIT_TYPES } from '../domain/expense.ts'
import { SORT_FIELDS, type ExpenseFilter, type Sort, type SortField } from '../domain/expense-filter.ts'
import type { ExpenseFields } from '../domain/commands.ts'
import { isDay } from '../domain/time.ts'
import { LONGEST, MOST_CATEGORIES, MOST_TAGS } from '../domain/written.ts'
import { clockTime, currency, day, decimal, flag, id, line, memberRef, positiveDecimal, text } from '../http/fields.ts'
import { pageFields } from '../http/pages.ts'

const MAX_PARTICIPANTS = 200

const Weighted = z.union([memberRef, z.strictObject({ user_id: memberRef, weight: decimal.default('1') })])

const ItemIn = z.strictObject({
  name: line(LONGEST.item, 1).meta({ example: 'Pizza Margherita' }),
  amount: decimal,
  quantity: decimal.optional(),
  participants: z.array(Weighted).min(1).max(MAX_PARTICIPANTS),
})

const SplitData = z
  .union([
    z.strictObject({ participants: z.array(memberRef).min(1).max(MAX_PARTICIPANTS) }),
    z.strictObject({
      items: z.array(ItemIn).min(1).max(MAX_PARTICIPANTS),
      tax: decimal.default('0'),
      tip: decimal.default('0'),
      discount: decimal.default('0'),
    }),
    z.record(memberRef, decimal),
  ])
  .meta({
    id: 'SplitData',
    description:
      'equal: {"participants": [ids]}. exact, percentage, shares, adjustment: {"id": value} for each participant. itemized: {"items": [{name, amount, participants}], "tax", "tip", "discount"}.',
  })

type SplitData = z.output<typeof SplitData>
type SplitRequest = SplitOf<string, string>

const partsOf = (data: Record<string, string>): [string, string][] => Object.entries(data)

/** The split that type and data say together; a message where they don't fit. */
function splitOf(type: (typeof SPLIT_TYPES)[number], given: SplitData | undefined): SplitRequest | string | undefined {
  if (given === undefined) return type === 'equal' ? undefined : `split_type ${type} needs split_data`
  const isList = 'participants' in given && Array.isArray(given.participants)
  const isItems = 'items' in given && Array.isArray(given.items)
  if (type === 'equal') return isList ? { type, members: given.participants as string[] } : 'split_type equal takes {"participants": [ids]}'
  if (type === 'itemized') {
    if (!isItems) return 'split_type itemized takes {"items": [...]}'
    const { items, tax, tip, discount } = given as Extract<SplitData, { tax: string }>
    return {
      type,
      tax,
      tip,
      discount,
      items: items.map(({ participants, quantity, ...item }) => ({
        ...item,
        ...(quantity !== undefined && { quantity }),
        parts: participants.map((p) => (typeof p === 'string' ? { member: p, weight: '1' } : { member: p.user_id, weight: p.weight })),
      })),
    }
  }
  if (isList || isItems) return `split_type ${type} takes a value for each participant: {"id": value}`
  const parts = partsOf(given as Record<string, string>)
  if (parts.length > MAX_PARTICIPANTS) return `At most ${MAX_PARTICIPANTS} participants are taken`
  if (type === 'percentage') return { type, parts: parts.map(([member, percentage]) => ({ member, percentage })) }
  if (type === 'shares') return { type, parts: parts.map(([member, weight]) => ({ member, weight })) }
  return { type, parts: parts.map(([member, amount]) => ({ member, amount })) }
}

const splitFields = {
  split_type: z.enum(SPLIT_TYPES).optional().meta({ example: 'equal' }),
  split_data: SplitData.optional(),
}

const moneyFields = {
  currency: currency.optional(),
  exchange_rate: positiveDecimal
    .optional()
    .meta({ description: "Units of the group's currency for one unit of currency; from the rate table when absent", example: '1.0842' }),
  paid_by: memberRef.optional().meta({ description: 'Who paid all of it; the caller when absent' }),
  payers: z
    .array(z.strictObject({ user_id: memberRef, amount: positiveDecimal }))
    .min(1)
    .max(MAX_PARTICIPANTS)
    .optional()
    .meta({ description: 'Who paid how much, when several did; the amounts sum to amount' }),
  ...splitFields,
}

const wordFields = {
  description: text(LONGEST.description).optional(),
  category_id: id('category').nullable().optional().meta({ description: 'The only category; null for none' }),
  category_ids: z
    .array(id('category'))
    .max(MOST_CATEGORIES)
    .optional()
    .meta({ description: 'Several categories; it is counted under the first' }),
  expense_time: clockTime.nullable().optional(),
  tags: z
    .array(line(LONGEST.tag, 1))
    .max(MOST_TAGS)
    .optional()
    .meta({ example: ['dinner', 'team-event'] }),
  vendor: line(LONGEST.vendor).optional(),
  location: line(LONGEST.location).optional(),
}

const title = line(LONGEST.title, 1).meta({ example: 'Dinner at Italian Restaurant' })

interface Given {
  readonly category_id?: string | null | undefined
  readonly category_ids?: readonly string[] | undefined
  readonly amount?: string | undefined
  readonly paid_by?: string | undefined
  readonly payers?: readonly { user_id: string; amount: string }[] | undefined
  readonly split_type?: (typeof SPLIT_TYPES)[number] | undefined
  readonly split_data?: SplitData | undefined
}

/** Checks what no single field can: that payer and split are said once and fit together. */
function checkTogether(given: Given, issue: z.RefinementCtx): void {
  if (given.paid_by !== undefined && given.payers !== undefined)
    issue.addIssue({ code: 'custom', path: ['payers'], message: 'Say paid_by or payers, not both' })
  if (given.category_id !== undefined && given.category_ids !== undefined)
    issue.addIssue({ code: 'custom', path: ['category_ids'], message: 'Say category_id or category_ids, not both' })
  if (given.split_data !== undefined && given.split_type === undefined)
    issue.addIssue({ code: 'custom', path: ['split_type'], message: 'split_data needs split_type' })
  if (given.split_type === undefined) return
  const split = splitOf(given.split_type, given.split_data)
  if (typeof split === 'string') issue.addIssue({ code: 'custom', path: ['split_data'], message: split })
}

export const CreateExpenseIn = z
  .strictObject({
    title,
    amount: positiveDecimal,
    kind: z
      .enum(['expense', 'income'])
      .default('expense')
      .meta({ description: 'Income is received by who is named as payer, for the participants' }),
    expense_type: z.enum(['group', 'personal']).optional().meta({ description: 'personal: kept to oneself, without a group' }),
    group_id: id('group').optional(),
    expense_date: day.optional().meta({ description: 'Today in your time zone when absent' }),
    ...moneyFields,
    ...wordFields,
  })
  .superRefine(checkTogether)
  .superRefine((given, issue) => {
    if (given.expense_type === 'group' && given.group_id === undefined)
      issue.addIssue({ code: 'custom', path: ['group_id'], message: 'A group expense needs group_id' })
    if (given.expense_type === 'personal' && given.group_id !== undefined)
      issue.addIssue({ code: 'custom', path: ['group_id'], message: 'A personal expense has no group_id' })
  })
  .meta({ id: 'CreateExpense' })

export const UpdateExpenseIn = z
  .strictObject({
    title: title.optional(),
    amount: positiveDecimal.optional(),
    expense_date: day.optional(),
    ...moneyFields,
    ...wordFields,
  })
  .superRefine(checkTogether)
  .refine((given) => Object.keys(given).length > 0, 'Say at least one field')
  .meta({ id: 'UpdateExpense' })

export const CreateExpenseFromReceiptIn = z
  .strictObject({
    title: title.optional(),
    amount: positiveDecimal.optional(),
    expense_date: day.optional(),
    ...moneyFields,
    ...wordFields,
    is_claimed: z.boolean().default(false).meta({ description: 'Whether its lines become those of the expense, open to be claimed' }),
  })
  .superRefine(checkTogether)
  .refine((given) => !given.is_claimed || given.split_type === undefined, {
    path: ['split_type'],
    message: 'Say is_claimed or split_type, not both',
  })
  .meta({ id: 'CreateExpenseFromReceipt' })

export const SplitIn = z
  .strictObject({ split_type: z.enum(SPLIT_TYPES).meta({ example: 'percentage' }), split_data: SplitData.optional() })
  .superRefine(checkTogether)
  .meta({ id: 'SplitExpense' })

type AnyExpense = Partial<z.output<typeof UpdateExpenseIn>> & { readonly kind?: 'expense' | 'income' }

/** Only what was said: an absent field and an undefined one mean the same to a client, but not to a merge. */
function said<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

/** What the command says of the expense. The amount of a single payer is the whole, which the group fills in. */
export function fieldsOf(given: AnyExpense): ExpenseFields {
  const split = given.split_type === undefined ? undefined : splitOf(given.split_type, given.split_data)
  return said({
    kind: given.kind,
    title: given.title,
    description: given.description,
    amount: given.amount,
    currency: given.currency,
    rate: given.exchange_rate,
    payer: given.paid_by,
    payers: given.payers?.map((p) => ({ member: p.user_id, amount: p.amount })),
    split: typeof split === 'string' ? undefined : split,
    categoryIds: given.category_ids ?? (given.category_id === null ? [] : given.category_id && [given.category_id]),
    time: given.expense_time,
    date: given.expense_date,
    tags: given.tags,
    vendor: given.vendor,
    location: given.location,
  })
}

const sortField = new RegExp(`^-?(${SORT_FIELDS.join('|')})(,-?(${SORT_FIELDS.join('|')})){0,3}$`)

function isDayRange(text: string): boolean {
  const days = text.split(',')
  return days.length === 2 && days.every(isDay)
}

export const ExpenseQuery = z.strictObject({
  ...pageFields,
  group_id: id('group').optional(),
  category_id: line(60, 1).optional().meta({ description: 'Id of a category; those below it are included' }),
  category: line(60, 1).optional().meta({ description: 'Id or name of a category; those below it are included', example: 'food' }),
  paid_by: memberRef.optional(),
  participant: memberRef.optional(),
  date_from: day.optional(),
  date_to: day.optional(),
  date_range: z
    .string()
    .refine(isDayRange, 'Must be two days that exist with a comma between')
    .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2},\\d{4}-\\d{2}-\\d{2}$', example: '2026-01-01,2026-01-31' })
    .optional(),
  amount_min: decimal.optional(),
  amount_max: decimal.optional(),
  amount_gte: decimal.optional(),
  amount_lte: decimal.optional(),
  amount_gt: decimal.optional(),
  amount_lt: decimal.optional(),
  is_settled: flag.optional(),
  is_deleted: flag.optional().meta({ description: 'true: the deleted ones instead' }),
  expense_type: z.enum(['group', 'personal']).optional(),
  kind: z.enum(['expense', 'income']).optional(),
  status: z.enum(['posted', 'pending', 'rejected']).optional(),
  split_type: z.enum(SPLIT_TYPES).optional(),
  currency: currency.optional(),
  tag: line(LONGEST.tag, 1).optional(),
  search: line(200, 1)
    .optional()
    .meta({ description: 'Words that title, description, vendor or tags contain; each matches as a beginning', example: 'restaurant' }),
  sort: z
    .string()
    .regex(sortField, `Must be fields of ${SORT_FIELDS.join(', ')}, each with - in front for descending`)
    .optional()
    .meta({ example: '-amount,expense_date' }),
})

const milli = (value: string | undefined): number | undefined => (value === undefined ? undefined : Math.round(Number(value) * 1000))

export function filterOf(query: z.output<typeof ExpenseQuery>, categoryIds: ExpenseFilter['categoryIds']): ExpenseFilter {
  const [from, to] = (query.date_range?.split(',') ?? []) as ExpenseFilter['dateFrom'][]
  return said({
    groupId: query.group_id,
    isPersonal: query.expense_type === undefined ? undefined : query.expense_type === 'personal',
    kind: query.kind,
    status: query.status,
    splitType: query.split_type,
    currency: query.currency,
    categoryIds,
    paidBy: query.paid_by,
    participant: query.participant,
    dateFrom: query.date_from ?? from,
    dateTo: query.date_to ?? to,
    amountMin: milli(query.amount_min ?? query.amount_gte),
    amountMax: milli(query.amount_max ?? query.amount_lte),
    amountAbove: milli(query.amount_gt),
    amountBelow: milli(query.amount_lt),
    isSettled: query.is_settled,
    isDeleted: query.is_deleted,
    tag: query.tag,
    search: query.search,
  })
}

export const sortsOf = (sort: string | undefined): Sort[] =>
  (sort?.split(',') ?? []).map((field) => ({ field: field.replace('-', '') as SortField, isDescending: field.startsWith('-') }))
