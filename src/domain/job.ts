// A piece of work that somebody asked for, that takes longer than a request, and that they can look at.
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

/** Each kind of job: what is to be done, and what came of it. */
export interface JobKinds {
  readonly webhook_replay: {
    readonly input: { readonly endpointId: Id<'webhook'>; readonly groupId: Id<'group'>; readonly fromSeq: number }
    readonly result: { readonly deliveries: number }
  }
}
export type JobKind = keyof JobKinds
type JobState = 'queued' | 'running' | 'done' | 'failed'

export interface Job<K extends JobKind = JobKind> {
  readonly id: Id<'job'>
  readonly userId: Id<'user'>
  readonly kind: K
  readonly input: JobKinds[K]['input']
  readonly result?: JobKinds[K]['result']
  readonly state: JobState
  readonly doneUnits: number
  /** 0 while nobody knows. */
  readonly totalUnits: number
  readonly attempts: number
  readonly error?: string
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly finishedAt?: Timestamp
}

/** An effect on the outside that was tried as often as makes sense, and given up. */
export interface DeadLetter {
  readonly id: Id<'outbox'>
  readonly kind: string
  readonly groupId: Id<'group'> | null
  readonly attempts: number
  readonly deadAt: Timestamp | null
  readonly error: string | null
}
