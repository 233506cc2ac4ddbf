// From notifications to what is stored of them: the row that the list shows, what is to go out on other channels
// and when, and the word to open sockets.
import type { Notification } from '../domain/notification.ts'
import { NOTHING, type Followed, type JobContext } from './context.ts'

/** What it takes to tell people, as each of them wants to be told. */
export async function announce(_at: JobContext, _notifications: readonly Notification[]): Promise<Followed> {
  return NOTHING
}
