// Where the money goes: figures for one's own part in all groups, or for a whole group. They come from sums that are kept
// with the ledger, so no question costs more because there is more.
import { signedIn, type Ctx } from '../context.ts'
import { listRatesOn } from '../db/rates.ts'
import { listPlaces, readRollups, type Place } from '../db/rollups.ts'
import { findUser } from '../db/users.ts'
import { isCategorySeries, categoriesOf, seriesBelow, type CategoryBreakdown } from '../domain/analytics/categories.ts'
import { daysToExplain, insightsOf, type Insight } from '../domain/analytics/insights.ts'
import { memberFiguresOf, type MembersTold } from '../domain/analytics/members.ts'
import { merchantsOf, type Merchants } from '../domain/analytics/merchants.ts'
import {
  bucketFor,
  rangeOf,
  readsOf,
  rowsIn,
  vendorRange,
  type BucketName,
  type PeriodName,
  type Range,
  type Reads,
  type Span,
} from '../domain/analytics/range.ts'
import { EVERYTHING, isVendorSeries, merged, type RollupRow } from '../domain/analytics/rollup.ts'
import { summaryOf, type Summary } from '../domain/analytics/summary.ts'
import { trendsOf, type Trends } from '../domain/analytics/trends.ts'
import { converted, rateDayOf, scopeOf, type Kind, type RateOf, type Scope, type View } from '../domain/analytics/view.ts'
import { addDays } from '../domain/calendar.ts'
import type { Category } from '../domain/categories.ts'
import type { Currency } from '../domain/currency.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import { crossRate } from '../domain/rates.ts'
import { dayIn, type Day } from '../domain/time.ts'
import { listCategories } from './categories.ts'
import { valueOf } from './command.ts'

export interface Asked {
  readonly period?: PeriodName
  readonly from?: Day
  readonly to?: Day
  /** One group; all of one's own where absent. */
  readonly groupId?: Id<'group'>
  /** Whose amounts: the whole group's, or one's own part. */
  readonly scope: 'group' | 'own'
  /** Some groups, where there is not one. */
  readonly groupIds?: readonly Id<'group'>[]
  /** Categories, with those below them, that alone are counted; no vendors are told then. */
  readonly categoryIds?: readonly Id<'category'>[]
  /** What they are shown in; the group's, or what the caller prefers, where absent. */
  readonly currency?: Currency
}

/** What every question has: its days, whose amounts it is about, and the currency they are shown in. */
interface Question {
  readonly range: Range
  readonly today: Day
  readonly scope: Scope
  readonly currency: Currency
  readonly places: readonly Place[]
  readonly groupIds: readonly Id<'group'>[] | undefined
  /** The series that alone are counted, where not all are. */
  readonly only: ReadonlySet<string> | undefined
}

/** Throws `group.not_found`, and `request.invalid` for days that make no range. */
async function questionOf(ctx: Ctx, asked: Asked): Promise<Question> {
  const actor = signedIn(ctx)
  const today = dayIn(actor.timezone, ctx.now)
  const { groupId, period, from, to, categoryIds = [] } = asked
  const groupIds = groupId === undefined ? asked.groupIds : [groupId]
  const range = valueOf(rangeOf({ ...(period && { period }), ...(from && { from }), ...(to && { to }) }, today))
  const [places, user] = await Promise.all([
    listPlaces(ctx.db.$client, actor.userId, groupIds),
    asked.currency === undefined && groupId === undefined ? findUser(ctx.db, actor.userId) : undefined,
  ])
  const only = categoryIds.length === 0 ? undefined : seriesOfAll(categoryIds, await known(ctx))
  const [first] = places
  if (groupId !== undefined && first === undefined) throw new AppError('group.not_found')
  const currency = asked.currency ?? user?.preferredCurrency ?? first?.currency
  if (currency === undefined) throw new AppError('internal')
  const scope: Scope =
    asked.scope === 'group' ? { kind: 'group' } : { kind: 'member', members: new Set(places.map(({ member }) => member)) }
  return { range, today, scope, currency, places, groupIds, only }
}

const seriesOfAll = (ids: readonly Id<'category'>[], all: readonly Category[]): Set<string> =>
  new Set(ids.flatMap((id) => [...seriesBelow(id, all)]))

/** Every day of the spans, one by one. */
function* daysOf(spans: readonly Span[]): Generator<Day> {
  for (const { from, to } of spans) for (let day = from; day <= to; day = addDays(day, 1)) yield day
}

const periodsOf = (all: readonly Reads[]): RollupRow['period'][] => [
  ...new Set(all.flatMap(({ months, days }) => [...months, ...daysOf(days)])),
]

interface What {
  readonly series?: readonly string[]
  readonly isOfVendors?: boolean
}

/** The rows of these periods in the groups of the question. Of some categories, `EVERYTHING` is what these sum to. */
async function read(ctx: Ctx, { groupIds, only }: Question, reads: readonly Reads[], what: What = {}): Promise<RollupRow[]> {
  const ask = (more: What): Promise<RollupRow[]> =>
    readRollups(ctx.db.$client, signedIn(ctx).userId, groupIds, { periods: periodsOf(reads), ...more })
  if (only === undefined) return ask(what)
  if (what.isOfVendors === true) return []
  const rows = await ask({ series: [...only] })
  const sums = merged(rows.map((row) => ({ ...row, series: EVERYTHING })))
  return what.series === undefined ? [...rows, ...sums] : sums
}

/** Rates of every currency and month that the rows are in; most questions need none. */
async function ratesFor(ctx: Ctx, rows: readonly RollupRow[], currency: Currency): Promise<RateOf> {
  const foreign = rows.filter((row) => row.currency !== currency)
  const days = [...new Set(foreign.map(({ period }) => rateDayOf(period)))]
  const currencies = [...new Set([currency, ...foreign.map((row) => row.currency)])]
  const tables = await Promise.all(
    days.map(async (day) => {
      const rates = await listRatesOn(ctx.db.$client, currencies, day)
      return [day, new Map(rates.map((rate) => [rate.currency, rate.perEuro]))] as const
    }),
  )
  const byDay = new Map(tables)
  return (from, day) => {
    const table = byDay.get(day)
    return table && crossRate(table, from, currency)
  }
}

const viewOf = (rows: readonly RollupRow[], { scope, currency }: Question, rateOf: RateOf): View =>
  converted(scopeOf(rows, scope), currency, rateOf)

const known = (ctx: Ctx): Promise<Category[]> => listCategories(ctx)

/** What was spent and earned, against the days before, and where most of it went. */
export async function getSummary(ctx: Ctx, asked: Asked): Promise<Summary> {
  const question = await questionOf(ctx, asked)
  const [now, before] = [readsOf(question.range, 'categories'), readsOf(question.range.previous, 'total')]
  const [rows, earlier, own] = await Promise.all([
    read(ctx, question, [now]),
    read(ctx, question, [before], { series: [EVERYTHING] }),
    known(ctx),
  ])
  const rateOf = await ratesFor(ctx, [...rows, ...earlier], question.currency)
  const views = { current: viewOf(rows, question, rateOf), previous: viewOf(earlier, question, rateOf) }
  return summaryOf(question.range, question.today, views, own)
}

export interface AskedTrends extends Asked {
  readonly bucket?: BucketName
  readonly kind: Kind
  /** With those below it. */
  readonly categoryId?: Id<'category'>
}

/** How it went, bucket by bucket. */
export async function getTrends(ctx: Ctx, asked: AskedTrends): Promise<Trends & { readonly range: Range }> {
  const question = await questionOf(ctx, asked)
  const bucket = asked.bucket ?? bucketFor(question.range)
  const series = asked.categoryId === undefined ? new Set([EVERYTHING]) : seriesBelow(asked.categoryId, await known(ctx))
  const rows = await read(ctx, question, [readsOf(question.range, 'trend', bucket)], { series: [...series] })
  const view = viewOf(rows, question, await ratesFor(ctx, rows, question.currency))
  return { ...trendsOf(view, question.range, bucket, question.today, { kind: asked.kind, series }), range: question.range }
}

/** What was spent by category, with what lies under each. */
export async function getCategoryBreakdown(
  ctx: Ctx,
  asked: Asked & { readonly kind: Kind },
): Promise<CategoryBreakdown & { readonly range: Range }> {
  const question = await questionOf(ctx, asked)
  const rows = (await read(ctx, question, [readsOf(question.range, 'categories')])).filter(({ series }) => isCategorySeries(series))
  const view = viewOf(rows, question, await ratesFor(ctx, rows, question.currency))
  return { ...categoriesOf(view, await known(ctx), asked.kind), range: question.range }
}

/** What went to which vendor, by whole months. */
export async function getMerchants(
  ctx: Ctx,
  asked: Asked & { readonly kind: Kind; readonly by: 'amount' | 'count' },
): Promise<Merchants & { readonly range: Range; readonly isWidened: boolean }> {
  const question = await questionOf(ctx, asked)
  const { isWidened, ...range } = vendorRange(question.range)
  const rows = await read(ctx, question, [readsOf(range, 'vendors')], { isOfVendors: true })
  const view = viewOf(rows, question, await ratesFor(ctx, rows, question.currency))
  return { ...merchantsOf(view, { kind: asked.kind, by: asked.by }), range, isWidened }
}

/** What each member of a group paid and bears. Throws `group.not_found`. */
export async function getMemberFigures(
  ctx: Ctx,
  asked: Asked & { readonly groupId: Id<'group'> },
): Promise<MembersTold & { readonly range: Range }> {
  const question = await questionOf(ctx, asked)
  const rows = await read(ctx, question, [readsOf(question.range, 'total')], { series: [EVERYTHING] })
  return { ...memberFiguresOf(rows, question.currency, await ratesFor(ctx, rows, question.currency)), range: question.range }
}

/** What changed and why, with the figures behind it. */
export async function getInsights(
  ctx: Ctx,
  asked: Asked,
): Promise<{ readonly range: Range; readonly currency: Currency; readonly insights: Insight[] }> {
  const question = await questionOf(ctx, asked)
  const { range, today, currency } = question
  const whole = vendorRange(range)
  const [now, before, days] = [readsOf(range, 'categories'), readsOf(range.previous, 'categories'), readsOf(range, 'trend', 'day')]
  const [months, earlierMonths] = [readsOf(whole, 'vendors'), readsOf(whole.previous, 'vendors')]
  const [rows, everyDay, vendors, own] = await Promise.all([
    read(ctx, question, [now, before]),
    read(ctx, question, [days], { series: [EVERYTHING] }),
    read(ctx, question, [months, earlierMonths], { isOfVendors: true }),
    known(ctx),
  ])
  const rateOf = await ratesFor(ctx, [...rows, ...everyDay, ...vendors], currency)
  const view = (all: readonly RollupRow[], reads: Reads): View => viewOf(rowsIn(all, reads), question, rateOf)
  const trends = trendsOf(view(everyDay, days), range, 'day', today)
  const unusual = daysToExplain(trends).map((day) => ({ from: day, to: day }))
  const ofDays = unusual.length === 0 ? [] : await read(ctx, question, [{ months: [], days: unusual, covers: range }])
  const insights = insightsOf({
    range,
    today,
    current: view(rows, now),
    previous: view(rows, before),
    days: trends,
    ofDays: viewOf(
      ofDays.filter(({ series }) => series !== EVERYTHING && !isVendorSeries(series)),
      question,
      rateOf,
    ),
    vendors: { range: whole, current: view(vendors, months), previous: view(vendors, earlierMonths) },
    own,
  })
  return { range, currency, insights }
}
