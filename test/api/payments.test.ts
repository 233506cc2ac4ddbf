// Paying with a card over the API, in the shapes of the document, against the sandbox; and the cards and accounts.
import { describe, expect, test } from 'vitest'
import type { Id } from '../../src/domain/ids.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { createApp } from '../../src/app.ts'
import { createExecutionContext } from 'cloudflare:test'
import { findPayTarget } from '../../src/services/payment-methods.ts'
import { sandboxOf } from '../../src/services/gateways.ts'
import { env } from '../support/env.ts'
import { jobAt } from '../support/jobs.ts'
import { group, person, send, worker, type Client, type Group } from '../support/world.ts'

type Team = Group<'ann' | 'bob' | 'cem'>
const IBAN = 'DE89370400440532013000'

const add = (who: Client, body: Record<string, unknown>) => who.post('/api/payments/methods/', body)
const card = async (who: Client, token = 'tok_visa'): Promise<string> =>
  (await add(who, { method_type: 'stripe', stripe_token: token })).body.data.id

const listed = async (who: Client): Promise<{ id: string; is_default: boolean }[]> => (await who.get('/api/payments/methods/')).body.data

/** Bob owes Ann 20.00, and is asked for it. */
async function owing(): Promise<{ team: Team; settlement: string }> {
  const team = await group(['ann', 'bob', 'cem'], { currency: 'USD' })
  await team.as.ann.post('/api/expenses/', { title: 'Rent', amount: '60.00', group_id: team.id })
  const { body } = await team.as.bob.post('/api/payments/settlements/', { group_id: team.id, payee_id: team.ids.ann, amount: '20.00' })
  return { team, settlement: body.data.id }
}

const process = (
  who: Client,
  settlement: string,
  method: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) => who.post('/api/payments/process/', { settlement_id: settlement, payment_method_id: method, ...more }, { headers })

const balanceOf = async ({ id, as, ids }: Team, name: keyof Team['ids']): Promise<string> => {
  const { body } = await as.ann.get(`/api/groups/${id}/balances/`)
  return (body.data.balances as { user: { id: string }; balance: string }[]).find(({ user }) => user.id === ids[name])?.balance ?? ''
}
const statusOf = async (who: Client, settlement: string): Promise<string> =>
  (await who.get(`/api/payments/settlements/${settlement}/`)).body.data.status

describe('addPaymentMethod', () => {
  test('takes a card as documented; the first is the default', async () => {
    const bob = await person('bob')
    const { status, body } = await add(bob, { method_type: 'stripe', stripe_token: 'tok_visa', name: 'Personal Visa' })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({ method_type: 'stripe', name: 'Personal Visa', is_default: true, is_verified: true })
    expect(body.data.details).toEqual({ brand: 'Visa', last4: '4242', exp_month: 12, exp_year: expect.any(Number) })
    const second = await add(bob, { method_type: 'stripe', stripe_token: 'pm_card_mastercard' })
    expect(second.body.data).toMatchObject({ name: 'Mastercard ending in 4444', is_default: false })
    const third = await add(bob, { method_type: 'cash', is_default: true })
    expect((await listed(bob)).map(({ id, is_default: isDefault }) => [id, isDefault])).toEqual([
      [third.body.data.id, true],
      [second.body.data.id, false],
      [body.data.id, false],
    ])
  })

  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [
      { method_type: 'bank_account', iban: 'de89 3704 0044 0532 0130 00', account_holder: 'Ann Lee', bic: 'COBADEFFXXX' },
      { country: 'DE', last4: '3000', account_holder: 'Ann Lee' },
    ],
    [{ method_type: 'paypal', paypal_me: 'annlee' }, { paypal_me: 'annlee' }],
    [{ method_type: 'paypal', email: 'annlee@example.com' }, { email: 'a***e@example.com' }],
    [{ method_type: 'venmo', username: '@ann-lee' }, { username: 'ann-lee' }],
    [{ method_type: 'upi', vpa: 'annlee@okbank' }, { vpa: 'a***e@okbank' }],
    [{ method_type: 'cash' }, {}],
    [{ method_type: 'manual' }, {}],
  ])('takes %j, and shows %j of it, unverified', async (sent, details) => {
    const { status, body } = await add(await person('ann'), sent)
    expect([status, body.data.details, body.data.is_verified]).toEqual([201, details, false])
  })

  test.each([
    [{ method_type: 'bank_account', iban: 'DE89370400440532013001', account_holder: 'Ann' }, 'iban'],
    [{ method_type: 'bank_account', iban: 'DE893704004405320130', account_holder: 'Ann' }, 'iban'],
    [{ method_type: 'bank_account', iban: IBAN }, 'account_holder'],
    [{ method_type: 'paypal' }, 'paypal_me'],
    [{ method_type: 'upi', vpa: 'nobody' }, 'vpa'],
    [{ method_type: 'cash', iban: IBAN }, 'iban'],
    [{ method_type: 'stripe', stripe_token: '4242424242424242' }, 'stripe_token'],
    [{ method_type: 'stripe', stripe_token: 'tok_unheard' }, 'stripe_token'],
    [{ method_type: 'gold' }, 'method_type'],
  ])('refuses %j, naming %s', async (sent, field) => {
    const { status, body } = await add(await person('ann'), sent)
    expect([status, body.error.code, body.error.details[0].field]).toEqual([422, 'VALIDATION_ERROR', field])
  })

  test('stores the number of an account so that the database alone does not tell it, bound to its row', async () => {
    const ann = await person('ann')
    await add(ann, { method_type: 'bank_account', iban: IBAN, account_holder: 'Ann Lee' })
    const rows = await env.DB.prepare('SELECT * FROM payment_methods WHERE user_id = ?').bind(ann.id).all()
    expect(JSON.stringify(rows.results)).not.toContain(IBAN)
    expect(await findPayTarget(jobAt(), ann.id as Id<'user'>)).toEqual({ type: 'bank_account', iban: IBAN, accountHolder: 'Ann Lee' })
    const mal = await person('mal')
    await add(mal, { method_type: 'cash' })
    await env.DB.prepare('UPDATE payment_methods SET sealed = ? WHERE user_id = ?').bind(rows.results[0]?.['sealed'], mal.id).run()
    expect(await findPayTarget(jobAt(), mal.id as Id<'user'>).catch((error: unknown) => String(error))).toContain('OperationError')
  })

  test('keeps at most twenty, also of those that are added at the same time', async () => {
    const ann = await person('ann')
    const replies = await Promise.all(Array.from({ length: 23 }, () => add(ann, { method_type: 'cash' })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect((await listed(ann)).filter(({ is_default: isDefault }) => isDefault)).toHaveLength(1)
  })

  test('under one key adds one', async () => {
    const ann = await person('ann')
    const again = () => ann.post('/api/payments/methods/', { method_type: 'cash' }, { headers: { 'idempotency-key': 'once' } })
    const [first, second] = [await again(), await again()]
    expect([second.body.data, second.headers.get('idempotent-replayed')]).toEqual([first.body.data, 'true'])
    expect(await listed(ann)).toHaveLength(1)
    // Ids that sort by time, also of those that came with a key: the newest is the first.
    const { id } = (await add(ann, { method_type: 'manual' })).body.data
    expect((await listed(ann))[0]?.id).toBe(id)
  })

  test('says that cards are not taken where there is no provider', async () => {
    const ann = await person('ann')
    const request = new Request('https://api.test/api/payments/methods/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ann.token}` },
      body: JSON.stringify({ method_type: 'stripe', stripe_token: 'tok_visa' }),
    })
    const reply = await createApp().fetch(request, { ...env, ENVIRONMENT: 'production' }, createExecutionContext())
    expect([reply.status, await reply.json()]).toMatchObject([
      503,
      { error: { code: 'SERVICE_UNAVAILABLE', message: 'Payments by card are not set up here' } },
    ])
  })
})

describe('updatePaymentMethod, deletePaymentMethod and verifyPaymentMethod', () => {
  test('the default moves to whichever is named, and when it is deleted to the newest of the others', async () => {
    const ann = await person('ann')
    const ids = [await card(ann), await card(ann, 'tok_amex'), await card(ann, 'tok_mastercard')] as const
    const defaults = async () => (await listed(ann)).filter(({ is_default: isDefault }) => isDefault).map(({ id }) => id)
    const { body } = await ann.patch(`/api/payments/methods/${ids[1]}/`, { is_default: true, name: 'Amex' })
    expect([body.data.name, body.data.is_default, await defaults()]).toEqual(['Amex', true, [ids[1]]])
    expect((await ann.delete(`/api/payments/methods/${ids[1]}/`)).status).toBe(204)
    expect(await defaults()).toEqual([ids[2]])
    expect((await ann.get(`/api/payments/methods/${ids[1]}/`)).status).toBe(404)
    expect((await ann.patch(`/api/payments/methods/${ids[0]}/`, { is_default: false })).status).toBe(422)
  })

  test('are for the owner: anybody else is told that there is none', async () => {
    const [ann, mal] = [await person('ann'), await person('mal')]
    const path = `/api/payments/methods/${await card(ann)}/`
    const tried = [mal.get(path), mal.patch(path, { name: 'Mine' }), mal.delete(path), mal.post(`${path}verify/`)]
    expect((await Promise.all(tried)).map(({ status }) => status)).toEqual([404, 404, 404, 404])
  })

  test('a card is verified by its provider, an account by nobody', async () => {
    const ann = await person('ann')
    const { body } = await ann.post(`/api/payments/methods/${await card(ann)}/verify/`)
    expect(body.data.is_verified).toBe(true)
    const { id } = (await add(ann, { method_type: 'bank_account', iban: IBAN, account_holder: 'Ann' })).body.data
    expect((await ann.post(`/api/payments/methods/${id}/verify/`)).status).toBe(409)
  })
})

describe('processPayment', () => {
  test('answers as documented, and moves the balances', async () => {
    const { team, settlement } = await owing()
    const { status, body } = await process(team.as.bob, settlement, await card(team.as.bob), { amount: '20.00', currency: 'USD' })
    expect(status).toBe(200)
    expect(body.data).toEqual({
      payment_id: expect.stringMatching(/^pay_/),
      status: 'completed',
      external_transaction_id: expect.stringMatching(/^ch_/),
      processed_at: expect.stringMatching(/Z$/),
    })
    expect([await statusOf(team.as.bob, settlement), await balanceOf(team, 'bob')]).toEqual(['completed', '0.00'])
  })

  test.each([
    ['tok_chargeDeclined', 'PAYMENT_FAILED'],
    ['tok_chargeDeclinedExpiredCard', 'PAYMENT_FAILED'],
    ['tok_chargeDeclinedInsufficientFunds', 'INSUFFICIENT_FUNDS'],
  ])('with %s is %s; nothing moves, and another card may pay', async (token, code) => {
    const { team, settlement } = await owing()
    const { status, body } = await process(team.as.bob, settlement, await card(team.as.bob, token))
    expect([status, body.error.code]).toEqual([402, code])
    expect([await statusOf(team.as.bob, settlement), await balanceOf(team, 'bob')]).toEqual(['pending', '-20.00'])
    expect((await process(team.as.bob, settlement, await card(team.as.bob))).body.data.status).toBe('completed')
  })

  test('under one key pays once, at the same time too, and a decline stays one', async () => {
    const { team, settlement } = await owing()
    const [visa, empty] = [await card(team.as.bob), await card(team.as.bob, 'tok_chargeDeclined')]
    const declined = await Promise.all([1, 2].map(() => process(team.as.bob, settlement, empty, {}, { 'idempotency-key': 'no' })))
    expect(declined.map(({ status }) => status)).toEqual([402, 402])
    const replies = await Promise.all([1, 2, 3].map(() => process(team.as.bob, settlement, visa, {}, { 'idempotency-key': 'yes' })))
    replies.push(await process(team.as.bob, settlement, visa, {}, { 'idempotency-key': 'yes' }))
    expect(new Set(replies.map(({ body }) => body.data.payment_id)).size).toBe(1)
    expect(replies.at(-1)?.body.data.status).toBe('completed')
    expect(await balanceOf(team, 'bob')).toBe('0.00')
    expect((await process(team.as.bob, settlement, visa, { amount: '1.00' }, { 'idempotency-key': 'yes' })).status).toBe(422)
  })

  test('of a part leaves the rest open', async () => {
    const { team, settlement } = await owing()
    await process(team.as.bob, settlement, await card(team.as.bob), { amount: '7.50' })
    expect([await statusOf(team.as.bob, settlement), await balanceOf(team, 'bob')]).toEqual(['pending', '-12.50'])
  })

  test('waits for the payer where their bank wants to hear from them', async () => {
    const { team, settlement } = await owing()
    const { body } = await process(team.as.bob, settlement, await card(team.as.bob, 'pm_card_authenticationRequired'))
    expect(body.data).toMatchObject({
      status: 'requires_action',
      client_secret: expect.any(String),
      external_transaction_id: null,
      processed_at: null,
    })
    const { pathname } = new URL(body.data.action_url)
    expect(await statusOf(team.as.bob, settlement)).toBe('processing')
    expect(await (await worker.fetch(`https://api.test${pathname}`)).text()).toContain('Approve')
    const approve = () => worker.fetch(`https://api.test${pathname}`, { method: 'POST', body: new URLSearchParams({ do: 'approve' }) })
    expect((await approve()).status).toBe(200)
    expect((await approve()).status).toBe(409)
    expect([await statusOf(team.as.bob, settlement), await balanceOf(team, 'bob')]).toEqual(['completed', '0.00'])
  })

  test('If-Match holds a payment and a refund to the settlement as it was seen', async () => {
    const { team, settlement } = await owing()
    const method = await card(team.as.bob)
    const etag = (await team.as.bob.get(`/api/payments/settlements/${settlement}/`)).headers.get('etag') ?? ''
    expect((await process(team.as.bob, settlement, method, {}, { 'if-match': '"1"' })).status).toBe(412)
    const { payment_id: id } = (await process(team.as.bob, settlement, method, {}, { 'if-match': etag })).body.data
    expect((await team.as.ann.post(`/api/payments/${id}/refund/`, undefined, { headers: { 'if-match': etag } })).status).toBe(412)
  })

  test('that waits for its payer can be called off by them, and then another card may pay', async () => {
    const { team, settlement } = await owing()
    const { payment_id: id } = (await process(team.as.bob, settlement, await card(team.as.bob, 'tok_threeDSecure2Required'))).body.data
    expect((await team.as.ann.post(`/api/payments/${id}/cancel/`)).status).toBe(403)
    for (let i = 0; i < 2; i++) {
      const { status, body } = await team.as.bob.post(`/api/payments/${id}/cancel/`)
      expect([status, body.data.status, body.data.error.code]).toEqual([200, 'failed', 'CANCELED'])
    }
    const paid = (await process(team.as.bob, settlement, await card(team.as.bob))).body.data
    expect([paid.status, (await team.as.bob.post(`/api/payments/${paid.payment_id}/cancel/`)).status]).toEqual(['completed', 409])
    expect(await balanceOf(team, 'bob')).toBe('0.00')
  })

  test.each<[string, (t: Team) => Client, Record<string, unknown>, number]>([
    ['more than is open', ({ as }) => as.bob, { amount: '20.01' }, 422],
    ['another currency', ({ as }) => as.bob, { currency: 'EUR' }, 422],
    ['by the payee', ({ as }) => as.ann, {}, 403],
    ['by another member', ({ as }) => as.cem, {}, 403],
  ])('refuses %s, and stores nothing', async (_, who, fields, status) => {
    const { team, settlement } = await owing()
    expect((await process(who(team), settlement, await card(who(team)), fields)).status).toBe(status)
    expect(await env.DB.prepare('SELECT id FROM payments WHERE settlement_id = ?').bind(settlement).all()).toMatchObject({ results: [] })
    expect(await statusOf(team.as.bob, settlement)).toBe('pending')
  })

  test('refuses what is no card, and a card of somebody else', async () => {
    const { team, settlement } = await owing()
    const { id } = (await add(team.as.bob, { method_type: 'cash' })).body.data
    expect((await process(team.as.bob, settlement, id)).body.error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'payment_method_id' }],
    })
    expect((await process(team.as.bob, settlement, await card(team.as.ann))).status).toBe(404)
  })

  test('a dry run tells what would happen, and pays nothing', async () => {
    const { team, settlement } = await owing()
    const method = await card(team.as.bob)
    const { body } = await team.as.bob.post('/api/payments/process/?dry_run=true', { settlement_id: settlement, payment_method_id: method })
    expect(body.data).toMatchObject({ status: 'processing', processed_at: null })
    expect([await statusOf(team.as.bob, settlement), (await team.as.bob.get('/api/payments/')).body.data]).toEqual(['pending', []])
  })

  test('does not pay twice when two requests of different keys race', async () => {
    const { team, settlement } = await owing()
    const method = await card(team.as.bob)
    const replies = await Promise.all([1, 2, 3, 4].map(() => process(team.as.bob, settlement, method)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
    expect(await balanceOf(team, 'bob')).toBe('0.00')
  })
})

describe('getPayment, listPayments and refundPayment', () => {
  test('the payee refunds what the payer paid, once; the balances are as before', async () => {
    const { team, settlement } = await owing()
    const { payment_id: id } = (await process(team.as.bob, settlement, await card(team.as.bob))).body.data
    expect((await team.as.bob.post(`/api/payments/${id}/refund/`)).status).toBe(403)
    const refunds = await Promise.all([1, 2].map(() => team.as.ann.post(`/api/payments/${id}/refund/`)))
    expect(refunds.map(({ status }) => status).toSorted()[0]).toBe(200)
    const { body } = await team.as.ann.get(`/api/payments/${id}/`)
    expect(body.data).toMatchObject({ status: 'refunded', amount: '20.00', refunded_amount: '20.00', payment_method_id: null })
    expect([await statusOf(team.as.ann, settlement), await balanceOf(team, 'bob')]).toEqual(['refunded', '-20.00'])
    expect((await team.as.ann.post(`/api/payments/${id}/refund/`)).status).toBe(409)
  })

  test('an audit finds a payment that the ledger has with another amount, or not at all', async () => {
    for (const change of [
      'UPDATE payments SET minor = minor + 1 WHERE settlement_id = ?',
      "UPDATE payments SET id = 'pay_' || id WHERE settlement_id = ?",
    ]) {
      const { team, settlement } = await owing()
      await process(team.as.bob, settlement, await card(team.as.bob))
      const audit = async () => (await team.as.ann.get(`/api/groups/${team.id}/audit/`)).body.data
      expect(await audit()).toMatchObject({ is_sound: true })
      await env.DB.prepare(change).bind(settlement).run()
      expect((await audit()).violations).toMatchObject([{ invariant: 'payments_are_posted_once' }])
    }
  })

  test('are listed to who paid, with filters; a stranger sees none of them', async () => {
    const { team, settlement } = await owing()
    const { payment_id: id } = (await process(team.as.bob, settlement, await card(team.as.bob))).body.data
    const found = async (who: Client, query: string) =>
      (await who.get(`/api/payments/?${query}`)).body.data.map((one: { id: string }) => one.id)
    expect(await found(team.as.bob, `status=completed&settlement_id=${settlement}`)).toEqual([id])
    expect(await found(team.as.bob, 'status=failed')).toEqual([])
    expect(await found(team.as.ann, '')).toEqual([])
    expect((await (await person('mal')).get(`/api/payments/${id}/`)).status).toBe(404)
  })
})

describe('receivePaymentEvent', () => {
  test("takes the sandbox's message once, and asks the sandbox what is so", async () => {
    const { team, settlement } = await owing()
    const { payment_id: id } = (await process(team.as.bob, settlement, await card(team.as.bob, 'tok_settlesLater'))).body.data
    const later = jobAt(Date.now() + 70_000)
    const event = await sandboxOf(later)?.eventOf(id)
    const post = () => send('POST', '/api/payments/webhooks/sandbox/', event?.body, { 'stripe-signature': event?.signature ?? '' })
    expect([(await post()).status, (await post()).status]).toEqual([200, 200])
    expect(await statusOf(team.as.bob, settlement)).toBe('processing')
    await drainOutbox(later)
    expect(await statusOf(team.as.bob, settlement)).toBe('completed')
  })

  test.each(['', 't=1,v1=00', `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`, 'nonsense'])(
    'refuses a message signed %j',
    async (signature) => {
      const { status, body } = await send('POST', '/api/payments/webhooks/sandbox/', '{}', { 'stripe-signature': signature })
      expect([status, body.error.code]).toEqual([400, 'INVALID_REQUEST'])
    },
  )

  test('knows no provider that is not set up', async () => {
    expect((await send('POST', '/api/payments/webhooks/stripe/', '{}')).status).toBe(404)
    expect((await send('POST', '/api/payments/webhooks/nobody/', '{}')).status).toBe(404)
  })
})
