// The settlements and plans that the examples in the API reference are about.
import { EXAMPLE_IDS } from './examples.ts'

const [JOHN, JANE] = EXAMPLE_IDS.users
const payer = { id: JOHN, name: 'John Doe' }
const payee = { id: JANE, name: 'Jane Smith' }
const currency = { code: 'USD', symbol: '$' }

export const EXAMPLE_SETTLEMENT = {
  id: 'stl_01hm4z9v90f1a2b3c4d5e6f7g8',
  payer,
  payee,
  amount: '45.67',
  paid_amount: '0.00',
  remaining_amount: '45.67',
  reported_amount: '0.00',
  currency,
  group: { id: EXAMPLE_IDS.group, name: 'Roommates' },
  status: 'pending',
  method: 'manual',
  description: 'Settlement for January expenses',
  due_date: '2024-01-31',
  plan_id: null,
  payments: [],
  dispute: null,
  created_by: payer,
  created_at: '2024-01-15T10:30:00.000Z',
  updated_at: '2024-01-15T10:30:00.000Z',
  completed_at: null,
  version: 18,
}

export const EXAMPLE_PLAN = {
  id: 'pln_01hm4z9v90f1a2b3c4d5e6f7g7',
  group_id: EXAMPLE_IDS.group,
  mode: 'minimal',
  hub: null,
  households: [],
  seq: 17,
  is_optimal: true,
  is_stale: false,
  is_done: false,
  differences: [],
  steps: [
    {
      settlement_id: EXAMPLE_SETTLEMENT.id,
      from: payer,
      to: payee,
      amount: '45.67',
      currency,
      is_internal: false,
      status: 'pending',
      paid_amount: '0.00',
    },
  ],
  created_by: payer,
  created_at: '2024-01-15T10:30:00.000Z',
  version: 18,
}

export const EXAMPLE_METHOD = {
  id: 'pm_01hm4z9v90f1a2b3c4d5e6f7g9',
  method_type: 'stripe',
  name: 'Visa ending in 4242',
  details: { brand: 'Visa', last4: '4242', exp_month: 12, exp_year: 2025 },
  is_default: true,
  is_verified: true,
  created_at: '2024-01-01T00:00:00.000Z',
  updated_at: '2024-01-01T00:00:00.000Z',
}

export const EXAMPLE_PAYMENT = {
  id: 'pay_01hm4z9v90f1a2b3c4d5e6f7g9',
  settlement_id: EXAMPLE_SETTLEMENT.id,
  group_id: EXAMPLE_IDS.group,
  payment_method_id: EXAMPLE_METHOD.id,
  amount: '45.67',
  refunded_amount: '0.00',
  currency,
  status: 'completed',
  is_refund_pending: false,
  external_transaction_id: 'ch_1234567890',
  error: null,
  processed_at: '2024-01-15T10:30:00.000Z',
  created_at: '2024-01-15T10:30:00.000Z',
  updated_at: '2024-01-15T10:30:00.000Z',
}
