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
  request: 'req',
} as const

export type Entity = keyof typeof PREFIX
export type Id<E extends Entity> = `${(typeof PREFIX)[E]}_${string}`

/** Makes a new id of the entity; ids made later sort later. */
export const newId = <E extends Entity>(entity: E): Id<E> => typeidUnboxed(PREFIX[entity]) as unknown as Id<E>

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Whether the text has the prefix and the 26 characters of an id of this entity. */
export const isId = <E extends Entity>(entity: E, text: unknown): text is Id<E> =>
  typeof text === 'string' && text.startsWith(`${PREFIX[entity]}_`) && SUFFIX.test(text.slice(PREFIX[entity].length + 1))
