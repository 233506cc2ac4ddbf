// One thing after the other: what is sent to sockets must not overtake itself while something is looked up.
import { errorText } from '../domain/error-text.ts'

export class Lane {
  readonly #waitUntil: (promise: Promise<unknown>) => void
  #last: Promise<unknown> = Promise.resolve()

  constructor(waitUntil: (promise: Promise<unknown>) => void) {
    this.#waitUntil = waitUntil
  }

  /** Runs the task when those before it are through; a task that fails is reported and holds up nobody. */
  run(task: () => Promise<void>): void {
    this.#last = this.#last.then(task).catch((error: unknown) => {
      console.error(JSON.stringify({ level: 'error', message: 'A socket was not told', cause: errorText(error) }))
    })
    this.#waitUntil(this.#last)
  }
}
