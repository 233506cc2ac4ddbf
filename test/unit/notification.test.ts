// Whom entries are told to, in which words, and by which channels: nobody hears of what they did, of what they may
// not see, or of money that does not count.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audiencesOf } from '../../src/domain/audience.ts'
import type { Entry } from '../../src/domain/group.ts'
import { gather, NOTIFICATION_TYPES, type Notification } from '../../src/domain/notification.ts'
import { invitedBy, notificationsOf } from '../../src/domain/notifying.ts'
import { channelsFor, preferencesOf, type SaidPreferences } from '../../src/domain/preferences.ts'
import type { News } from '../../src/domain/telling.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/user.ts'
import { live, lives } from '../support/life.ts'
import { userId, type Ledger } from '../support/ledger.ts'
import { ledger } from '../support/table.ts'

const newsOf = (book: Ledger, entries: readonly Entry[] = book.entries): News => ({
  entries,
  later: book.entries.slice(entries.at(-1)?.seq ?? 0),
  state: book.state,
  categories: new Map(),
})

const knowing = (accounts: Readonly<Record<string, string>> = {}) =>
  ({
    idOf: (seq, user, type) => `ntf_${seq}.${user}.${type}`,
    accountOf: (email: string) => (accounts[email] === undefined ? undefined : userId(accounts[email])),
  }) satisfies Parameters<typeof notificationsOf>[1]

const nameOf = (book: Ledger, user: string): string => [...book.state.members.values()].find((m) => m.userId === user)?.name ?? user

/** What the last entry of the life is told as: `Bob expense_added: Ann added …`. */
function told(table: string, accounts?: Readonly<Record<string, string>>): string[] {
  const book = ledger(table)
  return notificationsOf(newsOf(book, book.entries.slice(-1)), knowing(accounts)).map(
    ({ userId: user, type, message }) => `${nameOf(book, user)} ${type}: ${message}`,
  )
}

const THREE = `
  Ann opens a group in USD -> ok
  Ann adds Bob             -> ok
  Ann adds Cid             -> ok
`

describe('notificationsOf', () => {
  test('says who did what to what, where, and where that is to be seen', () => {
    const book = ledger(`${THREE} Ann pays 45.67 for Groceries: Ann, Bob -> ok`)
    expect(notificationsOf(newsOf(book, book.entries.slice(-1)), knowing())).toEqual([
      {
        id: 'ntf_4.usr_bob.expense_added',
        userId: 'usr_bob',
        type: 'expense_added',
        priority: 'normal',
        title: 'New expense in Test',
        message: "Ann added 'Groceries' expense of $45.67",
        sender: { id: 'usr_ann', name: 'Ann' },
        metadata: { expense_id: 'exp_Groceries', group_id: 'grp_test', group_name: 'Test', seq: 4, amount: '45.67', currency: 'USD' },
        actionUrl: '/expenses/exp_Groceries',
        groupId: 'grp_test',
        seq: 4,
        createdAt: book.now,
      },
    ])
  })

  test.each<[what: string, table: string, told: string[]]>([
    [
      'who pays without taking part',
      `${THREE} Ann notes that Bob pays 9.00 for tea: Ann, Cid -> ok`,
      ['Bob expense_added', 'Cid expense_added'],
    ],
    ['nobody of what is only theirs', `${THREE} Ann pays 9.00 for tea: Ann -> ok`, []],
    [
      'who is in no more of a change too',
      `${THREE} Ann pays 9.00 for tea: Ann, Bob -> ok
      Ann edits tea to 9.00: Ann, Cid -> ok`,
      ['Cid expense_updated', 'Bob expense_updated'],
    ],
    [
      'the others when somebody deletes it',
      `${THREE} Ann pays 9.00 for tea: Ann, Bob -> ok
      Bob deletes tea -> ok`,
      ['Ann expense_deleted'],
    ],
    [
      'the others when it comes back',
      `${THREE} Ann pays 9.00 for tea: Ann, Bob -> ok
      Bob deletes tea -> ok
      Bob restores tea -> ok`,
      ['Ann expense_updated'],
    ],
    [
      'whoever has commented before',
      `${THREE} Ann pays 9.00 for tea: Ann, Bob -> ok
      Cid comments on tea -> ok
      Bob comments on tea -> ok`,
      ['Ann expense_commented', 'Cid expense_commented'],
    ],
    [
      'those who may approve, and nobody else while it waits',
      `${THREE} Ann adds Dan as admin -> ok
      Ann wants approval of everything -> ok
      Bob pays 9.00 for tea: Ann, Bob, Cid -> ok`,
      ['Ann approval_requested', 'Dan approval_requested'],
    ],
    [
      'its author when it is approved, and the others that it is there',
      `${THREE} Ann wants approval of everything -> ok
      Bob pays 9.00 for tea: Ann, Bob, Cid -> ok
      Ann approves tea -> ok`,
      ['Bob expense_approved', 'Cid expense_added'],
    ],
    [
      'its author alone when it is rejected',
      `${THREE} Ann wants approval of everything -> ok
      Bob pays 9.00 for tea: Ann, Bob, Cid -> ok
      Ann rejects tea -> ok`,
      ['Bob expense_rejected'],
    ],
    [
      'those who approve when what counted waits again, and those for whom it counted',
      `${THREE} Ann wants approval above 10.00 -> ok
      Bob pays 9.00 for tea: Bob, Cid -> ok
      Bob edits tea to 12.00 -> ok`,
      ['Ann approval_requested', 'Cid expense_updated'],
    ],
    [
      'the newcomer, and the others',
      `${THREE} Bob adds Dan -> group.forbidden\nAnn adds Dan -> ok`,
      ['Dan group_added', 'Bob member_joined', 'Cid member_joined'],
    ],
    ['nobody of a guest', `${THREE} Ann adds guest Gus -> ok`, []],
    [
      'the others when somebody joins',
      `${THREE} Dan joins with CODE -> ok`,
      ['Ann member_joined', 'Bob member_joined', 'Cid member_joined'],
    ],
    ['the others when somebody leaves', `${THREE} Cid leaves -> ok`, ['Ann member_left', 'Bob member_left']],
    ['who is removed, and the others', `${THREE} Ann removes Cid -> ok`, ['Cid member_removed', 'Bob member_left']],
    ['whose role it is', `${THREE} Ann makes Bob admin -> ok`, ['Bob role_changed']],
    ['nobody of the settings', `${THREE} Ann names the group Flat -> ok`, []],
  ])('tells %s', (_, table, expected) => {
    expect(told(table).map((line) => line.slice(0, line.indexOf(':')))).toEqual(expected)
  })

  test('words each as a person would', () => {
    expect(told(`${THREE} Ann removes Cid -> ok`)).toEqual([
      'Cid member_removed: Ann removed you from Test',
      'Bob member_left: Ann removed Cid from Test',
    ])
    expect(told(`${THREE} Ann receives 9.00 for Refund: Ann, Bob -> ok`)).toEqual(["Bob expense_added: Ann added 'Refund' income of $9.00"])
  })

  test('an invitation is told to the account of its address, wherever that is', () => {
    const table = `${THREE} Ann invites Dan -> ok`
    expect(told(table)).toEqual([])
    expect(told(table, { 'dan@example.com': 'Eve' })).toEqual([
      'usr_eve group_invitation: Ann invited you to Test; the link to accept is in your mail',
    ])
    expect(invitedBy(newsOf(ledger(table)))).toEqual(['dan@example.com'])
  })

  test('the first members of a group are told that they are in, but not each of each other', () => {
    const { entries, state } = live({ how: 0, steps: [] })
    const news = { entries, later: [], state, categories: new Map() }
    expect(notificationsOf(news, knowing()).map(({ userId: user, type }) => `${user} ${type}`)).toEqual([
      'usr_bob group_added',
      'usr_cid group_added',
    ])
  })

  test('nothing is told of a personal group', () => {
    expect(told('Ann opens a group in USD personal -> ok\nAnn pays 9.00 for tea -> ok')).toEqual([])
  })

  test('in any life of a group nobody hears of what they did or could not see, or twice of one entry, in whatever portions', () => {
    fc.assert(
      fc.property(lives(40), fc.nat(40), (life, cut) => {
        const book = live(life)
        const [one, two] = [book.entries.slice(0, cut), book.entries.slice(cut)]
        const portions = [one, two].filter((entries) => entries.length > 0).map((entries) => newsOf(book, entries))
        const all = portions.flatMap((news) => notificationsOf(news, knowing()))
        const audiences = new Map(portions.flatMap((news) => [...audiencesOf(news)]))
        expect(new Set(all.map(({ seq, userId: user }) => `${seq} ${user}`)).size).toBe(all.length)
        for (const { seq = 0, userId: user, type, title, message } of all) {
          const entry = book.entries[seq - 1]
          expect(entry?.actor).not.toBe(user)
          const isRemoved = type === 'member_removed' && entry?.members?.[0]?.userId === user
          expect(isRemoved || type === 'group_invitation' || audiences.get(seq)?.has(user)).toBe(true)
          expect(`${title} ${message}`).not.toMatch(/undefined|NaN/)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('channelsFor', () => {
  const ANN = { settings: { ...DEFAULT_SETTINGS, pushNotifications: true }, timezone: 'UTC', isVerified: true }
  const channels = (said: SaidPreferences, who: Partial<typeof ANN> = {}, type = 'payment_due' as const) =>
    channelsFor(preferencesOf(said, { ...ANN, ...who }), type)

  test('are those of the type that are on', () => {
    expect(channels({})).toEqual(['email', 'push', 'in_app'])
    expect(channels({}, { settings: DEFAULT_SETTINGS })).toEqual(['email', 'in_app'])
    expect(channels({ sms: true, types: { payment_due: { channels: ['sms', 'whatsapp'] } } })).toEqual(['sms'])
    expect(channels({ types: { payment_due: { enabled: false } } })).toEqual([])
  })

  test('email needs a verified address, and who is muted is told in the app alone', () => {
    expect(channels({}, { isVerified: false })).toEqual(['push', 'in_app'])
    expect(channels({}, { settings: { ...ANN.settings, notificationsEnabled: false } })).toEqual(['in_app'])
  })

  test('of the two types that the document shows, the defaults are the documented ones', () => {
    expect([NOTIFICATION_TYPES.expense_added, NOTIFICATION_TYPES.payment_due]).toMatchObject([
      { channels: ['email', 'in_app'], frequency: 'immediate' },
      { channels: ['email', 'push', 'in_app'], frequency: 'daily' },
    ])
  })
})

describe('gather', () => {
  const about = (message: string, group?: string): Notification => ({
    id: 'ntf_1',
    userId: 'usr_ann',
    type: 'expense_added',
    priority: 'normal',
    title: `New expense in ${group}`,
    message,
    metadata: group === undefined ? {} : { group_name: group },
    createdAt: 0,
  })

  test('one is told as it is, several of one group as that', () => {
    expect(gather([about('Tea', 'Flat')])).toEqual({ title: 'New expense in Flat', text: 'Tea' })
    expect(gather([about('Tea', 'Flat'), about('Jam', 'Flat'), about('Rent', 'Flat')])).toEqual({
      title: '3 new in Flat',
      text: 'Tea\nJam\nRent',
    })
    expect(gather([about('Tea', 'Flat'), about('Jam', 'Trip')]).title).toBe('2 new')
    expect(gather([about('Tea'), about('Jam')]).title).toBe('2 new')
  })

  test('of many it says the first, and how many more there are', () => {
    const { title, text } = gather(Array.from({ length: 8 }, (_, i) => about(`No. ${i}`, 'Flat')))
    expect([title, text.split('\n').at(-1), text.split('\n')]).toEqual([
      '8 new in Flat',
      'and 3 more',
      expect.objectContaining({ length: 6 }),
    ])
  })
})
