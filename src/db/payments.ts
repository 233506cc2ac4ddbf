// Payments through a provider: the intent and what is known of it. What has been said never turns back: an update names
// the statuses that it may follow.
import { and, asc, desc, eq, inArray, isNull, sql, type SQL } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import { mayFollow, type GatewayName, type Payment, type PaymentError, type PaymentStatus } from '../domain/payment.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { newEffect, promiseEffect } from './outbox.ts'
import { payments } from './payment-schema.ts'

type Row = typeof payments.$inferSelect

function paymentOf({ error, externalId, transactionId, refundAskedAt, sentAt, processedAt, ...row }: Row): Payment {
  return {
    ...row,
    ...(externalId !== null && { externalId }),
    ...(transactionId !== null && { transactionId }),
    ...(refundAskedAt !== null && { refundAskedAt }),
    ...(sentAt !== null && { sentAt }),
    ...(processedAt !== null && { processedAt }),
    ...(error !== null && { error: JSON.parse(error) as PaymentError }),
  }
}

/** The statements that store the intent and promise that it comes to an end, if nobody brings it there before `dueAt`. */
export const insertPayment = (db: Db, { error: _, ...payment }: Payment, dueAt: Timestamp): Statement[] => [
  db.insert(payments).values(payment),
  promisePayment(db, payment.id, dueAt),
]

/** The statement that promises that the provider is asked how the payment stands. */
export const promisePayment = (db: Db, paymentId: Id<'payment'>, dueAt: Timestamp): Statement =>
  promiseEffect(db, newEffect({ kind: 'settle_payment', paymentId }, dueAt))

/** Stores a payment that only the provider still knew of. Does nothing where it is known. */
export const restorePayment = (db: Db, { error: _, ...payment }: Payment): Statement =>
  db.insert(payments).values(payment).onConflictDoNothing()

const findBy = async (db: Db, condition: SQL | undefined): Promise<Payment | undefined> => {
  const row = await db.select().from(payments).where(condition).get()
  return row === undefined ? undefined : paymentOf(row)
}

export const findPayment = (db: Db, id: Id<'payment'>): Promise<Payment | undefined> => findBy(db, eq(payments.id, id))

export const findPaymentByExternal = (db: Db, gateway: GatewayName, externalId: string): Promise<Payment | undefined> =>
  findBy(db, and(eq(payments.gateway, gateway), eq(payments.externalId, externalId)))

/** Who may see a payment: the members of its group, as they see its settlement. */
const isSeenBy = (viewer: Id<'user'>): SQL =>
  sql`EXISTS (SELECT 1 FROM members v WHERE v.group_id = ${payments.groupId} AND v.user_id = ${viewer} AND v.status = 'active')`

export const findSeenPayment = (db: Db, viewer: Id<'user'>, id: Id<'payment'>): Promise<Payment | undefined> =>
  findBy(db, and(eq(payments.id, id), isSeenBy(viewer)))

export interface PaymentFilter {
  readonly status?: PaymentStatus | undefined
  readonly settlementId?: Id<'settlement'> | undefined
}

/** The payments that the user has made, the newest first. */
export async function listPayments(db: Db, userId: Id<'user'>, filter: PaymentFilter, request: PageRequest): Promise<Page<Payment>> {
  const [before] = request.after ?? []
  const isAsked = and(
    eq(payments.userId, userId),
    filter.status && eq(payments.status, filter.status),
    filter.settlementId && eq(payments.settlementId, filter.settlementId),
  )
  const [rows, total] = await Promise.all([
    db
      .select()
      .from(payments)
      .where(before === undefined ? isAsked : and(isAsked, sql`${payments.id} < ${before}`))
      .orderBy(desc(payments.id))
      .limit(request.size + 1)
      .offset(rowsBefore(request)),
    db.$count(payments, isAsked),
  ])
  return pageOfRows(rows.map(paymentOf), total, request, (payment) => payment.id)
}

/** Takes the payment from `created` to the provider. Answers it as it is then, whoever was first. */
export async function sendPayment(db: Db, id: Id<'payment'>, now: Timestamp): Promise<Payment | undefined> {
  await db
    .update(payments)
    .set({ status: 'processing', sentAt: now, updatedAt: now })
    .where(and(eq(payments.id, id), eq(payments.status, 'created')))
    .run()
  return findPayment(db, id)
}

export type PaymentChange = Partial<Pick<Payment, 'externalId' | 'transactionId' | 'error' | 'refunded' | 'processedAt' | 'minor'>> & {
  readonly refundAskedAt?: null
  readonly updatedAt: Timestamp
}

/** Notes what is known now, unless more is known already. Answers the payment as it is then. */
export async function notePayment(
  db: Db,
  id: Id<'payment'>,
  status: PaymentStatus,
  change: PaymentChange,
  from: readonly PaymentStatus[] = mayFollow(status),
): Promise<Payment | undefined> {
  const { error, refunded, ...rest } = change
  await db
    .update(payments)
    .set({
      ...rest,
      status,
      ...(refunded !== undefined && { refunded: sql`MAX(${payments.refunded}, ${refunded})` }),
      attempts: sql`${payments.attempts} + 1`,
      error: error === undefined ? null : JSON.stringify(error),
    })
    .where(and(eq(payments.id, id), inArray(payments.status, [...from])))
    .run()
  return findPayment(db, id)
}

/** Notes where the provider has the payment, if nobody knows yet. */
export const adoptPayment = (db: Db, id: Id<'payment'>, externalId: string): Statement =>
  db
    .update(payments)
    .set({ externalId, sentAt: sql`COALESCE(${payments.sentAt}, ${payments.createdAt})` })
    .where(and(eq(payments.id, id), isNull(payments.externalId)))

/** The statements that want the payment refunded, and promise that the provider is told. */
export const askRefund = (db: Db, id: Id<'payment'>, now: Timestamp, dueAt: Timestamp): Statement[] => [
  db
    .update(payments)
    .set({ refundAskedAt: now, updatedAt: now, error: null })
    .where(and(eq(payments.id, id), isNull(payments.refundAskedAt))),
  promisePayment(db, id, dueAt),
]

/** Payments that somebody waits for since before then, the longest waiting first. */
export async function listOpenPayments(db: Db, before: Timestamp, limit: number): Promise<Payment[]> {
  const rows = await db
    .select()
    .from(payments)
    .where(
      and(
        sql`(${payments.status} IN ('created', 'processing', 'requires_action') OR ${payments.refundAskedAt} IS NOT NULL)`,
        sql`${payments.createdAt} < ${before}`,
      ),
    )
    .orderBy(asc(payments.createdAt))
    .limit(limit)
  return rows.map(paymentOf)
}

/** Those of the payments that there are, by id. */
export async function findPayments(db: Db, ids: readonly Id<'payment'>[]): Promise<Map<string, Payment>> {
  const rows = await db
    .select()
    .from(payments)
    .where(sql`${payments.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
  return new Map(rows.map((row) => [row.id, paymentOf(row)]))
}

/** What the ledger has of a payment, in minor units, and how often. */
export interface Posted {
  readonly minor: number
  readonly refunded: number
  readonly times: number
}

/** What was posted and reversed for each of the payments. */
export async function readPosted(d1: D1Database, ids: readonly Id<'payment'>[]): Promise<Map<Id<'payment'>, Posted>> {
  const { results } = await d1
    .prepare(
      `SELECT p.id, SUM(e.value->>'minor') AS minor, SUM(e.value->>'refunded') AS refunded, COUNT(*) AS times
       FROM payments p JOIN settlements s ON s.id = p.settlement_id, json_each(s.body, '$.payments') e
       WHERE p.id IN (SELECT value FROM json_each(?)) AND e.value->>'id' = p.id GROUP BY p.id`,
    )
    .bind(JSON.stringify(ids))
    .all<{ id: Id<'payment'>; minor: number; refunded: number; times: number }>()
  return new Map(results.map(({ id, ...posted }) => [id, posted]))
}

/** Whether the journal of the group has the entry of this command. */
export async function isCommandWritten(d1: D1Database, groupId: Id<'group'>, commandId: Id<'command'>): Promise<boolean> {
  const found = await d1.prepare('SELECT 1 AS n FROM journal WHERE group_id = ? AND command_id = ?').bind(groupId, commandId).first('n')
  return found !== null
}
