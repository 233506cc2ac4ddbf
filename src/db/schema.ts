// The tables of D1. The journal and its postings are the truth; every other table of a group is a
// reading of them, written in the same batch. Triggers and the search table stand in their own migration.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { Day } from '../domain/time.ts'
import type { UserProfile, UserSettings, Tier } from '../domain/user.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

export const users = sqliteTable(
  'users',
  {
    id: id<Id<'user'>>('id').primaryKey(),
    email: text('email').notNull().unique(),
    username: text('username').notNull().unique(),
    passwordHash: text('password_hash').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    bio: text('bio').notNull().default(''),
    avatarKey: text('avatar_key'),
    preferredCurrency: text('preferred_currency').$type<Currency>().notNull(),
    timezone: text('timezone').notNull(),
    profile: text('profile', { mode: 'json' }).$type<UserProfile>().notNull(),
    settings: text('settings', { mode: 'json' }).$type<UserSettings>().notNull(),
    tier: text('tier').$type<Tier>().notNull().default('standard'),
    isVerified: integer('is_verified', { mode: 'boolean' }).notNull().default(false),
    personalGroupId: id<Id<'group'>>('personal_group_id').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deactivatedAt: integer('deactivated_at'),
  },
  // For the reminders of a morning: which zones there are, and who is in one.
  (t) => [
    index('users_zone')
      .on(t.timezone, t.id)
      .where(sql`${t.deactivatedAt} IS NULL`),
  ],
)

/** One row is one refresh token family; only the current generation is good. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: id<Id<'session'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    generation: integer('generation').notNull(),
    refreshHash: text('refresh_hash').notNull(),
    rotatedAt: integer('rotated_at').notNull(),
    userAgent: text('user_agent').notNull(),
    ip: text('ip').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    revokedAt: integer('revoked_at'),
  },
  (t) => [index('sessions_user').on(t.userId)],
)

export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: id<Id<'apiKey'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    name: text('name').notNull(),
    hash: text('hash').notNull().unique(),
    hint: text('hint').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<readonly string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
  },
  (t) => [index('api_keys_user').on(t.userId)],
)

/** Proofs sent by mail: a short code to type and a long token for a link, both stored as hashes. */
export const emailProofs = sqliteTable(
  'email_proofs',
  {
    id: text('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    purpose: text('purpose').$type<'verify' | 'reset'>().notNull(),
    codeHash: text('code_hash').notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    tries: integer('tries').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
  },
  (t) => [index('email_proofs_user').on(t.userId, t.purpose)],
)

/** Failed sign-ins by hashed e-mail, so that unknown accounts lock like known ones. */
export const loginAttempts = sqliteTable('login_attempts', {
  emailHash: text('email_hash').primaryKey(),
  failures: integer('failures').notNull(),
  lockedUntil: integer('locked_until'),
  updatedAt: integer('updated_at').notNull(),
})

export const loginHistory = sqliteTable(
  'login_history',
  {
    id: text('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    at: integer('at').notNull(),
    ip: text('ip').notNull(),
    userAgent: text('user_agent').notNull(),
    outcome: text('outcome').$type<'success' | 'failure'>().notNull(),
  },
  (t) => [index('login_history_user').on(t.userId, t.at)],
)

/** Categories people made for themselves; the system tree is in `domain/categories.ts`. */
export const categories = sqliteTable(
  'categories',
  {
    id: id<Id<'category'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    name: text('name').notNull(),
    icon: text('icon').notNull(),
    color: text('color').notNull(),
    parentId: id<Id<'category'>>('parent_id'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    uniqueIndex('categories_name')
      .on(t.userId, sql`lower(${t.name})`)
      .where(sql`${t.deletedAt} IS NULL`),
  ],
)

/** Replies of writes that carried an Idempotency-Key, stored in the batch of the write itself. */
export const idempotency = sqliteTable(
  'idempotency',
  {
    actor: text('actor').notNull(),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    outcome: text('outcome').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.actor, t.key] })],
)

export const groups = sqliteTable(
  'groups',
  {
    id: id<Id<'group'>>('id').primaryKey(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    type: text('type').notNull(),
    isPersonal: integer('is_personal', { mode: 'boolean' }).notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    isPrivate: integer('is_private', { mode: 'boolean' }).notNull(),
    inviteCode: text('invite_code').unique(),
    imageKey: text('image_key'),
    settings: text('settings').notNull(),
    createdBy: id<Id<'user'>>('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    archivedAt: integer('archived_at'),
    frozenAt: integer('frozen_at'),
    seq: integer('seq').notNull(),
    head: text('head').notNull(),
    /** The seq that last changed the group itself: its ETag. */
    version: integer('version').notNull(),
    memberCount: integer('member_count').notNull(),
    expenseCount: integer('expense_count').notNull(),
    /** In minor units of the group's currency. */
    totalMinor: integer('total_minor').notNull(),
    unsettledMinor: integer('unsettled_minor').notNull(),
    /** The last entry that those outside were told of: what lies between it and `seq` is owed to them. */
    toldSeq: integer('told_seq').notNull().default(0),
  },
  (t) => [
    index('groups_behind')
      .on(t.id)
      .where(sql`${t.seq} > ${t.toldSeq}`),
  ],
)

export const members = sqliteTable(
  'members',
  {
    id: id<Id<'member'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    userId: id<Id<'user'>>('user_id'),
    name: text('name').notNull(),
    email: text('email'),
    avatarKey: text('avatar_key'),
    role: text('role').notNull(),
    status: text('status').notNull(),
    joinedAt: integer('joined_at').notNull(),
    invitedBy: id<Id<'member'>>('invited_by'),
    endedAt: integer('ended_at'),
  },
  (t) => [
    uniqueIndex('members_user')
      .on(t.userId, t.groupId)
      .where(sql`${t.userId} IS NOT NULL`),
    index('members_group').on(t.groupId),
    index('members_email')
      .on(t.email)
      .where(sql`${t.email} IS NOT NULL AND ${t.userId} IS NULL`),
  ],
)

/** Append-only and chained. `texts` and `salt` can be emptied to erase a person's words; the digest stays. */
export const journal = sqliteTable(
  'journal',
  {
    groupId: id<Id<'group'>>('group_id').notNull(),
    seq: integer('seq').notNull(),
    commandId: id<Id<'command'>>('command_id').notNull(),
    at: integer('at').notNull(),
    type: text('type').notNull(),
    body: text('body').notNull(),
    texts: text('texts'),
    salt: text('salt'),
    textDigest: text('text_digest').notNull(),
    previous: text('previous').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.seq] }), uniqueIndex('journal_command').on(t.groupId, t.commandId)],
)

/** Append-only, in the order of the journal, so that the lines of an entry lie side by side. */
export const postings = sqliteTable(
  'postings',
  {
    groupId: id<Id<'group'>>('group_id').notNull(),
    memberId: id<Id<'member'>>('member_id').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    seq: integer('seq').notNull(),
    paid: integer('paid').notNull(),
    owed: integer('owed').notNull(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.seq, t.memberId, t.currency] })],
)

/** The sum of the postings, kept by a trigger. `square_seq` and `square_at`: the last entry after which the member owed nothing. */
export const balances = sqliteTable(
  'balances',
  {
    groupId: id<Id<'group'>>('group_id').notNull(),
    memberId: id<Id<'member'>>('member_id').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    paid: integer('paid').notNull(),
    owed: integer('owed').notNull(),
    squareSeq: integer('square_seq').notNull(),
    squareAt: integer('square_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.memberId, t.currency] })],
)

export const expenses = sqliteTable(
  'expenses',
  {
    /** Row number: what the search table refers to. */
    n: integer('n').primaryKey(),
    id: id<Id<'expense'>>('id').notNull().unique(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    date: text('date').$type<Day>().notNull(),
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    title: text('title').notNull(),
    /** Thousandths of a major unit, so that amounts of different currencies compare as written. */
    amountMilli: integer('amount_milli').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    categoryId: id<Id<'category'>>('category_id'),
    paidBy: id<Id<'member'>>('paid_by').notNull(),
    splitType: text('split_type').notNull(),
    postedSeq: integer('posted_seq').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
    /** What a list shows, as JSON; `more` is the rest of the expense. */
    body: text('body').notNull(),
    more: text('more').notNull(),
  },
  // With `deleted_at` in it, so that the rows of a page are found without fetching any.
  (t) => [index('expenses_group_date').on(t.groupId, t.date, t.id, t.deletedAt)],
)

export const comments = sqliteTable(
  'comments',
  {
    id: id<Id<'comment'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    expenseId: id<Id<'expense'>>('expense_id').notNull(),
    memberId: id<Id<'member'>>('member_id').notNull(),
    text: text('text').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [index('comments_expense').on(t.expenseId), index('comments_group').on(t.groupId, t.id)],
)

export const invitations = sqliteTable(
  'invitations',
  {
    id: id<Id<'invitation'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    memberId: id<Id<'member'>>('member_id').notNull(),
    email: text('email').notNull(),
    message: text('message').notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    acceptedAt: integer('accepted_at'),
    revokedAt: integer('revoked_at'),
  },
  (t) => [
    index('invitations_email').on(t.email),
    index('invitations_group').on(t.groupId, t.id),
    index('invitations_open')
      .on(t.expiresAt)
      .where(sql`${t.acceptedAt} IS NULL AND ${t.revokedAt} IS NULL`),
  ],
)

/** The promise of every outward effect, written with what caused it. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: id<Id<'outbox'>>('id').primaryKey(),
    kind: text('kind').notNull(),
    groupId: id<Id<'group'>>('group_id'),
    seq: integer('seq'),
    payload: text('payload').notNull(),
    dueAt: integer('due_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    leaseUntil: integer('lease_until'),
    doneAt: integer('done_at'),
    deadAt: integer('dead_at'),
    error: text('error'),
  },
  (t) => [
    index('outbox_due')
      .on(t.dueAt)
      .where(sql`${t.doneAt} IS NULL AND ${t.deadAt} IS NULL`),
    index('outbox_dead')
      .on(t.id)
      .where(sql`${t.deadAt} IS NOT NULL`),
    index('outbox_group')
      .on(t.groupId, t.id)
      .where(sql`${t.groupId} IS NOT NULL`),
  ],
)

/** How far each group has been audited, and whether it was sound. */
export const audits = sqliteTable('audits', {
  groupId: id<Id<'group'>>('group_id').primaryKey(),
  seq: integer('seq').notNull(),
  at: integer('at').notNull(),
  violations: integer('violations').notNull(),
})

/** Objects in R2: object first, then this row. */
export const files = sqliteTable(
  'files',
  {
    key: text('key').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    groupId: id<Id<'group'>>('group_id'),
    purpose: text('purpose').$type<'avatar' | 'receipt'>().notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    size: integer('size').notNull(),
    sha256: text('sha256').notNull(),
    createdAt: integer('created_at').notNull(),
    /** When it was taken out of the expense that it was kept with; its object is gone. */
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('files_group')
      .on(t.groupId, t.key)
      .where(sql`${t.groupId} IS NOT NULL`),
  ],
)

/** Units of a currency for one euro on a day, as decimal text. */
export const rates = sqliteTable(
  'rates',
  {
    currency: text('currency').$type<Currency>().notNull(),
    date: text('date').$type<Day>().notNull(),
    perEuro: text('per_euro').notNull(),
  },
  (t) => [primaryKey({ columns: [t.currency, t.date] })],
)
