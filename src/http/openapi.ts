// The OpenAPI 3.1 document of the operation rows. Everything in it is read from the rows, the schemas and the
// table of errors, so that it can't say what the server doesn't do.
import { z } from 'zod'
import { ErrorOut, ProblemOut } from './errors.ts'
import { API_VERSION } from './headers.ts'
import { failureBook, foreignFailureBook, takesIdempotencyKey, takesIfMatch, type FailureBook } from './openapi-failures.ts'
import { commonHeaders, headerRefs, headers, parameterRef, parameters, securitySchemes } from './openapi-parts.ts'
import { schemaBook, type Json, type SchemaBook } from './openapi-schemas.ts'
import { methodAndPath, type Access, type Operation, type Payload, type Upload } from './operation.ts'
import { webhooksOf, type WebhookEvent } from './openapi-webhooks.ts'
import { Links, pageFields, Pagination } from './pages.ts'
import type { Surface } from './surface.ts'

export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly summary: string
  readonly description: string
  readonly contact: Json
  readonly license: Json
  readonly servers: readonly Json[]
  /** Each tag that a row may have and what it is about, in the order of the docs. */
  readonly tags: Readonly<Record<string, string>>
  /** What is sent to those who asked for it, and the tag that it goes under. */
  readonly webhooks?: { readonly tag: string; readonly events: readonly WebhookEvent[] }
}

interface Books {
  readonly schemas: SchemaBook
  readonly failures: FailureBook
}

const META = { timestamp: z.string().meta({ format: 'date-time' }), request_id: z.string(), version: z.literal(API_VERSION) }
const Meta = z.object(META).meta({ id: 'Meta', description: 'When the reply was made, and for which request' })
const META_EXAMPLE = { timestamp: '2026-11-20T10:30:00.000Z', request_id: 'req_0b0c7c5e-6f0e-4d0b-9a43-2f1f0c9f6a11', version: API_VERSION }
const PAGINATION_EXAMPLE = {
  page: 1,
  page_size: 20,
  total_pages: 1,
  total_items: 1,
  has_next: false,
  has_previous: false,
  next_cursor: null,
}

const propertiesOf = (schema: Json): Readonly<Record<string, Json>> => (schema['properties'] ?? {}) as Record<string, Json>
const requiredOf = (schema: Json): readonly string[] => (schema['required'] ?? []) as string[]

/** The fields of the schema as parameters; description and example belong to the parameter. */
function parametersFrom(schema: z.ZodType, place: 'path' | 'query', books: Books): Json[] {
  const json = books.schemas.schemaOf(schema, 'input')
  const shared = Object.keys(pageFields)
  return Object.entries(propertiesOf(json)).map(([name, { description, ...field }]) => {
    if (place === 'query' && shared.includes(name)) return parameterRef(name)
    return {
      name,
      in: place,
      required: place === 'path' || requiredOf(json).includes(name),
      ...(description !== undefined && { description }),
      schema: field,
    }
  })
}

function parametersOf(op: Operation, books: Books): Json[] {
  return [
    ...(op.path === undefined ? [] : parametersFrom(op.path, 'path', books)),
    ...(op.query === undefined ? [] : parametersFrom(op.query, 'query', books)),
    ...(op.isGroupWrite === true ? [parameterRef('dry_run')] : []),
    ...(takesIdempotencyKey(op) ? [parameterRef('Idempotency-Key')] : []),
    ...(takesIfMatch(op) ? [parameterRef('If-Match')] : []),
    ...(op.payload === undefined ? [] : [signatureOf(op.payload)]),
    parameterRef('X-Request-ID'),
  ]
}

const exampleOf = (value: unknown): Json => (value === undefined ? {} : { examples: { example: { summary: 'Example', value } } })

function formOf({ field, types, maxBytes }: Upload): Json {
  const file = { type: 'string', format: 'binary', maxLength: maxBytes, description: `The file: ${types.join(', ')}` }
  return {
    'multipart/form-data': {
      schema: { type: 'object', properties: { [field]: file }, required: [field], additionalProperties: false },
      encoding: { [field]: { contentType: types.join(', ') } },
    },
  }
}

const signatureOf = ({ signature }: Payload): Json => ({
  name: signature,
  in: 'header',
  required: true,
  description: 'Time and HMAC-SHA256 of time and body, as `t=…,v1=…`',
  schema: { type: 'string', maxLength: 1000, pattern: '^t=\\d{1,15}(,v\\d{1,2}=[0-9a-f]{1,128})+$' },
})

function requestBodyOf(op: Operation, books: Books): Json {
  if (op.upload !== undefined) return { requestBody: { required: true, content: formOf(op.upload) } }
  if (op.form !== undefined) {
    const schema = books.schemas.schemaOf(op.form, 'input')
    return { requestBody: { required: false, content: { 'application/x-www-form-urlencoded': { schema } } } }
  }
  if (op.payload !== undefined)
    return {
      requestBody: {
        required: true,
        content: { [op.payload.type]: { schema: { type: 'object', description: "The provider's message" } } },
      },
    }
  if (op.body === undefined) return {}
  const schema = books.schemas.schemaOf(op.body, 'input')
  return { requestBody: { required: true, content: { 'application/json': { schema, ...exampleOf(op.example.body) } } } }
}

/** The envelope that `mount` puts around what the service gives. */
function envelopeOf(op: Operation): z.ZodType {
  const { shape, message, schema = z.unknown(), meta } = op.reply
  if (shape === 'body') return schema
  const said = message === undefined ? {} : { message: z.literal(message) }
  if (shape === 'message') return z.object({ status: z.literal('success'), ...said, meta: Meta })
  if (shape === 'data') return z.object({ status: z.literal('success'), data: schema, ...said, meta: Meta })
  return z.object({
    status: z.literal('success'),
    data: z.array(schema).max(100),
    meta: z.object({ ...META, ...meta?.shape, pagination: Pagination }),
    links: Links,
  })
}

function linksExample(op: Operation): Json {
  const { path } = methodAndPath(op)
  return { first: `${path}?page=1`, last: `${path}?page=1`, next: null, previous: null }
}

function replyExample(op: Operation): unknown {
  const { shape, message } = op.reply
  const said = message === undefined ? {} : { message }
  if (shape === 'message') return { status: 'success', ...said, meta: META_EXAMPLE }
  const value = op.example.reply
  if (value === undefined || shape === 'body') return value
  if (shape === 'data') return { status: 'success', data: value, ...said, meta: META_EXAMPLE }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  return {
    status: 'success',
    data: items,
    meta: { ...META_EXAMPLE, ...op.example.meta, pagination: { ...PAGINATION_EXAMPLE, total_items: items.length } },
    links: linksExample(op),
  }
}

/** Only a number is made an ETag. */
const hasVersion = ({ reply: { shape, schema } }: Operation): boolean =>
  shape === 'data' && schema instanceof z.ZodObject && schema.shape['version'] instanceof z.ZodNumber

const DONE = { 200: 'Success.', 201: 'Created.', 202: 'Accepted; it is done soon.', 204: 'Done.' } as const

function successOf(op: Operation, books: Books): Json {
  const { shape, status, types = [] } = op.reply
  const extra = [...(hasVersion(op) ? ['ETag'] : []), ...(takesIdempotencyKey(op) ? ['Idempotent-Replayed'] : [])]
  const told = { headers: { ...commonHeaders, ...headerRefs(extra) } }
  if (shape === 'nothing') return { 204: { description: 'Done; there is nothing to say about it.', ...told } }
  if (shape === 'raw')
    return { [status]: { description: 'The content itself.', ...told, content: Object.fromEntries(types.map((type) => [type, {}])) } }
  const content = { 'application/json': { schema: books.schemas.schemaOf(envelopeOf(op), 'output'), ...exampleOf(replyExample(op)) } }
  return { [status]: { description: op.reply.message ?? DONE[status], ...told, content } }
}

function securityOf(access: Access): Json[] {
  if (access.who === 'anyone') return []
  return [{ bearer: [] }, ...(access.scope === undefined ? [] : [{ apiKey: [] }])]
}

/** For programs that read the document: the scope of the key, and what the role in the group must allow. */
function requirementsOf(access: Access): Json {
  if (access.who === 'anyone' || access.scope === undefined) return {}
  return { 'x-required-scope': access.scope, ...(access.who === 'member' && { 'x-required-permission': access.may }) }
}

function accessLine(access: Access): string {
  if (access.who === 'anyone') return 'Needs no credentials.'
  const key = access.scope === undefined ? 'not open to API keys' : `API keys need the scope \`${access.scope}\``
  return access.who === 'user' ? `Needs a session; ${key}.` : `Needs a place in the group whose role allows \`${access.may}\`; ${key}.`
}

function operationOf(op: Operation, books: Books): Json {
  const limited = op.limit === 'none' ? 'It is not limited.' : `Counts towards the limit of ${op.limit} requests.`
  return {
    operationId: op.id,
    summary: op.summary,
    description: `${op.description}\n\n${accessLine(op.access)} ${limited}`,
    tags: [op.tag],
    security: securityOf(op.access),
    ...requirementsOf(op.access),
    parameters: parametersOf(op, books),
    ...requestBodyOf(op, books),
    responses: { ...successOf(op, books), ...books.failures.responsesOf(op) },
  }
}

/** Those of the shared parts that are referred to. */
const usedOf = (kind: string, parts: Json, text: string): Json =>
  Object.fromEntries(Object.entries(parts).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)))

/** The query fields of every list, as parameters that the lists share. */
function pageParameters(books: Books): Json {
  const fields = propertiesOf(books.schemas.schemaOf(z.object(pageFields), 'input'))
  return Object.fromEntries(
    Object.entries(fields).map(([name, { description, ...schema }]) => [name, { name, in: 'query', description, schema }]),
  )
}

/** A surface with words of its own: how it refuses, and how one signs in to it. */
export interface ForeignWords {
  readonly surface: Surface
  readonly error: z.ZodType
  readonly securitySchemes: Json
}

function booksOf(foreign: ForeignWords | undefined): Books {
  const schemas = schemaBook()
  if (foreign !== undefined) return { schemas, failures: foreignFailureBook(foreign.surface, schemas.schemaOf(foreign.error, 'output')) }
  for (const schema of [ErrorOut, ProblemOut]) schemas.schemaOf(schema, 'output')
  return { schemas, failures: failureBook() }
}

/** The OpenAPI 3.1 document of the rows, in the native words or in those of another surface. */
export function openApiOf(operations: readonly Operation[], info: ApiInfo, foreign?: ForeignWords): object {
  const books = booksOf(foreign)
  const paths: Record<string, Record<string, Json>> = {}
  for (const op of operations) {
    const { method, path } = methodAndPath(op)
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(op, books) }
  }
  const used = new Set(operations.map((op) => op.tag))
  const { tags, servers, webhooks, ...about } = info
  const sent = webhooks === undefined ? {} : { webhooks: webhooksOf(webhooks.events, webhooks.tag, books.schemas) }
  const { responses, examples } = books.failures
  const text = JSON.stringify([paths, responses, sent])
  return {
    openapi: '3.1.0',
    info: about,
    servers,
    tags: Object.entries(tags)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    ...sent,
    components: {
      schemas: books.schemas.components,
      responses,
      examples,
      parameters: usedOf('parameters', { ...parameters, ...pageParameters(books) }, text),
      headers: usedOf('headers', headers, text),
      securitySchemes: foreign?.securitySchemes ?? securitySchemes,
    },
  }
}
