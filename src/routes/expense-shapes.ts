// How an expense looks to clients, field by field as the document has it.
import { z } from 'zod'
import type { Category } from '../domain/categories.ts'
import type { Expense, MemberId, Share } from '../domain/expense.ts'
import { isSettled, settledAt, type ExpenseDetail, type ExpenseView, type Person } from '../domain/expense-view.ts'
import { SPLIT_TYPES } from '../domain/expense.ts'
import { formatMinor } from '../domain/money.ts'
import { AttachmentOut, attachmentOut, type Link } from './attachment-shapes.ts'
import { amountOut, CurrencyOut, currencyOut, dayOut, instant, instantOrNull, instantOut } from '../http/fields.ts'

export const PersonOut = z
  .object({
    id: z.string().meta({ description: 'Id of the user, or of the member for a guest' }),
    name: z.string(),
    avatar: z.string().nullable(),
  })
  .meta({ id: 'Person' })
export const personOut = (person: Person | undefined, id: string, link: Link): z.input<typeof PersonOut> => ({
  id: person?.userId ?? person?.id ?? id,
  name: person?.name ?? '',
  avatar: person?.avatarKey === undefined ? null : link(person.avatarKey),
})

const CategoryRef = z.object({ id: z.string(), name: z.string(), icon: z.string(), color: z.string() }).meta({ id: 'CategoryRef' })
const categoryRef = ({ id, name, icon, color }: Category): z.input<typeof CategoryRef> => ({ id, name, icon, color })

const ParticipantOut = z
  .object({ user_id: z.string(), name: z.string(), share: amountOut, is_settled: z.boolean() })
  .meta({ id: 'Participant' })

export const ShareOut = z
  .object({
    id: z.string(),
    user_id: z.string(),
    user: PersonOut,
    amount: amountOut,
    percentage: z.number().optional(),
    weight: z.string().optional(),
    is_settled: z.boolean(),
    settled_at: instantOut.nullable(),
  })
  .meta({ id: 'Share' })

const PayerOut = z.object({ user_id: z.string(), name: z.string(), amount: amountOut }).meta({ id: 'Payer' })

const common = {
  id: z.string(),
  kind: z.enum(['expense', 'income']),
  title: z.string(),
  description: z.string(),
  amount: amountOut,
  category: CategoryRef.nullable().meta({ description: 'The first of its categories' }),
  categories: z.array(CategoryRef),
  expense_type: z.enum(['group', 'personal']),
  group: z.object({ id: z.string(), name: z.string() }).nullable(),
  paid_by: PersonOut,
  payers: z.array(PayerOut),
  expense_date: dayOut,
  expense_time: z.string().nullable().meta({ description: 'Time of day, HH:MM:SS' }),
  split_type: z.enum(SPLIT_TYPES),
  participants: z.array(ParticipantOut),
  receipt: z.string().nullable().meta({ description: 'A link that expires' }),
  tags: z.array(z.string()),
  vendor: z.string(),
  location: z.string(),
  exchange_rate: z
    .string()
    .nullable()
    .meta({ description: "Pinned when it was written: units of the group's currency for one of currency" }),
  status: z.enum(['posted', 'pending', 'rejected']).meta({ description: 'pending: waits for approval and is in no balance' }),
  is_settled: z.boolean(),
  reconciled_at: instantOut.nullable().meta({ description: 'When it was found to agree with its receipt' }),
  version: z.int().meta({ description: 'The ETag: the seq that last changed it' }),
  created_at: instantOut,
  updated_at: instantOut,
  deleted_at: instantOut.nullable(),
}

const ItemOut = z.object({
  name: z.string(),
  amount: amountOut,
  quantity: z.string().optional(),
  participants: z.array(z.object({ user_id: z.string(), weight: z.string() })),
})

const SplitDataOut = z
  .union([
    z.object({ participants: z.array(z.string()) }),
    z.object({ items: z.array(ItemOut), tax: amountOut, tip: amountOut, discount: amountOut }),
    z.record(z.string(), z.string()),
  ])
  .meta({ id: 'SplitShown', description: 'The split as it was asked for, in the form in which it is sent' })

/** As in lists, which have the parts of the participants but nothing more of them. */
export const ExpenseLineOut = z.object({ ...common, currency: CurrencyOut }).meta({ id: 'ExpenseLine' })

export const ExpenseOut = ExpenseLineOut.extend({ shares: z.array(ShareOut) }).meta({ id: 'Expense' })

const CommentOut = z.object({ id: z.string(), user: PersonOut, comment: z.string(), created_at: instantOut }).meta({ id: 'Comment' })
export const AddedCommentOut = CommentOut.extend({ version: z.int() }).meta({ id: 'AddedComment' })

export const ExpenseDetailOut = ExpenseOut.extend({
  currency: CurrencyOut.extend({
    exchange_rate_to_usd: z.string().nullable().meta({ description: 'US dollars for one unit on its day; null where no rate is known' }),
  }),
  split_data: SplitDataOut,
  comments: z.array(CommentOut),
  activity: z.array(z.object({ type: z.string(), user: z.string(), timestamp: instantOut })),
  attachments: z.array(AttachmentOut),
}).meta({ id: 'ExpenseDetail' })

const refOf = (view: ExpenseView, member: MemberId): string => view.people.get(member)?.userId ?? member
const nameOf = (view: ExpenseView, member: MemberId): string => view.people.get(member)?.name ?? ''
const suffix = (id: string): string => id.slice(id.indexOf('_') + 1)

/** A share has no life of its own: its id is made of the expense's and the member's. */
const shareId = (expense: Expense, share: Share): string => `shr_${suffix(expense.id)}${suffix(share.member)}`

function shareOut(view: ExpenseView, share: Share, link: Link): z.input<typeof ShareOut> {
  const at = settledAt(view, share.member)
  return {
    id: shareId(view.expense, share),
    user_id: refOf(view, share.member),
    user: personOut(view.people.get(share.member), share.member, link),
    amount: formatMinor(share.minor, view.expense.currency),
    ...(share.percentage !== undefined && { percentage: Number(share.percentage) }),
    ...(share.weight !== undefined && { weight: share.weight }),
    is_settled: at !== undefined,
    settled_at: instantOrNull(at),
  }
}

export const expenseOut = (view: ExpenseView, link: Link): z.input<typeof ExpenseOut> => ({
  ...expenseLineOut(view, link),
  shares: view.expense.shares.map((s) => shareOut(view, s, link)),
})

export function expenseLineOut(view: ExpenseView, link: Link): z.input<typeof ExpenseLineOut> {
  const { expense: e, group } = view
  const first = e.payers[0]?.member ?? e.createdBy
  const receipt = e.attachments.at(-1)
  const categories = view.categories.map(categoryRef)
  return {
    id: e.id,
    kind: e.kind,
    title: e.title,
    description: e.description,
    amount: formatMinor(e.amount, e.currency),
    currency: currencyOut(e.currency),
    category: categories[0] ?? null,
    categories,
    expense_type: group.isPersonal ? 'personal' : 'group',
    group: group.isPersonal ? null : { id: group.id, name: group.name },
    paid_by: personOut(view.people.get(first), first, link),
    payers: e.payers.map((p) => ({
      user_id: refOf(view, p.member),
      name: nameOf(view, p.member),
      amount: formatMinor(p.minor, e.currency),
    })),
    expense_date: e.date,
    expense_time: e.time ?? null,
    split_type: e.split.type,
    participants: e.shares.map((s) => ({
      user_id: refOf(view, s.member),
      name: nameOf(view, s.member),
      share: formatMinor(s.minor, e.currency),
      is_settled: settledAt(view, s.member) !== undefined,
    })),
    receipt: receipt === undefined ? null : link(receipt.key),
    tags: [...e.tags],
    vendor: e.vendor,
    location: e.location,
    exchange_rate: e.rate ?? null,
    status: e.status,
    is_settled: isSettled(view),
    reconciled_at: instantOrNull(e.reconciledAt),
    version: e.version,
    created_at: instant(e.createdAt),
    updated_at: instant(e.updatedAt),
    deleted_at: instantOrNull(e.deletedAt),
  }
}

/** What a client would send to get this split. */
function splitDataOut(view: ExpenseView): z.input<typeof SplitDataOut> {
  const { split, currency } = view.expense
  const ref = (part: { readonly member: MemberId }): string => refOf(view, part.member)
  const amount = (minor: number): string => formatMinor(minor, currency)
  switch (split.type) {
    case 'equal':
      return { participants: split.members.map((member) => refOf(view, member)) }
    case 'exact':
    case 'adjustment':
      return Object.fromEntries(split.parts.map((part) => [ref(part), amount(part.amount)]))
    case 'percentage':
      return Object.fromEntries(split.parts.map((part) => [ref(part), part.percentage]))
    case 'shares':
      return Object.fromEntries(split.parts.map((part) => [ref(part), part.weight]))
    case 'itemized': {
      const items = split.items.map(({ parts, ...item }) => ({
        ...item,
        amount: amount(item.amount),
        participants: parts.map((part) => ({ user_id: ref(part), weight: part.weight })),
      }))
      return { items, tax: amount(split.tax), tip: amount(split.tip), discount: amount(split.discount) }
    }
  }
}

export function expenseDetailOut(view: ExpenseDetail, link: Link): z.input<typeof ExpenseDetailOut> {
  const { expense: e } = view
  return {
    ...expenseOut(view, link),
    currency: { ...currencyOut(e.currency), exchange_rate_to_usd: view.usdRate ?? null },
    split_data: splitDataOut(view),
    comments: view.comments.map((c) => ({
      id: c.id,
      user: personOut(view.people.get(c.member), c.member, link),
      comment: c.text,
      created_at: instant(c.createdAt),
    })),
    activity: e.activity.map((a) => ({ type: a.type, user: nameOf(view, a.member), timestamp: instant(a.at) })),
    attachments: e.attachments.map((file) => attachmentOut(file, link)),
  }
}
