// How a group tells the hubs of its members, and what becomes of a hub that is out of reach.
import { describe, expect, test } from 'vitest'
import type { Db } from '../../src/db/client.ts'
import { Feed } from '../../src/group/feed.ts'
import type { Id } from '../../src/domain/ids.ts'
import { Lane } from '../../src/group/lane.ts'
import type { Note } from '../../src/group/notes.ts'
import type { Sockets } from '../../src/group/sockets.ts'
import { Subscribers } from '../../src/group/subscribers.ts'
import { spellerOf } from '../../src/routes/live-shapes.ts'
import { Ledger, newcomer, opening, userId } from '../support/ledger.ts'

/** The storage of an object, as far as it is asked for. */
function storage(): SyncKvStorage {
  const rows = new Map<string, unknown>()
  return {
    get: (key: string) => structuredClone(rows.get(key)),
    put: (key: string, value: unknown) => void rows.set(key, structuredClone(value)),
    delete: (key: string) => rows.delete(key),
    list: ({ prefix = '' }: SyncKvListOptions = {}) => [...rows].filter(([key]) => key.startsWith(prefix)),
  } as SyncKvStorage
}

/** The book of a group as its sequencer shows it. */
class Now {
  readonly #book: Ledger

  constructor(book: Ledger) {
    this.#book = book
  }

  get known(): Ledger['state'] {
    return this.#book.state
  }

  expense = (id: Id<'expense'>) => this.#book.expenses.get(id)

  state(): Promise<Ledger['state']> {
    return Promise.resolve(this.known)
  }
}

/** A group with one hub that hears it, on a network that can be cut and a clock that can be moved. */
class Scene {
  readonly book = new Ledger()
  readonly heard: Note[] = []
  readonly alarms: number[] = []
  readonly kv = storage()
  readonly watchers: unknown[] = []
  isDown = false
  isListening = true
  now = 0
  #work: Promise<unknown> = Promise.resolve()
  #told = 0
  feed = this.wake()

  /** The feed as a new instance has it, which knows only what was stored. */
  wake(): Feed {
    const hub = {
      relay: async (note: Note) => {
        if (this.isDown) throw new Error('the network is down')
        this.heard.push(note)
        return this.isListening
      },
    }
    this.feed = new Feed({
      groupId: 'grp_one',
      db: {} as Db,
      now: () => this.now,
      lane: new Lane((promise) => (this.#work = promise)),
      sockets: {
        has: (kind: string) => kind === 'group' && this.watchers.length > 0,
        audience: async () => this.watchers,
      } as unknown as Sockets,
      speller: spellerOf((_, key) => key),
      subscribers: new Subscribers(this.kv),
      sequencer: new Now(this.book),
      balances: () => Promise.reject(new Error('nobody asks')),
      hub: () => hub,
      wakeBy: (at) => this.alarms.push(at),
    })
    return this.feed
  }

  /** Publishes what happened since the last time. */
  async publish(): Promise<void> {
    this.feed.publish(this.book.entries.slice(this.#told), this.book.state)
    this.#told = this.book.entries.length
    await this.#work
  }

  rename(name: string): Promise<void> {
    this.book.run(userId('Ann'), { type: 'update_group', fields: { name } })
    return this.publish()
  }

  get seqs(): number[] {
    return this.heard.map((note) => note.seq)
  }
}

async function scene(): Promise<Scene> {
  const made = new Scene()
  made.book.run(userId('Ann'), { ...opening('Ann'), members: [newcomer('Ann', 'owner'), newcomer('Bob')] })
  // Nobody is subscribed, and there is no database to look hubs up in.
  made.kv.put('relayed', 1)
  await made.feed.subscribe(userId('Bob'), 'grp_bob', 'https://quits.test')
  return made
}

describe('a hub', () => {
  test('is told each entry in full, and not again by an instance that reads the journal anew', async () => {
    const it = await scene()
    await it.rename('One')
    await it.rename('Two')
    it.wake().publish(it.book.entries, it.book.state)
    await it.rename('Three')
    expect(it.heard.map((note) => [note.since, note.seq, note.spelled.map((s) => s.seq)])).toEqual([[1, 2, [2]], [2, 3, [3]], [3, 4, [4]]]) // oxfmt-ignore
  })

  test('that was out of reach is told how far things are once it can be, also by a new instance', async () => {
    const it = await scene()
    it.isDown = true
    await it.rename('One')
    await it.rename('Two')
    expect(it.alarms).toEqual([2000, 4000])
    it.isDown = false
    await it.wake().retry()
    expect(it.heard).toEqual([{ groupId: 'grp_one', since: 1, seq: 3, spelled: [], hasEnded: false }])
    await it.feed.retry()
    await it.rename('Three')
    expect(it.seqs).toEqual([3, 4])
  })

  test('is given up after some minutes out of reach', async () => {
    const it = await scene()
    it.isDown = true
    await it.rename('One')
    for (let tries = 1; tries < 12; tries++) await it.feed.retry()
    expect(it.alarms).toEqual([2, 4, 8, 16, 32, 64, 128].map((s) => s * 1000))
    it.isDown = false
    await it.rename('Two')
    expect(it.seqs).toEqual([])
  })

  test('to which nobody listens is told no more', async () => {
    const it = await scene()
    it.isListening = false
    await it.rename('One')
    await it.rename('Two')
    expect(it.seqs).toEqual([2])
  })

  test('of a member who leaves is told up to that, and no more', async () => {
    const it = await scene()
    it.book.run(userId('Ann'), { type: 'update_group', fields: { name: 'One' } })
    it.book.run(userId('Bob'), { type: 'leave_group' })
    it.book.run(userId('Ann'), { type: 'update_group', fields: { name: 'Two' } })
    await it.publish()
    await it.rename('Three')
    expect(it.heard.map((note) => [note.seq, note.hasEnded, note.spelled.map((s) => s.seq)])).toEqual([[3, true, [2, 3]]])
  })
})

test('a socket that lacks an entry before those that are told is closed, so that it comes back and asks', async () => {
  const it = await scene()
  const said: string[] = []
  const pass = { userId: userId('Bob'), origin: 'https://quits.test' }
  const watcher = (seq: number) => ({
    pass,
    cursor: () => seq,
    tell: () => said.push(`told ${seq}`),
    refuse: ({ code }: { code: string }) => said.push(`${code} ${seq}`),
  })
  await it.rename('One')
  it.watchers.push(watcher(1), watcher(2), watcher(3))
  await it.rename('Two')
  expect(said).toEqual(['service.busy 1', 'told 2'])
})
