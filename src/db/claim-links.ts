// The rows of links by which guests claim the lines of one expense.
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { claimLinks } from './receipt-schema.ts'

export type ClaimLink = typeof claimLinks.$inferSelect

export const insertClaimLink = (db: Db, link: typeof claimLinks.$inferInsert): Statement => db.insert(claimLinks).values(link)

const stands = (now: Timestamp) => and(isNull(claimLinks.revokedAt), gt(claimLinks.expiresAt, now))

/** The link of that token, while it stands. */
export async function findClaimLink(db: Db, tokenHash: string, now: Timestamp): Promise<ClaimLink | undefined> {
  const [row] = await db
    .select()
    .from(claimLinks)
    .where(and(eq(claimLinks.tokenHash, tokenHash), stands(now)))
  return row
}

/** The links of the expense that stand, by age. */
export const listClaimLinks = (db: Db, expenseId: Id<'expense'>, now: Timestamp): Promise<ClaimLink[]> =>
  db
    .select()
    .from(claimLinks)
    .where(and(eq(claimLinks.expenseId, expenseId), stands(now)))
    .orderBy(claimLinks.id)

export const revokeClaimLink = (db: Db, id: Id<'claimLink'>, now: Timestamp): Statement =>
  db
    .update(claimLinks)
    .set({ revokedAt: sql`COALESCE(${claimLinks.revokedAt}, ${now})` })
    .where(eq(claimLinks.id, id))
