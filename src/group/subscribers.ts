// The users who watch a group through their own hub. Kept in the object's storage, so that it still knows them
// when it wakes; a hub that nobody listens to any more says so, and is forgotten.
import type { Id } from '../domain/ids.ts'

export interface Subscriber {
  readonly hub: Id<'group'>
  /** Where the hub's sockets were opened; unknown until the hub has asked for the group. */
  readonly origin?: string
  /** The entry before the first that concerns them. */
  readonly since: number
  /** How often in a row the hub could not be reached. */
  readonly tries: number
}

const PREFIX = 'subscriber:'
const RELAYED = 'relayed'

export class Subscribers {
  readonly #kv: SyncKvStorage
  readonly #all: Map<Id<'user'>, Subscriber>

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
    const kept = [...kv.list<Subscriber>({ prefix: PREFIX })]
    this.#all = new Map(kept.map(([key, subscriber]) => [key.slice(PREFIX.length) as Id<'user'>, subscriber]))
  }

  get all(): ReadonlyMap<Id<'user'>, Subscriber> {
    return this.#all
  }

  /** Keeps the subscriber. One that says the same as before is a new one all the same, but is not stored again. */
  put(user: Id<'user'>, subscriber: Subscriber): void {
    const before = this.#all.get(user)
    this.#all.set(user, subscriber)
    const isSame = before?.hub === subscriber.hub && before.origin === subscriber.origin && before.tries === subscriber.tries
    if (!isSame) this.#kv.put(PREFIX + user, subscriber)
  }

  /** Forgets the subscriber, unless there is another one for the user by now. */
  delete(user: Id<'user'>, subscriber: Subscriber): void {
    if (this.#all.get(user) !== subscriber) return
    this.#all.delete(user)
    this.#kv.delete(PREFIX + user)
  }

  /** Notes how often the subscriber could not be reached, unless there is another one for the user by now. */
  setTries(user: Id<'user'>, subscriber: Subscriber, tries: number): void {
    if (this.#all.get(user) === subscriber && subscriber.tries !== tries) this.put(user, { ...subscriber, tries })
  }

  /** The last entry that hubs were told of, or are known to have missed. */
  get relayedSeq(): number {
    return this.#kv.get<number>(RELAYED) ?? 0
  }

  set relayedSeq(seq: number) {
    this.#kv.put(RELAYED, seq)
  }
}
