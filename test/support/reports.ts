// What a report is made of, for tests: random expenses, payments and balances that belong together, with the figures that
// analytics make of them; and tables read back by other means than those that wrote them.
import fc from 'fast-check'
import { categoriesOf } from '../../src/domain/analytics/categories.ts'
import { memberFiguresOf } from '../../src/domain/analytics/members.ts'
import { merchantsOf } from '../../src/domain/analytics/merchants.ts'
import { bucketFor, rangeOf, readsOf, rowsIn, type Range } from '../../src/domain/analytics/range.ts'
import { EVERYTHING, merged, monthOf, UNCATEGORIZED, vendorSeries, type RollupRow } from '../../src/domain/analytics/rollup.ts'
import { summaryOf } from '../../src/domain/analytics/summary.ts'
import { trendsOf } from '../../src/domain/analytics/trends.ts'
import { converted, scopeOf, type Scope } from '../../src/domain/analytics/view.ts'
import { addDays } from '../../src/domain/calendar.ts'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import { isCurrency, type Currency } from '../../src/domain/currency.ts'
import type { Amount, Cell, Document, Table } from '../../src/domain/document.ts'
import type { MemberId } from '../../src/domain/expense.ts'
import { parseMoney } from '../../src/domain/money.ts'
import { tablesOf } from '../../src/domain/report/report.ts'
import {
  type ReportBalance,
  type ReportExpense,
  type ReportGroup,
  type ReportSettlement,
  type ReportSources,
  type ReportType,
} from '../../src/domain/report/sources.ts'
import { minimalPlan } from '../../src/domain/settle.ts'
import { SETTLEMENT_STATUSES, type SettlementStatus } from '../../src/domain/settlement.ts'
import type { Day } from '../../src/domain/time.ts'

const currency = (code: string): Currency => {
  if (!isCurrency(code)) throw new Error(code)
  return code
}
export const [EUR, USD] = [currency('EUR'), currency('USD')]
const [JPY, KWD] = [currency('JPY'), currency('KWD')]
export const SPAN = { from: '2026-01-15', to: '2026-03-10' } as const
export const NAMES = ['João', '日本', 'Владимир', 'الياس', 'João', 'Ann', 'Ben']
export const OPTIONS = { includeCharts: true, includeReceipts: false }

export const memberOf = (group: number, index: number): MemberId => `mem_${group}_${index}`
export const GROUPS: readonly ReportGroup[] = [
  { id: 'grp_0', name: 'Lisboa', currency: EUR },
  { id: 'grp_1', name: '東京', currency: JPY },
]

export interface Raw {
  readonly group: number
  readonly day: number
  readonly minor: number
  readonly isIncome: boolean
  readonly isForeign: boolean
  readonly isSeparate: boolean
  readonly status: ReportExpense['status']
  readonly payers: readonly number[]
  readonly sharers: readonly number[]
  readonly category: number
  readonly vendor: string
  readonly tax: number | null
  readonly files: number
}

const members = fc.uniqueArray(fc.nat(NAMES.length - 1), { minLength: 1, maxLength: NAMES.length })
const rawExpense: fc.Arbitrary<Raw> = fc.record({
  group: fc.nat(1),
  day: fc.nat(54),
  minor: fc.integer({ min: 1, max: 5_000_000 }),
  isIncome: fc.boolean(),
  isForeign: fc.boolean(),
  isSeparate: fc.boolean(),
  status: fc.constantFrom('posted', 'posted', 'posted', 'pending', 'rejected'),
  payers: members,
  sharers: members,
  category: fc.integer({ min: -1, max: 30 }),
  vendor: fc.constantFrom('', 'Galp', 'GALP ', '寿司', 'Lidl'),
  tax: fc.option(fc.integer({ min: 0, max: 100 })),
  files: fc.nat(2),
})
interface RawPayment {
  readonly group: number
  readonly day: number
  readonly sides: readonly number[]
  readonly minor: number
  readonly part: number
  readonly status: SettlementStatus
  readonly isSeparate: boolean
}

const rawPayment: fc.Arbitrary<RawPayment> = fc.record({
  group: fc.nat(1),
  day: fc.nat(54),
  sides: fc.uniqueArray(fc.nat(NAMES.length - 1), { minLength: 2, maxLength: 2 }),
  minor: fc.integer({ min: 1, max: 900_000 }),
  part: fc.integer({ min: 0, max: 100 }),
  status: fc.constantFrom(...SETTLEMENT_STATUSES),
  isSeparate: fc.boolean(),
})
export interface RawWorld {
  readonly groups: number
  readonly isOwn: boolean
  readonly expenses: readonly Raw[]
  readonly payments: readonly RawPayment[]
  readonly openings: readonly { readonly group: number; readonly member: number; readonly minor: number }[]
}

export const rawWorld: fc.Arbitrary<RawWorld> = fc.record({
  groups: fc.constantFrom(1, 2),
  isOwn: fc.boolean(),
  expenses: fc.array(rawExpense, { maxLength: 40 }),
  payments: fc.array(rawPayment, { maxLength: 12 }),
  openings: fc.array(fc.record({ group: fc.nat(1), member: fc.nat(NAMES.length - 1), minor: fc.integer({ min: -90_000, max: 90_000 }) }), {
    maxLength: 6,
  }),
})

const dayOf = (index: number): Day => addDays(SPAN.from, index)

/** The minor units among so many, the odd ones to the first. */
const among = (minor: number, some: readonly MemberId[]) =>
  some
    .map((member, i) => ({ member, minor: Math.floor(minor / some.length) + (i < minor % some.length ? 1 : 0) }))
    .filter((part) => part.minor > 0)

function expenseOf(raw: Raw, index: number, groups: number): ReportExpense {
  const group = raw.group % groups
  const own = GROUPS[group]?.currency ?? EUR
  const postedIn = raw.isSeparate ? KWD : own
  const isForeign = raw.isForeign && !raw.isSeparate
  const category = SYSTEM_CATEGORIES[raw.category]
  const parent = SYSTEM_CATEGORIES.find(({ id }) => id === category?.parentId)
  const amountMinor = isForeign ? raw.minor * 2 : raw.minor
  return {
    id: `exp_${String(index).padStart(4, '0')}`,
    groupId: `grp_${group}`,
    kind: raw.isIncome ? 'income' : 'expense',
    status: raw.status,
    day: dayOf(raw.day),
    title: `Entry ${index}`,
    vendor: raw.vendor,
    categoryName: category?.name ?? null,
    ...(parent && { parentName: parent.name }),
    tags: [],
    amountMinor,
    currency: isForeign ? USD : postedIn,
    ...(isForeign && { rate: '0.5' }),
    posted: { minor: raw.minor, currency: postedIn },
    payers: among(
      raw.minor,
      raw.payers.map((one) => memberOf(group, one)),
    ),
    shares: among(
      raw.minor,
      raw.sharers.map((one) => memberOf(group, one)),
    ),
    tax: raw.tax === null ? null : { minor: Math.floor((amountMinor * raw.tax) / 100), from: raw.tax % 2 === 0 ? 'given' : 'read' },
    files: Array.from({ length: raw.files }, (_, i) => ({ key: `k/${index}/${i}`, name: `${i}.jpg`, type: 'image/jpeg', size: 10 })),
  }
}

function rowsOf({ groupId, kind, status, day, vendor, categoryName, posted, payers, shares }: ReportExpense): RollupRow[] {
  if (status !== 'posted') return []
  const ids = new Set([...payers, ...shares].map(({ member }) => member))
  const part = (parts: ReportExpense['payers'], id: MemberId): number => parts.find(({ member }) => member === id)?.minor ?? 0
  const sums = Object.fromEntries([...ids].map((id) => [id, [part(shares, id), part(payers, id), part(shares, id) > 0 ? 1 : 0] as const]))
  const row = (series: string, period: RollupRow['period'], label?: string): RollupRow => ({
    groupId,
    series,
    period,
    kind,
    currency: posted.currency,
    count: 1,
    minor: posted.minor,
    members: sums,
    ...(label !== undefined && { label }),
  })
  const category = SYSTEM_CATEGORIES.find(({ name }) => name === categoryName)?.id ?? UNCATEGORIZED
  const name = vendorSeries(vendor)
  return [
    ...[EVERYTHING, category].flatMap((series) => [row(series, day), row(series, monthOf(day))]),
    ...(name === undefined ? [] : [row(name, monthOf(day), vendor.trim())]),
  ]
}

/** JPY has a rate, KWD none. */
const rateOf = (from: Currency): string | undefined => ({ EUR: '1', JPY: '0.0061', USD: '0.9' })[from as string]

export function sourcesOf(type: ReportType, raw: RawWorld): ReportSources {
  const groups = GROUPS.slice(0, raw.groups)
  const expenses = raw.expenses.map((one, i) => expenseOf(one, i, raw.groups))
  const settlements = raw.payments.map(({ group, day, sides, minor, part, status, isSeparate }, i): ReportSettlement => {
    const place = group % raw.groups
    const paid = Math.floor((minor * part) / 100)
    return {
      id: `stl_${i}`,
      groupId: `grp_${place}`,
      day: dayOf(day),
      payer: memberOf(place, sides[0] ?? 0),
      payee: memberOf(place, sides[1] ?? 1),
      currency: isSeparate ? KWD : (GROUPS[place]?.currency ?? EUR),
      amountMinor: minor,
      paidMinor: paid,
      status,
      method: 'cash',
      description: '',
      payments: paid === 0 ? [] : [{ day: dayOf(day), minor: paid, method: 'cash' }],
    }
  })
  const openings = raw.openings.flatMap(({ group, member, minor }): ReportBalance[] => {
    const place = group % raw.groups
    const one = { groupId: `grp_${place}` as const, currency: GROUPS[place]?.currency ?? EUR }
    return [
      { ...one, member: memberOf(place, member), minor },
      { ...one, member: memberOf(place, (member + 1) % NAMES.length), minor: 0 - minor },
    ]
  })
  const closings = closingsOf(openings, expenses, settlements)
  const scope: Scope = raw.isOwn ? { kind: 'member', members: new Set(groups.map((_, i) => memberOf(i, 0))) } : { kind: 'group' }
  return {
    type,
    groups,
    scope,
    expenses,
    settlements,
    openings,
    closings,
    ...figuresOf(expenses, scope, raw.groups),
    ...REST(groups, closings),
  }
}

const REST = (groups: readonly ReportGroup[], closings: readonly ReportBalance[]) => ({
  span: SPAN,
  madeAt: Date.UTC(2026, 2, 11, 8, 5),
  asker: { name: 'João' },
  currency: EUR,
  people: new Map(
    groups.flatMap((_, group) => NAMES.map((name, i) => [memberOf(group, i), { name, userId: `usr_${i}` as const }] as const)),
  ),
  member: groups.map((_, i) => memberOf(i, 0)),
  receipts: [],
  plan: {
    isOptimal: true,
    steps: [...Map.groupBy(closings, ({ groupId, currency: code }) => `${groupId} ${code}`)].flatMap(([, some]) =>
      minimalPlan(some).payments.map((step) => ({ ...step, groupId: some[0]!.groupId, currency: some[0]!.currency })),
    ),
  },
})

function figuresOf(expenses: readonly ReportExpense[], scope: Scope, groups: number) {
  const rows = merged(expenses.flatMap(rowsOf))
  const asked = rangeOf(SPAN, '2026-04-01')
  if (!asked.ok) throw new Error('the span is a range')
  const range: Range = asked.value
  const view = (purpose: 'total' | 'trend' | 'categories' | 'vendors') =>
    converted(scopeOf(rowsIn(rows, readsOf(range, purpose)), scope), EUR, rateOf)
  return {
    summary: summaryOf(range, '2026-04-01', { current: view('categories'), previous: converted([], EUR, rateOf) }, []),
    trends: trendsOf(view('trend'), range, bucketFor(range), '2026-04-01'),
    categories: categoriesOf(view('categories'), []),
    merchants: merchantsOf(view('vendors')),
    ...(groups === 1 && { members: memberFiguresOf(rowsIn(rows, readsOf(range, 'total')), EUR, rateOf) }),
  }
}

function closingsOf(openings: readonly ReportBalance[], expenses: readonly ReportExpense[], settlements: readonly ReportSettlement[]) {
  const all = new Map<string, ReportBalance>()
  const add = (balance: ReportBalance): void => {
    const key = `${balance.groupId} ${balance.member} ${balance.currency}`
    all.set(key, { ...balance, minor: (all.get(key)?.minor ?? 0) + balance.minor })
  }
  openings.forEach(add)
  for (const { groupId, kind, status, posted, payers, shares } of expenses) {
    const sign = status !== 'posted' ? 0 : kind === 'income' ? -1 : 1
    for (const { member, minor } of payers) add({ groupId, member, currency: posted.currency, minor: sign * minor })
    for (const { member, minor } of shares) add({ groupId, member, currency: posted.currency, minor: -sign * minor })
  }
  for (const { groupId, payer, payee, currency: code, payments } of settlements)
    for (const { minor } of payments) {
      add({ groupId, member: payer, currency: code, minor })
      add({ groupId, member: payee, currency: code, minor: 0 - minor })
    }
  return [...all.values()].filter(({ minor }) => minor !== 0)
}

export const isAmount = (cell: Cell | undefined): cell is Amount => typeof cell === 'object' && cell !== null

/** The amount of a cell in minor units, with its currency; undefined where it is none. */
export function moneyAt(table: Table, row: readonly Cell[], i: number): { minor: number; currency: Currency } | undefined {
  const [cell, column] = [row[i], table.columns[i]]
  if (column?.kind !== 'money' || cell === null || cell === undefined) return undefined
  const [text, code] = isAmount(cell) ? [cell.amount, cell.currency] : [String(cell), column.currency ?? '']
  const parsed = parseMoney(text, currency(code))
  if (typeof parsed === 'string') throw new Error(`${column.header}: ${text} ${code} is ${parsed}`)
  return parsed
}

export const tableOf = (document: Document, title: string): Table => {
  const found = tablesOf(document).find((table) => table.title === title)
  if (found === undefined)
    throw new Error(
      `there is no table ${title} among ${tablesOf(document)
        .map((table) => table.title)
        .join(', ')}`,
    )
  return found
}

export const textsOf = ({ sections }: Document): string =>
  sections.flatMap((section) => ('text' in section ? [section.text] : [])).join('\n')

/** Minor units under the header; 0 for an empty cell. */
export const under = (table: Table, row: readonly Cell[], header: string): number =>
  moneyAt(
    table,
    row,
    table.columns.findIndex((column) => column.header === header),
  )?.minor ?? 0

export const EMPTY: RawWorld = { groups: 1, isOwn: false, expenses: [], payments: [], openings: [] }
export const PLAIN: Raw = {
  group: 0,
  day: 0,
  minor: 1000,
  isIncome: false,
  isForeign: false,
  isSeparate: false,
  status: 'posted',
  payers: [0],
  sharers: [0, 1],
  category: 1,
  vendor: 'Lidl',
  tax: null,
  files: 0,
}
