// Accounts, and what is proven by mail, as a client sees them. Each test makes its own people.
import { describe, expect, test } from 'vitest'
import { env } from '../support/env.ts'
import { ORIGIN } from '../support/jobs.ts'
import { NEW_PASSWORD, call, dataOf, logIn, me, readMail, refresh, register, type SignedIn } from '../support/people.ts'
import { PASSWORD, worker } from '../support/world.ts'

describe('registerUser', () => {
  test('answers as the document shows, signed in and not yet verified', async () => {
    const body = {
      email: 'User@Example.com',
      password: PASSWORD,
      first_name: 'John',
      last_name: 'Doe',
      username: 'johndoe',
      preferred_currency: 'USD',
      timezone: 'America/New_York',
    }
    const answer = await call('POST /api/auth/register/', { body })
    expect(answer.status).toBe(201)
    expect(answer.body.message).toBe('Registration successful. Please verify your email.')
    expect(answer.body.data).toMatchObject({
      user: { email: 'user@example.com', username: 'johndoe', first_name: 'John', is_verified: false },
      tokens: { expires_in: 3600 },
    })
    expect((await me(dataOf<SignedIn>(answer).tokens.access)).status).toBe(200)
  })

  test('makes a username of the address, and another one where that is taken', async () => {
    const first = await register({ email: 'mary.ann+shop@mail.test' })
    const second = await register({ email: 'mary.ann@other.test' })
    expect(first.username).toBe('mary.ann')
    expect(second.username).toMatch(/^mary\.ann\d{5,6}$/)
  })

  test('refuses an address or a username that somebody has', async () => {
    const { email, username } = await register()
    const again = await call('POST /api/auth/register/', { body: { email: email.toUpperCase(), password: PASSWORD, first_name: 'Bob' } })
    expect([again.status, again.body.error.code]).toEqual([409, 'DUPLICATE_RESOURCE'])
    const named = await call('POST /api/auth/register/', {
      body: { email: 'free@mail.test', username, password: PASSWORD, first_name: 'Bob' },
    })
    expect(named.body.error.details).toMatchObject([{ field: 'username' }])
  })

  test('registers one of many who ask for the same address at once', async () => {
    const body = { email: 'race@mail.test', password: PASSWORD, first_name: 'Ann' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST /api/auth/register/', { body })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
  })

  test.each([
    ['short1!', 'TOO_SMALL'],
    ['nouppercase1!', 'WEAK_PASSWORD'],
    ['NOLOWERCASE1!', 'WEAK_PASSWORD'],
    ['NoDigitsHere!', 'WEAK_PASSWORD'],
    ['NoSpecial123', 'WEAK_PASSWORD'],
    ['P@ssw0rd123!', 'COMMON_PASSWORD'],
    ['Weakling.weakling1', 'PASSWORD_HAS_EMAIL'],
  ])('refuses the password %s and does not repeat it', async (password, code) => {
    const answer = await call('POST /api/auth/register/', { body: { email: 'weakling@mail.test', password, first_name: 'Ann' } })
    expect([answer.status, answer.body.error.details.map((detail) => detail.code)]).toEqual([422, [code]])
    expect(JSON.stringify(answer.body)).not.toContain(password)
  })

  test('tells the whole of two long passwords apart, whatever their letters', async () => {
    const { email } = await register({ password: 'Äöüßéèêë-ÄÖÜ-123-a' })
    expect((await logIn(email, 'Äöüßéèêë-ÄÖÜ-123-b')).status).toBe(401)
    expect((await logIn(email, 'Äöüßéèêë-ÄÖÜ-123-a')).status).toBe(200)
  })
})

describe('logIn', () => {
  test('answers the user and tokens for an hour', async () => {
    const { email, id } = await register()
    const answer = await logIn(` ${email.toUpperCase()}`)
    expect(answer.status).toBe(200)
    expect(answer.body.data).toMatchObject({ user: { id, email }, tokens: { expires_in: 3600 } })
  })

  test('locks after five failures, and alike where nobody has the address', async () => {
    const { email } = await register()
    const trace = async (address: string) => {
      const answers: unknown[] = []
      for (let n = 1; n <= 7; n++) {
        const answer = await logIn(address, 'WrongPassword1!')
        answers.push([answer.status, answer.body.error, answer.headers.has('retry-after')])
      }
      return answers
    }
    const known = await trace(email)
    expect(known.map((answer) => (answer as [number])[0])).toEqual([401, 401, 401, 401, 401, 423, 423])
    expect(await trace('nobody@mail.test')).toEqual(known)
    const right = await logIn(email)
    expect(right.status).toBe(423)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800)
  })

  test('forgets failures after a right password', async () => {
    const { email } = await register()
    for (let n = 1; n <= 4; n++) await logIn(email, 'WrongPassword1!')
    expect((await logIn(email)).status).toBe(200)
    expect((await logIn(email, 'WrongPassword1!')).status).toBe(401)
    expect((await logIn(email)).status).toBe(200)
  })

  test('lets many sign in at once with the right password', async () => {
    const { email } = await register()
    const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(email)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('deactivateUser and reactivateUser', () => {
  const post = (path: string, token: string) => call(`POST ${path}`, { token })

  test('ends the sessions, and signing in again gives one that may only look and reactivate', async () => {
    const { email, access } = await register()
    expect((await post('/api/users/me/deactivate/', access)).body.data).toMatchObject({ is_active: false })
    expect((await me(access)).status).toBe(401)
    expect((await logIn(email, 'WrongPassword1!')).status).toBe(401)
    const again = await logIn(email)
    const { tokens, user } = dataOf<SignedIn & { user: { is_active: boolean } }>(again)
    expect(user.is_active).toBe(false)
    expect((await me(tokens.access)).body.data).toMatchObject({ is_active: false })
    const refused = await call('POST /api/expenses/', { token: tokens.access, body: { title: 'Tea', amount: '1.00' } })
    expect([refused.status, refused.body.error.code]).toEqual([403, 'ACCOUNT_DEACTIVATED'])
    expect((await post('/api/users/me/deactivate/', tokens.access)).status).toBe(403)
    expect((await post('/api/users/me/reactivate/', tokens.access)).body.data).toMatchObject({ is_active: true, deactivated_at: null })
    expect((await call('POST /api/expenses/', { token: tokens.access, body: { title: 'Tea', amount: '1.00' } })).status).toBe(201)
  })
})

describe('verifyEmail', () => {
  test('takes the token of the mail once', async () => {
    const person = await register()
    const mail = await readMail(person.email, /verification code/)
    expect((await call('POST /api/auth/verify-email/', { body: { token: mail.token } })).status).toBe(200)
    expect((await me(person.access)).body.data).toMatchObject({ is_verified: true })
    expect((await call('POST /api/auth/verify-email/', { body: { token: mail.token } })).status).toBe(422)
    const promised = await env.DB.prepare("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'places_claimed' AND payload LIKE ?")
      .bind(`%${person.id}%`)
      .first<{ n: number }>()
    expect(promised?.n).toBe(1)
  })

  test('takes the code with the address, and no code after five wrong ones', async () => {
    const good = await register()
    const { code } = await readMail(good.email, /verification code/)
    expect((await call('POST /api/auth/verify-email/', { body: { email: good.email, code } })).status).toBe(200)

    const bad = await register()
    const mail = await readMail(bad.email, /verification code/)
    const wrong = mail.code === '000000' ? '000001' : '000000'
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call('POST /api/auth/verify-email/', { body: { email: bad.email, code: wrong } })),
    )
    expect(answers.every(({ status }) => status === 422)).toBe(true)
    expect((await call('POST /api/auth/verify-email/', { body: { email: bad.email, code: mail.code } })).status).toBe(422)
    expect((await call('POST /api/auth/verify-email/', { body: { token: mail.token } })).status).toBe(200)
  })

  test('refuses a code after ten minutes and a token after a day', async () => {
    const person = await register()
    const { code, token } = await readMail(person.email, /verification code/)
    const age = (ms: number) =>
      env.DB.prepare('UPDATE email_proofs SET created_at = created_at - ?1, expires_at = expires_at - ?1 WHERE user_id = ?2')
        .bind(ms, person.id)
        .run()
    await age(601_000)
    expect((await call('POST /api/auth/verify-email/', { body: { email: person.email, code } })).status).toBe(422)
    await age(24 * 3_600_000)
    expect((await call('POST /api/auth/verify-email/', { body: { token } })).status).toBe(422)
  })
})

describe('resendVerification', () => {
  test('mails a new code, and nothing once the address is verified', async () => {
    const person = await register()
    const first = await readMail(person.email, /verification code/)
    expect((await call('POST /api/auth/verify-email/resend/', { token: person.access })).status).toBe(200)
    const second = await readMail(person.email, /verification code/, 2)
    expect(second.token).not.toBe(first.token)
    expect((await call('POST /api/auth/verify-email/', { body: { email: person.email, code: second.code } })).status).toBe(200)
    expect((await call('POST /api/auth/verify-email/', { body: { token: first.token } })).status).toBe(422)
    await call('POST /api/auth/verify-email/resend/', { token: person.access })
    const proofs = await env.DB.prepare('SELECT COUNT(*) AS n FROM email_proofs WHERE user_id = ?').bind(person.id).first<{ n: number }>()
    expect(proofs?.n).toBe(2)
  })
})

describe('requestPasswordReset', () => {
  test('answers alike where nobody has the address, and mails nobody', async () => {
    const { email } = await register()
    const [known, unknown] = [
      await call('POST /api/auth/password-reset/', { body: { email } }),
      await call('POST /api/auth/password-reset/', { body: { email: 'nobody@mail.test' } }),
    ]
    expect(known.status).toBe(200)
    expect(known.body.message).toBe('Password reset email sent if account exists')
    expect({ ...unknown.body, meta: null }).toEqual({ ...known.body, meta: null })
    await readMail(email, /Reset/)
  })

  test('sends three mails in ten minutes and then no more', async () => {
    const { email, id } = await register()
    for (let n = 1; n <= 5; n++) expect((await call('POST /api/auth/password-reset/', { body: { email } })).status).toBe(200)
    const proofs = await env.DB.prepare("SELECT COUNT(*) AS n FROM email_proofs WHERE user_id = ? AND purpose = 'reset'")
      .bind(id)
      .first<{ n: number }>()
    expect(proofs?.n).toBe(3)
  })
})

describe('confirmPasswordReset', () => {
  test('sets the password while locked, ends sessions and keys, and is good once', async () => {
    const person = await register()
    const { key } = dataOf<{ key: string }>(
      await call('POST /api/api-keys/', { token: person.access, body: { name: 'k', scopes: ['profile:read'] } }),
    )
    for (let n = 1; n <= 6; n++) await logIn(person.email, 'WrongPassword1!')
    expect((await logIn(person.email)).status).toBe(423)
    await call('POST /api/auth/password-reset/', { body: { email: person.email } })
    const { token } = await readMail(person.email, /Reset/)
    const weak = await call('POST /api/auth/password-reset/confirm/', { body: { token, new_password: 'Password123!' } })
    expect([weak.status, weak.body.error.details]).toMatchObject([422, [{ field: 'new_password', code: 'COMMON_PASSWORD' }]])
    const done = await call('POST /api/auth/password-reset/confirm/', { body: { token, new_password: NEW_PASSWORD } })
    expect([done.status, done.body.message]).toEqual([200, 'Password reset successful'])
    expect((await logIn(person.email)).status).toBe(401)
    expect((await logIn(person.email, NEW_PASSWORD)).status).toBe(200)
    expect([(await me(person.access)).status, (await me(key)).status, (await refresh(person.refresh)).status]).toEqual([401, 401, 401])
    expect((await call('POST /api/auth/password-reset/confirm/', { body: { token, new_password: PASSWORD } })).status).toBe(422)
  })

  test('takes the code of the mail, and not the one that verifies an address', async () => {
    const person = await register()
    const verification = await readMail(person.email, /verification code/)
    expect(
      (await call('POST /api/auth/password-reset/confirm/', { body: { token: verification.token, new_password: NEW_PASSWORD } })).status,
    ).toBe(422)
    await call('POST /api/auth/password-reset/', { body: { email: person.email } })
    const { code } = await readMail(person.email, /Reset/)
    expect(
      (await call('POST /api/auth/password-reset/confirm/', { body: { email: person.email, code, new_password: NEW_PASSWORD } })).status,
    ).toBe(200)
    expect((await logIn(person.email, NEW_PASSWORD)).status).toBe(200)
  })
})

describe('changePassword', () => {
  test('needs the current password and ends the other sessions', async () => {
    const person = await register()
    const other = dataOf<SignedIn>(await logIn(person.email)).tokens.access
    const change = (current: string) =>
      call('POST /api/auth/password/', { token: person.access, body: { current_password: current, new_password: NEW_PASSWORD } })
    expect((await change('WrongPassword1!')).status).toBe(401)
    expect((await change(PASSWORD)).status).toBe(200)
    expect([(await me(person.access)).status, (await me(other)).status, (await logIn(person.email, NEW_PASSWORD)).status]).toEqual([
      200, 401, 200,
    ])
  })
})

describe('updateProfile', () => {
  const patch = (token: string, body: object, headers: Record<string, string> = {}) =>
    call('PATCH /api/users/me/', { token, body, headers })

  test('merges what is sent, and null takes a field of the profile away', async () => {
    const { access } = await register()
    await patch(access, { profile: { occupation: 'Developer', city: 'Boston' }, settings: { push_notifications: true } })
    const answer = await patch(access, {
      last_name: 'Smith',
      preferred_currency: 'EUR',
      timezone: 'Europe/Berlin',
      profile: { city: null, country: 'Germany' },
    })
    expect(answer.status).toBe(200)
    expect(answer.body.data).toMatchObject({
      first_name: 'Ann',
      last_name: 'Smith',
      preferred_currency: 'EUR',
      timezone: 'Europe/Berlin',
      profile: { occupation: 'Developer', city: null, country: 'Germany', company: null, total_expenses: '0.00', group_count: 0 },
      settings: { notifications_enabled: true, push_notifications: true },
    })
  })

  test('holds only against the version of If-Match, and answers what the account is now', async () => {
    const { access } = await register()
    expect((await me(access)).headers.get('etag')).toBe('"1"')
    const good = await patch(access, { bio: 'one' }, { 'If-Match': '"1"' })
    expect([good.status, good.headers.get('etag')]).toEqual([200, '"2"'])
    const stale = await patch(access, { bio: 'two' }, { 'If-Match': '"1"' })
    expect([stale.status, stale.body.error]).toMatchObject([
      412,
      { code: 'PRECONDITION_FAILED', details: [{ expected: '"2"', got: '"1"' }], current: { bio: 'one', version: 2 } },
    ])
  })

  test('lets one of many at once hold under the same If-Match, and all without', async () => {
    const { access } = await register()
    const guarded = await Promise.all(Array.from({ length: 5 }, (_, n) => patch(access, { bio: `${n}` }, { 'If-Match': '"1"' })))
    expect(guarded.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412])
    const free = await Promise.all([patch(access, { bio: 'b' }), patch(access, { first_name: 'Zoe' })])
    expect(free.map(({ status }) => status)).toEqual([200, 200])
    expect((await me(access)).body.data).toMatchObject({ bio: 'b', first_name: 'Zoe' })
  })

  test('answers a repeated request as the first time, and refuses another one under its key', async () => {
    const { access } = await register()
    const first = await patch(access, { bio: 'one' }, { 'Idempotency-Key': 'p1' })
    const again = await patch(access, { bio: 'one' }, { 'Idempotency-Key': 'p1' })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body.data).toEqual(first.body.data)
    expect((await patch(access, { bio: 'two' }, { 'Idempotency-Key': 'p1' })).body.error.code).toBe('IDEMPOTENCY_KEY_REUSED')
    expect((await me(access)).body.data).toMatchObject({ version: 2 })
  })

  test('promises the groups a new name, refuses a taken username and unknown fields', async () => {
    const [ann, bob] = [await register(), await register()]
    await patch(ann.access, { first_name: 'Anna' })
    const promised = await env.DB.prepare("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'profile_changed' AND payload LIKE ?")
      .bind(`%${ann.id}%`)
      .first<{ n: number }>()
    expect(promised?.n).toBe(1)
    expect((await patch(ann.access, { username: bob.username })).status).toBe(409)
    expect((await patch(ann.access, { emial: 'x@y.test' })).status).toBe(422)
  })
})

describe('claimPlaces', () => {
  /** Bob, whom Ann has just invited to a group under this name, and the token that he was mailed. */
  async function invite(group: string): Promise<{ email: string; token: string }> {
    const ann = await register()
    const email = `bob.${ann.username}@mail.test`
    const made = await call('POST /api/groups/', { token: ann.access, body: { name: group, initial_members: [email] } })
    expect(made.status).toBe(201)
    const { token } = await readMail(email, /invites you to/)
    return { email, token }
  }

  const groupCount = async (access: string): Promise<number> =>
    dataOf<{ profile: { group_count: number } }>(await me(access)).profile.group_count

  test('who registers with the token of an invitation is in the group at once', async () => {
    const { email, token } = await invite('Trip & <more>')
    const bob = await register({ email, invitation_token: token })
    expect(await groupCount(bob.access)).toBe(1)
  })

  test('who registers without it is in the group once the address is verified', async () => {
    const { email } = await invite('Flat')
    const bob = await register({ email })
    expect(await groupCount(bob.access)).toBe(0)
    const { code } = await readMail(email, /verification code/)
    expect((await call('POST /api/auth/verify-email/', { body: { email, code } })).status).toBe(200)
    await expect.poll(() => groupCount(bob.access), { timeout: 15_000 }).toBe(1)
  }, 30_000)

  test('an unknown invitation token is no reason not to register', async () => {
    await register({ invitation_token: 'unknown' })
  })
})

describe('devMail', () => {
  test('keeps each mail as a message with both bodies', async () => {
    const { email } = await register({ first_name: '<Ann> & "Co"' })
    const { name, code } = await readMail(email, /verification code/)
    const response = await worker.fetch(new Request(`${ORIGIN}/dev/mail/${name}.eml`))
    const message = await response.text()
    expect(message).toContain(`To: <${email}>`)
    expect(message).toContain(code)
    expect(message).toContain('Hello <Ann> & "Co",')
    expect(message).toContain('Hello &lt;Ann&gt; &amp; &quot;Co&quot;,')
  })
})
