// The table of settlements: a reading of the journal, written in the same batch.
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { Day } from '../domain/time.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

export const settlements = sqliteTable(
  'settlements',
  {
    id: id<Id<'settlement'>>('id').primaryKey(),
    groupId: id<Id<'group'>>('group_id').notNull(),
    payerId: id<Id<'member'>>('payer_id').notNull(),
    payeeId: id<Id<'member'>>('payee_id').notNull(),
    status: text('status').notNull(),
    /** Minor units, as `paid`. */
    amount: integer('amount').notNull(),
    paid: integer('paid').notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    dueDate: text('due_date').$type<Day>(),
    planId: id<Id<'plan'>>('plan_id'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    body: text('body').notNull(),
  },
  (t) => [
    index('settlements_group').on(t.groupId, t.id),
    index('settlements_payer').on(t.payerId, t.id),
    index('settlements_payee').on(t.payeeId, t.id),
    index('settlements_due')
      .on(t.payerId, t.dueDate)
      .where(sql`${t.dueDate} IS NOT NULL AND ${t.status} = 'pending'`),
  ],
)
