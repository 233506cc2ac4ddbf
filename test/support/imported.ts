// Imports for tests: sent, committed and taken back the way clients do it, and what their groups look like then.
import { expect } from 'vitest'
import { rest } from './jobs.ts'
import { fileForm } from './picture.ts'
import { dataOf } from './scene.ts'
import type { Client } from './world.ts'

export interface Preview {
  readonly id: string
  readonly status: string
  readonly group_id: string
  readonly source: string
  readonly parts: string[] | null
  readonly is_ready: boolean
  readonly people: { ref: string; member: string | null; new_name: string | null; matched_by: string }[]
  readonly lines: Record<string, number>
  readonly checks: { is_met: boolean }[]
  readonly faults: { code: string; severity: string; column: string | null }[]
  readonly result: {
    expenses: number
    settlements: number
    skipped: number
    refused: number
    undone: { records: number; kept: number } | null
  } | null
  readonly error: string | null
  readonly job_id: string
}

/** The import with what would come of it beside it. */
type Shown = Omit<Preview, 'lines' | 'people'> & { readonly preview: Preview | null }
const flat = ({ preview, ...one }: Shown): Preview => ({ ...preview, ...one }) as Preview

export const stage = async (who: Client, text: string | Uint8Array<ArrayBuffer>, query = ''): Promise<Preview> =>
  flat(await dataOf<Shown>(who.post(`/api/imports/${query}`, fileForm('flat.csv', text))))
export const look = async (who: Client, id: string): Promise<Preview> => flat(await dataOf<Shown>(who.get(`/api/imports/${id}/`)))
export const change = async (who: Client, id: string, changes: object): Promise<Preview> =>
  flat(await dataOf<Shown>(who.patch(`/api/imports/${id}/`, changes)))

/** How many lines of the file are in that state now. */
export const countOf = async (who: Client, id: string, state: string): Promise<number> =>
  (await who.get(`/api/imports/${id}/lines/?state=${state}`)).body.meta.pagination.total_items

export async function followed(who: Client, id: string): Promise<Preview> {
  await rest()
  await expect.poll(async () => (await look(who, id)).status).not.toMatch(/ing$/)
  return look(who, id)
}

/** Stages, commits and waits; what was told of it before is beside what came of it. */
export async function brought(who: Client, text: string | Uint8Array<ArrayBuffer>, query = '', changes: object = {}): Promise<Preview> {
  const { id } = await stage(who, text, query)
  const told = await change(who, id, changes)
  const { status, body } = await who.post(`/api/imports/${id}/commit/`, { accept_faults: true })
  expect(status, JSON.stringify(body)).toBe(202)
  return { ...told, ...(await followed(who, id)) }
}

export async function undone(who: Client, id: string): Promise<Preview> {
  expect((await who.post(`/api/imports/${id}/undo/`)).status).toBe(202)
  return followed(who, id)
}

/** What each member is owed, by name and currency. */
export async function netsOf(who: Client, id: string): Promise<string[]> {
  const { balances } = await dataOf<{ balances: { user: { name: string }; currency: { code: string }; balance: string }[] }>(
    who.get(`/api/groups/${id}/balances/`),
  )
  return balances
    .filter(({ balance }) => Number(balance) !== 0)
    .map(({ user, currency, balance }) => `${user.name.split(' ')[0]} ${balance} ${currency.code}`)
    .sort()
}

export const titlesIn = async (who: Client, id: string): Promise<string[]> =>
  (await who.get(`/api/expenses/?group_id=${id}&page_size=100`)).body.data.map((one: { title: string }) => one.title).sort()

export const audited = async (who: Client, id: string): Promise<unknown> => (await who.get(`/api/groups/${id}/audit/`)).body.data.violations

/** Uneven splits, a payment, twins and two currencies, with the totals of each. */
export const SPLITWISE = `Date,Description,Category,Cost,Currency,ann,Bob,Cleo

2026-01-02,Dinner,Dining out,90.01,EUR,60.00,-30.01,-29.99
2026-01-03,Boat,General,1000.00,EUR,350.00,150.00,-500.00
2026-01-05,Cleo paid Ann,Payment,100.00,EUR,-100.00,0.00,100.00
2026-01-06,Sushi,Dining out,3001,JPY,-1001,-1000,2001
2026-01-06,Coffee,Dining out,4.00,EUR,2.00,-2.00,0.00
2026-01-06,Coffee,Dining out,4.00,EUR,2.00,-2.00,0.00

2026-01-07,Total balance, , ,EUR,314.00,115.99,-429.99
2026-01-07,Total balance, , ,JPY,-1001,-1000,2001
`

/** What its members are owed. */
export const NETS = ['Bob -1000 JPY', 'Bob 115.99 EUR', 'Cleo -429.99 EUR', 'Cleo 2001 JPY', 'ann -1001 JPY', 'ann 314.00 EUR']
