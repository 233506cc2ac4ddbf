// The job of an import: whatever fails before and after it has written, each line comes once, and goes once.
import { describe, expect, test } from 'vitest'
import { connect, runBatch } from '../../src/db/client.ts'
import { insertJob, newJob } from '../../src/db/jobs.ts'
import type { Id } from '../../src/domain/ids.ts'
import type { Job } from '../../src/domain/job.ts'
import type { Env } from '../../src/env.ts'
import { runImport } from '../../src/jobs/import.ts'
import { env } from '../support/env.ts'
import { FaultyD1, random, type Fate } from '../support/faults.ts'
import { audited, brought, countOf, followed, look, netsOf, NETS, SPLITWISE, stage, titlesIn, undone } from '../support/imported.ts'
import { jobAt } from '../support/jobs.ts'
import { dataOf } from '../support/scene.ts'
import { person, type Client } from '../support/world.ts'

describe('whatever happens, each line comes once', () => {
  test('two commits at once, and two files of the same content at once', async () => {
    const ann = await person('ann')
    const { group_id } = await brought(ann, SPLITWISE.replaceAll('2026', '2025'))
    const [one, two] = [await stage(ann, SPLITWISE, `?group_id=${group_id}`), await stage(ann, SPLITWISE, `?group_id=${group_id}`)]
    const commits = await Promise.all([one, one, two].map(({ id }) => ann.post(`/api/imports/${id}/commit/`, {})))
    expect(commits.map(({ status }) => status).sort()).toEqual([202, 202, 409])
    const results = await Promise.all([one, two].map(({ id }) => followed(ann, id)))
    expect(results.reduce((sum, { result }) => sum + (result?.expenses ?? 0), 0)).toBe(5)
    expect((await titlesIn(ann, group_id)).filter((title) => title === 'Coffee')).toHaveLength(4)
    expect(await netsOf(ann, group_id)).toEqual([
      'Bob -2000 JPY',
      'Bob 231.98 EUR',
      'Cleo -859.98 EUR',
      'Cleo 4002 JPY',
      'ann -2002 JPY',
      'ann 628.00 EUR',
    ])
  })

  /** Objects of groups that answer so many calls with commands, and no more. */
  function failing(answered = 1): Env {
    let calls = 0
    const stub = (name: string) => {
      const real: any = env.GROUP.getByName(name)
      const executeAll = (given: unknown) => (++calls > answered ? Promise.reject(new Error('gone')) : real.executeAll(given))
      return new Proxy(real, {
        get: (_, key: string) => (key === 'executeAll' ? executeAll : (...given: unknown[]) => real[key](...given)),
      })
    }
    return { ...env, GROUP: { getByName: stub } } as unknown as Env
  }

  /** Runs the commit until the group fails, and leaves it as a job that has failed for good. */
  async function failHalfWay(who: Client, id: string, bindings = failing()): Promise<void> {
    const job = { userId: who.id as Id<'user'>, input: { importId: id as Id<'import'>, step: 'commit' } } as Job<'import'>
    const failed = { ...newJob('import', job.userId, job.input, Date.now()), state: 'failed' as const, error: 'gone' }
    await runBatch(connect(env.DB), insertJob(connect(env.DB), failed).slice(0, 1))
    await env.DB.prepare("UPDATE imports SET state = 'importing', job_id = ? WHERE id = ?").bind(failed.id, id).run()
    await expect(runImport({ ...jobAt(), env: bindings }, job, () => Promise.resolve())).rejects.toThrow('gone')
  }

  /** As many rows as take several portions, and their totals. */
  function long(rows: number): string {
    const lines = Array.from({ length: rows }, (_, i) => `2026-01-02,Row ${i % 50},General,3.01,EUR,2.00,-1.00,-1.00\n`).join('')
    return `Date,Description,Category,Cost,Currency,ann,Bob,Cleo\n${lines}2026-01-07,Total balance, , ,EUR,${2 * rows}.00,-${rows}.00,-${rows}.00\n`
  }

  /** The objects of groups, whose answers get lost now and then, before or after they have done what was asked. */
  const losing = (dice: () => number): Env['GROUP'] => {
    const lossy = (stub: any) =>
      new Proxy(stub, {
        get:
          (_, name: string) =>
          async (...args: unknown[]) => {
            const fate = dice()
            if (fate < 0.15) throw new Error('lost before')
            const answer: unknown = await stub[name](...args)
            if (fate > 0.85) throw new Error('lost after')
            return answer
          },
      }) as unknown
    return { getByName: (name: string) => lossy(env.GROUP.getByName(name)) } as unknown as Env['GROUP']
  }

  test('one that failed half way leaves the rest to the next, and adds nothing when it is tried again', async () => {
    const ann = await person('ann')
    const { group_id } = await brought(ann, SPLITWISE)
    const [one, two] = [await stage(ann, long(150), `?group_id=${group_id}`), await stage(ann, long(150), `?group_id=${group_id}`)]
    await failHalfWay(ann, one.id)
    expect((await look(ann, two.id)).lines).toMatchObject({ known: 60, new: 90 })
    await ann.post(`/api/imports/${two.id}/commit/`, {})
    expect((await followed(ann, two.id)).result).toMatchObject({ expenses: 90, skipped: 60 })
    expect((await ann.post(`/api/imports/${one.id}/commit/`, {})).status).toBe(202)
    expect((await followed(ann, one.id)).result).toMatchObject({ expenses: 60, skipped: 90 })
    expect(await netsOf(ann, group_id)).toContain('ann 614.00 EUR')
    expect(await audited(ann, group_id)).toEqual([])
  })

  test('one that failed half way is taken back whole: what it wrote, whom it brought, and what it had taken', async () => {
    const ann = await person('ann')
    const { group_id } = await brought(ann, 'Date,Description,Category,Cost,Currency,ann\n2026-01-01,Own,General,1.00,EUR,0.00\n')
    const one = await stage(ann, long(150), `?group_id=${group_id}`)
    // Two guests and one portion.
    await failHalfWay(ann, one.id, failing(3))
    expect(await countOf(ann, one.id, 'known')).toBe(60)
    expect((await undone(ann, one.id)).result?.undone).toEqual({ records: 60, kept: 0 })
    expect([await netsOf(ann, group_id), await countOf(ann, one.id, 'new')]).toEqual([[], 150])
    expect(await dataOf<unknown[]>(ann.get(`/api/groups/${group_id}/members/`))).toHaveLength(1)
  })

  test('one that failed before it could make its group is taken back, and is not asked for again', async () => {
    const ann = await person('ann')
    const one = await stage(ann, SPLITWISE)
    await failHalfWay(ann, one.id, failing(0))
    const back = await undone(ann, one.id)
    expect([back.status, back.result?.undone]).toEqual(['undone', { records: 0, kept: 0 }])
    expect((await ann.post(`/api/imports/${one.id}/undo/`)).status).toBe(409)
  })

  test('a change and a commit at once: one is after the other, and what was answered holds', async () => {
    const ann = await person('ann')
    const { group_id } = await brought(ann, SPLITWISE.replaceAll('2026', '2024'))
    for (let round = 0; round < 6; round++) {
      const { id } = await stage(ann, SPLITWISE.replaceAll('2026', `20${30 + round}`), `?group_id=${group_id}`)
      const [changed, committed, dropped] = await Promise.all([
        ann.patch(`/api/imports/${id}/`, { exclude: [1, 2, 3] }),
        ann.post(`/api/imports/${id}/commit/`, {}),
        ...(round % 2 === 0 ? [] : [ann.delete(`/api/imports/${id}/`)]),
      ])
      if (dropped?.status === 204) {
        expect([404, 409]).toContain(committed.status)
        continue
      }
      expect(committed.status).toBe(202)
      const { result } = await followed(ann, id)
      expect((result?.expenses ?? 0) + (result?.settlements ?? 0)).toBe(changed.status === 200 ? 3 : 6)
    }
    expect(await audited(ann, group_id)).toEqual([])
  })

  test.each([1, 2, 3, 4])(
    'the database and the group fail before and after they have written; taken back likewise (seed %i)',
    async (seed) => {
      const ann = await person('ann')
      const { id } = await stage(ann, long(150))
      const dice = random(seed)
      const read = (): 'lost_before' | 'through' => (dice() < 0.1 ? 'lost_before' : 'through')
      const batch = (): Fate => (dice() < 0.15 ? 'lost_before' : dice() < 0.15 ? 'lost_after' : 'through')
      const faulty = new FaultyD1(env.DB, { read, batch })
      const at = { ...jobAt(), db: connect(faulty.asD1), env: { ...env, GROUP: losing(dice) } as Env }
      const insist = async (step: 'commit' | 'undo'): Promise<number> => {
        const job = { userId: ann.id as Id<'user'>, input: { importId: id as Id<'import'>, step } } as Job<'import'>
        for (let tries = 1; tries < 200; tries++) {
          try {
            await runImport(at, job, () => Promise.resolve())
            return tries
          } catch (error) {
            expect(String(error)).not.toMatch(/TypeError|RangeError/)
          }
        }
        throw new Error('never')
      }
      const say = (state: string) => env.DB.prepare('UPDATE imports SET state = ? WHERE id = ?').bind(state, id).run()
      await say('importing')
      await insist('commit')
      await faulty.settle()
      const done = await look(ann, id)
      expect(done).toMatchObject({ status: 'imported', result: { expenses: 150, settlements: 0, refused: 0 } })
      expect(await countOf(ann, id, 'known')).toBe(150)
      expect(await netsOf(ann, done.group_id)).toEqual(['Bob -150.00 EUR', 'Cleo -150.00 EUR', 'ann 300.00 EUR'])
      await say('undoing')
      await insist('undo')
      await faulty.settle()
      expect([await netsOf(ann, done.group_id), await titlesIn(ann, done.group_id)]).toEqual([[], []])
      expect([await audited(ann, done.group_id), (await look(ann, id)).status]).toEqual([[], 'undone'])
    },
    60_000,
  )
})

describe('an import', () => {
  test('is taken back as a whole: balances, payments, guests and the group; and can be brought again', async () => {
    const ann = await person('ann')
    const { id, group_id } = await brought(ann, SPLITWISE)
    const tea = await dataOf<{ id: string }>(
      ann.post('/api/expenses/', {
        title: 'Tea',
        amount: '3',
        group_id,
        expense_date: '2026-01-09',
        split_type: 'equal',
        split_data: { participants: [ann.id] },
      }),
    )
    const back = await undone(ann, id)
    expect([back.status, back.result?.undone]).toEqual(['undone', { records: 6, kept: 0 }])
    expect([await netsOf(ann, group_id), await titlesIn(ann, group_id), await audited(ann, group_id)]).toEqual([[], ['Tea'], []])
    const members = await dataOf<{ status: string; user: { name: string } }[]>(ann.get(`/api/groups/${group_id}/members/`))
    expect(members).toHaveLength(1)
    expect((await ann.post(`/api/imports/${id}/undo/`)).status).toBe(409)
    expect((await brought(ann, SPLITWISE, `?group_id=${group_id}`)).result).toMatchObject({ expenses: 5, settlements: 1, skipped: 0 })
    expect(await netsOf(ann, group_id)).toEqual(NETS)
    expect((await ann.get(`/api/expenses/${tea.id}/`)).status).toBe(200)
  })

  test('in a group that was made for it alone, leaves an archived group when it is taken back', async () => {
    const ann = await person('ann')
    const { id, group_id } = await brought(ann, SPLITWISE)
    await undone(ann, id)
    expect((await dataOf<{ is_active: boolean }>(ann.get(`/api/groups/${group_id}/`))).is_active).toBe(false)
  })

  test('is taken back whole although a guest of it has left since, who is out again afterwards', async () => {
    const ann = await person('ann')
    const text =
      'Date,Description,Category,Cost,Currency,ann,Bob\n2026-01-02,Dinner,General,10.00,EUR,10.00,-10.00\n2026-01-03,Bob paid ann,Payment,10.00,EUR,-10.00,10.00\n'
    const { id, group_id } = await brought(ann, text)
    const people = () => dataOf<{ id: string; user: { name: string } }[]>(ann.get(`/api/groups/${group_id}/members/`))
    const bob = (await people()).find((one) => JSON.stringify(one).includes('Bob'))
    expect((await ann.delete(`/api/groups/${group_id}/members/${bob?.id}/`)).status).toBe(204)
    expect((await undone(ann, id)).result?.undone).toEqual({ records: 2, kept: 0 })
    expect([await netsOf(ann, group_id), (await people()).length, await audited(ann, group_id)]).toEqual([[], 1, []])
  })

  test('taken back, leaves a group open in which somebody still owes', async () => {
    const ann = await person('ann')
    const { id, group_id } = await brought(ann, SPLITWISE)
    const bob = (await dataOf<{ id: string }[]>(ann.get(`/api/groups/${group_id}/members/`))).find((one) =>
      JSON.stringify(one).includes('Bob'),
    )
    const due = await dataOf<{ id: string }>(
      ann.post('/api/payments/settlements/', { group_id, payer_id: bob?.id, payee_id: ann.id, amount: '3', currency: 'EUR' }),
    )
    await dataOf(ann.post(`/api/payments/settlements/${due.id}/confirm/`, { confirmation_type: 'received' }))
    await undone(ann, id)
    expect((await dataOf<{ is_active: boolean }>(ann.get(`/api/groups/${group_id}/`))).is_active).toBe(true)
    expect(await netsOf(ann, group_id)).toEqual(['Bob 3.00 EUR', 'ann -3.00 EUR'])
  })
})
