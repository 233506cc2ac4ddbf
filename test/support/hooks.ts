// Webhooks in tests: a receiver of one's own, an endpoint that leads to it, and runs of the jobs with a clock that
// goes on from failure to failure.
import { inject, vi } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup } from '../../src/jobs/tell.ts'
import type { Id } from '../../src/domain/ids.ts'
import { env } from './env.ts'
import { jobAt } from './jobs.ts'
import type { Behaviour, Seen } from './receiver.ts'
import { dataOf } from './scene.ts'
import type { Client } from './world.ts'

let count = 0

/** A receiver that nobody else uses. */
export class Receiver {
  readonly name = `${(count += 1)}-${crypto.randomUUID().slice(0, 8)}`
  readonly url = `${inject('receiver')}/r/${this.name}`

  async #tell<T>(area: string, body: unknown = {}): Promise<T> {
    const reply = await fetch(`${inject('receiver')}/${area}/${this.name}`, { method: 'POST', body: JSON.stringify(body) })
    return reply.json()
  }

  behave = (behaviour: Behaviour, seed = 1): Promise<unknown> => this.#tell('behave', { behaviour, seed })
  seen = (): Promise<Seen[]> => this.#tell<Seen[]>('seen')
  verify = (secret: string): Promise<{ good: number; bad: number; python: string }> => this.#tell('verify', { secret })
}

export interface Hook {
  readonly id: Id<'webhook'>
  readonly secret: string
  readonly version: number
}

export const hook = (who: Client, { url }: Pick<Receiver, 'url'>, fields: object = {}): Promise<Hook> =>
  dataOf<Hook>(who.post('/api/webhooks/', { url, events: ['*'], ...fields }))

export const spend = async (who: Client, groupId: string, title: string, fields: object = {}): Promise<string> =>
  (await dataOf(who.post('/api/expenses/', { title, amount: '9.00', group_id: groupId, ...fields }))).id

/** When the next lane of these endpoints is due that has not been kept. */
const NEXT = `SELECT MIN(o.due_at) AS due FROM outbox o JOIN json_each(?) e ON o.payload LIKE '%' || e.value || '%'
  WHERE o.kind = 'deliver' AND o.done_at IS NULL AND o.dead_at IS NULL`

/** A clock and the jobs that run by it. */
export class Runs {
  now = Date.now()

  /** Tells what is owed about the groups. */
  async tell(...groups: readonly string[]): Promise<void> {
    for (const id of groups) await tellGroup(jobAt(this.now), id as Id<'group'>)
  }

  drain(): Promise<{ done: number; failed: number }> {
    this.now = Math.max(this.now, Date.now())
    return drainOutbox(jobAt(this.now), 100)
  }

  /** Goes on from one due delivery to the next until nothing waits, or `until` says that it is enough. */
  async finish(hooks: readonly Pick<Hook, 'id'>[], until: () => Promise<boolean> = () => Promise.resolve(false)): Promise<void> {
    const ids = JSON.stringify(hooks.map(({ id }) => id))
    for (let idle = 0; idle < 1000;) {
      const due = await env.DB.prepare(NEXT).bind(ids).first<number>('due')
      if (due === null || (await until())) return
      this.now = Math.max(this.now, due)
      const { done, failed } = await this.drain()
      if (done + failed > 0) continue
      // The worker's own run, which a hint set off, is at it.
      idle++
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error('the deliveries do not come to an end')
  }
}

/** Throws unless Standard Webhooks' own library finds the request signed with the secret, at the time that it names. */
export function checkSigned({ headers, body }: Seen, secret: string): void {
  const at = Number(headers['webhook-timestamp']) * 1000
  const clock = vi.spyOn(Date, 'now').mockReturnValue(at)
  try {
    const webhook = secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' })
    webhook.verify(body, headers as Record<string, string>)
  } finally {
    clock.mockRestore()
  }
}
