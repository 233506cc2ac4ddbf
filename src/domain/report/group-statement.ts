// A group in the span as a statement of accounts: what was open, what moved it, what is open now - for each currency by
// itself, because balances of two currencies are two balances.
import type { Currency } from '../currency.ts'
import type { Chart, Figure, Section } from '../document.ts'
import { sum } from '../money.ts'
import { accountsOf, type Account } from './accounts.ts'
import { balanceDraft, formulaOf } from './balances.ts'
import { postedOf, type Body, type Context } from './context.ts'
import { MOST_CURRENCIES, drawn, heading, minorOf, moneyFigures, paragraph, remark, sumsBy, tableSection } from './drafts.ts'
import { pendingDraft } from './entries.ts'
import { paymentDraft, paymentsOf } from './payments.ts'
import { sharesSections } from './shares.ts'
import type { ReportExpense, ReportGroup } from './sources.ts'
import { countText, dayText, moneyText, spanText } from './words.ts'

export function groupStatement(context: Context): Body {
  const { sources } = context
  const accounts = accountsOf(sources)
  const pending = pendingDraft(context)
  const parts = sources.groups.map((group) =>
    groupSections(
      context,
      group,
      accounts.filter(({ groupId }) => groupId === group.id),
    ),
  )
  const hasMany = sources.groups.length > 1
  const sections = parts.flatMap((part, i) => {
    const title = heading(sources.groups[i]?.name ?? '', i > 0)
    return hasMany ? [title, ...part] : part
  })
  return { figures: figuresOf(context, accounts), sections: [...sections, ...(pending === undefined ? [] : [tableSection(pending)])] }
}

function figuresOf(context: Context, accounts: readonly Account[]): Figure[] {
  const { sources, expenses } = context
  const fallback = sources.groups[0]?.currency ?? sources.currency
  const spent = postedOf(expenses, 'expense')
  const earned = postedOf(expenses, 'income')
  const payments = paymentsOf(sources.settlements)
  const open = sumsBy(
    accounts.filter(({ closing }) => closing > 0),
    ({ closing, currency }) => minorOf(closing, currency),
  )
  const posted = ({ posted: { minor, currency } }: ReportExpense) => minorOf(minor, currency)
  const [spentSums, paidSums] = [sumsBy(spent, posted), sumsBy(payments, ({ minor, settlement }) => minorOf(minor, settlement.currency))]
  const hasFew = new Set(accounts.map(({ currency }) => currency)).size <= MOST_CURRENCIES
  return [
    ...moneyFigures('Spent', spentSums, fallback, (count) => countText(count, 'expense')),
    ...(earned.length === 0 || !hasFew
      ? []
      : moneyFigures('Income', sumsBy(earned, posted), fallback, (count) => countText(count, 'entry', 'entries'))),
    ...(hasFew ? moneyFigures('Paid between members', paidSums, fallback, (count) => countText(count, 'payment')) : []),
    ...moneyFigures('Open at the end', open, fallback, () => 'What members owe each other'),
  ]
}

function groupSections(context: Context, group: ReportGroup, accounts: readonly Account[]): Section[] {
  const { sources } = context
  const ofGroup = context.expenses.filter(({ groupId }) => groupId === group.id)
  const payments = paymentsOf(sources.settlements.filter(({ groupId }) => groupId === group.id))
  const [spent, earned] = [postedOf(ofGroup, 'expense'), postedOf(ofGroup, 'income')]
  const currencies = [...new Set(accounts.map(({ currency }) => currency))].sort()
  if (currencies.length === 0) return [paragraph(`Nothing was recorded in ${spanText(sources.span)}, and nobody owed anything.`)]
  return currencies.flatMap((currency): Section[] => {
    const own = (all: readonly ReportExpense[]) => all.filter(({ posted }) => posted.currency === currency)
    const moved = payments.filter(({ settlement }) => settlement.currency === currency)
    const suffix = currencies.length > 1 ? ` in ${currency}` : ''
    return [
      ...(currencies.length > 1 ? [heading(currency)] : []),
      ...balanceSections(
        context,
        accounts.filter((account) => account.currency === currency),
        currency,
        suffix,
      ),
      ...(own(spent).length === 0 ? [remark(`No expenses in ${currency}.`)] : sharesSections(context, `Expenses${suffix}`, own(spent))),
      ...(own(earned).length === 0 ? [] : sharesSections(context, `Income${suffix}`, own(earned), 'income')),
      ...(moved.length === 0
        ? [remark(`No payments between members in ${currency}.`)]
        : [tableSection(paymentDraft(context, `Payments${suffix}`, moved))]),
    ]
  })
}

function balanceSections(context: Context, accounts: readonly Account[], currency: Currency, suffix: string): Section[] {
  const { sources, options, nameOf } = context
  const all = accounts.toSorted((a, b) => b.closing - a.closing || (nameOf(a.member) < nameOf(b.member) ? -1 : 1))
  const chart: Chart = {
    kind: 'bar',
    title: `Balances at the end${suffix}`,
    unit: currency,
    bars: all
      .filter(({ closing }) => closing !== 0)
      .map(({ member, closing }) => ({ label: nameOf(member), value: drawn(closing, currency) })),
  }
  return [
    ...(options.includeCharts && chart.bars.length > 0 ? [{ kind: 'chart' as const, chart }] : []),
    tableSection(balanceDraft(`Balances${suffix}`, { header: 'Member', of: ({ member }) => nameOf(member) }, all)),
    remark(
      `${formulaOf(all)} The opening is what was open before ${dayText(sources.span.from)}, the closing after ${dayText(sources.span.to)}. ` +
        `Above zero the member is owed it, below zero the member owes it.${checkedText(all, currency)}`,
    ),
    ...faultsOf(all, currency),
  ]
}

const changedOf = (accounts: readonly Account[]): Account[] => accounts.filter(({ other }) => other !== 0)
const closingSum = (accounts: readonly Account[]): number => sum(accounts.map(({ closing }) => closing))

/** What was found to be right. */
function checkedText(accounts: readonly Account[], currency: Currency): string {
  const follows = 'every closing balance is its opening balance with everything that is listed here'
  const isSquare = `the closing balances in ${currency} sum to 0`
  const right = [...(changedOf(accounts).length === 0 ? [follows] : []), ...(closingSum(accounts) === 0 ? [isSquare] : [])]
  return right.length === 0 ? '' : ` Checked: ${right.join('; ')}.`
}

/** What was not, said plainly. */
function faultsOf(accounts: readonly Account[], currency: Currency): Section[] {
  const [off, changed] = [closingSum(accounts), changedOf(accounts)]
  return [
    ...(changed.length === 0
      ? []
      : [
          paragraph(
            `The balances of ${countText(changed.length, 'member')} changed by more than the entries listed here. The column "Other changes" says by how much.`,
          ),
        ]),
    ...(off === 0 ? [] : [paragraph(`The closing balances in ${currency} sum to ${moneyText(off, currency)} instead of 0.`)]),
  ]
}
