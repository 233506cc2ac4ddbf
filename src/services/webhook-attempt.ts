// One attempt at a delivery, whoever makes it: the lane that it waits in, or its owner who asks for a test.
import type { Surroundings } from '../context.ts'
import type { SealedSecrets } from '../db/webhooks.ts'
import type { Timestamp } from '../domain/time.ts'
import { isSuccess, retryAfterMs, type Attempt, type Delivery, type Endpoint } from '../domain/webhook.ts'
import { post } from '../platform/outgoing.ts'
import { openWebhookSecret, signedHeaders } from '../platform/webhook-secrets.ts'

/** The secrets that sign now, the present one first. The one before it is left out where it cannot be read any more. */
async function openSecrets(
  env: Surroundings['env'],
  endpointId: Endpoint['id'],
  { secret, previousSecret, previousUntil }: SealedSecrets,
  now: Timestamp,
): Promise<string[]> {
  const open = (sealed: string): Promise<string> => openWebhookSecret(env.SECRET, endpointId, sealed)
  const present = await open(secret)
  if (previousSecret === null || previousUntil === null || previousUntil <= now) return [present]
  const previous = await open(previousSecret).catch(() => undefined)
  return previous === undefined ? [present] : [present, previous]
}

/** Signs the delivery, sends it to the endpoint and says what came of it. Throws only when the secret cannot be read. */
export async function attemptDelivery(
  { env }: Pick<Surroundings, 'env'>,
  { delivery, endpoint, secrets }: { delivery: Delivery; endpoint: Pick<Endpoint, 'id' | 'url'>; secrets: SealedSecrets },
  now: Timestamp,
): Promise<Attempt> {
  const headers = signedHeaders(delivery, await openSecrets(env, endpoint.id, secrets, now), now)
  const posted = await post({
    url: endpoint.url,
    headers,
    body: delivery.body,
    isLocal: env.ENVIRONMENT === 'local',
    timeoutMs: Number(env.WEBHOOK_TIMEOUT_MS),
  })
  const { durationMs, status, error, response, retryAfter } = posted
  return {
    at: now,
    durationMs,
    status,
    error,
    requestHeaders: headers,
    response,
    retryAfterMs: isSuccess(status) ? 0 : retryAfterMs(retryAfter, now),
  }
}
