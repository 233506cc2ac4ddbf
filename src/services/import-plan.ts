// What an import would ask of its group: the steps, each with the rate of its day where that is needed, and what of the
// file would be lost on the way.
import type { Ctx } from '../context.ts'
import { findRates, rateKey, type RateOn } from '../db/rates.ts'
import type { GroupInfo } from '../domain/group.ts'
import { commandsOf, type ImportStep, type Mapping } from '../domain/import/commands.ts'
import { errorAt, type Fault, type ImportLine } from '../domain/import/draft.ts'

export interface Plan {
  readonly steps: readonly ImportStep[]
  readonly faults: readonly Fault[]
}

type Books = Pick<GroupInfo, 'currency' | 'settings'>

/** The day and currency of a rate that the step needs: the group keeps its books in another, and the file says none. */
function rateFor({ line, commands: [first] }: ImportStep, { currency, settings }: Books): RateOn | undefined {
  if (settings.currencies === 'separate' || line.currency === currency) return undefined
  return first?.type === 'record_expense' && first.draft.rate === undefined ? { currency: line.currency, day: line.day } : undefined
}

function withRate(step: ImportStep, rate: string): ImportStep {
  const [first, ...others] = step.commands
  return first?.type === 'record_expense' ? { ...step, commands: [{ ...first, draft: { ...first.draft, rate } }, ...others] } : step
}

/** What is lost for want of a rate, told once for each currency. */
function withoutRates(lines: readonly ImportLine[], to: string): Fault[] {
  return [...Map.groupBy(lines, ({ currency }) => currency)].map(([currency, some]) => {
    const days = some.map(({ day }) => day).sort()
    const message = `No exchange rate from ${currency} to ${to} is known for the days of ${some.length} lines`
    const got = days[0] === days.at(-1) ? days[0] : `${days[0]} to ${days.at(-1)}`
    return errorAt('RATE_UNKNOWN', message, { row: some[0]?.line ?? 1, column: 'currency', ...(got !== undefined && { got }) })
  })
}

/** The plan of the lines; a person who is nobody in the mapping is a fault, and then there are no steps. */
export async function planOf(ctx: Ctx, lines: readonly ImportLine[], mapping: Mapping, books: Books): Promise<Plan> {
  const planned = commandsOf({ lines }, mapping, new Set())
  if (!planned.ok) return { steps: [], faults: planned.error }
  const { steps, notices } = planned.value
  const needs = new Map(steps.flatMap((step) => [[step, rateFor(step, books)] as const]))
  const rates = await findRates(
    ctx.db.$client,
    [...needs.values()].filter((need) => need !== undefined),
    books.currency,
  )
  const lost: ImportLine[] = []
  const priced = steps.map((step) => {
    const need = needs.get(step)
    if (need === undefined) return step
    const rate = rates.get(rateKey(need))
    if (rate !== undefined) return withRate(step, rate)
    lost.push(step.line)
    return step
  })
  return { steps: priced, faults: [...notices, ...withoutRates(lost, books.currency)] }
}
