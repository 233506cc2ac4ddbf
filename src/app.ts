// The app: which surfaces there are, and what holds callers back. Order matters only in that rows come last,
// because they answer every path that nobody else has.
import { Hono } from 'hono'
import { connect } from './db/client.ts'
import { docs } from './http/docs.ts'
import type { HttpEnv } from './http/exchange.ts'
import { mount, type Gate } from './http/mount.ts'
import { apiInfo } from './http/openapi-info.ts'
import { openApiOf } from './http/openapi.ts'
import { drainOutbox } from './jobs/outbox.ts'
import { spend } from './platform/limiter.ts'
import { devDemo } from './routes/dev-demo.ts'
import { devMail } from './routes/dev-mail.ts'
import { OPERATIONS } from './routes/index.ts'
import { live } from './routes/live.ts'
import { identify } from './services/identify.ts'

const gate: Gate = {
  connect: (env) => connect(env.DB),
  identify,
  spend,
  hint: (ctx) => ctx.waitUntil(drainOutbox(ctx)),
}

export function createApp(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ strict: false })
  app.route('/', docs({ title: 'Quits API', base: '', make: (env) => openApiOf(OPERATIONS, apiInfo(env)) }))
  app.route('/', devMail)
  app.route('/', devDemo(gate))
  app.route('/', live(gate))
  mount(app, OPERATIONS, gate)
  return app
}
