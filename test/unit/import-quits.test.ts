// Guarantees of reading a document of Quits that somebody else wrote: what people write is held to the bounds of the API,
// lines that came to nothing are nobody's twins, and what the document does not say is not made up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import type { ExportData, ExportExpense, ExportSettlement } from '../../src/domain/export/document.ts'
import { readExport } from '../../src/domain/export/format.ts'
import { identityOf, type ImportDraft } from '../../src/domain/import/draft.ts'
import { faultsOfNewGroup, newGroupOf } from '../../src/domain/import/new-group.ts'
import { partsOfBundle } from '../../src/domain/import/parts.ts'
import { draftOfExport, readQuits } from '../../src/domain/import/quits.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
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

type Path = readonly (string | number)[]
const placeOf = (path: Path): string => path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')

/** A copy with the value at the place. */
function put(whole: unknown, [key, ...rest]: Path, value: unknown): any {
  if (key === undefined) return value
  const copy: any = Array.isArray(whole) ? [...whole] : { ...(whole as object) }
  copy[key] = put(copy[key], rest, value)
  return copy
}
const at = (whole: any, path: Path): unknown => path.reduce((value, key) => value?.[key], whole)
const reading = (path: Path, value: unknown) => readExport(JSON.stringify({ format: 'quits', version: 1, ...put(DATA, path, value) }))

const ID = '01jd3k5m7n9pqrstvwxyz01234'
const BODIES: Readonly<Record<string, object>> = {
  createGroup: { name: 'Trip' },
  createExpense: { title: 'Dinner', amount: '10', tags: ['x'] },
  addExpenseComment: { comment: 'yum' },
  createSettlement: { group_id: `grp_${ID}`, payee_id: `usr_${ID}`, amount: '3' },
  confirmSettlement: {},
  disputeSettlement: { reason: 'late' },
  createCategory: { name: 'Games' },
}

/** What the API takes for the field, and what it makes of it. */
function asked(operation: string, path: Path, value: unknown): { readonly ok: boolean; readonly value: unknown } {
  const body = OPERATIONS.find(({ id }) => id === operation)?.body
  if (body === undefined) throw new Error(`no body of ${operation}`)
  const parsed = body.safeParse(put(BODIES[operation], path, value))
  return { ok: parsed.success, value: at(parsed.data, path) }
}

describe('what people write in a document', () => {
  const [expense, settlement] = [['expenses', 0], ['settlements', 0]] as const // oxfmt-ignore
  const FIELDS: [string, Path, string, Path][] = [
    ['the name of a group', ['group', 'name'], 'createGroup', ['name']],
    ['its description', ['group', 'description'], 'createGroup', ['description']],
    ['the name of a category', ['categories', 0, 'name'], 'createCategory', ['name']],
    ['its icon', ['categories', 0, 'icon'], 'createCategory', ['icon']],
    ['its color', ['categories', 0, 'color'], 'createCategory', ['color']],
    ['a title', [...expense, 'title'], 'createExpense', ['title']],
    ['a description', [...expense, 'description'], 'createExpense', ['description']],
    ['a tag', [...expense, 'tags', 0], 'createExpense', ['tags', 0]],
    ['tags', [...expense, 'tags'], 'createExpense', ['tags']],
    ['a vendor', [...expense, 'vendor'], 'createExpense', ['vendor']],
    ['a location', [...expense, 'location'], 'createExpense', ['location']],
    ['a comment', [...expense, 'comments', 0, 'text'], 'addExpenseComment', ['comment']],
    ['what a settlement is for', [...settlement, 'description'], 'createSettlement', ['description']],
    ['notes on a payment', [...settlement, 'payments', 0, 'notes'], 'confirmSettlement', ['notes']],
    ['the reason of a dispute', [...settlement, 'dispute', 'reason'], 'disputeSettlement', ['reason']],
  ]
  const LENGTHS = [40, 41, 50, 51, 60, 61, 100, 101, 200, 201, 300, 301, 500, 501, 1000, 1001, 2000, 2001, 5000, 5001]
  const HOSTILE = ['', ' ', '\n\n', '\u2028', 'a\nb', 'a\tb', 'a\0', 'a\u0085b', '\u202eevil', '\ud800', ' a ', 'a,b', '#5C7CFA', 'casino']
  const TEXTS = [...HOSTILE, ...LENGTHS.map((length) => 'x'.repeat(length))]

  test.each(FIELDS)('is taken as the API takes it, and refused as there: %s', (_, path, operation, field) => {
    const check = (value: unknown): void => {
      const [api, read] = [asked(operation, field, value), reading(path, value)]
      expect([value, read.ok]).toEqual([value, api.ok])
      if (read.ok) expect(at(read.value, path)).toEqual(api.value)
      else expect(read.error).toMatchObject([{ severity: 'error', column: `document${placeOf(path)}` }])
      if (!read.ok) expect([typeof read.error[0]?.expected, typeof read.error[0]?.got]).toEqual(['string', 'string'])
    }
    for (const value of path.at(-1) === 'tags' ? [0, 20, 21, 100].map((count) => Array<string>(count).fill('x')) : TEXTS) check(value)
    if (path.at(-1) !== 'tags') fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 30 }), check), { numRuns: 60 })
  })

  test('is refused with what was expected and what came', () => {
    const refused = reading(['expenses', 0, 'title'], 'x'.repeat(500))
    expect(refused).toMatchObject({
      error: [
        {
          code: 'INVALID_VALUE',
          column: 'document.expenses[0].title',
          expected: 'one line of 1 to 200 characters, no control characters',
          got: `500 characters: "${'x'.repeat(40)}"`,
        },
      ],
    })
    expect(reading(['expenses', 0, 'title'], 'a\nb')).toMatchObject({ error: [{ got: '"a\\nb"' }] })
  })

  // What a group may have although a client could not send it so.
  test.each<[string, Path, string, boolean]>([
    ['a title that was imported, of 200 emojis', ['expenses', 0, 'title'], '🍕'.repeat(200), true],
    ['one more', ['expenses', 0, 'title'], '🍕'.repeat(201), false],
    ['the full name of a user', ['members', 0, 'name'], 'x'.repeat(255), true],
    ['a longer one', ['members', 0, 'name'], 'x'.repeat(256), false],
    ['no name', ['members', 0, 'name'], ' ', false],
    ['a name in two lines', ['members', 0, 'name'], 'a\nb', false],
    ['a line of a receipt that has no name', ['expenses', 0, 'split', 'items', 0, 'name'], '', true],
    ['a line in two lines', ['expenses', 0, 'split', 'items', 0, 'name'], 'a\nb', false],
    ['a line that is too long', ['expenses', 0, 'split', 'items', 0, 'name'], 'x'.repeat(201), false],
  ])('%s', (_, path, value, isTaken) => {
    expect(reading(path, value).ok).toBe(isTaken)
  })

  test('every category of Quits is taken', () => {
    const categories = SYSTEM_CATEGORIES.map(({ id, name, icon, color }) => ({ id, name, icon, color }))
    expect(reading(['expenses'], [{ ...EXPENSE, categories: [] }]).ok).toBe(true)
    expect(reading(['categories'], [...DATA.categories, ...categories])).toMatchObject({ ok: true })
  })

  test('the names of the groups of a bundle are shown in one line', () => {
    const parts = partsOfBundle(JSON.stringify({ format: 'quits-bundle', groups: [{ group: { name: `a\nb${'x'.repeat(200)}` } }, {}] }))
    expect(parts?.map(({ name }) => name)).toEqual([`a b${'x'.repeat(97)}`, 'Group 2'])
  })
})

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
