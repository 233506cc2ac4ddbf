// The caller's own account. Its version is its ETag, so a change can be made to hold only against what was read.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { formatMinor } from '../domain/money.ts'
import { amountOut, currency, instant, instantOrNull, instantOut, line, text, webAddress, zone } from '../http/fields.ts'
import { data, operation, user, type Operation } from '../http/operation.ts'
import { fileLink } from '../services/files.ts'
import { deactivateUser, getProfile, reactivateUser, updateProfile, type Profile, type ProfileChange } from '../services/users.ts'
import { username } from './account-fields.ts'
import { EXAMPLE_IDS } from './examples.ts'

const profileField = line(100, 1)

const SettingsOut = z
  .object({ notifications_enabled: z.boolean(), email_notifications: z.boolean(), push_notifications: z.boolean() })
  .meta({ id: 'UserSettings' })

const UserOut = z
  .object({
    id: z.string(),
    email: z.string(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    avatar: z.string().nullable().meta({ description: 'Signed link that expires' }),
    bio: z.string(),
    preferred_currency: z.string(),
    timezone: z.string(),
    is_verified: z.boolean(),
    is_active: z.boolean().meta({ description: 'false: deactivated, and good for looking and reactivating only' }),
    deactivated_at: instantOut.nullable(),
    profile: z
      .object({
        occupation: z.string().nullable(),
        company: z.string().nullable(),
        country: z.string().nullable(),
        city: z.string().nullable(),
        total_expenses: amountOut.meta({ description: 'Your own shares in the groups that are kept in your preferred currency' }),
        expense_count: z.int().meta({ description: 'Expenses in the groups that you are in' }),
        group_count: z.int().meta({ description: 'Groups that you are in, your personal one not counted' }),
      })
      .meta({ id: 'UserProfile' }),
    settings: SettingsOut,
    created_at: instantOut,
    updated_at: instantOut,
    version: z.int().meta({ description: 'The ETag as a number' }),
  })
  .meta({ id: 'User' })

const PatchBody = z.strictObject({
  first_name: line(60, 1).optional(),
  last_name: line(60).optional(),
  username: username.optional(),
  bio: text(1000).optional(),
  avatar: webAddress.nullable().optional().meta({ description: 'A picture elsewhere, or null for none. To send a file, upload it.' }),
  preferred_currency: currency.optional(),
  timezone: zone.optional(),
  profile: z
    .strictObject({
      occupation: profileField.nullable().optional(),
      company: profileField.nullable().optional(),
      country: profileField.nullable().optional(),
      city: profileField.nullable().optional(),
    })
    .optional(),
  settings: z
    .strictObject({
      notifications_enabled: z.boolean().optional(),
      email_notifications: z.boolean().optional(),
      push_notifications: z.boolean().optional(),
    })
    .optional(),
})

function userOut(ctx: Ctx, { user: u, stats }: Profile): z.input<typeof UserOut> {
  const { occupation = null, company = null, country = null, city = null } = u.profile
  return {
    id: u.id,
    email: u.email,
    username: u.username,
    first_name: u.firstName,
    last_name: u.lastName,
    avatar: u.avatarKey === null ? null : fileLink(ctx, u.avatarKey),
    bio: u.bio,
    preferred_currency: u.preferredCurrency,
    timezone: u.timezone,
    is_verified: u.isVerified,
    is_active: u.deactivatedAt === null,
    deactivated_at: instantOrNull(u.deactivatedAt),
    profile: {
      occupation,
      company,
      country,
      city,
      total_expenses: formatMinor(stats.owedMinor, u.preferredCurrency),
      expense_count: stats.expenseCount,
      group_count: stats.groupCount,
    },
    settings: {
      notifications_enabled: u.settings.notificationsEnabled,
      email_notifications: u.settings.emailNotifications,
      push_notifications: u.settings.pushNotifications,
    },
    created_at: instant(u.createdAt),
    updated_at: instant(u.updatedAt),
    version: u.version,
  }
}

const changeOf = ({ first_name, last_name, preferred_currency, settings, avatar, ...same }: z.output<typeof PatchBody>): ProfileChange => ({
  ...same,
  firstName: first_name,
  lastName: last_name,
  preferredCurrency: preferred_currency,
  avatarUrl: avatar,
  settings: settings && {
    notificationsEnabled: settings.notifications_enabled,
    emailNotifications: settings.email_notifications,
    pushNotifications: settings.push_notifications,
  },
})

const EXAMPLE: z.input<typeof UserOut> = {
  id: EXAMPLE_IDS.users[0],
  email: 'user@example.com',
  username: 'johndoe',
  first_name: 'John',
  last_name: 'Doe',
  avatar: null,
  bio: 'Software developer and travel enthusiast',
  preferred_currency: 'USD',
  timezone: 'America/New_York',
  is_verified: true,
  is_active: true,
  deactivated_at: null,
  profile: {
    occupation: 'Software Developer',
    company: 'Tech Corp',
    country: 'United States',
    city: 'New York',
    total_expenses: '5432.10',
    expense_count: 234,
    group_count: 5,
  },
  settings: { notifications_enabled: true, email_notifications: true, push_notifications: false },
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:00.000Z',
  version: 1,
}

export const users: readonly Operation[] = [
  operation({
    id: 'getProfile',
    on: 'GET /api/users/me/',
    summary: 'Read your account',
    description:
      'Your account with your settings. `total_expenses` is the sum of your own shares in the groups whose currency is your preferred one; amounts in other currencies are not converted.',
    tag: 'Users',
    access: user('profile:read'),
    limit: 'read',
    whileDeactivated: true,
    reply: data(200, UserOut),
    fails: [],
    example: { reply: EXAMPLE },
    run: async (ctx) => userOut(ctx, await getProfile(ctx)),
  }),
  operation({
    id: 'updateProfile',
    on: 'PATCH /api/users/me/',
    summary: 'Change your account',
    description:
      'Changes what is sent and keeps the rest, also inside `profile` and `settings`; null takes a field of the profile away. With If-Match it holds only against that version. Your groups hear of a new name.',
    tag: 'Users',
    access: user('profile:write'),
    limit: 'write',
    body: PatchBody,
    reply: data(200, UserOut),
    fails: ['request.stale', 'user.username_taken'],
    example: {
      body: {
        first_name: 'John',
        last_name: 'Smith',
        bio: 'Updated bio',
        preferred_currency: 'EUR',
        profile: { occupation: 'Senior Developer', city: 'Boston' },
      },
      reply: {
        ...EXAMPLE,
        last_name: 'Smith',
        bio: 'Updated bio',
        preferred_currency: 'EUR',
        profile: { ...EXAMPLE.profile, occupation: 'Senior Developer', city: 'Boston', total_expenses: '0.00' },
        version: 2,
      },
    },
    current: async (ctx) => userOut(ctx, await getProfile(ctx)),
    run: async (ctx, { body }) => userOut(ctx, await updateProfile(ctx, changeOf(body))),
  }),
  operation({
    id: 'deactivateUser',
    on: 'POST /api/users/me/deactivate/',
    summary: 'Deactivate your account',
    description:
      'Ends every session and API key while it lasts. Your places in groups and what you recorded stay. Sign in with your password to get a session that can only look at the account and reactivate it.',
    tag: 'Users',
    access: user(),
    limit: 'write',
    reply: data(200, UserOut, 'The account is deactivated. Sign in to reactivate it.'),
    fails: ['request.key_reused'],
    example: { reply: { ...EXAMPLE, is_active: false, deactivated_at: '2026-11-20T10:30:00.000Z', version: 2 } },
    run: async (ctx) => userOut(ctx, await deactivateUser(ctx)),
  }),
  operation({
    id: 'reactivateUser',
    on: 'POST /api/users/me/reactivate/',
    summary: 'Reactivate your account',
    description: 'Makes a deactivated account what it was; an active one stays as it is.',
    tag: 'Users',
    access: user(),
    limit: 'write',
    whileDeactivated: true,
    reply: data(200, UserOut, 'The account is active.'),
    fails: ['request.key_reused'],
    example: { reply: EXAMPLE },
    run: async (ctx) => userOut(ctx, await reactivateUser(ctx)),
  }),
]
