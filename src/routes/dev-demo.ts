// `POST /dev/demo`: makes the demo that `npm start` prints. It exists under `local` only.
import { Hono } from 'hono'
import { sendPlain, type HttpEnv } from '../http/exchange.ts'
import { anonymousContext, type Gate } from '../http/mount.ts'
import { seedDemo } from '../services/demo.ts'

export function devDemo(gate: Gate): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.post('/dev/demo', async (c) => {
    const ctx = anonymousContext(c, gate)
    const { email, password, groupId } = await seedDemo(ctx)
    gate.hint(ctx)
    return sendPlain(c, Response.json({ email, password, group_id: groupId }))
  })
  return app
}
