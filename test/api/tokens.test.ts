// Access tokens, refresh tokens and API keys: what is good, for whom, and for how long.
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { derive } from '../../src/platform/keys.ts'
import { env } from '../support/env.ts'
import { call, dataOf, logIn, me, refresh, register, type Tokens } from '../support/people.ts'

const sessionIdOf = (refreshToken: string): string => `ses_${refreshToken.slice(3, 29)}`

describe('refreshTokens', () => {
  test('answers the next tokens, which work', async () => {
    const person = await register()
    const answer = await refresh(person.refresh)
    expect(answer.status).toBe(200)
    const { access, refresh: next, expires_in: expiresIn } = dataOf<Tokens>(answer)
    expect([expiresIn, next === person.refresh]).toEqual([3600, false])
    expect((await me(access)).status).toBe(200)
    expect((await refresh(next)).status).toBe(200)
  })

  test('gives twenty that ask at once the same successor, and the family lives', async () => {
    const person = await register()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refresh)))
    const successors = new Set(answers.map((answer) => dataOf<Tokens>(answer).refresh))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(successors.size).toBe(1)
    expect((await refresh([...successors][0] ?? '')).status).toBe(200)
  })

  test('ends the session when an old token is used later', async () => {
    const person = await register()
    const next = dataOf<Tokens>(await refresh(person.refresh))
    await env.DB.prepare('UPDATE sessions SET rotated_at = rotated_at - 11000 WHERE id = ?').bind(sessionIdOf(person.refresh)).run()
    expect((await refresh(person.refresh)).status).toBe(401)
    expect((await refresh(next.refresh)).status).toBe(401)
    expect((await me(next.access)).status).toBe(401)
  })

  test('ends the session when a token from before the predecessor is used', async () => {
    const person = await register()
    const second = dataOf<Tokens>(await refresh(person.refresh)).refresh
    const third = dataOf<Tokens>(await refresh(second)).refresh
    expect((await refresh(person.refresh)).status).toBe(401)
    expect((await refresh(third)).status).toBe(401)
  })

  test('works while an expired access token is still being sent', async () => {
    const person = await register()
    expect((await call('POST /api/auth/refresh/', { body: { refresh: person.refresh }, token: 'expired' })).status).toBe(200)
  })

  test('refuses what we did not make, and a session that has expired', async () => {
    const { refresh: token } = await register()
    expect((await refresh(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).status).toBe(401)
    expect((await refresh(token.replace('.1.', '.2.'))).status).toBe(401)
    await env.DB.prepare('UPDATE sessions SET expires_at = 1 WHERE id = ?').bind(sessionIdOf(token)).run()
    expect((await refresh(token)).status).toBe(401)
  })
})

describe('logOut', () => {
  test('ends the session at once, and answers an unknown token alike', async () => {
    const person = await register()
    expect((await me(person.access)).status).toBe(200)
    expect((await call('POST /api/auth/logout/', { body: { refresh: person.refresh } })).status).toBe(204)
    expect((await me(person.access)).status).toBe(401)
    expect((await refresh(person.refresh)).status).toBe(401)
    expect((await call('POST /api/auth/logout/', { body: { refresh: person.refresh } })).status).toBe(204)
    expect((await call('POST /api/auth/logout/', { body: { refresh: 'unknown' } })).status).toBe(204)
  })
})

describe('identify', () => {
  const secretOf = (purpose: 'access-token' | 'refresh-token') => Uint8Array.from(derive(env.SECRET, purpose, 'HS256'))

  /** A token with the claims of a good one but for what is changed. */
  async function forge(
    good: string,
    change: { claims?: Record<string, unknown>; header?: Record<string, unknown>; secret?: Uint8Array; alg?: string },
  ): Promise<string> {
    const [header = '', payload = ''] = good.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    const merged = { ...(JSON.parse(payload) as object), ...change.claims }
    return new SignJWT(merged)
      .setProtectedHeader({ ...(JSON.parse(header) as object), alg: change.alg ?? 'HS256', ...change.header })
      .sign(change.secret ?? secretOf('access-token'))
  }

  test('takes a token that is forged without a change, so the refusals below are for the change', async () => {
    const { access } = await register()
    expect((await me(await forge(access, {}))).status).toBe(200)
  })

  test.each([
    ['another audience', { claims: { aud: 'another-api' } }],
    ['another issuer', { claims: { iss: 'another' } }],
    ['an expiry in the past', { claims: { exp: 1 } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['another algorithm', { alg: 'HS512' }],
    ['another key id', { header: { kid: 'other' } }],
    ['another key', { secret: secretOf('refresh-token') }],
    ['the session of nobody', { claims: { sid: 'ses_01jd3k5m7n9pqrstvwxyz01235' } }],
    ['another user', { claims: { sub: 'usr_01jd3k5m7n9pqrstvwxyz01234' } }],
  ])('refuses a token with %s', async (_, change) => {
    const { access } = await register()
    const answer = await me(await forge(access, change))
    expect([answer.status, answer.body.error.code, answer.headers.get('www-authenticate')]).toEqual([401, 'INVALID_TOKEN', 'Bearer'])
  })

  test('refuses a token without a signature', async () => {
    const { access } = await register()
    const claims = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
    expect((await me(new UnsecuredJWT(claims).encode())).status).toBe(401)
    expect((await me(`${access.split('.').slice(0, 2).join('.')}.`)).status).toBe(401)
  })

  test('refuses a refresh token in the place of an access token, and the other way round', async () => {
    const person = await register()
    expect((await me(person.refresh)).status).toBe(401)
    expect((await refresh(person.access)).status).toBe(401)
  })

  test('asks for credentials where there are none, and refuses other schemes', async () => {
    const answer = await call('GET /api/users/me/')
    expect([answer.status, answer.body.error.code]).toEqual([401, 'AUTH_REQUIRED'])
    expect((await call('GET /api/users/me/', { headers: { Authorization: 'Basic dXNlcjpwYXNz' } })).status).toBe(401)
  })
})

describe('listSessions', () => {
  test('lists and ends sessions, the current one marked', async () => {
    const person = await register()
    const stranger = await register()
    await logIn(person.email)
    await logIn(person.email)
    const list = async () => dataOf<{ id: string; is_current: boolean }[]>(await call('GET /api/auth/sessions/', { token: person.access }))
    const all = await list()
    expect(all.map((session) => session.is_current).sort()).toEqual([false, false, true])
    const other = all.find((session) => !session.is_current)?.id ?? ''
    expect((await call(`DELETE /api/auth/sessions/${other}/`, { token: stranger.access })).status).toBe(404)
    expect((await call(`DELETE /api/auth/sessions/${other}/`, { token: person.access })).status).toBe(204)
    expect((await call(`DELETE /api/auth/sessions/${other}/`, { token: person.access })).status).toBe(404)
    expect((await call('DELETE /api/auth/sessions/', { token: person.access })).status).toBe(204)
    expect((await list()).map((session) => session.is_current)).toEqual([true])
  })
})

describe('listLogins', () => {
  test('keeps successes and failures, the newest first', async () => {
    const person = await register()
    await logIn(person.email, 'WrongPassword1!')
    await logIn(person.email)
    const answer = await call('GET /api/auth/login-history/', { token: person.access })
    expect(dataOf<{ outcome: string }[]>(answer).map(({ outcome }) => outcome)).toEqual(['success', 'failure'])
  })
})

describe('createApiKey', () => {
  const make = (token: string, body: object, headers: Record<string, string> = {}) => call('POST /api/api-keys/', { token, body, headers })

  test('tells the key once, and the key may do what its scopes say', async () => {
    const person = await register()
    const made = dataOf<{ id: string; key: string; hint: string }>(
      await make(person.access, { name: 'reader', scopes: ['profile:read'] }, { 'Idempotency-Key': 'k1' }),
    )
    expect(made.key).toMatch(/^qk_[\w-]{43}$/)
    expect(made.key.startsWith(made.hint)).toBe(true)
    expect((await make(person.access, { name: 'reader', scopes: ['profile:read'] }, { 'Idempotency-Key': 'k1' })).body.data).toMatchObject({
      id: made.id,
      key: null,
    })
    const listed = await call('GET /api/api-keys/', { token: person.access })
    expect(JSON.stringify(listed.body)).not.toContain(made.key)
    expect((await me(made.key)).status).toBe(200)
    expect((await call('GET /api/users/me/', { headers: { 'X-API-Key': made.key } })).status).toBe(200)
    const write = await call('PATCH /api/users/me/', { token: made.key, body: { bio: 'x' } })
    expect([write.status, write.body.error.code]).toEqual([403, 'PERMISSION_DENIED'])
    expect((await call('GET /api/auth/sessions/', { token: made.key })).status).toBe(403)
    expect((await make(made.key, { name: 'child', scopes: ['profile:read'] })).status).toBe(403)
    expect(
      dataOf<{ last_used_at: string | null }[]>(await call('GET /api/api-keys/', { token: person.access }))[0]?.last_used_at,
    ).not.toBeNull()
    expect((await call(`DELETE /api/api-keys/${made.id}/`, { token: person.access })).status).toBe(204)
    expect((await me(made.key)).status).toBe(401)
  })

  test('refuses an expiry in the past, an unknown scope, and a key that has expired', async () => {
    const person = await register()
    expect((await make(person.access, { name: 'k', scopes: ['profile:read'], expires_at: '2020-01-01T00:00:00Z' })).status).toBe(422)
    expect((await make(person.access, { name: 'k', scopes: ['everything'] })).status).toBe(422)
    const made = dataOf<{ id: string; key: string }>(
      await make(person.access, { name: 'k', scopes: ['profile:read'], expires_at: '2099-01-01T00:00:00Z' }),
    )
    await env.DB.prepare('UPDATE api_keys SET expires_at = 1 WHERE id = ?').bind(made.id).run()
    expect((await me(made.key)).status).toBe(401)
  })
})
