// What is stored encrypted: AES-256-GCM under a key of its own purpose, with a fresh nonce, bound to what it belongs to.
import { derive } from './keys.ts'

type Purpose = 'payment-details' | 'webhook-secret'

const NONCE_BYTES = 12

const keyOf = (secret: string, purpose: Purpose): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Uint8Array.from(derive(secret, purpose, 'AES-256-GCM')), 'AES-GCM', false, ['encrypt', 'decrypt'])

const parametersOf = (nonce: Uint8Array<ArrayBuffer>, owner: string) => ({
  name: 'AES-GCM',
  iv: nonce,
  additionalData: new TextEncoder().encode(owner),
})

/** Encrypts the text (NIST SP 800-38D): base64 of the nonce and the ciphertext. Opens only for the same owner. */
export async function seal(secret: string, purpose: Purpose, owner: string, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const sealed = await crypto.subtle.encrypt(parametersOf(nonce, owner), await keyOf(secret, purpose), new TextEncoder().encode(text))
  return Buffer.concat([nonce, new Uint8Array(sealed)]).toString('base64')
}

/** The text that was sealed for this owner; throws where it was changed, or moved to another. */
export async function unseal(secret: string, purpose: Purpose, owner: string, sealed: string): Promise<string> {
  const bytes = Uint8Array.from(Buffer.from(sealed, 'base64'))
  const parameters = parametersOf(bytes.slice(0, NONCE_BYTES), owner)
  const text = await crypto.subtle.decrypt(parameters, await keyOf(secret, purpose), bytes.slice(NONCE_BYTES))
  return new TextDecoder().decode(text)
}
