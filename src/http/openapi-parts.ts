// What the operations of the OpenAPI document share: headers, parameters and ways to sign in.
import type { Json } from './openapi-schemas.ts'

const count = (description: string, example: number): Json => ({
  description,
  schema: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, examples: [example] },
})
const word = (description: string, schema: Json): Json => ({ description, schema: { type: 'string', ...schema } })
const REQUEST_ID = { pattern: '^[\\w.:-]+$', minLength: 1, maxLength: 128, examples: ['req_0b0c7c5e-6f0e-4d0b-9a43-2f1f0c9f6a11'] }
const ETAG = { pattern: '^(W/)?"\\d{1,15}"$', maxLength: 19, examples: ['"17"'] }

export const headers: Json = {
  'X-RateLimit-Limit': count('Requests of this kind that are allowed in a window', 1000),
  'X-RateLimit-Remaining': count('How many of them are left', 999),
  'X-RateLimit-Reset': count('When the window ends, in seconds since the epoch', 1795257000),
  'X-Request-ID': word('The id of the request: the one sent, or a new one', REQUEST_ID),
  'Access-Control-Allow-Origin': word('The origin of the caller, if it is one of the allowed', {
    format: 'uri',
    maxLength: 255,
    examples: ['https://app.quits.example'],
  }),
  'Retry-After': count('Seconds to wait before another try makes sense', 30),
  'WWW-Authenticate': word('The scheme to sign in with', { const: 'Bearer' }),
  ETag: word('The version of the resource, for If-Match', ETAG),
  'Idempotent-Replayed': word('Present when the request had been made before: the reply is the stored one', { const: 'true' }),
}

const HEX = { pattern: '^[0-9a-f]{64}$', maxLength: 64 }

/** On every delivery to a webhook. */
export const webhookHeaders: Json = {
  'webhook-id': word('The id of the delivery, the same at each attempt: what was taken in under it before is done', {
    pattern: '^dlv_[0-7][0-9a-hjkmnp-tv-z]{25}$',
    maxLength: 30,
    examples: ['dlv_5hsc5v1kfh81a9z3n2r0m4t6ya'],
  }),
  'webhook-timestamp': word('When this attempt was made, in seconds since the epoch', {
    pattern: '^\\d{10,12}$',
    maxLength: 12,
    examples: ['1795257000'],
  }),
  'webhook-signature': word(
    'Standard Webhooks: `v1,` and the HMAC-SHA256 in base64 of `id.timestamp.body`; two of them while a secret is rotated',
    {
      pattern: '^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$',
      maxLength: 95,
      examples: ['v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
    },
  ),
  'X-Webhook-Event': word('The event, as in the body', { maxLength: 40, pattern: '^[a-z_.]+$', examples: ['expense.created'] }),
  'X-Webhook-Id': word('The id of the webhook', {
    pattern: '^wh_[0-7][0-9a-hjkmnp-tv-z]{25}$',
    maxLength: 29,
    examples: ['wh_01jd3k5m7n9pqrstvwxyz01234'],
  }),
  'X-Webhook-Signature': word('The HMAC-SHA256 of the body in hex, under the secret as text', HEX),
  'X-Webhook-Signature-Previous': word('The same under the secret before, while a secret is rotated', HEX),
}

export const headerRefs = (names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** On every reply. */
export const commonHeaders = headerRefs([
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-ID',
  'Access-Control-Allow-Origin',
])

export const parameters: Json = {
  'X-Request-ID': {
    name: 'X-Request-ID',
    in: 'header',
    description: 'An id of your own for the request; it is echoed and logged. One that does not fit is replaced by a new one.',
    schema: { type: 'string', ...REQUEST_ID },
  },
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes the request safe to repeat: the same key and content are answered as the first time, with `Idempotent-Replayed: true`. The same key with other content is refused.',
    schema: {
      type: 'string',
      pattern: '^[\\x21-\\x7e]+$',
      minLength: 1,
      maxLength: 255,
      examples: ['6d1f0f3e-6c1b-4b0e-9d2a-3f8f1f0a7c55'],
    },
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    description:
      'The ETag of the version that you know. If the resource has changed since, nothing happens, and the answer is 412 with the resource as it is now.',
    schema: { type: 'string', ...ETAG },
  },
  dry_run: {
    name: 'dry_run',
    in: 'query',
    description: 'Answers as if the change were made, and stores nothing.',
    schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
  },
}

export const parameterRef = (name: string): Json => ({ $ref: `#/components/parameters/${name}` })

export const securitySchemes: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of `POST /api/auth/login/`, good for an hour; the refresh token gives a new one. Tokens follow RFC8725.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A key for programs. It may do what its scopes say; the scope that an operation needs stands with the operation.',
  },
}
