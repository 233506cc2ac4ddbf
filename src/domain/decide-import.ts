// The rules about what an import brings along: claims, comments and settlements as they were elsewhere. All of it is held
// against the same bounds as what is said here; only what came of it is not worked out anew.
import { claimLine, openClaims } from './claims.ts'
import { settlementAsked, speaksFor } from './decide-settlement.ts'
import { entryOf, refuse, type Decision, type Moment } from './decision.ts'
import type { ExpenseElsewhere, SettlementCommand, SettlementElsewhere } from './commands.ts'
import { failure, type Failure } from './errors.ts'
import type { Claims, MemberId, Split } from './expense.ts'
import { formatMinor } from './money.ts'
import { chargeable, isActive, nameOf } from './expense-moves.ts'
import { findMember, isPresent, MAX_MEMBERS } from './group.ts'
import { readAmount } from './resolve.ts'
import { err, ok, type Result } from './result.ts'
import { paymentPostings, type Settlement, type SettlementPayment } from './settlement.ts'

type ImportSettlement = Extract<SettlementCommand, { type: 'import_settlement' }>

const invalid = (code: 'expense.invalid' | 'settlement.invalid', field: string, message: string, detail: string): Result<never, Failure> =>
  err(failure(code, [{ field, message, code: detail }]))

/** The claims of an itemised expense as they were, each held against its line again. */
export function claimsElsewhere(m: Moment, split: Split, was: ExpenseElsewhere['claims']): Result<Claims | undefined, Failure> {
  if (was === undefined) return ok(undefined)
  if (split.type !== 'itemized' || split.items.length !== was.lines.length)
    return invalid('expense.invalid', 'claims', 'Claims belong to the lines of an itemised expense, one list for each', 'NOT_ITEMIZED')
  const bearer = chargeable(m, was.bearer, 'claims.bearer')
  if (!bearer.ok) return bearer
  let claims = openClaims(split, bearer.value)
  const others = was.lines.flat().map(({ member }) => findMember(m.book.state, member))
  // Nobody claims in the name of another user: then the shares stay as they were, and the claims are over.
  if (others.some((other) => other !== undefined && !speaksFor(m, other.id))) return ok(undefined)
  for (const [line, list] of was.lines.entries()) {
    for (const { member: ref, portion } of list) {
      const member = chargeable(m, ref, `claims.lines[${line}]`)
      if (!member.ok) return member
      const claimed = claimLine(claims, line, member.value, portion)
      if (!claimed.ok) return claimed
      claims = claimed.value
    }
  }
  return ok({ ...claims, isOpen: was.isOpen })
}

/** The member in whose name something is said here: oneself, or a guest, who has no voice of their own. */
export function speakerOf(m: Moment, ref: string): Result<MemberId, Failure> {
  const member = chargeable(m, ref, 'comment.by')
  if (!member.ok || speaksFor(m, member.value)) return member
  return err(failure('group.forbidden', [{ field: 'comment.by', message: 'Nobody speaks for another user', code: 'OTHER_USER' }]))
}

function paymentsElsewhere(m: Moment, { currency }: Settlement, was: SettlementElsewhere): Result<SettlementPayment[], Failure> {
  const payments: SettlementPayment[] = []
  for (const [i, { amount, refunded, method, notes }] of was.payments.entries()) {
    const [given, back] = [readAmount(amount, currency, `payments[${i}].amount`), readAmount(refunded, currency, `payments[${i}].refunded`)]
    if (!given.ok) return given
    if (!back.ok) return back
    if (given.value <= 0 || back.value < 0 || back.value > given.value)
      return invalid('settlement.invalid', `payments[${i}]`, 'A payment is more than 0, and no more of it is refunded', 'INVALID_VALUE')
    const by = m.self && { by: m.self.id }
    payments.push({ minor: given.value, refunded: back.value, method, notes, ...by, at: m.at, seq: m.book.state.seq + 1 })
  }
  return ok(payments)
}

const OPEN: ReadonlySet<SettlementElsewhere['status']> = new Set(['pending', 'reported', 'disputed'])

/** The refusal where the status contradicts what was paid, or more was paid than anybody may say who is not the payee. */
function refuseSums(m: Moment, { amount, currency, payee }: Settlement, { status }: SettlementElsewhere, paid: number, reported: number) {
  const text = (minor: number): string => formatMinor(minor, currency)
  const wrong = (message: string, code: string, expected: string, got: number) =>
    err(failure('settlement.invalid', [{ field: 'payments', message, code, expected, got: text(got), difference: text(got - amount) }]))
  if (status === 'completed' && paid < amount)
    return wrong('A settlement that is completed was paid', 'NOT_PAID', `at least ${text(amount)}`, paid)
  if (OPEN.has(status) && paid >= amount)
    return wrong(`A settlement that is ${status} is not paid yet`, 'PAID', `less than ${text(amount)}`, paid)
  if (paid + reported > amount && !speaksFor(m, payee))
    return wrong('Only the payee says that more came than was asked for', 'TOO_LARGE', `at most ${text(amount)}`, paid + reported)
  return undefined
}

/** Whether what was paid is posted at once: on the word of the payee, or of the payer where the group trusts payers. */
const isTaken = (m: Moment, { payer, payee }: Settlement): boolean =>
  speaksFor(m, payee) || (speaksFor(m, payer) && m.info.settings.trustPayers !== false)

/** A dispute in the name of whoever had it, where whoever imports may speak for them; otherwise it is not taken along. */
function disputeElsewhere(m: Moment, dispute: SettlementElsewhere['dispute']): Result<Settlement['dispute'], Failure> {
  if (dispute === undefined) return ok(undefined)
  const by = chargeable(m, dispute.by, 'dispute.by')
  if (!by.ok) return by
  return ok(speaksFor(m, by.value) ? { by: by.value, reason: dispute.reason } : undefined)
}

/** The settlement as it was, with what was paid of it posted at once; reported only, where the payee has to say so first. */
export function importSettlement(m: Moment, { settlement: id, draft, was }: ImportSettlement): Decision {
  const asked = settlementAsked(m, id, draft)
  if (!asked.ok) return asked
  const payments = paymentsElsewhere(m, asked.value, was)
  if (!payments.ok) return payments
  const reported = readAmount(was.reported, asked.value.currency, 'reported')
  if (!reported.ok) return reported
  const paid = payments.value.reduce((total, { minor, refunded }) => total + minor - refunded, 0)
  const refused = refuseSums(m, asked.value, was, paid, reported.value)
  if (refused !== undefined) return refused
  const dispute = disputeElsewhere(m, was.dispute)
  if (!dispute.ok) return dispute
  if (paid > 0 && !isTaken(m, asked.value))
    return entryOf(m, 'settlement_reported', { settlements: [{ ...asked.value, status: 'reported', reported: paid }] })
  const settlement: Settlement = {
    ...asked.value,
    paid,
    reported: reported.value,
    status: was.status === 'disputed' && dispute.value === undefined ? 'pending' : was.status,
    payments: payments.value,
    ...(was.status === 'completed' && { completedAt: m.at }),
    ...(was.status === 'disputed' && dispute.value && { dispute: dispute.value }),
  }
  return entryOf(m, paid > 0 ? 'settlement_paid' : 'settlement_requested', {
    settlements: [settlement],
    ...(paid > 0 && { postings: paymentPostings(settlement, paid) }),
  })
}

/** Takes the settlement back as if it had never been: what was posted of it, and the asking. */
export function withdrawSettlement(m: Moment, settlement: Settlement): Decision {
  const { payer, payee, paid } = settlement
  if (settlement.createdBy !== m.self?.id) return refuse('settlement.forbidden')
  if (settlement.processing !== undefined || settlement.payments.some((payment) => payment.id !== undefined))
    return refuse('settlement.state', 'settlement_id', 'It was paid through a provider since; ask for a refund')
  // Whoever has left was square when they went, and nobody could settle with them what this would open again.
  const gone = paid > 0 ? [payer, payee].find((member) => !isActive(m, member)) : undefined
  if (gone !== undefined)
    return refuse('member.inactive', 'settlement_id', `${nameOf(m, gone)} has left the group, and this would open their balance again`)
  const { completedAt: _, dispute: __, ...rest } = settlement
  const withdrawn: Settlement = {
    ...rest,
    paid: 0,
    reported: 0,
    payments: [],
    status: 'cancelled',
    updatedAt: m.at,
    version: m.book.state.seq + 1,
  }
  return entryOf(m, paid > 0 ? 'settlement_undone' : 'settlement_cancelled', {
    settlements: [withdrawn],
    ...(paid > 0 && { reversal: paymentPostings(settlement, -paid) }),
  })
}

/** Lets a guest in again who had come with an import and left, so that what it brought can be taken back. */
export function reinstateMember(m: Moment, ref: string): Decision {
  const member = findMember(m.book.state, ref)
  if (member === undefined || member.userId !== undefined) return refuse('member.not_found')
  if (isPresent(member)) return refuse('member.duplicate')
  if ([...m.book.state.members.values()].filter(isPresent).length >= MAX_MEMBERS) return refuse('group.full')
  const { endedAt: _, ...rest } = member
  return entryOf(m, 'member_added', { members: [{ ...rest, status: 'active' }] })
}
