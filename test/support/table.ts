// A group's life written as a table that a reader of money can review: one command or question a line, `->`, and what
// must come of it. After every command the whole ledger is held against its invariants.
import { expect, test } from 'vitest'
import type { Currency } from '../../src/domain/currency.ts'
import type { MemberId, SplitOf } from '../../src/domain/expense.ts'
import { openBalances, type Invitation, type State } from '../../src/domain/group.ts'
import type { Command, ExpenseFields, NewMember } from '../../src/domain/commands.ts'
import type { Id } from '../../src/domain/ids.ts'
import { formatMinor, parseMoney } from '../../src/domain/money.ts'
import { ROLES, type Role } from '../../src/domain/roles.ts'
import { DAY } from '../../src/domain/time.ts'
import { debtsOf, directDebts, type Debt } from '../../src/domain/views.ts'
import { currencyOf, expectSound, expenseId, Ledger, memberId, newcomer, opening, userId } from './ledger.ts'

/** What a table says must come of each line, and what does; the same text where it holds. */
interface Told {
  readonly book: Ledger
  readonly expected: string
  readonly got: string
}

/**
 * Lives the table. A refusal is written as its code, with the code and the difference of its first detail if wanted:
 * `split.invalid SHARES_DO_NOT_ADD_UP -1.00`.
 */
function tell(table: string): Told {
  const book = new Ledger()
  const lines = table
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const got = lines.map((line) => {
    const [said = '', expected = ''] = line.split('->').map((text) => text.trim())
    const answers = answer(book, said)
    expectSound(book)
    return answers.includes(expected) ? line : `${line.slice(0, line.indexOf('->'))}-> ${answers.at(-1)}`
  })
  return { book, expected: lines.join('\n'), got: got.join('\n') }
}

/** A test: the guarantee in words, and the table that shows it. */
export const rule = (guarantee: string, table: string): void =>
  // oxlint-disable-next-line vitest/valid-title -- the guarantee is the title
  test(guarantee, () => {
    const { expected, got } = tell(table)
    expect(got).toBe(expected)
  })

/** The group that has lived this table. */
export function ledger(table: string): Ledger {
  const { book, expected, got } = tell(table)
  expect(got).toBe(expected)
  return book
}

/** Everything that may be written behind the arrow, the most detailed last. */
function answer(book: Ledger, said: string): string[] {
  const days = /^(\d+) days pass$/.exec(said)
  if (days !== null) {
    book.now += Number(days[1]) * DAY
    return ['ok']
  }
  const question = ask(book, said)
  if (question !== undefined) return [question]
  const { actor, command, ifMatch } = read(book, said)
  const result = book.run(actor, command, ifMatch)
  if (result.ok) return ['ok']
  const {
    code,
    details: [detail],
  } = result.error
  if (detail === undefined) return [code]
  return [code, `${code} ${detail.code}`, ...(detail.difference === undefined ? [] : [`${code} ${detail.code} ${detail.difference}`])]
}

function ask(book: Ledger, said: string): string | undefined {
  const { state } = book
  const name = (id: MemberId) => state.members.get(id)?.name ?? id
  const unit = (currency: Currency) => (currency === state.info?.currency ? '' : ` ${currency}`)
  const signed = (minor: number, currency: Currency) => `${minor > 0 ? '+' : ''}${formatMinor(minor, currency)}${unit(currency)}`
  const listed = (items: readonly string[]) => (items.length === 0 ? 'none' : items.join(', '))
  const debts = (some: readonly Debt[]) =>
    listed(some.map((d) => `${name(d.from)} owes ${name(d.to)} ${formatMinor(d.minor, d.currency)}${unit(d.currency)}`))
  if (said === 'balances') return listed(inOrder(state).map((b) => `${name(b.member)} ${signed(b.minor, b.currency)}`))
  if (said === 'debts') return debts(debtsOf(state).payments)
  if (said === 'debts as they arose') return debts(directDebts(state))
  if (said === 'spent') return listed([...state.totals].map(([currency, minor]) => `${formatMinor(minor, currency)}${unit(currency)}`))
  if (said === 'members')
    return listed([...state.members.values()].map((m) => `${m.name} ${m.status === 'active' ? '' : `${m.status} `}${m.role}`))
  if (said === 'the group') return state.info?.archivedAt === undefined ? 'open' : 'archived'
  const [, what, label] = /^(shares|payers|status|version) of (\w+)$/.exec(said) ?? []
  if (what === undefined || label === undefined) return undefined
  const expense = book.expense(label)
  if (what === 'status') return expense.deletedAt === undefined ? expense.status : 'deleted'
  if (what === 'version') return String(expense.version)
  return listed(
    (what === 'shares' ? expense.shares : expense.payers).map((p) => `${name(p.member)} ${formatMinor(p.minor, expense.currency)}`),
  )
}

/** The balances as a reader looks for them: the group's currency first, then by member. */
const inOrder = (state: State) =>
  openBalances(state).toSorted((a, b) => {
    const [x, y] = [a, b].map(({ currency, member }) => `${currency === state.info?.currency ? '' : currency} ${member}`)
    return (x ?? '') < (y ?? '') ? -1 : 1
  })

interface Said {
  readonly actor: Id<'user'> | undefined
  readonly command: Command
  readonly ifMatch?: number
}

type Words = Readonly<Record<string, string | undefined>>

const AMOUNT = String.raw`(?<amount>-?[\d.]+)(?: (?<currency>[A-Z]{3}))?(?: at (?<rate>\S+))?`
const PAYERS = String.raw`\w+(?: [\d.]+)?(?: and \w+ [\d.]+)*`
const RECORD = new RegExp(
  String.raw`^(?:(?<actor>\w+) notes that )?(?<payers>${PAYERS}) (?<verb>pays?|receives?) ${AMOUNT} for (?<label>\w+)(?:: (?<split>.*))?$`,
)
const EDIT = new RegExp(
  String.raw`^edits (?<label>\w+)(?: to ${AMOUNT})?(?: paid by (?<payers>${PAYERS}))?(?: titled (?<title>\w+))?(?:: (?<split>.*))?$`,
)

function read(book: Ledger, said: string): Said {
  const [, text = said, version] = /^(.*) if version (\d+)$/.exec(said) ?? []
  const condition = version === undefined ? {} : { ifMatch: Number(version) }
  const record = RECORD.exec(text)?.groups
  if (record !== undefined) {
    const { actor, payers = '', label = '', verb = '' } = record
    const first = /^\w+/.exec(payers)?.[0] ?? ''
    const kind = verb.startsWith('receive') ? 'income' : 'expense'
    // Who pays alone and says so themselves need not be named.
    const fields = fieldsOf(book, { ...record, payers: actor === undefined && payers === first ? undefined : payers })
    const draft = { kind, title: label, amount: '', date: '2026-01-01', ...fields } as const
    return { actor: userId(actor ?? first), command: { type: 'record_expense', id: expenseId(label), draft }, ...condition }
  }
  const [, actor = '', rest = ''] = /^(\w+) (.*)$/.exec(text) ?? []
  for (const [pattern, meaning] of SENTENCES) {
    const words = pattern.exec(rest)
    if (words !== null) return { actor: userId(actor), command: meaning(book, words.groups ?? {}, actor), ...condition }
  }
  throw new Error(`nobody understands: ${said}`)
}

/** The member of that name, or a user whom the group has never heard of. */
const refOf = (book: Ledger, name = ''): string => book.member(name)?.id ?? userId(name)

function fieldsOf(book: Ledger, { amount, currency, rate, payers = '', split, title }: Words): ExpenseFields {
  const [first, ...others] = payers.split(' and ').map((payer) => payer.split(' '))
  const isAlone = others.length === 0 && first?.[1] === undefined
  return {
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency: currencyOf(currency) }),
    ...(rate !== undefined && { rate }),
    ...(payers !== '' && isAlone && { payer: refOf(book, first?.[0]) }),
    ...(payers !== '' &&
      !isAlone && { payers: [first, ...others].map(([name, part = ''] = []) => ({ member: refOf(book, name), amount: part })) }),
    ...(split !== undefined && { split: splitOf(book, split) }),
    ...(title !== undefined && { title }),
  }
}

/** `Ann, Bob` equally · `Ann 3.00, Bob 7.00` · `Ann 30%, Bob 70%` · `Ann x1, Bob x2` · `Ann +2.00, Bob` · `wine 9.00 Ann x1 Bob x2; tax 1.00`. */
function splitOf(book: Ledger, text: string): SplitOf<string, string> {
  if (text.includes(';')) return itemsOf(book, text)
  const parts = text
    .split(', ')
    .map((part) => part.split(' '))
    .map(([name, value = '']) => ({ member: refOf(book, name), value }))
  if (text.includes('%'))
    return { type: 'percentage', parts: parts.map(({ member, value }) => ({ member, percentage: value.replace('%', '') })) }
  if (/ x\d/.test(text)) return { type: 'shares', parts: parts.map(({ member, value }) => ({ member, weight: value.replace('x', '') })) }
  if (/ [+-]/.test(text))
    return { type: 'adjustment', parts: parts.map(({ member, value }) => ({ member, amount: value.replace('+', '') || '0' })) }
  if (parts.some(({ value }) => value !== ''))
    return { type: 'exact', parts: parts.map(({ member, value }) => ({ member, amount: value })) }
  return { type: 'equal', members: parts.map(({ member }) => member) }
}

function itemsOf(book: Ledger, text: string): SplitOf<string, string> {
  const lines = text.split(';').map((line) => line.trim().split(' '))
  const extra = (name: string) => lines.find(([first]) => first === name)?.[1] ?? '0'
  const items = lines.filter(([first = '']) => first !== '' && !['tax', 'tip', 'discount'].includes(first))
  return {
    type: 'itemized',
    items: items.map(([name = '', amount = '', ...rest]) => ({
      name,
      amount,
      parts: [...rest.join(' ').matchAll(/([A-Z]\w*)(?: x([\d.]+))?/g)].map(([, who, weight = '1']) => ({
        member: refOf(book, who),
        weight,
      })),
    })),
    tax: extra('tax'),
    tip: extra('tip'),
    discount: extra('discount'),
  }
}

function roleOf(text = 'member'): Role {
  const role = ROLES.find((r) => r === text)
  if (role === undefined) throw new Error(`no role: ${text}`)
  return role
}

let invited = 0

function invite(book: Ledger, { who = '', role, days = '7' }: Words): Command {
  const email = `${who.toLowerCase()}@example.com`
  const member: NewMember = { id: memberId(who), name: who, role: roleOf(role), email }
  return {
    type: 'invite_member',
    member,
    invitation: { id: `inv_${++invited}`, email, message: '', tokenHash: `hash${invited}`, expiresAt: book.now + Number(days) * DAY },
  }
}

function invitationOf(book: Ledger, who = ''): Invitation {
  const invitation = book.invitations.get(memberId(who))
  if (invitation === undefined) throw new Error(`${who} was never invited`)
  return invitation
}

const minorOf = (book: Ledger, text: string): number => {
  const parsed = parseMoney(text, book.state.info?.currency ?? currencyOf('EUR'))
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed.minor
}

const SENTENCES: readonly (readonly [RegExp, (book: Ledger, words: Words, actor: string) => Command])[] = [
  [/^opens a group(?<how>.*)$/, (_, { how }, actor) => opening(actor, how)],
  [/^adds guest (?<who>\w+)$/, (_, { who = '' }) => ({ type: 'add_member', member: { id: memberId(who), name: who, role: 'member' } })],
  [/^adds (?<who>\w+)(?: as (?<role>\w+))?$/, (_, { who = '', role }) => ({ type: 'add_member', member: newcomer(who, roleOf(role)) })],
  [/^invites (?<who>\w+)(?: as (?<role>\w+))?(?: for (?<days>\d+) days)?$/, (book, words) => invite(book, words)],
  [
    /^accepts the invitation of (?<who>\w+)$/,
    (book, { who }, actor) => ({ type: 'accept_invitation', invitation: invitationOf(book, who), user: newcomer(actor) }),
  ],
  [
    /^revokes the invitation of (?<who>\w+)$/,
    (book, { who }) => ({ type: 'revoke_invitation', member: invitationOf(book, who).member, invitation: invitationOf(book, who) }),
  ],
  [/^joins with (?<code>\w+)$/, (_, { code = '' }, actor) => ({ type: 'join_group', user: newcomer(actor), inviteCode: code })],
  [/^makes (?<who>\w+) (?<role>\w+)$/, (book, { who, role }) => ({ type: 'change_role', member: refOf(book, who), role: roleOf(role) })],
  [/^removes (?<who>\w+)$/, (book, { who }) => ({ type: 'remove_member', member: refOf(book, who) })],
  [/^leaves$/, () => ({ type: 'leave_group' })],
  [/^archives the group$/, () => ({ type: 'archive_group' })],
  [/^unarchives the group$/, () => ({ type: 'unarchive_group' })],
  [
    /^wants approval above (?<amount>[\d.]+)$/,
    (book, { amount = '' }) => ({
      type: 'update_group',
      fields: { settings: { requireApproval: true, approvalThreshold: minorOf(book, amount) } },
    }),
  ],
  [
    /^wants approval of everything$/,
    () => ({ type: 'update_group', fields: { settings: { requireApproval: true, approvalThreshold: null } } }),
  ],
  [
    /^keeps currencies (?<mode>separate|converted)$/,
    (_, { mode }) => ({ type: 'update_group', fields: { settings: { currencies: mode === 'separate' ? 'separate' : 'converted' } } }),
  ],
  [
    /^keeps the books in (?<currency>\w+)$/,
    (_, { currency = '' }) => ({ type: 'update_group', fields: { currency: currencyOf(currency) } }),
  ],
  [/^names the group (?<name>\w+)$/, (_, { name = '' }) => ({ type: 'update_group', fields: { name } })],
  [/^deletes (?<label>\w+)$/, (_, { label = '' }) => ({ type: 'delete_expense', id: expenseId(label) })],
  [/^restores (?<label>\w+)$/, (_, { label = '' }) => ({ type: 'restore_expense', id: expenseId(label) })],
  [/^approves (?<label>\w+)$/, (_, { label = '' }) => ({ type: 'approve_expense', id: expenseId(label) })],
  [/^rejects (?<label>\w+)$/, (_, { label = '' }) => ({ type: 'reject_expense', id: expenseId(label) })],
  [
    /^comments on (?<label>\w+)$/,
    (book, { label = '' }) => ({ type: 'comment_expense', id: expenseId(label), comment: `cmt_${book.entries.length}`, text: 'Well' }),
  ],
  [EDIT, (book, words) => ({ type: 'update_expense', id: expenseId(words['label'] ?? ''), fields: fieldsOf(book, words) })],
]
