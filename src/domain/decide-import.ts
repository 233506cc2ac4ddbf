// The rules about what an import brings along: claims, comments and settlements as they were elsewhere. All of it is held
// against the same bounds as what is said here; only what came of it is not worked out anew.
import { claimLine, openClaims } from './claims.ts'
import { settlementAsked, speaksFor } from './decide-settlement.ts'
import { entryOf, refuse, type Decision, type Moment } from './decision.ts'
import type { ExpenseElsewhere, SettlementCommand, SettlementElsewhere } from './commands.ts'
import { failure, type Failure } from './errors.ts'
import type { Claims, MemberId, Split } from './expense.ts'
import { formatMinor } from './money.ts'
import { chargeable } from './pricing.ts'
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

/** The settlement as it was, with what was paid of it posted at once. */
export function importSettlement(m: Moment, { settlement: id, draft, was }: ImportSettlement): Decision {
  const asked = settlementAsked(m, id, draft)
  if (!asked.ok) return asked
  const payments = paymentsElsewhere(m, asked.value, was)
  if (!payments.ok) return payments
  const reported = readAmount(was.reported, asked.value.currency, 'reported')
  if (!reported.ok) return reported
  const paid = payments.value.reduce((sum, { minor, refunded }) => sum + minor - refunded, 0)
  const isDone = was.status === 'completed'
  if (isDone && paid < asked.value.amount) {
    const [expected, got] = [asked.value.amount, paid].map((minor) => formatMinor(minor, asked.value.currency))
    return err(
      failure('settlement.invalid', [
        {
          field: 'payments',
          message: 'A settlement that is completed was paid',
          code: 'NOT_PAID',
          expected: `at least ${expected}`,
          ...(got && { got }),
        },
      ]),
    )
  }
  const by = was.dispute === undefined ? undefined : chargeable(m, was.dispute.by, 'dispute.by')
  if (by !== undefined && !by.ok) return by
  const settlement: Settlement = {
    ...asked.value,
    paid,
    reported: reported.value,
    status: was.status,
    payments: payments.value,
    ...(isDone && { completedAt: m.at }),
    ...(by !== undefined && was.dispute && { dispute: { by: by.value, reason: was.dispute.reason } }),
  }
  return entryOf(m, paid > 0 ? 'settlement_paid' : 'settlement_requested', {
    settlements: [settlement],
    ...(paid > 0 && { postings: paymentPostings(settlement, paid) }),
  })
}

/** Takes the settlement back as if it had never been: what was posted of it, and the asking. */
export function withdrawSettlement(m: Moment, settlement: Settlement): Decision {
  if (settlement.createdBy !== m.self?.id) return refuse('settlement.forbidden')
  if (settlement.processing !== undefined || settlement.payments.some((payment) => payment.id !== undefined))
    return refuse('settlement.state', 'settlement_id', 'It was paid through a provider since; ask for a refund')
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
  return entryOf(m, settlement.paid > 0 ? 'settlement_undone' : 'settlement_cancelled', {
    settlements: [withdrawn],
    ...(settlement.paid > 0 && { reversal: paymentPostings(settlement, -settlement.paid) }),
  })
}
