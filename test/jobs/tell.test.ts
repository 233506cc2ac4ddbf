// What is owed to those outside is told once, whatever becomes of the hints; what was given up can be tried again.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect, runBatch } from '../../src/db/client.ts'
import { findJob, insertJob, newJob, updateJob } from '../../src/db/jobs.ts'
import type { Env } from '../../src/env.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { followHints } from '../../src/jobs/hints.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup, tellGroups } from '../../src/jobs/tell.ts'
import { env } from '../support/env.ts'
import { jobAt } from '../support/jobs.ts'
import { call, dataOf, readMail, register } from '../support/people.ts'
import { group } from '../support/world.ts'

const owedIn = (id: string) => env.DB.prepare('SELECT seq - told_seq AS owed FROM groups WHERE id = ?').bind(id).first<number>('owed')
const told = async (id: string): Promise<number> =>
  (await env.DB.prepare("SELECT COUNT(*) AS n FROM inbox WHERE consumer = 'tell' AND message_id LIKE ? || ':%'")
    .bind(id)
    .first<number>('n')) ?? 0

/** A group of two in which something has just happened, and which nobody has told of yet. */
async function news(): Promise<Id<'group'>> {
  const { id, as } = await group(['ann', 'bob'])
  await tellGroup(jobAt(), id as Id<'group'>)
  for (let i = 0; i < 3; i++) await as.ann.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id })
  return id as Id<'group'>
}

const hint = (body: unknown) => ({ body, ack: vi.fn<() => void>() })
const batchOf = (...messages: ReturnType<typeof hint>[]) => ({ messages }) as unknown as Parameters<typeof followHints>[1]

describe('tellGroup', () => {
  test('tells each portion once, however many tell at the same time', async () => {
    const id = await news()
    const before = await told(id)
    await Promise.all(Array.from({ length: 5 }, () => tellGroup(jobAt(), id)))
    expect(await owedIn(id)).toBe(0)
    expect((await told(id)) - before).toBeLessThanOrEqual(3)
    expect(await tellGroup(jobAt(), id)).toBe(0)
  })

  test('without any hint the sweep finds what is owed', async () => {
    const id = await news()
    await tellGroups(jobAt())
    expect(await owedIn(id)).toBe(0)
  })

  test('hints that come twice, late or about nothing change nothing, and each is acknowledged', async () => {
    const id = await news()
    const messages = [
      hint({ kind: 'news', groupId: id }),
      hint({ kind: 'news', groupId: id }),
      hint({ kind: 'news', groupId: newId('group') }),
      hint({ kind: 'effects' }),
    ]
    await followHints(jobAt(), batchOf(...messages))
    await followHints(jobAt(), batchOf(...messages))
    expect(await owedIn(id)).toBe(0)
    for (const message of messages) expect(message.ack).toHaveBeenCalledTimes(2)
  })
})

describe('the dead letters', () => {
  afterEach(() => void vi.restoreAllMocks())

  const OPERATOR = 'operator@mail.test'

  /** The operator that the tests' bindings name, with a proved address. */
  async function operator(): Promise<string> {
    const { access } = await register({ email: OPERATOR })
    const { code } = await readMail(OPERATOR, /verification code/)
    expect((await call('POST /api/auth/verify-email/', { body: { email: OPERATOR, code } })).status).toBe(200)
    return access
  }

  test('are for operators alone, who can have them tried again', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const token = await operator()
    const id = newId('outbox')
    await env.DB.prepare("INSERT INTO outbox (id, kind, payload, due_at, attempts) VALUES (?, 'profile_changed', ?, 0, 9)")
      .bind(id, JSON.stringify({ kind: 'profile_changed', userId: 'usr_x' }))
      .run()
    const broken = { ...env, DB: env.DB, GROUP: undefined } as unknown as Env
    await env.DB.prepare("UPDATE outbox SET payload = json_set(payload, '$.userId', (SELECT id FROM users WHERE email = ?)) WHERE id = ?")
      .bind(OPERATOR, id)
      .run()
    await drainOutbox(jobAt(Date.now(), broken))
    const mine = async () =>
      dataOf<{ id: string; attempts: number }[]>(await call('GET /api/dead-letters/', { token })).filter((one) => one.id === id)
    expect(await mine()).toMatchObject([{ id, attempts: 10, kind: 'profile_changed' }])
    const stranger = await register()
    expect((await call('GET /api/dead-letters/', { token: stranger.access })).status).toBe(403)
    expect((await call(`POST /api/dead-letters/${id}/replay/`, { token: stranger.access })).status).toBe(403)
    expect((await call(`POST /api/dead-letters/${id}/replay/`, { token })).status).toBe(204)
    expect((await call(`POST /api/dead-letters/${id}/replay/`, { token })).status).toBe(404)
    await drainOutbox(jobAt())
    const row = await env.DB.prepare('SELECT done_at, dead_at FROM outbox WHERE id = ?')
      .bind(id)
      .first<{ done_at: number; dead_at: null }>()
    expect([row?.dead_at, row?.done_at === null]).toEqual([null, false])
    expect(await mine()).toEqual([])
  })
})

describe('a job', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('that fails five times has failed, says why, and can be run again', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { id: userId, access: token } = await register()
    const db = connect(env.DB)
    const now = Date.now()
    const job = newJob('webhook_replay', userId as Id<'user'>, { endpointId: newId('webhook'), groupId: newId('group'), fromSeq: 1 }, now)
    await runBatch(db, insertJob(db, job))
    const broken = { ...env, GROUP: undefined } as unknown as Env
    for (let i = 0; i < 6; i++) await drainOutbox(jobAt(now + i * 7_200_000, broken))
    const failed = dataOf<{ state: string; attempts: number; error: string }>(await call(`GET /api/jobs/${job.id}/`, { token }))
    expect(failed).toMatchObject({ state: 'failed', attempts: 5, error: 'It failed for a reason of ours; it can be run again' })
    const stranger = await register()
    expect((await call(`GET /api/jobs/${job.id}/`, { token: stranger.access })).status).toBe(404)
    expect(dataOf(await call(`POST /api/jobs/${job.id}/retry/`, { token }))).toMatchObject({ state: 'queued', attempts: 0, error: null })
    expect((await findJob(db, job.id))?.state).not.toBe('failed')
  })

  test('whose runs all ended with their isolate is given up without another, and what has ended stays so', async () => {
    const { id: userId } = await register()
    const db = connect(env.DB)
    const input = { endpointId: newId('webhook'), groupId: newId('group'), fromSeq: 1 }
    const job = newJob('webhook_replay', userId as Id<'user'>, input, Date.now())
    await runBatch(db, [...insertJob(db, job), updateJob(db, job.id, { state: 'running', attempts: 5 })])
    await drainOutbox(jobAt())
    expect(await findJob(db, job.id)).toMatchObject({ state: 'failed', attempts: 5, error: 'It was cut short again and again' })
    await runBatch(db, [updateJob(db, job.id, { state: 'done' }, { deliveries: 1 })])
    expect(await findJob(db, job.id)).toMatchObject({ state: 'failed' })
  })
})
