// Guarantees of what entries do to balances: postings, the debts between two members, and the plans that clear them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate } from '../../src/domain/allocate.ts'
import { type Currency, isCurrency } from '../../src/domain/currency.ts'
import type { MemberId, Payer, Posting } from '../../src/domain/expense.ts'
import { formatMinor, parseMoney, sum } from '../../src/domain/money.ts'
import { pairFlows } from '../../src/domain/pairs.ts'
import { type Balance, type Payment, minimalPlan, pairwisePlan } from '../../src/domain/settle.ts'
import { merged, postings, reversed } from '../../src/domain/postings.ts'

const member = (name: string): MemberId => `mem_${name}`

function currency(code: string): Currency {
  if (!isCurrency(code)) throw new Error(`no currency: ${code}`)
  return code
}

/** Reads `A+30 B-30`. */
const balances = (text: string): Balance[] =>
  [...text.matchAll(/(\w+?)([+-]\d+)/g)].map(([, name = '', minor = '']) => ({ member: member(name), minor: Number(minor) }))

const shown = (payments: readonly Payment[]): string =>
  payments.map(({ from, to, minor }) => `${from.slice(4)}>${to.slice(4)} ${minor}`).join(', ')

/** Balances that sum to 0: the last member takes what the others leave. */
const closed = (minors: readonly number[]): Balance[] =>
  [...minors, 0 - sum(minors)].map((minor, i) => ({ member: member(String(i).padStart(3, '0')), minor }))

/** Small numbers make for many zero-sum groups, large ones for none. */
const open = (max: number, bound = 12) => fc.array(fc.integer({ min: -bound, max: bound }), { maxLength: max - 1 }).map(closed)

/** Fewest payments by trying them all: whoever is open first settles up with each member of the other sign in turn. */
function fewestByTrial(minors: readonly number[]): number {
  const [first, ...rest] = minors.filter((minor) => minor !== 0)
  if (first === undefined) return 0
  const tries = rest.flatMap((minor, i) => (minor * first < 0 ? [1 + fewestByTrial(rest.with(i, minor + first))] : []))
  return Math.min(...tries)
}

/** Most zero-sum groups: every group that the first member can be in, and the best of the others. */
function mostGroups(minors: readonly number[]): number {
  const [first, ...rest] = minors
  if (first === undefined) return 0
  let most = 0
  for (let mask = 0; mask < 1 << rest.length; mask++) {
    let total = first
    for (const [i, minor] of rest.entries()) if (mask & (1 << i)) total += minor
    if (total === 0) most = Math.max(most, 1 + mostGroups(rest.filter((_, i) => !(mask & (1 << i)))))
  }
  return most
}

function afterwards(before: readonly Balance[], payments: readonly Payment[]): number[] {
  const minors = new Map(before.map((balance) => [balance.member, balance.minor]))
  for (const { from, to, minor } of payments) {
    minors.set(from, (minors.get(from) ?? 0) + minor)
    minors.set(to, (minors.get(to) ?? 0) - minor)
  }
  return [...minors.values()].filter((minor) => minor !== 0)
}

/** What every plan keeps, the shortest or not. */
function expectSound(before: readonly Balance[]) {
  const plan = minimalPlan(before)
  const minorOf = new Map(before.map((balance) => [balance.member, balance.minor]))
  const involved = before.filter(({ minor }) => minor !== 0)
  expect(afterwards(before, plan.payments)).toEqual([])
  expect(plan.payments.every(({ from, to, minor }) => from !== to && minor > 0)).toBe(true)
  expect(plan.certificate.flat().sort()).toEqual(involved.map((balance) => balance.member).sort())
  for (const group of plan.certificate) expect(sum(group.map((id) => minorOf.get(id) ?? 0))).toBe(0)
  expect(plan.payments.length).toBe(involved.length - plan.certificate.length)
  return plan
}

describe('minimalPlan', () => {
  test.each([
    ['', ''],
    ['A+0 B+0', ''],
    ['A+10 B-10', 'B>A 10'],
    ['A+30 B+20 C-30 D-20', 'C>A 30, D>B 20'],
    ['A-7 B-6 C+2 D+5 E+6', 'B>E 6, A>D 5, A>C 2'],
    ['A+50 B-20 C-20 D-10', 'B>A 20, C>A 20, D>A 10'],
    ['A-5 B-4 C+3 D+3 E+3', 'A>C 3, B>D 3, A>E 2, B>E 1'],
    ['A+3 B+4 C-7 D+10 E+1 F-11', 'F>D 10, F>E 1, C>B 4, C>A 3'],
  ])('%s is settled by %s', (text, expected) => {
    const plan = expectSound(balances(text))
    expect(shown(plan.payments)).toBe(expected)
    expect(plan.optimal).toBe(true)
  })

  test('up to 8 balances take as few payments as trying them all', () => {
    fc.assert(
      fc.property(fc.oneof(open(8, 6), open(8, 40)), (before) => {
        expect(expectSound(before).payments.length).toBe(fewestByTrial(before.map(({ minor }) => minor)))
      }),
      { numRuns: 150 },
    )
  })

  test('up to 14 balances fall into as many groups as an independent search finds', () => {
    fc.assert(
      fc.property(fc.oneof(open(14), open(14, 60)), (before) => {
        const plan = expectSound(before)
        expect(plan.optimal).toBe(true)
        expect(plan.certificate.length).toBe(mostGroups(before.map(({ minor }) => minor).filter((minor) => minor !== 0)))
      }),
      { numRuns: 60 },
    )
  })

  test('20 balances made of five groups that pairing cannot see are settled in 15 payments', () => {
    const groups = [1, 2, 3, 4, 5].map((i) => {
      const [a, b, c] = [10 ** (i + 3) + i, 2 * 10 ** (i + 3) + 3 * i, 4 * 10 ** (i + 3) + 7 * i]
      return [a, b, c, 0 - a - b - c]
    })
    const before = [0, 1, 2, 3].flatMap((k) => groups.map((group, i) => ({ member: member(`${k}${i}`), minor: group[k] ?? 0 })))
    const plan = expectSound(before)
    expect(plan).toMatchObject({ optimal: true, certificate: { length: 5 }, payments: { length: 15 } })
  })

  test('more than 20 balances are proven too when all but 20 are exact opposites', () => {
    const pairs = Array.from({ length: 60 }, (_, i) => ({ member: member(`p${i}`), minor: (i % 2 ? -1 : 1) * (1000 + (i >> 1)) }))
    const plan = expectSound([...pairs, ...balances('A-7 B-6 C+2 D+5 E+6')])
    expect(plan).toMatchObject({ optimal: true, payments: { length: 33 } })
  })

  test('more than 20 balances without opposites are cleared, and the plan says that it is not proven', () => {
    const many = fc
      .uniqueArray(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 24, maxLength: 60 })
      .map((minors) => closed(minors.map((minor, i) => (i % 2 ? -minor : minor))))
    fc.assert(
      fc.property(many, (before) => {
        fc.pre(new Set(before.map(({ minor }) => Math.abs(minor))).size === before.length)
        expect(expectSound(before).optimal).toBe(false)
      }),
      { numRuns: 5 },
    )
  })

  test('the order of the balances does not change the plan', () => {
    const shuffled = open(10).chain((before) => fc.tuple(fc.constant(before), fc.shuffledSubarray(before, { minLength: before.length })))
    fc.assert(
      fc.property(shuffled, ([before, other]) => {
        expect(minimalPlan(other)).toEqual(minimalPlan(before))
      }),
    )
  })

  test('balances that do not sum to 0 are refused', () => {
    expect(() => minimalPlan(balances('A+10 B-9'))).toThrow(RangeError)
  })
})

describe('pairwisePlan', () => {
  const payments = (text: string): Payment[] =>
    [...text.matchAll(/(\w+)>(\w+) (-?\d+)/g)].map(([, from = '', to = '', minor = '']) => ({
      from: member(from),
      to: member(to),
      minor: Number(minor),
    }))

  test.each([
    ['', ''],
    ['A>B 10, B>A 4', 'A>B 6'],
    ['A>B 10, B>A 10', ''],
    ['B>A 3, C>A 5, A>B 8, A>C 1', 'A>B 5, C>A 4'],
    ['A>B 5, A>B -7', 'B>A 2'],
    ['A>B 1, B>C 1, C>A 1', 'A>B 1, B>C 1, C>A 1'],
  ])('%s nets to %s', (text, expected) => {
    expect(shown(pairwisePlan(payments(text)))).toBe(expected)
    expect(shown(pairwisePlan(payments(text).reverse()))).toBe(expected)
  })
})

describe('pairFlows', () => {
  /** Postings in two currencies, each of which sums to 0; members may both pay and owe. */
  const entries = fc
    .tuple(
      ...['USD', 'JPY'].map((code) =>
        fc
          .tuple(fc.array(fc.nat(1000), { minLength: 2, maxLength: 7 }), fc.array(fc.nat(1000), { minLength: 2, maxLength: 7 }))
          .map(([paid, owed]): Posting[] => {
            const rows = Array.from({ length: Math.max(paid.length, owed.length) }, (_, i) => ({
              member: member(`${(i * 5) % 7}`),
              currency: currency(code),
              paid: paid[i] ?? 0,
              owed: owed[i] ?? 0,
            }))
            const off = sum(paid) - sum(owed)
            const last = { member: member('z'), currency: currency(code), paid: Math.max(0, -off), owed: Math.max(0, off) }
            return [...rows, last]
          }),
      ),
    )
    .map((lists) => lists.flat())

  test('the debts of a member add up to the member’s net in each currency', () => {
    fc.assert(
      fc.property(entries, (rows) => {
        const flows = pairFlows(rows)
        for (const { member: id, currency: code, paid, owed } of rows) {
          const own = flows.filter((flow) => flow.currency === code)
          const credit = sum(own.filter(({ to }) => to === id).map(({ minor }) => minor))
          const debt = sum(own.filter(({ from }) => from === id).map(({ minor }) => minor))
          expect(credit - debt).toBe(paid - owed)
          expect(credit === 0 || debt === 0).toBe(true)
        }
        expect(flows.every(({ from, to, minor }) => from !== to && minor > 0)).toBe(true)
      }),
    )
  })

  test('a reversal gives the exact opposite debts', () => {
    fc.assert(
      fc.property(entries, (rows) => {
        const key = (flow: { from: string; to: string; currency: string; minor: number }) =>
          `${flow.currency} ${flow.from} ${flow.to} ${flow.minor}`
        const opposite = pairFlows(rows).map((flow) => ({ ...flow, from: flow.to, to: flow.from }))
        expect(pairFlows(reversed(rows)).map(key).sort()).toEqual(opposite.map(key).sort())
      }),
    )
  })

  test('an entry and its reversal leave no pair owing anything', () => {
    fc.assert(
      fc.property(entries, (rows) => {
        const flows = [...pairFlows(rows), ...pairFlows(reversed(rows))]
        for (const code of ['USD', 'JPY']) {
          expect(pairwisePlan(flows.filter((flow) => flow.currency === code))).toEqual([])
        }
      }),
    )
  })

  test('debtors meet creditors in the order of their ids', () => {
    const row = (name: string, paid: number, owed: number): Posting => ({ member: member(name), currency: currency('USD'), paid, owed })
    const rows = [row('dan', 0, 25), row('ann', 40, 25), row('cyd', 0, 25), row('bob', 60, 25)]
    expect(shown(pairFlows(rows))).toBe('cyd>ann 15, cyd>bob 10, dan>bob 25')
  })

  test('postings that do not sum to 0 are refused', () => {
    const row = { member: member('ann'), currency: currency('USD'), paid: 1, owed: 0 }
    expect(() => pairFlows([row])).toThrow(RangeError)
  })
})

function minorOf(text: string, code: Currency): number {
  const parsed = parseMoney(text, code)
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed.minor
}

function posted(kind: 'expense' | 'income', paid: string, shares: string, total: string, rate?: string) {
  const [value = '', unit = ''] = total.split(' ')
  const code = currency(unit)
  const payers = (list: string): Payer[] =>
    [...list.matchAll(/(\S+) (\S+)/g)].map(([, name = '', part = '']) => ({ member: member(name), minor: minorOf(part, code) }))
  const [text = '', target = ''] = rate?.split(' ') ?? []
  const asked = rate === undefined ? undefined : { text, currency: currency(target) }
  const priced = { kind, payers: payers(paid), shares: payers(shares), amount: minorOf(value, code), currency: code }
  return postings(asked === undefined ? priced : { ...priced, rate: asked }, () => 0)
}

function shownPostings(rows: readonly Posting[]): string {
  const figures = rows.map(
    ({ member: id, currency: code, paid, owed }) => `${id.slice(4)} ${formatMinor(paid, code)}/${formatMinor(owed, code)}`,
  )
  return [...figures, ...new Set(rows.map((row) => row.currency))].join(' ')
}

const POSTINGS = `
kind    | total      | paid              | shares              | rate       | paid/owed
expense | 10.00 USD  | ann 10.00         | ann 5.00 bob 5.00   |            | ann 10.00/5.00 bob 0.00/5.00 USD
expense | 10.00 USD  | ann 10.00         | bob 10.00 cyd 0.00  |            | ann 10.00/0.00 bob 0.00/10.00 USD
expense | 10.00 USD  | ann 4.00 bob 6.00 | bob 10.00           |            | ann 4.00/0.00 bob 6.00/10.00 USD
income  | 10.00 USD  | ann 10.00         | ann 5.00 bob 5.00   |            | ann 5.00/10.00 bob 5.00/0.00 USD
expense | 100.00 USD | ann 100.00        | ann 50.00 bob 50.00 | 0.92 EUR   | ann 92.00/46.00 bob 0.00/46.00 EUR
expense | 10.00 USD  | ann 10.00         | ann 6.67 bob 3.33   | 149.55 JPY | ann 1496/998 bob 0/498 JPY
expense | 1000 JPY   | ann 1000          | ann 500 bob 500     | 0.0067 USD | ann 6.70/3.35 bob 0.00/3.35 USD
expense | 1.50 USD   | ann 1.50          | ann 1.50            | 0.01 EUR   | ann 0.02/0.02 EUR
expense | 2.50 USD   | ann 2.50          | ann 2.50            | 0.01 EUR   | ann 0.02/0.02 EUR
expense | 3.50 USD   | ann 3.50          | ann 3.50            | 0.01 EUR   | ann 0.04/0.04 EUR
expense | 0.01 USD   | ann 0.01          | bob 0.01            | 0.307 KWD  | ann 0.003/0.000 bob 0.000/0.003 KWD
`

describe('postings', () => {
  const rows = POSTINGS.trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))
  test.each(rows)('%s of %s, paid by %s for %s at %s: %s', (...row) => {
    const [kind, total = '', paid = '', shares = '', rate, expected] = row
    const result = posted(kind === 'income' ? 'income' : 'expense', paid, shares, total, rate || undefined)
    expect(result.ok && shownPostings(result.value.postings)).toBe(expected)
  })

  test.each([
    ['0.50 USD', '0.01 EUR', 'CONVERTED_AMOUNT_TOO_SMALL'],
    ['1.00 USD', '10000000001 EUR', 'CONVERTED_AMOUNT_TOO_LARGE'],
    ['1.00 USD', '0 EUR', 'INVALID_RATE'],
    ['1.00 USD', '-1 EUR', 'INVALID_RATE'],
    ['1.00 USD', '1e2 EUR', 'INVALID_RATE'],
  ])('%s at %s is refused: %s', (total, rate, code) => {
    const value = total.split(' ')[0] ?? ''
    expect(posted('expense', `ann ${value}`, `ann ${value}`, total, rate)).toMatchObject({
      ok: false,
      error: { code: 'expense.invalid', details: [{ field: 'exchange_rate', code }] },
    })
  })

  test('payments or shares that do not sum to the amount are a bug, not a refusal', () => {
    expect(() => posted('expense', 'ann 4.00 bob 5.00', 'ann 10.00', '10.00 USD')).toThrow(RangeError)
    expect(() => posted('expense', 'ann 10.00', 'ann 9.99', '10.00 USD')).toThrow(RangeError)
  })

  test('both columns sum to the converted amount, whatever the rate', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 1, max: 10 ** 9 }), (shares, paid, rate) => {
        const total = sum(shares)
        fc.pre(total > 0)
        const payers = allocate(
          total,
          paid.map((minor) => BigInt(minor) + 1n),
        ).parts
        const side = (parts: readonly number[], step: number) => parts.map((minor, i) => ({ member: member(`${i * step}`), minor }))
        const result = postings(
          {
            kind: 'expense',
            amount: total,
            currency: currency('USD'),
            payers: side(payers, 1),
            shares: side(shares, 2),
            rate: { text: (rate / 1e6).toFixed(6), currency: currency('EUR') },
          },
          () => 0,
        )
        fc.pre(result.ok)
        if (!result.ok) return
        const converted = Number(BigInt(total) * BigInt(rate)) / 1e6
        const moves = result.value.postings
        expect(sum(moves.map((row) => row.paid))).toBe(sum(moves.map(({ owed }) => owed)))
        expect(Math.abs(sum(moves.map((row) => row.paid)) - converted)).toBeLessThanOrEqual(0.5 + 1e-3)
        expect(new Set(moves.map((row) => row.member)).size).toBe(moves.length)
      }),
    )
  })

  test('the odd units of conversions go round: 10,000 foreign expenses leave every member within 2 units', () => {
    const names = ['ann', 'bob', 'cyd'].map(member)
    const behind = new Map<string, number>()
    const borne = new Map<string, number>()
    for (let i = 0; i < 10_000; i++) {
      const shares = names.map((id) => ({ member: id, minor: 3000 }))
      const result = postings(
        {
          kind: 'expense',
          amount: 9000,
          currency: currency('USD'),
          payers: [{ member: member('ann'), minor: 9000 }],
          shares,
          rate: { text: '0.8641', currency: currency('EUR') },
        },
        (id) => behind.get(id) ?? 0,
      )
      if (!result.ok) throw new Error('refused')
      for (const { member: id, micro } of result.value.carry) behind.set(id, (behind.get(id) ?? 0) + micro)
      for (const { member: id, owed } of result.value.postings) borne.set(id, (borne.get(id) ?? 0) + owed)
    }
    const exact = sum(borne.values()) / 3
    for (const id of names) expect(Math.abs((borne.get(id) ?? 0) - exact)).toBeLessThanOrEqual(2)
  })

  test('a reversal merged with what it reverses leaves nothing, and no -0', () => {
    const result = posted('expense', 'ann 10.00', 'ann 5.00 bob 5.00', '10.00 USD')
    if (!result.ok) throw new Error('refused')
    const moves = result.value.postings
    expect(merged(moves, reversed(moves))).toEqual([])
    expect(reversed(reversed(moves))).toEqual(moves)
    expect(reversed(moves).some(({ paid, owed }) => Object.is(paid, -0) || Object.is(owed, -0))).toBe(false)
  })

  test('merging sums each member and currency in the order of first appearance', () => {
    const row = (name: string, code: string, paid: number, owed: number): Posting => ({
      member: member(name),
      currency: currency(code),
      paid,
      owed,
    })
    const rows = merged(
      [row('bob', 'USD', 5, 0), row('ann', 'USD', 0, 5)],
      [row('ann', 'EUR', 3, 3), row('bob', 'USD', -5, 0), row('ann', 'USD', 2, 1)],
    )
    expect(rows).toEqual([row('ann', 'USD', 2, 6), row('ann', 'EUR', 3, 3)])
  })
})
