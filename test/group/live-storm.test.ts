// The promise of the sockets, put to the test: whatever connections do, what a client knows is what the ledger says.
import { expect, test } from 'vitest'
import { evict, listen, type Listener } from '../support/listen.ts'
import { linesOf, LiveLedger, sorted } from '../support/told.ts'
import { group, type Client } from '../support/world.ts'

const DISCONNECTS = 1000
const WRITES = 200
const WATCHERS = 10
const EVICT_EVERY = 60

/** mulberry32: the same numbers for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const pick = <T>(roll: (below: number) => number, items: readonly T[]): T => items[roll(items.length)] as T

/** Writes of every kind that moves balances or changes who is listed with one. */
class Writer {
  readonly #expenses: string[] = []
  readonly #guests: string[] = []
  readonly #roll: (below: number) => number
  readonly #groupId: string
  readonly #people: readonly Client[]

  constructor(groupId: string, people: readonly Client[], seed: number) {
    this.#groupId = groupId
    this.#people = people
    this.#roll = dice(seed)
  }

  async write(): Promise<void> {
    const by = this.#people[0] as Client
    const payer = pick(this.#roll, this.#people)
    const id = this.#expenses.length === 0 ? undefined : pick(this.#roll, this.#expenses)
    const amount = `${1 + this.#roll(200)}.${10 + this.#roll(90)}`
    const kind = this.#roll(12)
    if (kind < 5 || id === undefined) {
      const { body } = await payer.post('/api/expenses/', { title: 'Something', amount, group_id: this.#groupId })
      if (body.data !== undefined) this.#expenses.push(body.data.id)
    } else if (kind < 7) await by.patch(`/api/expenses/${id}/`, { amount })
    else if (kind === 7) await by.delete(`/api/expenses/${id}/`)
    else if (kind === 8) await by.post(`/api/expenses/${id}/restore/`)
    else if (kind === 9) await payer.post(`/api/expenses/${id}/comments/`, { comment: 'Really?' })
    else if (kind === 10) {
      const { body } = await by.post(`/api/groups/${this.#groupId}/members/`, { name: 'Guest', role: 'viewer' })
      if (body.data !== undefined) this.#guests.push(body.data.id)
    } else if (this.#guests.length > 0) await by.delete(`/api/groups/${this.#groupId}/members/${this.#guests.pop()}/`)
  }
}

/** A client that hangs up whenever it likes, and comes back with what it knows. */
class Watcher {
  readonly ledger = new LiveLedger()
  disconnects = 0
  readonly #groupId: string
  readonly #client: Client
  readonly #isHub: boolean
  readonly #roll: (below: number) => number

  constructor(groupId: string, client: Client, isHub: boolean, seed: number) {
    this.#groupId = groupId
    this.#client = client
    this.#isHub = isHub
    this.#roll = dice(seed)
  }

  /** Listens for a while, and hangs up after so many messages: anywhere, also within what one entry comes to. */
  async watchBriefly(rest: () => Promise<void>): Promise<void> {
    await rest()
    let left = this.#roll(10)
    const { promise: isEnough, resolve: enough } = Promise.withResolvers<void>()
    const listener = await this.#connect(() => left-- > 0, enough)
    const late = setTimeout(enough, 5 + this.#roll(40))
    await Promise.race([isEnough, listener.closed])
    clearTimeout(late)
    left = 0
    await rest()
    listener.close()
    this.disconnects++
  }

  /** Listens until it knows of the entry. */
  async watchUpTo(seq: number): Promise<void> {
    const listener = await this.#connect(
      () => true,
      () => {},
    )
    await listener.until(() => (this.ledger.seq ?? 0) >= seq)
    listener.close()
  }

  #connect(mayHear: () => boolean, enough: () => void): Promise<Listener> {
    const onMessage = (message: Parameters<LiveLedger['hear']>[0]): void => {
      if (!mayHear()) return enough()
      if (message.group_id === this.#groupId) this.ledger.hear(message)
    }
    const { seq } = this.ledger
    const { token } = this.#client
    // A user's socket gives no snapshot unless a cursor is too far behind; one beyond the end is that, too.
    if (this.#isHub) return listen('/ws/', { auth: { type: 'auth', token, cursors: { [this.#groupId]: seq ?? 1e9 } }, onMessage })
    const path = `/ws/groups/${this.#groupId}${seq === undefined ? '' : `?from_seq=${seq}`}`
    return this.#roll(2) === 0 ? listen(path, { token, onMessage }) : listen(path, { auth: { type: 'auth', token }, onMessage })
  }
}

test(`after ${DISCONNECTS} disconnects under a stream of writes, clients know what GET …/balances/ says`, async () => {
  const { id, as } = await group(['ann', 'bob', 'cid', 'dan'])
  const people = Object.values(as)
  const writer = new Writer(id, people, 1)
  const roll = dice(2)
  const watchers = Array.from({ length: WATCHERS }, (_, i) => new Watcher(id, pick(roll, people), i % 5 === 4, 100 + i))
  const disconnects = (): number => watchers.reduce((total, watcher) => total + watcher.disconnects, 0)
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))
  // An object can be evicted only while nobody asks it for anything; its sockets sleep through it.
  let eviction: Promise<void> | undefined
  const rest = async (): Promise<void> => eviction
  let written = 0
  // Either stream waits for the other, so that both last as long.
  const writing = Array.from({ length: 3 }, async () => {
    while (written < WRITES) {
      await rest()
      if (written / WRITES > disconnects() / DISCONNECTS + 0.02) await pause()
      else if (++written % EVICT_EVERY === 0) await (eviction = evict(id))
      else await writer.write()
    }
  })
  const watching = watchers.map(async (watcher) => {
    while (disconnects() < DISCONNECTS) {
      if (disconnects() / DISCONNECTS > written / WRITES + 0.02) await pause()
      else await watcher.watchBriefly(rest)
    }
  })
  await Promise.all([...writing, ...watching])

  const { body } = await as.ann.get(`/api/groups/${id}/balances/`)
  expect(body.data.seq).toBeGreaterThan(WRITES / 2)
  for (const watcher of watchers) {
    await watcher.watchUpTo(body.data.seq)
    expect(watcher.ledger.faults).toEqual([])
    expect(sorted(watcher.ledger.lines)).toEqual(sorted(linesOf(body.data.balances)))
  }
}, 60_000)
