// What each operation asks of D1. These figures are exact and the same on every machine, so they decide
// whether an operation's cost depends on how much there is.
import type { Ask, Client } from './client.ts'
import type { Costs } from './meter.ts'
import { expenseIdIn, newExpense, unreadPages, type World } from './world.ts'

export type CostTable = ReadonlyMap<string, Costs>

/** Odd, so that the median is one of them. */
const SAMPLES = 15

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

async function sample(client: Client, ask: () => Ask | Promise<Ask>): Promise<{ costs: Costs; texts: string[] }> {
  const all: Costs[] = []
  const texts: string[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const asked = await ask()
    await client.ask({ method: 'POST', path: '/__meter' })
    texts.push((await client.ask(asked)).text)
    all.push(JSON.parse((await client.ask({ method: 'GET', path: '/__meter' })).text) as Costs)
  }
  const of = (pick: (costs: Costs) => number): number => median(all.map(pick))
  return { costs: { trips: of((c) => c.trips), read: of((c) => c.read), written: of((c) => c.written) }, texts }
}

export async function measureCosts(client: Client, world: World): Promise<CostTable> {
  const { token, group } = world.one
  const get = (path: string) => (): Ask => ({ method: 'GET', path, token })
  const table = new Map<string, Costs>()
  const reads: readonly (readonly [string, string])[] = [
    ['list 20, all groups', '/api/expenses/'],
    ['list 20, one group', `/api/expenses/?group_id=${group}`],
    ['balances', `/api/groups/${group}/balances/`],
    ['group detail', `/api/groups/${group}/`],
  ]
  for (const [name, path] of reads) table.set(name, (await sample(client, get(path))).costs)
  const unread = await unreadPages(client, token, `/api/expenses/?group_id=${group}`)
  table.set('unread 20, one group', (await sample(client, unread)).costs)
  let i = 0
  const created = await sample(client, () => newExpense(world.one, group, i++))
  table.set('create', created.costs)
  const ids = created.texts.map(expenseIdIn)
  table.set('expense detail', (await sample(client, get(`/api/expenses/${ids[0]}/`))).costs)
  const gone: string[] = []
  const nextGone = (): string => {
    gone.push(ids.pop() ?? '')
    return gone.at(-1) ?? ''
  }
  table.set('delete', (await sample(client, () => ({ method: 'DELETE', path: `/api/expenses/${nextGone()}/`, token }))).costs)
  // A page passes over what was deleted within it, so that the next measurement begins as this one did.
  for (const id of gone) await client.ask({ method: 'POST', path: `/api/expenses/${id}/restore/`, token })
  return table
}

/** Rows that a b-tree may take more or less, depending on where its pages end. */
const NOISE = 2

/** The operations that cost more in the second table than in the first. */
export function grown(few: CostTable, many: CostTable): string[] {
  return [...many].flatMap(([name, after]) => {
    const before = few.get(name)
    if (before === undefined) return []
    const isSame = after.trips <= before.trips && after.read <= before.read + NOISE && after.written <= before.written + NOISE
    return isSame ? [] : [name]
  })
}
