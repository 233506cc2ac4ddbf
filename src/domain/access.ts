// Proof that the caller may act in a group. Queries on a group's past ask for it and not for an id, so that
// forgetting to ask does not compile.
import type { Id } from './ids.ts'
import type { Role } from './roles.ts'

declare const proof: unique symbol

export interface GroupAccess {
  readonly groupId: Id<'group'>
  readonly role: Role
  readonly [proof]: true
}

/** Called by `services/access.ts` alone; the tidy test sees to it. */
export const grantAccess = (groupId: Id<'group'>, role: Role): GroupAccess => ({ groupId, role }) as GroupAccess
