// What is written piece by piece is what would be written at once: the document of a group that does not fit into memory, and
// the bundle of several.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bundleFrame, foldersOf } from '../../src/domain/export/bundle.ts'
import { canonicalJson, entryStart, listEnd } from '../../src/domain/export/canonical.ts'
import type { ExportData, ExportExpense } from '../../src/domain/export/document.ts'
import { canonicalForm } from '../../src/domain/export/form.ts'
import { exportDocument } from '../../src/domain/export/format.ts'
import { isSafePath } from '../../src/domain/export/manifest.ts'
import { DocumentPieces } from '../../src/domain/export/pieces.ts'
import { entryOf } from '../../src/services/export-document.ts'
import { groups } from '../support/exports.ts'

describe('the document in pieces', () => {
  /** As a job writes it: noted first where that is needed, expenses by day and in any order within it. */
  function inPieces({ expenses, settlements, ...frame }: ExportData, order: readonly number[]): string {
    const pieces = new DocumentPieces(frame)
    const mixed = expenses.map((expense, i) => ({ expense, at: order[i % order.length] ?? 0 })).sort((a, b) => a.at - b.at)
    const byDay = mixed.map(({ expense }) => expense).sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
    if (pieces.needsRecords) for (const record of [...byDay, ...settlements]) pieces.note(record)
    let text = pieces.head()
    for (const expense of byDay) text += [...pieces.expense(expense)].join('')
    for (const settlement of settlements) pieces.settlement(settlement)
    return text + [...pieces.end()].join('')
  }

  test('is the document, character for character, also of members of one name', () => {
    for (const names of [undefined, fc.constantFrom('Ann', 'Bob')]) {
      const sameDays = groups(names).map((data) => ({ ...data, expenses: data.expenses.map((expense, i) => (i % 2 === 0 ? { ...expense, date: '2026-01-02' as const } : expense)) })) // oxfmt-ignore
      fc.assert(
        fc.property(sameDays, fc.array(fc.nat(100), { minLength: 1, maxLength: 7 }), (data, order) => {
          expect(inPieces(data, order)).toBe(exportDocument(data))
        }),
        { numRuns: 150 },
      )
    }
  })

  const sample = fc.sample(groups(), { seed: 7, numRuns: 30 }).find(({ expenses }) => expenses.length > 0)
  if (sample === undefined) throw new Error('no sample')
  const { expenses: samples, settlements: _, ...frame } = sample
  const [plain] = samples as [ExportExpense]

  test('a crowd of one name about which there is too much stays in the order it came in, here as there', () => {
    /** All paid by Cy, with a text of some length, for the three of them. */
    const crowd = (ids: readonly string[], count: number, length: number): ExportData => {
      const { claims: _claims, ...expense } = plain
      const paid = [{ member: 'cy', amount: expense.amount }]
      const one = { ...expense, payers: paid, shares: paid, split: { type: 'equal' as const, members: ids.toSorted() }, comments: [] }
      const expenses = Array.from({ length: count }, (_one, i) => ({ ...one, id: `x${i}`, description: 'x'.repeat(length) }))
      return { ...frame, members: ids.map((id) => ({ id, name: 'Ann' })), expenses, settlements: [] }
    }
    const payerOf = (data: ExportData): string | undefined => canonicalForm(data).expenses[0]?.payers[0]?.member
    const [one, other] = [['ann', 'bob', 'cy'], ['cy', 'bob', 'ann']] // oxfmt-ignore
    expect(payerOf(crowd(one, 30, 9000))).toBe(payerOf(crowd(other, 30, 9000)))
    const [much, more] = [crowd(one, 1000, 9000), crowd(other, 1000, 9000)]
    expect([payerOf(much), payerOf(more)]).toEqual(['m3', 'm1'])
    expect(inPieces(much, [1, 3, 2])).toBe(exportDocument(much))
  })

  test('refuses expenses that go back in time, strangers, and a day that is too much to hold', () => {
    const opened = (): DocumentPieces => {
      const pieces = new DocumentPieces(frame)
      pieces.head()
      return pieces
    }
    const add = (pieces: DocumentPieces, changes: Partial<ExportExpense>): string => [...pieces.expense({ ...plain, ...changes })].join('')
    const backwards = opened()
    add(backwards, { date: '2026-01-02' })
    expect(() => add(backwards, { date: '2026-01-01' })).toThrow(RangeError)
    expect(() => add(opened(), { comments: [{ member: 'm99', text: '' }] })).toThrow(/came into the group/)
    const full = opened()
    const long = 'x'.repeat(1_000_000)
    for (let i = 0; i < 15; i++) add(full, { date: '2026-01-02', description: long })
    expect(() => add(full, { date: '2026-01-02', description: long })).toThrow(expect.objectContaining({ code: 'export.too_large' }))
    const days = opened()
    for (let i = 1; i < 29; i++) add(days, { date: `2026-01-${String(i).padStart(2, '0')}` as '2026-01-02', description: long })
  })
})

describe('the bundle', () => {
  /** The text in pieces that end anywhere. */
  async function* inPieces(text: string, size: number): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
  }

  test('is the canonical text of what is in it, however its documents are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(groups(), { maxLength: 3 }), fc.integer({ min: 1, max: 50 }), async (all, size) => {
        const profile = { name: 'Ann\n  "groups": []', groups: [], nested: { groups: [] } }
        const { head, tail } = bundleFrame(profile)
        let text = head
        for (const [i, data] of all.entries()) {
          text += entryStart(i)
          for await (const piece of entryOf(inPieces(exportDocument(data), size))) text += piece
        }
        text += listEnd(all.length) + tail
        const documents = all.map((data) => JSON.parse(exportDocument(data)) as unknown)
        expect(text).toBe(canonicalJson({ format: 'quits-bundle', version: 1, groups: documents, profile }))
      }),
      { numRuns: 30 },
    )
  })

  test('a group has a folder of its own, that is safe on every system', () => {
    expect(foldersOf(['Flat', 'flat', 'Flat (2)', 'a/b: c.', '..', '', 'Cafe\u0301', 'Caf\u00e9'])).toEqual(
      ['Flat', 'flat (2)', 'Flat (2) (2)', 'a b c', 'group', 'group (2)', 'Caf\u00e9', 'Caf\u00e9 (2)'].map((name) => `groups/${name}`),
    )
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 120 })), (names) => {
        const folders = foldersOf(names)
        expect(folders.filter((folder) => !isSafePath(`${folder}/quits.json`))).toEqual([])
        expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(names.length)
      }),
    )
  })
})
