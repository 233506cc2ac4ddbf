// One request, from the first header to the last: identify, limit, admit, parse, run, answer. Every surface
// that is made of operation rows goes through here, so no row can forget a step.
import type { Context, Hono } from 'hono'
import type { Ctx } from '../context.ts'
import type { Db } from '../db/client.ts'
import type { Actor } from '../domain/actor.ts'
import { AppError } from '../domain/errors.ts'
import type { Allowance, LimitClass } from '../domain/limits.ts'
import type { Env } from '../env.ts'
import { readJson, readPayload, readQuery, readUpload } from './body.ts'
import { parseWith } from './errors.ts'
import { exchangeOf, guarded, ipOf, occasionOf, send, sendAnswer, sendFailure, type Exchange, type HttpEnv } from './exchange.ts'
import { checkVersion, preflight } from './headers.ts'
import { fingerprintOf } from './idempotency.ts'
import { NATIVE } from './native.ts'
import { isWrite, methodAndPath, type Operation } from './operation.ts'
import { checkCursor } from './pages.ts'
import { PathTable } from './paths.ts'
import type { Surface } from './surface.ts'

/** How callers are told apart and held back; given by the app, because it takes the database. */
export interface Gate {
  connect(env: Env): Db
  /** The caller, or why their credentials are not good. */
  identify(request: Request, env: Env, now: number): Promise<Actor | AppError>
  spend(env: Env, actor: Actor, ip: string, limit: LimitClass, now: number): Promise<Allowance>
  /** Told when the request promised an effect to the outside, so that nobody has to wait for the next sweep. */
  hint(ctx: Ctx): void
}

/** Takes the request off the caller's allowance; throws `rate.exceeded` when there was none left. */
async function spendAllowance(x: Exchange, gate: Gate, actor: Actor, limit: LimitClass): Promise<void> {
  const allowance = await gate.spend(x.env, actor, ipOf(x.request), limit, x.now)
  x.headers.set('X-RateLimit-Limit', String(allowance.limit))
  x.headers.set('X-RateLimit-Remaining', String(allowance.remaining))
  x.headers.set('X-RateLimit-Reset', String(allowance.resetS))
  if (allowance.isAllowed) return
  const retryAfterS = Math.max(1, allowance.resetS - Math.floor(x.now / 1000))
  throw new AppError(
    'rate.exceeded',
    [{ field: 'request', message: `${allowance.limit} requests of this kind are allowed`, code: 'RATE_LIMIT_EXCEEDED' }],
    { retryAfterS },
  )
}

/** The caller. Where anyone is let in, bad credentials are no worse than none: a client that refreshes may still send its expired token. */
async function identified(x: Exchange, gate: Gate, limit: LimitClass | 'none', isOpen = false): Promise<Actor> {
  const found = await gate.identify(x.request, x.env, x.now)
  const actor = found instanceof AppError ? ({ type: 'anonymous' } as const) : found
  if (limit !== 'none') await spendAllowance(x, gate, actor, limit)
  if (found instanceof AppError && !isOpen) throw found
  return actor
}

/** Throws unless the row lets this kind of caller in; what a member may do is asked where the group is read. */
function admit(op: Operation, actor: Actor): void {
  if (op.access.who === 'anyone') return
  if (actor.type === 'anonymous') throw new AppError('auth.required')
  if (actor.type === 'session') {
    if (actor.isDeactivated === true && op.whileDeactivated !== true) throw new AppError('user.deactivated')
    return
  }
  const { scope } = op.access
  if (scope === undefined)
    throw new AppError('auth.forbidden', [
      { field: 'Authorization', message: 'An API key cannot do this; sign in', code: 'SESSION_NEEDED' },
    ])
  if (actor.scopes.includes(scope)) return
  throw new AppError('auth.forbidden', [
    { field: 'Authorization', message: `The API key lacks a scope`, code: 'SCOPE_MISSING', expected: scope, got: actor.scopes.join(' ') },
  ])
}

interface Parsed {
  readonly path: unknown
  readonly query: unknown
  readonly body: unknown
  readonly file: unknown
  readonly payload: unknown
  /** What an idempotency fingerprint is taken of. */
  readonly raw: unknown
}

async function parse(op: Operation, x: Exchange, params: Record<string, string>): Promise<Parsed & { isDryRun: boolean }> {
  const { dry_run: dryRun, ...query } = readQuery(x.url)
  if (dryRun !== undefined && (op.isGroupWrite !== true || !/^(true|false)$/.test(dryRun))) {
    throw new AppError('request.invalid', [
      {
        field: 'dry_run',
        message: op.isGroupWrite === true ? 'Must be true or false' : 'There is no such parameter here',
        code: 'INVALID_VALUE',
      },
    ])
  }
  const json = op.body === undefined ? undefined : await readJson(x.request)
  const file = op.upload === undefined ? undefined : await readUpload(x.request, op.upload)
  const payload = op.payload === undefined ? undefined : await readPayload(x.request, op.payload)
  if (op.query === undefined && Object.keys(query).length > 0) {
    throw new AppError(
      'request.invalid',
      Object.keys(query).map((field) => ({ field, message: 'There is no such parameter here', code: 'UNKNOWN_FIELD' })),
    )
  }
  const asked = op.query === undefined ? {} : parseWith(op.query, query, 'query')
  if (op.reply.shape === 'list') checkCursor(asked, x.url)
  return {
    path: op.path === undefined ? {} : parsePath(op.path, params),
    query: asked,
    body: op.body === undefined ? undefined : parseWith(op.body, json),
    file,
    payload,
    raw: json ?? file?.bytes,
    isDryRun: dryRun === 'true',
  }
}

/** An id that can't be one names nothing, so it is not found rather than invalid. */
function parsePath(schema: NonNullable<Operation['path']>, params: Record<string, string>): unknown {
  const result = schema.safeParse(params)
  if (result.success) return result.data
  throw new AppError(
    'request.not_found',
    result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message, code: 'INVALID_ID' })),
  )
}

function ifMatchOf(header: string | null): number | undefined {
  if (header === null || header === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header)?.[1]
  if (version !== undefined) return Number(version)
  throw new AppError('request.malformed', [
    { field: 'If-Match', message: 'Must be one ETag as a reply gave it, such as "17"', code: 'MALFORMED', got: header.slice(0, 40) },
  ])
}

/** What a service is told of any request; the conditions of a write come on top. */
function surroundingsOf(x: Exchange, actor: Actor, gate: Gate): Ctx {
  return {
    env: x.env,
    db: gate.connect(x.env),
    now: x.now,
    requestId: x.requestId,
    actor,
    client: { ip: ipOf(x.request), userAgent: (x.request.headers.get('user-agent') ?? '').slice(0, 300) },
    origin: x.env.PUBLIC_URL === '' ? x.url.origin : x.env.PUBLIC_URL,
    isDryRun: false,
    notes: { isReplayed: false, hasEffects: false },
    waitUntil: x.waitUntil,
  }
}

/** The context of a request that is no operation and has no caller. */
export const anonymousContext = (c: Context<HttpEnv>, gate: Gate): Ctx => surroundingsOf(exchangeOf(c), { type: 'anonymous' }, gate)

function contextOf(op: Operation, x: Exchange, actor: Actor, parsed: Parsed & { isDryRun: boolean }, gate: Gate): Ctx {
  const base = surroundingsOf(x, actor, gate)
  if (!isWrite(op)) return base
  const key = x.request.headers.get('idempotency-key')
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('request.malformed', [
      { field: 'Idempotency-Key', message: 'Must be 1 to 255 visible ASCII characters', code: 'MALFORMED' },
    ])
  }
  const isRepeatable = key !== null && actor.type !== 'anonymous' && !parsed.isDryRun
  const ifMatch = ifMatchOf(x.request.headers.get('if-match'))
  return {
    ...base,
    ...(isRepeatable && { idempotency: { key, fingerprint: fingerprintOf(x.request.method, x.url, parsed.raw) } }),
    ...(ifMatch !== undefined && { ifMatch }),
    isDryRun: parsed.isDryRun,
  }
}

function reply(op: Operation, x: Exchange, value: unknown, surface: Surface): Response {
  if (!(value instanceof Response)) return sendAnswer(x, surface.success(op, value, occasionOf(x)))
  for (const [name, header] of value.headers) x.headers.set(name, header)
  return send(x, value.body, value.status)
}

function stampVersion(x: Exchange, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('version' in value)) return
  if (typeof value.version === 'number') x.headers.set('ETag', `"${value.version}"`)
}

/** Runs the row. The types of its input were checked where it stands; here they are erased. */
async function runOperation(op: Operation, ctx: Ctx, parsed: Parsed): Promise<unknown> {
  try {
    return await op.run(ctx, parsed as never)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'request.stale') throw error
    const current = await op.current?.(ctx, parsed as never)
    throw new AppError(error.code, error.details, current === undefined ? {} : { current })
  }
}

async function answer(op: Operation, params: Record<string, string>, c: Context<HttpEnv>, gate: Gate, surface: Surface): Promise<Response> {
  const x = exchangeOf(c)
  const work = async (): Promise<Response> => {
    checkVersion(x.request.headers.get('accept'))
    const actor = await identified(x, gate, op.limit, op.access.who === 'anyone')
    admit(op, actor)
    const parsed = await parse(op, x, params)
    const ctx = contextOf(op, x, actor, parsed, gate)
    const value = await runOperation(op, ctx, parsed)
    if (ctx.notes.hasEffects) gate.hint(ctx)
    if (ctx.notes.isReplayed) x.headers.set('Idempotent-Replayed', 'true')
    stampVersion(x, value)
    return reply(op, x, value, surface)
  }
  return guarded(x, work, surface, op)
}

function answerPreflight(c: Context<HttpEnv>): Response {
  const x = exchangeOf(c)
  preflight(x.headers)
  return send(x, null, 204)
}

/** The rows of one path by method, each with the names in its path. */
type Rows = Map<string, { readonly op: Operation; readonly names: readonly string[] }>

function tableOf(operations: readonly Operation[]): PathTable<Rows> {
  const table = new PathTable<Rows>()
  for (const op of operations) {
    const { method, path } = methodAndPath(op)
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    table.at(path, () => new Map()).set(method, { op, names })
  }
  return table
}

/** Answers whatever is asked for below the base: by its row, or by refusing it in the words of the surface. */
function answererOf(operations: readonly Operation[], gate: Gate, surface: Surface, base: string) {
  const table = tableOf(operations)
  return (c: Context<HttpEnv>): Promise<Response> | Response => {
    const found = table.find(c.req.path.slice(base.length))
    if (found === undefined) return refuse(exchangeOf(c), gate, 'request.not_found', surface)
    const { method } = c.req
    const row = found.value.get(method === 'HEAD' ? 'GET' : method)
    if (row !== undefined) {
      const params = Object.fromEntries(row.names.map((name, i) => [name, found.parts[i] ?? '']))
      return answer(row.op, params, c, gate, surface)
    }
    if (method === 'OPTIONS') return answerPreflight(c)
    const x = exchangeOf(c)
    x.headers.set('Allow', [...found.value.keys()].join(', '))
    return refuse(x, gate, 'request.method', surface)
  }
}

/** Has the app answer the rows of the native surface, and refuse every path that nobody else has. */
export function mount(app: Hono<HttpEnv>, operations: readonly Operation[], gate: Gate): void {
  app.all('*', answererOf(operations, gate, NATIVE, ''))
  app.onError((error, c) => sendFailure(exchangeOf(c), error))
}

/** Has the app answer the rows of another surface below its base; whatever else is asked for there is refused in its words. */
export function mountBelow(app: Hono<HttpEnv>, base: string, operations: readonly Operation[], gate: Gate, surface: Surface): void {
  app.all(`${base}/*`, answererOf(operations, gate, surface, base))
}

const refuse = (x: Exchange, gate: Gate, code: 'request.method' | 'request.not_found', surface: Surface): Promise<Response> =>
  guarded(
    x,
    async () => {
      await identified(x, gate, 'read')
      throw new AppError(code)
    },
    surface,
  )
