// The Basic Expense Tracker as its document has it: every operation, with the replies and errors of the document.
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { basic } from '../../src/dialects/basic/index.ts'
import { idFromUuid, uuidOf, type Id } from '../../src/domain/ids.ts'
import { env } from '../support/env.ts'
import { group, PASSWORD, person, send, worker, type Reply } from '../support/world.ts'

/** The operations of the document, as it numbers them. */
const DOCUMENT = [
  'POST /api/register',
  'POST /api/login',
  'GET /api/profile',
  'POST /api/expenses',
  'GET /api/expenses',
  'POST /api/categories',
  'GET /api/categories',
  'DELETE /api/expenses/{id}',
  'DELETE /api/categories/{id}',
  'PUT /api/profile',
  'POST /api/deactivate',
  'POST /api/reactivate',
  'GET /api/login-history',
]

const BREAD = { title: 'Bread', description: null, amount: 12.5, expense_date: '2026-11-20', expense_time: '19:30:00' }
const DELETED = { message: 'Expense deleted successfully.' }
const INSTANT: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const UUID: unknown = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const PASS = 'only small letters'

const ask = (method: string, path: string, token?: string, body?: unknown): Promise<Reply> =>
  send(method, `/basic${path}`, body, token === undefined ? {} : { authorization: `Bearer ${token}` })
const said = ({ status, body }: Reply): unknown[] => [status, body]
const freshEmail = (): string => `basic.${crypto.randomUUID()}@example.com`

const logIn = (email: string, password = PASS): Promise<Reply> => ask('POST', '/api/login', undefined, { email, password })

interface Spender {
  readonly email: string
  readonly id: string
  readonly token: string
}

/** Somebody who knows nothing but this document. */
async function spender(name = 'Jane van Doe'): Promise<Spender> {
  const email = freshEmail()
  const { body } = await ask('POST', '/api/register', undefined, { name, email, password: PASS })
  return { email, id: body.user.id, token: (await logIn(email)).body.token }
}

async function recorded(token: string, fields: object = {}): Promise<string> {
  const { status, body } = await ask('POST', '/api/expenses', token, { ...BREAD, categories: [], ...fields })
  expect(status).toBe(201)
  return body.expense.id
}

async function made(token: string, name: string): Promise<string> {
  return (await ask('POST', '/api/categories', token, { name })).body.category.id
}

const listed = async (token: string): Promise<Record<string, unknown>[]> => (await ask('GET', '/api/expenses', token)).body.expenses
const native = (token: string, method: string, path: string, body?: unknown): Promise<Reply> =>
  send(method, path, body, { authorization: `Bearer ${token}` })

test('every operation of the document is a row, and the other way round', () => {
  expect(basic.rows.map((op) => op.on).toSorted()).toEqual(DOCUMENT.toSorted())
})

describe('registerUser', () => {
  test('answers the account without a token, and keeps the name as it was sent', async () => {
    const email = freshEmail()
    const reply = await ask('POST', '/api/register', undefined, { name: ' Jane van Doe ', email, password: PASS })
    expect(said(reply)).toEqual([
      201,
      {
        message: 'User registered successfully.',
        user: {
          id: UUID,
          name: 'Jane van Doe',
          email,
          profile_image: null,
          created_at: INSTANT,
          updated_at: INSTANT,
          is_active: true,
          deactivated_at: null,
        },
      },
    ])
    const again = await ask('POST', '/api/register', undefined, { name: 'Other', email, password: PASS })
    expect(said(again)).toEqual([409, { error: 'Email already exists' }])
  })

  test.each([
    ['a name of one letter', { name: 'J' }],
    ['no email address', { email: 'jane' }],
    ['a password of seven characters', { password: 'a b c d' }],
    ['a password that everybody tries first', { password: 'password' }],
    ['a field that the document does not have', { role: 'admin' }],
    ['text instead of JSON', '{'],
  ])('refuses %s', async (_, wrong) => {
    const body = typeof wrong === 'string' ? wrong : { name: 'Jane', email: freshEmail(), password: PASS, ...wrong }
    expect(said(await ask('POST', '/api/register', undefined, body))).toEqual([400, { error: 'Invalid request body' }])
  })

  test('refuses a body of another type', async () => {
    const reply = await send('POST', '/basic/api/register', 'name=Jane', { 'content-type': 'application/x-www-form-urlencoded' })
    expect(said(reply)).toEqual([400, { error: 'Invalid request body' }])
  })
})

describe('logIn', () => {
  test('answers a token for 24 hours, with which the native surface may be used too', async () => {
    const { email } = await spender()
    const reply = await logIn(email)
    expect(said(reply)).toEqual([200, { message: 'Login successful.', token: expect.any(String) as string }])
    const [, claims = ''] = reply.body.token.split('.')
    const { iat, exp } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
    expect(exp - iat).toBe(24 * 60 * 60)
    expect((await native(reply.body.token, 'GET', '/api/users/me/')).body.data).toMatchObject({ first_name: 'Jane', last_name: 'van Doe' })
  })

  test('answers an unknown address, a wrong password and a locked account in the same words', async () => {
    const { email } = await spender()
    const refused = [401, { error: 'Invalid email or password' }]
    expect(said(await logIn(freshEmail()))).toEqual(refused)
    for (let i = 0; i < 5; i++) expect(said(await logIn(email, 'wrong'))).toEqual(refused)
    const locked = await logIn(email)
    expect(said(locked)).toEqual(refused)
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(800)
  })
})

describe('getProfile', () => {
  test('answers the caller', async () => {
    const { token, email, id } = await spender()
    const { status, body } = await ask('GET', '/api/profile', token)
    expect(status).toBe(200)
    expect(body.user).toMatchObject({ id, email, name: 'Jane van Doe', is_active: true })
  })

  test.each(basic.rows.filter((op) => op.access.who !== 'anyone').map((op) => op.on))('%s needs a good token', async (on) => {
    const [method = '', path = ''] = on.replace('{id}', crypto.randomUUID()).split(' ')
    const refused = [401, { error: 'Invalid or expired token' }]
    const body = method === 'POST' || method === 'PUT' ? {} : undefined
    expect(said(await ask(method, path, undefined, body))).toEqual(refused)
    expect(said(await ask(method, path, 'no.such.token', body))).toEqual(refused)
  })
})

describe('updateProfile', () => {
  test('changes name and picture, and leaves a picture that is not named', async () => {
    const { token } = await spender()
    const picture = 'https://example.com/jane.jpg'
    const reply = await ask('PUT', '/api/profile', token, { name: 'Jane Roe', profile_image: picture })
    expect(reply.body).toMatchObject({ message: 'Profile updated successfully.', user: { name: 'Jane Roe', profile_image: picture } })
    expect((await ask('PUT', '/api/profile', token, { name: 'Jane' })).body.user).toMatchObject({ name: 'Jane', profile_image: picture })
    expect((await ask('PUT', '/api/profile', token, { name: 'Jane', profile_image: null })).body.user.profile_image).toBeNull()
    expect((await native(token, 'GET', '/api/users/me/')).body.data).toMatchObject({ first_name: 'Jane', last_name: '', avatar: null })
  })

  test('keeps an uploaded picture whose link is sent back', async () => {
    const { token } = await spender()
    const form = new FormData()
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    form.set('avatar', new File([Uint8Array.from(atob(png), (char) => char.charCodeAt(0))], 'me.png', { type: 'image/png' }))
    expect((await native(token, 'POST', '/api/users/me/avatar/', form)).status).toBe(200)
    const { profile_image: link } = (await ask('GET', '/api/profile', token)).body.user
    expect(link).toContain('/api/files/avatars/')
    expect((await ask('PUT', '/api/profile', token, { name: 'Jane', profile_image: link })).body.user.profile_image).toBe(link)
  })

  test('refuses what is no name and no picture', async () => {
    const { token } = await spender()
    const wrong = [
      { profile_image: null },
      { name: 'Jane', profile_image: 'jane.jpg' },
      { name: 'Jane', profile_image: 'http://example.com/jane.jpg' },
    ]
    for (const body of wrong) expect(said(await ask('PUT', '/api/profile', token, body))).toEqual([400, { error: 'Invalid profile data' }])
  })
})

describe('createExpense', () => {
  test('answers the expense with its categories, in the order in which they were sent', async () => {
    const { token, id } = await spender()
    const own = await made(token, 'Picnics')
    const food = uuidOf('cat_00000000000000000000000100')
    const reply = await ask('POST', '/api/expenses', token, { ...BREAD, description: 'Rye', categories: [own, food] })
    expect(said(reply)).toEqual([
      201,
      {
        message: 'Expense created successfully.',
        expense: {
          ...BREAD,
          id: UUID,
          user_id: id,
          description: 'Rye',
          created_at: INSTANT,
          updated_at: INSTANT,
          categories: [
            { id: own, name: 'Picnics' },
            { id: food, name: 'Food & Dining' },
          ],
        },
      },
    ])
  })

  test('is done once under one key', async () => {
    const { token } = await spender()
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': crypto.randomUUID() }
    const [first, second] = [1, 2].map(() => send('POST', '/basic/api/expenses', { ...BREAD, categories: [] }, headers))
    expect((await second)?.body).toEqual((await first)?.body)
    const other = await send('POST', '/basic/api/expenses', { ...BREAD, title: 'Butter', categories: [] }, headers)
    expect(said(other)).toEqual([400, { error: 'The idempotency key was used with another request' }])
    expect(await listed(token)).toHaveLength(1)
  })

  test('refuses what is no expense, and records nothing', async () => {
    const { token } = await spender()
    const wrong = [
      { amount: 0 },
      { amount: -1 },
      { amount: '12.50' },
      { amount: 0.001 },
      { amount: 1e21 },
      { title: ' ' },
      { expense_date: '2026-02-30' },
      { expense_time: '24:00:00' },
      { expense_time: '19:30' },
      { categories: [crypto.randomUUID()] },
      { categories: ['food'] },
    ]
    for (const fields of wrong) {
      const reply = await ask('POST', '/api/expenses', token, { ...BREAD, categories: [], ...fields })
      expect([fields, ...said(reply)]).toEqual([fields, 400, { error: 'Invalid expense data' }])
    }
    expect(await listed(token)).toEqual([])
  })
})

describe('listAllExpenses', () => {
  test('answers exactly the fields of the document, the newest day first, beyond one page', async () => {
    const { token } = await spender()
    const days = Array.from({ length: 103 }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10))
    await Promise.all(days.map((day) => recorded(token, { expense_date: day })))
    const { description: _, ...shown } = BREAD
    const all = await listed(token)
    expect(all[0]).toEqual({ ...shown, id: UUID, expense_date: days.at(-1), categories: [] })
    expect(all.map((one) => one['expense_date'])).toEqual(days.toReversed())
  })
})

describe('deleteExpense', () => {
  test('takes the expense away, once', async () => {
    const { token } = await spender()
    const id = await recorded(token)
    const refused = [404, { error: 'Expense not found' }]
    expect(said(await ask('DELETE', `/api/expenses/${id}`, (await spender()).token))).toEqual(refused)
    expect(said(await ask('DELETE', `/api/expenses/${id}`, token))).toEqual([200, DELETED])
    expect(said(await ask('DELETE', `/api/expenses/${id}`, token))).toEqual(refused)
    expect(said(await ask('DELETE', '/api/expenses/17', token))).toEqual(refused)
    expect(said(await ask('DELETE', `/api/expenses/${crypto.randomUUID()}`, token))).toEqual(refused)
    expect(await listed(token)).toEqual([])
  })
})

describe('createCategory and listCategories', () => {
  test('a category of one’s own stands beside those that everybody has', async () => {
    const { token } = await spender()
    const reply = await ask('POST', '/api/categories', token, { name: 'Board games' })
    const category = { id: UUID, name: 'Board games', is_default: false, created_at: INSTANT, updated_at: INSTANT }
    expect(said(reply)).toEqual([201, { message: 'Category created successfully.', category }])
    const { categories } = (await ask('GET', '/api/categories', token)).body
    expect(categories.filter((one: { is_default: boolean }) => !one.is_default)).toEqual([reply.body.category])
    expect(categories).toContainEqual({ ...category, id: UUID, name: 'Groceries', is_default: true })
    for (const name of ['board games', 'Groceries', '', 7])
      expect(said(await ask('POST', '/api/categories', token, { name }))).toEqual([400, { error: 'Invalid category data' }])
  })
})

describe('deleteCategory', () => {
  test('takes away one’s own, and finds no other', async () => {
    const { token } = await spender()
    const id = await made(token, 'Board games')
    const [system] = (await ask('GET', '/api/categories', token)).body.categories
    const refused = [404, { error: 'Category not found' }]
    expect(said(await ask('DELETE', `/api/categories/${id}`, (await spender()).token))).toEqual(refused)
    expect(said(await ask('DELETE', `/api/categories/${id}`, token))).toEqual([200, { message: 'Category deleted successfully.' }])
    for (const gone of [id, system.id, 'none']) expect(said(await ask('DELETE', `/api/categories/${gone}`, token))).toEqual(refused)
  })
})

describe('deactivateUser and reactivateUser', () => {
  test('a deactivated person may sign in, look and come back, and nothing else', async () => {
    const { token, email } = await spender()
    const id = await recorded(token)
    expect(said(await ask('POST', '/api/deactivate', token))).toEqual([200, { message: 'User deactivated successfully.' }])
    expect(said(await ask('GET', '/api/profile', token))).toEqual([401, { error: 'Invalid or expired token' }])

    const { status, body } = await logIn(email)
    const asleep = 'Account is deactivated. Reactivate it to continue.'
    expect([status, body.message]).toEqual([200, asleep])
    expect((await ask('GET', '/api/profile', body.token)).body.user).toMatchObject({ is_active: false, deactivated_at: INSTANT })
    for (const op of basic.rows.filter((one) => one.access.who !== 'anyone' && one.whileDeactivated !== true)) {
      const [method = '', path = ''] = op.on.replace('{id}', id).split(' ')
      expect([op.id, ...said(await ask(method, path, body.token, op.body && op.example.body))]).toEqual([op.id, 403, { error: asleep }])
    }

    expect(said(await ask('POST', '/api/reactivate', body.token))).toEqual([200, { message: 'User reactivated successfully.' }])
    expect((await ask('GET', '/api/profile', body.token)).body.user).toMatchObject({ is_active: true, deactivated_at: null })
    expect((await listed(body.token)).map((one) => one['id'])).toEqual([id])
    expect((await logIn(email)).body.message).toBe('Login successful.')
  })
})

describe('listLogins', () => {
  test('lists when one has signed in, and not who has tried', async () => {
    const { token, email } = await spender()
    await logIn(email, 'wrong')
    await logIn(email)
    const { login_history: history } = (await ask('GET', '/api/login-history', token)).body
    expect(history).toEqual([1, 2].map(() => ({ id: UUID, login_at: INSTANT })))
  })
})

describe('what is no operation', () => {
  test('is refused in the words of the document', async () => {
    expect(said(await ask('GET', '/api/nothing'))).toEqual([404, { error: 'Not found' }])
    const wrong = await ask('PATCH', '/api/profile')
    expect(said(wrong)).toEqual([405, { error: 'Method not allowed' }])
    expect(wrong.headers.get('allow')).toBe('GET, PUT')
    expect(said(await ask('GET', '/api/expenses?page=2', (await spender()).token))).toEqual([400, { error: 'Invalid request body' }])
  })
})

describe('across the surfaces', () => {
  test('what is recorded here is on the native list with its time and categories', async () => {
    const { token } = await spender()
    const own = await made(token, 'Picnics')
    const id = idFromUuid('expense', await recorded(token, { categories: [own] }))
    const { data } = (await native(token, 'GET', '/api/expenses/')).body
    expect(data).toHaveLength(1)
    expect(data[0]).toMatchObject({ id, title: 'Bread', amount: '12.50', expense_time: '19:30:00' })
    expect((await native(token, 'GET', `/api/expenses/${id}/`)).body.data.categories).toMatchObject([{ name: 'Picnics' }])
  })

  test('a native token is good here', async () => {
    const ann = await person('ann')
    expect((await ask('GET', '/api/profile', ann.token)).body.user).toMatchObject({ id: uuidOf(ann.id as Id<'user'>), name: 'ann Test' })
  })

  test('what is recorded natively is listed here: one’s own, and what a group of one’s own spent', async () => {
    const { as, id } = await group(['ann', 'bob'])
    const fields = { amount: '10.00', expense_date: '2026-11-19' }
    const shared = (await as.bob.post('/api/expenses/', { ...fields, title: 'Lunch', group_id: id })).body.data.id
    await as.ann.post('/api/expenses/', { ...fields, title: 'Mine', expense_date: '2026-11-20', expense_time: '08:00:00' })
    await as.bob.post('/api/expenses/', { ...fields, title: 'His own' })
    const { body } = await ask('POST', '/api/login', undefined, { email: as.ann.email, password: PASSWORD })
    expect((await listed(body.token)).map((one) => [one['title'], one['amount'], one['expense_time']])).toEqual([
      ['Mine', 10, '08:00:00'],
      ['Lunch', 10, '00:00:00'],
    ])
    expect(said(await ask('DELETE', `/api/expenses/${uuidOf(shared)}`, (await person('eve')).token))).toEqual([
      404,
      { error: 'Expense not found' },
    ])
  })
})

describe('where it is found', () => {
  test('its document and its page are served below the prefix, and the native page leads there', async () => {
    const document = (await send('GET', '/basic/openapi.json')).body
    const named = Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(named.toSorted()).toEqual(DOCUMENT.toSorted())
    const { body: html } = await send('GET', '/basic/docs')
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect([path, (await send('GET', path)).status]).toEqual([path, 200])
    expect((await send('GET', '/docs')).body).toContain('href="/basic/docs"')
  })

  test('a host that is bound to it leaves the prefix out', async () => {
    const bound = { ...env, DIALECT_HOSTS: 'api.basic.example=basic' }
    const at = (url: string): Promise<Response> => Promise.resolve(createApp().fetch(new Request(url), bound))
    expect(await (await at('https://api.basic.example/api/profile/')).json()).toEqual({ error: 'Invalid or expired token' })
    expect(await (await at('https://api.basic.example/openapi.json')).json()).toMatchObject({ info: { title: basic.title } })
    expect((await at('https://api.basic.example/basic/docs/swagger-ui.css')).status).toBe(200)
    expect(await (await at('https://quits.example/api/users/me/')).json()).toMatchObject({ error: { code: 'AUTH_REQUIRED' } })
    expect((await worker.fetch('https://api.basic.example/api/profile')).status).toBe(404)
  })
})
