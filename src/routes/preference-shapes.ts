// What somebody wants to be told, as the document spells it.
import { z } from 'zod'
import type { WallTime } from '../domain/calendar.ts'
import { TYPES } from '../domain/notification.ts'
import { CHANNELS, FREQUENCIES } from '../domain/channels.ts'
import { type Preferences } from '../domain/preferences.ts'
import { zone } from '../http/fields.ts'
import type { PreferencesChange } from '../services/notifications.ts'

const enumOf = <T extends string>(names: readonly T[]) => z.enum(names, `Must be one of ${names.join(', ')}`)
const isUnique = (names: readonly string[]): boolean => new Set(names).size === names.length

const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time of day from 00:00 to 23:59, as HH:MM')
  .meta({ description: 'Time of day', example: '22:00' }) as unknown as z.ZodType<WallTime, string>

const type = enumOf(TYPES)
const channels = z
  .array(enumOf(CHANNELS))
  .min(1, 'Must name a channel; send enabled: false for none')
  .max(CHANNELS.length)
  .refine(isUnique, 'Must not name a channel twice')
const frequency = enumOf(FREQUENCIES).meta({ description: 'daily: at 09:00 your time; weekly: on Mondays at 09:00' })

export const PreferencesOut = z
  .object({
    email_enabled: z.boolean(),
    push_enabled: z.boolean(),
    sms_enabled: z.boolean(),
    whatsapp_enabled: z.boolean(),
    preferences: z.array(
      z.object({ type: z.enum(TYPES), enabled: z.boolean(), channels: z.array(z.enum(CHANNELS)), frequency: z.enum(FREQUENCIES) }),
    ),
    quiet_hours: z.object({ enabled: z.boolean(), start: z.string(), end: z.string(), timezone: z.string() }),
  })
  .meta({ id: 'NotificationPreferences' })

export const PreferencesIn = z.strictObject({
  email_enabled: z.boolean().optional(),
  push_enabled: z.boolean().optional(),
  sms_enabled: z.boolean().optional(),
  whatsapp_enabled: z.boolean().optional(),
  preferences: z
    .array(z.strictObject({ type, enabled: z.boolean().optional(), channels: channels.optional(), frequency: frequency.optional() }))
    .max(TYPES.length)
    .refine((all) => isUnique(all.map((one) => one.type)), 'Must not name a type twice')
    .optional(),
  quiet_hours: z
    .strictObject({
      enabled: z.boolean().optional(),
      start: wallTime.optional(),
      end: wallTime.optional(),
      timezone: zone.nullable().optional().meta({ description: 'null: that of your account' }),
    })
    .optional(),
})

/** The fields that were sent. */
const sent = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }

export function changeOf(body: z.output<typeof PreferencesIn>): PreferencesChange {
  const { email_enabled, push_enabled, sms_enabled: sms, whatsapp_enabled: whatsapp, preferences, quiet_hours } = body
  const types = preferences && Object.fromEntries(preferences.map(({ type: name, ...said }) => [name, sent(said)]))
  return {
    settings: sent({ emailNotifications: email_enabled, pushNotifications: push_enabled }),
    ...sent({ sms, whatsapp, types, quietHours: quiet_hours && sent(quiet_hours) }),
  }
}

export const preferencesOut = ({ isOn, types, quietHours }: Preferences): z.input<typeof PreferencesOut> => ({
  email_enabled: isOn.email,
  push_enabled: isOn.push,
  sms_enabled: isOn.sms,
  whatsapp_enabled: isOn.whatsapp,
  preferences: TYPES.map((name) => ({ type: name, ...types[name], channels: [...types[name].channels] })),
  quiet_hours: quietHours,
})

export const EXAMPLE_PREFERENCES: z.input<typeof PreferencesOut> = {
  email_enabled: true,
  push_enabled: false,
  sms_enabled: false,
  whatsapp_enabled: false,
  preferences: [
    { type: 'expense_added', enabled: true, channels: ['email', 'in_app'], frequency: 'immediate' },
    { type: 'payment_due', enabled: true, channels: ['email', 'push', 'in_app'], frequency: 'daily' },
  ],
  quiet_hours: { enabled: true, start: '22:00', end: '08:00', timezone: 'America/New_York' },
}
