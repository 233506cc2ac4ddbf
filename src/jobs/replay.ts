// Delivers events of the past again, or for the first time: those that an endpoint missed because it was disabled,
// or that happened before it was there.
import { runBatch } from '../db/client.ts'
import { countDeliveries } from '../db/deliveries.ts'
import { findEndpoint } from '../db/webhooks.ts'
import type { Job, JobKinds } from '../domain/job.ts'
import type { News } from '../domain/telling.ts'
import type { JobContext } from './context.ts'
import { deliveriesOf, storeDeliveries } from './follow-webhooks.ts'

/** Says how far the job is, at most as often as it matters. */
export type Progress = (doneUnits: number, totalUnits: number) => Promise<void>

/** Runs a replay, portion by portion of the journal; one that begins again goes on behind the last portion. */
export async function replay(
  at: JobContext,
  job: Job<'webhook_replay'>,
  progress: Progress,
): Promise<JobKinds['webhook_replay']['result']> {
  const { endpointId, groupId, fromSeq } = job.input
  // RPC types every field as if it might hold a stub; what comes here is plain data.
  const object = at.env.GROUP.getByName(groupId) as unknown as { news(after: number): Promise<News> }
  let after = fromSeq - 1 + job.doneUnits
  for (;;) {
    const endpoint = await findEndpoint(at.db, job.userId, endpointId)
    if (endpoint === undefined || endpoint.disabledAt !== null) break
    const news = await object.news(after)
    const last: { readonly seq: number } | undefined = news.entries.at(-1)
    if (last === undefined) break
    await runBatch(at.db, await storeDeliveries(at, deliveriesOf(at, groupId, news, [endpoint]), true))
    after = last.seq
    await progress(after - fromSeq + 1, news.state.seq - fromSeq + 1)
  }
  return { deliveries: await countDeliveries(at.db, { endpointId, groupId }, fromSeq) }
}
