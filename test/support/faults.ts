// A D1 that loses its connection, is overloaded, or commits and does not say so: what the ledger has to live with.
// Everything else is the real database; each batch is counted and can be rewritten on its way.

/** What becomes of a batch. `late`: the caller is told that the connection was lost, and it commits a little later. */
export type Fate = 'through' | 'lost_before' | 'lost_after' | 'late' | 'overloaded'

/** One statement on its way. */
export interface Sent {
  readonly text: string
  readonly params: readonly unknown[]
}

export interface Faults {
  /** The fate of the next batch. */
  readonly batch?: () => Fate
  /** Whether the next single statement fails, or what becomes of it. */
  readonly read?: (sent: Sent) => boolean | 'through' | 'lost_before' | 'lost_after'
  /** What is waited for before anything is asked. */
  readonly pause?: () => Promise<void>
  /** What really goes to the database: one batch after the other. Each has a fate of its own. */
  readonly rewrite?: (sent: readonly Sent[], d1: D1Database) => Promise<readonly (readonly Sent[])[]>
}

const LOST = 'D1_ERROR: Network connection lost.'
const OVERLOADED = 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.'

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

class Prepared {
  readonly #owner: FaultyD1
  readonly text: string
  readonly params: readonly unknown[]

  constructor(owner: FaultyD1, text: string, params: readonly unknown[] = []) {
    this.#owner = owner
    this.text = text
    this.params = params
  }

  bind = (...params: unknown[]): Prepared => new Prepared(this.#owner, this.text, params)
  all = () => this.#owner.read(this, (real) => real.all())
  raw = () => this.#owner.read(this, (real) => real.raw())
  first = (column: string) => this.#owner.read(this, (real) => real.first(column))
  run = () => this.#owner.read(this, (real) => real.run())
}

export class FaultyD1 {
  readonly #d1: D1Database
  readonly #faults: Faults
  /** Batches that went through, and those that the database refused. */
  readonly committed: (readonly Sent[])[] = []
  readonly refused: { readonly sent: readonly Sent[]; readonly message: string }[] = []
  /** What still runs although its caller was told otherwise. */
  readonly #late: Promise<unknown>[] = []

  constructor(d1: D1Database, faults: Faults = {}) {
    this.#d1 = d1
    this.#faults = faults
  }

  /** What our code uses of a database is here; the rest of the interface would fail loudly. */
  get asD1(): D1Database {
    return this as unknown as D1Database
  }

  prepare = (text: string): Prepared => new Prepared(this, text)

  async read<T>({ text, params }: Sent, run: (real: D1PreparedStatement) => Promise<T>): Promise<T> {
    await this.#faults.pause?.()
    const fate = this.#faults.read?.({ text, params }) ?? 'through'
    if (fate === true || fate === 'lost_before') throw new Error(LOST)
    const result = await run(this.#bound({ text, params }))
    if (fate === 'lost_after') throw new Error(LOST)
    return result
  }

  batch = async (prepared: readonly Prepared[]): Promise<unknown> => {
    const sent = prepared.map(({ text, params }) => ({ text, params }))
    await this.#faults.pause?.()
    const batches = (await this.#faults.rewrite?.(sent, this.#d1)) ?? [sent]
    let results: unknown
    for (const one of batches) results = await this.#meet(one, this.#faults.batch?.() ?? 'through')
    return results
  }

  /** Waits until nothing is under way any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#late)
  }

  async #meet(sent: readonly Sent[], fate: Fate): Promise<unknown> {
    if (fate === 'lost_before') throw new Error(LOST)
    if (fate === 'overloaded') throw new Error(OVERLOADED)
    if (fate === 'late') {
      this.#late.push(
        sleep(3)
          .then(() => this.#run(sent))
          .catch(() => {}),
      )
      throw new Error(LOST)
    }
    if (fate === 'through') return this.#run(sent)
    await this.#run(sent).catch(() => {})
    throw new Error(LOST)
  }

  async #run(sent: readonly Sent[]): Promise<unknown> {
    try {
      const results = await this.#d1.batch(sent.map((one) => this.#bound(one)))
      this.committed.push(sent)
      return results
    } catch (error) {
      this.refused.push({ sent, message: String(error) })
      throw error
    }
  }

  #bound({ text, params }: Sent): D1PreparedStatement {
    return this.#d1.prepare(text).bind(...params)
  }
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
