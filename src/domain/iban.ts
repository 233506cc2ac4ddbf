// Bank accounts as Europe writes them: what is wrong with an IBAN or a BIC is told in words, so that whoever typed it
// can put it right. A message never repeats the number itself, since messages are logged and mailed.

/** How long an IBAN is in the countries of SEPA, by the IBAN Registry of SWIFT and the EPC's list of SEPA countries (EPC409-09). */
const SEPA_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AL28 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 ' +
    'LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PL28 PT25 RO24 RS22 SE24 SI19 SK24 SM27 VA22'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** In SEPA, but not in the European Economic Area: there a transfer still names the bank by its BIC. */
const OUTSIDE_EEA: ReadonlySet<string> = new Set('AD AL CH GB GI MC MD ME MK RS SM VA'.split(' '))

/** Without the spaces and hyphens that people write, in capitals. */
export const toIban = (text: string): string => text.replace(/[\s-]/g, '').toUpperCase()

/** In groups of four, as it is printed: `DE89 3704 0044 0532 0130 00`. */
export const printIban = (text: string): string => toIban(text).replace(/.{4}(?=.)/g, '$& ')

/** Whether the account is in a country of SEPA, going by the first two letters. */
export const isSepaIban = (text: string): boolean => SEPA_LENGTHS.has(toIban(text).slice(0, 2))

/** Whether a transfer to the account has to name the bank's BIC: in SEPA, outside of the EEA (EPC069-12, version 002). */
export const needsBic = (text: string): boolean => OUTSIDE_EEA.has(toIban(text).slice(0, 2))

/** The remainder by 97 of ISO 7064, letters counting 10 to 35 and the first four characters last; 1 when all is well. */
const remainderOf = (code: string): number =>
  [...(code.slice(4) + code.slice(0, 4))].reduce((rest, char) => {
    const value = Number.parseInt(char, 36)
    return (rest * (value > 9 ? 100 : 10) + value) % 97
  }, 0)

/**
 * What is wrong with the IBAN (ISO 13616), in words with what was expected and what came; `undefined` when nothing is.
 * Spaces, hyphens and small letters are fine. The length is known for the countries of SEPA, and 15 to 34 elsewhere.
 */
export function ibanFault(text: string): string | undefined {
  const iban = toIban(text)
  if (iban === '') return 'An IBAN was expected, got nothing'
  const stray = /[^A-Z0-9]/u.exec(iban)
  if (stray !== null) return `An IBAN has only letters A to Z and digits, got ${JSON.stringify(stray[0])}`
  const country = /^[A-Z]{2}/.exec(iban)?.[0]
  if (country === undefined) return `An IBAN begins with the two letters of a country, got "${iban.slice(0, 2)}"`
  const check = iban.slice(2, 4)
  if (!/^\d\d$/.test(check)) return `After the country an IBAN has two check digits, got "${check}"`
  const length = SEPA_LENGTHS.get(country)
  if (length !== undefined && iban.length !== length) return `An IBAN of ${country} has ${length} characters, got ${iban.length}`
  if (iban.length < 15 || iban.length > 34) return `An IBAN has 15 to 34 characters, got ${iban.length}`
  if (check < '02' || check > '98') return `The check digits of an IBAN are 02 to 98, got ${check}`
  const rest = remainderOf(iban)
  return rest === 1 ? undefined : `A character is wrong or two are swapped: the remainder by 97 should be 1, got ${rest}`
}

/** What is wrong with the BIC (ISO 9362), in words with what was expected and what came; `undefined` when nothing is. */
export function bicFault(text: string): string | undefined {
  const bic = text.trim().toUpperCase()
  if (bic.length !== 8 && bic.length !== 11) return `A BIC has 8 or 11 characters, got ${bic.length}`
  if (/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2,5}$/.test(bic)) return undefined
  return `A BIC is four letters or digits of the bank, two letters of its country, then letters or digits, got ${JSON.stringify(bic)}`
}

/** Whether the text is a creditor reference of ISO 11649, such as `RF18 5390 0754 7034`. */
export const isCreditorReference = (text: string): boolean => {
  const code = text.replace(/\s/g, '').toUpperCase()
  return /^RF\d{2}[A-Z0-9]{1,21}$/.test(code) && remainderOf(code) === 1
}
