// What comes of the lines of a file that was read.
import type { Currency } from '../../src/domain/currency.ts'
import { openBalances } from '../../src/domain/group.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { Ledger, memberId, opening, userId } from './ledger.ts'
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

/** A group that keeps a balance for each currency, of its owner and of guests. */
export function guests(owner: string, ...names: readonly string[]): Ledger {
  const book = new Ledger()
  book.run(userId(owner), opening(owner, 'with separate currencies'))
  for (const name of names) book.run(userId(owner), { type: 'add_member', member: { id: memberId(name), name, role: 'member' } })
  return book
}

/** `ann 1.50 EUR` for each open balance. */
export const balancesIn = (book: Ledger): string[] =>
  openBalances(book.state)
    .map(({ member, currency, minor }) => `${member.slice(4)} ${formatMinor(minor, currency)} ${currency}`)
    .sort()
