// How much a caller may ask in a while: the document's table, and the arithmetic of windows and leases.
// A window hands out no more than its limit; a lease that is never heard of again counts as spent.
import type { Actor } from './actor.ts'
import { HOUR, MINUTE, SECOND, type Timestamp } from './time.ts'

export type LimitClass = 'auth' | 'read' | 'write' | 'analytics'

/** So many requests in a window that begins with the first of them. */
export interface Rule {
  readonly limit: number
  readonly windowMs: number
}

/** What is left of the caller's allowance after this request. */
export interface Allowance {
  readonly isAllowed: boolean
  readonly limit: number
  readonly remaining: number
  /** When the allowance is full again, in seconds since the epoch. */
  readonly resetS: number
}

/** The limits of the document. Analytics need an account, so an anonymous caller only gets to be refused. */
const TABLE: Readonly<
  Record<LimitClass, { readonly windowMs: number; readonly anonymous: number; readonly standard: number; readonly premium: number }>
> = {
  auth: { windowMs: MINUTE, anonymous: 5, standard: 10, premium: 20 },
  read: { windowMs: HOUR, anonymous: 100, standard: 1000, premium: 5000 },
  write: { windowMs: HOUR, anonymous: 50, standard: 500, premium: 2000 },
  analytics: { windowMs: HOUR, anonymous: 100, standard: 100, premium: 1000 },
}

/** The rule for this caller, scaled; a scale that is no positive number counts as 1, and one request is always allowed. */
export function ruleFor(limitClass: LimitClass, actor: Actor, scale: number): Rule {
  const row = TABLE[limitClass]
  const base = row[actor.type === 'anonymous' ? 'anonymous' : actor.tier]
  const factor = Number.isFinite(scale) && scale > 0 ? scale : 1
  return { limit: Math.max(1, Math.floor(base * factor)), windowMs: row.windowMs }
}

/** Whose allowance it is: the user's, or that of the network an anonymous caller is in. */
export const callerKey = (actor: Actor, ip: string): string => (actor.type === 'anonymous' ? `ip:${networkOf(ip)}` : `user:${actor.userId}`)

/** An IPv4 address as it is, an IPv6 address as its /64: one household holds all of those. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** What the limiter object knows of a caller and a class. */
export interface Window {
  readonly startedAt: Timestamp
  readonly endsAt: Timestamp
  /** Handed out and not handed back. */
  readonly granted: number
}

/** A part of a window that one isolate may give out without asking. */
export interface Lease {
  readonly startedAt: Timestamp
  readonly endsAt: Timestamp
  readonly validUntil: Timestamp
  readonly tokens: number
  /** What the window had left besides. */
  readonly left: number
}

export interface Ask {
  readonly rule: Rule
  readonly now: Timestamp
  /** Just for one request: another of this isolate has asked for more and waits for the answer. */
  readonly isForOne: boolean
  /** What is left of an earlier lease, and the start of the window that it came from. */
  readonly unspent?: { readonly startedAt: Timestamp; readonly tokens: number }
}

const LEASE_MS = 10 * SECOND
/** 5% of the limit at once, and near its end a quarter of what is left, so that other isolates find some too. */
const SHARE_OF_LIMIT = 0.05
const SHARE_OF_REST = 0.25

/** Takes a lease from the window, or from a new one if it is over. The lease is empty when nothing is left. */
export function grantLease(current: Window | undefined, ask: Ask): { readonly window: Window; readonly lease: Lease } {
  const { rule, now, unspent } = ask
  const isOver = current === undefined || now >= current.endsAt
  const { startedAt, endsAt, granted } = isOver ? { startedAt: now, endsAt: now + rule.windowMs, granted: 0 } : current
  const returned = unspent?.startedAt === startedAt ? unspent.tokens : 0
  const spent = Math.max(0, granted - returned)
  const rest = Math.max(0, rule.limit - spent)
  const share = Math.max(1, Math.floor(Math.min(rule.limit * SHARE_OF_LIMIT, rest * SHARE_OF_REST)))
  const tokens = Math.min(rest, ask.isForOne ? 1 : share)
  return {
    window: { startedAt, endsAt, granted: spent + tokens },
    lease: { startedAt, endsAt, validUntil: Math.min(endsAt, now + LEASE_MS), tokens, left: rest - tokens },
  }
}

export const isSpendable = (lease: Lease, now: Timestamp): boolean => lease.tokens > 0 && now < lease.validUntil

/** What an isolate holds after a further lease came; answers may arrive in another order than they were given. */
export function addLease(held: Lease | undefined, lease: Lease): Lease {
  if (held === undefined || held.startedAt < lease.startedAt) return lease
  if (held.startedAt > lease.startedAt) return held
  return {
    ...lease,
    tokens: held.tokens + lease.tokens,
    left: Math.min(held.left, lease.left),
    validUntil: Math.min(held.validUntil, lease.validUntil),
  }
}

/** The allowance to report for a request that was let through or refused, with the lease as it is afterwards. */
export const allowanceOf = (rule: Rule, lease: Pick<Lease, 'tokens' | 'left' | 'endsAt'>, isAllowed: boolean): Allowance => ({
  isAllowed,
  limit: rule.limit,
  remaining: isAllowed ? lease.tokens + lease.left : 0,
  resetS: Math.ceil(lease.endsAt / SECOND),
})
