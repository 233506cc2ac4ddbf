// Spending to tell of: expenses as tables say them, random ones that are edited and deleted, and their sums done plainly.
import fc from 'fast-check'
import { allocate } from '../../src/domain/allocate.ts'
import { contributionsOf, merged, negated, type RollupRow } from '../../src/domain/analytics/rollup.ts'
import { rowsIn, type Reads, type Span } from '../../src/domain/analytics/range.ts'
import { converted, scopeOf, type RateOf, type Scope, type View } from '../../src/domain/analytics/view.ts'
import { SYSTEM_CATEGORIES, type Category } from '../../src/domain/categories.ts'
import { exponentOf, type Currency } from '../../src/domain/currency.ts'
import type { Expense, MemberId, Payer } from '../../src/domain/expense.ts'
import type { Id } from '../../src/domain/ids.ts'
import { parseMoney, sum } from '../../src/domain/money.ts'
import { postings } from '../../src/domain/postings.ts'
import { DAY, isoOf, type Day } from '../../src/domain/time.ts'
import { currencyOf, memberId } from './ledger.ts'

/** What an expense is made of; the rest has no part in its sums. */
export interface Spent {
  readonly id?: string
  readonly group?: Id<'group'>
  readonly kind?: 'expense' | 'income'
  readonly date: Day
  readonly currency?: string
  /** Into the group's currency; without one the expense posts in its own. */
  readonly rate?: { readonly text: string; readonly currency: Currency }
  readonly payers: readonly Payer[]
  readonly shares: readonly Payer[]
  readonly categories?: readonly Id<'category'>[]
  readonly vendor?: string
  readonly status?: Expense['status']
  readonly isDeleted?: boolean
}

export function expenseOf(spent: Spent): Expense {
  const { id = 'one', group = 'grp_home', kind = 'expense', date, currency: code = 'EUR', payers, shares, rate } = spent
  const currency = currencyOf(code)
  const amount = sum(shares.map(({ minor }) => minor))
  const posted = postings({ kind, amount, currency, payers, shares, ...(rate !== undefined && { rate }) }, () => 0)
  if (!posted.ok) throw new Error(`not posted: ${JSON.stringify(posted.error)}`)
  const at = Date.parse(date)
  return {
    id: `exp_${id}`,
    groupId: group,
    kind,
    title: 'Something',
    description: '',
    amount,
    currency,
    ...(rate !== undefined && { rate: rate.text }),
    ...posted.value,
    payers,
    split: { type: 'equal', members: shares.map(({ member }) => member) },
    shares,
    categoryIds: spent.categories ?? [],
    date,
    tags: [],
    vendor: spent.vendor ?? '',
    location: '',
    status: spent.status ?? 'posted',
    attachments: [],
    createdBy: memberId('ann'),
    createdAt: at,
    updatedAt: at,
    ...(spent.isDeleted === true && { deletedAt: at }),
    version: 1,
    postedSeq: 1,
    activity: [],
  }
}

/** The id of a category by its name: of the system, or of `OWN`. */
export function categoryId(name: string): Id<'category'> {
  const found = [...SYSTEM_CATEGORIES, ...OWN].find((category) => category.name === name)
  if (found === undefined) throw new Error(`no category: ${name}`)
  return found.id
}

const own = (id: string, name: string, parentId?: Id<'category'>): Category => ({
  id: `cat_${id}`,
  name,
  icon: 'star',
  color: '#000000',
  isDefault: false,
  createdAt: 0,
  ...(parentId !== undefined && { parentId }),
})

const foodId = SYSTEM_CATEGORIES.find(({ name }) => name === 'Food & Dining')?.id ?? 'cat_none'

/** Categories that somebody made: one at the top with one below it, and one below a category of the system. */
export const OWN: readonly Category[] = [own('boat', 'Boat'), own('sails', 'Sails', 'cat_boat'), own('lunch', 'Lunch', foodId)]

/**
 * Reads expenses as a table says them, one a line: `day | amount | paid by | borne by | category | vendor`. The currency is
 * EUR where none stands after the amount, `+` before it makes it income; what is borne is divided equally.
 */
export function spendingOf(table: string): Expense[] {
  return table
    .trim()
    .split('\n')
    .map((line, i) => {
      const [date = '', amount = '', payer = '', bearers = '', category = '', vendor = ''] = line.split('|').map((cell) => cell.trim())
      const [value = '', code = 'EUR'] = amount.replace('+', '').split(' ')
      const money = parseMoney(value, currencyOf(code))
      if (typeof money === 'string') throw new Error(`${line}: ${money}`)
      const names = bearers.split(' ')
      const parts = allocate(
        money.minor,
        names.map(() => 1n),
      ).parts
      return expenseOf({
        id: `row${i}`,
        kind: amount.startsWith('+') ? 'income' : 'expense',
        date: date as Day,
        currency: code,
        payers: [{ member: memberId(payer), minor: money.minor }],
        shares: names.map((name, k) => ({ member: memberId(name), minor: parts[k] ?? 0 })),
        categories: category === '' ? [] : [categoryId(category)],
        vendor,
      })
    })
}

export const rowsOf = (expenses: readonly Expense[]): RollupRow[] => merged(expenses.flatMap(contributionsOf))

/** Two months of a household: dinners, a shop written in two ways, a salary, and something that nobody filed. */
export const household = (): Expense[] =>
  spendingOf(`
2024-01-10 |  60.00 | ann | ann bob     | Groceries   | REWE
2024-01-20 |  40.00 | bob | ann bob     | Restaurants | Café Müller
2024-02-01 | 100.00 | ann | ann bob     | Groceries   | rewe
2024-02-03 |  50.01 | bob | ann         | Restaurants | CAFE MULLER
2024-02-03 |  20.00 | bob | ann bob     | Food & Dining |
2024-02-29 |  30.00 | cyd | ann bob cyd | Sails       | Boat Shop
2024-02-29 |   9.99 | ann | bob         |             |
2024-02-15 | +500.00 | ann | ann bob    | Salary      | Work
`)

/** Rates against the euro that differ by month; of the pound none is known. */
export const rateOf: RateOf = (from, day) => {
  const month = Number(day.slice(5, 7))
  const rates: Readonly<Record<string, string>> = { USD: `0.9${month % 10}7`, JPY: `0.006${month % 10}1`, KWD: `3.0${month % 10}` }
  return rates[from]
}

/** What the rows that are read come to in euros. */
export const viewOf = (expenses: readonly Expense[], reads: Reads, scope: Scope = { kind: 'group' }): View =>
  converted(scopeOf(rowsIn(rowsOf(expenses), reads), scope), currencyOf('EUR'), rateOf)

/** Euro cents for so much, times 10^12 so that nothing is rounded. */
export const exactCents = (minor: number, from: Currency, day: Day): bigint | undefined => {
  const rate = from === 'EUR' ? '1' : rateOf(from, `${day.slice(0, 7)}-01` as Day)
  if (rate === undefined) return undefined
  const [whole = '', fraction = ''] = rate.split('.')
  return (BigInt(minor) * BigInt(whole + fraction.padEnd(12, '0')) * 100n) / 10n ** BigInt(exponentOf(from))
}

/** Half-even, of what `exactCents` gave. */
export function wholeCents(exact: bigint): number {
  const [quotient, rest] = [exact / 10n ** 12n, exact % 10n ** 12n]
  const half = 5n * 10n ** 11n
  return Number(quotient + (rest > half || (rest === half && quotient % 2n === 1n) ? 1n : 0n))
}

/** What the expense is to the scope: all of it, or what these members bear; its own postings say so. */
export function worthTo(expense: Expense, scope: Scope): { minor: number; count: number } {
  const borne = (expense.kind === 'expense' ? expense.postings.map((p) => ({ member: p.member, minor: p.owed })) : []).concat(
    expense.kind === 'income' ? expense.postings.map((p) => ({ member: p.member, minor: p.paid })) : [],
  )
  const own = scope.kind === 'group' ? borne : borne.filter(({ member }) => scope.members.has(member))
  const minor = sum(own.map((one) => one.minor))
  return { minor, count: scope.kind === 'group' ? 1 : own.filter((one) => one.minor > 0).length }
}

const dayAt = (at: number): Day => isoOf(at).slice(0, 10) as Day

/** Days about the ends of years and leap days, there or not: 2000, 2024 and 2100, and a year of 53 weeks. */
export const anyDay: fc.Arbitrary<Day> = fc
  .oneof(
    ...(['2000-02-29', '2020-12-31', '2023-12-31', '2024-02-29', '2024-03-31', '2100-02-28'] as const).map((day) =>
      fc.integer({ min: -20, max: 20 }).map((days) => Date.parse(day) + days * DAY),
    ),
    fc.integer({ min: 0, max: 1500 }).map((days) => Date.parse('2020-11-01') + days * DAY),
  )
  .map(dayAt)

export const anySpan: fc.Arbitrary<Span> = fc
  .tuple(anyDay, fc.oneof(fc.nat(40), fc.nat(500), fc.nat(3600)))
  .map(([from, days]) => ({ from, to: dayAt(Date.parse(from) + days * DAY) }))

const MEMBERS = ['ann', 'bob', 'cyd', 'dan'].map(memberId)
const CATEGORIES = ['Food & Dining', 'Groceries', 'Lunch', 'Rent', 'Boat', 'Sails'].map(categoryId)
const VENDORS = ['', 'REWE', 'Rewe', ' rewe  GmbH', 'Café Müller', 'CAFE MULLER', '寿司', '★']

const anySide = fc.uniqueArray(fc.constantFrom(...MEMBERS), { minLength: 1, maxLength: 4 })

const divided = (total: number, members: readonly MemberId[], weights: readonly number[]): Payer[] => {
  const { parts } = allocate(
    total,
    members.map((_, i) => BigInt((weights[i] ?? 0) + (i === 0 ? 1 : 0))),
  )
  return members.map((member, i) => ({ member, minor: parts[i] ?? 0 }))
}

const toEuro = { text: '0.8123', currency: currencyOf('EUR') }

/** An expense of one of two groups: one converts into euros, one keeps currencies apart. */
export const anySpent: fc.Arbitrary<Spent> = fc
  .record({
    total: fc.integer({ min: 100, max: 5_000_000 }),
    weights: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    payers: anySide,
    bearers: anySide,
    isApart: fc.boolean(),
    code: fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'GBP'),
    kind: fc.constantFrom('expense' as const, 'expense' as const, 'income' as const),
    date: anyDay,
    categories: fc.array(fc.constantFrom(...CATEGORIES, 'cat_somebodys' as const), { maxLength: 2 }),
    vendor: fc.constantFrom(...VENDORS),
    status: fc.constantFrom('posted' as const, 'posted' as const, 'posted' as const, 'pending' as const, 'rejected' as const),
    isDeleted: fc.boolean(),
  })
  .map(({ total, weights, payers, bearers, isApart, code, ...rest }) => ({
    ...rest,
    group: isApart ? 'grp_trip' : 'grp_home',
    currency: code,
    ...(!isApart && code !== 'EUR' && { rate: toEuro }),
    payers: divided(total, payers, weights.toReversed()),
    shares: divided(total, bearers, weights),
  }))

/** The lives of expenses, each its versions in order; what the last one is stands in the ledger. */
export const anyLives: fc.Arbitrary<Expense[][]> = fc
  .array(fc.array(anySpent, { minLength: 1, maxLength: 4 }), { maxLength: 25 })
  .map((lives) => lives.map((life, i) => life.map((spent) => expenseOf({ ...spent, id: `e${i}` }))))

/** The rows as writes leave them: each takes back what was there and adds what is. */
export function written(lives: readonly (readonly Expense[])[]): RollupRow[] {
  let rows: RollupRow[] = []
  for (const life of lives) {
    for (const [i, after] of life.entries()) {
      const before = life[i - 1]
      rows = merged([...rows, ...merged([...negated(before === undefined ? [] : contributionsOf(before)), ...contributionsOf(after)])])
    }
  }
  return rows
}

/** What the ledger has of them in the end, in the span. */
export const standing = (lives: readonly (readonly Expense[])[], { from, to }: Span): Expense[] =>
  lives.flatMap((life) => {
    const last = life.at(-1)
    const isThere = last !== undefined && last.status === 'posted' && last.deletedAt === undefined && from <= last.date && last.date <= to
    return isThere ? [last] : []
  })

export const anyScope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant({ kind: 'group' } as const),
  fc.subarray(MEMBERS, { minLength: 1, maxLength: 2 }).map((members) => ({ kind: 'member' as const, members: new Set(members) })),
)
