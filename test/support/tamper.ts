// What somebody with the keys to the database could do: any column of any row, past the triggers.
import { expect } from 'vitest'
import { env } from './env.ts'

export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** Does something while no trigger watches. */
export async function unwatched<T>(work: () => Promise<T>): Promise<T> {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all<{
    name: string
    sql: string
  }>()
  for (const { name } of results) await env.DB.prepare(`DROP TRIGGER ${name}`).run()
  try {
    return await work()
  } finally {
    for (const { sql } of results) await env.DB.prepare(sql).run()
  }
}

export async function change(text: string, params: readonly Value[], times = 1): Promise<void> {
  const { results } = await env.DB.prepare(`${text} RETURNING 1`)
    .bind(...params)
    .all()
  expect(results).toHaveLength(times)
}

const isRow = (row: Row): string =>
  Object.keys(row)
    .map((column) => `${column} IS ?`)
    .join(' AND ')

/** Puts one row in the place of another. */
export async function replaceRow(table: string, before: Row, after: Row): Promise<void> {
  const set = Object.keys(after).map((column) => `${column} = ?`)
  await change(`UPDATE ${table} SET ${set.join(', ')} WHERE ${isRow(before)}`, [...Object.values(after), ...Object.values(before)])
}

export const deleteRow = (table: string, row: Row): Promise<void> => change(`DELETE FROM ${table} WHERE ${isRow(row)}`, Object.values(row))

export const insertRow = (table: string, row: Row): Promise<void> =>
  change(
    `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
      .map(() => '?')
      .join(', ')})`,
    Object.values(row),
  )

/** The value with one bit of one character flipped; of what is absent, something. */
export function flipped(value: Value, place = 0.5): Value {
  if (value === null) return 1
  if (typeof value === 'number') return value + 1000
  if (value === '') return 'x'
  const at = Math.min(value.length - 1, Math.floor(value.length * place))
  return value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1)
}

export async function columnsOf(table: string): Promise<string[]> {
  const { results } = await env.DB.prepare(`PRAGMA table_info(${table})`).all<{ name: string }>()
  expect(results.length).toBeGreaterThan(0)
  return results.map((column) => column.name)
}
