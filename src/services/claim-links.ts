// Links by which people without an account claim the lines of one expense. The link is the permission to see that
// expense and to take a place as a guest; a guest's own token is the permission to claim as that guest. Both end with
// the link, and a link ends with the membership of whoever made it.
import { signedIn, type Ctx, type Surroundings } from '../context.ts'
import * as rows from '../db/claim-links.ts'
import { findExpense } from '../db/expenses.ts'
import { claimsView, type ClaimsView } from '../domain/claims-view.ts'
import type { AskedPart } from '../domain/commands.ts'
import { AppError } from '../domain/errors.ts'
import type { MemberId } from '../domain/expense.ts'
import { isId, newId, type Id } from '../domain/ids.ts'
import { DAY, type Timestamp } from '../domain/time.ts'
import { derive, digest, isSameSecret, tokenFor } from '../platform/keys.ts'
import { requireGroup } from './access.ts'
import { execute, valueOf } from './command.ts'
import { claimsOf, getClaims } from './claims.ts'
import { commit } from './repeatable.ts'

const LIFETIME_MS = 30 * DAY
const MOST_LINKS = 20

export interface ClaimLink {
  readonly id: Id<'claimLink'>
  readonly token: string
  readonly expenseId: Id<'expense'>
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp
}

const linkOf = ({ env }: Surroundings, { id, expenseId, createdAt, expiresAt }: Omit<ClaimLink, 'token'>): ClaimLink => ({
  id,
  token: tokenFor(env.SECRET, 'claim-link', id),
  expenseId,
  createdAt,
  expiresAt,
})

/** Makes a link to the expense, good for 30 days; throws `claim.closed` where its lines are not open to claims. */
export async function createClaimLink(ctx: Ctx, expenseId: Id<'expense'>): Promise<ClaimLink> {
  const { expense, isOpen } = await getClaims(ctx, expenseId)
  await requireGroup(ctx, expense.groupId, 'expense.update')
  // The token follows from the row, so that what is kept for a repetition holds no secret.
  const row = await commit(ctx, async () => {
    if (!isOpen) throw new AppError('claim.closed')
    await refuseTooMany(ctx, expenseId)
    const made = { id: newId('claimLink'), expenseId, createdAt: ctx.now, expiresAt: ctx.now + LIFETIME_MS }
    const tokenHash = digest(linkOf(ctx, made).token)
    const link = { ...made, groupId: expense.groupId, tokenHash, createdBy: signedIn(ctx).userId }
    return { statements: [rows.insertClaimLink(ctx.db, link)], outcome: made }
  })
  return linkOf(ctx, row)
}

async function refuseTooMany(ctx: Ctx, expenseId: Id<'expense'>): Promise<void> {
  const standing = await rows.listClaimLinks(ctx.db, expenseId, ctx.now)
  if (standing.length < MOST_LINKS) return
  const message = 'Revoke one of its links first'
  throw new AppError('claim.invalid', [
    { field: 'expense_id', message, code: 'TOO_MANY', expected: `at most ${MOST_LINKS}`, got: String(standing.length + 1) },
  ])
}

/** The links of the expense that stand. */
export async function listClaimLinks(ctx: Ctx, expenseId: Id<'expense'>): Promise<ClaimLink[]> {
  const { expense } = await getClaims(ctx, expenseId)
  await requireGroup(ctx, expense.groupId, 'expense.update')
  return (await rows.listClaimLinks(ctx.db, expenseId, ctx.now)).map((row) => linkOf(ctx, row))
}

/** Ends the link and what its guests may do by it; what they have claimed stands. Throws `claim_link.not_found`. */
export async function revokeClaimLink(ctx: Ctx, expenseId: Id<'expense'>, id: Id<'claimLink'>): Promise<void> {
  const { expense } = await getClaims(ctx, expenseId)
  await requireGroup(ctx, expense.groupId, 'expense.update')
  await commit(ctx, async () => {
    const standing = await rows.listClaimLinks(ctx.db, expenseId, ctx.now)
    if (!standing.some((link) => link.id === id)) throw new AppError('claim_link.not_found')
    return { statements: [rows.revokeClaimLink(ctx.db, id, ctx.now)], outcome: null }
  })
}

/** The link behind the token, and the claims on its expense; throws `claim_link.not_found` once it has ended. */
export async function openClaimLink(at: Surroundings, token: string): Promise<{ link: rows.ClaimLink; claims: ClaimsView }> {
  const link = await rows.findClaimLink(at.db, digest(token), at.now)
  // Looked at through the eyes of whoever made the link, so that it shows nothing that they could not see.
  const found = link && (await findExpense(at.db.$client, link.createdBy, link.expenseId))
  const claims = found && found.expense.deletedAt === undefined ? claimsView(found.expense, found.people) : undefined
  if (link === undefined || claims === undefined) throw new AppError('claim_link.not_found')
  return { link, claims }
}

export const getGuestClaims = async (ctx: Ctx, token: string): Promise<ClaimsView> => (await openClaimLink(ctx, token)).claims

const macOf = (secret: string, link: Id<'claimLink'>, member: MemberId): string =>
  derive(secret, 'claim-guest', `${link}\n${member}`).toString('base64url')

export interface ClaimGuest {
  readonly member: MemberId
  readonly name: string
  /** Says that its bearer is this guest, for as long as the link stands. */
  readonly token: string
}

/** Takes a place in the group as a guest of that name. Throws `claim_link.not_found`, `claim.closed`, `group.full`. */
export async function joinClaims(ctx: Ctx, token: string, name: string): Promise<ClaimGuest> {
  const { link } = await openClaimLink(ctx, token)
  // As a viewer they bear what they claim, and no part of what is split among all members.
  const member = { id: newId('member'), name, role: 'viewer' } as const
  const command = { type: 'join_claims', id: link.expenseId, member } as const
  valueOf(await execute(ctx, link.groupId, { order: { commandId: newId('command'), command }, isDryRun: ctx.isDryRun }))
  return { member: member.id, name, token: `${member.id}.${macOf(ctx.env.SECRET, link.id, member.id)}` }
}

/** Whose token it is; throws `auth.invalid_token` for one that we did not make for this link. */
function guestOf(ctx: Ctx, link: Id<'claimLink'>, token: string): MemberId {
  const [member = '', mac = ''] = token.split('.')
  if (isId('member', member) && isSameSecret(mac, macOf(ctx.env.SECRET, link, member))) return member
  throw new AppError('auth.invalid_token', [
    { field: 'guest_token', message: 'Must be the token that joining this link answered', code: 'INVALID_TOKEN' },
  ])
}

/** Sets what the guest has of the line. Throws as `claimLine` does, `claim_link.not_found` and `auth.invalid_token`. */
export async function claimAsGuest(ctx: Ctx, token: string, guest: string, line: number, part: AskedPart): Promise<ClaimsView> {
  const { link } = await openClaimLink(ctx, token)
  const command = { type: 'claim_as_guest', id: link.expenseId, line, part, member: guestOf(ctx, link.id, guest) } as const
  return claimsOf(
    valueOf(await execute(ctx, link.groupId, { order: { commandId: newId('command'), command }, isDryRun: ctx.isDryRun })).outcome,
  )
}
