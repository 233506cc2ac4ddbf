// Webhooks without a wire: where they may lead, what follows from an attempt, which secrets are taken, and that what
// is signed here is found good by others.
import { spawnSync } from 'node:child_process'
import { promises as dns } from 'node:dns'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { faultOfSecret, FAILING_MS, isWanted, judge, RETRY_DELAYS_MS, retryAfterMs } from '../../src/domain/webhook.ts'
import { checkOutgoingUrl, isPublicAddress, post } from '../../src/platform/outgoing.ts'
import { newWebhookSecret, openWebhookSecret, sealWebhookSecret, signedHeaders } from '../../src/platform/webhook-secrets.ts'

const NOW = Date.parse('2026-11-20T10:30:00Z')
const DAY = 86_400_000

describe('checkOutgoingUrl', () => {
  const fault = (url: string, isLocal = false) => {
    const checked = checkOutgoingUrl(url, isLocal)
    return 'fault' in checked ? checked.fault : 'taken'
  }

  test.each([
    ['https://example.com/', 'https://example.com/'],
    ['https://example.com:443/a?b=c', 'https://example.com/a?b=c'],
    ['HTTPS://Hooks.Example.COM/A', 'https://hooks.example.com/A'],
    ['https://müller.example/x', 'https://xn--mller-kva.example/x'],
    ['https://a_b.example.com', 'https://a_b.example.com/'],
    ['https://example.com/path@not-a-user', 'https://example.com/path@not-a-user'],
    ['https://127.0.0.1.example.com/', 'https://127.0.0.1.example.com/'],
  ])('%s is taken as %s', (given, url) => {
    expect(checkOutgoingUrl(given, false)).toEqual({ url })
  })

  test.each([
    ['no URL', '', 'Must be a URL'],
    ['a path', '/hooks', 'Must be a URL'],
    ['a tab that parsers drop', 'https://exa\tmple.com', 'Must be a URL'],
    ['a backslash that parsers turn', 'https://example.com\\@evil.example', 'Must be a URL'],
    ['a space at its end', 'https://example.com/ ', 'Must be a URL'],
    ['plain http', 'http://example.com', 'Must begin with https://'],
    ['another scheme', 'ftp://example.com', 'Must begin with https://'],
    ['a file', 'file:///etc/passwd', 'Must begin with https://'],
    ['a script', 'javascript:alert(1)', 'Must begin with https://'],
    ['another port', 'https://example.com:8443', 'Must use port 443'],
    ['a port of another scheme', 'https://example.com:80', 'Must use port 443'],
    ['a user', 'https://ann@example.com', 'Must not name a user'],
    ['a user and a password', 'https://ann:secret@example.com', 'Must not name a user'],
    ['a host in the place of the user', 'https://example.com@127.0.0.1/', 'Must not name a user'],
    ['an empty user', 'https://@example.com', 'Must not name a user'],
    ['a fragment', 'https://example.com/#x', 'Must not have a fragment'],
    ['an empty fragment', 'https://example.com/#', 'Must not have a fragment'],
    ['an address', 'https://93.184.216.34/', 'Must name a host, not an address'],
    ['loopback', 'https://127.0.0.1/', 'Must name a host, not an address'],
    ['a short address', 'https://127.1/', 'Must name a host, not an address'],
    ['a decimal address', 'https://2130706433/', 'Must name a host, not an address'],
    ['a hexadecimal address', 'https://0x7f000001/', 'Must name a host, not an address'],
    ['an octal address', 'https://0177.0.0.1/', 'Must name a host, not an address'],
    ['an address in full width digits', 'https://１２７.０.０.１/', 'Must name a host, not an address'],
    ['an address with a percent sign', 'https://%31%32%37.0.0.1/', 'Must name a host, not an address'],
    ['an address with a dot at its end', 'https://127.0.0.1./', 'Must name a host, not an address'],
    ['IPv6', 'https://[::1]/', 'Must name a host, not an address'],
    ['public IPv6', 'https://[2606:4700::1111]/', 'Must name a host, not an address'],
    ['IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/', 'Must name a host, not an address'],
    ['a dot at its end', 'https://example.com./', 'Must name a host without a dot at its end'],
    ['localhost with a dot at its end', 'https://localhost./', 'Must name a host without a dot at its end'],
    ['localhost', 'https://localhost/', 'Must name a host on the public internet'],
    ['localhost in circles', 'https://ⓛocalhost/', 'Must name a host on the public internet'],
    ['below localhost', 'https://app.localhost/', 'Must name a host on the public internet'],
    ['a single name', 'https://intranet/', 'Must name a host on the public internet'],
    ['.local', 'https://printer.local/', 'Must name a host on the public internet'],
    ['.internal', 'https://metadata.google.internal/', 'Must name a host on the public internet'],
    ['.test', 'https://app.test/', 'Must name a host on the public internet'],
    ['.invalid', 'https://app.invalid/', 'Must name a host on the public internet'],
    ['.home.arpa', 'https://nas.home.arpa/', 'Must name a host on the public internet'],
    ['a reverse name', 'https://1.0.0.127.in-addr.arpa/', 'Must name a host on the public internet'],
    ['an onion', 'https://abc.onion/', 'Must name a host on the public internet'],
    ['a long one', `https://example.com/${'x'.repeat(2048)}`, 'Must be a URL'],
  ])('%s is refused', (_, url, words) => {
    expect(fault(url)).toBe(words)
  })

  test.each(['http://localhost:3000/x', 'http://127.0.0.1:9/x', 'https://[::1]:8443/', 'http://localhost/'])(
    '%s is taken on this machine alone',
    (url) => {
      expect([fault(url, true), fault(url, false)]).toEqual(['taken', expect.stringMatching(/^Must /)])
    },
  )

  test.each([
    'http://localhost.example.com:3000',
    'http://127.0.0.2:3000',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'http://ann@localhost/',
    'http://0.0.0.0/',
  ])('%s is refused there too', (url) => expect(fault(url, true)).toMatch(/^Must /))
})

describe('isPublicAddress', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.0.0.1', '192.0.2.1', '192.168.1.1'],
    ...['198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1'],
    ...['2001:db8::1', '2002:7f00:1::', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fec0::1', 'ff02::1', '4000::1'],
    ...['', 'localhost', 'example.com.', '1.2.3'],
  ])('"%s" is not', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('post', () => {
  afterEach(() => void vi.restoreAllMocks())

  /** Sends to a name that stands for these addresses; answers what came of it and whether anything was sent. */
  async function sendTo(v4: readonly string[] | string, v6: readonly string[] | string) {
    const answer = (given: readonly string[] | string) =>
      typeof given === 'string' ? Promise.reject(Object.assign(new Error('query'), { code: given })) : Promise.resolve([...given])
    vi.spyOn(dns, 'resolve4').mockImplementation(() => answer(v4))
    vi.spyOn(dns, 'resolve6').mockImplementation(() => answer(v6))
    const sent = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('thanks', { headers: { 'retry-after': '7' } }))
    const { durationMs: _, ...posted } = await post({
      url: 'https://hooks.example.com/',
      headers: {},
      body: '{}',
      isLocal: true,
      timeoutMs: 200,
    })
    return { ...posted, sent: sent.mock.calls }
  }

  test.each([
    ['a private address', ['10.0.0.1'], 'ENOTFOUND', 'hooks.example.com resolves to 10.0.0.1, which is not a public address'],
    [
      'one private address among public ones',
      ['8.8.8.8', '169.254.169.254'],
      [],
      'hooks.example.com resolves to 169.254.169.254, which is not a public address',
    ],
    ['a private address of the other family', ['8.8.8.8'], ['::1'], 'hooks.example.com resolves to ::1, which is not a public address'],
    [
      'a private address in the clothes of IPv6',
      [],
      ['::ffff:192.168.0.1'],
      'hooks.example.com resolves to ::ffff:192.168.0.1, which is not a public address',
    ],
    ['nothing', 'ENOTFOUND', 'ENODATA', 'hooks.example.com has no address'],
    ['an alias of nothing', ['alias.example.'], 'ENOTFOUND', 'hooks.example.com has no address'],
    ['what cannot be asked', ['8.8.8.8'], 'ESERVFAIL', 'hooks.example.com could not be resolved'],
  ])('sends nothing to a name that stands for %s, and says so', async (_, v4, v6, error) => {
    expect(await sendTo(v4, v6)).toEqual({ status: null, error, response: '', retryAfter: null, sent: [] })
  })

  test('sends to a name whose addresses are all public, aliases on the way or not, and follows no redirect', async () => {
    const { sent, ...posted } = await sendTo(['alias.example.', '93.184.216.34'], ['2606:4700::1111'])
    expect(posted).toEqual({ status: 200, error: null, response: 'thanks', retryAfter: '7' })
    expect(sent).toEqual([
      [new URL('https://hooks.example.com/'), expect.objectContaining({ method: 'POST', body: '{}', redirect: 'manual' })],
    ])
  })

  test('looks at the URL again, as it was given before the rules were what they are', async () => {
    const posted = await post({ url: 'https://db.internal/', headers: {}, body: '{}', isLocal: false, timeoutMs: 200 })
    expect(posted.error).toBe('The URL cannot be delivered to: Must name a host on the public internet')
  })
})

describe('judge', () => {
  const attempt = (status: number | null, asked = 0) => ({ status, retryAfterMs: asked })
  const fresh = { attempts: 1, failingSince: null }

  test('2xx alone is success', () => {
    for (let status = 100; status < 600; status++) {
      expect([status, judge(attempt(status), fresh, NOW, 0.5).state]).toEqual([
        status,
        status >= 200 && status < 300 ? 'delivered' : 'pending',
      ])
    }
    expect(judge(attempt(null), fresh, NOW, 0.5).state).toBe('pending')
  })

  test('whatever comes, it is tried ten times over about three days, and never sooner than a fifth before its time', () => {
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0)
    expect(total).toBeGreaterThan(3 * DAY)
    expect(total).toBeLessThan(3.5 * DAY)
    const statuses = fc.constantFrom(null, 301, 400, 404, 429, 500, 503)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        statuses,
        fc.integer({ min: 0, max: DAY }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, status, asked, random) => {
          const { state, retryAt } = judge(attempt(status, asked), { attempts, failingSince: null }, NOW, random)
          const delay = RETRY_DELAYS_MS[attempts - 1]
          if (delay === undefined) {
            expect([state, retryAt]).toEqual(['failed', undefined])
            return
          }
          expect(state).toBe('pending')
          expect(retryAt).toBeGreaterThanOrEqual(NOW + Math.max(asked, delay * 0.8))
          expect(retryAt).toBeLessThanOrEqual(NOW + Math.max(asked, delay * 1.2) + 1)
        },
      ),
    )
  })

  test('410 ends the endpoint and keeps the delivery, at any attempt', () => {
    for (let attempts = 1; attempts <= 12; attempts++)
      expect(judge(attempt(410), { attempts, failingSince: null }, NOW, 0)).toMatchObject({ state: 'pending', disable: 'gone' })
  })

  test('what has failed for five days ends the endpoint, and a success a moment before does not', () => {
    const since = (ms: number) => judge(attempt(500), { attempts: 1, failingSince: NOW - ms }, NOW, 0).disable
    expect([since(FAILING_MS - 1), since(FAILING_MS)]).toEqual([undefined, 'failing'])
    expect(judge(attempt(200), { attempts: 1, failingSince: NOW - FAILING_MS }, NOW, 0)).toEqual({ state: 'delivered' })
  })
})

describe('retryAfterMs', () => {
  test.each([
    [null, 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['0', 0],
    ['Fri, 20 Nov 2026 10:31:00 GMT', 60_000],
    ['Fri, 20 Nov 2026 10:29:00 GMT', 0],
    ['99999999', DAY],
    ['Fri, 20 Nov 2099 10:31:00 GMT', DAY],
    ['soon', 0],
    ['-5', 0],
    ['1e9', 0],
  ])('%s asks for %d ms', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms)
  })
})

test('an event is wanted where both the events and the groups name it', () => {
  const wanted = (events: readonly ('*' | 'expense.created')[], groupIds: readonly 'grp_a'[] | null) =>
    (['expense.created', 'expense.deleted'] as const).flatMap((event) =>
      (['grp_a', 'grp_b'] as const).map((id) => isWanted({ events, groupIds }, event, id)),
    )
  expect(wanted(['*'], null)).toEqual([true, true, true, true])
  expect(wanted(['expense.created'], null)).toEqual([true, true, false, false])
  expect(wanted(['*'], ['grp_a'])).toEqual([true, false, true, false])
  expect(wanted(['expense.created'], ['grp_a'])).toEqual([true, false, false, false])
})

describe('secrets', () => {
  test.each([
    ['sixteen-letters!', undefined],
    ['x'.repeat(128), undefined],
    ['too short', 'Must be 16 to 128 visible ASCII characters'],
    ['x'.repeat(129), 'Must be 16 to 128 visible ASCII characters'],
    ['with a space in it', 'Must be 16 to 128 visible ASCII characters'],
    ['ümlaut-and-letters', 'Must be 16 to 128 visible ASCII characters'],
    [`whsec_${Buffer.alloc(24).toString('base64')}`, undefined],
    [`whsec_${Buffer.alloc(64).toString('base64')}`, undefined],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, 'What follows whsec_ must be 24 to 64 bytes in base64'],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, 'What follows whsec_ must be 24 to 64 bytes in base64'],
    ['whsec_not-base64-at-all-but-long-enough', 'What follows whsec_ must be 24 to 64 bytes in base64'],
    [`whsec_${Buffer.alloc(32).toString('base64').slice(0, -1)}`, 'What follows whsec_ must be 24 to 64 bytes in base64'],
  ])('%s: %s', (secret, fault) => {
    expect(faultOfSecret(secret)).toBe(fault)
  })

  test('one that is made is one that is taken, and none is made twice', () => {
    const made = Array.from({ length: 20 }, newWebhookSecret)
    expect(made.map(faultOfSecret)).toEqual(made.map(() => undefined))
    expect(new Set(made).size).toBe(20)
  })

  test('sealed, it can be read for its endpoint with the key of the server and not otherwise, and shows nothing', async () => {
    const [sealed, again] = [
      await sealWebhookSecret('server', 'wh_a', 'my-own-secret-16'),
      await sealWebhookSecret('server', 'wh_a', 'my-own-secret-16'),
    ]
    expect(await openWebhookSecret('server', 'wh_a', sealed)).toBe('my-own-secret-16')
    expect(sealed).not.toBe(again)
    expect(Buffer.from(sealed.slice(3), 'base64url').includes('own-secret')).toBe(false)
    const readable = (secret: string, id: 'wh_a' | 'wh_b', text: string) => openWebhookSecret(secret, id, text).then(() => true, () => false) // oxfmt-ignore
    expect(
      await Promise.all([
        readable('other', 'wh_a', sealed),
        readable('server', 'wh_b', sealed),
        readable('server', 'wh_a', `${sealed.slice(0, -2)}AA`),
      ]),
    ).toEqual([false, false, false])
  })
})

describe('signedHeaders', () => {
  const delivery = (body: string) => ({ id: 'dlv_x', endpointId: 'wh_x', event: 'expense.created', body })
  const secrets = fc.oneof(
    fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
    fc.stringMatching(/^[\x21-\x7e]{16,64}$/).filter((text) => !text.startsWith('whsec_')),
  )
  const reader = (secret: string) => (secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' }))

  test('whatever is signed with whatever secrets, the library of Standard Webhooks finds it good under each, and changed not', () => {
    fc.assert(
      fc.property(fc.json(), secrets, secrets, (body, present, previous) => {
        fc.pre(present !== previous)
        const headers = signedHeaders(delivery(body), [present, previous], Date.now())
        for (const secret of [present, previous]) expect(reader(secret).verify(body, headers)).toEqual(JSON.parse(body))
        expect(() => reader(present).verify(`${body} `, headers)).toThrow(/No matching/)
      }),
      { numRuns: 50 },
    )
  })

  test('Python finds the plain signatures good, as the document shows it, whatever characters there are', ({ skip }) => {
    const bodies = ['{}', '{"title":"Käse 🧀 für \\u0000 Ann"}', '{"a":"\u2028"}']
    const signed = bodies.map((payload) => ({
      payload,
      headers: signedHeaders(delivery(payload), ['present-secret-16', 'previous-secret-16'], NOW),
    }))
    const lines = signed.flatMap(({ payload, headers }) => [
      { payload, signature: headers['X-Webhook-Signature'], secret: 'present-secret-16' },
      { payload, signature: headers['X-Webhook-Signature-Previous'], secret: 'previous-secret-16' },
      { payload, signature: headers['X-Webhook-Signature'], secret: 'previous-secret-16' },
    ])
    const run = spawnSync('python3', ['test/support/verify_webhook.py'], {
      input: lines.map((line) => JSON.stringify(line)).join('\n'),
      encoding: 'utf8',
    })
    if (run.error !== undefined) skip('python3 is not here')
    expect(run.stdout.trim().split('\n')).toEqual(bodies.flatMap(() => ['true', 'true', 'false']))
  })
})
