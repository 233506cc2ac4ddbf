// The app: which surfaces there are, and what holds callers back. Order matters only in that the native rows
// come last, because they answer every path that nobody else has.
import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { connect } from './db/client.ts'
import { surfaceOf } from './dialects/dialect.ts'
import { documentOf } from './dialects/document.ts'
import { pathBelow, prefixOfHost } from './dialects/hosts.ts'
import { DIALECTS } from './dialects/index.ts'
import type { Env } from './env.ts'
import { docs } from './http/docs.ts'
import type { HttpEnv } from './http/exchange.ts'
import { mount, mountBelow, type Gate } from './http/mount.ts'
import { apiInfo } from './http/openapi-info.ts'
import { openApiOf } from './http/openapi.ts'
import { spend } from './platform/limiter.ts'
import { devDemo } from './routes/dev-demo.ts'
import { devMail } from './routes/dev-mail.ts'
import { devMessages } from './routes/dev-messages.ts'
import { devPayments } from './routes/dev-payments.ts'
import { devReceipts } from './routes/dev-receipts.ts'
import { OPERATIONS } from './routes/index.ts'
import { live } from './routes/live.ts'
import { WEBHOOK_EVENTS } from './routes/webhook-docs.ts'
import { identify } from './services/identify.ts'

const gate: Gate = {
  connect: (env) => connect(env.DB),
  identify,
  spend,
  hint: (ctx) => ctx.waitUntil(ctx.env.HINTS.send({ kind: 'effects' })),
}

/** The path by which the request is routed: a host that is bound to a dialect leaves its prefix out. */
function routedPath(request: Request, env: Env | undefined): string {
  const bindings = env?.DIALECT_HOSTS ?? ''
  const prefix = bindings === '' ? '' : prefixOfHost(new URL(request.url).hostname, bindings, DIALECTS)
  return pathBelow(prefix, getPath(request))
}

export function createApp(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ getPath: (request, options) => routedPath(request, options?.env) })
  const others = DIALECTS.map(({ title, prefix }) => ({ title, path: `${prefix}/docs` }))
  app.route(
    '/',
    docs({
      title: 'Quits API',
      base: '',
      make: (env) => openApiOf(OPERATIONS, { ...apiInfo(env), webhooks: { tag: 'Webhooks', events: WEBHOOK_EVENTS } }),
      others,
    }),
  )
  app.route('/', devMail)
  app.route('/', devMessages)
  app.route('/', devDemo(gate))
  app.route('/', devPayments(gate))
  app.route('/', devReceipts(gate))
  app.route('/', live(gate))
  for (const dialect of DIALECTS) {
    app.route('/', docs({ title: dialect.title, base: dialect.prefix, make: (env) => documentOf(dialect, apiInfo(env)) }))
    mountBelow(app, dialect.prefix, dialect.rows, gate, surfaceOf(dialect))
  }
  mount(app, OPERATIONS, gate)
  return app
}
