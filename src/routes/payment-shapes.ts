// How payment methods and payments look to clients, and what they send for them.
import { z } from 'zod'
import type { Id } from '../domain/ids.ts'
import { formatMinor } from '../domain/money.ts'
import { ibanFault } from '../domain/iban.ts'
import { METHOD_TYPES, type PaymentMethod } from '../domain/payment-method.ts'
import { PAYMENT_STATUSES, type Payment } from '../domain/payment.ts'
import { amountOut, CurrencyOut, currencyOut, email, instant, instantOrNull, instantOut, line } from '../http/fields.ts'
import type { MethodInput } from '../services/payment-methods.ts'
import type { Settled } from '../services/settle-payment.ts'

const common = {
  name: line(100, 1).optional().meta({ description: 'A name for it; made from what it is, where absent' }),
  is_default: z.boolean().default(false).meta({ description: 'The first is the default anyway' }),
}
const type = <T extends string>(value: T) => z.literal(value)

const iban = z
  .string()
  .max(50)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toUpperCase())
  .superRefine((text, issue) => {
    const fault = ibanFault(text)
    if (fault !== undefined) issue.addIssue({ code: 'custom', message: fault })
  })
  .meta({ description: 'With or without spaces', example: 'DE89 3704 0044 0532 0130 00' })

const bic = z
  .string()
  .regex(/^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/, 'Must be a BIC of 8 or 11 characters')
  .meta({ example: 'COBADEFFXXX' })

const paypal = {
  paypal_me: z
    .string()
    .regex(/^[A-Za-z0-9]{1,20}$/, 'Must be the name behind paypal.me/')
    .optional()
    .meta({ description: 'The name behind paypal.me/', example: 'johndoe' }),
  email: email.optional(),
}

/** What is sent for a new method; which fields there are depends on its type. */
export const MethodIn = z.discriminatedUnion('method_type', [
  z.strictObject({
    method_type: type('stripe'),
    stripe_token: z
      .string()
      .regex(/^(tok|pm)_\w{1,100}$/, 'Must be a token that begins with tok_ or pm_')
      .meta({ description: "Of Stripe's client library; a card number never comes here", example: 'tok_visa' }),
    ...common,
  }),
  z
    .strictObject({ method_type: type('paypal'), ...paypal, ...common })
    .refine(({ paypal_me: name, email: address }) => name !== undefined || address !== undefined, {
      message: 'Send paypal_me or email',
      path: ['paypal_me'],
    }),
  z.strictObject({ method_type: type('bank_account'), iban, account_holder: line(100, 1), bic: bic.optional(), ...common }),
  z.strictObject({
    method_type: type('venmo'),
    username: z
      .string()
      .regex(/^@?[A-Za-z0-9_-]{5,30}$/, 'Must be a Venmo username')
      .transform((name) => name.replace(/^@/, ''))
      .meta({ example: 'john-doe' }),
    ...common,
  }),
  z.strictObject({
    method_type: type('upi'),
    vpa: z
      .string()
      .regex(/^[A-Za-z0-9._-]{2,256}@[A-Za-z]{2,64}$/, 'Must be a UPI address such as name@bank')
      .meta({ example: 'john@okbank' }),
    ...common,
  }),
  z.strictObject({ method_type: z.enum(['cash', 'manual']), ...common }),
])

function targetOf(body: z.output<typeof MethodIn>): MethodInput['target'] {
  switch (body.method_type) {
    case 'stripe':
      return { type: 'stripe', token: body.stripe_token }
    case 'paypal':
      return {
        type: 'paypal',
        ...(body.paypal_me !== undefined && { paypalMe: body.paypal_me }),
        ...(body.email !== undefined && { email: body.email }),
      }
    case 'bank_account':
      return { type: 'bank_account', iban: body.iban, accountHolder: body.account_holder, ...(body.bic !== undefined && { bic: body.bic }) }
    case 'venmo':
      return { type: 'venmo', username: body.username }
    case 'upi':
      return { type: 'upi', vpa: body.vpa }
    case 'cash':
    case 'manual':
      return { type: body.method_type }
  }
}

export const methodInput = (body: z.output<typeof MethodIn>): MethodInput => ({
  target: targetOf(body),
  isDefault: body.is_default,
  ...(body.name !== undefined && { name: body.name }),
})

const Details = z
  .object({
    brand: z.string().optional(),
    last4: z.string().optional(),
    exp_month: z.int().optional(),
    exp_year: z.int().optional(),
    country: z.string().optional(),
    account_holder: z.string().optional(),
    paypal_me: z.string().optional(),
    email: z.string().optional().meta({ description: 'Masked' }),
    username: z.string().optional(),
    vpa: z.string().optional().meta({ description: 'Masked' }),
  })
  .meta({ id: 'PaymentMethodDetails', description: 'What tells it from others, masked; which fields depends on the type' })

export const MethodOut = z
  .object({
    id: z.string(),
    method_type: z.enum(METHOD_TYPES),
    name: z.string(),
    details: Details,
    is_default: z.boolean(),
    is_verified: z.boolean().meta({ description: 'A card that its provider accepted. Nothing else is verified.' }),
    created_at: instantOut,
    updated_at: instantOut,
  })
  .meta({ id: 'PaymentMethod' })

export const methodOut = (method: PaymentMethod): z.input<typeof MethodOut> => ({
  id: method.id,
  method_type: method.type,
  name: method.name,
  details: method.details,
  is_default: method.isDefault,
  is_verified: method.isVerified,
  created_at: instant(method.createdAt),
  updated_at: instant(method.updatedAt),
})

const transaction = z.string().nullable().meta({ description: "The provider's id of the charge; null until money has moved" })

export const ProcessedOut = z
  .object({
    payment_id: z.string(),
    status: z.enum(PAYMENT_STATUSES),
    external_transaction_id: transaction,
    processed_at: instantOut.nullable(),
    client_secret: z
      .string()
      .optional()
      .meta({ description: 'With requires_action: what the client library of the provider goes on with' }),
    action_url: z.string().nullable().optional().meta({ description: 'With requires_action: where the payer can be sent, if anywhere' }),
  })
  .meta({ id: 'ProcessedPayment' })

export const processedOut = ({ payment, action }: Settled): z.input<typeof ProcessedOut> => ({
  payment_id: payment.id,
  // To the payer an intent that could not be brought on yet is under way.
  status: payment.status === 'created' ? 'processing' : payment.status,
  external_transaction_id: payment.transactionId ?? null,
  processed_at: instantOrNull(payment.processedAt),
  ...(action && { client_secret: action.clientSecret, action_url: action.url ?? null }),
})

export const PaymentOut = z
  .object({
    id: z.string(),
    settlement_id: z.string(),
    group_id: z.string(),
    payment_method_id: z.string().nullable().meta({ description: 'null to everybody but the payer' }),
    amount: amountOut,
    refunded_amount: amountOut,
    currency: CurrencyOut,
    status: z.enum(PAYMENT_STATUSES),
    is_refund_pending: z.boolean(),
    external_transaction_id: transaction,
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    processed_at: instantOut.nullable(),
    created_at: instantOut,
    updated_at: instantOut,
  })
  .meta({ id: 'Payment' })

export const paymentOut = (payment: Payment, viewer: Id<'user'>): z.input<typeof PaymentOut> => ({
  id: payment.id,
  settlement_id: payment.settlementId,
  group_id: payment.groupId,
  payment_method_id: payment.userId === viewer ? payment.methodId : null,
  amount: formatMinor(payment.minor, payment.currency),
  refunded_amount: formatMinor(payment.refunded, payment.currency),
  currency: currencyOut(payment.currency),
  status: payment.status,
  is_refund_pending: payment.refundAskedAt !== undefined,
  external_transaction_id: payment.transactionId ?? null,
  error: payment.error === undefined ? null : { code: payment.error.reason.toUpperCase(), message: payment.error.message },
  processed_at: instantOrNull(payment.processedAt),
  created_at: instant(payment.createdAt),
  updated_at: instant(payment.updatedAt),
})
