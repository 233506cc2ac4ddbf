// Payments through a provider, and the messages that providers send us about them.
import { z } from 'zod'
import { signedIn } from '../context.ts'
import { mapPage } from '../domain/page.ts'
import { GATEWAYS, PAYMENT_STATUSES } from '../domain/payment.ts'
import { currency, id, positiveDecimal } from '../http/fields.ts'
import { anyone, data, list, member, message, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { cancelPayment, getPayment, listPayments, processPayment, receivePaymentEvent, refundPayment } from '../services/payments.ts'
import { EXAMPLE_METHOD, EXAMPLE_PAYMENT, EXAMPLE_SETTLEMENT } from './examples-payments.ts'
import { PaymentOut, paymentOut, ProcessedOut, processedOut } from './payment-shapes.ts'

const path = z.object({ payment_id: id('payment') })
const tag = 'Payments'
const write = member('settlement.write', 'expenses:write')

export const payments: readonly Operation[] = [
  operation({
    id: 'processPayment',
    on: 'POST /api/payments/process/',
    summary: 'Process a payment',
    description:
      'Pays a settlement with your card, as its payer. completed: the money has moved and is in the balances. processing: it will be told by the sockets, or asked for at the payment. requires_action: your bank wants to hear from you first; the same request with the same key gives the client_secret again. A decline is a 402, and leaves the settlement open. With an Idempotency-Key a repetition is about the same payment, also after a decline: take a new key for another try. If-Match takes the ETag of the settlement.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    body: z.strictObject({
      settlement_id: id('settlement'),
      payment_method_id: id('paymentMethod'),
      amount: positiveDecimal.optional().meta({ description: 'All that is open, where absent' }),
      currency: currency.optional().meta({ description: "The settlement's, and no other" }),
    }),
    reply: data(200, ProcessedOut),
    fails: [
      'settlement.not_found',
      'settlement.forbidden',
      'settlement.state',
      'settlement.invalid',
      'group.archived',
      'group.frozen',
      'payment_method.not_found',
      'payment_method.not_chargeable',
      'payment.failed',
      'payment.insufficient_funds',
      'payment.not_configured',
      'request.stale',
      'request.key_reused',
    ],
    example: {
      body: { settlement_id: EXAMPLE_SETTLEMENT.id, payment_method_id: EXAMPLE_METHOD.id, amount: '45.67', currency: 'USD' },
      reply: {
        payment_id: EXAMPLE_PAYMENT.id,
        status: 'completed',
        external_transaction_id: EXAMPLE_PAYMENT.external_transaction_id,
        processed_at: EXAMPLE_PAYMENT.processed_at,
      },
    },
    run: async (ctx, { body }) => {
      const { settlement_id: settlementId, payment_method_id: methodId, amount, currency: code } = body
      const order = { settlementId, methodId, ...(amount !== undefined && { amount }), ...(code !== undefined && { currency: code }) }
      return processedOut(await processPayment(ctx, order))
    },
  }),
  operation({
    id: 'listPayments',
    on: 'GET /api/payments/',
    summary: 'List payments',
    description: 'The payments that you have made through a provider, the newest first.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject({ ...pageFields, status: z.enum(PAYMENT_STATUSES).optional(), settlement_id: id('settlement').optional() }),
    reply: list(PaymentOut),
    fails: [],
    example: { reply: [EXAMPLE_PAYMENT] },
    run: async (ctx, { query }) => {
      const filter = { status: query.status, settlementId: query.settlement_id }
      const { userId } = signedIn(ctx)
      return mapPage(await listPayments(ctx, filter, pageRequest(query)), (payment) => paymentOut(payment, userId))
    },
  }),
  operation({
    id: 'getPayment',
    on: 'GET /api/payments/{payment_id}/',
    summary: 'Get a payment',
    description: 'How a payment in one of your groups stands.',
    tag,
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path,
    reply: data(200, PaymentOut),
    fails: ['payment.not_found'],
    example: { reply: EXAMPLE_PAYMENT },
    run: async (ctx, input) => paymentOut(await getPayment(ctx, input.path.payment_id), signedIn(ctx).userId),
  }),
  operation({
    id: 'refundPayment',
    on: 'POST /api/payments/{payment_id}/refund/',
    summary: 'Refund a payment',
    description:
      'By the payee: the provider pays back what is left of it, and when it says that it has, what was posted is reversed. Until then is_refund_pending is true. If-Match takes the ETag of the settlement.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    reply: data(200, PaymentOut),
    fails: [
      'payment.not_found',
      'payment.state',
      'payment.failed',
      'payment.not_configured',
      'settlement.not_found',
      'settlement.forbidden',
      'request.stale',
      'request.key_reused',
    ],
    example: { reply: { ...EXAMPLE_PAYMENT, status: 'refunded', refunded_amount: '45.67', payment_method_id: null } },
    run: async (ctx, input) => paymentOut(await refundPayment(ctx, input.path.payment_id), signedIn(ctx).userId),
  }),
  operation({
    id: 'cancelPayment',
    on: 'POST /api/payments/{payment_id}/cancel/',
    summary: 'Call a payment off',
    description:
      'By the payer, while it requires an action: the settlement is open again. What nobody calls off or approves ends by itself after a day.',
    tag,
    access: write,
    limit: 'write',
    path,
    reply: data(200, PaymentOut),
    fails: ['payment.not_found', 'payment.state', 'payment.not_configured', 'settlement.forbidden'],
    example: {
      reply: {
        ...EXAMPLE_PAYMENT,
        status: 'failed',
        external_transaction_id: null,
        processed_at: null,
        error: { code: 'CANCELED', message: 'The payment was called off.' },
      },
    },
    run: async (ctx, input) => paymentOut(await cancelPayment(ctx, input.path.payment_id), signedIn(ctx).userId),
  }),
  operation({
    id: 'receivePaymentEvent',
    on: 'POST /api/payments/webhooks/{gateway}/',
    summary: 'Take a message of a provider',
    description:
      "For payment providers, not for clients. The body must carry the provider's signature, not older than 300 s. Whatever it says, the provider is then asked how the payment stands; a message that comes twice is answered alike.",
    tag,
    access: anyone,
    // A provider sends as much as there is to say, from few addresses; the signature is checked before anything else.
    limit: 'none',
    path: z.object({ gateway: z.enum(GATEWAYS).meta({ description: 'The provider' }) }),
    payload: { type: 'application/json', signature: 'Stripe-Signature' },
    reply: message('Received'),
    fails: ['payment.signature', 'request.not_found'],
    example: {},
    run: async (ctx, input) => receivePaymentEvent(ctx, input.path.gateway, input.payload),
  }),
]
