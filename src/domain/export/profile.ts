// What an account says of its owner, for their export: what they told of themselves and chose. No password, key, token or hash
// is in it, and nothing that others said.
import type { Category } from '../categories.ts'
import type { Preferences } from '../preferences.ts'
import { isoOf } from '../time.ts'
import type { User } from '../user.ts'

const FORMAT = 'quits-profile'
const VERSION = 1

/** Where it lies in a ZIP. */
export const PROFILE_PATH = 'profile.json'

/** Whether the avatar is a picture elsewhere, that its owner named, and no file of ours. */
export const isElsewhere = (avatarKey: string): boolean => avatarKey.startsWith('https://')

/** The account as its owner may take it along; `categories` are those of their own. */
export function profileDocument(user: User, { isOn, types, quietHours }: Preferences, categories: readonly Category[]): object {
  return {
    format: FORMAT,
    version: VERSION,
    id: user.id,
    email: user.email,
    is_verified: user.isVerified,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    bio: user.bio,
    avatar: user.avatarKey !== null && isElsewhere(user.avatarKey) ? user.avatarKey : null,
    preferred_currency: user.preferredCurrency,
    timezone: user.timezone,
    profile: user.profile,
    settings: {
      notifications_enabled: user.settings.notificationsEnabled,
      email_notifications: user.settings.emailNotifications,
      push_notifications: user.settings.pushNotifications,
    },
    notifications: { sms_enabled: isOn.sms, whatsapp_enabled: isOn.whatsapp, types, quiet_hours: quietHours },
    categories: categories.map(({ id, name, icon, color, parentId, createdAt }) => ({
      id,
      name,
      icon,
      color,
      ...(parentId !== undefined && { parent_id: parentId }),
      ...(createdAt !== undefined && { created_at: isoOf(createdAt) }),
    })),
    created_at: isoOf(user.createdAt),
    updated_at: isoOf(user.updatedAt),
  }
}
