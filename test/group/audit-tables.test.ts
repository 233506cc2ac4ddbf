// Whatever is changed in whichever row of a group, the audit names the entry that wrote it.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import { tokenFor } from '../../src/platform/keys.ts'
import { env } from '../support/env.ts'
import { rest } from '../support/jobs.ts'
import { formWith } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { change, columnsOf, deleteRow, flipped, insertRow, replaceRow, unwatched, type Row, type Value } from '../support/tamper.ts'
import { group, person, type Client } from '../support/world.ts'

// The alerts are what is tested, not news for the reader of the tests.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterAll(() => vi.restoreAllMocks())

interface Books {
  readonly id: string
  readonly ann: Client
}

/** A group in which every table has rows, and most columns something in them. */
async function books(): Promise<Books> {
  const guest = `${crypto.randomUUID()}@example.com`
  const {
    id,
    as: { ann, bob, cid },
  } = await group(['ann', 'bob', 'cid'])
  expect((await ann.delete(`/api/groups/${id}/members/${cid.id}/`)).status).toBe(204)
  const record = (fields: object) => dataOf(ann.post('/api/expenses/', { title: 'Dinner', amount: '10.00', group_id: id, ...fields }))
  const [dinner, taxi] = [await record({ vendor: 'Café', tags: ['späti', 'late'] }), await record({ title: 'Taxi', description: 'Night' })]
  const tea = await record({ title: 'Tea', amount: '3.00' })
  await dataOf(ann.patch(`/api/groups/${id}/`, { name: 'Flat', description: 'Ours' }))
  const { invitation_id: invitation } = await dataOf<{ invitation_id: `inv_${string}` }>(
    ann.post(`/api/groups/${id}/invite/`, { email: guest, message: 'Come' }),
  )
  await dataOf(ann.put(`/api/expenses/${dinner.id}/`, { title: 'Supper', amount: '12.50' }))
  await dataOf(bob.post(`/api/expenses/${dinner.id}/comments/`, { comment: 'Good' }))
  await dataOf(ann.post(`/api/expenses/${taxi.id}/receipt/`, formWith('receipt')))
  const ask = (by: Client, payer: Client) =>
    dataOf(
      by.post('/api/payments/settlements/', { group_id: id, payer_id: payer.id, payee_id: ann.id, amount: '2.00', due_date: '2026-12-01' }),
    )
  const [paid] = [await ask(bob, bob), await ask(bob, bob)]
  await dataOf(ann.post(`/api/payments/settlements/${paid.id}/confirm/`, { amount: '1.50', notes: 'In cash' }))
  await dataOf(ann.post(`/api/groups/${id}/plan/`, {}))
  await dataOf(ann.post(`/api/groups/${id}/invite/`, { email: `${crypto.randomUUID()}@example.com` }))
  const eve = await person('eve')
  await dataOf(eve.post(`/api/invitations/${tokenFor(env.SECRET, 'invitation', invitation)}/accept/`))
  expect((await ann.delete(`/api/expenses/${tea.id}/`)).status).toBe(204)
  await dataOf(ann.post(`/api/expenses/${dinner.id}/comments/`, { comment: 'Indeed' }))
  await rest()
  return { id, ann }
}

/** The group's rows of a table, and the entry that wrote each: found in the text of the journal, not by the rules under test. */
const TABLES: Readonly<Record<string, { readonly rows: string; readonly writer: string }>> = {
  journal: { rows: 'group_id', writer: '?2' },
  postings: { rows: 'group_id', writer: '?2' },
  balances: {
    rows: 'group_id',
    writer: '(SELECT MAX(seq) FROM postings WHERE group_id = ?1 AND (member_id, currency) = (SELECT ?2, ?3))',
  },
  groups: { rows: 'id', writer: '(SELECT MAX(seq) FROM journal WHERE group_id = ?1)' },
  members: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  invitations: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  expenses: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  comments: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  files: { rows: 'group_id', writer: `(SELECT MIN(seq) FROM journal WHERE group_id = ?1 AND instr(body, '"key":"' || ?2 || '"') > 0)` },
  settlements: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  receipts: { rows: 'group_id', writer: lastWith('\'"id":"\' || ?2 || \'"\'') },
  outbox: { rows: 'group_id', writer: '?2' },
}

/**
 * Tables of what goes out, which follows from the journal and from people's wishes, of links, of how far the audit has
 * come, and of sums, which no one entry writes (test/api/analytics.test.ts changes those).
 */
const OTHERS = ['audits', 'claim_links', 'deliveries', 'import_lines', 'imports', 'notifications', 'payments', 'rollups']

function lastWith(sought: string, more = ''): string {
  return `(SELECT MAX(seq) FROM journal WHERE group_id = ?1 AND instr(body, ${sought}) > 0 ${more})`
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  journal: ['seq'],
  postings: ['seq'],
  outbox: ['seq'],
  balances: ['member_id', 'currency'],
  files: ['key'],
}

/** What the audit can't or need not hold against the journal, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'groups.frozen_at': 'is what the audit itself writes',
  'groups.told_seq': 'says how far those outside were told',
  'outbox.id': 'is drawn by lot, and no entry says it',
  'outbox.group_id': 'away from its group it looks like a promise that was kept and deleted',
  'outbox.due_at': 'moves with each attempt',
  'outbox.attempts': 'counts what happened outside of the ledger',
  'outbox.lease_until': 'says who is at it just now',
  'outbox.done_at': 'says what happened outside of the ledger',
  'outbox.dead_at': 'says what happened outside of the ledger',
  'outbox.error': 'says what happened outside of the ledger',
}

/** Columns that another entry wrote than the one that last wrote the rest of the row. */
const INFO = new Set('name description type currency is_private invite_code image_key settings updated_at archived_at version'.split(' '))
const BIRTH = new Set(['created_by', 'created_at', 'is_personal'])

async function writerOf(id: string, table: string, row: Row, column: string): Promise<number | null> {
  const find = (writer: string, keys: readonly (Value | undefined)[]) =>
    env.DB.prepare(`SELECT ${writer} AS seq`)
      .bind(id, ...keys.map((key) => key ?? null))
      .first<number>('seq')
  if (table === 'groups' && INFO.has(column))
    return find(`(SELECT MAX(seq) FROM journal WHERE group_id = ?1 AND instr(body, '"info":{') > 0)`, [])
  if (table === 'groups' && BIRTH.has(column)) return 1
  // The row number is what the words are found by, so it is theirs.
  const worded = "AND type IN ('expense_recorded', 'expense_updated')"
  if (table === 'expenses' && column === 'n') return find(lastWith('\'"id":"\' || ?2 || \'"\'', worded), [row.id])
  const keys: readonly string[] = table === 'groups' ? [] : (KEYS[table] ?? ['id'])
  return find(
    TABLES[table]?.writer ?? '',
    keys.map((key) => row[key]),
  )
}

const rowsOf = async (table: string, column: string, id: string): Promise<Row[]> =>
  (await env.DB.prepare(`SELECT * FROM ${table} WHERE ${column} = ?`).bind(id).all<Row>()).results

interface Found {
  readonly is_sound: boolean
  readonly violations: readonly { readonly seq: number | null; readonly message: string }[]
}

async function audited({ id, ann }: Books): Promise<Found> {
  const { status, body } = await ann.get(`/api/groups/${id}/audit/`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.data as Found
}

/** What the audit says of the group while it is changed, and whether it stops it; afterwards it is as it was. */
async function whileChanged(ledger: Books, there: () => Promise<void>, back: () => Promise<void>): Promise<Found> {
  await there()
  const found = await audited(ledger)
  const { results } = await env.DB.prepare('UPDATE groups SET frozen_at = NULL WHERE id = ? AND frozen_at IS NOT NULL RETURNING id')
    .bind(ledger.id)
    .all()
  const isThere = (await rowsOf('groups', 'id', ledger.id)).length
  expect(results).toHaveLength(found.is_sound ? 0 : isThere)
  await back()
  return found
}

/** The first row, the last, and one between them. */
const some = (rows: readonly Row[]): Row[] => rows.filter((_, i) => [0, Math.floor(rows.length / 2), rows.length - 1].includes(i))

/** What makes another row of a copy. The journal and the groups refuse one by themselves. */
const COPIES: Readonly<Record<string, () => Row>> = {
  postings: () => ({ member_id: newId('member') }),
  balances: () => ({ member_id: newId('member') }),
  members: () => ({ id: newId('member'), user_id: newId('user') }),
  invitations: () => ({ id: newId('invitation'), token_hash: crypto.randomUUID() }),
  expenses: () => ({ id: newId('expense'), n: 1_000_000 }),
  comments: () => ({ id: newId('comment') }),
  files: () => ({ key: crypto.randomUUID() }),
  settlements: () => ({ id: newId('settlement') }),
  receipts: () => ({ id: newId('receipt') }),
  outbox: () => ({ id: newId('outbox'), seq: 1_000_000 }),
}

/** As the search table reads it. */
const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()

describe('auditGroup', () => {
  test('knows every table that has a group', async () => {
    const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>()
    const withGroup: string[] = []
    for (const { name } of results.filter((table) => !/^(_cf|sqlite|d1|expense_search)/.test(table.name)))
      if ((await columnsOf(name)).includes('group_id')) withGroup.push(name)
    expect([...withGroup, 'groups'].toSorted()).toEqual([...Object.keys(TABLES), ...OTHERS].toSorted())
  })

  test.each(Object.entries(TABLES))(
    'names the entry whose row of %s was changed, whatever the column',
    async (table, { rows }) => {
      const ledger = await books()
      expect(await audited(ledger)).toMatchObject({ is_sound: true, violations: [] })
      const columns = await columnsOf(table)
      const all = await rowsOf(table, rows, ledger.id)
      expect(all.length).toBeGreaterThan(0)
      const missed: string[] = []
      await unwatched(async () => {
        for (const before of some(all)) {
          for (const column of columns.filter((name) => EXCEPTIONS[`${table}.${name}`] === undefined)) {
            const seq = await writerOf(ledger.id, table, before, column)
            expect(seq, `${table}.${column}`).toBeGreaterThan(0)
            const isLong = ['body', 'more', 'texts', 'payload'].includes(column)
            for (const place of isLong ? [0, 0.3, 0.6, 0.9] : [0.5]) {
              const after = { ...before, [column]: flipped(before[column] ?? null, place) }
              const found = await whileChanged(
                ledger,
                () => replaceRow(table, before, after),
                () => replaceRow(table, after, before),
              )
              if (!found.violations.some((v) => v.seq === seq))
                missed.push(`${table}.${column} of entry ${seq}: ${JSON.stringify(found.violations)}`)
            }
          }
        }
      })
      expect(missed).toEqual([])
      expect(await audited(ledger)).toMatchObject({ is_sound: true, violations: [] })
      expect((await ledger.ann.post('/api/expenses/', { title: 'Tea', amount: '2.00', group_id: ledger.id })).status).toBe(201)
      expect(await audited(ledger)).toMatchObject({ is_sound: true })
    },
    120_000,
  )

  test.each(Object.keys(TABLES))('names the entry whose row of %s is gone, and a row that no entry wrote', async (table) => {
    const ledger = await books()
    const all = await rowsOf(table, TABLES[table]?.rows ?? '', ledger.id)
    await unwatched(async () => {
      for (const row of table === 'outbox' ? [] : some(all)) {
        const seq = await writerOf(ledger.id, table, row, '')
        const found = await whileChanged(
          ledger,
          () => deleteRow(table, row),
          () => insertRow(table, row),
        )
        expect(found.violations.map((v) => v.seq)).toContain(seq)
      }
      const copy = { ...all[0], ...COPIES[table]?.() }
      if (COPIES[table] === undefined) return
      const found = await whileChanged(
        ledger,
        () => insertRow(table, copy),
        () => deleteRow(table, copy),
      )
      expect(found.violations.map((v) => v.message).join('\n')).toContain(table)
    })
    expect(await audited(ledger)).toMatchObject({ is_sound: true })
  })

  test('names the entry whose words an expense is not found by, and words of no expense', async () => {
    expect(await columnsOf('expense_search')).toEqual(['words'])
    const ledger = await books()
    const expenses = await rowsOf('expenses', 'group_id', ledger.id)
    const wordsOf = (row: Row): string => {
      const body = JSON.parse(String(row.body)) as { title: string; description: string; vendor: string; tags: string[] }
      return [ledger.id, body.title, body.description, body.vendor, ...body.tags].join(' ')
    }
    const forget = (row: Row) => env.DB.prepare('DELETE FROM expense_search WHERE rowid = ?').bind(row.n).run()
    const write = async (row: Row, words: string) => {
      await forget(row)
      await env.DB.prepare('INSERT INTO expense_search (rowid, words) VALUES (?, ?)').bind(row.n, words).run()
    }
    for (const row of expenses) {
      const seq = await writerOf(ledger.id, 'expenses', row, 'n')
      const words = wordsOf(row)
      const parts = words.split(' ')
      const others = parts.flatMap((part, i) => (part === '' ? [] : [parts.with(i, String(flipped(part))).join(' ')]))
      for (const other of [...others, parts.slice(0, -1).join(' '), parts.slice(1).join(' ')].filter(
        (text) => folded(text) !== folded(words),
      )) {
        const found = await whileChanged(
          ledger,
          () => write(row, other),
          () => write(row, words),
        )
        expect(
          found.violations.map((v) => v.seq),
          other,
        ).toContain(seq)
      }
      await forget(row)
      expect((await audited(ledger)).violations.map((v) => v.seq)).toContain(seq)
      await write(row, words)
    }
    await write({ n: 999_999 }, `${ledger.id} Nothing`)
    expect((await audited(ledger)).violations).toEqual([expect.objectContaining({ seq: null, message: expect.stringContaining('999999') })])
    await forget({ n: 999_999 })
    expect(await audited(ledger)).toMatchObject({ is_sound: true })
  })

  test('still names what is no word in the row of an entry whose words are erased', async () => {
    const ledger = await books()
    await env.DB.prepare('UPDATE journal SET texts = NULL, salt = NULL WHERE group_id = ?').bind(ledger.id).run()
    expect(await audited(ledger)).toMatchObject({ is_sound: true })
    const [row] = await rowsOf('expenses', 'group_id', ledger.id)
    const seq = await writerOf(ledger.id, 'expenses', row ?? {}, 'body')
    await change(`UPDATE expenses SET body = replace(body, '"minor":', '"minor":1') WHERE id = ?`, [row?.id ?? ''])
    expect((await audited(ledger)).violations.map((v) => v.seq)).toContain(seq)
  })
})
