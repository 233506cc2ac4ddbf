// What a person sees of the ways in to their account. No secret and no hash is ever part of these.
import type { Scope } from './actor.ts'
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

/** One signed-in device or browser: a family of refresh tokens. */
export interface Session {
  readonly id: Id<'session'>
  readonly userAgent: string
  readonly ip: string
  readonly createdAt: Timestamp
  readonly lastUsedAt: Timestamp
  readonly expiresAt: Timestamp
  /** Whether the request that asks was made with it. */
  readonly isCurrent: boolean
}

/** A try to sign in to an account that exists. */
export interface Login {
  readonly id: Id<'login'>
  readonly at: Timestamp
  readonly ip: string
  readonly userAgent: string
  readonly outcome: 'success' | 'failure'
}

export interface ApiKey {
  readonly id: Id<'apiKey'>
  readonly name: string
  /** The first characters of the key, so that people know it again. */
  readonly hint: string
  readonly scopes: readonly Scope[]
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp | null
  readonly lastUsedAt: Timestamp | null
}

/** What a client signs its requests with; the refresh token is good once. */
export interface TokenPair {
  readonly access: string
  readonly refresh: string
  readonly expiresInS: number
}
