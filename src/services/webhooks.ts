// Webhooks: addresses to which a person has events of their groups sent, and what became of each event.
import { signedIn, type Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import * as deliveries from '../db/deliveries.ts'
import { insertJob, newJob } from '../db/jobs.ts'
import * as rows from '../db/webhooks.ts'
import { AppError, staleFailure } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Job } from '../domain/job.ts'
import { pageOfAll, type Page, type PageRequest } from '../domain/page.ts'
import { isSuccess, OVERLAP_MS, payloadOf, type Delivery, type Endpoint, type EventChoice } from '../domain/webhook.ts'
import { checkOutgoingUrl } from '../platform/outgoing.ts'
import { newWebhookSecret, sealWebhookSecret } from '../platform/webhook-secrets.ts'
import { commit, messagesOf } from './repeatable.ts'
import { attemptDelivery } from './webhook-attempt.ts'

const MAX_TRIES = 4
const MOST_ATTEMPTS_SHOWN = 100

/** `secret` is null when the request repeats an earlier one, because it is told once. */
export type EndpointWithSecret = Endpoint & { readonly secret: string | null }

export interface NewEndpoint {
  readonly url: string
  readonly events: readonly EventChoice[]
  readonly description?: string | undefined
  readonly groupIds?: readonly Id<'group'>[] | null | undefined
  readonly secret?: string | undefined
}

/** What is to change; null for `groupIds` means all groups. */
export type EndpointChange = { readonly [K in keyof Omit<NewEndpoint, 'secret'>]?: NewEndpoint[K] | undefined } & {
  readonly isEnabled?: boolean | undefined
}

/** The address as it is stored; throws `webhook.url` with what is expected of one. */
function urlOf(ctx: Ctx, text: string): string {
  const checked = checkOutgoingUrl(text, ctx.env.ENVIRONMENT === 'local')
  if ('url' in checked) return checked.url
  const expected = 'https://host.name/path on port 443, a public host name, no user, no fragment'
  throw new AppError('webhook.url', [{ field: 'url', message: checked.fault, code: 'URL_NOT_ALLOWED', expected, got: text.slice(0, 200) }])
}

/** Throws unless the caller is in each of the groups. */
async function requireOwnGroups(ctx: Ctx, groupIds: readonly Id<'group'>[]): Promise<void> {
  const own = await rows.findOwnGroups(ctx.db, signedIn(ctx).userId, groupIds)
  const strange = groupIds.flatMap((id, i) => (own.has(id) ? [] : [{ id, i }]))
  if (strange.length === 0) return
  throw new AppError(
    'request.invalid',
    strange.map(({ id, i }) => ({ field: `group_ids.${i}`, message: 'Must be a group that you are in', code: 'UNKNOWN_GROUP', got: id })),
  )
}

async function getEndpoint(ctx: Ctx, id: Id<'webhook'>): Promise<Endpoint> {
  const endpoint = await rows.findEndpoint(ctx.db, signedIn(ctx).userId, id)
  if (endpoint === undefined) throw new AppError('webhook.not_found')
  return endpoint
}

const requireEnabled = ({ disabledAt, disabledReason }: Endpoint): void => {
  if (disabledAt === null) return
  throw new AppError('webhook.disabled', [{ field: 'is_enabled', message: `It was disabled: ${disabledReason}`, code: 'DISABLED' }])
}

/** Registers an endpoint. Throws `webhook.url` and `webhook.too_many`. */
export async function createWebhook(ctx: Ctx, input: NewEndpoint): Promise<EndpointWithSecret> {
  const { userId } = signedIn(ctx)
  const { events, description = '', groupIds = null, secret = newWebhookSecret() } = input
  const url = urlOf(ctx, input.url)
  const build = async () => {
    if (groupIds !== null) await requireOwnGroups(ctx, groupIds)
    const outcome: Endpoint = {
      id: newId('webhook'),
      userId,
      url,
      description,
      events,
      groupIds,
      origin: ctx.origin,
      disabledAt: null,
      disabledReason: null,
      failingSince: null,
      previousUntil: null,
      version: 1,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }
    return { statements: rows.insertEndpoint(ctx.db, outcome, await sealWebhookSecret(ctx.env.SECRET, outcome.id, secret)), outcome }
  }
  try {
    const made = await commit(ctx, build)
    return { ...made, secret: ctx.notes.isReplayed ? null : secret }
  } catch (error) {
    if (messagesOf(error).some(rows.isEndpointGuard)) throw new AppError('webhook.too_many')
    throw error
  }
}

/** The caller's endpoints, the newest first. */
export const listWebhooks = async (ctx: Ctx, request: PageRequest): Promise<Page<Endpoint>> =>
  pageOfAll(await rows.listEndpoints(ctx.db, signedIn(ctx).userId), request)

/** One of the caller's endpoints; throws `webhook.not_found`. */
export const getWebhook = (ctx: Ctx, id: Id<'webhook'>): Promise<Endpoint> => getEndpoint(ctx, id)

/** Writes what `decide` makes of the endpoint, on the version that it was decided on. Throws `request.stale` after a failed If-Match. */
async function change(
  ctx: Ctx,
  id: Id<'webhook'>,
  decide: (before: Endpoint) => Promise<{ after: Endpoint; statements: readonly Statement[] }>,
): Promise<Endpoint> {
  const build = async () => {
    const before = await getEndpoint(ctx, id)
    if (ctx.ifMatch !== undefined && ctx.ifMatch !== before.version) throw AppError.from(staleFailure(before.version, ctx.ifMatch))
    const { after, statements } = await decide(before)
    return { statements: [rows.requireEndpointVersion(ctx.db, id, before.version), ...statements], outcome: after }
  }
  for (let tries = 1; ; tries++) {
    try {
      return await commit(ctx, build)
    } catch (error) {
      if (!messagesOf(error).some(rows.isEndpointGuard)) throw error
      if (tries === MAX_TRIES) throw new AppError('service.busy', [], { retryAfterS: 1 })
    }
  }
}

/** Whether events are sent, and if not, why. Enabling is a fresh start. */
function switched(before: Endpoint, isEnabled: boolean | undefined, now: number): Partial<Endpoint> {
  if (isEnabled === undefined || isEnabled === (before.disabledAt === null)) return {}
  if (isEnabled) return { disabledAt: null, disabledReason: null, failingSince: null }
  return { disabledAt: now, disabledReason: 'owner' }
}

/** Changes one of the caller's endpoints. One that is enabled again is sent what has waited. Throws `webhook.url`, `request.stale`. */
export async function updateWebhook(ctx: Ctx, id: Id<'webhook'>, input: EndpointChange): Promise<Endpoint> {
  const { url, events, description, groupIds, isEnabled } = input
  return change(ctx, id, async (before) => {
    if (groupIds !== undefined && groupIds !== null) await requireOwnGroups(ctx, groupIds)
    const after: Endpoint = {
      ...before,
      ...(url !== undefined && { url: urlOf(ctx, url) }),
      ...(events !== undefined && { events }),
      ...(description !== undefined && { description }),
      ...(groupIds !== undefined && { groupIds }),
      ...switched(before, isEnabled, ctx.now),
      version: before.version + 1,
      updatedAt: ctx.now,
    }
    const isBack = before.disabledAt !== null && after.disabledAt === null
    const waiting = isBack ? [deliveries.forgiveWaiting(ctx.db, id), ...(await wakeWaiting(ctx, id))] : []
    return { after, statements: [rows.updateEndpoint(ctx.db, after), ...waiting] }
  })
}

async function wakeWaiting(ctx: Ctx, id: Id<'webhook'>): Promise<Statement[]> {
  const lanes = await deliveries.listWaitingLanes(ctx.db, id)
  if (lanes.length === 0) return []
  ctx.notes.hasEffects = true
  return [deliveries.wakeLanes(ctx.db, lanes, ctx.now)]
}

/** Deletes one of the caller's endpoints; what waits for it is not sent any more. */
export async function deleteWebhook(ctx: Ctx, id: Id<'webhook'>): Promise<void> {
  await commit(ctx, async () => {
    await getEndpoint(ctx, id)
    return { statements: rows.deleteEndpoint(ctx.db, id, ctx.now), outcome: null }
  })
}

/** Gives the endpoint a new secret, its owner's or a generated one; the one before it signs too for a day. */
export async function rotateWebhookSecret(ctx: Ctx, id: Id<'webhook'>, own?: string): Promise<EndpointWithSecret> {
  const secret = own ?? newWebhookSecret()
  const sealed = await sealWebhookSecret(ctx.env.SECRET, id, secret)
  const rotated = await change(ctx, id, async (before) => {
    const after = { ...before, previousUntil: ctx.now + OVERLAP_MS, version: before.version + 1, updatedAt: ctx.now }
    return { after, statements: [rows.rotateSecret(ctx.db, after, sealed), ...(await wakeWaiting(ctx, id))] }
  })
  return { ...rotated, secret: ctx.notes.isReplayed ? null : secret }
}

/** A delivery with its attempts, the newest first. */
export interface DeliveryDetail {
  readonly delivery: Delivery
  readonly attempts: readonly deliveries.KeptAttempt[]
}

/** Sends a test event now, once, enabled or not, and says what came of it. It has no say in whether the endpoint fails. */
export async function testWebhook(ctx: Ctx, id: Id<'webhook'>): Promise<DeliveryDetail> {
  return commit(ctx, async () => {
    const endpoint = await getEndpoint(ctx, id)
    const secrets = await rows.findSecrets(ctx.db, id)
    if (secrets === undefined) throw new AppError('webhook.not_found')
    const about = { endpointId: id, deliveryId: newId('delivery'), groupId: '', seq: 0 } as const
    const event = 'webhook.test'
    const body = payloadOf({ event, at: ctx.now, data: { message: 'This is a test of your webhook.' } }, about)
    const { deliveryId, ...place } = about
    const waiting: Delivery = {
      ...place,
      id: deliveryId,
      n: 0,
      event,
      body,
      state: 'pending',
      attempts: 0,
      createdAt: ctx.now,
      deliveredAt: null,
    }
    const { retryAfterMs: _, ...attempt } = await attemptDelivery(ctx, { delivery: waiting, endpoint, secrets }, ctx.now)
    const isDelivered = isSuccess(attempt.status)
    const delivery: Delivery = {
      ...waiting,
      state: isDelivered ? 'delivered' : 'failed',
      attempts: 1,
      deliveredAt: isDelivered ? ctx.now : null,
    }
    return {
      statements: [deliveries.insertDelivery(ctx.db, delivery), deliveries.insertAttempt(ctx.db, delivery.id, attempt)],
      outcome: { delivery, attempts: [{ ...attempt, n: 1 }] },
    }
  })
}

/** Deliveries to one of the caller's endpoints, the newest first. */
export async function listDeliveries(
  ctx: Ctx,
  id: Id<'webhook'>,
  filter: deliveries.DeliveryFilter,
  request: PageRequest,
): Promise<Page<Delivery>> {
  await getEndpoint(ctx, id)
  const [createdAt, seq, n, last] = request.after ?? []
  const isGoingOn = typeof createdAt === 'number' && typeof seq === 'number' && typeof n === 'number' && typeof last === 'string'
  const { items, total } = await deliveries.listDeliveriesOf(ctx.db, id, filter, {
    limit: request.size + 1,
    offset: isGoingOn ? 0 : (request.page - 1) * request.size,
    ...(isGoingOn && { before: { createdAt, seq, n, id: last } }),
  })
  const shown = items.slice(0, request.size)
  const end = items.length > request.size ? shown.at(-1) : undefined
  return { items: shown, total, request, ...(end && { next: [end.createdAt, end.seq, end.n, end.id] }) }
}

async function findOwnDelivery(ctx: Ctx, id: Id<'webhook'>, deliveryId: Id<'delivery'>): Promise<Delivery> {
  const delivery = await deliveries.findDelivery(ctx.db, id, deliveryId)
  if (delivery === undefined) throw new AppError('delivery.not_found')
  return delivery
}

/** A delivery to one of the caller's endpoints; throws `webhook.not_found` and `delivery.not_found`. */
export async function getDelivery(ctx: Ctx, id: Id<'webhook'>, deliveryId: Id<'delivery'>): Promise<DeliveryDetail> {
  await getEndpoint(ctx, id)
  const delivery = await findOwnDelivery(ctx, id, deliveryId)
  return { delivery, attempts: await deliveries.listAttempts(ctx.db, deliveryId, MOST_ATTEMPTS_SHOWN) }
}

/** Has a delivery made again under its id, when its turn comes in its lane. Throws `webhook.disabled`. */
export async function redeliverWebhook(ctx: Ctx, id: Id<'webhook'>, deliveryId: Id<'delivery'>): Promise<Delivery> {
  return commit(ctx, async () => {
    requireEnabled(await getEndpoint(ctx, id))
    const delivery = await findOwnDelivery(ctx, id, deliveryId)
    ctx.notes.hasEffects = true
    const outcome: Delivery = { ...delivery, state: 'pending', attempts: 0, deliveredAt: null }
    return { statements: deliveries.resetDelivery(ctx.db, delivery, ctx.now), outcome }
  })
}

/** Has every event of a group from a seq on delivered again, by a job. Throws `group.not_found` unless the caller is in it or was. */
export async function replayWebhook(ctx: Ctx, id: Id<'webhook'>, groupId: Id<'group'>, fromSeq: number): Promise<Job> {
  const { userId } = signedIn(ctx)
  return commit(ctx, async () => {
    const endpoint = await getEndpoint(ctx, id)
    requireEnabled(endpoint)
    if (!(await rows.hasBeenIn(ctx.db, userId, groupId))) throw new AppError('group.not_found')
    if (endpoint.groupIds !== null && !endpoint.groupIds.includes(groupId))
      throw new AppError('request.invalid', [
        { field: 'group_id', message: 'The webhook is not about this group; add it to group_ids first', code: 'GROUP_NOT_WATCHED' },
      ])
    ctx.notes.hasEffects = true
    const outcome = newJob('webhook_replay', userId, { endpointId: id, groupId, fromSeq }, ctx.now)
    return { statements: insertJob(ctx.db, outcome), outcome }
  })
}
