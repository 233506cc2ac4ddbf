// Starts a server that speaks Stripe's API, for the tests that talk to it, and tells them where it is. Besides that API,
// which is below /v1, tests say below /test what goes wrong on the line and what the world does with a payment.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { BROKEN, StripeApi, type Answer } from './stripe-api.ts'

declare module 'vitest' {
  interface ProvidedContext {
    stripeUrl: string
  }
}

/**
 * What becomes of a request: not heard, heard but not answered (by a proxy's page, or by nothing: `cut`), or refused as Stripe does when it is unwell. A 500
 * is kept under the key (`kept_500`), also where the thing was done (`done_500`). */
export type Line = 'through' | 'lost_before' | 'lost_after' | 'cut' | 'error_500' | 'kept_500' | 'done_500' | 'busy_429' | 'conflict_409'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const TROUBLE: Readonly<Partial<Record<Line, Answer>>> = {
  error_500: BROKEN,
  busy_429: { status: 429, body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' } } },
  conflict_409: {
    status: 409,
    body: {
      error: {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: 'There is currently another in-progress request using this key.',
      },
    },
  },
}

/** Each customer of the server is an account of its own, told apart by its secret key. */
class Server {
  readonly #accounts = new Map<string, { readonly api: StripeApi; readonly line: Line[] }>()
  #requests = 0

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stripe.test')
    const body = await bodyOf(request)
    const account = /^Bearer (sk_test_\w+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (account === undefined)
      return send(response, { status: 401, body: { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } } }, 0)
    const known = this.#accounts.get(account) ?? { api: new StripeApi(), line: [] }
    this.#accounts.set(account, known)
    if (url.pathname.startsWith('/test/')) return send(response, control(known, JSON.parse(body || '{}') as Control), 0)
    const line = known.line.shift() ?? 'through'
    if (line === 'lost_before') return lose(response)
    const key = request.headers['idempotency-key']
    const form = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams
    const trouble = TROUBLE[line]
    const broken = line === 'kept_500' ? 'before' : line === 'done_500' ? 'after' : undefined
    const answer = trouble ?? known.api.answer(request.method ?? '', url.pathname, form, typeof key === 'string' ? key : undefined, broken)
    if (line === 'lost_after') return lose(response)
    if (line === 'cut') return void request.socket.destroy()
    send(response, answer, ++this.#requests)
  }
}

type Control =
  | { readonly do: 'line'; readonly next: readonly Line[] }
  | { readonly do: 'act'; readonly id: string; readonly what: 'succeed' | 'fail' | 'refund'; readonly amount?: number }
  | {
      readonly do: 'sign'
      readonly id: string
      readonly type: string
      readonly eventId: string
      readonly secret: string
      readonly atS: number
    }
  | { readonly do: 'tell' | 'forget' }

function control({ api, line }: { api: StripeApi; line: Line[] }, asked: Control): Answer {
  switch (asked.do) {
    case 'line':
      line.splice(0, line.length, ...asked.next)
      return { status: 200, body: {} }
    case 'act':
      return api.act(asked.id, asked.what, asked.amount)
    case 'sign':
      return { status: 200, body: { ...api.signed(asked.id, asked.type, asked.eventId, asked.secret, asked.atS) } }
    case 'forget':
      api.forgetKeys()
      return { status: 200, body: {} }
    case 'tell': {
      const intents = [...api.intents.values()].map((intent) => ({ ...intent }))
      return { status: 200, body: { intents, requests: api.requests, left: line.length } }
    }
  }
}

/** What a proxy says whose connection to Stripe was lost. */
const lose = (response: ServerResponse): void =>
  void response.writeHead(504, { 'content-type': 'text/html' }).end('<h1>504 Gateway Time-out</h1>')

function send(response: ServerResponse, { status, body }: Answer, n: number): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': `req_${n}`, 'stripe-version': '2026-10-28.endive' })
  response.end(JSON.stringify(body))
}

/** Called by the test runner once, before everything. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stripe = new Server()
  const server = createServer((request, response) => {
    stripe
      .take(request, response)
      .catch((error: unknown) =>
        send(response, { status: 400, body: { error: { type: 'invalid_request_error', message: String(error) } } }, 0),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  project.provide('stripeUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return () => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve())))
}
