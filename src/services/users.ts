// The caller's own account: who they are to others, and what they set. A change holds only against the version
// that it was decided on, so two at once cannot undo each other.
import { signedIn, type Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import { revokeSessions } from '../db/sessions.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import {
  findUser,
  isUsernameTaken,
  isVersionOutrun,
  readStats,
  requireVersion,
  setDeactivated,
  updateUser,
  type UserStats,
} from '../db/users.ts'
import type { Currency } from '../domain/currency.ts'
import { AppError, staleFailure } from '../domain/errors.ts'
import { displayName, type User, type UserProfile, type UserSettings } from '../domain/user.ts'
import { usernameTaken } from './auth.ts'
import { forgetUser } from './identify.ts'
import { commit, messagesOf } from './repeatable.ts'

export interface Profile {
  readonly user: User
  readonly stats: UserStats
}

/** What is to change; null takes a field of the profile away. */
export interface ProfileChange {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  readonly username?: string | undefined
  readonly bio?: string | undefined
  /** The address of a picture elsewhere, or null for none; files are sent to `uploadAvatar`. */
  readonly avatarUrl?: string | null | undefined
  readonly preferredCurrency?: Currency | undefined
  readonly timezone?: string | undefined
  readonly profile?: { readonly [K in keyof UserProfile]?: string | null | undefined } | undefined
  readonly settings?: { readonly [K in keyof UserSettings]?: boolean | undefined } | undefined
}

const MAX_ATTEMPTS = 4

async function getUser(ctx: Ctx): Promise<User> {
  const user = await findUser(ctx.db, signedIn(ctx).userId)
  if (user === undefined) throw new AppError('auth.invalid_token')
  return user
}

/** The caller's account with what it sums up to. */
export async function getProfile(ctx: Ctx): Promise<Profile> {
  const user = await getUser(ctx)
  return { user, stats: await readStats(ctx.db, user.id, user.preferredCurrency) }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> }

/** The fields that were sent with a value. */
const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as Given<T>

function changed(user: User, change: ProfileChange, now: number): User {
  const { profile = {}, settings = {}, avatarUrl = user.avatarKey, ...fields } = change
  const kept = Object.fromEntries(Object.entries(user.profile).filter(([name]) => profile[name as keyof UserProfile] !== null))
  return {
    ...user,
    ...given(fields),
    avatarKey: avatarUrl,
    profile: { ...kept, ...given(profile) },
    settings: { ...user.settings, ...given(settings) },
    version: user.version + 1,
    updatedAt: now,
  }
}

/** Changes the caller's account. Throws `request.stale` after a failed If-Match, `user.username_taken`. */
export async function updateProfile(ctx: Ctx, change: ProfileChange): Promise<Profile> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit(ctx, () => decideChange(ctx, change))
    } catch (error) {
      const messages = messagesOf(error)
      if (messages.some(isUsernameTaken)) throw usernameTaken()
      if (!messages.some(isVersionOutrun)) throw error
      if (attempt === MAX_ATTEMPTS) throw new AppError('service.busy', [], { retryAfterS: 1 })
    }
  }
}

async function decideChange(ctx: Ctx, change: ProfileChange): Promise<{ statements: Statement[]; outcome: Profile }> {
  const before = await getUser(ctx)
  if (ctx.ifMatch !== undefined && ctx.ifMatch !== before.version) throw AppError.from(staleFailure(before.version, ctx.ifMatch))
  const user = changed(before, change, ctx.now)
  const isRenamed = displayName(user) !== displayName(before) || user.avatarKey !== before.avatarKey
  const effects = isRenamed ? [promiseEffect(ctx.db, newEffect({ kind: 'profile_changed', userId: user.id }, ctx.now))] : []
  if (isRenamed) ctx.notes.hasEffects = true
  const outcome: Profile = { user, stats: await readStats(ctx.db, user.id, user.preferredCurrency) }
  return { statements: [requireVersion(ctx.db, user.id, before.version), updateUser(ctx.db, user), ...effects], outcome }
}

/**
 * Deactivates the caller's account and ends its sessions. Places in groups and what was recorded stay. Signing in
 * still works, and gives a session that may look at the account and reactivate it: the password is the proof.
 */
export async function deactivateUser(ctx: Ctx): Promise<Profile> {
  const { userId } = signedIn(ctx)
  await commit(ctx, async () => ({
    statements: [setDeactivated(ctx.db, userId, true, ctx.now), revokeSessions(ctx.db, userId, ctx.now)],
    outcome: null,
  }))
  forgetUser(userId)
  return getProfile(ctx)
}

/** Makes the account what it was; an active one stays as it is. */
export async function reactivateUser(ctx: Ctx): Promise<Profile> {
  const { userId } = signedIn(ctx)
  await commit(ctx, async () => ({ statements: [setDeactivated(ctx.db, userId, false, ctx.now)], outcome: null }))
  forgetUser(userId)
  return getProfile(ctx)
}
