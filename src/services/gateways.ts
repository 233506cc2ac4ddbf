// Which providers there are here: Stripe where it has a key, and locally the sandbox.
import type { Surroundings } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { errorText } from '../domain/error-text.ts'
import { AppError } from '../domain/errors.ts'
import { GATEWAYS, type GatewayName } from '../domain/payment.ts'
import type { Gateway } from '../platform/payments/gateway.ts'
import { Sandbox } from '../platform/payments/sandbox.ts'

/** A provider by its name; undefined where it is not set up. */
export type Gateways = (name: GatewayName) => Promise<Gateway | undefined>

/** The sandbox; undefined anywhere but locally. */
export function sandboxOf(at: Surroundings): Sandbox | undefined {
  if (at.env.ENVIRONMENT !== 'local') return undefined
  const { env, now, origin, db } = at
  return new Sandbox({
    env,
    now,
    origin,
    announce: (paymentId, dueAt) => runBatch(db, [promiseEffect(db, newEffect({ kind: 'sandbox_event', paymentId }, dueAt))]),
  })
}

export function gatewaysOf(at: Surroundings): Gateways {
  return async (name) => {
    if (name === 'sandbox') return sandboxOf(at)
    if ((at.env.STRIPE_SECRET_KEY ?? '') === '') return undefined
    // Its library is large, and most isolates never need it.
    const { StripeGateway } = await import('../platform/payments/stripe.ts')
    return new StripeGateway(at.env, at.now)
  }
}

/** The provider; throws `payment.not_configured`. */
export async function gatewayOf(gateways: Gateways, name: GatewayName): Promise<Gateway> {
  const gateway = await gateways(name)
  if (gateway === undefined) throw new AppError('payment.not_configured')
  return gateway
}

/** The provider that new cards go to: the first that is set up. Throws `payment.not_configured`. */
export async function gatewayForNew(gateways: Gateways): Promise<Gateway> {
  for (const name of GATEWAYS) {
    const gateway = await gateways(name)
    if (gateway !== undefined) return gateway
  }
  throw new AppError('payment.not_configured')
}

/** What the provider answers; throws `service.busy` where it does not. For what is asked once: a payment is asked again. */
export async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'a provider of payments did not answer', error: errorText(error) }))
    throw new AppError('service.busy', [], { retryAfterS: 5 })
  }
}
