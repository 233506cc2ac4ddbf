// Settlements as rules: who may do what from which status, and that money is posted once for each payment.
import { describe, expect, test } from 'vitest'
import { balanceOf } from '../../src/domain/group.ts'
import type { Command, SettlementCommand } from '../../src/domain/commands.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { SETTLEMENT_STATUSES, type Settlement, type SettlementStatus } from '../../src/domain/settlement.ts'
import { DAY } from '../../src/domain/time.ts'
import { currencyOf, expectSound, Ledger, memberId, newcomer, opening, userId } from '../support/ledger.ts'

const ID: Id<'settlement'> = 'stl_01jd3k5m7n9pqrstvwxyz01234'
const PAYMENT: Id<'payment'> = 'pay_01jd3k5m7n9pqrstvwxyz01234'
const user = userId
const member = memberId

/** Ann, Bob and Cem in a group in euros; Bob owes Ann 20.00, Cem too. `wary`: payers are not trusted. */
function group(how = ''): Ledger {
  const ledger = new Ledger()
  ledger.run(user('Ann'), opening('Ann'))
  for (const name of ['Bob', 'Cem']) ledger.run(user('Ann'), { type: 'add_member', member: newcomer(name) })
  ledger.run(user('Ann'), { type: 'record_expense', id: newId('expense'), draft: { title: 'Rent', amount: '60.00', date: '2026-01-01' } })
  if (how.includes('wary')) ledger.run(user('Ann'), { type: 'update_group', fields: { settings: { trustPayers: false } } })
  return ledger
}

const ask = (ledger: Ledger, by = 'Bob', draft: object = {}) =>
  ledger.run(user(by), {
    type: 'request_settlement',
    settlement: ID,
    draft: { payer: user('Bob'), payee: user('Ann'), amount: '20.00', ...draft },
  })
const about = (type: string, more: object = {}): Command => ({ type, settlement: ID, ...more }) as SettlementCommand
const settlement = (ledger: Ledger): Settlement => {
  const found = ledger.settlements.get(ID)
  if (found === undefined) throw new Error('there is no settlement')
  return found
}
const codeOf = (result: ReturnType<Ledger['run']>): string => (result.ok ? 'ok' : result.error.code)
const nets = (ledger: Ledger) => ['Ann', 'Bob', 'Cem'].map((name) => balanceOf(ledger.state, member(name), currencyOf('EUR')))

/** How a settlement that Bob asked for comes into each status. */
const WAYS: Readonly<Record<SettlementStatus, readonly (readonly [by: string | undefined, command: Command])[]>> = {
  pending: [],
  reported: [['Bob', about('confirm_settlement', { as: 'paid' })]],
  processing: [['Bob', about('start_payment', { payment: PAYMENT })]],
  completed: [['Ann', about('confirm_settlement')]],
  disputed: [['Ann', about('dispute_settlement', { reason: 'Nothing came' })]],
  rejected: [['Ann', about('reject_settlement')]],
  cancelled: [['Bob', about('cancel_settlement')]],
  refunded: [
    ['Bob', about('start_payment', { payment: PAYMENT })],
    [undefined, about('record_payment', { payment: PAYMENT, minor: 2000, method: 'stripe' })],
    [undefined, about('refund_payment', { payment: PAYMENT, minor: 2000 })],
  ],
}

function inStatus(status: SettlementStatus): Ledger {
  const ledger = group('wary')
  ask(ledger)
  for (const [by, command] of WAYS[status]) expect(codeOf(ledger.run(by === undefined ? undefined : user(by), command))).toBe('ok')
  expect(settlement(ledger).status).toBe(status)
  return ledger
}

/**
 * Who may do it, and the status it leads to; `no`: not for this one; `-`: not in this status.
 * The payer Bob asked for it, the payee is Ann.
 */
const TABLE = `
| command          | by  | pending    | reported   | processing | completed  | disputed   | rejected   | cancelled  | refunded   |
| confirm received | Ann | completed  | completed  | -          | -          | completed  | -          | -          | -          |
| confirm received | Bob | no         | no         | -          | -          | no         | -          | -          | -          |
| confirm received | Cem | no         | no         | -          | -          | no         | -          | -          | -          |
| confirm paid     | Bob | reported   | -          | -          | -          | -          | -          | -          | -          |
| confirm paid     | Ann | no         | -          | -          | -          | -          | -          | -          | -          |
| reject           | Ann | rejected   | -          | -          | -          | -          | -          | -          | -          |
| reject           | Bob | no         | -          | -          | -          | -          | -          | -          | -          |
| cancel           | Bob | cancelled  | no         | -          | -          | cancelled  | -          | -          | -          |
| cancel           | Ann | cancelled  | cancelled  | -          | -          | cancelled  | -          | -          | -          |
| cancel           | Cem | no         | no         | -          | -          | no         | -          | -          | -          |
| dispute          | Ann | disputed   | disputed   | -          | -          | -          | -          | -          | -          |
| dispute          | Bob | disputed   | no         | -          | -          | -          | -          | -          | -          |
| resolve          | Ann | -          | -          | -          | -          | pending    | -          | -          | -          |
| resolve          | Bob | -          | -          | -          | -          | no         | -          | -          | -          |
| remind           | Ann | pending    | -          | -          | -          | -          | -          | -          | -          |
| remind           | Bob | pending    | -          | -          | -          | -          | -          | -          | -          |
| remind           | Cem | no         | -          | -          | -          | -          | -          | -          | -          |
| undo             | Ann | -          | -          | -          | pending    | -          | -          | -          | -          |
| undo             | Bob | -          | -          | -          | no         | -          | -          | -          | -          |
| start            | Bob | processing | -          | -          | -          | -          | -          | -          | -          |
| start            | Ann | no         | -          | -          | -          | -          | -          | -          | -          |
`

const COMMANDS: Readonly<Record<string, Command>> = {
  'confirm received': about('confirm_settlement', { as: 'received' }),
  'confirm paid': about('confirm_settlement', { as: 'paid' }),
  reject: about('reject_settlement'),
  cancel: about('cancel_settlement'),
  dispute: about('dispute_settlement', { reason: 'No' }),
  resolve: about('resolve_settlement'),
  remind: about('remind_settlement'),
  undo: about('undo_settlement'),
  start: about('start_payment', { payment: newId('payment') }),
}

const [header = [], ...lines] = TABLE.trim()
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const cases = lines.flatMap(([name = '', who = '', ...cells]) =>
  cells.map((expected, i) => ({ name, who, expected, status: header[i + 2] as SettlementStatus })),
)

test('the table has every status', () => {
  expect(header.slice(2).toSorted()).toEqual([...SETTLEMENT_STATUSES].toSorted())
})

describe('each action from each status', () => {
  test.each(cases)('$status: $name by $who comes to $expected', ({ name, who, status, expected }) => {
    const ledger = inStatus(status)
    const result = ledger.run(user(who), COMMANDS[name] ?? about(name))
    if (expected === '-') expect(codeOf(result)).toBe('settlement.state')
    else if (expected === 'no') expect(codeOf(result)).toBe('settlement.forbidden')
    else expect([codeOf(result), settlement(ledger).status]).toEqual(['ok', expected])
    expect(nets(ledger).reduce((sum, net) => sum + net, 0)).toBe(0)
  })
})

describe('money', () => {
  test('asking moves nothing; the payee’s word moves it once', () => {
    const ledger = group()
    expect(nets(ledger)).toEqual([4000, -2000, -2000])
    ask(ledger)
    expect(nets(ledger)).toEqual([4000, -2000, -2000])
    ledger.run(user('Ann'), about('confirm_settlement'))
    expect(nets(ledger)).toEqual([2000, 0, -2000])
    expect(codeOf(ledger.run(user('Ann'), about('confirm_settlement')))).toBe('settlement.state')
    expectSound(ledger)
  })

  test('a payer who is trusted settles by their own word, one who is not waits for the payee', () => {
    const trusting = group()
    ask(trusting)
    trusting.run(user('Bob'), about('confirm_settlement', { as: 'paid', method: 'cash', notes: 'In cash' }))
    expect([settlement(trusting).status, settlement(trusting).method, nets(trusting)]).toEqual(['completed', 'cash', [2000, 0, -2000]])
    const wary = inStatus('reported')
    expect(nets(wary)).toEqual([4000, -2000, -2000])
    wary.run(user('Ann'), about('confirm_settlement'))
    expect([settlement(wary).status, nets(wary)]).toEqual(['completed', [2000, 0, -2000]])
  })

  test('parts add up, and more than is open is refused by as much', () => {
    const ledger = group()
    ask(ledger)
    ledger.run(user('Ann'), about('confirm_settlement', { amount: '7.50' }))
    expect([settlement(ledger).status, settlement(ledger).paid]).toEqual(['pending', 750])
    const over = ledger.run(user('Ann'), about('confirm_settlement', { amount: '13.00' }))
    expect(over.ok ? '' : over.error.details[0]).toMatchObject({ code: 'TOO_LARGE', expected: 'at most 12.50', difference: '0.50' })
    ledger.run(user('Bob'), about('confirm_settlement', { as: 'paid' }))
    expect([settlement(ledger).status, settlement(ledger).payments.map((payment) => payment.minor)]).toEqual(['completed', [750, 1250]])
    expect(nets(ledger)).toEqual([2000, 0, -2000])
    expectSound(ledger)
  })

  test('what people said can be taken back, what a provider moved cannot', () => {
    const ledger = group()
    ask(ledger)
    ledger.run(user('Ann'), about('confirm_settlement'))
    ledger.run(user('Ann'), about('undo_settlement'))
    expect([settlement(ledger).status, settlement(ledger).paid, nets(ledger)]).toEqual(['pending', 0, [4000, -2000, -2000]])
    ledger.run(user('Bob'), about('start_payment', { payment: PAYMENT }))
    ledger.run(undefined, about('record_payment', { payment: PAYMENT, minor: 2000, method: 'stripe' }))
    expect(codeOf(ledger.run(user('Ann'), about('undo_settlement')))).toBe('settlement.state')
    expectSound(ledger)
  })

  test('a provider’s payment is posted once, whatever the status, and a refund takes it back', () => {
    for (const status of SETTLEMENT_STATUSES) {
      const ledger = inStatus(status)
      const before = nets(ledger)
      const other = newId('payment')
      const record = about('record_payment', { payment: other, minor: 500, method: 'stripe' })
      expect(codeOf(ledger.run(undefined, record))).toBe('ok')
      expect(codeOf(ledger.run(undefined, record))).toBe('settlement.state')
      expect(nets(ledger)).toEqual([(before[0] ?? 0) - 500, (before[1] ?? 0) + 500, before[2]])
      ledger.run(undefined, about('refund_payment', { payment: other, minor: 200 }))
      ledger.run(undefined, about('refund_payment', { payment: other, minor: 900 }))
      expect(codeOf(ledger.run(undefined, about('refund_payment', { payment: other, minor: 1 })))).toBe('settlement.state')
      expect(nets(ledger)).toEqual(before)
      expectSound(ledger)
    }
  })

  test('no member may speak for a provider', () => {
    const ledger = inStatus('processing')
    for (const type of ['record_payment', 'fail_payment', 'refund_payment'])
      expect(codeOf(ledger.run(user('Ann'), about(type, { payment: PAYMENT, minor: 1, method: 'stripe' })))).toBe('group.forbidden')
  })

  test('a payment that failed leaves the settlement as it was', () => {
    const ledger = inStatus('processing')
    expect(codeOf(ledger.run(undefined, about('fail_payment', { payment: newId('payment') })))).toBe('settlement.state')
    ledger.run(undefined, about('fail_payment', { payment: PAYMENT }))
    expect([settlement(ledger).status, settlement(ledger).processing]).toEqual(['pending', undefined])
  })
})

describe('asking', () => {
  test.each([
    ['nobody pays themselves', { payee: user('Bob') }, 'SAME_MEMBER'],
    ['the amount is more than nothing', { amount: '0' }, 'TOO_SMALL'],
    ['the amount has the decimals of its currency', { amount: '1.001' }, 'TOO_PRECISE'],
    ['the currency is the one that balances are kept in', { currency: currencyOf('USD') }, 'WRONG_CURRENCY'],
    ['one asks for oneself', { payer: user('Cem'), payee: user('Ann') }, 'NOT_A_SIDE'],
    ['both are in the group', { payee: 'usr_nobody' }, 'NOT_A_MEMBER'],
  ] as const)('%s', (_, draft, code) => {
    const refused = ask(group(), 'Bob', draft)
    expect(refused.ok ? '' : refused.error.details[0]?.code).toBe(code)
  })

  test('an admin speaks for a guest', () => {
    const ledger = group()
    ledger.run(user('Ann'), { type: 'add_member', member: { id: 'mem_gran', name: 'Gran', role: 'member' } })
    ask(ledger, 'Ann', { payer: 'mem_gran', payee: user('Bob') })
    expect(codeOf(ledger.run(user('Bob'), about('confirm_settlement')))).toBe('ok')
    ask(ledger, 'Ann', { payer: user('Bob'), payee: 'mem_gran' })
    expect(codeOf(ledger.run(user('Ann'), about('confirm_settlement', { as: 'received' })))).toBe('ok')
  })

  test('a payer is reminded once a day', () => {
    const ledger = inStatus('pending')
    const remind = about('remind_settlement')
    expect(codeOf(ledger.run(user('Ann'), remind))).toBe('ok')
    const soon = ledger.run(user('Ann'), remind)
    expect(soon.ok ? undefined : [soon.error.code, soon.error.retryAfterS]).toEqual(['settlement.reminded', 86_399])
    ledger.now += DAY
    expect(codeOf(ledger.run(user('Ann'), remind))).toBe('ok')
  })
})
