// Ids are TypeIDs: a prefix that is part of the type, and a UUIDv7 that sorts by time of birth.
// Passing a user id where an expense id is wanted does not compile, and a stray id explains itself.
import { typeidUnboxed } from 'typeid-js'

export const PREFIX = {
  user: 'usr',
  group: 'grp',
  member: 'mem',
  expense: 'exp',
  share: 'shr',
  comment: 'cmt',
  category: 'cat',
  invitation: 'inv',
  session: 'ses',
  apiKey: 'key',
  command: 'cmd',
  outbox: 'out',
  mail: 'eml',
  attachment: 'att',
  proof: 'prf',
  login: 'lgn',
  webhook: 'wh',
  delivery: 'dlv',
  notification: 'ntf',
  job: 'job',
  settlement: 'stl',
  plan: 'pln',
  payment: 'pay',
  paymentMethod: 'pm',
  receipt: 'rec',
  claimLink: 'clk',
  report: 'rpt',
  export: 'xpt',
  import: 'imp',
  schedule: 'sch',
} as const

export type Entity = keyof typeof PREFIX
export type Id<E extends Entity> = `${(typeof PREFIX)[E]}_${string}`

/** Makes a new id of the entity; ids made later sort later. */
export const newId = <E extends Entity>(entity: E): Id<E> => typeidUnboxed(PREFIX[entity]) as unknown as Id<E>

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Whether the text has the prefix and the 26 characters of an id of this entity. */
export const isId = <E extends Entity>(entity: E, text: unknown): text is Id<E> =>
  typeof text === 'string' && text.startsWith(`${PREFIX[entity]}_`) && SUFFIX.test(text.slice(PREFIX[entity].length + 1))

// Crockford's alphabet, in which a TypeID writes the 128 bits of its UUID. The package's own conversion refuses
// UUIDs without a version, which those of the system's categories are.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** The UUID that the id carries, for surfaces that know no prefixes. */
export function uuidOf(id: Id<Entity>): string {
  const bits = [...id.slice(-26)].reduce((sum, char) => sum * 32n + BigInt(ALPHABET.indexOf(char)), 0n)
  return bits
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The id of the entity that carries this UUID, which must be 32 hexadecimal digits in five groups. */
export function idFromUuid<E extends Entity>(entity: E, uuid: string): Id<E> {
  const bits = BigInt(`0x${uuid.replaceAll('-', '')}`)
  const suffix = Array.from({ length: 26 }, (_, i) => ALPHABET[Number((bits >> BigInt(5 * (25 - i))) & 31n)])
  return `${PREFIX[entity]}_${suffix.join('')}` as Id<E>
}

/** The id of another entity that is so many further than this one: what one id was given for may need several. */
export function idAfter<E extends Entity>(entity: E, id: Id<Entity>, steps: number): Id<E> {
  const bits = (BigInt(`0x${uuidOf(id).replaceAll('-', '')}`) + BigInt(steps)) & ((1n << 128n) - 1n)
  return idFromUuid(entity, bits.toString(16).padStart(32, '0'))
}
