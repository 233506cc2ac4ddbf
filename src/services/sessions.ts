// Sessions and their tokens. A refresh token is good once; showing an old one again means that two hold the
// family, and ends it for both - unless it is the one before, within 10 s: that is a client that asked twice.
import { signedIn, type Ctx } from '../context.ts'
import { runBatch, type Statement } from '../db/client.ts'
import { listLoginsOf } from '../db/logins.ts'
import * as rows from '../db/sessions.ts'
import type { Login, Session, TokenPair } from '../domain/credentials.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import { pageOfAll, type Page, type PageRequest } from '../domain/page.ts'
import { SECOND } from '../domain/time.ts'
import { digest } from '../platform/keys.ts'
import { ACCESS_LIFETIME_S, REFRESH_LIFETIME_MS, readRefreshToken, refreshToken, signAccessToken } from '../platform/tokens.ts'
import { forgetSession, forgetUser } from './identify.ts'
import { commit } from './repeatable.ts'

const SAME_SUCCESSOR_MS = 10 * SECOND

/** A new session of the user: the statement that makes it, and its first tokens. */
export async function startSession(
  ctx: Ctx,
  userId: Id<'user'>,
  accessLifetimeS = ACCESS_LIFETIME_S,
): Promise<{ statement: Statement; tokens: TokenPair }> {
  const { now } = ctx
  const id = newId('session')
  const refresh = refreshToken(ctx.env.SECRET, id, 1)
  const statement = rows.insertSession(ctx.db, {
    id,
    userId,
    generation: 1,
    refreshHash: digest(refresh),
    rotatedAt: now,
    userAgent: ctx.client.userAgent,
    ip: ctx.client.ip,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + REFRESH_LIFETIME_MS,
    revokedAt: null,
  })
  const access = await signAccessToken(ctx.env.SECRET, { userId, sessionId: id }, now, accessLifetimeS)
  return { statement, tokens: { access, refresh, expiresInS: accessLifetimeS } }
}

const invalidRefresh = (message: string): AppError =>
  new AppError('auth.invalid_token', [{ field: 'refresh', message, code: 'INVALID_TOKEN' }])

/** Ends the family: somebody showed a token that had been replaced long ago. */
async function revokeFamily(ctx: Ctx, id: Id<'session'>): Promise<void> {
  await runBatch(ctx.db, [rows.revokeSession(ctx.db, id, ctx.now)])
  forgetSession(id)
}

/** Exchanges a refresh token for its successor and a new access token; throws `auth.invalid_token`. */
export async function refreshTokens(ctx: Ctx, token: string, accessLifetimeS = ACCESS_LIFETIME_S): Promise<TokenPair> {
  const { db, now, env } = ctx
  const shown = readRefreshToken(env.SECRET, token)
  if (shown === undefined) throw invalidRefresh('The refresh token is not valid')
  const { sessionId, generation } = shown
  const next = refreshToken(env.SECRET, sessionId, generation + 1)
  const isMoved = await rows.rotateSession(db, {
    sessionId,
    generation,
    refreshHash: digest(token),
    nextHash: digest(next),
    now,
    expiresAt: now + REFRESH_LIFETIME_MS,
  })
  const session = await rows.findSession(db, sessionId)
  if (session === undefined || session.revokedAt !== null || session.deactivatedAt !== null || session.expiresAt <= now)
    throw invalidRefresh('The session has ended')
  const isAskedTwice = session.generation === generation + 1 && now - session.rotatedAt <= SAME_SUCCESSOR_MS
  if (!isMoved && !isAskedTwice) {
    await revokeFamily(ctx, sessionId)
    throw invalidRefresh('The refresh token was used before; the session is ended')
  }
  const access = await signAccessToken(env.SECRET, { userId: session.userId, sessionId }, now, accessLifetimeS)
  return { access, refresh: next, expiresInS: accessLifetimeS }
}

/** Ends the session that the refresh token belongs to. A token that is not ours changes nothing. */
export async function logOut(ctx: Ctx, token: string): Promise<void> {
  const shown = readRefreshToken(ctx.env.SECRET, token)
  if (shown !== undefined) await revokeFamily(ctx, shown.sessionId)
}

/** The id of the session that the request is made with; throws `auth.forbidden` for an API key. */
export function currentSession(ctx: Ctx): Id<'session'> {
  const actor = signedIn(ctx)
  if (actor.type === 'session') return actor.sessionId
  throw new AppError('auth.forbidden', [{ field: 'Authorization', message: 'An API key cannot do this; sign in', code: 'SESSION_NEEDED' }])
}

/** The caller's live sessions, the last used first. */
export async function listSessions(ctx: Ctx, request: PageRequest): Promise<Page<Session>> {
  const current = currentSession(ctx)
  const sessions = await rows.listLiveSessions(ctx.db, signedIn(ctx).userId, ctx.now)
  return pageOfAll(
    sessions.map((session) => ({ ...session, isCurrent: session.id === current })),
    request,
  )
}

/** Ends one of the caller's sessions; throws `session.not_found`. */
export async function revokeSession(ctx: Ctx, id: Id<'session'>): Promise<void> {
  await commit(ctx, async () => {
    const session = await rows.findLiveSession(ctx.db, id, signedIn(ctx).userId, ctx.now)
    if (session === undefined) throw new AppError('session.not_found')
    return { statements: [rows.revokeSession(ctx.db, id, ctx.now)], outcome: null }
  })
  forgetSession(id)
}

/** Ends all of the caller's sessions but the one that asks. */
export async function revokeOtherSessions(ctx: Ctx): Promise<void> {
  const current = currentSession(ctx)
  const { userId } = signedIn(ctx)
  await commit(ctx, async () => ({ statements: [rows.revokeSessions(ctx.db, userId, ctx.now, current)], outcome: null }))
  forgetUser(userId)
}

/** Who tried to sign in to the caller's account, the newest first. */
export const listLogins = async (ctx: Ctx, request: PageRequest): Promise<Page<Login>> =>
  pageOfAll(await listLoginsOf(ctx.db, signedIn(ctx).userId), request)
