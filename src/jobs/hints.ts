// What comes by the queue: hints that there is something to do. Each is acknowledged whatever becomes of it,
// because the sweep of the next minute finds what was left.
import type { Hint } from '../domain/hint.ts'
import type { JobContext } from './context.ts'
import { drainOutbox } from './outbox.ts'
import { tellGroup } from './tell.ts'

/** Does what the hints say there is to do. Never throws. */
export async function followHints(at: JobContext, batch: MessageBatch<Hint>): Promise<void> {
  const hints = batch.messages.map((message) => message.body)
  const groups = new Set(hints.flatMap((hint) => (hint.kind === 'news' ? [hint.groupId] : [])))
  for (const groupId of groups) await tellGroup(at, groupId)
  await drainOutbox(at)
  for (const message of batch.messages) message.ack()
}
