// Who owes whom after one entry: the net of its postings as debts between two members.
// The debts of a member always add up to the member's net, and a reversal takes them back exactly.
import type { Currency } from './currency.ts'
import type { MemberId, Posting } from './expense.ts'
import { sum } from './money.ts'

/** `from` owes `to`; `minor` is positive minor units of the currency. */
export interface Flow {
  readonly from: MemberId
  readonly to: MemberId
  readonly currency: Currency
  readonly minor: number
}

/**
 * Decomposes an entry's net (paid - owed) per currency into debts: debtors and creditors, each sorted by id, are met
 * in order (the northwest corner rule for transportation problems). At most members - 1 flows per currency.
 *
 * The rule treats the two sides alike, so negated postings give the same flows with `from` and `to` exchanged. That
 * is why a reversal cancels what the entry did to every pair. Throws `RangeError` when a currency does not sum to 0.
 */
export function pairFlows(postings: readonly Posting[]): Flow[] {
  const nets = new Map<Currency, Map<MemberId, number>>()
  for (const { member, currency, paid, owed } of postings) {
    const ofCurrency = nets.get(currency) ?? new Map<MemberId, number>()
    nets.set(currency, ofCurrency.set(member, (ofCurrency.get(member) ?? 0) + paid - owed))
  }
  return [...nets.keys()].sort().flatMap((currency) => northwestCorner(currency, nets.get(currency) ?? new Map()))
}

function northwestCorner(currency: Currency, net: ReadonlyMap<MemberId, number>): Flow[] {
  const off = sum(net.values())
  if (off !== 0) throw new RangeError(`the postings in ${currency} sum to ${off} instead of 0`)
  const members = [...net.keys()].sort()
  const creditors = members.filter((member) => (net.get(member) ?? 0) > 0)
  const open = new Map(net)
  const flows: Flow[] = []
  for (const from of members) {
    while ((open.get(from) ?? 0) < 0) {
      const to = creditors.find((member) => (open.get(member) ?? 0) > 0)
      if (to === undefined) throw new RangeError('unreachable: the nets sum to 0')
      const [debt, credit] = [-(open.get(from) ?? 0), open.get(to) ?? 0]
      const minor = Math.min(debt, credit)
      open.set(from, minor - debt)
      open.set(to, credit - minor)
      flows.push({ from, to, currency, minor })
    }
  }
  return flows
}
