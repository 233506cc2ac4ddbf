// Notifications: whom entries are told to, and what goes out to one person on one channel.
import { closeNotices, packNotices } from '../db/notices.ts'
import { findPeopleByEmail } from '../db/people.ts'
import { readRecipients } from '../db/preferences.ts'
import { stableId } from '../db/stable-id.ts'
import { isPresent, type State } from '../domain/group.ts'
import { newId, type Id } from '../domain/ids.ts'
import { gather, type Notification } from '../domain/notification.ts'
import { invitedBy, notificationsOf } from '../domain/notifying.ts'
import type { OutwardChannel } from '../domain/channels.ts'
import { channelsFor } from '../domain/preferences.ts'
import type { News } from '../domain/telling.ts'
import { messengerOf } from '../platform/messages.ts'
import { sendNotices } from '../services/notice-mail.ts'
import { announce } from './announce.ts'
import type { Followed, JobContext, Kept } from './context.ts'

/** D1 binds 100 parameters. */
const MOST_ADDRESSES = 90

/** Whose accounts the addresses are that the entries invite; most portions invite nobody. */
async function accountsOf(at: JobContext, news: News): Promise<ReadonlyMap<string, Id<'user'>>> {
  const emails = invitedBy(news)
  const accounts = new Map<string, Id<'user'>>()
  for (let i = 0; i < emails.length; i += MOST_ADDRESSES) {
    for (const { email, userId } of await findPeopleByEmail(at.db, emails.slice(i, i + MOST_ADDRESSES))) accounts.set(email, userId)
  }
  return accounts
}

/** A socket hears of each group that its user is in, so of a member the group knows whether there is one. */
function watchedIn({ members }: State, listening: readonly Id<'user'>[] | undefined): (user: Id<'user'>) => boolean {
  if (listening === undefined) return () => true
  const present = new Set([...members.values()].filter(isPresent).map((member) => member.userId))
  const heard = new Set(listening)
  return (user) => heard.has(user) || !present.has(user)
}

/** The notifications that the entries come to. */
export async function followNotifications(at: JobContext, groupId: Id<'group'>, news: News): Promise<Followed> {
  const accounts = await accountsOf(at, news)
  const notifications = notificationsOf(news, {
    idOf: (seq, userId, type) => stableId('notification', groupId, seq, userId, type),
    accountOf: (email) => accounts.get(email),
  })
  return announce(at, notifications, watchedIn(news.state, news.listening))
}

/** Sends them to the user by the channel, under this id, whatever has been sent under it before. */
async function send(at: JobContext, id: Id<'mail'>, userId: Id<'user'>, channel: OutwardChannel, told: readonly Notification[]) {
  if (channel === 'email') return sendNotices(at, id, userId, told)
  return messengerOf(at.env, at.now).send({ id, channel, userId, ...gather(told) })
}

/**
 * Sends the notices that wait for the user on the channel and are due, all together. Who has turned the channel or a
 * type off in the meantime, or rests, is sent nothing of it, now or later.
 */
export async function notify(
  at: JobContext,
  { userId, channel }: { readonly userId: Id<'user'>; readonly channel: OutwardChannel },
): Promise<Kept> {
  const line = { userId, channel }
  const parcel = await packNotices(at.db, line, newId('mail'), at.now)
  if (parcel !== undefined) {
    const recipient = (await readRecipients(at.db.$client, [userId])).get(userId)
    const isWanted = ({ type }: Notification): boolean =>
      recipient !== undefined && channelsFor(recipient.preferences, type).includes(channel)
    const told = parcel.notifications.filter(isWanted)
    if (told.length > 0) await send(at, parcel.id, userId, channel, told)
  }
  return { statements: closeNotices(at.db, line, parcel?.id) }
}
