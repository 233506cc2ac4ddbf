// `npm run bench -- --analytics`: what a month's figures cost D1, and how long they take, in a group of 10,000 expenses and in
// one of 1,000,000. The expenses are loaded past the API, with the sums that the ledger would have kept of them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from './client.ts'
import type { Costs } from './meter.ts'
import { makeHousehold } from './world.ts'

const SIZES = [10_000, 1_000_000] as const
/** Rows that a question about a month may read. */
const MOST_ROWS = 200
/** How much longer it may take with a hundred times as many expenses. */
const MOST_TIMES = 1.5
const ROUNDS = 30
const CHUNK = 100_000

const QUESTIONS = ['summary', 'trends', 'categories'] as const

/** Expenses over three years, four people each, in a dozen categories and a hundred shops. */
const LOAD = `INSERT INTO expenses (id, group_id, date, kind, status, title, amount_milli, currency, category_id, paid_by, split_type, posted_seq, created_at, updated_at, body, more)
WITH RECURSIVE n(i) AS (SELECT CAST(?2 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
SELECT ?1 || printf('%08d', i), ?4, date('2023-01-01', '+' || (i * 7 % 1096) || ' days'), iif(i % 20 = 0, 'income', 'expense'), 'posted', 'Bench ' || i,
  40000 + i % 1000 * 40, 'EUR', json_extract(?5, '$[' || (i % 12) || ']'), json_extract(?6, '$[0]'), 'equal', 1, 0, 0,
  json_object('vendor', 'Shop ' || i % 100),
  json_object('postings', (SELECT json_group_array(json_object('member', m.value, 'currency', 'EUR', 'paid', iif(m.key = 0, 4000 + i % 1000 * 4, 0), 'owed', 1000 + i % 1000)) FROM json_each(?6) m))
FROM n`

async function load(db: D1Database, group: string, size: number): Promise<void> {
  const members = await db.prepare('SELECT json_group_array(id) AS ids FROM members WHERE group_id = ?').bind(group).first<string>('ids')
  const categories = JSON.stringify(Array.from({ length: 12 }, (_, i) => `cat_000000000000000000000001${String(i).padStart(2, '0')}`))
  for (let from = 0; from < size; from += CHUNK)
    await db
      .prepare(LOAD)
      .bind(`exp_${group.slice(-18)}`, from, Math.min(size, from + CHUNK), group, categories, members)
      .run()
  const migration = await readFile(join(import.meta.dirname, '..', 'migrations', '0005_rollups.sql'), 'utf8')
  const sums =
    migration
      .split('--> statement-breakpoint')[1]
      ?.replace('AND e.deleted_at IS NULL', 'AND e.deleted_at IS NULL AND e.group_id = ?1 AND e.date LIKE ?2') ?? ''
  for (const year of [2023, 2024, 2025])
    for (let month = 1; month <= 12; month++)
      await db
        .prepare(sums)
        .bind(group, `${year}-${String(month).padStart(2, '0')}-%`)
        .run()
}

interface Figures {
  readonly rows: number
  readonly ms: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

async function ask(client: Client, token: string, path: string): Promise<Figures> {
  await client.ask({ method: 'POST', path: '/__meter' })
  await client.ask({ method: 'GET', path, token })
  const { read } = JSON.parse((await client.ask({ method: 'GET', path: '/__meter' })).text) as Costs
  const start = performance.now()
  await client.ask({ method: 'GET', path, token })
  return { rows: read, ms: performance.now() - start }
}

/** Loads both groups and prints the figures; false when one of them is missed. */
export async function measureAnalytics(client: Client, db: D1Database, say: (line?: string) => void): Promise<boolean> {
  const household = await makeHousehold(client, 'Sums', SIZES.length)
  for (const [i, size] of SIZES.entries()) {
    const start = performance.now()
    await load(db, household.groups[i] ?? '', size)
    say(`Loaded ${size} expenses in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
  say(`${'a month of'.padEnd(14)}${'rows read'.padStart(18)}${'ms'.padStart(16)}${'times'.padStart(9)}`)
  let isGood = true
  for (const question of QUESTIONS) {
    const all: Figures[][] = [[], []]
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, group] of household.groups.entries())
        all[i]?.push(
          await ask(client, household.token, `/api/analytics/${question}/?group_id=${group}&date_from=2024-02-01&date_to=2024-02-29`),
        )
    const [few, many] = all.map((figures) => ({ rows: median(figures.map((f) => f.rows)), ms: median(figures.map((f) => f.ms)) }))
    const times = (many?.ms ?? 0) / (few?.ms ?? 1)
    isGood &&= (many?.rows ?? 0) <= MOST_ROWS && times <= MOST_TIMES
    say(
      `${question.padEnd(14)}${`${few?.rows} / ${many?.rows}`.padStart(18)}${`${few?.ms.toFixed(2)} / ${many?.ms.toFixed(2)}`.padStart(16)}${times.toFixed(2).padStart(9)}`,
    )
  }
  return isGood
}
