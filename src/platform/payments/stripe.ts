// Stripe, through its own library: cards kept with a customer, payments as PaymentIntents that are confirmed as they
// are made. The payer is there when it happens, so a bank that wants to hear from them is answered with an action.
import { Stripe } from 'stripe'
import { isCurrency, type Currency } from '../../domain/currency.ts'
import { isId, type Id } from '../../domain/ids.ts'
import type { StoredCard } from '../../domain/payment-method.ts'
import { CALLED_OFF, type ListedPayment, type ProviderWord, type Refund } from '../../domain/payment.ts'
import { SECOND, type Timestamp } from '../../domain/time.ts'
import type { Env } from '../../env.ts'
import { TOLERANCE_S, type CardRefusal, type Gateway, type GatewayEvent, type PayOrder } from './gateway.ts'
import { fromStripe, toStripe } from './stripe-units.ts'

type Intent = Stripe.PaymentIntent

const TIMEOUT_MS = 20 * SECOND
const PAGE = 100
/** With these Stripe says that it has done nothing and will not; 409 and 429 are about now, and 5xx tell nothing. */
const FINAL = new Set([400, 402, 404])

/** What Stripe says of a request that it has refused for good; whatever else went wrong is thrown. */
function refusalOf(error: unknown): Stripe.errors.StripeError {
  const isFinal =
    (error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError) &&
    FINAL.has(error.statusCode ?? 0)
  if (isFinal) return error
  throw error
}

const reasonOf = ({ decline_code: decline, code }: { readonly decline_code?: string; readonly code?: string }): string =>
  decline !== undefined && decline !== 'generic_decline' ? decline : (code ?? 'card_declined')

function connect({ STRIPE_SECRET_KEY: key = '', STRIPE_API_BASE: base }: Env): Stripe {
  const { protocol, hostname, port } = new URL(base || 'https://api.stripe.com')
  return new Stripe(key, {
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port !== '' && { port }),
    httpClient: Stripe.createFetchHttpClient(),
    // What is not answered is asked again by the outbox, under the same key.
    maxNetworkRetries: 0,
    timeout: TIMEOUT_MS,
    telemetry: false,
  })
}

const STATES: Readonly<Partial<Record<Intent['status'], ProviderWord['state']>>> = {
  succeeded: 'succeeded',
  canceled: 'failed',
  requires_payment_method: 'failed',
  requires_action: 'requires_action',
}
const stateOf = ({ status }: Intent): ProviderWord['state'] => STATES[status] ?? 'processing'

function currencyOf({ currency }: Intent): Currency {
  const code = currency.toUpperCase()
  if (!isCurrency(code)) throw new Error(`Stripe has a payment in ${code.slice(0, 10)}`)
  return code
}

const chargeOf = ({ latest_charge: charge }: Intent): { id?: string; refunded: number } =>
  charge === null || charge === undefined
    ? { refunded: 0 }
    : typeof charge === 'string'
      ? { id: charge, refunded: 0 }
      : { id: charge.id, refunded: charge.amount_refunded }

/** Stripe's word as ours. The refunds are those of another request. */
function wordOf(intent: Intent, refunds: readonly Refund[] = []): ProviderWord {
  const state = stateOf(intent)
  const currency = currencyOf(intent)
  const { id } = chargeOf(intent)
  const failed = intent.last_payment_error
  const error = {
    reason: intent.status === 'canceled' ? CALLED_OFF : failed === null || failed === undefined ? intent.status : reasonOf(failed),
    message: failed?.message ?? 'The payment was called off.',
  }
  const url = intent.next_action?.redirect_to_url?.url
  return {
    externalId: intent.id,
    state,
    minor: fromStripe(intent.amount, currency),
    currency,
    ...(state === 'succeeded' && id !== undefined && { transactionId: id }),
    ...(state === 'failed' && { error }),
    ...(state === 'requires_action' && { action: { clientSecret: intent.client_secret ?? '', ...(typeof url === 'string' && { url }) } }),
    refunds,
  }
}

export class StripeGateway implements Gateway {
  readonly name = 'stripe'
  readonly #env: Env
  readonly #now: Timestamp
  readonly #stripe: Stripe

  constructor(env: Env, now: Timestamp) {
    this.#env = env
    this.#now = now
    this.#stripe = connect(env)
  }

  attach = async (token: string, key: Id<'paymentMethod'>): Promise<StoredCard | CardRefusal> => {
    const once = (step: string) => ({ idempotencyKey: `${key}:${step}` })
    try {
      const { id: ref } = token.startsWith('tok_')
        ? await this.#stripe.paymentMethods.create({ type: 'card', card: { token } }, once('create'))
        : { id: token }
      const customer = await this.#stripe.customers.create({ metadata: { payment_method_id: key } }, once('customer'))
      const kept = await this.#stripe.paymentMethods.attach(ref, { customer: customer.id }, once('attach'))
      if (kept.card === undefined) return { reason: 'not_a_card', message: 'This is not a card', isDecline: false }
      const { brand, last4, exp_month, exp_year } = kept.card
      return { type: 'stripe', gateway: 'stripe', ref: kept.id, customer: customer.id, card: { brand, last4, exp_month, exp_year } }
    } catch (error) {
      const refused = refusalOf(error)
      return { reason: reasonOf(refused), message: refused.message, isDecline: refused instanceof Stripe.errors.StripeCardError }
    }
  }

  isKept = async ({ ref, customer }: StoredCard): Promise<boolean> => {
    try {
      return (await this.#stripe.paymentMethods.retrieve(ref)).customer === customer
    } catch (error) {
      refusalOf(error)
      return false
    }
  }

  pay = async ({ paymentId, minor, currency, card, about }: PayOrder): Promise<ProviderWord> => {
    const amount = toStripe(minor, currency)
    const refused = (reason: string, message: string): ProviderWord => ({
      state: 'failed',
      minor,
      currency,
      error: { reason, message },
      refunds: [],
    })
    if (amount === undefined) return refused('amount_unsupported', 'Stripe does not take this amount in this currency')
    try {
      const intent = await this.#stripe.paymentIntents.create(
        {
          amount,
          currency: currency.toLowerCase(),
          customer: card.customer,
          payment_method: card.ref,
          // With nothing that would leave for another site in the middle of a request.
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          confirm: true,
          metadata: about,
        },
        { idempotencyKey: paymentId },
      )
      return wordOf(intent)
    } catch (error) {
      const stated = refusalOf(error)
      return stated.payment_intent === undefined ? refused(reasonOf(stated), stated.message) : wordOf(stated.payment_intent)
    }
  }

  find = async (externalId: string): Promise<ProviderWord> => {
    const intent = await this.#stripe.paymentIntents.retrieve(externalId, { expand: ['latest_charge'] })
    return chargeOf(intent).refunded === 0 ? wordOf(intent) : wordOf(intent, await this.#refundsOf(intent))
  }

  // Listing is up to date at once; Stripe's search by metadata may be minutes behind.
  search = async (paymentId: Id<'payment'>, since: Timestamp): Promise<ProviderWord | undefined> => {
    for await (const intent of this.#intentsSince(since)) if (intent.metadata['payment_id'] === paymentId) return this.find(intent.id)
    return undefined
  }

  cancel = async (externalId: string): Promise<ProviderWord> => {
    try {
      await this.#stripe.paymentIntents.cancel(externalId)
    } catch (error) {
      // It may have come to its end meanwhile.
      refusalOf(error)
    }
    return this.find(externalId)
  }

  refund = async (externalId: string, paymentId: Id<'payment'>): Promise<{ refusal?: string }> => {
    try {
      await this.#stripe.refunds.create(
        { payment_intent: externalId, metadata: { payment_id: paymentId } },
        { idempotencyKey: `${paymentId}:refund` },
      )
      return {}
    } catch (error) {
      const refused = refusalOf(error)
      return refused.code === 'charge_already_refunded' ? {} : { refusal: refused.message }
    }
  }

  async *list(since: Timestamp): AsyncGenerator<ListedPayment> {
    for await (const intent of this.#intentsSince(since)) {
      if (!isId('payment', intent.metadata['payment_id'])) continue
      const currency = currencyOf(intent)
      yield {
        externalId: intent.id,
        about: intent.metadata,
        state: stateOf(intent),
        minor: fromStripe(intent.amount, currency),
        currency,
        refunded: fromStripe(chargeOf(intent).refunded, currency),
      }
    }
  }

  readWebhook = async (body: string, signature: string): Promise<GatewayEvent | undefined> => {
    const provider = Stripe.createSubtleCryptoProvider()
    try {
      const { id, data } = await this.#stripe.webhooks.constructEventAsync(
        ...([body, signature, this.#env.STRIPE_WEBHOOK_SECRET ?? '', TOLERANCE_S, provider, this.#now] as const),
      )
      const {
        object,
        id: about,
        payment_intent: intent,
        metadata,
      } = data.object as {
        object: string
        id: string
        payment_intent?: unknown
        metadata?: Record<string, string>
      }
      const externalId = object === 'payment_intent' ? about : typeof intent === 'string' ? intent : undefined
      const paymentId = metadata?.['payment_id']
      return { id, ...(externalId !== undefined && { externalId }), ...(isId('payment', paymentId) && { paymentId }) }
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined
      throw error
    }
  }

  #intentsSince(since: Timestamp): AsyncIterable<Intent> {
    const created = { gte: Math.floor(since / SECOND) }
    return this.#stripe.paymentIntents.list({ created, limit: PAGE, expand: ['data.latest_charge'] })
  }

  async #refundsOf(intent: Intent): Promise<Refund[]> {
    const refunds: Refund[] = []
    for await (const { id, status, amount } of this.#stripe.refunds.list({ payment_intent: intent.id, limit: PAGE }))
      if (status === 'succeeded') refunds.push({ id, minor: fromStripe(amount, currencyOf(intent)) })
    return refunds
  }
}
