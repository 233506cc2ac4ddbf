// Claims: the lines of an itemised expense, taken by those who had them - members, and guests by a link.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { LONGEST } from '../domain/written.ts'
import { id, line, memberRef } from '../http/fields.ts'
import { anyone, data, member, nothing, operation } from '../http/operation.ts'
import { claimAsGuest, createClaimLink, getGuestClaims, joinClaims, listClaimLinks, revokeClaimLink } from '../services/claim-links.ts'
import { claimLine, closeClaims, getClaims, openClaims } from '../services/claims.ts'
import { askedPart, checkPart, ClaimLinkOut, claimLinkOut, ClaimsOut, claimsOut, partFields } from './claim-shapes.ts'
import { EXAMPLE_CLAIM_LINK, EXAMPLE_CLAIMS, EXAMPLE_GUEST } from './examples-receipts.ts'

const tag = 'Claims'
const path = z.object({ expense_id: id('expense') })
const number = z.coerce.number().int().min(0).max(999)
const token = z.string().min(20).max(100)
const read = member('expense.read', 'expenses:read')
const write = member('expense.update', 'expenses:write')
const fails = [
  'expense.not_found',
  'group.forbidden',
  'group.archived',
  'group.frozen',
  'expense.deleted',
  'claim.closed',
  'claim.invalid',
  'member.inactive',
  'request.stale',
  'request.key_reused',
] as const
const guestFails = ['claim_link.not_found', 'claim.closed', 'group.archived', 'group.frozen'] as const

const current = async (ctx: Ctx, input: { readonly path: { readonly expense_id: z.output<typeof path>['expense_id'] } }) =>
  claimsOut(await getClaims(ctx, input.path.expense_id))

const ClaimIn = z.strictObject({
  ...partFields,
  member_id: memberRef.optional().meta({ description: 'For whom; the caller when absent', example: EXAMPLE_GUEST.member_id }),
})

export const claims = [
  operation({
    id: 'getClaims',
    on: 'GET /api/expenses/{expense_id}/claims/',
    summary: 'Get the claims on an expense',
    description: 'Who has claimed what of its lines, what is left, and what that comes to for everyone.',
    tag,
    access: read,
    limit: 'read',
    path,
    reply: data(200, ClaimsOut),
    fails: ['expense.not_found', 'claim.closed'],
    example: { reply: EXAMPLE_CLAIMS },
    run: async (ctx, { path: p }) => claimsOut(await getClaims(ctx, p.expense_id)),
  }),
  operation({
    id: 'openClaims',
    on: 'POST /api/expenses/{expense_id}/claims/open/',
    summary: 'Open the lines of an expense to claims',
    description:
      'From then on the split follows from what is claimed: each line by its portions, tax, tip and discount pro rata. What nobody claims is borne by bearer_id, or by whoever paid. Opening it the first time begins with nothing claimed; after closing, with what was claimed.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    body: z.strictObject({ bearer_id: memberRef.optional() }).meta({ id: 'OpenClaims' }),
    reply: data(200, ClaimsOut),
    fails,
    example: { body: {}, reply: EXAMPLE_CLAIMS },
    run: async (ctx, { path: p, body }) => claimsOut(await openClaims(ctx, p.expense_id, body.bearer_id)),
  }),
  operation({
    id: 'closeClaims',
    on: 'POST /api/expenses/{expense_id}/claims/close/',
    summary: 'End the claiming',
    description: 'What was claimed stands, and is no longer changed by claims.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    reply: data(200, ClaimsOut),
    fails,
    example: { reply: { ...EXAMPLE_CLAIMS, is_open: false } },
    run: async (ctx, { path: p }) => claimsOut(await closeClaims(ctx, p.expense_id)),
  }),
  operation({
    id: 'claimLine',
    on: 'PUT /api/expenses/{expense_id}/claims/lines/{line}/',
    summary: 'Claim a line',
    description:
      'Sets what the caller, or the member of member_id, had of the line: a fraction of it, or so many of its pieces; portion null takes it back. Lines are counted from 0. Of two who claim the same part at once the second is told what is left (409).',
    tag,
    access: member('expense.claim', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path: path.extend({ line: number }),
    current,
    body: ClaimIn.superRefine(checkPart).meta({ id: 'ClaimLine' }),
    reply: data(200, ClaimsOut),
    fails: [...fails, 'claim.taken', 'split.invalid', 'expense.invalid'],
    example: { body: { portion: '1/2' }, reply: EXAMPLE_CLAIMS },
    run: async (ctx, { path: p, body }) => claimsOut(await claimLine(ctx, p.expense_id, p.line, askedPart(body), body.member_id)),
  }),
  operation({
    id: 'createClaimLink',
    on: 'POST /api/expenses/{expense_id}/claim-links/',
    summary: 'Make a link for guests',
    description:
      'Whoever has its token sees this expense and nothing else of the group, and claims its lines as a guest. Good for 30 days, while its maker is in the group, or until it is revoked.',
    tag,
    access: write,
    limit: 'write',
    path,
    reply: data(201, ClaimLinkOut),
    fails: ['expense.not_found', 'group.forbidden', 'claim.closed', 'claim.invalid', 'request.key_reused'],
    example: { reply: EXAMPLE_CLAIM_LINK },
    run: async (ctx, { path: p }) => claimLinkOut(await createClaimLink(ctx, p.expense_id), ctx.origin),
  }),
  operation({
    id: 'listClaimLinks',
    on: 'GET /api/expenses/{expense_id}/claim-links/',
    summary: 'List the links for guests',
    description: 'Those that are still good, with their tokens.',
    tag,
    access: member('expense.update', 'expenses:read'),
    limit: 'read',
    path,
    reply: data(200, z.array(ClaimLinkOut)),
    fails: ['expense.not_found', 'group.forbidden', 'claim.closed'],
    example: { reply: [EXAMPLE_CLAIM_LINK] },
    run: async (ctx, { path: p }) => (await listClaimLinks(ctx, p.expense_id)).map((link) => claimLinkOut(link, ctx.origin)),
  }),
  operation({
    id: 'revokeClaimLink',
    on: 'DELETE /api/expenses/{expense_id}/claim-links/{link_id}/',
    summary: 'Revoke a link for guests',
    description: 'Nobody sees or claims anything by it any more. What was claimed by it stands.',
    tag,
    access: write,
    limit: 'write',
    path: path.extend({ link_id: id('claimLink') }),
    reply: nothing,
    fails: ['expense.not_found', 'group.forbidden', 'claim.closed', 'claim_link.not_found', 'request.key_reused'],
    example: {},
    run: (ctx, { path: p }) => revokeClaimLink(ctx, p.expense_id, p.link_id),
  }),
  operation({
    id: 'getGuestClaims',
    on: 'GET /api/claims/{token}/',
    summary: 'Get the claims by a link',
    description:
      'What a link shows: the expense, its lines and who has claimed what. Needs no credentials but the token. Live on the socket /ws/claims/{token}.',
    tag,
    access: anyone,
    limit: 'read',
    path: z.object({ token }),
    reply: data(200, ClaimsOut),
    fails: ['claim_link.not_found'],
    example: { reply: EXAMPLE_CLAIMS },
    run: async (ctx, { path: p }) => claimsOut(await getGuestClaims(ctx, p.token)),
  }),
  operation({
    id: 'joinClaims',
    on: 'POST /api/claims/{token}/join/',
    summary: 'Join by a link',
    description:
      'Takes a place in the group as a guest of this name. The guest_token that comes back says who claims; it is shown once. Somebody who gets an account later takes the place over with its claims.',
    tag,
    access: anyone,
    limit: 'write',
    isGroupWrite: true,
    path: z.object({ token }),
    body: z.strictObject({ name: line(LONGEST.guestName, 1).meta({ example: 'Anna' }) }).meta({ id: 'JoinClaims' }),
    reply: data(201, z.object({ member_id: z.string(), name: z.string(), guest_token: z.string() }).meta({ id: 'ClaimGuest' })),
    fails: [...guestFails, 'group.full'],
    example: { body: { name: 'Anna' }, reply: EXAMPLE_GUEST },
    run: async (ctx, { path: p, body }) => {
      const { member: memberId, name, token: guestToken } = await joinClaims(ctx, p.token, body.name)
      return { member_id: memberId, name, guest_token: guestToken }
    },
  }),
  operation({
    id: 'claimAsGuest',
    on: 'PUT /api/claims/{token}/lines/{line}/',
    summary: 'Claim a line as a guest',
    description: 'As claimLine, for the guest of the guest_token. Sets the claim anew, so it may be sent twice.',
    tag,
    access: anyone,
    limit: 'write',
    isGroupWrite: true,
    path: z.object({ token, line: number }),
    body: z
      .strictObject({ guest_token: z.string().min(20).max(200), ...partFields })
      .superRefine(checkPart)
      .meta({ id: 'ClaimAsGuest' }),
    reply: data(200, ClaimsOut),
    fails: [...guestFails, 'auth.invalid_token', 'claim.invalid', 'claim.taken', 'split.invalid'],
    example: { body: { guest_token: EXAMPLE_GUEST.guest_token, portion: '1/2' }, reply: EXAMPLE_CLAIMS },
    run: async (ctx, { path: p, body }) => claimsOut(await claimAsGuest(ctx, p.token, body.guest_token, p.line, askedPart(body))),
  }),
]
