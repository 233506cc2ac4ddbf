// Groups and the people in them. Changes are commands; the figures of one group come from its object's memory,
// those of many from D1.
import { signedIn, type Ctx } from '../context.ts'
import { findGroupByInviteCode, listGroups as selectGroups, listMyBalances } from '../db/groups.ts'
import { findInvitation } from '../db/invitations.ts'
import { findPeopleByEmail, findPerson } from '../db/people.ts'
import type { Effect } from '../db/outbox.ts'
import type { Currency } from '../domain/currency.ts'
import { AppError, type Failure } from '../domain/errors.ts'
import type { GroupFilter, GroupLine, MyBalance } from '../domain/group-lines.ts'
import type { GroupSettings, GroupType, Invitation, Member, MemberRef } from '../domain/group.ts'
import type { Command, GroupFields, NewInvitation, NewMember } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import { newInviteCode } from '../platform/invite-codes.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Result } from '../domain/result.ts'
import type { Action, Role } from '../domain/roles.ts'
import type { PlanView } from '../domain/settlement-view.ts'
import { DAY } from '../domain/time.ts'
import type { BalancesView, DebtsView, GroupView, MembersView, PrintedBalances } from '../domain/views.ts'
import { digest, tokenFor } from '../platform/keys.ts'
import { runCommand, valueOf } from './command.ts'
import { KeptReadings } from './kept.ts'

export interface CreateGroup {
  readonly name: string
  readonly description: string
  readonly type: GroupType
  readonly currency: Currency
  readonly isPrivate: boolean
  readonly settings: GroupSettings
  /** E-mail addresses: people with an account are members at once, others become guests and get an invitation. */
  readonly initialMembers: readonly string[]
}

const INVITATION_LIFE_MS = 7 * DAY

/** The caller as a member of the role. */
async function self(ctx: Ctx, role: Role): Promise<NewMember> {
  const person = await findPerson(ctx.db, signedIn(ctx).userId)
  if (person === undefined) throw new AppError('auth.invalid_token')
  return { id: newId('member'), role, ...person }
}

/** An invitation by mail. Its token is derived from its id, so what is stored is no key. */
function newInvitation(ctx: Ctx, email: string, message: string): NewInvitation {
  const id = newId('invitation')
  return { id, email, message, tokenHash: digest(tokenFor(ctx.env.SECRET, 'invitation', id)), expiresAt: ctx.now + INVITATION_LIFE_MS }
}

/** The part of an address before the @, which is what a guest is called until they say otherwise. */
const nameFromEmail = (email: string): string => email.split('@')[0] ?? email

const invitationMail = (invitation: { readonly id: Id<'invitation'> }): Effect => ({ kind: 'mail_invitation', invitationId: invitation.id })

export async function createGroup(ctx: Ctx, input: CreateGroup): Promise<Outcome> {
  const owner = await self(ctx, 'owner')
  const emails = [...new Set(input.initialMembers)].filter((email) => email !== owner.email)
  const known = await findPeopleByEmail(ctx.db, emails)
  const users: NewMember[] = known.map((person) => ({ id: newId('member'), role: 'member', ...person }))
  const strangers = emails.filter((email) => !known.some((person) => person.email === email))
  const guests: NewMember[] = strangers.map((email) => ({ id: newId('member'), name: nameFromEmail(email), email, role: 'member' }))
  const invitations = strangers.map((email) => newInvitation(ctx, email, ''))
  const { initialMembers: _, ...given } = input
  const info = { id: newId('group'), ...given, isPersonal: false, inviteCode: newInviteCode(input.name) }
  const command: Command = { type: 'create_group', info, members: [owner, ...users, ...guests], invitations }
  return runCommand(ctx, info.id, command, invitations.map(invitationMail))
}

export const updateGroup = (ctx: Ctx, id: Id<'group'>, fields: GroupFields): Promise<Outcome> =>
  runCommand(ctx, id, { type: 'update_group', fields })
export const archiveGroup = (ctx: Ctx, id: Id<'group'>): Promise<Outcome> => runCommand(ctx, id, { type: 'archive_group' })
export const unarchiveGroup = (ctx: Ctx, id: Id<'group'>): Promise<Outcome> => runCommand(ctx, id, { type: 'unarchive_group' })

export const listGroups = (ctx: Ctx, filter: GroupFilter, page: PageRequest): Promise<Page<GroupLine>> =>
  selectGroups(ctx.db.$client, signedIn(ctx).userId, filter, page)

export const listBalances = (ctx: Ctx): Promise<MyBalance[]> => listMyBalances(ctx.db.$client, signedIn(ctx).userId)

/** What RPC gives back is plain data; its types claim that each field might hold a stub. */
const plain = <T>(reply: unknown): T => valueOf(reply as Result<T, Failure>)

const stub = (ctx: Ctx, id: Id<'group'>) => ctx.env.GROUP.getByName(id)

export const getGroup = async (ctx: Ctx, id: Id<'group'>, action: Action = 'group.read'): Promise<GroupView> =>
  plain(await stub(ctx, id).group(signedIn(ctx).userId, action))
export const listMembers = async (ctx: Ctx, id: Id<'group'>): Promise<MembersView> =>
  plain(await stub(ctx, id).members(signedIn(ctx).userId, 'group.read'))
/** The balances with what members owe each other before any simplifying. */
export const getDebts = async (ctx: Ctx, id: Id<'group'>): Promise<DebtsView> =>
  plain(await stub(ctx, id).debts(signedIn(ctx).userId, 'group.read'))

/** Balances that this isolate has read; whether the caller may see them is asked each time. */
const balances = new KeptReadings<BalancesView, string>(1_000_000)

/** The balances and the plan that clears them; the same object until something in the group changes. */
export async function getBalances(ctx: Ctx, id: Id<'group'>): Promise<BalancesView> {
  const view = await balances.read(id, async (print) => {
    const found = plain<PrintedBalances | 'unchanged'>(await stub(ctx, id).balancesUnless(print, signedIn(ctx).userId, 'group.read'))
    return found === 'unchanged' ? found : { ...found, size: JSON.stringify(found.value).length }
  })
  if (view === undefined) throw new AppError('group.not_found')
  return view
}

/** The plan that was pinned last, if there is one. */
export const readPlan = async (ctx: Ctx, id: Id<'group'>): Promise<PlanView | undefined> =>
  plain(await (stub(ctx, id).plan(signedIn(ctx).userId, 'group.read') as unknown as Promise<unknown>))

export interface InviteMember {
  readonly email: string
  readonly message: string
  readonly name?: string
  readonly role: Role
}

export async function inviteMember(ctx: Ctx, id: Id<'group'>, input: InviteMember): Promise<Invitation> {
  const invitation = newInvitation(ctx, input.email, input.message)
  const member: NewMember = { id: newId('member'), name: input.name ?? nameFromEmail(input.email), email: input.email, role: input.role }
  const outcome = await runCommand(ctx, id, { type: 'invite_member', member, invitation }, [invitationMail(invitation)])
  const [written] = outcome.entry.invitations ?? []
  if (written === undefined) throw new Error('an invitation is answered with the invitation')
  return written
}

/** Puts a guest by name into the group; with an address they are invited to take the place over. */
export async function addGuest(ctx: Ctx, id: Id<'group'>, input: { readonly name: string; readonly role: Role }): Promise<Member> {
  const outcome = await runCommand(ctx, id, { type: 'add_member', member: { id: newId('member'), ...input } })
  return changedMember(outcome)
}

function changedMember(outcome: Outcome): Member {
  const [member] = outcome.entry.members ?? []
  if (member === undefined) throw new Error(`${outcome.entry.type} is answered with the member`)
  return member
}

/** Takes the place in the group that the token was mailed for. The token is the permission. */
export async function acceptInvitation(ctx: Ctx, token: string): Promise<Outcome> {
  const found = await findInvitation(ctx.db, { tokenHash: digest(token) })
  if (found === undefined) throw new AppError('invitation.not_found')
  const user = await self(ctx, 'member')
  return runCommand(ctx, found.groupId, { type: 'accept_invitation', invitation: found.invitation, user })
}

export async function revokeInvitation(ctx: Ctx, groupId: Id<'group'>, id: Id<'invitation'>): Promise<void> {
  const found = await findInvitation(ctx.db, { id })
  if (found === undefined || found.groupId !== groupId) {
    await getGroup(ctx, groupId)
    throw new AppError('invitation.not_found')
  }
  await runCommand(ctx, groupId, { type: 'revoke_invitation', member: found.invitation.member, invitation: found.invitation })
}

export async function joinGroup(ctx: Ctx, inviteCode: string): Promise<Outcome> {
  const groupId = await findGroupByInviteCode(ctx.db.$client, inviteCode)
  if (groupId === undefined) throw new AppError('invitation.not_found')
  return runCommand(ctx, groupId, { type: 'join_group', user: await self(ctx, 'member'), inviteCode })
}

export const changeMemberRole = async (ctx: Ctx, id: Id<'group'>, member: MemberRef, role: Role): Promise<Member> =>
  changedMember(await runCommand(ctx, id, { type: 'change_role', member, role }))

export async function removeMember(ctx: Ctx, id: Id<'group'>, member: MemberRef): Promise<void> {
  await runCommand(ctx, id, { type: 'remove_member', member })
}

export async function leaveGroup(ctx: Ctx, id: Id<'group'>): Promise<void> {
  await runCommand(ctx, id, { type: 'leave_group' })
}
