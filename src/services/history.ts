// The past of a group: its feed, its balances at a seq or day, and why somebody owes somebody else.
import type { Ctx } from '../context.ts'
import { findSeqBefore, readBalancesAt, readEntriesBetween, readFeed, type PastBalance } from '../db/history.ts'
import { activityOf, type ActivityItem } from '../domain/activity.ts'
import type { Currency } from '../domain/currency.ts'
import { AppError } from '../domain/errors.ts'
import { explainEntries, type ExplanationLine } from '../domain/explain.ts'
import type { MemberRef } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { DAY, type Day } from '../domain/time.ts'
import { simplifiedDebts, type BalancesView, type Debt, type Debts, type MembersView, type NamedMember } from '../domain/views.ts'
import { requireGroup } from './access.ts'
import { getDebts, listMembers } from './groups.ts'

/** The feed, newest first. Since the seq has no gaps, it is also the page's place and the total. */
export async function listActivity(ctx: Ctx, groupId: Id<'group'>, page: PageRequest): Promise<Page<ActivityItem>> {
  const { access, view } = await requireGroup(ctx, groupId, 'group.read')
  const before = page.after === undefined ? view.seq - (page.page - 1) * page.size + 1 : Number(page.after[0])
  const newest = Math.min(before - 1, view.seq)
  const { entries, people } = await readFeed(ctx.db.$client, access, newest, page.size)
  const items = entries.map((entry) => activityOf(entry, entry.member === undefined ? undefined : people.get(entry.member)))
  const last = entries.at(-1)?.seq ?? 1
  return { items, total: view.seq, request: page, ...(last > 1 && { next: [last] }) }
}

export interface PastBalances {
  readonly seq: number
  readonly members: MembersView
  readonly balances: readonly PastBalance[]
  readonly debts: Debts
}

/** The last instant of the day in UTC is the moment that a day's balances are of. */
async function seqOf(ctx: Ctx, groupId: Id<'group'>, at: { seq: number } | { day: Day }): Promise<number> {
  const { access, view } = await requireGroup(ctx, groupId, 'group.read')
  if ('day' in at) return findSeqBefore(ctx.db.$client, access, Date.parse(`${at.day}T00:00:00Z`) + DAY)
  if (at.seq <= view.seq) return at.seq
  throw new AppError('request.invalid', [
    {
      field: 'as_of_seq',
      message: 'The group has not come that far',
      code: 'TOO_LARGE',
      expected: `at most ${view.seq}`,
      got: String(at.seq),
    },
  ])
}

/** The balances as they were after the seq, or at the end of the day (UTC) as it had been recorded by then. */
export async function getPastBalances(ctx: Ctx, groupId: Id<'group'>, at: { seq: number } | { day: Day }): Promise<PastBalances> {
  const seq = await seqOf(ctx, groupId, at)
  const { access } = await requireGroup(ctx, groupId, 'group.read')
  const [balances, members] = await Promise.all([readBalancesAt(ctx.db.$client, access, seq), listMembers(ctx, groupId)])
  const open = balances.map((b) => ({ member: b.member, currency: b.currency, minor: b.paid - b.owed })).filter((b) => b.minor !== 0)
  return { seq, members, balances, debts: simplifiedDebts(open) }
}

export interface DebtExplanation {
  readonly from: NamedMember
  readonly to: NamedMember
  readonly currency: Currency
  /** Minor units, as `GET …/balances/` shows it. */
  readonly shown: number
  readonly lines: readonly ExplanationLine[]
  /** What older entries than the lines come to. */
  readonly earlier: number
  /** What simplifying moved here from debts with other members. */
  readonly rerouted: number
}

const LINES_SHOWN = 200

/** The lines that add up to what the first member is shown to owe the second: shown = Σ lines + earlier + rerouted. */
export async function explainDebt(
  ctx: Ctx,
  groupId: Id<'group'>,
  fromRef: MemberRef,
  toRef: MemberRef,
  asked?: Currency,
): Promise<DebtExplanation> {
  const { access, view } = await requireGroup(ctx, groupId, 'group.read')
  const balances = await getDebts(ctx, groupId)
  const [from, to] = [memberOf(balances, fromRef), memberOf(balances, toRef)]
  if (from.id === to.id)
    throw new AppError('request.invalid', [{ field: 'to', message: 'Name two different members', code: 'INVALID_VALUE' }])
  const currency = asked ?? view.info.currency
  const shown = netOf(balances.debts.payments, from, to, currency)
  const lines = explainEntries(
    await readEntriesBetween(ctx.db.$client, access, from.id, to.id, currency, LINES_SHOWN),
    from.id,
    to.id,
    currency,
  )
  const direct = netOf(balances.direct, from, to, currency)
  const listed = lines.reduce((total, line) => total + line.minor, 0)
  return { from, to, currency, shown, lines, earlier: direct - listed, rerouted: shown - direct }
}

/** Minor units that the debts say `from` owes `to`; what they say the other way round counts against it. */
function netOf(debts: readonly Debt[], from: NamedMember, to: NamedMember, currency: Currency): number {
  const some = debts.filter((d) => d.currency === currency)
  const owed = (a: NamedMember, b: NamedMember) =>
    some.reduce((total, d) => (d.from === a.id && d.to === b.id ? total + d.minor : total), 0)
  return owed(from, to) - owed(to, from)
}

function memberOf(view: BalancesView, ref: MemberRef): NamedMember {
  const found = view.members.find((m) => m.id === ref || m.userId === ref)
  if (found === undefined) throw new AppError('member.not_found')
  return found
}
