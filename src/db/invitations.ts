// Invitations into groups, found by what only the invited or a member can know.
import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Invitation } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db } from './client.ts'
import { invitations } from './schema.ts'

export interface FoundInvitation {
  readonly groupId: Id<'group'>
  readonly invitation: Invitation
}

const foundOf = (row: typeof invitations.$inferSelect): FoundInvitation => ({
  groupId: row.groupId,
  invitation: {
    id: row.id,
    member: row.memberId,
    email: row.email,
    message: row.message,
    tokenHash: row.tokenHash,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    ...(row.acceptedAt !== null && { acceptedAt: row.acceptedAt }),
    ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
  },
})

export async function findInvitation(
  db: Db,
  by: { readonly tokenHash: string } | { readonly id: Id<'invitation'> },
): Promise<FoundInvitation | undefined> {
  const row = await db
    .select()
    .from(invitations)
    .where('id' in by ? eq(invitations.id, by.id) : eq(invitations.tokenHash, by.tokenHash))
    .get()
  return row === undefined ? undefined : foundOf(row)
}

/** The invitations to this address that can still be accepted. */
export async function listOpenInvitations(db: Db, email: string, now: Timestamp): Promise<FoundInvitation[]> {
  const rows = await db
    .select()
    .from(invitations)
    .where(and(eq(invitations.email, email), isNull(invitations.acceptedAt), isNull(invitations.revokedAt), gt(invitations.expiresAt, now)))
    .limit(100)
  return rows.map(foundOf)
}
