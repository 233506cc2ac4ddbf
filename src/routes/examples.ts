// The people and things that the examples in the API reference are about.

export const EXAMPLE_IDS = {
  users: [
    'usr_01hm4z9v8qfs6tqkz5m3n7x2ab',
    'usr_01hm4z9v8rf9e8w5x4v3t2s1cd',
    'usr_01hm4z9v8seg7h6j5k4m3n2pef',
    'usr_01hm4z9v8tft6v5w4x3y2z1agh',
  ],
  member: 'mem_01hm4z9v8vfr8s7t6v5w4x3y2z',
  group: 'grp_01hm4z9v8wfm1n2p3q4r5s6t7v',
  expense: 'exp_01hm4z9v8xf1a2b3c4d5e6f7g8',
  category: 'cat_00000000000000000000000101',
} as const

const [JOHN, JANE] = EXAMPLE_IDS.users
const share = (user_id: string, name: string, is_settled: boolean, amount = '125.00') => ({
  id: `shr_01hm4z9v8xf1a2b3c4d5e6f7g8${user_id.slice(4)}`,
  user_id,
  user: { id: user_id, name, avatar: null },
  amount,
  is_settled,
  settled_at: is_settled ? '2024-01-14T19:30:00.000Z' : null,
})

export const EXAMPLE_LINE = {
  id: EXAMPLE_IDS.expense,
  kind: 'expense',
  title: 'Dinner at Italian Restaurant',
  description: 'Team dinner after project completion',
  amount: '250.00',
  currency: { code: 'USD', symbol: '$' },
  category: { id: EXAMPLE_IDS.category, name: 'Restaurants', icon: 'restaurant', color: '#FF6B6B' },
  categories: [{ id: EXAMPLE_IDS.category, name: 'Restaurants', icon: 'restaurant', color: '#FF6B6B' }],
  expense_type: 'group',
  group: { id: EXAMPLE_IDS.group, name: 'Project Team' },
  paid_by: { id: JOHN, name: 'John Doe', avatar: null },
  payers: [{ user_id: JOHN, name: 'John Doe', amount: '250.00' }],
  expense_date: '2024-01-14',
  expense_time: null,
  split_type: 'equal',
  participants: [
    { user_id: JOHN, name: 'John Doe', share: '125.00', is_settled: true },
    { user_id: JANE, name: 'Jane Smith', share: '125.00', is_settled: false },
  ],
  receipt: null,
  tags: ['dinner', 'team-event'],
  vendor: "Luigi's Restaurant",
  location: '123 Main St, New York',
  exchange_rate: null,
  status: 'posted',
  is_settled: false,
  reconciled_at: null,
  version: 17,
  created_at: '2024-01-14T19:30:00.000Z',
  updated_at: '2024-01-14T19:30:00.000Z',
  deleted_at: null,
} as const

const [, , BOB] = EXAMPLE_IDS.users
const person = (id: string, name: string) => ({ id, name, avatar: null })

export const EXAMPLE_COMMENT = {
  id: 'cmt_01hm4z9v8zf1a2b3c4d5e6f7g8',
  user: person(BOB, 'Bob Wilson'),
  comment: "Thanks for covering this! I'll settle up tomorrow.",
  created_at: '2024-01-15T10:30:00.000Z',
} as const

export const EXAMPLE_EXPENSE = { ...EXAMPLE_LINE, shares: [share(JOHN, 'John Doe', true), share(JANE, 'Jane Smith', false)] } as const

export const EXAMPLE_EXPENSE_DETAIL = {
  ...EXAMPLE_EXPENSE,
  currency: { ...EXAMPLE_EXPENSE.currency, exchange_rate_to_usd: '1.00' },
  split_data: { participants: [JOHN, JANE] },
  comments: [EXAMPLE_COMMENT],
  activity: [{ type: 'created', user: 'John Doe', timestamp: '2024-01-14T19:30:00.000Z' }],
  attachments: [],
} as const

export const EXAMPLE_SHARES = {
  shares: [
    { ...share(JOHN, 'John Doe', false, '100.00'), percentage: 40 },
    { ...share(JANE, 'Jane Smith', false, '75.00'), percentage: 30 },
    { ...share(BOB, 'Bob Wilson', false, '75.00'), percentage: 30 },
  ],
  version: 18,
} as const

/** What a line of the list of groups and a group's own page have in common. */
export const EXAMPLE_GROUP_FACTS = {
  id: EXAMPLE_IDS.group,
  name: 'Europe Trip 2024',
  description: 'Summer vacation to Europe',
  group_type: 'trip',
  image: null,
  currency: { code: 'EUR', symbol: '€' },
  is_private: false,
  is_active: true,
  invite_code: 'EURO-7KQ2MXW9PD',
  member_count: 3,
  created_at: '2024-01-15T10:30:00.000Z',
  version: 1,
} as const

export const EXAMPLE_GROUP = {
  ...EXAMPLE_GROUP_FACTS,
  settings: {
    simplify_debts: true,
    require_approval: false,
    approval_threshold: null,
    auto_reminder: true,
    trust_payers: true,
    currencies: 'converted',
  },
  statistics: {
    total_expenses: '4567.89',
    settled_amount: '4333.33',
    unsettled_amount: '234.56',
    expense_count: 156,
    active_members: 3,
    created_at: '2024-01-15T10:30:00.000Z',
  },
  seq: 170,
} as const
