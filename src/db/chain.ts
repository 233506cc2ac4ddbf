// The hash chain over a group's journal. A person's words are kept beside the entry and enter its hash only
// through a salted digest, so that erasing them leaves the chain verifiable.
import { createHash, randomBytes } from 'node:crypto'
import type { Entry } from '../domain/group.ts'

/** Where a group's journal ends: the seq and the hash of its last entry. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

export const START: Head = { seq: 0, hash: '' }

/** An entry as the journal stores it. The hash covers the stored text, byte for byte. */
export interface Sealed {
  readonly seq: number
  readonly commandId: string
  readonly at: number
  readonly type: string
  readonly body: string
  readonly texts: string | null
  readonly salt: string | null
  readonly textDigest: string
  readonly previous: string
  readonly hash: string
}

/** Fields that hold what people wrote or are called; everything else is figures, ids and choices. */
const PERSONAL: ReadonlySet<string> = new Set([
  'name',
  'title',
  'description',
  'vendor',
  'location',
  'tags',
  'text',
  'email',
  'message',
  'notes',
  'reason',
])

const ERASED = '[erased]'

const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex')

/** Takes the personal fields out of a value, in the order in which `fill` puts them back. */
function strip(value: unknown, out: unknown[]): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, out))
  if (typeof value !== 'object' || value === null) return value
  const kept: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue
    if (PERSONAL.has(key)) {
      kept[key] = out.push(field) - 1
    } else {
      kept[key] = strip(field, out)
    }
  }
  return kept
}

function fill(value: unknown, texts: readonly unknown[] | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, texts))
  if (typeof value !== 'object' || value === null) return value
  const filled: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) {
    if (!PERSONAL.has(key)) filled[key] = fill(field, texts)
    else filled[key] = texts === undefined ? (key === 'tags' ? [] : ERASED) : texts[Number(field)]
  }
  return filled
}

export const isPersonal = (field: string): boolean => PERSONAL.has(field)

/** The JSON of an image without its words: what is left to compare of one whose words are erased. */
export const wordless = (json: string): string => JSON.stringify(strip(JSON.parse(json), []))

const hashOf = (entry: Pick<Sealed, 'previous' | 'body' | 'textDigest'>): string => sha256(entry.previous, entry.body, entry.textDigest)

/** Seals the entry behind the one whose hash is `previous` ('' for the first). */
export function seal(entry: Entry, previous: string): Sealed {
  const words: unknown[] = []
  const body = JSON.stringify(strip(entry, words))
  const texts = JSON.stringify(words)
  const salt = randomBytes(16).toString('hex')
  const textDigest = sha256(salt, texts)
  const { seq, commandId, at, type } = entry
  return { seq, commandId, at, type, body, texts, salt, textDigest, previous, hash: hashOf({ previous, body, textDigest }) }
}

/** The entry that was sealed; erased words read as such. */
export function unseal(sealed: Pick<Sealed, 'body' | 'texts'>): Entry {
  const texts = sealed.texts === null ? undefined : (JSON.parse(sealed.texts) as unknown[])
  // The journal holds only what `seal` wrote, which is made of entries.
  return fill(JSON.parse(sealed.body), texts) as Entry
}

/** What is wrong with the seal of an entry that should follow the hash `previous`; undefined when it holds. */
export function sealFault(sealed: Sealed, previous: string): string | undefined {
  if (sealed.previous !== previous) return 'does not name the hash of the entry before it'
  const isErased = sealed.texts === null && sealed.salt === null
  if (!isErased && sha256(sealed.salt ?? '', sealed.texts ?? '') !== sealed.textDigest) return 'has words that do not match their digest'
  if (hashOf(sealed) !== sealed.hash) return 'does not match its hash'
  const { seq, type, at, commandId } = JSON.parse(sealed.body) as Partial<Entry>
  if (seq !== sealed.seq || type !== sealed.type || at !== sealed.at || commandId !== sealed.commandId)
    return 'has columns that do not match its body'
  return undefined
}
