// Guarantees of `allocate` and `split`: every unit lands on somebody, and what is off is refused in words.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate, toWeights } from '../../src/domain/allocate.ts'
import type { Currency } from '../../src/domain/currency.ts'
import type { MemberId, Payer, Split } from '../../src/domain/expense.ts'
import { MAX_MINOR, formatMinor, sum } from '../../src/domain/money.ts'
import { split } from '../../src/domain/split.ts'
import { amount, level } from '../support/amounts.ts'
import { currencyOf as currency, memberId as member } from '../support/ledger.ts'

const nameOf = (id: MemberId): string => id.slice('mem_'.length)

/** Rows of a text table: a line each, cells between bars, the first line names the columns. */
function rowsOf(table: string): string[][] {
  const lines = table.trim().split('\n').slice(1)
  return lines.map((line) => line.split('|').map((cell) => cell.trim()))
}

const pairsOf = (text: string): [string, string][] =>
  [...text.matchAll(/(\S+) (\S+)/g)].map(([, first = '', second = '']) => [first, second])

/** Reads `percentage ann 40 bob 60`, or for items `itemized; wine 20.00 ann:2 bob:1; tax 3.00`. */
function specOf(text: string, code: string): Split {
  const minor = (value: string) => amount(`${value} ${code}`).minor
  const [type = '', ...names] = text.split(/;? +/)
  const pairs = pairsOf(names.join(' '))
  const amounts = () => pairs.map(([name, value]) => ({ member: member(name), amount: minor(value) }))
  switch (type) {
    case 'equal':
      return { type, members: names.map(member) }
    case 'exact':
      return { type, parts: amounts() }
    case 'adjustment':
      return { type, parts: amounts() }
    case 'percentage':
      return { type, parts: pairs.map(([name, percentage]) => ({ member: member(name), percentage })) }
    case 'shares':
      return { type, parts: pairs.map(([name, weight]) => ({ member: member(name), weight })) }
  }
  const lines = text
    .split('; ')
    .slice(1)
    .map((line) => line.split(' '))
  const extra = (name: string) => minor(lines.find(([first]) => first === name)?.[1] ?? '0')
  const items = lines.filter(([name = '']) => !['tax', 'tip', 'discount'].includes(name))
  return {
    type: 'itemized',
    items: items.map(([name = '', value = '', ...parts]) => ({
      name,
      amount: minor(value),
      parts: parts.map((part) => part.split(':')).map(([who = '', weight = '1']) => ({ member: member(who), weight })),
    })),
    tax: extra('tax'),
    tip: extra('tip'),
    discount: extra('discount'),
  }
}

function shown(rows: readonly Payer[], code: Currency): string {
  return rows.map(({ member: id, minor }) => `${nameOf(id)} ${formatMinor(minor, code)}`).join(' ')
}

const totals = fc.integer({ min: -MAX_MINOR, max: MAX_MINOR })
const weighted = fc
  .array(
    fc.record({
      weight: fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 10n ** 20n })),
      behind: fc.integer({ min: -2_000_000, max: 2_000_000 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .filter((rows) => rows.some(({ weight }) => weight > 0n))

describe('allocate', () => {
  test('the parts sum to the total, and each is its exact share rounded down or up', () => {
    fc.assert(
      fc.property(totals, weighted, (total, rows) => {
        const weights = rows.map(({ weight }) => weight)
        const { parts } = allocate(
          total,
          weights,
          rows.map(({ behind }) => behind),
        )
        const whole = weights.reduce((a, b) => a + b)
        expect(sum(parts)).toBe(total)
        for (const [i, part] of parts.entries()) {
          const off = BigInt(part) * whole - BigInt(total) * (weights[i] ?? 0n)
          expect(off < whole && off > -whole).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('what is carried is the exact part less the given part, to the millionth', () => {
    fc.assert(
      fc.property(totals, weighted, (total, rows) => {
        const weights = rows.map(({ weight }) => weight)
        const { parts, carried } = allocate(
          total,
          weights,
          rows.map(({ behind }) => behind),
        )
        const whole = weights.reduce((a, b) => a + b)
        for (const [i, micro] of carried.entries()) {
          const exact = (BigInt(total) * (weights[i] ?? 0n) - BigInt(parts[i] ?? 0) * whole) * 1_000_000n
          const off = 2n * (BigInt(micro) * whole - exact)
          expect(off <= whole && off >= -whole).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('equal weights divide the same whether they are 1 or a large number', () => {
    const behinds = fc.array(fc.integer({ min: -900_000, max: 900_000 }), { minLength: 2 })
    fc.assert(
      fc.property(totals, behinds, (total, behind) => {
        const one = allocate(
          total,
          behind.map(() => 1n),
          behind,
        )
        const sixth = allocate(total, [...behind.map(() => 6n), 0n], [...behind, 0])
        expect([...one.parts, 0]).toEqual(sixth.parts)
        expect([...one.carried, 0]).toEqual(sixth.carried)
      }),
    )
  })

  test('a negative total is the mirror image', () => {
    fc.assert(
      fc.property(totals, weighted, (total, rows) => {
        const weights = rows.map(({ weight }) => weight)
        const forward = allocate(
          total,
          weights,
          rows.map(({ behind }) => behind),
        )
        const back = allocate(
          -total,
          weights,
          rows.map(({ behind }) => 0 - behind),
        )
        expect(back.parts.map((part) => 0 - part)).toEqual(forward.parts)
        expect(back.carried.map((micro) => 0 - micro)).toEqual(forward.carried)
      }),
    )
  })

  test('the odd unit goes to the largest fraction plus what the member is behind, of equals to the first', () => {
    expect(allocate(10, [1n, 1n, 1n]).parts).toEqual([4, 3, 3])
    expect(allocate(10, [1n, 1n, 1n], [-1, 0, 0]).parts).toEqual([3, 4, 3])
    expect(allocate(10, [1n, 2n]).parts).toEqual([3, 7])
    expect(allocate(10, [1n, 2n], [400_000, 0]).parts).toEqual([4, 6])
  })

  test('a member of weight 0, or with a whole exact part, gets exactly that however far behind', () => {
    expect(allocate(10, [0n, 1n, 2n], [5_000_000, 0, 0]).parts).toEqual([0, 3, 7])
    expect(allocate(1002, [2n, 1n, 1n], [5_000_000, 0, 0]).parts).toEqual([501, 251, 250])
  })

  test('weights that are negative, all 0 or absent are refused, and so is a fraction of a unit', () => {
    for (const weights of [[], [0n], [0n, 0n], [3n, -1n]]) expect(() => allocate(1, weights)).toThrow(RangeError)
    expect(() => allocate(0.5, [1n])).toThrow(RangeError)
  })

  test('decimal weights keep their proportion exactly', () => {
    expect(toWeights(['33.33', '0.5', '2'])).toEqual([3333n, 50n, 200n])
    expect(toWeights([])).toEqual([])
    for (const text of ['', '1e3', '.5', '1.', '1,5', 'NaN', '--1']) expect(() => toWeights([text])).toThrow(RangeError)
  })
})

const SHARES = `
total      | split                                                                | shares
10.00 USD  | equal ann bob cyd                                                    | ann 3.34 bob 3.33 cyd 3.33
10.00 USD  | equal ann                                                            | ann 10.00
0.01 USD   | equal ann bob                                                        | ann 0.01 bob 0.00
1000 JPY   | equal ann bob cyd                                                    | ann 334 bob 333 cyd 333
1.000 KWD  | equal ann bob cyd                                                    | ann 0.334 bob 0.333 cyd 0.333
250.00 USD | exact ann 100.00 bob 150.00 cyd 0                                    | ann 100.00 bob 150.00 cyd 0.00
250.00 USD | percentage ann 40 bob 30 cyd 30                                      | ann 100.00 bob 75.00 cyd 75.00
10.02 USD  | percentage ann 50 bob 25.00000 cyd 25                                | ann 5.01 bob 2.51 cyd 2.50
0.05 USD   | percentage ann 33.3333 bob 33.3333 cyd 33.3334                       | ann 0.02 bob 0.01 cyd 0.02
9.99 USD   | percentage ann 100 bob 0                                             | ann 9.99 bob 0.00
10.00 USD  | shares ann 2 bob 1                                                   | ann 6.67 bob 3.33
10.00 USD  | shares ann 0.5 bob 0.25 cyd 0                                        | ann 6.67 bob 3.33 cyd 0.00
30.00 USD  | adjustment ann +5.00 bob 0 cyd -2.00                                 | ann 14.00 bob 9.00 cyd 7.00
10.00 USD  | adjustment ann +10.00 bob 0                                          | ann 10.00 bob 0.00
10.00 USD  | adjustment ann -10.00 bob 0                                          | ann 0.00 bob 10.00
36.00 USD  | itemized; salad 10.00 ann; wine 20.00 bob:2 cyd; tax 3.00; tip 3.00  | ann 12.00 bob 16.00 cyd 8.00
18.00 USD  | itemized; soup 10.00 ann; bread 10.00 ann bob; discount 2.00         | ann 13.50 bob 4.50
3.00 USD   | itemized; a 1.00 ann bob cyd; b 1.00 ann bob cyd; c 1.00 ann bob cyd | ann 1.00 bob 1.00 cyd 1.00
1.00 USD   | itemized; free 0.00 ann bob cyd; tip 1.00                            | ann 0.34 bob 0.33 cyd 0.33
8.00 USD   | itemized; water 10.00 ann bob; deposit -2.00 ann                     | ann 3.00 bob 5.00
5.00 USD   | itemized; tea 5.00 ann:0.5 bob:0; tip 1.00; discount 1.00            | ann 5.00 bob 0.00
`

const REFUSALS = `
total      | split                                     | field CODE expected got difference
10.00 USD  | equal                                     | split_data.participants NO_PARTICIPANTS
10.00 USD  | equal ann bob ann                         | split_data.participants[2] DUPLICATE_PARTICIPANT
250.00 USD | exact ann 100.00 bob 140.00               | split_data SHARES_DO_NOT_ADD_UP 250.00 240.00 -10.00
1000 JPY   | exact ann 600 bob 500                     | split_data SHARES_DO_NOT_ADD_UP 1000 1100 100
10.00 USD  | exact ann 15.00 bob -5.00                 | split_data.participants[1] NEGATIVE_SHARE 0.00 -5.00 -5.00
10.00 USD  | percentage ann 50 bob 49.99               | split_data PERCENTAGES_DO_NOT_ADD_UP 100 99.99 -0.01
10.00 USD  | percentage ann 70.5 bob 30                | split_data PERCENTAGES_DO_NOT_ADD_UP 100 100.5 0.5
10.00 USD  | percentage ann 110 bob -10                | split_data.participants[1].percentage INVALID_PERCENTAGE -10
10.00 USD  | percentage ann 0.00001 bob 99             | split_data.participants[0].percentage INVALID_PERCENTAGE 0.00001
10.00 USD  | shares ann 0 bob 0                        | split_data.participants INVALID_WEIGHT
10.00 USD  | shares ann 1 bob 1e3                      | split_data.participants[1].weight INVALID_WEIGHT 1e3
10.00 USD  | adjustment ann 8.00 bob 7.00              | split_data ADJUSTMENTS_TOO_LARGE 10.00 15.00 5.00
10.00 USD  | adjustment ann -12.00 bob 0               | split_data.participants[0] NEGATIVE_SHARE 0.00 -1.00 -1.00
10.00 USD  | itemized                                  | split_data.items NO_ITEMS
10.00 USD  | itemized; tea 5.00 ann; cake 5.00         | split_data.items[1].participants NO_PARTICIPANTS
10.00 USD  | itemized; tea 10.00 ann ann               | split_data.items[0].participants[1] DUPLICATE_PARTICIPANT
10.00 USD  | itemized; tea 10.00 ann:-1                | split_data.items[0].participants[0].weight INVALID_WEIGHT -1
10.00 USD  | itemized; tea 5 ann; cake 4 bob; tip 0.50 | split_data.items ITEMS_DO_NOT_ADD_UP 10.00 9.50 -0.50
10.00 USD  | itemized; tea 9 ann; discount 10          | split_data.discount DISCOUNT_TOO_LARGE 9.00 10.00 1.00
10.00 USD  | itemized; tea 11.00 ann; tax -1.00        | split_data.tax NEGATIVE_AMOUNT
8.00 USD   | itemized; tea 10 ann; deposit -2 bob      | split_data.items NEGATIVE_SHARE
0.00 USD   | equal ann                                 | amount INVALID_AMOUNT
`

describe('split', () => {
  test.each(rowsOf(SHARES))('%s, %s: %s', (text, spec, expected) => {
    const total = amount(text ?? '')
    const divided = split(total, specOf(spec ?? '', total.currency), level)
    expect(divided.ok && shown(divided.value.shares, total.currency)).toBe(expected)
  })

  test.each(rowsOf(REFUSALS))('%s, %s is refused: %s', (text, spec, refusal = '') => {
    const [field, code, ...figures] = refusal.split(' ')
    const total = amount(text ?? '')
    const divided = split(total, specOf(spec ?? '', total.currency), level)
    if (divided.ok) throw new Error('it was not refused')
    expect(divided.error.code).toBe('split.invalid')
    const { message, ...rest } = divided.error.details[0] ?? { message: '' }
    const [expected, got, difference] = figures
    expect(rest).toEqual(
      figures.length < 2
        ? { field, code, ...(expected === undefined ? {} : { got: expected }) }
        : { field, code, expected, got, difference },
    )
    expect(message).not.toBe('')
  })

  test('a refusal says in words by how much, and names every part that is wrong', () => {
    const refused = (spec: string) => {
      const divided = split(amount('250.00 EUR'), specOf(spec, 'EUR'), level)
      return divided.ok ? [] : divided.error.details.map(({ message }) => message)
    }
    expect(refused('exact ann 100.00 bob 140.00')).toEqual([
      'The shares add up to 240.00 EUR, which is 10.00 EUR less than the amount of 250.00 EUR',
    ])
    expect(refused('percentage ann 60 bob 40.5')).toEqual(['The percentages add up to 100.5, which is 0.5 more than 100'])
    expect(refused('shares ann x bob 1 cyd -2')).toHaveLength(2)
  })

  test('percentages and weights are kept as they were asked for', () => {
    const total = amount('10.00 USD')
    expect(split(total, specOf('percentage ann 50.0 bob 50', 'USD'), level)).toMatchObject({
      value: { shares: [{ percentage: '50.0' }, { percentage: '50' }] },
    })
    expect(split(total, specOf('shares ann 1.50 bob 2', 'USD'), level)).toMatchObject({
      value: { shares: [{ weight: '1.50' }, { weight: '2' }] },
    })
  })

  test('an exact split carries nothing, and whoever is not rounded carries nothing', () => {
    const carried = (spec: string) => {
      const divided = split(amount('10.02 USD'), specOf(spec, 'USD'), level)
      return divided.ok && divided.value.carry.map(({ member: id, micro }) => `${nameOf(id)} ${micro}`).join(' ')
    }
    expect(carried('exact ann 5.02 bob 5.00')).toBe('')
    expect(carried('percentage ann 50 bob 25 cyd 25')).toBe('bob -500000 cyd 500000')
  })

  test('an itemized split rounds once: shares are the exact fraction of the total, rounded down or up', () => {
    const line = fc.record({
      amount: fc.integer({ min: 0, max: 100_000 }),
      weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    })
    const lists = fc.array(line, { minLength: 1, maxLength: 6 }).filter((lines) => lines.some((row) => row.amount > 0))
    fc.assert(
      fc.property(lists, fc.nat(9999), fc.nat(9999), (lines, tax, tip) => {
        const items = lines.map(({ amount: price, weights }, i) => ({
          name: '',
          amount: price,
          parts: weights.map((weight, j) => ({ member: member(`${(i + j) % 5}`), weight: `${weight}` })),
        }))
        const subtotal = sum(lines.map((row) => row.amount))
        const total = subtotal + tax + tip
        const spec: Split = { type: 'itemized', items, tax, tip, discount: 0 }
        const divided = split({ minor: total, currency: currency('USD') }, spec, level)
        if (!divided.ok) throw new Error('refused')
        expect(sum(divided.value.shares.map(({ minor }) => minor))).toBe(total)
        for (const { member: id, minor } of divided.value.shares) {
          const own = items.flatMap(({ amount: price, parts }) => {
            const whole = sum(parts.map(({ weight }) => Number(weight)))
            return parts.filter((part) => part.member === id).map(({ weight }) => (price * Number(weight)) / whole)
          })
          const exact = (own.reduce((a, b) => a + b, 0) * total) / subtotal
          expect(Math.abs(minor - exact)).toBeLessThan(1 + 1e-6)
        }
      }),
    )
  })
})
