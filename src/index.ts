import { createApp } from './app.ts'
import { connect } from './db/client.ts'
import type { Speller } from './domain/telling.ts'
import type { Env } from './env.ts'
import { GroupObject as SpeechlessGroupObject } from './group/object.ts'
import { runNightly } from './jobs/nightly.ts'
import { drainOutbox } from './jobs/outbox.ts'
import { refreshRates } from './jobs/rates.ts'
import { spellerOf } from './routes/live-shapes.ts'
import { fileLink } from './services/files.ts'

export { LimiterObject } from './platform/limiter.ts'

/** The group's object, and the words that its sockets speak: `group/` knows no wire shapes. */
export class GroupObject extends SpeechlessGroupObject {
  protected override makeSpeller(env: Env): Speller {
    return spellerOf((audience, key) => fileLink({ env, ...audience }, key))
  }
}

/** As in wrangler.toml; every other tick is the minute's. */
const NIGHTLY = '17 3 * * *'

const app = createApp()

export default {
  fetch: app.fetch,
  scheduled: async ({ cron }, env) => {
    const at = { env, db: connect(env.DB), now: Date.now(), origin: env.PUBLIC_URL }
    if (cron === NIGHTLY) await runNightly(at)
    else await Promise.all([drainOutbox(at), refreshRates(at)])
  },
} satisfies ExportedHandler<Env>
