// What holds in every life a group can have: random members, commands and mistakes, thousands of steps.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apply, movesOf } from '../../src/domain/apply.ts'
import { seal, unseal } from '../../src/db/chain.ts'
import type { Currency } from '../../src/domain/currency.ts'
import { explainEntries } from '../../src/domain/explain.ts'
import type { MemberId, Posting } from '../../src/domain/expense.ts'
import { balanceOf, EMPTY, isPresent, openBalances, type State } from '../../src/domain/group.ts'
import type { ExpenseFields } from '../../src/domain/commands.ts'
import { formatMinor, sum } from '../../src/domain/money.ts'
import { merged } from '../../src/domain/postings.ts'
import { directDebts, simplifiedDebts, type Debt } from '../../src/domain/views.ts'
import { Ledger, newcomer, opening, userId } from '../support/ledger.ts'
import { live, lives, type Life } from '../support/life.ts'

const RUNS = { numRuns: 150 }
const always = (check: (life: Life) => void, params: fc.Parameters<[Life]> = RUNS) => fc.assert(fc.property(lives(), check), params)

const currenciesOf = (state: State): Currency[] => [...new Set([...state.balances.values()].map((b) => b.currency))]

function expectZero(postings: readonly Posting[]): void {
  for (const some of Map.groupBy(postings, (p) => p.currency).values()) {
    expect(sum(some.map((p) => p.paid))).toBe(sum(some.map((p) => p.owed)))
  }
}

/** Minor units that the debts say `from` owes `to`, less what they say the other way round. */
const netOf = (debts: readonly Debt[], from: MemberId, to: MemberId, currency: Currency): number =>
  sum(
    debts
      .filter((d) => d.currency === currency)
      .map((d) => (d.from === from && d.to === to ? d.minor : d.from === to && d.to === from ? -d.minor : 0)),
  )

describe('any life of a group', () => {
  test('reaches every kind of command and entry, and is refused about as often as not', () => {
    const seen = new Map<string, number>()
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    for (const life of fc.sample(lives(), { seed: 1, numRuns: 150 })) {
      const book = live(life, ({ type }, isAccepted) => count(`${isAccepted ? 'accepted' : 'refused'} ${type}`))
      for (const entry of book.entries) count(entry.type)
      for (const { currency } of book.state.balances.values()) count(currency)
    }
    const total = (outcome: string) => sum([...seen].map(([what, times]) => (what.startsWith(outcome) ? times : 0)))
    expect(total('accepted') / total('refused')).toBeGreaterThan(0.5)
    expect([...seen.keys()].filter((what) => what.startsWith('accepted'))).toHaveLength(20)
    expect([...seen.keys()].filter((what) => what.startsWith('refused'))).toHaveLength(20)
    expect([...seen.keys()].filter((what) => !what.includes(' '))).toHaveLength(19 + 4)
  })

  test('keeps each currency at zero in every entry and in the balances', () => {
    always((life) => {
      const book = live(life)
      for (const { reversal, postings } of book.entries) {
        expectZero(reversal)
        expectZero(postings)
      }
      for (const state of book.states) {
        for (const currency of currenciesOf(state))
          expect(sum(openBalances(state).map((b) => (b.currency === currency ? b.minor : 0)))).toBe(0)
      }
    })
  })

  test('equals what the journal comes to, at every seq', () => {
    always((life) => {
      const book = live(life)
      let state: State = EMPTY
      for (const [i, entry] of book.entries.entries()) {
        state = apply(state, unseal(seal(entry, '')))
        expect(state).toEqual(book.states[i + 1])
      }
      expect(book.entries.map((e) => e.seq)).toEqual(book.entries.map((_, i) => i + 1))
    })
  })

  test('has shares and payers that sum to the amount of each expense, and postings that sum to one total', () => {
    always((life) => {
      for (const { expense } of live(life).entries) {
        if (expense === undefined) continue
        expect(sum(expense.shares.map((s) => s.minor))).toBe(expense.amount)
        expect(sum(expense.payers.map((p) => p.minor))).toBe(expense.amount)
        expect(expense.shares.every((s) => s.minor >= 0) && expense.payers.every((p) => p.minor > 0)).toBe(true)
        expect(new Set(expense.shares.map((s) => s.member)).size).toBe(expense.shares.length)
        expectZero(expense.postings)
      }
    })
  })

  test('has balances that are the sum of the postings of what stands: posted and not deleted', () => {
    always((life) => {
      const { state, expenses } = live(life)
      const standing = [...expenses.values()].filter((e) => e.status === 'posted' && e.deletedAt === undefined)
      const postings = merged(...standing.map((e) => e.postings))
      for (const { member, currency, paid, owed } of state.balances.values()) {
        const own = postings.find((p) => p.member === member && p.currency === currency)
        expect({ paid, owed }).toEqual({ paid: own?.paid ?? 0, owed: own?.owed ?? 0 })
      }
      expect(state.expenseCount).toBe([...expenses.values()].filter((e) => e.deletedAt === undefined).length)
      const spent = merged(...standing.filter((e) => e.kind === 'expense').map((e) => e.postings))
      for (const [currency, total] of state.totals) expect(total).toBe(sum(spent.map((p) => (p.currency === currency ? p.paid : 0))))
    })
  })

  test('charges nobody who has left: what is recorded, approved or restored names only those who are there', () => {
    always((life) => {
      const book = live(life)
      for (const [i, entry] of book.entries.entries()) {
        for (const { member } of entry.postings) {
          const before = book.states[i]?.members.get(member)
          const old = entry.reversal.some((p) => p.member === member)
          expect(old || (before !== undefined && isPresent(before))).toBe(true)
        }
      }
    })
  })

  test('explains every debt: the lines add up to what arose, and with what was rerouted to what is shown', () => {
    always((life) => {
      const { state, entries } = live(life)
      const direct = directDebts(state)
      const shown = simplifiedDebts(openBalances(state)).payments
      for (const currency of currenciesOf(state)) {
        for (const from of state.members.keys()) {
          for (const to of state.members.keys()) {
            if (from >= to) continue
            // As the query finds them: the entries that post something for both.
            const between = entries.filter((entry) =>
              [from, to].every((member) => movesOf(entry).some((p) => p.member === member && p.currency === currency)),
            )
            const listed = sum(explainEntries(between, from, to, currency).map((line) => line.minor))
            const arose = netOf(direct, from, to, currency)
            expect(listed).toBe(arose)
            const rerouted = netOf(shown, from, to, currency) - arose
            expect(listed + rerouted).toBe(netOf(shown, from, to, currency))
          }
        }
      }
    })
  })

  test('has two plans, simplified and as debts arose, and each clears everybody', () => {
    always((life) => {
      const { state } = live(life)
      const open = openBalances(state)
      for (const payments of [simplifiedDebts(open).payments, directDebts(state)]) {
        expect(payments.every((p) => p.minor > 0)).toBe(true)
        for (const currency of currenciesOf(state)) {
          for (const member of state.members.keys()) {
            const moved = payments
              .filter((p) => p.currency === currency)
              .map((p) => (p.from === member ? p.minor : p.to === member ? -p.minor : 0))
            expect(balanceOf(state, member, currency) + sum(moved)).toBe(0)
          }
        }
      }
    })
  })

  test('is as it was after something is deleted and restored', () => {
    always((life) => {
      const book = live(life)
      for (const [owner, { id, deletedAt }] of changeable(book)) {
        const other = book.branch()
        if (deletedAt !== undefined || !other.run(owner, { type: 'delete_expense', id }).ok) continue
        if (!other.run(owner, { type: 'restore_expense', id }).ok) continue
        expect(figures(other.state)).toEqual(figures(book.state))
      }
    })
  })

  test('is the same whether an expense is edited, or deleted and written anew', () => {
    let compared = 0
    always((life) => {
      const drafts: ExpenseFields[] = []
      const book = live(life, (command, isAccepted) => {
        if (isAccepted && command.type === 'record_expense' && command.draft.split !== undefined) drafts.push(command.draft)
      })
      for (const [i, [owner, { id, kind, status, deletedAt }]] of changeable(book).entries()) {
        if (deletedAt !== undefined || status !== 'posted') continue
        const { payer, payers, amount = '', currency, split } = drafts[i % drafts.length] ?? {}
        const fields = {
          amount,
          rate: '1.25',
          ...(currency && { currency }),
          ...(payer !== undefined && { payer }),
          ...(payers && { payers }),
          ...(split && { split }),
        }
        const [edited, anew] = [book.branch(), book.branch()]
        const edit = edited.run(owner, { type: 'update_expense', id, fields })
        anew.run(owner, { type: 'delete_expense', id })
        const record = anew.run(owner, {
          type: 'record_expense',
          id: 'exp_anew',
          draft: { title: 'Anew', date: '2026-01-01', kind, ...fields },
        })
        expect(edit.ok).toBe(record.ok)
        if (!edit.ok) continue
        compared++
        expect(figures(edited.state)).toEqual(figures(anew.state))
      }
    })
    expect(compared).toBeGreaterThan(100)
  })
})

/** Each expense with an owner who may change it, unless the group is archived. */
function changeable({ state, expenses }: Ledger) {
  const owner = [...state.members.values()].find((m) => m.role === 'owner' && isPresent(m))?.userId
  return owner === undefined || state.info?.archivedAt !== undefined
    ? []
    : [...expenses.values()].map((expense) => [owner, expense] as const)
}

/** All that the figures of a group are, without zeros and without when they came about. */
function figures({ balances, carry, pairs, totals, expenseCount }: State) {
  const nonZero = (map: ReadonlyMap<string, number>) => Object.fromEntries([...map].filter(([, value]) => value !== 0))
  const columns = [...balances].map(([key, { paid, owed }]) => [key, `${paid} ${owed}`] as const).filter(([, sums]) => sums !== '0 0')
  return { balances: Object.fromEntries(columns), carry: nonZero(carry), pairs: nonZero(pairs), totals: nonZero(totals), expenseCount }
}

describe('rounding', () => {
  test('leaves nobody more than two units from their exact part, however many expenses are recorded', () => {
    const parts = fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }).filter((weights) => weights.some((weight) => weight > 0))
    const expenses = fc.array(fc.record({ minor: fc.integer({ min: 1, max: 10_000 }), parts, isEqual: fc.boolean() }), {
      minLength: 100,
      maxLength: 200,
      size: 'max',
    })
    fc.assert(
      fc.property(expenses, (all) => {
        const book = new Ledger()
        const people = Array.from({ length: 8 }, (_, i) => newcomer(`P${i}`, 'owner'))
        book.run(userId('P0'), { ...opening('P0'), members: people })
        for (const [i, { minor, parts: weights, isEqual }] of all.entries()) {
          const weighted = people.map(({ id }, k) => ({ member: id, weight: String(weights[k] ?? 0) }))
          const split = isEqual
            ? ({ type: 'equal', members: weighted.filter((p) => p.weight !== '0').map((p) => p.member) } as const)
            : ({ type: 'shares', parts: weighted } as const)
          expect(
            book.run(userId('P0'), {
              type: 'record_expense',
              id: `exp_${i}`,
              draft: { title: 'T', date: '2026-01-01', amount: formatMinor(minor, opening('P0').info.currency), split },
            }).ok,
          ).toBe(true)
          for (const micro of book.state.carry.values()) expect(Math.abs(micro)).toBeLessThanOrEqual(2_000_000)
        }
      }),
      { numRuns: 20 },
    )
  })
})
