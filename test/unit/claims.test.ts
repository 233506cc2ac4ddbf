// Guarantees of claims: whatever people say they had, in whatever order, the lines are divided exactly and the bearer has the rest.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ItemizedSplit, claimLine, openClaims, portionLeft, readPortion, splitByClaims } from '../../src/domain/claims.ts'
import type { Claims, Item, MemberId } from '../../src/domain/expense.ts'
import { sum } from '../../src/domain/money.ts'
import { split } from '../../src/domain/split.ts'
import { level } from '../support/amounts.ts'
import { currencyOf as currency, memberId as member } from '../support/ledger.ts'

const USD = currency('USD')
const BEARER = member('pat')
const names = ['ann', 'bob', 'cyd', 'dan', 'pat']
const nameOf = (id: MemberId): string => id.slice('mem_'.length)

const rowsOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))

const item = (amount: number, quantity?: string): Item => ({
  name: 'line',
  amount,
  parts: [{ member: BEARER, weight: '1' }],
  ...(quantity !== undefined && { quantity }),
})

const bill = (amounts: readonly number[], extra: Partial<Pick<ItemizedSplit, 'tax' | 'tip' | 'discount'>> = {}): ItemizedSplit => ({
  type: 'itemized',
  items: amounts.map((amount) => item(amount)),
  tax: 0,
  tip: 0,
  discount: 0,
  ...extra,
})

const totalOf = ({ items, tax, tip, discount }: ItemizedSplit): number => sum([...items.map(({ amount }) => amount), tax, tip, -discount])

/** What one says of a line, `null` for nothing of it after all. */
interface Saying {
  readonly line: number
  readonly member: MemberId
  readonly portion: string | null
}

/** Reads `ann 1/2, bob 1/3, ann -` as sayings about the line. */
const sayingsOf = (text: string, line = 0): Saying[] =>
  text
    .split(', ')
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', portion = '-'] = one.split(' ')
      return { line, member: member(name), portion: portion === '-' ? null : portion }
    })

/** One after another; a refused one is passed over. */
function afterAll(claims: Claims, sayings: readonly Saying[]): Claims {
  return sayings.reduce((now, saying) => {
    const next = claimLine(now, saying.line, saying.member, saying.portion)
    return next.ok ? next.value : now
  }, claims)
}

function refusalOf(claims: Claims, saying: Saying) {
  const outcome = claimLine(claims, saying.line, saying.member, saying.portion)
  if (outcome.ok) throw new Error('it was not refused')
  return outcome.error
}

const divide = (spec: ItemizedSplit, claims: Claims) => split({ minor: totalOf(spec), currency: USD }, splitByClaims(spec, claims), level)

const shownParts = (parts: Item['parts']): string => parts.map(({ member: id, weight }) => `${nameOf(id)} ${weight}`).join(' ')

const PORTIONS = `
of a line of | asked          | portion
             | portion 1      | 1
             | portion 1/3    | 1/3
             | portion 2/4    | 1/2
             | portion 0.5    | 1/2
             | portion 001/02 | 1/2
             | portion 1.0    | 1
             | portion 999/1000 | 999/1000
             | portion 0.001  | 1/1000
4            | quantity 1     | 1/4
4            | quantity 4.0   | 1
4            | quantity 0.5   | 1/8
3.0          | quantity 2     | 2/3
0.745        | quantity 0.25  | 50/149
`

const REFUSED_PORTIONS = `
of a line of | asked                 | field CODE
             |                       | portion PORTION_OR_QUANTITY
2            | portion 1 quantity 1  | portion PORTION_OR_QUANTITY
             | portion 0             | portion INVALID_PORTION
             | portion 0/3           | portion INVALID_PORTION
             | portion 1/0           | portion INVALID_PORTION
             | portion -1/2          | portion INVALID_PORTION
             | portion half          | portion INVALID_PORTION
             | portion 0.5/1         | portion INVALID_PORTION
             | portion 1e-1          | portion INVALID_PORTION
             | portion .5            | portion INVALID_PORTION
             | portion 1/            | portion INVALID_PORTION
             | portion 3/2           | portion MORE_THAN_THE_LINE
             | portion 1.01          | portion MORE_THAN_THE_LINE
             | portion 1/1001        | portion TOO_FINE
             | portion 0.3333        | portion TOO_FINE
             | quantity 1            | quantity NO_QUANTITY
0            | quantity 1            | quantity NO_QUANTITY
a few        | quantity 1            | quantity NO_QUANTITY
2            | quantity 3            | quantity MORE_THAN_THE_LINE
2            | quantity 0            | quantity INVALID_QUANTITY
2            | quantity 1/2          | quantity INVALID_QUANTITY
3            | quantity 0.3333       | quantity TOO_FINE
`

function ask(text: string, quantity: string) {
  const [, portion] = /portion (\S+)/.exec(text) ?? []
  const [, pieces] = /quantity (\S+)/.exec(text) ?? []
  const asked = { ...(portion !== undefined && { portion }), ...(pieces !== undefined && { quantity: pieces }) }
  return readPortion(asked, item(1000, quantity === '' ? undefined : quantity))
}

describe('readPortion', () => {
  test.each(rowsOf(PORTIONS))('of a line of "%s", %s is %s of it', (quantity = '', asked = '', portion = '') => {
    expect(ask(asked, quantity)).toEqual({ ok: true, value: portion })
  })

  test.each(rowsOf(REFUSED_PORTIONS))('of a line of "%s", "%s" is refused: %s', (quantity = '', asked = '', refusal = '') => {
    const read = ask(asked, quantity)
    if (read.ok) throw new Error(`it was read as ${read.value}`)
    expect(read.error.code).toBe('claim.invalid')
    expect(read.error.details.map(({ field, code }) => `${field} ${code}`)).toEqual([refusal])
  })

  test('a quantity above that of the line is told how many there are', () => {
    const read = ask('quantity 3', '2')
    expect(!read.ok && read.error.details[0]).toMatchObject({ message: 'The line has 2, this is more', expected: 'at most 2', got: '3' })
  })
})

const LINES = `
claims                            | left | parts of the line, of which pat bears the rest
                                  | 1    | pat 1
ann 1                             | 0    | ann 1
ann 1/2                           | 1/2  | ann 1 pat 1
bob 1/3, ann 1/2                  | 1/6  | ann 3 bob 2 pat 1
ann 1/3, bob 1/3, cyd 1/3         | 0    | ann 1 bob 1 cyd 1
ann 1/2, bob 1/4, ann 1/4         | 1/2  | ann 1 bob 1 pat 2
ann 1/2, bob 1/2, ann -           | 1/2  | bob 1 pat 1
ann 1/2, ann -, ann -             | 1    | pat 1
ann 1/2, pat 1/3                  | 1/6  | ann 1 pat 1
ann 2/3, pat 1/3                  | 0    | ann 2 pat 1
pat 1/7                           | 6/7  | pat 1
ann 999/1000, bob 1/1000          | 0    | ann 999 bob 1
ann 1/7, bob 1/11, cyd 1/13       | 690/1001 | ann 143 bob 91 cyd 77 pat 690
ann 1, bob 1/2, ann 1/2, bob 1/2  | 0    | ann 1 bob 1
`

describe('claimLine', () => {
  test.each(rowsOf(LINES))('after "%s" %s is left, and the parts are %s', (said = '', left = '', parts = '') => {
    const spec = bill([1000])
    const claims = afterAll(openClaims(spec, BEARER), sayingsOf(said))
    expect(portionLeft(claims, 0)).toBe(left)
    expect(splitByClaims(spec, claims).items.map((line) => shownParts(line.parts))).toEqual([parts])
  })

  test('more than the others have left is refused, with what is left and by how much it is more', () => {
    const claims = afterAll(openClaims(bill([1000]), BEARER), sayingsOf('ann 1/2, bob 1/3'))
    expect(refusalOf(claims, { line: 0, member: member('bob'), portion: '2/3' })).toEqual({
      code: 'claim.taken',
      details: [
        {
          field: 'portion',
          code: 'MORE_THAN_IS_LEFT',
          message: '1/2 of this line is left, 2/3 was asked for',
          expected: '1/2',
          got: '2/3',
          difference: '1/6',
        },
      ],
    })
    const all = afterAll(claims, sayingsOf('bob 1/2'))
    expect(refusalOf(all, { line: 0, member: member('cyd'), portion: '1/9' }).details[0]).toMatchObject({
      message: 'Nothing is left of this line',
      expected: '0',
      difference: '1/9',
    })
  })

  test('what cannot be claimed is refused', () => {
    const claims = openClaims(bill([1000, 500]), BEARER)
    const codeOf = (line: number, portion: string | null) => refusalOf(claims, { line, member: BEARER, portion }).details[0]?.code
    expect(portionLeft(claims, 2)).toBe('0')
    expect(codeOf(2, '1')).toBe('NO_SUCH_LINE')
    expect(codeOf(-1, '1')).toBe('NO_SUCH_LINE')
    expect(codeOf(0.5, null)).toBe('NO_SUCH_LINE')
    expect(codeOf(0, '0')).toBe('INVALID_PORTION')
    expect(codeOf(0, '3/2')).toBe('MORE_THAN_THE_LINE')
    expect(codeOf(0, '1/1001')).toBe('TOO_FINE')
    expect(refusalOf({ ...claims, isOpen: false }, { line: 0, member: BEARER, portion: null })).toEqual({
      code: 'claim.closed',
      details: [],
    })
  })

  test('portions that together cut a line finer than a weight can say are refused', () => {
    const said = 'ann 1/997, bob 1/991, cyd 1/983, dan 1/977'
    const claims = afterAll(openClaims(bill([1000]), BEARER), sayingsOf(said))
    expect(claims.lines[0]).toHaveLength(4)
    expect(refusalOf(claims, { line: 0, member: member('eve'), portion: '1/971' }).details[0]).toMatchObject({
      code: 'TOO_FINE',
      got: '1/971',
    })
    expect(claimLine(claims, 0, member('eve'), '1/977').ok).toBe(true)
    expect(divide(bill([1000]), claims).ok).toBe(true)
  })
})

const SHARES = `
lines      | tax tip discount | claims of each line       | shares
10 20      | 0 0 0            | ann 1; bob 1              | ann 10.00 bob 20.00
10 20      | 3 3 0            | ann 1; bob 2/3, cyd 1/3   | ann 12.00 bob 16.00 cyd 8.00
10 20      | 0 0 3            | ann 1/2;                  | ann 4.50 pat 22.50
10         | 0 0 0            | cyd 1/3, bob 1/3, ann 1/3 | ann 3.34 bob 3.33 cyd 3.33
10 -2      | 0 0 0            | ann 1/2; ann 1/2          | ann 4.00 pat 4.00
10 -2      | 0 0 0            | ann 1; ann 1              | ann 8.00
10 0       | 0 1 0            | ann 1;                    | ann 11.00 pat 0.00
0          | 0 1 0            | ann 1/2                   | ann 0.50 pat 0.50
`

describe('splitByClaims', () => {
  test.each(rowsOf(SHARES))('lines %s with %s, claimed %s: %s', (lines = '', extras = '', said = '', shares = '') => {
    const cents = (text: string) => text.split(' ').map((value) => Number(value) * 100)
    const [tax = 0, tip = 0, discount = 0] = cents(extras)
    const spec = bill(cents(lines), { tax, tip, discount })
    const sayings = said.split(';').flatMap((line, i) => sayingsOf(line.trim(), i))
    const divided = divide(spec, afterAll(openClaims(spec, BEARER), sayings))
    const shown = divided.ok && divided.value.shares.map((share) => `${nameOf(share.member)} ${(share.minor / 100).toFixed(2)}`)
    expect(shown && shown.join(' ')).toBe(shares)
  })

  test('only the parts of the lines change', () => {
    const spec: ItemizedSplit = { ...bill([1000], { tax: 5, tip: 6, discount: 7 }), items: [item(1000, '4')] }
    const after = splitByClaims(spec, afterAll(openClaims(spec, BEARER), sayingsOf('ann 1/4')))
    expect(after).toEqual({ ...spec, items: [{ ...spec.items[0], parts: after.items[0]?.parts }] })
  })

  test('a discount line that is left with the bearer, when all it was taken off is claimed, is refused as a negative share', () => {
    const spec = bill([1000, -200])
    const divided = divide(spec, afterAll(openClaims(spec, BEARER), sayingsOf('ann 1')))
    expect(divided.ok ? undefined : [divided.error.code, divided.error.details[0]?.code]).toEqual(['split.invalid', 'NEGATIVE_SHARE'])
  })
})

const portions = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 12, 60, 997, 1000))
  .map(([top, bottom]) => `${top}/${bottom}`)
const saying = fc.record({
  line: fc.integer({ min: -1, max: 4 }),
  member: fc.constantFrom(...names).map(member),
  portion: fc.oneof({ weight: 5, arbitrary: portions }, { weight: 1, arbitrary: fc.constant(null) }),
})
const bills = fc
  .tuple(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 4 }), fc.nat(9999), fc.nat(9999), fc.nat(9999))
  .map(([amounts, tax, tip, discount]) => bill([...amounts, 10_000], { tax, tip, discount }))

const claimedOf = (spec: fc.Arbitrary<ItemizedSplit>) =>
  fc.tuple(spec, fc.array(saying, { maxLength: 30 })).map(([one, sayings]) => [one, afterAll(openClaims(one, BEARER), sayings)] as const)
const claimed = claimedOf(bills)

/** What the portions of a line come to, as a fraction. */
function sumOf(line: Claims['lines'][number]): readonly [bigint, bigint] {
  return line.reduce<readonly [bigint, bigint]>(
    ([top, bottom], { portion }) => {
      const [a = '', b = '1'] = portion.split('/')
      return [top * BigInt(b) + BigInt(a) * bottom, bottom * BigInt(b)]
    },
    [0n, 1n],
  )
}

/** What each bears of the items by their claims alone: a multiple of `1 / bottom` of a unit, without `splitByClaims`. */
function exactItems({ items }: ItemizedSplit, claims: Claims): { tops: Map<MemberId, bigint>; bottom: bigint } {
  const bottom = claims.lines.flat().reduce((all, { portion }) => all * BigInt(portion.split('/')[1] ?? '1'), 1n)
  const tops = new Map<MemberId, bigint>()
  const give = (id: MemberId, top: bigint) => tops.set(id, (tops.get(id) ?? 0n) + top)
  for (const [i, { amount }] of items.entries()) {
    let rest = BigInt(amount) * bottom
    for (const { member: id, portion } of claims.lines[i] ?? []) {
      const [top = '', below = '1'] = portion.split('/')
      const part = (BigInt(amount) * bottom * BigInt(top)) / BigInt(below)
      give(id, part)
      rest -= part
    }
    give(claims.bearer, rest)
  }
  return { tops, bottom }
}

describe('whatever is claimed, by whom and in what order', () => {
  test('each line is divided exactly, the shares sum to the total, and each is the exact part rounded down or up', () => {
    fc.assert(
      fc.property(claimed, ([spec, claims]) => {
        const divided = divide(spec, claims)
        if (!divided.ok) throw new Error(JSON.stringify(divided.error))
        expect(sum(divided.value.shares.map(({ minor }) => minor))).toBe(totalOf(spec))
        const { tops, bottom } = exactItems(spec, claims)
        const whole = BigInt(sum(spec.items.map(({ amount }) => amount))) * bottom
        for (const [id, top] of tops) {
          const share = BigInt(divided.value.shares.find((one) => one.member === id)?.minor ?? 0)
          const off = share * whole - BigInt(totalOf(spec)) * top
          expect(off < whole && -off < whole).toBe(true)
        }
      }),
    )
  })

  test('the portions of a line never exceed 1, and what is left is the rest', () => {
    fc.assert(
      fc.property(claimed, ([, claims]) => {
        for (const [i, line] of claims.lines.entries()) {
          const [top, bottom] = sumOf(line)
          const [left = '', below = '1'] = portionLeft(claims, i).split('/')
          expect(top <= bottom).toBe(true)
          expect(top * BigInt(below) + BigInt(left) * bottom).toBe(bottom * BigInt(below))
          expect(new Set(line.map((claim) => claim.member)).size).toBe(line.length)
        }
      }),
    )
  })

  test('a refusal and a claim change nothing in place', () => {
    fc.assert(
      fc.property(claimed, saying, ([, claims], last) => {
        const before = structuredClone(claims)
        claimLine(claims, last.line, last.member, last.portion)
        expect(claims).toEqual(before)
      }),
    )
  })

  test('claiming and taking it back leaves the claims as they were', () => {
    fc.assert(
      fc.property(claimed, portions, ([, claims], portion) => {
        const eve = { line: 0, member: member('eve') }
        const there = afterAll(claims, [{ ...eve, portion }])
        expect(afterAll(there, [{ ...eve, portion: null }])).toEqual(claims)
      }),
    )
  })

  test('claims that do not conflict give the same lines and shares in every order', () => {
    const some = saying.filter(({ line, portion }) => line >= 0 && portion !== null)
    const fitting = fc.uniqueArray(some, { selector: (one) => `${one.line} ${one.member}`, maxLength: 20 })
    const orders = fitting.chain((said) => fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length })))
    fc.assert(
      fc.property(bills, orders, (spec, [said, shuffled]) => {
        const inOrder = afterAll(openClaims(spec, BEARER), said)
        // Of those that conflict the first come stay; what stayed does not conflict.
        const stayed = shuffled.filter((one) => inOrder.lines[one.line]?.some((claim) => claim.member === one.member))
        const again = afterAll(openClaims(spec, BEARER), stayed)
        expect(again).toEqual(inOrder)
        expect(divide(spec, again)).toEqual(divide(spec, inOrder))
      }),
    )
  })

  test('what the bearer claims of a line changes nothing of who bears it', () => {
    fc.assert(
      fc.property(claimed, ([spec, claims]) => {
        const takenBack = claims.lines.map((_, line) => ({ line, member: BEARER, portion: null }))
        const without = afterAll(claims, takenBack)
        expect(splitByClaims(spec, without)).toEqual(splitByClaims(spec, claims))
      }),
    )
  })

  test('with lines of negative amounts the split is exact, or refused because somebody would bear less than nothing', () => {
    const mixed = fc
      .array(fc.integer({ min: -5000, max: 20_000 }), { minLength: 1, maxLength: 4 })
      .map((amounts) => bill([...amounts, 30_000]))
    fc.assert(
      fc.property(claimedOf(mixed), ([spec, claims]) => {
        const divided = divide(spec, claims)
        const isNegative = [...exactItems(spec, claims).tops.values()].some((top) => top < 0n)
        expect(divided.ok).toBe(!isNegative)
        if (divided.ok) {
          expect(sum(divided.value.shares.map(({ minor }) => minor))).toBe(totalOf(spec))
          expect(divided.value.shares.every(({ minor }) => minor >= 0)).toBe(true)
        } else expect(divided.error.details.map(({ code }) => code)).toEqual(['NEGATIVE_SHARE'])
      }),
    )
  })
})
