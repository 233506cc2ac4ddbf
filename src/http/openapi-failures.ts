// What each operation can refuse with, read from its row: what it lists itself, and what follows from how it
// is called. Rows that refuse alike share one response.
import { AppError, ERRORS, type ErrorCode } from '../domain/errors.ts'
import { COMMON_FAILURES } from './errors.ts'
import type { Json } from './openapi-schemas.ts'
import { commonHeaders, headerRefs } from './openapi-parts.ts'
import { isWrite, type Operation } from './operation.ts'
import type { Answer, Occasion, Surface } from './surface.ts'

const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  402: 'PaymentRequired',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  423: 'Locked',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/** Whether the row takes If-Match: a change of a group, or one that says it can find the version stale. */
export const takesIfMatch = (op: Operation): boolean => isWrite(op) && (op.isGroupWrite === true || op.fails.includes('request.stale'))
export const takesIdempotencyKey = (op: Operation): boolean => isWrite(op) && op.access.who !== 'anyone'

/** Every code that the operation can answer with. */
export function failuresOf(op: Operation): readonly ErrorCode[] {
  const { access, limit } = op
  const codes = new Set<ErrorCode>([...op.fails, ...COMMON_FAILURES, 'auth.invalid_token'])
  if (limit === 'none') codes.delete('rate.exceeded')
  if (op.path !== undefined) codes.add('request.not_found')
  if (op.body !== undefined || op.upload !== undefined || op.payload !== undefined) codes.add('request.too_large').add('request.media_type')
  if (access.who !== 'anyone') codes.add('auth.required').add('auth.forbidden')
  if (access.who !== 'anyone' && op.whileDeactivated !== true) codes.add('user.deactivated')
  if (access.who === 'member') codes.add('group.not_found').add('group.forbidden')
  if (takesIdempotencyKey(op)) codes.add('request.key_reused')
  if (takesIfMatch(op)) codes.add('request.stale')
  return [...codes].sort()
}

const SAMPLE_DETAIL = { field: 'amount', message: 'Must be greater than 0', code: 'INVALID_VALUE', got: '-12.50' }
const sampleDetails = (code: ErrorCode): readonly Json[] => (code === 'request.invalid' ? [SAMPLE_DETAIL] : [])
const SAMPLE_META = { timestamp: '2026-11-20T10:30:00.000Z', request_id: 'req_0b0c7c5e-6f0e-4d0b-9a43-2f1f0c9f6a11' }

/** One example of the code in each of the two forms of an error. */
function examplesOf(code: ErrorCode): Json {
  const { status, code: outside, message } = ERRORS[code]
  const details = sampleDetails(code)
  return {
    [code]: { summary: message, value: { status: 'error', error: { code: outside, message, details }, meta: SAMPLE_META } },
    [`problem.${code}`]: {
      summary: message,
      value: {
        type: `urn:quits:error:${code}`,
        title: message,
        status,
        code: outside,
        errors: details,
        request_id: SAMPLE_META.request_id,
      },
    },
  }
}

const refsTo = (codes: readonly ErrorCode[], prefix: string): Json =>
  Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${prefix}${code}` }]))

/** The headers of a refusal; the codes are those of which it may be one. */
function headersOf(status: number, codes: readonly ErrorCode[]): Json {
  const mayWait = codes.some((code) => [423, 429, 503].includes(ERRORS[code].status))
  return { ...commonHeaders, ...headerRefs([...(mayWait ? ['Retry-After'] : []), ...(status === 401 ? ['WWW-Authenticate'] : [])]) }
}

function responseOf(status: number, codes: readonly ErrorCode[]): Json {
  return {
    description: codes.map((code) => `\`${ERRORS[code].code}\`: ${ERRORS[code].message}.`).join('\n\n'),
    headers: headersOf(status, codes),
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/Error' }, examples: refsTo(codes, '') },
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples: refsTo(codes, 'problem.') },
    },
  }
}

/** Collects the responses and examples of all refusals. */
export interface FailureBook {
  /** The refusals of the operation: a reference for each status. */
  readonly responsesOf: (op: Operation) => Json
  readonly responses: Json
  readonly examples: Json
}

export function failureBook(): FailureBook {
  const responses: Record<string, Json> = {}
  const examples: Record<string, unknown> = {}
  const responsesOf = (op: Operation): Json => {
    const byStatus = Map.groupBy(failuresOf(op), (code) => ERRORS[code].status)
    const entries = [...byStatus].map(([status, codes]) => {
      const name = [NAMES[status], ...codes.filter((code) => !COMMON_FAILURES.includes(code))].join('-')
      responses[name] ??= responseOf(status, codes)
      for (const code of codes) Object.assign(examples, examplesOf(code))
      return [String(status), { $ref: `#/components/responses/${name}` }]
    })
    return Object.fromEntries(entries) as Json
  }
  return { responsesOf, responses, examples }
}

const SAMPLE: Occasion = {
  url: new URL('https://quits.example/'),
  now: Date.parse(SAMPLE_META.timestamp),
  requestId: SAMPLE_META.request_id,
  accept: null,
}

/** The refusals of a surface that has words of its own, as it gives them: an example for each that differs. */
export function foreignFailureBook(surface: Surface, schema: Json): FailureBook {
  const responsesOf = (op: Operation): Json => {
    const said = failuresOf(op).map((code) => ({ code, ...surface.failure(new AppError(code), SAMPLE, op) }))
    const responses = [...Map.groupBy(said, ({ status }) => status)].map(([status, all]) => [
      String(status),
      {
        description: all.map(({ code }) => `${ERRORS[code].message}.`).join('\n\n'),
        headers: headersOf(
          status,
          all.map(({ code }) => code),
        ),
        content: { 'application/json': { schema, examples: distinctExamples(all) } },
      },
    ])
    return Object.fromEntries(responses) as Json
  }
  return { responsesOf, responses: {}, examples: {} }
}

function distinctExamples(all: readonly (Answer & { readonly code: ErrorCode })[]): Json {
  const byBody = new Map(all.toReversed().map((one) => [JSON.stringify(one.body), one]))
  return Object.fromEntries([...byBody.values()].map(({ code, body }) => [code, { summary: ERRORS[code].message, value: body }]))
}
