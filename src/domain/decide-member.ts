// The rules about people: who comes in, as what, and when they may go. A place in the group is never
// deleted, because postings name it; leaving ends it and coming back continues it.
import { reinstateMember } from './decide-import.ts'
import { entryOf, memberOf, refuse, refuseOpenBalance, touched, type Decision, type Moment } from './decision.ts'
import { findMember, isPresent, MAX_MEMBERS, type Entry, type Invitation, type Member, type MemberRef } from './group.ts'
import type { Command, NewMember } from './commands.ts'
import type { Role } from './roles.ts'

export function decideMember(m: Moment, command: Command): Decision | undefined {
  switch (command.type) {
    case 'add_member':
      return addMember(m, command.member)
    case 'invite_member':
      return inviteMember(m, command)
    case 'revoke_invitation':
      return revokeInvitation(m, command.invitation)
    case 'accept_invitation':
      return acceptInvitation(m, command.invitation, command.user)
    case 'join_group':
      return joinGroup(m, command.user, command.inviteCode)
    case 'rename_member':
      return renameMember(m, command)
    case 'change_role':
      return changeRole(m, command.member, command.role)
    case 'remove_member':
      return removeMember(m, command.member)
    case 'reinstate_member':
      return reinstateMember(m, command.member)
    case 'leave_group':
      return leaveGroup(m)
    default:
      return undefined
  }
}

const present = (m: Moment): Member[] => [...m.book.state.members.values()].filter(isPresent)

/** Why nobody can come in just now, whoever they are. */
function refuseEntry(m: Moment): Decision | undefined {
  if (m.info.isPersonal) return refuse('group.personal')
  const count = present(m).length
  if (count >= MAX_MEMBERS) return refuse('group.full', 'members', `The group has ${count} members; ${MAX_MEMBERS} is the most`)
  return undefined
}

const refuseOwner = (): Decision => refuse('request.invalid', 'role', 'An owner is made of a member, by changing their role')

function addMember(m: Moment, newcomer: NewMember): Decision {
  const refused = refuseEntry(m)
  if (refused !== undefined) return refused
  if (newcomer.role === 'owner') return refuseOwner()
  return enter(m, newcomer, m.self?.id, 'member_added')
}

/** The newcomer in their old place if they had one, else in a new one. */
function enter(m: Moment, newcomer: NewMember, invitedBy: Member['id'] | undefined, type: 'member_added' | 'member_joined'): Decision {
  const old = newcomer.userId === undefined ? undefined : findMember(m.book.state, newcomer.userId)
  if (old !== undefined && isPresent(old)) return refuse('member.duplicate')
  if (old === undefined) return entryOf(m, type, { members: [memberOf(newcomer, m.at, invitedBy)] })
  const { endedAt: _, ...place } = old
  return entryOf(m, type, { members: [{ ...place, name: newcomer.name, status: 'active', role: newcomer.role }] })
}

function inviteMember(m: Moment, command: Extract<Command, { type: 'invite_member' }>): Decision {
  const refused = refuseEntry(m)
  if (refused !== undefined) return refused
  const { member, invitation } = command
  if (member.role === 'owner') return refuseOwner()
  if (m.self?.role === 'member' && member.role === 'admin') {
    return refuse('group.forbidden', 'role', 'Only an admin invites an admin')
  }
  const known = present(m).find((other) => other.email === invitation.email)
  if (known?.userId !== undefined) return refuse('member.duplicate')
  const place = known ?? memberOf(member, m.at, m.self?.id)
  const invited: Invitation = { ...invitation, member: place.id, createdAt: m.at }
  return entryOf(m, 'member_invited', { members: [place], invitations: [invited] })
}

function revokeInvitation(m: Moment, invitation: Invitation): Decision {
  if (invitation.acceptedAt !== undefined || invitation.revokedAt !== undefined) return refuse('invitation.expired')
  return entryOf(m, 'invitation_revoked', { invitations: [{ ...invitation, revokedAt: m.at }] })
}

/** Puts the user into the guest's place: the identity moves, no posting does. */
function acceptInvitation(m: Moment, invitation: Invitation, user: NewMember): Decision {
  if (invitation.acceptedAt !== undefined || invitation.revokedAt !== undefined || invitation.expiresAt < m.at) {
    return refuse('invitation.expired')
  }
  const place = m.book.state.members.get(invitation.member)
  if (place === undefined || !isPresent(place)) return refuse('invitation.expired')
  if (place.userId !== undefined || m.self !== undefined) return refuse('member.duplicate')
  const old = user.userId === undefined ? undefined : findMember(m.book.state, user.userId)
  const { id: _, role: __, ...identity } = user
  const accepted = { invitations: [{ ...invitation, acceptedAt: m.at }] }
  if (old !== undefined) return comeBack(m, { ...old, ...identity }, place, accepted)
  const claimed: Member = { ...place, ...identity, status: 'active', joinedAt: m.at }
  return entryOf({ ...m, self: claimed }, 'member_joined', { members: [claimed], ...accepted })
}

/** Somebody who was here before takes their old place again. One person has one place, so the guest's must be unused. */
function comeBack(m: Moment, old: Member, guest: Member, changes: Partial<Entry>): Decision {
  const isUsed = [...m.book.state.balances.values()].some((balance) => balance.member === guest.id)
  if (isUsed)
    return refuse('member.duplicate', 'user', `You had a place in this group before, and ${guest.name} has been charged in the meantime`)
  const { endedAt: _, ...place } = old
  const returned: Member = { ...place, role: guest.role, status: 'active' }
  const members = [returned, { ...guest, status: 'removed' as const, endedAt: m.at }]
  return entryOf({ ...m, self: returned }, 'member_joined', { members, ...changes })
}

function joinGroup(m: Moment, user: NewMember, inviteCode: string): Decision {
  if (m.info.isPrivate || m.info.inviteCode !== inviteCode) return refuse('invitation.not_found')
  if (m.self !== undefined) return refuse('member.duplicate')
  const refused = refuseEntry(m)
  if (refused !== undefined) return refused
  const removed = user.userId === undefined ? undefined : findMember(m.book.state, user.userId)
  if (removed?.status === 'removed') return refuse('invitation.not_found')
  const decision = enter(m, user, undefined, 'member_joined')
  if (!decision.ok) return decision
  const joined = decision.value.members?.[0]
  return joined === undefined ? decision : { ok: true, value: { ...decision.value, member: joined.id } }
}

function renameMember(m: Moment, command: Extract<Command, { type: 'rename_member' }>): Decision {
  const member = findMember(m.book.state, command.userId)
  if (member === undefined) return refuse('member.not_found')
  const { type: _, userId: __, ...identity } = command
  return entryOf(m, 'member_updated', { members: [{ ...member, ...identity }] })
}

const ownersBut = (m: Moment, member: Member): Member[] => present(m).filter((o) => o.role === 'owner' && o.id !== member.id)

function changeRole(m: Moment, ref: MemberRef, role: Role): Decision {
  if (m.info.isPersonal) return refuse('group.personal')
  const member = findMember(m.book.state, ref)
  if (member === undefined || !isPresent(member)) return refuse('member.not_found')
  const touchesOwner = role === 'owner' || member.role === 'owner'
  if (touchesOwner && m.self?.role !== 'owner') return refuse('group.forbidden', 'role', 'Only an owner makes or unmakes an owner')
  if (role === 'owner' && member.userId === undefined) return refuse('request.invalid', 'role', 'A guest cannot own a group')
  if (member.role === 'owner' && role !== 'owner' && ownersBut(m, member).length === 0) return refuse('member.last_owner')
  return entryOf(m, 'member_updated', { members: [{ ...member, role }] })
}

function removeMember(m: Moment, ref: MemberRef): Decision {
  if (m.info.isPersonal) return refuse('group.personal')
  const member = findMember(m.book.state, ref)
  if (member === undefined || !isPresent(member)) return refuse('member.not_found')
  if (member.role === 'owner' && m.self?.role !== 'owner') return refuse('group.forbidden', 'role', 'Only an owner removes an owner')
  if (member.role === 'owner' && ownersBut(m, member).length === 0) return refuse('member.last_owner')
  const open = refuseOpenBalance(m, member)
  if (open !== undefined) return open
  return entryOf(m, 'member_removed', { members: [{ ...member, status: 'removed', endedAt: m.at }] })
}

function leaveGroup(m: Moment): Decision {
  if (m.info.isPersonal) return refuse('group.personal')
  if (m.self === undefined) return refuse('group.not_found')
  const member = m.self
  const open = refuseOpenBalance(m, member)
  if (open !== undefined) return open
  const left: Member = { ...member, status: 'left', endedAt: m.at }
  const others = present(m).filter((o) => o.id !== member.id && o.userId !== undefined)
  if (others.length === 0)
    return entryOf(m, 'member_left', { members: [left], info: touched(m, { archivedAt: m.info.archivedAt ?? m.at }) })
  if (member.role === 'owner' && ownersBut(m, member).length === 0) return refuse('member.last_owner')
  return entryOf(m, 'member_left', { members: [left] })
}
