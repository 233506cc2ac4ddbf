// On which days a scheduled report is made and of which days it tells: at the ends of weeks, months and years, over leap
// days, after days that were missed, and where its owner has moved.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { daysIn, weekdayOf } from '../../src/domain/analytics/range.ts'
import { addDays } from '../../src/domain/calendar.ts'
import { newId } from '../../src/domain/ids.ts'
import type { MadeFile } from '../../src/domain/job.ts'
import { htmlOf, textOf } from '../../src/domain/letter.ts'
import {
  CADENCES,
  changedRule,
  changedSchedule,
  isDue,
  nextRun,
  ruleOf,
  runOn,
  spanBefore,
  WEEKDAYS,
  withoutAccess,
  type AskedRule,
  type Rule,
  type Schedule,
} from '../../src/domain/report/schedule.ts'
import { reportLetter, runNotice, sizeText, stoppedNotice } from '../../src/domain/report/schedule-words.ts'
import type { Day } from '../../src/domain/time.ts'
import { anyDay } from '../support/spending.ts'

/** The rule of `weekly friday`, `monthly last` or `daily`. */
function rule(text: string): Rule {
  const [frequency, on] = text.split(' ') as [AskedRule['frequency'], string | undefined]
  const weekday = WEEKDAYS.find((day) => day === on)
  const dayOfMonth = on === 'last' ? on : Number(on)
  const made = ruleOf({ frequency, ...(weekday ? { weekday } : on !== undefined && { dayOfMonth }) })
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  return made.value
}

const anyRule: fc.Arbitrary<Rule> = fc
  .tuple(
    fc.oneof(
      fc.constant('daily'),
      fc.constantFrom(...WEEKDAYS).map((day) => `weekly ${day}`),
      fc
        .tuple(fc.constantFrom('monthly', 'quarterly', 'yearly'), fc.oneof(fc.integer({ min: 1, max: 28 }), fc.constant('last')))
        .map(([often, day]) => `${often} ${day}`),
    ),
    fc.constantFrom(...CADENCES),
  )
  .map(([text, period]) => ({ ...rule(text), period }))

const schedule = (text: string, fields: Partial<Schedule> = {}): Schedule => ({
  id: newId('schedule'),
  userId: newId('user'),
  name: '',
  request: {
    type: 'expense_summary',
    format: 'pdf',
    groupIds: [],
    categoryIds: [],
    options: { includeCharts: true, includeReceipts: false },
  },
  rule: rule(text),
  nextDay: '2026-11-21',
  lastDay: null,
  lastJobId: null,
  pausedAt: null,
  pausedReason: null,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
})

const JOB = newId('job')
const run = (before: Schedule, today: Day) => runOn(before, today, JOB, 1)

describe('ruleOf', () => {
  test.each([
    [{ frequency: 'daily' }, { frequency: 'daily', period: 'daily' }],
    [{ frequency: 'weekly' }, { frequency: 'weekly', weekday: 'monday', period: 'weekly' }],
    [{ frequency: 'monthly' }, { frequency: 'monthly', dayOfMonth: 1, period: 'monthly' }],
    [
      { frequency: 'yearly', dayOfMonth: 'last', period: 'quarterly' },
      { frequency: 'yearly', dayOfMonth: 'last', period: 'quarterly' },
    ],
  ] as [AskedRule, Rule][])('of %o is %o', (asked, expected) => {
    expect(ruleOf(asked)).toEqual({ ok: true, value: expected })
  })

  test.each([
    [{ frequency: 'daily', weekday: 'monday' }, 'weekday', 'frequency weekly'],
    [{ frequency: 'monthly', weekday: 'monday' }, 'weekday', 'frequency weekly'],
    [{ frequency: 'weekly', dayOfMonth: 1 }, 'day_of_month', 'frequency monthly, quarterly or yearly'],
    [{ frequency: 'daily', dayOfMonth: 'last' }, 'day_of_month', 'frequency monthly, quarterly or yearly'],
  ] as [AskedRule, string, string][])('refuses %o', (asked, field, expected) => {
    expect(ruleOf(asked)).toMatchObject({
      ok: false,
      error: { code: 'request.invalid', details: [{ field, expected, got: asked.frequency }] },
    })
  })

  test('a change keeps what was not named, and another frequency begins anew', () => {
    const before = { ...rule('weekly friday'), period: 'monthly' } as const
    expect(changedRule(before, { weekday: 'sunday' })).toEqual({ ok: true, value: { ...before, weekday: 'sunday' } })
    expect(changedRule(before, { frequency: 'weekly' })).toEqual({ ok: true, value: before })
    expect(changedRule(before, { frequency: 'monthly' })).toEqual({ ok: true, value: rule('monthly') })
    expect(changedRule(before, { dayOfMonth: 3 })).toMatchObject({ ok: false })
  })
})

describe('nextRun', () => {
  test.each([
    ['daily', '2026-12-31', '2027-01-01'],
    ['daily', '2028-02-28', '2028-02-29'],
    // The 20th of November 2026 is a Friday.
    ['weekly friday', '2026-11-20', '2026-11-27'],
    ['weekly saturday', '2026-11-20', '2026-11-21'],
    ['weekly monday', '2026-11-20', '2026-11-23'],
    ['weekly monday', '2026-12-31', '2027-01-04'],
    ['weekly sunday', '2026-11-16', '2026-11-22'],
    ['monthly 1', '2026-11-01', '2026-12-01'],
    ['monthly 28', '2027-02-27', '2027-02-28'],
    ['monthly 28', '2027-02-28', '2027-03-28'],
    ['monthly last', '2027-02-27', '2027-02-28'],
    ['monthly last', '2028-02-28', '2028-02-29'],
    ['monthly last', '2028-02-29', '2028-03-31'],
    ['monthly last', '2100-02-27', '2100-02-28'],
    ['monthly 15', '2026-12-15', '2027-01-15'],
    ['quarterly 1', '2026-11-20', '2027-01-01'],
    ['quarterly 5', '2027-01-04', '2027-01-05'],
    ['quarterly last', '2027-01-31', '2027-04-30'],
    ['yearly 1', '2026-11-20', '2027-01-01'],
    ['yearly last', '2027-01-30', '2027-01-31'],
    ['yearly 28', '2027-01-28', '2028-01-28'],
  ] as [string, Day, Day][])('of %s after %s is %s', (text, after, expected) => {
    expect(nextRun(rule(text), after)).toBe(expected)
  })

  test('is the first day behind that the rule names, whatever day it is asked on', () => {
    fc.assert(
      fc.property(anyRule, anyDay, (one, after) => {
        const next = nextRun(one, after)
        expect(next > after).toBe(true)
        // From each day in between the same is told, and from the next one another.
        const between = daysIn({ from: after, to: next }) - 2
        if (between > 0) expect(nextRun(one, addDays(next, -1))).toBe(next)
        expect(nextRun(one, next) > next).toBe(true)
        if (one.frequency === 'weekly') expect([weekdayOf(next), between < 7]).toEqual([WEEKDAYS.indexOf(one.weekday) + 1, true])
        if ('dayOfMonth' in one) {
          const isRight = one.dayOfMonth === 'last' ? addDays(next, 1).endsWith('-01') : Number(next.slice(8)) === one.dayOfMonth
          const months = { monthly: 1, quarterly: 3, yearly: 12 }[one.frequency]
          expect([isRight, (Number(next.slice(5, 7)) - 1) % months]).toEqual([true, 0])
        }
      }),
    )
  })
})

describe('spanBefore', () => {
  test.each([
    ['daily', '2027-01-01', '2026-12-31 2026-12-31'],
    ['daily', '2028-03-01', '2028-02-29 2028-02-29'],
    ['weekly', '2026-11-23', '2026-11-16 2026-11-22'],
    ['weekly', '2026-11-22', '2026-11-09 2026-11-15'],
    ['weekly', '2027-01-01', '2026-12-21 2026-12-27'],
    ['monthly', '2028-03-01', '2028-02-01 2028-02-29'],
    ['monthly', '2026-12-31', '2026-11-01 2026-11-30'],
    ['quarterly', '2027-01-31', '2026-10-01 2026-12-31'],
    ['quarterly', '2026-11-20', '2026-07-01 2026-09-30'],
    ['yearly', '2027-01-01', '2026-01-01 2026-12-31'],
  ] as [Rule['period'], Day, string][])('the %s one before %s is %s', (period, day, expected) => {
    const { from, to } = spanBefore(period, day)
    expect(`${from} ${to}`).toBe(expected)
  })

  test('is over before the day, and the next one begins behind it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CADENCES), anyDay, (period, day) => {
        const { from, to } = spanBefore(period, day)
        expect([from <= to, to < day]).toEqual([true, true])
        // The unit that the day lies in begins right behind it: asked of its first day, the answer is the same.
        expect(spanBefore(period, addDays(to, 1))).toEqual({ from, to })
      }),
    )
  })

  test('one run after the other tells of every day once, where it tells of as much as lies between them', () => {
    fc.assert(
      fc.property(anyRule, anyDay, (one, start) => {
        const told = { ...one, period: one.frequency }
        const first = nextRun(told, start)
        const second = nextRun(told, first)
        expect(spanBefore(told.period, second).from).toBe(addDays(spanBefore(told.period, first).to, 1))
      }),
    )
  })
})

describe('a schedule', () => {
  test('that was missed for days runs once, and goes on with the first day to come', () => {
    const missed = schedule('daily', { nextDay: '2026-11-21' })
    expect([isDue(missed, '2026-11-20'), isDue(missed, '2026-11-21'), isDue(missed, '2026-12-09')]).toEqual([false, true, true])
    const { span, after } = run(missed, '2026-12-09')
    expect([span, after.nextDay, after.lastDay, after.lastJobId]).toEqual([
      { from: '2026-12-08', to: '2026-12-08' },
      '2026-12-10',
      '2026-12-09',
      JOB,
    ])
    expect(isDue(after, '2026-12-09')).toBe(false)
  })

  test('is run at most once on a day, whatever zones and rules its owner goes through', () => {
    const step = fc.record({
      days: fc.integer({ min: -1, max: 3 }),
      act: fc.oneof(
        fc.constant('run' as const),
        fc.constant('pause' as const),
        fc.constant('resume' as const),
        anyRule.map((changed) => ({ changed })),
      ),
    })
    fc.assert(
      fc.property(anyRule, fc.array(step, { maxLength: 40 }), (first, steps) => {
        let today: Day = '2026-11-20'
        let now = schedule('daily', { rule: first, nextDay: nextRun(first, today) })
        const days: Day[] = []
        for (const { days: moved, act } of steps) {
          // Who goes west over the date line has yesterday once more.
          today = addDays(today, moved)
          if (act === 'run') {
            if (!isDue(now, today)) continue
            days.push(today)
            now = run(now, today).after
          } else if (act === 'pause' || act === 'resume') now = changedSchedule(now, { isPaused: act === 'pause' }, today, 1)
          else now = changedSchedule(now, { rule: act.changed }, today, 1)
        }
        expect(new Set(days).size).toBe(days.length)
      }),
    )
  })

  test('that goes on again leaves out what it has missed, and one that is renamed does not', () => {
    const paused = changedSchedule(schedule('weekly monday', { nextDay: '2026-11-23' }), { isPaused: true }, '2026-11-20', 7)
    expect([paused.pausedAt, paused.pausedReason, isDue(paused, '2026-12-01')]).toEqual([7, 'owner', false])
    expect(changedSchedule(paused, { isPaused: true }, '2026-11-21', 8)).toMatchObject({ pausedAt: 7, pausedReason: 'owner' })
    const resumed = changedSchedule(paused, { isPaused: false }, '2026-12-08', 9)
    expect([resumed.pausedAt, resumed.pausedReason, resumed.nextDay]).toEqual([null, null, '2026-12-14'])
    const missed = schedule('daily', { nextDay: '2026-11-18' })
    expect(isDue(changedSchedule(missed, { name: 'Mine' }, '2026-11-20', 9), '2026-11-20')).toBe(true)
    expect(changedSchedule(withoutAccess(missed, 3), { isPaused: false }, '2026-11-20', 9)).toMatchObject({
      pausedReason: null,
      nextDay: '2026-11-21',
    })
  })
})

describe('what is told of a report', () => {
  const file: MadeFile = {
    key: 'reports/x',
    name: 'expense-summary-2026-10.pdf',
    type: 'application/pdf',
    size: 48_230,
    sha256: '',
    expiresAt: Date.parse('2026-11-08T07:00Z'),
  }
  const span = { from: '2026-10-01', to: '2026-10-31' } as const
  const [id, reportId] = [newId('notification'), newId('report')]

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 KB'],
    [48_230, '48.2 KB'],
    [2_457_600, '2.5 MB'],
    [3_000_000_000, '3.0 GB'],
  ])('%d bytes are %s', (bytes, expected) => expect(sizeText(bytes)).toBe(expected))

  test('says what, of when and how large, by the name that its owner gave it', () => {
    const made = runNotice(id, schedule('monthly'), { reportId, span, result: file }, 5)
    expect(made).toMatchObject({
      type: 'scheduled_report',
      title: 'Expense summary for October 2026',
      message: 'The report is ready: expense-summary-2026-10.pdf, 48.2 KB. It is kept until 2026-11-08.',
      metadata: { report_id: reportId, date_from: '2026-10-01', date_to: '2026-10-31' },
    })
    const named = runNotice(id, schedule('monthly', { name: 'Flat' }), { reportId, span, result: file }, 5)
    expect(named.title).toBe('Flat for October 2026')
    const letter = reportLetter(named, { name: 'Ann <b>', span, file, url: 'https://x.test/api/files/reports/x?expires=1&signature=y' })
    expect(letter.subject).toBe('Flat for October 2026')
    for (const said of ['2026-10-01 to 2026-10-31', 'expense-summary-2026-10.pdf', '48.2 KB', 'good until 2026-11-08'])
      expect(textOf(letter)).toContain(said)
    expect(textOf(letter)).toContain('Download the report: https://x.test/api/files/reports/x?expires=1&signature=y')
    expect(htmlOf(letter)).toContain('href="https://x.test/api/files/reports/x?expires=1&amp;signature=y"')
    expect(htmlOf(letter)).not.toContain('Ann <b>')
  })

  test('says why there is none, and when the next try is, unless there is none', () => {
    const failed = runNotice(id, schedule('daily'), { reportId, span, result: 'There is too much' }, 5)
    expect([failed.title, failed.message]).toEqual([
      'Expense summary for October 2026 could not be made',
      'There is too much. The next one is made on 2026-11-21.',
    ])
    const last = runNotice(id, schedule('daily', { pausedAt: 1, pausedReason: 'owner' }), { reportId, span, result: 'It failed' }, 5)
    expect(last.message).toBe('It failed.')
    expect(stoppedNotice(id, schedule('daily', { name: 'Flat' }), 5).title).toBe('Flat is no longer made')
  })
})
