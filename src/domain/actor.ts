// Who does something: kept in the journal, asked by every access check.
import type { Id } from './ids.ts'
import type { Tier } from './user.ts'

export const SCOPES = [
  'profile:read',
  'profile:write',
  'groups:read',
  'groups:write',
  'expenses:read',
  'expenses:write',
  'webhooks:read',
  'webhooks:write',
  'notifications:read',
  'notifications:write',
] as const
/** What an API key may be used for. A session may do everything its user may. */
export type Scope = (typeof SCOPES)[number]

interface Person {
  readonly userId: Id<'user'>
  readonly tier: Tier
  readonly personalGroupId: Id<'group'>
  /** IANA zone in which the user's days begin. */
  readonly timezone: string
}

export type Actor =
  | { readonly type: 'anonymous' }
  | (Person & {
      readonly type: 'session'
      readonly sessionId: Id<'session'>
      /** Signed in to an account that was deactivated: good for looking at it and reactivating it. */
      readonly isDeactivated?: true
    })
  | (Person & { readonly type: 'api_key'; readonly keyId: Id<'apiKey'>; readonly scopes: readonly Scope[] })

export type SignedIn = Exclude<Actor, { type: 'anonymous' }>
