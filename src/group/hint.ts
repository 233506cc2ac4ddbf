// Says on the queue that a group has news for those outside. A hint and no more: what it is about stands in the
// journal, and a sweep finds it too. So one is enough for everything that is written within a moment.
import { errorText } from '../domain/error-text.ts'
import type { Hint as Message } from '../domain/hint.ts'
import type { Id } from '../domain/ids.ts'

const GATHERED_MS = 250

interface HintParts {
  readonly groupId: Id<'group'>
  readonly queue: Queue<Message>
  readonly waitUntil: (promise: Promise<unknown>) => void
}

export class Hint {
  readonly #parts: HintParts
  #isUnderWay = false

  constructor(parts: HintParts) {
    this.#parts = parts
  }

  give(): void {
    if (this.#isUnderWay) return
    this.#isUnderWay = true
    this.#parts.waitUntil(this.#send())
  }

  async #send(): Promise<void> {
    await scheduler.wait(GATHERED_MS)
    this.#isUnderWay = false
    try {
      await this.#parts.queue.send({ kind: 'news', groupId: this.#parts.groupId })
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', message: 'a hint could not be sent', error: errorText(error) }))
    }
  }
}
