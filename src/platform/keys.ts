// One secret, many keys: each use derives its own, so what leaks from one use is worth nothing to another.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

type Purpose =
  | 'access-token'
  | 'refresh-token'
  | 'file-link'
  | 'mail-proof'
  | 'invitation'
  | 'unsubscribe'
  | 'webhook-secret'
  | 'payment-details'
  | 'sandbox-hook'
  | 'claim-link'
  | 'claim-guest'

/** HMAC-SHA256 (RFC 2104) of the text under the key of this purpose: 32 bytes. */
export function derive(secret: string, purpose: Purpose, text: string): Buffer {
  const key = createHmac('sha256', secret).update(purpose).digest()
  return createHmac('sha256', key).update(text).digest()
}

/** SHA-256 in hex: what is stored of a token that only its owner may know. */
export const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** Compares two texts in a time that does not tell where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/** The token of a mail, an invitation or a link: derived from its id, so that nothing stored can be used as one. */
export const tokenFor = (secret: string, purpose: 'mail-proof' | 'invitation' | 'claim-link', id: string): string =>
  derive(secret, purpose, id).toString('base64url')
