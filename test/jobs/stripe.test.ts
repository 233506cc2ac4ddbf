// Stripe through its own library, against a server that speaks its API (test/support/stripe-server.ts), over a line that
// loses requests and answers, with messages that come late, twice and in the wrong order.
import { createExecutionContext } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Id } from '../../src/domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import type { Env } from '../../src/env.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { reconcilePayments } from '../../src/jobs/reconcile.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
import { checkReply } from '../support/contract.ts'
import { env } from '../support/env.ts'
import { jobAt } from '../support/jobs.ts'
import type { Line } from '../support/stripe-server.ts'
import { group, type Client, type Group } from '../support/world.ts'

const SECRET = 'whsec_test_of_quits'
const stripe: Env = {
  ...env,
  STRIPE_SECRET_KEY: `sk_test_${crypto.randomUUID().replaceAll('-', '')}`,
  STRIPE_WEBHOOK_SECRET: SECRET,
  STRIPE_API_BASE: inject('stripeUrl'),
}
const app = createApp()
const at = (now: number): JobContext => jobAt(now, stripe)

interface Intent {
  readonly id: string
  readonly amount: number
  readonly status: string
  readonly charge: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly refunds: readonly { readonly amount: number }[]
}

/** Tells the server what is to happen; see `Control` there. */
async function tell<T>(asked: object): Promise<T> {
  const reply = await fetch(`${stripe.STRIPE_API_BASE}/test/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stripe.STRIPE_SECRET_KEY}` },
    body: JSON.stringify(asked),
  })
  return reply.json()
}
const line = (...next: Line[]): Promise<unknown> => tell({ do: 'line', next })
const intents = async (): Promise<readonly Intent[]> => (await tell<{ intents: Intent[] }>({ do: 'tell' })).intents
const requests = async (): Promise<readonly string[]> => (await tell<{ requests: string[] }>({ do: 'tell' })).requests

interface Said {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A request to the app where Stripe is set up, held against its schema. */
async function send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Said> {
  const request = new Request(`https://api.test${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  })
  const reply = await app.fetch(request, stripe, createExecutionContext())
  const said: unknown = JSON.parse(await reply.text())
  checkReply(OPERATIONS, method, path, reply, said)
  return { status: reply.status, body: said }
}
const post = (client: Client, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> =>
  send('POST', path, body === undefined ? undefined : JSON.stringify(body), { authorization: `Bearer ${client.token}`, ...headers })

let team: Group<'ann' | 'bob'>
const cards: Record<string, string> = {}
let count = 0

const addCard = (token: string) => post(team.as.bob, '/api/payments/methods/', { method_type: 'stripe', stripe_token: token })

beforeAll(async () => {
  team = await group(['ann', 'bob'])
  for (const token of ['tok_visa', 'pm_card_chargeCustomerFail', 'tok_noFunds', 'tok_threeDSecure2Required', 'tok_settlesLater'])
    cards[token] = (await addCard(token)).body.data.id
})
let errors: string[] = []
beforeEach(() => {
  errors = []
  vi.spyOn(console, 'error').mockImplementation((line_: string) => void errors.push(line_))
})
afterEach(() => void vi.restoreAllMocks())

async function settlement(): Promise<{ id: Id<'settlement'>; minor: number }> {
  const minor = 2000 + (count += 1)
  const body = { group_id: team.id, payee_id: team.ids.ann, amount: (minor / 100).toFixed(2) }
  return { id: (await team.as.bob.post('/api/payments/settlements/', body)).body.data.id, minor }
}

const process = (settlementId: string, token: string, key: string = crypto.randomUUID()) =>
  post(team.as.bob, '/api/payments/process/', { settlement_id: settlementId, payment_method_id: cards[token] }, { 'idempotency-key': key })

async function pay(token: string): Promise<{ settlementId: Id<'settlement'>; minor: number; reply: Said }> {
  const { id: settlementId, minor } = await settlement()
  return { settlementId, minor, reply: await process(settlementId, token) }
}

const rowOf = (settlementId: string) =>
  env.DB.prepare('SELECT id, status, refunded, external_id FROM payments WHERE settlement_id = ?')
    .bind(settlementId)
    .first<{ id: string; status: string; refunded: number; external_id: string | null }>()

const entriesOf = async (settlementId: string): Promise<string[]> => {
  const { results } = await env.DB.prepare(
    `SELECT j.type FROM journal j, json_each(j.body, '$.settlements') s WHERE j.group_id = ? AND s.value->>'id' = ? ORDER BY j.seq`,
  )
    .bind(team.id, settlementId)
    .all<{ type: string }>()
  return results.map(({ type }) => type)
}
const settlementOf = (id: string) => env.DB.prepare('SELECT status, paid FROM settlements WHERE id = ?').bind(id).first()

/** A message of the server about a payment, posted to us; how old it is, and how often it comes. */
async function hook(id: string, type: string, { eventId = `evt_${crypto.randomUUID()}`, ageS = 0, secret = SECRET } = {}): Promise<Said> {
  const atS = Math.floor(Date.now() / 1000) - ageS
  const { body, signature } = await tell<{ body: string; signature: string }>({ do: 'sign', id, type, eventId, secret, atS })
  return send('POST', '/api/payments/webhooks/stripe/', body, { 'stripe-signature': signature })
}
const drain = async (after = 0): Promise<void> => {
  for (let i = 0; i < 2; i++) await drainOutbox(at(Date.now() + after))
}
const intentOf = async (settlementId: string): Promise<Intent | undefined> =>
  (await intents()).find(({ metadata }) => metadata['settlement_id'] === settlementId)

describe('addPaymentMethod', () => {
  test('has Stripe keep the card, and shows of it what the document shows', async () => {
    const { status, body } = await addCard('tok_amex')
    expect([status, body.data.name, body.data.is_verified]).toEqual([201, 'American Express ending in 8431', true])
    expect(body.data.details).toEqual({ brand: 'American Express', last4: '8431', exp_month: 8, exp_year: 2030 })
    expect((await requests()).slice(-3)).toEqual(['POST /v1/payment_methods', 'POST /v1/customers', expect.stringMatching(/attach$/)])
  })

  test.each([
    ['tok_chargeDeclined', 402, 'PAYMENT_FAILED', 'CARD_DECLINED'],
    ['tok_nothing', 422, 'VALIDATION_ERROR', 'RESOURCE_MISSING'],
    ['pm_nothing', 422, 'VALIDATION_ERROR', 'RESOURCE_MISSING'],
  ])('of %s says why Stripe does not take it', async (token, status, code, reason) => {
    const reply = await addCard(token)
    expect([reply.status, reply.body.error.code, reply.body.error.details[0].code]).toEqual([status, code, reason])
  })

  test('asks to try again where Stripe does not answer', async () => {
    await line('lost_before')
    expect((await addCard('tok_visa')).status).toBe(503)
  })
})

describe('processPayment', () => {
  test('posts what Stripe took, once', async () => {
    const { settlementId, minor, reply } = await pay('tok_visa')
    const intent = await intentOf(settlementId)
    expect(reply.body.data).toMatchObject({
      status: 'completed',
      external_transaction_id: intent?.charge,
      processed_at: expect.stringMatching(/Z$/),
    })
    expect([intent?.amount, await settlementOf(settlementId)]).toEqual([minor, { status: 'completed', paid: minor }])
  })

  test.each([
    ['pm_card_chargeCustomerFail', 'PAYMENT_FAILED', 'CARD_DECLINED'],
    ['tok_noFunds', 'INSUFFICIENT_FUNDS', 'INSUFFICIENT_FUNDS'],
  ])('with %s is declined, and leaves the settlement open', async (token, code, reason) => {
    const { settlementId, reply } = await pay(token)
    expect([reply.status, reply.body.error.code, reply.body.error.details[0].code]).toEqual([402, code, reason])
    expect(await settlementOf(settlementId)).toEqual({ status: 'pending', paid: 0 })
    expect((await process(settlementId, 'tok_visa')).body.data.status).toBe('completed')
    expect((await intents()).filter(({ metadata }) => metadata['settlement_id'] === settlementId)).toHaveLength(2)
  })

  test.each<[Line, string[]]>([
    ['lost_before', ['processing']],
    ['lost_after', ['processing']],
    ['cut', ['processing']],
    ['error_500', ['processing']],
    ['busy_429', ['processing']],
    ['conflict_409', ['processing']],
  ])('over a line that is %s answers what is known, and the outbox ends it once', async (trouble, statuses) => {
    for (const token of ['tok_visa', 'tok_noFunds']) {
      await line(trouble)
      const { settlementId, minor, reply } = await pay(token)
      expect(statuses).toContain(reply.body.data.status)
      await drain(MINUTE)
      expect(await settlementOf(settlementId)).toEqual(
        token === 'tok_visa' ? { status: 'completed', paid: minor } : { status: 'pending', paid: 0 },
      )
      expect((await intents()).filter(({ metadata }) => metadata['settlement_id'] === settlementId)).toHaveLength(1)
    }
  })

  test('finds a payment whose answer was lost a day ago, when keys are forgotten', async () => {
    await line('lost_after')
    const { settlementId, minor } = await pay('tok_visa')
    await tell({ do: 'forget' })
    await drain(DAY)
    expect(await settlementOf(settlementId)).toEqual({ status: 'completed', paid: minor })
    expect((await intents()).filter(({ metadata }) => metadata['settlement_id'] === settlementId)).toHaveLength(1)
  })

  test('ends what Stripe keeps answering with an error: by its message where it was done, else after a day', async () => {
    await line('done_500')
    const done = await pay('tok_visa')
    await line('kept_500')
    const lost = await pay('tok_visa')
    await drain(MINUTE)
    expect([done.reply.body.data.status, (await rowOf(done.settlementId))?.status, (await rowOf(lost.settlementId))?.status]).toEqual(
      Array(3).fill('processing'),
    )
    await hook((await intentOf(done.settlementId))?.id ?? '', 'payment_intent.succeeded')
    await drain()
    expect(await settlementOf(done.settlementId)).toEqual({ status: 'completed', paid: done.minor })
    await drain(DAY)
    expect([await settlementOf(lost.settlementId), await intentOf(lost.settlementId)]).toEqual([{ status: 'pending', paid: 0 }, undefined])
  })

  test('is called off by its payer at Stripe, too, and a decline of their bank frees the settlement', async () => {
    const { settlementId, reply } = await pay('tok_threeDSecure2Required')
    expect((await post(team.as.bob, `/api/payments/${reply.body.data.payment_id}/cancel/`)).body.data.error.code).toBe('CANCELED')
    expect([(await intentOf(settlementId))?.status, await settlementOf(settlementId)]).toEqual(['canceled', { status: 'pending', paid: 0 }])
    const other = await pay('tok_threeDSecure2Required')
    const { id = '' } = (await intentOf(other.settlementId)) ?? {}
    await tell({ do: 'act', id, what: 'fail' })
    await hook(id, 'payment_intent.payment_failed')
    await drain()
    // It can't be tried again with the secret that the payer still has.
    expect([(await intentOf(other.settlementId))?.status, await settlementOf(other.settlementId)]).toEqual([
      'canceled',
      { status: 'pending', paid: 0 },
    ])
  })

  test('calls off what its payer has not approved within a day', async () => {
    const { settlementId, reply } = await pay('tok_threeDSecure2Required')
    expect(reply.body.data).toMatchObject({ status: 'requires_action', client_secret: expect.stringContaining('_secret_') })
    await drain(DAY + HOUR)
    expect([(await intentOf(settlementId))?.status, await settlementOf(settlementId)]).toEqual(['canceled', { status: 'pending', paid: 0 }])
  })
})

describe('receivePaymentEvent', () => {
  test.each<[string, readonly string[]]>([
    ['in order', ['payment_intent.processing', 'payment_intent.succeeded']],
    ['in the wrong order', ['payment_intent.succeeded', 'payment_intent.processing', 'payment_intent.payment_failed']],
    ['twice', ['payment_intent.succeeded', 'payment_intent.succeeded', 'payment_intent.processing']],
  ])('posts once what messages tell %s', async (_, types) => {
    const { settlementId, minor, reply } = await pay('tok_settlesLater')
    expect(reply.body.data).toMatchObject({ status: 'processing', external_transaction_id: null, processed_at: null })
    const { id = '' } = (await intentOf(settlementId)) ?? {}
    await tell({ do: 'act', id, what: 'succeed' })
    for (const type of types) {
      // The same event, with the same id, comes three times; the last beside itself.
      const eventId = `evt_${id}_${type}`
      const told = [await hook(id, type, { eventId }), ...(await Promise.all([hook(id, type, { eventId }), hook(id, type, { eventId })]))]
      expect(told.map(({ status }) => status)).toEqual([200, 200, 200])
      await drain()
    }
    expect(await entriesOf(settlementId)).toEqual(['settlement_requested', 'payment_started', 'settlement_paid'])
    expect(await settlementOf(settlementId)).toEqual({ status: 'completed', paid: minor })
    const seen = await env.DB.prepare("SELECT COUNT(*) AS n FROM inbox WHERE consumer = 'stripe' AND message_id LIKE ?")
      .bind(`evt_${id}%`)
      .first('n')
    expect(seen).toBe(new Set(types).size)
  })

  test('takes a success after a failure: the money moved', async () => {
    const { settlementId, minor } = await pay('tok_settlesLater')
    const { id = '' } = (await intentOf(settlementId)) ?? {}
    await tell({ do: 'act', id, what: 'fail' })
    await hook(id, 'payment_intent.payment_failed')
    await drain()
    expect(await settlementOf(settlementId)).toEqual({ status: 'pending', paid: 0 })
    await tell({ do: 'act', id, what: 'succeed' })
    await hook(id, 'payment_intent.succeeded')
    await drain()
    expect(await settlementOf(settlementId)).toEqual({ status: 'completed', paid: minor })
    expect((await rowOf(settlementId))?.status).toBe('completed')
  })

  test('reverses a part that somebody refunded at Stripe, and the rest when the payee asks for it', async () => {
    const { settlementId, minor } = await pay('tok_visa')
    const { id = '' } = (await intentOf(settlementId)) ?? {}
    await tell({ do: 'act', id, what: 'refund', amount: 300 })
    await hook(id, 'charge.refunded')
    await hook(id, 'charge.refunded')
    await drain()
    expect(await settlementOf(settlementId)).toMatchObject({ paid: minor - 300 })
    const { id: paymentId } = (await rowOf(settlementId)) ?? {}
    const { status, body } = await post(team.as.ann, `/api/payments/${paymentId}/refund/`)
    expect([status, body.data.status, body.data.refunded_amount]).toEqual([200, 'refunded', (minor / 100).toFixed(2)])
    expect(await entriesOf(settlementId)).toEqual([
      'settlement_requested',
      'payment_started',
      'settlement_paid',
      'payment_refunded',
      'payment_refunded',
    ])
    expect(await settlementOf(settlementId)).toEqual({ status: 'refunded', paid: 0 })
  })

  test.each<[Line]>([['lost_before'], ['lost_after'], ['error_500'], ['busy_429'], ['conflict_409']])(
    'a refund whose requests are %s one after the other happens once',
    async (trouble) => {
      for (let n = 0; n < 3; n++) {
        const { settlementId, minor } = await pay('tok_visa')
        const { id: paymentId } = (await rowOf(settlementId)) ?? {}
        await line(...Array.from({ length: n }, () => 'through' as const), trouble)
        const { body } = await post(team.as.ann, `/api/payments/${paymentId}/refund/`)
        expect(body.data).toMatchObject({ status: 'completed', is_refund_pending: true })
        await drain(MINUTE)
        expect((await intentOf(settlementId))?.refunds).toMatchObject([{ amount: minor }])
        expect([await settlementOf(settlementId), await rowOf(settlementId)]).toMatchObject([
          { paid: 0 },
          { status: 'refunded', refunded: minor },
        ])
      }
    },
  )

  test.each([
    ['of somebody else', { secret: 'whsec_of_somebody_else' }],
    ['that is older than 300 s', { ageS: 400 }],
  ])('refuses a message %s', async (_, how) => {
    const { settlementId } = await pay('tok_settlesLater')
    const { id = '' } = (await intentOf(settlementId)) ?? {}
    const { status, body } = await hook(id, 'payment_intent.succeeded', how)
    expect([status, body.error.code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('refuses a message that was changed on its way, or has no signature', async () => {
    const [intent] = await intents()
    const atS = Math.floor(Date.now() / 1000)
    const asked = { do: 'sign', id: intent?.id, type: 'payment_intent.succeeded', eventId: 'evt_x', secret: SECRET, atS }
    const { body, signature } = await tell<{ body: string; signature: string }>(asked)
    for (const headers of [{ 'stripe-signature': signature }, { 'stripe-signature': '' }, { 'stripe-signature': 'v1=,t=' }] as Record<
      string,
      string
    >[])
      expect((await send('POST', '/api/payments/webhooks/stripe/', `${body} `, headers)).status).toBe(400)
  })
})

describe('reconcilePayments', () => {
  test('pages through the list, ends what is open, makes again what is gone, and then has nothing to do', async () => {
    const [done, open, gone] = [await pay('tok_visa'), await pay('tok_settlesLater'), await pay('tok_visa')]
    const { id = '' } = (await intentOf(open.settlementId)) ?? {}
    await tell({ do: 'act', id, what: 'succeed' })
    await env.DB.prepare('DELETE FROM payments WHERE settlement_id = ?').bind(gone.settlementId).run()
    // What other tests have left open ends here, too.
    const first = await reconcilePayments(at(Date.now() + HOUR))
    expect(first).toMatchObject({ restored: 1, differing: 0, failed: 0 })
    expect([first.seen, first.finished]).toEqual([(await intents()).length, expect.any(Number)])
    for (const { settlementId, minor } of [done, open, gone]) {
      expect(await settlementOf(settlementId)).toEqual({ status: 'completed', paid: minor })
      expect(await rowOf(settlementId)).toMatchObject({ status: 'completed' })
      expect((await entriesOf(settlementId)).filter((type) => type === 'settlement_paid')).toHaveLength(1)
    }
    expect(await reconcilePayments(at(Date.now() + HOUR))).toMatchObject({ finished: 0, restored: 0, differing: 0, failed: 0 })
  })

  test('tells people of an amount that differs, and changes nothing', async () => {
    const { settlementId, minor } = await pay('tok_visa')
    await env.DB.prepare("UPDATE settlements SET body = json_set(body, '$.payments[0].minor', 1) WHERE id = ?").bind(settlementId).run()
    expect(await reconcilePayments(at(Date.now() + SECOND))).toMatchObject({ differing: 1 })
    expect(errors.join()).toContain('another amount than the provider')
    expect(await settlementOf(settlementId)).toEqual({ status: 'completed', paid: minor })
  })
})
