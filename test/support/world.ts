// People and groups for tests, made the way clients make them. Each test makes its own; nothing is shared.
import { exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import { OPERATIONS } from '../../src/routes/index.ts'
import { checkReply } from './contract.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

interface Options {
  readonly headers?: Record<string, string>
}

/** The worker under test; the types of the pool know only objects. */
export const { default: worker } = exports as unknown as { default: Fetcher }

let people = 0
export const PASSWORD = 'SecurePassword123!'

/** Sends a request to the worker and holds the reply against the schema of its operation. */
export async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const isForm = body instanceof FormData
  const isRaw = isForm || typeof body === 'string' || body instanceof Uint8Array
  const reply = await worker.fetch(`https://api.test${path}`, {
    method,
    headers: { ...(body !== undefined && !isForm && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
  })
  const isJson = reply.headers.get('content-type')?.includes('json') === true
  const text = new TextDecoder().decode(await reply.arrayBuffer())
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text
  checkReply(OPERATIONS, method, path, reply, parsed)
  return { status: reply.status, headers: reply.headers, body: parsed }
}

/** A client that speaks for one user. */
export class Client {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly token: string
  readonly refresh: string

  constructor(user: { id: string; email: string; name: string; token: string; refresh: string }) {
    this.id = user.id
    this.email = user.email
    this.name = user.name
    this.token = user.token
    this.refresh = user.refresh
  }

  request(method: string, path: string, body?: unknown, { headers = {} }: Options = {}): Promise<Reply> {
    return send(method, path, body, { authorization: `Bearer ${this.token}`, ...headers })
  }

  get = (path: string, options?: Options) => this.request('GET', path, undefined, options)
  post = (path: string, body?: unknown, options?: Options) => this.request('POST', path, body, options)
  put = (path: string, body: unknown, options?: Options) => this.request('PUT', path, body, options)
  patch = (path: string, body: unknown, options?: Options) => this.request('PATCH', path, body, options)
  delete = (path: string, options?: Options) => this.request('DELETE', path, undefined, options)
}

/** A new user with a session. */
export async function person(name: string, fields: Record<string, unknown> = {}): Promise<Client> {
  const email = `${name}.${++people}.${crypto.randomUUID().slice(0, 8)}@example.com`
  const { status, body } = await send('POST', '/api/auth/register/', {
    email,
    password: PASSWORD,
    first_name: name,
    last_name: 'Test',
    ...fields,
  })
  expect(status).toBe(201)
  return new Client({
    id: body.data.user.id,
    email: body.data.user.email,
    name,
    token: body.data.tokens.access,
    refresh: body.data.tokens.refresh,
  })
}

export interface Group<Name extends string> {
  readonly id: string
  readonly as: Readonly<Record<Name, Client>>
  /** The id of a user by name. */
  readonly ids: Readonly<Record<Name, string>>
}

/** A fresh group with these people in it; the first owns it. */
export async function group<Name extends string>(names: readonly Name[], fields: Record<string, unknown> = {}): Promise<Group<Name>> {
  const clients = await Promise.all(names.map((name) => person(name)))
  const [owner, ...others] = clients
  if (owner === undefined) throw new Error('a group needs an owner')
  const { status, body } = await owner.post('/api/groups/', {
    name: 'Test group',
    currency: 'EUR',
    initial_members: others.map((c) => c.email),
    ...fields,
  })
  expect(status).toBe(201)
  const as = Object.fromEntries(names.map((name, i) => [name, clients[i]])) as Record<Name, Client>
  const ids = Object.fromEntries(names.map((name, i) => [name, clients[i]?.id])) as Record<Name, string>
  return { id: body.data.id, as, ids }
}
