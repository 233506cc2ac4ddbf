// What a link in a mail turns off. The one place that knows how this is written into somebody's preferences.
import type { Surroundings } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { turnOffAllMail, turnOffMailOf } from '../db/mail-off.ts'
import type { Id } from '../domain/ids.ts'
import { NOTIFICATION_TYPES, TYPES } from '../domain/notification.ts'

/** Sends the user no more mail about this type, or none at all that can be turned off. Doing it again changes nothing. */
export async function turnOffMail(at: Pick<Surroundings, 'db' | 'now'>, userId: Id<'user'>, type: string): Promise<void> {
  const { db, now } = at
  if (type === 'all') return runBatch(db, [turnOffAllMail(db, userId, now)])
  const known = TYPES.find((one) => one === type)
  // What a type was called once, nobody sends any more.
  if (known === undefined) return
  // What is left to a type of which the person has never chosen the channels.
  const others = NOTIFICATION_TYPES[known].channels.filter((channel) => channel !== 'email')
  await runBatch(db, [turnOffMailOf(db, userId, known, others, now)])
}
