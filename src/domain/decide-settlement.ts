// The rules about settlements: who may say what about a payment, and when money is posted for it. What people say is
// held against the state machine; what a provider says is a fact and always posted.
import { entryOf, refuse, refuseStale, type Decision, type Moment } from './decision.ts'
import { importSettlement, withdrawSettlement } from './decide-import.ts'
import { pinPlan } from './decide-plan.ts'
import { failure, type Failure } from './errors.ts'
import type { MemberId } from './expense.ts'
import { findMember, isPresent, type Entry, type EntryType } from './group.ts'
import type { Command, SettlementCommand, SettlementDraft } from './commands.ts'
import { formatMinor } from './money.ts'
import { readAmount } from './resolve.ts'
import { err, ok, type Result } from './result.ts'
import { allows } from './roles.ts'
import {
  isClosed,
  membersOn,
  paymentPostings,
  remainingOf,
  sidesFor,
  type Settlement,
  type SettlementAction,
  type SettlementPayment,
} from './settlement.ts'
import { DAY } from './time.ts'

type About = Exclude<SettlementCommand, { type: 'request_settlement' | 'import_settlement' | 'pin_plan' }>

export function decideSettlement(m: Moment, command: Command): Decision | undefined {
  if (command.type === 'request_settlement') return requestSettlement(m, command.settlement, command.draft)
  if (command.type === 'import_settlement') return importSettlement(m, command)
  if (command.type === 'pin_plan') return pinPlan(m, command)
  if (!('settlement' in command)) return undefined
  const settlement = m.book.settlement(command.settlement)
  if (settlement === undefined) return refuse('settlement.not_found')
  return refuseStale(m, settlement.version) ?? decideAbout(m, settlement, command)
}

function decideAbout(m: Moment, settlement: Settlement, command: About): Decision {
  switch (command.type) {
    case 'confirm_settlement':
      return confirm(m, settlement, command)
    case 'reject_settlement':
      return refuseAction(m, settlement, 'reject') ?? changed(m, 'settlement_rejected', settlement, { status: 'rejected' })
    case 'cancel_settlement':
      return refuseAction(m, settlement, 'cancel') ?? changed(m, 'settlement_cancelled', settlement, { status: 'cancelled', reported: 0 })
    case 'dispute_settlement':
      return dispute(m, settlement, command.reason)
    case 'resolve_settlement':
      return refuseAction(m, settlement, 'resolve') ?? changed(m, 'settlement_resolved', settlement, { status: 'pending', reported: 0 })
    case 'remind_settlement':
      return remind(m, settlement)
    case 'undo_settlement':
      return undo(m, settlement)
    case 'withdraw_settlement':
      return withdrawSettlement(m, settlement)
    case 'start_payment':
      return startPayment(m, settlement, command)
    case 'record_payment':
      return recordPayment(m, settlement, command)
    case 'fail_payment':
      return failPayment(m, settlement, command.payment)
    case 'refund_payment':
      return refundPayment(m, settlement, command)
  }
}

/** The settlement with these changes as of this entry; a dispute lasts as long as the status says so. */
function touched(m: Moment, settlement: Settlement, changes: Partial<Settlement>): Settlement {
  const { dispute: before, ...after } = { ...settlement, ...changes, updatedAt: m.at, version: m.book.state.seq + 1 }
  return after.status === 'disputed' && before !== undefined ? { ...after, dispute: before } : after
}

const changed = (m: Moment, type: EntryType, settlement: Settlement, changes: Partial<Settlement>, more: Partial<Entry> = {}): Decision =>
  entryOf(m, type, { settlements: [touched(m, settlement, changes)], ...more })

/** Whom the asking member may speak for: themselves, and as an admin for guests, who can't speak. */
export function speaksFor(m: Moment, member: MemberId): boolean {
  if (m.self?.id === member) return true
  const other = m.book.state.members.get(member)
  return m.self !== undefined && other !== undefined && other.userId === undefined && allows(m.self.role, 'member.change')
}

/** The refusal where the action is not open now, or not to who asks. */
function refuseAction(m: Moment, settlement: Settlement, action: SettlementAction): Decision | undefined {
  const sides = sidesFor(action, settlement.status)
  if (sides.length === 0)
    return err(
      failure('settlement.state', [
        {
          field: 'status',
          message: `A settlement that is ${settlement.status} does not take this: ${action}`,
          code: 'WRONG_STATE',
          got: settlement.status,
        },
      ]),
    )
  if (sides.some((side) => membersOn(side, settlement).some((member) => speaksFor(m, member)))) return undefined
  return err(
    failure('settlement.forbidden', [
      {
        field: 'settlement_id',
        message: `To ${action} it is up to the ${sides.join(' or the ')}`,
        code: 'OTHER_SIDE',
        expected: sides.join(' | '),
      },
    ]),
  )
}

function memberFor(m: Moment, ref: string, field: string): Result<MemberId, Failure> {
  const member = findMember(m.book.state, ref)
  if (member === undefined)
    return err(failure('member.not_found', [{ field, message: 'Nobody in the group has this id', code: 'NOT_A_MEMBER', got: ref }]))
  if (isPresent(member)) return ok(member.id)
  return err(failure('member.inactive', [{ field, message: `${member.name} has left the group`, code: 'LEFT', got: ref }]))
}

const invalid = (
  field: string,
  message: string,
  code: string,
  more: { expected?: string; got?: string; difference?: string } = {},
): Result<never, Failure> => err(failure('settlement.invalid', [{ field, message, code, ...more }]))

/** A positive amount, with refusals in the words of settlements. */
function amountOf(text: string, currency: Settlement['currency']): Result<number, Failure> {
  const read = readAmount(text, currency, 'amount')
  if (!read.ok) return err(failure('settlement.invalid', read.error.details))
  return read.value > 0 ? read : invalid('amount', 'Must be more than 0', 'TOO_SMALL', { got: text })
}

function requestSettlement(m: Moment, id: Settlement['id'], draft: SettlementDraft): Decision {
  const settlement = settlementAsked(m, id, draft)
  return settlement.ok ? entryOf(m, 'settlement_requested', { settlements: [settlement.value] }) : settlement
}

/** The settlement that the draft asks for, nothing paid. */
export function settlementAsked(m: Moment, id: Settlement['id'], draft: SettlementDraft): Result<Settlement, Failure> {
  const { self, info } = m
  if (self === undefined) return err(failure('group.forbidden'))
  const payer = draft.payer === undefined ? ok(self.id) : memberFor(m, draft.payer, 'payer_id')
  if (!payer.ok) return payer
  const payee = memberFor(m, draft.payee, 'payee_id')
  if (!payee.ok) return payee
  if (payer.value === payee.value) return invalid('payee_id', 'Nobody pays themselves', 'SAME_MEMBER')
  if (!speaksFor(m, payer.value) && !speaksFor(m, payee.value))
    return invalid('payer_id', 'One of the two must be you, or a guest whom you look after', 'NOT_A_SIDE')
  const currency = draft.currency ?? info.currency
  if (info.settings.currencies === 'converted' && currency !== info.currency)
    return invalid('currency', 'Balances are kept in the currency of the group', 'WRONG_CURRENCY', {
      expected: info.currency,
      got: currency,
    })
  const amount = amountOf(draft.amount, currency)
  if (!amount.ok) return amount
  return ok({
    id,
    groupId: info.id,
    payer: payer.value,
    payee: payee.value,
    amount: amount.value,
    currency,
    paid: 0,
    reported: 0,
    status: 'pending',
    method: draft.method ?? 'manual',
    description: draft.description ?? '',
    ...(draft.dueDate && { dueDate: draft.dueDate }),
    payments: [],
    createdBy: self.id,
    createdAt: m.at,
    updatedAt: m.at,
    version: m.book.state.seq + 1,
  })
}

/** Adds a payment and posts it; what reaches the amount completes the settlement. */
function posted(m: Moment, settlement: Settlement, payment: Omit<SettlementPayment, 'at' | 'seq' | 'refunded'>): Decision {
  const paid = settlement.paid + payment.minor
  const isDone = paid >= settlement.amount
  const { processing, ...others } = settlement
  const isOther = processing !== undefined && processing.payment !== payment.id
  const rest = isOther ? settlement : others
  // A provider's word may come after people have closed it: the money is posted, and the end stays what it was.
  const open = isOther ? 'processing' : 'pending'
  const status = isDone ? 'completed' : isClosed(settlement.status) ? settlement.status : open
  return changed(
    m,
    'settlement_paid',
    rest,
    {
      paid,
      reported: 0,
      status,
      method: payment.method,
      payments: [...settlement.payments, { ...payment, refunded: 0, at: m.at, seq: m.book.state.seq + 1 }],
      ...(isDone && { completedAt: m.at }),
    },
    { postings: paymentPostings(settlement, payment.minor) },
  )
}

/** What is to be paid now: as it was said, what was reported, or all that is open; never more than that. */
function amountToPay(settlement: Settlement, said: string | undefined, reported = 0): Result<number, Failure> {
  const open = remainingOf(settlement)
  const amount = said === undefined ? ok(reported || open) : amountOf(said, settlement.currency)
  if (!amount.ok || amount.value <= open) return amount
  const shown = (minor: number): string => formatMinor(minor, settlement.currency)
  return invalid('amount', 'This is more than is still open', 'TOO_LARGE', {
    expected: `at most ${shown(open)}`,
    got: shown(amount.value),
    difference: shown(amount.value - open),
  })
}

/** So many payments in part are kept with a settlement. */
const MOST_PAYMENTS = 100

function confirm(m: Moment, settlement: Settlement, command: Extract<SettlementCommand, { type: 'confirm_settlement' }>): Decision {
  const isReceived = command.as === undefined ? speaksFor(m, settlement.payee) : command.as === 'received'
  const refused = refuseAction(m, settlement, isReceived ? 'confirm' : 'report')
  if (refused !== undefined) return refused
  const amount = amountToPay(settlement, command.amount, settlement.reported)
  if (!amount.ok) return amount
  if (settlement.payments.length >= MOST_PAYMENTS)
    return invalid('amount', `A settlement is paid in at most ${MOST_PAYMENTS} parts`, 'TOO_MANY')
  if (!isReceived && m.info.settings.trustPayers === false)
    return changed(m, 'settlement_reported', settlement, {
      status: 'reported',
      reported: amount.value,
      method: command.method ?? settlement.method,
    })
  const gone = [settlement.payer, settlement.payee]
    .map((id) => m.book.state.members.get(id))
    .find((member) => member !== undefined && !isPresent(member))
  if (gone !== undefined) return refuse('member.inactive', 'settlement_id', `${gone.name} has left the group`)
  return posted(m, settlement, {
    minor: amount.value,
    method: command.method ?? settlement.method,
    notes: command.notes ?? '',
    ...(m.self && { by: m.self.id }),
  })
}

function dispute(m: Moment, settlement: Settlement, reason: string): Decision {
  const refused = refuseAction(m, settlement, 'dispute')
  if (refused !== undefined || m.self === undefined) return refused ?? refuse('group.forbidden')
  return changed(m, 'settlement_disputed', settlement, { status: 'disputed', dispute: { by: m.self.id, reason } })
}

function remind(m: Moment, settlement: Settlement): Decision {
  const refused = refuseAction(m, settlement, 'remind')
  if (refused !== undefined) return refused
  const { remindedAt } = settlement
  if (remindedAt !== undefined && m.at - remindedAt < DAY)
    return err({
      ...failure('settlement.reminded', [{ field: 'settlement_id', message: 'A payer is reminded once a day at most', code: 'TOO_SOON' }]),
      retryAfterS: Math.ceil((remindedAt + DAY - m.at) / 1000),
    })
  return changed(m, 'settlement_reminded', settlement, { remindedAt: m.at })
}

/** Takes back what people said was paid. What a provider moved, only the provider moves back. */
function undo(m: Moment, settlement: Settlement): Decision {
  const refused = refuseAction(m, settlement, 'undo')
  if (refused !== undefined) return refused
  if (settlement.payments.some((payment) => payment.id !== undefined))
    return refuse('settlement.state', 'settlement_id', 'It was paid through a provider; ask for a refund')
  const { completedAt: _, ...rest } = settlement
  const reversal = paymentPostings(settlement, -settlement.paid)
  return changed(m, 'settlement_undone', rest, { paid: 0, status: 'pending', payments: [] }, { reversal })
}

function startPayment(m: Moment, settlement: Settlement, command: Extract<SettlementCommand, { type: 'start_payment' }>): Decision {
  const refused = refuseAction(m, settlement, 'report')
  if (refused !== undefined) return refused
  if (command.currency !== undefined && command.currency !== settlement.currency)
    return invalid('currency', 'Must be the currency of the settlement', 'WRONG_CURRENCY', {
      expected: settlement.currency,
      got: command.currency,
    })
  const amount = amountToPay(settlement, command.amount)
  if (!amount.ok) return amount
  return changed(m, 'payment_started', settlement, { status: 'processing', processing: { payment: command.payment, minor: amount.value } })
}

function recordPayment(m: Moment, settlement: Settlement, command: Extract<SettlementCommand, { type: 'record_payment' }>): Decision {
  if (settlement.payments.some((payment) => payment.id === command.payment))
    return refuse('settlement.state', 'payment_id', 'This payment is in the ledger already')
  return posted(m, settlement, { id: command.payment, minor: command.minor, method: command.method, notes: '' })
}

function failPayment(m: Moment, settlement: Settlement, payment: SettlementPayment['id']): Decision {
  if (settlement.processing?.payment !== payment) return refuse('settlement.state', 'payment_id', 'This payment is not under way')
  const { processing: _, ...rest } = settlement
  return changed(m, 'payment_failed', rest, { status: 'pending' })
}

function refundPayment(m: Moment, settlement: Settlement, command: Extract<SettlementCommand, { type: 'refund_payment' }>): Decision {
  const payment = settlement.payments.find((one) => one.id === command.payment)
  const minor = Math.min(command.minor, payment === undefined ? 0 : payment.minor - payment.refunded)
  if (payment === undefined || minor <= 0)
    return refuse('settlement.state', 'payment_id', 'There is nothing left to refund of this payment')
  const payments = settlement.payments.map((one) => (one === payment ? { ...one, refunded: one.refunded + minor } : one))
  return changed(
    m,
    'payment_refunded',
    settlement,
    { paid: settlement.paid - minor, payments, status: 'refunded' },
    { reversal: paymentPostings(settlement, -minor) },
  )
}
