// What the caller was told, and how they want to be told. Nobody ever sees or changes what somebody else was told.
import { signedIn, type Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import * as rows from '../db/notifications.ts'
import { patchPreferences, patchSettings, readRecipients, type PreferencesPatch } from '../db/preferences.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import type { Notification } from '../domain/notification.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Preferences } from '../domain/preferences.ts'
import type { UserSettings } from '../domain/user.ts'
import { commit } from './repeatable.ts'

/** What the caller was told in the app, the newest first, and how much of it they have not read. */
export const listNotifications = (
  ctx: Ctx,
  filter: rows.NotificationFilter,
  request: PageRequest,
): Promise<Page<Notification> & { readonly unread: number }> => rows.selectNotifications(ctx.db, signedIn(ctx).userId, filter, request)

/** Throws `notification.not_found` also for what somebody else was told. */
export async function getNotification(ctx: Ctx, id: Id<'notification'>): Promise<Notification> {
  const found = await rows.findNotification(ctx.db, signedIn(ctx).userId, id)
  if (found === undefined) throw new AppError('notification.not_found')
  return found
}

/** Notes that it was read; one that was read before keeps its time. Throws `notification.not_found`. */
export const markNotificationRead = (ctx: Ctx, id: Id<'notification'>): Promise<Notification> =>
  commit(ctx, async () => {
    const found = await getNotification(ctx, id)
    const { readAt = ctx.now } = found
    return { statements: found.readAt === undefined ? [rows.setRead(ctx.db, id, readAt)] : [], outcome: { ...found, readAt } }
  })

/** Notes that it was not read. Throws `notification.not_found`. */
export const markNotificationUnread = (ctx: Ctx, id: Id<'notification'>): Promise<Notification> =>
  commit(ctx, async () => {
    const { readAt: _, ...unread } = await getNotification(ctx, id)
    return { statements: [rows.setRead(ctx.db, id, null)], outcome: unread }
  })

/** Notes that everything there is by now was read; answers how many had not been. */
export function markAllNotificationsRead(ctx: Ctx): Promise<number> {
  const { userId } = signedIn(ctx)
  return commit(ctx, async () => ({
    statements: [rows.setAllRead(ctx.db, userId, ctx.now)],
    outcome: await rows.countUnread(ctx.db, userId, ctx.now),
  }))
}

/** Takes it out of the list for good; what of it was still to go out does not. Throws `notification.not_found`. */
export async function deleteNotification(ctx: Ctx, id: Id<'notification'>): Promise<void> {
  await commit(ctx, async () => {
    await getNotification(ctx, id)
    return { statements: [rows.removeNotification(ctx.db, id)], outcome: null }
  })
}

/** What the caller wants to be told and how, with the defaults where they did not say. */
export async function getNotificationPreferences(ctx: Ctx): Promise<Preferences> {
  const { userId } = signedIn(ctx)
  const recipient = (await readRecipients(ctx.db.$client, [userId])).get(userId)
  if (recipient === undefined) throw new AppError('auth.invalid_token')
  return recipient.preferences
}

/** What is to change; what is not named stays. */
export interface PreferencesChange extends PreferencesPatch {
  /** Those switches that are settings of the account. */
  readonly settings: Partial<UserSettings>
}

/** Throws `request.invalid` where the quiet hours, as they would then be, end when they start. */
async function requireHours(ctx: Ctx, { quietHours }: PreferencesPatch): Promise<void> {
  if (quietHours?.start === undefined && quietHours?.end === undefined) return
  const before = (await getNotificationPreferences(ctx)).quietHours
  const { start = before.start, end = before.end } = quietHours
  if (start !== end) return
  const message = 'Quiet hours must end at another time than they start; send enabled: false for none'
  throw new AppError('request.invalid', [{ field: 'quiet_hours.end', message, code: 'INVALID_VALUE', expected: `not ${start}`, got: end }])
}

/** Changes what the caller wants to be told. Throws `request.invalid` for quiet hours without a length. */
export async function updateNotificationPreferences(ctx: Ctx, { settings, ...patch }: PreferencesChange): Promise<void> {
  const { userId } = signedIn(ctx)
  await commit(ctx, async () => {
    await requireHours(ctx, patch)
    const statements: Statement[] = []
    if (Object.keys(settings).length > 0) statements.push(patchSettings(ctx.db, userId, settings, ctx.now))
    if (Object.keys(patch).length > 0) statements.push(patchPreferences(ctx.db, userId, patch, ctx.now))
    return { statements, outcome: null }
  })
}
