// Guarantees of an import as the ledger sees it: the balances that come of a file are its nets, a file that was imported
// adds nothing again, and what was exported can be imported with every share as it was.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportDocument } from '../../src/domain/export/format.ts'
import { gatherExport } from '../../src/domain/export/gather.ts'
import type { ExportData } from '../../src/domain/export/document.ts'
import { commandsOf, type ImportPlan, type ImportStep, type Mapping, type NewIds } from '../../src/domain/import/commands.ts'
import { identityOf, isClean, type ImportDraft } from '../../src/domain/import/draft.ts'
import { draftOfExport, readQuits } from '../../src/domain/import/quits.ts'
import { readSplitwise } from '../../src/domain/import/splitwise.ts'
import { readTable } from '../../src/domain/import/table.ts'
import { guessMapping } from '../../src/domain/import/table-mapping.ts'
import { parseCsv } from '../../src/platform/csv.ts'
import { groups } from '../support/exports.ts'
import { balancesIn, guests } from '../support/imports.ts'
import { currencyOf, expectSound, Ledger, memberId, opening, userId } from '../support/ledger.ts'

const ids = (): NewIds => {
  let count = 0
  return { expense: () => `exp_${++count}`, settlement: () => `stl_${++count}`, comment: () => `cmt_${++count}` }
}

const mappingOf = (draft: ImportDraft, changes: Partial<Mapping> = {}): Mapping => ({
  people: new Map(draft.people.map(({ ref, name }) => [ref, memberId(name)])),
  ids: ids(),
  ...changes,
})

function planOf(draft: ImportDraft, changes: Partial<Mapping> = {}, skip: Iterable<string> = []): ImportPlan {
  const plan = commandsOf(draft, mappingOf(draft, changes), new Set(skip))
  if (!plan.ok) throw new Error(JSON.stringify(plan.error))
  return plan.value
}

function run(book: Ledger, owner: string, plan: ImportPlan): void {
  for (const command of plan.steps.flatMap((step) => [...step.commands, ...(step.closing ?? [])])) {
    const result = book.run(userId(owner), command)
    expect(result.ok ? 'ok' : JSON.stringify(result.error)).toBe('ok')
  }
  expectSound(book)
}

/** The titles of the lines that ask for something. */
const titlesOf = (steps: readonly ImportStep[]): string[] => steps.map(({ line }) => line.title)

const SPLITWISE = `Date;Beschreibung;Kategorie;Kosten;Währung;Ann;Bob;Cleo

2026-01-02;Abendessen;Essen;90,01;EUR;60,00;-30,01;-29,99
2026-01-03;Boot;Allgemein;1.000,00;EUR;350,00;150,00;-500,00
2026-01-04;Pfand zurück;Allgemein;-30,00;EUR;10,00;10,00;-20,00
2026-01-05;Cleo zahlt Ann;Zahlung;100,00;EUR;-100,00;0,00;100,00
2026-01-06;Sushi;Essen;3001;JPY;-1001;-1000;2001
2026-01-06;Kaffee;Essen;4,00;EUR;2,00;-2,00;0,00
2026-01-06;Kaffee;Essen;4,00;EUR;2,00;-2,00;0,00

2026-01-07;Gesamtsaldo; ; ;EUR;324,00;125,99;-449,99
2026-01-07;Gesamtsaldo; ; ;JPY;-1001;-1000;2001
`
const readSplits = (text: string): ImportDraft => readSplitwise(parseCsv(text).rows)

describe('a Splitwise file in the ledger', () => {
  test('the balances of the group are the totals of the file, to the minor unit, in each currency', () => {
    const draft = readSplits(SPLITWISE)
    expect(isClean(draft)).toBe(true)
    const book = guests('Ann', 'Bob', 'Cleo')
    run(book, 'Ann', planOf(draft))
    expect(balancesIn(book)).toEqual([
      'ann -1001 JPY',
      'ann 324.00 EUR',
      'bob -1000 JPY',
      'bob 125.99 EUR',
      'cleo -449.99 EUR',
      'cleo 2001 JPY',
    ])
    expect([...book.settlements.values()]).toMatchObject([
      { status: 'completed', payer: 'mem_cleo', payee: 'mem_ann', amount: 10_000, dueDate: '2026-01-05', description: 'Cleo zahlt Ann' },
    ])
    expect(book.expense('1')).toMatchObject({ title: 'Abendessen', date: '2026-01-02', payers: [{ member: 'mem_ann', minor: 9001 }] })
  })

  test('a payment that the group can’t settle moves the same money as an expense', () => {
    const draft = readSplits(SPLITWISE)
    const book = guests('Ann', 'Bob', 'Cleo')
    run(book, 'Ann', planOf(draft, { canSettle: () => false }))
    expect(book.settlements.size).toBe(0)
    expect(balancesIn(book)).toContain('ann 324.00 EUR')
  })

  test('imported again it adds nothing, and a longer file adds what is new, a third twin among it', () => {
    const draft = readSplits(SPLITWISE)
    const known = draft.lines.map(identityOf)
    expect(planOf(draft, {}, known)).toMatchObject({ steps: [], skipped: 7 })
    const row = '2026-01-06;Kaffee;Essen;4,00;EUR;2,00;-2,00;0,00\n'
    const longer = readSplits(
      SPLITWISE.replace(row, row + row).replace('2026-01-02;A', '2026-01-01;Neu;Essen;2,00;EUR;1,00;-1,00;0,00\n2026-01-02;A'),
    )
    expect(planOf(longer, {}, known).steps.map(({ line }) => [line.title, line.occurrence])).toEqual([['Neu', 1], ['Kaffee', 3]]) // oxfmt-ignore
  })

  test('a person whom nobody was named for is refused, and only if a new line names them', () => {
    const draft = readSplits(SPLITWISE)
    const people = new Map([['Ann', memberId('Ann')], ['Bob', memberId('Bob')]]) // oxfmt-ignore
    const refused = commandsOf(draft, mappingOf(draft, { people }), new Set())
    expect(refused).toMatchObject({ ok: false, error: [{ code: 'UNMAPPED_PERSON', got: 'Cleo', row: 3 }] })
    const known = draft.lines.slice(0, 5).map(identityOf)
    expect(titlesOf(planOf(draft, { people }, known).steps)).toEqual(['Kaffee', 'Kaffee'])
  })

  test('two people of the file may be one member: their parts are added up', () => {
    const draft = readSplits(SPLITWISE)
    const people = new Map([['Ann', memberId('Ann')], ['Bob', memberId('Bob')], ['Cleo', memberId('Ann')]]) // oxfmt-ignore
    const plan = planOf(draft, { people })
    expect(plan.notices).toMatchObject([{ code: 'SAME_MEMBER', row: 6 }])
    const book = guests('Ann', 'Bob')
    run(book, 'Ann', plan)
    expect(balancesIn(book)).toEqual(['ann -125.99 EUR', 'ann 1000 JPY', 'bob -1000 JPY', 'bob 125.99 EUR'])
  })
})

test('a bank file is paid by whoever imports it and shared as the group shares', () => {
  const { rows } = parseCsv('Date,Payee,Amount,Category\n2026-01-02,Market,-9.00,Food\n2026-01-03,Refund,3.00,')
  const draft = readTable(rows, guessMapping(rows).mapping, { currency: currencyOf('EUR') })
  const book = guests('Ann', 'Bob', 'Cleo')
  run(book, 'Ann', planOf(draft, { categories: new Map([['Food', 'cat_00000000000000000000000100']]) }))
  expect(balancesIn(book)).toEqual(['ann 4.00 EUR', 'bob -2.00 EUR', 'cleo -2.00 EUR'])
  expect(book.expense('1').categoryIds).toEqual(['cat_00000000000000000000000100'])
  expect(book.expense('2').kind).toBe('income')
})

describe('a Quits file', () => {
  /** A group with splits of all kinds; `isEven`: none of them leaves an odd cent. */
  function original(isEven: boolean): Ledger {
    const book = guests('Ann', 'Bob', 'Cleo')
    const ann = userId('Ann')
    const all = ['mem_ann', 'mem_bob', 'mem_cleo']
    const cent = isEven ? '' : '1'
    const [a, b, c] = all.map((member) => member)
    const parts = [{ member: a ?? '', weight: '1' }, { member: b ?? '', weight: '2' }] // oxfmt-ignore
    book.run(ann, {
      type: 'record_expense',
      id: 'exp_9',
      draft: { title: 'Equal', amount: `9.0${cent || 0}`, date: '2026-01-03', split: { type: 'equal', members: all } },
    })
    book.run(ann, {
      type: 'record_expense',
      id: 'exp_8',
      draft: {
        title: 'Shares',
        amount: `3.0${cent || 0}`,
        date: '2026-01-02',
        split: { type: 'shares', parts },
        payer: 'mem_bob',
        tags: ['x'],
        vendor: 'Shop',
        time: '10:00:00',
      },
    })
    book.run(ann, {
      type: 'record_expense',
      id: 'exp_7',
      draft: {
        title: 'Wages',
        kind: 'income',
        amount: '600',
        currency: currencyOf('JPY'),
        date: '2026-01-02',
        split: { type: 'equal', members: [a ?? '', c ?? ''] },
      },
    })
    book.run(ann, { type: 'record_expense', id: 'exp_6', draft: { title: 'Two paid', amount: '10.00', date: '2026-01-04', payers: [{ member: a ?? '', amount: '4.00' }, { member: b ?? '', amount: '6.00' }], split: { type: 'exact', parts: [{ member: c ?? '', amount: '10.00' }] } } }) // oxfmt-ignore
    book.run(ann, { type: 'comment_expense', id: 'exp_6', comment: 'cmt_9', text: 'thanks' })
    book.run(ann, { type: 'reconcile_expense', id: 'exp_6', isReconciled: true })
    book.run(ann, {
      type: 'request_settlement',
      settlement: 'stl_9',
      draft: { payer: 'mem_cleo', payee: 'mem_ann', amount: '2.00', dueDate: '2026-02-01' },
    })
    book.run(ann, { type: 'confirm_settlement', settlement: 'stl_9', as: 'received', method: 'cash' })
    return book
  }

  function exported(book: Ledger): ExportData {
    const { info } = book.state
    if (info === undefined) throw new Error('no group')
    const comments = book.entries.flatMap(({ comment }) => comment ?? [])
    const members = [...book.state.members.values()]
    return gatherExport({
      info,
      members,
      expenses: [...book.expenses.values()],
      settlements: [...book.settlements.values()],
      comments,
      categories: [],
    })
  }

  /** What of it came to nothing, what waits, and what was claimed. */
  function troubled(book: Ledger): Ledger {
    const ann = userId('Ann')
    const items = [{ name: 'Soup', amount: '10.00', quantity: '3', parts: [{ member: 'mem_ann', weight: '1' }] }] // oxfmt-ignore
    const split = { type: 'itemized', items, tax: '1.00', tip: '0.00', discount: '0.00' } as const
    book.run(ann, { type: 'record_expense', id: 'exp_5', draft: { title: 'Soup', amount: '11.00', date: '2026-01-05', split } })
    book.run(ann, { type: 'open_claims', id: 'exp_5' })
    for (const member of ['mem_cleo', 'mem_bob'])
      book.run(ann, { type: 'claim_line', id: 'exp_5', line: 0, part: { portion: '1/3' }, member })
    book.run(ann, { type: 'delete_expense', id: 'exp_9' })
    book.run(ann, { type: 'request_settlement', settlement: 'stl_8', draft: { payee: 'mem_cleo', amount: '1.00' } })
    book.run(ann, { type: 'cancel_settlement', settlement: 'stl_8' })
    book.run(ann, { type: 'request_settlement', settlement: 'stl_7', draft: { payee: 'mem_bob', amount: '3.00' } })
    book.run(ann, { type: 'dispute_settlement', settlement: 'stl_7', reason: 'paid in cash' })
    return book
  }

  test.each([
    ['where all is even', () => original(true)],
    ['where odd cents were left over', () => original(false)],
    ['with what was deleted, cancelled, disputed and claimed', () => troubled(original(false))],
  ])('export → import into another group → export gives the same bytes, %s', (_, make) => {
    const first = exportDocument(exported(make()))
    const draft = readQuits(first)
    expect(draft.faults.filter(({ severity }) => severity === 'error')).toEqual([])
    // Another group: other ids, and its members came in another order.
    const book = new Ledger()
    book.run(userId('Zoe'), opening('Zoe', 'with separate currencies'))
    for (const name of ['Yan', 'Xia'])
      book.run(userId('Zoe'), { type: 'add_member', member: { id: memberId(name), name: name === 'Yan' ? 'Cleo' : 'Bob', role: 'member' } })
    book.run(undefined, { type: 'rename_member', userId: userId('Zoe'), name: 'Ann' })
    const people = new Map([['m1', memberId('Zoe')], ['m2', memberId('Xia')], ['m3', memberId('Yan')]]) // oxfmt-ignore
    run(book, 'Zoe', planOf(draft, { people, takesVoid: true }))
    expect(exportDocument(exported(book))).toBe(first)
    expect(
      balancesIn(book)
        .map((line) => line.replace('zoe', 'ann').replace('xia', 'bob').replace('yan', 'cleo'))
        .sort(),
    ).toEqual(balancesIn(make()))
  })

  test('what a guest said stays theirs; what a user said is quoted by whoever imports', () => {
    const draft = draftOfExport(exported(original(true)))
    const plan = planOf(draft, { canSpeakFor: () => false, nameOf: (person) => `<${person}>` })
    const comments = plan.steps.flatMap(({ commands }) => commands.filter((command) => command.type === 'comment_expense'))
    expect(comments).toMatchObject([{ text: '<m1>: thanks' }])
    const book = new Ledger()
    book.run(userId('Ann'), opening('Ann'))
    book.run(userId('Ann'), { type: 'add_member', member: { id: memberId('Bob'), userId: userId('Bob'), name: 'Bob', role: 'member' } })
    book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft: { title: 'Tea', amount: '2', date: '2026-01-02' } })
    const said = book.run(userId('Ann'), { type: 'comment_expense', id: 'exp_1', comment: 'cmt_1', text: 'never', by: 'mem_bob' })
    expect(said).toMatchObject({ ok: false, error: { code: 'group.forbidden' } })
  })

  test('withdrawn, a settlement leaves the balances as they were; only whoever brought it withdraws it', () => {
    const book = guests('Ann', 'Bob')
    const payments = [{ amount: '2', refunded: '0.50', method: 'cash', notes: '' }] as const
    const was = { status: 'refunded', reported: '0', payments } as const
    book.run(userId('Ann'), { type: 'import_settlement', settlement: 'stl_1', draft: { payee: 'mem_bob', amount: '2' }, was })
    expect(balancesIn(book)).toEqual(['ann 1.50 EUR', 'bob -1.50 EUR'])
    book.run(userId('Ann'), { type: 'add_member', member: { id: memberId('Cid'), userId: userId('Cid'), name: 'Cid', role: 'admin' } })
    const withdraw = { type: 'withdraw_settlement', settlement: 'stl_1' } as const
    expect(book.run(userId('Cid'), withdraw)).toMatchObject({ ok: false, error: { code: 'settlement.forbidden' } })
    expect(book.run(userId('Ann'), withdraw).ok).toBe(true)
    expect(balancesIn(book)).toEqual([])
    expectSound(book)
  })

  test('imported again it adds nothing, although somebody has commented since', () => {
    const book = original(true)
    const known = draftOfExport(exported(book)).lines.map(identityOf)
    book.run(userId('Ann'), { type: 'comment_expense', id: 'exp_9', comment: 'cmt_8', text: 'late' })
    book.run(userId('Ann'), { type: 'add_member', member: { id: memberId('Aaron'), name: 'Aaron', role: 'member' } })
    expect(planOf(draftOfExport(exported(book)), {}, known)).toMatchObject({ steps: [], skipped: 5 })
  })

  test('what was deleted, or ended with nothing paid, is told, and comes along only where it is asked for', () => {
    const book = troubled(original(true))
    const draft = draftOfExport(exported(book))
    expect(draft.faults.map(({ code, message, got }) => `${code} ${got}: ${message}`)).toEqual([
      'VOID Equal: The expense was deleted; only a new group takes it along',
      'VOID cancelled: The settlement ended with nothing paid; only a new group takes it along',
    ])
    expect([planOf(draft).steps.length, planOf(draft, { takesVoid: true }).steps.length]).toEqual([6, 8])
    expect(draft.totals.find(({ currency }) => currency === 'EUR')?.expenses).toBe(2400)
  })

  test('settlements that are open stay open, with what was paid of them part by part', () => {
    const book = original(true)
    const ann = userId('Ann')
    book.run(ann, { type: 'request_settlement', settlement: 'stl_8', draft: { payee: 'mem_cleo', amount: '1.00' } })
    book.run(ann, { type: 'request_settlement', settlement: 'stl_7', draft: { payer: 'mem_bob', payee: 'mem_ann', amount: '5.00' } })
    book.run(ann, { type: 'confirm_settlement', settlement: 'stl_7', as: 'received', amount: '1.00', method: 'cash', notes: 'coins' })
    book.run(ann, { type: 'confirm_settlement', settlement: 'stl_7', as: 'received', amount: '2.50', method: 'paypal' })
    const first = exportDocument(exported(book))
    const draft = readQuits(first)
    expect(draft.totals.map(({ currency, payments }) => `${currency} ${payments}`)).toContain('EUR 550')
    const copy = guests('Ann', 'Bob', 'Cleo')
    run(copy, 'Ann', planOf(draft))
    expect(exportDocument(exported(copy))).toBe(first)
    expect(balancesIn(copy)).toEqual(balancesIn(book))
  })

  test('every line of a random group has its shares and payers, and identities that tell twins apart', () => {
    fc.assert(
      fc.property(groups(fc.constantFrom('Ann', 'Bob')), (data) => {
        const draft = readQuits(exportDocument(data))
        const people = new Map(draft.people.map(({ ref }) => [ref, `mem_${ref}`]))
        const plan = planOf(draft, { people, takesVoid: true })
        expect(new Set(plan.steps.map(({ identity }) => identity)).size).toBe(draft.lines.length)
        for (const { commands } of plan.steps) {
          const [first] = commands
          if (first?.type !== 'record_expense') continue
          expect(first.draft.split).toBeDefined()
        }
      }),
      { numRuns: 50 },
    )
  })

  test('what is no document is a draft of faults', () => {
    expect(readQuits('{')).toMatchObject({ source: 'quits', lines: [], faults: [{ code: 'NOT_JSON', severity: 'error' }] })
  })
})
