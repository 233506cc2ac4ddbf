// What people were told, for tests: stored at once, or waited for until the jobs have made it.
import { insertNotifications } from '../../src/db/notifications.ts'
import { connect, runBatch } from '../../src/db/client.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import type { Notification } from '../../src/domain/notification.ts'
import { env } from './env.ts'

/** A notification as it might have come of something. */
export const notification = (userId: string, fields: Partial<Notification> = {}): Notification => ({
  id: newId('notification'),
  userId: userId as Id<'user'>,
  type: 'balance_reminder',
  priority: 'normal',
  title: 'You owe something',
  message: 'Your balance is open',
  metadata: {},
  createdAt: Date.now(),
  ...fields,
})

/** Puts one into the list of the user; answers its id. */
export async function storeNotification(userId: string, fields: Partial<Notification> = {}): Promise<string> {
  const db = connect(env.DB)
  const stored = notification(userId, fields)
  await runBatch(db, insertNotifications(db, [{ ...stored, isListed: true }]))
  return stored.id
}
