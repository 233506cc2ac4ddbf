// Writes outside of groups that are safe to repeat: the reply is stored in the batch of the write itself.
import { signedIn, type Ctx } from '../context.ts'
import { runBatch, type Statement } from '../db/client.ts'
import { findReply, isKeyTaken, storeReply, type Repeatable } from '../db/idempotency.ts'
import { AppError } from '../domain/errors.ts'

interface Write<T> {
  readonly statements: readonly Statement[]
  /** What the service returns, as JSON can hold it; it must be known before the batch runs, and hold no secret. */
  readonly outcome: T
}

/** The key under which the request may be repeated, if it carried one. */
export function repeatableOf(ctx: Ctx): Repeatable | undefined {
  if (ctx.idempotency === undefined) return undefined
  return { actor: signedIn(ctx).userId, ...ctx.idempotency }
}

/** The stored outcome of an earlier request under the same key; throws `request.key_reused` if it was another one. */
function replayed<T>(ctx: Ctx, fingerprint: string, stored: { fingerprint: string; outcome: unknown }): T {
  if (stored.fingerprint !== fingerprint)
    throw new AppError('request.key_reused', [
      { field: 'Idempotency-Key', message: 'Another request was made with this key before; take a new key', code: 'KEY_REUSED' },
    ])
  ctx.notes.isReplayed = true
  return stored.outcome as T
}

/** Runs what `build` gives as one batch, or answers as the first time when the request is a repetition. */
export async function commit<T>(ctx: Ctx, build: () => Promise<Write<T>>): Promise<T> {
  const write = repeatableOf(ctx)
  if (write === undefined) {
    const { statements, outcome } = await build()
    await runBatch(ctx.db, statements)
    return outcome
  }
  const before = await findReply(ctx.db, write.actor, write.key)
  if (before !== undefined) return replayed(ctx, write.fingerprint, before)
  const { statements, outcome } = await build()
  try {
    await runBatch(ctx.db, [storeReply(ctx.db, write, outcome, ctx.now), ...statements])
    return outcome
  } catch (error) {
    if (!messagesOf(error).some(isKeyTaken)) throw error
    const meanwhile = await findReply(ctx.db, write.actor, write.key)
    if (meanwhile === undefined) throw error
    return replayed(ctx, write.fingerprint, meanwhile)
  }
}

/** The words of an error and of what caused it: drizzle wraps what D1 says. */
export function messagesOf(error: unknown): string[] {
  const messages: string[] = []
  for (let e = error; e instanceof Error; e = e.cause) messages.push(e.message)
  return messages
}
