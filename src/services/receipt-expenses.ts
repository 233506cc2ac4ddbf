// From receipts to expenses: a new one made from what was read, or the one that it is the receipt of.
import { signedIn, type Ctx } from '../context.ts'
import { listCandidates, listReadReceipts } from '../db/receipts.ts'
import { formatMinor } from '../domain/money.ts'
import { AppError, isRefusal } from '../domain/errors.ts'
import { viewOfOutcome, type ExpenseView } from '../domain/expense-view.ts'
import type { ExpenseFields } from '../domain/commands.ts'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import { reconcilePeriod, REVIEW_SCORE, scoreMatch, type MatchScore, type ReceiptFacts } from '../domain/receipt/match.ts'
import type { Candidate } from '../domain/receipt/candidate.ts'
import { billOf, readingIn } from '../domain/receipt/to-expense.ts'
import type { Reading } from '../domain/receipt/reading.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import { addDays } from '../domain/calendar.ts'
import { type Day, dayIn } from '../domain/time.ts'
import { requireGroup } from './access.ts'
import { runCommand } from './command.ts'
import { createExpense, groupOfExpense } from './expenses.ts'
import { getGroup } from './groups.ts'
import { getReceipt, groupOfReceipt } from './receipts.ts'

/** What the caller says themselves; the rest comes from the receipt. */
export interface FromReceipt {
  readonly fields: ExpenseFields
  /** Its lines become those of an itemised expense, open to be claimed. */
  readonly isClaimed: boolean
}

/** The refusal where neither the caller nor the receipt says what an expense needs. */
const unread = (field: string, message: string): AppError => new AppError('receipt.unread', [{ field, message, code: 'REQUIRED' }])

/**
 * Makes an expense of the receipt, in its group; what is given comes before what was read. Throws `receipt.matched`
 * where it is of an expense already, `receipt.unread` where no amount is known.
 */
export async function createExpenseFromReceipt(ctx: Ctx, id: Id<'receipt'>, { fields, isClaimed }: FromReceipt): Promise<ExpenseView> {
  const receipt = await getReceipt(ctx, id)
  const group = await getGroup(ctx, receipt.groupId, 'expense.create')
  const currency = fields.currency ?? receipt.reading?.currency?.value ?? group.info.currency
  const reading = receipt.reading && readingIn(receipt.reading, currency)
  const amount = fields.amount ?? (reading?.total && formatMinor(reading.total.value, currency))
  if (amount === undefined || amount === null) throw unread('amount', 'No total was read on the receipt; say amount')
  const draft = {
    vendor: reading?.vendor?.value ?? '',
    ...fields,
    title: fields.title ?? reading?.vendor?.value ?? 'Receipt',
    amount,
    currency,
    date: fields.date ?? reading?.date?.value ?? dayIn(signedIn(ctx).timezone, ctx.now),
    ...(isClaimed && { split: splitOf(ctx, reading, amount, currency, fields) }),
  }
  return createExpense(ctx, { groupId: receipt.groupId, draft, receipt: id, isClaimed })
}

/** The receipt's lines, borne by whoever paid until they are claimed. */
function splitOf(
  ctx: Ctx,
  reading: Reading | undefined,
  amount: string,
  currency: Currency,
  fields: ExpenseFields,
): NonNullable<ExpenseFields['split']> {
  const payer = fields.payer ?? fields.payers?.[0]?.member ?? signedIn(ctx).userId
  const text = (minor: number) => formatMinor(minor, currency)
  if (reading === undefined) throw unread('is_claimed', 'The receipt was not read, so there are no lines to claim')
  const total = reading.total?.value
  if (total === undefined || text(total) !== amount)
    throw unread('is_claimed', 'The lines of a receipt come to its own total; leave amount out, or say split_data yourself')
  const { items, tax, tip, discount } = billOf(reading, total)
  return {
    type: 'itemized',
    items: items.map((item) => ({ ...item, amount: text(item.amount), parts: [{ member: payer, weight: '1' }] })),
    tax: text(tax),
    tip: text(tip),
    discount: text(discount),
  }
}

const factsOf = ({ id, reading }: Receipt): ReceiptFacts & { readonly id: Id<'receipt'> } => ({
  id,
  total: reading?.total?.value ?? null,
  currency: reading?.currency?.value ?? null,
  date: reading?.date?.value ?? null,
  vendor: reading?.vendor?.value ?? null,
  isProved: reading?.isProved ?? false,
})

export interface ReceiptMatch {
  readonly expense: Candidate
  readonly match: MatchScore
}

const MATCHES_SHOWN = 10
/** How far from the day on the receipt an expense may be; without a day, how long ago. */
const [NEAR_DAYS, RECENT_DAYS] = [14, 90]

/** The expenses of its group that the receipt may belong to, the likeliest first. */
export async function listReceiptMatches(
  ctx: Ctx,
  id: Id<'receipt'>,
  toleranceOf: (currency: Currency) => number,
): Promise<ReceiptMatch[]> {
  const receipt = await getReceipt(ctx, id)
  const { access } = await requireGroup(ctx, receipt.groupId, 'expense.read')
  const facts = factsOf(receipt)
  const today = dayIn(signedIn(ctx).timezone, ctx.now)
  const [from, until] =
    facts.date === null ? [addDays(today, -RECENT_DAYS), today] : [addDays(facts.date, -NEAR_DAYS), addDays(facts.date, NEAR_DAYS)]
  const candidates = await listCandidates(ctx.db.$client, access, from, until)
  return candidates
    .filter((expense) => expense.receipts.length === 0)
    .map((expense) => ({ expense, match: scoreMatch(facts, expense, toleranceOf(expense.currency)) }))
    .filter(({ match }) => match.score >= REVIEW_SCORE)
    .sort((a, b) => b.match.score - a.match.score || (a.expense.id < b.expense.id ? -1 : 1))
    .slice(0, MATCHES_SHOWN)
}

/** Makes the receipt that of the expense, and notes that the two agree if the caller says so. */
export async function matchReceipt(ctx: Ctx, id: Id<'receipt'>, expense: Id<'expense'>, isReconciled: boolean): Promise<ExpenseView> {
  const outcome = await runCommand(ctx, await groupOfReceipt(ctx, id), { type: 'match_receipt', receipt: id, expense, isReconciled })
  return viewOfOutcome(outcome, [])
}

/** Notes that an expense agrees with its receipt, or takes that back. */
export async function reconcileExpense(ctx: Ctx, id: Id<'expense'>, isReconciled: boolean): Promise<ExpenseView> {
  const outcome = await runCommand(ctx, await groupOfExpense(ctx, id), { type: 'reconcile_expense', id, isReconciled })
  return viewOfOutcome(outcome, [])
}

export interface Reconciliation {
  readonly currency: Currency
  readonly total: number
  /** Those that were reconciled before. */
  readonly already: number
  readonly auto: readonly { readonly expense: Candidate; readonly receipt: Id<'receipt'>; readonly match: MatchScore }[]
  readonly manual: readonly {
    readonly expense: Candidate
    readonly candidates: readonly { readonly receipt: Id<'receipt'>; readonly match: MatchScore }[]
  }[]
  readonly unmatched: readonly Candidate[]
}

const MOST_RECEIPTS = 2000
/** So many are noted by one request; what goes beyond is left to people or to the next one. */
const MOST_NOTED = 200

/**
 * Holds the receipts of the group against its expenses in the period, and notes those pairs that are beyond doubt. With
 * a dry run it only says which. The tolerance is in minor units of the group's currency.
 */
export async function reconcileGroup(
  ctx: Ctx,
  groupId: Id<'group'>,
  period: { readonly from: Day; readonly until: Day },
  toleranceOf: (currency: Currency) => number,
): Promise<Reconciliation> {
  const { access, view } = await requireGroup(ctx, groupId, 'expense.approve')
  const { currency } = view.info
  const expenses = await listCandidates(ctx.db.$client, access, period.from, period.until)
  const open = expenses.filter((expense) => !expense.isReconciled)
  const receipts = await listReadReceipts(
    ctx.db.$client,
    access,
    open.map(({ id }) => id),
    MOST_RECEIPTS,
  )
  const tolerance = toleranceOf(currency)
  const own = open.flatMap((expense) => ownReceipt(expense, receipts, tolerance))
  const sure = own.filter(({ isSure }) => isSure)
  const doubtful = own.filter(({ isSure }) => !isSure)
  const loose = receipts.filter((receipt) => receipt.expenseId === undefined).map((receipt) => factsOf(receipt))
  const found = reconcilePeriod(
    loose,
    open.filter((expense) => expense.receipts.length === 0),
    tolerance,
  )
  const all = [...sure, ...found.auto.map(({ receipt, ...rest }) => ({ ...rest, receipt: receipt.id }))]
  const [sureOnes, beyond] = [all.slice(0, MOST_NOTED), all.slice(MOST_NOTED)]
  // Its receipt was not read, or not yet.
  const unread = open.filter((expense) => expense.receipts.length > 0 && !own.some((one) => one.expense === expense))
  const refused = await note(ctx, groupId, sureOnes)
  const auto = sureOnes.filter((pair) => !refused.has(pair))
  return {
    currency,
    total: expenses.length,
    already: expenses.length - open.length,
    auto,
    manual: [
      ...[...doubtful, ...beyond].map(({ expense, receipt, match }) => ({ expense, candidates: [{ receipt, match }] })),
      ...unread.map((expense) => ({ expense, candidates: [] })),
      ...found.manual.map(({ expense, candidates }) => ({
        expense,
        candidates: candidates.map(({ receipt, match }) => ({ receipt: receipt.id, match })),
      })),
    ],
    // Somebody was quicker, or has changed it meanwhile.
    unmatched: [...found.unmatched, ...[...refused].map(({ expense }) => expense)],
  }
}

/** The expense with the receipt that it has already, how well that fits, and whether beyond doubt. */
function ownReceipt(expense: Candidate, receipts: readonly Receipt[], tolerance: number) {
  const receipt = receipts.find((one) => expense.receipts.includes(one.id))
  if (receipt === undefined) return []
  const facts = factsOf(receipt)
  const isSure = reconcilePeriod([facts], [expense], tolerance).auto.length > 0
  return [{ expense, receipt: receipt.id, match: scoreMatch(facts, expense, tolerance), isSure }]
}

/** Notes the pairs, each as an entry of its own: where the group refuses one the others stand. Answers those refused. */
async function note(ctx: Ctx, groupId: Id<'group'>, pairs: Reconciliation['auto']): Promise<ReadonlySet<Reconciliation['auto'][number]>> {
  const refused = new Set<Reconciliation['auto'][number]>()
  // The key and the version are of the whole request.
  const { idempotency: _, ifMatch: __, ...plain } = ctx
  for (const pair of pairs) {
    const { expense, receipt } = pair
    const hasIt = expense.receipts.includes(receipt)
    await runCommand(
      plain,
      groupId,
      hasIt
        ? { type: 'reconcile_expense', id: expense.id, isReconciled: true }
        : { type: 'match_receipt', receipt, expense: expense.id, isReconciled: true },
    ).catch((error: unknown) => {
      if (!isRefusal(error)) throw error
      refused.add(pair)
    })
  }
  return refused
}
