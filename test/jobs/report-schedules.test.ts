// Scheduled reports from the request to the mail: each in its morning, once, whatever crashes, is missed or doubled, and
// whoever has moved, left or rests. Every test has a zone of its own, because a zone has one morning a day.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { addDays } from '../../src/domain/calendar.ts'
import { connect } from '../../src/db/client.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { MAX_SCHEDULES, nextRun, spanBefore } from '../../src/domain/report/schedule.ts'
import { sizeText } from '../../src/domain/report/schedule-words.ts'
import { dayIn, DAY, HOUR, MINUTE, type Day } from '../../src/domain/time.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { promiseReminders, remind } from '../../src/jobs/remind.ts'
import { runSchedule, tellReport } from '../../src/jobs/report-schedules.ts'
import { env } from '../support/env.ts'
import { FaultyD1, random, type Fate } from '../support/faults.ts'
import { jobAt } from '../support/jobs.ts'
import { dataOf } from '../support/scene.ts'
import {
  at, jobsOf, linkIn, look, mailsTo, morning, next, opened, PATH, reader, rest, scheduled, shown, SUMMARY, told, type Shown,
} from '../support/schedules.ts' // oxfmt-ignore
import { Client, PASSWORD, person, send, worker } from '../support/world.ts'

async function signedInAgain(who: Client): Promise<Client> {
  const { tokens } = await dataOf<{ tokens: { access: string; refresh: string } }>(
    send('POST', '/api/auth/login/', { email: who.email, password: PASSWORD }),
  )
  return new Client({ ...who, token: tokens.access, refresh: tokens.refresh })
}

afterEach(() => void vi.restoreAllMocks())

describe('createReportSchedule', () => {
  test('shows what is made when, from tomorrow on, with the usual days where none are named', async () => {
    const ann = await person('ann', { timezone: 'Pacific/Kiritimati' })
    const today = dayIn('Pacific/Kiritimati', Date.now())
    const none = { last_run_on: null, last_report_id: null, last_status: null, last_error: null, is_paused: false, paused_reason: null }
    expect(await scheduled(ann)).toMatchObject({ ...none, name: '', period: 'daily', next_run_on: addDays(today, 1), version: 1 })
    expect(await scheduled(ann, { frequency: 'weekly' })).toMatchObject({
      weekday: 'monday',
      day_of_month: null,
      period: 'weekly',
      next_run_on: nextRun({ frequency: 'weekly', weekday: 'monday', period: 'weekly' }, today),
    })
    expect(await scheduled(ann, { frequency: 'yearly', day_of_month: 'last', period: 'monthly' })).toMatchObject({
      weekday: null,
      day_of_month: 'last',
      period: 'monthly',
      next_run_on: nextRun({ frequency: 'yearly', dayOfMonth: 'last', period: 'monthly' }, today),
    })
    const { body } = await ann.get(PATH)
    expect(body.data.map(({ frequency }: Shown) => frequency)).toEqual(['yearly', 'weekly', 'daily'])
    expect((await ann.get(`${PATH}?page_size=1`)).body.meta.pagination).toMatchObject({ total_items: 3, has_next: true })
  })

  test.each([
    [{ weekday: 'monday' }, 'weekday'],
    [{ frequency: 'weekly', day_of_month: 1 }, 'day_of_month'],
    [{ frequency: 'monthly', day_of_month: 29 }, 'day_of_month'],
    [{ frequency: 'hourly' }, 'frequency'],
    [{ filters: { date_from: '2026-01-01' } }, 'filters.date_from'],
  ])('refuses %o and says where', async (fields, field) => {
    const ann = await person('ann')
    const { status, body } = await ann.post(PATH, { ...SUMMARY, ...fields })
    expect([status, body.error.details[0].field]).toEqual([422, field])
  })

  test('refuses a group of others, and keeps what is one’s own to oneself', async () => {
    const [ann, eve] = await Promise.all([person('ann'), person('eve')])
    const { id } = await dataOf(eve.post('/api/groups/', { name: 'Hers', currency: 'EUR' }))
    expect((await ann.post(PATH, { ...SUMMARY, filters: { group_ids: [id] } })).status).toBe(404)
    const { schedule_id } = await scheduled(eve)
    const path = `${PATH}${schedule_id}/`
    const tried = [ann.get(path), ann.patch(path, { name: 'Mine' }), ann.delete(path)]
    expect((await Promise.all(tried)).map(({ status, body }) => [status, body.error.code])).toEqual(
      Array.from({ length: 3 }, () => [404, 'RESOURCE_NOT_FOUND']),
    )
    expect((await eve.get(path)).body.data.name).toBe('')
  })

  test('makes one under a key, and no more than an account may have, however many are asked for at once', async () => {
    const ann = await person('ann')
    const keyed = { headers: { 'Idempotency-Key': 'one' } }
    const twice = await Promise.all([ann.post(PATH, SUMMARY, keyed), ann.post(PATH, SUMMARY, keyed)])
    expect(new Set(twice.map(({ body }) => body.data.schedule_id)).size).toBe(1)
    const replies = await Promise.all(Array.from({ length: MAX_SCHEDULES + 3 }, () => ann.post(PATH, SUMMARY)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(MAX_SCHEDULES - 1)
    const { status, body } = await ann.post(PATH, SUMMARY)
    expect([status, body.error.details]).toMatchObject([422, [{ expected: 'at most 20', got: '21', code: 'TOO_MANY' }]])
  })
})

describe('updateReportSchedule', () => {
  test('changes what is named, filters as a whole, and keeps the rest', async () => {
    const ann = await person('ann')
    const { id } = await dataOf(ann.post('/api/groups/', { name: 'Flat', currency: 'EUR' }))
    const made = await scheduled(ann, { filters: { group_ids: [id], currency: 'USD', member_id: ann.id }, options: { group_by: 'vendor' } })
    const path = `${PATH}${made.schedule_id}/`
    const patch = (body: object, headers = {}) => ann.patch(path, body, { headers })
    expect((await patch({ name: 'Mine', format: 'xlsx' })).body.data).toEqual({
      ...made,
      name: 'Mine',
      format: 'xlsx',
      version: 2,
      updated_at: expect.any(String),
    })
    const { data } = (await patch({ filters: { group_ids: [id] }, frequency: 'weekly', weekday: 'friday' })).body
    expect(data).toMatchObject({
      filters: { group_ids: [id], category_ids: [], member_id: null, currency: null },
      options: { group_by: 'vendor' },
      frequency: 'weekly',
      weekday: 'friday',
      period: 'weekly',
    })
    expect((await patch({ day_of_month: 2 })).body.error.details[0]).toMatchObject({ field: 'day_of_month', got: 'weekly' })
    const stale = await patch({ name: 'Late' }, { 'If-Match': '"1"' })
    expect([stale.status, stale.body.error.current?.version ?? stale.body.error.details[0].expected]).toEqual([412, expect.anything()])
    expect((await patch({ name: 'Right' }, { 'If-Match': `"${data.version}"` })).status).toBe(200)
  })

  test('of two at the same time undoes nothing', async () => {
    const ann = await person('ann')
    const made = await scheduled(ann)
    const path = `${PATH}${made.schedule_id}/`
    const replies = await Promise.all([ann.patch(path, { name: 'Mine' }), ann.patch(path, { format: 'pdf' })])
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    expect(await shown(ann, made)).toMatchObject({ name: 'Mine', format: 'pdf', version: 3 })
  })

  test('pauses it, and lets it go on without what was missed', async () => {
    const zone = 'Asia/Kabul'
    const ann = await reader(zone)
    const made = await scheduled(ann)
    const path = `${PATH}${made.schedule_id}/`
    expect((await ann.patch(path, { is_paused: true })).body.data).toMatchObject({ paused_reason: 'owner', next_run_on: null })
    await morning(zone, next(made))
    expect(await jobsOf(ann)).toEqual([])
    expect((await ann.patch(path, { is_paused: false })).body.data).toMatchObject({ paused_reason: null, next_run_on: next(made) })
  })
})

test('deleteReportSchedule: nothing is made any more, not even what was promised', async () => {
  const zone = 'Asia/Tashkent'
  const ann = await reader(zone)
  const made = await scheduled(ann)
  await look(zone, next(made))
  expect((await ann.delete(`${PATH}${made.schedule_id}/`)).status).toBe(204)
  expect((await ann.delete(`${PATH}${made.schedule_id}/`)).status).toBe(404)
  await rest(at(zone, next(made)))
  expect([await jobsOf(ann), (await ann.get(PATH)).body.data]).toEqual([[], []])
})

describe('a scheduled report', () => {
  test('is made in the morning of its day and mailed as a link, and the next one a day later', async () => {
    const zone = 'Asia/Kathmandu'
    const ann = await reader(zone)
    const { id } = await dataOf(ann.post('/api/groups/', { name: 'Flat', currency: 'EUR' }))
    const made = await scheduled(ann, { name: 'Rent', filters: { group_ids: [id] } })
    const day = next(made)
    const yesterday = addDays(day, -1)
    await dataOf(ann.post('/api/expenses/', { title: 'Momos', amount: '12.30', group_id: id, expense_date: yesterday }))
    await dataOf(ann.post('/api/expenses/', { title: 'Later', amount: '1.00', group_id: id, expense_date: day }))
    // As the cron rings it: nothing in the night, and all of it within some minutes from eight.
    const ring = async (now: number) => {
      await promiseReminders(jobAt(now))
      await drainOutbox(jobAt(now))
    }
    for (let now = at(zone, day) - 2 * HOUR; now < at(zone, day) - 30 * MINUTE; now += 10 * MINUTE) await ring(now)
    expect(await jobsOf(ann)).toEqual([])
    for (let n = 0; n < 10; n++) await ring(at(zone, day) + n * MINUTE)
    const [mail, ...more] = await mailsTo(ann)
    expect([mail?.subject, more]).toEqual([`Rent for ${Number(yesterday.slice(8))} ${monthOf(yesterday)}`, []])
    const size = /Size +(\S+ \S+)/.exec(mail?.text ?? '')?.[1]
    expect(mail?.text).toContain(yesterday)
    const { status, text } = await opened(mail === undefined ? '' : linkIn(mail))
    expect([status, text.includes('Momos'), text.includes('Later')]).toEqual([200, true, false])
    const now = await shown(ann, made)
    expect(now).toMatchObject({ last_run_on: day, next_run_on: addDays(day, 1), last_status: 'completed', last_error: null })
    const report = await dataOf<{ file_size: number; status: string }>(ann.get(`/api/analytics/reports/${now.last_report_id}/`))
    expect([report.status, size]).toEqual(['completed', sizeText(report.file_size)])
    expect((await told(ann))[0]?.metadata).toMatchObject({ report_id: now.last_report_id, schedule_id: made.schedule_id })
    // The rest of the day brings nothing, the next one another.
    for (let n = 1; n < 12; n++) await ring(at(zone, day) + n * HOUR)
    expect(await mailsTo(ann)).toHaveLength(1)
    await morning(zone, addDays(day, 1))
    expect([(await mailsTo(ann)).length, (await jobsOf(ann)).length, (await told(ann)).length]).toEqual([2, 2, 2])
  }, 60_000)

  test('is made once, and told once, though the morning comes many times at the same time', async () => {
    const zone = 'Asia/Yangon'
    const ann = await reader(zone)
    const made = await scheduled(ann)
    const now = at(zone, next(made))
    await Promise.all([1, 2, 3].map(() => look(zone, next(made))))
    // Whoever is promised it twice, or begins it while another does, changes nothing.
    vi.spyOn(console, 'error').mockReturnValue()
    const begin = () => runSchedule(jobAt(now), made.schedule_id, newId('job'))
    await Promise.allSettled([begin(), begin(), drainOutbox(jobAt(now)), begin(), drainOutbox(jobAt(now))])
    await rest(now)
    await rest(now + 5 * MINUTE)
    const [job, ...others] = await jobsOf(ann)
    expect([job?.state, others]).toEqual(['done', []])
    await Promise.all([1, 2, 3].map(() => tellReport(jobAt(now), job?.id as Id<'job'>)))
    await rest(now + 6 * MINUTE)
    expect([(await mailsTo(ann)).length, (await told(ann)).length]).toEqual([1, 1])
  })

  test.each([1, 2, 3, 4])('is made once, and mailed once, whatever batches are lost on the way: %i', async (seed) => {
    const zone = ['Asia/Dhaka', 'Asia/Colombo', 'Asia/Thimphu', 'Asia/Karachi'][seed - 1] ?? ''
    const ann = await reader(zone)
    const made = await scheduled(ann)
    vi.spyOn(console, 'error').mockReturnValue()
    const dice = random(seed)
    // Fewer than the tries that a job has, or it has failed with good reason.
    let left = 4
    const fate = (): Fate => (dice() < 0.5 || left-- <= 0 ? 'through' : dice() < 0.5 ? 'lost_after' : 'lost_before')
    const start = at(zone, next(made))
    const faulty = connect(new FaultyD1(env.DB, { batch: fate }).asD1)
    for (let n = 0; n < 12; n++) {
      const here = { ...jobAt(start + n * 2 * MINUTE), db: faulty }
      await remind(here, { zone, day: next(made) }, newId('outbox')).catch(() => {})
      await drainOutbox(here)
    }
    await morning(zone, next(made))
    for (let n = 0; n < 6; n++) await rest(start + (1 + n) * HOUR)
    expect((await jobsOf(ann)).map(({ state }) => state)).toEqual(['done'])
    expect([(await mailsTo(ann)).length, (await told(ann)).length]).toEqual([1, 1])
    expect(await shown(ann, made)).toMatchObject({ next_run_on: addDays(next(made), 1), last_status: 'completed' })
  })

  test('that was missed for days is made up for once, and tells of the last days that are over', async () => {
    const zone = 'America/Halifax'
    const ann = await reader(zone)
    const [daily, monthly] = [await scheduled(ann), await scheduled(ann, { frequency: 'monthly', day_of_month: 'last' })]
    const late = addDays(next(monthly), 5)
    await morning(zone, late)
    expect(await jobsOf(ann)).toHaveLength(2)
    expect(await shown(ann, daily)).toMatchObject({ last_run_on: late, next_run_on: addDays(late, 1) })
    const after = nextRun({ frequency: 'monthly', dayOfMonth: 'last', period: 'monthly' }, late)
    expect(await shown(ann, monthly)).toMatchObject({ last_run_on: late, next_run_on: after })
    const spans = (await told(ann)).map(({ metadata }) => [metadata['date_from'], metadata['date_to']])
    const expected = (['daily', 'monthly'] as const).map((period) => Object.values(spanBefore(period, late)))
    expect(spans.sort()).toEqual(expected.sort())
    await morning(zone, addDays(late, 1))
    expect(await jobsOf(ann)).toHaveLength(3)
  })

  test('comes once on a day though its owner moves west over the date line and back', async () => {
    const [east, west] = ['Pacific/Apia', 'Pacific/Niue']
    const ann = await reader(east)
    const made = await scheduled(ann)
    const day = next(made)
    await morning(east, day)
    await dataOf(ann.patch('/api/users/me/', { timezone: west }))
    // The same day comes to them a second time, a day later.
    await morning(west, addDays(day, -1))
    await morning(west, day)
    expect(await jobsOf(ann)).toHaveLength(1)
    // Also where the rule is changed meanwhile.
    await env.DB.prepare('UPDATE report_schedules SET next_day = ? WHERE id = ?').bind(day, made.schedule_id).run()
    expect((await ann.patch(`${PATH}${made.schedule_id}/`, { period: 'weekly' })).body.data.next_run_on).toBe(addDays(day, 1))
    await dataOf(ann.patch('/api/users/me/', { timezone: east }))
    await morning(east, addDays(day, 1))
    expect(await jobsOf(ann)).toHaveLength(2)
  })

  test('waits for the day where its owner lives, if they have moved since it was promised', async () => {
    const [east, west] = ['Pacific/Tongatapu', 'Pacific/Pago_Pago']
    const ann = await reader(east)
    const made = await scheduled(ann)
    const day = next(made)
    await look(east, day)
    await dataOf(ann.patch('/api/users/me/', { timezone: west }))
    await rest(at(east, day))
    expect(await jobsOf(ann)).toEqual([])
    await morning(west, day)
    expect(await jobsOf(ann)).toHaveLength(1)
  })
})

const monthOf = (day: Day): string => new Date(day).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

describe('a schedule whose owner', () => {
  test('is no longer in its group is paused, says so once, and goes on only where they may read', async () => {
    const zone = 'America/Caracas'
    const [ann, bob] = await Promise.all([reader(zone), person('bob')])
    const group = { name: 'Flat', currency: 'EUR', initial_members: [ann.email] }
    const { id } = await dataOf(bob.post('/api/groups/', group))
    const made = await scheduled(ann, { name: 'Flat', filters: { group_ids: [id] } })
    await dataOf(bob.delete(`/api/groups/${id}/members/${ann.id}/`).then((reply) => ({ ...reply, body: { data: {} } })))
    const day = next(made)
    await morning(zone, day)
    await morning(zone, addDays(day, 1))
    const path = `${PATH}${made.schedule_id}/`
    expect(await shown(ann, made)).toMatchObject({ is_paused: true, paused_reason: 'no_access', next_run_on: null, last_report_id: null })
    expect([await jobsOf(ann), (await told(ann)).map(({ title }) => title)]).toEqual([[], ['Flat is no longer made']])
    expect((await mailsTo(ann)).map(({ subject }) => subject)).toEqual(['Flat is no longer made'])
    expect((await ann.patch(path, { is_paused: false })).status).toBe(404)
    expect((await ann.patch(path, { is_paused: false, filters: {} })).body.data).toMatchObject({ is_paused: false, paused_reason: null })
    await morning(zone, addDays(day, 2))
    expect(await shown(ann, made)).toMatchObject({ last_status: 'completed' })
  })

  test('rests is left alone, and is gone on with once they are back', async () => {
    const zone = 'America/La_Paz'
    const ann = await reader(zone)
    const made = await scheduled(ann)
    const day = next(made)
    await look(zone, day)
    await dataOf(ann.post('/api/users/me/deactivate/'))
    await rest(at(zone, day))
    await morning(zone, addDays(day, 1))
    const open = await env.DB.prepare("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'run_schedule' AND done_at IS NULL").first('n')
    expect(open).toBe(0)
    const back = await signedInAgain(ann)
    await dataOf(back.post('/api/users/me/reactivate/'))
    expect([await jobsOf(back), await shown(back, made)]).toMatchObject([[], { last_run_on: null, is_paused: false, next_run_on: day }])
    await morning(zone, addDays(day, 2))
    expect(await jobsOf(back)).toHaveLength(1)
  })

  test('asks for what cannot be made is told why, each time, and the schedule says it too', async () => {
    const zone = 'America/Bogota'
    const ann = await reader(zone)
    const made = await scheduled(ann, { report_type: 'member_statement', filters: { member_id: newId('member') } })
    await morning(zone, next(made))
    const now = await shown(ann, made)
    expect(now).toMatchObject({ last_status: 'failed', is_paused: false, next_run_on: addDays(next(made), 1) })
    expect(now.last_error).toContain('no such member')
    const [mail, ...more] = await mailsTo(ann)
    expect([mail?.subject.endsWith('could not be made'), mail?.text.includes('no such member'), more]).toEqual([true, true, []])
    expect(mail?.text).toContain(`The next one is made on ${addDays(next(made), 1)}.`)
    await morning(zone, addDays(next(made), 1))
    expect(await mailsTo(ann)).toHaveLength(2)
  })
})

describe('the mail of a report', () => {
  test('goes to proven addresses only, and to nobody who wants no mail; the list has it all the same', async () => {
    const zone = 'America/Lima'
    const [unproven, off] = await Promise.all([person('new', { timezone: zone }), reader(zone)])
    await off.put('/api/notifications/preferences/', { email_enabled: false })
    const made = await Promise.all([scheduled(unproven), scheduled(off)])
    await morning(zone, next(made[0]))
    for (const who of [unproven, off]) expect([(await mailsTo(who)).length, (await told(who)).length]).toEqual([0, 1])
  })

  test('is one for each report, and its link to end them ends them and nothing else', async () => {
    const zone = 'America/Guayaquil'
    const ann = await reader(zone)
    const made = await scheduled(ann, { name: 'One' })
    await scheduled(ann, { name: 'Two' })
    await morning(zone, next(made))
    const mails = await mailsTo(ann)
    expect(mails.map(({ subject }) => subject.slice(0, 3)).sort()).toEqual(['One', 'Two'])
    expect(new Set(await Promise.all(mails.map(async (mail) => (await opened(linkIn(mail))).status)))).toEqual(new Set([200]))
    const end = /https?:\/\/\S+\/unsubscribe\/\S+/.exec(mails[0]?.text ?? '')?.[0] ?? ''
    await worker.fetch(new Request(end, { method: 'POST' }))
    await morning(zone, addDays(next(made), 1))
    expect([(await mailsTo(ann)).length, (await told(ann)).length, (await jobsOf(ann)).length]).toEqual([2, 4, 4])
  })

  test('that waits to go out with others has its link still, and none once the file is gone', async () => {
    const zone = 'America/Panama'
    const ann = await reader(zone)
    await ann.put('/api/notifications/preferences/', { preferences: [{ type: 'scheduled_report', frequency: 'weekly' }] })
    const made = await scheduled(ann, { frequency: 'weekly', weekday: 'monday' })
    const day = next(made)
    // Weekly mails go at nine on Mondays.
    await morning(zone, day)
    expect(await mailsTo(ann)).toEqual([])
    await rest(at(zone, day) + HOUR)
    const [mail] = await mailsTo(ann)
    expect((await opened(mail === undefined ? '' : linkIn(mail))).status).toBe(200)
    await morning(zone, addDays(day, 7))
    await rest(at(zone, addDays(day, 7)) + 8 * DAY)
    const [late] = await mailsTo(ann)
    expect([linkIn(late ?? { id: '', subject: '', text: '' }), late?.text.includes('It is kept until')]).toEqual(['', true])
  })

  test('is not sent for a schedule that was deleted while its report was made', async () => {
    const zone = 'America/Jamaica'
    const ann = await reader(zone)
    const made = await scheduled(ann)
    const now = at(zone, next(made))
    await runSchedule(jobAt(now), made.schedule_id, newId('job'))
    await ann.delete(`${PATH}${made.schedule_id}/`)
    await rest(now)
    expect([(await jobsOf(ann)).map(({ state }) => state), await mailsTo(ann), await told(ann)]).toEqual([['done'], [], []])
  })
})
