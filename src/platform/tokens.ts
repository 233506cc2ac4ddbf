// The three tokens a caller can show: a signed access token that says who for an hour, a refresh token that is
// good once, and an API key. Nothing that is stored can be turned back into one of them.
import { randomBytes } from 'node:crypto'
import { SignJWT, jwtVerify } from 'jose'
import { isId, type Id } from '../domain/ids.ts'
import { DAY, SECOND, type Timestamp } from '../domain/time.ts'
import { derive, digest, isSameSecret } from './keys.ts'

export const ACCESS_LIFETIME_S = 3600
export const REFRESH_LIFETIME_MS = 7 * DAY

const ISSUER = 'quits'
const AUDIENCE = 'quits-api'
const TYPE = 'at+jwt'

interface SigningKey {
  readonly secret: string
  readonly kid: string
  readonly key: CryptoKey
}

let imported: SigningKey | undefined

async function signingKey(secret: string): Promise<SigningKey> {
  if (imported?.secret === secret) return imported
  const bytes = Uint8Array.from(derive(secret, 'access-token', 'HS256'))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  imported = { secret, kid: digest(bytes).slice(0, 8), key }
  return imported
}

/** Who an access token speaks for. */
export interface AccessHolder {
  readonly userId: Id<'user'>
  readonly sessionId: Id<'session'>
}

export interface AccessClaims extends AccessHolder {
  /** When the token expires. */
  readonly endsAt: Timestamp
}

/** A signed access token (RFC 9068), good for `lifetimeS` seconds from now. */
export async function signAccessToken(
  secret: string,
  { userId, sessionId }: AccessHolder,
  now: Timestamp,
  lifetimeS = ACCESS_LIFETIME_S,
): Promise<string> {
  const { kid, key } = await signingKey(secret)
  const issuedAt = Math.floor(now / SECOND)
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setJti(randomBytes(12).toString('base64url'))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeS)
    .sign(key)
}

/** What the token claims, or undefined when it is not ours, not an access token, or expired. */
export async function readAccessToken(secret: string, token: string, now: Timestamp): Promise<AccessClaims | undefined> {
  const { kid, key } = await signingKey(secret)
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'sid'],
    })
    const { sub, sid, exp = 0 } = payload
    return protectedHeader.kid === kid && isId('user', sub) && isId('session', sid)
      ? { userId: sub, sessionId: sid, endsAt: exp * SECOND }
      : undefined
  } catch {
    return undefined
  }
}

/**
 * The refresh token of one generation of a session. It is derived and not drawn, so that two requests that
 * refresh at the same moment are given the same successor.
 */
export function refreshToken(secret: string, sessionId: Id<'session'>, generation: number): string {
  const mac = derive(secret, 'refresh-token', `${sessionId}.${generation}`).toString('base64url')
  return `rt_${sessionId.slice(4)}.${generation}.${mac}`
}

/** The session and generation that a refresh token was made for, or undefined when we did not make it. */
export function readRefreshToken(secret: string, token: string): { sessionId: Id<'session'>; generation: number } | undefined {
  const [, suffix, digits] = /^rt_([0-9a-z]{26})\.(\d{1,9})\.[\w-]{43}$/.exec(token) ?? []
  const sessionId = `ses_${suffix ?? ''}`
  if (!isId('session', sessionId)) return undefined
  const generation = Number(digits)
  return isSameSecret(token, refreshToken(secret, sessionId, generation)) ? { sessionId, generation } : undefined
}

/** A new API key: 256 random bits behind a prefix that secret scanners know by sight. */
export const newApiKey = (): string => `qk_${randomBytes(32).toString('base64url')}`

export const isApiKey = (token: string): boolean => /^qk_[\w-]{43}$/.test(token)

/** The six digits that a mail shows for those who can't follow a link. */
export const proofCode = (secret: string, proofId: Id<'proof'>): string =>
  String(derive(secret, 'mail-proof', `${proofId}.code`).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')

/** What is stored of a code. It is keyed: a bare digest of six digits is undone by trying them all. */
export const proofCodeHash = (secret: string, proofId: Id<'proof'>, code: string): string =>
  derive(secret, 'mail-proof', `${proofId}.code.${code}`).toString('hex')
