// Guarantees of the export: nothing is lost, the same content has the same bytes whatever it is called inside, and a
// document that is off is refused with the place where it is.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/export/canonical.ts'
import { csvRowsOf, csvText, escapeFormula, expenseTable, shareTable, tablesOf, type Cell } from '../../src/domain/export/columns.ts'
import type { ExportData } from '../../src/domain/export/document.ts'
import { canonicalForm } from '../../src/domain/export/form.ts'
import { exportDocument, readExport } from '../../src/domain/export/format.ts'
import { gatherExport } from '../../src/domain/export/gather.ts'
import {
  checkManifest,
  isSafePath,
  MANIFEST_PATH,
  manifestDocument,
  pathOfAttachment,
  readManifest,
} from '../../src/domain/export/manifest.ts'
import { formatCsv, parseCsv } from '../../src/platform/csv.ts'
import { groups } from '../support/exports.ts'
import { Ledger, memberId, newcomer, opening, userId } from '../support/ledger.ts'

const read = (json: string): ExportData => {
  const result = readExport(json)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** The same group as another one would have it: other ids, in another order. */
function asAnother(data: ExportData, order: readonly number[]): ExportData {
  const mixed = <T>(list: readonly T[]): T[] =>
    list
      .map((one, i) => ({ one, at: order[i % order.length] ?? 0 }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one)
  const text = JSON.stringify(data).replaceAll('"mem_', '"other_').replaceAll('"cat_own"', '"cat_x1"').replaceAll('"cat_below"', '"cat_x0"')
  const renamed = JSON.parse(text) as ExportData
  return {
    ...renamed,
    members: mixed(renamed.members),
    categories: mixed(renamed.categories),
    expenses: mixed(renamed.expenses).map((expense, i) => ({ ...expense, id: `x${i}` })),
    settlements: mixed(renamed.settlements).map((settlement, i) => ({ ...settlement, id: `y${i}` })),
  }
}

describe('the document', () => {
  test('is read back as it was written, and written again as it was read', () => {
    fc.assert(
      fc.property(groups(), (data) => {
        const text = exportDocument(data)
        const back = read(text)
        expect(back).toEqual(canonicalForm(data))
        expect(exportDocument(back)).toBe(text)
      }),
      { numRuns: 80 },
    )
  })

  test('has the same bytes in another group, with other ids and in another order, even where people have one name', () => {
    fc.assert(
      fc.property(groups(fc.constantFrom('Ann', 'Bob')), fc.array(fc.nat(100), { minLength: 1, maxLength: 7 }), (data, order) => {
        expect(exportDocument(asAnother(data, order))).toBe(exportDocument(data))
      }),
      { numRuns: 150 },
    )
  })

  test('is canonical JSON: sorted keys, two spaces, a line end', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: 'x' })).toBe(
      '{\n  "a": "x",\n  "b": [\n    1,\n    {\n      "d": 1\n    }\n  ]\n}\n',
    )
  })

  const small = `{"format":"quits","version":1,
    "group":{"name":"Trip","description":"","type":"trip","currency":"EUR","is_private":false,
      "settings":{"simplify_debts":true,"require_approval":false,"auto_reminder":false,"currencies":"converted"}},
    "members":[{"id":"m1","name":"Ann"},{"id":"m2","name":"Bob"}],"categories":[],
    "expenses":[{"id":"e1","kind":"expense","title":"Dinner","description":"","amount":"10.00","currency":"EUR",
      "payers":[{"member":"m1","amount":"10.00"}],"split":{"type":"equal","members":["m1","m2"]},
      "shares":[{"member":"m1","amount":"5.00"},{"member":"m2","amount":"5.00"}],"categories":[],"date":"2026-01-02","tags":[],
      "vendor":"","location":"","status":"posted","attachments":[],"comments":[]}],"settlements":[]}`

  test('a small one, as somebody could write it by hand', () => {
    expect(read(small).expenses[0]).toMatchObject({ title: 'Dinner', split: { type: 'equal', members: ['m1', 'm2'] } })
  })

  // What is changed in it, the place that is named, what was expected and what came.
  test.each([
    ['NOT_JSON', '"format"', '"format', undefined, 'a JSON document of Quits', undefined],
    ['NOT_QUITS', '"quits"', '"other"', undefined, '"format": "quits"', '"format": "other"'],
    ['UNKNOWN_VERSION', '"version":1', '"version":2', undefined, '"version": 1', '"version": 2'],
    ['UNKNOWN_FIELD', '"vendor":""', '"vendor":"","seller":""', 'document.expenses[0].seller', /one of id, kind/, '"seller"'],
    ['UNKNOWN_FIELD', '"vendor":""', '"vendor":"","__proto__":{}', 'document.expenses[0].__proto__', /one of/, '"__proto__"'],
    ['MISSING_FIELD', '"vendor":"",', '', 'document.expenses[0].vendor', 'a value', 'nothing'],
    ['INVALID_VALUE', '"2026-01-02"', '"2026-02-30"', 'document.expenses[0].date', 'a day such as 2026-11-20', '"2026-02-30"'],
    [
      'INVALID_VALUE',
      '"amount":"10.00","currency"',
      '"amount":10,"currency"',
      'document.expenses[0].amount',
      'an amount such as "62.50"',
      '10',
    ],
    ['INVALID_VALUE', '"type":"equal"', '"type":"unequal"', 'document.expenses[0].split.type', /one of equal, exact/, '"unequal"'],
    ['INVALID_VALUE', '"type":"equal"', '"type":"toString"', 'document.expenses[0].split.type', /one of equal, exact/, '"toString"'],
    ['INVALID_VALUE', '"tags":[]', '"tags":{}', 'document.expenses[0].tags', 'a list', 'an object'],
    [
      'INVALID_VALUE',
      '"currency":"EUR","is_private"',
      '"currency":"XXX","is_private"',
      'document.group.currency',
      'a currency such as EUR',
      '"XXX"',
    ],
    [
      'INVALID_AMOUNT',
      '"amount":"10.00","currency"',
      '"amount":"10.001","currency"',
      'expenses[0].amount',
      'an amount that EUR can hold',
      '10.001',
    ],
    ['DOES_NOT_ADD_UP', '"amount":"5.00"},{', '"amount":"4.00"},{', 'expenses[0].shares', '10.00', '9.00'],
    ['UNKNOWN_MEMBER', '["m1","m2"]', '["m1","m3"]', 'expenses[0].split', 'the id of a member of the document', 'm3'],
    ['DUPLICATE_ID', '"id":"m2"', '"id":"m1"', 'members[1].id', 'an id that none before has', 'm1'],
    ['UNKNOWN_CATEGORY', '"categories":[],"date"', '"categories":["c1"],"date"', 'expenses[0].categories[0]', /the id of a category/, 'c1'],
  ])('is refused where it is off: %s at %s', (code, from, to, column, expected, got) => {
    const result = readExport(small.replace(from, to))
    expect(result.ok).toBe(false)
    if (result.ok) return
    const fault = result.error.find((one) => one.code === code)
    expect(fault).toMatchObject({ severity: 'error', code })
    expect(fault?.column).toBe(column)
    if (typeof expected === 'string') expect(fault?.expected).toBe(expected)
    else expect(fault?.expected).toMatch(expected)
    if (got !== undefined) expect(fault?.got).toBe(got)
  })

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1'],
    ['deep nesting', '['.repeat(200_000) + ']'.repeat(200_000)],
    [
      'faults without end',
      small.replace('"tags":[]', `"tags":[${'1,'.repeat(50)}1]`).replace('"settlements":[]', `"settlements":[${'{},'.repeat(5000)}{}]`),
    ],
  ])('hostile text is refused and does no harm: %s', (_name, json) => {
    const result = readExport(json)
    expect(result.ok).toBe(false)
    if (!result.ok) expect(result.error.length).toBeLessThanOrEqual(101)
  })

  test('any JSON in its place is refused without throwing', () => {
    const document = JSON.parse(small) as Record<string, unknown>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(document)), fc.jsonValue(), (field, value) => {
        readExport(JSON.stringify({ ...document, [field]: value }))
      }),
    )
  })
})

describe('gatherExport', () => {
  function aGroup(): { book: Ledger; data: (options?: Parameters<typeof gatherExport>[1]) => ExportData } {
    const book = new Ledger()
    book.run(userId('Ann'), opening('Ann'))
    book.run(userId('Ann'), { type: 'add_member', member: newcomer('Bob') })
    const draft = { title: 'Dinner', amount: '10.01', date: '2026-01-02', split: { type: 'percentage', parts: [{ member: 'mem_ann', percentage: '40' }, { member: 'mem_bob', percentage: '60' }] } } as const // oxfmt-ignore
    book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft })
    book.run(userId('Bob'), { type: 'request_settlement', settlement: 'stl_1', draft: { payee: 'mem_ann', amount: '6.01' } })
    book.run(userId('Ann'), { type: 'confirm_settlement', settlement: 'stl_1', as: 'received' })
    const comments = [{ id: 'cmt_1', expenseId: 'exp_1', member: memberId('Bob'), text: 'yum', createdAt: 0 }] as const
    const info = book.state.info
    if (info === undefined) throw new Error('no group')
    const records = {
      info,
      members: [...book.state.members.values()],
      expenses: [...book.expenses.values()],
      settlements: [...book.settlements.values()],
      comments,
      categories: [],
    }
    return { book, data: (options) => gatherExport(records, options) }
  }

  test('has what people said and nothing that the ledger stamped on it', () => {
    const { data } = aGroup()
    expect(data().members).toEqual([{ id: 'm1', name: 'Ann' }, { id: 'm2', name: 'Bob' }]) // oxfmt-ignore
    expect(data().expenses).toMatchObject([
      {
        id: 'e1',
        amount: '10.01',
        payers: [{ member: 'm1', amount: '10.01' }],
        split: { type: 'percentage' },
        shares: [{ percentage: '40' }, {}],
        comments: [{ member: 'm2', text: 'yum' }],
      },
    ])
    expect(data().settlements).toMatchObject([{ payer: 'm2', payee: 'm1', amount: '6.01', paid: '6.01', status: 'completed' }])
    expect(exportDocument(data())).not.toMatch(/mem_|exp_|stl_|grp_|usr_|CODE|@|T\d\d:/)
    expect(read(exportDocument(data()))).toEqual(data())
  })

  test('addresses and instants are in it only where they are asked for', () => {
    const { data } = aGroup()
    const full = data({ emailsOf: new Set([memberId('Ann')]), withInstants: true })
    expect(full.members).toEqual([{ id: 'm1', name: 'Ann', email: 'ann@example.com' }, { id: 'm2', name: 'Bob' }]) // oxfmt-ignore
    expect(full.expenses[0]?.comments).toEqual([{ member: 'm2', text: 'yum', at: '1970-01-01T00:00:00.000Z' }])
    expect(full.settlements[0]?.payments[0]?.at).toMatch(/^2026-/)
    expect(read(exportDocument(full))).toEqual(full)
  })
})

describe('the tables', () => {
  const shown = (rows: readonly (readonly Cell[])[]): string[] => rows.map((cells) => cells.map(csvText).join('|'))
  const data = (): ExportData =>
    read(`{"format":"quits","version":1,"categories":[],"settlements":[],
    "group":{"name":"Trip","description":"","type":"trip","currency":"EUR","is_private":false,"settings":{"simplify_debts":true,"require_approval":false,"auto_reminder":false,"currencies":"separate"}},
    "members":[{"id":"m1","name":"Ann"},{"id":"m2","name":"Ann"},{"id":"m3","name":"Cleo"}],
    "expenses":[{"id":"e1","kind":"income","title":"=cmd()","description":"","amount":"1200","currency":"JPY","payers":[{"member":"m1","amount":"1200"}],"split":{"type":"equal","members":["m1","m2"]},
      "shares":[{"member":"m1","amount":"600"},{"member":"m2","amount":"600"}],"categories":[],"date":"2026-01-02","tags":["a","b"],"vendor":"","location":"","status":"posted","attachments":[],"comments":[]}]}`)

  test('an expense is a row with the members’ shares behind it', () => {
    const { headings, rows } = expenseTable(data())
    expect(headings.slice(-3)).toEqual(['Ann', 'Ann (2)', 'Cleo'])
    expect(shown(rows)).toEqual(["e1|2026-01-02||income|'=cmd()|||a; b|||1200|JPY||Ann|equal|posted||||0|600|600|"])
    expect(rows[0]?.[10]).toEqual({ amount: '1200', decimals: 0 })
  })

  test('shares are a table of their own, with what each member gains', () => {
    expect(shown(shareTable(data()).rows)).toEqual([
      "e1|2026-01-02|'=cmd()|income|Ann|1200|600|-600|JPY",
      "e1|2026-01-02|'=cmd()|income|Ann (2)|0|600|600|JPY",
    ])
  })

  test('every row has a cell for every heading, and nets sum to zero', () => {
    fc.assert(
      fc.property(groups(), (random) => {
        for (const { headings, rows } of tablesOf(random)) for (const row of rows) expect(row).toHaveLength(headings.length)
        const nets = shareTable(random).rows.map((row) => row[7])
        const total = nets.reduce((sum, cell) => sum + (cell && 'amount' in cell ? Math.round(Number(cell.amount) * 1000) : 0), 0)
        expect(total).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('written as CSV they are read back cell by cell', () => {
    fc.assert(
      fc.property(groups(), (random) => {
        for (const table of tablesOf(random)) {
          const rows = csvRowsOf(table)
          for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+@]/)
          expect(parseCsv(formatCsv(rows)).rows).toEqual(rows)
        }
      }),
      { numRuns: 50 },
    )
  })

  test.each(['=1', '+1', '-1', '@x', '\t=1', ' =1', '\n', '＝1'])('the text %j is no formula in a CSV file', (value) => {
    expect(escapeFormula(value)).toBe(`'${value}`)
  })
  test.each(['a=1', '1', '', 'Dinner', '(1)'])('the text %j stays as it is', (value) => {
    expect(escapeFormula(value)).toBe(value)
  })
})

describe('the manifest', () => {
  const digest = 'a'.repeat(64)
  const files = [{ path: 'receipts/b.jpg', size: 2, sha256: digest }, { path: 'data.json', size: 1, sha256: digest }] // oxfmt-ignore

  test('is sorted, canonical, and read back', () => {
    const text = manifestDocument(files)
    expect(text).toBe(manifestDocument(files.toReversed()))
    expect(readManifest(text)).toEqual({ ok: true, value: files.toReversed() })
  })

  test.each(['/a', '../a', 'a/../b', 'a\\b', 'C:a', '', 'a//b', 'a/', './a', 'a\0', 'a\u202eb', 'a.', 'a '])(
    'the path %j is refused',
    (path) => {
      expect(isSafePath(path)).toBe(false)
      expect(() => manifestDocument([{ path, size: 1, sha256: digest }])).toThrow(RangeError)
      expect(
        readManifest(JSON.stringify({ format: 'quits-manifest', version: 1, files: [{ path, size: 1, sha256: digest }] })),
      ).toMatchObject({ ok: false })
    },
  )

  test('a path that comes twice is refused, also in other letters, and so is another version', () => {
    expect(() => manifestDocument([...files, { path: 'DATA.json', size: 1, sha256: digest }])).toThrow(RangeError)
    expect(readManifest('{"format":"quits-manifest","version":2,"files":[]}')).toMatchObject({
      ok: false,
      error: [{ column: 'manifest.version', got: '2' }],
    })
    expect(readManifest('x')).toMatchObject({ ok: false, error: [{ code: 'NOT_JSON' }] })
  })

  test('tells what is missing, changed and not listed', () => {
    const found = [{ path: 'data.json', size: 1, sha256: 'b'.repeat(64) }, { path: 'more', size: 1, sha256: digest }, { path: MANIFEST_PATH, size: 9, sha256: digest }] // oxfmt-ignore
    expect(checkManifest(files, found).map(({ code, column }) => `${code} ${column}`)).toEqual([
      'FILE_MISSING receipts/b.jpg',
      'FILE_CHANGED data.json',
      'FILE_UNLISTED more',
    ])
    expect(checkManifest(files, files)).toEqual([])
  })

  test('a file lies under its digest, with an extension that is harmless', () => {
    expect(pathOfAttachment({ name: 'Bill.JPG', sha256: digest })).toBe(`receipts/${digest}.jpg`)
    expect(pathOfAttachment({ name: '../../etc/passwd', sha256: digest })).toBe(`receipts/${digest}`)
  })
})
