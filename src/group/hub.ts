// A user's hub: the sockets on which they watch all their groups at once, held by the object of their personal
// group. Each group tells it what happens there; what a note skips is asked for, and what it repeats is dropped.
import type { Db } from '../db/client.ts'
import { listGroupIds } from '../db/people.ts'
import { failure } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Cursor, Speller } from '../domain/telling.ts'
import type { Lane } from './lane.ts'
import type { GroupLine, Note } from './notes.ts'
import type { Pass, Sockets, Watcher } from './sockets.ts'

interface HubParts {
  readonly self: Id<'group'>
  readonly db: Db
  readonly lane: Lane
  readonly sockets: Sockets
  readonly speller: Speller
  readonly group: (id: Id<'group'>) => GroupLine
}

/** The groups that one socket speaks of; of more, the newest. */
const MAX_GROUPS = 250

export class Hub {
  readonly #parts: HubParts

  constructor(parts: HubParts) {
    this.#parts = parts
  }

  /** Opens a socket on all groups of the user; in those with a cursor it resumes behind that entry. */
  accept(pass: Pass, cursors: Readonly<Record<string, number>>): Response {
    const { watcher, response } = this.#parts.sockets.accept(pass)
    this.#parts.lane.run(() => this.#orRefuse(watcher, () => this.#join(watcher, cursors)))
    return response
  }

  /** Takes a note in. Answers false if nobody listens; then the group need not tell any more. */
  relay(note: Note): boolean {
    if (!this.#parts.sockets.has('hub')) return false
    this.#parts.lane.run(() => this.#pass(note))
    return true
  }

  /** Says the messages on the sockets of the user that may hear of notifications; nothing where there is none. */
  announce(user: Id<'user'>, messages: readonly string[]): void {
    const { sockets, lane } = this.#parts
    if (!sockets.has('hub')) return
    lane.run(async () => {
      for (const watcher of await sockets.audience('hub')) {
        if (watcher.pass.userId !== user || !watcher.pass.isNotified) continue
        for (const message of messages) watcher.say(message)
      }
    })
  }

  async #join(watcher: Watcher, cursors: Readonly<Record<string, number>>): Promise<void> {
    const { db, self, speller } = this.#parts
    const { userId } = watcher.pass
    const others = (await listGroupIds(db, userId))
      .filter((id) => id !== self)
      .sort()
      .reverse()
    const ids = [self, ...others.slice(0, MAX_GROUPS - 1)]
    const followed = (await Promise.all(ids.map((id) => this.#follow(watcher, id)))).flat()
    watcher.say(speller.readyAll(followed))
    for (const { groupId } of followed) {
      const from = cursors[groupId]
      if (from === undefined) continue
      watcher.follow(groupId, from)
      await this.#catchUp(watcher, groupId)
    }
    watcher.join()
  }

  /** Subscribes to the group and puts the cursor at its present; nothing if the user has left it meanwhile. */
  async #follow(watcher: Watcher, groupId: Id<'group'>): Promise<Cursor[]> {
    const { userId, origin } = watcher.pass
    const seq = await this.#parts.group(groupId).subscribe(userId, this.#parts.self, origin)
    if (!seq.ok) return []
    watcher.follow(groupId, seq.value)
    return [{ groupId, seq: seq.value }]
  }

  async #pass(note: Note): Promise<void> {
    const watchers = await this.#parts.sockets.audience('hub')
    const isNew = watchers.find((watcher) => watcher.cursor(note.groupId) === undefined)
    if (isNew !== undefined && !note.hasEnded) await this.#subscribe(isNew, note.groupId)
    for (const watcher of watchers) await this.#orRefuse(watcher, () => this.#tell(watcher, note))
  }

  /** Asks a group that the user has just come into to tell in full from now on. */
  async #subscribe(watcher: Watcher, groupId: Id<'group'>): Promise<void> {
    const { userId, origin } = watcher.pass
    await this.#parts.group(groupId).subscribe(userId, this.#parts.self, origin)
  }

  async #tell(watcher: Watcher, { groupId, since, seq, spelled, hasEnded }: Note): Promise<void> {
    const before = watcher.cursor(groupId)
    if (before === undefined && hasEnded) return
    if (before === undefined) watcher.follow(groupId, since)
    const seen = watcher.cursor(groupId)
    // One group more than a socket speaks of.
    if (seen === undefined) return
    const first = spelled[0]?.seq ?? Infinity
    if (first <= seen + 1) watcher.tell(groupId, spelled)
    if ((watcher.cursor(groupId) ?? seen) < seq) await this.#catchUp(watcher, groupId)
    if (hasEnded) watcher.unfollow(groupId)
  }

  /** Asks the group for what lies beyond the cursor. */
  async #catchUp(watcher: Watcher, groupId: Id<'group'>): Promise<void> {
    const { userId, origin } = watcher.pass
    const replay = await this.#parts.group(groupId).replay(userId, watcher.cursor(groupId) ?? 0, origin)
    if (replay.ok) watcher.show(groupId, replay.value)
    else watcher.unfollow(groupId)
  }

  /** Runs the work, and closes the socket if it fails: its client comes back and asks for what it missed. */
  async #orRefuse(watcher: Watcher, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      watcher.refuse(failure('service.busy'))
      throw error
    }
  }
}
