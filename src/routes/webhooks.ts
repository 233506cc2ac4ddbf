// Webhooks: where events of a person's groups are sent, and the log of what was sent.
import { z } from 'zod'
import { mapPage } from '../domain/page.ts'
import { CHOICES, faultOfSecret, MAX_GROUPS } from '../domain/webhook.ts'
import { id, line } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  createWebhook,
  deleteWebhook,
  getDelivery,
  getWebhook,
  listDeliveries,
  listWebhooks,
  redeliverWebhook,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '../services/webhooks.ts'
import { EXAMPLE_IDS } from './examples.ts'
import {
  DELIVERED_EVENTS,
  deliveryDetailOut,
  DeliveryDetailOut,
  DeliveryOut,
  deliveryOut,
  ReplayOut,
  replayOut,
  STATES,
  WebhookOut,
  webhookOut,
  WebhookWithSecretOut,
  webhookWithSecretOut,
} from './webhook-shapes.ts'

const tag = 'Webhooks'
const path = z.object({ webhook_id: id('webhook') })
const deliveryPath = z.object({ webhook_id: id('webhook'), delivery_id: id('delivery') })

const isWithoutTwins = (items: readonly string[]): boolean => new Set(items).size === items.length
const TWICE = 'Must not name one twice'

const url = z.string().min(1).max(2048).meta({
  description: 'https on port 443 at a public host name. Redirects are not followed.',
  format: 'uri',
  example: 'https://your-app.example.com/quits',
})
const events = z
  .array(z.enum(CHOICES))
  .min(1)
  .max(CHOICES.length)
  .refine(isWithoutTwins, TWICE)
  .meta({
    description: '`*` stands for all, those to come included. `payment.*` and `settlement.*` are sent once those features are there.',
    example: ['expense.created', 'expense.updated'],
  })
const groupIds = z
  .array(id('group'))
  .min(1)
  .max(MAX_GROUPS)
  .refine(isWithoutTwins, TWICE)
  .nullable()
  .meta({ description: 'Only of these of your groups; null for all that you are in at the time' })
const description = line(200).meta({ example: 'Books expenses' })
const secret = z
  .string()
  .min(16)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, 'Must be visible ASCII characters')
  .superRefine((value, issue) => {
    const fault = faultOfSecret(value)
    if (fault !== undefined) issue.addIssue({ code: 'custom', message: fault })
  })
  .optional()
  .meta({
    description: 'A secret of your own, such as one that signs already. A generated one where absent.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1UHiMVDYKxk=',
  })

const EXAMPLE = {
  id: 'wh_01jd3k5m7n9pqrstvwxyz01234',
  url: 'https://your-app.example.com/quits',
  description: 'Books expenses',
  events: ['expense.created', 'expense.updated'],
  group_ids: null,
  is_enabled: true,
  disabled_at: null,
  disabled_reason: null,
  failing_since: null,
  previous_secret_until: null,
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:00.000Z',
  version: 1,
}
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1UHiMVDYKxk='

const DELIVERY = {
  id: 'dlv_5hsc5v1kfh81a9z3n2r0m4t6ya',
  webhook_id: EXAMPLE.id,
  event: 'expense.created',
  group_id: EXAMPLE_IDS.group,
  seq: 17,
  state: 'delivered',
  attempts: 1,
  created_at: '2026-11-20T10:30:00.000Z',
  delivered_at: '2026-11-20T10:30:01.000Z',
}
const TEST = {
  ...DELIVERY,
  event: 'webhook.test',
  group_id: null,
  seq: null,
  body: `{"event":"webhook.test","timestamp":"2026-11-20T10:30:00.000Z","data":{"message":"This is a test of your webhook."},"metadata":{"webhook_id":"${EXAMPLE.id}","api_version":"1.0","delivery_id":"${DELIVERY.id}","group_id":null,"seq":null}}`,
  log: [
    {
      n: 1,
      at: '2026-11-20T10:30:00.000Z',
      duration_ms: 112,
      status: 204,
      error: null,
      request_headers: { 'Content-Type': 'application/json', 'webhook-id': DELIVERY.id },
      response: '',
    },
  ],
}

const endpoints: readonly Operation[] = [
  operation({
    id: 'createWebhook',
    on: 'POST /api/webhooks/',
    summary: 'Register a webhook',
    description:
      'Events of your groups are sent there from now on, those of one group in their order. The secret that signs them is told once. An account has at most 20 webhooks.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    body: z
      .strictObject({ url, events, description: description.optional(), group_ids: groupIds.optional(), secret })
      .meta({ id: 'CreateWebhook' }),
    reply: data(201, WebhookWithSecretOut),
    fails: ['webhook.url', 'webhook.too_many'],
    example: {
      body: { url: EXAMPLE.url, events: EXAMPLE.events, description: EXAMPLE.description },
      reply: { ...EXAMPLE, secret: SECRET },
    },
    run: async (ctx, { body: { group_ids, ...rest } }) => webhookWithSecretOut(await createWebhook(ctx, { ...rest, groupIds: group_ids })),
  }),
  operation({
    id: 'listWebhooks',
    on: 'GET /api/webhooks/',
    summary: 'List your webhooks',
    description: 'Your webhooks, the newest first.',
    tag,
    access: user('webhooks:read'),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(WebhookOut),
    fails: [],
    example: { reply: [EXAMPLE] },
    run: async (ctx, { query }) => mapPage(await listWebhooks(ctx, pageRequest(query)), webhookOut),
  }),
  operation({
    id: 'getWebhook',
    on: 'GET /api/webhooks/{webhook_id}/',
    summary: 'Get a webhook',
    description: 'One of your webhooks, without its secret.',
    tag,
    access: user('webhooks:read'),
    limit: 'read',
    path,
    reply: data(200, WebhookOut),
    fails: ['webhook.not_found'],
    example: { reply: EXAMPLE },
    run: async (ctx, { path: p }) => webhookOut(await getWebhook(ctx, p.webhook_id)),
  }),
  operation({
    id: 'updateWebhook',
    on: 'PATCH /api/webhooks/{webhook_id}/',
    summary: 'Change a webhook',
    description:
      'Changes what is sent and keeps the rest. A disabled webhook gets no events; those that waited when it was disabled are sent once it is enabled again, and what happened in between can be brought by a replay.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path,
    body: z
      .strictObject({
        url: url.optional(),
        events: events.optional(),
        description: description.optional(),
        group_ids: groupIds.optional(),
        is_enabled: z.boolean().optional(),
      })
      .refine((given) => Object.keys(given).length > 0, 'Say at least one field')
      .meta({ id: 'UpdateWebhook' }),
    reply: data(200, WebhookOut),
    fails: ['webhook.not_found', 'webhook.url', 'request.stale', 'service.busy'],
    example: { body: { events: ['*'], is_enabled: true }, reply: { ...EXAMPLE, events: ['*'], version: 2 } },
    current: async (ctx, { path: p }) => webhookOut(await getWebhook(ctx, p.webhook_id)),
    run: async (ctx, { path: p, body: { group_ids, is_enabled, ...rest } }) =>
      webhookOut(await updateWebhook(ctx, p.webhook_id, { ...rest, groupIds: group_ids, isEnabled: is_enabled })),
  }),
  operation({
    id: 'deleteWebhook',
    on: 'DELETE /api/webhooks/{webhook_id}/',
    summary: 'Delete a webhook',
    description: 'Nothing more is sent, not even what waits.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path,
    reply: nothing,
    fails: ['webhook.not_found'],
    example: {},
    run: (ctx, { path: p }) => deleteWebhook(ctx, p.webhook_id),
  }),
  operation({
    id: 'rotateWebhookSecret',
    on: 'POST /api/webhooks/{webhook_id}/rotate-secret/',
    summary: 'Rotate the secret of a webhook',
    description:
      'The new secret is told once. For 24 hours both sign: `webhook-signature` lists both, and `X-Webhook-Signature-Previous` is by the one before.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path,
    body: z.strictObject({ secret }).meta({ id: 'RotateWebhookSecret' }),
    reply: data(200, WebhookWithSecretOut),
    fails: ['webhook.not_found', 'request.stale', 'service.busy'],
    example: { body: {}, reply: { ...EXAMPLE, previous_secret_until: '2026-11-21T10:30:00.000Z', version: 2, secret: SECRET } },
    current: async (ctx, { path: p }) => webhookOut(await getWebhook(ctx, p.webhook_id)),
    run: async (ctx, { path: p, body }) => webhookWithSecretOut(await rotateWebhookSecret(ctx, p.webhook_id, body.secret)),
  }),
]

const log: readonly Operation[] = [
  operation({
    id: 'testWebhook',
    on: 'POST /api/webhooks/{webhook_id}/test/',
    summary: 'Test a webhook',
    description:
      'Sends `webhook.test` now, once, signed like any event, and answers with the delivery and what came of it. It works for disabled webhooks too.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path,
    reply: data(200, DeliveryDetailOut),
    fails: ['webhook.not_found'],
    example: { reply: TEST },
    run: async (ctx, { path: p }) => deliveryDetailOut(await testWebhook(ctx, p.webhook_id)),
  }),
  operation({
    id: 'listDeliveries',
    on: 'GET /api/webhooks/{webhook_id}/deliveries/',
    summary: 'List the deliveries of a webhook',
    description: 'What was sent or waits to be, the newest first. The log goes back 30 days.',
    tag,
    access: user('webhooks:read'),
    limit: 'read',
    path,
    query: z.strictObject({
      ...pageFields,
      event: z.enum(DELIVERED_EVENTS).optional(),
      state: z.enum(STATES).optional(),
      group_id: id('group').optional(),
    }),
    reply: list(DeliveryOut),
    fails: ['webhook.not_found'],
    example: { reply: [DELIVERY] },
    run: async (ctx, { path: p, query }) => {
      const { event, state, group_id: groupId } = query
      return mapPage(await listDeliveries(ctx, p.webhook_id, { event, state, groupId }, pageRequest(query)), deliveryOut)
    },
  }),
  operation({
    id: 'getDelivery',
    on: 'GET /api/webhooks/{webhook_id}/deliveries/{delivery_id}/',
    summary: 'Get a delivery of a webhook',
    description: 'The payload, and for each attempt what was sent along and what came back.',
    tag,
    access: user('webhooks:read'),
    limit: 'read',
    path: deliveryPath,
    reply: data(200, DeliveryDetailOut),
    fails: ['webhook.not_found', 'delivery.not_found'],
    example: { reply: TEST },
    run: async (ctx, { path: p }) => deliveryDetailOut(await getDelivery(ctx, p.webhook_id, p.delivery_id)),
  }),
  operation({
    id: 'redeliverWebhook',
    on: 'POST /api/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver/',
    summary: 'Deliver an event again',
    description: 'Sends it again under the same `webhook-id`, as soon as nothing older of its group waits.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path: deliveryPath,
    reply: data(202, DeliveryOut),
    fails: ['webhook.not_found', 'delivery.not_found', 'webhook.disabled'],
    example: { reply: { ...DELIVERY, state: 'pending', attempts: 0, delivered_at: null } },
    run: async (ctx, { path: p }) => deliveryOut(await redeliverWebhook(ctx, p.webhook_id, p.delivery_id)),
  }),
  operation({
    id: 'replayWebhook',
    on: 'POST /api/webhooks/{webhook_id}/replay/',
    summary: 'Replay the events of a group',
    description:
      'Sends every event of the group from an entry on, in order: again under the same `webhook-id`, or for the first time where the webhook missed it or was not there yet. Only what you may see of the group. The reply names the job that does it.',
    tag,
    access: user('webhooks:write'),
    limit: 'write',
    path,
    body: z
      .strictObject({
        group_id: id('group'),
        from_seq: z.int().min(1).max(1e12).meta({ description: 'The first entry of the group to be told', example: 1 }),
      })
      .meta({ id: 'ReplayWebhook' }),
    reply: data(202, ReplayOut),
    fails: ['webhook.not_found', 'webhook.disabled', 'group.not_found'],
    example: { body: { group_id: EXAMPLE_IDS.group, from_seq: 1 }, reply: { job_id: 'job_01jd3k5m7n9pqrstvwxyz01234', state: 'queued' } },
    run: async (ctx, { path: p, body }) => replayOut(await replayWebhook(ctx, p.webhook_id, body.group_id, body.from_seq)),
  }),
]

export const webhooks: readonly Operation[] = [...endpoints, ...log]
