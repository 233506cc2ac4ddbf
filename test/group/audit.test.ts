// The audit finds what was tampered with, says where, and stops the group; on a sound group it never does.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { ExecuteResult } from '../../src/group/sequencer.ts'
import { env } from '../support/env.ts'
import { FaultyD1, sleep } from '../support/faults.ts'
import { audit, execution, place } from '../support/storm.ts'
import { group, type Client } from '../support/world.ts'

// The alerts are what is tested, not news for the reader of the tests.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => vi.restoreAllMocks())

interface Books {
  readonly id: string
  readonly ann: Client
  readonly expense: string
}

/** A group of Ann and a guest with three entries; the second is a dinner for both. */
async function books(): Promise<Books> {
  const { id, as } = await group(['ann'], { initial_members: [`${crypto.randomUUID()}@example.com`] })
  const { body } = await as.ann.post('/api/expenses/', { title: 'Dinner', amount: '10.00', group_id: id })
  expect((await as.ann.post('/api/expenses/', { title: 'Taxi', amount: '7.00', group_id: id })).status).toBe(201)
  return { id, ann: as.ann, expense: body.data.id }
}

const DINNER = 2
const TAXI = 3

/** Runs the statement on the group's row as somebody with the keys to the database could. */
async function tamper(id: string, statement: string): Promise<void> {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all<{
    name: string
    sql: string
  }>()
  for (const { name } of results) await env.DB.prepare(`DROP TRIGGER ${name}`).run()
  const { meta } = await env.DB.prepare(statement).bind(id).run()
  for (const { sql } of results) await env.DB.prepare(sql).run()
  expect(meta.changes).toBe(1)
}

const JOURNAL = `WHERE group_id = ? AND seq = ${DINNER}`

/** What is done, and what the audit says first. */
const TAMPERINGS: readonly (readonly [what: string, statement: string, invariant: string, seq: number | null])[] = [
  [
    'an amount in the journal',
    `UPDATE journal SET body = replace(body, '"amount":1000', '"amount":1001') ${JOURNAL}`,
    'hash_chain_holds',
    DINNER,
  ],
  ['a word in the journal', `UPDATE journal SET texts = replace(texts, 'Dinner', 'Dinnes') ${JOURNAL}`, 'hash_chain_holds', DINNER],
  [
    'a word whose salt is gone',
    `UPDATE journal SET texts = replace(texts, 'Dinner', 'Supper'), salt = NULL ${JOURNAL}`,
    'hash_chain_holds',
    DINNER,
  ],
  ['a hash', `UPDATE journal SET hash = replace(hash, substr(hash, 1, 1), 'x') ${JOURNAL}`, 'hash_chain_holds', DINNER],
  ['the moment of an entry', `UPDATE journal SET at = at + 1 ${JOURNAL}`, 'hash_chain_holds', DINNER],
  ['an entry that is gone', `DELETE FROM journal ${JOURNAL}`, 'hash_chain_holds', DINNER],
  [
    'what somebody paid',
    `UPDATE postings SET paid = paid + 1 WHERE group_id = ? AND seq = ${DINNER} AND paid > 0`,
    'entries_sum_to_zero',
    DINNER,
  ],
  [
    'what somebody owes',
    `UPDATE postings SET owed = owed + 1 WHERE group_id = ? AND seq = ${DINNER} AND paid > 0`,
    'entries_sum_to_zero',
    DINNER,
  ],
  [
    'both at once',
    `UPDATE postings SET paid = paid + 1, owed = owed + 1 WHERE group_id = ? AND seq = ${DINNER} AND paid > 0`,
    'postings_equal_entries',
    DINNER,
  ],
  ['a posting that is gone', `DELETE FROM postings WHERE group_id = ? AND seq = ${DINNER} AND paid > 0`, 'entries_sum_to_zero', DINNER],
  ['a balance', 'UPDATE balances SET owed = owed - 1 WHERE group_id = ? AND paid = 0', 'tables_equal_replay', TAXI],
  ['a balance that is gone', 'DELETE FROM balances WHERE group_id = ? AND paid = 0', 'tables_equal_replay', TAXI],
  [
    'a share of an expense',
    `UPDATE expenses SET body = json_set(body, '$.shares[0].minor', 501) WHERE group_id = ? AND title = 'Dinner'`,
    'shares_sum_to_amount',
    DINNER,
  ],
  [
    'the amount of an expense',
    `UPDATE expenses SET body = json_set(body, '$.amount', 1001) WHERE group_id = ? AND title = 'Dinner'`,
    'shares_sum_to_amount',
    DINNER,
  ],
  ['a total', 'UPDATE groups SET total_minor = total_minor + 1 WHERE id = ?', 'tables_equal_replay', 3],
  ['the head', 'UPDATE groups SET head = lower(hex(randomblob(32))) WHERE id = ?', 'hash_chain_holds', 3],
  ['the seq', 'UPDATE groups SET seq = seq + 1 WHERE id = ?', 'seq_has_no_gaps', 4],
]

describe('auditGroup', () => {
  test('finds a group sound that is, and says where its journal ends', async () => {
    const { id, ann } = await books()
    const { status, body } = await ann.get(`/api/groups/${id}/audit/`)
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ group_id: id, is_sound: true, entries: 3, violations: [] })
    expect((await ann.post('/api/expenses/', { title: 'Tea', amount: '2.00', group_id: id })).status).toBe(201)
  })

  test.each(TAMPERINGS)('names %s, and from then on the group takes no writes', async (_, statement, invariant, seq) => {
    const { id, ann, expense } = await books()
    await tamper(id, statement)
    const { body } = await ann.get(`/api/groups/${id}/audit/`)
    expect(body.data.is_sound).toBe(false)
    expect(body.data.violations).toContainEqual({ invariant, seq, message: expect.any(String) })
    const refusals = await Promise.all([
      ann.post('/api/expenses/', { title: 'Tea', amount: '2.00', group_id: id }),
      ann.delete(`/api/expenses/${expense}/`),
    ])
    for (const refusal of refusals) expect(refusal).toMatchObject({ status: 503, body: { error: { code: 'GROUP_FROZEN' } } })
    expect((await ann.get(`/api/groups/${id}/balances/`)).status).toBe(200)
  })

  test('of a group that is being written to finds nothing, and freezes nothing', async () => {
    const here = place()
    const [ann] = here.users
    const stub = env.GROUP.getByName(here.groupId)
    const run = async (command: Parameters<typeof execution>[1]) => ((await stub.execute(execution(ann, command))) as ExecuteResult).ok
    expect(await run(here.create)).toBe(true)
    const write = () => run({ type: 'record_expense', id: newId('expense'), draft: { title: 'Tea', amount: '1.00', date: '2026-01-01' } })
    const over = new AbortController()
    const writing = (async () => {
      let isWritten = true
      while (!over.signal.aborted) isWritten = (await write()) && isWritten
      return isWritten
    })()
    // Slow to read the tables, so that entries come in between.
    const d1 = new FaultyD1(env.DB, { rewrite: (sent) => sleep(8).then(() => [sent]) }).asD1
    const audits = []
    for (let i = 0; i < 10; i++) audits.push(await audit(here, d1))
    over.abort()
    expect(await writing).toBe(true)
    expect(audits.flatMap((one) => one.violations)).toEqual([])
    expect(await write()).toBe(true)
  })

  test('still holds after the words of a person are erased, and the group goes on', async () => {
    const { id, ann } = await books()
    await env.DB.prepare('UPDATE journal SET texts = NULL, salt = NULL WHERE group_id = ?').bind(id).run()
    expect((await ann.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true })
    expect((await ann.post('/api/expenses/', { title: 'Tea', amount: '2.00', group_id: id })).status).toBe(201)
    expect((await ann.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true, entries: 4 })
  })
})

describe('explainDebt', () => {
  test('has a line for an edit after which somebody owes as much as before, but to another', async () => {
    const guests = [0, 1].map(() => `${crypto.randomUUID()}@example.com`)
    const {
      id,
      as: { ann },
    } = await group(['ann'], { initial_members: guests, settings: { simplify_debts: false } })
    const { body: balances } = await ann.get(`/api/groups/${id}/balances/`)
    const [bob, cid] = (balances.data.balances as { member_id: string }[]).map((b) => b.member_id).slice(1)
    const { body: expense } = await ann.post('/api/expenses/', { title: 'Dinner', amount: '30.00', group_id: id })
    expect((await ann.put(`/api/expenses/${expense.data.id}/`, { paid_by: cid })).status).toBe(200)
    const { body } = await ann.get(`/api/groups/${id}/debts/${bob}/${ann.id}/explain/`)
    expect(body.data).toMatchObject({ amount: '0.00', earlier: '0.00', rerouted: '0.00' })
    expect(body.data.lines.map((line: { amount: string }) => line.amount)).toEqual(['-10.00', '10.00'])
    expect((await ann.get(`/api/groups/${id}/audit/`)).body.data.is_sound).toBe(true)
  })
})

describe('the journal and its postings', () => {
  test.each([
    'UPDATE journal SET at = at + 1 WHERE group_id = ? AND seq = 2',
    "UPDATE journal SET body = body || ' ' WHERE group_id = ? AND seq = 2",
    "UPDATE journal SET texts = '[]' WHERE group_id = ? AND seq = 2",
    'UPDATE journal SET texts = NULL, salt = NULL, hash = previous WHERE group_id = ? AND seq = 2',
    'DELETE FROM journal WHERE group_id = ? AND seq = 3',
    'UPDATE postings SET paid = paid + 1 WHERE group_id = ?',
    'DELETE FROM postings WHERE group_id = ?',
    'INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE group_id = ? AND seq = 2',
    'INSERT OR REPLACE INTO postings SELECT group_id, member_id, currency, seq, paid + 1, owed FROM postings WHERE group_id = ?',
  ])('are never changed: %s', async (statement) => {
    const here = place()
    const [ann] = here.users
    const stub = env.GROUP.getByName(here.groupId)
    await stub.execute(execution(ann, here.create))
    for (let i = 0; i < 2; i++)
      await stub.execute(
        execution(ann, { type: 'record_expense', id: newId('expense'), draft: { title: 'Tea', amount: '1.00', date: '2026-01-01' } }),
      )
    await expect(env.DB.prepare(statement).bind(here.groupId).run()).rejects.toThrow(/append-only|fence/)
    expect((await audit(here)).violations).toEqual([])
  })
})
