// The currency of a receipt: by what stands beside the amounts, else by words that belong to one country.
import { type Currency, exponentOf, isCurrency } from '../currency.ts'
import { pointOf } from './amounts.ts'
import type { Line } from './lines.ts'
import { fold } from './marks.ts'
import type { Field } from './reading.ts'

interface Sign {
  readonly pattern: RegExp
  readonly currency: string
  readonly weight: number
}

const sign = (pattern: RegExp, currency: string, weight: number): Sign => ({ pattern, currency, weight })

/** Before or after an amount, or in the head of a column; `$` and `kr` alone are of many countries. */
const SIGNS: readonly Sign[] = [
  sign(/€|(?<![A-Z])EUR(?:OS?)?(?![A-Z])/g, 'EUR', 4),
  sign(/(?<![A-Z])RM(?![A-Z])/g, 'MYR', 3),
  sign(/£/g, 'GBP', 4),
  sign(/円|[￥¥](?= ?\d)/g, 'JPY', 3),
  sign(/元/g, 'CNY', 3),
  sign(/₹|(?<![A-Z])RS\.? ?(?=\d)/g, 'INR', 3),
  sign(/₩|원/g, 'KRW', 4),
  sign(/฿|บาท/g, 'THB', 4),
  sign(/₺/g, 'TRY', 4),
  sign(/₫/g, 'VND', 4),
  sign(/₱/g, 'PHP', 4),
  sign(/₪/g, 'ILS', 4),
  sign(/R\$/g, 'BRL', 4),
  sign(/(?<![A-Z])S\$/g, 'SGD', 3),
  sign(/(?<![A-Z])A\$/g, 'AUD', 4),
  sign(/(?<![A-Z])C\$/g, 'CAD', 4),
  sign(/HK\$/g, 'HKD', 4),
  sign(/NT\$/g, 'TWD', 4),
  sign(/NZ\$/g, 'NZD', 4),
  sign(/MX\$/g, 'MXN', 4),
  sign(/(?<![A-Z])US\$/g, 'USD', 4),
  sign(/(?<![A-Z]|[A-Z]\$)\$/g, 'USD', 1),
  sign(/(?<![A-Z])RP\.? ?(?=\d)/g, 'IDR', 3),
  sign(/(?<![A-Z])FR\. ?(?=\d)/g, 'CHF', 3),
  sign(/(?<![A-Z])ZL(?![A-Z])/g, 'PLN', 2),
  sign(/(?<![A-Z])KC(?![A-Z])/g, 'CZK', 2),
]

/** Words of one country: legal forms, names of taxes, the country itself. They weigh less than a sign beside an amount. */
const PLACES: readonly Sign[] = [
  sign(/SDN\.? ?[B8]HD|MALAYSIA|SELANGOR|KUALA ?LUMPUR|TARIKH|JUMLAH|(?<![A-Z])JALAN(?![A-Z])|(?<![A-Z])SST(?![A-Z])/g, 'MYR', 2),
  sign(/(?<![A-Z])(?:JLN|PERNIAGAAN|SYARIKAT|KEDAI|RESTORAN|ENTERPRISE)(?![A-Z])/g, 'MYR', 0.7),
  sign(/PTE\.? ?LTD|SINGAPORE/g, 'SGD', 2.5),
  sign(/(?<![A-Z])PTY(?![A-Z])|AUSTRALIA|(?<![A-Z])ABN(?![A-Z])/g, 'AUD', 2.5),
  sign(/NEW ZEALAND/g, 'NZD', 3),
  sign(/(?<![A-Z])(?:SCHWEIZ|SUISSE|SVIZZERA|SWITZERLAND)(?![A-Z])|CHE-?\d{3}/g, 'CHF', 3),
  sign(
    /(?<![A-Z])(?:GMBH|MWST|UST|SUMME|RECHNUNG|TVA|SARL|SIRET|NIF|CIF|LDA|CONTRIBUINTE|FATTURA|SCONTRINO|BTW|P\.? ?IVA)(?![A-Z])/g,
    'EUR',
    1,
  ),
  sign(/LTDA|(?<![A-Z])(?:CNPJ|BRASIL|ICMS|CUPOM)(?![A-Z])/g, 'BRL', 3),
  sign(/(?<![A-Z])(?:LONDON|UNITED KINGDOM|VAT NO|VAT REG)(?![A-Z])/g, 'GBP', 1),
  sign(/(?<![A-Z])(?:GSTIN|CGST|SGST)(?![A-Z])/g, 'INR', 4),
  sign(/(?<![A-Z])(?:HST|PST|QST|TPS|TVQ|CANADA)(?![A-Z])/g, 'CAD', 2.5),
  sign(/(?<![A-Z])(?:MEXICO|RFC)(?![A-Z])/g, 'MXN', 2.5),
  sign(
    /(?<![A-Z])(?:LLC|USA|SALES TAX)(?![A-Z])|(?<![A-Z])(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?!\d)/g,
    'USD',
    2,
  ),
]

/** Codes of ISO 4217 count where they stand beside an amount or alone in the head of a column. */
const CODE = /(?<![A-Z])([A-Z]{3})(?= {0,4}\d+[.,]\d)|\d[.,]\d\d ?([A-Z]{3})(?![A-Z])|\(([A-Z]{3})\)/g

/** How much a second or third find of the same kind adds. */
const tally = (count: number): number => (count === 0 ? 0 : 1 + Math.min(2, count - 1) * 0.5)

export function findCurrency(lines: readonly Line[]): Field<Currency> {
  const text = lines.map((line) => fold(line.text)).join('\n')
  const votes = new Map<string, number>()
  const vote = (code: string, weight: number): void => {
    if (weight > 0) votes.set(code, (votes.get(code) ?? 0) + weight)
  }
  for (const { pattern, currency, weight } of [...SIGNS, ...PLACES]) vote(currency, weight * tally(text.match(pattern)?.length ?? 0))
  for (const [, before, after, alone] of text.matchAll(CODE)) vote(before ?? after ?? alone ?? '', 2.5)
  // Where amounts have two decimals the currency has them too, so what looked like the sign of another was dirt.
  const hasCents = pointOf(text) !== undefined
  const fitting = [...votes].flatMap(([code, weight]) =>
    isCurrency(code) ? [[code, weight * (hasCents && exponentOf(code) !== 2 ? 0.1 : 1)] as const] : [],
  )
  const [first, second] = fitting.sort((a, b) => b[1] - a[1])
  if (first === undefined) return null
  const confidence = Math.min(0.98, (first[1] / (first[1] + 1)) * (first[1] / (first[1] + (second?.[1] ?? 0) * 0.7)))
  return { value: first[0], confidence }
}
