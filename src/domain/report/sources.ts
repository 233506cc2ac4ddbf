// What a report is made of: figures that analytics have worked out, and the expenses, payments and balances behind them.
// Amounts are whole minor units. What was posted is in the currency of the balances: the group's, or the expense's own
// where a group keeps currencies apart.
import type { CategoryBreakdown } from '../analytics/categories.ts'
import type { MembersTold } from '../analytics/members.ts'
import type { Merchants } from '../analytics/merchants.ts'
import type { Span } from '../analytics/range.ts'
import type { Summary } from '../analytics/summary.ts'
import type { Trends } from '../analytics/trends.ts'
import type { Scope } from '../analytics/view.ts'
import type { Currency } from '../currency.ts'
import type { AppendixItem } from '../document.ts'
import type { Expense, MemberId } from '../expense.ts'
import type { Id } from '../ids.ts'
import type { SettlementMethod, SettlementStatus } from '../settlement.ts'
import type { Day, Timestamp } from '../time.ts'

export const REPORT_TYPES = ['expense_summary', 'group_statement', 'settlement_statement', 'tax_summary', 'member_statement'] as const
export type ReportType = (typeof REPORT_TYPES)[number]

/** By what the expenses of a summary are put together. `member`: by who paid. `category`: by the one at the top of the tree. */
export const GROUPINGS = ['category', 'member', 'vendor', 'day', 'month'] as const
export type Grouping = (typeof GROUPINGS)[number]

export interface ReportOptions {
  readonly includeCharts: boolean
  /** Whether the files of `receipts` become pages at the end. */
  readonly includeReceipts: boolean
  /** Of an expense summary; `category` where it is not said. */
  readonly groupBy?: Grouping
}

export interface ReportGroup {
  readonly id: Id<'group'>
  readonly name: string
  readonly currency: Currency
}

/** Part of an amount, in minor units of the currency in which the expense was posted. */
export interface ReportPart {
  readonly member: MemberId
  readonly minor: number
}

/** A tax that somebody gave or that was read; 0 is a tax too. */
export interface ReportTax {
  /** Minor units of the expense's own currency, from 0 to its amount. */
  readonly minor: number
  /** `given` with an itemised split, or `read` on the receipt. */
  readonly from: 'given' | 'read'
}

interface ReportFile {
  readonly key: string
  readonly name: string
  readonly type: string
  /** In bytes. */
  readonly size: number
}

export interface ReportExpense {
  readonly id: Id<'expense'>
  readonly groupId: Id<'group'>
  readonly kind: Expense['kind']
  /** Only what is `posted` counts; what is `pending` is named apart, and what is `rejected` not at all. */
  readonly status: Expense['status']
  readonly day: Day
  readonly title: string
  readonly vendor: string
  /** Of the category that it is counted under; `null` where it has none that is known. */
  readonly categoryName: string | null
  /** Of the category above that one. */
  readonly parentName?: string
  readonly tags: readonly string[]
  /** As it was paid, in its own currency. */
  readonly amountMinor: number
  readonly currency: Currency
  /** Units of `posted.currency` for one unit of `currency`; absent where they are the same. */
  readonly rate?: string
  readonly posted: { readonly minor: number; readonly currency: Currency }
  /** Who paid, or of income who received it, in minor units of `posted.currency`; they sum to `posted.minor`. */
  readonly payers: readonly ReportPart[]
  /** Who bears it, or of income whose it is; the same. */
  readonly shares: readonly ReportPart[]
  readonly tax: ReportTax | null
  readonly files: readonly ReportFile[]
}

/** Money that was moved for a settlement on a day of the span. */
export interface ReportPayment {
  readonly day: Day
  /** Less what was refunded of it; negative where it only takes back. */
  readonly minor: number
  readonly method: SettlementMethod
}

export interface ReportSettlement {
  readonly id: Id<'settlement'>
  readonly groupId: Id<'group'>
  /** When it was asked for. */
  readonly day: Day
  readonly payer: MemberId
  readonly payee: MemberId
  readonly currency: Currency
  /** Minor units that were asked for. */
  readonly amountMinor: number
  /** Posted by now, less what was refunded: also on days outside of the span. */
  readonly paidMinor: number
  readonly status: SettlementStatus
  readonly method: SettlementMethod
  readonly description: string
  readonly dueDay?: Day
  /** Those that were posted in the span, by day. They and nothing else of a settlement move balances. */
  readonly payments: readonly ReportPayment[]
}

/** Positive: the member is owed it. Who is not named is at zero. */
export interface ReportBalance {
  readonly groupId: Id<'group'>
  readonly member: MemberId
  readonly currency: Currency
  readonly minor: number
}

/** The payments that would bring every balance at the end of the span to zero. */
export interface ReportPlan {
  readonly isOptimal: boolean
  readonly steps: readonly {
    readonly groupId: Id<'group'>
    readonly from: MemberId
    readonly to: MemberId
    readonly minor: number
    readonly currency: Currency
  }[]
}

/**
 * Everything that a report may tell of. Statements need all expenses and payments of the span: where some were left out,
 * they don't lead from the opening balances to the closing ones, and the statement says by how much.
 */
export interface ReportSources {
  readonly type: ReportType
  readonly span: Span
  readonly madeAt: Timestamp
  /** BCP 47 for numbers and days, `en-GB` where it is not said; words are English. */
  readonly locale?: string
  readonly asker: { readonly name: string }
  readonly groups: readonly ReportGroup[]
  /** In which `summary`, `trends`, `categories` and `merchants` are told. */
  readonly currency: Currency
  /** Whose: everything that the groups paid, or what these members - the asker, in each of their groups - bear of it. */
  readonly scope: Scope
  /** Names of the categories that the expenses were narrowed down to. */
  readonly onlyCategories?: readonly string[]
  readonly summary: Summary
  readonly trends: Trends
  readonly categories: CategoryBreakdown
  readonly merchants: Merchants
  /** The days that `merchants` tells of, where they are not those of the span: vendors are kept by whole months. */
  readonly merchantsSpan?: Span
  /** Of one group. */
  readonly members?: MembersTold
  /** Sentences for the summary. */
  readonly insights?: readonly string[]
  /** Everybody who is named anywhere here. Members with the same user are one person. */
  readonly people: ReadonlyMap<MemberId, { readonly name: string; readonly userId?: Id<'user'> }>
  /** Of the span, none that is deleted; in any order. */
  readonly expenses: readonly ReportExpense[]
  /** Those that were asked for in the span, have a payment in it, or are open at its end; in any order. */
  readonly settlements: readonly ReportSettlement[]
  /**
   * Before the first day of the span, and after its last: by the days of expenses and payments, not by when they were
   * recorded. What is open today less what is dated after the span gives the closing, and that less what is dated in it the
   * opening.
   */
  readonly openings: readonly ReportBalance[]
  readonly closings: readonly ReportBalance[]
  readonly plan?: ReportPlan
  /** Whose statement it is: one person, who is another member in each of the groups. */
  readonly member?: readonly MemberId[]
  /** As `receiptsOf` chooses them, and how many files it left out. */
  readonly receipts: readonly AppendixItem[]
  readonly receiptsLeftOut?: number
}
