// How groups, members and balances look to clients, field by field as the document has it.
import { z } from 'zod'
import type { GroupLine, MyBalance } from '../domain/group-lines.ts'
import type { MemberId } from '../domain/expense.ts'
import { isPresent, type GroupInfo, type Member } from '../domain/group.ts'
import { formatMinor } from '../domain/money.ts'
import type { GroupFigures, Outcome } from '../domain/outcome.ts'
import { ROLES, type Role } from '../domain/roles.ts'
import type { BalancesView, Debts, MembersView } from '../domain/views.ts'
import { amountOut, CurrencyOut, currencyOut, instant, instantOut } from '../http/fields.ts'
import type { Link } from './attachment-shapes.ts'
import { PersonOut, personOut } from './expense-shapes.ts'

const isAdmin = (role: Role): boolean => role === 'owner' || role === 'admin'

const common = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  group_type: z.string(),
  image: z.string().nullable(),
  currency: CurrencyOut,
  is_private: z.boolean(),
  is_active: z.boolean(),
  invite_code: z.string().nullable(),
  member_count: z.int(),
  created_at: instantOut,
  version: z.int().meta({ description: 'The ETag: the seq that last changed the group itself' }),
}

const commonOut = (info: GroupInfo, figures: GroupFigures, link: Link) => ({
  id: info.id,
  name: info.name,
  description: info.description,
  group_type: info.type,
  image: info.imageKey === undefined ? null : link(info.imageKey),
  currency: currencyOut(info.currency),
  is_private: info.isPrivate,
  is_active: info.archivedAt === undefined,
  invite_code: info.inviteCode ?? null,
  member_count: figures.memberCount,
  created_at: instant(info.createdAt),
  version: info.version,
})

export const GroupLineOut = z
  .object({
    ...common,
    total_expenses: amountOut,
    unsettled_amount: amountOut,
    my_balance: amountOut,
    is_admin: z.boolean(),
    role: z.enum(ROLES),
  })
  .meta({ id: 'GroupLine' })

export const groupLineOut = ({ info, figures, role, myMinor }: GroupLine, link: Link): z.input<typeof GroupLineOut> => ({
  ...commonOut(info, figures, link),
  total_expenses: formatMinor(figures.totalMinor, info.currency),
  unsettled_amount: formatMinor(figures.unsettledMinor, info.currency),
  my_balance: formatMinor(myMinor, info.currency),
  is_admin: isAdmin(role),
  role,
})

const SettingsOut = z
  .object({
    simplify_debts: z.boolean(),
    require_approval: z.boolean(),
    approval_threshold: amountOut.nullable(),
    auto_reminder: z.boolean(),
    trust_payers: z.boolean(),
    currencies: z.enum(['converted', 'separate']),
  })
  .meta({ id: 'GroupSettings' })

const StatisticsOut = z
  .object({
    total_expenses: amountOut,
    settled_amount: amountOut,
    unsettled_amount: amountOut,
    expense_count: z.int(),
    active_members: z.int(),
    created_at: instantOut,
  })
  .meta({ id: 'GroupStatistics' })

export const GroupOut = z
  .object({
    ...common,
    settings: SettingsOut,
    statistics: StatisticsOut,
    seq: z.int().meta({ description: 'The last entry of the group: where a socket resumes from' }),
  })
  .meta({ id: 'Group' })

/** `settled_amount` is what has been spent and is no longer owed: total less unsettled. */
export function groupOut(
  { info, figures, seq }: { info: GroupInfo; figures: GroupFigures; seq: number },
  link: Link,
): z.input<typeof GroupOut> {
  const { settings, currency } = info
  const amount = (minor: number): string => formatMinor(minor, currency)
  return {
    ...commonOut(info, figures, link),
    settings: {
      simplify_debts: settings.simplifyDebts,
      require_approval: settings.requireApproval,
      approval_threshold: settings.approvalThreshold === undefined ? null : amount(settings.approvalThreshold),
      auto_reminder: settings.autoReminder,
      trust_payers: settings.trustPayers !== false,
      currencies: settings.currencies,
    },
    statistics: {
      total_expenses: amount(figures.totalMinor),
      settled_amount: amount(Math.max(0, figures.totalMinor - figures.unsettledMinor)),
      unsettled_amount: amount(figures.unsettledMinor),
      expense_count: figures.expenseCount,
      active_members: figures.memberCount,
      created_at: instant(info.createdAt),
    },
    seq,
  }
}

export const groupOfOutcome = (outcome: Outcome, link: Link): z.input<typeof GroupOut> =>
  groupOut({ ...outcome, seq: outcome.entry.seq }, link)

const UserOut = PersonOut.extend({ email: z.string().nullable() }).meta({ id: 'MemberUser' })

export const MemberOut = z
  .object({
    id: z.string(),
    user: UserOut,
    is_guest: z.boolean(),
    role: z.enum(ROLES),
    status: z.enum(['active', 'invited', 'left', 'removed']),
    joined_at: instantOut,
    invited_by: z.object({ id: z.string(), name: z.string() }).nullable(),
  })
  .meta({ id: 'Member' })

const BalanceFields = { balance: amountOut, total_paid: amountOut, total_owed: amountOut }
export const MemberBalanceOut = MemberOut.extend({
  ...BalanceFields,
  other_currencies: z.array(z.object({ currency: CurrencyOut, ...BalanceFields })),
}).meta({ id: 'MemberBalance' })

export function memberOut(member: Member, people: ReadonlyMap<MemberId, Member>, link: Link): z.input<typeof MemberOut> {
  const inviter = member.invitedBy === undefined ? undefined : people.get(member.invitedBy)
  return {
    id: member.id,
    user: { ...personOut(member, member.id, link), email: member.email ?? null },
    is_guest: member.userId === undefined,
    role: member.role,
    status: member.status,
    joined_at: instant(member.joinedAt),
    invited_by: inviter === undefined ? null : { id: inviter.userId ?? inviter.id, name: inviter.name },
  }
}

/** Everybody who is in the group now, with what they paid and owe. */
export function membersOut(view: MembersView, link: Link): z.input<typeof MemberBalanceOut>[] {
  const people = new Map(view.members.map((m) => [m.id, m]))
  const amounts = (paid: number, owed: number, currency = view.info.currency) => ({
    balance: formatMinor(paid - owed, currency),
    total_paid: formatMinor(paid, currency),
    total_owed: formatMinor(owed, currency),
  })
  return view.members.filter(isPresent).map((member) => {
    const balances = view.balances.filter((b) => b.member === member.id)
    const own = balances.find((b) => b.currency === view.info.currency)
    const others = balances.filter((b) => b.currency !== view.info.currency)
    return {
      ...memberOut(member, people, link),
      ...amounts(own?.paid ?? 0, own?.owed ?? 0),
      other_currencies: others.map((b) => ({ currency: currencyOut(b.currency), ...amounts(b.paid, b.owed, b.currency) })),
    }
  })
}

const NamedOut = z.object({ id: z.string(), name: z.string() }).meta({ id: 'Named' })
const OwesOut = z.object({ to_user: NamedOut, amount: amountOut })
const DebtOut = z.object({ from: NamedOut, to: NamedOut, amount: amountOut, currency: CurrencyOut }).meta({ id: 'Debt' })

export const BalancesOut = z
  .object({
    seq: z.int().meta({ description: 'The entry after which these are the balances' }),
    balances: z.array(
      z.object({ user: NamedOut, member_id: z.string(), balance: amountOut, currency: CurrencyOut, owes: z.array(OwesOut) }),
    ),
    simplified_debts: z.array(DebtOut).meta({ description: 'The payments that would clear the group' }),
    is_simplified: z.boolean().meta({ description: 'false: debts are shown between each two members as they arose' }),
    optimal: z.boolean().meta({ description: 'Whether fewer payments are proved impossible' }),
    certificate: z
      .array(z.object({ currency: z.string(), members: z.array(z.string()) }))
      .meta({ description: 'Disjoint sets of members whose balances sum to zero: n members in k sets need n - k payments' }),
  })
  .meta({ id: 'Balances' })

interface BalancesLike {
  readonly seq: number
  readonly info: GroupInfo
  readonly members: readonly Member[]
  readonly balances: readonly {
    readonly member: MemberId
    readonly currency: GroupInfo['currency']
    readonly paid: number
    readonly owed: number
  }[]
  readonly debts: Debts
}

export function balancesOut(view: BalancesLike | BalancesView): z.input<typeof BalancesOut> {
  const people = new Map(view.members.map((m) => [m.id, m]))
  const named = (id: MemberId): z.input<typeof NamedOut> => ({ id: people.get(id)?.userId ?? id, name: people.get(id)?.name ?? '' })
  const idle = view.members.filter(
    (m) => isPresent(m) && !view.balances.some((b) => b.member === m.id && b.currency === view.info.currency),
  )
  const all = [...view.balances, ...idle.map((m) => ({ member: m.id, currency: view.info.currency, paid: 0, owed: 0 }))]
  const places = new Map(view.members.map((m, i) => [m.id, i]))
  const place = (id: MemberId): number => places.get(id) ?? places.size
  const shown = all
    .filter((b) => b.paid !== b.owed || isPresent(people.get(b.member) ?? { ...NOBODY, id: b.member }))
    .toSorted((a, b) => place(a.member) - place(b.member))
  return {
    seq: view.seq,
    balances: shown.map((b) => ({
      user: named(b.member),
      member_id: b.member,
      balance: formatMinor(b.paid - b.owed, b.currency),
      currency: currencyOut(b.currency),
      owes: view.debts.payments
        .filter((p) => p.from === b.member && p.currency === b.currency)
        .map((p) => ({ to_user: named(p.to), amount: formatMinor(p.minor, p.currency) })),
    })),
    simplified_debts: view.debts.payments.map((p) => ({
      from: named(p.from),
      to: named(p.to),
      amount: formatMinor(p.minor, p.currency),
      currency: currencyOut(p.currency),
    })),
    is_simplified: view.debts.isSimplified,
    optimal: view.debts.isOptimal,
    certificate: view.debts.certificate.map((set) => ({ currency: set.currency, members: set.members.map((id) => named(id).id) })),
  }
}

/** Stands in for a member that the state does not know; its balance is shown only while it is open. */
const NOBODY: Omit<Member, 'id'> = { name: '', role: 'viewer', status: 'left', joinedAt: 0 }

export const MyBalancesOut = z
  .object({
    groups: z.array(z.object({ group: NamedOut, is_personal: z.boolean(), balance: amountOut, currency: CurrencyOut })),
    totals: z.array(z.object({ currency: CurrencyOut, owed_to_me: amountOut, owed_by_me: amountOut, net: amountOut })),
  })
  .meta({ id: 'MyBalances' })

/** What the user owes and is owed, group by group and summed for each currency; nothing is converted. */
export function myBalancesOut(balances: readonly MyBalance[]): z.input<typeof MyBalancesOut> {
  const totals = [...Map.groupBy(balances, (b) => b.currency)].map(([currency, some]) => {
    const credit = some.reduce((total, b) => total + Math.max(0, b.minor), 0)
    const debit = some.reduce((total, b) => total + Math.max(0, 0 - b.minor), 0)
    return {
      currency: currencyOut(currency),
      owed_to_me: formatMinor(credit, currency),
      owed_by_me: formatMinor(debit, currency),
      net: formatMinor(credit - debit, currency),
    }
  })
  const groups = balances.map((b) => ({
    group: { id: b.groupId, name: b.groupName },
    is_personal: b.isPersonal,
    balance: formatMinor(b.minor, b.currency),
    currency: currencyOut(b.currency),
  }))
  return { groups, totals }
}
