// Ids that follow from what a thing is about, so that whoever makes it a second time makes the same one.
import { createHash } from 'node:crypto'
import { idFromUuid, type Entity, type Id } from '../domain/ids.ts'

/** The id of the entity that these words stand for: a UUID of version 8 (RFC 9562) from their SHA-256. */
export function stableId<E extends Entity>(entity: E, ...words: readonly (string | number)[]): Id<E> {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex')
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return idFromUuid(entity, uuid)
}
