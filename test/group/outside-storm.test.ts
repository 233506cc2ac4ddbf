// The seeded storms again, with everything that goes out in them: the queue loses, doubles and reorders its hints, the
// consumers' database fails as the writers' does, receivers fail and hang up. Each entry comes out once and in order.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Faults } from '../support/faults.ts'
import { findLosses, Storm } from '../support/storm.ts'

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 101)
const ROUNDS = 10

// What is reported of the faults is not for the reader of the tests.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => void vi.unstubAllGlobals())
afterAll(() => void vi.restoreAllMocks())

describe('what goes out in a storm', () => {
  test.each(SEEDS)(
    'is told once, in order and to whom it concerns (seed %i)',
    async (seed) => {
      const storm = new Storm(seed, undefined, {})
      await storm.rage(ROUNDS)
      expect([...(await findLosses(storm)), ...((await storm.outside?.findUntold()) ?? [])]).toEqual([])
    },
    60_000,
  )

  test('the same storm finds the mistake: what is told without a promise in the same batch is lost', async () => {
    const unpromised: Faults['rewrite'] = (sent) => {
      const isTelling = sent.some(({ text }) => text.includes('told_seq') || text.includes('"told_seq"'))
      const rest = sent.filter(({ text }) => !isTelling || !text.startsWith('INSERT INTO outbox'))
      return Promise.resolve([rest])
    }
    const found: string[] = []
    for (const seed of SEEDS.slice(0, 5)) {
      const storm = new Storm(seed, undefined, { rewrite: unpromised })
      await storm.rage(ROUNDS)
      found.push(...((await storm.outside?.findUntold()) ?? []))
      vi.unstubAllGlobals()
    }
    expect(found.join('\n')).toContain('owed still')
  }, 120_000)
})
