// Jobs: a row that says how far a piece of work is, and a promise in the outbox that it is done.
import { and, desc, eq, notInArray, sql } from 'drizzle-orm'
import { newId, type Id } from '../domain/ids.ts'
import type { Job, JobKind, JobKinds } from '../domain/job.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { newEffect, promiseEffect } from './outbox.ts'
import { jobs } from './outward-schema.ts'

type Row = typeof jobs.$inferSelect

const jobOf = (row: Row): Job => {
  const { input, result, error, finishedAt, kind, ...rest } = row
  return {
    ...rest,
    // Only `insertJob` writes the kind and the input, and only its runner the result.
    kind: kind as JobKind,
    input: JSON.parse(input) as Job['input'],
    ...(result !== null && { result: JSON.parse(result) as NonNullable<Job['result']> }),
    ...(error !== null && { error }),
    ...(finishedAt !== null && { finishedAt }),
  }
}

/** A job that nobody has begun. */
export function newJob<K extends JobKind>(kind: K, userId: Id<'user'>, input: JobKinds[K]['input'], now: Timestamp): Job<K> {
  return {
    id: newId('job'),
    userId,
    kind,
    input,
    state: 'queued',
    doneUnits: 0,
    totalUnits: 0,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
  }
}

/** The statements that store the job and promise that it is run. */
export function insertJob(db: Db, { result: _, input, error: __, ...job }: Job): Statement[] {
  return [
    db.insert(jobs).values({ ...job, input: JSON.stringify(input) }),
    promiseEffect(db, newEffect({ kind: 'run_job', jobId: job.id }, job.createdAt)),
  ]
}

/** Of a job whose id follows from what it is for. */
export const isJobTaken = (message: string): boolean => message.includes('UNIQUE constraint failed: jobs.')

export async function findJob(db: Db, id: Id<'job'>): Promise<Job | undefined> {
  const row = await db.select().from(jobs).where(eq(jobs.id, id)).get()
  return row === undefined ? undefined : jobOf(row)
}

/** The user's jobs, the newest first. */
export async function listJobs(db: Db, userId: Id<'user'>, request: PageRequest): Promise<Page<Job>> {
  const [before] = request.after ?? []
  const isOwn = eq(jobs.userId, userId)
  const [rows, total] = await Promise.all([
    db
      .select()
      .from(jobs)
      .where(before === undefined ? isOwn : and(isOwn, sql`${jobs.id} < ${before}`))
      .orderBy(desc(jobs.id))
      .limit(request.size + 1)
      .offset(rowsBefore(request)),
    db.$count(jobs, isOwn),
  ])
  return pageOfRows(rows.map(jobOf), total, request, (job) => job.id)
}

/** Puts a job that has failed back to where it was before it was begun. */
export const requeueJob = (db: Db, { id, updatedAt }: Job): Statement =>
  db.update(jobs).set({ state: 'queued', attempts: 0, error: null, finishedAt: null, updatedAt }).where(eq(jobs.id, id))

/** Says how the job stands. One that has ended stays so: a run that was thought lost is not heard any more. */
export const updateJob = (
  db: Db,
  id: Id<'job'>,
  change: Partial<Omit<Job, 'id' | 'input' | 'result' | 'kind'>>,
  result?: unknown,
): Statement =>
  db
    .update(jobs)
    .set({ ...change, ...(result !== undefined && { result: JSON.stringify(result) }) })
    .where(and(eq(jobs.id, id), notInArray(jobs.state, ['done', 'failed'])))
