// What a group hands over to be put in words for those who watch it. A surface spells; the group that sends the
// words knows entries and states and no wire shapes.
import type { Category } from './categories.ts'
import type { Expense } from './expense.ts'
import type { Failure } from './errors.ts'
import type { Entry, State } from './group.ts'
import type { Id } from './ids.ts'
import type { Job } from './job.ts'
import type { Notification } from './notification.ts'
import type { Timestamp } from './time.ts'
import type { BalancesView } from './views.ts'
import type { EventName } from './events.ts'

/** Entries that follow each other, up to the state that the last of them led to. */
export interface Telling {
  readonly entries: readonly Entry[]
  readonly state: State
  /** Every category that the entries name. */
  readonly categories: ReadonlyMap<Id<'category'>, Category>
}

/** Entries that those outside are told of, in words or deeds. The state may be of a later seq than the last of them. */
export interface News extends Telling {
  /** Those entries behind them, up to the state, that changed who is in the group. */
  readonly later: readonly Entry[]
  /** The users whose own sockets hear of the group; absent where nobody knows. */
  readonly listening?: readonly Id<'user'>[]
}

/** The messages of one entry as JSON text, in the order in which they are sent. */
export interface Spelled {
  readonly seq: number
  readonly messages: readonly string[]
}

/** Whom links are made for: they begin with the origin that the socket was opened at, and expire. */
export interface Audience {
  readonly now: Timestamp
  readonly origin: string
}

/** A group and the last of its entries that somebody knows. */
export interface Cursor {
  readonly groupId: Id<'group'>
  readonly seq: number
}

/** Puts what happened in words; every message is one JSON text. */
export interface Speller {
  entries(telling: Telling, audience: Audience): readonly Spelled[]
  snapshot(view: BalancesView): string
  /** The claims on an expense, for guests; undefined where its lines were never opened to any. */
  claims(expense: Expense, members: State['members']): string | undefined
  /** The first message on a group's socket. */
  ready(cursor: Cursor): string
  /** The first message on a user's socket: every group that it speaks of. */
  readyAll(cursors: readonly Cursor[]): string
  refusal(failure: Failure): string
  readonly pong: string
}

/** An event as webhooks know it; `n` is its place among the events of one entry. */
export interface SpelledEvent {
  readonly seq: number
  readonly n: number
  readonly event: EventName
  readonly at: Timestamp
  /** What the payload holds under `data`. */
  readonly data: unknown
}

/** Puts what goes out in words. */
export interface Words {
  /** The events of the entries, in their order. */
  events(news: News, audience: Audience): readonly SpelledEvent[]
  /** The message on a socket that tells how far a job is, as JSON text. */
  job(job: Job): string
  /** The message on a socket that tells of a notification, as JSON text. */
  notification(notification: Notification): string
}
