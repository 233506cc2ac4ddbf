// Rate limits: one object per caller counts, and isolates take leases from it, so that most requests ask nobody.
// Over all isolates never more than the limit is let through; a limiter out of reach holds nobody back.
import { DurableObject } from 'cloudflare:workers'
import type { Actor } from '../domain/actor.ts'
import {
  addLease,
  allowanceOf,
  callerKey,
  grantLease,
  isSpendable,
  ruleFor,
  type Allowance,
  type Ask,
  type Lease,
  type LimitClass,
  type Rule,
  type Window,
} from '../domain/limits.ts'
import { SECOND, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'

/** The windows of one caller. Stored with each lease, so that an eviction does not give the allowance back. */
export class LimiterObject extends DurableObject<Env> {
  readonly #windows: Map<LimitClass, Window>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#windows = new Map(ctx.storage.kv.list<Window>() as Iterable<[LimitClass, Window]>)
  }

  /** A lease from the caller's window of this class; an empty one when the limit is reached. */
  async lease(limitClass: LimitClass, ask: Ask): Promise<Lease> {
    const before = this.#windows.get(limitClass)
    const { window, lease } = grantLease(before, ask)
    this.#windows.set(limitClass, window)
    this.ctx.storage.kv.put(limitClass, window)
    if (before?.startedAt !== window.startedAt) await this.ctx.storage.setAlarm(this.#lastEnd())
    return lease
  }

  /** Forgets a caller whose windows are all over. Whatever opened a later one has set the alarm anew. */
  override async alarm(): Promise<void> {
    if (Date.now() < this.#lastEnd()) return
    this.#windows.clear()
    await this.ctx.storage.deleteAll()
  }

  #lastEnd(): Timestamp {
    return Math.max(0, ...[...this.#windows.values()].map((window) => window.endsAt))
  }
}

/** What this isolate may give out to one caller in one class without asking. */
interface Slot {
  lease?: Lease
  /** Refuse without asking until then: a flood must not reach the object. */
  emptyUntil: Timestamp
  /** A request is asking for a share, unless it was cut off and this is long ago. */
  askedAt: Timestamp
}

/** Bounds the memory. What is dropped counts as spent. */
const MAX_SLOTS = 10_000
const slots = new Map<string, Slot>()

function slotOf(key: string): Slot {
  const known = slots.get(key)
  if (known !== undefined) return known
  const [oldest] = slots.keys()
  if (slots.size >= MAX_SLOTS && oldest !== undefined) slots.delete(oldest)
  const slot: Slot = { emptyUntil: 0, askedAt: 0 }
  slots.set(key, slot)
  return slot
}

function takeToken(slot: Slot, rule: Rule, now: Timestamp): Allowance | undefined {
  const { lease } = slot
  if (lease === undefined || !isSpendable(lease, now)) return undefined
  slot.lease = { ...lease, tokens: lease.tokens - 1 }
  return allowanceOf(rule, slot.lease, true)
}

/** Asks the object for a lease and adds it to the slot. The promise is not shared: a request that is cut off would leave the others waiting. */
async function refill(env: Env, caller: string, limitClass: LimitClass, slot: Slot, rule: Rule, now: Timestamp): Promise<Lease> {
  const { lease: held, askedAt } = slot
  const isForOne = now - askedAt < SECOND
  if (!isForOne) slot.askedAt = now
  delete slot.lease
  const unspent = held !== undefined && held.tokens > 0 ? { startedAt: held.startedAt, tokens: held.tokens } : undefined
  const lease = await env.LIMITER.getByName(caller).lease(limitClass, { rule, now, isForOne, ...(unspent !== undefined && { unspent }) })
  if (!isForOne) slot.askedAt = 0
  slot.lease = addLease(slot.lease, lease)
  return lease
}

/** One line for an outage, not one for each request in it. */
let isOutageLogged = false

function letThrough(rule: Rule, now: Timestamp, error: unknown): Allowance {
  if (!isOutageLogged)
    console.error(
      JSON.stringify({ level: 'error', message: 'The rate limiter is out of reach; requests pass uncounted', cause: String(error) }),
    )
  isOutageLogged = true
  return allowanceOf(rule, { tokens: rule.limit - 1, left: 0, endsAt: now + rule.windowMs }, true)
}

/** Takes one request off the caller's allowance of this class: per user, or per network for anonymous callers. */
export async function spend(env: Env, actor: Actor, ip: string, limitClass: LimitClass, now: Timestamp): Promise<Allowance> {
  const rule = ruleFor(limitClass, actor, Number(env.RATE_LIMIT_SCALE))
  const caller = callerKey(actor, ip)
  const slot = slotOf(`${limitClass} ${caller}`)
  const atOnce = takeToken(slot, rule, now)
  if (atOnce !== undefined) return atOnce
  if (slot.lease !== undefined && now < slot.emptyUntil) return allowanceOf(rule, slot.lease, false)
  try {
    const lease = await refill(env, caller, limitClass, slot, rule, now)
    isOutageLogged = false
    const allowance = takeToken(slot, rule, now)
    if (allowance !== undefined) return allowance
    slot.emptyUntil = Math.min(lease.endsAt, now + SECOND)
    return allowanceOf(rule, lease, false)
  } catch (error) {
    return letThrough(rule, now, error)
  }
}
