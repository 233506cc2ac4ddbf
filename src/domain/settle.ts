// Plans: the payments that would bring every balance of a group to 0, in one currency.
// A plan always clears everybody; whether it is provably the shortest, it says itself.
import type { MemberId } from './expense.ts'
import { sum } from './money.ts'

/** Minor units: positive is owed to the member, negative the member owes. */
export interface Balance {
  readonly member: MemberId
  readonly minor: number
}

/** `from` pays `to`; positive minor units. */
export interface Payment {
  readonly from: MemberId
  readonly to: MemberId
  readonly minor: number
}

export interface Plan {
  readonly payments: Payment[]
  /** Whether no plan with fewer payments exists. */
  readonly optimal: boolean
  /**
   * The members with open balances, in groups that each sum to 0. The plan has members - groups payments, and fewer
   * are possible only if there is a partition into more groups.
   */
  readonly certificate: MemberId[][]
}

/** How many balances are searched exactly; time and memory double with each. */
const MAX_SEARCHED = 20

/**
 * The shortest plan for up to 20 balances that are not 0 (and for more, where the others are exact opposites);
 * beyond that, the largest debtor pays the largest creditor until 20 are left.
 * The same balances in any order give the same plan. Throws `RangeError` when they do not sum to 0.
 *
 * The payments of a plan link members into groups that each sum to 0, and linking k members takes k - 1 payments; so
 * the shortest plan is the partition into the most zero-sum groups (Verhoeff, "Settling Multiple Debts Efficiently",
 * 2004).
 */
export function minimalPlan(open: readonly Balance[]): Plan {
  let rest = sorted(open)
  const early: Payment[] = []
  const groups: Balance[][] = []
  for (;;) {
    const matched = matchOpposites(rest)
    groups.push(...matched.pairs)
    rest = matched.rest
    if (rest.length <= MAX_SEARCHED) break
    const payment = nextPayment(rest)
    early.push(payment)
    rest = afterPayment(rest, payment)
  }
  groups.push(...largestPartition(rest))
  const payments = [...early, ...groups.flatMap(settleGroup)]
  return { payments, optimal: early.length === 0, certificate: linkedMembers(payments) }
}

/** One balance for each member that has one other than 0, by member id. */
function sorted(open: readonly Balance[]): Balance[] {
  const off = sum(open.map(({ minor }) => minor))
  if (off !== 0) throw new RangeError(`balances must sum to 0, these sum to ${off}`)
  const minors = new Map<MemberId, number>()
  for (const { member, minor } of open) minors.set(member, (minors.get(member) ?? 0) + minor)
  return [...minors.keys()]
    .sort()
    .map((member) => ({ member, minor: minors.get(member) ?? 0 }))
    .filter(({ minor }) => minor !== 0)
}

/**
 * Takes out pairs of exact opposites. This loses nothing: if a best partition has a and b in two groups, then {a, b}
 * and what is left of both groups together are two zero-sum groups again; if it has them in one, splitting them off
 * leaves no fewer groups. So some best partition has {a, b} as a group, and what remains is a smaller problem.
 */
function matchOpposites(balances: readonly Balance[]): { pairs: Balance[][]; rest: Balance[] } {
  const waiting = new Map<number, Balance[]>()
  const pairs: Balance[][] = []
  for (const balance of balances) {
    const opposite = waiting.get(-balance.minor)?.shift()
    if (opposite !== undefined) pairs.push([opposite, balance])
    else waiting.set(balance.minor, [...(waiting.get(balance.minor) ?? []), balance])
  }
  const unmatched = new Set([...waiting.values()].flat())
  return { pairs, rest: balances.filter((balance) => unmatched.has(balance)) }
}

/**
 * The partition into the most zero-sum groups, by dynamic programming over subsets: `most[mask]` is how many disjoint
 * zero-sum groups fit into the subset. It is the best of the subset without one of its members, plus 1 if the subset
 * itself sums to 0. The last balance belongs to some group and is set aside as the seed of the first one, which
 * halves the table.
 */
function largestPartition(balances: readonly Balance[]): Balance[][] {
  const seed = balances.at(-1)
  if (seed === undefined) return []
  const others = balances.slice(0, -1)
  const { sums, most } = countGroups(others.map(({ minor }) => minor))
  const groups: Balance[][] = []
  let group = [seed]
  for (let mask = most.length - 1; mask !== 0;) {
    if (sums[mask] === 0) {
      groups.push(group)
      group = []
    }
    const wanted = (most[mask] ?? 0) - (sums[mask] === 0 ? 1 : 0)
    const next = others.findIndex((_, i) => (mask & (1 << i)) !== 0 && most[mask ^ (1 << i)] === wanted)
    group.push(...others.slice(next, next + 1))
    mask ^= 1 << next
  }
  return [...groups, group]
}

/** For every subset of the values, as a bit mask: its sum, and how many disjoint zero-sum groups fit into it. */
function countGroups(values: readonly number[]): { sums: Float64Array; most: Uint8Array } {
  const size = 1 << values.length
  const sums = new Float64Array(size)
  const most = new Uint8Array(size)
  for (let mask = 1; mask < size; mask++) {
    const lowest = mask & -mask
    sums[mask] = (sums[mask ^ lowest] ?? 0) + (values[31 - Math.clz32(lowest)] ?? 0)
    let best = 0
    for (let bits = mask; bits !== 0; bits &= bits - 1) {
      const count = most[mask ^ (bits & -bits)] ?? 0
      if (count > best) best = count
    }
    most[mask] = sums[mask] === 0 ? best + 1 : best
  }
  return { sums, most }
}

/** Clears a zero-sum group of k balances in at most k - 1 payments: each clears one member, the last one two. */
function settleGroup(group: readonly Balance[]): Payment[] {
  const payments: Payment[] = []
  for (let rest = [...group].sort((a, b) => (a.member < b.member ? -1 : 1)); rest.length > 0;) {
    const payment = nextPayment(rest)
    payments.push(payment)
    rest = afterPayment(rest, payment)
  }
  return payments
}

/** The largest debtor pays the largest creditor what both allow; of equals the first in the list. */
function nextPayment(open: readonly Balance[]): Payment {
  const debtor = open.reduce((largest, balance) => (balance.minor < largest.minor ? balance : largest))
  const creditor = open.reduce((largest, balance) => (balance.minor > largest.minor ? balance : largest))
  return { from: debtor.member, to: creditor.member, minor: Math.min(-debtor.minor, creditor.minor) }
}

function afterPayment(open: readonly Balance[], { from, to, minor: paid }: Payment): Balance[] {
  const change = (member: MemberId) => (member === from ? paid : member === to ? -paid : 0)
  return open.map(({ member, minor }) => ({ member, minor: minor + change(member) })).filter(({ minor }) => minor !== 0)
}

/** The members whom payments link, directly or through others; sorted. A payment links two groups into one. */
function linkedMembers(payments: readonly Payment[]): MemberId[][] {
  const groupOf = new Map<MemberId, MemberId[]>()
  for (const { from, to } of payments) {
    const group = [...(groupOf.get(from) ?? [from]), ...(groupOf.get(to) ?? [to])]
    for (const member of group) groupOf.set(member, group)
  }
  const groups = [...new Set(groupOf.values())].map((group) => group.sort())
  return groups.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

/**
 * The plan without simplification: what each two members owe each other, netted, whoever owes more pays.
 * Sorted by payer and payee; pairs that are even are left out. Throws `RangeError` beyond the safe integers.
 */
export function pairwisePlan(pairs: readonly Payment[]): Payment[] {
  const nets = new Map<string, Payment>()
  for (const { from, to, minor } of pairs) {
    const forward = from < to
    const [low, high] = forward ? [from, to] : [to, from]
    const key = `${low} ${high}`
    nets.set(key, { from: low, to: high, minor: sum([nets.get(key)?.minor ?? 0, forward ? minor : -minor]) })
  }
  return [...nets.values()]
    .filter(({ from, to, minor }) => minor !== 0 && from !== to)
    .map(({ from, to, minor }) => (minor > 0 ? { from, to, minor } : { from: to, to: from, minor: -minor }))
    .sort((a, b) => (a.from === b.from ? compareIds(a.to, b.to) : compareIds(a.from, b.from)))
}

const compareIds = (a: MemberId, b: MemberId): number => (a < b ? -1 : a > b ? 1 : 0)
