// Watching: a socket on one group, or on everything that concerns the caller. Whether they may see a group the
// group itself says, before it tells anything.
import { decodeJwt } from 'jose'
import type { Surroundings } from '../context.ts'
import type { SignedIn } from '../domain/actor.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import { SECOND, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'
import { PASS_HEADER, type Pass, type Watch } from '../group/sockets.ts'
import { openClaimLink } from './claim-links.ts'
import { isApiKey } from '../platform/tokens.ts'

const NEEDED = ['groups:read', 'expenses:read'] as const

/** When an access token that was found good ends. */
const endOf = (token: string): Timestamp => (decodeJwt(token).exp ?? 0) * SECOND

/** The object's end of a socket on the claims of one expense; throws `claim_link.not_found`. */
export async function openClaimSocket(at: Surroundings, token: string): Promise<Response> {
  const { link } = await openClaimLink(at, token)
  const { groupId, expenseId, createdBy: userId, id: credential, expiresAt: endsAt } = link
  return open(at, groupId, {
    watch: { kind: 'claims', groupId, expenseId },
    userId,
    credential,
    endsAt,
    isNotified: false,
    origin: at.origin,
  })
}

/** Nothing of the caller's request goes along, so nobody outside can write a pass. */
const open = ({ env }: { env: Env }, holder: Id<'group'>, pass: Pass): Promise<Response> =>
  env.GROUP.getByName(holder).fetch('https://group.invalid/', { headers: { Upgrade: 'websocket', [PASS_HEADER]: JSON.stringify(pass) } })

/** The object's end of a socket for the caller; throws `auth.forbidden` when the API key lacks a scope. */
export function openSocket({ env, origin }: { env: Env; origin: string }, actor: SignedIn, token: string, watch: Watch): Promise<Response> {
  const missing = actor.type === 'api_key' ? NEEDED.filter((scope) => !actor.scopes.includes(scope)) : []
  if (missing.length > 0)
    throw new AppError('auth.forbidden', [
      { field: 'token', message: 'The API key lacks a scope', code: 'SCOPE_MISSING', expected: missing.join(' ') },
    ])
  const pass: Pass = {
    watch,
    userId: actor.userId,
    credential: actor.type === 'api_key' ? actor.keyId : actor.sessionId,
    isNotified: actor.type !== 'api_key' || actor.scopes.includes('notifications:read'),
    origin,
    ...(!isApiKey(token) && { endsAt: endOf(token) }),
  }
  return open({ env }, watch.kind === 'hub' ? actor.personalGroupId : watch.groupId, pass)
}
