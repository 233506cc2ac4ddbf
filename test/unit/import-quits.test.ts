// Guarantees of reading a document of Quits that somebody else wrote: lines that came to nothing are nobody's twins, and
// what the document does not say is not made up.
import { describe, expect, test } from 'vitest'
import type { ExportData, ExportExpense, ExportSettlement } from '../../src/domain/export/document.ts'
import { identityOf, type ImportDraft } from '../../src/domain/import/draft.ts'
import { faultsOfNewGroup, newGroupOf } from '../../src/domain/import/new-group.ts'
import { draftOfExport, readQuits } from '../../src/domain/import/quits.ts'
import { currencyOf } from '../support/ledger.ts'

const [EUR, JPY] = ['EUR', 'JPY'].map(currencyOf) as [ReturnType<typeof currencyOf>, ReturnType<typeof currencyOf>]
const half = [{ member: 'm1', amount: '5.00' }, { member: 'm2', amount: '5.00' }] // oxfmt-ignore
const both = [{ member: 'm1', weight: '1' }, { member: 'm2', weight: '1' }] // oxfmt-ignore

const EXPENSE: ExportExpense = {
  ...{ id: 'e1', kind: 'expense', title: 'Dinner', description: '', amount: '10.00', currency: EUR, date: '2026-01-02', vendor: '' },
  ...{ payers: [{ member: 'm1', amount: '10.00' }], shares: half, tags: ['x'], location: '', status: 'posted', attachments: [] },
  split: { type: 'itemized', tax: '0.00', tip: '0.00', discount: '0.00', items: [{ name: 'Pizza', amount: '10.00', parts: both }] },
  categories: ['c1'],
  comments: [{ member: 'm1', text: 'yum' }],
}

const SETTLEMENT: ExportSettlement = {
  ...{ id: 's1', payer: 'm2', payee: 'm1', amount: '3.00', currency: EUR, paid: '3.00', reported: '0.00', status: 'disputed' },
  ...{ method: 'cash', description: '', dispute: { by: 'm1', reason: 'late' } },
  payments: [{ amount: '3.00', refunded: '0.00', method: 'cash', notes: '' }],
}

const SETTINGS = { simplify_debts: true, require_approval: true, auto_reminder: false, currencies: 'converted' } as const

const DATA: ExportData = {
  group: { name: 'Trip', description: '', type: 'trip', currency: EUR, is_private: false, settings: SETTINGS },
  members: [{ id: 'm1', name: 'Ann' }, { id: 'm2', name: 'Bob' }], // oxfmt-ignore
  categories: [{ id: 'c1', name: 'Games', icon: 'casino', color: '#5C7CFA' }],
  expenses: [EXPENSE],
  settlements: [SETTLEMENT],
}

describe('the draft of a document', () => {
  const draftOf = (expenses: readonly ExportExpense[], settlements: readonly ExportSettlement[] = []): ImportDraft =>
    draftOfExport({ ...DATA, expenses, settlements })

  test('what came to nothing and what counts are never twins, whatever order they come in', () => {
    const [live, gone] = [EXPENSE, { ...EXPENSE, id: 'e2', is_deleted: true as const }]
    const identities = (draft: ImportDraft): [boolean, string][] => draft.lines.map((line) => [line.isVoid === true, identityOf(line)])
    const first = new Map(identities(draftOf([live, gone, live])))
    const second = new Map(identities(draftOf([gone, live, live])))
    expect(second).toEqual(first)
    expect(new Set(draftOf([live, gone, live, gone]).lines.map(identityOf)).size).toBe(4)
    const [paid, cancelled] = [SETTLEMENT, { ...SETTLEMENT, paid: '0.00', payments: [], status: 'cancelled' as const }]
    const of = (...settlements: ExportSettlement[]) => identities(draftOf([], settlements)).sort()
    expect(of(paid, cancelled)).toEqual(of(cancelled, paid))
  })

  test('a settlement without any day is of the day of the import, and known again on another', () => {
    const { lines } = draftOfExport(DATA, { today: '2026-11-20' })
    expect(lines.map(({ day }) => day)).toEqual(['2026-01-02', '2026-11-20'])
    const json = JSON.stringify({ format: 'quits', version: 1, ...DATA })
    const later = readQuits(json, { today: '2026-11-21' })
    expect(later.lines.map(({ day }) => day)).toEqual(['2026-01-02', '2026-11-21'])
    expect(later.lines.map(identityOf)).toEqual(lines.map(identityOf))
    const due = draftOfExport({ ...DATA, settlements: [{ ...SETTLEMENT, due_date: '2026-02-01' }] }, { today: '2026-11-20' })
    expect(due.lines.at(-1)?.day).toBe('2026-02-01')
  })

  test('a threshold is dropped, and that is told, where the group is made in another currency', () => {
    const group = { ...DATA.group, settings: { ...SETTINGS, approval_threshold: '50.00' } }
    const draft = draftOfExport({ ...DATA, group })
    const made = (said: Parameters<typeof faultsOfNewGroup>[1]) => newGroupOf(draft, said, 'x.json', EUR)
    expect(made({}).settings).toMatchObject({ requireApproval: true, approvalThreshold: 5000 })
    expect(faultsOfNewGroup(draft, { group: { currency: EUR } })).toEqual([])
    const yen = { group: { currency: JPY } }
    expect(made(yen)).toMatchObject({ currency: 'JPY', settings: { requireApproval: true } })
    expect(made(yen).settings).not.toHaveProperty('approvalThreshold')
    expect(faultsOfNewGroup(draft, yen)).toMatchObject([{ severity: 'notice', code: 'THRESHOLD_DROPPED', got: '50.00 EUR' }])
    expect(faultsOfNewGroup(draftOfExport(DATA), yen)).toEqual([])
  })
})
