// One job at a time in this isolate: a picture and an engine's heap are most of its memory.
// Those who wait look again and again instead of waiting for each other's promise: a request that is cancelled takes its
// promises with it, unsettled, and whoever waited for one would wait for ever.

const LOOK_AGAIN_MS = 20
/** A job that has not ended by then was cancelled in the middle. */
const LONGEST_JOB_MS = 30_000

type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

/** Runs work when no other of the same turnstile is running. The less it awaits from outside, the less can a cancelled request leave behind. */
export function turnstile(): Turnstile {
  let busySinceMs: number | undefined
  return async (work) => {
    while (busySinceMs !== undefined && performance.now() - busySinceMs < LONGEST_JOB_MS) await scheduler.wait(LOOK_AGAIN_MS)
    const mine = performance.now()
    busySinceMs = mine
    try {
      return await work()
    } finally {
      if (busySinceMs === mine) busySinceMs = undefined
    }
  }
}

/** For what takes much of the memory. */
export const oneAtATime = turnstile()
