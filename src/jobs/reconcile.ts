// Once a night each provider's list is held against ours and against the ledger. What is open is brought to its end, what
// we have lost is made again from what we wrote on it, and what differs in amount is for people to look at.
import type { Surroundings } from '../context.ts'
import { runBatch } from '../db/client.ts'
import { adoptPayment, findPayments, listOpenPayments, readPosted, restorePayment, type Posted } from '../db/payments.ts'
import { errorText } from '../domain/error-text.ts'
import { isId, type Id } from '../domain/ids.ts'
import { GATEWAYS, isOpen, type GatewayName, type ListedPayment, type Payment } from '../domain/payment.ts'
import { DAY, MINUTE } from '../domain/time.ts'
import { gatewaysOf, type Gateways } from '../services/gateways.ts'
import { settlePayment } from '../services/settle-payment.ts'

const LOOKS_BACK_MS = 7 * DAY
/** What is younger is somebody's request, or the next promise of the outbox. */
const GRACE_MS = 10 * MINUTE
const OPEN_A_NIGHT = 500
const PART = 200

export interface Reconciled {
  /** Of the providers. */
  readonly seen: number
  /** Brought to where the provider says they are. */
  readonly finished: number
  /** Made again, because only the provider still had them. */
  readonly restored: number
  /** In the ledger with another amount than at the provider, or more than once. */
  readonly differing: number
  /** Could not be asked or written. */
  readonly failed: number
}

/** Our row, made from what we wrote on it at the provider; undefined where it is none of ours. */
function rebuilt({ now }: Surroundings, gateway: GatewayName, listed: ListedPayment): Payment | undefined {
  const { payment_id: id, settlement_id: settlementId, group_id: groupId, user_id: userId, method_id: methodId } = listed.about
  if (!isId('payment', id) || !isId('settlement', settlementId) || !isId('group', groupId)) return undefined
  if (!isId('user', userId) || !isId('paymentMethod', methodId)) return undefined
  const { externalId, minor, currency } = listed
  return {
    ...{ id, settlementId, groupId, userId, methodId, gateway, externalId, minor, currency },
    ...{ status: 'processing', refunded: 0, sentAt: now, createdAt: now, updatedAt: now, attempts: 0 },
  }
}

const ENDS: Readonly<Record<ListedPayment['state'], readonly Payment['status'][]>> = {
  succeeded: ['completed', 'refunded'],
  failed: ['failed'],
  processing: ['processing'],
  requires_action: ['requires_action'],
}

/** Whether the row and the ledger say of the payment what the provider does. */
function agrees({ status, refunded }: Payment, posted: Posted | undefined, listed: ListedPayment): 'yes' | 'no' | 'amount' {
  if (posted !== undefined && (listed.state !== 'succeeded' || posted.times !== 1 || posted.minor !== listed.minor)) return 'amount'
  const isPosted = posted !== undefined
  if (!ENDS[listed.state].includes(status) || isPosted !== (listed.state === 'succeeded')) return 'no'
  return refunded === listed.refunded && (posted?.refunded ?? 0) === listed.refunded ? 'yes' : 'no'
}

type Found = Exclude<keyof Reconciled, 'seen'> | 'sound'

/** Mends the payment, where there is something to mend. */
async function reconcileOne(
  at: Surroundings,
  gateways: Gateways,
  gateway: GatewayName,
  listed: ListedPayment,
  known?: Payment,
): Promise<Found> {
  const payment = known ?? rebuilt(at, gateway, listed)
  if (payment === undefined) return 'sound'
  const { id } = payment
  await runBatch(at.db, [known === undefined ? restorePayment(at.db, payment) : adoptPayment(at.db, id, listed.externalId)])
  const { payment: after } = await settlePayment(at, id, gateways)
  const posted = (await readPosted(at.db.$client, [id])).get(id)
  if (agrees(after, posted, listed) !== 'amount') return known === undefined ? 'restored' : 'finished'
  alertOf(id, gateway)
  return 'differing'
}

/** Those of a part of the list that we do not have as the provider has them, with what we have. */
async function findUnsound(at: Surroundings, part: readonly ListedPayment[]): Promise<{ listed: ListedPayment; known?: Payment }[]> {
  const ids = part.flatMap(({ about }) => (isId('payment', about['payment_id']) ? [about['payment_id']] : []))
  const [payments, posted] = [await findPayments(at.db, ids), await readPosted(at.db.$client, ids)]
  return part.flatMap((listed) => {
    const known = payments.get(listed.about['payment_id'] ?? '')
    if (known === undefined) return [{ listed }]
    return agrees(known, posted.get(known.id), listed) === 'yes' ? [] : [{ listed, known }]
  })
}

/** The list in parts that fit into a query. */
async function* partsOf(list: AsyncIterable<ListedPayment>): AsyncGenerator<readonly ListedPayment[]> {
  let part: ListedPayment[] = []
  for await (const listed of list) {
    part.push(listed)
    if (part.length < PART) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

const alertOf = (id: Id<'payment'>, gateway: GatewayName): void =>
  console.error(JSON.stringify({ level: 'alert', message: 'the ledger has another amount than the provider', payment_id: id, gateway }))

/** Holds our payments against the providers'. Answers what there was to mend: nothing, once everything has come to rest. */
export async function reconcilePayments(at: Surroundings, gateways: Gateways = gatewaysOf(at)): Promise<Reconciled> {
  const counts = { seen: 0, finished: 0, restored: 0, differing: 0, failed: 0, sound: 0 }
  const count = async (one: () => Promise<Found>): Promise<void> => {
    try {
      counts[await one()]++
    } catch (error) {
      counts.failed++
      console.error(JSON.stringify({ level: 'error', message: 'a payment could not be reconciled', error: errorText(error) }))
    }
  }
  for (const name of GATEWAYS) {
    const gateway = await gateways(name)
    if (gateway === undefined) continue
    await count(async () => {
      for await (const part of partsOf(gateway.list(at.now - LOOKS_BACK_MS))) {
        counts.seen += part.length
        for (const { listed, known } of await findUnsound(at, part)) await count(() => reconcileOne(at, gateways, name, listed, known))
      }
      return 'sound'
    })
  }
  // What no provider has, or had before the days that were listed.
  for (const { id } of await listOpenPayments(at.db, at.now - GRACE_MS, OPEN_A_NIGHT))
    await count(async () => (isOpen((await settlePayment(at, id, gateways)).payment) ? 'sound' : 'finished'))
  const { sound: _, ...found } = counts
  if (found.finished + found.restored + found.differing + found.failed > 0)
    console.error(JSON.stringify({ level: 'warning', message: 'there were payments to reconcile', ...found }))
  return found
}
