// Imports: the file that somebody brought, what they said about it, and which of its lines are in a group.
import { and, desc, eq, sql } from 'drizzle-orm'
import { exponentOf } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { ImportLine } from '../domain/import/draft.ts'
import { likenessOf, type Alike } from '../domain/import/preview.ts'
import type { ImportResult, ImportSettings } from '../domain/import/settings.ts'
import type { JobState } from '../domain/job.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { Timestamp } from '../domain/time.ts'
import { chunked } from './chunked.ts'
import type { Db, Statement } from './client.ts'
import { imports, importLines } from './import-schema.ts'
import { jobs } from './outward-schema.ts'

type Row = typeof imports.$inferSelect

export interface Import extends Omit<Row, 'settings' | 'result' | 'jobId'> {
  readonly settings: ImportSettings
  readonly result?: ImportResult
  /** What is, or was last, done with it. */
  readonly job?: {
    readonly id: Id<'job'>
    readonly state: JobState
    readonly doneUnits: number
    readonly totalUnits: number
    readonly error: string | null
  }
}

const COLUMNS = {
  row: imports,
  job: { id: jobs.id, state: jobs.state, doneUnits: jobs.doneUnits, totalUnits: jobs.totalUnits, error: jobs.error },
}

function importOf({ row, job }: { row: Row; job: NonNullable<Import['job']> | null }): Import {
  const { settings, result, jobId: _, ...rest } = row
  return {
    ...rest,
    // Only this file writes them.
    settings: JSON.parse(settings) as ImportSettings,
    ...(result !== null && { result: JSON.parse(result) as ImportResult }),
    ...(job !== null && { job }),
  }
}

export const insertImport = (db: Db, { settings, result: _, job: __, ...row }: Import): Statement =>
  db.insert(imports).values({ ...row, settings: JSON.stringify(settings) })

export async function findImport(db: Db, id: Id<'import'>): Promise<Import | undefined> {
  const found = await db.select(COLUMNS).from(imports).leftJoin(jobs, eq(jobs.id, imports.jobId)).where(eq(imports.id, id)).get()
  return found === undefined ? undefined : importOf(found)
}

/** How many files of the user wait to be committed. */
export const countStaged = (db: Db, userId: Id<'user'>): Promise<number> =>
  db.$count(imports, and(eq(imports.userId, userId), eq(imports.state, 'staged')))

/** The user's imports, the newest first. */
export async function listImports(db: Db, userId: Id<'user'>, request: PageRequest): Promise<Page<Import>> {
  const [before] = request.after ?? []
  const isOwn = eq(imports.userId, userId)
  const [rows, total] = await Promise.all([
    db
      .select(COLUMNS)
      .from(imports)
      .leftJoin(jobs, eq(jobs.id, imports.jobId))
      .where(before === undefined ? isOwn : and(isOwn, sql`${imports.id} < ${before}`))
      .orderBy(desc(imports.id))
      .limit(request.size + 1)
      .offset(rowsBefore(request)),
    db.$count(imports, isOwn),
  ])
  return pageOfRows(rows.map(importOf), total, request, (one) => one.id)
}

interface Change extends Partial<Pick<Row, 'groupId' | 'isNewGroup' | 'state' | 'jobId'>> {
  readonly settings?: ImportSettings
  readonly result?: ImportResult
}

const valuesOf = ({ settings, result, ...plain }: Change) => ({
  ...plain,
  ...(settings && { settings: JSON.stringify(settings) }),
  ...(result && { result: JSON.stringify(result) }),
})

/** Makes the batch fail as a whole unless the import is there in this version: a row that lacks what it needs is refused. */
export const requireImport = (db: Db, { id, version }: Pick<Import, 'id' | 'version'>): Statement =>
  db.run(
    sql`INSERT INTO imports (id) SELECT ${`${id} changed`} WHERE NOT EXISTS (SELECT 1 FROM imports WHERE id = ${id} AND version = ${version})`,
  )

export const isImportGuard = (message: string): boolean => message.includes('NOT NULL constraint failed: imports.')

/** Changes the import on behalf of its owner, behind `requireImport`. */
export const changeImport = (db: Db, { id, version }: Pick<Import, 'id' | 'version'>, change: Change, now: Timestamp): Statement =>
  db
    .update(imports)
    .set({ ...valuesOf(change), version: version + 1, updatedAt: now })
    .where(eq(imports.id, id))

/** Notes what its job has come to, while that is at it. */
export const updateImport = (db: Db, id: Id<'import'>, seen: Row['state'], change: Change, now: Timestamp): Statement =>
  db
    .update(imports)
    .set({ ...valuesOf(change), updatedAt: now })
    .where(and(eq(imports.id, id), eq(imports.state, seen)))

export const removeImport = (db: Db, id: Id<'import'>): Statement => db.delete(imports).where(eq(imports.id, id))

/** A line that an import has taken for the group. */
export interface KnownLine {
  readonly identity: string
  readonly importId: Id<'import'>
  readonly recordId: Id<'expense'> | Id<'settlement'>
  /** Whether its record is in the group; deleted ones are. */
  readonly isThere: 0 | 1
  /** Whether all that belongs to it is with it. */
  readonly isDone: 0 | 1
  /** Whether the import is still at it. One that has failed has no claim to what it did not write. */
  readonly isUnderWay: 0 | 1
}

/** Of a row of `import_lines` by its alias. */
const isThere = (l: string): string =>
  `(EXISTS (SELECT 1 FROM expenses WHERE id = ${l}.record_id) OR EXISTS (SELECT 1 FROM settlements WHERE id = ${l}.record_id))`
const isUnderWay = (l: string): string =>
  `EXISTS (SELECT 1 FROM imports i LEFT JOIN jobs j ON j.id = i.job_id WHERE i.id = ${l}.import_id AND i.state = 'importing' AND j.state <> 'failed')`

/** Those of the identities that an import has taken for the group. */
export async function findKnownLines(d1: D1Database, groupId: Id<'group'>, identities: readonly string[]): Promise<KnownLine[]> {
  const found: KnownLine[] = []
  for (const part of chunked(identities)) {
    const { results } = await d1
      .prepare(
        `SELECT l.identity, l.import_id AS importId, l.record_id AS recordId, l.is_done AS isDone, ${isThere('l')} AS isThere, ${isUnderWay('l')} AS isUnderWay
FROM json_each(?) v CROSS JOIN import_lines l ON l.group_id = ? AND l.identity = v.value`,
      )
      .bind(JSON.stringify(part), groupId)
      .all<KnownLine>()
    found.push(...results)
  }
  return found
}

/** What an expense has to be for a line to look like it, under the key that `likenessOf` gives the line. */
type Look = Pick<ImportLine, 'kind' | 'day' | 'currency' | 'minor'>

/** The group's expenses that look like one of the lines, the older first. */
export async function findAlike(d1: D1Database, groupId: Id<'group'>, looks: readonly Look[]): Promise<Alike[]> {
  const keyed = new Map(looks.map((look) => [likenessOf(look), look]))
  const rows = [...keyed].map(([key, { day, kind, currency, minor }]) => [
    key,
    day,
    kind,
    currency,
    minor * 10 ** (3 - exponentOf(currency)),
  ])
  const found: Alike[] = []
  for (const part of chunked(rows)) {
    const { results } = await d1
      .prepare(
        `SELECT e.id, v.value->>0 AS key FROM json_each(?) v
CROSS JOIN expenses e ON e.group_id = ? AND e.date = v.value->>1 AND e.deleted_at IS NULL
WHERE e.kind = v.value->>2 AND e.currency = v.value->>3 AND e.amount_milli = v.value->>4 ORDER BY e.date, e.id`,
      )
      .bind(JSON.stringify(part), groupId)
      .all<Alike>()
    found.push(...results)
  }
  return found
}

/** A line, and the record that is to come of it. */
export type Claim = readonly [identity: string, recordId: string]

/** Takes the lines for the import: all but those whose record is there, or that another import is still at. */
export const claimLines = (db: Db, groupId: Id<'group'>, importId: Id<'import'>, claims: readonly Claim[]): Statement[] =>
  chunked(claims).map((part) =>
    db.run(sql`INSERT INTO import_lines (group_id, identity, import_id, record_id)
SELECT ${groupId}, value->>0, ${importId}, value->>1 FROM json_each(${JSON.stringify(part)}) WHERE TRUE
ON CONFLICT DO UPDATE SET import_id = excluded.import_id, record_id = excluded.record_id, is_done = 0
WHERE NOT ${sql.raw(isThere('import_lines'))} AND (import_lines.import_id = excluded.import_id OR NOT ${sql.raw(isUnderWay('import_lines'))})`),
  )

/** Notes that all that belongs to the records of these lines is with them. */
export const markDone = (db: Db, groupId: Id<'group'>, identities: readonly string[]): Statement =>
  db.run(
    sql`UPDATE import_lines SET is_done = 1 WHERE group_id = ${groupId} AND identity IN (SELECT value FROM json_each(${JSON.stringify(identities)}))`,
  )

/** Lets the lines go, so that they can be imported again. */
export const releaseLines = (db: Db, groupId: Id<'group'>, identities: readonly string[]): Statement =>
  db.run(
    sql`DELETE FROM import_lines WHERE group_id = ${groupId} AND identity IN (SELECT value FROM json_each(${JSON.stringify(identities)}))`,
  )

/** What has come of the import by now. */
export async function countImported(d1: D1Database, importId: Id<'import'>): Promise<{ expenses: number; settlements: number }> {
  const of = (table: string) =>
    d1.prepare(`SELECT COUNT(*) AS n FROM import_lines l JOIN ${table} r ON r.id = l.record_id WHERE l.import_id = ?`).bind(importId)
  const [expenses, settlements] = await d1.batch<{ n: number }>([of('expenses'), of('settlements')])
  return { expenses: expenses?.results[0]?.n ?? 0, settlements: settlements?.results[0]?.n ?? 0 }
}

/** How many lines the import has taken. */
export const countLines = (db: Db, importId: Id<'import'>): Promise<number> => db.$count(importLines, eq(importLines.importId, importId))

/** The lines of the import, a portion at a time in the order of their records. */
export const listImportedLines = (
  db: Db,
  importId: Id<'import'>,
  after: string,
  limit: number,
): Promise<{ identity: string; recordId: string }[]> =>
  db
    .select({ identity: importLines.identity, recordId: importLines.recordId })
    .from(importLines)
    .where(sql`${importLines.importId} = ${importId} AND ${importLines.recordId} > ${after}`)
    .orderBy(importLines.recordId)
    .limit(limit)
    .all()
