// Links that end a kind of mail. The token says whom and what, and proves that we made it: nothing is stored, and
// it is good for as long as the mail is kept. Looking at a link changes nothing, because programs look at links too.
import type { Ctx, Surroundings } from '../context.ts'
import { AppError } from '../domain/errors.ts'
import { isId, type Id } from '../domain/ids.ts'
import { kindText } from '../domain/notice-letter.ts'
import { derive, isSameSecret } from '../platform/keys.ts'
import { turnOffMail } from './preferences-off.ts'

/** A type of notification, or everything. */
type Scope = string

export interface Unsubscribing {
  readonly userId: Id<'user'>
  readonly scope: Scope
  /** In words: `balance reminder notifications`. */
  readonly what: string
}

const whatOf = (scope: Scope): string => (scope === 'all' ? 'notifications' : kindText(scope))

const macOf = (secret: string, payload: string): string => derive(secret, 'unsubscribe', payload).toString('base64url')

/** The token that ends mail of the scope for the user. */
export function unsubscribeToken(secret: string, userId: Id<'user'>, scope: Scope): string {
  const payload = `${userId} ${scope}`
  return `${Buffer.from(payload).toString('base64url')}.${macOf(secret, payload)}`
}

/** What a letter says about ending its kind. */
export const unsubscribeOf = (at: Surroundings, userId: Id<'user'>, scope: Scope): { what: string; url: string } => ({
  what: whatOf(scope),
  url: `${at.origin}/api/notifications/unsubscribe/${unsubscribeToken(at.env.SECRET, userId, scope)}/`,
})

/** What the token would end; throws `request.not_found` for one that we did not make. */
export async function showUnsubscribe(ctx: Ctx, token: string): Promise<Unsubscribing> {
  const [encoded = '', mac = ''] = token.split('.')
  const payload = Buffer.from(encoded, 'base64url').toString()
  const [userId, scope = ''] = payload.split(' ')
  if (!isSameSecret(mac, macOf(ctx.env.SECRET, payload)) || !isId('user', userId) || !/^[a-z_]+$/.test(scope))
    throw new AppError('request.not_found')
  return { userId, scope, what: whatOf(scope) }
}

/** Ends what the token says; throws `request.not_found`. Again is as good as once. */
export async function unsubscribe(ctx: Ctx, token: string): Promise<Unsubscribing> {
  const asked = await showUnsubscribe(ctx, token)
  await turnOffMail(ctx, asked.userId, asked.scope)
  return asked
}
