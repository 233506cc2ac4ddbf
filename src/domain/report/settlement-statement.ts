// Every payment between members that was asked for or made, how it stands, and what would clear what is still open.
import type { Chart, Figure, Section } from '../document.ts'
import { sum, type Money } from '../money.ts'
import { isClosed, remainingOf } from '../settlement.ts'
import { compareText } from '../analytics/view.ts'
import { byDay, fielded, type Body, type Context } from './context.ts'
import { drawn, minorOf, moneyFigures, paragraph, remark, sumsBy, tableSection, textCell, type Draft } from './drafts.ts'
import { paymentDraft, paymentsOf, type Paid } from './payments.ts'
import type { ReportBalance, ReportPlan, ReportSettlement } from './sources.ts'
import { countText, dayText, spanText, STATUS_TEXT } from './words.ts'

/** What is still to be paid of it; nothing of one that has come to an end. */
const openOf = ({ status, amountMinor, paidMinor }: ReportSettlement): number =>
  isClosed(status) ? 0 : remainingOf({ amount: amountMinor, paid: paidMinor })

export function settlementStatement(context: Context): Body {
  const { sources } = context
  const settlements = byDay(sources.settlements)
  const payments = paymentsOf(settlements)
  const open = sources.closings.filter(({ minor }) => minor !== 0)
  return {
    figures: figuresOf(context, settlements, payments),
    sections: [
      ...(settlements.length === 0
        ? [paragraph(`Nothing was asked for or paid between members in ${spanText(sources.span)}.`)]
        : settlementSections(context, settlements, payments)),
      ...balanceSections(context, open),
      ...planSections(context, open),
    ],
  }
}

function figuresOf({ sources }: Context, settlements: readonly ReportSettlement[], payments: readonly Paid[]): Figure[] {
  const fallback = sources.groups[0]?.currency ?? sources.currency
  const waiting = settlements.filter((settlement) => openOf(settlement) > 0)
  const paid = sumsBy(payments, ({ minor, settlement }) => minorOf(minor, settlement.currency))
  const open = sumsBy(waiting, (settlement) => minorOf(openOf(settlement), settlement.currency))
  return [
    ...moneyFigures('Paid', paid, fallback, (count) => countText(count, 'payment')),
    ...moneyFigures('Asked for and not paid yet', open, fallback, (count) => countText(count, 'settlement')),
    {
      label: 'Settlements',
      value: settlements.length,
      note: `${settlements.filter(({ status }) => status === 'completed').length} of them paid`,
    },
  ]
}

function settlementSections(context: Context, settlements: readonly ReportSettlement[], payments: readonly Paid[]): Section[] {
  return [
    tableSection(stateDraft(context, settlements)),
    ...(payments.length === 0
      ? [paragraph(`No money moved between members in ${spanText(context.sources.span)}.`)]
      : [
          tableSection(paymentDraft(context, 'Payments made', payments)),
          remark('Each as it was posted, less what was refunded of it.'),
          tableSection(pairDraft(context, payments)),
        ]),
  ]
}

function stateDraft({ nameOf, groupNameOf, hasSeveralGroups }: Context, settlements: readonly ReportSettlement[]): Draft {
  return {
    title: 'Settlements and how they stand',
    ...fielded(settlements, [
      { column: { header: 'Asked on', kind: 'date' }, of: ({ day }) => day },
      { column: { header: 'From', kind: 'text' }, of: ({ payer }) => nameOf(payer) },
      { column: { header: 'To', kind: 'text' }, of: ({ payee }) => nameOf(payee) },
      hasSeveralGroups && { column: { header: 'Group', kind: 'text' }, of: ({ groupId }) => groupNameOf(groupId) },
      settlements.some(({ description }) => description.trim() !== '') && {
        column: { header: 'For', kind: 'text' },
        of: ({ description }) => textCell(description),
      },
      settlements.some(({ dueDay }) => dueDay !== undefined) && {
        column: { header: 'Due', kind: 'date' },
        of: ({ dueDay }) => dueDay ?? null,
      },
      { column: { header: 'State', kind: 'text' }, of: ({ status }) => STATUS_TEXT[status] },
      {
        column: { header: 'Amount', kind: 'money', isSummed: true },
        of: ({ amountMinor, currency }) => minorOf(amountMinor, currency),
      },
      {
        column: { header: 'Paid by now', kind: 'money', isSummed: true, currencyHeader: 'Currency of paid' },
        of: ({ paidMinor, currency }) => minorOf(paidMinor, currency),
      },
      {
        column: { header: 'Still open', kind: 'money', isSummed: true, currencyHeader: 'Currency of open' },
        of: (settlement) => minorOf(openOf(settlement), settlement.currency),
      },
    ]),
  }
}

/** Who paid whom how much: a row for each direction and currency, because what went back is a payment too. */
function pairDraft({ nameOf }: Context, payments: readonly Paid[]): Draft {
  const pairs = Map.groupBy(payments, ({ settlement: { payer, payee, currency } }) => `${nameOf(payer)}\n${nameOf(payee)}\n${currency}`)
  const rows = [...pairs]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, some]) => {
      const [first] = some
      if (first === undefined) return []
      const { payer, payee, currency } = first.settlement
      return [[nameOf(payer), nameOf(payee), some.length, minorOf(sum(some.map(({ minor }) => minor)), currency)]]
    })
  return {
    title: 'Who paid whom',
    columns: [
      { header: 'From', kind: 'text' },
      { header: 'To', kind: 'text' },
      { header: 'Payments', kind: 'number', isSummed: true },
      { header: 'Amount', kind: 'money', isSummed: true },
    ],
    rows,
  }
}

function balanceSections(context: Context, open: readonly ReportBalance[]): Section[] {
  const { sources, nameOf, groupNameOf, hasSeveralGroups } = context
  const last = dayText(sources.span.to)
  if (open.length === 0) return [paragraph(`Nobody owes anything: all balances after ${last} are 0.`)]
  const sorted = open.toSorted(
    (a, b) => compareText(groupNameOf(a.groupId), groupNameOf(b.groupId)) || compareText(a.currency, b.currency) || b.minor - a.minor,
  )
  const draft: Draft = {
    title: `Balances after ${last}`,
    ...fielded(sorted, [
      { column: { header: 'Member', kind: 'text', weight: 2 }, of: ({ member }) => nameOf(member) },
      hasSeveralGroups && { column: { header: 'Group', kind: 'text' }, of: ({ groupId }) => groupNameOf(groupId) },
      {
        column: { header: 'Is owed', kind: 'money', isSummed: true, currencyHeader: 'Currency owed to' },
        of: ({ minor, currency }) => (minor > 0 ? minorOf(minor, currency) : null),
      },
      {
        column: { header: 'Owes', kind: 'money', isSummed: true, currencyHeader: 'Currency owed by' },
        of: ({ minor, currency }) => (minor < 0 ? minorOf(-minor, currency) : null),
      },
    ]),
  }
  return [...chartsOf(context, sorted), tableSection(draft)]
}

/** More groups or currencies than these, and the table says it better. */
const MOST_CHARTS = 4

function chartsOf({ options, nameOf, groupNameOf, hasSeveralGroups }: Context, open: readonly ReportBalance[]): Section[] {
  const parts = [...Map.groupBy(open, ({ groupId, currency }) => `${hasSeveralGroups ? `${groupNameOf(groupId)}, ` : ''}${currency}`)]
  if (!options.includeCharts || parts.length > MOST_CHARTS) return []
  return parts.map(([label, some]): Section => {
    const bars = some.map(({ member, minor, currency }) => ({ label: nameOf(member), value: drawn(minor, currency) }))
    const unit = some[0]?.currency
    const chart: Chart = { kind: 'bar', title: `Open balances (${label})`, bars, ...(unit !== undefined && { unit }) }
    return { kind: 'chart', chart }
  })
}

function planSections(context: Context, open: readonly ReportBalance[]): Section[] {
  const { sources, nameOf, groupNameOf, hasSeveralGroups } = context
  const { plan } = sources
  if (plan === undefined || plan.steps.length === 0) return []
  const draft: Draft = {
    title: 'Payments that clear them',
    ...fielded(plan.steps, [
      { column: { header: 'From', kind: 'text', weight: 2 }, of: ({ from }) => nameOf(from) },
      { column: { header: 'To', kind: 'text', weight: 2 }, of: ({ to }) => nameOf(to) },
      hasSeveralGroups && { column: { header: 'Group', kind: 'text' }, of: ({ groupId }) => groupNameOf(groupId) },
      { column: { header: 'Amount', kind: 'money', isSummed: true }, of: ({ minor, currency }) => minorOf(minor, currency) },
    ]),
  }
  return [tableSection(draft), remark(planText(plan, open))]
}

function planText({ steps, isOptimal }: ReportPlan, open: readonly ReportBalance[]): string {
  if (!clears(steps, open)) return 'These payments were worked out for other balances than those above, and do not clear all of them.'
  return `With ${countText(steps.length, 'payment')} everybody is at 0.${isOptimal ? ' Fewer payments would not do it.' : ''}`
}

/** Whether the payments bring every one of the balances to zero, and open none. */
function clears(steps: ReportPlan['steps'], open: readonly ReportBalance[]): boolean {
  const left = new Map<string, number>()
  const add = (groupId: string, member: string, { currency, minor }: Money): void => {
    const key = `${groupId} ${member} ${currency}`
    left.set(key, (left.get(key) ?? 0) + minor)
  }
  for (const { groupId, member, currency, minor } of open) add(groupId, member, { currency, minor })
  for (const { groupId, from, to, minor, currency } of steps) {
    add(groupId, from, { currency, minor })
    add(groupId, to, { currency, minor: 0 - minor })
  }
  return [...left.values()].every((minor) => minor === 0)
}
