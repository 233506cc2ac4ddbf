// Notifications: whom entries are told to, and what goes out to one person on one channel.
import type { Id } from '../domain/ids.ts'
import type { Channel } from '../domain/preferences.ts'
import type { News } from '../domain/telling.ts'
import { NOTHING, type Followed, type JobContext, type Kept } from './context.ts'

/** The notifications that the entries come to. */
export async function followNotifications(_at: JobContext, _groupId: Id<'group'>, _news: News): Promise<Followed> {
  return NOTHING
}

/** Sends the notices that wait for the user on the channel and are due. */
export async function notify(_at: JobContext, _about: { readonly userId: Id<'user'>; readonly channel: Channel }): Promise<Kept> {
  return {}
}
