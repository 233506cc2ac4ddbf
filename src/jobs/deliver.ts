// Webhooks on their way: which deliveries entries come to, and the deliveries of one lane in their order.
import type { Id } from '../domain/ids.ts'
import type { News } from '../domain/telling.ts'
import { NOTHING, type Followed, type JobContext, type Kept } from './context.ts'

/** The deliveries that the entries come to. */
export async function followWebhooks(_at: JobContext, _groupId: Id<'group'>, _news: News): Promise<Followed> {
  return NOTHING
}

/** Sends what waits for the endpoint about the group. */
export async function deliver(
  _at: JobContext,
  _lane: { readonly endpointId: Id<'webhook'>; readonly groupId: Id<'group'> | '' },
): Promise<Kept> {
  return {}
}
