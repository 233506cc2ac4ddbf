// A notification: what one person is told, whatever the channel.
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

export interface Notification {
  readonly id: Id<'notification'>
  readonly userId: Id<'user'>
  readonly type: string
  readonly priority: Priority
  readonly title: string
  readonly message: string
  /** Who caused it; absent where the system speaks. */
  readonly sender?: { readonly id: string; readonly name: string }
  readonly metadata: Readonly<Record<string, string | number>>
  readonly actionUrl?: string
  readonly groupId?: Id<'group'>
  readonly seq?: number
  readonly createdAt: Timestamp
  readonly readAt?: Timestamp
}
