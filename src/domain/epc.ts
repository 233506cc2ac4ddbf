// What a bank's app reads from the QR of a SEPA credit transfer. However people write their names, each stays on its own
// line, and the whole fits the largest code that apps must read.
// Source: EPC069-12, "Quick Response Code: Guidelines to Enable the Data Capture for the Initiation of a SEPA Credit Transfer".
import { EUR } from './currency.ts'
import { isCreditorReference, toIban } from './iban.ts'
import { formatMinor } from './money.ts'
import { byteLength, cut, oneLine, shorten } from './one-line.ts'

/** The largest code is version 13 with error correction M, which holds this many bytes. */
const EPC_BYTES = 331

/** The largest amount in cents: €999,999,999.99. The smallest is one cent. */
export const EPC_MAX_MINOR = 99_999_999_999

const NAME_LENGTH = 70
const REMITTANCE_LENGTH = 140

/** What every bank in SEPA takes (EPC217-08, "SEPA Requirements for an Extended Character Set"). */
const BASIC = /^[A-Za-z0-9/?:().,'+ -]$/

const TABLE =
  // Signs, after the conversion table of EPC217-08.
  `& + _ - ! . # . $ . % . * . ; , < . = . > . @ . [ ( ] ) { ( } ) \\ / | / ^ . ~ - \` ' " ' ‘ ' ’ ' ‚ ' “ ' ” ' „ ' « ' » ' ` +
  `– - — - − - · . • . ⁄ / € EUR £ GBP ` +
  'ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ŋ n ŧ t ĸ k ' +
  // Greek after ISO 843, Cyrillic after the Bulgarian law on transliteration, with the letters of its neighbours.
  'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o ' +
  'а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh щ sht ъ a ь y ' +
  'ю yu я ya э e ы y і i є ye ґ g ђ dj ћ c љ lj њ nj џ dz ј j ѕ z'

const LATIN: ReadonlyMap<string, string> = new Map([...TABLE.matchAll(/(\S+) (\S+)/g)].map(([, from = '', to = '']) => [from, to] as const))

function convert(char: string): string {
  if (BASIC.test(char)) return char
  const lower = char.toLowerCase()
  const latin = LATIN.get(lower) ?? ''
  return lower === char ? latin : latin.slice(0, 1).toUpperCase() + latin.slice(1)
}

/** In the letters that every bank takes: `Füße & Co` becomes `Fusse + Co`. What has no like there is left out. */
const toBasic = (char: string): string => convert(char) || [...char.normalize('NFKD')].map(convert).join('')

/** Letters and digits of any script stay as they are, since the code says UTF-8 and a bank knows its customers by them. */
const toName = (char: string): string => (/^(?!\p{Variation_Selector})[\p{L}\p{Mn}\p{Mc}\p{N}]$/u.test(char) ? char : toBasic(char))

/** Slashes neither double nor at the ends, which the rulebooks keep for the codes of banks. */
const tidy = (text: string): string =>
  oneLine(text)
    .replace(/\/(?: *\/)+/g, '/')
    .replace(/^[/ ]+|[/ ]+$/g, '')

/** The name as it can stand in the code, at most 70 characters; empty when nothing of it can. */
export const epcName = (text: string): string => {
  const name = tidy([...oneLine(text)].map(toName).join(''))
  return /[\p{L}\p{N}]/u.test(name) ? cut(name, NAME_LENGTH).trim() : ''
}

/** The reference as it can stand in the code, at most 140 characters. `_` becomes `-`: banks take no underscore. */
export const epcReference = (text: string): string => shorten(tidy([...oneLine(text)].map(toBasic).join('')), REMITTANCE_LENGTH)

/** A transfer of so many cents. The IBAN, the BIC and the amount are sound, and the name is one that `epcName` leaves something of. */
export interface CreditTransfer {
  readonly name: string
  readonly iban: string
  readonly bic?: string | undefined
  readonly minor: number
  /** Four letters of ISO 20022's purpose codes, such as `CHAR`. */
  readonly purpose?: string
  readonly reference: string
}

/**
 * The text of the QR: 11 lines, ended by LF but for the last, which is the last that says anything. A creditor reference of
 * ISO 11649 goes to the line for structured references, any other to the line for free text.
 */
export function epcPayload({ name, iban, bic = '', minor, purpose = '', reference }: CreditTransfer): string {
  const structured = isCreditorReference(reference)
  const head = ['BCD', '002', '1', 'SCT', bic.trim().toUpperCase()]
  const tail = [
    toIban(iban),
    `EUR${formatMinor(minor, EUR)}`,
    purpose,
    structured ? reference.replace(/\s/g, '').toUpperCase() : '',
    structured ? '' : epcReference(reference),
  ]
  const room = EPC_BYTES - byteLength([...head, '', ...tail].join('\n'))
  return [...head, cut(epcName(name), NAME_LENGTH, room).trim(), ...tail].join('\n').trimEnd()
}
