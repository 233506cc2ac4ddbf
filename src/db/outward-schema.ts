// The tables of what goes out: notifications, webhooks, what waits to be sent, and the work that people can look
// at. All of it follows from the journal or from somebody's request, and none of it is money.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Id } from '../domain/ids.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

/** What each consumer has taken in. The row is part of the batch of its effect, so a second time fails as a whole. */
export const inbox = sqliteTable(
  'inbox',
  {
    consumer: text('consumer').notNull(),
    messageId: text('message_id').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.consumer, t.messageId] }), index('inbox_at').on(t.at)],
)

/** A piece of work that somebody asked for and can look at. */
export const jobs = sqliteTable(
  'jobs',
  {
    id: id<Id<'job'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    kind: text('kind').notNull(),
    /** What is to be done, and what came of it, as JSON. */
    input: text('input').notNull(),
    result: text('result'),
    state: text('state').$type<'queued' | 'running' | 'done' | 'failed'>().notNull(),
    doneUnits: integer('done_units').notNull(),
    /** 0 while nobody knows. */
    totalUnits: integer('total_units').notNull(),
    attempts: integer('attempts').notNull(),
    error: text('error'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
  },
  (t) => [index('jobs_user').on(t.userId, t.id)],
)

export const notifications = sqliteTable(
  'notifications',
  {
    id: id<Id<'notification'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    type: text('type').notNull(),
    priority: text('priority').notNull(),
    title: text('title').notNull(),
    message: text('message').notNull(),
    /** Who caused it, as JSON with id and name. */
    sender: text('sender'),
    metadata: text('metadata').notNull(),
    actionUrl: text('action_url'),
    groupId: id<Id<'group'>>('group_id'),
    seq: integer('seq'),
    /** Whether the list shows it; one that is not in it is here to go out by other channels. */
    isListed: integer('is_listed', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    readAt: integer('read_at'),
  },
  (t) => [
    index('notifications_user')
      .on(t.userId, t.createdAt, t.id)
      .where(sql`${t.isListed} = 1`),
    index('notifications_unread')
      .on(t.userId)
      .where(sql`${t.isListed} = 1 AND ${t.readAt} IS NULL`),
    index('notifications_created').on(t.createdAt),
  ],
)

/** A notification that is still to go out by a channel, and when. Those that go out together bear one id. */
export const notices = sqliteTable(
  'notices',
  {
    userId: id<Id<'user'>>('user_id').notNull(),
    channel: text('channel').notNull(),
    notificationId: id<Id<'notification'>>('notification_id').notNull(),
    dueAt: integer('due_at').notNull(),
    mailId: id<Id<'mail'>>('mail_id'),
  },
  (t) => [primaryKey({ columns: [t.userId, t.channel, t.notificationId] })],
)

/** What a person wants to be told, how and when, as JSON; absent means the defaults. */
export const notificationPreferences = sqliteTable('notification_preferences', {
  userId: id<Id<'user'>>('user_id').primaryKey(),
  body: text('body').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

export const webhookEndpoints = sqliteTable(
  'webhook_endpoints',
  {
    id: id<Id<'webhook'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    url: text('url').notNull(),
    description: text('description').notNull(),
    /** Names of events, as a JSON list. */
    events: text('events').notNull(),
    /** Ids of groups as a JSON list; absent means every group of the user. */
    groupIds: text('group_ids'),
    /** Encrypted; the one before it signs too until `previous_until`. */
    secret: text('secret').notNull(),
    previousSecret: text('previous_secret'),
    previousUntil: integer('previous_until'),
    /** Where links in payloads point: the origin at which it was registered. */
    origin: text('origin').notNull(),
    disabledAt: integer('disabled_at'),
    disabledReason: text('disabled_reason').$type<'owner' | 'gone' | 'failing'>(),
    /** Since when nothing got through; absent after a success. */
    failingSince: integer('failing_since'),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('webhook_endpoints_user')
      .on(t.userId)
      .where(sql`${t.deletedAt} IS NULL`),
  ],
)

/** One event for one endpoint. Its id is made of what it is about, so that a replay finds the same one. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: id<Id<'delivery'>>('id').primaryKey(),
    endpointId: id<Id<'webhook'>>('endpoint_id').notNull(),
    /** Empty for what belongs to no group: a test. */
    groupId: text('group_id').$type<Id<'group'> | ''>().notNull(),
    seq: integer('seq').notNull(),
    /** Its place among the events of one entry. */
    n: integer('n').notNull(),
    event: text('event').notNull(),
    /** The body, byte for byte as it is signed. */
    body: text('body').notNull(),
    state: text('state').$type<'pending' | 'delivered' | 'failed'>().notNull(),
    attempts: integer('attempts').notNull(),
    createdAt: integer('created_at').notNull(),
    deliveredAt: integer('delivered_at'),
  },
  (t) => [
    index('deliveries_lane')
      .on(t.endpointId, t.groupId, t.seq, t.n)
      .where(sql`${t.state} = 'pending'`),
    index('deliveries_log').on(t.endpointId, t.createdAt, t.id),
    index('deliveries_created').on(t.createdAt),
  ],
)

export const deliveryAttempts = sqliteTable(
  'delivery_attempts',
  {
    deliveryId: id<Id<'delivery'>>('delivery_id').notNull(),
    n: integer('n').notNull(),
    at: integer('at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** Of the reply; absent when there was none. */
    status: integer('status'),
    error: text('error'),
    requestHeaders: text('request_headers').notNull(),
    /** At most 8 KB of it. */
    response: text('response').notNull(),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.n] })],
)
