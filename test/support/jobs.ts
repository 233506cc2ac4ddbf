// What a job has in tests: the worker's own bindings, and a clock that the test sets.
import { connect } from '../../src/db/client.ts'
import type { Env } from '../../src/env.ts'
import type { JobContext } from '../../src/jobs/context.ts'
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
