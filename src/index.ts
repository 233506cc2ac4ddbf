import { createApp } from './app.ts'
import { connect } from './db/client.ts'
import type { Speller } from './domain/telling.ts'
import type { Hint } from './domain/hint.ts'
import type { Env } from './env.ts'
import { GroupObject as SpeechlessGroupObject } from './group/object.ts'
import type { JobContext } from './jobs/context.ts'
import { followHints, followReadings } from './jobs/hints.ts'
import { runNightly } from './jobs/nightly.ts'
import { drainOutbox, drainReadings } from './jobs/outbox.ts'
import { refreshRates } from './jobs/rates.ts'
import { promiseReminders } from './jobs/remind.ts'
import { tellGroups } from './jobs/tell.ts'
import { spellerOf } from './routes/live-shapes.ts'
import { wordsOf } from './routes/words.ts'
import { fileLink } from './services/files.ts'

export { LimiterObject } from './platform/limiter.ts'

/** The group's object, and the words that its sockets speak: `group/` knows no wire shapes. */
export class GroupObject extends SpeechlessGroupObject {
  protected override makeSpeller(env: Env): Speller {
    return spellerOf((audience, key) => fileLink({ env, ...audience }, key))
  }
}

/** As in wrangler.toml; every other tick is the minute's, and every other queue that of hints. */
const NIGHTLY = '17 3 * * *'
const READINGS = 'quits-readings'

const app = createApp()

/** The surroundings of a job: the clock is read here, and links lead to the public origin. */
export const jobContext = (env: Env): JobContext => ({
  env,
  db: connect(env.DB),
  now: Date.now(),
  origin: env.PUBLIC_URL || env.JOBS_ORIGIN,
  words: wordsOf((audience, key) => fileLink({ env, ...audience }, key)),
})

export default {
  fetch: app.fetch,
  queue: (batch, env) => (batch.queue === READINGS ? followReadings : followHints)(jobContext(env), batch),
  scheduled: async ({ cron }, env) => {
    const at = jobContext(env)
    if (cron === NIGHTLY) return runNightly(at)
    await Promise.all([tellGroups(at), promiseReminders(at)])
    await Promise.all([drainOutbox(at), drainReadings(at), refreshRates(at)])
  },
} satisfies ExportedHandler<Env, Hint>
