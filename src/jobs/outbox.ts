// Keeps the promises of the outbox: each due effect is claimed under a lease, tried, and marked. An effect may
// be tried twice, so every consumer is safe to repeat; the id of the promise is what it repeats under.
import type { Surroundings } from '../context.ts'
import { runBatch, type Statement } from '../db/client.ts'
import { buryEffect, claimEffects, completeEffect, postponeEffect, type ClaimedEffect } from '../db/outbox.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import { HOUR, SECOND } from '../domain/time.ts'
import { sendInvitation, sendPasswordReset, sendVerification } from '../services/mail.ts'
import { announceProfile, claimPlaces } from '../services/places.ts'

const LEASE_MS = 60 * SECOND
const MAX_ATTEMPTS = 10
const FIRST_DELAY_MS = 5 * SECOND
const LONGEST_DELAY_MS = HOUR

/** How long to wait after this many attempts: doubled each time, and spread so that failures don't return together. */
const delayAfter = (attempts: number): number =>
  Math.round(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1)) * (0.5 + Math.random()))

/** The id of the mail that the promise is kept with: the same for each try. */
const mailIdOf = (id: Id<'outbox'>): Id<'mail'> => `eml_${id.slice('out_'.length)}`

function keepPromise(at: Surroundings, { id, effect }: ClaimedEffect): Promise<void> {
  switch (effect.kind) {
    case 'mail_verify':
      return sendVerification(at, mailIdOf(id), effect.proofId)
    case 'mail_reset':
      return sendPasswordReset(at, mailIdOf(id), effect.proofId)
    case 'mail_invitation':
      return sendInvitation(at, mailIdOf(id), effect.invitationId)
    case 'profile_changed':
      return announceProfile(at, effect.userId)
    case 'places_claimed':
      return claimPlaces(at, effect.userId)
  }
}

async function tryEffect(at: Surroundings, claimed: ClaimedEffect): Promise<{ isDone: boolean; statement: Statement }> {
  const { id, effect, attempts } = claimed
  try {
    await keepPromise(at, claimed)
    return { isDone: true, statement: completeEffect(at.db, id, at.now) }
  } catch (error) {
    const words = errorText(error)
    console.error(JSON.stringify({ level: 'error', message: 'an effect failed', outbox_id: id, kind: effect.kind, attempts, error: words }))
    const isOver = attempts >= MAX_ATTEMPTS
    return {
      isDone: false,
      statement: isOver ? buryEffect(at.db, id, at.now, words) : postponeEffect(at.db, id, at.now + delayAfter(attempts), words),
    }
  }
}

/** Keeps what is due, at most `limit` promises. Never throws: what fails is tried again later, ten times. */
export async function drainOutbox(at: Surroundings, limit = 50): Promise<{ done: number; failed: number }> {
  try {
    const claimed = await claimEffects(at.db, at.now, LEASE_MS, limit)
    const tried = await Promise.all(claimed.map((effect) => tryEffect(at, effect)))
    await runBatch(
      at.db,
      tried.map(({ statement }) => statement),
    )
    const done = tried.filter(({ isDone }) => isDone).length
    return { done, failed: tried.length - done }
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'the outbox could not be drained', error: errorText(error) }))
    return { done: 0, failed: 0 }
  }
}
