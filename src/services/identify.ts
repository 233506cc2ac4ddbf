// Who is calling. A signature is checked here and now; whether the session or key behind it still stands is
// remembered for at most 10 s per isolate, so that is how late another isolate learns of a logout.
import { findApiKey, touchApiKey } from '../db/api-keys.ts'
import { connect } from '../db/client.ts'
import { findSession } from '../db/sessions.ts'
import type { Actor, SignedIn } from '../domain/actor.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import { HOUR, SECOND, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'
import { digest } from '../platform/keys.ts'
import { isApiKey, readAccessToken } from '../platform/tokens.ts'

const REMEMBERED_MS = 10 * SECOND
const MOST_REMEMBERED = 2000

interface Remembered {
  readonly actor: SignedIn
  readonly until: Timestamp
}

/** By access token or digest of the key, the oldest first: a Map keeps the order in which keys were set. */
const remembered = new Map<string, Remembered>()

function recall(name: string, now: Timestamp): SignedIn | undefined {
  const found = remembered.get(name)
  if (found === undefined || found.until > now) return found?.actor
  remembered.delete(name)
  return undefined
}

function remember(name: string, actor: SignedIn, until: Timestamp): SignedIn {
  remembered.delete(name)
  remembered.set(name, { actor, until })
  const oldest = remembered.size > MOST_REMEMBERED ? remembered.keys().next().value : undefined
  if (oldest !== undefined) remembered.delete(oldest)
  return actor
}

/** Makes this isolate look the session up again at its next use. */
export function forgetSession(sessionId: Id<'session'>): void {
  for (const [name, { actor }] of remembered) if (actor.type === 'session' && actor.sessionId === sessionId) remembered.delete(name)
}

/** Makes this isolate look up everything of the user again: sessions and keys. */
export function forgetUser(userId: Id<'user'>): void {
  for (const [name, { actor }] of remembered) if (actor.userId === userId) remembered.delete(name)
}

const refused = (message: string): AppError =>
  new AppError('auth.invalid_token', [{ field: 'Authorization', message, code: 'INVALID_TOKEN' }])

async function identifySession(token: string, env: Env, now: Timestamp): Promise<Actor | AppError> {
  // A token that was found good stays so until it expires, so its signature is not worked out again each time.
  const known = recall(token, now)
  if (known !== undefined) return known
  const claims = await readAccessToken(env.SECRET, token, now)
  if (claims === undefined) return refused('The access token is not valid, or has expired')
  const { sessionId, userId, endsAt } = claims
  const session = await findSession(connect(env.DB), sessionId)
  if (session === undefined || session.userId !== userId || session.revokedAt !== null) return refused('The session has ended')
  const { tier, personalGroupId, timezone, deactivatedAt } = session
  const actor = {
    type: 'session',
    sessionId,
    userId,
    tier,
    personalGroupId,
    timezone,
    ...(deactivatedAt !== null && { isDeactivated: true as const }),
  } as const
  return remember(token, actor, Math.min(now + REMEMBERED_MS, endsAt))
}

async function identifyKey(token: string, env: Env, now: Timestamp): Promise<Actor | AppError> {
  const hash = digest(token)
  const known = recall(hash, now)
  if (known !== undefined) return known
  const db = connect(env.DB)
  const key = await findApiKey(db, hash)
  if (key === undefined || key.revokedAt !== null || key.deactivatedAt !== null) return refused('The API key is not valid')
  if (key.expiresAt !== null && key.expiresAt <= now) return refused('The API key has expired')
  if (key.lastUsedAt === null || key.lastUsedAt < now - HOUR) await touchApiKey(db, key.id, now)
  const { id: keyId, userId, scopes, tier, personalGroupId, timezone } = key
  return remember(
    hash,
    { type: 'api_key', keyId, userId, scopes, tier, personalGroupId, timezone },
    Math.min(now + REMEMBERED_MS, key.expiresAt ?? Infinity),
  )
}

/** Whom the access token or API key stands for, or why it is not good. Also what a socket sends to sign in. */
export const identifyToken = (token: string, env: Env, now: Timestamp): Promise<Actor | AppError> =>
  isApiKey(token) ? identifyKey(token, env, now) : identifySession(token, env, now)

/** The caller by `Authorization: Bearer …` or `X-API-Key`; anonymous when the request carries neither. */
export async function identify(request: Request, env: Env, now: Timestamp): Promise<Actor | AppError> {
  const authorization = request.headers.get('authorization')
  const apiKey = request.headers.get('x-api-key')
  if (authorization !== null && apiKey !== null) return refused('Send either Authorization or X-API-Key, not both')
  if (apiKey !== null) return isApiKey(apiKey) ? identifyKey(apiKey, env, now) : refused('This is not an API key')
  if (authorization === null) return { type: 'anonymous' }
  const token = /^Bearer ([\x21-\x7e]{1,2000})$/i.exec(authorization)?.[1]
  return token === undefined ? refused('Must be Bearer and one token') : identifyToken(token, env, now)
}
