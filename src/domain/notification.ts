// A notification: what one person is told, whatever the channel. The table says of each type how much it matters
// and how people hear of it until they say otherwise.
import type { Id } from './ids.ts'
import type { Channel, Frequency } from './channels.ts'
import type { Timestamp } from './time.ts'

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

export interface Kind {
  readonly priority: Priority
  readonly channels: readonly Channel[]
  readonly frequency: Frequency
  /** Nobody is told of it until they ask to be. */
  readonly isAskedFor?: true
}

const kind = (priority: Priority, channels: readonly Channel[], frequency: Frequency = 'immediate'): Kind => ({
  priority,
  channels,
  frequency,
})

/** Every type, in the order in which preferences list them. */
export const NOTIFICATION_TYPES = {
  expense_added: kind('normal', ['email', 'in_app']),
  expense_updated: kind('normal', ['in_app']),
  expense_deleted: kind('normal', ['in_app']),
  expense_commented: kind('normal', ['push', 'in_app']),
  approval_requested: kind('high', ['email', 'push', 'in_app']),
  expense_approved: kind('normal', ['push', 'in_app']),
  expense_rejected: kind('high', ['email', 'push', 'in_app']),
  // The invitation itself goes to the same address by mail.
  group_invitation: kind('high', ['push', 'in_app']),
  group_added: kind('normal', ['email', 'push', 'in_app']),
  member_joined: kind('low', ['in_app']),
  member_left: kind('low', ['in_app']),
  member_removed: kind('high', ['email', 'push', 'in_app']),
  role_changed: kind('normal', ['push', 'in_app']),
  settlement_requested: kind('normal', ['email', 'push', 'in_app']),
  payment_reported: kind('normal', ['email', 'push', 'in_app']),
  payment_received: kind('normal', ['email', 'push', 'in_app']),
  payment_failed: kind('high', ['email', 'push', 'in_app']),
  settlement_disputed: kind('high', ['email', 'push', 'in_app']),
  settlement_closed: kind('low', ['in_app']),
  payment_due: kind('normal', ['email', 'push', 'in_app'], 'daily'),
  payment_overdue: kind('urgent', ['email', 'push', 'in_app']),
  balance_reminder: kind('normal', ['email', 'push', 'in_app']),
  invitation_expiring: kind('normal', ['email', 'in_app']),
  scheduled_report: kind('normal', ['email', 'in_app']),
  webhook_disabled: kind('high', ['email', 'in_app']),
  monthly_statement: { ...kind('low', ['email', 'in_app']), isAskedFor: true },
} satisfies Record<string, Kind>

export type NotificationType = keyof typeof NOTIFICATION_TYPES

export const TYPES = Object.keys(NOTIFICATION_TYPES) as readonly NotificationType[]

export interface Notification {
  readonly id: Id<'notification'>
  readonly userId: Id<'user'>
  readonly type: NotificationType
  readonly priority: Priority
  readonly title: string
  readonly message: string
  /** Who caused it; absent where the system speaks. */
  readonly sender?: { readonly id: string; readonly name: string }
  /** Beside the ids, `group_name` where it is about a group. */
  readonly metadata: Readonly<Record<string, string | number>>
  readonly actionUrl?: string
  readonly groupId?: Id<'group'>
  readonly seq?: number
  readonly createdAt: Timestamp
  readonly readAt?: Timestamp
}

/** So many are told in full in one message; of the others it says how many they are. */
const MOST_TOLD = 5

/** One short message for all of them, in their order: `3 new in Roommates`, and what they say line by line. */
export function gather(notifications: readonly Notification[]): { readonly title: string; readonly text: string } {
  const [first, ...others] = notifications
  if (first !== undefined && others.length === 0) return { title: first.title, text: first.message }
  const groups = new Set(notifications.map(({ metadata }) => metadata['group_name']))
  const [name] = groups
  const where = groups.size === 1 && name !== undefined ? ` in ${name}` : ''
  const lines = notifications.slice(0, MOST_TOLD).map(({ message }) => message)
  const rest = notifications.length - lines.length
  return { title: `${notifications.length} new${where}`, text: [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n') }
}
