// Ways to pay a settlement outside of the product: what the payer's bank or wallet opens with everything filled in.
import { signedIn, type Ctx } from '../context.ts'
import { AppError } from '../domain/errors.ts'
import type { Id } from '../domain/ids.ts'
import { payLinks, type PayLinks, type PayTarget } from '../domain/pay-links.ts'
import type { PayTarget as KeptTarget } from '../domain/payment-method.ts'
import { isClosed, remainingOf } from '../domain/settlement.ts'
import { EPC_QR, qrSvg } from '../platform/qr.ts'
import { findPayTarget } from './payment-methods.ts'
import { getSettlement } from './settlements.ts'

/** Where a link can lead of what the payee takes; by hand where they have not said, or it has no link. */
function targetOf(kept: KeptTarget | undefined): PayTarget {
  if (kept?.type === 'bank_account')
    return { type: kept.type, iban: kept.iban, holder: kept.accountHolder, ...(kept.bic && { bic: kept.bic }) }
  if (kept?.type === 'paypal') return kept.paypalMe === undefined ? { type: 'manual' } : { type: kept.type, name: kept.paypalMe }
  return kept ?? { type: 'manual' }
}

export interface SettlementPayLinks extends PayLinks {
  /** By link, where it has something for a camera: SVG. */
  readonly codes: ReadonlyMap<string, string>
}

/**
 * The links for what is still open of the settlement, to where the payee wants to be paid. Only its payer is told,
 * because an account is named. Throws `settlement.not_found`, `settlement.forbidden`, `settlement.state` when nothing is open.
 */
export async function listPayLinks(ctx: Ctx, id: Id<'settlement'>): Promise<SettlementPayLinks> {
  const { settlement, group, people } = await getSettlement(ctx, id)
  const { userId } = signedIn(ctx)
  const payee = people.get(settlement.payee)
  if (people.get(settlement.payer)?.userId !== userId)
    throw new AppError('settlement.forbidden', [
      { field: 'settlement_id', message: 'Only the payer is told where to pay', code: 'OTHER_SIDE', expected: 'payer' },
    ])
  const minor = remainingOf(settlement)
  if (minor === 0 || isClosed(settlement.status))
    throw new AppError('settlement.state', [
      { field: 'status', message: 'There is nothing to pay any more', code: 'WRONG_STATE', got: settlement.status },
    ])
  const kept = payee?.userId === undefined ? undefined : await findPayTarget(ctx, payee.userId)
  const links = payLinks({
    minor,
    currency: settlement.currency,
    payeeName: payee?.name ?? '',
    reference: `Quits ${group.name} ${settlement.id}`.slice(-140),
    target: targetOf(kept),
  })
  const codes = links.links.flatMap(({ kind, payload, text }) =>
    payload === undefined ? [] : [[kind, qrSvg(payload, { ...EPC_QR, title: text })] as const],
  )
  return { ...links, codes: new Map(codes) }
}
