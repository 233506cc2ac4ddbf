// The words of the native surface: one envelope for all that is answered, and refusals in the envelope or,
// for those who ask for it, as RFC 9457.
import { ERRORS, type AppError } from '../domain/errors.ts'
import type { Page } from '../domain/page.ts'
import { isoOf } from '../domain/time.ts'
import { envelopeOf, problemOf } from './errors.ts'
import { API_VERSION } from './headers.ts'
import type { Operation } from './operation.ts'
import { paginationOf } from './pages.ts'
import type { Answer, Occasion, Surface } from './surface.ts'

/** The success envelope of the row's shape around what its service gave. */
function success(op: Operation, value: unknown, at: Occasion): Answer {
  const { shape, status, message } = op.reply
  if (shape === 'nothing') return { status, body: undefined }
  if (shape === 'body') return { status, body: value }
  const meta = { timestamp: isoOf(at.now), request_id: at.requestId, version: API_VERSION }
  const said = message === undefined ? {} : { message }
  if (shape === 'message') return { status, body: { status: 'success', ...said, meta } }
  if (shape === 'data') return { status, body: { status: 'success', data: value, ...said, meta } }
  const page = value as Page<unknown>
  const { pagination, links } = paginationOf(page, at.url)
  return { status, body: { status: 'success', data: page.items, meta: { ...meta, ...page.meta, pagination }, links } }
}

function failure(error: AppError, at: Occasion): Answer {
  const { status } = ERRORS[error.code]
  if (at.accept?.includes('application/problem+json') !== true) return { status, body: envelopeOf(error, at.requestId, isoOf(at.now)) }
  return { status, body: problemOf(error, at.requestId), type: 'application/problem+json' }
}

export const NATIVE: Surface = { success, failure }
