// Mails as values: both bodies say the same, nothing in them is loaded or run, and no name gets out of its place.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Currency } from '../../src/domain/currency.ts'
import type { Id } from '../../src/domain/ids.ts'
import { htmlOf, subjectLine, textOf, type Letter, type Part } from '../../src/domain/letter.ts'
import { digestLetter, noticeLetter, statementLetter } from '../../src/domain/notice-letter.ts'
import type { Notification } from '../../src/domain/notification.ts'
import { amountText, balanceReminder, isReminderTime, localIn, monthBefore, ROUNDS } from '../../src/domain/reminder.ts'
import { monthBorders, statementLine } from '../../src/domain/statement.ts'
import { isoOf, type Day } from '../../src/domain/time.ts'

const EUR = 'EUR' as Currency
const GROUP = 'grp_01jd3k5m7n9pqrstvwxyz01234' as Id<'group'>
const USER = 'usr_01jd3k5m7n9pqrstvwxyz01234' as Id<'user'>

const LETTER: Letter = {
  subject: 'A letter',
  parts: [
    { heading: 'What you owe' },
    'Hello,\nhow are you?',
    { rows: [{ label: 'Roommates', amount: '€12.30', detail: 'since May' }, { label: 'Trip', amount: '€1,200.00' }, { label: 'Else' }] },
    { link: 'See them', to: 'https://app.test/a?b=1&c="2"' },
    { copy: '123456' },
    { quote: 'First line\nSecond line' },
    { small: 'That is all.' },
  ],
  unsubscribe: { what: 'balance reminders', url: 'https://quits.test/u/t/' },
}

describe('textOf', () => {
  test('puts each part where a person and a test find it', () => {
    expect(textOf(LETTER)).toBe(`What you owe
------------

Hello,
how are you?

  Roommates     €12.30
  - since May
  Trip       €1,200.00
  Else

See them: https://app.test/a?b=1&c="2"

    123456

> First line
> Second line

That is all.

--
Quits keeps track of who spent what, for whom, and who owes what.
No more balance reminders by mail: https://quits.test/u/t/`)
  })
})

describe('htmlOf', () => {
  test('is one column that says its language, its colours in the dark, and what the list of mails shows', () => {
    const html = htmlOf(LETTER)
    for (const piece of [
      '<html lang="en"',
      'max-width:600px',
      'name="color-scheme"',
      'prefers-color-scheme:dark',
      '<title>A letter</title>',
    ])
      expect(html).toContain(piece)
    expect(html).toMatch(/<body[^>]*>\n<div style="display:none[^>]*>Hello,<br>how are you\?<\/div>/)
    expect(html).toContain('href="https://app.test/a?b=1&amp;c=&quot;2&quot;"')
    expect(html).toContain('href="https://quits.test/u/t/"')
  })

  test('loads nothing and runs nothing', () => {
    expect(htmlOf(LETTER)).not.toMatch(/<(script|img|link|iframe|object|form)|\son\w+=|url\(|@import|\ssrc=/i)
  })

  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('<script>x</script>', '"><img src=x onerror=y>', "' onclick='z", '&lt;b&gt;', '</td></table>'),
  )
  const part: fc.Arbitrary<Part> = fc.oneof(
    text,
    text.map((heading) => ({ heading })),
    text.map((copy) => ({ copy })),
    text.map((quote) => ({ quote })),
    text.map((small) => ({ small })),
    fc.tuple(text, text).map(([link, to]) => ({ link, to })),
    fc.array(fc.record({ label: text, amount: text, detail: text }), { minLength: 1, maxLength: 3 }).map((rows) => ({ rows })),
  )
  const tagsIn = (html: string): string[] => [...html.matchAll(/<\/?[a-z!][a-z0-9]*/gi)].map(([tag]) => tag)

  test('has the same elements whatever people have written', () => {
    const plain = (one: Part): Part =>
      JSON.parse(JSON.stringify(one, (_, value: unknown) => (typeof value === 'string' ? 'x' : value))) as Part
    fc.assert(
      fc.property(text, fc.array(part), (subject, parts) => {
        // Line breaks are the one thing in a text that becomes an element.
        const html = htmlOf({ subject, parts }).replaceAll('<br>', '')
        const bare = htmlOf({ subject: 'x', parts: parts.map(plain) }).replaceAll('<br>', '')
        expect(tagsIn(html)).toEqual(tagsIn(bare))
        expect(html.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
      }),
    )
  })
})

test('a subject is one line, whatever a name in it says', () => {
  expect(subjectLine('Ann\r\nBcc: all@mail.test invites you')).toBe('Ann Bcc: all@mail.test invites you')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const line = subjectLine(text)
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      expect([...line].length).toBeLessThanOrEqual(200)
    }),
  )
})

const notice = (n: number, fields: Partial<Notification> = {}): Notification => ({
  id: `ntf_${String(n).padStart(26, '0')}`,
  userId: USER,
  type: 'expense_added',
  priority: 'normal',
  title: `Thing ${n}`,
  message: `What happened ${n}`,
  metadata: {},
  createdAt: n,
  ...fields,
})

describe('noticeLetter', () => {
  test('of a debt shows the amount in a table, and leads to the app where there is one', () => {
    const owed = {
      userId: USER,
      groupId: GROUP,
      group: 'Roommates',
      currency: EUR,
      minor: 1230,
      payments: [
        { to: 'Bob', minor: 1000 },
        { to: 'Eve', minor: 230 },
      ],
    }
    const reminder = balanceReminder('ntf_1', owed, 0, false)
    expect(reminder).toMatchObject({ title: 'You owe €12.30 in Roommates', message: 'Pay Bob €10.00 and Eve €2.30 and you are square.' })
    const letter = noticeLetter(reminder, 'https://app.test', 'Roommates')
    expect(letter.subject).toBe('You owe €12.30 in Roommates')
    expect(letter.parts).toContainEqual({ rows: [{ label: 'Roommates', amount: '€12.30' }] })
    expect(letter.parts).toContainEqual({ link: 'See the balances', to: `https://app.test/groups/${GROUP}/balances` })
    expect(JSON.stringify(noticeLetter(reminder, ''))).not.toContain('"link"')
  })
})

describe('digestLetter', () => {
  test('is in groups, the newest first, with counts, and stops at thirty lines', () => {
    const notices = Array.from({ length: 40 }, (_, n) => notice(n, n % 2 === 0 ? { groupId: GROUP } : {}))
    const { subject, parts } = digestLetter(notices, new Map([[GROUP, 'Flat']]), '')
    expect(subject).toBe('40 notifications from Quits')
    expect(parts[1]).toEqual({ heading: 'Your account (20)' })
    expect(parts[3]).toEqual({ heading: 'Flat (20)' })
    const rows = parts.flatMap((part) => (typeof part !== 'string' && 'rows' in part ? part.rows : []))
    expect([rows.length, rows[0]?.label, rows[15]?.label]).toEqual([30, 'Thing 39', 'Thing 38'])
    expect(parts.at(-1)).toBe('and 10 more.')
  })
})

describe('statementLetter', () => {
  test('shows where the month began, what moved, and where it ended', () => {
    const line = statementLine({ group: 'Flat', currency: EUR, balance: -500, paid: 2000, share: 3000, later: 700 })
    expect(line).toEqual({ group: 'Flat', currency: EUR, opening: -200, paid: 2000, share: 3000, closing: -1200 })
    const debts = [{ group: 'Flat', other: 'Bob', currency: EUR, minor: -500 }]
    expect(textOf(statementLetter('Ann', { month: '2026-10', lines: [line], debts }, ''))).toContain(`Flat (EUR)
----------

  At the start of the month   you owe €2.00
  You paid                           €20.00
  Your share                         €30.00
  At the end of the month    you owe €12.00

Open today
----------

  You pay Bob  €5.00
  - Flat`)
  })

  test('a month lies between midnights where the person lives, over changes of the clock', () => {
    const shown = (zone: string, month: `${number}-${number}`) => Object.values(monthBorders(zone, month)).map(isoOf)
    expect(shown('Europe/Berlin', '2026-10')).toEqual(['2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'])
    expect(shown('Pacific/Kiritimati', '2026-12')).toEqual(['2026-11-30T10:00:00.000Z', '2026-12-31T10:00:00.000Z'])
    expect(shown('Mars/Olympus', '2026-01')).toEqual(['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'])
  })
})

describe('when to remind', () => {
  test('from eight to eight where the person lives, by UTC where nobody knows the zone', () => {
    const isTime = (zone: string, at: string) => isReminderTime(localIn(zone, Date.parse(at)))
    expect(['01:59', '02:15', '14:14', '14:15'].map((time) => isTime('Asia/Kathmandu', `2026-05-01T${time}Z`))).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(['07:59', '08:00'].map((time) => isTime('Mars/Olympus', `2026-05-01T${time}Z`))).toEqual([false, true])
  })

  test('a statement is of the month before, in the first seven days', () => {
    const days = ['2026-11-01', '2026-11-07', '2026-11-08', '2027-01-03'] as Day[]
    expect(days.map(ROUNDS.statement)).toEqual(['2026-10', '2026-10', undefined, '2026-12'])
    expect(monthBefore('2026-03-31')).toBe('2026-02')
    expect(days.map(ROUNDS.week)).toEqual(['2026-W44', '2026-W45', '2026-W45', '2026-W53'])
  })

  test.each([
    [1230, 'EUR', '€12.30'],
    [-5, 'USD', '-$0.05'],
    [1200, 'JPY', '¥1200'],
    [1230, 'CHF', 'CHF\u00a012.30'],
    [1230, 'BGN', 'лв\u00a012.30'],
  ])('%i of %s are written %s', (minor, currency, text) => {
    expect(amountText(minor, currency as Currency)).toBe(text)
  })
})
