// The sums that analytics are told from: additive rows, written in the batch of the entry that changes them.
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'

export const rollups = sqliteTable(
  'rollups',
  {
    groupId: text('group_id').$type<Id<'group'>>().notNull(),
    /** A day, or a month as `YYYY-MM`. */
    period: text('period').notNull(),
    /** '' for everything, a category's id, `none` for what has none, `v:` and a vendor as it is written. */
    series: text('series').notNull(),
    kind: text('kind').$type<'expense' | 'income'>().notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    count: integer('count').notNull(),
    minor: integer('minor').notNull(),
    /** Lines of JSON that are to be added up: by member what they bear, what they paid, and of how many expenses they bear a part. */
    members: text('members').notNull(),
  },
  // A period's rows lie together, those of vendors behind the others.
  (t) => [primaryKey({ columns: [t.groupId, t.period, t.series, t.kind, t.currency] })],
)
