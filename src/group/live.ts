// All that is live about an object, put together: the sockets it holds, the feed of its group, and, where the
// group is a personal one, the hub of its user.
import type { Db } from '../db/client.ts'
import type { Failure } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import type { Speller } from '../domain/telling.ts'
import type { Timestamp } from '../domain/time.ts'
import type { BalancesView } from '../domain/views.ts'
import type { Env } from '../env.ts'
import { Feed } from './feed.ts'
import { Hub } from './hub.ts'
import { Lane } from './lane.ts'
import type { GroupLine, HubLine } from './notes.ts'
import type { Sequencer } from './sequencer.ts'
import { PASS_HEADER, Sockets, type Pass } from './sockets.ts'
import { Subscribers } from './subscribers.ts'

interface LiveParts {
  readonly ctx: DurableObjectState
  readonly env: Env
  readonly db: Db
  readonly groupId: Id<'group'>
  readonly now: () => Timestamp
  readonly speller: Speller
  readonly sequencer: Pick<Sequencer, 'state' | 'known' | 'expense'>
  readonly balances: (user: Id<'user'>) => Promise<Result<BalancesView, Failure>>
}

export class Live {
  readonly feed: Feed
  readonly hub: Hub
  readonly sockets: Sockets
  readonly #ctx: DurableObjectState
  readonly #alarms: Lane

  constructor({ ctx, env, db, groupId, now, speller, sequencer, balances }: LiveParts) {
    const lane = (): Lane => new Lane((promise) => ctx.waitUntil(promise))
    const wakeBy = (at: Timestamp): void => this.#wakeBy(at)
    // RPC types every field as if it might hold a stub; what is sent here is plain data.
    const other = (id: Id<'group'>) => env.GROUP.getByName(id) as unknown as GroupLine & HubLine
    this.#ctx = ctx
    this.#alarms = lane()
    this.sockets = new Sockets({ ctx, db, now, speller, wakeBy })
    const shared = { db, now, speller, sockets: this.sockets, wakeBy }
    this.feed = new Feed({
      ...shared,
      groupId,
      sequencer,
      balances,
      lane: lane(),
      subscribers: new Subscribers(ctx.storage.kv),
      hub: other,
    })
    this.hub = new Hub({ ...shared, self: groupId, lane: lane(), group: other })
  }

  /** Opens a socket. Only the Worker asks for one, and says in a header who wants it and what for. */
  open(request: Request): Response {
    const pass = JSON.parse(request.headers.get(PASS_HEADER) ?? 'null') as Pass
    if (pass.watch.kind === 'hub') return this.hub.accept(pass, pass.watch.cursors)
    return pass.watch.kind === 'claims' ? this.feed.acceptClaims(pass) : this.feed.accept(pass, pass.watch.from)
  }

  /** What the object wakes for by itself: tokens that end, and hubs that could not be reached. */
  async wake(): Promise<void> {
    this.sockets.closeExpired()
    await this.feed.retry()
  }

  /** Sets the one alarm there is unless an earlier one is set; in a lane, because asking and setting are two steps. */
  #wakeBy(at: Timestamp): void {
    this.#alarms.run(async () => {
      const set = await this.#ctx.storage.getAlarm()
      if (set === null || at < set) await this.#ctx.storage.setAlarm(at)
    })
  }
}
