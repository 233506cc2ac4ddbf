// The words of the native surface: one envelope for all that is answered, and refusals in the envelope or,
// for those who ask for it, as RFC 9457.
import { ERRORS, type AppError } from '../domain/errors.ts'
import type { Page } from '../domain/page.ts'
import { isoOf } from '../domain/time.ts'
import { envelopeOf, problemOf } from './errors.ts'
import { API_VERSION } from './headers.ts'
import type { Operation } from './operation.ts'
import { paginationOf } from './pages.ts'
import { textOf, Written, type Answer, type Occasion, type Surface } from './surface.ts'

/** What a list says of itself, as JSON. */
interface WrittenPage {
  /** The path and query that it was asked for with. */
  readonly at: string
  readonly items: string
  readonly pagination: string
  readonly links: string
}

const written = new WeakMap<Page<unknown>, WrittenPage>()

/** The page as JSON; one that is kept is written once. */
function writePage(page: Page<unknown>, url: URL): WrittenPage {
  const at = `${url.pathname}${url.search}`
  const known = written.get(page)
  if (known?.at === at) return known
  const { pagination, links } = paginationOf(page, url)
  const made = { at, items: JSON.stringify(page.items), pagination: JSON.stringify(pagination), links: JSON.stringify(links) }
  written.set(page, made)
  return made
}

/** The success envelope of the row's shape around what its service gave. */
function success(op: Operation, value: unknown, at: Occasion): Answer {
  const { shape, status, message } = op.reply
  if (shape === 'nothing') return { status, body: undefined }
  if (shape === 'body') return { status, body: value }
  const meta = { timestamp: isoOf(at.now), request_id: at.requestId, version: API_VERSION }
  const said = message === undefined ? {} : { message }
  if (shape === 'message') return { status, body: { status: 'success', ...said, meta } }
  if (shape === 'data') {
    const text = textOf(value)
    const rest = { ...said, meta }
    if (text === undefined) return { status, body: { status: 'success', data: value, ...rest } }
    return { status, body: new Written(`{"status":"success","data":${text},${JSON.stringify(rest).slice(1)}`) }
  }
  const page = value as Page<unknown>
  const { items, pagination, links } = writePage(page, at.url)
  const about = JSON.stringify({ ...meta, ...page.meta }).slice(0, -1)
  return { status, body: new Written(`{"status":"success","data":${items},"meta":${about},"pagination":${pagination}},"links":${links}}`) }
}

function failure(error: AppError, at: Occasion): Answer {
  const { status } = ERRORS[error.code]
  if (at.accept?.includes('application/problem+json') !== true) return { status, body: envelopeOf(error, at.requestId, isoOf(at.now)) }
  return { status, body: problemOf(error, at.requestId), type: 'application/problem+json' }
}

export const NATIVE: Surface = { success, failure }
