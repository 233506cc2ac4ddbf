// The tables of receipts, a reading of the journal like that of settlements, and of the links by which guests claim.
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Id } from '../domain/ids.ts'
import type { ReadingStatus } from '../domain/receipt/receipt.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

export const receipts = sqliteTable(
  'receipts',
  {
    id: id<Id<'receipt'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    expenseId: id<Id<'expense'>>('expense_id'),
    status: text('status').$type<ReadingStatus>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
    body: text('body').notNull(),
  },
  (t) => [
    index('receipts_group').on(t.groupId, t.id),
    index('receipts_expense')
      .on(t.expenseId)
      .where(sql`${t.expenseId} IS NOT NULL`),
  ],
)

/** A link to one expense, by which people without an account claim its lines. Only the hash of its token is kept. */
export const claimLinks = sqliteTable(
  'claim_links',
  {
    id: id<Id<'claimLink'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    expenseId: id<Id<'expense'>>('expense_id').notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    createdBy: id<Id<'user'>>('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    revokedAt: integer('revoked_at'),
  },
  (t) => [index('claim_links_expense').on(t.expenseId, t.id)],
)
