// Headers that every reply carries, and what is asked of every request before it is looked at.
import { AppError } from '../domain/errors.ts'

const VERSION = /application\/vnd\.expensetracker\.v(\d+)\+json/i

export const API_VERSION = '1.0'

/** Throws `request.version` when the Accept header names a version of the API that does not exist. */
export function checkVersion(accept: string | null): void {
  const asked = accept === null ? undefined : VERSION.exec(accept)?.[1]
  if (asked === undefined || asked === '1') return
  throw new AppError('request.version', [
    {
      field: 'Accept',
      message: 'Only version 1 exists',
      code: 'UNKNOWN_VERSION',
      expected: 'application/vnd.expensetracker.v1+json',
      got: `v${asked}`,
    },
  ])
}

const SECURITY: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Strict-Transport-Security', 'max-age=63072000; includeSubDomains'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
]

const API_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** Adds what every reply says about itself; a policy or cache rule that the reply brought along stays. */
export function secure(headers: Headers, requestId: string): void {
  for (const [name, value] of SECURITY) headers.set(name, value)
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', API_POLICY)
  if (!headers.has('Cross-Origin-Resource-Policy')) headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  headers.set('X-Request-ID', requestId)
}

/** Adds the CORS headers if the origin is one of the allowed; there are no credentials to allow. */
export function allowOrigin(headers: Headers, origin: string | null, allowed: string): void {
  headers.append('Vary', 'Origin')
  if (origin === null || !allowed.split(',').some((o) => o.trim() === origin)) return
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
  headers.set(
    'Access-Control-Expose-Headers',
    'ETag, Idempotent-Replayed, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID',
  )
}

export function preflight(headers: Headers): void {
  headers.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
  headers.set('Access-Control-Allow-Headers', 'Accept, Authorization, Content-Type, Idempotency-Key, If-Match, X-API-Key, X-Request-ID')
  headers.set('Access-Control-Max-Age', '86400')
}

/** The caller's own id of the request if it is safe to log and echo. */
export const requestIdFrom = (header: string | null): string | undefined =>
  header !== null && /^[\w.:-]{1,128}$/.test(header) ? header : undefined
