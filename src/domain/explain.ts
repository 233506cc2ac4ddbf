// Why one member owes another what is shown: the entries that moved money between the two, and what the
// simplified plan moved there from debts with others. The lines add up to the amount.
import type { Currency } from './currency.ts'
import type { MemberId } from './expense.ts'
import type { Entry } from './group.ts'
import { pairFlows } from './pairs.ts'

export interface ExplanationLine {
  readonly entry: Entry
  /** Minor units by which the entry raised what `from` owes `to`. */
  readonly minor: number
}

/** What each entry did to the debt of `from` to `to`; entries that did nothing to it are left out. */
export function explainEntries(entries: readonly Entry[], from: MemberId, to: MemberId, currency: Currency): ExplanationLine[] {
  return entries
    .map((entry) => {
      const flows = [...pairFlows(entry.reversal), ...pairFlows(entry.postings)].filter((flow) => flow.currency === currency)
      const minor = flows.reduce(
        (total, flow) =>
          total + (flow.from === from && flow.to === to ? flow.minor : flow.from === to && flow.to === from ? -flow.minor : 0),
        0,
      )
      return { entry, minor }
    })
    .filter((line) => line.minor !== 0)
}
