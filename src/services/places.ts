// A user's places in groups: kept in step with the profile, and claimed by the address that was invited.
import type { Surroundings } from '../context.ts'
import { listOpenInvitations, findInvitation, type FoundInvitation } from '../db/invitations.ts'
import { findPerson, listGroupIds, type UserIdentity } from '../db/people.ts'
import { AppError, type ErrorCode } from '../domain/errors.ts'
import type { Command } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import { digest } from '../platform/keys.ts'
import type { ExecuteResult } from '../group/sequencer.ts'
import { execute } from './command.ts'

const run = (job: Surroundings, groupId: Id<'group'>, actor: Id<'user'> | undefined, command: Command): Promise<ExecuteResult> =>
  execute(job, groupId, { order: { commandId: newId('command'), command, ...(actor && { actor }) } })

/** Throws what the group refused, unless it is one of the refusals that mean it was done before. */
function expectDone(result: ExecuteResult, isDone: readonly ErrorCode[]): void {
  if (!result.ok && !isDone.includes(result.error.code)) throw AppError.from(result.error)
}

/** Tells every group of the user their present name, address and avatar. Safe to repeat. */
export async function announceProfile(job: Surroundings, userId: Id<'user'>): Promise<void> {
  const person = await findPerson(job.db, userId)
  if (person === undefined) return
  for (const groupId of await listGroupIds(job.db, userId)) {
    expectDone(await run(job, groupId, undefined, { type: 'rename_member', ...person }), ['member.not_found'])
  }
}

async function claim(job: Surroundings, person: UserIdentity, { groupId, invitation }: FoundInvitation): Promise<void> {
  const user = { id: newId('member'), role: 'member', ...person } as const
  const result = await run(job, groupId, person.userId, { type: 'accept_invitation', invitation, user })
  expectDone(result, ['invitation.expired', 'member.duplicate', 'group.archived'])
}

/** Puts the user into every guest's place that was invited by their verified address. Safe to repeat. */
export async function claimPlaces(job: Surroundings, userId: Id<'user'>): Promise<void> {
  const person = await findPerson(job.db, userId)
  if (person === undefined) return
  for (const found of await listOpenInvitations(job.db, person.email, job.now)) await claim(job, person, found)
}

/** Takes the one place whose invitation token a new user brought along; an unknown or used token is no error. */
export async function claimByToken(job: Surroundings, userId: Id<'user'>, token: string): Promise<void> {
  const [person, found] = await Promise.all([findPerson(job.db, userId), findInvitation(job.db, { tokenHash: digest(token) })])
  if (person !== undefined && found !== undefined) await claim(job, person, found)
}
