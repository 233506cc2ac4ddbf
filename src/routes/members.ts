import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { mapPage, pageOfAll } from '../domain/page.ts'
import type { Member } from '../domain/group.ts'
import { ROLES } from '../domain/roles.ts'
import { LONGEST } from '../domain/written.ts'
import { email, id, instant, instantOut, line, memberRef, text } from '../http/fields.ts'
import { data, list, member, message, nothing, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { fileLink } from '../services/files.ts'
import {
  acceptInvitation,
  addGuest,
  changeMemberRole,
  inviteMember,
  leaveGroup,
  listMembers,
  removeMember,
  revokeInvitation,
} from '../services/groups.ts'
import { EXAMPLE_GROUP, EXAMPLE_IDS } from './examples.ts'
import type { Link } from './attachment-shapes.ts'
import { groupOfOutcome, GroupOut, MemberBalanceOut, MemberOut, memberOut, membersOut } from './group-shapes.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)
const tag = 'Members'
const path = z.object({ group_id: id('group') })
const memberPath = z.object({ group_id: id('group'), member_id: memberRef })
const role = z.enum(ROLES).exclude(['owner'])

/** A member just changed, alone: who invited them is not looked up. */
const one = (ctx: Ctx, changed: Member): z.input<typeof MemberOut> => memberOut(changed, new Map(), linkOf(ctx))

const changeFails = [
  'group.not_found',
  'group.forbidden',
  'group.archived',
  'group.frozen',
  'group.personal',
  'request.key_reused',
] as const

const exampleMember = {
  id: EXAMPLE_IDS.member,
  user: { id: EXAMPLE_IDS.users[0], name: 'John Doe', avatar: null, email: 'john@example.com' },
  is_guest: false,
  role: 'admin',
  status: 'active',
  joined_at: '2024-01-01T00:00:00.000Z',
  invited_by: { id: EXAMPLE_IDS.users[1], name: 'Group Creator' },
}

export const members = [
  operation({
    id: 'listMembers',
    on: 'GET /api/groups/{group_id}/members/',
    summary: 'List the members of a group',
    description: 'Everyone who is in the group now, guests included, with what they paid and owe.',
    tag,
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path,
    query: z.strictObject(pageFields),
    reply: list(MemberBalanceOut),
    fails: ['group.not_found'],
    example: { reply: [{ ...exampleMember, balance: '45.67', total_paid: '1234.56', total_owed: '1188.89', other_currencies: [] }] },
    run: async (ctx, { path: p, query }) =>
      mapPage(pageOfAll(membersOut(await listMembers(ctx, p.group_id), linkOf(ctx)), pageRequest(query)), (m) => m),
  }),
  operation({
    id: 'addGuest',
    on: 'POST /api/groups/{group_id}/members/',
    summary: 'Add a guest by name',
    description: 'A guest is a member without an account: they can be charged and pay. With an address, invite them instead.',
    tag,
    access: member('member.add', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    body: z
      .strictObject({ name: line(LONGEST.guestName, 1).meta({ example: 'Grandma' }), role: role.default('member') })
      .meta({ id: 'AddGuest' }),
    reply: data(201, MemberOut),
    fails: [...changeFails, 'group.full'],
    example: { body: { name: 'Grandma' }, reply: { ...exampleMember, is_guest: true, role: 'member' } },
    run: async (ctx, { path: p, body }) => one(ctx, await addGuest(ctx, p.group_id, body)),
  }),
  operation({
    id: 'inviteMember',
    on: 'POST /api/groups/{group_id}/invite/',
    summary: 'Invite someone by email',
    description:
      'Sends an invitation that is good for seven days. Until it is accepted the person is a guest of the group and can be charged. Inviting again sends a new one.',
    tag,
    access: member('member.invite', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    body: z
      .strictObject({ email, message: text(1000).default(''), name: line(LONGEST.guestName, 1).optional(), role: role.default('member') })
      .meta({ id: 'InviteMember' }),
    reply: data(
      201,
      z.object({ invitation_id: z.string(), email: z.string(), member_id: z.string(), expires_at: instantOut }).meta({ id: 'Invitation' }),
    ),
    fails: [...changeFails, 'member.duplicate', 'group.full'],
    example: {
      body: { email: 'newmember@example.com', message: 'Join our apartment expense group!' },
      reply: {
        invitation_id: 'inv_01hm4z9v8yf1a2b3c4d5e6f7g8',
        email: 'newmember@example.com',
        member_id: EXAMPLE_IDS.member,
        expires_at: '2024-01-22T10:30:00.000Z',
      },
    },
    run: async (ctx, { path: p, body }) => {
      const { name, ...rest } = body
      const invitation = await inviteMember(ctx, p.group_id, name === undefined ? rest : { ...rest, name })
      return {
        invitation_id: invitation.id,
        email: invitation.email,
        member_id: invitation.member,
        expires_at: instant(invitation.expiresAt),
      }
    },
  }),
  operation({
    id: 'revokeInvitation',
    on: 'DELETE /api/groups/{group_id}/invitations/{invitation_id}/',
    summary: 'Withdraw an invitation',
    description: 'Its link stops working. The guest stays until removed.',
    tag,
    access: member('member.invite', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path: z.object({ group_id: id('group'), invitation_id: id('invitation') }),
    reply: nothing,
    fails: [...changeFails, 'invitation.not_found', 'invitation.expired'],
    example: {},
    run: (ctx, { path: p }) => revokeInvitation(ctx, p.group_id, p.invitation_id),
  }),
  operation({
    id: 'acceptInvitation',
    on: 'POST /api/invitations/{token}/accept/',
    summary: 'Accept an invitation',
    description: 'You take the place that the invitation kept, with all that was charged to it.',
    tag,
    access: user('groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path: z.object({
      token: z
        .string()
        .regex(/^[\w-]{20,100}$/)
        .meta({ description: 'The token from the mail', example: 'q3Jt0Vb8yLw5Zr1Xc7Nn2Mk9Ph4Gf6Ds0Aa8Qe1Wu3I' }),
    }),
    reply: data(200, GroupOut),
    fails: ['invitation.not_found', 'invitation.expired', 'member.duplicate', 'group.archived', 'group.frozen', 'request.key_reused'],
    example: { reply: EXAMPLE_GROUP },
    run: async (ctx, { path: p }) => groupOfOutcome(await acceptInvitation(ctx, p.token), linkOf(ctx)),
  }),
  operation({
    id: 'changeMemberRole',
    on: 'PATCH /api/groups/{group_id}/members/{member_id}/',
    summary: "Change a member's role",
    description: 'Roles are owner > admin > member > viewer. Only an owner makes or unmakes an owner, and one always stays.',
    tag,
    access: member('member.change', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path: memberPath,
    body: z.strictObject({ role: z.enum(ROLES) }).meta({ id: 'ChangeRole' }),
    reply: data(200, MemberOut),
    fails: [...changeFails, 'member.not_found', 'member.last_owner'],
    example: { body: { role: 'admin' }, reply: exampleMember },
    run: async (ctx, { path: p, body }) => one(ctx, await changeMemberRole(ctx, p.group_id, p.member_id, body.role)),
  }),
  operation({
    id: 'removeMember',
    on: 'DELETE /api/groups/{group_id}/members/{member_id}/',
    summary: 'Remove a member',
    description: 'Only when their balance is zero; the answer says how much is open otherwise. Their expenses stay.',
    tag,
    access: member('member.remove', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path: memberPath,
    reply: nothing,
    fails: [...changeFails, 'member.not_found', 'member.last_owner', 'member.balance_open'],
    example: {},
    run: (ctx, { path: p }) => removeMember(ctx, p.group_id, p.member_id),
  }),
  operation({
    id: 'leaveGroup',
    on: 'POST /api/groups/{group_id}/leave/',
    summary: 'Leave a group',
    description:
      'Only when your balance is zero; the answer says how much is open otherwise. The last person with an account who leaves archives the group.',
    tag,
    access: member('member.leave', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    reply: message('Successfully left the group'),
    fails: ['group.not_found', 'group.personal', 'group.frozen', 'member.last_owner', 'member.balance_open', 'request.key_reused'],
    example: {},
    run: (ctx, { path: p }) => leaveGroup(ctx, p.group_id),
  }),
]
