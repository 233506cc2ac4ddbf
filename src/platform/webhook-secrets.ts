// The secrets of webhooks: made, kept encrypted, and used to sign. They are the one kind of secret that has to be
// read again, because each delivery is signed anew.
import { createHmac, randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import { SECRET_PREFIX } from '../domain/webhook.ts'
import { seal, unseal } from './vault.ts'

/** A new secret as Standard Webhooks has it: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => `${SECRET_PREFIX}${randomBytes(32).toString('base64')}`

/** Encrypts the secret for its endpoint, so that rows can't be swapped. */
export const sealWebhookSecret = (serverSecret: string, endpointId: Id<'webhook'>, plain: string): Promise<string> =>
  seal(serverSecret, 'webhook-secret', endpointId, plain)

/** The secret again; throws when it was sealed under another key or for another endpoint. */
export async function openWebhookSecret(serverSecret: string, endpointId: Id<'webhook'>, sealed: string): Promise<string> {
  try {
    return await unseal(serverSecret, 'webhook-secret', endpointId, sealed)
  } catch {
    throw new Error('the secret of the webhook cannot be read; was SECRET changed?')
  }
}

/** The signature of Standard Webhooks: `v1,` and HMAC-SHA256 in base64 of id, timestamp and body. */
const standardSignature = (secret: string, id: string, at: Timestamp, body: string): string => {
  const webhook = secret.startsWith(SECRET_PREFIX) ? new Webhook(secret) : new Webhook(new TextEncoder().encode(secret), { format: 'raw' })
  return webhook.sign(id, new Date(at), body)
}

const plainSignature = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('hex')

/** What a delivery is sent with. The first of the secrets is the present one; the one before it may follow. */
export function signedHeaders(
  delivery: { readonly id: string; readonly endpointId: string; readonly event: string; readonly body: string },
  secrets: readonly string[],
  at: Timestamp,
): Record<string, string> {
  const { id, endpointId, event, body } = delivery
  const [present = '', previous] = secrets
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'Quits-Webhooks/1.0',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': secrets.map((secret) => standardSignature(secret, id, at, body)).join(' '),
    'X-Webhook-Event': event,
    'X-Webhook-Id': endpointId,
    'X-Webhook-Signature': plainSignature(present, body),
    ...(previous !== undefined && { 'X-Webhook-Signature-Previous': plainSignature(previous, body) }),
  }
}
