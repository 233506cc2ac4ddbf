// Bodies and queries with something wrong in them, made of right ones: a field dropped, of another type, far too
// long, too deep, or one that does not exist.
import * as fc from 'fast-check'

type Place = readonly (string | number)[]

const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 'x')

const WRONG: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER],
  ...[
    '',
    ' ',
    'x',
    '\u0000',
    '\ud800',
    '\u202e',
    '1e3',
    'NaN',
    '-1',
    '0.001',
    '999999999999999',
    '2026-02-30',
    '0000-01-01',
    '9999-12-31',
    'usr_01jd3k5m7n9pqrstvwxyz01234',
    'EUR',
    'x'.repeat(70_000),
  ],
  ...[
    [],
    [null],
    {},
    { a: 1 },
    nested(15),
    nested(25),
    Array.from({ length: 300 }, () => 'x'),
    Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i])),
  ],
]
const NAMES = ['extra', '__proto__', 'constructor', 'toString', 'id', 'version', '']

const wrong = fc.oneof(fc.constantFrom(...WRONG), fc.jsonValue({ maxDepth: 2 }))

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))]
}

/** The value with what stands at the place changed; `undefined` takes it away. */
function changedAt(value: unknown, place: Place, change: (old: unknown) => unknown): unknown {
  const [key, ...rest] = place
  if (key === undefined) return change(value)
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const inner = changedAt((value as Record<string, unknown>)[key], rest, change)
  // Defined rather than set, so that `__proto__` is a field as it is in JSON.
  Object.defineProperty(copy, key, { value: inner, enumerable: true, configurable: true, writable: true })
  return copy
}

const withField = (old: unknown, name: string, value: unknown): unknown =>
  Array.isArray(old)
    ? [...(old as unknown[]), value]
    : typeof old === 'object' && old !== null
      ? changedAt(old, [name], () => value)
      : value

const change: fc.Arbitrary<(body: unknown) => unknown> = fc
  .tuple(fc.nat(), fc.constantFrom('drop', 'replace', 'replace', 'add', 'repeat'), wrong, fc.constantFrom(...NAMES))
  .map(([n, how, value, name]) => (body) => {
    const places = placesIn(body)
    const place = places[n % places.length] ?? []
    if (how === 'drop') return changedAt(body, place, () => undefined)
    if (how === 'replace') return changedAt(body, place, () => value)
    if (how === 'add') return changedAt(body, place, (old) => withField(old, name, value))
    return changedAt(body, place, (old) => [old, old])
  })

/** The body after one to three such changes, as the text of a request. */
export const mutated = (...bodies: readonly unknown[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...bodies), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([body, changes]) => JSON.stringify(changes.reduce((made, one) => one(made), body)) ?? 'null')

const cursor = fc
  .tuple(wrong, wrong, fc.string())
  .map(([page, after, list]) => btoa(JSON.stringify({ page, after: [after], list }).replaceAll(/[^\u0020-\u007e]/g, '?')))

/** A query of these parameters and perhaps another, with values that may be wrong. */
export const queryOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(...names, 'extra'),
        fc.oneof(
          { weight: 5, arbitrary: wrong.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 2000)) },
          { weight: 1, arbitrary: cursor },
        ),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((pairs) => new URLSearchParams(pairs).toString())
