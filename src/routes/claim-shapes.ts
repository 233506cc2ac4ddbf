// How the claims on an itemised expense look, to its group and to guests who came by a link.
import { z } from 'zod'
import type { ClaimsView } from '../domain/claims-view.ts'
import { formatMinor } from '../domain/money.ts'
import type { AskedPart } from '../domain/commands.ts'
import { amountOut, decimal, dayOut, instant, instantOut } from '../http/fields.ts'
import type { ClaimLink } from '../services/claim-links.ts'

const portion = z
  .string()
  .regex(/^\d+(\/\d+)?$/)
  .meta({ description: 'A fraction of the line in lowest terms', example: '1/3' })

const ClaimOut = z.object({
  member_id: z.string(),
  name: z.string(),
  portion,
  amount: amountOut.meta({ description: 'Its part of the line, cut off after its decimals' }),
})

export const ClaimsOut = z
  .object({
    expense_id: z.string(),
    title: z.string(),
    vendor: z.string(),
    expense_date: dayOut,
    currency: z.string(),
    amount: amountOut,
    tax: amountOut,
    tip: amountOut,
    discount: amountOut,
    is_open: z.boolean(),
    bearer: z.object({ member_id: z.string(), name: z.string() }).meta({ description: 'Who bears what nobody has claimed' }),
    lines: z.array(
      z.object({
        line: z.int().meta({ description: 'Counted from 0' }),
        name: z.string(),
        amount: amountOut,
        quantity: z.string().nullable(),
        claims: z.array(ClaimOut),
        left: portion.meta({ description: 'What nobody has claimed; 0 when nothing is left' }),
      }),
    ),
    shares: z
      .array(z.object({ member_id: z.string(), name: z.string(), amount: amountOut }))
      .meta({ description: 'What everyone bears of it, tax, tip and discount included; the amounts sum to amount exactly' }),
    version: z.int(),
  })
  .meta({ id: 'Claims' })

/** The portion of the amount, cut off: shares are what counts, and they are rounded once, over all lines. */
function partOf(minor: number, of: string): number {
  const [top = '0', bottom = '1'] = of.split('/')
  return Number((BigInt(minor) * BigInt(top)) / BigInt(bottom))
}

export function claimsOut({ expense, people, isOpen, bearer, lines }: ClaimsView): z.input<typeof ClaimsOut> {
  const amount = (minor: number): string => formatMinor(minor, expense.currency)
  const named = (member: string) => ({ member_id: member, name: people.get(member as typeof bearer)?.name ?? '' })
  const extras = expense.split.type === 'itemized' ? expense.split : { tax: 0, tip: 0, discount: 0 }
  return {
    expense_id: expense.id,
    title: expense.title,
    vendor: expense.vendor,
    expense_date: expense.date,
    currency: expense.currency,
    amount: amount(expense.amount),
    tax: amount(extras.tax),
    tip: amount(extras.tip),
    discount: amount(extras.discount),
    is_open: isOpen,
    bearer: named(bearer),
    lines: lines.map((line) => ({
      line: line.line,
      name: line.name,
      amount: amount(line.amount),
      quantity: line.quantity ?? null,
      claims: line.claims.map((claim) => ({
        ...named(claim.member),
        portion: claim.portion,
        amount: amount(partOf(line.amount, claim.portion)),
      })),
      left: line.left,
    })),
    shares: expense.shares.map((share) => ({ ...named(share.member), amount: amount(share.minor) })),
    version: expense.version,
  }
}

/** A part of a line as clients send it. */
export const partFields = {
  portion: z
    .string()
    .max(40)
    .nullable()
    .optional()
    .meta({ description: 'A fraction or decimal of the line; null takes the claim back', example: '1/2' }),
  quantity: decimal.optional().meta({ description: "In place of portion: so many of the line's pieces", example: '1' }),
}

interface PartIn {
  readonly portion?: string | null | undefined
  readonly quantity?: string | undefined
}

export const askedPart = ({ portion: part, quantity }: PartIn): AskedPart =>
  part === null ? null : { ...(part !== undefined && { portion: part }), ...(quantity !== undefined && { quantity }) }

/** Checks that one of the two is said. */
export function checkPart({ portion: part, quantity }: PartIn, issue: z.RefinementCtx): void {
  if ((part === undefined) === (quantity === undefined))
    issue.addIssue({ code: 'custom', path: ['portion'], message: 'Say portion or quantity, and not both' })
}

export const ClaimLinkOut = z
  .object({
    id: z.string(),
    expense_id: z.string(),
    token: z.string().meta({ description: 'Whoever has it may see the expense and claim as a guest' }),
    url: z.string().meta({ description: 'Where the claims are read by the token' }),
    created_at: instantOut,
    expires_at: instantOut,
  })
  .meta({ id: 'ClaimLink' })

export const claimLinkOut = (link: ClaimLink, origin: string): z.input<typeof ClaimLinkOut> => ({
  id: link.id,
  expense_id: link.expenseId,
  token: link.token,
  url: `${origin}/api/claims/${link.token}/`,
  created_at: instant(link.createdAt),
  expires_at: instant(link.expiresAt),
})
