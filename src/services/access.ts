// The one place that grants access to a group.
import type { Ctx } from '../context.ts'
import { grantAccess, type GroupAccess } from '../domain/access.ts'
import type { Id } from '../domain/ids.ts'
import type { Action } from '../domain/roles.ts'
import type { GroupView } from '../domain/views.ts'
import { getGroup } from './groups.ts'

/** Proof for the system's own work on a group: nobody asked, and nobody is answered. */
export const systemAccess = (groupId: Id<'group'>): GroupAccess => grantAccess(groupId, 'viewer')

/** Proof that the caller may do this in the group, and the group as its object knows it. Throws `group.not_found` to a stranger and `group.forbidden` to a member. */
export async function requireGroup(ctx: Ctx, groupId: Id<'group'>, action: Action): Promise<{ access: GroupAccess; view: GroupView }> {
  const view = await getGroup(ctx, groupId, action)
  return { access: grantAccess(groupId, view.role), view }
}
