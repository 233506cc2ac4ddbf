// Plans: whichever way a group settles up, in whatever order and parts, everybody ends at zero.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openBalances, type MemberRef } from '../../src/domain/group.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { PLAN_MODES, planDifferences, type Plan, type PlanMode } from '../../src/domain/plan.ts'
import { remainingOf } from '../../src/domain/settlement.ts'
import { expectSound, Ledger, memberId, newcomer, opening, userId } from '../support/ledger.ts'

const NAMES = ['Ann', 'Bob', 'Cem', 'Dia', 'Eve', 'Fay', 'Gus', 'Hal']
const OWNER = userId('Ann')

interface Spent {
  readonly payer: number
  readonly amount: number
  readonly sharers: readonly number[]
}

const spent = (count: number): fc.Arbitrary<Spent> =>
  fc.record({
    payer: fc.nat(count - 1),
    amount: fc.integer({ min: 1, max: 50_000 }),
    sharers: fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: count }),
  })

function spend(ledger: Ledger, { payer, amount, sharers }: Spent, currency?: 'USD'): void {
  const result = ledger.run(OWNER, {
    type: 'record_expense',
    id: newId('expense'),
    draft: {
      title: 'Spent',
      amount: formatMinor(amount, 'EUR' as never),
      date: '2026-01-01',
      payer: memberId(NAMES[payer] ?? ''),
      split: { type: 'equal', members: sharers.map((i) => memberId(NAMES[i] ?? '')) },
      ...(currency && { currency: currency as never }),
    },
  })
  expect(result.ok).toBe(true)
}

function groupOf(count: number, how = ''): Ledger {
  const ledger = new Ledger()
  ledger.run(OWNER, opening('Ann', how))
  for (const name of NAMES.slice(1, count)) ledger.run(OWNER, { type: 'add_member', member: newcomer(name) })
  return ledger
}

function pin(ledger: Ledger, mode: PlanMode, hub?: MemberRef, households: readonly (readonly MemberRef[])[] = []) {
  return ledger.run(OWNER, { type: 'pin_plan', plan: newId('plan'), mode, ...(hub && { hub }), households })
}

function planOf(ledger: Ledger): Plan {
  const { plan } = ledger.state
  if (plan === undefined) throw new Error('there is no plan')
  return plan
}

/** Pays a step, or part of it, in the payee's word. */
function pay(ledger: Ledger, id: Id<'settlement'>, share: number): void {
  const settlement = ledger.settlements.get(id)
  if (settlement === undefined || remainingOf(settlement) === 0) return
  const minor = Math.max(1, Math.floor(remainingOf(settlement) * share))
  const payee = [...ledger.state.members.values()].find((member) => member.id === settlement.payee)
  const amount = formatMinor(minor, settlement.currency)
  const result = ledger.run(payee?.userId, { type: 'confirm_settlement', settlement: id, as: 'received', amount })
  expect(result.ok ? '' : result.error).toBe('')
}

const paidBy = (ledger: Ledger, plan: Plan) =>
  new Map(plan.steps.map(({ settlement }) => [settlement, ledger.settlements.get(settlement)?.paid ?? 0]))
const differences = (ledger: Ledger) => planDifferences(planOf(ledger), paidBy(ledger, planOf(ledger)), openBalances(ledger.state))

const world = fc.integer({ min: 2, max: NAMES.length }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    separate: fc.boolean(),
    spendings: fc.array(fc.tuple(spent(count), fc.boolean()), { minLength: 1, maxLength: 12 }),
    mode: fc.constantFrom(...PLAN_MODES),
    hub: fc.nat(count - 1),
    households: fc
      .uniqueArray(fc.nat(count - 1), { maxLength: count })
      .chain((people) =>
        fc
          .array(fc.nat(2), { minLength: people.length, maxLength: people.length })
          .map((units) => [0, 1, 2].map((unit) => people.filter((_, i) => units[i] === unit)).filter((unit) => unit.length > 0)),
      ),
    order: fc.array(fc.tuple(fc.nat(999), fc.double({ min: 0.05, max: 1, noNaN: true })), { maxLength: 30 }),
  }),
)

describe('a pinned plan', () => {
  test('executed in any order and in parts ends at zero for everybody', () => {
    fc.assert(
      fc.property(world, ({ count, separate, spendings, mode, hub, households, order }) => {
        const ledger = groupOf(count, separate ? 'with separate currencies' : '')
        for (const [one, isForeign] of spendings) spend(ledger, one, separate && isForeign ? 'USD' : undefined)
        const ref = (i: number): MemberRef => memberId(NAMES[i] ?? '')
        const pinned = pin(
          ledger,
          mode,
          ref(hub),
          households.map((unit) => unit.map(ref)),
        )
        if (!pinned.ok) {
          expect([pinned.error.code, openBalances(ledger.state)]).toEqual(['plan.empty', []])
          return
        }
        const { steps } = planOf(ledger)
        for (const [pick, share] of order) pay(ledger, steps[pick % steps.length]?.settlement ?? 'stl_none', share)
        expect(differences(ledger)).toEqual([])
        for (const { settlement } of steps.toReversed()) pay(ledger, settlement, 1)
        expect(openBalances(ledger.state)).toEqual([])
        expect(steps.every(({ settlement }) => ledger.settlements.get(settlement)?.status === 'completed')).toBe(true)
        expectSound(ledger)
      }),
      { numRuns: 300 },
    )
  })

  test('by a hub takes a payment of each other member at most, and by households pays within them last', () => {
    const ledger = groupOf(4)
    spend(ledger, { payer: 0, amount: 10_000, sharers: [0, 1, 2, 3] })
    spend(ledger, { payer: 1, amount: 2000, sharers: [2, 3] })
    pin(ledger, 'hub', memberId('Dia'))
    expect(planOf(ledger).steps.map(({ from, to, minor }) => `${from} ${to} ${minor}`)).toEqual([
      'mem_bob mem_dia 500',
      'mem_cem mem_dia 3500',
      'mem_dia mem_ann 7500',
    ])
    pin(ledger, 'households', undefined, [
      [memberId('Ann'), memberId('Bob')],
      [memberId('Cem'), memberId('Dia')],
    ])
    expect(planOf(ledger).steps.map(({ from, to, minor, isInternal }) => `${from} ${to} ${minor} ${isInternal}`)).toEqual([
      'mem_cem mem_ann 7000 false',
      'mem_bob mem_ann 500 true',
      'mem_dia mem_cem 3500 true',
    ])
  })

  test('is stale by exactly what happened since, and what was confirmed of it stays', () => {
    const ledger = groupOf(3)
    spend(ledger, { payer: 0, amount: 6000, sharers: [0, 1, 2] })
    pin(ledger, 'minimal')
    const { steps } = planOf(ledger)
    pay(ledger, steps[0]?.settlement ?? 'stl_none', 1)
    expect(differences(ledger)).toEqual([])
    spend(ledger, { payer: 1, amount: 900, sharers: [1, 2] })
    expect(differences(ledger).map(({ member, minor }) => [member, minor])).toEqual([
      ['mem_bob', 450],
      ['mem_cem', -450],
    ])
    expect(steps.map(({ settlement }) => ledger.settlements.get(settlement)?.status)).toEqual(['completed', 'pending'])
    pin(ledger, 'minimal')
    expect(steps.map(({ settlement }) => ledger.settlements.get(settlement)?.status)).toEqual(['completed', 'cancelled'])
    for (const { settlement } of planOf(ledger).steps) pay(ledger, settlement, 1)
    expect(openBalances(ledger.state)).toEqual([])
  })

  test('is not replaced while one of its payments is under way', () => {
    const ledger = groupOf(2)
    spend(ledger, { payer: 0, amount: 6000, sharers: [0, 1] })
    pin(ledger, 'direct')
    const id = planOf(ledger).steps[0]?.settlement ?? 'stl_none'
    ledger.run(userId('Bob'), { type: 'start_payment', settlement: id, payment: newId('payment') })
    const again = pin(ledger, 'direct')
    expect(again.ok ? '' : [again.error.code, again.error.details[0]?.got]).toEqual(['plan.busy', id])
  })
})
