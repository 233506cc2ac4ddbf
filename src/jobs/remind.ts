// Reminders: what a morning in a zone brings to whom. Each minute promises the mornings that have come, each once;
// keeping one looks the zone through for every source whose round is not over. A person is told a thing once in its
// period, because its key goes into the inbox in the batch that tells it.
import { runBatch } from '../db/client.ts'
import { findTakenIn, isTakenIn, noteTaken, takeAllIn } from '../db/inbox.ts'
import { noteEffect, promiseEffects, promiseOnce, type Standing } from '../db/outbox.ts'
import { listZones } from '../db/reminders.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import { isReminderTime, localIn } from '../domain/reminder.ts'
import type { Day } from '../domain/time.ts'
import { messagesOf } from '../services/repeatable.ts'
import { announce } from './announce.ts'
import type { JobContext, Kept } from './context.ts'
import { SOURCES, type Reminder } from './reminders.ts'

const INBOX = 'remind'
// What an invocation may ask of D1 and of objects is bounded, and many zones have their morning at the same minute: so
// few begin at each tick, and a large one is gone on with at the next.
const MOST_MORNINGS = 10
const PAGE = 50
const MOST_PAGES = 5
const MOST_RIVALS = 3

interface Morning {
  readonly zone: string
  readonly day: Day
  /** Where a run that was too long for one go ended: the source and what it had come to. */
  readonly reached?: string
}

/** Promises the reminders of zones in which it is a morning now and that were not promised, a few at a time. Never throws: the next minute comes soon. */
export async function promiseReminders(at: JobContext): Promise<void> {
  try {
    const mornings = (await listZones(at.db.$client)).flatMap((zone): Standing[] => {
      const local = localIn(zone, at.now)
      return isReminderTime(local) ? [{ kind: 'remind', zone, day: local.day }] : []
    })
    if (mornings.length > 0) await runBatch(at.db, [promiseOnce(at.db, mornings, at.now, MOST_MORNINGS)])
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'no reminders could be promised', error: errorText(error) }))
  }
}

/** Tells those of the reminders that were not told before. Whoever tells some of them at the same time makes it look again. */
async function tell(at: JobContext, reminders: readonly Reminder[]): Promise<void> {
  const keys = reminders.map(({ key }) => key)
  for (let rivals = 0; ; rivals++) {
    const taken = await findTakenIn(at.db.$client, INBOX, keys)
    const fresh = reminders.filter(({ key }) => !taken.has(key))
    if (fresh.length === 0) return
    const told = await announce(
      at,
      fresh.flatMap(({ notification }) => notification ?? []),
    )
    const effects = fresh.flatMap((one) => one.effects ?? [])
    const taking = takeAllIn(
      at.db,
      INBOX,
      fresh.map(({ key }) => key),
      at.now,
    )
    try {
      await runBatch(at.db, [taking, promiseEffects(at.db, effects, at.now), ...told.statements])
    } catch (error) {
      if (rivals < MOST_RIVALS && messagesOf(error).some(isTakenIn)) continue
      throw error
    }
    return told.after?.()
  }
}

const roundKey = (kind: string, { zone }: Morning, round: string): string => `round:${kind}:${round}:${zone}`

/** The sources that are still to be looked through on this day, from the one that the last run came to. */
async function openRounds(at: JobContext, morning: Morning): Promise<{ kind: string; key: string; after: string }[]> {
  const [reachedKind, reachedAfter = ''] = morning.reached?.split(' ') ?? []
  const rounds = Object.entries(SOURCES).flatMap(([kind, source]) => {
    const round = source.round(morning.day)
    return round === undefined ? [] : [{ kind, key: roundKey(kind, morning, round), after: kind === reachedKind ? reachedAfter : '' }]
  })
  const over = await findTakenIn(
    at.db.$client,
    INBOX,
    rounds.map(({ key }) => key),
  )
  return rounds.filter(({ key }) => !over.has(key))
}

/**
 * Makes the reminders of everybody in the zone for that day there. What is left in the evening is left to the next
 * morning, whose rounds begin where none was ended.
 */
export async function remind(at: JobContext, morning: Morning, id: Id<'outbox'>): Promise<Kept> {
  const { zone, day } = morning
  const local = localIn(zone, at.now)
  if (local.day !== day || !isReminderTime(local)) return {}
  let pages = 0
  for (const { kind, key, after: begin } of await openRounds(at, morning)) {
    const source = SOURCES[kind]
    let after: string | undefined = begin
    while (source !== undefined && after !== undefined) {
      if (pages++ === MOST_PAGES) {
        const reached = noteEffect(at.db, id, { kind: 'remind', zone, day, reached: `${kind} ${after}` })
        return { againAt: at.now, statements: [reached] }
      }
      const { reminders, next } = await source.find(at, { zone, after, limit: PAGE }, day)
      await tell(at, reminders)
      after = next
    }
    await runBatch(at.db, [noteTaken(at.db, INBOX, key, at.now)])
  }
  return {}
}
