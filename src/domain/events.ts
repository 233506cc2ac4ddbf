// What happens in groups, by the names that those outside know it by.
/** The events that can be asked for. Those of features to come are added with them. */
export const EVENTS = [
  'expense.created',
  'expense.updated',
  'expense.deleted',
  'payment.completed',
  'payment.failed',
  'settlement.created',
  'settlement.completed',
  'receipt.processed',
  'group.member_joined',
  'group.member_left',
] as const
export type EventName = (typeof EVENTS)[number] | 'webhook.test'
