// The people and the group of the document's examples, its dinner, and the shapes of what it shows.
import { expect } from 'vitest'
import { person, type Client } from './world.ts'

export const text = expect.any(String) as string
export const instant = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string
export const idOf = (prefix: string): string => expect.stringMatching(new RegExp(`^${prefix}_[0-9a-z]{26}$`)) as string
export const USD = { code: 'USD', symbol: '$' }

let count = 0
/** An address that no other test has, in the place of the document's. */
export const address = (local: string): string => `${local}.${(count += 1)}@example.com`

interface Team {
  readonly id: string
  readonly john: Client
  readonly jane: Client
  readonly bob: Client
  readonly amy: Client
  readonly food: string
}

/** The people and the group that the document's expenses are about. */
export async function team(): Promise<Team> {
  const [john, jane, bob, amy] = await Promise.all([
    person('John', { last_name: 'Doe' }),
    person('Jane', { last_name: 'Smith' }),
    person('Bob', { last_name: 'Wilson' }),
    person('Amy'),
  ])
  const { body } = await john.post('/api/groups/', {
    name: 'Project Team',
    currency: 'USD',
    initial_members: [jane.email, bob.email, amy.email],
  })
  const categories = await john.get('/api/categories/?page_size=100')
  return { id: body.data.id, john, jane, bob, amy, food: categories.body.data.find((c: { name: string }) => c.name === 'Food & Dining').id }
}

export const dinner = ({ id, john, jane, bob, amy, food }: Team) => ({
  title: 'Dinner at Italian Restaurant',
  description: 'Team dinner after project completion',
  amount: '250.00',
  currency: 'USD',
  category_id: food,
  expense_type: 'group',
  group_id: id,
  expense_date: '2024-01-14',
  split_type: 'equal',
  split_data: { participants: [john.id, jane.id, bob.id, amy.id] },
  tags: ['dinner', 'team-event'],
  vendor: "Luigi's Restaurant",
  location: '123 Main St, New York',
})

/** The expense as lists and replies show it. */
export const shownDinner = ({ id, john, jane, bob, amy, food }: Team) => ({
  ...{
    id: idOf('exp'),
    title: 'Dinner at Italian Restaurant',
    description: 'Team dinner after project completion',
    amount: '250.00',
    currency: USD,
  },
  category: { id: food, name: 'Food & Dining', icon: 'restaurant', color: '#FF6B6B' },
  ...{
    expense_type: 'group',
    group: { id, name: 'Project Team' },
    paid_by: { id: john.id, name: 'John Doe', avatar: null },
    expense_date: '2024-01-14',
    split_type: 'equal',
  },
  participants: [
    // Who paid owes nothing for it, so their own part is settled.
    { user_id: john.id, name: 'John Doe', share: '62.50', is_settled: true },
    { user_id: jane.id, name: 'Jane Smith', share: '62.50', is_settled: false },
    { user_id: bob.id, name: 'Bob Wilson', share: '62.50', is_settled: false },
    { user_id: amy.id, name: 'Amy Test', share: '62.50', is_settled: false },
  ],
  ...{
    receipt: null,
    tags: ['dinner', 'team-event'],
    vendor: "Luigi's Restaurant",
    location: '123 Main St, New York',
    is_settled: false,
    created_at: instant,
    updated_at: instant,
  },
})
