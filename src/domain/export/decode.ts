// Reads values of JSON as what a document says they are, and tells for each thing that is off where it is, what was
// expected and what came.
import { type Fault, errorAt } from '../import/draft.ts'
import { isLine, isText } from '../written.ts'

/** The value, or `undefined` once a fault says why not. `at` is its place: `expenses[3].amount`. */
export type Decoder<T> = (value: unknown, at: string, faults: Fault[]) => T | undefined

interface Field<T> {
  readonly decode: Decoder<T>
  readonly isOptional: boolean
}

export const required = <T>(decode: Decoder<T>): Field<T> => ({ decode, isOptional: false })
export const optional = <T>(decode: Decoder<T>): Field<T> => ({ decode, isOptional: true })

/** A file that is wrong throughout is told so often and no more. */
const MOST_FAULTS = 100

/** What a value is, for a message: short, and never a stranger's text in full. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length <= 60 ? JSON.stringify(value) : `${value.length} characters: ${JSON.stringify(value.slice(0, 40))}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return value === undefined ? 'nothing' : 'null'
}

function fail(at: string, expected: string, got: unknown, faults: Fault[], code = 'INVALID_VALUE'): undefined {
  if (faults.length < MOST_FAULTS)
    faults.push(errorAt(code, `The document is not valid here: ${at}`, { column: at, expected, got: shown(got) }))
}

/** An object of these fields and no others. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> }): Decoder<T> {
  const known = new Map<string, Field<unknown>>(Object.entries(fields))
  return (value, at, faults) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(at, 'an object', value, faults)
    const given = new Map<string, unknown>(Object.entries(value))
    const before = faults.length
    for (const name of given.keys()) {
      if (!known.has(name)) fail(`${at}.${name.slice(0, 60)}`, `one of ${[...known.keys()].join(', ')}`, name, faults, 'UNKNOWN_FIELD')
    }
    const out: [string, unknown][] = []
    for (const [name, { decode, isOptional }] of known) {
      if (!given.has(name)) {
        if (!isOptional) fail(`${at}.${name}`, 'a value', undefined, faults, 'MISSING_FIELD')
        continue
      }
      out.push([name, decode(given.get(name), `${at}.${name}`, faults)])
    }
    // Every field was decoded by the decoder of its type, or a fault was pushed.
    return faults.length > before ? undefined : (Object.fromEntries(out) as T)
  }
}

export const list =
  <T>(decode: Decoder<T>, most: number, least = 0): Decoder<T[]> =>
  (value, at, faults) => {
    if (!Array.isArray(value)) return fail(at, 'a list', value, faults)
    if (value.length > most || value.length < least) return fail(at, `a list of ${least} to ${most}`, value, faults)
    const out: T[] = []
    for (const [i, one] of value.entries()) {
      const decoded = decode(one, `${at}[${i}]`, faults)
      if (decoded !== undefined) out.push(decoded)
      else if (faults.length >= MOST_FAULTS) return undefined
    }
    return out.length === value.length ? out : undefined
  }

/** Text that the test takes; `expected` says what that is. */
export const textThat =
  <T extends string>(test: (text: string) => boolean, expected: string): Decoder<T> =>
  (value, at, faults) =>
    typeof value === 'string' && test(value) ? (value as T) : fail(at, expected, value, faults)

/** As people count characters: a file that was imported may have titles of so many emojis, which are two units each. */
const isWithin = (text: string, most: number): boolean => text.length <= most || (text.length <= 2 * most && [...text].length <= most)

const written =
  (isFit: (text: string) => boolean, what: string) =>
  (most: number, least = 0): Decoder<string> =>
  (value, at, faults) => {
    const read = typeof value === 'string' ? value.trim() : undefined
    if (read !== undefined && read.length >= least && isWithin(read, most) && isFit(read)) return read
    return fail(at, `${what} of ${least} to ${most} characters, no control characters`, value, faults)
  }

/** Text that somebody wrote, as the API takes it: trimmed, in one line. */
export const line = written(isLine, 'one line')
/** The same, of several lines. */
export const text = written(isText, 'text')

export const oneOf = <T extends string>(values: readonly T[]): Decoder<T> =>
  textThat((value) => values.some((one) => one === value), `one of ${values.join(', ')}`)

export const flag: Decoder<boolean> = (value, at, faults) => (typeof value === 'boolean' ? value : fail(at, 'true or false', value, faults))

/** Where only the exception is said. */
export const onlyTrue: Decoder<true> = (value, at, faults) => (value === true ? value : fail(at, 'true, or no such field', value, faults))

export const whole =
  (most: number): Decoder<number> =>
  (value, at, faults) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
      ? value
      : fail(at, `a whole number from 0 to ${most}`, value, faults)

/** One of several shapes, told apart by a field. */
export const variant =
  <T extends object>(by: string, variants: { readonly [name: string]: Decoder<T> }): Decoder<T> =>
  (value, at, faults) => {
    const name = typeof value === 'object' && value !== null && by in value ? (value as Record<string, unknown>)[by] : undefined
    const decode = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined
    return decode === undefined
      ? fail(`${at}.${by}`, `one of ${Object.keys(variants).join(', ')}`, name, faults)
      : decode(value, at, faults)
  }
