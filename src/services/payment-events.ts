// Messages of providers. Their content is not believed: whatever they say, the provider is asked how it stands now, so it
// makes no difference in which order they come, how often, or whether.
import type { Surroundings } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { isTakenIn, takeIn } from '../db/inbox.ts'
import { adoptPayment, findPayment, findPaymentByExternal, promisePayment } from '../db/payments.ts'
import { AppError } from '../domain/errors.ts'
import type { GatewayName } from '../domain/payment.ts'
import { gatewaysOf } from './gateways.ts'
import { messagesOf } from './repeatable.ts'

/**
 * Takes the message in and promises to ask the provider. Answers whether there is something to do: not for a message that
 * came before, or is about no payment of ours. Throws `payment.signature`, `request.not_found` for no such provider.
 */
export async function receivePaymentEvent(
  at: Surroundings,
  name: GatewayName,
  { body, signature }: { readonly body: string; readonly signature: string },
): Promise<boolean> {
  const gateway = await gatewaysOf(at)(name)
  if (gateway === undefined) throw new AppError('request.not_found')
  const event = await gateway.readWebhook(body, signature)
  if (event === undefined) throw new AppError('payment.signature')
  const { paymentId, externalId } = event
  const named = paymentId && (await findPayment(at.db, paymentId))
  const payment = named ?? (externalId === undefined ? undefined : await findPaymentByExternal(at.db, name, externalId))
  // Of another deployment on the same account, or of a row that the reconcile will make again.
  if (payment === undefined) return false
  try {
    await runBatch(at.db, [
      takeIn(at.db, name, event.id, at.now),
      // Where it is at the provider may have been in the answer that was lost.
      ...(externalId === undefined ? [] : [adoptPayment(at.db, payment.id, externalId)]),
      promisePayment(at.db, payment.id, at.now),
    ])
    return true
  } catch (error) {
    if (messagesOf(error).some(isTakenIn)) return false
    throw error
  }
}
