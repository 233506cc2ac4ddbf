// Brings a payment on: from the intent to the group, to the provider, and with the provider's word into the ledger. It can
// stop anywhere and be begun again by anybody, also by two at once: every step is done once, by the id it is done under.
import type { Surroundings } from '../context.ts'
import { findMethodEver } from '../db/payment-methods.ts'
import { findPayment, isCommandWritten, notePayment, sendPayment, type PaymentChange } from '../db/payments.ts'
import { stableId } from '../db/stable-id.ts'
import { AppError, type ErrorCode, type Failure } from '../domain/errors.ts'
import type { SettlementCommand } from '../domain/commands.ts'
import type { Id } from '../domain/ids.ts'
import { formatMinor } from '../domain/money.ts'
import type { MethodSecret } from '../domain/payment-method.ts'
import {
  ACTION_MS,
  declineCode,
  isOpen,
  KEY_MS,
  refundedOf,
  statusAfter,
  type Payment,
  type PaymentError,
  type ProviderWord,
} from '../domain/payment.ts'
import { HOUR } from '../domain/time.ts'
import type { Gateway } from '../platform/payments/gateway.ts'
import { unseal } from '../platform/vault.ts'
import { execute } from './command.ts'
import { gatewayOf, gatewaysOf, type Gateways } from './gateways.ts'

/** How a payment stands, and what its payer has to do next. */
export interface Settled {
  readonly payment: Payment
  readonly action?: NonNullable<ProviderWord['action']>
}

/** Refusals that are about now and not about the command. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['service.busy', 'internal', 'group.frozen'])

/** Has the group carry the command out once, whoever else is at it. Answers why it never will; throws where it may yet. */
async function runOnce(
  at: Surroundings,
  { id, groupId }: Payment,
  word: string,
  command: SettlementCommand,
  actor?: Id<'user'>,
): Promise<Failure | undefined> {
  const commandId = stableId('command', id, word)
  if (await isCommandWritten(at.db.$client, groupId, commandId)) return undefined
  const result = await execute(at, groupId, { order: { commandId, command, ...(actor && { actor }) } })
  // A refusal may be because of somebody who was quicker with the same command.
  if (result.ok || (await isCommandWritten(at.db.$client, groupId, commandId))) return undefined
  if (PASSING.has(result.error.code)) throw AppError.from(result.error)
  return result.error
}

async function note(
  at: Surroundings,
  payment: Payment,
  status: Payment['status'],
  change: Omit<PaymentChange, 'updatedAt'>,
): Promise<Payment> {
  return (await notePayment(at.db, payment.id, status, { ...change, updatedAt: at.now })) ?? payment
}

/** Frees the settlement of a payment that came to nothing. It is none of our business if another is under way by now. */
const release = async (at: Surroundings, payment: Payment): Promise<void> =>
  void (await runOnce(at, payment, 'failed', { type: 'fail_payment', settlement: payment.settlementId, payment: payment.id }))

/** Step 1: the group knows that a payment is under way, or refuses it. */
async function start(at: Surroundings, payment: Payment): Promise<Payment> {
  const { id, settlementId, minor, currency, userId } = payment
  const command = { type: 'start_payment', settlement: settlementId, payment: id, amount: formatMinor(minor, currency), currency } as const
  const refused = await runOnce(at, payment, 'start', command, userId)
  if (refused !== undefined) {
    const [detail] = refused.details
    const error: PaymentError = { code: refused.code, reason: detail?.code ?? 'REFUSED', message: detail?.message ?? '' }
    // Whoever has sent it meanwhile knows better.
    return (await notePayment(at.db, id, 'failed', { error, updatedAt: at.now }, ['created'])) ?? payment
  }
  return (await sendPayment(at.db, id, at.now)) ?? payment
}

/** The card of the payment, as the provider knows it. */
async function cardOf(at: Surroundings, { userId, methodId }: Payment): Promise<Extract<MethodSecret, { type: 'stripe' }>> {
  const kept = await findMethodEver(at.db, userId, methodId)
  const secret = kept && (JSON.parse(await unseal(at.env.SECRET, 'payment-details', methodId, kept.sealed)) as MethodSecret)
  if (secret?.type !== 'stripe') throw new Error('a payment is by card')
  return secret
}

/** What is written on the payment at the provider: enough to make our row again. */
const aboutPayment = ({ id, settlementId, groupId, userId, methodId }: Payment): Readonly<Record<string, string>> => ({
  payment_id: id,
  settlement_id: settlementId,
  group_id: groupId,
  user_id: userId,
  method_id: methodId,
})

/** Step 2: what the provider says. A payment that may be there is never begun under another key. */
async function ask(at: Surroundings, gateway: Gateway, payment: Payment, sentAt: number): Promise<ProviderWord | undefined> {
  const { id: paymentId, minor, currency, externalId } = payment
  if (externalId !== undefined) return gateway.find(externalId)
  // The provider has refused to begin it.
  if (!isOpen(payment)) return undefined
  if (at.now - sentAt < KEY_MS)
    return gateway.pay({ paymentId, minor, currency, card: await cardOf(at, payment), about: aboutPayment(payment) })
  const nothing = { reason: 'expired', message: 'The provider does not know of the payment' }
  return (await gateway.search(paymentId, sentAt - HOUR)) ?? { state: 'failed', minor, currency, error: nothing, refunds: [] }
}

/** The word on a payment that may have waited too long for its payer, or was declined after asking them. */
async function askPatiently(at: Surroundings, gateway: Gateway, payment: Payment, sentAt: number): Promise<ProviderWord | undefined> {
  const word = await ask(at, gateway, payment, sentAt)
  if (word?.externalId === undefined) return word
  const isOverdue = word.state === 'requires_action' && at.now - sentAt > ACTION_MS
  // The payer holds a secret with which a declined payment could be tried again, beside another one.
  const isRetriable = word.state === 'failed' && payment.status === 'requires_action'
  return isOverdue || isRetriable ? gateway.cancel(word.externalId) : word
}

/** Step 3: the ledger follows the word, and then the row. */
async function obey(at: Surroundings, payment: Payment, word: ProviderWord): Promise<Payment> {
  const { id, settlementId: settlement } = payment
  const external = { ...(word.externalId !== undefined && { externalId: word.externalId }) }
  if (word.state === 'processing' || word.state === 'requires_action') return note(at, payment, word.state, external)
  if (word.state === 'failed') {
    const { reason = 'failed', message = '' } = word.error ?? {}
    await release(at, payment)
    return note(at, payment, 'failed', { ...external, error: { code: declineCode(reason), reason, message } })
  }
  if (word.currency !== payment.currency || word.minor !== payment.minor) alertOf(payment, word)
  if (word.currency !== payment.currency) throw new Error('the provider took another currency than was asked for')
  await expectRun(at, payment, 'paid', { type: 'record_payment', settlement, payment: id, minor: word.minor, method: 'stripe' })
  for (const refund of word.refunds)
    await expectRun(at, payment, refund.id, { type: 'refund_payment', settlement, payment: id, minor: refund.minor })
  const refunded = refundedOf(word)
  return note(at, payment, statusAfter(word), {
    ...external,
    ...(word.transactionId !== undefined && { transactionId: word.transactionId }),
    ...(refunded >= word.minor && { refundAskedAt: null }),
    processedAt: payment.processedAt ?? at.now,
    minor: word.minor,
    refunded,
  })
}

async function expectRun(at: Surroundings, payment: Payment, word: string, command: SettlementCommand): Promise<void> {
  const refused = await runOnce(at, payment, word, command)
  if (refused !== undefined) throw AppError.from(refused)
}

/** Somebody has to look: money moved that nobody asked for. */
const alertOf = ({ id, minor, currency }: Payment, word: { readonly minor: number; readonly currency: string }): void =>
  console.error(
    JSON.stringify({
      level: 'alert',
      message: 'a provider moved another amount than was asked for',
      payment_id: id,
      asked: `${minor} ${currency}`,
      moved: `${word.minor} ${word.currency}`,
    }),
  )

/** Asks for the refund that is wanted. What the provider refuses is wanted no more: answers the payment as noted then. */
async function refund(at: Surroundings, gateway: Gateway, payment: Payment): Promise<Payment | undefined> {
  const { externalId, refundAskedAt, status, id } = payment
  if (refundAskedAt === undefined || status !== 'completed' || externalId === undefined) return undefined
  const { refusal } = await gateway.refund(externalId, id)
  if (refusal === undefined) return undefined
  const error: PaymentError = { code: 'payment.failed', reason: 'refund_refused', message: refusal }
  return note(at, payment, 'completed', { refundAskedAt: null, error })
}

/**
 * Brings the payment as far as it goes now and answers how it stands. Throws what could not be asked or written, after
 * which nothing is lost: whoever calls this again goes on from there. Throws `payment.not_found`.
 */
export async function settlePayment(at: Surroundings, id: Id<'payment'>, gateways: Gateways = gatewaysOf(at)): Promise<Settled> {
  const known = await findPayment(at.db, id)
  if (known === undefined) throw new AppError('payment.not_found')
  const started = known.status === 'created' ? await start(at, known) : known
  if (started.sentAt === undefined) {
    // Refused, or given up by somebody who was refused while the group took it from somebody else.
    if (await isCommandWritten(at.db.$client, started.groupId, stableId('command', id, 'start'))) await release(at, started)
    return { payment: started }
  }
  const gateway = await gatewayOf(gateways, started.gateway)
  const refused = await refund(at, gateway, started)
  if (refused !== undefined) return { payment: refused }
  const word = await askPatiently(at, gateway, started, started.sentAt)
  if (word === undefined) return { payment: started }
  const after = await obey(at, started, word)
  return { payment: after, ...(word.action && after.status === 'requires_action' && { action: word.action }) }
}
