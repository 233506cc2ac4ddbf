// The surroundings of a payment in which one call to the outside goes wrong: to D1, to the group's object or to the
// provider. The calls are counted, so that a test can have each of them fail in turn.
import { connect } from '../../src/db/client.ts'
import type { Ctx } from '../../src/context.ts'
import type { Id } from '../../src/domain/ids.ts'
import type { Env } from '../../src/env.ts'
import type { Gateway } from '../../src/platform/payments/gateway.ts'
import { gatewaysOf, type Gateways } from '../../src/services/gateways.ts'
import { env } from './env.ts'
import { FaultyD1, sleep } from './faults.ts'
import { jobAt, ORIGIN } from './jobs.ts'

/**
 * What becomes of the one call. `late`: whoever called is told that it failed, and it happens a little later. `twice`:
 * somebody else makes the same call just before, which the database is not subject to.
 */
export type CallFate = 'lost_before' | 'lost_after' | 'late' | 'twice'

export class Calls {
  /** What was called so far, in order. */
  readonly made: string[] = []
  readonly #failing: number
  readonly #fate: CallFate
  readonly #late: Promise<unknown>[] = []
  readonly #d1: FaultyD1

  constructor(failing: number, fate: CallFate) {
    this.#failing = failing
    this.#fate = fate
    const atBatch = fate === 'twice' ? 'through' : fate
    const atStatement = atBatch === 'late' ? 'lost_after' : atBatch
    this.#d1 = new FaultyD1(env.DB, {
      batch: () => (this.#isFailing('batch') ? atBatch : 'through'),
      read: ({ text }) => (this.#isFailing(/^select/i.test(text) ? 'read' : 'write') ? atStatement : 'through'),
    })
  }

  get hasFailed(): boolean {
    return this.made.length > this.#failing
  }

  /** Waits until nothing is under way any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#late)
    await this.#d1.settle()
  }

  /** The bindings, with the faults in them. */
  get env(): Env {
    const group = (name: string) => ({
      execute: (execution: never) => this.#call('group', () => env.GROUP.getByName(name).execute(execution)),
    })
    return { ...env, DB: this.#d1.asD1, GROUP: { getByName: group } as unknown as Env['GROUP'] }
  }

  /** The providers as they are, at the end of a line that fails. */
  gateways(now: number): Gateways {
    const real = gatewaysOf(jobAt(now))
    return async (name) => {
      const gateway = await real(name)
      return gateway && this.#behindLine(gateway)
    }
  }

  /** A request of the user under the key. */
  ctx(userId: string, key: string, now: number): Ctx {
    return {
      env: this.env,
      db: connect(this.env.DB),
      now,
      requestId: 'req_test',
      actor: {
        type: 'session',
        userId: userId as Id<'user'>,
        sessionId: 'ses_test',
        tier: 'standard',
        personalGroupId: 'grp_test',
        timezone: 'UTC',
      },
      client: { ip: '', userAgent: '' },
      origin: ORIGIN,
      idempotency: { key, fingerprint: key },
      isDryRun: false,
      notes: { isReplayed: false, hasEffects: false },
      waitUntil: () => {},
    }
  }

  #behindLine(gateway: Gateway): Gateway {
    const asked =
      <A extends unknown[], T>(name: string, run: (...args: A) => Promise<T>) =>
      (...args: A) =>
        this.#call(name, () => run(...args))
    return {
      name: gateway.name,
      attach: gateway.attach,
      isKept: gateway.isKept,
      list: (since) => gateway.list(since),
      readWebhook: gateway.readWebhook,
      pay: asked('pay', gateway.pay),
      find: asked('find', gateway.find),
      search: asked('search', gateway.search),
      cancel: asked('cancel', gateway.cancel),
      refund: asked('refund', gateway.refund),
    }
  }

  #isFailing(name: string): boolean {
    this.made.push(name)
    return this.made.length - 1 === this.#failing
  }

  async #call<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (!this.#isFailing(name)) return run()
    if (this.#fate === 'lost_after' || this.#fate === 'twice') await run()
    if (this.#fate === 'twice') return run()
    if (this.#fate === 'late') this.#late.push(sleep(3).then(run))
    throw new Error(`${name}: the connection was lost`)
  }
}
