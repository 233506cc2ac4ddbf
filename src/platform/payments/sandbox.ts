// The provider that comes with us: no money, but cards that behave as Stripe documents its test cards, payments that
// settle later or wait for the payer, refunds, and signed messages. What it knows is in a table of its own.
import type { Currency } from '../../domain/currency.ts'
import { isId, type Id } from '../../domain/ids.ts'
import type { Card, StoredCard } from '../../domain/payment-method.ts'
import { CALLED_OFF, type ListedPayment, type ProviderWord } from '../../domain/payment.ts'
import { MINUTE, SECOND, type Timestamp } from '../../domain/time.ts'
import type { Env } from '../../env.ts'
import { derive, isSameSecret } from '../keys.ts'
import { TOLERANCE_S, type CardRefusal, type Gateway, type GatewayEvent, type PayOrder } from './gateway.ts'

const BRANDS: Readonly<Record<string, string>> = { visa: '4242', mastercard: '4444', amex: '8431', discover: '1117' }

/** What a card does when it is charged. Source: https://docs.stripe.com/testing#declined-payments */
const DECLINES: Readonly<Record<string, readonly [reason: string, message: string]>> = {
  chargeDeclined: ['card_declined', 'Your card was declined.'],
  chargeCustomerFail: ['card_declined', 'Your card was declined.'],
  chargeDeclinedInsufficientFunds: ['insufficient_funds', 'Your card has insufficient funds.'],
  chargeDeclinedLostCard: ['lost_card', 'Your card was declined.'],
  chargeDeclinedStolenCard: ['stolen_card', 'Your card was declined.'],
  chargeDeclinedExpiredCard: ['expired_card', 'Your card has expired.'],
  chargeDeclinedIncorrectCvc: ['incorrect_cvc', "Your card's security code is incorrect."],
  chargeDeclinedProcessingError: ['processing_error', 'An error occurred while processing your card. Try again in a little bit.'],
}
const ACTIONS = new Set(['threeDSecureRequired', 'threeDSecure2Required', 'authenticationRequired'])
/** Ours, as no test card of Stripe's settles later: `tok_settlesLater`, `tok_failsLater`. */
const LATER: Readonly<Record<string, 'succeeded' | 'failed'>> = { settlesLater: 'succeeded', failsLater: 'failed' }
const LATER_MS = MINUTE

const TOKEN = /^(?:tok|pm_card)_(?:(visa|mastercard|amex|discover)(?:_debit)?)?(?:(?:^|_|(?<=_))([a-zA-Z0-9]+))?$/

interface Known {
  readonly brand: string
  readonly behaviour: string
}

/** The card of the token: its brand, and what it does; undefined for no token of a test card. */
export function testCard(token: string): Known | undefined {
  const [whole, brand, behaviour = ''] = TOKEN.exec(token) ?? []
  if (whole === undefined || (brand === undefined && behaviour === '')) return undefined
  const isKnown = behaviour === '' || [DECLINES, LATER].some((some) => Object.hasOwn(some, behaviour)) || ACTIONS.has(behaviour)
  return isKnown ? { brand: brand ?? 'visa', behaviour } : undefined
}

interface Row {
  readonly id: string
  readonly key: Id<'payment'>
  readonly about: string
  readonly minor: number
  readonly currency: Currency
  readonly status: ProviderWord['state']
  readonly decline: string | null
  readonly settles_at: number | null
  readonly settles_to: 'succeeded' | 'failed' | null
  readonly refund_id: string | null
}

/** An event of the sandbox on its way: what is posted, and the header that signs it. */
export interface SignedEvent {
  readonly body: string
  readonly signature: string
}

export interface SandboxParts {
  readonly env: Env
  readonly now: Timestamp
  readonly origin: string
  /** Has the messages about this payment sent, at that time. */
  readonly announce: (paymentId: Id<'payment'>, at: Timestamp) => Promise<void>
}

const ref = (prefix: string): string => `${prefix}_sandbox_${crypto.randomUUID().replaceAll('-', '')}`

export class Sandbox implements Gateway {
  readonly name = 'sandbox'
  readonly #parts: SandboxParts

  constructor(parts: SandboxParts) {
    this.#parts = parts
  }

  attach = (token: string): Promise<StoredCard | CardRefusal> => {
    const known = testCard(token)
    if (known === undefined)
      return Promise.resolve({ reason: 'resource_missing', message: 'There is no such test token', isDecline: false })
    const year = new Date(this.#parts.now).getUTCFullYear() + 3
    const card: Card = { brand: known.brand, last4: BRANDS[known.brand] ?? '', exp_month: 12, exp_year: year }
    return Promise.resolve({ type: 'stripe', gateway: 'sandbox', ref: token, customer: '', card })
  }

  isKept = ({ ref: token }: StoredCard): Promise<boolean> => Promise.resolve(testCard(token) !== undefined)

  pay = async ({ paymentId, minor, currency, card, about }: PayOrder): Promise<ProviderWord> => {
    const { env, now, announce } = this.#parts
    const behaviour = testCard(card.ref)?.behaviour ?? 'chargeDeclined'
    const later = LATER[behaviour]
    const status =
      later !== undefined ? 'processing' : ACTIONS.has(behaviour) ? 'requires_action' : behaviour in DECLINES ? 'failed' : 'succeeded'
    const settlesAt = later === undefined ? null : now + LATER_MS
    await env.DB.prepare(
      `INSERT INTO sandbox_payments (id, key, about, card, minor, currency, status, decline, settles_at, settles_to, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
    )
      .bind(
        ...[ref('pi'), paymentId, JSON.stringify(about), card.ref, minor, currency, status],
        ...[status === 'failed' ? behaviour : null, settlesAt, later ?? null, now],
      )
      .run()
    await announce(paymentId, settlesAt ?? now)
    const row = await this.#row('key', paymentId)
    if (row === undefined) throw new Error('the sandbox lost a payment')
    return this.#wordOf(row)
  }

  find = async (externalId: string): Promise<ProviderWord> => {
    const row = await this.#row('id', externalId)
    if (row === undefined) throw new Error('the sandbox has no such payment')
    return this.#wordOf(row)
  }

  search = async (paymentId: Id<'payment'>): Promise<ProviderWord | undefined> => {
    const row = await this.#row('key', paymentId)
    return row && this.#wordOf(row)
  }

  cancel = async (externalId: string): Promise<ProviderWord> => {
    await this.#resolve('id', externalId, 'failed', CALLED_OFF)
    return this.find(externalId)
  }

  refund = async (externalId: string, paymentId: Id<'payment'>): Promise<{ refusal?: string }> => {
    const word = await this.find(externalId)
    if (word.state !== 'succeeded') return { refusal: 'The payment has not succeeded' }
    await this.#parts.env.DB.prepare('UPDATE sandbox_payments SET refund_id = ? WHERE id = ? AND refund_id IS NULL')
      .bind(ref('re'), externalId)
      .run()
    await this.#parts.announce(paymentId, this.#parts.now)
    return {}
  }

  async *list(since: Timestamp): AsyncGenerator<ListedPayment> {
    const { results } = await this.#parts.env.DB.prepare('SELECT * FROM sandbox_payments WHERE created_at >= ? ORDER BY created_at')
      .bind(since)
      .all<Row>()
    for (const row of results) {
      const { state, minor, currency, refunds } = this.#wordOf(row)
      const refunded = refunds.reduce((sum, one) => sum + one.minor, 0)
      yield { externalId: row.id, about: JSON.parse(row.about) as Record<string, string>, state, minor, currency, refunded }
    }
  }

  readWebhook = async (body: string, signature: string): Promise<GatewayEvent | undefined> => {
    const { t, v1 } = Object.fromEntries(signature.split(',').map((part) => part.split('=') as [string, string]))
    if (t === undefined || v1 === undefined || !/^\d{1,12}$/.test(t)) return undefined
    if (Math.abs(this.#parts.now / SECOND - Number(t)) > TOLERANCE_S || !isSameSecret(v1, this.#sign(t, body))) return undefined
    const { id, data } = JSON.parse(body) as { id: string; data: { object: { id: string; metadata: { payment_id: string } } } }
    const { payment_id: paymentId } = data.object.metadata
    return { id, externalId: data.object.id, ...(isId('payment', paymentId) && { paymentId }) }
  }

  /** The message about how a payment stands now, signed as Stripe signs: an HMAC-SHA256 over time and body. */
  async eventOf(paymentId: Id<'payment'>): Promise<SignedEvent | undefined> {
    const row = await this.#row('key', paymentId)
    if (row === undefined) return undefined
    const { state, refunds } = this.#wordOf(row)
    const type = refunds.length > 0 ? 'charge.refunded' : `payment_intent.${state === 'failed' ? 'payment_failed' : state}`
    const object = { id: row.id, metadata: JSON.parse(row.about) as unknown }
    const body = JSON.stringify({ id: `evt_${row.id}_${type}`, type, data: { object } })
    const t = String(Math.floor(this.#parts.now / SECOND))
    return { body, signature: `t=${t},v1=${this.#sign(t, body)}` }
  }

  /** What the payer does at `/dev/payments/`: approves, or declines. False where nothing waits for them. */
  async act(paymentId: Id<'payment'>, isApproved: boolean): Promise<boolean> {
    const hasActed = await this.#resolve('key', paymentId, isApproved ? 'succeeded' : 'failed', isApproved ? null : 'authentication')
    if (hasActed) await this.#parts.announce(paymentId, this.#parts.now)
    return hasActed
  }

  async #resolve(column: 'id' | 'key', value: string, status: string, decline: string | null): Promise<boolean> {
    const { meta } = await this.#parts.env.DB.prepare(
      `UPDATE sandbox_payments SET status = ?, decline = ? WHERE ${column} = ? AND status = 'requires_action'`,
    )
      .bind(status, decline, value)
      .run()
    return meta.changes > 0
  }

  async #row(column: 'id' | 'key', value: string): Promise<Row | undefined> {
    const { env } = this.#parts
    return (await env.DB.prepare(`SELECT * FROM sandbox_payments WHERE ${column} = ?`).bind(value).first<Row>()) ?? undefined
  }

  #wordOf(row: Row): ProviderWord {
    const { now, origin } = this.#parts
    const isSettled = row.status === 'processing' && row.settles_at !== null && row.settles_at <= now
    const state = isSettled ? (row.settles_to ?? 'succeeded') : row.status
    const [reason, message] = DECLINES[row.decline ?? ''] ?? [row.decline ?? 'card_declined', 'The payment was not made.']
    return {
      externalId: row.id,
      state,
      minor: row.minor,
      currency: row.currency,
      ...(state === 'succeeded' && { transactionId: row.id.replace('pi_', 'ch_') }),
      ...(state === 'failed' && { error: { reason, message } }),
      ...(state === 'requires_action' && { action: { clientSecret: `${row.id}_secret`, url: `${origin}/dev/payments/${row.key}` } }),
      refunds: row.refund_id === null ? [] : [{ id: row.refund_id, minor: row.minor }],
    }
  }

  #sign(t: string, body: string): string {
    return derive(this.#parts.env.SECRET, 'sandbox-hook', `${t}.${body}`).toString('hex')
  }
}
