// How webhooks and their deliveries look to their owner.
import { z } from 'zod'
import type { Job } from '../domain/job.ts'
import { EVENTS } from '../domain/events.ts'
import { CHOICES, type Delivery, type Endpoint } from '../domain/webhook.ts'
import { instant, instantOrNull, instantOut } from '../http/fields.ts'
import type { DeliveryDetail, EndpointWithSecret } from '../services/webhooks.ts'

export const DELIVERED_EVENTS = [...EVENTS, 'webhook.test'] as const
export const STATES = ['pending', 'delivered', 'failed'] as const

const endpoint = {
  id: z.string(),
  url: z.string(),
  description: z.string(),
  events: z.array(z.enum(CHOICES)),
  group_ids: z.array(z.string()).nullable().meta({ description: 'null: every group that you are in' }),
  is_enabled: z.boolean(),
  disabled_at: instantOut.nullable(),
  disabled_reason: z
    .enum(['owner', 'gone', 'failing'])
    .nullable()
    .meta({ description: 'gone: it answered 410; failing: nothing got through to it for five days' }),
  failing_since: instantOut.nullable().meta({ description: 'Since when nothing got through; null after a success' }),
  previous_secret_until: instantOut.nullable().meta({ description: 'Until when the secret before the present one signs too' }),
  created_at: instantOut,
  updated_at: instantOut,
  version: z.int(),
}

export const WebhookOut = z.object(endpoint).meta({ id: 'Webhook' })
export const WebhookWithSecretOut = z
  .object({ ...endpoint, secret: z.string().nullable().meta({ description: 'The secret; told this once, null in a replay' }) })
  .meta({ id: 'WebhookWithSecret' })

export const webhookOut = (one: Endpoint): z.input<typeof WebhookOut> => ({
  id: one.id,
  url: one.url,
  description: one.description,
  events: [...one.events],
  group_ids: one.groupIds === null ? null : [...one.groupIds],
  is_enabled: one.disabledAt === null,
  disabled_at: instantOrNull(one.disabledAt),
  disabled_reason: one.disabledReason,
  failing_since: instantOrNull(one.failingSince),
  previous_secret_until: instantOrNull(one.previousUntil),
  created_at: instant(one.createdAt),
  updated_at: instant(one.updatedAt),
  version: one.version,
})

export const webhookWithSecretOut = (one: EndpointWithSecret): z.input<typeof WebhookWithSecretOut> => ({
  ...webhookOut(one),
  secret: one.secret,
})

const delivery = {
  id: z.string().meta({ description: 'What the header webhook-id says; the same at each attempt' }),
  webhook_id: z.string(),
  event: z.enum(DELIVERED_EVENTS),
  group_id: z.string().nullable(),
  seq: z.int().nullable().meta({ description: 'The entry of the group that it tells of' }),
  state: z.enum(STATES),
  attempts: z.int().meta({ description: 'Since it was last made pending' }),
  created_at: instantOut,
  delivered_at: instantOut.nullable(),
}

const AttemptOut = z
  .object({
    n: z.int().meta({ description: 'Counted over all attempts at the delivery' }),
    at: instantOut,
    duration_ms: z.int(),
    status: z.int().nullable().meta({ description: 'Of the reply; null when there was none' }),
    error: z.string().nullable(),
    request_headers: z.record(z.string(), z.string()),
    response: z.string().meta({ description: 'The first 8 KB of the reply' }),
  })
  .meta({ id: 'DeliveryAttempt' })

export const DeliveryOut = z.object(delivery).meta({ id: 'Delivery' })
export const DeliveryDetailOut = z
  .object({
    ...delivery,
    body: z.string().meta({ description: 'The payload, byte for byte as it is signed' }),
    log: z.array(AttemptOut).max(100).meta({ description: 'The last attempts, the newest first' }),
  })
  .meta({ id: 'DeliveryDetail' })

export const deliveryOut = (one: Delivery): z.input<typeof DeliveryOut> => ({
  id: one.id,
  webhook_id: one.endpointId,
  event: one.event,
  group_id: one.groupId === '' ? null : one.groupId,
  seq: one.groupId === '' ? null : one.seq,
  state: one.state,
  attempts: one.attempts,
  created_at: instant(one.createdAt),
  delivered_at: instantOrNull(one.deliveredAt),
})

export const deliveryDetailOut = ({ delivery: one, attempts }: DeliveryDetail): z.input<typeof DeliveryDetailOut> => ({
  ...deliveryOut(one),
  body: one.body,
  log: attempts.map((a) => ({
    n: a.n,
    at: instant(a.at),
    duration_ms: a.durationMs,
    status: a.status,
    error: a.error,
    request_headers: { ...a.requestHeaders },
    response: a.response,
  })),
})

export const ReplayOut = z
  .object({ job_id: z.string(), state: z.enum(['queued', 'running', 'done', 'failed']) })
  .meta({ id: 'WebhookReplay' })
export const replayOut = ({ id, state }: Job): z.input<typeof ReplayOut> => ({ job_id: id, state })
