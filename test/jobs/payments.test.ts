// Payments under faults: whatever is lost on the way, each payment of the provider is in the ledger once and with its
// amount, and nothing else is.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { connect } from '../../src/db/client.ts'
import type { Id } from '../../src/domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { bringOn } from '../../src/jobs/payments.ts'
import { reconcilePayments } from '../../src/jobs/reconcile.ts'
import { auditGroup } from '../../src/services/audit.ts'
import { sandboxOf } from '../../src/services/gateways.ts'
import { processPayment, refundPayment } from '../../src/services/payments.ts'
import { env } from '../support/env.ts'
import { random } from '../support/faults.ts'
import { jobAt } from '../support/jobs.ts'
import { Calls, type CallFate } from '../support/payment-faults.ts'
import { dataOf } from '../support/scene.ts'
import { group, type Group } from '../support/world.ts'

const NOTHING_TO_MEND = { finished: 0, restored: 0, differing: 0, failed: 0 }

/** What the card does, and how its payment ends after its payer has done what is to be done. */
const CARDS = {
  tok_visa: 'succeeded',
  tok_chargeDeclinedInsufficientFunds: 'failed',
  tok_threeDSecure2Required: 'succeeded',
  tok_settlesLater: 'succeeded',
  tok_failsLater: 'failed',
} as const
type Token = keyof typeof CARDS

const endOf = (token: Token): string => (CARDS[token] === 'failed' ? 'failed' : 'completed')

let team: Group<'ann' | 'bob'>
const methods = {} as Record<Token, Id<'paymentMethod'>>
let asked = 0

beforeAll(async () => {
  team = await group(['ann', 'bob'])
  for (const token of Object.keys(CARDS) as Token[])
    methods[token] = (
      await dataOf<{ id: Id<'paymentMethod'> }>(team.as.bob.post('/api/payments/methods/', { method_type: 'stripe', stripe_token: token }))
    ).id
})
beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue())
afterEach(() => void vi.restoreAllMocks())

/** A settlement of an amount that no other one has. */
async function ask(): Promise<{ settlementId: Id<'settlement'>; minor: number }> {
  const minor = 1000 + (asked += 1)
  const amount = (minor / 100).toFixed(2)
  const { id } = await dataOf<{ id: Id<'settlement'> }>(
    team.as.bob.post('/api/payments/settlements/', { group_id: team.id, payee_id: team.ids.ann, amount }),
  )
  return { settlementId: id, minor }
}

interface Story {
  readonly settlementId: Id<'settlement'>
  readonly minor: number
  readonly token: Token
  readonly key: string
  readonly start: number
}

const begin = async (token: Token): Promise<Story> => ({ ...(await ask()), token, key: crypto.randomUUID(), start: Date.now() })

/** The client's request in these surroundings; what it is told does not matter here. */
const request = (calls: Calls, { settlementId, token, key }: Story, now: number): Promise<unknown> =>
  processPayment(calls.ctx(team.ids.bob, key, now), { settlementId, methodId: methods[token] }, calls.gateways(now)).catch(() => {})

const sound = (): Calls => new Calls(-1, 'lost_before')

const paymentOf = ({ settlementId }: Story) =>
  env.DB.prepare('SELECT id, status, minor, refunded FROM payments WHERE settlement_id = ?')
    .bind(settlementId)
    .first<{ id: Id<'payment'>; status: string; minor: number; refunded: number }>()

/** Everybody who goes on with payments by themselves: the outbox, the sandbox's messages, and time. */
async function waitFor(story: Story, from = story.start): Promise<void> {
  for (const wait of [0, 2 * MINUTE, 10 * MINUTE, HOUR]) {
    for (let i = 0; i < 2; i++) await drainOutbox(jobAt(from + wait))
  }
}

/** How a payment may come to its end after the one fault. */
const MENDERS = {
  outbox: waitFor,
  /** Every promise is lost: the night finds what is open. */
  reconcile: async (story: Story) => {
    const { id } = (await paymentOf(story)) ?? {}
    await env.DB.prepare('DELETE FROM outbox WHERE payload LIKE ?').bind(`%${id}%`).run()
    await reconcilePayments(jobAt(story.start + HOUR))
  },
  client: async (story: Story) => {
    await request(sound(), story, story.start + 2 * MINUTE)
    await waitFor(story)
  },
  /** The day is over, and with it the provider's memory for keys. */
  'the day after': (story: Story) => waitFor(story, story.start + DAY),
} as const

/** What the payer of a 3-D Secure card does at their bank, as soon as there is something to do. */
async function act(story: Story): Promise<void> {
  const payment = await paymentOf(story)
  if (payment !== null) await sandboxOf(jobAt(story.start))?.act(payment.id, true)
}

/** What the provider has of the settlement, what the ledger has, and how both sides of the row are. */
async function compared(story: Story) {
  const payment = await paymentOf(story)
  const provider = await env.DB.prepare('SELECT status, settles_to, minor, refund_id FROM sandbox_payments WHERE key = ?')
    .bind(payment?.id ?? '')
    .first<{ status: string; settles_to: string | null; minor: number; refund_id: string | null }>()
  const { results: entries } = await env.DB.prepare(
    `SELECT j.type, COUNT(*) AS n FROM journal j, json_each(j.body, '$.settlements') s WHERE j.group_id = ? AND s.value->>'id' = ? GROUP BY j.type`,
  )
    .bind(team.id, story.settlementId)
    .all<{ type: string; n: number }>()
  const settlement = await env.DB.prepare('SELECT status, paid FROM settlements WHERE id = ?').bind(story.settlementId).first()
  return { payment, provider, entries: Object.fromEntries(entries.map(({ type, n }) => [type, n])), settlement }
}

/** Throws unless the payment has come to its end, and everybody says the same of it. */
async function expectEnded(story: Story, isRefunded = false): Promise<void> {
  const { payment, provider, entries, settlement } = await compared(story)
  if (payment === null) {
    // The intent itself was lost: then nobody has heard of it.
    expect([provider, settlement]).toEqual([null, { status: 'pending', paid: 0 }])
    return
  }
  const state = provider?.status === 'processing' ? provider.settles_to : provider?.status
  if (provider !== null) expect(provider.minor).toBe(story.minor)
  if (state === 'succeeded') {
    expect(entries).toMatchObject({ payment_started: 1, settlement_paid: 1, ...(isRefunded && { payment_refunded: 1 }) })
    expect(entries['payment_failed']).toBeUndefined()
    const refunded = isRefunded ? story.minor : 0
    expect(settlement).toEqual({ status: isRefunded ? 'refunded' : 'completed', paid: story.minor - refunded })
    expect(payment).toMatchObject({ status: isRefunded ? 'refunded' : 'completed', minor: story.minor, refunded })
  } else {
    expect([payment.status, settlement, entries['settlement_paid']]).toEqual(['failed', { status: 'pending', paid: 0 }, undefined])
    expect(entries['payment_failed'] ?? 0).toBe(entries['payment_started'] ?? 0)
  }
}

/** Throws if the row says of the ledger what is not in it: at no moment does it. */
async function expectNotAhead(story: Story): Promise<void> {
  const { payment, entries } = await compared(story)
  if (payment?.status === 'completed') expect(entries).toMatchObject({ settlement_paid: 1 })
  if (payment?.status === 'refunded') expect(entries).toMatchObject({ settlement_paid: 1, payment_refunded: 1 })
}

const FATES: readonly CallFate[] = ['lost_before', 'lost_after', 'late', 'twice']

/** Whether the call can end like that in a way of its own: a read is lost, whenever that happens. */
function isOwnFate(fate: CallFate, call: string): boolean {
  if (fate === 'lost_before') return true
  if (fate === 'lost_after') return call !== 'read'
  return !['read', 'write'].includes(call) && !(fate === 'twice' && call === 'batch')
}

/** Tells the story once for each call that it makes, which then fails. Answers the calls. */
async function forEachCall(
  seed: number,
  fate: CallFate,
  tell: (calls: Calls, mender: keyof typeof MENDERS) => Promise<void>,
): Promise<readonly string[]> {
  const dice = random(seed)
  const menders = Object.keys(MENDERS) as (keyof typeof MENDERS)[]
  const [whole] = [sound()]
  await tell(whole, 'outbox')
  for (const [n, call] of whole.made.entries()) {
    const mender = menders[Math.floor(dice() * menders.length)] ?? 'outbox'
    if (isOwnFate(fate, call)) await tell(new Calls(n, fate), mender)
  }
  return whole.made
}

describe.each(Object.keys(CARDS) as Token[])('a payment with %s', (token) => {
  test.each(FATES)(
    'is in the ledger as often as at the provider, whichever call of its request is %s',
    { timeout: 60_000 },
    async (fate) => {
      const told = await forEachCall(token.length, fate, async (calls, mender) => {
        const story = await begin(token)
        await request(calls, story, story.start)
        await calls.settle()
        await expectNotAhead(story)
        await act(story)
        await MENDERS[mender](story)
        // One that has to be approved is begun only by whoever mends it.
        await act(story)
        await waitFor(story, story.start + DAY + HOUR)
        await expectEnded(story)
        // Where nothing was lost, the card alone decides.
        if (fate === 'twice') expect((await paymentOf(story))?.status).toBe(endOf(token))
      })
      expect(told.length).toBeGreaterThan(10)
      expect(await reconcilePayments(jobAt(Date.now() + 2 * DAY))).toMatchObject(NOTHING_TO_MEND)
    },
  )

  test.each(FATES)('comes to its end once, whichever call of the outbox is %s', { timeout: 60_000 }, async (fate) => {
    await forEachCall(token.length + 1, fate, async (calls) => {
      const story = await begin(token)
      // The request dies right after the intent.
      await request(new Calls(intentAt, 'lost_after'), story, story.start)
      const payment = await paymentOf(story)
      expect(payment?.status).toBe('created')
      const at = { ...jobAt(story.start + 30 * SECOND), env: calls.env, db: connect(calls.env.DB) }
      await bringOn(at, payment?.id ?? 'pay_', calls.gateways(at.now)).catch(() => {})
      await calls.settle()
      await act(story)
      await waitFor(story)
      await act(story)
      await waitFor(story, story.start + DAY)
      await expectEnded(story)
    })
  })
})

test.each(Object.keys(CARDS) as Token[])('whoever goes on with a payment at the same time, one with %s ends as it must', async (token) => {
  for (let round = 0; round < 4; round++) {
    const story = await begin(token)
    await request(new Calls(intentAt, 'lost_after'), story, story.start)
    const { id = 'pay_' as const } = (await paymentOf(story)) ?? {}
    const together = () => Promise.all([1, 2, 3].map((n) => bringOn(jobAt(story.start + n), id)))
    await together()
    await act(story)
    await Promise.all([together(), request(sound(), story, story.start)])
    await waitFor(story)
    await expectEnded(story)
    expect((await paymentOf(story))?.status).toBe(endOf(token))
  }
})

/** The number of the call that stores the intent. */
let intentAt = 0
beforeAll(async () => {
  const calls = sound()
  await request(calls, await begin('tok_visa'), Date.now())
  intentAt = calls.made.indexOf('batch')
})

describe('a refund', () => {
  test.each(FATES)('reverses what was posted once, whichever call is %s', { timeout: 60_000 }, async (fate) => {
    const told = await forEachCall(7, fate, async (calls, mender) => {
      const story = await begin('tok_visa')
      await request(sound(), story, story.start)
      const { id } = (await paymentOf(story)) ?? {}
      const refund = (one: Calls) =>
        refundPayment(one.ctx(team.ids.ann, `refund ${story.key}`, story.start), id ?? 'pay_', one.gateways(story.start)).catch(() => {})
      await refund(calls)
      await calls.settle()
      await expectNotAhead(story)
      if (mender !== 'client') await MENDERS[mender](story)
      await refund(sound())
      await waitFor(story)
      await expectEnded(story, true)
    })
    expect(told.length).toBeGreaterThan(8)
  })
})

test('after all of it nothing is open, nothing is to mend, and the audit agrees', async () => {
  const at = jobAt(Date.now() + 2 * DAY)
  expect(await reconcilePayments(at)).toMatchObject(NOTHING_TO_MEND)
  const { results } = await env.DB.prepare("SELECT id FROM payments WHERE status NOT IN ('completed', 'failed', 'refunded')").all()
  expect(results).toEqual([])
  expect(await auditGroup({ ...sound().ctx(team.ids.ann, 'audit', at.now), env }, team.id as Id<'group'>)).toMatchObject({ violations: [] })
})
