// A request and its reply before anyone knows what is asked: the id, the clock, the headers that every reply
// carries, and how a refusal looks.
import type { Context } from 'hono'
import { errorText, stackOf } from '../domain/error-text.ts'
import type { Env } from '../env.ts'
import { failureOf } from './errors.ts'
import { allowOrigin, requestIdFrom, secure } from './headers.ts'
import { NATIVE } from './native.ts'
import type { Operation } from './operation.ts'
import { Written, type Answer, type Occasion, type Surface } from './surface.ts'

export type HttpEnv = { Bindings: Env }

/** What is known of a request before anything is parsed. */
export interface Exchange {
  readonly request: Request
  readonly env: Env
  readonly url: URL
  readonly requestId: string
  readonly now: number
  readonly waitUntil: (promise: Promise<unknown>) => void
  readonly headers: Headers
}

export function exchangeOf(c: Context<HttpEnv>): Exchange {
  const request = c.req.raw
  return {
    request,
    env: c.env,
    url: new URL(request.url),
    requestId: requestIdFrom(request.headers.get('x-request-id')) ?? `req_${crypto.randomUUID()}`,
    now: Date.now(),
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
    headers: new Headers(),
  }
}

export const ipOf = (request: Request): string => request.headers.get('cf-connecting-ip') ?? 'local'

/** Sends the exchange's reply with the headers that every reply carries. */
export function send(x: Exchange, body: BodyInit | null, status: number): Response {
  secure(x.headers, x.requestId)
  allowOrigin(x.headers, x.request.headers.get('origin'), x.env.CORS_ORIGINS)
  return new Response(body, { status, headers: x.headers })
}

/** Of the exchange, what its reply may speak of. */
export const occasionOf = (x: Exchange): Occasion => ({
  url: x.url,
  now: x.now,
  requestId: x.requestId,
  accept: x.request.headers.get('accept'),
})

export function sendAnswer(x: Exchange, { status, body, type = 'application/json; charset=utf-8' }: Answer): Response {
  if (body === undefined) return send(x, null, status)
  x.headers.set('Content-Type', type)
  return send(x, body instanceof Written ? body.text : JSON.stringify(body), status)
}

/** Sends the refusal as the surface words it; the row where it is known. */
export function sendFailure(x: Exchange, error: unknown, surface: Surface = NATIVE, op?: Operation): Response {
  const failure = failureOf(error)
  if (failure.code === 'internal')
    console.error(
      JSON.stringify({ level: 'error', request_id: x.requestId, path: x.url.pathname, message: errorText(error), stack: stackOf(error) }),
    )
  const answer = surface.failure(failure, occasionOf(x), op)
  if (failure.retryAfterS !== undefined) x.headers.set('Retry-After', String(failure.retryAfterS))
  if (answer.status === 401) x.headers.set('WWW-Authenticate', 'Bearer')
  if (answer.status === 426) x.headers.set('Upgrade', 'websocket')
  return sendAnswer(x, answer)
}

export async function guarded(x: Exchange, work: () => Promise<Response>, surface: Surface = NATIVE, op?: Operation): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    return sendFailure(x, error, surface, op)
  }
}

/** Sends a page that is no operation (the docs, a socket) with the headers that every reply carries. */
export function sendPlain(c: Context<HttpEnv>, response: Response): Response {
  const x = exchangeOf(c)
  for (const [name, header] of response.headers) x.headers.set(name, header)
  return send(x, response.body, response.status)
}
