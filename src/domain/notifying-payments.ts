// What entries on settlements come to for the two sides: whom they are told to, and in which words.
import { symbolOf } from './currency.ts'
import type { MemberId } from './expense.ts'
import type { Entry, GroupInfo, Member, State } from './group.ts'
import { formatMinor } from './money.ts'
import type { Id } from './ids.ts'
import type { NotificationType } from './notification.ts'
import { remainingOf, type Settlement } from './settlement.ts'

/** The users to tell, and what. Whoever is named in several is told the first. */
export interface Telling {
  readonly type: NotificationType
  /** The settlement that it is about. */
  readonly about?: Settlement
  readonly to: readonly (Id<'user'> | undefined)[]
  readonly title: string
  readonly message: string
  readonly sender?: Member | undefined
}

interface Occasion {
  readonly entry: Entry
  readonly state: State
  readonly info: GroupInfo
  readonly who: string
}

const moneyOf = ({ currency }: Settlement, minor: number): string => `${symbolOf(currency)}${formatMinor(minor, currency)}`

/** Each payment that the plan asks of somebody, told to who pays. */
const planned = ({ entry, state, info }: Occasion): Telling[] =>
  (entry.settlements ?? [])
    .filter(({ status }) => status === 'pending')
    .map((settlement) => ({
      type: 'settlement_requested',
      about: settlement,
      to: [state.members.get(settlement.payer)?.userId],
      title: `Settle up in ${info.name}`,
      message: `The plan for ${info.name}: you pay ${nameOf(state, settlement.payee)} ${moneyOf(settlement, settlement.amount)}`,
    }))

const nameOf = (state: State, member: MemberId): string => state.members.get(member)?.name ?? 'somebody'

/** What an entry on one settlement says to both its sides; who did it is left out further on. */
export function tellingsOfPayments(at: Occasion): Telling[] {
  const { entry, state, info, who } = at
  const settlement = entry.settlements?.at(-1)
  if (settlement === undefined) return []
  if (entry.type === 'plan_pinned') return planned(at)
  const both = [settlement.payer, settlement.payee].map((member) => state.members.get(member)?.userId)
  const [payer, payee] = [nameOf(state, settlement.payer), nameOf(state, settlement.payee)]
  const all = moneyOf(settlement, settlement.amount)
  const say = (type: Telling['type'], title: string, message: string, to = both): Telling[] => [
    { type, about: settlement, to, title: `${title} in ${info.name}`, message },
  ]
  switch (entry.type) {
    case 'settlement_requested':
      return entry.member === settlement.payer
        ? say('settlement_requested', 'Payment announced', `${payer} is going to pay ${payee} ${all}`)
        : say('settlement_requested', 'Payment requested', `${who} asks that ${payer} pays ${payee} ${all}`)
    case 'settlement_reported':
      return say('payment_reported', 'Payment to confirm', `${payer} says that ${moneyOf(settlement, settlement.reported)} is paid`, [
        both[1],
      ])
    case 'settlement_paid': {
      const paid = settlement.payments.at(-1)?.minor ?? 0
      const open = remainingOf(settlement)
      const rest = open > 0 ? `; ${moneyOf(settlement, open)} is open` : ''
      return say('payment_received', 'Payment', `${payer} paid ${payee} ${moneyOf(settlement, paid)}${rest}`)
    }
    case 'settlement_rejected':
      return say('settlement_closed', 'Payment declined', `${who} declined the payment of ${all}`)
    case 'settlement_cancelled':
      return say('settlement_closed', 'Payment withdrawn', `${who} withdrew the payment of ${all}`)
    case 'settlement_disputed':
      return say('settlement_disputed', 'Payment disputed', `${who} disputes the payment of ${all}: ${settlement.dispute?.reason ?? ''}`)
    case 'settlement_undone':
      return say('settlement_disputed', 'Payment taken back', `${who} took back that ${all} came`)
    case 'settlement_reminded':
      return say('payment_due', 'Payment reminder', `${who} reminds you to pay ${payee} ${moneyOf(settlement, remainingOf(settlement))}`, [
        both[0],
      ])
    case 'payment_failed':
      return say('payment_failed', 'Payment failed', `The payment of ${all} to ${payee} did not go through`, [both[0]])
    case 'payment_refunded':
      return say('payment_received', 'Payment refunded', `${payee} refunded ${payer} for the payment of ${all}`)
    default:
      return []
  }
}
