// Random groups as an export has them: shares and payers add up, names may come twice.
import fc from 'fast-check'
import { allocate } from '../../src/domain/allocate.ts'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import type { Currency } from '../../src/domain/currency.ts'
import type { SplitOf } from '../../src/domain/expense.ts'
import type { ExportData, ExportExpense, ExportMember, ExportPortion, ExportSettlement } from '../../src/domain/export/document.ts'
import { GROUP_TYPES } from '../../src/domain/group.ts'
import { formatMinor } from '../../src/domain/money.ts'
import { SETTLEMENT_METHODS } from '../../src/domain/settlement.ts'
import { type Day, isoOf, type ClockTime } from '../../src/domain/time.ts'
import { currencyOf } from './ledger.ts'

const currencies = fc.constantFrom(...['EUR', 'JPY', 'KWD', 'USD'].map(currencyOf))
/** As the API keeps what people write: trimmed, without control characters. */
const words = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).map((text) => text.replace(/\p{Cc}/gu, '').trim()),
    fc.constantFrom('Dinner', '=1+1', 'Łódź 寿司', '"quoted"', 'a\u2028b'),
  )
  .filter((text) => text !== '')
const someText = fc.string({ maxLength: 10 }).map((text) => text.trim())
const days = fc.integer({ min: 0, max: 20_000 }).map((n) => isoOf(n * 86_400_000).slice(0, 10) as Day)
const instants = fc.integer({ min: 0, max: 2 ** 41 }).map(isoOf)
const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
const maybe = <T extends object>(fields: fc.Arbitrary<T>): fc.Arbitrary<Partial<T>> => fc.option(fields, { nil: {} as Partial<T> })

/** An amount divided at random among some of the members, each at most once. */
function portions(total: number, currency: Currency, ids: readonly string[]): fc.Arbitrary<ExportPortion[]> {
  return fc
    .tuple(fc.shuffledSubarray([...ids], { minLength: 1 }), fc.array(fc.nat(20), { minLength: ids.length, maxLength: ids.length }))
    .map(([who, weights]) => {
      const parts = allocate(
        total,
        who.map((_, i) => BigInt(weights[i] ?? 0) + 1n),
      ).parts
      return who.map((member, i) => ({ member, amount: formatMinor(parts[i] ?? 0, currency) }))
    })
}

function splits(total: number, currency: Currency, ids: readonly string[]): fc.Arbitrary<SplitOf<string, string>> {
  const some = fc.shuffledSubarray([...ids], { minLength: 1 })
  const zero = formatMinor(0, currency)
  return fc.oneof(
    some.map((members): SplitOf<string, string> => ({ type: 'equal', members })),
    portions(total, currency, ids).map((parts): SplitOf<string, string> => ({ type: 'exact', parts })),
    some.map((who): SplitOf<string, string> => ({ type: 'shares', parts: who.map((member, i) => ({ member, weight: `${i + 1}.5` })) })),
    some.map((who): SplitOf<string, string> => ({
      type: 'percentage',
      parts: who.map((member, i) => ({ member, percentage: i === 0 ? '100' : '0' })),
    })),
    some.map((who): SplitOf<string, string> => ({ type: 'adjustment', parts: who.map((member) => ({ member, amount: zero })) })),
    portions(total, currency, ids).map((parts): SplitOf<string, string> => ({
      type: 'itemized',
      items: parts.map(({ member, amount }, i) => ({
        name: `item ${i}`,
        amount,
        parts: [{ member, weight: '1' }],
        ...(i > 0 && { quantity: '2' }),
      })),
      ...{ tax: zero, tip: zero, discount: zero },
    })),
  )
}

function expenses(ids: readonly string[], categories: readonly string[]): fc.Arbitrary<ExportExpense> {
  return fc.tuple(currencies, fc.integer({ min: 1, max: 10_000_000 })).chain(([currency, total]) =>
    fc
      .record({
        id: fc.uuid(),
        kind: fc.constantFrom('expense' as const, 'income' as const),
        title: words,
        description: someText,
        payers: portions(total, currency, ids),
        split: splits(total, currency, ids),
        shares: portions(total, currency, ids),
        categories: fc.shuffledSubarray([...categories], { maxLength: 2 }),
        date: days,
        tags: fc.array(words, { maxLength: 2 }),
        vendor: someText,
        location: someText,
        status: fc.constantFrom('posted' as const, 'pending' as const, 'rejected' as const),
        attachments: fc.array(fc.record({ name: words, type: fc.constant('image/png'), size: fc.nat(), sha256: hash }), { maxLength: 2 }),
        comments: fc.array(fc.record({ member: fc.constantFrom(...ids), text: words }, { noNullPrototype: true }), { maxLength: 2 }),
        more: fc.tuple(
          maybe(fc.record({ rate: fc.constantFrom('1.0842', '0.5') })),
          maybe(fc.record({ time: fc.constant<ClockTime>('19:30:00') })),
          maybe(fc.record({ is_reconciled: fc.constant(true as const) })),
          maybe(fc.record({ is_deleted: fc.constant(true as const) })),
          maybe(
            fc.record({
              claims: fc.record({
                is_open: fc.boolean(),
                bearer: fc.constantFrom(...ids),
                lines: fc.constant([[{ member: ids[0] ?? '', portion: '1/3' }], []]),
              }),
            }),
          ),
        ),
      })
      .map(
        ({ more, ...expense }) =>
          ({ ...expense, amount: formatMinor(total, currency), currency, ...Object.assign({}, ...more) }) as ExportExpense,
      ),
  )
}

const settlements = (ids: readonly string[]): fc.Arbitrary<ExportSettlement> =>
  fc
    .tuple(currencies, fc.integer({ min: 1, max: 1e6 }), fc.shuffledSubarray([...ids], { minLength: 2, maxLength: 2 }), fc.boolean())
    .chain(([currency, total, [payer = '', payee = ''], isPaid]) => {
      const [amount, zero] = [formatMinor(total, currency), formatMinor(0, currency)]
      const method = fc.constantFrom(...SETTLEMENT_METHODS)
      return fc
        .record({
          id: fc.uuid(),
          method,
          description: someText,
          payments: isPaid
            ? fc
                .record({ amount: fc.constant(amount), refunded: fc.constant(zero), method, notes: words, at: instants })
                .map((one) => [one])
            : fc.constant([]),
          due: maybe(fc.record({ due_date: days })),
          dispute: maybe(fc.record({ dispute: fc.record({ by: fc.constantFrom(...ids), reason: words }) })),
        })
        .map(({ due, dispute, ...settlement }): ExportSettlement => ({
          ...settlement,
          ...{ payer, payee, amount, currency, paid: isPaid ? amount : zero, reported: zero, status: isPaid ? 'completed' : 'pending' },
          ...due,
          ...dispute,
        }))
    })

/** `names` is what members are called; few names make members of one name likely. */
export const groups = (names: fc.Arbitrary<string> = words): fc.Arbitrary<ExportData> =>
  fc.array(fc.record({ name: names, isGone: fc.boolean() }), { minLength: 1, maxLength: 5 }).chain((people) => {
    const members = people.map(({ name, isGone }, i): ExportMember => ({ id: `mem_${i}`, name, ...(isGone && { has_left: true }) }))
    const ids = members.map(({ id }) => id)
    const [food, child] = SYSTEM_CATEGORIES
    const own = { id: 'cat_own', name: 'Own', icon: 'x', color: '#ffffff' }
    const below = { id: 'cat_below', name: 'Below', icon: 'x', color: '#ffffff', parent: 'cat_own' }
    const known = [food, child].flatMap((one) =>
      one === undefined
        ? []
        : [{ id: one.id, name: one.name, icon: one.icon, color: one.color, ...(one.parentId !== undefined && { parent: one.parentId }) }],
    )
    const categories = [own, below, ...known]
    return fc.record({
      group: fc.record({
        name: words,
        description: someText,
        type: fc.constantFrom(...GROUP_TYPES),
        currency: fc.constant(currencyOf('EUR')),
        is_private: fc.boolean(),
        settings: fc
          .tuple(
            fc.record({
              simplify_debts: fc.boolean(),
              require_approval: fc.boolean(),
              auto_reminder: fc.boolean(),
              currencies: fc.constantFrom('converted' as const, 'separate' as const),
            }),
            maybe(fc.record({ approval_threshold: fc.constant('50.00') })),
            maybe(fc.record({ trust_payers: fc.boolean() })),
          )
          .map(([always, threshold, trust]) => ({ ...always, ...threshold, ...trust })),
      }),
      members: fc.constant(members),
      categories: fc.constant(categories),
      expenses: fc.array(
        expenses(
          ids,
          categories.map(({ id }) => id),
        ),
        { maxLength: 6 },
      ),
      settlements: ids.length > 1 ? fc.array(settlements(ids), { maxLength: 3 }) : fc.constant([]),
    })
  })
