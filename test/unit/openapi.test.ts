import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { currency, id, line } from '../../src/http/fields.ts'
import { failuresOf } from '../../src/http/openapi-failures.ts'
import { schemaBook, type Json } from '../../src/http/openapi-schemas.ts'
import { openApiOf, type ApiInfo } from '../../src/http/openapi.ts'
import { anyone, data, list, member, nothing, operation, user, type Operation } from '../../src/http/operation.ts'
import { pageFields } from '../../src/http/pages.ts'
import { WEBHOOK_EVENTS } from '../../src/routes/webhook-docs.ts'
import { mustMatch } from '../support/contract.ts'

const Trip = z.object({ id: id('group'), name: z.string(), version: z.int() }).meta({ id: 'Trip' })
const TRIP = { id: 'grp_01jd3k5m7n9pqrstvwxyz01234', name: 'Rome', version: 3 }
const about = {
  summary: 'Something',
  description: 'Does something.',
  tag: 'Trips',
  limit: 'write',
  fails: [],
  example: {},
  run: () => Promise.resolve() as never,
} as const
const path = z.object({ trip_id: id('group') })

const createTrip = operation({
  ...about,
  id: 'createTrip',
  on: 'POST /api/trips/',
  access: user('groups:write'),
  body: z.strictObject({ name: line(100, 1), currency }),
  reply: data(201, Trip, 'Trip created'),
  fails: ['group.full'],
  example: { body: { name: 'Rome', currency: 'EUR' }, reply: TRIP },
})
const listTrips = operation({
  ...about,
  id: 'listTrips',
  on: 'GET /api/trips/',
  limit: 'read',
  access: user('groups:read'),
  query: z.strictObject({ ...pageFields, search: line(50).optional() }),
  reply: list(Trip),
  example: { reply: [TRIP] },
})
const endTrip = operation({
  ...about,
  id: 'endTrip',
  on: 'DELETE /api/trips/{trip_id}/',
  access: member('group.archive', 'groups:write'),
  isGroupWrite: true,
  path,
  reply: nothing,
})
const getStatus = operation({
  ...about,
  id: 'getStatus',
  on: 'GET /api/status/',
  limit: 'none',
  access: anyone,
  reply: data(200, z.object({ ok: z.boolean(), version: z.string() })),
})
const ROWS: readonly Operation[] = [createTrip, listTrips, endTrip, getStatus]

const INFO: ApiInfo = {
  title: 'Trips',
  version: '1',
  summary: 'Trips',
  description: 'Trips.',
  contact: {},
  license: {},
  servers: [],
  tags: { Trips: 'Going somewhere.', Unused: 'Nothing has this tag.' },
}

/** A place in the document, with references followed. */
function at(document: object, ...keys: string[]): Json {
  const resolved = (node: unknown): unknown => {
    const ref = (node as { $ref?: string } | undefined)?.$ref
    return ref === undefined ? node : at(document, ...ref.slice(2).split('/'))
  }
  return keys.reduce<unknown>((node, key) => resolved((resolved(node) as Record<string, unknown> | undefined)?.[key]), document) as Json
}

describe('openApiOf', () => {
  const document = openApiOf(ROWS, INFO)
  const names = (parameters: unknown): string[] =>
    (parameters as { $ref?: string; name?: string }[]).map((one) => one.name ?? one.$ref?.split('/').at(-1) ?? '')

  test('a reply has the envelope of its shape and the example of its row', () => {
    const created = at(document, 'paths', '/api/trips/', 'post', 'responses', '201', 'content', 'application/json')
    expect(created).toMatchObject({
      schema: {
        properties: { status: { const: 'success' }, data: { $ref: '#/components/schemas/Trip' }, message: { const: 'Trip created' } },
      },
      examples: { example: { value: { status: 'success', data: TRIP, message: 'Trip created' } } },
    })
    const listed = at(document, 'paths', '/api/trips/', 'get', 'responses', '200', 'content', 'application/json', 'schema')
    expect(listed).toMatchObject({
      properties: {
        data: { type: 'array', maxItems: 100 },
        meta: { properties: { pagination: { $ref: '#/components/schemas/Pagination' } } },
        links: { $ref: '#/components/schemas/Links' },
      },
    })
    expect(at(document, 'paths', '/api/trips/{trip_id}/', 'delete', 'responses', '204')).not.toHaveProperty('content')
  })

  test('a resource with a version has an ETag', () => {
    expect(at(document, 'paths', '/api/trips/', 'post', 'responses', '201', 'headers')).toHaveProperty('ETag')
    expect(at(document, 'paths', '/api/status/', 'get', 'responses', '200', 'headers')).not.toHaveProperty('ETag')
  })

  test('each write takes the headers that make it safe, and a change of a group can be tried', () => {
    expect(names(at(document, 'paths', '/api/trips/', 'post')['parameters'])).toEqual(['Idempotency-Key', 'X-Request-ID'])
    expect(names(at(document, 'paths', '/api/trips/{trip_id}/', 'delete')['parameters'])).toEqual([
      'trip_id',
      'dry_run',
      'Idempotency-Key',
      'If-Match',
      'X-Request-ID',
    ])
    expect(names(at(document, 'paths', '/api/trips/', 'get')['parameters'])).toEqual([
      'page',
      'page_size',
      'cursor',
      'search',
      'X-Request-ID',
    ])
  })

  test('credentials are those that the row lets in', () => {
    expect(at(document, 'paths', '/api/status/', 'get')['security']).toEqual([])
    expect(at(document, 'paths', '/api/trips/', 'post')).toMatchObject({
      security: [{ bearer: [] }, { apiKey: [] }],
      'x-required-scope': 'groups:write',
    })
    expect(at(document, 'paths', '/api/trips/{trip_id}/', 'delete')).toMatchObject({ 'x-required-permission': 'group.archive' })
  })

  test('a refusal is described in both forms, with an example for each code', () => {
    const refused = at(document, 'paths', '/api/trips/', 'post', 'responses', '422')
    expect(refused['description']).toContain('The group has as many members as it can')
    expect(Object.keys(at(refused, 'content'))).toEqual(['application/json', 'application/problem+json'])
    expect(Object.keys(at(refused, 'content', 'application/json', 'examples'))).toEqual([
      'group.full',
      'request.invalid',
      'request.key_reused',
    ])
    expect(at(document, 'components', 'examples', 'problem.group.full', 'value')).toMatchObject({
      status: 422,
      type: 'urn:quits:error:group.full',
    })
    expect(at(document, 'paths', '/api/trips/', 'post', 'responses', '429', 'headers')).toHaveProperty('Retry-After')
  })

  test('only tags and parts that something refers to are in it', () => {
    expect(at(document)).toMatchObject({ tags: [{ name: 'Trips', description: 'Going somewhere.' }] })
    expect(Object.keys(at(openApiOf([getStatus], INFO), 'components', 'parameters'))).toEqual(['X-Request-ID'])
  })
})

describe.each(WEBHOOK_EVENTS.map((event) => [event.name, event] as const))('the webhook %s', (name, event) => {
  test('shows a payload that is one, and the headers by which it is known', () => {
    mustMatch(event.schema, event.example, name)
    const document = openApiOf(ROWS, { ...INFO, webhooks: { tag: 'Trips', events: WEBHOOK_EVENTS } })
    const post = at(document, 'webhooks', name, 'post') as { parameters: { name: string; required: boolean }[]; operationId: string }
    expect(post.operationId).toMatch(/^on[A-Z][A-Za-z]+$/)
    expect(post.parameters.filter(({ required }) => !required).map((one) => one.name)).toEqual(['X-Webhook-Signature-Previous'])
    const refs = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(refs.filter((ref) => at(document, ...ref.split('/')) === undefined)).toEqual([])
  })
})

describe('failuresOf', () => {
  test.each([
    [
      'a request with a body',
      createTrip,
      ['request.too_large', 'request.media_type', 'request.key_reused', 'auth.required', 'auth.forbidden', 'group.full', 'rate.exceeded'],
    ],
    ['a change of a group', endTrip, ['group.not_found', 'group.forbidden', 'request.not_found', 'request.stale']],
    ['what anyone may ask', getStatus, ['auth.invalid_token', 'internal']],
  ])('%s is refused for what follows from its row', (_, op, codes) => {
    expect(failuresOf(op)).toEqual(expect.arrayContaining(codes))
  })

  test('what is not limited is not refused for asking too often', () => {
    expect(failuresOf(getStatus)).not.toContain('rate.exceeded')
    expect(failuresOf(getStatus)).not.toContain('auth.required')
  })
})

describe('schemaBook', () => {
  const of = (schema: z.ZodType): Json => schemaBook().schemaOf(schema, 'output')

  test.each([
    ['free text', z.string(), { type: 'string', maxLength: 65_536, format: 'text' }],
    ['an id', z.string().regex(/^grp_[0-7][0-9a-z]{25}$/), { type: 'string', pattern: '^grp_[0-7][0-9a-z]{25}$', maxLength: 30 }],
    [
      'a day',
      z.string().meta({ format: 'date', example: '2026-11-20' }),
      { type: 'string', format: 'date', maxLength: 10, examples: ['2026-11-20'] },
    ],
    ['a choice', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['a page number', z.int().min(1).max(1000), { type: 'integer', minimum: 1, maximum: 1000, format: 'int32' }],
    ['a sum', z.int(), { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991, format: 'int64' }],
    ['a list', z.array(z.boolean()), { type: 'array', items: { type: 'boolean' }, maxItems: 10_000 }],
  ])('%s is bounded', (_, schema, json) => {
    expect(of(schema)).toEqual(json)
  })

  test('a schema that is taken in another form than it is given has two names', () => {
    const Both = z.object({ at: z.string().default('now') }).meta({ id: 'Both' })
    const book = schemaBook()
    expect(book.schemaOf(Both, 'output')).toEqual({ $ref: '#/components/schemas/Both' })
    expect(book.schemaOf(z.object({ one: Both }), 'input')).toMatchObject({
      properties: { one: { $ref: '#/components/schemas/BothInput' } },
    })
    expect(Object.keys(book.components)).toEqual(['Both', 'BothInput'])
  })
})
