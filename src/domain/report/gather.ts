// Expenses and settlements as they are kept, as a report takes them.
import type { Category } from '../categories.ts'
import type { AppendixItem } from '../document.ts'
import { merged } from '../postings.ts'
import type { Expense } from '../expense.ts'
import type { Id } from '../ids.ts'
import { formatMinor, sum } from '../money.ts'
import type { Reading } from '../receipt/reading.ts'
import type { Settlement } from '../settlement.ts'
import type { Day, Timestamp } from '../time.ts'
import { isIn, type Span } from '../analytics/range.ts'
import type { ReportExpense, ReportPart, ReportSettlement, ReportTax } from './sources.ts'

/** What is read below this likelihood is not told as a tax. */
const SURE_ENOUGH = 0.5

/**
 * The tax of an expense where somebody gave one, or where its receipt says one in the same currency; `null` where nothing
 * is known. An itemised split without tax says nothing: its field has to be filled with something.
 */
export function taxOf({ split, amount, currency }: Expense, reading?: Reading): ReportTax | null {
  const isPossible = (minor: number): boolean => Number.isSafeInteger(minor) && minor >= 0 && minor <= amount
  if (split.type === 'itemized' && split.tax > 0 && isPossible(split.tax)) return { minor: split.tax, from: 'given' }
  const read = reading?.tax ?? null
  if (read === null || read.confidence < SURE_ENOUGH || !isPossible(read.value)) return null
  // Minor units of an unknown currency are not those of this one.
  return reading?.currency?.value === currency ? { minor: read.value, from: 'read' } : null
}

/** `categories` are those that are known, with the ones above them; `reading` is that of the expense's receipt. */
export function reportExpenseOf(expense: Expense, categories: ReadonlyMap<Id<'category'>, Category>, reading?: Reading): ReportExpense {
  const { kind, currency, postings, rate } = expense
  const [categoryId] = expense.categoryIds
  const category = categoryId === undefined ? undefined : categories.get(categoryId)
  const parent = category?.parentId === undefined ? undefined : categories.get(category.parentId)
  const columns = merged(postings)
  const part = (of: 'paid' | 'owed'): ReportPart[] =>
    columns.map((posting) => ({ member: posting.member, minor: posting[of] })).filter(({ minor }) => minor !== 0)
  // Income is posted the other way round: who received it owes it.
  const [payers, shares] = kind === 'income' ? [part('owed'), part('paid')] : [part('paid'), part('owed')]
  const isPriced = postings.length > 0
  return {
    id: expense.id,
    groupId: expense.groupId,
    kind,
    status: expense.status,
    day: expense.date,
    title: expense.title,
    vendor: expense.vendor.trim(),
    categoryName: category?.name ?? null,
    ...(parent !== undefined && { parentName: parent.name }),
    tags: expense.tags,
    amountMinor: expense.amount,
    currency,
    ...(rate !== undefined && { rate }),
    posted: isPriced
      ? { minor: sum(payers.map(({ minor }) => minor)), currency: postings[0]?.currency ?? currency }
      : { minor: expense.amount, currency },
    payers: isPriced ? payers : expense.payers,
    shares: isPriced ? shares : expense.shares.map(({ member, minor }) => ({ member, minor })),
    tax: taxOf(expense, reading),
    files: expense.attachments.map(({ key, name, type, size }) => ({ key, name, type, size })),
  }
}

/** `dayOf` tells on which day of the asker's calendar an instant fell. */
export function reportSettlementOf(settlement: Settlement, span: Span, dayOf: (at: Timestamp) => Day): ReportSettlement {
  const { id, groupId, payer, payee, currency, amount, paid, status, method, description, dueDate, createdAt } = settlement
  const payments = settlement.payments
    .map((payment) => ({ day: dayOf(payment.at), minor: payment.minor - payment.refunded, method: payment.method }))
    .filter(({ day, minor }) => minor !== 0 && isIn(day, span))
  return {
    id,
    groupId,
    day: dayOf(createdAt),
    payer,
    payee,
    currency,
    amountMinor: amount,
    paidMinor: paid,
    status,
    method,
    description,
    ...(dueDate !== undefined && { dueDay: dueDate }),
    payments,
  }
}

/** The files of the expenses by day, as many as go into so many bytes, and how many are left out. */
export function receiptsOf(expenses: readonly ReportExpense[], maxBytes: number): { items: AppendixItem[]; leftOut: number } {
  const sorted = expenses.toSorted((a, b) => (a.day + a.id < b.day + b.id ? -1 : 1))
  const items: AppendixItem[] = []
  let [room, leftOut] = [maxBytes, 0]
  for (const { day, title, amountMinor, currency, files } of sorted) {
    for (const { key, name, type, size } of files) {
      if (size > room) leftOut += 1
      else {
        items.push({ key, name, type, caption: `${day} · ${title} · ${formatMinor(amountMinor, currency)} ${currency}` })
        room -= size
      }
    }
  }
  return { items, leftOut }
}
