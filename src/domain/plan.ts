// Plans as something to agree on: the payments that clear a group as it is at one seq, made into settlements. Each
// way of planning ends with everybody at zero; they differ in who pays whom.
import type { Currency } from './currency.ts'
import type { MemberId } from './expense.ts'
import type { Id } from './ids.ts'
import { minimalPlan, type Balance, type Payment } from './settle.ts'
import type { Timestamp } from './time.ts'

export const PLAN_MODES = ['minimal', 'direct', 'hub', 'households'] as const
/**
 * `minimal`: the fewest payments. `direct`: as the debts arose. `hub`: everybody settles with one member.
 * `households`: several members are one unit; units settle with each other, and each within itself.
 */
export type PlanMode = (typeof PLAN_MODES)[number]

interface PlanStep extends Payment {
  readonly currency: Currency
  readonly settlement: Id<'settlement'>
  /** Within a household. */
  readonly isInternal: boolean
}

/** A balance in minor units, positive when it is owed to the member. */
export interface OpenBalance extends Balance {
  readonly currency: Currency
}

export interface Plan {
  readonly id: Id<'plan'>
  readonly mode: PlanMode
  readonly hub?: MemberId
  readonly households: readonly (readonly MemberId[])[]
  /** The seq whose balances it clears: the entry before the one that pinned it. */
  readonly seq: number
  readonly open: readonly OpenBalance[]
  readonly steps: readonly PlanStep[]
  readonly isOptimal: boolean
  readonly createdBy: MemberId
  readonly createdAt: Timestamp
}

type Step = Omit<PlanStep, 'settlement'>

interface Planned {
  readonly steps: readonly Step[]
  readonly isOptimal: boolean
}

/** Everybody settles with one member, who ends at zero too because all balances sum to zero. */
function hubPlan(open: readonly Balance[], hub: MemberId): Payment[] {
  return open
    .filter(({ member, minor }) => member !== hub && minor !== 0)
    .map(({ member, minor }) => (minor < 0 ? { from: member, to: hub, minor: -minor } : { from: hub, to: member, minor }))
    .toSorted((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1))
}

/**
 * Units settle by the fewest payments, each through the member of it who owes or is owed most; then each unit
 * settles within itself. Members in no household are units of their own. In one currency.
 */
function householdPlan(
  open: readonly Balance[],
  households: readonly (readonly MemberId[])[],
): { payments: (Payment & { isInternal: boolean })[]; isOptimal: boolean } {
  const minors = new Map(open.map(({ member, minor }) => [member, minor]))
  const alone = [...minors.keys()].filter((member) => !households.some((unit) => unit.includes(member))).map((member) => [member])
  const units = [...households, ...alone].map((unit) => {
    const parts = unit.map((member) => ({ member, minor: minors.get(member) ?? 0 }))
    const total = parts.reduce((sum, { minor }) => sum + minor, 0)
    const [first] = parts.toSorted((a, b) => Math.sign(total || 1) * (b.minor - a.minor) || (a.member < b.member ? -1 : 1))
    return { parts, total, speaker: first?.member }
  })
  const outer = minimalPlan(
    units.flatMap(({ speaker, total }) => (speaker === undefined || total === 0 ? [] : [{ member: speaker, minor: total }])),
  )
  // Between units the speaker pays or gets the unit's total; within it, that comes off the speaker's own balance.
  const inner = units.map(({ parts, total, speaker }) =>
    minimalPlan(
      parts.map(({ member, minor }) => ({ member, minor: member === speaker ? minor - total : minor })).filter(({ minor }) => minor !== 0),
    ),
  )
  return {
    payments: [
      ...outer.payments.map((payment) => ({ ...payment, isInternal: false })),
      ...inner.flatMap((plan) => plan.payments.map((payment) => ({ ...payment, isInternal: true }))),
    ],
    isOptimal: outer.optimal && inner.every((plan) => plan.optimal),
  }
}

/** How a plan is to be made. */
export interface PlanRequest {
  readonly mode: PlanMode
  readonly hub?: MemberId
  readonly households: readonly (readonly MemberId[])[]
}

/** The steps that bring every open balance to zero, currency by currency. `direct` are the debts as they arose. */
export function planSteps(
  { mode, hub, households }: PlanRequest,
  open: readonly OpenBalance[],
  direct: readonly (Payment & { readonly currency: Currency })[],
): Planned {
  if (mode === 'direct') return { steps: direct.map((debt) => ({ ...debt, isInternal: false })), isOptimal: false }
  const plans = [...Map.groupBy(open, (balance) => balance.currency)].map(([currency, some]) => {
    const { payments, isOptimal } = planIn(some, mode, hub, households)
    return { steps: payments.map((payment) => ({ ...payment, currency })), isOptimal }
  })
  return { steps: plans.flatMap((plan) => plan.steps), isOptimal: plans.every((plan) => plan.isOptimal) }
}

function planIn(open: readonly Balance[], mode: PlanMode, hub: MemberId | undefined, households: PlanRequest['households']) {
  if (mode === 'households') return householdPlan(open, households)
  const external = (payments: readonly Payment[]) => payments.map((payment) => ({ ...payment, isInternal: false }))
  if (mode === 'hub' && hub !== undefined) return { payments: external(hubPlan(open, hub)), isOptimal: false }
  const { payments, optimal } = minimalPlan(open)
  return { payments: external(payments), isOptimal: optimal }
}

/** By how much a member's balance is off what the plan and its payments would make it: something else happened since. */
export interface PlanDifference {
  readonly member: MemberId
  readonly currency: Currency
  readonly minor: number
}

/**
 * What has happened since that the plan does not know of: the present balances less those that it began with and what
 * was paid of its steps since. None means that executing the rest clears the group.
 */
export function planDifferences(plan: Plan, paid: ReadonlyMap<Id<'settlement'>, number>, now: readonly OpenBalance[]): PlanDifference[] {
  const off = new Map<string, PlanDifference>()
  const add = (member: MemberId, currency: Currency, minor: number): void => {
    const key = `${member}|${currency}`
    off.set(key, { member, currency, minor: (off.get(key)?.minor ?? 0) + minor })
  }
  for (const { member, currency, minor } of now) add(member, currency, minor)
  for (const { member, currency, minor } of plan.open) add(member, currency, -minor)
  for (const { from, to, currency, settlement } of plan.steps) {
    const minor = paid.get(settlement) ?? 0
    add(from, currency, -minor)
    add(to, currency, minor)
  }
  return [...off.values()].filter(({ minor }) => minor !== 0)
}
