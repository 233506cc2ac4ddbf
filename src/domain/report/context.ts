// What every builder of a report has at hand, and what it gives back.
import type { Figure, Section } from '../document.ts'
import type { MemberId } from '../expense.ts'
import type { Id } from '../ids.ts'
import { compareText } from '../analytics/view.ts'
import type { Unconverted } from '../analytics/view.ts'
import { isPostedExpense } from './accounts.ts'
import { remark, type DraftCell, type DraftColumn } from './drafts.ts'
import type { ReportExpense, ReportOptions, ReportSources } from './sources.ts'
import { countText, listed, moneyText, nameFinder } from './words.ts'

export interface Context {
  readonly sources: ReportSources
  readonly options: ReportOptions
  readonly nameOf: (member: MemberId) => string
  readonly groupNameOf: (group: Id<'group'>) => string
  readonly hasSeveralGroups: boolean
  /** By day, and of one day in the order of their ids. */
  readonly expenses: readonly ReportExpense[]
}

export interface Body {
  readonly figures: readonly Figure[]
  readonly sections: readonly Section[]
  /** Facts for the first page besides those that every report tells. */
  readonly meta?: readonly { readonly label: string; readonly value: string }[]
}

export type Builder = (context: Context) => Body

export function contextOf(sources: ReportSources, options: ReportOptions): Context {
  const groups = new Map(sources.groups.map(({ id, name }) => [id, name]))
  return {
    sources,
    options,
    nameOf: nameFinder(sources.people),
    groupNameOf: (group) => groups.get(group) ?? 'Another group',
    hasSeveralGroups: sources.groups.length > 1,
    expenses: byDay(sources.expenses),
  }
}

/** By day and id: ids sort by time of birth, so what was recorded first comes first. */
export const byDay = <T extends { readonly day: string; readonly id: string }>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => compareText(a.day, b.day) || compareText(a.id, b.id))

/** Those that count, of one kind. */
export const postedOf = (expenses: readonly ReportExpense[], kind: ReportExpense['kind']): ReportExpense[] =>
  expenses.filter((expense) => expense.kind === kind && isPostedExpense(expense))

/** A column that is there only where it tells something, with what it says of each. */
export interface Field<T> {
  readonly column: DraftColumn
  readonly of: (one: T) => DraftCell
}

/** Columns and rows from the fields; those of `undefined` are left out. */
export function fielded<T>(
  all: readonly T[],
  fields: readonly (Field<T> | undefined | false)[],
): { columns: DraftColumn[]; rows: DraftCell[][] } {
  const shown = fields.filter((field) => field !== undefined && field !== false)
  return { columns: shown.map(({ column }) => column), rows: all.map((one) => shown.map((field) => field.of(one))) }
}

/** Says what no figure has in it, because nobody knows a rate; nothing where everything has one. */
export function unconvertedRemarks(unconverted: readonly Unconverted[], currency: string): ReturnType<typeof remark>[] {
  if (unconverted.length === 0) return []
  const parts = unconverted.map(
    ({ kind, minor, count, currency: own }) =>
      `${moneyText(minor, own)} (${countText(count, kind, kind === 'income' ? 'incomes' : 'expenses')})`,
  )
  return [remark(`Not in these figures, because no rate to ${currency} is known: ${listed(parts)}.`)]
}
