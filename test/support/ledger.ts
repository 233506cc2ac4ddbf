// A group in memory: the rules and nothing around them, and what must always hold of it.
import { expect } from 'vitest'
import { seal, unseal } from '../../src/db/chain.ts'
import { apply } from '../../src/domain/apply.ts'
import { isCurrency, type Currency } from '../../src/domain/currency.ts'
import { decide } from '../../src/domain/decide.ts'
import type { Failure } from '../../src/domain/errors.ts'
import type { Expense, MemberId } from '../../src/domain/expense.ts'
import { EMPTY, balanceOf, openBalances, type Entry, type Invitation, type Member, type State } from '../../src/domain/group.ts'
import type { Command, NewMember } from '../../src/domain/commands.ts'
import type { Id } from '../../src/domain/ids.ts'
import { sum } from '../../src/domain/money.ts'
import type { Result } from '../../src/domain/result.ts'
import type { Role } from '../../src/domain/roles.ts'
import { SECOND } from '../../src/domain/time.ts'
import { directDebts } from '../../src/domain/views.ts'
import type { Receipt } from '../../src/domain/receipt/receipt.ts'
import type { Settlement } from '../../src/domain/settlement.ts'

export function currencyOf(code: string): Currency {
  if (!isCurrency(code)) throw new Error(`no currency: ${code}`)
  return code
}

export const userId = (name: string): Id<'user'> => `usr_${name.toLowerCase()}`
export const memberId = (name: string): MemberId => `mem_${name.toLowerCase()}`
export const expenseId = (label: string): Id<'expense'> => `exp_${label}`

const SETTINGS = { simplifyDebts: true, requireApproval: false, autoReminder: false, currencies: 'converted' } as const

export const newcomer = (name: string, role: Role = 'member'): NewMember => ({
  id: memberId(name),
  userId: userId(name),
  name,
  role,
  email: `${name.toLowerCase()}@example.com`,
})

/** The command that opens a group of one: `in USD`, and any of `personal`, `private`, `with separate currencies`, `with debts as they arise`. */
export function opening(name: string, how = ''): Extract<Command, { type: 'create_group' }> {
  const settings = {
    ...SETTINGS,
    ...(how.includes('separate') && { currencies: 'separate' as const }),
    ...(how.includes('as they arise') && { simplifyDebts: false }),
  }
  const [, currency = 'EUR'] = /in ([A-Z]{3})/.exec(how) ?? []
  const info = {
    id: 'grp_test',
    name: 'Test',
    description: '',
    type: 'trip',
    currency: currencyOf(currency),
    inviteCode: 'CODE',
    isPersonal: how.includes('personal'),
    isPrivate: how.includes('private'),
    settings,
  } as const
  return { type: 'create_group', info, members: [newcomer(name, 'owner')], invitations: [] }
}

/** A group, and everything that came of it. */
export class Ledger {
  state: State = EMPTY
  now = Date.UTC(2026, 0, 1)
  readonly entries: Entry[] = []
  /** The state after each entry, the empty one first. */
  readonly states: State[] = [EMPTY]
  readonly expenses = new Map<Id<'expense'>, Expense>()
  readonly settlements = new Map<Id<'settlement'>, Settlement>()
  readonly receipts = new Map<Id<'receipt'>, Receipt>()
  /** By the member whose place it offers; the last one wins. */
  readonly invitations = new Map<MemberId, Invitation>()
  #commands = 0

  /** Decides the command and, unless it is refused, applies it. */
  run(actor: Id<'user'> | undefined, command: Command, ifMatch?: number): Result<Entry, Failure> {
    this.now += SECOND
    const book = {
      state: this.state,
      expense: (id: Id<'expense'>) => this.expenses.get(id),
      settlement: (id: Id<'settlement'>) => this.settlements.get(id),
      receipt: (id: Id<'receipt'>) => this.receipts.get(id),
    }
    const order = {
      commandId: `cmd_${++this.#commands}`,
      command,
      ...(actor && { actor }),
      ...(ifMatch !== undefined && { ifMatch }),
    } as const
    const decision = decide(book, order, this.now)
    if (!decision.ok) return decision
    const entry = decision.value
    this.state = apply(this.state, entry)
    this.states.push(this.state)
    this.entries.push(entry)
    if (entry.expense !== undefined) this.expenses.set(entry.expense.id, entry.expense)
    for (const settlement of entry.settlements ?? []) this.settlements.set(settlement.id, settlement)
    for (const receipt of entry.receipts ?? []) this.receipts.set(receipt.id, receipt)
    for (const invitation of entry.invitations ?? []) this.invitations.set(invitation.member, invitation)
    return decision
  }

  /** The same group from here on, as it would be if something else happened. */
  branch(): Ledger {
    const other = new Ledger()
    other.state = this.state
    other.now = this.now
    other.#commands = this.#commands
    for (const [id, expense] of this.expenses) other.expenses.set(id, expense)
    for (const [id, settlement] of this.settlements) other.settlements.set(id, settlement)
    for (const [id, receipt] of this.receipts) other.receipts.set(id, receipt)
    return other
  }

  member(name: string): Member | undefined {
    return [...this.state.members.values()].find((m) => m.name === name)
  }

  expense(label: string): Expense {
    const expense = this.expenses.get(expenseId(label))
    if (expense === undefined) throw new Error(`no expense is called ${label}`)
    return expense
  }
}

/** The state that the entries come to when they are read back from the journal. */
const replayed = (entries: readonly Entry[]): State => entries.map((entry) => unseal(seal(entry, ''))).reduce(apply, EMPTY)

/** Every posting sums to zero, every balance is the sum of what the members owe each other, and the journal says the same. */
export function expectSound({ state, entries }: Ledger): void {
  for (const currency of new Set([...state.balances.values()].map((b) => b.currency))) {
    const open = openBalances(state).filter((b) => b.currency === currency)
    expect(sum(open.map((b) => b.minor))).toBe(0)
    const debts = directDebts(state).filter((d) => d.currency === currency)
    for (const { id } of state.members.values()) {
      const owed = debts.reduce((total, d) => total + (d.to === id ? d.minor : d.from === id ? -d.minor : 0), 0)
      expect(owed).toBe(balanceOf(state, id, currency))
    }
  }
  expect(replayed(entries)).toEqual(state)
}
