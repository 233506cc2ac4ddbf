// The sequencer against the real database: one entry for each command, whatever becomes of the batch it was in.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../src/db/client.ts'
import type { Head } from '../../src/db/chain.ts'
import { commitFault, writeCommit, type CommitFault } from '../../src/db/journal.ts'
import type { Currency } from '../../src/domain/currency.ts'
import type { Failure } from '../../src/domain/errors.ts'
import type { Entry } from '../../src/domain/group.ts'
import type { Command } from '../../src/domain/commands.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import type { Result } from '../../src/domain/result.ts'
import type { BalancesView } from '../../src/domain/views.ts'
import { Sequencer, type ExecuteResult, type Execution } from '../../src/group/sequencer.ts'
import { env } from '../support/env.ts'
import { FaultyD1, sleep, type Fate, type Faults } from '../support/faults.ts'
import { audit, execution, journalOf, MemoryStore, place, sequencerOf, type Place } from '../support/storm.ts'

// What the sequencer reports of the faults is not for the reader of the tests.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => vi.restoreAllMocks())

const expense = (amount = '10.00'): Command => ({
  type: 'record_expense',
  id: newId('expense'),
  draft: { title: 'Dinner', amount, date: '2026-01-01' },
})

interface Made extends Place {
  readonly ann: Id<'user'>
  readonly d1: FaultyD1
  readonly sequencer: Sequencer
}

/** A group with four members and one entry, and a sequencer of it on a database with these faults. */
async function made(faults: Faults = {}): Promise<Made> {
  const here = place()
  const [ann = 'usr_nobody'] = here.users
  await sequencerOf(here.groupId, env.DB).execute(execution(ann, here.create))
  const d1 = new FaultyD1(env.DB, faults)
  const sequencer = sequencerOf(here.groupId, d1.asD1)
  return { ...here, ann, d1, sequencer }
}

/** Each batch meets the next fate; when there are no more, all goes well. */
const fates = (...list: Fate[]): Faults => ({ batch: () => list.shift() ?? 'through' })

/** The first batch comes through late, but before the second. */
function lateButFirst(): Faults {
  const list: Fate[] = ['late']
  return {
    batch: () => list.shift() ?? 'through',
    rewrite: async (sent) => (list.length === 0 ? sleep(6) : Promise.resolve()).then(() => [sent]),
  }
}

const codeOf = (result: ExecuteResult): string => (result.ok ? 'ok' : result.error.code)
const seqOf = (result: ExecuteResult): number => (result.ok ? result.value.outcome.entry.seq : 0)

async function count(table: string, groupId: string): Promise<number> {
  return (await env.DB.prepare(`SELECT COUNT(*) AS n FROM ${table} WHERE group_id = ?`).bind(groupId).first<number>('n')) ?? 0
}

test('a command that is written is answered so, also when the object cannot keep its copy', async () => {
  const here = place()
  const [ann = 'usr_nobody'] = here.users
  const store = new MemoryStore()
  const sequencer = new Sequencer({ groupId: here.groupId, db: connect(env.DB), store, now: () => Date.now(), publish: () => {} })
  await sequencer.execute(execution(ann, here.create))
  store.save = () => {
    throw new Error('the copy cannot be kept')
  }
  expect(seqOf(await sequencer.execute(execution(ann, expense())))).toBe(2)
  expect(await count('journal', here.groupId)).toBe(2)
})

test('an entry whose postings do not sum to zero is refused by the database itself, whole', async () => {
  const here = place()
  const [ann = 'usr_nobody'] = here.users
  const sequencer = sequencerOf(here.groupId, env.DB)
  await sequencer.execute(execution(ann, here.create))
  const before = await journalOf(here.groupId)
  const [first] = before.entries
  const [member] = before.state.members.keys()
  if (first === undefined || member === undefined) throw new Error('a group begins with an entry and a member')
  const { info: _, members: __, invitations: ___, ...rest } = first
  const posting = { member, currency: 'EUR' as Currency, paid: 100, owed: 99 }
  const entry: Entry = { ...rest, seq: 2, commandId: newId('command'), type: 'expense_recorded', postings: [posting] }
  const head = await env.DB.prepare('SELECT seq, head AS hash FROM groups WHERE id = ?').bind(here.groupId).first<Head>()
  if (head === null) throw new Error('a group has a row')
  const commit = { groupId: here.groupId, head, entries: [entry], after: before.state, replies: [], effects: [] }
  const failed = await writeCommit(env.DB, commit).catch((error: unknown) => String(error))
  expect(failed).toContain('NOT NULL constraint failed: postings.owed')
  expect([await count('journal', here.groupId), await count('postings', here.groupId)]).toEqual([1, 0])
})

describe('commitFault', () => {
  const said: readonly (readonly [string, CommitFault])[] = [
    ['D1_ERROR: fence: the journal has moved on: SQLITE_CONSTRAINT', 'fence'],
    ['D1_ERROR: UNIQUE constraint failed: journal.group_id, journal.seq: SQLITE_CONSTRAINT', 'fence'],
    ['D1_ERROR: UNIQUE constraint failed: journal.group_id, journal.command_id: SQLITE_CONSTRAINT', 'fence'],
    ['D1_ERROR: UNIQUE constraint failed: groups.id: SQLITE_CONSTRAINT', 'fence'],
    ['D1_ERROR: UNIQUE constraint failed: groups.invite_code: SQLITE_CONSTRAINT', 'fence'],
    ['D1_ERROR: UNIQUE constraint failed: idempotency.actor, idempotency.key: SQLITE_CONSTRAINT', 'key_taken'],
    ['D1_ERROR: frozen: the group takes no writes: SQLITE_CONSTRAINT', 'frozen'],
    ['D1_ERROR: NOT NULL constraint failed: postings.owed: SQLITE_CONSTRAINT', 'refused'],
    ['D1_ERROR: append-only: the journal is never changed: SQLITE_CONSTRAINT', 'refused'],
    ['D1_ERROR: NOT NULL constraint failed: members.name: SQLITE_CONSTRAINT', 'refused'],
    ['D1_ERROR: string or blob too big: SQLITE_TOOBIG', 'refused'],
    ['D1_ERROR: no such table: journals: SQLITE_ERROR', 'refused'],
    ['D1_ERROR: Network connection lost.', 'unknown'],
    ['D1_ERROR: Internal error in D1 DB storage caused object to be reset.', 'unknown'],
    ['D1_ERROR: D1 DB reset because its code was updated.', 'unknown'],
    ['D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.', 'unknown'],
    ['D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.', 'unknown'],
    ['D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 'overloaded'],
    ['D1_ERROR: D1 DB is overloaded. Too many requests queued.', 'overloaded'],
  ]
  test.each(said)('%s → %s', (message, fault) => {
    expect(commitFault(message)).toBe(fault)
  })
})

describe('a command', () => {
  test('whose batch never arrived is sent again, and is written once', async () => {
    const { sequencer, ann, groupId } = await made(fates('lost_before', 'lost_before'))
    expect(seqOf(await sequencer.execute(execution(ann, expense())))).toBe(2)
    expect(await count('journal', groupId)).toBe(2)
  })

  test('whose outcome is unknown is answered from the journal, not sent again', async () => {
    const { sequencer, ann, d1, groupId } = await made(fates('lost_after'))
    expect(seqOf(await sequencer.execute(execution(ann, expense())))).toBe(2)
    expect(d1.committed).toHaveLength(1)
    expect(d1.refused).toEqual([])
    expect(await count('journal', groupId)).toBe(2)
  })

  test('whose batch comes through late, after it was sent again, is written once', async () => {
    for (const isFirst of [true, false]) {
      const { sequencer, ann, d1, groupId } = await made(isFirst ? lateButFirst() : fates('late'))
      expect(seqOf(await sequencer.execute(execution(ann, expense())))).toBe(2)
      await d1.settle()
      expect([d1.committed.length, d1.refused.length]).toEqual([1, 1])
      expect(await count('journal', groupId)).toBe(2)
    }
  })

  test('is not pressed on an overloaded database', async () => {
    const { sequencer, ann, d1, groupId } = await made(fates('overloaded'))
    expect(await sequencer.execute(execution(ann, expense()))).toMatchObject({ ok: false, error: { code: 'service.busy', retryAfterS: 2 } })
    expect(d1.committed).toEqual([])
    expect(await count('journal', groupId)).toBe(1)
  })

  test('is given up after four tries, and leaves nothing behind', async () => {
    const { sequencer, ann, groupId } = await made({ batch: () => 'lost_before' })
    expect(await sequencer.execute(execution(ann, expense()))).toMatchObject({ ok: false, error: { code: 'service.busy' } })
    expect(await count('journal', groupId)).toBe(1)
  })

  test('in a dry run tells what would come of it and stores nothing, whatever stands beside it', async () => {
    const { sequencer, ann, groupId, d1 } = await made()
    const [dry, real, after] = await Promise.all([
      sequencer.execute({ ...execution(ann, expense('40.00'), 'dry'), isDryRun: true }),
      sequencer.execute(execution(ann, expense('20.00'))),
      sequencer.execute({ ...execution(ann, expense('-1.00')), isDryRun: true }),
    ])
    expect(dry.ok && dry.value.outcome.figures.totalMinor).toBe(4000)
    expect(real.ok && real.value.outcome.figures.totalMinor).toBe(2000)
    expect(codeOf(after)).toBe('expense.invalid')
    expect(d1.committed).toHaveLength(1)
    expect(await count('journal', groupId)).toBe(2)
    expect(codeOf(await sequencer.execute(execution(ann, expense(), 'dry')))).toBe('ok')
  })

  test('under one key is written once, and answered alike: at once, beside itself, elsewhere and later', async () => {
    const { sequencer, ann, groupId } = await made()
    const elsewhere = sequencerOf(groupId, env.DB)
    const tries = await Promise.all(
      [sequencer, sequencer, elsewhere, elsewhere].map((one) => one.execute(execution(ann, expense(), 'once'))),
    )
    const later = await sequencerOf(groupId, env.DB).execute(execution(ann, expense(), 'once'))
    expect([...tries, later].map(seqOf)).toEqual([2, 2, 2, 2, 2])
    expect(tries.filter((result) => result.ok && !result.value.isReplayed)).toHaveLength(1)
    expect(new Set([...tries, later].map((result) => (result.ok ? JSON.stringify(result.value.outcome) : ''))).size).toBe(1)
    expect(await count('journal', groupId)).toBe(2)
  })

  test('under the key of another command is refused, and so is a repetition that is not one', async () => {
    const { sequencer, ann, groupId } = await made()
    const first = execution(ann, expense(), 'key')
    expect(codeOf(await sequencer.execute(first))).toBe('ok')
    const other = { ...execution(ann, expense()), repeatable: { actor: ann, key: 'key', fingerprint: 'other' } }
    expect(codeOf(await sequencer.execute(other))).toBe('request.key_reused')
    expect(await count('journal', groupId)).toBe(2)
  })

  test('that would now be refused is answered as the first time', async () => {
    const { sequencer, ann } = await made()
    const written = await sequencer.execute(execution(ann, expense()))
    const id = written.ok ? (written.value.outcome.entry.expense?.id ?? 'exp_none') : 'exp_none'
    const first = await sequencer.execute(execution(ann, { type: 'delete_expense', id }, 'gone'))
    const again = await sequencer.execute(execution(ann, { type: 'delete_expense', id }, 'gone'))
    expect([seqOf(first), seqOf(again)]).toEqual([3, 3])
    expect(codeOf(await sequencer.execute(execution(ann, { type: 'delete_expense', id })))).toBe('expense.deleted')
  })

  test('delivered twice is written once', async () => {
    const { sequencer, ann, groupId } = await made()
    const same = execution(ann, expense())
    const other = execution(ann, expense())
    const results = await Promise.all([other, same, same, same].map((one) => sequencer.execute(one)))
    expect([...results, await sequencer.execute(same)].map(seqOf)).toEqual([2, 3, 3, 3, 3])
    expect(await count('journal', groupId)).toBe(3)
  })

  test('that a bug in the rules trips over fails alone; what stands beside it is written', async () => {
    const { sequencer, ann } = await made()
    const meal = expense()
    // No client can send this; it stands for whatever we have not thought of.
    const odd = { ...meal, draft: { title: 'Odd', amount: '1.00', date: '2026-01-01', split: { type: 'magic' } } } as unknown as Command
    const results = await Promise.all([expense(), expense(), odd, meal].map((command) => sequencer.execute(execution(ann, command))))
    expect(results.map(codeOf)).toEqual(['ok', 'ok', 'internal', 'ok'])
    expect(results.map(seqOf)).toEqual([2, 3, 0, 4])
  })

  test('that the tables refuse fails alone; what stands beside it is written', async () => {
    const { sequencer, ann, groupId } = await made()
    const meal = expense()
    const id = meal.type === 'record_expense' ? meal.id : 'exp_none'
    await sequencer.execute(execution(ann, meal))
    const comment = (): Command => ({ type: 'comment_expense', id, comment: `cmt_${groupId}`, text: 'Twice' })
    const results = await Promise.all(
      [comment(), expense(), comment(), expense()].map((command) => sequencer.execute(execution(ann, command))),
    )
    expect(results.map(codeOf)).toEqual(['ok', 'ok', 'internal', 'ok'])
    expect((await audit({ groupId, users: [ann] })).violations).toEqual([])
  })
})

describe('many at once', () => {
  test('of 50 writers at one seq exactly one commits a round, and in the end all are acknowledged', async () => {
    const { groupId, ann } = await made()
    const d1 = new FaultyD1(env.DB)
    const persist = async (): Promise<number> => {
      const writer = sequencerOf(groupId, d1.asD1)
      for (;;) {
        const result = await writer.execute(execution(ann, expense()))
        if (result.ok || result.error.code !== 'service.busy') return seqOf(result)
      }
    }
    const seqs = await Promise.all(Array.from({ length: 50 }, persist))
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 2))
    expect(d1.committed).toHaveLength(50)
    expect(d1.refused.filter(({ message }) => commitFault(message) !== 'fence')).toEqual([])
    expect(d1.refused.length).toBeGreaterThan(50)
    expect((await audit({ groupId, users: [ann] })).violations).toEqual([])
  }, 30_000)

  test('20 commands sent at once are written in fewer batches, each with a seq of its own', async () => {
    const { sequencer, ann, d1 } = await made()
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => sequencer.execute(execution(ann, expense(), `many ${i}`))))
    expect(results.map(seqOf)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2))
    expect(d1.committed.length).toBeLessThan(5)
    expect(Math.max(...d1.committed.map((batch) => batch.length))).toBeLessThan(50)
  })

  test('commands that wait are decided one on the other, and a refusal counts what stands before it', async () => {
    const { sequencer, ann } = await made()
    const meal = expense()
    const id = meal.type === 'record_expense' ? meal.id : 'exp_none'
    const commands: Command[] = [
      meal,
      { type: 'delete_expense', id },
      { type: 'delete_expense', id },
      { type: 'restore_expense', id },
      { type: 'update_expense', id, fields: { amount: '7.00' } },
    ]
    const results = await Promise.all(commands.map((command) => sequencer.execute(execution(ann, command))))
    expect(results.map(codeOf)).toEqual(['ok', 'ok', 'expense.deleted', 'ok', 'ok'])
    expect(results.map((result) => (result.ok ? result.value.outcome.figures.totalMinor : undefined))).toEqual([
      1000,
      0,
      undefined,
      1000,
      700,
    ])
  })

  test('a group opened twice at once is opened once', async () => {
    const {
      groupId,
      users: [ann = 'usr_nobody'],
      create,
    } = place()
    const results = await Promise.all([0, 1].map(() => sequencerOf(groupId, env.DB).execute(execution(ann, create))))
    expect(results.map(codeOf).toSorted()).toEqual(['group.exists', 'ok'])
  })

  test('a group whose opening comes through late is acknowledged', async () => {
    const {
      groupId,
      users: [ann = 'usr_nobody'],
      create,
    } = place()
    const d1 = new FaultyD1(env.DB, lateButFirst())
    expect(codeOf(await sequencerOf(groupId, d1.asD1).execute(execution(ann, create)))).toBe('ok')
    await d1.settle()
    expect([d1.committed.length, d1.refused.length]).toEqual([1, 1])
    expect(await count('journal', groupId)).toBe(1)
  })
})

describe('an instance that wakes up', () => {
  test('answers readers and writers that come at the same time', async () => {
    const { groupId, ann, sequencer } = await made()
    for (let i = 0; i < 3; i++) await sequencer.execute(execution(ann, expense()))
    const woken = sequencerOf(groupId, env.DB)
    const [one, two, written, three] = await Promise.all([
      woken.state(),
      woken.state(),
      woken.execute(execution(ann, expense())),
      woken.refresh(),
    ])
    expect([one.seq, two.seq, seqOf(written)]).toEqual([4, 4, 5])
    expect(three.seq).toBeGreaterThanOrEqual(4)
    expect(await woken.state()).toEqual((await journalOf(groupId)).state)
  })

  test('with the memory of another journal starts over from the truth', async () => {
    const { groupId, ann } = await made()
    const elsewhere = place()
    const store = new MemoryStore()
    const other = sequencerOf(elsewhere.groupId, env.DB, store)
    await other.execute(execution(elsewhere.users[0], elsewhere.create))
    for (let i = 0; i < 5; i++) await other.execute(execution(elsewhere.users[0], expense()))
    const lost = new Sequencer({ groupId, db: connect(env.DB), store, now: () => Date.now(), publish: () => {} })
    const user = elsewhere.users[0]
    await lost.execute(execution(user, expense()))
    expect(codeOf(await lost.execute(execution(ann, expense())))).toBe('ok')
    expect(await lost.state()).toEqual((await journalOf(groupId)).state)
  })

  test('tells of every entry once and in order, its own and those of others', async () => {
    const { groupId, ann, sequencer } = await made()
    const told: number[] = []
    const listening = new Sequencer({
      groupId,
      db: connect(env.DB),
      store: new MemoryStore(),
      now: () => Date.now(),
      publish: (entries) => void told.push(...entries.map((e) => e.seq)),
    })
    for (let i = 0; i < 3; i++) {
      await sequencer.execute(execution(ann, expense()))
      await listening.execute(execution(ann, expense()))
    }
    // Delivered twice, it is looked for in the whole journal.
    const same = execution(ann, expense())
    for (let i = 0; i < 2; i++) expect(seqOf(await listening.execute(same))).toBe(8)
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('the object', () => {
  const run = async (groupId: string, asked: Execution): Promise<ExecuteResult> => env.GROUP.getByName(groupId).execute(asked)
  const balances = async (groupId: string, user: string) => {
    const result = (await env.GROUP.getByName(groupId).balances(user, 'group.read')) as Result<BalancesView, Failure>
    return result.ok ? result.value : undefined
  }

  test('that is evicted, or has lost its storage, comes back with the same balances', async () => {
    const {
      groupId,
      users: [ann = 'usr_nobody'],
      create,
    } = place()
    const stub = env.GROUP.getByName(groupId)
    await run(groupId, execution(ann, create))
    // More than a snapshot apart, so that it wakes from a snapshot and what came after.
    await Promise.all(Array.from({ length: 40 }, () => run(groupId, execution(ann, expense('10.01')))))
    await run(groupId, execution(ann, expense('3.00')))
    const before = await balances(groupId, ann)
    await evictDurableObject(stub)
    expect(await balances(groupId, ann)).toEqual(before)
    await runInDurableObject(stub, (_, { storage }) => storage.sql.exec('DELETE FROM snapshot; DELETE FROM expenses').toArray())
    await evictDurableObject(stub)
    const woken = await Promise.all([
      balances(groupId, ann),
      balances(groupId, ann),
      run(groupId, execution(ann, expense('1.00'))),
      balances(groupId, ann),
    ])
    expect(woken[0]).toEqual(before)
    expect(woken[1]).toEqual(before)
    expect(seqOf(woken[2])).toBe(43)
    expect((await audit({ groupId, users: [ann] })).violations).toEqual([])
  })
})
