// Push and text messages that were kept instead of sent, for whoever develops or tests; under `local` only.
import { AppError } from '../domain/errors.ts'
import type { Env } from '../env.ts'
import { listKeptMessages, type KeptMessage } from '../platform/messages.ts'

const MOST_LISTED = 100

/** The newest kept messages, only those to one user where one is given; throws `request.not_found` unless local. */
export function listDevMessages(env: Env, user?: string): Promise<KeptMessage[]> {
  if (env.ENVIRONMENT !== 'local') throw new AppError('request.not_found')
  return listKeptMessages(env, MOST_LISTED, user)
}
