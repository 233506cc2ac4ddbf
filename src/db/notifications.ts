// Notifications as their reader sees them: only those of one user, and only those that the list shows. One that
// goes out by other channels alone has a row as well, which no reader is given.
import { and, count, desc, eq, isNotNull, isNull, lte, sql, type SQL } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Notification, NotificationType, Priority } from '../domain/notification.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Timestamp } from '../domain/time.ts'
import { chunked } from './chunked.ts'
import type { Db, Statement } from './client.ts'
import { notifications } from './outward-schema.ts'

type Row = typeof notifications.$inferSelect

export const notificationOf = ({
  type,
  priority,
  sender,
  metadata,
  actionUrl,
  groupId,
  seq,
  readAt,
  isListed: _,
  ...row
}: Row): Notification => ({
  ...row,
  // Only `insertNotifications` writes rows, and it takes no other types and priorities than the table has.
  type: type as NotificationType,
  priority: priority as Priority,
  metadata: JSON.parse(metadata) as Notification['metadata'],
  ...(sender !== null && { sender: JSON.parse(sender) as NonNullable<Notification['sender']> }),
  ...(actionUrl !== null && { actionUrl }),
  ...(groupId !== null && { groupId }),
  ...(seq !== null && { seq }),
  ...(readAt !== null && { readAt }),
})

export interface NewNotification extends Notification {
  readonly isListed: boolean
}

/** The statements that store them; one that is there already stays as it is. */
export function insertNotifications(db: Db, all: readonly NewNotification[]): Statement[] {
  return chunked(all).map((some) => {
    const rows = some.map((n) => {
      const { id, userId, type, priority, title, message, sender, metadata, actionUrl = null, groupId = null, seq = null, createdAt } = n
      const from = sender === undefined ? null : JSON.stringify(sender)
      return [
        id,
        userId,
        type,
        priority,
        title,
        message,
        from,
        JSON.stringify(metadata),
        actionUrl,
        groupId,
        seq,
        n.isListed ? 1 : 0,
        createdAt,
      ]
    })
    return db.run(sql`INSERT INTO notifications (id, user_id, type, priority, title, message, sender, metadata, action_url, group_id, seq, is_listed, created_at)
      SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, value->>10, value->>11, value->>12
      FROM json_each(${JSON.stringify(rows)}) WHERE TRUE ON CONFLICT (id) DO NOTHING`)
  })
}

// Spelled out, because a partial index serves only those who say its condition in the same words.
const isListed = sql`${notifications.isListed} = 1`
const listedFor = (userId: Id<'user'>): SQL | undefined => and(eq(notifications.userId, userId), isListed)
const unreadOf = (userId: Id<'user'>): SQL | undefined => and(listedFor(userId), isNull(notifications.readAt))

export interface NotificationFilter {
  readonly isRead?: boolean | undefined
  readonly type?: NotificationType | undefined
  readonly priority?: Priority | undefined
}

/** So many are counted; nobody leafs through more. */
const MOST_COUNTED = 10_000

/** A page of what the user was told, the newest first, and how much of it they have not read, in one trip. */
export async function selectNotifications(
  db: Db,
  userId: Id<'user'>,
  { isRead, type, priority }: NotificationFilter,
  request: PageRequest,
): Promise<Page<Notification> & { readonly unread: number }> {
  const { createdAt, id, readAt } = notifications
  const chosen = and(
    listedFor(userId),
    isRead === undefined ? undefined : isRead ? isNotNull(readAt) : isNull(readAt),
    type && eq(notifications.type, type),
    priority && eq(notifications.priority, priority),
  )
  const { after, size, page } = request
  const behind = after && sql`(${createdAt}, ${id}) < (${after[0] ?? 0}, ${after[1] ?? ''})`
  const counted = db
    .select({ one: sql`1`.as('one') })
    .from(notifications)
    .where(chosen)
    .limit(MOST_COUNTED)
    .as('counted')
  const [rows, [total], [unread]] = await db.batch([
    db
      .select()
      .from(notifications)
      .where(and(chosen, behind))
      .orderBy(desc(createdAt), desc(id))
      .limit(size + 1)
      .offset(after === undefined ? (page - 1) * size : 0),
    db.select({ n: count() }).from(counted),
    db.select({ n: count() }).from(notifications).where(unreadOf(userId)),
  ])
  const items = rows.slice(0, size)
  const last = rows.length > size ? items.at(-1) : undefined
  return {
    items: items.map(notificationOf),
    total: total?.n ?? 0,
    unread: unread?.n ?? 0,
    request,
    ...(last !== undefined && { next: [last.createdAt, last.id] }),
  }
}

/** The user's own notification of this id, if the list shows it. */
export async function findNotification(db: Db, userId: Id<'user'>, id: Id<'notification'>): Promise<Notification | undefined> {
  const row = await db
    .select()
    .from(notifications)
    .where(and(eq(notifications.id, id), listedFor(userId)))
    .get()
  return row === undefined ? undefined : notificationOf(row)
}

/** Says when it was read, or that it was not. */
export const setRead = (db: Db, id: Id<'notification'>, readAt: Timestamp | null): Statement =>
  db.update(notifications).set({ readAt }).where(eq(notifications.id, id))

/** How many the user has not read. */
export async function countUnread(db: Db, userId: Id<'user'>, until: Timestamp): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(notifications)
    .where(and(unreadOf(userId), lte(notifications.createdAt, until)))
  return row?.n ?? 0
}

/** Says of all that were made until then that they were read just now. */
export const setAllRead = (db: Db, userId: Id<'user'>, until: Timestamp): Statement =>
  db
    .update(notifications)
    .set({ readAt: until })
    .where(and(unreadOf(userId), lte(notifications.createdAt, until)))

export const removeNotification = (db: Db, id: Id<'notification'>): Statement => db.delete(notifications).where(eq(notifications.id, id))
