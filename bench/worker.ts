// The worker that is measured: the real one, with its D1 calls counted, and beside it the floors - the least
// that any worker could do in its place, on the same bindings and in the same process.
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'
import type { Hint } from '../src/domain/hint.ts'
import type { Env } from '../src/env.ts'
import worker, { GroupObject as RealGroupObject } from '../src/index.ts'
import { meter, readMeter, startMeter } from './meter.ts'

export { LimiterObject } from '../src/index.ts'

interface BenchEnv extends Env {
  readonly FLOOR: DurableObjectNamespace<FloorObject>
}

export class GroupObject extends RealGroupObject {
  constructor(ctx: DurableObjectState, env: Env) {
    meter(env.DB)
    super(ctx, env)
  }
}

const FLOOR_INSERT = 'INSERT INTO floor_rows (name, amount, body) VALUES (?, ?, ?)'
const BODY = 'x'.repeat(200)

/** What an object costs that answers from memory, and one that writes five rows first. */
export class FloorObject extends DurableObject<BenchEnv> {
  #calls = 0

  async peek(): Promise<{ calls: number; name: string }> {
    return { calls: ++this.#calls, name: 'floor' }
  }

  async write(): Promise<{ calls: number; name: string }> {
    const { DB } = this.env
    await DB.batch(Array.from({ length: 5 }, (_, i) => DB.prepare(FLOOR_INSERT).bind('floor', i, BODY)))
    return this.peek()
  }
}

/** Whether anybody outside is still to be told of what was measured before. */
const OWED = 'SELECT COUNT(*) AS owed FROM groups WHERE seq > told_seq'

/** A group of its own for each connection, so that floors wait for each other as little as the groups measured. */
const floorObject = (env: BenchEnv, request: Request) => env.FLOOR.getByName(request.headers.get('x-lane') ?? 'one')

const floors = new Hono<{ Bindings: BenchEnv }>()
  .get('/__floor/json', (c) => c.json({ status: 'success', data: { name: 'floor' } }))
  .get('/__floor/row', async (c) => c.json(await c.env.DB.prepare('SELECT * FROM floor_expenses WHERE n = ?').bind(7).first()))
  .get('/__floor/rows', async (c) =>
    c.json((await c.env.DB.prepare('SELECT * FROM floor_expenses WHERE n > ? ORDER BY n LIMIT 20').bind(7).all()).results),
  )
  .get('/__floor/rpc', async (c) => c.json(await floorObject(c.env, c.req.raw).peek()))
  .post('/__floor/write', async (c) => c.json(await floorObject(c.env, c.req.raw).write()))
  .get('/__owed', async (c) => c.json(await c.env.DB.prepare(OWED).first()))
  .post('/__meter', (c) => c.json(startMeter()))
  .get('/__meter', (c) => c.json(readMeter()))

export default {
  ...worker,
  fetch: (request, env, ctx) => {
    meter(env.DB)
    return new URL(request.url).pathname.startsWith('/__') ? floors.fetch(request, env, ctx) : worker.fetch(request, env, ctx)
  },
} satisfies ExportedHandler<BenchEnv, Hint>
