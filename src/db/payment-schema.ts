// The tables of payments through a provider, and of the provider that comes with us.
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { MethodType } from '../domain/payment-method.ts'
import type { GatewayName, PaymentStatus } from '../domain/payment.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

/** How somebody pays and is paid. One of those that are not deleted is the default. */
export const paymentMethods = sqliteTable(
  'payment_methods',
  {
    id: id<Id<'paymentMethod'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    type: text('type').$type<MethodType>().notNull(),
    name: text('name').notNull(),
    /** What may be shown, as JSON. */
    details: text('details').notNull(),
    /** All of it, encrypted. */
    sealed: text('sealed').notNull(),
    isDefault: integer('is_default', { mode: 'boolean' }).notNull(),
    isVerified: integer('is_verified', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    index('payment_methods_user')
      .on(t.userId, t.id)
      .where(sql`${t.deletedAt} IS NULL`),
    uniqueIndex('payment_methods_default')
      .on(t.userId)
      .where(sql`${t.isDefault} = 1 AND ${t.deletedAt} IS NULL`),
  ],
)

/** A payment that was intended, and what became of it. The row is there before the provider hears of it. */
export const payments = sqliteTable(
  'payments',
  {
    id: id<Id<'payment'>>('id').primaryKey(),
    settlementId: id<Id<'settlement'>>('settlement_id').notNull(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    userId: id<Id<'user'>>('user_id').notNull(),
    methodId: id<Id<'paymentMethod'>>('method_id').notNull(),
    gateway: text('gateway').$type<GatewayName>().notNull(),
    /** Minor units, as `refunded`. */
    minor: integer('minor').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    status: text('status').$type<PaymentStatus>().notNull(),
    externalId: text('external_id'),
    transactionId: text('transaction_id'),
    /** As JSON. */
    error: text('error'),
    refunded: integer('refunded').notNull(),
    refundAskedAt: integer('refund_asked_at'),
    sentAt: integer('sent_at'),
    processedAt: integer('processed_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    attempts: integer('attempts').notNull(),
  },
  (t) => [
    index('payments_user').on(t.userId, t.id),
    index('payments_group').on(t.groupId, t.id),
    uniqueIndex('payments_external').on(t.gateway, t.externalId),
    index('payments_open')
      .on(t.createdAt)
      .where(sql`${t.status} IN ('created', 'processing', 'requires_action') OR ${t.refundAskedAt} IS NOT NULL`),
  ],
)

/** What the sandbox's provider knows. Nothing of ours reads it but through the gateway. */
export const sandboxPayments = sqliteTable(
  'sandbox_payments',
  {
    id: text('id').primaryKey(),
    /** The payment that asked for it: its idempotency key. */
    key: text('key').notNull().unique(),
    about: text('about').notNull(),
    card: text('card').notNull(),
    minor: integer('minor').notNull(),
    currency: text('currency').notNull(),
    status: text('status').notNull(),
    decline: text('decline'),
    /** When it will have settled, and as what. */
    settlesAt: integer('settles_at'),
    settlesTo: text('settles_to'),
    /** Refunded at once and as a whole. */
    refundId: text('refund_id'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [index('sandbox_payments_created').on(t.createdAt)],
)
