// Files that people bring, and which record of which group came of which of their lines.
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Id } from '../domain/ids.ts'

const id = <T extends string>(name: string) => text(name).$type<T>()

export const imports = sqliteTable(
  'imports',
  {
    id: id<Id<'import'>>('id').primaryKey(),
    userId: id<Id<'user'>>('user_id').notNull(),
    /** Where it goes; for a new group the id that it will have. */
    groupId: id<Id<'group'>>('group_id').notNull(),
    isNewGroup: integer('is_new_group', { mode: 'boolean' }).notNull(),
    state: text('state').$type<'staged' | 'importing' | 'imported' | 'undoing' | 'undone'>().notNull(),
    fileKey: text('file_key').notNull(),
    fileName: text('file_name').notNull(),
    fileSize: integer('file_size').notNull(),
    sha256: text('sha256').notNull(),
    /** What its owner said about how to read it, and what came of it, as JSON. */
    settings: text('settings').notNull(),
    result: text('result'),
    jobId: id<Id<'job'>>('job_id'),
    /** Goes up with each change by its owner. */
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [index('imports_user').on(t.userId, t.id)],
)

/** A line that an import has taken for a group: where its record is there, or on its way, another import leaves it out. */
export const importLines = sqliteTable(
  'import_lines',
  {
    groupId: id<Id<'group'>>('group_id').notNull(),
    /** SHA-256 of its content and of which of its twins it is. */
    identity: text('identity').notNull(),
    importId: id<Id<'import'>>('import_id').notNull(),
    /** The expense or settlement that comes of it, whose id follows from the import and the line. */
    recordId: id<Id<'expense'> | Id<'settlement'>>('record_id').notNull(),
    /** Whether all that belongs to the record is with it: comments, files. */
    isDone: integer('is_done', { mode: 'boolean' }).notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.identity] }), index('import_lines_import').on(t.importId, t.recordId)],
)
