// Keeps the promises of the outbox: each due effect is claimed under a lease, tried, and marked. An effect may
// be tried twice, so every consumer is safe to repeat; the id of the promise is what it repeats under.
import { runBatch, type Statement } from '../db/client.ts'
import {
  buryEffect,
  claimEffects,
  completeEffect,
  postponeEffect,
  renewLease,
  resumeEffect,
  type ClaimedEffect,
  type Effect,
  type Line,
} from '../db/outbox.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import { HOUR, SECOND } from '../domain/time.ts'
import { sendInvitation, sendInvitationExpiring, sendPasswordReset, sendVerification } from '../services/mail.ts'
import { announceProfile, claimPlaces } from '../services/places.ts'
import type { JobContext, Kept } from './context.ts'
import { deliver } from './deliver.ts'
import { notify } from './notify.ts'
import { bringOn, tellFromSandbox } from './payments.ts'
import { readReceipt } from './read-receipt.ts'
import { remind } from './remind.ts'
import { runSchedule, tellReport } from './report-schedules.ts'
import { runJob } from './run.ts'

const LEASE_MS = 60 * SECOND
const MAX_ATTEMPTS = 10
const FIRST_DELAY_MS = 5 * SECOND
const LONGEST_DELAY_MS = HOUR

/** How long to wait after this many attempts: doubled each time, and spread so that failures don't return together. */
const delayAfter = (attempts: number): number =>
  Math.round(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1)) * (0.5 + Math.random()))

/** The id of the mail that the promise is kept with: the same for each try. */
const mailIdOf = (id: Id<'outbox'>): Id<'mail'> => `eml_${id.slice('out_'.length)}`

/** The id of the job that it begins: the same for each try, and among those of its owner by when it came. */
const jobIdOf = (id: Id<'outbox'>): Id<'job'> => `job_${id.slice('out_'.length)}`

type Keeper<K extends Effect['kind']> = (
  at: JobContext,
  effect: Extract<Effect, { kind: K }>,
  id: Id<'outbox'>,
  attempts: number,
) => Promise<Kept | void>

const KEEPERS: { readonly [K in Effect['kind']]: Keeper<K> } = {
  mail_verify: (at, { proofId }, id) => sendVerification(at, mailIdOf(id), proofId),
  mail_reset: (at, { proofId }, id) => sendPasswordReset(at, mailIdOf(id), proofId),
  mail_invitation: (at, { invitationId }, id) => sendInvitation(at, mailIdOf(id), invitationId),
  mail_invitation_expiring: (at, { invitationId }, id) => sendInvitationExpiring(at, mailIdOf(id), invitationId),
  profile_changed: (at, { userId }) => announceProfile(at, userId),
  places_claimed: (at, { userId }) => claimPlaces(at, userId),
  settle_payment: (at, { paymentId }) => bringOn(at, paymentId),
  sandbox_event: (at, { paymentId }) => tellFromSandbox(at, paymentId),
  deliver,
  notify,
  remind,
  run_job: (at, { jobId }) => runJob(at, jobId),
  run_schedule: (at, { scheduleId }, id) => runSchedule(at, scheduleId, jobIdOf(id)),
  tell_report: (at, { jobId }) => tellReport(at, jobId),
  read_receipt: (at, effect, _, attempts) => readReceipt(at, effect, attempts),
}

const RENEW_MS = 20 * SECOND

/** What takes longer than its lease, which is therefore renewed for as long as it is being kept. */
const isLong = ({ kind }: Effect): boolean => kind === 'run_job'

/** Renews the lease again and again until it is stopped, which answers with the claim as it stands then. */
function holding(at: JobContext, claimed: ClaimedEffect): { stop: () => Promise<ClaimedEffect> } {
  let held = claimed
  let renewing = Promise.resolve()
  const renew = async (): Promise<void> => {
    const leaseUntil = Date.now() + LEASE_MS
    await runBatch(at.db, [renewLease(at.db, held, leaseUntil)])
    held = { ...held, leaseUntil }
  }
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch((error: unknown) => report('a lease could not be renewed', error))
  }, RENEW_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await renewing
      return held
    },
  }
}

/** What keeping it came to, as the statements that say so. */
async function keep(at: JobContext, first: ClaimedEffect): Promise<{ isKept: boolean; statements: readonly Statement[] }> {
  const { id, effect, attempts } = first
  const hold = isLong(effect) ? holding(at, first) : undefined
  const held = async (): Promise<ClaimedEffect> => (await hold?.stop()) ?? first
  try {
    const keeper = KEEPERS[effect.kind] as Keeper<Effect['kind']>
    // What takes its isolate with it is never seen to fail.
    if (attempts > MAX_ATTEMPTS) throw new Error('it was cut short again and again')
    const { againAt, statements = [] } = (await keeper(at, effect, id, attempts)) ?? {}
    const claimed = await held()
    const mark = againAt === undefined ? completeEffect(at.db, claimed, at.now) : resumeEffect(at.db, claimed, againAt)
    return { isKept: true, statements: [mark, ...statements] }
  } catch (error) {
    const claimed = await held()
    const words = errorText(error)
    console.error(JSON.stringify({ level: 'error', message: 'an effect failed', outbox_id: id, kind: effect.kind, attempts, error: words }))
    const isOver = attempts >= MAX_ATTEMPTS
    const mark = isOver ? buryEffect(at.db, claimed, at.now, words) : postponeEffect(at.db, claimed, at.now + delayAfter(attempts), words)
    return { isKept: false, statements: [mark] }
  }
}

/** Keeps one promise and marks it. A mark that is lost leaves it claimed, and due again when the lease ends. */
async function keepOne(at: JobContext, claimed: ClaimedEffect): Promise<boolean> {
  const { isKept, statements } = await keep(at, claimed)
  await runBatch(at.db, statements)
  return isKept
}

/** Claims go on while they come full, so that a crowd does not wait for the next sweep; a run ends some time all the same. */
const MOST_CLAIMS = 10

/** Keeps what is due, some hundred promises at most. Never throws: what fails is tried again later, ten times. */
export async function drainOutbox(at: JobContext, limit = 50): Promise<{ done: number; failed: number }> {
  const total = { done: 0, failed: 0 }
  for (let claims = 0; claims < MOST_CLAIMS; claims++) {
    const { done, failed } = await drainSome(at, limit)
    total.done += done
    total.failed += failed
    if (done + failed < limit) break
  }
  return total
}

/** Reading takes seconds, so that a run of it ends before its caller's time does; a hint to itself has it gone on with. */
const READING_RUN_MS = 20 * SECOND
const READING_LEASE_MS = 90 * SECOND

/** Has the receipts read that wait for it, one after the other, because there is one reader. Never throws. */
export async function drainReadings(at: JobContext): Promise<void> {
  const end = Date.now() + READING_RUN_MS
  for (let now = at.now; now < end; now = Date.now()) {
    const { done, failed } = await drainSome({ ...at, now }, 1, 'readings')
    if (done + failed === 0) return
  }
  await at.env.READINGS.send({ kind: 'readings' }).catch((error: unknown) => report('readings could not be hinted at', error))
}

async function drainSome(at: JobContext, limit: number, line: Line = 'others'): Promise<{ done: number; failed: number }> {
  try {
    const claimed = await claimEffects(at.db, at.now, line === 'readings' ? READING_LEASE_MS : LEASE_MS, limit, line)
    const kept = await Promise.allSettled(claimed.map((effect) => keepOne(at, effect)))
    for (const result of kept) if (result.status === 'rejected') report('an effect could not be marked', result.reason)
    const done = kept.filter((result) => result.status === 'fulfilled' && result.value).length
    return { done, failed: kept.length - done }
  } catch (error) {
    report('the outbox could not be drained', error)
    return { done: 0, failed: 0 }
  }
}

const report = (message: string, error: unknown): void =>
  console.error(JSON.stringify({ level: 'error', message, error: errorText(error) }))
