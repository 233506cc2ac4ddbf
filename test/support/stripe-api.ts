// Stripe as its documentation has it, as far as payments by card go: form-encoded requests, idempotency keys that
// replay, declines with their codes, lists in pages, signed messages. Runs in Node, behind stripe-server.ts.
// Source: https://docs.stripe.com/api (idempotent requests, errors, pagination), https://docs.stripe.com/testing
import { createHash, createHmac, randomUUID } from 'node:crypto'

type Json = Record<string, unknown>

export interface Answer {
  readonly status: number
  readonly body: Json
}

interface Card {
  readonly id: string
  readonly last4: string
  readonly brand: string
  /** What its charges do; see `CHARGES`. */
  readonly behaviour: string
  customer: string | null
}

interface Intent {
  readonly id: string
  readonly amount: number
  readonly currency: string
  readonly metadata: Readonly<Record<string, string>>
  readonly created: number
  status: string
  charge: string | null
  error: Json | null
  readonly refunds: { readonly id: string; readonly amount: number; readonly status: string }[]
}

const hex = (): string => randomUUID().replaceAll('-', '')

const failure = (status: number, type: string, code: string, message: string, more: Json = {}): Answer => ({
  status,
  body: { error: { type, code, message, ...more } },
})
const missing = (what: string): Answer => failure(404, 'invalid_request_error', 'resource_missing', `No such ${what}`)
const invalid = (code: string, message: string): Answer => failure(400, 'invalid_request_error', code, message)

export const BROKEN: Answer = { status: 500, body: { error: { type: 'api_error', message: 'Something went wrong on our end.' } } }

/** The declines that charging a card may end in: the decline code and the message. */
const CHARGES: Readonly<Record<string, readonly [code: string, decline: string, message: string]>> = {
  chargeCustomerFail: ['card_declined', 'generic_decline', 'Your card was declined.'],
  noFunds: ['card_declined', 'insufficient_funds', 'Your card has insufficient funds.'],
}

/** Test tokens and cards. Those that are declined at once can't be attached; `noFunds` is ours: it fails when charged. */
const CARDS: Readonly<Record<string, readonly [brand: string, last4: string, behaviour: string]>> = {
  visa: ['visa', '4242', 'ok'],
  amex: ['amex', '8431', 'ok'],
  chargeDeclined: ['visa', '0002', 'declined'],
  chargeCustomerFail: ['visa', '0341', 'chargeCustomerFail'],
  noFunds: ['visa', '9995', 'noFunds'],
  threeDSecure2Required: ['visa', '3220', 'action'],
  settlesLater: ['visa', '5556', 'later'],
}

export class StripeApi {
  readonly #cards = new Map<string, Card>()
  readonly #customers = new Set<string>()
  readonly intents = new Map<string, Intent>()
  readonly #kept = new Map<string, { readonly print: string; readonly answer: Answer | undefined }>()
  /** Requests that came, as `POST /v1/…`. */
  readonly requests: string[] = []

  /** One request; idempotency as documented: the first answer is kept, whatever it was, unless nothing was begun. */
  answer(method: string, path: string, form: URLSearchParams, key: string | undefined, broken?: 'before' | 'after'): Answer {
    this.requests.push(`${method} ${path}`)
    if (method !== 'POST' || key === undefined) return this.#route(method, path, form)
    const print = createHash('sha256').update(`${path}?${form.toString()}`).digest('hex')
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.print !== print)
      return failure(
        400,
        'idempotency_error',
        'idempotency_key_in_use',
        'Keys for idempotent requests can only be used with the same parameters they were first used with.',
      )
    if (kept?.answer !== undefined) return kept.answer
    const done = broken === 'before' ? undefined : this.#route(method, path, form)
    // An error of theirs is kept like any answer, whether anything was done or not.
    const answer = broken !== undefined || done === undefined ? BROKEN : done
    // Parameters are checked before anything is begun, so such a refusal is not kept.
    if (answer.status !== 400 && answer.status !== 404) this.#kept.set(key, { print, answer })
    return answer
  }

  /** What happens to keys after a day. */
  forgetKeys(): void {
    this.#kept.clear()
  }

  /** What the world does with a payment: the bank approves, the money comes, somebody refunds a part of it. */
  act(id: string, what: 'succeed' | 'fail' | 'refund', amount = 0): Answer {
    const intent = this.intents.get(id)
    if (intent === undefined) return missing(`payment_intent: '${id}'`)
    if (what === 'succeed') this.#succeed(intent)
    else if (what === 'fail')
      this.#decline(intent, 'payment_intent_authentication_failure', undefined, 'The payer could not be authenticated.')
    else intent.refunds.push({ id: `re_${hex()}`, amount, status: 'succeeded' })
    return { status: 200, body: this.#shown(intent) }
  }

  /** An event about the payment as it is now, and its signature at that time, under the secret. */
  signed(id: string, type: string, eventId: string, secret: string, atS: number): { body: string; signature: string } {
    const intent = this.intents.get(id)
    if (intent === undefined) throw new Error(`no such payment: ${id}`)
    const object = type.startsWith('charge.')
      ? { ...this.#chargeOf(intent), payment_intent: intent.id, metadata: intent.metadata }
      : this.#shown(intent)
    const body = JSON.stringify({ id: eventId, object: 'event', api_version: '2026-10-28.endive', type, data: { object } })
    return { body, signature: `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex')}` }
  }

  #route(method: string, path: string, form: URLSearchParams): Answer {
    const [, , resource = '', id = '', verb = ''] = path.split('/')
    switch (`${method} ${resource}${id === '' ? '' : '/id'}${verb === '' ? '' : `/${verb}`}`) {
      case 'POST payment_methods':
        return this.#createCard(form.get('card[token]') ?? '')
      case 'GET payment_methods/id':
        return this.#withCard(id, (card) => ({ status: 200, body: this.#cardShown(card) }))
      case 'POST payment_methods/id/attach':
        return this.#withCard(id, (card) => this.#attach(card, form.get('customer') ?? ''))
      case 'POST customers': {
        const customer = `cus_${hex().slice(0, 14)}`
        this.#customers.add(customer)
        return { status: 200, body: { id: customer, object: 'customer' } }
      }
      case 'POST payment_intents':
        return this.#createIntent(form)
      case 'GET payment_intents/id':
        return this.#withIntent(id, (intent) => ({
          status: 200,
          body: this.#shown(intent, form.getAll('expand[0]').includes('latest_charge')),
        }))
      case 'POST payment_intents/id/cancel':
        return this.#withIntent(id, (intent) => this.#cancel(intent))
      case 'GET payment_intents':
        return this.#list(
          [...this.intents.values()].filter(({ created }) => created >= Number(form.get('created[gte]') ?? 0)).toReversed(),
          form,
          (intent) => this.#shown(intent, form.get('expand[0]') === 'data.latest_charge'),
        )
      case 'POST refunds':
        return this.#withIntent(form.get('payment_intent') ?? '', (intent) => this.#refund(intent))
      case 'GET refunds':
        return this.#withIntent(form.get('payment_intent') ?? '', (intent) =>
          this.#list(intent.refunds, form, (refund) => ({ ...refund, object: 'refund' })),
        )
      default:
        return failure(404, 'invalid_request_error', 'resource_missing', `Unrecognized request URL (${method}: ${path}).`)
    }
  }

  #withCard(id: string, then: (card: Card) => Answer): Answer {
    // The shared test cards, such as pm_card_visa, become a card of one's own when they are used.
    const known = this.#cards.get(id) ?? (id.startsWith('pm_card_') ? this.#newCard(id.slice('pm_card_'.length)) : undefined)
    return known === undefined ? missing(`PaymentMethod: '${id}'`) : then(known)
  }

  #withIntent(id: string, then: (intent: Intent) => Answer): Answer {
    const intent = this.intents.get(id)
    return intent === undefined ? missing(`payment_intent: '${id}'`) : then(intent)
  }

  #newCard(name: string): Card | undefined {
    const kind = CARDS[name]
    if (kind === undefined) return undefined
    const [brand, last4, behaviour] = kind
    const card: Card = { id: `pm_${hex().slice(0, 24)}`, brand, last4, behaviour, customer: null }
    this.#cards.set(card.id, card)
    return card
  }

  #createCard(token: string): Answer {
    const card = token.startsWith('tok_') ? this.#newCard(token.slice('tok_'.length)) : undefined
    return card === undefined ? invalid('resource_missing', `No such token: '${token}'`) : { status: 200, body: this.#cardShown(card) }
  }

  #attach(card: Card, customer: string): Answer {
    if (!this.#customers.has(customer)) return missing(`customer: '${customer}'`)
    if (card.behaviour === 'declined')
      return failure(402, 'card_error', 'card_declined', 'Your card was declined.', { decline_code: 'generic_decline' })
    card.customer = customer
    return { status: 200, body: this.#cardShown(card) }
  }

  #cardShown = ({ id, brand, last4, customer }: Card): Json => ({
    id,
    object: 'payment_method',
    type: 'card',
    customer,
    card: { brand, last4, exp_month: 8, exp_year: 2030 },
  })

  #createIntent(form: URLSearchParams): Answer {
    const amount = Number(form.get('amount'))
    const card = this.#cards.get(form.get('payment_method') ?? '')
    if (!Number.isSafeInteger(amount) || amount <= 0) return invalid('parameter_invalid_integer', 'Invalid integer: amount')
    if (amount < 50) return invalid('amount_too_small', 'Amount must be at least 50 cents')
    if (card === undefined || card.customer === null || card.customer !== form.get('customer'))
      return invalid('payment_method_unexpected_state', 'The PaymentMethod does not belong to the Customer.')
    if (form.get('confirm') !== 'true' || form.get('automatic_payment_methods[allow_redirects]') !== 'never')
      return invalid('parameter_missing', 'This PaymentIntent needs a return_url')
    const metadata = Object.fromEntries(
      [...form].flatMap(([name, value]) =>
        [/^metadata\[(\w+)\]$/.exec(name)?.[1]].flatMap((key) => (key === undefined ? [] : [[key, value] as const])),
      ),
    )
    const intent: Intent = {
      ...{ id: `pi_${hex().slice(0, 24)}`, amount, currency: form.get('currency') ?? '', metadata, created: Math.floor(Date.now() / 1000) },
      ...{ status: 'processing', charge: null, error: null, refunds: [] },
    }
    this.intents.set(intent.id, intent)
    if (card.behaviour === 'ok') this.#succeed(intent)
    if (card.behaviour === 'action') intent.status = 'requires_action'
    const decline = CHARGES[card.behaviour]
    if (decline === undefined) return { status: 200, body: this.#shown(intent) }
    this.#decline(intent, ...decline)
    return { status: 402, body: { error: { ...intent.error, payment_intent: this.#shown(intent) } } }
  }

  #succeed(intent: Intent): void {
    intent.status = 'succeeded'
    intent.charge = `ch_${hex().slice(0, 24)}`
    intent.error = null
  }

  #decline(intent: Intent, code: string, decline: string | undefined, message: string): void {
    intent.status = 'requires_payment_method'
    intent.error = { type: 'card_error', code, message, ...(decline !== undefined && { decline_code: decline }) }
  }

  #cancel(intent: Intent): Answer {
    if (['succeeded', 'canceled', 'processing'].includes(intent.status))
      return invalid('payment_intent_unexpected_state', `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`)
    intent.status = 'canceled'
    return { status: 200, body: this.#shown(intent) }
  }

  #refund(intent: Intent): Answer {
    if (intent.charge === null) return invalid('charge_not_refundable', 'This PaymentIntent does not have a successful charge to refund.')
    const rest = intent.amount - intent.refunds.reduce((sum, { amount }) => sum + amount, 0)
    if (rest === 0) return invalid('charge_already_refunded', `Charge ${intent.charge} has already been refunded.`)
    const refund = { id: `re_${hex().slice(0, 24)}`, amount: rest, status: 'succeeded' }
    intent.refunds.push(refund)
    return { status: 200, body: { ...refund, object: 'refund' } }
  }

  #chargeOf = ({ charge, amount, refunds }: Intent): Json => ({
    id: charge,
    object: 'charge',
    amount,
    amount_refunded: refunds.reduce((sum, refund) => sum + refund.amount, 0),
  })

  #shown(intent: Intent, isExpanded = false): Json {
    const { id, amount, currency, metadata, created, status, charge, error } = intent
    return {
      ...{ id, object: 'payment_intent', amount, currency, metadata, created, status, client_secret: `${id}_secret_x` },
      latest_charge: charge === null ? null : isExpanded ? this.#chargeOf(intent) : charge,
      last_payment_error: error,
      next_action: status === 'requires_action' ? { type: 'use_stripe_sdk', use_stripe_sdk: {} } : null,
    }
  }

  #list<T extends { readonly id: string }>(all: readonly T[], form: URLSearchParams, shown: (one: T) => Json): Answer {
    // Smaller pages than were asked for are allowed, and tested with.
    const limit = Math.min(Number(form.get('limit') ?? 10), 3)
    const after = form.get('starting_after')
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
    return {
      status: 200,
      body: { object: 'list', url: '/v1', has_more: all.length > from + limit, data: all.slice(from, from + limit).map(shown) },
    }
  }
}
