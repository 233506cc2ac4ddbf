// The sockets that one object holds. They survive its hibernation: all that is known of one stands in its
// attachment, and each of its cursors is the last entry of a group of which it was told everything.
import type { Db } from '../db/client.ts'
import { findEndedCredentials } from '../db/live.ts'
import { ERRORS, failure, type Failure } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import { closeCodeOf, messageFault } from '../domain/live.ts'
import type { Speller, Spelled } from '../domain/telling.ts'
import { MINUTE, SECOND, type Timestamp } from '../domain/time.ts'
import type { Replay } from './notes.ts'

/** What a socket is opened for: one group, or everything that concerns one user. */
export type Watch =
  | { readonly kind: 'group'; readonly groupId: Id<'group'>; readonly from?: number }
  /** The claims on one expense, by a link: told to whoever has it what the one who made it may see. */
  | { readonly kind: 'claims'; readonly groupId: Id<'group'>; readonly expenseId: Id<'expense'> }
  | { readonly kind: 'hub'; readonly cursors: Readonly<Record<string, number>> }

/** Who opens a socket, found out by the Worker. No request from outside reaches an object, so it needs no proof. */
export interface Pass {
  readonly watch: Watch
  readonly userId: Id<'user'>
  /** The session, API key or link that the token stands for. */
  readonly credential: string
  /** When the access token ends; an API key has no such moment in it. */
  readonly endsAt?: Timestamp
  /** Whether it may hear of notifications: an API key needs a scope for them. */
  readonly isNotified: boolean
  readonly origin: string
}

export const PASS_HEADER = 'X-Pass'

type Attachment = Omit<Pass, 'watch'> & {
  readonly cursors: Readonly<Record<string, number>>
  /** Whether it has been told where it stands. Until then it is told nothing else, because that covers everything so far. */
  readonly hasJoined: boolean
  /** The expense whose claims it watches, where that is all it does. */
  readonly expenseId?: Id<'expense'>
}

/** An attachment holds 16 KB, which is some 400 cursors. */
const MAX_CURSORS = 300
const MAX_SOCKETS_PER_USER = 50
/** So many messages in a window are heard, and the next closes the socket. */
const HEARD = { most: 20, withinMs: 10 * SECOND } as const
/** How long a credential counts as good that was looked up. */
const TRUSTED_MS = MINUTE

const PING = '{"type":"ping"}'

/** One socket, and what is known of it. The attachment is read anew each time, because nothing else survives. */
export class Watcher {
  readonly #socket: WebSocket
  readonly #speller: Speller

  constructor(socket: WebSocket, speller: Speller) {
    this.#socket = socket
    this.#speller = speller
  }

  get pass(): Attachment {
    // Only `accept` and `#keep` write attachments.
    return this.#socket.deserializeAttachment() as Attachment
  }

  cursor(groupId: Id<'group'>): number | undefined {
    return this.pass.cursors[groupId]
  }

  /** From now on the socket is told what comes after the entry. Does nothing for one group too many. */
  follow(groupId: Id<'group'>, seq: number): void {
    const { cursors } = this.pass
    if (Object.keys(cursors).length < MAX_CURSORS || groupId in cursors) this.#keep({ cursors: { ...cursors, [groupId]: seq } })
  }

  unfollow(groupId: Id<'group'>): void {
    const { [groupId]: _, ...rest } = this.pass.cursors
    this.#keep({ cursors: rest })
  }

  /** Tells what lies beyond the cursor, and moves it there. */
  tell(groupId: Id<'group'>, spelled: readonly Spelled[]): void {
    const seen = this.cursor(groupId) ?? 0
    const news = spelled.filter(({ seq }) => seq > seen)
    for (const { messages } of news) for (const message of messages) this.say(message)
    const last = news.at(-1)
    if (last !== undefined) this.follow(groupId, last.seq)
  }

  /** Tells what was missed, and puts the cursor behind it. */
  show(groupId: Id<'group'>, { seq, snapshot, spelled }: Replay): void {
    if (snapshot !== undefined) this.say(snapshot)
    this.tell(groupId, spelled)
    this.follow(groupId, seq)
  }

  /** Sends one message; a socket that is gone already hears no more. */
  say(message: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message)
  }

  /** Says what is wrong and closes the socket with the code for it. */
  refuse(failed: Failure): void {
    this.say(this.#speller.refusal(failed))
    this.#socket.close(closeCodeOf(failed.code), ERRORS[failed.code].code)
  }

  /** From now on the socket is told what happens. */
  join(): void {
    this.#keep({ hasJoined: true })
  }

  #keep(changes: Partial<Attachment>): void {
    this.#socket.serializeAttachment({ ...this.pass, ...changes } satisfies Attachment)
  }
}

interface SocketParts {
  readonly ctx: DurableObjectState
  readonly db: Db
  readonly now: () => Timestamp
  readonly speller: Speller
  /** Wakes the object at that time, if not earlier. */
  readonly wakeBy: (at: Timestamp) => void
}

export class Sockets {
  readonly #parts: SocketParts
  readonly #checkedAt = new Map<string, Timestamp>()
  readonly #heard = new WeakMap<WebSocket, { since: Timestamp; count: number }>()

  constructor(parts: SocketParts) {
    this.#parts = parts
    parts.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, parts.speller.pong))
  }

  /** Opens a socket for the pass. It is told nothing yet. */
  accept({ watch, ...pass }: Pass): { watcher: Watcher; response: Response } {
    const { ctx, speller, now, wakeBy } = this.#parts
    const { 0: client, 1: server } = new WebSocketPair()
    const own = `${watch.kind} ${watch.kind === 'claims' ? pass.credential : pass.userId}`
    const about = watch.kind === 'claims' ? { expenseId: watch.expenseId } : {}
    const isTooMany = ctx.getWebSockets(own).length >= MAX_SOCKETS_PER_USER
    ctx.acceptWebSocket(server, [watch.kind, own])
    server.serializeAttachment({ ...pass, ...about, cursors: {}, hasJoined: false } satisfies Attachment)
    this.#checkedAt.set(pass.credential, now())
    if (pass.endsAt !== undefined) wakeBy(pass.endsAt)
    const watcher = new Watcher(server, speller)
    if (isTooMany) watcher.refuse(failure('rate.exceeded'))
    return { watcher, response: new Response(null, { status: 101, webSocket: client }) }
  }

  has(kind: Watch['kind']): boolean {
    return this.#parts.ctx.getWebSockets(kind).some((socket) => socket.readyState === WebSocket.OPEN)
  }

  #open(kind?: Watch['kind']): Watcher[] {
    const open = this.#parts.ctx.getWebSockets(kind).filter((socket) => socket.readyState === WebSocket.OPEN)
    return open.map((socket) => new Watcher(socket, this.#parts.speller))
  }

  /** The sockets that are to be told what happens. Their credentials are looked up once in a while; those that have ended are closed. */
  async audience(kind: Watch['kind']): Promise<Watcher[]> {
    const open = this.#open(kind).filter((watcher) => watcher.pass.hasJoined)
    const ended = await this.#findEnded(open.map(({ pass }) => pass.credential)).catch(() => undefined)
    const now = this.#parts.now()
    return open.filter((watcher) => {
      const { credential, endsAt = Infinity } = watcher.pass
      if (ended === undefined) watcher.refuse(failure('service.busy'))
      else if (endsAt <= now || ended.has(credential)) watcher.refuse(failure('auth.invalid_token'))
      else return true
      return false
    })
  }

  async #findEnded(credentials: readonly string[]): Promise<Set<string>> {
    const { db, now } = this.#parts
    const at = now()
    const doubtful = [...new Set(credentials)].filter((id) => (this.#checkedAt.get(id) ?? 0) <= at - TRUSTED_MS)
    if (doubtful.length === 0) return new Set()
    const ended = await findEndedCredentials(db.$client, doubtful, at)
    for (const [id, checkedAt] of this.#checkedAt) if (checkedAt <= at - TRUSTED_MS) this.#checkedAt.delete(id)
    for (const id of doubtful) if (!ended.has(id)) this.#checkedAt.set(id, at)
    return ended
  }

  /** Closes the sockets whose token has ended, and has itself called for the next that will. */
  closeExpired(): void {
    const now = this.#parts.now()
    const ends = this.#open().flatMap((watcher) => {
      const { endsAt } = watcher.pass
      if (endsAt !== undefined && endsAt <= now) watcher.refuse(failure('auth.invalid_token'))
      return endsAt === undefined || endsAt <= now ? [] : [endsAt]
    })
    if (ends.length > 0) this.#parts.wakeBy(Math.min(...ends))
  }

  /** What a client says. There is little to say on a socket, so that is what it is told. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const { speller } = this.#parts
    const watcher = new Watcher(socket, speller)
    if (this.#isFlooded(socket)) return watcher.refuse(failure('rate.exceeded'))
    const fault = messageFault(message)
    if (fault !== undefined) return watcher.refuse(failure(fault))
    if (typeof message === 'string' && typeOf(message) === 'ping') return watcher.say(speller.pong)
    const said = { field: 'type', message: 'Only ping is understood here; to sign in anew, connect again', code: 'UNKNOWN_TYPE' }
    watcher.say(speller.refusal(failure('request.malformed', [said])))
  }

  #isFlooded(socket: WebSocket): boolean {
    const now = this.#parts.now()
    const before = this.#heard.get(socket)
    const heard = before !== undefined && now - before.since < HEARD.withinMs ? before : { since: now, count: 0 }
    this.#heard.set(socket, { ...heard, count: heard.count + 1 })
    return heard.count >= HEARD.most
  }
}

function typeOf(message: string): unknown {
  try {
    const parsed: unknown = JSON.parse(message)
    return typeof parsed === 'object' && parsed !== null && 'type' in parsed ? parsed.type : undefined
  } catch {
    return undefined
  }
}
