import { describe, expect, test } from 'vitest'
import {
  addLease,
  allowanceOf,
  callerKey,
  grantLease,
  isSpendable,
  networkOf,
  ruleFor,
  type Rule,
  type Window,
} from '../../src/domain/limits.ts'
import type { SignedIn } from '../../src/domain/actor.ts'

const person = (tier: 'standard' | 'premium'): SignedIn => ({
  type: 'session',
  userId: 'usr_01jd3k5m7n9pqrstvwxyz01234',
  sessionId: 'ses_01jd3k5m7n9pqrstvwxyz01234',
  personalGroupId: 'grp_01jd3k5m7n9pqrstvwxyz01234',
  timezone: 'UTC',
  tier,
})
const nobody = { type: 'anonymous' } as const

describe('ruleFor', () => {
  test.each([
    ['auth', 5, 10, 20, 60_000],
    ['read', 100, 1000, 5000, 3_600_000],
    ['write', 50, 500, 2000, 3_600_000],
    ['analytics', 100, 100, 1000, 3_600_000],
  ] as const)('%s requests have the limits of the document', (limitClass, anonymous, standard, premium, windowMs) => {
    expect(ruleFor(limitClass, nobody, 1)).toEqual({ limit: anonymous, windowMs })
    expect(ruleFor(limitClass, person('standard'), 1)).toEqual({ limit: standard, windowMs })
    expect(ruleFor(limitClass, person('premium'), 1)).toEqual({ limit: premium, windowMs })
  })

  test('a scale multiplies, and always leaves one request', () => {
    expect(ruleFor('auth', nobody, 0.01).limit).toBe(1)
    expect(ruleFor('read', nobody, 2.5).limit).toBe(250)
    expect(ruleFor('read', nobody, Number.NaN).limit).toBe(100)
  })
})

describe('callerKey', () => {
  test('a person is counted as themselves wherever they are, everyone else by network', () => {
    expect(callerKey(person('standard'), '192.0.2.1')).toBe('user:usr_01jd3k5m7n9pqrstvwxyz01234')
    expect(callerKey(nobody, '192.0.2.1')).toBe('ip:192.0.2.1')
  })

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['local', 'local'],
  ])('%s is counted as %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network)
  })
})

/** Asks for leases until an empty one comes, and tells how many tokens there were. */
function drain(rule: Rule, now: number, window?: Window): { tokens: number; window: Window } {
  let [tokens, current] = [0, window]
  for (;;) {
    const { window: next, lease } = grantLease(current, { rule, now, isForOne: false })
    current = next
    tokens += lease.tokens
    if (lease.tokens === 0) return { tokens, window: current }
  }
}

describe('grantLease', () => {
  test.each([1, 5, 20, 50, 99, 1000, 1_000_000])('leases of a window of %d add up to it exactly', (limit) => {
    expect(drain({ limit, windowMs: 60_000 }, 1000).tokens).toBe(limit)
  })

  test('a small limit is asked for each request, a large one for a twentieth at once', () => {
    expect(grantLease(undefined, { rule: { limit: 20, windowMs: 60_000 }, now: 0, isForOne: false }).lease.tokens).toBe(1)
    expect(grantLease(undefined, { rule: { limit: 1000, windowMs: 60_000 }, now: 0, isForOne: false }).lease.tokens).toBe(50)
    expect(grantLease(undefined, { rule: { limit: 1000, windowMs: 60_000 }, now: 0, isForOne: true }).lease.tokens).toBe(1)
  })

  test('the window begins with the first request and starts afresh when it is over', () => {
    const rule = { limit: 5, windowMs: 60_000 }
    const { window } = drain(rule, 1000)
    expect(window).toMatchObject({ startedAt: 1000, endsAt: 61_000, granted: 5 })
    expect(drain(rule, 60_999, window).tokens).toBe(0)
    expect(drain(rule, 61_000, window)).toMatchObject({ tokens: 5, window: { startedAt: 61_000 } })
  })

  test('a lease lasts ten seconds and never longer than its window', () => {
    const rule = { limit: 1000, windowMs: 60_000 }
    const first = grantLease(undefined, { rule, now: 0, isForOne: false })
    expect(first.lease.validUntil).toBe(10_000)
    expect(grantLease(first.window, { rule, now: 55_000, isForOne: false }).lease.validUntil).toBe(60_000)
    expect(isSpendable(first.lease, 9999)).toBe(true)
    expect(isSpendable(first.lease, 10_000)).toBe(false)
  })

  test('what is handed back can be given out again, but not in another window', () => {
    const rule = { limit: 100, windowMs: 60_000 }
    const { window } = drain(rule, 0)
    expect(grantLease(window, { rule, now: 1, isForOne: true, unspent: { startedAt: 0, tokens: 3 } })).toMatchObject({
      window: { granted: 98 },
      lease: { tokens: 1, left: 2 },
    })
    expect(grantLease(window, { rule, now: 60_000, isForOne: true, unspent: { startedAt: 0, tokens: 3 } })).toMatchObject({
      window: { granted: 1 },
      lease: { left: 99 },
    })
  })
})

describe('addLease', () => {
  const lease = { startedAt: 0, endsAt: 60_000, validUntil: 10_000, tokens: 5, left: 95 }

  test('leases of one window add up, whichever answer comes first', () => {
    const other = { ...lease, validUntil: 11_000, tokens: 1, left: 94 }
    expect(addLease(lease, other)).toEqual({ ...lease, tokens: 6, left: 94 })
    expect(addLease(other, lease)).toEqual({ ...lease, tokens: 6, left: 94 })
  })

  test('the lease of a later window takes the place of an earlier one', () => {
    const later = { ...lease, startedAt: 60_000, endsAt: 120_000 }
    expect(addLease(lease, later)).toBe(later)
    expect(addLease(later, lease)).toBe(later)
  })

  test('remaining counts what is held and what is left, and is 0 for who is refused', () => {
    const rule = { limit: 100, windowMs: 60_000 }
    expect(allowanceOf(rule, lease, true)).toEqual({ isAllowed: true, limit: 100, remaining: 100, resetS: 60 })
    expect(allowanceOf(rule, lease, false).remaining).toBe(0)
  })
})
