// The deliveries of one lane, in their order: the next is sent once the one before it got through, or was given up.
// A worker that dies between sending and noting it leaves the delivery waiting, and it is sent again under the same
// webhook-id: at least once, told apart by id. Even if a lease is outrun, two workers begin at the same delivery and
// go on only from what was noted, so what arrives for the first time arrives in order.
import { runBatch } from '../db/client.ts'
import { findHead, recordAttempt, wakeLeftLane, type Head, type Lane } from '../db/deliveries.ts'
import { isTakenIn, takeIn } from '../db/inbox.ts'
import { stableId } from '../db/stable-id.ts'
import type { Notification } from '../domain/notification.ts'
import { SECOND, type Timestamp } from '../domain/time.ts'
import { judge, type Endpoint } from '../domain/webhook.ts'
import { messagesOf } from '../services/repeatable.ts'
import { attemptDelivery } from '../services/webhook-attempt.ts'
import { announce } from './announce.ts'
import type { JobContext, Kept } from './context.ts'

/** No delivery is begun later than this, so that the last of them ends within the lease of a minute. */
const BUDGET_MS = 40 * SECOND
const MOST_OF_A_LANE = 50
/** Of one run of the jobs: connections that may be open at once, and queries that it may make, are few in Workers. */
const MOST_OF_A_RUN = 150
const AT_ONCE = 4

/** What the lanes of one run share: each waits for its turn to send. */
class Outlet {
  #left = MOST_OF_A_RUN
  #free = AT_ONCE
  readonly #waiting: (() => void)[] = []

  /** Undefined when the run has sent all that it may. */
  async use<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#left === 0) return undefined
    this.#left--
    if (this.#free > 0) this.#free--
    else await new Promise<void>((go) => this.#waiting.push(go))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

const outlets = new WeakMap<JobContext, Outlet>()

function outletOf(at: JobContext): Outlet {
  const outlet = outlets.get(at) ?? new Outlet()
  outlets.set(at, outlet)
  return outlet
}

/** The time as it goes on from the job's. */
function clockOf(at: JobContext): () => Timestamp {
  const begun = Date.now()
  return () => at.now + (Date.now() - begun)
}

const WHY = { gone: 'it answered that it is gone', failing: 'nothing got through to it for five days' } as const

/** What the owner is told when we stop sending to their endpoint. */
function noticeOf({ id, userId, url, version }: Endpoint, reason: 'gone' | 'failing', now: Timestamp): Notification {
  const { host } = new URL(url)
  return {
    id: stableId('notification', 'webhook_disabled', id, version),
    userId,
    type: 'webhook_disabled',
    priority: 'high',
    title: 'A webhook was disabled',
    message: `Your webhook at ${host} was disabled, because ${WHY[reason]}. Enable it again once it works; a replay brings what it missed.`,
    metadata: { webhook_id: id, host, reason },
    createdAt: now,
  }
}

/** Sends the head of the lane and notes what came of it. Answers when to try it again, if the lane has to wait for it. */
async function sendHead(at: JobContext, head: Head, now: () => Timestamp): Promise<{ readonly retryAt?: Timestamp }> {
  const { delivery, endpoint } = head
  const attempt = await attemptDelivery(at, head, now())
  const told = { attempts: delivery.attempts + 1, failingSince: endpoint.failingSince }
  const verdict = judge(attempt, told, now(), Math.random())
  const statements = recordAttempt(at.db, head, attempt, verdict, now())
  const { disable, retryAt } = verdict
  if (disable === undefined) {
    await runBatch(at.db, statements)
    return retryAt === undefined ? {} : { retryAt }
  }
  const announced = await announce(at, [noticeOf(endpoint, disable, now())])
  try {
    // Another lane of the endpoint may come to the same end at the same time; the owner is told once.
    const once = takeIn(at.db, 'webhook_disabled', `${endpoint.id}:${endpoint.version}`, now())
    await runBatch(at.db, [once, ...statements, ...announced.statements])
    await announced.after?.()
  } catch (error) {
    if (!messagesOf(error).some(isTakenIn)) throw error
    await runBatch(at.db, statements)
  }
  return {}
}

/** Sends what waits for the endpoint about the group. */
export async function deliver(at: JobContext, { endpointId, groupId }: Lane): Promise<Kept> {
  const lane: Lane = { endpointId, groupId }
  const now = clockOf(at)
  const deadline = at.now + BUDGET_MS
  for (let sent = 0; sent < MOST_OF_A_LANE; sent++) {
    const head = await findHead(at.db, lane)
    if (head === undefined) return { statements: [wakeLeftLane(at.db, lane, now())] }
    const sending = await outletOf(at).use(async () => (now() > deadline ? undefined : sendHead(at, head, now)))
    if (sending === undefined) break
    if (sending.retryAt !== undefined) return { againAt: sending.retryAt }
  }
  // What is left goes on with the next run of the jobs; the hint saves it from waiting for the sweep.
  await at.env.HINTS.send({ kind: 'effects' }, { delaySeconds: 1 }).catch(() => undefined)
  return { againAt: at.now }
}
