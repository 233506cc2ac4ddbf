// What a command came to, complete enough to answer from: it crosses RPC, and is stored for a repetition.
import type { Balance, Entry, GroupInfo, Member, State } from './group.ts'
import { isPresent, unsettledIn } from './group.ts'
import type { MemberId } from './expense.ts'

/** The figures of a group, in minor units of its currency. */
export interface GroupFigures {
  readonly memberCount: number
  readonly expenseCount: number
  readonly totalMinor: number
  readonly unsettledMinor: number
}

export interface Outcome {
  readonly entry: Entry
  readonly info: GroupInfo
  readonly figures: GroupFigures
  /** The members that the entry names, as they are after it. */
  readonly members: readonly Member[]
  /** Their balances after it. */
  readonly balances: readonly Balance[]
}

export function figuresOf(state: State, info: GroupInfo): GroupFigures {
  return {
    memberCount: [...state.members.values()].filter(isPresent).length,
    expenseCount: state.expenseCount,
    totalMinor: state.totals.get(info.currency) ?? 0,
    unsettledMinor: unsettledIn(state, info.currency),
  }
}

/** The outcome of the entry that led to this state. Throws when the state is of no group. */
export function outcomeOf(after: State, entry: Entry): Outcome {
  const { info } = after
  if (info === undefined) throw new Error('an entry belongs to a group')
  const named = namedIn(entry)
  return {
    entry,
    info,
    figures: figuresOf(after, info),
    members: [...named].flatMap((id) => after.members.get(id) ?? []),
    balances: [...after.balances.values()].filter((balance) => named.has(balance.member)),
  }
}

function namedIn(entry: Entry): Set<MemberId> {
  const { expense, comment } = entry
  const people =
    expense === undefined
      ? []
      : [
          expense.createdBy,
          ...expense.payers.map((p) => p.member),
          ...expense.shares.map((s) => s.member),
          ...expense.activity.map((a) => a.member),
        ]
  const sides = (entry.settlements ?? []).flatMap(({ payer, payee, createdBy }) => [payer, payee, createdBy])
  const members = (entry.members ?? []).flatMap((m) => (m.invitedBy === undefined ? [m.id] : [m.id, m.invitedBy]))
  return new Set([
    ...people,
    ...sides,
    ...members,
    ...(comment === undefined ? [] : [comment.member]),
    ...(entry.member === undefined ? [] : [entry.member]),
  ])
}
