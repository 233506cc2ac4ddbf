// What the shape of a document can't say: that its members and categories are there, and that its amounts add up.
import { findSystemCategory } from '../categories.ts'
import type { Currency } from '../currency.ts'
import { type Fault, errorAt } from '../import/draft.ts'
import { formatMinor, parseMoney } from '../money.ts'
import { renameSplit } from './canonical.ts'
import type { ExportData, ExportExpense, ExportGroup, ExportSettlement } from './document.ts'

const MOST_FAULTS = 100

/** Everything in the data that contradicts itself; empty where nothing does. */
export function faultsOfContent(data: ExportData): Fault[] {
  const checker = new Checker(data)
  checker.unique('members', data.members)
  checker.unique('categories', data.categories)
  checker.unique('expenses', data.expenses)
  checker.unique('settlements', data.settlements)
  for (const [i, { id, parent }] of data.categories.entries()) {
    checker.category(`categories[${i}]`, id.startsWith('cat_') ? id : undefined)
    checker.category(`categories[${i}].parent`, parent)
    if (parent === id) checker.fault(`categories[${i}].parent`, 'another category', id)
  }
  const threshold = data.group.settings.approval_threshold
  if (threshold !== undefined) checker.amount('group.settings.approval_threshold', threshold, data.group.currency)
  for (const [i, expense] of data.expenses.entries()) checker.expense(`expenses[${i}]`, expense)
  for (const [i, settlement] of data.settlements.entries()) checker.settlement(`settlements[${i}]`, settlement)
  return checker.faults
}

class Checker {
  readonly faults: Fault[] = []
  readonly #members: ReadonlySet<string>
  readonly #categories: ReadonlySet<string>

  readonly #group: ExportGroup

  constructor({ members, categories, group }: ExportData) {
    this.#group = group
    this.#members = new Set(members.map(({ id }) => id))
    this.#categories = new Set(categories.map(({ id }) => id))
  }

  fault(column: string, expected: string, got: string, code = 'INVALID_VALUE', difference?: string): void {
    if (this.faults.length >= MOST_FAULTS) return
    this.faults.push(
      errorAt(code, `The document contradicts itself here: ${column}`, {
        column,
        expected,
        got,
        ...(difference !== undefined && { difference }),
      }),
    )
  }

  unique(at: string, list: readonly { readonly id: string }[]): void {
    const seen = new Set<string>()
    for (const [i, { id }] of list.entries()) {
      if (seen.has(id)) this.fault(`${at}[${i}].id`, 'an id that none before has', id, 'DUPLICATE_ID')
      seen.add(id)
    }
  }

  member(at: string, id: string): string {
    if (!this.#members.has(id)) this.fault(at, 'the id of a member of the document', id, 'UNKNOWN_MEMBER')
    return id
  }

  category(at: string, id: string | undefined): void {
    if (id === undefined || (this.#categories.has(id) && !id.startsWith('cat_')) || findSystemCategory(id) !== undefined) return
    this.fault(at, 'the id of a category of the document, or of one of Quits', id, 'UNKNOWN_CATEGORY')
  }

  /** Minor units; 0 once a fault says why not. */
  amount(at: string, text: string, currency: Currency, least = -Infinity): number {
    const parsed = parseMoney(text, currency)
    if (typeof parsed === 'string') this.fault(at, `an amount that ${currency} can hold`, text, 'INVALID_AMOUNT')
    else if (parsed.minor >= least) return parsed.minor
    else this.fault(at, `at least ${formatMinor(least, currency)}`, text, 'INVALID_AMOUNT')
    return 0
  }

  expense(at: string, expense: ExportExpense): void {
    const { currency, split } = expense
    const total = this.amount(`${at}.amount`, expense.amount, currency, 1)
    for (const field of ['payers', 'shares'] as const) {
      const minors = expense[field].map(({ member, amount }, i) => {
        this.member(`${at}.${field}[${i}].member`, member)
        return this.amount(`${at}.${field}[${i}].amount`, amount, currency, 0)
      })
      this.#sum(`${at}.${field}`, minors, total, currency)
    }
    const posted = (expense.postings ?? []).map(({ member, paid, owed }, i) => {
      this.member(`${at}.postings[${i}].member`, member)
      const { currency: unit } = this.#group
      return this.amount(`${at}.postings[${i}].paid`, paid, unit, 0) - this.amount(`${at}.postings[${i}].owed`, owed, unit, 0)
    })
    this.#sum(`${at}.postings`, posted, 0, this.#group.currency)
    renameSplit(split, (member) => this.member(`${at}.split`, member))
    if (split.type === 'exact' || split.type === 'adjustment') {
      const minors = split.parts.map(({ amount }, i) => this.amount(`${at}.split.parts[${i}].amount`, amount, currency))
      if (split.type === 'exact') this.#sum(`${at}.split.parts`, minors, total, currency)
    }
    if (split.type === 'itemized') {
      for (const [i, item] of split.items.entries()) this.amount(`${at}.split.items[${i}].amount`, item.amount, currency)
      for (const field of ['tax', 'tip', 'discount'] as const) this.amount(`${at}.split.${field}`, split[field], currency, 0)
    }
    for (const [i, id] of expense.categories.entries()) this.category(`${at}.categories[${i}]`, id)
    for (const [i, { member }] of expense.comments.entries()) this.member(`${at}.comments[${i}].member`, member)
    if (expense.claims === undefined) return
    this.member(`${at}.claims.bearer`, expense.claims.bearer)
    for (const [i, line] of expense.claims.lines.entries()) for (const { member } of line) this.member(`${at}.claims.lines[${i}]`, member)
  }

  settlement(at: string, { payer, payee, dispute, amount, paid, reported, payments, currency }: ExportSettlement): void {
    this.member(`${at}.payer`, payer)
    this.member(`${at}.payee`, payee)
    if (payer === payee) this.fault(`${at}.payee`, 'another member than the payer', payee, 'SAME_MEMBER')
    if (dispute !== undefined) this.member(`${at}.dispute.by`, dispute.by)
    this.amount(`${at}.amount`, amount, currency, 1)
    this.amount(`${at}.reported`, reported, currency, 0)
    const moved = payments.map((payment, i) => {
      const given = this.amount(`${at}.payments[${i}].amount`, payment.amount, currency, 0)
      return given - this.amount(`${at}.payments[${i}].refunded`, payment.refunded, currency, 0)
    })
    this.#sum(`${at}.payments`, moved, this.amount(`${at}.paid`, paid, currency, 0), currency)
  }

  #sum(at: string, minors: readonly number[], total: number, currency: Currency): void {
    const got = minors.reduce((sum, minor) => sum + minor, 0)
    if (got === total) return
    const text = (minor: number): string => formatMinor(minor, currency)
    this.fault(at, text(total), text(got), 'DOES_NOT_ADD_UP', text(got - total))
  }
}
