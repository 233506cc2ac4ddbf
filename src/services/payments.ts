// Paying a settlement with a card, and having the money paid back. What is intended is stored before anybody else hears of
// it, and promised to come to an end; the request then only tries to be there when it does.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/payments.ts'
import { findSettlement } from '../db/settlements.ts'
import type { Currency } from '../domain/currency.ts'
import { errorText } from '../domain/error-text.ts'
import { AppError, staleFailure } from '../domain/errors.ts'
import type { SettlementCommand } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { CALLED_OFF, type GatewayName, type Payment } from '../domain/payment.ts'
import { SECOND } from '../domain/time.ts'
import { execute, valueOf } from './command.ts'
import { asked, gatewayOf, gatewaysOf, type Gateways } from './gateways.ts'
import { receivePaymentEvent as receive } from './payment-events.ts'
import { requireCard } from './payment-methods.ts'
import { commit } from './repeatable.ts'
import { settlePayment, type Settled } from './settle-payment.ts'

export interface PaymentOrder {
  readonly settlementId: Id<'settlement'>
  readonly methodId: Id<'paymentMethod'>
  /** Decimal text in the currency; all that is open, and the settlement's, where absent. */
  readonly amount?: string
  readonly currency?: Currency
}

/** The request itself goes first; who keeps promises takes over if it has not come to an end by then. */
const HEAD_START_MS = 20 * SECOND

/** The payment as it would begin; throws what the group would refuse. Nothing is stored. */
async function plan(ctx: Ctx, wanted: PaymentOrder, gateway: GatewayName, groupId: Id<'group'>): Promise<Payment> {
  const { userId } = signedIn(ctx)
  const { settlementId, methodId, amount, currency } = wanted
  const id = newId('payment')
  const command: SettlementCommand = {
    ...{ type: 'start_payment', settlement: settlementId, payment: id },
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency }),
  }
  const order = { commandId: newId('command'), actor: userId, command, ...(ctx.ifMatch !== undefined && { ifMatch: ctx.ifMatch }) }
  const started = valueOf(await execute(ctx, groupId, { order, isDryRun: true })).outcome.entry.settlements?.at(-1)
  if (started?.processing === undefined) throw new Error('a payment that starts is under way')
  return {
    ...{ id, settlementId, groupId, userId, methodId, gateway, minor: started.processing.minor, currency: started.currency },
    ...{ status: 'created', refunded: 0, createdAt: ctx.now, updatedAt: ctx.now, attempts: 0 },
  }
}

/** Who may not see the settlement is told that it is not there, before anything else is said. */
async function requireSettlement(ctx: Ctx, id: Id<'settlement'>) {
  const view = await findSettlement(ctx.db.$client, signedIn(ctx).userId, id)
  if (view === undefined) throw new AppError('settlement.not_found')
  return view
}

/** Goes on with it as far as it comes within the request. What fails here is only late: the promise stands. */
async function attempt(ctx: Ctx, id: Id<'payment'>, gateways: Gateways): Promise<Settled> {
  try {
    return await settlePayment(ctx, id, gateways)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'a payment waits', payment_id: id, error: errorText(error) }))
    const payment = await rows.findPayment(ctx.db, id)
    if (payment === undefined) throw error
    return { payment }
  }
}

/** Why nothing was moved, as a refusal. */
function refusalOf({ error }: Payment, field: string): AppError {
  const { code = 'payment.failed', reason = 'failed', message = '' } = error ?? {}
  return new AppError(code, [{ field, message, code: reason.toUpperCase() }])
}

/**
 * Pays a settlement with the caller's card, as its payer. The same request under the same key is about the same payment.
 * Throws what the group refuses, `payment_method.not_chargeable`, and the declines `payment.failed` and
 * `payment.insufficient_funds`, after which the settlement is open as before.
 */
export async function processPayment(ctx: Ctx, order: PaymentOrder, gateways: Gateways = gatewaysOf(ctx)): Promise<Settled> {
  const prepare = async (): Promise<Payment> => {
    const { group } = await requireSettlement(ctx, order.settlementId)
    const card = await requireCard(ctx, order.methodId)
    const { name } = await gatewayOf(gateways, card.gateway)
    return plan(ctx, order, name, group.id)
  }
  if (ctx.isDryRun) return { payment: { ...(await prepare()), status: 'processing' } }
  const id = await commit(ctx, async () => {
    const payment = await prepare()
    return { statements: rows.insertPayment(ctx.db, payment, ctx.now + HEAD_START_MS), outcome: payment.id }
  })
  const settled = await attempt(ctx, id, gateways)
  ctx.notes.hasEffects = true
  if (settled.payment.status === 'failed') throw refusalOf(settled.payment, 'payment_method_id')
  return settled
}

/** The payments that the caller has made, the newest first. */
export const listPayments = (ctx: Ctx, filter: rows.PaymentFilter, request: PageRequest): Promise<Page<Payment>> =>
  rows.listPayments(ctx.db, signedIn(ctx).userId, filter, request)

/** A payment in one of the caller's groups; throws `payment.not_found`. */
export async function getPayment(ctx: Ctx, id: Id<'payment'>): Promise<Payment> {
  const payment = await rows.findSeenPayment(ctx.db, signedIn(ctx).userId, id)
  if (payment === undefined) throw new AppError('payment.not_found')
  return payment
}

/**
 * Calls off the caller's payment that waits for them, which frees the settlement for another try. Answers the payment as it is
 * then: it may have come to its end meanwhile. Throws `settlement.forbidden`, `payment.state`.
 */
export async function cancelPayment(ctx: Ctx, id: Id<'payment'>, gateways: Gateways = gatewaysOf(ctx)): Promise<Payment> {
  const payment = await getPayment(ctx, id)
  if (payment.userId !== signedIn(ctx).userId)
    throw new AppError('settlement.forbidden', [
      { field: 'payment_id', message: 'To call it off is up to the payer', code: 'OTHER_SIDE', expected: 'payer' },
    ])
  if (payment.error?.reason === CALLED_OFF) return payment
  if (payment.status !== 'requires_action' || payment.externalId === undefined)
    throw new AppError('payment.state', [
      {
        field: 'status',
        message: 'Only a payment that waits for its payer is called off',
        code: 'WRONG_STATE',
        expected: 'requires_action',
        got: payment.status,
      },
    ])
  const gateway = await gatewayOf(gateways, payment.gateway)
  await asked(gateway.cancel(payment.externalId))
  return (await attempt(ctx, id, gateways)).payment
}

/** Throws unless the caller is who got the money, and it can be paid back. */
async function requireRefundable(ctx: Ctx, id: Id<'payment'>): Promise<Payment> {
  const payment = await getPayment(ctx, id)
  const { settlement, people } = await requireSettlement(ctx, payment.settlementId)
  if (people.get(settlement.payee)?.userId !== signedIn(ctx).userId)
    throw new AppError('settlement.forbidden', [
      { field: 'payment_id', message: 'A refund is up to the payee', code: 'OTHER_SIDE', expected: 'payee' },
    ])
  if (ctx.ifMatch !== undefined && ctx.ifMatch !== settlement.version) throw AppError.from(staleFailure(settlement.version, ctx.ifMatch))
  if (payment.status === 'completed') return payment
  throw new AppError('payment.state', [
    {
      field: 'status',
      message: 'Only a payment that has completed is refunded',
      code: 'WRONG_STATE',
      expected: 'completed',
      got: payment.status,
    },
  ])
}

/**
 * Has the provider pay back what is left of the payment, as its payee. What was posted is reversed when it has. Throws
 * `settlement.forbidden`, `payment.state`, and `payment.failed` where the provider refuses.
 */
export async function refundPayment(ctx: Ctx, id: Id<'payment'>, gateways: Gateways = gatewaysOf(ctx)): Promise<Payment> {
  if (ctx.isDryRun) return requireRefundable(ctx, id)
  await commit(ctx, async () => {
    await requireRefundable(ctx, id)
    return { statements: rows.askRefund(ctx.db, id, ctx.now, ctx.now + HEAD_START_MS), outcome: id }
  })
  const { payment } = await attempt(ctx, id, gateways)
  ctx.notes.hasEffects = true
  if (payment.error !== undefined) throw refusalOf(payment, 'payment_id')
  return payment
}

/** A provider's message; see `payment-events.ts`. */
export async function receivePaymentEvent(ctx: Ctx, gateway: GatewayName, message: { body: string; signature: string }): Promise<void> {
  if (await receive(ctx, gateway, message)) ctx.notes.hasEffects = true
}
