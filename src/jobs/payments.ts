// Payments that nobody waits for any more: the provider is asked again until it has said its last word.
import { findPayment } from '../db/payments.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import { isOpen, PATIENCE_MS, waitAfter } from '../domain/payment.ts'
import { gatewaysOf, sandboxOf, type Gateways } from '../services/gateways.ts'
import { receivePaymentEvent } from '../services/payment-events.ts'
import { settlePayment } from '../services/settle-payment.ts'
import type { JobContext, Kept } from './context.ts'

/** Brings the payment on; comes again while it is open, less and less often. After a week it is given up, to be looked at. */
export async function bringOn(at: JobContext, id: Id<'payment'>, gateways: Gateways = gatewaysOf(at)): Promise<Kept> {
  const before = await findPayment(at.db, id)
  if (before === undefined) return {}
  const openMs = at.now - (before.refundAskedAt ?? before.createdAt)
  const againAt = at.now + waitAfter(openMs)
  try {
    const { payment } = await settlePayment(at, id, gateways)
    if (!isOpen(payment)) return {}
  } catch (error) {
    if (openMs > PATIENCE_MS) throw error
    console.error(JSON.stringify({ level: 'error', message: 'a payment waits', payment_id: id, error: errorText(error) }))
  }
  if (openMs > PATIENCE_MS) throw new Error(`the payment ${id} does not come to an end`)
  return { againAt }
}

/** Sends the sandbox's message about a payment to where a provider's go: the same body, the same signature. */
export async function tellFromSandbox(at: JobContext, id: Id<'payment'>): Promise<void> {
  const event = await sandboxOf(at)?.eventOf(id)
  if (event !== undefined) await receivePaymentEvent(at, 'sandbox', event)
}
