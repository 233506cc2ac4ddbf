// Reminders as a clock brings them that walks over days: each thing once in its period, in the person's morning,
// whatever ticks are missed, doubled or run by two at once.
import { beforeAll, describe, expect, test } from 'vitest'
import { localAt, weekOf } from '../../src/domain/calendar.ts'
import { newId } from '../../src/domain/ids.ts'
import { DAY, HOUR, isoOf, MINUTE } from '../../src/domain/time.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { promiseReminders, remind } from '../../src/jobs/remind.ts'
import { SOURCES } from '../../src/jobs/reminders.ts'
import { env } from '../support/env.ts'
import { jobAt } from '../support/jobs.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, type Client } from '../support/world.ts'

/** The personal group of people whom only the table knows. */
const NOBODY = newId('group')

const ZONES = [
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
] as const

/** What a minute's tick does about reminders. */
async function tick(now: number): Promise<void> {
  await promiseReminders(jobAt(now))
  await drainOutbox(jobAt(now))
}

async function walk(from: number, to: number, step: number, each: (now: number) => Promise<void> = tick): Promise<void> {
  for (let now = from; now < to; now += step) await each(now)
}

interface Told {
  readonly id: string
  readonly at: number
}

/** What was told about the thing, the oldest first. */
async function told(kind: string, about: string): Promise<Told[]> {
  const { results } = await env.DB.prepare(
    "SELECT message_id AS id, at FROM inbox WHERE consumer = 'remind' AND message_id LIKE ? AND instr(message_id, ?) > 0 ORDER BY at",
  )
    .bind(`${kind}:%`, about)
    .all<Told>()
  return results
}

const forget = () =>
  env.DB.batch([env.DB.prepare("DELETE FROM inbox WHERE consumer = 'remind'"), env.DB.prepare("DELETE FROM outbox WHERE kind = 'remind'")])

const memberOf = async (groupId: string, userId: string): Promise<string> =>
  (await env.DB.prepare('SELECT id FROM members WHERE group_id = ? AND user_id = ?').bind(groupId, userId).first<string>('id')) ?? ''

const spend = (payer: Client, groupId: string, amount = '12.30') =>
  dataOf(payer.post('/api/expenses/', { title: 'Tea', amount, group_id: groupId }))

const isDaytime = (zone: string, at: number): boolean => {
  const { time } = localAt(zone, at)
  return time >= '08:00' && time < '20:00'
}

const weekIn = (zone: string, at: number): string => weekOf(localAt(zone, at).day)

describe('a debt in a group with reminders', () => {
  let groupId: string
  const members = new Map<string, string>()

  beforeAll(async () => {
    const payer = await person('payer', { timezone: 'UTC' })
    const people = await Promise.all(ZONES.map((timezone, i) => person(`zone${i}`, { timezone })))
    const made = await dataOf(
      payer.post('/api/groups/', {
        name: 'Roommates',
        currency: 'EUR',
        initial_members: people.map(({ email }) => email),
        settings: { auto_reminder: true },
      }),
    )
    groupId = made.id
    await spend(payer, groupId, '70.00')
    for (const [i, zone] of ZONES.entries()) members.set(zone, await memberOf(groupId, people[i]?.id ?? ''))
  })

  const tellings = async (zone: string): Promise<Told[]> => told('balance_reminder', members.get(zone) ?? '?')

  // Each begins on a Saturday. Clocks change in Berlin on 28 March and 31 October, on Lord Howe (by half an hour) on
  // 4 April, and in New York on 7 November.
  test.each([
    ['2027-03-27T12:00Z', '2027-03-30T12:00Z'],
    ['2027-04-03T12:00Z', '2027-04-06T12:00Z'],
    ['2027-10-30T12:00Z', '2027-11-02T12:00Z'],
    ['2027-11-06T12:00Z', '2027-11-09T12:00Z'],
  ])(
    'is told once a week, on Monday at eight where the person lives: %s to %s',
    async (from, to) => {
      await forget()
      const [begin, end] = [Date.parse(from), Date.parse(to)]
      await walk(begin, end, 15 * MINUTE)
      for (const zone of ZONES) {
        const monday = isoOf(begin + 2 * DAY).slice(0, 10)
        // The walk begins in the middle of a week, which is made up for because nobody knows that its Monday was not missed.
        const onMondays = (await tellings(zone)).filter(({ at }) => localAt(zone, at).weekday === 1)
        expect([zone, onMondays.map(({ at }) => localAt(zone, at))]).toEqual([zone, [{ day: monday, weekday: 1, time: '08:00' }]])
        const weeks = (await tellings(zone)).map(({ at }) => weekIn(zone, at))
        expect(new Set(weeks).size).toBe(weeks.length)
      }
    },
    120_000,
  )

  test('is made up for after three days without a tick, still in the daytime and once', async () => {
    await forget()
    // Sunday evening to Wednesday afternoon in UTC.
    await walk(Date.parse('2027-06-10'), Date.parse('2027-06-13T18:00Z'), 20 * MINUTE)
    await walk(Date.parse('2027-06-16T18:00Z'), Date.parse('2027-06-20'), 20 * MINUTE)
    for (const zone of ZONES) {
      const late = (await tellings(zone)).filter(({ id }) => id.endsWith('2027-W24'))
      expect([zone, late.length, late.every(({ at }) => isDaytime(zone, at))]).toEqual([zone, 1, true])
    }
  }, 60_000)

  test('is told once though two work at every tick, and each tick comes twice', async () => {
    await forget()
    await walk(Date.parse('2027-06-20T12:00Z'), Date.parse('2027-06-22T12:00Z'), 30 * MINUTE, async (now) => {
      await Promise.all([tick(now), tick(now)])
      await Promise.all([tick(now), tick(now)])
    })
    for (const zone of ZONES) expect([zone, (await tellings(zone)).filter(({ id }) => id.endsWith('2027-W25')).length]).toEqual([zone, 1])
    const dead = await env.DB.prepare(
      "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'remind' AND (done_at IS NULL OR error IS NOT NULL)",
    ).first('n')
    expect(dead).toBe(0)
  }, 60_000)

  test('is told once though two look the zone through at the same time, each thinking itself alone', async () => {
    await forget()
    const at = jobAt(Date.parse('2027-06-28T12:00Z'))
    const run = () => remind(at, { zone: 'Europe/Berlin', day: '2027-06-28' }, newId('outbox'))
    await Promise.all([run(), run(), run()])
    expect(await tellings('Europe/Berlin')).toHaveLength(1)
  })

  test('waits for the next morning where the promise is kept too late', async () => {
    await forget()
    const morning = Date.parse('2027-07-05T06:00Z')
    await promiseReminders(jobAt(morning))
    await drainOutbox(jobAt(morning + 13 * HOUR))
    expect(await tellings('Europe/Berlin')).toEqual([])
    await tick(morning + DAY)
    expect(await tellings('Europe/Berlin')).toHaveLength(1)
  })

  test('says the amount, the group and whom to pay', async () => {
    const page = { zone: 'Asia/Kathmandu', after: '', limit: 10 }
    const found = await SOURCES['balance_reminder']?.find(jobAt(Date.parse('2027-07-05T06:00Z')), page, '2027-07-05')
    expect(found?.reminders.map(({ notification }) => notification)).toMatchObject([
      {
        type: 'balance_reminder',
        title: 'You owe €10.00 in Roommates',
        message: 'Pay payer Test €10.00 and you are square.',
        metadata: { group_id: groupId, amount: '10.00', currency: 'EUR' },
        actionUrl: `/groups/${groupId}/balances`,
        groupId,
      },
    ])
  })
})

describe('nobody is reminded', () => {
  const zone = 'Africa/Nairobi'
  const monday = Date.parse('2027-08-02T06:00Z')
  const debtors = async (where: string = zone): Promise<(string | undefined)[]> => {
    const found = await SOURCES['balance_reminder']?.find(jobAt(monday), { zone: where, after: '', limit: 100 }, '2027-08-02')
    return (found?.reminders ?? []).map(({ notification }) => notification?.userId)
  }
  /** A group in which somebody in the zone owes. */
  async function owing(settings: object = { auto_reminder: true }, timezone: string = zone) {
    const [payer, debtor] = await Promise.all([person('payer'), person('debtor', { timezone })])
    const { id } = await dataOf(payer.post('/api/groups/', { name: 'Flat', currency: 'EUR', initial_members: [debtor.email], settings }))
    await spend(payer, id)
    return { id, payer, debtor }
  }

  test('who is a viewer, is deactivated, or owes in an archived group; who owes is', async () => {
    const [plain, viewer, deactivated, archived] = await Promise.all([owing(), owing(), owing(), owing()])
    expect((await debtors()).sort()).toEqual([plain, viewer, deactivated, archived].map(({ debtor }) => debtor.id).sort())
    await dataOf(viewer.payer.patch(`/api/groups/${viewer.id}/members/${viewer.debtor.id}/`, { role: 'viewer' }))
    await dataOf(deactivated.debtor.post('/api/users/me/deactivate/'))
    await dataOf(archived.payer.post(`/api/groups/${archived.id}/archive/`))
    expect(await debtors()).toEqual([plain.debtor.id])
    // Who pays is square, and may leave.
    await dataOf(
      plain.debtor.post('/api/expenses/', {
        title: 'Tea',
        amount: '12.30',
        group_id: plain.id,
      }),
    )
    expect(await debtors()).toEqual([])
  })

  test('in a group without reminders, until nothing has moved for thirty days; then once a month', async () => {
    const elsewhere = 'Africa/Lagos'
    const { id, payer, debtor } = await owing({ auto_reminder: false }, elsewhere)
    expect(await debtors(elsewhere)).toEqual([])
    const member = await memberOf(id, debtor.id)
    const start = Date.now()
    // This zone alone: whoever the tests before have made has their mornings too.
    await walk(start, start + 95 * DAY, 12 * HOUR, async (now) => {
      await remind(jobAt(now), { zone: elsewhere, day: localAt(elsewhere, now).day }, newId('outbox'))
    })
    const idle = await told('idle_balance', member)
    const months = idle.map(({ at }) => localAt(elsewhere, at).day.slice(0, 7))
    expect(new Set(months).size).toBe(months.length)
    expect(idle.length).toBeGreaterThanOrEqual(2)
    expect(idle.length).toBeLessThanOrEqual(4)
    expect(idle.every(({ at }) => isDaytime(elsewhere, at) && at - start >= 30 * DAY - HOUR)).toBe(true)

    const idleOf = async (now: number) =>
      (await SOURCES['idle_balance']?.find(jobAt(now), { zone: elsewhere, after: '', limit: 100 }, '2027-08-02'))?.reminders.map(
        ({ notification }) => notification?.title,
      )
    expect(await idleOf(Date.now() + 29 * DAY)).toEqual([])
    expect(await idleOf(Date.now() + 31 * DAY)).toEqual(['You still owe €6.15 in Flat'])
    // An entry that the debtor has no part in changes nothing; one that they have does.
    await env.DB.prepare('UPDATE balances SET square_at = square_at - 1 WHERE group_id = ?').bind(id).run()
    await dataOf(
      payer.post('/api/expenses/', {
        title: 'Own',
        amount: '1.00',
        group_id: id,
        split_type: 'equal',
        split_data: { participants: [payer.id] },
      }),
    )
    expect(await idleOf(Date.now() + 31 * DAY)).toHaveLength(1)
  }, 60_000)
})

describe('a payment that was asked for', () => {
  test('is reminded of the day before it is due, once, and once a week when it is overdue, until it is paid', async () => {
    const { id, as } = await group(['ann', 'bob'])
    await as.bob.patch('/api/users/me/', { timezone: 'Asia/Kathmandu' })
    const ask = (fields: object) =>
      dataOf(
        as.ann.post('/api/payments/settlements/', { group_id: id, payer_id: as.bob.id, payee_id: as.ann.id, amount: '9.00', ...fields }),
      )
    const due = await ask({ due_date: '2029-03-14' })
    await ask({})
    await ask({ due_date: '2029-06-01' })
    const days = (from: string, to: string) => walk(Date.parse(`${from}T00:00Z`), Date.parse(`${to}T00:00Z`), HOUR)
    await days('2029-03-12', '2029-03-14')
    const first = await told('payment_due', due.id)
    expect(first.map(({ at }) => localAt('Asia/Kathmandu', at))).toMatchObject([{ day: '2029-03-13', time: '08:45' }])
    await days('2029-03-14', '2029-03-28')
    const late = await told('payment_overdue', due.id)
    expect(await told('payment_due', '')).toHaveLength(1)
    expect(late.map(({ at }) => weekOf(localAt('Asia/Kathmandu', at).day))).toEqual(['2029-W11', '2029-W12', '2029-W13'])
    await as.ann.post(`/api/payments/settlements/${due.id}/confirm/`, {})
    await days('2029-03-28', '2029-04-03')
    expect(await told('payment_overdue', '')).toHaveLength(3)
    const { body } = await as.bob.get('/api/notifications/?type=payment_overdue')
    expect(body.data[0]).toMatchObject({ title: '€9.00 to ann Test was due on 2029-03-14', metadata: { settlement_id: due.id } })
    expect((await as.ann.get('/api/notifications/?type=payment_due')).body.data).toEqual([])
  }, 60_000)
})

describe('an invitation', () => {
  test('is told of once when it is about to end, to who invited and to the invited; not when it was withdrawn', async () => {
    const zone = 'Asia/Tokyo'
    const ann = await person('ann', { timezone: zone })
    const { id } = await dataOf(ann.post('/api/groups/', { name: 'Trip', currency: 'EUR' }))
    const invite = (email: string) => dataOf<{ invitation_id: string }>(ann.post(`/api/groups/${id}/invite/`, { email }))
    const [open, withdrawn] = [await invite('open@mail.test'), await invite('withdrawn@mail.test')]
    await ann.delete(`/api/groups/${id}/invitations/${withdrawn.invitation_id}/`)
    const start = Date.now()
    await walk(start, start + 9 * DAY, 2 * HOUR)
    const [first, ...more] = await told('invitation_expiring', open.invitation_id)
    expect(more).toEqual([])
    const at = first?.at ?? 0
    expect(isDaytime(zone, at)).toBe(true)
    expect(at).toBeGreaterThan(start + 5 * DAY - MINUTE)
    expect(at).toBeLessThan(start + 7 * DAY)
    expect(await told('invitation_expiring', withdrawn.invitation_id)).toEqual([])
    const { results } = await env.DB.prepare("SELECT payload, done_at FROM outbox WHERE kind = 'mail_invitation_expiring'").all<{
      payload: string
      done_at: number
    }>()
    expect(results.map(({ payload }) => JSON.parse(payload).invitationId)).toEqual([open.invitation_id])
    const mails = await env.FILES.list({ prefix: 'dev-mail/', include: ['customMetadata'] })
    const toOpen = mails.objects.filter(({ key, customMetadata }) => key.endsWith('.json') && customMetadata?.['to'] === 'open@mail.test')
    const subjects = await Promise.all(
      toOpen.map(async ({ key }) => (await (await env.FILES.get(key))?.json<{ subject: string }>())?.subject),
    )
    expect(subjects.sort()).toEqual(['The invitation to “Trip” is about to end', 'ann Test invites you to “Trip” on Quits'])
  }, 60_000)
})

describe('a monthly statement', () => {
  const wanting = (userId: string) =>
    env.DB.prepare('INSERT INTO notification_preferences (user_id, body, updated_at) VALUES (?, ?, 0)')
      .bind(userId, JSON.stringify({ types: { monthly_statement: { enabled: true } } }))
      .run()

  test('is told on the first, only to who wants it, and within a week where the first was missed', async () => {
    const [zone, late] = ['America/Lima', 'America/Bogota']
    const [ann, bob, eve] = await Promise.all([
      person('ann', { timezone: zone }),
      person('bob', { timezone: zone }),
      person('eve', { timezone: late }),
    ])
    await Promise.all([wanting(ann.id), wanting(eve.id)])
    await walk(Date.parse('2028-01-31'), Date.parse('2028-02-02'), HOUR)
    await walk(Date.parse('2028-02-02'), Date.parse('2028-02-09'), 6 * HOUR)
    const [first, ...more] = await told('monthly_statement', ann.id)
    expect([first?.id, more]).toEqual([`monthly_statement:${ann.id}:2028-01`, []])
    expect(localAt(zone, first?.at ?? 0)).toMatchObject({ day: '2028-02-01', time: '08:00' })
    expect(await told('monthly_statement', bob.id)).toEqual([])

    await walk(Date.parse('2028-03-05'), Date.parse('2028-03-09'), 4 * HOUR)
    expect((await told('monthly_statement', eve.id)).map(({ id }) => id.slice(-7))).toEqual(['2028-01', '2028-02'])
    await walk(Date.parse('2028-04-08T06:00Z'), Date.parse('2028-04-12'), 4 * HOUR)
    expect(await told('monthly_statement', eve.id)).toHaveLength(2)
  }, 60_000)

  test('reaches everybody in a zone that is too large for one go, in pieces', async () => {
    const [zone, count] = ['Asia/Manila', 1150]
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
       INSERT INTO users (id, email, username, password_hash, first_name, last_name, preferred_currency, timezone, profile, settings, personal_group_id, created_at, updated_at)
       SELECT printf('usr_%026d', i), 'm' || i || '@manila.test', 'manila' || i, '', 'M', '', 'EUR', '${zone}', '{}', '{}', '${NOBODY}', 0, 0 FROM n`,
    ).run()
    await env.DB.prepare(
      `INSERT INTO notification_preferences (user_id, body, updated_at) SELECT id, '{"types":{"monthly_statement":{"enabled":true}}}', 0 FROM users WHERE timezone = '${zone}'`,
    ).run()
    const count_ = () =>
      env.DB.prepare("SELECT COUNT(*) AS n FROM inbox WHERE message_id LIKE 'monthly_statement:usr_00000000%'").first<number>('n')
    const open = () => env.DB.prepare("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'remind' AND done_at IS NULL").first<number>('n')
    let ticks = 0
    do await tick(Date.parse('2028-06-01T01:00Z') + ticks++ * MINUTE)
    while ((await open()) !== 0 && ticks < 50)
    expect(ticks).toBeGreaterThan(4)
    expect(await count_()).toBe(count)
  }, 60_000)
})

test('of many zones with their morning at the same time a few begin at each tick', async () => {
  const zones = Array.from({ length: 25 }, (_, n) => `Mars/${n}`)
  await env.DB.prepare(
    `INSERT INTO users (id, email, username, password_hash, first_name, last_name, preferred_currency, timezone, profile, settings, personal_group_id, created_at, updated_at)
     SELECT printf('usr_mars%022d', key), value, value, '', 'M', '', 'EUR', value, '{}', '{}', '${NOBODY}', 0, 0 FROM json_each(?)`,
  )
    .bind(JSON.stringify(zones))
    .run()
  const promised = () =>
    env.DB.prepare("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'remind' AND payload LIKE '%Mars/%'").first<number>('n')
  const counts: unknown[] = []
  for (let n = 0; n < 8; n++) {
    await tick(Date.parse('2028-08-01T08:00Z') + n * MINUTE)
    counts.push(await promised())
  }
  expect(counts.every((count, n) => Number(count) <= 10 * (n + 1))).toBe(true)
  expect(counts.at(-1)).toBe(25)
})

test('an unknown zone keeps nobody from being reminded', async () => {
  const ann = await person('ann')
  await env.DB.prepare("UPDATE users SET timezone = 'Mars/Olympus' WHERE id = ?").bind(ann.id).run()
  await env.DB.prepare(
    'INSERT INTO notification_preferences (user_id, body, updated_at) VALUES (?, \'{"types":{"monthly_statement":{"enabled":true}}}\', 0)',
  )
    .bind(ann.id)
    .run()
  await walk(Date.parse('2028-09-01T08:00Z'), Date.parse('2028-09-01T08:06Z'), MINUTE)
  expect(await told('monthly_statement', ann.id)).toHaveLength(1)
})
