// Links and codes that a payment opens with, for the payer of a settlement.
import { z } from 'zod'
import { id } from '../http/fields.ts'
import { data, member, operation, type Operation } from '../http/operation.ts'
import { listPayLinks, type SettlementPayLinks } from '../services/pay-links.ts'

const KINDS = ['sepa_qr', 'upi', 'paypal', 'venmo', 'text'] as const

const PayLinksOut = z
  .object({
    links: z.array(
      z.object({
        kind: z.enum(KINDS),
        url: z.string().nullable().meta({ description: 'What a phone opens' }),
        qr_payload: z.string().nullable().meta({ description: 'What the code holds' }),
        qr_svg: z.string().nullable().meta({ description: 'The code as a picture' }),
        text: z.string().meta({ description: 'The same for people' }),
      }),
    ),
    withheld: z
      .array(z.object({ kind: z.enum(KINDS), reason: z.string(), message: z.string() }))
      .meta({ description: 'What the payee takes and this payment cannot use, and why' }),
  })
  .meta({ id: 'PayLinks' })

const payLinksOut = ({ links, withheld, codes }: SettlementPayLinks): z.input<typeof PayLinksOut> => ({
  links: links.map(({ kind, url, payload, text }) => ({
    kind,
    url: url ?? null,
    qr_payload: payload ?? null,
    qr_svg: codes.get(kind) ?? null,
    text,
  })),
  withheld: withheld.map(({ kind, reason, message }) => ({ kind, reason, message })),
})

const EXAMPLE = {
  links: [
    {
      kind: 'paypal',
      url: 'https://www.paypal.com/paypalme/janesmith/45.67USD',
      qr_payload: null,
      qr_svg: null,
      text: 'Pay Jane Smith $45.67 by PayPal to janesmith',
    },
    { kind: 'text', url: null, qr_payload: null, qr_svg: null, text: 'Pay Jane Smith $45.67, reference Quits Roommates' },
  ],
  withheld: [],
}

export const payLinkRows: readonly Operation[] = [
  operation({
    id: 'listPayLinks',
    on: 'GET /api/payments/settlements/{settlement_id}/pay-links/',
    summary: 'Get links to pay a settlement',
    description:
      "For the payer: the amount that is open, filled in for where the payee's default payment method leads. A code for the bank's app (SEPA, in euros), a link of UPI (rupees), PayPal.Me or Venmo (US dollars), and always the instruction in words. Paying by one of them is not noticed here: confirm the settlement afterwards.",
    tag: 'Settlements',
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path: z.object({ settlement_id: id('settlement') }),
    reply: data(200, PayLinksOut),
    fails: ['settlement.not_found', 'settlement.forbidden', 'settlement.state'],
    example: { reply: EXAMPLE },
    run: async (ctx, { path }) => payLinksOut(await listPayLinks(ctx, path.settlement_id)),
  }),
]
