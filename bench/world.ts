// The people, groups and expenses that are measured on, made through the API like anyone's.
import type { Ask, Client } from './client.ts'
import { LANES } from './client.ts'

/** Four people and the groups that all of them are in; the first speaks. */
export interface Household {
  readonly token: string
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

export interface World {
  /** One group, which holds all the expenses. */
  readonly one: Household & { readonly group: string }
  /** A group for each lane, where nobody waits for anybody. */
  readonly many: Household
}

interface Registered {
  readonly user: { readonly id: string }
  readonly tokens: { readonly access: string }
}

const PASSWORD = 'SecurePassword123!'
const NAMES = ['Ann', 'Bob', 'Cem', 'Dia']

export async function makeHousehold(client: Client, surname: string, groups: number): Promise<Household> {
  const emails = NAMES.map((name) => `${name}.${surname}@bench.test`.toLowerCase())
  const people: Registered[] = []
  for (const [i, email] of emails.entries()) {
    people.push(
      await client.data<Registered>({
        method: 'POST',
        path: '/api/auth/register/',
        body: { email, password: PASSWORD, first_name: NAMES[i], last_name: surname },
      }),
    )
  }
  const token = people[0]?.tokens.access ?? ''
  const made: string[] = []
  for (let i = 0; i < groups; i++) {
    const { id } = await client.data<{ id: string }>({
      method: 'POST',
      path: '/api/groups/',
      token,
      body: { name: `Flat ${i}`, currency: 'EUR', initial_members: emails.slice(1) },
    })
    made.push(id)
  }
  return { token, users: people.map((p) => p.user.id), groups: made }
}

/** Enough for a page of each group. */
const FEW_EACH = 25

export async function makeWorld(client: Client): Promise<World> {
  const one = await makeHousehold(client, 'One', 1)
  const many = await makeHousehold(client, 'Many', LANES)
  await client.flood(LANES * FEW_EACH, (_, i) => newExpense(many, many.groups[i % LANES] ?? '', i))
  return { one: { ...one, group: one.groups[0] ?? '' }, many }
}

const TITLES = ['Groceries', 'Dinner at Luigi’s', 'Train tickets', 'Electricity', 'Cinema', 'Rent', 'Coffee and cake', 'Taxi home']

/** A four-way expense as a client would send it: split equally, paid by the members in turn, over three years of days. */
export function newExpense({ token, users }: Household, group: string, i: number): Ask {
  const day = new Date(Date.UTC(2024, 0, 1 + ((i * 7) % 1000))).toISOString().slice(0, 10)
  const body = {
    title: `${TITLES[i % TITLES.length]} ${i}`,
    description: 'Shared by everybody, as we said last week',
    amount: `${10 + (i % 90)}.${String(i % 100).padStart(2, '0')}`,
    currency: 'EUR',
    group_id: group,
    expense_date: day,
    split_type: 'equal',
    split_data: { participants: users },
    tags: ['shared'],
    vendor: 'Corner shop',
  }
  return { method: 'POST', path: '/api/expenses/', token, body }
}

export const expenseIdIn = (text: string): string => /"id":"(exp_\w+)"/.exec(text)?.[1] ?? ''

let unread = 0

/**
 * A page of a list that was never asked for, each time, so that nothing of it is kept: the rows behind the first page, under
 * another number of the page. Only the cursor says that number, and it changes nothing of the work.
 */
export async function unreadPages(client: Client, token: string, path: string): Promise<() => Ask> {
  const { text } = await client.ask({ method: 'GET', path, token })
  const { meta } = JSON.parse(text) as { meta: { pagination: { next_cursor: string } } }
  const place = JSON.parse(Buffer.from(meta.pagination.next_cursor, 'base64url').toString()) as object
  const cursor = (): string => Buffer.from(JSON.stringify({ ...place, page: 2 + unread++ })).toString('base64url')
  return () => ({ method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor()}`, token })
}

/** Brings the big group up to this many expenses. */
export async function fill(client: Client, world: World, from: number, to: number): Promise<void> {
  await client.flood(to - from, (_, i) => newExpense(world.one, world.one.group, from + i))
}
