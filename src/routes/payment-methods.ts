// How people pay and are paid.
import { z } from 'zod'
import { mapPage } from '../domain/page.ts'
import { id, line } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  addPaymentMethod,
  deletePaymentMethod,
  getPaymentMethod,
  listPaymentMethods,
  updatePaymentMethod,
  verifyPaymentMethod,
} from '../services/payment-methods.ts'
import { EXAMPLE_METHOD } from './examples-payments.ts'
import { methodInput, MethodIn, MethodOut, methodOut } from './payment-shapes.ts'

const path = z.object({ payment_method_id: id('paymentMethod') })
const tag = 'Payments'

export const paymentMethods: readonly Operation[] = [
  operation({
    id: 'listPaymentMethods',
    on: 'GET /api/payments/methods/',
    summary: 'List payment methods',
    description: 'Your cards and accounts, the newest first. Their details are masked.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(MethodOut),
    fails: [],
    example: { reply: [EXAMPLE_METHOD] },
    run: async (ctx, { query }) => mapPage(await listPaymentMethods(ctx, pageRequest(query)), methodOut),
  }),
  operation({
    id: 'addPaymentMethod',
    on: 'POST /api/payments/methods/',
    summary: 'Add a payment method',
    description:
      'A card (stripe, by the token of the client library), or where others can pay you. Cards are kept by the provider, accounts encrypted; both are only shown masked. The first is the default. At most 20.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    body: MethodIn,
    reply: data(201, MethodOut),
    fails: [
      'payment_method.full',
      'payment_method.refused',
      'payment_method.not_found',
      'payment.failed',
      'payment.insufficient_funds',
      'payment.not_configured',
    ],
    example: {
      body: { method_type: 'stripe', stripe_token: 'tok_visa', name: 'Personal Visa', is_default: true },
      reply: { ...EXAMPLE_METHOD, name: 'Personal Visa' },
    },
    run: async (ctx, { body }) => methodOut(await addPaymentMethod(ctx, methodInput(body))),
  }),
  operation({
    id: 'getPaymentMethod',
    on: 'GET /api/payments/methods/{payment_method_id}/',
    summary: 'Get a payment method',
    description: 'One of your own, masked.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    path,
    reply: data(200, MethodOut),
    fails: ['payment_method.not_found'],
    example: { reply: EXAMPLE_METHOD },
    run: async (ctx, input) => methodOut(await getPaymentMethod(ctx, input.path.payment_method_id)),
  }),
  operation({
    id: 'updatePaymentMethod',
    on: 'PATCH /api/payments/methods/{payment_method_id}/',
    summary: 'Change a payment method',
    description: 'Renames it, or makes it the default in place of the one that is.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    path,
    body: z.strictObject({
      name: line(100, 1).optional(),
      is_default: z.literal(true).optional().meta({ description: 'Only true: to change the default, name another' }),
    }),
    reply: data(200, MethodOut),
    fails: ['payment_method.not_found'],
    example: { body: { is_default: true }, reply: EXAMPLE_METHOD },
    run: async (ctx, input) => {
      const { name, is_default: isDefault } = input.body
      const change = { ...(name !== undefined && { name }), ...(isDefault !== undefined && { isDefault }) }
      return methodOut(await updatePaymentMethod(ctx, input.path.payment_method_id, change))
    },
  }),
  operation({
    id: 'deletePaymentMethod',
    on: 'DELETE /api/payments/methods/{payment_method_id}/',
    summary: 'Delete a payment method',
    description:
      'It can no longer be paid with; payments under way are brought to their end. If it was the default, the newest of the others is.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    path,
    reply: nothing,
    fails: ['payment_method.not_found'],
    example: {},
    run: (ctx, input) => deletePaymentMethod(ctx, input.path.payment_method_id),
  }),
  operation({
    id: 'verifyPaymentMethod',
    on: 'POST /api/payments/methods/{payment_method_id}/verify/',
    summary: 'Verify a payment method',
    description:
      'Asks the provider whether it still has the card. Accounts are not verified: nobody here can tell whose they are, and is_verified stays false.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    path,
    reply: data(200, MethodOut),
    fails: ['payment_method.not_found', 'payment_method.unverifiable', 'payment.not_configured'],
    example: { reply: EXAMPLE_METHOD },
    run: async (ctx, input) => methodOut(await verifyPaymentMethod(ctx, input.path.payment_method_id)),
  }),
]
