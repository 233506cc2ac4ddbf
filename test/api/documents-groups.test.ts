// The examples of the document for groups, sent as they stand there; only ids are real ones. What it shows of each
// reply is in the reply, with the values that it computes.
import { describe, expect, test } from 'vitest'
import { address, idOf, instant, text } from '../support/team.ts'
import { person } from '../support/world.ts'

describe('Group API', () => {
  test('1 to 4: create, list, read and update', async () => {
    const [ann, known] = await Promise.all([person('ann'), person('user')])
    const trip = {
      name: 'Europe Trip 2024',
      description: 'Summer vacation to Europe',
      group_type: 'trip',
      currency: 'EUR',
      is_private: false,
    }
    const created = await ann.post('/api/groups/', { ...trip, initial_members: [known.email, address('friend')] })
    const EUR = { code: 'EUR', symbol: '€' }
    expect([created.status, created.body.data]).toMatchObject([
      201,
      { id: idOf('grp'), ...trip, currency: EUR, invite_code: text, member_count: 3, created_at: instant },
    ])
    const { id, invite_code } = created.body.data
    const listed = await ann.get('/api/groups/?is_active=true&group_type=trip&search=vacation')
    expect([listed.status, listed.body.data]).toMatchObject([
      200,
      [
        {
          id,
          ...trip,
          image: null,
          currency: EUR,
          member_count: 3,
          total_expenses: '0.00',
          unsettled_amount: '0.00',
          my_balance: '0.00',
          invite_code,
          is_admin: true,
          created_at: instant,
        },
      ],
    ])
    const read = await ann.get(`/api/groups/${id}/`)
    expect(read.body.data).toMatchObject({
      ...{
        id,
        ...trip,
        image: null,
        currency: EUR,
        invite_code,
        settings: { simplify_debts: true, require_approval: false, auto_reminder: true },
      },
      statistics: {
        total_expenses: '0.00',
        settled_amount: '0.00',
        unsettled_amount: '0.00',
        expense_count: 0,
        active_members: 3,
        created_at: instant,
      },
    })
    const change = { name: 'Apartment 2B', description: 'Updated description', settings: { simplify_debts: false } }
    const updated = await ann.patch(`/api/groups/${id}/`, change)
    expect([updated.status, updated.body.data]).toMatchObject([
      200,
      { id, ...change, group_type: 'trip', settings: { simplify_debts: false, auto_reminder: true } },
    ])
  })

  test('5 to 9: members, an invitation, leaving, balances, activity', async () => {
    const [john, jane] = await Promise.all([person('John', { last_name: 'Doe' }), person('Jane', { last_name: 'Smith' })])
    const made = await jane.post('/api/groups/', { name: 'Roommates', group_type: 'home', currency: 'USD', initial_members: [john.email] })
    const path = `/api/groups/${made.body.data.id}`
    const spent = await jane.post('/api/expenses/', {
      title: 'Groceries',
      amount: '45.67',
      group_id: made.body.data.id,
      split_type: 'exact',
      split_data: { [john.id]: '45.67' },
    })
    const [jn, je] = [
      { id: john.id, name: 'John Doe' },
      { id: jane.id, name: 'Jane Smith' },
    ]
    const members = await john.get(`${path}/members/`)
    expect([members.status, members.body.data[1]]).toMatchObject([
      200,
      {
        id: idOf('mem'),
        user: { ...jn, email: john.email, avatar: null },
        role: 'member',
        status: 'active',
        joined_at: instant,
        invited_by: je,
        balance: '-45.67',
        total_paid: '0.00',
        total_owed: '45.67',
      },
    ])
    const balances = await john.get(`${path}/balances/`)
    expect(balances.body.data).toMatchObject({
      balances: [
        { user: je, balance: '45.67', owes: [] },
        { user: jn, balance: '-45.67', owes: [{ to_user: je, amount: '45.67' }] },
      ],
      simplified_debts: [{ from: jn, to: je, amount: '45.67' }],
    })
    const email = address('newmember')
    const invited = await john.post(`${path}/invite/`, { email, message: 'Join our apartment expense group!' })
    expect([invited.status, invited.body.data]).toMatchObject([201, { invitation_id: idOf('inv'), email, expires_at: instant }])
    expect(Date.parse(invited.body.data.expires_at) - Date.now()).toBeGreaterThan(6.99 * 86_400_000)
    const activity = await john.get(`${path}/activity/`)
    expect(activity.body.data[1]).toMatchObject({
      id: text,
      type: 'expense_added',
      user: je,
      description: "Jane Smith added 'Groceries' expense of $45.67",
      metadata: { expense_id: spent.body.data.id, amount: '45.67' },
      created_at: instant,
    })
    await jane.delete(`/api/expenses/${spent.body.data.id}/`)
    const left = await john.post(`${path}/leave/`)
    expect([left.status, left.body]).toMatchObject([200, { status: 'success', message: 'Successfully left the group' }])
  })
})
