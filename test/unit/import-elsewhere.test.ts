// Guarantees of what an import brings along: nothing can come of it that could not have come of the same said here, and
// nobody speaks for another user.
import { describe, expect, test } from 'vitest'
import type { Command, ExpenseElsewhere, SettlementDraft, SettlementElsewhere } from '../../src/domain/commands.ts'
import { balancesIn, guests } from '../support/imports.ts'
import { currencyOf, expectSound, Ledger, memberId, opening, userId } from '../support/ledger.ts'

/** `ann 2, bob -1` as parts of members. */
const parts = (text: string) =>
  text.split(', ').map((one) => {
    const [name = '', amount = ''] = one.split(' ')
    return { member: `mem_${name}`, amount }
  })

describe('what a file says of an expense is held against what can have come of it', () => {
  const half = { type: 'equal', members: ['mem_ann', 'mem_bob'] } as const
  test.each<[string, ExpenseElsewhere, string]>([
    ['shares that do not add up', { shares: parts('ann 1.01, bob 0.99') }, 'ok'],
    ['shares whose odd cent is lost', { shares: parts('ann 0.99, bob 1.00') }, 'DOES_NOT_ADD_UP'],
    ['a share that is another', { shares: parts('ann 1.50, bob 0.50') }, 'NOT_THEIR_PART'],
    ['a share below nothing', { shares: parts('ann 3, bob -1') }, 'NOT_THEIR_PART'],
    ['a share of who does not share', { shares: parts('ann 1, bob 0.99, cid 0.01') }, 'INVALID_VALUE'],
    ['a share of a stranger', { shares: parts('eve 2') }, 'NOT_A_MEMBER'],
    ['two shares of one member', { shares: parts('ann 1, ann 1') }, 'INVALID_VALUE'],
    ['a share that is missing', { shares: parts('ann 1') }, 'REQUIRED'],
    ['claims where there are no lines', { claims: { isOpen: true, bearer: 'mem_ann', lines: [] } }, 'NOT_ITEMIZED'],
  ])('%s', (_, was, code) => {
    const book = guests('Ann', 'Bob', 'Cid')
    const draft = { title: 'Tea', amount: '2', date: '2026-01-02', split: half } as const
    const decided = book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft, was })
    if (code === 'ok') return expect(decided.ok).toBe(true)
    expect(decided).toMatchObject({ ok: false, error: { details: [{ code }] } })
    expect(balancesIn(book)).toEqual([])
  })

  const posting = (name: string, paid: string, owed: string) => ({ member: `mem_${name}`, paid, owed })
  test.each<[string, ExpenseElsewhere['postings'], string]>([
    ['as it comes to', [posting('ann', '1.00', '0.50'), posting('bob', '0.00', '0.50')], 'ok'],
    ['with the odd cent at the other', [posting('ann', '1.00', '0.51'), posting('bob', '0.00', '0.49')], 'ok'],
    ['charging somebody who has no part in it', [posting('ann', '1.00', '0.50'), posting('cid', '0.00', '0.50')], 'INVALID_VALUE'],
    ['charging one for the other', [posting('ann', '1.00', '0.00'), posting('bob', '0.00', '1.00')], 'NOT_THEIR_PART'],
    ['of another amount', [posting('ann', '1.01', '0.51'), posting('bob', '0.00', '0.50')], 'DOES_NOT_ADD_UP'],
  ])('postings of a conversion %s', (_, postings, code) => {
    const book = new Ledger()
    book.run(userId('Ann'), opening('Ann'))
    for (const name of ['Bob', 'Cid']) book.run(userId('Ann'), { type: 'add_member', member: { id: memberId(name), name, role: 'member' } })
    const draft = { title: 'Tea', amount: '2', currency: currencyOf('USD'), rate: '0.5', date: '2026-01-02', split: half } as const
    const was = { shares: parts('ann 1, bob 1'), ...(postings && { postings }) }
    const decided = book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft, was })
    if (code === 'ok') return expect(decided.ok).toBe(true)
    expect(decided).toMatchObject({ ok: false, error: { details: [{ code }] } })
  })

  test('a split that is none is refused as it would be by hand', () => {
    const book = guests('Ann', 'Bob')
    const split = { type: 'percentage', parts: [{ member: 'mem_ann', percentage: '500' }, { member: 'mem_bob', percentage: '500' }] } as const // oxfmt-ignore
    const draft = { title: 'Tea', amount: '2', date: '2026-01-02', split } as const
    expect(book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft, was: { shares: parts('ann 1, bob 1') } }).ok).toBe(false)
  })
})

describe('what a file says of a settlement', () => {
  const paid = (amount: string, refunded = '0') => [{ amount, refunded, method: 'cash', notes: '' }] as const
  const importing = (draft: SettlementDraft, was: Partial<SettlementElsewhere>): Command => ({
    type: 'import_settlement',
    settlement: 'stl_1',
    draft,
    was: { status: 'completed', reported: '0', payments: [], ...was },
  })

  test.each<[string, Partial<SettlementElsewhere>, string]>([
    ['completed and not paid', { payments: [] }, 'NOT_PAID'],
    ['pending and paid', { status: 'pending', payments: paid('2') }, 'PAID'],
    ['refunded by more than was paid', { payments: paid('2', '3') }, 'INVALID_VALUE'],
    ['a payment of nothing', { payments: paid('0') }, 'INVALID_VALUE'],
  ])('is refused where it is %s', (_, was, code) => {
    const refused = guests('Ann', 'Bob').run(userId('Ann'), importing({ payee: 'mem_bob', amount: '2' }, was))
    expect(refused).toMatchObject({ ok: false, error: { details: [{ code }] } })
  })

  /** Ann and Bob, who both have an account, in a group that does not trust payers. */
  function users(): Ledger {
    const book = new Ledger()
    book.run(userId('Ann'), opening('Ann'))
    book.run(userId('Ann'), { type: 'add_member', member: { id: memberId('Bob'), userId: userId('Bob'), name: 'Bob', role: 'member' } })
    book.run(userId('Ann'), { type: 'update_group', fields: { settings: { trustPayers: false } } })
    return book
  }

  test('is only reported where a payer says so and the group does not trust payers; the payee’s word is posted', () => {
    const [book, other] = [users(), users()]
    book.run(userId('Bob'), importing({ payee: 'mem_ann', amount: '9' }, { payments: paid('9') }))
    expect([balancesIn(book), [...book.settlements.values()]]).toMatchObject([[], [{ status: 'reported', reported: 900, paid: 0 }]])
    other.run(userId('Ann'), importing({ payer: 'mem_bob', payee: 'mem_ann', amount: '9' }, { payments: paid('9') }))
    expect(balancesIn(other)).toEqual(['ann -9.00 EUR', 'bob 9.00 EUR'])
  })

  test('is no more than was asked for on the word of the payer', () => {
    const book = users()
    book.run(userId('Ann'), { type: 'update_group', fields: { settings: { trustPayers: true } } })
    expect(book.run(userId('Bob'), importing({ payee: 'mem_ann', amount: '5' }, { payments: paid('1000') }))).toMatchObject({
      ok: false,
      error: { details: [{ code: 'TOO_LARGE', expected: 'at most 5.00', got: '1000.00' }] },
    })
  })

  test('has no dispute, and an expense no claims, in the name of another user', () => {
    const book = users()
    const dispute = { by: 'mem_ann', reason: 'a lie' }
    book.run(userId('Bob'), importing({ payee: 'mem_ann', amount: '5' }, { status: 'disputed', dispute }))
    expect([...book.settlements.values()]).toMatchObject([{ status: 'pending' }])
    expect([...book.settlements.values()][0]?.dispute).toBeUndefined()
    const items = [{ name: 'Soup', amount: '2', parts: [{ member: 'mem_ann', weight: '1' }] }]
    const split = { type: 'itemized', items, tax: '0', tip: '0', discount: '0' } as const
    const claims = { isOpen: true, bearer: 'mem_bob', lines: [[{ member: 'mem_ann', portion: '1' }]] }
    book.run(userId('Bob'), {
      type: 'record_expense',
      id: 'exp_1',
      draft: { title: 'Soup', amount: '2', date: '2026-01-02', split },
      was: { claims },
    })
    expect(book.expense('1').claims).toBeUndefined()
  })

  test('is not withdrawn from under somebody who has left, until they are let in again', () => {
    const book = guests('Ann', 'Bob')
    book.run(userId('Ann'), importing({ payer: 'mem_bob', payee: 'mem_ann', amount: '2' }, { payments: paid('2') }))
    const expense = { title: 'Tea', amount: '2', date: '2026-01-02', split: { type: 'exact', parts: parts('bob 2') } } as const
    book.run(userId('Ann'), { type: 'record_expense', id: 'exp_1', draft: expense })
    book.run(userId('Ann'), { type: 'remove_member', member: 'mem_bob' })
    const withdraw = { type: 'withdraw_settlement', settlement: 'stl_1' } as const
    expect(book.run(userId('Ann'), withdraw)).toMatchObject({ ok: false, error: { code: 'member.inactive' } })
    expect(balancesIn(book)).toEqual([])
    expect(book.run(userId('Ann'), { type: 'reinstate_member', member: 'mem_bob' }).ok).toBe(true)
    for (const command of [withdraw, { type: 'delete_expense', id: 'exp_1' } as const])
      expect(book.run(userId('Ann'), command).ok).toBe(true)
    expect(balancesIn(book)).toEqual([])
    expectSound(book)
  })
})
