// Imports over the API: a file is sent, looked at, committed by a job, known again, and taken back. What each format says
// is tested in test/unit/import-*.test.ts.
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { env } from '../support/env.ts'
import { audited, brought, change, countOf, followed, look, netsOf, NETS, SPLITWISE, stage, titlesIn } from '../support/imported.ts'
import { rest } from '../support/jobs.ts'
import { fileForm, formWith } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, worker, type Client } from '../support/world.ts'

const COFFEE = '2026-01-06,Coffee,Dining out,4.00,EUR,2.00,-2.00,0.00\n'

describe('a Splitwise file', () => {
  test('is told as it is, and becomes a group in which every net is that of the file, to the minor unit', async () => {
    const ann = await person('ann')
    const staged = await stage(ann, SPLITWISE)
    expect(staged).toMatchObject({
      status: 'staged',
      group_id: null,
      source: 'splitwise',
      is_ready: true,
      faults: [],
      lines: { total: 6, taken: 6, new: 6 },
    })
    expect(staged.people.map(({ ref, member, matched_by }) => [ref, member, matched_by])).toEqual([
      ['ann', 'me', 'name'],
      ['Bob', null, 'new'],
      ['Cleo', null, 'new'],
    ])
    expect(staged.checks.map(({ is_met }) => is_met)).toEqual(Array(6).fill(true))
    const lines = (await ann.get(`/api/imports/${staged.id}/lines/?state=new&page_size=2&page=2`)).body
    expect(lines.meta.pagination.total_items).toBe(6)
    expect(lines.data).toMatchObject([
      { number: 3, row: 5, kind: 'payment', paid: [{ person: 'Cleo', amount: '100.00' }], borne: [{ person: 'ann', amount: '100.00' }] },
      { number: 4, title: 'Sushi', amount: '3001', currency: 'JPY', paid: [{ person: 'Cleo', amount: '3001' }] },
    ])
    const done = await brought(ann, SPLITWISE)
    expect(done.result).toEqual({ expenses: 5, settlements: 1, skipped: 0, refused: 0, refusals: [], undone: null })
    expect(await netsOf(ann, done.group_id)).toEqual(NETS)
    expect(await audited(ann, done.group_id)).toEqual([])
  })

  test('adds nothing when it is sent again, and a longer one adds what is new, a third twin among it', async () => {
    const ann = await person('ann')
    const { group_id: id } = await brought(ann, SPLITWISE)
    const again = await brought(ann, SPLITWISE, `?group_id=${id}`)
    expect([again.lines, again.result]).toMatchObject([
      { known: 6, taken: 0 },
      { expenses: 0, settlements: 0, skipped: 6 },
    ])
    expect(await netsOf(ann, id)).toEqual(NETS)
    const longer = SPLITWISE.replace(COFFEE, COFFEE + COFFEE)
      .replaceAll('314.00', '316.00')
      .replaceAll('115.99', '113.99')
    const more = await brought(ann, longer, `?group_id=${id}`)
    expect(more.result).toMatchObject({ expenses: 1, settlements: 0, skipped: 6 })
    expect((await titlesIn(ann, id)).filter((title) => title === 'Coffee')).toHaveLength(3)
    expect(more.people.map(({ matched_by }) => matched_by)).toEqual(['name', 'name', 'name'])
  })

  test('of which one total is not met is refused with the difference, unless that is accepted', async () => {
    const ann = await person('ann')
    const { id, is_ready } = await stage(ann, SPLITWISE.replace('314.00', '315.00'))
    expect(is_ready).toBe(false)
    const refused = await ann.post(`/api/imports/${id}/commit/`, {})
    expect([refused.status, refused.body.error.details]).toMatchObject([
      422,
      [{ code: 'CHECK_FAILED', expected: '315.00', got: '314.00', difference: '-1.00' }],
    ])
    expect((await look(ann, id)).status).toBe('staged')
    expect((await ann.post(`/api/imports/${id}/commit/`, { accept_faults: true })).status).toBe(202)
    expect((await followed(ann, id)).result?.expenses).toBe(5)
  })

  test('sent again with nothing said of its people adds nobody', async () => {
    const { id, as } = await group(['ann', 'bob'], { currency: 'EUR' })
    const text = 'Date,Description,Category,Cost,Currency,ann,Bobby\n2026-01-02,Dinner,General,10.00,EUR,10.00,-10.00\n'
    await brought(as.ann, text, `?group_id=${id}`, { people: { Bobby: { member: as.bob.id }, ann: { member: 'me' } } })
    const again = await brought(as.ann, text, `?group_id=${id}`)
    expect([again.result?.skipped, (await dataOf<unknown[]>(as.ann.get(`/api/groups/${id}/members/`))).length]).toEqual([1, 2])
  })

  test('goes into a group of users: payments between two of them move the money as an expense, and nobody is told of each line', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'], { currency: 'EUR' })
    const text =
      'Date,Description,Category,Cost,Currency,ann,Bob,Cid\n2026-01-02,Dinner,General,9.00,EUR,6.00,-3.00,-3.00\n2026-01-03,Cid paid Bob,Payment,3.00,EUR,0.00,-3.00,3.00\n'
    const people = { Bob: { member: as.bob.id }, Cid: { member: as.cid.id }, ann: { member: 'me' } }
    const done = await brought(as.ann, text, `?group_id=${id}`, { people })
    expect(done.result).toMatchObject({ expenses: 2, settlements: 0 })
    expect(await netsOf(as.ann, id)).toEqual(['ann 6.00 EUR', 'bob -6.00 EUR'])
    await rest()
    expect((await as.bob.get('/api/notifications/')).body.data.map((one: { type: string }) => one.type)).not.toContain('expense_added')
  })
})

describe('a Quits document', () => {
  const exportedAs = async (format: 'json' | 'zip', who: Client, groupId?: string): Promise<Response> => {
    const of = groupId === undefined ? { scope: 'all' } : { group_id: groupId }
    const { export_id } = await dataOf<{ export_id: string }>(who.post('/api/exports/', { ...of, format }))
    const state = () => dataOf<{ status: string; download_url: string | null }>(who.get(`/api/exports/${export_id}/`))
    await expect.poll(async () => (await state()).status, { timeout: 15_000, interval: 50 }).toBe('completed')
    return worker.fetch((await state()).download_url ?? '')
  }
  const exported = async (who: Client, groupId: string): Promise<string> => (await exportedAs('json', who, groupId)).text()

  /** A group of a user and guests, with something of everything that a document says. */
  async function everything(ann: Client): Promise<string> {
    const own = await dataOf<{ id: string }>(ann.post('/api/categories/', { name: 'Sailing', icon: 'sailing', color: '#123456' }))
    const { id } = await dataOf<{ id: string }>(
      ann.post('/api/groups/', {
        name: 'Boat',
        description: 'Ours',
        group_type: 'trip',
        currency: 'EUR',
        settings: { require_approval: true, approval_threshold: '100' },
      }),
    )
    const guest = async (name: string) =>
      (await dataOf<{ member_id?: string; id: string }>(ann.post(`/api/groups/${id}/members/`, { name, role: 'member' }))).id
    const [bob, cleo] = [await guest('Bob'), await guest('Cleo')]
    const spend = (fields: object) =>
      dataOf<{ id: string }>(
        ann.post('/api/expenses/', { title: 'Rum', amount: '10.00', group_id: id, expense_date: '2026-01-02', ...fields }),
      )
    await spend({ tags: ['x'], vendor: 'Shop', category_id: own.id, location: 'Kiel' })
    const shares = { split_type: 'shares', split_data: { [ann.id]: '1', [bob]: '2' } }
    const sail = await spend({ title: 'Sail', amount: '100.01', paid_by: bob, category_id: 'cat_00000000000000000000000101', ...shares })
    await dataOf(ann.post(`/api/expenses/${sail.id}/comments/`, { comment: 'torn' }))
    await spend({ title: 'Yen', amount: '1001', currency: 'JPY', exchange_rate: '0.0061' })
    const gone = await spend({ title: 'Gone' })
    await ann.delete(`/api/expenses/${gone.id}/`)
    const due = await dataOf<{ id: string }>(
      ann.post('/api/payments/settlements/', { group_id: id, payer_id: cleo, payee_id: ann.id, amount: '3.00' }),
    )
    await ann.post(`/api/payments/settlements/${due.id}/confirm/`, { confirmation_type: 'received', amount: '1.00' })
    return id
  }

  test('exported, imported and exported again is the same, byte for byte', async () => {
    const ann = await person('ann')
    const id = await everything(ann)
    const first = await exported(ann, id)
    expect(first).toContain('Sailing')
    const done = await brought(ann, first)
    expect([done.error, done.result?.refused, done.faults.map(({ code }) => code)]).toEqual([null, 0, ['VOID']])
    expect(await exported(ann, done.group_id)).toBe(first)
    expect([await audited(ann, done.group_id), await netsOf(ann, done.group_id)]).toEqual([[], await netsOf(ann, id)])
  })

  test('packed with its files brings them along, and both are the same again, byte for byte', async () => {
    const ann = await person('ann')
    const id = await everything(ann)
    const tea = await dataOf<{ id: string }>(
      ann.post('/api/expenses/', { title: 'Tea', amount: '3', group_id: id, expense_date: '2026-01-09' }),
    )
    for (const [field, path] of [
      ['receipt', 'receipt'],
      ['file', 'attachments'],
    ] as const)
      await dataOf(ann.post(`/api/expenses/${tea.id}/${path}/`, formWith(field)))
    await ann.delete(`/api/expenses/${tea.id}/`)
    const [json, zip] = [await exported(ann, id), new Uint8Array(await (await exportedAs('zip', ann, id)).arrayBuffer())]
    const alone = await stage(ann, json)
    expect(alone.faults.map(({ code }) => code).sort()).toEqual(['FILES_LEFT_OUT', 'VOID', 'VOID'])
    const done = await brought(ann, zip)
    expect([done.error, done.result?.refused, done.faults.map(({ code }) => code)]).toEqual([null, 0, ['VOID', 'VOID']])
    expect(await exported(ann, done.group_id)).toBe(json)
    expect(new Uint8Array(await (await exportedAs('zip', ann, done.group_id)).arrayBuffer())).toEqual(zip)
  })

  test('packed with a file that is another than its hash says leaves that file out, and says so', async () => {
    const ann = await person('ann')
    const id = await everything(ann)
    const tea = await dataOf<{ id: string }>(
      ann.post('/api/expenses/', { title: 'Tea', amount: '3', group_id: id, expense_date: '2026-01-09' }),
    )
    await dataOf(ann.post(`/api/expenses/${tea.id}/attachments/`, formWith('file')))
    const entries = unzipSync(new Uint8Array(await (await exportedAs('zip', ann, id)).arrayBuffer()))
    const path = Object.keys(entries).find((name) => name.startsWith('receipts/')) ?? ''
    const done = await brought(ann, Uint8Array.from(zipSync({ ...entries, [path]: new Uint8Array([1, 2, 3]) })))
    expect(done.result).toMatchObject({ refused: 0, refusals: [{ title: 'Tea', code: 'FILE_CHANGED' }] })
    expect(
      (await ann.post('/api/imports/', fileForm('x.zip', Uint8Array.from(zipSync({ 'a.txt': new Uint8Array(1) }))))).body.error,
    ).toMatchObject({
      details: [{ code: 'NOT_AN_IMPORT', got: 'a.txt' }],
    })
  })

  test.each(['json', 'zip'] as const)('of everything of a person, as %s, gives each of its groups again', async (format) => {
    const ann = await person('ann')
    const id = await everything(ann)
    await dataOf(ann.post('/api/expenses/', { title: 'Own', amount: '3', expense_date: '2026-01-09' }))
    const all = new Uint8Array(await (await exportedAs(format, ann)).arrayBuffer())
    const { parts, faults, lines } = await stage(ann, all)
    expect([parts, faults.map(({ code }) => code), lines['total']]).toEqual([['Personal', 'Boat'], ['SEVERAL_GROUPS'], 1])
    const beyond = await stage(ann, all)
    expect((await change(ann, beyond.id, { part: 3 })).faults).toMatchObject([{ code: 'PART_MISSING', got: '3' }])
    const done = await brought(ann, all, '', { part: 2 })
    expect([done.error, done.result?.refused]).toEqual([null, 0])
    expect(await exported(ann, done.group_id)).toBe(await exported(ann, id))
  })

  test('exported by one and imported by another whom it does not name, has them beside the others', async () => {
    const [ann, dan] = [await person('ann'), await person('dan')]
    const id = await everything(ann)
    const done = await brought(dan, await exported(ann, id))
    expect(done.people.map(({ matched_by }) => matched_by)).toEqual(['new', 'new', 'new'])
    expect(await netsOf(dan, done.group_id)).toEqual(await netsOf(ann, id))
    const [comment] = (await exported(dan, done.group_id)).match(/"text": "[^"]*"/) ?? []
    expect(comment).toBe('"text": "torn"')
  })
})

const CSV = 'Date,Payee,Amount,Category\n02/01/2026,Market,-9.00,Groceries\n03/01/2026,Tea,-2.00,Nowhere\n03/01/2026,Tea,-2.00,Nowhere\n'

describe('a table', () => {
  test('whose dates could be two is read once it is said which; its lines are one’s own', async () => {
    const ann = await person('ann')
    const staged = await stage(ann, CSV)
    expect([staged.is_ready, staged.faults.map(({ code }) => code), staged.lines['total']]).toEqual([false, ['AMBIGUOUS_DATES'], 0])
    expect((await ann.post(`/api/imports/${staged.id}/commit/`, {})).body.error.details).toMatchObject([{ code: 'AMBIGUOUS_DATES' }])
    const read = await change(ann, staged.id, { dates: 'day_first', columns: { notes: null } })
    expect([read.is_ready, read.lines['taken']]).toEqual([true, 3])
    await ann.post(`/api/imports/${staged.id}/commit/`, {})
    expect((await followed(ann, staged.id)).result).toMatchObject({ expenses: 3 })
    const all = (await ann.get('/api/expenses/?sort=expense_date')).body.data
    expect(all.map((one: any) => [one.title, one.amount, one.expense_date, one.category?.name ?? null])).toEqual([
      ['Market', '9.00', '2026-01-02', 'Groceries'],
      ['Tea', '2.00', '2026-01-03', null],
      ['Tea', '2.00', '2026-01-03', null],
    ])
  })

  test('leaves out what the group has already, each expense for one line, and takes it where that is asked for', async () => {
    const ann = await person('ann')
    await dataOf(ann.post('/api/expenses/', { title: 'Afternoon tea', amount: '2.00', expense_date: '2026-01-03' }))
    const { id } = await stage(ann, CSV)
    const read = await change(ann, id, { dates: 'day_first' })
    expect(read.lines).toMatchObject({ new: 2, duplicate: 1, taken: 2 })
    const asked = await change(ann, id, { include: [2], exclude: [1] })
    expect(asked.lines).toMatchObject({ new: 1, duplicate: 1, excluded: 1, taken: 2 })
    await ann.post(`/api/imports/${id}/commit/`, {})
    expect((await followed(ann, id)).result).toMatchObject({ expenses: 2, skipped: 1 })
    expect((await ann.get('/api/expenses/')).body.data).toHaveLength(3)
  })

  test('in another currency than the group’s is converted at the rate of its day, and told where there is none', async () => {
    const { id, as } = await group(['ann', 'bob'], { currency: 'EUR' })
    const text = 'Date,Payee,Amount,Currency\n2026-01-05,Hotel,-10.00,USD\n1980-01-05,Ship,-10.00,USD\n'
    const done = await brought(as.ann, text, `?group_id=${id}`)
    expect(done.result).toMatchObject({ expenses: 1, refused: 1, refusals: [{ number: 2, title: 'Ship', code: 'RATE_UNKNOWN' }] })
    expect(await Promise.all(['known', 'new'].map((state) => countOf(as.ann, done.id, state)))).toEqual([1, 1])
    const again = await stage(as.ann, text, `?group_id=${id}`)
    expect(again.faults[0]).toMatchObject({ severity: 'error', code: 'RATE_UNKNOWN', got: '1980-01-05' })
  })
})

test('a bank’s file is one’s own, and what it names twice by one id comes once', async () => {
  const ann = await person('ann')
  const line = (id: string, amount: string) => `<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260105<TRNAMT>${amount}<FITID>${id}<NAME>Shop</STMTTRN>`
  const ofx = `OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST>${line('a', '-1.00')}${line('b', '-2.00')}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`
  const done = await brought(ann, ofx)
  expect([done.source, done.result?.expenses]).toEqual(['ofx', 2])
  expect((await brought(ann, ofx)).result?.expenses).toBe(0)
})

const COLUMNS = 'user_id, group_id, is_new_group, state, file_key, file_name, file_size, sha256, settings, created_at, updated_at, version'

describe('what would be lost is told before, and the commit refused', () => {
  const refusedWith = async (who: Client, id: string) => {
    const { status, body } = await who.post(`/api/imports/${id}/commit/`, {})
    return [status, body.error.details?.[0]?.code ?? body.error.code]
  }

  test('in an archived group, with too little a role, or where nothing could be read', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const [mine, bobs] = [await stage(as.ann, CSV, `?group_id=${id}`), await stage(as.bob, CSV, `?group_id=${id}`)]
    for (const { id: one } of [mine, bobs]) await change(one === mine.id ? as.ann : as.bob, one, { dates: 'day_first' })
    const bob = (await dataOf<{ id: string; user: { id: string } | null }[]>(as.ann.get(`/api/groups/${id}/members/`))).find(
      (one) => one.user?.id === as.bob.id,
    )
    expect((await as.ann.patch(`/api/groups/${id}/members/${bob?.id}/`, { role: 'viewer' })).status).toBe(200)
    expect((await look(as.bob, bobs.id)).faults.map(({ code }) => code)).toContain('ROLE')
    expect(await refusedWith(as.bob, bobs.id)).toEqual([403, 'PERMISSION_DENIED'])
    expect((await as.ann.post(`/api/groups/${id}/archive/`)).status).toBe(200)
    expect((await look(as.ann, mine.id)).faults.map(({ code }) => code)).toContain('GROUP_ARCHIVED')
    expect((await refusedWith(as.ann, mine.id))[0]).toBe(409)
    const empty = await stage(as.ann, CSV, '?group_id=personal')
    expect((await change(as.ann, empty.id, { dates: 'day_first', heading_row: 199 })).faults.map(({ code }) => code)).toContain(
      'NOTHING_TO_IMPORT',
    )
    expect(await refusedWith(as.ann, empty.id)).toEqual([422, 'NOTHING_TO_IMPORT'])
  })

  test('a request between others that the group would not take', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid'], { currency: 'EUR' })
    const due = await dataOf<{ id: string }>(
      as.bob.post('/api/payments/settlements/', { group_id: id, payee_id: as.cid.id, amount: '3.00' }),
    )
    expect(due.id).toBeDefined()
    const { export_id } = await dataOf<{ export_id: string }>(as.ann.post('/api/exports/', { group_id: id, format: 'json' }))
    await rest()
    const { download_url } = await dataOf<{ download_url: string }>(as.ann.get(`/api/exports/${export_id}/`))
    const other = await group(['ann', 'bob', 'cid'], { currency: 'EUR' })
    const text = await (await worker.fetch(download_url)).text()
    const staged = await stage(other.as.ann, text, `?group_id=${other.id}`)
    expect(staged.faults).toMatchObject([{ severity: 'error', code: 'NOT_TAKEN' }])
  })
})

test('each change is made once under one key, and what was said of a person can be taken back', async () => {
  const ann = await person('ann')
  const { id } = await stage(ann, SPLITWISE)
  const twice = async (ask: (headers: { headers: Record<string, string> }) => Promise<{ status: number }>) => {
    const key = { headers: { 'idempotency-key': crypto.randomUUID() } }
    return [(await ask(key)).status, (await ask(key)).status]
  }
  expect(await twice((key) => ann.patch(`/api/imports/${id}/`, { people: { Bob: { name: 'Robert' } } }, key))).toEqual([200, 200])
  expect((await look(ann, id)).people.map(({ new_name: name }) => name)).toEqual([null, 'Robert', 'Cleo'])
  expect((await change(ann, id, { people: { Bob: null } })).people.map(({ new_name: name }) => name)).toEqual([null, 'Bob', 'Cleo'])
  expect(await twice((key) => ann.post(`/api/imports/${id}/commit/`, {}, key))).toEqual([202, 202])
  await followed(ann, id)
  expect(await twice((key) => ann.post(`/api/imports/${id}/undo/`, undefined, key))).toEqual([202, 202])
  const other = await stage(ann, SPLITWISE)
  expect(await twice((key) => ann.delete(`/api/imports/${other.id}/`, key))).toEqual([204, 204])
})

describe('nothing is kept, and it is said why', () => {
  test.each([
    ['no file of the kind', 'just words', 422, 'NOT_AN_IMPORT'],
    ['an empty file', '', 422, 'NOT_AN_IMPORT'],
    ['a broken document', '{"format":"quits"', 422, 'NOT_JSON'],
    ['another document', '{"format":"other","version":1}', 422, 'NOT_QUITS'],
  ])('%s', async (_, text, status, code) => {
    const ann = await person('ann')
    const { status: got, body } = await ann.post('/api/imports/', fileForm('x.csv', text))
    expect([got, body.error.details[0].code]).toEqual([status, code])
    expect((await ann.get('/api/imports/')).body.data).toEqual([])
  })

  test('more than 100 files that wait', async () => {
    const ann = await person('ann')
    const { id } = await stage(ann, CSV)
    const copy = `SELECT 'imp_' || value, ${COLUMNS} FROM imports, json_each(?) WHERE imports.id = ?`
    const others = JSON.stringify(Array.from({ length: 99 }, (_, i) => `copy${i}`))
    await env.DB.prepare(`INSERT INTO imports (id, ${COLUMNS}) ${copy}`).bind(others, id).run()
    const { status, body } = await ann.post('/api/imports/', fileForm('x.csv', CSV))
    expect([status, body.error.details]).toMatchObject([422, [{ code: 'TOO_MANY', expected: 'at most 100', got: '101' }]])
  })

  test('people whom the file does not name, members whom the group does not have, groups of others', async () => {
    const ann = await person('ann')
    const other = await group(['eve'])
    const { id } = await stage(ann, SPLITWISE)
    const patch = (body: object) => ann.patch(`/api/imports/${id}/`, body)
    expect((await patch({ people: { Dora: { member: 'me' } } })).body.error.details).toMatchObject([
      { field: 'people.Dora', code: 'UNKNOWN_PERSON' },
    ])
    expect((await patch({ people: { Bob: { member: other.as.eve.id } } })).body.error.details).toMatchObject([{ code: 'NOT_A_MEMBER' }])
    expect((await patch({ group_id: other.id })).status).toBe(404)
    expect((await ann.post(`/api/imports/?group_id=${other.id}`, fileForm('x.csv', CSV))).status).toBe(404)
    expect((await look(ann, id)).people.map(({ member }) => member)).toEqual(['me', null, null])
    await ann.delete(`/api/imports/${id}/`)
    expect((await ann.get(`/api/imports/${id}/`)).status).toBe(404)
  })

  test('people who are not in the group, where one’s role cannot add them', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const staged = await stage(as.bob, SPLITWISE, `?group_id=${id}`)
    expect(staged.faults.map(({ code }) => code)).toEqual(['MEMBERS_NEEDED'])
    expect((await as.bob.post(`/api/imports/${staged.id}/commit/`, {})).status).toBe(422)
    const own = await stage(as.bob, SPLITWISE, '?group_id=personal')
    expect(own.faults.map(({ code }) => code)).toEqual(['PERSONAL_GROUP'])
  })
})
