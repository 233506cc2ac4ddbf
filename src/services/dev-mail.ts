// Mail that was kept instead of sent, for whoever develops or tests. It exists under `local` only: anywhere
// else these would be other people's codes.
import { AppError } from '../domain/errors.ts'
import type { Env } from '../env.ts'
import { findKeptMessage, listKeptMail, type KeptMail } from '../platform/mail.ts'

const MOST_LISTED = 100

function requireLocal(env: Env): void {
  if (env.ENVIRONMENT !== 'local') throw new AppError('request.not_found')
}

/** The newest kept mails, only those to one address where one is given; throws `request.not_found` unless local. */
export function listDevMail(env: Env, to?: string): Promise<KeptMail[]> {
  requireLocal(env)
  return listKeptMail(env, MOST_LISTED, to)
}

/** A kept mail as RFC 5322, or its HTML body; throws `request.not_found`. */
export async function getDevMail(env: Env, name: string, form: 'eml' | 'html'): Promise<string> {
  requireLocal(env)
  const message = /^eml_[0-9a-z]{26}$/.test(name) ? await findKeptMessage(env, name, form) : undefined
  if (message === undefined) throw new AppError('request.not_found')
  return message
}
