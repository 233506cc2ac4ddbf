// What each member of a group paid and what they bear, of what was spent and of what came in. Nets sum to 0. Payments
// between members are not in it: it tells how a range changed the balances, not what they are.
import type { Currency } from '../currency.ts'
import type { MemberId } from '../expense.ts'
import { sum } from '../money.ts'
import { EVERYTHING, membersOf, type RollupRow } from './rollup.ts'
import {
  compareText,
  converted,
  exactSum,
  figuresOf,
  percentOf,
  rounded,
  apportioned,
  unconvertedOf,
  type Amount,
  type Figure,
  type Kind,
  type RateOf,
  type Unconverted,
} from './view.ts'

/** Amounts in minor units. */
interface MemberFigures {
  readonly member: MemberId
  readonly paidMinor: number
  readonly shareMinor: number
  /** Expenses of which the member bears a part. */
  readonly count: number
  /** Of what was paid by all and of what is borne by all. */
  readonly paidPercentage: number
  readonly sharePercentage: number
  /** Of income: what the member received, and what is theirs of it. */
  readonly receivedMinor: number
  readonly incomeShareMinor: number
  /** By how much the range raised their balance: paid less share, and of income share less received. */
  readonly netMinor: number
}

export interface MembersTold {
  readonly currency: Currency
  readonly expensesMinor: number
  readonly incomeMinor: number
  /** Who paid most first. */
  readonly members: readonly MemberFigures[]
  readonly unconverted: readonly Unconverted[]
}

type Column = 0 | 1
const [OWED, PAID] = [0, 1] as const

/** Needs the rows of everything that `readsOf(…, 'total')` names, of one group. */
export function memberFiguresOf(rows: readonly RollupRow[], currency: Currency, rateOf: RateOf): MembersTold {
  const all = rows.filter(({ series }) => series === EVERYTHING)
  const ids = [...new Set(all.flatMap((row) => membersOf(row).map(([id]) => id)))].sort(compareText)
  const columnOf = (kind: Kind, column: Column): number[] => {
    const figures = ids.map((id) => figuresOf(converted(amountsOf(all, id, column), currency, rateOf), kind, isEverything))
    return apportionedAmong(figures)
  }
  const [paid, share] = [columnOf('expense', PAID), columnOf('expense', OWED)]
  const [received, incomeShare] = [columnOf('income', PAID), columnOf('income', OWED)]
  const { unconverted } = converted(all, currency, rateOf)
  const apart = new Set<Amount>(unconverted)
  const counted = all.filter((row) => row.kind === 'expense' && !apart.has(row))
  const [expensesMinor, incomeMinor] = [sum(paid), sum(received)]
  const members = ids.map((member, i): MemberFigures => {
    const [paidMinor, shareMinor, receivedMinor, incomeShareMinor] = [paid[i] ?? 0, share[i] ?? 0, received[i] ?? 0, incomeShare[i] ?? 0]
    return {
      member,
      paidMinor,
      shareMinor,
      count: sum(counted.map((row) => row.members[member]?.[2] ?? 0)),
      paidPercentage: percentOf(paidMinor, expensesMinor),
      sharePercentage: percentOf(shareMinor, expensesMinor),
      receivedMinor,
      incomeShareMinor,
      netMinor: paidMinor - shareMinor + incomeShareMinor - receivedMinor,
    }
  })
  return {
    currency,
    expensesMinor,
    incomeMinor,
    members: members.sort((a, b) => b.paidMinor - a.paidMinor || b.shareMinor - a.shareMinor || compareText(a.member, b.member)),
    unconverted: unconvertedOf({ unconverted }, isEverything),
  }
}

const isEverything = (series: string): boolean => series === EVERYTHING

const apportionedAmong = (figures: readonly (readonly Figure[])[]): number[] =>
  apportioned(rounded(exactSum(figures.flat())), figures.map(exactSum))

/** One column of one member, as amounts of its own. */
const amountsOf = (rows: readonly RollupRow[], id: MemberId, column: Column): Amount[] =>
  rows.flatMap(({ members, ...row }) => {
    const minor = members[id]?.[column] ?? 0
    return minor === 0 ? [] : [{ ...row, minor }]
  })
