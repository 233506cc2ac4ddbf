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
