// The rules of payments and their methods that need no provider.
import { describe, expect, test } from 'vitest'
import { isCurrency, type Currency } from '../../src/domain/currency.ts'
import { maskedDetails } from '../../src/domain/payment-method.ts'
import { declineCode, isOpen, mayFollow, PAYMENT_STATUSES, statusAfter, waitAfter, type ProviderWord } from '../../src/domain/payment.ts'
import { fromStripe, toStripe } from '../../src/platform/payments/stripe-units.ts'
import { testCard } from '../../src/platform/payments/sandbox.ts'

const currency = (code: string): Currency => {
  if (!isCurrency(code)) throw new Error(code)
  return code
}

describe('mayFollow', () => {
  test('no status leads back to one that tells less, but a success may follow a failure', () => {
    const after = Object.fromEntries(
      PAYMENT_STATUSES.map((status) => [status, PAYMENT_STATUSES.filter((next) => mayFollow(next).includes(status))]),
    )
    expect(after).toEqual({
      created: PAYMENT_STATUSES,
      processing: ['processing', 'requires_action', 'completed', 'failed', 'refunded'],
      requires_action: ['processing', 'requires_action', 'completed', 'failed', 'refunded'],
      failed: ['completed', 'failed', 'refunded'],
      completed: ['completed', 'refunded'],
      refunded: ['refunded'],
    })
  })
})

describe('statusAfter', () => {
  const word = (state: ProviderWord['state'], ...refunds: number[]): ProviderWord => ({
    ...{ state, minor: 100, currency: currency('EUR') },
    refunds: refunds.map((minor, i) => ({ id: `re_${i}`, minor })),
  })
  test('is refunded only when all of it came back', () => {
    expect([word('succeeded'), word('succeeded', 99), word('succeeded', 40, 60), word('failed')].map(statusAfter)).toEqual([
      'completed',
      'completed',
      'refunded',
      'failed',
    ])
  })
})

describe('isOpen', () => {
  test('waits for the end of a payment, and of a refund', () => {
    expect(PAYMENT_STATUSES.filter((status) => isOpen({ status }))).toEqual(['created', 'processing', 'requires_action'])
    expect(isOpen({ status: 'completed', refundAskedAt: 1 })).toBe(true)
    expect(isOpen({ status: 'refunded', refundAskedAt: 1 })).toBe(false)
  })
})

test('the provider is asked again after 5 s at least, and each hour at last', () => {
  expect([0, 10_000, 60_000, 3_600_000, 864e5].map(waitAfter)).toEqual([5000, 5000, 30_000, 1_800_000, 3_600_000])
})

test('a decline is one of the two that the document has', () => {
  expect(['insufficient_funds', 'lost_card', 'anything'].map(declineCode)).toEqual([
    'payment.insufficient_funds',
    'payment.failed',
    'payment.failed',
  ])
})

test('names before an @ are masked, however short', () => {
  const masked = ['a', 'ab', 'abc', 'a.long.name'].map((name) => maskedDetails({ type: 'upi', vpa: `${name}@bank` })['vpa'])
  expect(masked).toEqual(['a***@bank', 'a***@bank', 'a***c@bank', 'a***e@bank'])
})

describe("Stripe's units", () => {
  test.each([
    // Ours, the currency, Stripe's.
    [4567, 'EUR', 4567],
    [500, 'JPY', 500],
    [5, 'ISK', 500],
    [700, 'UGX', 70_000],
    [1230, 'KWD', 1230],
    [1234, 'KWD', undefined],
    [300, 'MGA', 3],
    [350, 'MGA', undefined],
  ])('%i minor units of %s are %s there', (minor, code, amount) => {
    expect(toStripe(minor, currency(code))).toBe(amount)
    if (amount !== undefined) expect(fromStripe(amount, currency(code))).toBe(minor)
  })
  test('an amount of theirs that we have no units for is not rounded', () => {
    expect(() => fromStripe(550, currency('ISK'))).toThrow('whole minor units')
  })
})

describe('testCard', () => {
  test.each([
    ['tok_visa', 'visa', ''],
    ['pm_card_visa', 'visa', ''],
    ['tok_amex', 'amex', ''],
    ['tok_visa_debit', 'visa', ''],
    ['tok_chargeDeclined', 'visa', 'chargeDeclined'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'visa', 'chargeDeclinedInsufficientFunds'],
    ['tok_visa_chargeDeclined', 'visa', 'chargeDeclined'],
    ['pm_card_authenticationRequired', 'visa', 'authenticationRequired'],
    ['tok_threeDSecure2Required', 'visa', 'threeDSecure2Required'],
    ['tok_settlesLater', 'visa', 'settlesLater'],
  ])('%s is a %s that does %j', (token, brand, behaviour) => {
    expect(testCard(token)).toEqual({ brand, behaviour })
  })
  test.each(['tok_', 'tok_unheard', 'pm_1abc', 'visa', 'tok_visa_', 'tok_constructor'])('%s is none', (token) => {
    expect(testCard(token)).toBeUndefined()
  })
})
