// The steps of an import on their way to the group: many in one call, each under an id and a key that follow from it, so
// that asking again gives the answer of the first time.
import { signedIn, type Ctx } from '../context.ts'
import type { Import } from '../db/imports.ts'
import { stableId } from '../db/stable-id.ts'
import type { Command } from '../domain/commands.ts'
import { AppError, isRefusal, type Failure } from '../domain/errors.ts'
import type { ImportStep } from '../domain/import/commands.ts'
import type { Execution } from '../group/sequencer.ts'
import { executeAll } from './command.ts'

/** So many lines go to the group in one call. */
export const TOGETHER = 60

/** Between two calls, so that others who share the machine get their turn. */
export const breathe = (): Promise<void> => scheduler.wait(5)

export interface Ran {
  readonly step: ImportStep
  readonly recordId: string
  /** Why the group did not take it. */
  readonly failed?: Failure
}

/** The command as a step of the import, named by what it does. */
export function stepOf(ctx: Ctx, one: Pick<Import, 'id'>, command: Command, ...name: readonly (string | number)[]): Execution {
  const { userId: actor } = signedIn(ctx)
  const commandId = stableId('command', one.id, ...name)
  return { order: { commandId, actor, command, import: one.id }, repeatable: { actor, key: commandId, fingerprint: commandId } }
}

/** Runs the commands in their order. A refusal is an answer; throws where it is not known what came of one, or a later try may help. */
export async function runAll(ctx: Ctx, one: Pick<Import, 'groupId'>, executions: readonly Execution[]): Promise<(Failure | undefined)[]> {
  const results = await executeAll(ctx, one.groupId, executions)
  return results.map((result) => {
    if (result.ok) return undefined
    const error = AppError.from(result.error)
    if (!isRefusal(error)) throw error
    return result.error
  })
}

/** What the step records. */
export function recordOf({ commands: [command] }: ImportStep): string {
  if (command?.type === 'record_expense') return command.id
  if (command?.type === 'import_settlement') return command.settlement
  throw new Error('a step begins with what it records')
}

/** Ends the steps that were taken and have something to be ended by. */
export async function closeSteps(ctx: Ctx, one: Pick<Import, 'id' | 'groupId'>, ran: readonly Ran[]): Promise<void> {
  const executions = ran
    .filter(({ failed }) => failed === undefined)
    .flatMap(({ step: { identity, closing = [] } }) => closing.map((command, i) => stepOf(ctx, one, command, identity, 'closing', i)))
  if (executions.length > 0) await runAll(ctx, one, executions)
}

/** Runs the steps. The first command of each makes its record; what completes it is refused with it. */
export async function runSteps(ctx: Ctx, one: Pick<Import, 'id' | 'groupId'>, steps: readonly ImportStep[]): Promise<Ran[]> {
  const executions = steps.flatMap(({ identity, commands }) => commands.map((command, i) => stepOf(ctx, one, command, identity, i)))
  const failures = await runAll(ctx, one, executions)
  let at = 0
  return steps.map((step): Ran => {
    const failed = failures[at]
    at += step.commands.length
    return { step, recordId: recordOf(step), ...(failed && { failed }) }
  })
}
