// Making an account and signing in to it. Both take as long, and fail in the same words, whether or not the
// address has an account; where the document promises a 409, only registration tells.
import { randomInt } from 'node:crypto'
import type { Ctx } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { clearFailures, insertLogin } from '../db/logins.ts'
import { findCredentials, findTaken, insertUser, isEmailTaken, isUsernameTaken, setPassword } from '../db/users.ts'
import type { TokenPair } from '../domain/credentials.ts'
import type { Currency } from '../domain/currency.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import { passwordFaults, type PasswordClass } from '../domain/password-rules.ts'
import { DEFAULT_SETTINGS, displayName, type User } from '../domain/user.ts'
import { digest } from '../platform/keys.ts'
import { hashPassword, isPassword, needsRehash } from '../platform/passwords.ts'
import { loginNow, failLogin, requireUnlocked } from './lock.ts'
import { personalGroup } from './personal.ts'
import { claimByToken } from './places.ts'
import { proofStatements } from './proofs.ts'
import { messagesOf } from './repeatable.ts'
import { startSession } from './sessions.ts'

export interface Registration {
  readonly email: string
  readonly password: string
  readonly firstName: string
  readonly lastName: string
  /** Derived from the email where absent. */
  readonly username?: string | undefined
  readonly preferredCurrency: Currency
  readonly timezone: string
  /** Of the mail that invited this person into a group. */
  readonly invitationToken?: string | undefined
}

/** How the surface that is spoken differs from the native one. */
export interface AuthPolicy {
  /** What the surface's document asks of a password; all four classes where absent. */
  readonly passwordClasses?: readonly PasswordClass[]
  readonly accessLifetimeS?: number
}

export interface SignedInUser {
  readonly user: User
  readonly tokens: TokenPair
}

/** `ann.lee+x@example.com` is `ann.lee`; filled up to the three characters that a username has. */
function usernameFrom(email: string): string {
  const local = (email.split(/[@+]/)[0] ?? '').replace(/[^a-z0-9._-]|^[._-]+/g, '').slice(0, 24)
  return local.length < 3 ? `user-${local}` : local
}

function newUser(ctx: Ctx, input: Registration, username: string): User {
  const { email, firstName, lastName, preferredCurrency, timezone } = input
  return {
    id: newId('user'),
    email,
    username,
    firstName,
    lastName,
    bio: '',
    avatarKey: null,
    preferredCurrency,
    timezone,
    profile: {},
    settings: DEFAULT_SETTINGS,
    tier: 'standard',
    isVerified: false,
    personalGroupId: newId('group'),
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    deactivatedAt: null,
  }
}

/** A username that was free a moment ago; throws `user.email_taken` or, for a username that was asked for, `user.username_taken`. */
async function pickUsername(ctx: Ctx, input: Registration): Promise<string> {
  const wanted = input.username ?? usernameFrom(input.email)
  const taken = await findTaken(ctx.db, input.email, wanted)
  if (taken.email)
    throw new AppError('user.email_taken', [
      { field: 'email', message: 'Is taken; sign in or reset the password', code: 'DUPLICATE_EMAIL' },
    ])
  if (!taken.username) return wanted
  if (input.username !== undefined) throw usernameTaken()
  return `${wanted}${randomInt(10_000, 1_000_000)}`
}

export const usernameTaken = (): AppError =>
  new AppError('user.username_taken', [{ field: 'username', message: 'Is taken; choose another', code: 'DUPLICATE_USERNAME' }])

/** Makes the account with its session, personal group and verification mail, all or nothing. */
async function createAccount(ctx: Ctx, input: Registration, passwordHash: string, policy: AuthPolicy): Promise<SignedInUser> {
  const username = await pickUsername(ctx, input)
  const draft = newUser(ctx, input, username)
  const { id, email, preferredCurrency: currency } = draft
  const { groupId, statements } = personalGroup(ctx, { id, name: displayName(draft), email, currency })
  const user = { ...draft, personalGroupId: groupId }
  const session = await startSession(ctx, id, policy.accessLifetimeS)
  await runBatch(ctx.db, [insertUser(ctx.db, user, passwordHash), session.statement, ...proofStatements(ctx, id), ...statements])
  return { user, tokens: session.tokens }
}

/** The account stands whatever becomes of the invitation: it can still be accepted, and is when the address is verified. */
async function claimInvited(ctx: Ctx, userId: Id<'user'>, token: string): Promise<void> {
  try {
    await claimByToken(ctx, userId, token)
  } catch (error) {
    console.error(
      JSON.stringify({
        level: 'error',
        request_id: ctx.requestId,
        message: 'an invitation could not be claimed',
        error: error instanceof Error ? error.name : 'unknown',
      }),
    )
  }
}

/** Registers a person and signs them in. Throws `request.invalid`, `user.email_taken` or `user.username_taken`. */
export async function registerUser(ctx: Ctx, input: Registration, policy: AuthPolicy = {}): Promise<SignedInUser> {
  const faults = passwordFaults(input.password, input.email, 'password', policy.passwordClasses)
  if (faults.length > 0) throw new AppError('request.invalid', faults)
  const passwordHash = hashPassword(input.password)
  for (let attempt = 1; ; attempt++) {
    try {
      const made = await createAccount(ctx, input, passwordHash, policy)
      ctx.notes.hasEffects = true
      if (input.invitationToken !== undefined) await claimInvited(ctx, made.user.id, input.invitationToken)
      return made
    } catch (error) {
      // Somebody else took the name between the look and the batch: look again, and say so or draw another.
      const isOutrun = messagesOf(error).some((text) => isEmailTaken(text) || isUsernameTaken(text))
      if (!isOutrun || attempt === 3) throw error
    }
  }
}

/**
 * Signs in with an email or a username. Throws `auth.invalid_credentials`, and `auth.locked` after five failures.
 * A deactivated account is signed in to as well, but may only be looked at and reactivated.
 */
export async function logIn(ctx: Ctx, login: string, password: string, policy: AuthPolicy = {}): Promise<SignedInUser> {
  const { db } = ctx
  const wanted = login.trim().toLowerCase()
  const known = await findCredentials(db, wanted)
  const email = known?.user.email ?? wanted
  await requireUnlocked(ctx, email)
  if (!isPassword(password, known?.passwordHash) || known === undefined) throw await failLogin(ctx, email)
  // Guesses that were sent side by side have been counted while this one was being checked.
  await requireUnlocked(ctx, email)
  const { user, passwordHash } = known
  const session = await startSession(ctx, user.id, policy.accessLifetimeS)
  await runBatch(db, [
    clearFailures(db, digest(email)),
    session.statement,
    insertLogin(db, email, loginNow(ctx, 'success')),
    ...(needsRehash(passwordHash) ? [setPassword(db, user.id, hashPassword(password))] : []),
  ])
  return { user, tokens: session.tokens }
}
