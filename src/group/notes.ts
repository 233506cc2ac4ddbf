// What groups and hubs tell each other, over RPC: plain data.
import type { Failure } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Result } from '../domain/result.ts'
import type { Spelled } from '../domain/telling.ts'

/** Word from a group: what happened there after the entry `since` and up to the entry `seq`. */
export interface Note {
  readonly groupId: Id<'group'>
  readonly since: number
  readonly seq: number
  /** May lack some or all: then those are to be asked for. */
  readonly spelled: readonly Spelled[]
  /** Whether the last entry ended the user's place there. */
  readonly hasEnded: boolean
}

/** What a watcher missed, up to the entry `seq`; a snapshot where that is too much to tell. */
export interface Replay {
  readonly seq: number
  readonly snapshot?: string
  readonly spelled: readonly Spelled[]
}

/** What a group asks of a hub: to take a note in. False when nobody listens there. */
export interface HubLine {
  relay(note: Note): Promise<boolean>
}

/** What a hub asks of a group: to be told of every entry after the one that is answered, and what it missed. */
export interface GroupLine {
  subscribe(user: Id<'user'>, hub: Id<'group'>, origin: string): Promise<Result<number, Failure>>
  replay(user: Id<'user'>, from: number, origin: string): Promise<Result<Replay, Failure>>
}
