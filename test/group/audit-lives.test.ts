// The audit raises no false alarm: not on any life of a group, read a few rows at a time, and not while it is lived.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findOddRows, Written } from '../../src/db/audit-rows.ts'
import { START, type Head } from '../../src/db/chain.ts'
import { connect } from '../../src/db/client.ts'
import { readJournal, writeCommit } from '../../src/db/journal.ts'
import { rollupDeltas } from '../../src/db/rollups.ts'
import { merged } from '../../src/domain/analytics/rollup.ts'
import { apply } from '../../src/domain/apply.ts'
import { EMPTY, type Entry, type State } from '../../src/domain/group.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { auditChangedGroups } from '../../src/services/audit.ts'
import { systemAccess } from '../../src/services/access.ts'
import { env } from '../support/env.ts'
import { FaultyD1, random, sleep } from '../support/faults.ts'
import { live, lives, type Life } from '../support/life.ts'
import { audit, Storm } from '../support/storm.ts'

beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => vi.restoreAllMocks())

let lived = 0

/** Writes a life into the tables, some entries in each batch, under ids that no other life has. */
async function write(life: Life, together: number): Promise<{ groupId: Id<'group'>; state: State; head: Head }> {
  const mark = `x${++lived}`
  const groupId = newId('group')
  const text = JSON.stringify(live(life).entries)
    .replaceAll('"grp_test"', JSON.stringify(groupId))
    .replaceAll(/"(mem|usr|exp|cmt|inv|cmd)_/g, `"$1_${mark}`)
    .replaceAll(/"(key|inviteCode|tokenHash)":"/g, `"$1":"${mark}`)
  const entries = JSON.parse(text) as Entry[]
  let [state, head]: [State, Head] = [EMPTY, START]
  const known = new Map<string, Entry['expense']>()
  for (let i = 0; i < entries.length; i += together) {
    const some = entries.slice(i, i + together)
    state = some.reduce(apply, state)
    const rollups = some.flatMap(({ expense }) => {
      const before = expense && known.get(expense.id)
      if (expense !== undefined) known.set(expense.id, expense)
      return rollupDeltas(before, expense)
    })
    head = await writeCommit(env.DB, { groupId, head, entries: some, after: state, replies: [], effects: [], rollups: merged(rollups) })
  }
  return { groupId, state, head }
}

/** Everything that has changed, as the night audits it. */
const audited = async () => {
  const audits = await auditChangedGroups({ env, db: connect(env.DB), now: Date.now(), origin: '' }, 1000)
  return audits.flatMap((one) => one.violations)
}

async function oddRows(groupId: Id<'group'>, size: number, d1: D1Database = env.DB) {
  const { entries, head } = await readJournal(d1, groupId, START, 100_000)
  const { info } = entries.reduce(apply, EMPTY)
  if (info === undefined) throw new Error('the group has no entries')
  const written = new Written()
  for (const entry of entries) written.note(entry)
  return findOddRows({ d1, access: systemAccess(groupId), info, written, size }, head)
}

describe('the audit', () => {
  test('finds any life of a group sound, whatever words of it are erased', async () => {
    await fc.assert(
      fc.asyncProperty(
        lives(80),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(80), { maxLength: 8 }),
        async (life, together, erased) => {
          const { groupId, head } = await write(life, together)
          expect(await oddRows(groupId, 1 + (together % 4))).toEqual([])
          expect(await audited()).toEqual([])
          for (const n of erased)
            await env.DB.prepare('UPDATE journal SET texts = NULL, salt = NULL WHERE group_id = ? AND seq = ?')
              .bind(groupId, 1 + (n % head.seq))
              .run()
          await env.DB.prepare('DELETE FROM audits WHERE group_id = ?').bind(groupId).run()
          expect(await audited()).toEqual([])
        },
      ),
      { numRuns: 30 },
    )
  }, 60_000)

  test.each([1, 2, 3, 4, 5, 6])(
    'raises no false alarm in a storm of writes (seed %i)',
    async (seed) => {
      const storm = new Storm(seed)
      const dice = random(seed)
      let isOver = false
      const raging = storm.rage(60).finally(() => (isOver = true))
      await vi.waitFor(async () => expect((await readJournal(env.DB, storm.groupId, START, 1)).entries).toHaveLength(1), {
        timeout: 5000,
        interval: 5,
      })
      // Slow, so that entries come between any two of its statements.
      const slow = new FaultyD1(env.DB, { pause: () => sleep(dice() * 6) }).asD1
      const found = []
      while (!isOver) {
        found.push(...(await oddRows(storm.groupId, 3, slow)))
        found.push(...(await audit(storm.place, slow)).violations)
      }
      await raging
      expect(found).toEqual([])
      expect((await audit(storm.place)).violations).toEqual([])
    },
    60_000,
  )
})
