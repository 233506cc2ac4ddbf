// Scheduled reports for tests: made through the API, brought on by mornings that the test chooses, and read where they come out.
import { instantAt } from '../../src/domain/calendar.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import type { Day } from '../../src/domain/time.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { remind } from '../../src/jobs/remind.ts'
import { env } from './env.ts'
import { jobAt, ORIGIN } from './jobs.ts'
import { dataOf } from './scene.ts'
import { person, worker, type Client } from './world.ts'

export const PATH = '/api/analytics/reports/schedules/'
export const SUMMARY = { report_type: 'expense_summary', format: 'csv', frequency: 'daily' }

export interface Shown {
  readonly schedule_id: Id<'schedule'>
  readonly next_run_on: Day | null
  readonly last_run_on: Day | null
  readonly last_report_id: Id<'report'> | null
  readonly last_status: string | null
  readonly last_error: string | null
  readonly is_paused: boolean
  readonly paused_reason: string | null
  readonly filters: Record<string, unknown>
  readonly options: Record<string, unknown>
  readonly frequency: string
  readonly weekday: string | null
  readonly day_of_month: number | string | null
  readonly period: string
  readonly name: string
  readonly version: number
}

export const scheduled = (who: Client, fields: object = {}): Promise<Shown> => dataOf<Shown>(who.post(PATH, { ...SUMMARY, ...fields }))
export const shown = (who: Client, { schedule_id }: Shown): Promise<Shown> => dataOf<Shown>(who.get(`${PATH}${schedule_id}/`))

const verify = (who: Client) => env.DB.prepare('UPDATE users SET is_verified = 1 WHERE id = ?').bind(who.id).run()

/** Somebody in the zone whose address is proven. */
export async function reader(timezone: string, name = 'ann'): Promise<Client> {
  const who = await person(name, { timezone })
  await verify(who)
  return who
}

export const at = (zone: string, day: Day): number => instantAt(zone, day, '08:30')

/** Keeps what is due until nothing moves. */
export async function rest(now: number): Promise<void> {
  while ((await drainOutbox(jobAt(now))).done > 0);
}

/** Looks the zone through on the day, in as many goes as it takes. */
export async function look(zone: string, day: Day): Promise<void> {
  while ((await remind(jobAt(at(zone, day)), { zone, day }, newId('outbox'))).againAt !== undefined);
}

/** The morning of the day in the zone, to its end. */
export async function morning(zone: string, day: Day): Promise<void> {
  await look(zone, day)
  await rest(at(zone, day))
}

interface Kept {
  readonly id: string
  readonly subject: string
  readonly text: string
}

/** The mails about reports, the newest first. */
export async function mailsTo({ email }: Client): Promise<Kept[]> {
  const reply = await worker.fetch(new Request(`${ORIGIN}/dev/mail?to=${email}`, { headers: { Accept: 'application/json' } }))
  return (await reply.json<Kept[]>()).filter(({ text }) => text.includes('scheduled report notifications'))
}

export const told = async (who: Client): Promise<{ title: string; message: string; metadata: Record<string, string> }[]> =>
  (await who.get('/api/notifications/?type=scheduled_report')).body.data

export const jobsOf = async (who: Client): Promise<{ id: string; state: string }[]> =>
  (await dataOf<{ id: string; state: string; kind: string }[]>(who.get('/api/jobs/'))).filter(({ kind }) => kind === 'report')

export const linkIn = ({ text }: Kept): string => /Download the report: (\S+)/.exec(text)?.[1] ?? ''

export async function opened(link: string): Promise<{ status: number; text: string }> {
  const reply = await worker.fetch(link)
  return { status: reply.status, text: await reply.text() }
}

export const next = ({ next_run_on: day }: Shown): Day => day ?? '0001-01-01'
