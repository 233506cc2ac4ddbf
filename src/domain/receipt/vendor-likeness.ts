// Whether two names are of one vendor: as a receipt prints it, a bank abbreviates it or a person remembers it. Only letters
// and digits count, in capitals and without accents; legal forms don't.

/** From which likeness on two names are taken for one vendor's, and from which on for the same name. */
export const ALIKE = 0.7
export const SAME = 0.95

/** What a name is worth that stands whole in the other, besides how much of it it is: `Rewe` in `Rewe Markt 1234`. */
const CONTAINED = 0.8

/** Legal forms of companies, which receipts print and people leave out. */
const LEGAL_FORMS: ReadonlySet<string> = new Set(
  (
    'GMBH MBH UG AG KG KGAA OHG GBR EK CO LTD LIMITED PLC LLC LLP INC CORP CORPORATION SA SAS SASU SARL EURL SNC SL SLU SPA SRL SRLS ' +
    'BV NV VOF BVBA AB OY OYJ AS ASA APS SDN BHD SB PTE PTY TBK LDA LTDA EIRELI UNIPESSOAL SRO DOO KFT ZRT JSC'
  ).split(' '),
)

/** So much of a name is looked through for another, and so much of its beginning is compared letter by letter. */
const LONGEST_NAME = 64
const LONGEST_PATTERN = 32

/** A name as it is compared: its letters and digits in capitals without accents, and where its words begin and end in them. */
export interface Name {
  readonly letters: string
  readonly borders: ReadonlySet<number>
}

/** A name that many are compared with: for each letter of its beginning, the places where it stands, a bit each. */
export interface Pattern extends Name {
  readonly places: ReadonlyMap<number, number>
}

/** A name as it is compared; without letters when there are none to compare. The first word stays even if it is a legal form's. */
export function nameOf(text: string): Name {
  const plain = text
    .slice(0, 4 * LONGEST_NAME)
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toUpperCase()
  // `S.A.R.L.` and `A/S` are words too.
  const words = plain.replace(/(?<![\p{L}\d])(\p{L})[./]/gu, '$1').match(/[\p{L}\d]+/gu) ?? []
  const borders = new Set([0])
  const kept: string[] = []
  let length = 0
  for (const [i, word] of words.entries()) {
    if (i > 0 && LEGAL_FORMS.has(word)) continue
    kept.push(word)
    length += word.length
    borders.add(length)
  }
  return { letters: kept.join('').slice(0, LONGEST_NAME), borders }
}

/** The same for the side that stays while the other changes. */
export function patternOf(text: string): Pattern {
  const name = nameOf(text)
  const places = new Map<number, number>()
  for (let i = 0; i < Math.min(name.letters.length, LONGEST_PATTERN); i++) {
    const unit = name.letters.charCodeAt(i)
    places.set(unit, (places.get(unit) ?? 0) | (1 << i))
  }
  return { ...name, places }
}

/**
 * How like the receipt's vendor is to the expense's, or to its title if that is like it at all: from 0 to 1 with two decimals,
 * the same both ways; `null` where one side names nobody.
 */
export function vendorLikeness(receipt: Pattern, vendor: Name, title: Name): number | null {
  if (receipt.letters === '') return null
  const named = vendor.letters === '' ? null : likeness(receipt, vendor)
  const titled = named === 1 ? 0 : likeness(receipt, title)
  return titled >= ALIKE ? Math.max(titled, named ?? 0) : named
}

function likeness(a: Pattern, b: Name): number {
  const [short, long] = a.letters.length <= b.letters.length ? [a, b] : [b, a]
  if (isWordOf(short, long)) return twoDecimals(CONTAINED + ((1 - CONTAINED) * short.letters.length) / long.letters.length)
  return twoDecimals(1 - editDistance(a, b) / Math.min(long.letters.length, LONGEST_PATTERN))
}

/** Whether the short name stands in the long one as whole words, or is long enough to be known where others are glued to its end. */
function isWordOf(short: Name, long: Name): boolean {
  const { length } = short.letters
  if (length < 2) return false
  for (let at = long.letters.indexOf(short.letters); at >= 0; at = long.letters.indexOf(short.letters, at + 1)) {
    if (long.borders.has(at) && (length >= 6 || long.borders.has(at + length))) return true
  }
  return false
}

/**
 * Levenshtein's: how many letters must be put in, taken out or changed to make one beginning the other. The differences down
 * a column of the table are kept as bits of two numbers, so that a letter takes a few steps whatever the length (Myers 1999,
 * as Hyyrö 2003 has it): periods have hundreds of thousands of pairs to compare.
 */
function editDistance(pattern: Pattern, { letters }: Name): number {
  const length = Math.min(pattern.letters.length, LONGEST_PATTERN)
  const last = 1 << (length - 1)
  let distance = length
  let more = -1
  let less = 0
  for (let j = 0; j < Math.min(letters.length, LONGEST_PATTERN); j++) {
    const here = pattern.places.get(letters.charCodeAt(j)) ?? 0
    const across = (((here & more) + more) ^ more) | here
    let right = less | ~(across | more)
    const left = more & across
    if ((right & last) !== 0) distance++
    if ((left & last) !== 0) distance--
    right = (right << 1) | 1
    const down = here | less
    more = (left << 1) | ~(down | right)
    less = right & down
  }
  return distance
}

/** Scores are told in hundredths, so they are compared in hundredths too. */
export const twoDecimals = (value: number): number => Math.round(value * 100) / 100
