// API keys: made, listed and revoked by their owner in a session. The key itself is told once and never stored.
import { signedIn, type Ctx } from '../context.ts'
import * as rows from '../db/api-keys.ts'
import type { Scope } from '../domain/actor.ts'
import type { ApiKey } from '../domain/credentials.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import { pageOfAll, type Page, type PageRequest } from '../domain/page.ts'
import type { Timestamp } from '../domain/time.ts'
import { digest } from '../platform/keys.ts'
import { newApiKey } from '../platform/tokens.ts'
import { forgetUser } from './identify.ts'
import { commit } from './repeatable.ts'

const MAX_KEYS = 50
const HINT_LENGTH = 8

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Timestamp | undefined
}

/** Makes a key. `key` is null when the request repeats an earlier one, because nobody knows the key any more. */
export async function createApiKey(ctx: Ctx, input: NewApiKey): Promise<ApiKey & { readonly key: string | null }> {
  const { userId } = signedIn(ctx)
  const { name, scopes, expiresAt = null } = input
  if (expiresAt !== null && expiresAt <= ctx.now)
    throw new AppError('request.invalid', [{ field: 'expires_at', message: 'Must be in the future', code: 'INVALID_VALUE' }])
  const key = newApiKey()
  const made = await commit(ctx, async () => {
    if ((await rows.countApiKeys(ctx.db, userId)) >= MAX_KEYS)
      throw new AppError('request.invalid', [
        { field: 'body', message: `An account has at most ${MAX_KEYS} keys; revoke one`, code: 'TOO_MANY' },
      ])
    const outcome: ApiKey = {
      id: newId('apiKey'),
      name,
      hint: key.slice(0, HINT_LENGTH),
      scopes,
      createdAt: ctx.now,
      expiresAt,
      lastUsedAt: null,
    }
    return { statements: [rows.insertApiKey(ctx.db, userId, outcome, digest(key))], outcome }
  })
  return { ...made, key: ctx.notes.isReplayed ? null : key }
}

/** The caller's keys that were not revoked, the newest first. */
export const listApiKeys = async (ctx: Ctx, request: PageRequest): Promise<Page<ApiKey>> =>
  pageOfAll(await rows.listApiKeysOf(ctx.db, signedIn(ctx).userId), request)

/** Revokes one of the caller's keys; throws `api_key.not_found`. */
export async function revokeApiKey(ctx: Ctx, id: Id<'apiKey'>): Promise<void> {
  const { userId } = signedIn(ctx)
  await commit(ctx, async () => {
    if (!(await rows.isKeyOf(ctx.db, id, userId))) throw new AppError('api_key.not_found')
    return { statements: [rows.revokeKey(ctx.db, id, ctx.now)], outcome: null }
  })
  forgetUser(userId)
}
