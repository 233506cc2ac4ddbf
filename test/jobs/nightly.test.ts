// The night's work: groups that changed are audited, and what nothing names any more is removed.
import { describe, expect, test, vi } from 'vitest'
import type { Surroundings } from '../../src/context.ts'
import { connect } from '../../src/db/client.ts'
import { DAY } from '../../src/domain/time.ts'
import { removeOrphans, runNightly } from '../../src/jobs/nightly.ts'
import { env } from '../support/env.ts'
import { FaultyD1 } from '../support/faults.ts'
import { fileForm } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, person } from '../support/world.ts'

const at = (now: number): Surroundings => ({ env, db: connect(env.DB), now, origin: 'https://api.test' })

const auditOf = (id: string) => env.DB.prepare('SELECT seq, violations FROM audits WHERE group_id = ?').bind(id).first()
const unaudited = () =>
  env.DB.prepare(
    'SELECT COUNT(*) AS n FROM groups g LEFT JOIN audits a ON a.group_id = g.id WHERE g.seq > COALESCE(a.seq, 0) AND g.frozen_at IS NULL',
  ).first<number>('n')
const frozenOf = (id: string) => env.DB.prepare('SELECT frozen_at FROM groups WHERE id = ?').bind(id).first<number>('frozen_at')

describe('runNightly', () => {
  test('audits a group once after it has changed, and finds it sound', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await as.ann.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id })
    await runNightly(at(1_000_000))
    expect(await auditOf(id)).toEqual({ seq: 2, violations: 0 })
    expect(await frozenOf(id)).toBeNull()
  })

  test('freezes a group whose balances were tampered with, and its writes are refused from then on', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await as.ann.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id })
    await env.DB.prepare('UPDATE balances SET paid = paid + 1 WHERE group_id = ? AND owed > paid').bind(id).run()
    await runNightly(at(2_000_000))
    expect(await frozenOf(id)).toBe(2_000_000)
    const { status, body } = await as.bob.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id })
    expect([status, body.error.code]).toEqual([503, 'GROUP_FROZEN'])
  })

  test('audits the other groups where one can not be read, and that one the next night', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    await group(['ann', 'bob'])
    let asked = 0
    const d1 = new FaultyD1(env.DB, { batch: () => (asked++ === 0 ? 'lost_before' : 'through') }).asD1
    // The two have a group each for themselves besides.
    expect(await unaudited()).toBeGreaterThanOrEqual(3)
    await runNightly({ ...at(3_000_000), db: connect(d1) })
    expect(await unaudited()).toBe(1)
    await runNightly(at(4_000_000))
    expect(await unaudited()).toBe(0)
    said.mockRestore()
  })

  test('forgets replies after seven days and not before', async () => {
    const { id, as } = await group(['ann'])
    const headers = { 'idempotency-key': 'night' }
    await as.ann.post('/api/expenses/', { title: 'Tea', amount: '3.00', group_id: id }, { headers })
    const kept = () => env.DB.prepare("SELECT COUNT(*) AS n FROM idempotency WHERE key = 'night'").first<number>('n')
    await runNightly(at(Date.now() + 6 * DAY))
    expect(await kept()).toBe(1)
    await runNightly(at(Date.now() + 8 * DAY))
    expect(await kept()).toBe(0)
  })
})

test('forgets an import and its file 90 days after it was sent, and not before', async () => {
  const ann = await person('ann')
  const { id } = await dataOf(ann.post('/api/imports/', fileForm('a.csv', 'Date,Payee,Amount\n2026-01-05,Tea,-3.00\n')))
  const key = (await env.DB.prepare('SELECT file_key FROM imports WHERE id = ?').bind(id).first<string>('file_key')) ?? ''
  const kept = async () => [(await ann.get(`/api/imports/${id}/`)).status, (await env.FILES.head(key)) !== null]
  await runNightly(at(Date.now() + 89 * DAY))
  expect(await kept()).toEqual([200, true])
  await runNightly(at(Date.now() + 91 * DAY))
  expect(await kept()).toEqual([404, false])
})

describe('removeOrphans', () => {
  test('removes objects that nothing names once they are a day old, and keeps the others', async () => {
    await env.FILES.put('receipts/orphan', 'x')
    await env.FILES.put('receipts/kept', 'x')
    await env.DB.prepare(
      "INSERT INTO files (key, user_id, purpose, name, type, size, sha256, created_at) VALUES ('receipts/kept', 'u', 'receipt', 'n', 't', 1, 's', 0)",
    ).run()
    expect(await removeOrphans(at(Date.now()), 'receipts')).toBe(0)
    expect(await removeOrphans(at(Date.now() + 2 * DAY), 'receipts')).toBe(1)
    expect(await env.FILES.head('receipts/orphan')).toBeNull()
    expect(await env.FILES.head('receipts/kept')).not.toBeNull()
  })
})
