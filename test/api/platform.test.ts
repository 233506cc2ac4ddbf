import { createExecutionContext, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { ruleFor, type Allowance, type LimitClass } from '../../src/domain/limits.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import type { Env } from '../../src/env.ts'
import { spend } from '../../src/platform/limiter.ts'
import { fileLink } from '../../src/services/files.ts'
import { env } from '../support/env.ts'

const app = createApp()
const limited: Env = { ...env, RATE_LIMIT_SCALE: '1' }
const nobody = { type: 'anonymous' } as const
const call = (path: string, init: RequestInit = {}, vars: Env = env): Promise<Response> =>
  Promise.resolve(app.fetch(new Request(new URL(path, 'http://localhost'), init), vars, createExecutionContext()))

let people = 0
/** A caller that no other test has, as an address. */
const someone = (): string => `198.51.100.${++people}`
const START = Date.now()

const ask = (ip: string, limitClass: LimitClass, now = START): Promise<Allowance> => spend(limited, nobody, ip, limitClass, now)
const limiterOf = (ip: string) => env.LIMITER.getByName(`ip:${ip}`)

describe('spend', () => {
  test('of many requests at once exactly as many as the limit are let through', async () => {
    const ip = someone()
    const answers = await Promise.all(Array.from({ length: 130 }, () => ask(ip, 'write')))
    const allowed = answers.filter((answer) => answer.isAllowed)
    expect(allowed.map((answer) => answer.remaining).sort((a, b) => b - a)).toEqual(Array.from({ length: 50 }, (_, i) => 49 - i))
    expect(answers.filter((answer) => !answer.isAllowed).every((answer) => answer.remaining === 0)).toBe(true)
  })

  test('remaining falls by exactly one with each request, also when a lease ends in between', async () => {
    const ip = someone()
    for (let i = 1; i <= 100; i++) {
      expect(await ask(ip, 'read', START + i * 3 * SECOND)).toEqual({
        isAllowed: true,
        limit: 100,
        remaining: 100 - i,
        resetS: Math.ceil((START + 3 * SECOND + HOUR) / SECOND),
      })
    }
    expect(await ask(ip, 'read', START + 301 * SECOND)).toMatchObject({ isAllowed: false, remaining: 0 })
  })

  test('what another isolate has leased is not let through a second time', async () => {
    const ip = someone()
    const rule = ruleFor('write', nobody, 1)
    const elsewhere = await limiterOf(ip).lease('write', { rule, now: START, isForOne: false })
    expect(elsewhere.tokens).toBe(2)
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(ip, 'write')))
    expect(answers.filter((answer) => answer.isAllowed)).toHaveLength(48)
  })

  test('an eviction of the object does not give the allowance back', async () => {
    const ip = someone()
    for (let i = 0; i < 3; i++) await ask(ip, 'auth')
    await evictDurableObject(limiterOf(ip))
    expect(await ask(ip, 'auth')).toMatchObject({ isAllowed: true, remaining: 1 })
    expect(await ask(ip, 'auth')).toMatchObject({ isAllowed: true, remaining: 0 })
    expect(await ask(ip, 'auth')).toMatchObject({ isAllowed: false, remaining: 0 })
  })

  test('when the window is over a new one begins with the next request', async () => {
    const ip = someone()
    for (let i = 0; i < 6; i++) await ask(ip, 'auth')
    expect(await ask(ip, 'auth', START + MINUTE - 1)).toMatchObject({ isAllowed: false })
    expect(await ask(ip, 'auth', START + MINUTE)).toMatchObject({ isAllowed: true, remaining: 4 })
  })

  test('classes and callers do not use up each other’s allowance', async () => {
    const ip = someone()
    for (let i = 0; i < 6; i++) await ask(ip, 'auth')
    expect(await ask(ip, 'write')).toMatchObject({ isAllowed: true, remaining: 49 })
    expect(await ask(someone(), 'auth')).toMatchObject({ isAllowed: true, remaining: 4 })
  })

  test('under a huge scale a thousand requests ask the object once', async () => {
    let asked = 0
    const counted = {
      ...env,
      RATE_LIMIT_SCALE: '1000000',
      LIMITER: { getByName: (name: string) => (asked++, env.LIMITER.getByName(name)) },
    } as unknown as Env
    const ip = someone()
    for (let i = 0; i < 1000; i++) expect((await spend(counted, nobody, ip, 'read', START)).isAllowed).toBe(true)
    expect(asked).toBe(1)
  })

  test('a limiter out of reach lets everybody through, and is logged once', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const broken = {
      ...limited,
      LIMITER: { getByName: () => ({ lease: () => Promise.reject(new Error('no limiter')) }) },
    } as unknown as Env
    const ip = someone()
    for (let i = 0; i < 10; i++) expect(await spend(broken, nobody, ip, 'auth', START)).toMatchObject({ isAllowed: true, remaining: 4 })
    expect(logged).toHaveBeenCalledOnce()
    logged.mockRestore()
  })

  test('the object forgets a caller when all windows are over, and not before', async () => {
    const [gone, present] = [someone(), someone()]
    const stored = (ip: string) => runInDurableObject(limiterOf(ip), (_, state) => [...state.storage.kv.list()].length)
    await ask(present, 'auth')
    await runDurableObjectAlarm(limiterOf(present))
    expect(await stored(present)).toBe(1)
    await ask(gone, 'auth', START - HOUR)
    // The alarm is due at once: the window ended in the past.
    await vi.waitFor(async () => expect(await stored(gone)).toBe(0))
    expect(await ask(gone, 'auth')).toMatchObject({ isAllowed: true, remaining: 4 })
  })
})

describe('the limit headers', () => {
  test('say on each reply what is left, and on a refusal when to come back', async () => {
    const from = { headers: { 'cf-connecting-ip': someone(), 'content-type': 'application/json' }, method: 'POST', body: '{}' }
    for (const remaining of [4, 3, 2, 1, 0]) {
      const reply = await call('/api/auth/login/', from, limited)
      expect([reply.status, reply.headers.get('x-ratelimit-limit'), reply.headers.get('x-ratelimit-remaining')]).toEqual([
        422,
        '5',
        String(remaining),
      ])
      expect(Number(reply.headers.get('x-ratelimit-reset')) * SECOND).toBeGreaterThan(Date.now())
    }
    const refused = await call('/api/auth/login/', from, limited)
    expect(refused.status).toBe(429)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(61)
    expect(await refused.json()).toMatchObject({ status: 'error', error: { code: 'RATE_LIMIT_EXCEEDED' } })
  })
})

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0))
const be32 = (n: number): number[] => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]
const chunk = (name: string, content: number[]): number[] => [...be32(content.length), ...ascii(name), ...content, 0, 0, 0, 0]
const png = (width: number, ...middle: number[][]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...ascii('\x89PNG\r\n\x1a\n'),
    ...chunk('IHDR', [...be32(width), ...be32(2), 8, 6, 0, 0, 0]),
    ...middle.flat(),
    ...chunk('IDAT', [1, 2, 3]),
    ...chunk('IEND', []),
  ])

/** A new account, as the headers that sign it in. */
async function signUp(): Promise<Record<string, string>> {
  const body = JSON.stringify({ email: `p${++people}@example.com`, password: 'Correct-Horse-7!', first_name: 'Ann' })
  const reply = await call('/api/auth/register/', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { data } = (await reply.json()) as { data: { tokens: { access: string } } }
  return { authorization: `Bearer ${data.tokens.access}` }
}

function upload(headers: Record<string, string>, bytes: Uint8Array<ArrayBuffer>, name = 'me.png'): Promise<Response> {
  const form = new FormData()
  form.set('avatar', new File([bytes], name, { type: 'image/png' }))
  return call('/api/users/me/avatar/', { method: 'POST', headers, body: form })
}

async function urlOf(reply: Response): Promise<string> {
  const { data } = (await reply.json()) as { data: { avatar_url: string } }
  return data.avatar_url
}

describe('uploadAvatar', () => {
  test('the picture is kept without its metadata and served only for saving', async () => {
    const reply = await upload(
      await signUp(),
      png(3, chunk('tEXt', ascii('Location\x0048.8584N')), chunk('eXIf', ascii('II GPS'))),
      'päs<s>port.html',
    )
    expect(reply.status).toBe(200)
    const file = await call(await urlOf(reply))
    expect(file.status).toBe(200)
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(png(3))
    const { headers } = file
    expect(headers.get('content-type')).toBe('image/png')
    expect(headers.get('content-disposition')).toBe('attachment; filename="p_ssport.html.png"; filename*=UTF-8\'\'p%C3%A4ssport.html.png')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toMatch(/^private/)
  })

  test('the profile shows the new picture and has a new version, and the groups are to hear of it', async () => {
    const headers = await signUp()
    const url = await urlOf(await upload(headers, png(4)))
    const me = (await (await call('/api/users/me/', { headers })).json()) as { data: { id: string; avatar: string; version: number } }
    expect(me.data).toMatchObject({ avatar: url, version: 2 })
    const promised = await env.DB.prepare("SELECT count(*) AS n FROM outbox WHERE kind = 'profile_changed' AND payload LIKE ?")
      .bind(`%${me.data.id}%`)
      .first('n')
    expect(promised).toBe(1)
    const row = await env.DB.prepare('SELECT purpose, type, size FROM files WHERE user_id = ?').bind(me.data.id).first()
    expect(row).toEqual({ purpose: 'avatar', type: 'image/png', size: png(4).length })
  })

  test('a repetition under the same key stores one file and answers with the same link', async () => {
    const headers = { ...(await signUp()), 'idempotency-key': 'avatar-1' }
    const [first, again] = [await urlOf(await upload(headers, png(5))), await upload(headers, png(5))]
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await urlOf(again)).toBe(first)
    expect((await upload(headers, png(6))).status).toBe(422)
  })

  test.each([
    ['a GIF with a script', Uint8Array.from(ascii('GIF89a<script>alert(1)</script>')), 415],
    ['a page with the name of a picture', Uint8Array.from(ascii('<!doctype html><script>alert(1)</script>')), 415],
    ['a picture that is cut off', png(3).slice(0, 30), 415],
    ['a picture that is too large to decode', png(30_000_000), 415],
    ['a receipt', Uint8Array.from(ascii('%PDF-1.7 %%EOF')), 415],
    ['a file of more than 5 MB', new Uint8Array(5 * 1024 * 1024 + 1), 413],
  ])('%s is refused', async (_, bytes, status) => {
    const reply = await upload(await signUp(), bytes)
    expect(reply.status).toBe(status)
    expect(await reply.json()).toMatchObject({
      error: { details: [{ field: expect.any(String) as string, expected: expect.any(String) as string }] },
    })
  })
})

describe('readFile', () => {
  const link = (now: number, key: string): string => fileLink({ env, now, origin: '' }, key)
  const stored = async (): Promise<string> => new URL(await urlOf(await upload(await signUp(), png(7)))).pathname.replace('/api/files/', '')

  test('links of one hour are the same, and good for one to two hours', async () => {
    const key = await stored()
    const hour = Math.floor(Date.now() / HOUR) * HOUR
    expect(link(hour, key)).toBe(link(hour + HOUR - 1, key))
    expect(link(hour, key)).not.toBe(link(hour + HOUR, key))
    expect((await call(link(hour, key))).status).toBe(200)
    expect((await call(link(hour - HOUR, key))).status).toBe(200)
    expect((await call(link(hour - 2 * HOUR, key))).status).toBe(404)
  })

  test.each([
    ['another signature', (url: URL) => url.searchParams.set('signature', 'A'.repeat(43))],
    ['no proper signature', (url: URL) => url.searchParams.set('signature', 'é')],
    ['a later end', (url: URL) => url.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1))],
    ['another file', (url: URL) => (url.pathname = `/api/files/avatars/${crypto.randomUUID()}`)],
    ['another area', (url: URL) => (url.pathname = url.pathname.replace('avatars', 'receipts'))],
  ])('a link changed to %s leads nowhere', async (_, change) => {
    const url = new URL(link(Date.now(), await stored()), 'http://localhost')
    change(url)
    const reply = await call(url.href)
    expect(reply.status).toBe(404)
    expect(reply.headers.get('content-security-policy')).not.toContain('sandbox')
  })

  test('a good link to what was never stored leads nowhere', async () => {
    expect((await call(link(Date.now(), `avatars/${crypto.randomUUID()}`))).status).toBe(404)
  })
})

describe('docs', () => {
  test('the page runs no inline and no foreign script', async () => {
    const page = await call('/docs')
    expect(page.headers.get('content-type')).toContain('text/html')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self';")
    const html = await page.text()
    const sources = [...html.matchAll(/<script\b([^>]*)>([^<]*)/g)].map(([, attributes, inline]) => [attributes, inline])
    expect(sources.every(([attributes, inline]) => attributes?.includes('src="/docs/') === true && inline === '')).toBe(true)
    for (const [, path] of html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
      const asset = await call(path ?? '')
      expect([path, asset.status, (await asset.arrayBuffer()).byteLength > 100]).toEqual([path, 200, true])
    }
  })

  test('the document is sent once to a client that keeps it', async () => {
    const first = await call('/openapi.json')
    const etag = first.headers.get('etag') ?? ''
    expect(first.status).toBe(200)
    const again = await call('/openapi.json', { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('every reference in the document leads somewhere, and every tag is described', async () => {
    const document = (await (await call('/openapi.json')).json()) as Record<string, unknown>
    const text = JSON.stringify(document)
    for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = (pointer ?? '')
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/')], document)
      expect(target, pointer).toBeDefined()
    }
    const described = (document['tags'] as { name: string }[]).map((tag) => tag.name)
    const used = Object.values(document['paths'] as Record<string, Record<string, { tags: string[] }>>).flatMap((item) =>
      Object.values(item).flatMap((op) => op.tags),
    )
    expect(described.toSorted()).toEqual([...new Set(used)].toSorted())
  })

  test('the root leads to documents and first resources, and monitoring hears that all is well', async () => {
    const root = (await (await call('/api/')).json()) as { data: { links: Record<string, string> } }
    for (const name of ['documentation', 'openapi', 'health']) expect((await call(root.data.links[name] ?? '')).status).toBe(200)
    expect(await (await call('/api/health/')).json()).toMatchObject({ data: { status: 'healthy', checks: { database: 'ok' } } })
  })
})
