// What a mail has to say about the thing that it is sent for.
import { eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Id } from '../domain/ids.ts'
import type { Db } from './client.ts'
import { groups, invitations, members } from './schema.ts'

/** An invitation with the names that its mail shows, whatever became of it since. */
export function findInvitationMail(db: Db, id: Id<'invitation'>) {
  const inviter = alias(members, 'inviter')
  return db
    .select({
      email: invitations.email,
      message: invitations.message,
      expiresAt: invitations.expiresAt,
      acceptedAt: invitations.acceptedAt,
      revokedAt: invitations.revokedAt,
      group: groups.name,
      inviter: inviter.name,
    })
    .from(invitations)
    .innerJoin(groups, eq(groups.id, invitations.groupId))
    .innerJoin(members, eq(members.id, invitations.memberId))
    .leftJoin(inviter, eq(inviter.id, members.invitedBy))
    .where(eq(invitations.id, id))
    .get()
}

/** What each of the groups is called. */
export async function findGroupNames(d1: D1Database, ids: readonly Id<'group'>[]): Promise<Map<Id<'group'>, string>> {
  if (ids.length === 0) return new Map()
  const { results } = await d1
    .prepare('SELECT id, name FROM groups WHERE id IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(ids))
    .all<{ id: Id<'group'>; name: string }>()
  return new Map(results.map(({ id, name }) => [id, name]))
}
