// Notices: notifications that are still to go out by a channel. Those that go out together are frozen under one id
// first, so that whoever tries again after a crash sends the same ones under the same id.
import { sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Notification } from '../domain/notification.ts'
import type { OutwardChannel } from '../domain/channels.ts'
import type { Timestamp } from '../domain/time.ts'
import { chunked } from './chunked.ts'
import type { Db, Statement } from './client.ts'
import { notificationOf } from './notifications.ts'
import { standingId } from './outbox.ts'
import { notices, notifications } from './outward-schema.ts'

export interface Notice {
  readonly userId: Id<'user'>
  readonly channel: OutwardChannel
  readonly notificationId: Id<'notification'>
  readonly dueAt: Timestamp
}

/** The statements that store them; one that is there already stays as it is. */
export const insertNotices = (db: Db, all: readonly Notice[]): Statement[] =>
  chunked(all).map((some) => {
    const rows = some.map(({ userId, channel, notificationId, dueAt }) => [userId, channel, notificationId, dueAt])
    return db.run(sql`INSERT INTO notices (user_id, channel, notification_id, due_at)
      SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(${JSON.stringify(rows)}) WHERE TRUE ON CONFLICT DO NOTHING`)
  })

/** Whose notices, on which channel. */
export interface Line {
  readonly userId: Id<'user'>
  readonly channel: OutwardChannel
}

/** So many go out together at most. */
const MOST_TOGETHER = 200

/** Notices that go out together, under one id. */
export interface Parcel {
  readonly id: Id<'mail'>
  readonly notifications: readonly Notification[]
}

/**
 * Freezes what is due under the new id, unless an earlier parcel was left, which goes first. Answers the parcel that
 * is to be sent, the oldest notification first; undefined where nothing is due. What was deleted since is not in it.
 */
export async function packNotices(db: Db, { userId, channel }: Line, id: Id<'mail'>, now: Timestamp): Promise<Parcel | undefined> {
  const line = sql`user_id = ${userId} AND channel = ${channel}`
  const [, frozen, told] = await db.batch([
    db.update(notices).set({ mailId: id }).where(sql`${line} AND mail_id IS NULL
      AND notification_id IN (SELECT notification_id FROM notices WHERE ${line} AND due_at <= ${now} ORDER BY due_at LIMIT ${MOST_TOGETHER})
      AND NOT EXISTS (SELECT 1 FROM notices WHERE ${line} AND mail_id IS NOT NULL)`),
    db
      .select({ id: notices.mailId })
      .from(notices)
      .where(sql`${line} AND mail_id IS NOT NULL`)
      .limit(1),
    db
      .select()
      .from(notifications)
      .where(sql`${notifications.id} IN (SELECT notification_id FROM notices WHERE ${line} AND mail_id IS NOT NULL)`)
      .orderBy(notifications.createdAt, notifications.seq, notifications.id),
  ])
  const parcel = frozen[0]?.id
  return parcel == null ? undefined : { id: parcel, notifications: told.map(notificationOf) }
}

/**
 * The statements that go behind the mark of the effect: what was sent is gone, and where notices are left, some of
 * which may have come in the meantime, the effect is due again with the first of them. If the mark was not heard,
 * because the lease had passed to somebody else, nothing wakes here.
 */
export function closeNotices(db: Db, line: Line, sent: Id<'mail'> | undefined): Statement[] {
  const mine = sql`user_id = ${line.userId} AND channel = ${line.channel}`
  const left = sql`SELECT MIN(due_at) FROM notices WHERE ${mine}`
  const remove = sent === undefined ? [] : [db.delete(notices).where(sql`${mine} AND mail_id = ${sent}`)]
  const wake = db.run(sql`UPDATE outbox SET done_at = NULL, attempts = 0, due_at = (${left})
    WHERE id = ${standingId({ kind: 'notify', ...line })} AND done_at IS NOT NULL AND (${left}) IS NOT NULL`)
  return [...remove, wake]
}
