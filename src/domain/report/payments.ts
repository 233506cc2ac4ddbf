// Payments between members, as the statements list them.
import { byDay, fielded, type Context } from './context.ts'
import { minorOf, textCell, type Draft } from './drafts.ts'
import type { ReportPayment, ReportSettlement } from './sources.ts'
import { METHOD_TEXT } from './words.ts'

/** Money that moved, with the settlement it was for. */
export interface Paid extends ReportPayment {
  readonly id: string
  readonly settlement: ReportSettlement
}

/** All that moved in the span, by day. */
export const paymentsOf = (settlements: readonly ReportSettlement[]): Paid[] =>
  byDay(settlements.flatMap((settlement) => settlement.payments.map((payment) => ({ ...payment, id: settlement.id, settlement }))))

export function paymentDraft(context: Context, title: string, payments: readonly Paid[]): Draft {
  const { nameOf, groupNameOf, hasSeveralGroups } = context
  return {
    title,
    ...fielded(payments, [
      { column: { header: 'Date', kind: 'date' }, of: ({ day }) => day },
      { column: { header: 'From', kind: 'text' }, of: ({ settlement }) => nameOf(settlement.payer) },
      { column: { header: 'To', kind: 'text' }, of: ({ settlement }) => nameOf(settlement.payee) },
      hasSeveralGroups && { column: { header: 'Group', kind: 'text' }, of: ({ settlement }) => groupNameOf(settlement.groupId) },
      payments.some(({ settlement }) => settlement.description.trim() !== '') && {
        column: { header: 'For', kind: 'text' },
        of: ({ settlement }) => textCell(settlement.description),
      },
      { column: { header: 'How', kind: 'text' }, of: ({ method }) => METHOD_TEXT[method] },
      {
        column: { header: 'Amount', kind: 'money', isSummed: true },
        of: ({ minor, settlement }) => minorOf(minor, settlement.currency),
      },
    ]),
  }
}
