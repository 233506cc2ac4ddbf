// Webhooks as rules: which events there are, who wants which, what is sent, and what becomes of a delivery after
// each attempt. The first attempt at a delivery always follows the success, or the end, of the one before it.
import type { Id } from './ids.ts'
import { DAY, HOUR, isoOf, MINUTE, SECOND, type Timestamp } from './time.ts'
import { EVENTS, type EventName } from './events.ts'
import type { SpelledEvent } from './telling.ts'

/** `*` stands for every event, those to come included. */
export const CHOICES = [...EVENTS, '*'] as const
export type EventChoice = (typeof CHOICES)[number]

export const MAX_ENDPOINTS = 20
export const MAX_GROUPS = 50
/** How long the secret before the present one signs too. */
export const OVERLAP_MS = DAY

/** What begins with it is a secret as Standard Webhooks has it: the key in base64. */
export const SECRET_PREFIX = 'whsec_'

/** What is wrong with a secret that somebody brings, or undefined. */
export function faultOfSecret(secret: string): string | undefined {
  if (!/^[\x21-\x7e]{16,128}$/.test(secret)) return 'Must be 16 to 128 visible ASCII characters'
  if (!secret.startsWith(SECRET_PREFIX)) return undefined
  const base64 = secret.slice(SECRET_PREFIX.length)
  const bytes = (base64.replace(/=+$/, '').length * 3) / 4
  const isWhole = /^([A-Za-z\d+/]{4})*([A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(base64)
  return isWhole && bytes >= 24 && Math.floor(bytes) <= 64 ? undefined : 'What follows whsec_ must be 24 to 64 bytes in base64'
}

export interface Endpoint {
  readonly id: Id<'webhook'>
  readonly userId: Id<'user'>
  readonly url: string
  readonly description: string
  readonly events: readonly EventChoice[]
  /** Absent for every group of the user. */
  readonly groupIds: readonly Id<'group'>[] | null
  /** Where links in payloads point. */
  readonly origin: string
  readonly disabledAt: Timestamp | null
  readonly disabledReason: 'owner' | 'gone' | 'failing' | null
  /** Since when nothing got through. */
  readonly failingSince: Timestamp | null
  /** Until when the secret before the present one signs too. */
  readonly previousUntil: Timestamp | null
  readonly version: number
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

export type DeliveryState = 'pending' | 'delivered' | 'failed'

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly id: Id<'delivery'>
  readonly endpointId: Id<'webhook'>
  /** Empty for what belongs to no group: a test. */
  readonly groupId: Id<'group'> | ''
  readonly seq: number
  /** Its place among the events of one entry. */
  readonly n: number
  readonly event: EventName
  /** Byte for byte what is signed and sent. */
  readonly body: string
  readonly state: DeliveryState
  /** Since it was last made pending. */
  readonly attempts: number
  readonly createdAt: Timestamp
  readonly deliveredAt: Timestamp | null
}

/** A try to hand over a delivery, and what came back. */
export interface Attempt {
  readonly at: Timestamp
  readonly durationMs: number
  /** Of the reply; null when there was none. */
  readonly status: number | null
  /** Why there was no reply, or none that counts. */
  readonly error: string | null
  readonly requestHeaders: Readonly<Record<string, string>>
  /** The beginning of the reply's body. */
  readonly response: string
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs: number
}

export const isWanted = ({ events, groupIds }: Pick<Endpoint, 'events' | 'groupIds'>, event: EventName, groupId: Id<'group'>): boolean =>
  (groupIds === null || groupIds.includes(groupId)) && events.some((one) => one === '*' || one === event)

/** The payload as the document has it, as the text that is signed. */
export function payloadOf(
  { event, at, data }: Pick<SpelledEvent, 'event' | 'at' | 'data'>,
  about: { endpointId: Id<'webhook'>; deliveryId: Id<'delivery'>; groupId: Id<'group'> | ''; seq: number },
): string {
  const place = about.groupId === '' ? { group_id: null, seq: null } : { group_id: about.groupId, seq: about.seq }
  const metadata = { webhook_id: about.endpointId, api_version: '1.0', delivery_id: about.deliveryId, ...place }
  return JSON.stringify({ event, timestamp: isoOf(at), data, metadata })
}

/** How long to wait after the first failure, the second and so on: about three days in all. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
const LONGEST_RETRY_AFTER_MS = DAY
/** An endpoint that nothing got through to for so long is disabled. */
export const FAILING_MS = 5 * DAY

/** What a `Retry-After` header asks for, in seconds or as a date (RFC 9110), in milliseconds; 0 where it says nothing. */
export function retryAfterMs(header: string | null, now: Timestamp): number {
  if (header === null) return 0
  const ms = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS)
}

export const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300

/** What an attempt came to. */
export interface Verdict {
  readonly state: DeliveryState
  /** When to try again; present exactly while it is pending. */
  readonly retryAt?: Timestamp
  /** Why nothing more is to be sent to the endpoint. */
  readonly disable?: 'gone' | 'failing'
}

/**
 * What becomes of a delivery after its `attempts`th attempt. 2xx is success, 410 ends the endpoint, everything else is
 * tried again until the schedule is over. `random` from 0 to 1 spreads the waiting by a fifth to both sides.
 */
export function judge(
  { status, retryAfterMs: asked }: Pick<Attempt, 'status' | 'retryAfterMs'>,
  { attempts, failingSince }: { attempts: number; failingSince: Timestamp | null },
  now: Timestamp,
  random: number,
): Verdict {
  if (isSuccess(status)) return { state: 'delivered' }
  const delay = RETRY_DELAYS_MS[attempts - 1]
  const isFailing = failingSince !== null && now - failingSince >= FAILING_MS
  const disable = status === 410 ? ({ disable: 'gone' } as const) : isFailing ? ({ disable: 'failing' } as const) : {}
  if (delay === undefined && status !== 410) return { state: 'failed', ...disable }
  const waits = Math.max(asked, Math.round((delay ?? DAY) * (0.8 + 0.4 * random)))
  return { state: 'pending', retryAt: now + waits, ...disable }
}
