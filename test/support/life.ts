// Random lives of a group for fast-check: a list of small numbers becomes commands that fit the moment, or just do
// not. Numbers, and not commands, so that a failing life shrinks.
import fc from 'fast-check'
import type { Currency } from '../../src/domain/currency.ts'
import { SPLIT_TYPES, type Expense, type SplitOf } from '../../src/domain/expense.ts'
import { isPresent, type Invitation } from '../../src/domain/group.ts'
import type { Command, ExpenseFields } from '../../src/domain/commands.ts'
import type { Id } from '../../src/domain/ids.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { ROLES } from '../../src/domain/roles.ts'
import { DAY } from '../../src/domain/time.ts'
import { currencyOf, Ledger, newcomer, opening, userId } from './ledger.ts'

const PEOPLE = ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay', 'Gil', 'Hal'] as const
const CURRENCIES = ['EUR', 'USD', 'JPY', 'KWD'].map(currencyOf)
const NOISE = ['0', '-5.00', 'abc', '1.0005', '99999999999999', '', '10,5']
const RATES = ['0.92', '1.1', '0.006', '3.25', '157.3391', '1000000', '0', 'x']

/** One step: who does what, and numbers that say how. `luck` of 0 makes some part of it wrong. */
export interface Step {
  readonly verb: number
  readonly actor: number
  readonly what: number
  readonly minor: number
  readonly dice: readonly number[]
  readonly luck: number
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.nat(99),
  actor: fc.nat(99),
  what: fc.nat(99),
  minor: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99_999 }), fc.constant(100_000_000_000)),
  dice: fc.array(fc.nat(99), { minLength: 8, maxLength: 8 }),
  luck: fc.nat(19),
})

/** A whole life: how the group is set up, and the steps. */
export const lives = (maxLength = 60) => fc.record({ how: fc.nat(7), steps: fc.array(step, { minLength: 10, maxLength, size: 'max' }) })
export type Life = { readonly how: number; readonly steps: readonly Step[] }

/** Lives it. `each` is told every command and whether it was accepted. */
export function live({ how, steps }: Life, each: (command: Command, isAccepted: boolean) => void = () => {}): Ledger {
  const book = new Ledger()
  const founding = opening('Ann', how % 2 === 0 ? '' : 'with separate currencies')
  const settings = {
    ...founding.info.settings,
    simplifyDebts: how % 4 < 2,
    ...(how > 3 && { requireApproval: true, approvalThreshold: 5000 }),
  }
  book.run(userId('Ann'), {
    ...founding,
    info: { ...founding.info, settings },
    members: [newcomer('Ann', 'owner'), newcomer('Bob'), newcomer('Cid', 'admin'), { id: 'mem_gus', name: 'Gus', role: 'member' }],
  })
  for (const one of steps) {
    const verb = VERBS[one.verb % VERBS.length]
    const command = verb?.(book, new Draw(one, book))
    if (command === undefined) continue
    const isSystem = command.type === 'rename_member' && one.luck !== 0
    const ifMatch = one.luck === 1 ? one.what : undefined
    each(command, book.run(isSystem ? undefined : actorOf(book, one, command), command, ifMatch).ok)
  }
  return book
}

/** Mostly somebody who may: a newcomer is themselves, others are drawn from those with an account. */
function actorOf(book: Ledger, { actor, luck }: Step, command: Command) {
  if ('user' in command && luck !== 0 && command.user.userId !== undefined) return command.user.userId
  const inside = [...book.state.members.values()].filter(isPresent).flatMap((m) => m.userId ?? [])
  // The first have the higher roles, so that not most of it is forbidden.
  return luck === 0 ? userId(PEOPLE[actor % PEOPLE.length] ?? '') : inside[actor % Math.min(inside.length, 3)]
}

/** What one step draws on: each question takes the next die. */
class Draw {
  readonly #step: Step
  readonly #book: Ledger
  #at = 0

  constructor(one: Step, book: Ledger) {
    this.#step = one
    this.#book = book
  }

  die(sides: number): number {
    return (this.#step.dice[this.#at++ % 8] ?? 0) % sides
  }

  get isUnlucky(): boolean {
    return this.#step.luck === 0
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.die(Math.max(1, list.length))]
  }

  person = () => newcomer(PEOPLE[this.#step.what % PEOPLE.length] ?? '', ROLES[this.isUnlucky ? 0 : 1 + this.die(3)])

  /** Members who can be charged; now and then somebody who can't. */
  some(): string[] {
    const all = [...this.#book.state.members.values()].filter((m) => isPresent(m) || this.isUnlucky)
    const taken = all.filter((_, i) => (this.#step.what + this.#step.minor + i) % 3 !== 0)
    const ids: string[] = (taken.length === 0 ? all : taken).map((m) => (m.userId !== undefined && this.die(2) === 0 ? m.userId : m.id))
    return this.isUnlucky && this.die(3) === 0 ? [...ids, 'usr_nobody'] : ids
  }

  one = (): string => this.pick(this.some()) ?? 'usr_nobody'

  /** One that the command is about if there is one; without luck any, or none. */
  expense(isMeant: (expense: Expense) => boolean = (e) => e.deletedAt === undefined): Id<'expense'> {
    const all = [...this.#book.expenses.values()]
    const meant = this.isUnlucky ? all : all.filter(isMeant)
    return meant[this.#step.what % (meant.length + 1)]?.id ?? 'exp_nothing'
  }

  text = (minor: number, currency: Currency): string =>
    this.isUnlucky && this.die(2) === 0 ? (this.pick(NOISE) ?? '') : formatMinor(minor, currency)

  get minor(): number {
    return this.#step.minor
  }
}

/** Cuts a total into as many parts, some of them 0. */
function cut(total: number, count: number, draw: Draw): number[] {
  const parts = Array.from({ length: count - 1 }, () => Math.floor((total / count) * (draw.die(10) / 9)))
  return [...parts, total - parts.reduce((a, b) => a + b, 0)]
}

function splitOf(members: string[], total: number, currency: Currency, draw: Draw): SplitOf<string, string> {
  const type = SPLIT_TYPES[draw.die(SPLIT_TYPES.length)] ?? 'equal'
  const parts = cut(total, members.length, draw).map((minor, i) => ({ member: members[i] ?? '', amount: draw.text(minor, currency) }))
  switch (type) {
    case 'equal':
      return { type, members }
    case 'exact':
      return { type, parts }
    case 'percentage':
      return {
        type,
        parts: cut(1_000_000, members.length, draw).map((share, i) => ({
          member: members[i] ?? '',
          percentage: (share / 10_000).toFixed(4),
        })),
      }
    case 'shares':
      return { type, parts: members.map((member, i) => ({ member, weight: i === 0 ? '1.5' : String(draw.die(7)) })) }
    case 'adjustment':
      return {
        type,
        parts: members.map((member) => ({
          member,
          amount: draw.text(Math.floor((draw.die(5) - 2) * (total / 10 / members.length)), currency),
        })),
      }
    case 'itemized': {
      const [tax = 0, ...amounts] = cut(total, 3, draw)
      const items = amounts.map((minor, i) => ({
        name: `item ${i}`,
        amount: formatMinor(minor, currency),
        parts: members.slice(i % members.length).map((member) => ({ member, weight: '1' })),
      }))
      return { type, items, tax: formatMinor(tax, currency), tip: '0', discount: '0' }
    }
  }
}

function fieldsOf(book: Ledger, draw: Draw): ExpenseFields & { amount: string; currency: Currency } {
  const { info } = book.state
  const isForeign = draw.die(4) === 0
  const currency = (isForeign ? draw.pick(CURRENCIES) : info?.currency) ?? currencyOf('EUR')
  const rate = draw.isUnlucky ? draw.pick(RATES) : RATES[draw.die(5)]
  const payers = draw.some()
  const isAlone = draw.die(3) !== 0 || draw.minor < payers.length
  const split = draw.die(4) === 0 ? {} : { split: splitOf(draw.some(), draw.minor, currency, draw) }
  return {
    amount: draw.text(draw.minor, currency),
    currency,
    ...(rate !== undefined && currency !== info?.currency && { rate }),
    ...(isAlone
      ? { payer: payers[0] ?? '' }
      : {
          payers: cut(draw.minor, payers.length, draw).flatMap((minor, i) =>
            minor === 0 ? [] : [{ member: payers[i] ?? '', amount: formatMinor(minor, currency) }],
          ),
        }),
    ...split,
  }
}

let born = 0
const record = (book: Ledger, draw: Draw): Command => ({
  type: 'record_expense',
  id: `exp_${++born}`,
  draft: {
    ...fieldsOf(book, draw),
    kind: draw.die(6) === 0 ? 'income' : 'expense',
    title: `Title ${born}`,
    date: '2026-01-01',
    tags: ['tag'],
  },
})

/** An edit of everything, or of one thing alone. */
function update(book: Ledger, draw: Draw): Command {
  const id = draw.expense()
  const fields = fieldsOf(book, draw)
  const { amount, currency, rate, payer, split } = fields
  const some: readonly ExpenseFields[] = [
    fields,
    { title: 'Other' },
    { amount },
    { ...(split && { split }) },
    { ...(payer !== undefined && { payer }) },
    { currency, ...(rate !== undefined && { rate }) },
  ]
  return { type: 'update_expense', id, fields: draw.pick(some) ?? fields }
}

const onExpense =
  (type: 'delete_expense' | 'restore_expense' | 'approve_expense' | 'reject_expense', isMeant?: (expense: Expense) => boolean): Verb =>
  (_, draw) => ({ type, id: draw.expense(isMeant) })
const isPending = (e: Expense): boolean => e.status === 'pending' && e.deletedAt === undefined

function invite(book: Ledger, draw: Draw): Command {
  const { userId: _, ...member } = draw.person()
  const email = member.email ?? ''
  return {
    type: 'invite_member',
    member,
    invitation: { id: `inv_${++born}`, email, message: 'Hi', tokenHash: `${born}`, expiresAt: book.now + DAY },
  }
}

function withInvitation(make: (invitation: Invitation, draw: Draw) => Command) {
  return (book: Ledger, draw: Draw): Command | undefined => {
    const invitation = draw.pick([...book.invitations.values()])
    return invitation === undefined ? undefined : make(invitation, draw)
  }
}

function settings(book: Ledger, draw: Draw): Command {
  const choices = [
    { requireApproval: true, approvalThreshold: draw.minor },
    { requireApproval: true, approvalThreshold: null },
    { requireApproval: false },
    { simplifyDebts: draw.die(2) === 0 },
    { currencies: draw.die(2) === 0 ? 'separate' : 'converted' },
  ] as const
  const currency = draw.die(8) === 0 ? draw.pick(CURRENCIES) : undefined
  return {
    type: 'update_group',
    fields: { name: `Group ${book.state.seq}`, settings: draw.pick(choices) ?? {}, ...(currency !== undefined && { currency }) },
  }
}

type Verb = (book: Ledger, draw: Draw) => Command | undefined

const times = (count: number, verb: Verb): Verb[] => Array.from({ length: count }, () => verb)

/** As often as it stands here. */
const VERBS: readonly Verb[] = [
  ...times(12, record),
  ...times(8, update),
  ...times(4, onExpense('delete_expense')),
  ...times(
    3,
    onExpense('restore_expense', (e) => e.deletedAt !== undefined),
  ),
  ...times(3, onExpense('approve_expense', isPending)),
  onExpense('reject_expense', isPending),
  (book, draw) => ({ type: 'comment_expense', id: draw.expense(), comment: `cmt_${book.state.seq}`, text: 'Well' }),
  (book, draw) => ({
    type: 'attach_receipt',
    id: draw.expense(),
    attachment: { id: 'att_1', key: `k${book.state.seq}`, type: 'image/png', size: 1, sha256: '', name: 'n.png' },
  }),
  ...times(2, (_, draw) => ({ type: 'add_member', member: draw.person() })),
  ...times(2, invite),
  withInvitation((invitation, draw) => ({ type: 'accept_invitation', invitation, user: draw.person() })),
  withInvitation((invitation) => ({ type: 'revoke_invitation', member: invitation.member, invitation })),
  (_, draw) => ({ type: 'join_group', user: draw.person(), inviteCode: draw.isUnlucky ? 'NOPE' : 'CODE' }),
  (_, draw) => ({ type: 'change_role', member: draw.one(), role: draw.pick(ROLES) ?? 'member' }),
  ...times(2, (_, draw) => ({ type: 'remove_member', member: draw.one() })),
  ...times(2, () => ({ type: 'leave_group' })),
  ...times(2, settings),
  (_, draw) => ({ type: 'rename_member', userId: draw.person().userId ?? 'usr_nobody', name: 'Renamed' }),
  (_, draw) => (draw.die(3) === 0 ? { type: 'archive_group' } : { type: 'unarchive_group' }),
]
