// Notifications as the document spells them: in the list, and on a socket.
import { z } from 'zod'
import { PRIORITIES, TYPES, type Notification } from '../domain/notification.ts'
import { instant, instantOrNull, instantOut } from '../http/fields.ts'
import { EXAMPLE_IDS } from './examples.ts'

export const NotificationOut = z
  .object({
    id: z.string(),
    type: z.enum(TYPES),
    title: z.string(),
    message: z.string(),
    priority: z.enum(PRIORITIES),
    is_read: z.boolean(),
    read_at: instantOut.nullable(),
    sender: z.object({ id: z.string(), name: z.string() }).nullable().meta({ description: 'Who caused it; null where the system speaks' }),
    metadata: z.record(z.string(), z.union([z.string(), z.number()])).meta({ description: 'What it is about, by id' }),
    action_url: z.string().nullable().meta({ description: 'Where in an application it leads; null where there is nothing to see' }),
    created_at: instantOut,
  })
  .meta({ id: 'Notification' })

export const notificationOut = (n: Notification): z.input<typeof NotificationOut> => ({
  id: n.id,
  type: n.type,
  title: n.title,
  message: n.message,
  priority: n.priority,
  is_read: n.readAt !== undefined,
  read_at: instantOrNull(n.readAt),
  sender: n.sender ?? null,
  metadata: { ...n.metadata },
  action_url: n.actionUrl ?? null,
  created_at: instant(n.createdAt),
})

/** The message on a socket. */
export const NotificationMessageOut = z
  .object({ type: z.literal('notification'), data: NotificationOut })
  .meta({ id: 'NotificationMessage' })

export const EXAMPLE_NOTIFICATION: z.input<typeof NotificationOut> = {
  id: 'ntf_01hm4z9v91f1a2b3c4d5e6f7g8',
  type: 'expense_added',
  title: 'New expense in Roommates',
  message: "John Doe added 'Groceries' expense of $45.67",
  priority: 'normal',
  is_read: false,
  read_at: null,
  sender: { id: EXAMPLE_IDS.users[0], name: 'John Doe' },
  metadata: {
    expense_id: EXAMPLE_IDS.expense,
    group_id: EXAMPLE_IDS.group,
    group_name: 'Roommates',
    seq: 17,
    amount: '45.67',
    currency: 'USD',
  },
  action_url: `/expenses/${EXAMPLE_IDS.expense}`,
  created_at: '2024-01-15T10:30:00.000Z',
}
