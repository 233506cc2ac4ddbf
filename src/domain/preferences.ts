// What a person wants to be told of, on which channels, how often and when not. Only what they said is stored;
// the rest follows the table of types, so a default that changes holds for all who never chose.
import type { WallTime } from './calendar.ts'
import type { Channel, Frequency, OutwardChannel } from './channels.ts'
import { NOTIFICATION_TYPES, TYPES, type Kind, type NotificationType } from './notification.ts'
import { isZone } from './time.ts'
import type { UserSettings } from './user.ts'

interface TypePreference {
  readonly enabled: boolean
  readonly channels: readonly Channel[]
  readonly frequency: Frequency
}

/** From one time of day to another, over midnight where the end comes before the start; both the same means never. */
export interface QuietHours {
  readonly enabled: boolean
  readonly start: WallTime
  readonly end: WallTime
  readonly timezone: string
}

/** What somebody has said, as it is stored. Whether mail and push are wanted stands in the settings of the account. */
export interface SaidPreferences {
  readonly sms?: boolean
  readonly whatsapp?: boolean
  readonly types?: { readonly [T in NotificationType]?: Partial<TypePreference> }
  readonly quietHours?: Partial<QuietHours>
}

export interface Preferences {
  /** The switch of each channel as a whole. */
  readonly isOn: Readonly<Record<OutwardChannel, boolean>>
  readonly types: Readonly<Record<NotificationType, TypePreference>>
  readonly quietHours: QuietHours
  /** Where the person's days begin: what is gathered for a day or a week follows it. */
  readonly zone: string
  /** Nothing goes out at all. */
  readonly isMuted: boolean
  /** The address is proved to be theirs. */
  readonly isVerified: boolean
}

/** Whose preferences they are: what of the account counts. */
export interface Preferring {
  readonly settings: UserSettings
  readonly timezone: string
  readonly isVerified: boolean
}

/** The preferences that come of what was said, the account and the defaults. */
export function preferencesOf(said: SaidPreferences, { settings, timezone: home, isVerified }: Preferring): Preferences {
  // A zone that is not known (any more) keeps nobody from being told.
  const timezone = isZone(home) ? home : 'UTC'
  const { sms = false, whatsapp = false, types = {}, quietHours } = said
  const resolved = TYPES.map((type) => {
    const { channels, frequency, isAskedFor }: Kind = NOTIFICATION_TYPES[type]
    return [type, { enabled: isAskedFor !== true, channels, frequency, ...types[type] }] as const
  })
  return {
    isOn: { email: settings.emailNotifications, push: settings.pushNotifications, sms, whatsapp },
    types: Object.fromEntries(resolved) as unknown as Preferences['types'],
    quietHours: { enabled: false, start: '22:00', end: '08:00', timezone, ...quietHours },
    zone: timezone,
    isMuted: !settings.notificationsEnabled,
    isVerified,
  }
}

/** The channels on which the person is told of the type now. */
export function channelsFor({ isOn, types, isMuted, isVerified }: Preferences, type: NotificationType): readonly Channel[] {
  const { enabled, channels } = types[type]
  if (!enabled) return []
  return channels.filter((channel) => channel === 'in_app' || (!isMuted && isOn[channel] && (channel !== 'email' || isVerified)))
}
