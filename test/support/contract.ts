// Holds a reply against what its operation promises: status, envelope, schema and headers, and nothing beside
// them. A field that no schema names, or a refusal that the operation does not admit to, is a failure.
import { z } from 'zod'
import { surfaceOf, type Dialect } from '../../src/dialects/dialect.ts'
import { DIALECTS } from '../../src/dialects/index.ts'
import { AppError, ERRORS, type ErrorCode } from '../../src/domain/errors.ts'
import { ErrorOut, ProblemOut } from '../../src/http/errors.ts'
import { failuresOf } from '../../src/http/openapi-failures.ts'
import { methodAndPath, type Operation } from '../../src/http/operation.ts'
import { Links, Pagination } from '../../src/http/pages.ts'

const META = { timestamp: z.iso.datetime(), request_id: z.string().min(1), version: z.literal('1.0') }

function matcher(path: string): RegExp {
  return new RegExp(`^${path.replace(/\/$/, '').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`)
}

/** The row that answers this request; a path that is spelled out is never taken for one with an id in its place. */
function findOperation(operations: readonly Operation[], method: string, path: string): Operation | undefined {
  const [bare = path] = path.split('?')
  const matches = operations.filter((op) => matcher(methodAndPath(op).path).test(bare))
  const literal = matches.filter((op) => !methodAndPath(op).path.includes('{'))
  return (literal.length > 0 ? literal : matches).find((op) => methodAndPath(op).method === method)
}

const closedOnes = new WeakMap<z.ZodType, z.ZodType>()

/** The schema with each of its objects closed: what it does not name is not let through. */
function closed(schema: z.ZodType): z.ZodType {
  const known = closedOnes.get(schema)
  if (known !== undefined) return known
  const made = close(schema)
  closedOnes.set(schema, made)
  return made
}

const each = (parts: readonly z.core.$ZodType[]): z.ZodType[] => parts.map((part) => closed(part as z.ZodType))

function close(schema: z.ZodType): z.ZodType {
  const one = (part: z.core.$ZodType): z.ZodType => closed(part as z.ZodType)
  if (schema instanceof z.ZodObject)
    return z.strictObject(Object.fromEntries(Object.entries(schema.shape).map(([name, part]) => [name, one(part as z.ZodType)])))
  if (schema instanceof z.ZodArray) return z.array(one(schema.element))
  if (schema instanceof z.ZodNullable) return one(schema.unwrap()).nullable()
  if (schema instanceof z.ZodOptional) return one(schema.unwrap()).optional()
  if (schema instanceof z.ZodUnion) return z.union(each(schema.options))
  if (schema instanceof z.ZodRecord) return z.record(schema.keyType, one(schema.valueType))
  return schema
}

/** The envelope of the operation's success, as its document describes it. */
function successOf({ reply }: Operation): z.ZodType {
  const said = reply.message === undefined ? {} : { message: z.literal(reply.message) }
  if (reply.shape === 'message') return z.object({ status: z.literal('success'), ...said, meta: z.object(META) })
  const schema = reply.schema ?? z.undefined()
  if (reply.shape === 'data') return z.object({ status: z.literal('success'), data: schema, ...said, meta: z.object(META) })
  const meta = z.object({ ...META, ...reply.meta?.shape, pagination: Pagination })
  return z.object({ status: z.literal('success'), data: z.array(schema), meta, links: Links })
}

/** Throws unless the value is what the schema says, and holds nothing else. */
export function mustMatch(schema: z.ZodType, value: unknown, what: string): void {
  // The schema itself for all its checks, its closed form for what must not be there.
  for (const form of [schema, closed(schema)]) {
    const result = form.safeParse(value)
    if (!result.success)
      throw new Error(`${what} breaks its contract: ${z.prettifyError(result.error)}\n${JSON.stringify(value).slice(0, 600)}`)
  }
}

/** Refusals of requests that no operation takes. */
const OF_NO_OPERATION: readonly ErrorCode[] = [
  'request.not_found',
  'request.method',
  'request.version',
  'auth.invalid_token',
  'rate.exceeded',
]

function checkRefusal(op: Operation | undefined, reply: Response, body: unknown, what: string): void {
  const isProblem = reply.headers.get('content-type')?.includes('problem') === true
  mustMatch(isProblem ? ProblemOut : ErrorOut, body, what)
  const { type, error } = body as { type?: string; error?: { code: string; message: string } }
  const codes = op === undefined ? OF_NO_OPERATION : failuresOf(op)
  const isAdmitted = codes.some((code) =>
    isProblem
      ? type === `urn:quits:error:${code}`
      : ERRORS[code].status === reply.status && ERRORS[code].code === error?.code && ERRORS[code].message === error.message,
  )
  if (!isAdmitted) throw new Error(`${what}: ${op?.id ?? 'a path without an operation'} does not admit to this: ${JSON.stringify(body)}`)
  if (reply.status === 401 && reply.headers.get('www-authenticate') !== 'Bearer') throw new Error(`${what} does not say how to sign in`)
}

/** Throws unless the resource that a failed If-Match answers with looks as some operation would give it. */
function checkCurrent(operations: readonly Operation[], body: unknown, what: string): void {
  const { current } = (body as { error?: { current?: unknown } }).error ?? {}
  const isSpelled = operations.some(({ reply: { schema } }) => schema !== undefined && closed(schema).safeParse(current).success)
  if (current !== undefined && !isSpelled) throw new Error(`${what} shows what no operation gives: ${JSON.stringify(current)}`)
}

function checkHeaders(op: Operation | undefined, reply: Response, what: string): void {
  const isLimited = op?.limit !== 'none' && reply.status !== 406
  for (const name of ['limit', 'remaining', 'reset']) {
    if (isLimited && !/^\d+$/.test(reply.headers.get(`x-ratelimit-${name}`) ?? '')) throw new Error(`${what} has no X-RateLimit-${name}`)
  }
  if (reply.headers.get('x-content-type-options') !== 'nosniff') throw new Error(`${what} lacks the security headers`)
}

function checkVersion(reply: Response, body: unknown, what: string): void {
  const version = (body as { data?: { version?: unknown } }).data?.version
  if (typeof version === 'number' && reply.headers.get('etag') !== `"${version}"`)
    throw new Error(`${what} has version ${version}, but ETag ${reply.headers.get('etag')}`)
}

/** Throws unless the reply is one that the dialect's row promises, in the dialect's words. */
function checkForeign(dialect: Dialect, method: string, path: string, reply: Response, body: unknown): void {
  const what = `${method} ${dialect.prefix}${path} → ${reply.status}`
  const op = findOperation(dialect.rows, method, path)
  checkHeaders(op, reply, what)
  if (reply.status < 400) {
    if (reply.status !== op?.reply.status) throw new Error(`${what} should be ${op?.reply.status}`)
    return mustMatch(op.reply.schema ?? z.undefined(), body, what)
  }
  mustMatch(dialect.failure.schema, body, what)
  const at = { url: new URL('https://api.test/'), now: 0, requestId: '', accept: null }
  const said = (op === undefined ? OF_NO_OPERATION : failuresOf(op)).map((code) => surfaceOf(dialect).failure(new AppError(code), at, op))
  const isAdmitted = said.some((one) => one.status === reply.status && JSON.stringify(one.body) === JSON.stringify(body))
  if (!isAdmitted) throw new Error(`${what}: ${op?.id ?? 'a path without a row'} does not admit to this: ${JSON.stringify(body)}`)
  if (reply.status === 401 && reply.headers.get('www-authenticate') !== 'Bearer') throw new Error(`${what} does not say how to sign in`)
}

const isDocument = (path: string): boolean => /^\/(docs|openapi\.json)/.test(path)

/** Throws unless the reply is one that the operation promises. */
export function checkReply(operations: readonly Operation[], method: string, path: string, reply: Response, body: unknown): void {
  const what = `${method} ${path} → ${reply.status}`
  if (reply.headers.get('x-request-id') === null) throw new Error(`${what} has no X-Request-ID`)
  const dialect = DIALECTS.find(({ prefix }) => path.startsWith(`${prefix}/`))
  const below = path.slice(dialect?.prefix.length)
  if (dialect !== undefined && !isDocument(below)) return checkForeign(dialect, method, below, reply, body)
  if (!path.startsWith('/api')) return
  const op = findOperation(operations, method, path)
  checkHeaders(op, reply, what)
  if (reply.status >= 400) {
    checkCurrent(operations, body, what)
    return checkRefusal(op, reply, body, what)
  }
  if (op === undefined) throw new Error(`${what} is no operation`)
  if (reply.status !== op.reply.status) throw new Error(`${what} should be ${op.reply.status}`)
  if (op.reply.shape === 'raw') return
  if (op.reply.shape === 'nothing') {
    if (body !== '') throw new Error(`${what} should have no body`)
    return
  }
  mustMatch(successOf(op), body, what)
  checkVersion(reply, body, what)
}
