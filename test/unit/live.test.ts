// What watchers are told, for any life of a group: in whatever portions, it comes to the balances there are.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Category } from '../../src/domain/categories.ts'
import { balanceKey, EMPTY, type Entry, type EntryType, type Member, type State } from '../../src/domain/group.ts'
import type { Id } from '../../src/domain/ids.ts'
import { closeCodeOf, isResumable, MAX_BEHIND, messageFault, newcomersOf, retell, spansOf } from '../../src/domain/live.ts'
import { debtsOf } from '../../src/domain/views.ts'
import { balancesOut } from '../../src/routes/group-shapes.ts'
import { spellerOf } from '../../src/routes/live-shapes.ts'
import { live, lives } from '../support/life.ts'
import { linesOf, LiveLedger, sorted, type Message } from '../support/told.ts'

const speller = spellerOf((_, key) => `https://files.test/${key}`)
const categories = new Map<Id<'category'>, Category>()
const AT = { now: 0, origin: 'https://quits.test' }

const listed = (state: State): string[] => {
  if (state.info === undefined) throw new Error('a group has info')
  const { balances } = balancesOut({
    ...state,
    info: state.info,
    members: [...state.members.values()],
    balances: [...state.balances.values()],
    debts: debtsOf(state),
  })
  return sorted(linesOf(balances))
}

describe('retell', () => {
  test('gives the balances as they were after each entry', () => {
    fc.assert(
      fc.property(lives(40), (life) => {
        const { entries, state, states } = live(life)
        for (const { entry, balances } of retell(entries, state)) {
          for (const { member, currency, paid, owed } of balances) {
            const was = states[entry.seq]?.balances.get(balanceKey(member, currency))
            expect([paid, owed]).toEqual([was?.paid ?? 0, was?.owed ?? 0])
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('whoever is told the entries, in whatever portions, knows the list of balances in the end', () => {
    const portions = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lives(40), portions, fc.nat(100), (life, sizes, start) => {
        const { entries, states } = live(life)
        const from = start % entries.length
        const ledger = new LiveLedger()
        // Somebody may begin with nothing, because the first entry lists everyone, or with the list at any entry.
        const first = states[from]
        if (first !== undefined && from > 0) ledger.lines = listed(first).map((line) => JSON.parse(line))
        let [at, i] = [from, 0]
        while (at < entries.length) {
          const end = Math.min(entries.length, at + (sizes[i++ % sizes.length] ?? 1))
          const told = speller.entries({ entries: entries.slice(at, end), state: states[end] ?? EMPTY, categories }, AT)
          for (const { messages } of told) for (const message of messages) ledger.hear(JSON.parse(message) as Message)
          at = end
        }
        expect(sorted(ledger.lines)).toEqual(listed(states[at] ?? EMPTY))
        expect(ledger.faults).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

const member = (user: string, status: Member['status']): Member => ({
  id: `mem_${user}`,
  userId: `usr_${user}`,
  name: user,
  role: 'member',
  status,
  joinedAt: 0,
})
const entry = (seq: number, type: EntryType, ...members: Member[]): Entry => ({
  seq,
  at: 0,
  commandId: `cmd_${seq}`,
  type,
  members,
  reversal: [],
  postings: [],
  carry: [],
})

describe('spansOf', () => {
  const comes = entry(2, 'member_added', member('ann', 'active'))
  const goes = entry(4, 'member_left', member('ann', 'left'))
  const returns = entry(6, 'member_joined', member('ann', 'active'))
  const other = (seq: number): Entry => entry(seq, 'expense_recorded', member('bob', 'active'))
  const all = [other(1), comes, other(3), goes, other(5), returns, other(7)]
  const seqs = (isIn: boolean, entries = all) =>
    spansOf(entries, 'usr_ann', isIn).map((span) => [span.entries.map((e) => e.seq), span.hasEnded])

  test('someone who comes in sees what follows, and their own coming and going', () => {
    expect(seqs(false)).toEqual([[[2, 3, 4], true], [[6, 7], false]]) // oxfmt-ignore
  })

  test('a member sees everything up to their leaving', () => {
    expect(seqs(true)).toEqual([[[1, 2, 3, 4], true], [[6, 7], false]]) // oxfmt-ignore
    expect(seqs(true, [other(1)])).toEqual([[[1], false]])
  })

  test('to be renamed is not to come in', () => {
    const renamed = entry(1, 'member_updated', member('ann', 'active'))
    expect(seqs(false, [renamed])).toEqual([])
    expect(newcomersOf([renamed, goes])).toEqual(new Set())
    expect(newcomersOf([comes])).toEqual(new Set(['usr_ann']))
  })
})

test('what was missed is told entry by entry up to a bound, and only if it exists', () => {
  expect([0, 500, 1000, 1001, undefined].map((from) => isResumable(1000, from))).toEqual([false, true, true, false, false])
  expect(isResumable(MAX_BEHIND, 0)).toBe(true)
})

test('a socket is closed with the status of its error', () => {
  expect((['auth.required', 'group.forbidden', 'group.not_found', 'rate.exceeded', 'service.busy'] as const).map(closeCodeOf)).toEqual([
    4401, 4403, 4404, 4429, 4503,
  ])
})

test('only text of at most 4096 characters is looked into', () => {
  expect(['x', 'x'.repeat(4096), 'x'.repeat(4097), new ArrayBuffer(1)].map(messageFault)).toEqual([
    undefined,
    undefined,
    'request.too_large',
    'request.media_type',
  ])
})
