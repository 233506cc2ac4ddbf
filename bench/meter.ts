// Counts what a request asks of D1: round trips, and the rows that D1 says it read and wrote. It listens
// where the binding talks to the database, because `first` and `raw` don't pass on what a statement cost.
export interface Costs {
  readonly trips: number
  readonly read: number
  readonly written: number
}

interface Talking {
  fetch(url: string, init: RequestInit): Promise<Response>
}

/** How workerd's D1 binding is made inside. */
interface Inside {
  readonly alwaysPrimarySession: { fetcher: Talking }
}

let isOn = false
let costs: Costs = { trips: 0, read: 0, written: 0 }
const metered = new WeakSet<D1Database>()

/** Counts everything that goes through the binding from now on, while the meter is on. */
export function meter(db: D1Database): void {
  if (metered.has(db)) return
  metered.add(db)
  const session = (db as unknown as Inside).alwaysPrimarySession
  const { fetcher } = session
  session.fetcher = {
    async fetch(url, init) {
      const reply = await fetcher.fetch(url, init)
      if (isOn) await count(reply.clone())
      return reply
    },
  }
}

async function count(reply: Response): Promise<void> {
  const answer = (await reply.json()) as { meta?: D1Meta } | { meta?: D1Meta }[]
  const metas = [answer].flat().map(({ meta }) => meta)
  const sum = (of: (meta: D1Meta) => number): number => metas.reduce((total, meta) => total + (meta === undefined ? 0 : of(meta)), 0)
  costs = { trips: costs.trips + 1, read: costs.read + sum((m) => m.rows_read), written: costs.written + sum((m) => m.rows_written) }
}

/** Sets the meter to zero and turns it on. */
export function startMeter(): Costs {
  isOn = true
  costs = { trips: 0, read: 0, written: 0 }
  return costs
}

/** Turns the meter off and tells what it counted. */
export function readMeter(): Costs {
  isOn = false
  return costs
}
