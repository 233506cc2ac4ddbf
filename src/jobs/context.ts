// What a job has: the surroundings of a request without a caller, and the words of the surface that speaks for it.
import type { Surroundings } from '../context.ts'
import type { Statement } from '../db/client.ts'
import type { Words } from '../domain/telling.ts'
import type { Timestamp } from '../domain/time.ts'

export interface JobContext extends Surroundings {
  readonly words: Words
}

/** What became of an effect that did not fail. */
export interface Kept {
  /** When it is due again; absent when it is done. */
  readonly againAt?: Timestamp
  /** Goes into the batch that marks it, behind the mark. */
  readonly statements?: readonly Statement[]
}

/** What a follower of the journal makes of a portion of it. */
export interface Followed {
  /** Goes into the batch that says that the portion was told. */
  readonly statements: readonly Statement[]
  /** Done once the batch has gone through; nothing depends on it. */
  readonly after?: () => Promise<void>
}

export const NOTHING: Followed = { statements: [] }
