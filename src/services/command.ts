// The one way a service changes a group: a command, sent to the group's object, answered by what came of it.
import { signedIn, type Ctx, type Surroundings } from '../context.ts'
import { newEffect, type Effect } from '../db/outbox.ts'
import { AppError, type Failure } from '../domain/errors.ts'
import type { Command, Order } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Result } from '../domain/result.ts'
import type { ExecuteResult, Execution } from '../group/sequencer.ts'
import { repeatableOf } from './repeatable.ts'

/** The value, or the refusal as an exception. */
export function valueOf<T>(result: Result<T, Failure>): T {
  if (result.ok) return result.value
  throw AppError.from(result.error)
}

/** Sends it to the group's object; answers what came of it, or what the group refused. */
export const execute = async (at: Surroundings, groupId: Id<'group'>, execution: Execution): Promise<ExecuteResult> =>
  at.env.GROUP.getByName(groupId).execute(execution)

/** Sends many at once; what comes of each stands at its place. */
export const executeAll = async (at: Surroundings, groupId: Id<'group'>, executions: readonly Execution[]): Promise<ExecuteResult[]> =>
  at.env.GROUP.getByName(groupId).executeAll(executions)

/**
 * Runs the command as the caller's, under the conditions of the request: idempotency key, If-Match, dry run.
 * Throws what the group refuses. `effects` are promised in the same batch if it accepts.
 */
export async function runCommand(ctx: Ctx, groupId: Id<'group'>, command: Command, effects: readonly Effect[] = []): Promise<Outcome> {
  const { userId } = signedIn(ctx)
  const repeatable = repeatableOf(ctx)
  const order: Order = { commandId: newId('command'), actor: userId, command, ...(ctx.ifMatch !== undefined && { ifMatch: ctx.ifMatch }) }
  const execution: Execution = {
    order,
    ...(repeatable && { repeatable }),
    ...(effects.length > 0 && { effects: effects.map((effect) => newEffect(effect, ctx.now)) }),
    isDryRun: ctx.isDryRun,
  }
  const { outcome, isReplayed } = valueOf(await execute(ctx, groupId, execution))
  ctx.notes.isReplayed = isReplayed
  if (effects.length > 0 && !isReplayed && !ctx.isDryRun) ctx.notes.hasEffects = true
  return outcome
}
