// What the caller was told, and how they want to be told.
import { z } from 'zod'
import { PRIORITIES, TYPES } from '../domain/notification.ts'
import { mapPage } from '../domain/page.ts'
import { flag, id, instantOrNull, instantOut } from '../http/fields.ts'
import { data, list, message, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  deleteNotification,
  getNotification,
  getNotificationPreferences,
  listNotifications,
  markAllNotificationsRead,
  markNotificationRead,
  markNotificationUnread,
  updateNotificationPreferences,
} from '../services/notifications.ts'
import { EXAMPLE_NOTIFICATION, NotificationOut, notificationOut } from './notification-shapes.ts'
import { changeOf, EXAMPLE_PREFERENCES, PreferencesIn, PreferencesOut, preferencesOut } from './preference-shapes.ts'

const tag = 'Notifications'
const ONE = '/api/notifications/{notification_id}/'
const path = z.object({ notification_id: id('notification') })

const ReadOut = z.object({ id: z.string(), is_read: z.boolean(), read_at: instantOut.nullable() }).meta({ id: 'NotificationRead' })

const readOut = ({ id: notificationId, readAt }: Awaited<ReturnType<typeof getNotification>>): z.input<typeof ReadOut> => ({
  id: notificationId,
  is_read: readAt !== undefined,
  read_at: instantOrNull(readAt),
})

const READ = { id: EXAMPLE_NOTIFICATION.id, is_read: true, read_at: '2024-01-15T10:30:00.000Z' }

const preferences: readonly Operation[] = [
  operation({
    id: 'getNotificationPreferences',
    on: 'GET /api/notifications/preferences/',
    summary: 'Read how you are told',
    description:
      'The switch of each channel, every type of notification with the channels by which it reaches you, and your quiet hours. Email goes to a verified address only. With notifications_enabled off in your account nothing goes out, and the list stays.',
    tag,
    access: user('notifications:read'),
    limit: 'read',
    reply: data(200, PreferencesOut),
    fails: [],
    example: { reply: EXAMPLE_PREFERENCES },
    run: async (ctx) => preferencesOut(await getNotificationPreferences(ctx)),
  }),
  operation({
    id: 'updateNotificationPreferences',
    on: 'PUT /api/notifications/preferences/',
    summary: 'Change how you are told',
    description:
      'Changes what is sent and keeps the rest, also within a type and within `quiet_hours`. In quiet hours nothing but what is urgent leaves the app; it follows when they end. `email_enabled` and `push_enabled` are the same as in the settings of your account.',
    tag,
    access: user('notifications:write'),
    limit: 'write',
    body: PreferencesIn,
    reply: message('Preferences updated successfully'),
    fails: ['request.invalid', 'request.key_reused'],
    example: {
      body: {
        email_enabled: true,
        push_enabled: true,
        preferences: [{ type: 'expense_added', enabled: false }],
        quiet_hours: { enabled: true, start: '23:00', end: '07:00' },
      },
    },
    run: (ctx, { body }) => updateNotificationPreferences(ctx, changeOf(body)),
  }),
]

const all: readonly Operation[] = [
  operation({
    id: 'listNotifications',
    on: 'GET /api/notifications/',
    summary: 'List notifications',
    description:
      'What you were told in the app, the newest first. `meta.unread_count` counts all that you have not read, whatever the filters. Those you have read are kept for 90 days, others for 400.',
    tag,
    access: user('notifications:read'),
    limit: 'read',
    query: z.strictObject({
      ...pageFields,
      is_read: flag.optional().meta({ description: 'Filter by read status', example: 'false' }),
      type: z
        .enum(TYPES, `Must be one of ${TYPES.join(', ')}`)
        .optional()
        .meta({ description: 'Filter by notification type' }),
      priority: z.enum(PRIORITIES).optional().meta({ description: 'Filter by priority' }),
    }),
    reply: list(NotificationOut, z.object({ unread_count: z.int().min(0) })),
    fails: [],
    example: { reply: [EXAMPLE_NOTIFICATION], meta: { unread_count: 5 } },
    run: async (ctx, { query }) => {
      const { is_read: isRead, type, priority } = query
      const page = await listNotifications(ctx, { isRead, type, priority }, pageRequest(query))
      return { ...mapPage(page, notificationOut), meta: { unread_count: page.unread } }
    },
  }),
  operation({
    id: 'markAllNotificationsRead',
    on: 'POST /api/notifications/mark-all-read/',
    summary: 'Mark all as read',
    description: 'Marks everything that you were told until now as read, and says how much of it was not.',
    tag,
    access: user('notifications:write'),
    limit: 'write',
    reply: data(200, z.object({ updated_count: z.int().min(0) })),
    fails: ['request.key_reused'],
    example: { reply: { updated_count: 5 } },
    run: async (ctx) => ({ updated_count: await markAllNotificationsRead(ctx) }),
  }),
]

const single: readonly Operation[] = [
  operation({
    id: 'getNotification',
    on: `GET ${ONE}`,
    summary: 'Read a notification',
    description: 'One notification of yours. Reading it here does not mark it as read.',
    tag,
    access: user('notifications:read'),
    limit: 'read',
    path,
    reply: data(200, NotificationOut),
    fails: ['notification.not_found'],
    example: { reply: EXAMPLE_NOTIFICATION },
    run: async (ctx, { path: { notification_id } }) => notificationOut(await getNotification(ctx, notification_id)),
  }),
  operation({
    id: 'deleteNotification',
    on: `DELETE ${ONE}`,
    summary: 'Delete a notification',
    description: 'Takes it out of your list. If it was still to go out by another channel, it does not.',
    tag,
    access: user('notifications:write'),
    limit: 'write',
    path,
    reply: nothing,
    fails: ['notification.not_found', 'request.key_reused'],
    example: {},
    run: (ctx, { path: { notification_id } }) => deleteNotification(ctx, notification_id),
  }),
  operation({
    id: 'markNotificationRead',
    on: `PUT ${ONE}read/`,
    summary: 'Mark as read',
    description: 'Marks it as read. One that was read before keeps the time of that.',
    tag,
    access: user('notifications:write'),
    limit: 'write',
    path,
    reply: data(200, ReadOut),
    fails: ['notification.not_found', 'request.key_reused'],
    example: { reply: READ },
    run: async (ctx, { path: { notification_id } }) => readOut(await markNotificationRead(ctx, notification_id)),
  }),
  operation({
    id: 'markNotificationUnread',
    on: `PUT ${ONE}unread/`,
    summary: 'Mark as unread',
    description: 'Marks it as not read, to come back to it.',
    tag,
    access: user('notifications:write'),
    limit: 'write',
    path,
    reply: data(200, ReadOut),
    fails: ['notification.not_found', 'request.key_reused'],
    example: { reply: { ...READ, is_read: false, read_at: null } },
    run: async (ctx, { path: { notification_id } }) => readOut(await markNotificationUnread(ctx, notification_id)),
  }),
]

// What is spelled out comes before what has an id in its place.
export const notifications: readonly Operation[] = [...preferences, ...all, ...single]
