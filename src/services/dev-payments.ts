// What a bank's page would be: where the payer of a sandbox payment approves or declines it. It exists under `local` only.
import type { Ctx } from '../context.ts'
import { findPayment } from '../db/payments.ts'
import { AppError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { Payment } from '../domain/payment.ts'
import { sandboxOf } from './gateways.ts'
import { settlePayment } from './settle-payment.ts'

/** A payment of the sandbox; throws `payment.not_found`, `request.not_found` unless local. */
export async function getDevPayment(ctx: Ctx, id: string): Promise<Payment> {
  if (sandboxOf(ctx) === undefined) throw new AppError('request.not_found')
  const payment = isId('payment', id) ? await findPayment(ctx.db, id) : undefined
  if (payment?.gateway !== 'sandbox') throw new AppError('payment.not_found')
  return payment
}

/** Does what the payer would: the sandbox takes it from there. Throws `payment.state` where nothing waits for them. */
export async function actOnDevPayment(ctx: Ctx, id: string, isApproved: boolean): Promise<Payment> {
  const payment = await getDevPayment(ctx, id)
  const hasActed = (await sandboxOf(ctx)?.act(payment.id, isApproved)) ?? false
  if (!hasActed) throw new AppError('payment.state')
  return (await settlePayment(ctx, payment.id)).payment
}
