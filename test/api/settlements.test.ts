// Settling up over the API, in the shapes of the document: asked for, confirmed, disputed, planned.
import { describe, expect, test } from 'vitest'
import { rest } from '../support/jobs.ts'
import { group, type Client, type Group } from '../support/world.ts'

type Team = Group<'ann' | 'bob' | 'cem'>

/** Ann paid 60.00 for three: Bob and Cem owe her 20.00 each. */
async function owing(fields: Record<string, unknown> = {}): Promise<Team> {
  const team = await group(['ann', 'bob', 'cem'], { currency: 'USD', ...fields })
  await team.as.ann.post('/api/expenses/', { title: 'Rent', amount: '60.00', group_id: team.id })
  return team
}

const netsOf = async ({ id, as }: Team): Promise<Record<string, string>> => {
  const { body } = await as.ann.get(`/api/groups/${id}/balances/`)
  return Object.fromEntries(
    (body.data.balances as { user: { name: string }; balance: string }[]).map((line) => [line.user.name.split(' ')[0] ?? '', line.balance]),
  )
}

const ask = (team: Team, by: Client, fields: Record<string, unknown> = {}) =>
  by.post('/api/payments/settlements/', { group_id: team.id, payee_id: team.ids.ann, amount: '20.00', ...fields })

const confirm = (who: Client, id: string, body: Record<string, unknown> = {}) => who.post(`/api/payments/settlements/${id}/confirm/`, body)

describe('createSettlement', () => {
  test('answers as documented, and moves nothing', async () => {
    const team = await owing()
    const { status, body } = await ask(team, team.as.bob, {
      currency: 'USD',
      description: 'Settlement for January expenses',
      due_date: '2024-01-31',
    })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({
      payer: { id: team.ids.bob, name: 'bob Test' },
      payee: { id: team.ids.ann, name: 'ann Test' },
      amount: '20.00',
      currency: { code: 'USD', symbol: '$' },
      group: { id: team.id, name: 'Test group' },
      status: 'pending',
      method: 'manual',
      description: 'Settlement for January expenses',
      due_date: '2024-01-31',
    })
    expect(await netsOf(team)).toEqual({ ann: '40.00', bob: '-20.00', cem: '-20.00' })
  })

  test.each([
    [{ amount: '0' }, 'amount'],
    [{ amount: '-1.00' }, 'amount'],
    [{ amount: '1.001' }, 'amount'],
    [{ currency: 'EUR' }, 'currency'],
    [{ due_date: '2024-02-30' }, 'due_date'],
    [{ note: 'x' }, 'note'],
  ])('refuses %j, naming %s', async (fields, field) => {
    const team = await owing()
    const { status, body } = await ask(team, team.as.bob, fields)
    expect([status, body.error.code, body.error.details[0].field]).toEqual([422, 'VALIDATION_ERROR', field])
    expect((await team.as.bob.get('/api/payments/settlements/')).body.data).toEqual([])
  })
})

describe('confirmSettlement', () => {
  test('by the payer in cash completes it as documented', async () => {
    const team = await owing()
    const { id } = (await ask(team, team.as.bob)).body.data
    const { status, body } = await confirm(team.as.bob, id, {
      confirmation_type: 'paid',
      payment_method: 'cash',
      notes: 'Paid in cash on Jan 15',
    })
    expect([status, body.data.status, body.data.method, body.data.remaining_amount]).toEqual([200, 'completed', 'cash', '0.00'])
    expect(body.data.completed_at).toMatch(/Z$/)
    expect(await netsOf(team)).toEqual({ ann: '20.00', bob: '0.00', cem: '-20.00' })
  })

  test('waits for the payee where payers are not trusted', async () => {
    const team = await owing({ settings: { trust_payers: false } })
    const { id } = (await ask(team, team.as.bob)).body.data
    const reported = await confirm(team.as.bob, id, { confirmation_type: 'paid', amount: '5.00' })
    expect([reported.body.data.status, reported.body.data.reported_amount]).toEqual(['reported', '5.00'])
    expect(await netsOf(team)).toMatchObject({ bob: '-20.00' })
    const received = await confirm(team.as.ann, id)
    expect([received.body.data.status, received.body.data.paid_amount]).toEqual(['pending', '5.00'])
    expect(await netsOf(team)).toMatchObject({ bob: '-15.00' })
  })

  test('under one key pays once, however often it is asked', async () => {
    const team = await owing()
    const { id } = (await ask(team, team.as.bob)).body.data
    const headers = { 'idempotency-key': `pay-${id}` }
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => team.as.ann.post(`/api/payments/settlements/${id}/confirm/`, { amount: '1.00' }, { headers })),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await netsOf(team)).toMatchObject({ bob: '-19.00' })
  })

  test('by both sides at once pays once', async () => {
    const team = await owing()
    const { id } = (await ask(team, team.as.bob)).body.data
    const both = await Promise.all([confirm(team.as.ann, id), confirm(team.as.bob, id, { confirmation_type: 'paid' })])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(await netsOf(team)).toEqual({ ann: '20.00', bob: '0.00', cem: '-20.00' })
  })

  test('is not for the one who only watches', async () => {
    const team = await owing()
    const { id } = (await ask(team, team.as.bob)).body.data
    const { status, body } = await confirm(team.as.cem, id)
    expect([status, body.error.code]).toEqual([403, 'PERMISSION_DENIED'])
  })

  test('of an old version is refused with the settlement as it is', async () => {
    const team = await owing()
    const { id, version } = (await ask(team, team.as.bob)).body.data
    await confirm(team.as.ann, id, { amount: '1.00' })
    const stale = await team.as.ann.post(`/api/payments/settlements/${id}/confirm/`, {}, { headers: { 'if-match': `"${version}"` } })
    expect([stale.status, stale.body.error.current.paid_amount]).toEqual([412, '1.00'])
  })
})

describe('listSettlements', () => {
  test('filters by status, group, role and plan, and pages', async () => {
    const team = await owing()
    const first = (await ask(team, team.as.bob)).body.data.id
    await confirm(team.as.ann, first)
    const second = (await ask(team, team.as.cem)).body.data.id
    const ids = async (who: Client, query: string): Promise<string[]> =>
      ((await who.get(`/api/payments/settlements/?${query}`)).body.data as { id: string }[]).map((one) => one.id)
    expect(await ids(team.as.ann, 'status=pending')).toEqual([second])
    expect(await ids(team.as.ann, `group_id=${team.id}&role=payee`)).toEqual([second, first])
    expect(await ids(team.as.ann, 'role=payer')).toEqual([])
    expect(await ids(team.as.cem, 'role=payer')).toEqual([second])
    const page = await team.as.ann.get('/api/payments/settlements/?page_size=1')
    expect(page.body.meta.pagination).toMatchObject({ total_items: 2, has_next: true })
    const next = await team.as.ann.get(`/api/payments/settlements/?page_size=1&cursor=${page.body.meta.pagination.next_cursor}`)
    expect([page.body.data[0].id, next.body.data[0].id]).toEqual([second, first])
    const stranger = await owing()
    expect(await ids(stranger.as.ann, `group_id=${team.id}`)).toEqual([])
  })
})

describe('createPlan', () => {
  test('clears the group when its steps are paid, and says when something came between', async () => {
    const team = await owing()
    const { status, body } = await team.as.bob.post(`/api/groups/${team.id}/plan/`, { due_date: '2026-12-31' })
    expect([status, body.data.steps.length, body.data.is_optimal, body.data.is_stale]).toEqual([201, 2, true, false])
    const [one, two] = body.data.steps as { settlement_id: string }[]
    await confirm(team.as.ann, two?.settlement_id ?? '', { amount: '7.00' })
    expect((await team.as.cem.get(`/api/groups/${team.id}/plan/`)).body.data).toMatchObject({ is_stale: false, is_done: false })
    await team.as.cem.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: team.id })
    const stale = (await team.as.cem.get(`/api/groups/${team.id}/plan/`)).body.data
    expect(stale.is_stale).toBe(true)
    expect(stale.differences.map((d: { amount: string }) => d.amount).toSorted()).toEqual(['-1.00', '-1.00', '2.00'])
    const again = (await team.as.bob.post(`/api/groups/${team.id}/plan/`, {})).body.data
    const withdrawn = await team.as.bob.get(`/api/payments/settlements/${one?.settlement_id}/`)
    expect(withdrawn.body.data.status).toBe('cancelled')
    for (const step of again.steps as { settlement_id: string; to: { id: string } }[]) {
      const payee = Object.values(team.as).find((who) => who.id === step.to.id)
      await confirm(payee ?? team.as.ann, step.settlement_id, { confirmation_type: 'received' })
    }
    expect(await netsOf(team)).toEqual({ ann: '0.00', bob: '0.00', cem: '0.00' })
    expect((await team.as.cem.get(`/api/groups/${team.id}/plan/`)).body.data).toMatchObject({ is_done: true, is_stale: false })
    expect((await team.as.cem.post(`/api/groups/${team.id}/plan/`, {})).body.error.code).toBe('CONFLICT')
  })
})

describe('listPayLinks', () => {
  const account = { method_type: 'bank_account', iban: 'DE89 3704 0044 0532 0130 00', account_holder: 'Ann Test', is_default: true }
  const linksOf = (who: Client, id: string) => who.get(`/api/payments/settlements/${id}/pay-links/`)

  test('gives the payer a code for their bank with what is open, and nobody else', async () => {
    const team = await owing({ currency: 'EUR' })
    expect((await team.as.ann.post('/api/payments/methods/', account)).status).toBe(201)
    const { id } = (await ask(team, team.as.bob)).body.data
    await confirm(team.as.ann, id, { amount: '7.50' })
    const { status, body } = await linksOf(team.as.bob, id)
    const [code, words] = body.data.links
    expect([status, body.data.links.length, body.data.withheld]).toEqual([200, 2, []])
    expect(code).toMatchObject({ kind: 'sepa_qr', qr_svg: expect.stringMatching(/^<svg [^]*<\/svg>$/) })
    expect(code.qr_payload.split('\n')).toMatchObject([
      'BCD',
      '002',
      '1',
      'SCT',
      '',
      'Ann Test',
      'DE89370400440532013000',
      'EUR12.50',
      '',
      '',
      expect.stringContaining(id.slice(4)),
    ])
    expect(words).toMatchObject({ kind: 'text', url: null, text: expect.stringContaining('€12.50') })
    for (const other of [team.as.ann, team.as.cem]) {
      const refused = await linksOf(other, id)
      expect([refused.status, JSON.stringify(refused.body).includes('DE89')]).toEqual([403, false])
    }
    await confirm(team.as.ann, id)
    expect((await linksOf(team.as.bob, id)).status).toBe(409)
  })

  test('says why a way that the payee takes cannot be used, and always has words', async () => {
    const team = await owing()
    await team.as.ann.post('/api/payments/methods/', account)
    const { id } = (await ask(team, team.as.bob)).body.data
    const { body } = await linksOf(team.as.bob, id)
    expect(body.data.links.map((link: { kind: string }) => link.kind)).toEqual(['text'])
    expect(body.data.withheld).toMatchObject([{ kind: 'sepa_qr', reason: 'currency' }])
    const toCem = (await ask(team, team.as.bob, { payee_id: team.ids.cem })).body.data.id
    expect((await linksOf(team.as.bob, toCem)).body.data.links).toMatchObject([{ kind: 'text' }])
  })
})

describe('the two sides', () => {
  test('are told what the other does, and nobody else is', async () => {
    const team = await owing()
    await rest()
    const { id } = (await ask(team, team.as.bob)).body.data
    await team.as.ann.post(`/api/payments/settlements/${id}/remind/`)
    await team.as.bob.post(`/api/payments/settlements/${id}/dispute/`, { reason: 'Paid long ago' })
    await team.as.bob.post(`/api/payments/settlements/${id}/resolve/`)
    await confirm(team.as.ann, id, { amount: '5.00' })
    await confirm(team.as.bob, id, { confirmation_type: 'paid' })
    await rest()
    const told = async (who: Client): Promise<string[]> =>
      ((await who.get('/api/notifications/')).body.data as { type: string; message: string; metadata: { settlement_id?: string } }[])
        .filter(({ metadata }) => metadata.settlement_id === id)
        .map(({ type, message }) => `${type}: ${message}`)
        .reverse()
    expect(await told(team.as.ann)).toEqual([
      'settlement_requested: bob Test is going to pay ann Test $20.00',
      'settlement_disputed: bob Test disputes the payment of $20.00: Paid long ago',
      'payment_received: bob Test paid ann Test $15.00',
    ])
    expect(await told(team.as.bob)).toEqual([
      'payment_due: ann Test reminds you to pay ann Test $20.00',
      'payment_received: bob Test paid ann Test $5.00; $15.00 is open',
    ])
    expect(await told(team.as.cem)).toEqual([])
  })
})

describe('the audit', () => {
  test('finds nothing after every kind of step, and the debts explain themselves', async () => {
    const team = await owing()
    const { id } = (await ask(team, team.as.bob)).body.data
    await team.as.ann.post(`/api/payments/settlements/${id}/dispute/`, { reason: 'Nothing came' })
    await team.as.ann.post(`/api/payments/settlements/${id}/resolve/`)
    await team.as.ann.post(`/api/payments/settlements/${id}/remind/`)
    await confirm(team.as.ann, id)
    await team.as.ann.post(`/api/payments/settlements/${id}/undo/`)
    await confirm(team.as.ann, id, { amount: '5.00' })
    await team.as.bob.post(`/api/payments/settlements/${id}/cancel/`)
    const audit = await team.as.ann.get(`/api/groups/${team.id}/audit/`)
    expect(audit.body.data.violations).toEqual([])
    expect(await netsOf(team)).toEqual({ ann: '35.00', bob: '-15.00', cem: '-20.00' })
    const why = await team.as.bob.get(`/api/groups/${team.id}/debts/${team.ids.bob}/${team.ids.ann}/explain/`)
    expect(why.body.data.amount).toBe('15.00')
    const feed = await team.as.cem.get(`/api/groups/${team.id}/activity/`)
    expect((feed.body.data as { type: string }[]).slice(0, 3).map((item) => item.type)).toEqual([
      'settlement_cancelled',
      'payment_made',
      'settlement_undone',
    ])
  })
})
