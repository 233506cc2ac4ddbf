// Accounts as a table that adds up from left to right: the opening balance, everything that moved it, the closing one.
import type { Account } from './accounts.ts'
import { minorOf, type Draft, type DraftCell, type DraftColumn } from './drafts.ts'

/** The columns between opening and closing balance, with the sign of each. */
const MOVES = [
  { of: 'paid', header: 'Paid', sign: '+' },
  { of: 'share', header: 'Share', sign: '−' },
  { of: 'received', header: 'Income received', sign: '−' },
  { of: 'incomeShare', header: 'Share of income', sign: '+' },
  { of: 'sent', header: 'Payments made', sign: '+' },
  { of: 'got', header: 'Payments received', sign: '−' },
  { of: 'other', header: 'Other changes', sign: '+' },
] as const satisfies readonly { of: keyof Account; header: string; sign: string }[]

/** Paid and share always, the others where they moved anything. */
const movesOf = (accounts: readonly Account[]) =>
  MOVES.filter(({ of }) => of === 'paid' || of === 'share' || accounts.some((account) => account[of] !== 0))

/** One row for each account, in the given order. */
export function balanceDraft(
  title: string,
  first: { readonly header: string; readonly of: (account: Account) => string },
  accounts: readonly Account[],
): Draft {
  const moves = movesOf(accounts)
  const money = (header: string): DraftColumn => ({
    header,
    kind: 'money',
    isSummed: true,
    currencyHeader: `Currency of ${header.toLowerCase()}`,
  })
  return {
    title,
    columns: [{ header: first.header, kind: 'text' }, money('Opening'), ...moves.map(({ header }) => money(header)), money('Closing')],
    rows: accounts.map((account): DraftCell[] => [
      first.of(account),
      ...(['opening', ...moves.map(({ of }) => of), 'closing'] as const).map((column) => minorOf(account[column], account.currency)),
    ]),
  }
}

/** How its columns add up: `Opening + paid − share = closing`. */
export const formulaOf = (accounts: readonly Account[]): string =>
  `Opening ${movesOf(accounts)
    .map(({ header, sign }) => `${sign} ${header.toLowerCase()}`)
    .join(' ')} = closing.`
