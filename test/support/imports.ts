// What comes of the lines of a file that was read.
import type { Currency } from '../../src/domain/currency.ts'
import type { ImportLine } from '../../src/domain/import/draft.ts'

/** What the lines do to each person, in minor units by currency: `Ann EUR` → 1200. */
export function netsOf(lines: readonly ImportLine[]): Record<string, number> {
  const nets = new Map<string, number>()
  const add = (person: string, currency: Currency, minor: number): void => {
    nets.set(`${person} ${currency}`, (nets.get(`${person} ${currency}`) ?? 0) + minor)
  }
  for (const line of lines) {
    if (line.kind === 'payment') {
      add(line.from, line.currency, line.minor)
      add(line.to, line.currency, -line.minor)
      continue
    }
    const sign = line.kind === 'income' ? -1 : 1
    for (const { person, minor } of line.payers) add(person, line.currency, sign * minor)
    for (const { person, minor } of line.shares) add(person, line.currency, -sign * minor)
  }
  return Object.fromEntries([...nets].filter(([, minor]) => minor !== 0).sort())
}
