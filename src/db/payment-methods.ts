// Payment methods. What identifies an account or a card is stored sealed; whoever has the database alone learns no more
// than is shown.
import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { MethodDetails, PaymentMethod } from '../domain/payment-method.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { paymentMethods } from './payment-schema.ts'

type Row = typeof paymentMethods.$inferSelect

/** A method with all of it, sealed. */
export interface KeptMethod {
  readonly method: PaymentMethod
  readonly sealed: string
}

const methodOf = ({ sealed, deletedAt: _, details, ...row }: Row): KeptMethod => ({
  method: { ...row, details: JSON.parse(details) as MethodDetails },
  sealed,
})

const isOwn = (userId: Id<'user'>) => and(eq(paymentMethods.userId, userId), isNull(paymentMethods.deletedAt))

/** The user's methods, the newest first. */
export async function listMethods(db: Db, userId: Id<'user'>, request: PageRequest): Promise<Page<PaymentMethod>> {
  const [before] = request.after ?? []
  const [rows, total] = await Promise.all([
    db
      .select()
      .from(paymentMethods)
      .where(before === undefined ? isOwn(userId) : and(isOwn(userId), sql`${paymentMethods.id} < ${before}`))
      .orderBy(desc(paymentMethods.id))
      .limit(request.size + 1)
      .offset(rowsBefore(request)),
    db.$count(paymentMethods, isOwn(userId)),
  ])
  return pageOfRows(
    rows.map((row) => methodOf(row).method),
    total,
    request,
    (method) => method.id,
  )
}

/** One of the user's, also where it was deleted: payments under way still need it. */
export async function findMethodEver(db: Db, userId: Id<'user'>, id: Id<'paymentMethod'>): Promise<KeptMethod | undefined> {
  const row = await db
    .select()
    .from(paymentMethods)
    .where(and(eq(paymentMethods.id, id), eq(paymentMethods.userId, userId)))
    .get()
  return row === undefined ? undefined : methodOf(row)
}

export async function findMethod(db: Db, userId: Id<'user'>, id: Id<'paymentMethod'>): Promise<KeptMethod | undefined> {
  const row = await db
    .select()
    .from(paymentMethods)
    .where(and(isOwn(userId), eq(paymentMethods.id, id)))
    .get()
  return row === undefined ? undefined : methodOf(row)
}

export async function findDefaultMethod(db: Db, userId: Id<'user'>): Promise<KeptMethod | undefined> {
  const row = await db
    .select()
    .from(paymentMethods)
    .where(and(isOwn(userId), eq(paymentMethods.isDefault, true)))
    .get()
  return row === undefined ? undefined : methodOf(row)
}

/** Nobody else is the default of the user, so that this one can be. */
const unsetDefault = (db: Db, userId: Id<'user'>, id: Id<'paymentMethod'>): Statement =>
  db
    .update(paymentMethods)
    .set({ isDefault: false })
    .where(and(isOwn(userId), ne(paymentMethods.id, id)))

/** Stores the method, which is the default if it says so or is the only one. */
export function insertMethod(db: Db, { details, isDefault, ...method }: PaymentMethod, sealed: string): Statement[] {
  const isOnly = sql<boolean>`NOT EXISTS (SELECT 1 FROM payment_methods WHERE user_id = ${method.userId} AND is_default = 1 AND deleted_at IS NULL)`
  return [
    ...(isDefault ? [unsetDefault(db, method.userId, method.id)] : []),
    db.insert(paymentMethods).values({ ...method, details: JSON.stringify(details), sealed, isDefault: isDefault ? true : isOnly }),
  ]
}

/** Changes the method. The default can only be made another's, not nobody's. */
export function updateMethod(
  db: Db,
  { id, userId }: PaymentMethod,
  change: { readonly name?: string; readonly isDefault?: true; readonly isVerified?: boolean; readonly updatedAt: Timestamp },
): Statement[] {
  return [
    ...(change.isDefault === true ? [unsetDefault(db, userId, id)] : []),
    db
      .update(paymentMethods)
      .set(change)
      .where(and(isOwn(userId), eq(paymentMethods.id, id))),
  ]
}

/** Takes the method away. Was it the default, the newest of the others is it from now on. */
export const deleteMethod = (db: Db, { id, userId }: PaymentMethod, now: Timestamp): Statement[] => [
  db
    .update(paymentMethods)
    .set({ deletedAt: now, isDefault: false, updatedAt: now })
    .where(and(isOwn(userId), eq(paymentMethods.id, id))),
  db
    .update(paymentMethods)
    .set({ isDefault: true })
    .where(
      sql`${paymentMethods.id} = (SELECT MAX(id) FROM payment_methods WHERE user_id = ${userId} AND deleted_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM payment_methods WHERE user_id = ${userId} AND deleted_at IS NULL AND is_default = 1)`,
    ),
]

/** The table's own bound says no only in words. */
export const isFull = (message: string): boolean => message.includes('as many as one person keeps')
