// The seeded storms: whatever the network and the platform do, no command is lost, doubled or made up. The same
// storms without the fence, and with replies stored beside the batch, show that the test would see it.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { env } from '../support/env.ts'
import type { Faults, Sent } from '../support/faults.ts'
import { findLosses, journalOf, Storm } from '../support/storm.ts'

const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1)
const ROUNDS = 12

// What the sequencer reports of the faults is not for the reader of the tests.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => vi.restoreAllMocks())

describe('a group in a storm', () => {
  test.each(SEEDS)(
    'loses, doubles and invents nothing (seed %i)',
    async (seed) => {
      const storm = new Storm(seed)
      await storm.rage(ROUNDS)
      expect(await findLosses(storm)).toEqual([])
      const { state } = await journalOf(storm.groupId)
      for (const belief of await storm.beliefs()) expect(belief).toEqual(state)
    },
    30_000,
  )
})

/** What the checker says of storms until it says something. */
async function lossesWith(rewrite: Faults['rewrite']): Promise<string[]> {
  for (const seed of SEEDS) {
    const storm = new Storm(seed, rewrite)
    await storm.rage(ROUNDS)
    const losses = await findLosses(storm)
    if (losses.length > 0) return losses
  }
  return []
}

const isReply = ({ text }: Sent): boolean => text.startsWith('INSERT INTO idempotency')

/** The mistake that is made most often: the reply is stored after the commit. */
const repliesBeside: Faults['rewrite'] = async (sent) =>
  [sent.filter((one) => !isReply(one)), sent.filter(isReply)].filter((batch) => batch.length > 0)

type Row = [
  seq: number,
  commandId: string,
  at: number,
  type: string,
  body: string,
  texts: string,
  salt: string,
  textDigest: string,
  previous: string,
  hash: string,
]

let last: Promise<unknown> = Promise.resolve()

/** No fence: entries are appended behind whatever is there, with a chain that holds, whatever they were decided on. */
const unfenced: Faults['rewrite'] = (sent, d1) => {
  const turn = last.then(() => append(sent, d1))
  last = turn.catch(() => {})
  return turn.then(() => [])
}

async function append(sent: readonly Sent[], d1: D1Database): Promise<void> {
  const [groupId, json] = sent.find(({ text }) => text.startsWith('INSERT INTO journal'))?.params ?? []
  const tail = await d1
    .prepare('SELECT seq, hash FROM journal WHERE group_id = ? ORDER BY seq DESC LIMIT 1')
    .bind(groupId)
    .first<{ seq: number; hash: string }>()
  let previous = tail?.hash ?? ''
  const rows = (JSON.parse(String(json)) as Row[]).map(([, commandId, at, type, body, texts, salt, textDigest], i): Row => {
    const seq = (tail?.seq ?? 0) + 1 + i
    const moved = JSON.stringify({ ...JSON.parse(body), seq })
    const hash = createHash('sha256').update([previous, moved, textDigest].join('\n')).digest('hex')
    const row: Row = [seq, commandId, at, type, moved, texts, salt, textDigest, previous, hash]
    previous = hash
    return row
  })
  const shift = (rows[0]?.[0] ?? 0) - ((JSON.parse(String(json)) as Row[])[0]?.[0] ?? 0)
  const shifted = (text: unknown) =>
    JSON.stringify((JSON.parse(String(text)) as [number, ...unknown[]][]).map(([seq, ...rest]) => [seq + shift, ...rest]))
  const rewritten = sent.map(({ text, params }): Sent => {
    if (text.startsWith('INSERT INTO journal')) return { text, params: [groupId, JSON.stringify(rows)] }
    if (text.startsWith('UPDATE groups')) return { text, params: [rows.at(-1)?.[0], previous, ...params.slice(2)] }
    if (/^INSERT INTO (postings|outbox)/.test(text)) return { text, params: params.map((param, i) => (i === 0 ? param : shifted(param))) }
    return { text, params }
  })
  await d1.batch(rewritten.map(({ text, params }) => d1.prepare(text).bind(...params)))
}

describe('the same storm finds the mistake', () => {
  test('when replies are stored beside the batch, commands are written twice', async () => {
    const losses = await lossesWith(repliesBeside)
    expect(losses.join('\n')).toMatch(/was written \d times/)
  }, 30_000)

  test('when nothing fences off a decision on an old head, the books no longer agree', async () => {
    const fence = await env.DB.prepare("SELECT sql FROM sqlite_master WHERE name = 'journal_fence'").first<string>('sql')
    await env.DB.prepare('DROP TRIGGER journal_fence').run()
    const losses = await lossesWith(unfenced)
    await env.DB.prepare(fence ?? '').run()
    expect(losses.join('\n')).toMatch(/the journal comes to/)
  }, 30_000)
})
