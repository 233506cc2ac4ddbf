// The sums of a Splitwise export: what is imported for each member and currency, to the minor unit, and the proof of it by
// the rows that the file ends in ("Total balance").
import { allocate } from '../allocate.ts'
import { type Currency, exponentOf, isCurrency } from '../currency.ts'
import { errorAt, noticeAt, type Check, type Fault } from './draft.ts'
import { readFigure } from './figures.ts'
import { codeIn } from './splitwise-columns.ts'
import { abs, decimalText, units, type File, type ReadRow } from './splitwise-rows.ts'

/** Millionths of a minor unit, in which it is counted what rounding did to each member. */
const MICRO = 1_000_000n
/** More decimals than a figure has here. */
const FINEST = 12

interface Sum {
  /** Minor units of each person, as they are imported. */
  readonly imported: bigint[]
  /** What the rows say of each person, in units of `10^-FINEST`. */
  readonly exact: bigint[]
  /** What each person was given too little so far, in millionths of a minor unit. */
  readonly behind: number[]
  /** Whether any row had more decimals than the currency. */
  isRounded: boolean
}

/** What is imported so far, by currency. */
export class Sums {
  readonly #byCurrency = new Map<Currency, Sum>()

  /** Every currency that has a row. */
  get currencies(): readonly Currency[] {
    return [...this.#byCurrency.keys()]
  }

  of(currency: Currency): Sum | undefined {
    return this.#byCurrency.get(currency)
  }

  /** The nets of the row in minor units, which sum to zero; they are added to what is imported. */
  round({ currency, scale, nets }: Pick<ReadRow, 'currency' | 'scale' | 'nets'>): number[] {
    const zeros = nets.map(() => 0n)
    const sum = this.#byCurrency.get(currency) ?? { imported: zeros, exact: [...zeros], behind: nets.map(() => 0), isRounded: false }
    this.#byCurrency.set(currency, sum)
    const factor = 10n ** BigInt(scale - exponentOf(currency))
    const rounded = factor === 1n ? nets.map(Number) : roundNets(nets, factor, sum)
    const fine = 10n ** BigInt(FINEST - scale)
    for (const [i, net] of nets.entries()) {
      sum.imported[i] = (sum.imported[i] ?? 0n) + BigInt(rounded[i] ?? 0)
      sum.exact[i] = (sum.exact[i] ?? 0n) + net * fine
    }
    return rounded
  }
}

/**
 * Rounds nets that are finer than the minor unit. The two sides are rounded to the same whole, up or down as those who
 * are up have been given too little or too much before, and each side is divided by largest remainder.
 */
function roundNets(nets: readonly bigint[], factor: bigint, sum: Sum): number[] {
  sum.isRounded = true
  const up = nets.flatMap((net, i) => (net > 0n ? [i] : []))
  const down = nets.flatMap((net, i) => (net < 0n ? [i] : []))
  const rounded = nets.map(() => 0)
  if (up.length === 0) return rounded
  const exact = up.reduce((total, i) => total + (nets[i] ?? 0n), 0n)
  const wanted = (exact * MICRO) / factor + BigInt(up.reduce((total, i) => total + (sum.behind[i] ?? 0), 0))
  const least = exact / factor
  const isUp = exact % factor !== 0n && wanted - least * MICRO >= MICRO / 2n
  const whole = Number(isUp ? least + 1n : least)
  for (const [side, sign] of [
    [up, 1],
    [down, -1],
  ] as const) {
    const { parts } = allocate(
      whole,
      side.map((i) => abs(nets[i] ?? 0n)),
      side.map((i) => (sum.behind[i] ?? 0) * sign),
    )
    for (const [k, i] of side.entries()) rounded[i] = 0 + (parts[k] ?? 0) * sign
  }
  for (const [i, net] of nets.entries()) {
    sum.behind[i] = (sum.behind[i] ?? 0) + Number((net * MICRO) / factor - BigInt(rounded[i] ?? 0) * MICRO)
  }
  return rounded.map((minor) => (minor === 0 ? 0 : minor))
}

/**
 * Holds each member's sum against the file's own. A currency without a total is told. Where rows have more decimals than
 * the currency the sum of what they say has to be the total, and what is imported is less than two minor units off it.
 */
export function checksOf(
  totals: readonly { readonly cells: readonly string[]; readonly line: number }[],
  sums: Sums,
  file: File,
  faults: Fault[],
): Check[] {
  const proved = new Set<Currency>()
  const checks: Check[] = []
  for (const { cells, line } of totals) {
    const only = sums.currencies.length === 1 ? sums.currencies[0] : undefined
    const code = codeIn(cells, file.columns) || only || ''
    if (!isCurrency(code) || proved.has(code)) {
      const expected = proved.has(code as Currency) ? `one total for ${code}` : 'a code such as EUR'
      faults.push(errorAt('TOTAL_UNREADABLE', 'It is not clear which currency this total is of', { row: line, expected, got: code }))
      continue
    }
    proved.add(code)
    checks.push(...checkTotal(cells, line, code, sums.of(code), file, faults))
  }
  for (const currency of sums.currencies) {
    if (!proved.has(currency)) {
      faults.push(
        noticeAt('NO_TOTAL', `The file has no total in ${currency}, so these sums could not be proved`, {
          expected: `a total in ${currency}`,
        }),
      )
    }
  }
  return checks
}

function checkTotal(
  cells: readonly string[],
  line: number,
  currency: Currency,
  sum: Sum | undefined,
  file: File,
  faults: Fault[],
): Check[] {
  const decimals = exponentOf(currency)
  return file.people.flatMap(({ ref }, i) => {
    const column = file.columns.members[i] ?? -1
    const cell = cells[column] ?? ''
    const text = cell.trim() === '' ? '0' : readFigure(cell, file.mark)
    if (text === undefined) {
      const where = { row: line, column: file.columns.headings[column] ?? '', expected: 'an amount', got: cell }
      faults.push(errorAt('TOTAL_UNREADABLE', 'This total is not an amount', where))
      return []
    }
    const scale = Math.max(decimals, text.split('.')[1]?.length ?? 0)
    const unit = 10n ** BigInt(scale - decimals)
    const expected = units(text, scale)
    const got = (sum?.imported[i] ?? 0n) * unit
    // Where rows are finer than the currency the proof is of what they say; half of the total's last place may be rounding.
    const off = abs((sum?.exact[i] ?? 0n) - units(text, FINEST)) * 2n
    const isMet = sum?.isRounded === true ? off <= 10n ** BigInt(FINEST - scale) : got === expected
    const shown = (value: bigint): string => decimalText(value, scale)
    return [
      {
        what: 'net' as const,
        person: ref,
        row: line,
        currency,
        expected: shown(expected),
        got: shown(got),
        difference: shown(got - expected),
        isMet,
      },
    ]
  })
}
