// Who may know of an entry: whoever was in the group when it was written, told from what is known later.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { audiencesOf } from '../../src/domain/audience.ts'
import { isPresent } from '../../src/domain/group.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { Ledger, memberId, newcomer, opening, userId } from '../support/ledger.ts'

const NAMES = ['Bob', 'Cem', 'Dia']

const step = fc.record({ who: fc.constantFrom(...NAMES), what: fc.constantFrom('add', 'remove', 'leave', 'spend', 'rename') })

function run(ledger: Ledger, { who, what }: { who: string; what: string }): void {
  const ann = userId('Ann')
  if (what === 'add') ledger.run(ann, { type: 'add_member', member: newcomer(who) })
  if (what === 'remove') ledger.run(ann, { type: 'remove_member', member: memberId(who) })
  if (what === 'leave') ledger.run(userId(who), { type: 'leave_group' })
  if (what === 'rename') ledger.run(undefined, { type: 'rename_member', userId: userId(who), name: `${who}!` })
  if (what === 'spend') {
    const split = { type: 'equal', members: [memberId('Ann')] } as const
    ledger.run(ann, { type: 'record_expense', id: newId('expense'), draft: { title: 'Tea', amount: '1.00', date: '2026-01-01', split } })
  }
}

/** Those who were in the group right before or right after the entry. */
function concerned(ledger: Ledger, seq: number): Set<Id<'user'>> {
  const around = [ledger.states[seq - 1], ledger.states[seq]].flatMap((state) => [...(state?.members.values() ?? [])])
  return new Set(around.filter(isPresent).flatMap((member) => member.userId ?? []))
}

test('everybody who was in, and whom the entry brought in or took out, whichever portion is read and however late', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.nat(25), fc.integer({ min: 1, max: 10 }), (steps, from, size) => {
      const ledger = new Ledger()
      ledger.run(userId('Ann'), opening('Ann'))
      for (const one of steps) run(ledger, one)
      const entries = ledger.entries.slice(from, from + size)
      const later = ledger.entries.slice(from + size).filter((entry) => /^(member_|group_created)/.test(entry.type))
      const audiences = audiencesOf({ entries, later, state: ledger.state, categories: new Map() })
      for (const { seq } of entries) expect([...(audiences.get(seq) ?? [])].toSorted()).toEqual([...concerned(ledger, seq)].toSorted())
    }),
    { numRuns: 300 },
  )
})
