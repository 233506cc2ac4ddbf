// The rules about claims: the lines of an itemised expense are taken by those who had them, and its split follows.
import { claimLine, openClaims, readPortion, splitByClaims, type ItemizedSplit } from './claims.ts'
import type { AskedPart, ClaimCommand } from './commands.ts'
import { entryOf, memberOf, refuse, type Decision, type Moment } from './decision.ts'
import { failure } from './errors.ts'
import type { Claims, Expense, MemberId } from './expense.ts'
import { moved, touch } from './expense-moves.ts'
import { isPresent, MAX_MEMBERS, type Member } from './group.ts'
import { chargeable } from './expense-moves.ts'
import { price } from './pricing.ts'
import { err } from './result.ts'

export function decideClaims(m: Moment, expense: Expense, command: ClaimCommand): Decision {
  switch (command.type) {
    case 'open_claims':
      return open(m, expense, command.bearer)
    case 'close_claims': {
      const { claims } = expense
      if (claims?.isOpen !== true) return refuse('claim.closed')
      return entryOf(m, 'expense_claims_closed', {
        expense: { ...touch(m, expense, 'claims_closed'), claims: { ...claims, isOpen: false } },
      })
    }
    case 'claim_line': {
      if (command.member === undefined) return claim(m, expense, m.self?.id, command.line, command.part)
      const member = chargeable(m, command.member, 'member_id')
      return member.ok ? claim(m, expense, member.value, command.line, command.part) : member
    }
    case 'claim_as_guest': {
      const guest = guestOf(m, command.member)
      return guest === undefined
        ? refuse('claim_link.not_found')
        : claim({ ...m, self: guest }, expense, guest.id, command.line, command.part)
    }
    case 'join_claims':
      return join(m, expense, command)
  }
}

/** So many guests by links a group has room for. */
const MAX_LINK_GUESTS = 50

/** A member without an account, as whom a link may act. */
function guestOf(m: Moment, id: MemberId): Member | undefined {
  const member = m.book.state.members.get(id)
  return member !== undefined && member.userId === undefined && isPresent(member) ? member : undefined
}

function open(m: Moment, expense: Expense, ref: string | undefined): Decision {
  const { split } = expense
  if (split.type !== 'itemized')
    return err(
      failure('claim.invalid', [
        {
          field: 'split_type',
          message: 'Only the lines of an itemized expense can be claimed; say split_type itemized first',
          code: 'NOT_ITEMIZED',
          expected: 'itemized',
          got: split.type,
        },
      ]),
    )
  const payer = ref ?? expense.claims?.bearer ?? expense.payers[0]?.member ?? expense.createdBy
  const bearer = chargeable(m, payer, 'bearer_id')
  if (!bearer.ok) return bearer
  const claims: Claims = { ...(expense.claims ?? openClaims(split, bearer.value)), bearer: bearer.value, isOpen: true }
  return divided(m, 'expense_claims_opened', expense, touch(m, expense, 'claims_opened'), split, claims)
}

function claim(m: Moment, expense: Expense, member: MemberId | undefined, line: number, part: AskedPart): Decision {
  const { claims, split } = expense
  if (claims?.isOpen !== true || split.type !== 'itemized' || member === undefined) return refuse('claim.closed')
  const item = split.items[line]
  if (item === undefined)
    return err(
      failure('claim.invalid', [
        {
          field: 'line',
          message: `There are ${split.items.length} lines, counted from 0`,
          code: 'NO_SUCH_LINE',
          expected: `0 to ${split.items.length - 1}`,
          got: String(line),
        },
      ]),
    )
  const portion = part === null ? null : readPortion(part, item)
  if (portion !== null && !portion.ok) return portion
  const next = claimLine(claims, line, member, portion === null ? null : portion.value)
  if (!next.ok) return next
  return divided(m, 'expense_claimed', expense, touch(m, expense, 'claimed'), split, next.value)
}

/** The expense divided anew, as its claims say. */
function divided(
  m: Moment,
  type: 'expense_claims_opened' | 'expense_claimed',
  before: Expense,
  after: Expense,
  split: ItemizedSplit,
  claims: Claims,
): Decision {
  const priced = price(m, {}, before, { split: splitByClaims(split, claims) })
  return priced.ok ? moved(m, type, before, { ...after, ...priced.value, claims }) : priced
}

function join(m: Moment, expense: Expense, { member }: Extract<ClaimCommand, { type: 'join_claims' }>): Decision {
  if (expense.claims?.isOpen !== true) return refuse('claim.closed')
  const present = [...m.book.state.members.values()].filter(isPresent)
  // Whoever has a link needs no account: they must not be able to take up every place of the group.
  const guests = present.filter(({ userId, role }) => userId === undefined && role === 'viewer').length
  if (present.length >= MAX_MEMBERS || guests >= MAX_LINK_GUESTS)
    return refuse(
      'group.full',
      'members',
      `The group has ${present.length} members, ${guests} of them by links; at most ${MAX_MEMBERS} and ${MAX_LINK_GUESTS}`,
    )
  return entryOf(m, 'member_added', { members: [memberOf(member, m.at, expense.createdBy)], member: member.id })
}
