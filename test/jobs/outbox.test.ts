// The promises of the outbox are kept once, tried again when they fail, and given up at last.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import type { Env } from '../../src/env.ts'
import { env } from '../support/env.ts'
import { jobAt } from '../support/jobs.ts'
import { readMail, register } from '../support/people.ts'

/** A store that is down, and says so with somebody's address. */
const broken = { ...env, FILES: { put: () => Promise.reject(new Error('cannot store mail for ann@mail.test')) } } as unknown as Env

const at = jobAt

interface Row {
  readonly attempts: number
  readonly due_at: number
  readonly done_at: number | null
  readonly dead_at: number | null
  readonly error: string | null
}

/** Registers somebody, keeps what that promised, and promises one more mail of the same proof. */
async function promiseMail(): Promise<{ id: string; email: string; row: () => Promise<Row | null> }> {
  const { id: userId, email } = await register()
  await readMail(email, /verification code/)
  const proof = await env.DB.prepare('SELECT id FROM email_proofs WHERE user_id = ?').bind(userId).first<{ id: string }>()
  const id = `out_${proof?.id.slice(4)}`
  await env.DB.prepare("INSERT INTO outbox (id, kind, payload, due_at) VALUES (?, 'mail_verify', ?, 0)")
    .bind(id, JSON.stringify({ kind: 'mail_verify', proofId: proof?.id }))
    .run()
  return {
    id,
    email,
    row: () => env.DB.prepare('SELECT attempts, due_at, done_at, dead_at, error FROM outbox WHERE id = ?').bind(id).first<Row>(),
  }
}

describe('drainOutbox', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('keeps a promise once, however many drain at the same time', async () => {
    const { row } = await promiseMail()
    const results = await Promise.all(Array.from({ length: 5 }, () => drainOutbox(at(Date.now()))))
    expect(results.reduce((sum, { done }) => sum + done, 0)).toBe(1)
    expect(await row()).toMatchObject({ attempts: 1, dead_at: null, error: null })
    expect((await row())?.done_at).not.toBeNull()
  })

  test('tries again later what failed, and notes why without an address', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { row } = await promiseMail()
    const now = Date.now()
    expect(await drainOutbox(at(now, broken))).toEqual({ done: 0, failed: 1 })
    const failed = await row()
    expect(failed).toMatchObject({ attempts: 1, done_at: null, dead_at: null })
    expect(failed?.error).toContain('cannot store mail for [address]')
    expect(failed?.due_at).toBeGreaterThanOrEqual(now + 2500)
    expect(failed?.due_at).toBeLessThanOrEqual(now + 7500)
    expect(await drainOutbox(at(now))).toEqual({ done: 0, failed: 0 })
    expect(await drainOutbox(at(now + 8000))).toEqual({ done: 1, failed: 0 })
  })

  test('takes over from a worker that died once its lease has ended', async () => {
    const { id } = await promiseMail()
    const now = Date.now()
    await env.DB.prepare('UPDATE outbox SET lease_until = ? WHERE id = ?')
      .bind(now + 1000, id)
      .run()
    expect(await drainOutbox(at(now))).toEqual({ done: 0, failed: 0 })
    expect(await drainOutbox(at(now + 1001))).toEqual({ done: 1, failed: 0 })
  })

  test('gives up after ten attempts', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { row } = await promiseMail()
    const start = Date.now()
    for (let n = 0; n < 10; n++) await drainOutbox(at(start + n * 7_200_000, broken))
    expect(await row()).toMatchObject({ attempts: 10, done_at: null })
    expect((await row())?.dead_at).not.toBeNull()
    expect(await drainOutbox(at(start + 100 * 3_600_000))).toEqual({ done: 0, failed: 0 })
  })
})
