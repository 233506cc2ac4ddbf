// What comes by the queue: hints that there is something to do. Each is acknowledged whatever becomes of it,
// because the sweep of the next minute finds what was left.
import type { Hint } from '../domain/hint.ts'
import type { Id } from '../domain/ids.ts'
import type { JobContext } from './context.ts'
import { drainOutbox, drainReadings } from './outbox.ts'
import { tellGroup } from './tell.ts'

async function tellAll(at: JobContext, groups: Iterable<Id<'group'>>): Promise<number> {
  let told = 0
  for (const groupId of groups) told += await tellGroup(at, groupId)
  return told
}

/** Has receipts read. Never throws; what is left the minute's sweep finds. */
export async function followReadings(at: JobContext, batch: MessageBatch<Hint>): Promise<void> {
  for (const message of batch.messages) message.ack()
  await drainReadings(at)
}

/** Does what the hints say there is to do. Never throws. */
export async function followHints(at: JobContext, batch: MessageBatch<Hint>): Promise<void> {
  const hints = batch.messages.map((message) => message.body)
  const groups = new Set(hints.flatMap((hint) => (hint.kind === 'news' ? [hint.groupId] : [])))
  // What waits already does not wait for the news, and what the news come to follows them.
  const [told] = await Promise.all([tellAll(at, groups), drainOutbox(at)])
  if (told > 0) await drainOutbox(at)
  for (const message of batch.messages) message.ack()
}
