// What the reference says of the events that webhooks bring: the shapes are those that the words are made of.
import { z } from 'zod'
import type { EventName } from '../domain/events.ts'
import { instantOut } from '../http/fields.ts'
import type { WebhookEvent } from '../http/openapi-webhooks.ts'
import { EXAMPLE_EXPENSE, EXAMPLE_IDS } from './examples.ts'
import { ExpenseOut } from './expense-shapes.ts'
import { EXAMPLE_RECEIPT } from './examples-receipts.ts'
import { EXAMPLE_SETTLEMENT } from './examples-payments.ts'
import { ReceiptOut } from './receipt-shapes.ts'
import { MemberOut } from './group-shapes.ts'
import { SettlementOut } from './settlement-shapes.ts'

const metadata = {
  webhook_id: z.string(),
  api_version: z.literal('1.0'),
  delivery_id: z.string().meta({ description: 'What the header webhook-id says too' }),
}
const Metadata = z.object({ ...metadata, group_id: z.string(), seq: z.int() }).meta({ id: 'WebhookMetadata' })
const TestMetadata = z.object({ ...metadata, group_id: z.null(), seq: z.null() })

const payload = (event: EventName, data: z.ZodType, about: z.ZodType = Metadata) =>
  z.object({
    event: z.literal(event),
    timestamp: instantOut.meta({ description: 'When it happened, however late it is told' }),
    data,
    metadata: about,
  })

const entry = { group_id: z.string(), seq: z.int() }
const ExpenseData = z.object({ ...entry, expense_id: z.string(), expense: ExpenseOut }).meta({ id: 'WebhookExpense' })
const PaymentData = z.object({ ...entry, settlement_id: z.string(), settlement: SettlementOut }).meta({ id: 'WebhookSettlement' })
const ReceiptData = z.object({ ...entry, receipt_id: z.string(), receipt: ReceiptOut }).meta({ id: 'WebhookReceipt' })
const JoinedData = z.object({ ...entry, member: MemberOut }).meta({ id: 'WebhookMemberJoined' })
const LeftData = z.object({ ...entry, member: MemberOut, reason: z.enum(['left', 'removed']) }).meta({ id: 'WebhookMemberLeft' })

const about = { group_id: EXAMPLE_IDS.group, seq: 17 }
const IDS = { webhook_id: 'wh_01jd3k5m7n9pqrstvwxyz01234', api_version: '1.0', delivery_id: 'dlv_5hsc5v1kfh81a9z3n2r0m4t6ya' }
const example = (event: EventName, data: unknown, place: object = about) => ({
  event,
  timestamp: '2024-01-15T10:30:00.000Z',
  data,
  metadata: { ...IDS, ...place },
})
const EXPENSE = { ...about, expense_id: EXAMPLE_IDS.expense, expense: EXAMPLE_EXPENSE }
const PAYMENT = { ...about, settlement_id: EXAMPLE_SETTLEMENT.id, settlement: EXAMPLE_SETTLEMENT }
const JANE = {
  id: EXAMPLE_IDS.member,
  user: { id: EXAMPLE_IDS.users[1], name: 'Jane Smith', avatar: null, email: 'jane@example.com' },
  is_guest: false,
  role: 'member',
  joined_at: '2024-01-15T10:30:00.000Z',
  invited_by: { id: EXAMPLE_IDS.users[0], name: 'John Doe' },
}
const JOINED = { ...about, member: { ...JANE, status: 'active' } }
const LEFT = { ...about, member: { ...JANE, status: 'left' }, reason: 'left' }

const row = (name: EventName, summary: string, description: string, schema: z.ZodType, value: unknown): WebhookEvent => ({
  name,
  summary,
  description,
  schema,
  example: value,
})
const expenseRow = (name: EventName, summary: string, description: string): WebhookEvent =>
  row(name, summary, description, payload(name, ExpenseData), example(name, EXPENSE))

const paymentRow = (name: EventName, summary: string, description: string): WebhookEvent =>
  row(name, summary, description, payload(name, PaymentData), example(name, PAYMENT))

/** Every event that is sent today, in the order of the reference. */
export const WEBHOOK_EVENTS: readonly WebhookEvent[] = [
  expenseRow('expense.created', 'An expense was recorded', 'The expense as it is after the entry.'),
  expenseRow(
    'expense.updated',
    'An expense was changed',
    'Edited, split anew, restored, approved, rejected, claimed, reconciled, or given a receipt.',
  ),
  expenseRow('expense.deleted', 'An expense was deleted', 'The expense as it was, with deleted_at.'),
  paymentRow('settlement.created', 'A payment was asked for', 'By one of its sides, or as a step of a plan.'),
  paymentRow('settlement.completed', 'A settlement is paid', 'All of it, whoever said so.'),
  paymentRow('payment.completed', 'Money moved', 'For a settlement or a part of it; the last of its payments is the one.'),
  paymentRow('payment.failed', 'A payment did not go through', 'The provider declined it; the settlement is open again.'),
  row(
    'receipt.processed',
    'A receipt has been read',
    'Or could not be: ocr_status tells, and ocr_error why.',
    payload('receipt.processed', ReceiptData),
    example('receipt.processed', { ...about, receipt_id: EXAMPLE_RECEIPT.id, receipt: EXAMPLE_RECEIPT }),
  ),
  row(
    'group.member_joined',
    'Somebody came into a group',
    'Added, joined by code, or accepted an invitation; also whom a group began with, besides its founder.',
    payload('group.member_joined', JoinedData),
    example('group.member_joined', JOINED),
  ),
  row(
    'group.member_left',
    'Somebody left a group',
    'By themselves or removed. Who is gone still gets this event, and none after it.',
    payload('group.member_left', LeftData),
    example('group.member_left', LEFT),
  ),
  row(
    'webhook.test',
    'You asked for a test',
    'Sent once by the test operation; no webhook needs to ask for it.',
    payload('webhook.test', z.object({ message: z.string() }).meta({ id: 'WebhookTest' }), TestMetadata),
    example('webhook.test', { message: 'This is a test of your webhook.' }, { group_id: null, seq: null }),
  ),
]
