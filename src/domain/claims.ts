// Who had what of an itemised expense, as they say themselves: each takes a part of a line, and the bearer is left with
// what nobody took. The parts of a line never come to more than the line, and they are exact: only `allocate` rounds.
import { type Detail, type ErrorCode, type Failure, failure } from './errors.ts'
import type { Claim, Claims, Item, MemberId, Portion, Split } from './expense.ts'
import { toWeights } from './allocate.ts'
import { type Result, err, ok } from './result.ts'

export type ItemizedSplit = Extract<Split, { type: 'itemized' }>

/** The pieces that a line may be cut into for one claim. */
const FINEST = 1000

/** As many of its common pieces a line may have: a weight of a split has 12 digits at most. */
const MOST_PIECES = 999_999_999_999n

/** Short enough that the quotient of two of them is no work. */
const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/
const FRACTION = /^\d{1,12}\/\d{1,12}$/

/** In lowest terms, the bottom positive. */
interface Fraction {
  readonly top: bigint
  readonly bottom: bigint
}

const NONE: Fraction = { top: 0n, bottom: 1n }
const WHOLE: Fraction = { top: 1n, bottom: 1n }

/** Every line open and unclaimed, so that the bearer has all of it. */
export function openClaims(split: ItemizedSplit, bearer: MemberId): Claims {
  return { isOpen: true, bearer, lines: split.items.map(() => []) }
}

/**
 * Reads what a client says it had of a line: a fraction `1/3` or decimal `0.5` of it, or how many of its pieces, in the
 * unit of the line's quantity (`1` of `4`, `0.25` of `0.745`). The portion is in lowest terms, as `claimLine` takes it.
 *
 * Refuses with `claim.invalid`: not exactly one of the two (`PORTION_OR_QUANTITY`), not such a number or not more than 0
 * (`INVALID_PORTION`, `INVALID_QUANTITY`), pieces of a line that doesn't say how many it has (`NO_QUANTITY`), more than
 * the whole line (`MORE_THAN_THE_LINE`), finer than thousandths (`TOO_FINE`).
 */
export function readPortion(asked: { portion?: string; quantity?: string }, item: Item): Result<Portion, Failure> {
  const { portion, quantity } = asked
  if (portion !== undefined && quantity === undefined) return readFraction(portion)
  if (quantity !== undefined && portion === undefined) return readQuantity(quantity, item.quantity)
  return invalid({
    field: 'portion',
    code: 'PORTION_OR_QUANTITY',
    message: 'Say either portion, such as "1/2", or quantity, such as "1"',
  })
}

/**
 * Sets what the member had of the line, counted from 0, in place of what they said before; `null` takes it back. The
 * claims of a line are kept in the order of member ids, so that the outcome does not depend on who came first.
 *
 * Refuses with `claim.closed`; with `claim.invalid` for a line that doesn't exist (`NO_SUCH_LINE`), for what `readPortion`
 * would refuse, and for a portion that cuts the line, with those of the others, into more pieces than weights can count
 * (`TOO_FINE`); with `claim.taken` when the others have left less of it: `expected` is what they left, `got` what was
 * asked and `difference` by how much that is more, all as fractions of the line.
 */
export function claimLine(claims: Claims, line: number, member: MemberId, portion: Portion | null): Result<Claims, Failure> {
  if (!claims.isOpen) return refuse('claim.closed')
  const before = claims.lines[line]
  if (before === undefined) return refuse('claim.invalid', noSuchLine(claims, line))
  const others = before.filter((claim) => claim.member !== member)
  if (portion === null) return ok(withLine(claims, line, others))
  const read = readFraction(portion)
  if (!read.ok) return read
  const asked = fractionOf(read.value)
  const left = minus(WHOLE, sumOf(others))
  if (isMore(asked, left)) return refuse('claim.taken', taken(left, asked))
  const after = [...others, { member, portion: read.value }].sort(byMember)
  if (piecesOf(after) > MOST_PIECES) {
    const message = 'With the portions of the others, this cuts the line into too many pieces; take a simpler fraction'
    return refuse('claim.invalid', { field: 'portion', code: 'TOO_FINE', message, got: read.value })
  }
  return ok(withLine(claims, line, after))
}

/**
 * What nobody has claimed of the line, counted from 0: `1` of an untouched one, `0` when nothing is left or there is no
 * such line. It may be finer than a claim may be.
 */
export function portionLeft(claims: Claims, line: number): Portion {
  const taken = claims.lines[line]
  return taken === undefined ? '0' : textOf(minus(WHOLE, sumOf(taken)))
}

/**
 * The split that the claims come to: on each line its claimers, weighted by the smallest whole numbers in proportion, and
 * the bearer with the rest and their own claim together; a bearer with neither is left out. Names, amounts, tax, tip and
 * discount stay as they are. Parts are in the order of member ids, because the odd units of equals go to the first.
 *
 * Of a line with a negative amount the unclaimed part is the bearer's too, so `split` refuses the outcome (`NEGATIVE_SHARE`)
 * when others take what it was to be deducted from.
 */
export function splitByClaims(split: ItemizedSplit, claims: Claims): ItemizedSplit {
  return { ...split, items: split.items.map((item, i) => ({ ...item, parts: partsOf(claims.lines[i] ?? [], claims.bearer) })) }
}

function partsOf(line: readonly Claim[], bearer: MemberId): Item['parts'] {
  const pieces = piecesOf(line)
  const weights = new Map<MemberId, bigint>()
  let rest = pieces
  for (const { member, portion } of line) {
    const { top, bottom } = fractionOf(portion)
    const weight = top * (pieces / bottom)
    weights.set(member, weight)
    rest -= weight
  }
  if (rest > 0n) weights.set(bearer, (weights.get(bearer) ?? 0n) + rest)
  // The bearer's own claim may have cut the line finer than the outcome is: without this, it would change the weights.
  const common = [...weights.values()].reduce(greatestCommonDivisor, 0n)
  return [...weights].map(([member, weight]) => ({ member, weight: String(weight / common) })).sort(byMember)
}

function readFraction(text: string): Result<Portion, Failure> {
  const [top = '', bottom = '1'] = text.split('/')
  if (!DECIMAL.test(text) && !FRACTION.test(text)) return unreadable('portion', text)
  return portionOf('portion', text, [top, bottom], '1')
}

function readQuantity(text: string, quantity: string | undefined): Result<Portion, Failure> {
  // To take the line for one piece would give all of it to whoever says they had one of three.
  if (quantity === undefined || !DECIMAL.test(quantity) || !/[1-9]/.test(quantity)) {
    const message = 'The line does not say how many it has; say a portion of it, such as "1/2"'
    return invalid({ field: 'quantity', code: 'NO_QUANTITY', message, got: text })
  }
  if (!DECIMAL.test(text)) return unreadable('quantity', text)
  return portionOf('quantity', text, [text, quantity], quantity)
}

/** The quotient of two decimals in lowest terms, where it is one that can be claimed; `most` is the whole line as it is told. */
function portionOf(
  field: 'portion' | 'quantity',
  got: string,
  quotient: readonly [string, string],
  most: string,
): Result<Portion, Failure> {
  const [top = 0n, bottom = 0n] = toWeights(quotient)
  if (top === 0n || bottom === 0n) return unreadable(field, got)
  const fraction = lowest(top, bottom)
  if (isMore(fraction, WHOLE)) {
    const message = field === 'portion' ? 'This is more than the whole line' : `The line has ${most}, this is more`
    return invalid({ field, code: 'MORE_THAN_THE_LINE', message, expected: `at most ${most}`, got })
  }
  if (fraction.bottom <= BigInt(FINEST)) return ok(textOf(fraction))
  const message = `A line is cut into ${FINEST} pieces at most; a third is said as "1/3"`
  return invalid({ field, code: 'TOO_FINE', message, expected: `a denominator of at most ${FINEST}`, got })
}

function unreadable(field: 'portion' | 'quantity', got: string) {
  return field === 'portion'
    ? invalid({
        field,
        code: 'INVALID_PORTION',
        message: 'A portion is a fraction such as "1/3" or a decimal such as "0.5", more than 0',
        got,
      })
    : invalid({ field, code: 'INVALID_QUANTITY', message: 'A quantity is a decimal such as "1" or "0.5", more than 0', got })
}

function noSuchLine({ lines }: Claims, line: number): Detail {
  const message = `There are ${lines.length} lines, counted from 0`
  return { field: 'line', code: 'NO_SUCH_LINE', message, expected: `0 to ${lines.length - 1}`, got: String(line) }
}

function taken(left: Fraction, asked: Fraction): Detail {
  const message = left.top === 0n ? 'Nothing is left of this line' : `${textOf(left)} of this line is left, ${textOf(asked)} was asked for`
  const figures = { expected: textOf(left), got: textOf(asked), difference: textOf(minus(asked, left)) }
  return { field: 'portion', code: 'MORE_THAN_IS_LEFT', message, ...figures }
}

const refuse = (code: ErrorCode, ...details: Detail[]) => err(failure(code, details))
const invalid = (...details: Detail[]) => refuse('claim.invalid', ...details)

const withLine = (claims: Claims, line: number, after: readonly Claim[]): Claims => ({ ...claims, lines: claims.lines.with(line, after) })

/** By code units, which no locale changes. */
const byMember = (a: { readonly member: MemberId }, b: { readonly member: MemberId }): number =>
  a.member < b.member ? -1 : a.member > b.member ? 1 : 0

/** Into how many equal pieces a line is cut so that each claim is a whole number of them. */
const piecesOf = (line: readonly Claim[]): bigint =>
  line.reduce((pieces, { portion }) => {
    const { bottom } = fractionOf(portion)
    return (pieces / greatestCommonDivisor(pieces, bottom)) * bottom
  }, 1n)

const sumOf = (line: readonly Claim[]): Fraction => line.reduce((sum, { portion }) => minus(sum, negated(fractionOf(portion))), NONE)
const negated = ({ top, bottom }: Fraction): Fraction => ({ top: -top, bottom })
const minus = (a: Fraction, b: Fraction): Fraction => lowest(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom)
const isMore = (a: Fraction, b: Fraction): boolean => a.top * b.bottom > b.top * a.bottom

function lowest(top: bigint, bottom: bigint): Fraction {
  const common = greatestCommonDivisor(top < 0n ? -top : top, bottom)
  return { top: top / common, bottom: bottom / common }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

/** Of a portion that `readFraction` gave. */
function fractionOf(portion: Portion): Fraction {
  const [top = '0', bottom = '1'] = portion.split('/')
  return { top: BigInt(top), bottom: BigInt(bottom) }
}

const textOf = ({ top, bottom }: Fraction): Portion => (bottom === 1n ? String(top) : `${top}/${bottom}`)
