import type { Currency } from './currency.ts'
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

/** Who someone is to others, as they wrote it themselves. */
export interface UserProfile {
  readonly occupation?: string
  readonly company?: string
  readonly country?: string
  readonly city?: string
}

export interface UserSettings {
  readonly notificationsEnabled: boolean
  readonly emailNotifications: boolean
  readonly pushNotifications: boolean
}

export const DEFAULT_SETTINGS: UserSettings = {
  notificationsEnabled: true,
  emailNotifications: true,
  pushNotifications: false,
}

/** What the rate limits of the account are read from. */
export type Tier = 'standard' | 'premium'

/** The name shown to others: first and last name, or the username where both are empty. */
export const displayName = (user: { firstName: string; lastName: string; username: string }): string =>
  `${user.firstName} ${user.lastName}`.trim() || user.username

/** An account as the product sees it; the hash of its password never leaves the database room. */
export interface User {
  readonly id: Id<'user'>
  readonly email: string
  readonly username: string
  readonly firstName: string
  readonly lastName: string
  readonly bio: string
  readonly avatarKey: string | null
  readonly preferredCurrency: Currency
  readonly timezone: string
  readonly profile: UserProfile
  readonly settings: UserSettings
  readonly tier: Tier
  readonly isVerified: boolean
  readonly personalGroupId: Id<'group'>
  readonly version: number
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly deactivatedAt: Timestamp | null
}
