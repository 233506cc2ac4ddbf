// Requests per second and CPU per request, each beside the floor that it stands on. Each load runs right after its
// floor and the ratio is that of the two, because the machine may be busy with something else for a while. A `list` is
// read again and again, as by an app that is opened; `unread` is what nobody has asked for before, as after a write.
import type { Ask, Client } from './client.ts'
import type { Server } from './server.ts'
import { expenseIdIn, newExpense, unreadPages, type World } from './world.ts'

export interface Load {
  readonly name: string
  readonly ask: (lane: number, i: number) => Ask
  readonly seen?: (text: string) => void
  /** The load that does the least that this one must do, and the share of its speed that is asked for. */
  readonly floor?: string
  readonly target?: number
  /** CPU milliseconds of the best service that we know of. */
  readonly bestMs?: number
}

export interface Speed {
  readonly load: Load
  readonly perSecond: number
  readonly cpuMs: number | undefined
  /** Its requests per second by those of its floor; and the floor's CPU by its own, which a busy machine disturbs less. */
  readonly ratio: number | undefined
  readonly cpuRatio: number | undefined
}

export async function loadsOf(client: Client, world: World): Promise<Load[]> {
  const { one, many } = world
  const { token, group } = one
  const created: string[] = []
  const createdByMany: string[] = []
  const get =
    (path: string, as = token) =>
    (): Ask => ({ method: 'GET', path, token: as })
  const seen = (text: string): void => void created.push(expenseIdIn(text))
  const unreadOfOne = await unreadPages(client, token, `/api/expenses/?group_id=${group}`)
  const unreadOfMany = await unreadPages(client, many.token, '/api/expenses/')
  let made = 0
  return [
    { name: 'floor: Hono JSON', ask: get('/__floor/json') },
    { name: 'floor: select 1 row', ask: get('/__floor/row') },
    { name: 'floor: select 20 rows', ask: get('/__floor/rows') },
    { name: 'floor: RPC', ask: get('/__floor/rpc') },
    { name: 'floor: RPC + batch of 5', ask: () => ({ method: 'POST', path: '/__floor/write' }) },
    {
      name: 'create, one group',
      ask: () => newExpense(one, group, made++),
      seen,
      floor: 'floor: RPC + batch of 5',
      target: 0.5,
      bestMs: 1.8,
    },
    {
      name: 'create, 16 groups',
      ask: (lane) => newExpense(many, many.groups[lane] ?? '', made++),
      seen: (text) => void createdByMany.push(expenseIdIn(text)),
      floor: 'floor: RPC + batch of 5',
      target: 0.5,
      bestMs: 1.8,
    },
    {
      name: 'delete, one group',
      ask: () => ({ method: 'DELETE', path: `/api/expenses/${created.pop()}/`, token }),
      floor: 'floor: RPC + batch of 5',
    },
    {
      name: 'delete, 16 groups',
      ask: () => ({ method: 'DELETE', path: `/api/expenses/${createdByMany.pop()}/`, token: many.token }),
      floor: 'floor: RPC + batch of 5',
    },
    { name: 'list 20, one group', ask: get(`/api/expenses/?group_id=${group}`), floor: 'floor: select 1 row', target: 0.5, bestMs: 3.5 },
    { name: 'list 20, all groups', ask: get('/api/expenses/'), floor: 'floor: select 1 row', target: 0.5, bestMs: 3.5 },
    { name: 'list 20, 17 groups', ask: get('/api/expenses/', many.token), floor: 'floor: select 1 row' },
    { name: 'unread 20, one group', ask: unreadOfOne, floor: 'floor: select 1 row', bestMs: 3.5 },
    { name: 'unread 20, 17 groups', ask: unreadOfMany, floor: 'floor: select 1 row' },
    { name: 'balances', ask: get(`/api/groups/${group}/balances/`), floor: 'floor: RPC', target: 0.5, bestMs: 243 },
    { name: 'group detail', ask: get(`/api/groups/${group}/`), floor: 'floor: RPC', bestMs: 0.75 },
  ]
}

const SETTLED_WITHIN_MS = 5000

interface Reading {
  readonly perSecond: number
  readonly cpuMs: number | undefined
}

/** Waits until what earlier loads have set off is done, so that no load pays for another. */
async function settle(client: Client): Promise<void> {
  const deadline = Date.now() + SETTLED_WITHIN_MS
  while (Date.now() < deadline) {
    const { owed } = JSON.parse((await client.ask({ method: 'GET', path: '/__owed' })).text) as { owed: number }
    if (owed === 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Requests of a load that are not measured, so that it is warm again and less of what the load before has left falls on it. */
const LEAD = 100

async function read(client: Client, server: Server, load: Load, count: number): Promise<Reading> {
  await settle(client)
  await client.flood(LEAD, load.ask, (answer) => load.seen?.(answer.text))
  const cpuBefore = await server.cpuMs()
  const seconds = await client.flood(count, load.ask, (answer) => load.seen?.(answer.text))
  const cpuAfter = await server.cpuMs()
  return {
    perSecond: count / seconds,
    cpuMs: cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / count,
  }
}

const median = (values: readonly number[]): number | undefined => values.toSorted((a, b) => a - b)[values.length >> 1]

/** A load beside its floor, one right after the other: a machine that is busy for a while is so for both. */
interface Pair {
  readonly own: Reading
  readonly floor: Reading
}

function speedOf(load: Load, readings: readonly Reading[], pairs: readonly Pair[]): Speed {
  const cpuRatios = pairs.flatMap(({ own, floor }) =>
    own.cpuMs === undefined || floor.cpuMs === undefined ? [] : [floor.cpuMs / own.cpuMs],
  )
  return {
    load,
    perSecond: median(readings.map((reading) => reading.perSecond)) ?? 0,
    cpuMs: median(readings.flatMap((reading) => reading.cpuMs ?? [])),
    ratio: median(pairs.map(({ own, floor }) => own.perSecond / floor.perSecond)),
    cpuRatio: median(cpuRatios),
  }
}

/** Runs every load in turn (what a round creates it deletes, or the groups would grow), `rounds` times after one to warm up. */
export async function measureSpeed(
  client: Client,
  server: Server,
  loads: readonly Load[],
  rounds: number,
  count: number,
): Promise<Speed[]> {
  const readings = new Map<string, Reading[]>(loads.map((load) => [load.name, []]))
  const pairs = new Map<string, Pair[]>(loads.map((load) => [load.name, []]))
  const keep = async (load: Load, isKept: boolean): Promise<Reading> => {
    const reading = await read(client, server, load, count)
    if (isKept) readings.get(load.name)?.push(reading)
    return reading
  }
  for (let round = 0; round <= rounds; round++) {
    for (const load of loads) {
      const under = loads.find((one) => one.name === load.floor)
      const floor = under && (await keep(under, round > 0))
      const own = await keep(load, round > 0)
      if (floor !== undefined && round > 0) pairs.get(load.name)?.push({ own, floor })
    }
  }
  return loads.map((load) => speedOf(load, readings.get(load.name) ?? [], pairs.get(load.name) ?? []))
}
