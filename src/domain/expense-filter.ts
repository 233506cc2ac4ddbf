// Which expenses a list is asked for, and in which order.
import type { Id } from './ids.ts'
import type { Day } from './time.ts'

export const SORT_FIELDS = ['expense_date', 'amount', 'title', 'created_at', 'updated_at'] as const
export type SortField = (typeof SORT_FIELDS)[number]

export interface Sort {
  readonly field: SortField
  readonly isDescending: boolean
}

export interface ExpenseFilter {
  readonly groupId?: Id<'group'>
  readonly isPersonal?: boolean
  readonly kind?: 'expense' | 'income'
  readonly status?: string
  readonly splitType?: string
  readonly currency?: string
  /** Any of these categories. */
  readonly categoryIds?: readonly Id<'category'>[]
  /** A user's or a member's id. */
  readonly paidBy?: string
  readonly participant?: string
  readonly dateFrom?: Day
  readonly dateTo?: Day
  /** Thousandths of a major unit. */
  readonly amountMin?: number
  readonly amountMax?: number
  readonly amountAbove?: number
  readonly amountBelow?: number
  readonly isSettled?: boolean
  readonly isDeleted?: boolean
  readonly tag?: string
  readonly search?: string
}
