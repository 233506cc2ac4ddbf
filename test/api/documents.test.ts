// The examples of the document that the native surface follows, sent as they stand there; only ids are real ones.
// What it shows of each reply is in the reply, with the values that it computes.
import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { methodAndPath } from '../../src/http/operation.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
import { env } from '../support/env.ts'
import { readMail } from '../support/people.ts'
import { formWith } from '../support/picture.ts'
import { address, dinner, idOf, instant, shownDinner, team, text, USD } from '../support/team.ts'
import { group, person, send, type Reply } from '../support/world.ts'

const link = expect.stringMatching(/^https?:\/\//) as string

let count = 0

const REGISTRATION = {
  email: 'user@example.com',
  password: 'SecurePassword123!',
  first_name: 'John',
  last_name: 'Doe',
  username: 'johndoe',
  preferred_currency: 'USD',
  timezone: 'America/New_York',
}
const register = (fields: object) => send('POST', '/api/auth/register/', { ...REGISTRATION, ...fields })

describe('Response Structure', () => {
  test('a success and an error have the documented fields and no others', async () => {
    const ann = await person('ann')
    const meta = { timestamp: instant, request_id: 'req_abc123' }
    const headers = { 'x-request-id': 'req_abc123' }
    const good = await ann.get('/api/users/me/', { headers })
    expect(good.body).toEqual({ status: 'success', data: expect.any(Object) as object, meta: { ...meta, version: '1.0' } })
    const bad = await ann.post('/api/expenses/', { title: 'x', amount: '-1' }, { headers })
    expect([bad.status, bad.body]).toEqual([
      422,
      {
        status: 'error',
        error: {
          code: 'VALIDATION_ERROR',
          message: text,
          details: [{ field: 'amount', message: 'Must be greater than 0', code: 'INVALID_VALUE', got: '-1' }],
        },
        meta,
      },
    ])
  })

  test('both forms of each path lead to the same operation', async () => {
    for (const op of OPERATIONS) {
      const { method, path } = methodAndPath(op)
      const filled = path.replaceAll(/\{(\w+)\}/g, 'x')
      const [slashed, bare] = [await send(method, filled), await send(method, filled.replace(/\/$/, ''))]
      expect([op.id, bare.status, bare.body.error]).toEqual([op.id, slashed.status, slashed.body.error])
      expect(slashed.status).not.toBe(405)
    }
  })
})

describe('Error Codes', () => {
  test('each documented code comes with its documented status', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const viewer = await as.ann.patch(`/api/groups/${id}/members/${as.bob.id}/`, { role: 'viewer' })
    expect(viewer.status).toBe(200)
    const asked: [Promise<Reply>, number, string][] = [
      [send('GET', '/api/users/me/'), 401, 'AUTH_REQUIRED'],
      [send('GET', '/api/users/me/', undefined, { authorization: 'Bearer x' }), 401, 'INVALID_TOKEN'],
      [as.bob.post('/api/expenses/', { title: 'x', amount: '1', group_id: id }), 403, 'PERMISSION_DENIED'],
      [as.ann.get('/api/expenses/exp_01jd3k5m7n9pqrstvwxyz01234/'), 404, 'RESOURCE_NOT_FOUND'],
      [as.ann.post('/api/expenses/', {}), 422, 'VALIDATION_ERROR'],
      [register({ email: as.ann.email, username: `taken${++count}` }), 409, 'DUPLICATE_RESOURCE'],
      [as.ann.post('/api/expenses/', '{'), 400, 'INVALID_REQUEST'],
      [as.ann.get('/api/users/me/', { headers: { accept: 'application/vnd.expensetracker.v2+json' } }), 406, 'NOT_ACCEPTABLE'],
    ]
    for (const [reply, status, code] of asked) expect([(await reply).status, (await reply).body.error.code]).toEqual([status, code])
  })

  test('the documented version is served', async () => {
    expect((await send('GET', '/api/', undefined, { accept: 'application/vnd.expensetracker.v1+json' })).body.meta.version).toBe('1.0')
  })
})

describe('Rate Limits', () => {
  const app = createApp()
  const asked = async (method: string, path: string, headers: Record<string, string>) => {
    const reply = await app.fetch(
      new Request(`https://api.test${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body: '{}' }),
      }),
      { ...env, RATE_LIMIT_SCALE: '1' },
      createExecutionContext(),
    )
    return ['limit', 'remaining', 'reset'].map((name) => Number(reply.headers.get(`x-ratelimit-${name}`)))
  }

  test.each([
    ['auth', 'POST', '/api/auth/login/', [5, 10, 20], 60],
    ['read', 'GET', '/api/expenses/', [100, 1000, 5000], 3600],
    ['write', 'POST', '/api/groups/', [50, 500, 2000], 3600],
    ['analytics', 'GET', '/api/groups/grp_01jd3k5m7n9pqrstvwxyz01234/audit/', [undefined, 100, 1000], 3600],
  ] as const)(
    '%s endpoints have the documented limits by tier, and the headers say what is left',
    async (_, method, path, [anonymous, standard, premium], windowS) => {
      const [ann, rich] = [await person('ann'), await person('rich')]
      await env.DB.prepare("UPDATE users SET tier = 'premium' WHERE id = ?").bind(rich.id).run()
      const callers: [number | undefined, Record<string, string>][] = [
        [anonymous, { 'cf-connecting-ip': `203.0.113.${++count}` }],
        [standard, { authorization: `Bearer ${ann.token}` }],
        [premium, { authorization: `Bearer ${rich.token}` }],
      ]
      for (const [limit, headers] of callers) {
        if (limit === undefined) continue
        const [max, remaining, reset = 0] = await asked(method, path, headers)
        expect([max, remaining]).toEqual([limit, limit - 1])
        expect(reset - Date.now() / 1000).toBeGreaterThan(windowS - 10)
        expect(reset - Date.now() / 1000).toBeLessThanOrEqual(windowS + 1)
      }
    },
  )
})

describe('Authentication API', () => {
  test('1 to 4: register, log in, refresh, log out', async () => {
    const email = address('user')
    const username = `johndoe${++count}`
    const registered = await register({ email, username })
    expect([registered.status, registered.body]).toMatchObject([
      201,
      {
        status: 'success',
        data: {
          user: { id: idOf('usr'), email, username, first_name: 'John', last_name: 'Doe', is_verified: false, created_at: instant },
          tokens: { access: text, refresh: text },
        },
        message: 'Registration successful. Please verify your email.',
      },
    ])
    const loggedIn = await send('POST', '/api/auth/login/', { email, password: 'SecurePassword123!' })
    expect([loggedIn.status, loggedIn.body.data]).toMatchObject([
      200,
      {
        user: { id: registered.body.data.user.id, email, username, first_name: 'John', last_name: 'Doe' },
        tokens: { access: text, refresh: text, expires_in: 3600 },
      },
    ])
    const refreshed = await send('POST', '/api/auth/refresh/', { refresh: loggedIn.body.data.tokens.refresh })
    expect([refreshed.status, refreshed.body.data]).toMatchObject([200, { access: text, expires_in: 3600 }])
    expect((await send('GET', '/api/users/me/', undefined, { authorization: `Bearer ${refreshed.body.data.access}` })).status).toBe(200)
    const out = await send('POST', '/api/auth/logout/', { refresh: refreshed.body.data.refresh })
    expect([out.status, out.body]).toEqual([204, ''])
    expect((await send('POST', '/api/auth/refresh/', { refresh: refreshed.body.data.refresh })).status).toBe(401)
  })

  test('5 and 6: ask for a reset, and reset', async () => {
    const email = address('user')
    await register({ email, username: `johndoe${++count}` })
    const asked = await send('POST', '/api/auth/password-reset/', { email })
    expect([asked.status, asked.body]).toEqual([
      200,
      { status: 'success', message: 'Password reset email sent if account exists', meta: expect.any(Object) as object },
    ])
    const { token } = await readMail(email, /Reset/)
    const reset = await send('POST', '/api/auth/password-reset/confirm/', { token, new_password: 'NewSecurePassword123!' })
    expect([reset.status, reset.body]).toMatchObject([200, { status: 'success', message: 'Password reset successful' }])
    expect((await send('POST', '/api/auth/login/', { email, password: 'NewSecurePassword123!' })).status).toBe(200)
  })
})

describe('User Management API', () => {
  const settings = { notifications_enabled: true, email_notifications: true, push_notifications: false }

  test('1 to 3: profile, its update, an avatar', async () => {
    const john = await person('John', { last_name: 'Doe', timezone: 'America/New_York' })
    const shown = await john.get('/api/users/me/')
    expect([shown.status, shown.body.data]).toMatchObject([
      200,
      {
        ...{
          id: john.id,
          email: john.email,
          username: text,
          first_name: 'John',
          last_name: 'Doe',
          avatar: null,
          bio: '',
          preferred_currency: 'USD',
          timezone: 'America/New_York',
          settings,
        },
        profile: { occupation: null, company: null, country: null, city: null, total_expenses: '0.00', expense_count: 0, group_count: 0 },
      },
    ])
    const change = {
      first_name: 'John',
      last_name: 'Smith',
      bio: 'Updated bio',
      preferred_currency: 'EUR',
      profile: { occupation: 'Senior Developer', city: 'Boston' },
    }
    const changed = await john.patch('/api/users/me/', change)
    expect([changed.status, changed.body.data]).toMatchObject([200, { ...change, settings, timezone: 'America/New_York' }])
    const uploaded = await john.post('/api/users/me/avatar/', formWith('avatar'))
    expect([uploaded.status, uploaded.body.data]).toEqual([200, { avatar_url: link }])
    expect((await john.get('/api/users/me/')).body.data.avatar).toBe(uploaded.body.data.avatar_url)
  })
})

describe('Expense API', () => {
  test('1 to 3: create, list and read', async () => {
    const t = await team()
    const created = await t.john.post('/api/expenses/', dinner(t))
    expect([created.status, created.body.message, created.body.data]).toMatchObject([201, 'Expense created successfully', shownDinner(t)])
    const query = `group_id=${t.id}&category_id=${t.food}&paid_by=${t.john.id}&date_from=2024-01-01&date_to=2024-01-31&amount_min=100&amount_max=300&is_settled=false&search=italian&sort=-expense_date&page=1&page_size=20`
    const listed = await t.jane.get(`/api/expenses/?${query}`)
    expect([listed.status, listed.body.data]).toMatchObject([200, [shownDinner(t)]])
    expect(listed.body.meta.pagination).toMatchObject({ page: 1, page_size: 20, total_pages: 1, total_items: 1 })
    await t.jane.post(`/api/expenses/${created.body.data.id}/comments/`, { comment: 'Thanks for covering this!' })
    const read = await t.bob.get(`/api/expenses/${created.body.data.id}/`)
    expect([read.status, read.body.data]).toMatchObject([
      200,
      {
        ...shownDinner(t),
        currency: { ...USD, exchange_rate_to_usd: '1.00' },
        shares: [t.john, t.jane, t.bob, t.amy].map(({ id }) => ({
          id: expect.stringMatching(/^shr_/) as string,
          user: { id, name: text, avatar: null },
          amount: '62.50',
          is_settled: id === t.john.id,
          settled_at: id === t.john.id ? instant : null,
        })),
        comments: [
          { id: idOf('cmt'), user: { id: t.jane.id, name: 'Jane Smith' }, comment: 'Thanks for covering this!', created_at: instant },
        ],
        activity: [
          { type: 'created', user: 'John Doe', timestamp: instant },
          { type: 'commented', user: 'Jane Smith', timestamp: instant },
        ],
      },
    ])
  })

  test('4, 6, 7, 8 and 5: update, split anew, comment, add a receipt, delete', async () => {
    const t = await team()
    const { body } = await t.john.post('/api/expenses/', dinner(t))
    const path = `/api/expenses/${body.data.id}/`
    const split = await t.john.post(`${path}split/`, {
      split_type: 'percentage',
      split_data: { [t.john.id]: 40, [t.jane.id]: 30, [t.bob.id]: 30 },
    })
    expect([split.status, split.body.data.shares]).toMatchObject([
      200,
      [
        { user_id: t.john.id, amount: '100.00', percentage: 40 },
        { user_id: t.jane.id, amount: '75.00', percentage: 30 },
        { user_id: t.bob.id, amount: '75.00', percentage: 30 },
      ],
    ])
    const updated = await t.john.put(path, {
      title: "Updated: Dinner at Luigi's",
      amount: '260.00',
      description: 'Team dinner with dessert',
    })
    expect([updated.status, updated.body.data]).toMatchObject([
      200,
      {
        title: "Updated: Dinner at Luigi's",
        amount: '260.00',
        description: 'Team dinner with dessert',
        tags: ['dinner', 'team-event'],
        expense_date: '2024-01-14',
      },
    ])
    expect(updated.body.data.participants.map((p: { share: string }) => p.share)).toEqual(['104.00', '78.00', '78.00'])
    const comment = await t.bob.post(`${path}comments/`, { comment: "Thanks for covering this! I'll settle up tomorrow." })
    expect([comment.status, comment.body.data]).toMatchObject([
      201,
      {
        id: idOf('cmt'),
        user: { id: t.bob.id, name: 'Bob Wilson' },
        comment: "Thanks for covering this! I'll settle up tomorrow.",
        created_at: instant,
      },
    ])
    const receipt = await t.john.post(`${path}receipt/`, formWith('receipt'))
    expect([receipt.status, receipt.body.data]).toMatchObject([200, { receipt_url: link }])
    expect(receipt.body.data).toHaveProperty('ocr_data')
    expect((await t.john.get(path)).body.data.receipt).toBe(receipt.body.data.receipt_url)
    const gone = await t.john.delete(path)
    expect([gone.status, gone.body, (await t.john.get('/api/expenses/')).body.data]).toEqual([204, '', []])
  })
})

describe('Pagination, Filtering & Sorting', () => {
  test('pages have the documented fields and links', async () => {
    const { id, as } = await group(['ann'])
    for (let n = 1; n <= 5; n++) await as.ann.post('/api/expenses/', { title: `Bread ${n}`, amount: `${n}`, group_id: id })
    const { body } = await as.ann.get('/api/expenses?page=2&page_size=2')
    expect(body.meta.pagination).toEqual({
      page: 2,
      page_size: 2,
      total_pages: 3,
      total_items: 5,
      has_next: true,
      has_previous: true,
      next_cursor: text,
    })
    expect(body.links).toEqual({
      first: '/api/expenses?page_size=2&page=1',
      last: '/api/expenses?page_size=2&page=3',
      next: '/api/expenses?page_size=2&page=3',
      previous: '/api/expenses?page_size=2&page=1',
    })
    const whole = await as.ann.get('/api/expenses')
    expect(whole.body.meta.pagination).toEqual({
      page: 1,
      page_size: 20,
      total_pages: 1,
      total_items: 5,
      has_next: false,
      has_previous: false,
      next_cursor: null,
    })
    expect(whole.body.links).toEqual({ first: '/api/expenses?page=1', last: '/api/expenses?page=1', next: null, previous: null })
  })

  test('the documented queries find what they say', async () => {
    const t = await team()
    const spent = (title: string, amount: string, expense_date: string, fields: object = {}) =>
      t.john.post('/api/expenses/', { title, amount, expense_date, group_id: t.id, ...fields })
    await spent('Cheap lunch', '20.00', '2024-01-10', { category_id: t.food })
    await spent('Exactly fifty', '50.00', '2024-01-11', { category_id: t.food })
    await spent('A feast', '80.00', '2024-01-31', { category_id: t.food, vendor: 'Restaurant Roma' })
    await spent('Later feast', '90.00', '2024-02-01', { category_id: t.food })
    await spent('Taxi', '80.00', '2024-01-12')
    const titles = async (query: string) => (await t.john.get(`/api/expenses?${query}`)).body.data.map((e: { title: string }) => e.title)
    expect(await titles('category=food&amount_gt=50&date_range=2024-01-01,2024-01-31')).toEqual(['A feast'])
    expect(await titles('sort=-amount,expense_date')).toEqual(['Later feast', 'Taxi', 'A feast', 'Exactly fifty', 'Cheap lunch'])
    expect(await titles('search=restaurant')).toEqual(['A feast'])
  })
})
