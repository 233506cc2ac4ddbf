// What a report is made of, gathered for whoever asked: figures of analytics, and the expenses, payments and balances behind them.
import { signedIn, type Ctx } from '../context.ts'
import { countExpenses, eachExpense, listGroupPeople, listGroupReceipts, listGroupSettlements } from '../db/report-rows.ts'
import { listMonths, listPlaces, readRollups } from '../db/rollups.ts'
import { findUser } from '../db/users.ts'
import type { GroupAccess } from '../domain/access.ts'
import { EVERYTHING, membersOf, monthOf } from '../domain/analytics/rollup.ts'
import { addDays } from '../domain/calendar.ts'
import type { Category } from '../domain/categories.ts'
import { MAX_APPENDIX_BYTES } from '../domain/document.ts'
import { AppError } from '../domain/errors.ts'
import type { Expense, MemberId } from '../domain/expense.ts'
import type { GroupInfo } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { ReportInput } from '../domain/job.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import { receiptsOf, reportExpenseOf, reportSettlementOf } from '../domain/report/gather.ts'
import type { ReportBalance, ReportExpense, ReportPlan, ReportSources } from '../domain/report/sources.ts'
import type { Settlement } from '../domain/settlement.ts'
import { dayIn, type Day } from '../domain/time.ts'
import { displayName } from '../domain/user.ts'
import { simplifiedDebts } from '../domain/views.ts'
import { requireGroup } from './access.ts'
import { getCategoryBreakdown, getInsights, getMemberFigures, getMerchants, getSummary, getTrends, type Asked } from './analytics.ts'
import { listCategories } from './categories.ts'

/** More than this is no report that anybody reads; an export has it all. */
const MOST_EXPENSES = 10_000

/** A group that the report tells of. */
interface Told {
  readonly access: GroupAccess
  readonly info: GroupInfo
}

/** Balances of statements follow from all of the expenses, so only the other reports are narrowed down to categories. */
const isNarrowed = ({ type, categoryIds }: ReportInput): boolean =>
  categoryIds.length > 0 && (type === 'expense_summary' || type === 'tax_summary')

async function groupsOf(ctx: Ctx, { groupIds }: ReportInput): Promise<Told[]> {
  const ids =
    groupIds.length > 0 ? [...new Set(groupIds)] : (await listPlaces(ctx.db.$client, signedIn(ctx).userId)).map(({ groupId }) => groupId)
  return Promise.all(
    ids.map(async (id) => {
      const { access, view } = await requireGroup(ctx, id, 'expense.read')
      return { access, info: view.info }
    }),
  )
}

async function refuseTooMany(ctx: Ctx, groups: readonly Told[], { span }: ReportInput): Promise<void> {
  const counts = await Promise.all(groups.map(({ access }) => countExpenses(ctx.db.$client, access, span)))
  const count = counts.reduce((sum, one) => sum + one, 0)
  if (count <= MOST_EXPENSES) return
  const message = 'Take fewer days or groups, or an export'
  throw new AppError('report.too_large', [
    { field: 'filters', message, code: 'TOO_LARGE', expected: `at most ${MOST_EXPENSES} expenses`, got: String(count) },
  ])
}

/** Everything for the report; throws `group.not_found`, and `report.too_large` beyond 10,000 expenses. */
export async function gatherReport(ctx: Ctx, input: ReportInput): Promise<ReportSources> {
  const { userId, timezone } = signedIn(ctx)
  const user = await findUser(ctx.db, userId)
  const groups = await groupsOf(ctx, input)
  await refuseTooMany(ctx, groups, input)
  const [only] = groups.length === 1 ? groups : []
  const isOfGroup = only !== undefined && (input.type !== 'expense_summary' || input.groupIds.length > 0)
  const asked: Asked = {
    from: input.span.from,
    to: input.span.to,
    scope: isOfGroup ? 'group' : 'own',
    ...(only ? { groupId: only.info.id } : { groupIds: groups.map(({ info }) => info.id) }),
    ...(isNarrowed(input) && { categoryIds: input.categoryIds }),
    ...(input.currency && { currency: input.currency }),
  }
  const [summary, trends, categories, merchants, insights, members, known] = await Promise.all([
    getSummary(ctx, asked),
    getTrends(ctx, { ...asked, kind: 'expense' }),
    getCategoryBreakdown(ctx, { ...asked, kind: 'expense' }),
    getMerchants(ctx, { ...asked, kind: 'expense', by: 'amount' }),
    getInsights(ctx, asked),
    only === undefined ? undefined : getMemberFigures(ctx, { ...asked, groupId: only.info.id }),
    listCategories(ctx),
  ])
  const parts = await Promise.all(groups.map((group) => partOf(ctx, group, input, known)))
  const people = new Map(
    parts.flatMap((part) => part.people).map((one) => [one.id, { name: one.name, ...(one.userId !== null && { userId: one.userId }) }]),
  )
  const own = new Set(parts.flatMap((part) => part.people).flatMap((one) => (one.userId === userId ? [one.id] : [])))
  const member = memberOf(input, people)
  const expenses = parts.flatMap((part) => part.expenses)
  const closings = parts.flatMap((part) => part.closings)
  const receipts = receiptsOf(input.options.includeReceipts ? expenses : [], MAX_APPENDIX_BYTES)
  return {
    type: input.type,
    span: input.span,
    madeAt: ctx.now,
    asker: { name: user === undefined ? '' : displayName(user) },
    groups: groups.map(({ info }) => ({ id: info.id, name: info.isPersonal ? 'Personal' : info.name, currency: info.currency })),
    currency: summary.currency,
    scope: isOfGroup ? { kind: 'group' } : { kind: 'member', members: own },
    ...(isNarrowed(input) && {
      onlyCategories: known.filter(({ id }) => input.categoryIds.includes(id)).map(({ name }) => name),
    }),
    summary,
    trends,
    categories,
    merchants,
    ...(merchants.isWidened && { merchantsSpan: { from: merchants.range.from, to: merchants.range.to } }),
    ...(members && { members }),
    insights: insights.insights.map(({ message }) => message),
    people,
    expenses,
    settlements: parts.flatMap((part) => part.settlements).map((one) => reportSettlementOf(one, input.span, (at) => dayIn(timezone, at))),
    openings: parts.flatMap((part) => part.openings),
    closings,
    plan: planOf(closings),
    member: member ?? [...own],
    receipts: receipts.items,
    ...(receipts.leftOut > 0 && { receiptsLeftOut: receipts.leftOut }),
  }
}

/** The places of the person whose statement it is; undefined for the asker. */
function memberOf({ member }: ReportInput, people: ReadonlyMap<MemberId, { readonly userId?: Id<'user'> }>): MemberId[] | undefined {
  if (member === undefined) return undefined
  const found = [...people].filter(([id, { userId }]) => id === member || userId === member).map(([id]) => id)
  if (found.length > 0) return found
  throw new AppError('member.not_found')
}

/** What would clear the balances at the end, group by group. */
function planOf(closings: readonly ReportBalance[]): ReportPlan {
  const plans = [...Map.groupBy(closings, ({ groupId }) => groupId)].map(([groupId, open]) => ({ groupId, ...simplifiedDebts(open) }))
  return {
    isOptimal: plans.every((plan) => plan.isOptimal),
    steps: plans.flatMap(({ groupId, payments }) => payments.map((payment) => ({ groupId, ...payment }))),
  }
}

async function partOf(ctx: Ctx, { access, info }: Told, input: ReportInput, known: readonly Category[]) {
  const d1 = ctx.db.$client
  const [people, all, receipts] = await Promise.all([
    listGroupPeople(d1, access),
    listGroupSettlements(d1, access),
    listGroupReceipts(d1, access),
  ])
  const read = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const wanted = new Set<string>(isNarrowed(input) ? input.categoryIds : [])
  const parents = new Map(known.map((category) => [category.id, category]))
  const isWanted = ({ categoryIds: [first] }: Expense): boolean =>
    wanted.size === 0 || (first !== undefined && (wanted.has(first) || wanted.has(parents.get(first)?.parentId ?? '')))
  const expenses: ReportExpense[] = []
  for await (const expense of eachExpense(d1, access, input.span)) {
    if (!isWanted(expense)) continue
    expenses.push(reportExpenseOf(expense, parents, readingOf(expense, read)))
  }
  const { timezone } = signedIn(ctx)
  const [openings, closings] = await Promise.all([
    balancesBefore(ctx, info, input.span.from, all, timezone),
    balancesBefore(ctx, info, addDays(input.span.to, 1), all, timezone),
  ])
  return { people, expenses, settlements: all.filter((one) => isTold(one, input, timezone)), openings, closings }
}

/** Of its receipts the first on which a tax was read. */
const readingOf = ({ attachments }: Expense, receipts: ReadonlyMap<string, Receipt>): Receipt['reading'] =>
  attachments
    .map(({ receipt }) => (receipt === undefined ? undefined : receipts.get(receipt)?.reading))
    .find((reading) => reading !== undefined && reading.tax !== null)

const paymentDay = (at: number, zone: string): Day => dayIn(zone, at)

/** Asked for in the span, paid in it, or open at its end. */
function isTold(one: Settlement, { span }: ReportInput, zone: string): boolean {
  const asked = paymentDay(one.createdAt, zone)
  const isIn = (day: Day): boolean => day >= span.from && day <= span.to
  const isOpen = asked <= span.to && ['pending', 'reported', 'processing', 'disputed'].includes(one.status)
  return isIn(asked) || isOpen || one.payments.some(({ at }) => isIn(paymentDay(at, zone)))
}

/** Each member's balance from what is dated before the day: expenses by their day, payments by the day they were made on. */
async function balancesBefore(
  ctx: Ctx,
  info: GroupInfo,
  day: Day,
  settlements: readonly Settlement[],
  zone: string,
): Promise<ReportBalance[]> {
  const d1 = ctx.db.$client
  const month = monthOf(day)
  const days: Day[] = []
  for (let one: Day = `${month}-01` as Day; one < day; one = addDays(one, 1)) days.push(one)
  const periods = [...(await listMonths(d1, info.id, month)), ...days]
  const rows = await readRollups(d1, signedIn(ctx).userId, [info.id], { periods, series: [EVERYTHING] })
  const sums = new Map<string, ReportBalance>()
  const add = (member: MemberId, currency: ReportBalance['currency'], minor: number): void => {
    const key = `${member} ${currency}`
    sums.set(key, { groupId: info.id, member, currency, minor: (sums.get(key)?.minor ?? 0) + minor })
  }
  for (const row of rows)
    for (const [member, [owed, paid]] of membersOf(row)) add(member, row.currency, row.kind === 'expense' ? paid - owed : owed - paid)
  for (const { payer, payee, currency, payments } of settlements)
    for (const { at, minor, refunded } of payments) {
      if (paymentDay(at, zone) >= day) continue
      add(payer, currency, minor - refunded)
      add(payee, currency, refunded - minor)
    }
  return [...sums.values()].filter(({ minor }) => minor !== 0)
}
