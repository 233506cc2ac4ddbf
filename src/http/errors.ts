// Every refusal on the wire, in the envelope of the document or as RFC 9457, from the one table of codes.
import { z } from 'zod'
import { AppError, ERRORS, type Detail, type ErrorCode } from '../domain/errors.ts'

export const DetailOut = z
  .object({
    field: z.string(),
    message: z.string(),
    code: z.string(),
    expected: z.string().optional(),
    got: z.string().optional(),
    difference: z.string().optional(),
  })
  .meta({ id: 'ErrorDetail' })

export const ErrorOut = z
  .object({
    status: z.literal('error'),
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.array(DetailOut),
      /** The resource as it is now, after a failed If-Match. */
      current: z.unknown().optional(),
    }),
    meta: z.object({ timestamp: z.string(), request_id: z.string() }),
  })
  .meta({ id: 'Error' })

export const ProblemOut = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    errors: z.array(DetailOut),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' })

/** The failure that an exception stands for; what was not thrown on purpose is ours to fix and says nothing. */
export function failureOf(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal')
}

export function envelopeOf(error: AppError, requestId: string, timestamp: string): z.output<typeof ErrorOut> {
  const { code, message } = ERRORS[error.code]
  const current = error.current === undefined ? {} : { current: error.current }
  return { status: 'error', error: { code, message, details: [...error.details], ...current }, meta: { timestamp, request_id: requestId } }
}

export function problemOf(error: AppError, requestId: string): z.output<typeof ProblemOut> {
  const { status, code, message } = ERRORS[error.code]
  return { type: `urn:quits:error:${error.code}`, title: message, status, code, errors: [...error.details], request_id: requestId }
}

const SECRET_FIELD = /password|token|secret|refresh|code|key/i

/** What came, short enough to be shown and never a secret. */
function shown(field: string, input: unknown): string | undefined {
  if (input === undefined || SECRET_FIELD.test(field)) return undefined
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? typeof input)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

const CODES: Readonly<Record<string, string>> = {
  unrecognized_keys: 'UNKNOWN_FIELD',
  invalid_type: 'INVALID_TYPE',
  invalid_format: 'INVALID_FORMAT',
  too_small: 'TOO_SMALL',
  too_big: 'TOO_LARGE',
}

/** A validation issue as details; one for each unknown field. `whole` is what is wrong where no field of it is. */
export function detailsOf(issue: z.core.$ZodIssue, whole: string): Detail[] {
  const at = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...at, key].join('.'), message: 'There is no such field here', code: 'UNKNOWN_FIELD' }))
  }
  if (issue.code === 'invalid_union') {
    const [first] = issue.errors.filter((issues) => issues.some((i) => i.code !== 'invalid_type')).concat(issue.errors)
    if (first !== undefined && first.length > 0)
      return first.flatMap((inner) => detailsOf({ ...inner, path: [...issue.path, ...inner.path] }, whole))
  }
  const field = at.join('.') || whole
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined
  const got = shown(field, issue.input)
  return [
    {
      field,
      message: isMissing ? 'This field is required' : issue.message,
      code: isMissing ? 'REQUIRED' : (CODES[issue.code] ?? 'INVALID_VALUE'),
      ...(got !== undefined && { got }),
    },
  ]
}

/** Parses with the schema or throws `request.invalid` with everything that is wrong. */
export function parseWith<S extends z.ZodType>(schema: S, input: unknown, whole: 'body' | 'query' = 'body'): z.output<S> {
  const result = schema.safeParse(input, { reportInput: true })
  if (result.success) return result.data
  throw new AppError('request.invalid', result.error.issues.flatMap((issue) => detailsOf(issue, whole)).slice(0, 50))
}

/** Failures that every operation can answer with, whatever it does. */
export const COMMON_FAILURES: readonly ErrorCode[] = [
  'request.malformed',
  'request.invalid',
  'request.version',
  'rate.exceeded',
  'service.busy',
  'internal',
]
