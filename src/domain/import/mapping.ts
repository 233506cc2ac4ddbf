// What the commands of a draft are made with: who its people are in the group, and what the group takes from whoever
// imports. A preview asks it before the group or its guests are there.
import type { GroupInfo, MemberRef } from '../group.ts'
import type { Id } from '../ids.ts'
import { allows, type Role } from '../roles.ts'
import type { Mapping } from './commands.ts'
import type { ImportDraft, PersonRef } from './draft.ts'
import type { MappedPerson, PresentMember } from './preview.ts'

/** In whose name the user may say things: their own, and as an admin that of guests, present or to come. */
export function voicesOf(members: readonly PresentMember[], role: Role, user: Id<'user'>): (member: MemberRef) => boolean {
  const users = new Set<string>(members.flatMap(({ id, userId }) => (userId === undefined ? [] : [id, userId])))
  const own = new Set<string>([user, ...members.flatMap(({ id, userId }) => (userId === user ? [id] : []))])
  return (member) => own.has(member) || (!users.has(member) && allows(role, 'member.change'))
}

/** The member whom the person is to be, a name that no member has standing for one who is still to be made. */
export function memberFor({ person, choice }: MappedPerson, user: Id<'user'>): MemberRef {
  if ('name' in choice) return `new ${person.ref}`
  return choice.member === 'me' ? user : choice.member
}

interface Given {
  readonly draft: Pick<ImportDraft, 'people' | 'group'>
  readonly people: ReadonlyMap<PersonRef, MemberRef>
  readonly info: Pick<GroupInfo, 'currency' | 'settings'>
  readonly isNewGroup: boolean
  readonly speaksFor: (member: MemberRef) => boolean
  readonly ids: Mapping['ids']
  readonly categories?: ReadonlyMap<string, Id<'category'>>
}

export function mappingOf({ draft, people, info, isNewGroup, speaksFor, ids, categories }: Given): Mapping {
  const names = new Map(draft.people.map(({ ref, name }) => [ref, name]))
  return {
    people,
    ids,
    ...(categories && { categories }),
    canSettle: ({ from, to, currency }) =>
      (info.settings.currencies === 'separate' || currency === info.currency) && (speaksFor(from) || speaksFor(to)),
    canSpeakFor: speaksFor,
    nameOf: (person) => names.get(person) ?? person,
    takesVoid: isNewGroup,
    keepsRates: info.currency === draft.group?.currency,
  }
}
