// One person in the span as a running account, one for each group and currency: the balance before each line, with its
// credit and without its debit, is the balance after it.
import type { Chart, Figure, Section } from '../document.ts'
import { addDays } from '../calendar.ts'
import type { Span } from '../analytics/range.ts'
import type { Day } from '../time.ts'
import type { MemberId } from '../expense.ts'
import { sum, type Money } from '../money.ts'
import { compareText, percentOf } from '../analytics/view.ts'
import { accountsOf, type Account } from './accounts.ts'
import { balanceDraft, formulaOf } from './balances.ts'
import { byDay, postedOf, type Body, type Context } from './context.ts'
import { MOST_CURRENCIES, drawn, minorOf, moneyFigures, paragraph, remark, sumsBy, tableSection, type DraftCell } from './drafts.ts'
import { pendingDraft } from './entries.ts'
import type { ReportExpense, ReportPart } from './sources.ts'
import { paymentsOf } from './payments.ts'
import { countText, dayText, listed, METHOD_TEXT, NO_CATEGORY, spanText, within } from './words.ts'

interface Line {
  readonly id: string
  readonly day: Day
  readonly what: string
  readonly kind: string
  /** What raises the balance, and what lowers it; minor units, `null` where the line has none. */
  readonly credit: number | null
  readonly debit: number | null
}

export function memberStatement(context: Context): Body {
  const { sources, nameOf } = context
  const ids = new Set(sources.member ?? [])
  const [first] = ids
  if (first === undefined) throw new RangeError('the statement of a member says of whom it is')
  const name = nameOf(first)
  const accounts = accountsOf(sources).filter(({ member }) => ids.has(member))
  const own = { ...context, expenses: context.expenses.filter((expense) => isTheirs(expense, ids)) }
  const pending = pendingDraft(own)
  const waiting = pending === undefined ? [] : [tableSection(pending)]
  const figures = figuresOf(context, accounts)
  if (accounts.length === 0)
    return {
      figures,
      sections: [paragraph(`Nothing of ${name} was recorded in ${spanText(sources.span)}, and nothing was open.`), ...waiting],
    }
  return {
    figures,
    sections: [
      ...shareSections(own, ids),
      ...(accounts.length > 1 ? accountsTable(context, accounts) : []),
      ...accounts.flatMap((account) => accountSections(own, account, accounts.length > 1)),
      remark(
        'A credit raises the balance: what the person paid, their share of income and payments they made. A debit lowers it: their ' +
          'share of expenses, income and payments they received. Above zero the group owes them, below zero they owe the group.',
      ),
      ...waiting,
    ],
  }
}

const isTheirs = ({ payers, shares }: ReportExpense, ids: ReadonlySet<MemberId>): boolean =>
  [...payers, ...shares].some(({ member }) => ids.has(member))

function figuresOf({ sources }: Context, accounts: readonly Account[]): Figure[] {
  const fallback = sources.groups[0]?.currency ?? sources.currency
  const figure = (label: string, of: 'opening' | 'paid' | 'share' | 'sent' | 'got' | 'closing', note: string): Figure[] => {
    const sums = sumsBy(accounts, (account): Money => minorOf(account[of], account.currency))
    return moneyFigures(label, sums, fallback, () => note)
  }
  const hasFew = new Set(accounts.map(({ currency }) => currency)).size <= MOST_CURRENCIES
  const moves = [
    ...figure('Opening balance', 'opening', `Before ${dayText(sources.span.from)}`),
    ...figure('Paid', 'paid', 'Of expenses, for all who share them'),
    ...figure('Share', 'share', 'Their part of expenses'),
    ...figure('Payments made', 'sent', 'To other members'),
    ...figure('Payments received', 'got', 'From other members'),
  ]
  return [...(hasFew ? moves : []), ...figure('Closing balance', 'closing', `After ${dayText(sources.span.to)}`)]
}

/** Several accounts in one table; they are never one account, because what one group owes does not pay another. */
function accountsTable({ groupNameOf }: Context, accounts: readonly Account[]): Section[] {
  const draft = balanceDraft('Accounts', { header: 'Group', of: ({ groupId }) => groupNameOf(groupId) }, accounts)
  return [tableSection(draft), remark(formulaOf(accounts))]
}

const partOf = (parts: readonly ReportPart[], member: MemberId): number | null => {
  const own = parts.filter((part) => part.member === member)
  return own.length === 0 ? null : sum(own.map(({ minor }) => minor))
}

/** What moved this account, by day. */
function linesOf(context: Context, { groupId, member, currency }: Account): Line[] {
  const { nameOf, sources } = context
  const isOfAccount = (one: { groupId: string; currency: string }): boolean => one.groupId === groupId && one.currency === currency
  const expenses = (['expense', 'income'] as const).flatMap((kind) =>
    postedOf(context.expenses, kind)
      .filter((expense) => isOfAccount({ groupId: expense.groupId, currency: expense.posted.currency }))
      .map(({ id, day, title, payers, shares }): Line => {
        const [paid, borne] = [partOf(payers, member), partOf(shares, member)]
        const isIncome = kind === 'income'
        return {
          id,
          day,
          what: title,
          kind: isIncome ? 'Income' : 'Expense',
          credit: isIncome ? borne : paid,
          debit: isIncome ? paid : borne,
        }
      })
      .filter(({ credit, debit }) => credit !== null || debit !== null),
  )
  const payments = paymentsOf(sources.settlements)
    .filter(({ settlement }) => isOfAccount(settlement) && (settlement.payer === member || settlement.payee === member))
    .map(({ day, id, minor, method, settlement }): Line => {
      const isMade = settlement.payer === member
      const what = `${isMade ? `To ${within(nameOf(settlement.payee))}` : `From ${within(nameOf(settlement.payer))}`} (${METHOD_TEXT[method]})`
      return {
        id,
        day,
        what,
        kind: isMade ? 'Payment made' : 'Payment received',
        credit: isMade ? minor : null,
        debit: isMade ? null : minor,
      }
    })
  return byDay([...expenses, ...payments])
}

function accountSections(context: Context, account: Account, isOneOfSeveral: boolean): Section[] {
  const { sources, groupNameOf, options } = context
  const { currency, opening, other, closing, groupId } = account
  const cell = (minor: number | null): DraftCell => (minor === null ? null : minorOf(minor, currency))
  let balance = opening
  const lines = linesOf(context, account)
  const rows = lines.map(({ day, what, kind, credit, debit }): DraftCell[] => {
    balance = sum([balance, credit ?? 0, 0 - (debit ?? 0)])
    return [day, what, kind, cell(credit), cell(debit), cell(balance)]
  })
  const drawnBalances = balancesByDay(sources.span, opening, lines)
  const otherRow = [
    sources.span.to,
    'Entries that are not listed here',
    'Other changes',
    cell(other > 0 ? other : null),
    cell(other < 0 ? 0 - other : null),
    cell(closing),
  ]
  const name = isOneOfSeveral ? `${groupNameOf(groupId)} in ${currency}` : 'Account'
  const chart: Chart = {
    kind: 'line',
    title: `Balance${isOneOfSeveral ? `: ${name}` : ''}`,
    unit: currency,
    days: drawnBalances.map(({ day }) => day),
    series: [{ name: 'Balance', values: drawnBalances.map(({ minor }) => drawn(minor, currency)) }],
  }
  return [
    ...(options.includeCharts && lines.length > 1 ? [{ kind: 'chart' as const, chart }] : []),
    tableSection({
      title: isOneOfSeveral ? `Account: ${name}` : 'Running account',
      columns: [
        { header: 'Date', kind: 'date' },
        { header: 'What', kind: 'text', weight: 2 },
        { header: 'Kind', kind: 'text' },
        { header: 'Credit', kind: 'money', isSummed: true },
        { header: 'Debit', kind: 'money', isSummed: true },
        { header: 'Balance', kind: 'money' },
      ],
      rows: [
        [sources.span.from, 'Opening balance', null, null, null, cell(opening)],
        ...rows,
        ...(other === 0 ? [] : [otherRow]),
        [sources.span.to, 'Closing balance', null, null, null, cell(closing)],
      ],
    }),
    other === 0
      ? remark('Checked: the opening balance with all credits and without all debits is the closing balance.')
      : paragraph('The balance changed by more than the entries listed here; the line "Other changes" makes up for it.'),
  ]
}

/** The balance after each day on which it moved, and on the day before, so that its line goes up and down in steps. */
function balancesByDay({ from, to }: Span, opening: number, lines: readonly Line[]): { day: Day; minor: number }[] {
  const points = new Map<Day, number>([[from, opening]])
  let minor = opening
  for (const [day, some] of Map.groupBy(lines, (line) => line.day)) {
    if (day > from) points.set(addDays(day, -1), minor)
    minor = sum([minor, ...some.map(({ credit, debit }) => (credit ?? 0) - (debit ?? 0))])
    points.set(day, minor)
  }
  points.set(to, minor)
  return [...points].map(([day, value]) => ({ day, minor: value }))
}

/** Their shares by category, which is what the span cost them. */
function shareSections(context: Context, ids: ReadonlySet<MemberId>): Section[] {
  const shareOf = ({ shares, posted }: ReportExpense): Money =>
    minorOf(sum(shares.filter(({ member }) => ids.has(member)).map(({ minor }) => minor)), posted.currency)
  const borne = postedOf(context.expenses, 'expense').filter((expense) => shareOf(expense).minor !== 0)
  if (borne.length === 0) return []
  const totals = new Map(sumsBy(borne, shareOf).map(({ currency, minor }) => [currency, minor]))
  const parts = [...Map.groupBy(borne, ({ parentName, categoryName }) => parentName ?? categoryName ?? NO_CATEGORY)].sort(([a], [b]) =>
    compareText(a, b),
  )
  const rows = parts
    .flatMap(([label, some]) =>
      sumsBy(some, shareOf).map((money) => ({
        label,
        count: some.filter(({ posted }) => posted.currency === money.currency).length,
        money,
      })),
    )
    .sort((a, b) => compareText(a.money.currency, b.money.currency) || b.money.minor - a.money.minor)
  const charts = [...totals.keys()].map((currency): Chart => ({
    kind: 'donut',
    title: totals.size > 1 ? `Share by category in ${currency}` : 'Share by category',
    unit: currency,
    slices: rows
      .filter(({ money }) => money.currency === currency)
      .map(({ label, money }) => ({ label, value: drawn(money.minor, currency) })),
  }))
  return [
    ...(context.options.includeCharts ? charts.map((chart): Section => ({ kind: 'chart', chart })) : []),
    tableSection({
      title: 'Share by category',
      columns: [
        { header: 'Category', kind: 'text', weight: 2 },
        { header: 'Expenses', kind: 'number', isSummed: true },
        { header: 'Share', kind: 'money', isSummed: true },
        { header: '% of all', kind: 'number' },
      ],
      rows: rows.map(({ label, count, money }) => [
        label,
        count,
        money,
        percentOf(money.minor, totals.get(money.currency) ?? 0).toFixed(1),
      ]),
    }),
    remark(`${countText(borne.length, 'expense')} of ${listed(context.sources.groups.map(({ name }) => name))}.`),
  ]
}
