// From notifications to what is stored of them: the row that the list shows, what is to go out on other channels
// and when, and the word to open sockets. However many are told, it takes one read and three statements.
import { insertNotices, type Notice } from '../db/notices.ts'
import { insertNotifications, type NewNotification } from '../db/notifications.ts'
import { standingId, wakeEffects } from '../db/outbox.ts'
import { readRecipients, type Recipient } from '../db/preferences.ts'
import { dueAt } from '../domain/due.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import type { Notification } from '../domain/notification.ts'
import type { OutwardChannel } from '../domain/channels.ts'
import { channelsFor } from '../domain/preferences.ts'
import type { Timestamp } from '../domain/time.ts'
import { NOTHING, type Followed, type JobContext } from './context.ts'

interface Addressed {
  readonly notification: NewNotification
  readonly recipient: Recipient
  readonly outward: readonly OutwardChannel[]
}

/** Whom the notification reaches by which channels; nothing where it reaches nobody. */
function address(notification: Notification, recipient: Recipient | undefined): Addressed[] {
  if (recipient === undefined) return []
  const channels = channelsFor(recipient.preferences, notification.type)
  if (channels.length === 0) return []
  const outward = channels.filter((channel) => channel !== 'in_app')
  return [{ notification: { ...notification, isListed: channels.includes('in_app') }, recipient, outward }]
}

/** What is to go out beside the list. The hour of it is looked up once for each person, type and channel. */
function noticesOf(all: readonly Addressed[], now: Timestamp): Notice[] {
  const known = new Map<string, Timestamp>()
  return all.flatMap(({ notification: { id, userId, type, priority }, recipient: { preferences }, outward }) =>
    outward.map((channel) => {
      const key = `${userId} ${type} ${priority} ${channel}`
      const due = known.get(key) ?? dueAt(preferences, type, channel, priority, now)
      known.set(key, due)
      return { userId, channel, notificationId: id, dueAt: due }
    }),
  )
}

/** One effect for each person and channel, due with the first of their notices. */
function wakesOf(notices: readonly Notice[]) {
  const wakes = new Map<string, { effect: { kind: 'notify'; userId: Id<'user'>; channel: OutwardChannel }; dueAt: Timestamp }>()
  for (const { userId, channel, dueAt: due } of notices) {
    const effect = { kind: 'notify', userId, channel } as const
    const id = standingId(effect)
    wakes.set(id, { effect, dueAt: Math.min(due, wakes.get(id)?.dueAt ?? Infinity) })
  }
  return [...wakes.values()]
}

/** Shows the notifications on the open sockets of their users. Whoever is away reads the list later. */
async function tellSockets(at: JobContext, all: readonly Addressed[]): Promise<void> {
  const messages = Map.groupBy(
    all.filter(({ notification }) => notification.isListed),
    ({ recipient }) => recipient,
  )
  const told = [...messages].map(([{ userId, personalGroupId }, some]) =>
    // RPC types every field as if it might hold a stub; what is sent here is plain data.
    at.env.GROUP.getByName(personalGroupId).announce(
      userId,
      some.map(({ notification }) => at.words.notification(notification)),
    ),
  )
  for (const result of await Promise.allSettled(told))
    if (result.status === 'rejected')
      console.error(JSON.stringify({ level: 'error', message: 'sockets were not told', error: errorText(result.reason) }))
}

/**
 * What it takes to tell people, as each of them wants to be told. A notification has a row if it goes out by any
 * channel; the list shows those that go `in_app`. `isWatched` says of whom a socket may be open; by default, of all.
 */
export async function announce(
  at: JobContext,
  notifications: readonly Notification[],
  isWatched: (user: Id<'user'>) => boolean = () => true,
): Promise<Followed> {
  if (notifications.length === 0) return NOTHING
  const recipients = await readRecipients(at.db.$client, new Set(notifications.map(({ userId }) => userId)))
  const all = notifications.flatMap((notification) => address(notification, recipients.get(notification.userId)))
  if (all.length === 0) return NOTHING
  const notices = noticesOf(all, at.now)
  const wakes = wakesOf(notices)
  const watched = all.filter(({ recipient }) => isWatched(recipient.userId))
  return {
    statements: [
      ...insertNotifications(
        at.db,
        all.map(({ notification }) => notification),
      ),
      ...insertNotices(at.db, notices),
      ...(wakes.length === 0 ? [] : [wakeEffects(at.db, wakes)]),
    ],
    ...(watched.length > 0 && { after: () => tellSockets(at, watched) }),
  }
}
