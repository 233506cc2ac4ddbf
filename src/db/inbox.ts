// What a consumer has taken in. The statement goes into the batch of the effect: where it was taken in before,
// the whole batch fails, so that a message that comes twice has its effect once.
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { inbox } from './outward-schema.ts'

export const takeIn = (db: Db, consumer: string, messageId: string, at: Timestamp): Statement =>
  db.insert(inbox).values({ consumer, messageId, at })

/** Whether a batch failed because its message was taken in before. */
export const isTakenIn = (message: string): boolean => message.includes('UNIQUE constraint failed: inbox.')
