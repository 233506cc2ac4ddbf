// What a job has in tests: the worker's own bindings, and a clock that the test sets.
import { connect } from '../../src/db/client.ts'
import type { Id } from '../../src/domain/ids.ts'
import type { Env } from '../../src/env.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup } from '../../src/jobs/tell.ts'
import { wordsOf } from '../../src/routes/words.ts'
import { fileLink } from '../../src/services/files.ts'
import { env } from './env.ts'

export const ORIGIN = 'http://quits.test'

export const jobAt = (now: number = Date.now(), bindings: Env = env): JobContext => ({
  env: bindings,
  db: connect(env.DB),
  now,
  origin: ORIGIN,
  words: wordsOf((audience, key) => fileLink({ env, ...audience }, key)),
})

/** Tells what is owed and keeps what is due, until nothing is left that moves by itself. */
export async function rest(): Promise<void> {
  const { results } = await env.DB.prepare('SELECT id FROM groups WHERE seq > told_seq').all<{ id: Id<'group'> }>()
  for (const { id } of results) await tellGroup(jobAt(), id)
  while ((await drainOutbox(jobAt())).done > 0);
}
