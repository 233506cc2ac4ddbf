// The rows' zod schemas as JSON Schema 2020-12, which is what OpenAPI 3.1 takes. Schemas with an id become
// components. Whatever a schema leaves open is bounded here, once, by what no request or reply can exceed.
import { z } from 'zod'

export type Json = Readonly<Record<string, unknown>>
type Open = Record<string, unknown>

/** What fits into a body at all, and how long the text of a format can be. */
const MAX_TEXT = 65_536
const MAX_BY_FORMAT: Readonly<Record<string, number>> = { date: 10, 'date-time': 40, email: 254, uri: 4096, uuid: 36 }
const MAX_ITEMS = 10_000
const [INT32_MAX, INT53_MAX] = [2 ** 31 - 1, Number.MAX_SAFE_INTEGER]

const isRecord = (value: unknown): value is Open => typeof value === 'object' && value !== null && !Array.isArray(value)

const PIECES = /\\.|\[(?:\\.|[^\]])*\]|\(\?:|\(\?|[()|]|\{\d+(?:,\d*)?\}|[*+?]|./gs

/** How often the piece before may stand, at most; 1 where the piece is no quantifier. */
function mostOf(piece: string | undefined): number {
  if (piece === '*' || piece === '+') return Infinity
  const [, least, most = least] = /^\{(\d+)(?:,(\d*))?\}$/.exec(piece ?? '') ?? []
  return most === undefined ? 1 : most === '' ? Infinity : Number(most)
}

/** The most characters that a pattern lets through, such as 30 for `^(usr|mem)_[0-7][a-z]{25}$`; undefined where it sets no bound. */
function lengthOfPattern(pattern: unknown): number | undefined {
  if (typeof pattern !== 'string' || !/^\^.*\$$/s.test(pattern)) return undefined
  const pieces = pattern.slice(1, -1).match(PIECES) ?? []
  let at = 0
  const sequence = (): number => {
    let length = 0
    for (let piece = pieces[at]; piece !== undefined && piece !== ')' && piece !== '|'; piece = pieces[at]) {
      at++
      // What looks ahead or behind is not worked out.
      const one = piece === '(?' ? Infinity : piece === '(' || piece === '(?:' ? alternatives() : 1
      const most = mostOf(pieces[at])
      if (/^([*+?]|\{.*\})$/.test(pieces[at] ?? '')) at++
      length += one * most
    }
    return length
  }
  const alternatives = (): number => {
    let longest = sequence()
    while (pieces[at] === '|') {
      at++
      longest = Math.max(longest, sequence())
    }
    at++
    return longest
  }
  const length = sequence()
  return at === pieces.length && Number.isFinite(length) ? length : undefined
}

function boundText(schema: Open): void {
  if ('enum' in schema || 'const' in schema) return
  schema['maxLength'] ??= MAX_BY_FORMAT[String(schema['format'])] ?? lengthOfPattern(schema['pattern']) ?? MAX_TEXT
  // Free text has no form to check; the format says that this is meant so.
  if (!('pattern' in schema)) schema['format'] ??= 'text'
}

function boundInteger(schema: Open): void {
  schema['minimum'] ??= schema['exclusiveMinimum'] === undefined ? -INT53_MAX : Number(schema['exclusiveMinimum']) + 1
  schema['maximum'] ??= INT53_MAX
  delete schema['exclusiveMinimum']
  const isShort = Number(schema['maximum']) <= INT32_MAX && Number(schema['minimum']) >= -INT32_MAX - 1
  schema['format'] ??= isShort ? 'int32' : 'int64'
}

function boundObject(schema: Open): void {
  schema['additionalProperties'] ??= false
  if (schema['additionalProperties'] !== false) schema['maxProperties'] ??= MAX_ITEMS
}

/** Bounds one schema, and turns the words of zod's metadata into those of JSON Schema. */
function bound(schema: Open): void {
  if ('example' in schema) schema['examples'] ??= [schema['example']]
  for (const word of ['example', 'id', '~standard']) delete schema[word]
  if (schema['type'] === 'string') boundText(schema)
  if (schema['type'] === 'integer') boundInteger(schema)
  if (schema['type'] === 'array') schema['maxItems'] ??= MAX_ITEMS
  if (schema['type'] === 'object') boundObject(schema)
}

/** The value with every reference to a definition turned into one to a component. */
function pointed(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => pointed(item, suffix))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [key, `${inner.replace('#/$defs/', '#/components/schemas/')}${suffix}`]
      : [key, pointed(inner, suffix)],
  )
  return Object.fromEntries(entries) as unknown
}

/** Turns schemas into JSON Schema and collects the named ones. */
export interface SchemaBook {
  /** What is taken (`input`) or given (`output`). */
  readonly schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json
  readonly components: Json
}

export function schemaBook(): SchemaBook {
  const components: Record<string, Json> = {}
  const isOther = (name: string, definition: Json): boolean =>
    name in components && JSON.stringify(components[name]) !== JSON.stringify(definition)
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const converted = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => bound(jsonSchema as Open),
    }) as Open
    const { $schema: _, $defs, ...root } = converted
    const definitions = Object.entries(isRecord($defs) ? $defs : {}) as [string, Json][]
    // A schema that is taken in another form than it is given has two names.
    const clashes = definitions.some(([name, definition]) => isOther(name, pointed(definition, '') as Json))
    const suffix = clashes ? (io === 'input' ? 'Input' : 'Output') : ''
    for (const [name, definition] of definitions) components[`${name}${suffix}`] = pointed(definition, suffix) as Json
    return pointed(root, suffix) as Json
  }
  return { schemaOf, components }
}
