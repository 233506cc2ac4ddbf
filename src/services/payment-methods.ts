// How the caller pays and is paid. Cards go to the provider and stay there; the rest is kept sealed, shown masked, and
// given in full only to whom it is meant for: the provider, and whoever owes its owner money.
import { signedIn, type Ctx, type Surroundings } from '../context.ts'
import { runBatch } from '../db/client.ts'
import * as rows from '../db/payment-methods.ts'
import { stableId } from '../db/stable-id.ts'
import { AppError } from '../domain/errors.ts'
import { newId, type Id } from '../domain/ids.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import {
  maskedDetails,
  MOST_METHODS,
  nameFor,
  type MethodSecret,
  type PaymentMethod,
  type PayTarget,
  type StoredCard,
} from '../domain/payment-method.ts'
import { declineCode } from '../domain/payment.ts'
import { seal, unseal } from '../platform/vault.ts'
import { asked, gatewayForNew, gatewayOf, gatewaysOf } from './gateways.ts'
import { commit, messagesOf } from './repeatable.ts'

export const listPaymentMethods = (ctx: Ctx, request: PageRequest): Promise<Page<PaymentMethod>> =>
  rows.listMethods(ctx.db, signedIn(ctx).userId, request)

async function requireMethod(ctx: Ctx, id: Id<'paymentMethod'>): Promise<rows.KeptMethod> {
  const kept = await rows.findMethod(ctx.db, signedIn(ctx).userId, id)
  if (kept === undefined) throw new AppError('payment_method.not_found')
  return kept
}

/** One of the caller's methods, masked; throws `payment_method.not_found`. */
export const getPaymentMethod = async (ctx: Ctx, id: Id<'paymentMethod'>): Promise<PaymentMethod> => (await requireMethod(ctx, id)).method

/** All of a method: for the provider and for pay links. Throws where the row was tampered with. */
const unsealed = async (at: Surroundings, { method, sealed }: rows.KeptMethod): Promise<MethodSecret> =>
  JSON.parse(await unseal(at.env.SECRET, 'payment-details', method.id, sealed)) as MethodSecret

/** The card of the method; throws `payment_method.not_found`, `payment_method.not_chargeable` for what is no card. */
export async function requireCard(ctx: Ctx, id: Id<'paymentMethod'>): Promise<StoredCard> {
  const secret = await unsealed(ctx, await requireMethod(ctx, id))
  if (secret.type === 'stripe') return secret
  throw new AppError('payment_method.not_chargeable', [
    {
      field: 'payment_method_id',
      message: 'Only a card is charged by us; pay by hand with this one, and confirm the settlement',
      code: 'NOT_CHARGEABLE',
      expected: 'stripe',
      got: secret.type,
    },
  ])
}

/**
 * Where the user wants to be paid, in full: their default method. Undefined where they have none, or it is a card. For
 * showing to the payer of an open settlement with this payee, and to nobody else: that is for the caller to see to.
 */
export async function findPayTarget(at: Surroundings, userId: Id<'user'>): Promise<PayTarget | undefined> {
  const kept = await rows.findDefaultMethod(at.db, userId)
  const secret = kept && (await unsealed(at, kept))
  return secret?.type === 'stripe' ? undefined : secret
}

/** Has the provider keep the card of the token. */
async function attach(ctx: Ctx, token: string, key: Id<'paymentMethod'>): Promise<StoredCard> {
  const gateway = await gatewayForNew(gatewaysOf(ctx))
  const answer = await asked(gateway.attach(token, key))
  if ('ref' in answer) return answer
  const { reason, message, isDecline } = answer
  throw new AppError(isDecline ? declineCode(reason) : 'payment_method.refused', [
    { field: 'stripe_token', message, code: reason.toUpperCase() },
  ])
}

export interface MethodInput {
  readonly name?: string
  readonly isDefault: boolean
  /** A card's token, or where to pay. */
  readonly target: { readonly type: 'stripe'; readonly token: string } | PayTarget
}

/**
 * Adds a method; the first is the default. Throws `payment_method.full`, and for cards what the provider says to them:
 * `payment_method.refused`, `payment.failed`, `payment.insufficient_funds`, `payment.not_configured`.
 */
export async function addPaymentMethod(ctx: Ctx, { target, name, isDefault }: MethodInput): Promise<PaymentMethod> {
  const { userId } = signedIn(ctx)
  // The same for a repetition, so that the provider does not keep a card twice.
  const key = ctx.idempotency && stableId('paymentMethod', userId, ctx.idempotency.key)
  const add = () =>
    commit(ctx, async () => {
      await refuseIfFull(ctx)
      const id = newId('paymentMethod')
      const secret = target.type === 'stripe' ? await attach(ctx, target.token, key ?? id) : target
      const method: PaymentMethod = {
        ...{ id, userId, type: secret.type, name: name ?? nameFor(secret), details: maskedDetails(secret), isDefault },
        // A provider has accepted a card. Nobody has shown that an account is theirs.
        ...{ isVerified: secret.type === 'stripe', createdAt: ctx.now, updatedAt: ctx.now },
      }
      const sealed = await seal(ctx.env.SECRET, 'payment-details', id, JSON.stringify(secret))
      return { statements: rows.insertMethod(ctx.db, method, sealed), outcome: id }
    })
  const id = await add().catch((error: unknown) => {
    throw messagesOf(error).some(rows.isFull) ? fullOf() : error
  })
  const kept = await rows.findMethodEver(ctx.db, userId, id)
  if (kept === undefined) throw new AppError('payment_method.not_found')
  return kept.method
}

const fullOf = (): AppError =>
  new AppError('payment_method.full', [
    { field: 'method_type', message: `At most ${MOST_METHODS} are kept; delete one first`, code: 'TOO_MANY', expected: `${MOST_METHODS}` },
  ])

async function refuseIfFull(ctx: Ctx): Promise<void> {
  const { total } = await listPaymentMethods(ctx, { page: 1, size: 1 })
  if (total >= MOST_METHODS) throw fullOf()
}

/** Renames the method or makes it the default; throws `payment_method.not_found`. */
export async function updatePaymentMethod(
  ctx: Ctx,
  id: Id<'paymentMethod'>,
  change: { readonly name?: string; readonly isDefault?: true },
): Promise<PaymentMethod> {
  return commit(ctx, async () => {
    const { method } = await requireMethod(ctx, id)
    const changes = { ...change, updatedAt: ctx.now }
    return { statements: rows.updateMethod(ctx.db, method, changes), outcome: { ...method, ...changes } }
  })
}

/** Takes the method away; the newest of the others takes its place as default. Throws `payment_method.not_found`. */
export async function deletePaymentMethod(ctx: Ctx, id: Id<'paymentMethod'>): Promise<void> {
  await commit(ctx, async () => {
    const { method } = await requireMethod(ctx, id)
    return { statements: rows.deleteMethod(ctx.db, method, ctx.now), outcome: undefined }
  })
}

/**
 * Asks the provider whether it still keeps the card. Nothing else can be verified from here: throws
 * `payment_method.unverifiable`.
 */
export async function verifyPaymentMethod(ctx: Ctx, id: Id<'paymentMethod'>): Promise<PaymentMethod> {
  const kept = await requireMethod(ctx, id)
  const secret = await unsealed(ctx, kept)
  if (secret.type !== 'stripe')
    throw new AppError('payment_method.unverifiable', [
      { field: 'payment_method_id', message: 'Only cards are verified, by their provider', code: 'UNVERIFIABLE', got: secret.type },
    ])
  const gateway = await gatewayOf(gatewaysOf(ctx), secret.gateway)
  const isVerified = await asked(gateway.isKept(secret))
  const changes = { isVerified, updatedAt: ctx.now }
  await runBatch(ctx.db, rows.updateMethod(ctx.db, kept.method, changes))
  return { ...kept.method, ...changes }
}
