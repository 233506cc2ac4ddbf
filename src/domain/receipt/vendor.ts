// Who sold: the line near the top that reads most like the name of a business. Legal forms and words of trades count,
// addresses and numbers count against; there is no list of shops.
import type { Field } from './reading.ts'
import { fold } from './marks.ts'
import { type Row, coverageOf, hasAny, wordsOf } from './rows.ts'

/** Legal forms of companies, glued to the name or not, with the letters that are misread in them. */
const LEGAL_FORM = new RegExp(
  [
    String.raw`S[DO0]N\.? ?\.?[BE8R][HMN][DO0B]?\b\.?|\bS\/ ?B\b|\bSDN\b\.?|\bBHD\b\.?|\bG\.?M\.?B\.?H\b\.?(?: ?& ?CO\.? ?KGA?A?)?`,
    String.raw`\b(?:PTE\.? ?|PTY\.? ?)?LTD\b\.?|\bLIMITED\b|\bPLC\b|\bL\.?L\.?[CP]\b\.?|\bINC\b\.?|\bCORP(?:ORATION)?\b\.?`,
    String.raw`\bS\.?A\.?R\.?L\b\.?|\bS\.A\.S?\b\.?`,
    String.raw`\b(?:SAS|SASU|EURL|SNC|UNIPESSOAL|LTDA|LDA|EIRELI|OHG|KG|UG|AG|E\.K|BVBA|VOF|KFT|TBK|S\.?R\.?O|SP\. ?Z ?O\.? ?O)\b\.?`,
    String.raw`\bS\.?L\.?U\b\.?|\bS\.L\b\.?|\bS\.?P\.?A\b\.?|\bS\.?R\.?L\b\.?|\bB\.V\b\.?|\bN\.V\b\.?`,
    String.raw`(?<= )(?:SB|BV|NV|AB|OY|APS|SL|SA)$`,
  ].join('|'),
)

/** Words of trades, which stand in names everywhere. */
const TRADE = new RegExp(
  [
    String.raw`RESTAURAN|RESTORAN|RISTORANTE|\bCAFE|COFFEE|KOPITIAM|BAKER|BACKEREI|BAKKERIJ|BOULANGERIE|PATISSERIE|PANADERIA|PADARIA`,
    String.raw`PANIFICIO|CONFECTION|METZGEREI|SLAGERIJ|BOUCHERIE|\bSTORES?\b|\bSHOP\b|MART\b|MARKET|MARCHE|MERCADO|\bMARKT\b|KAUFHAUS`,
    String.raw`GASTHAUS|GASTHOF|BRAUHAUS|WIRTSHAUS|HARDWARE|STATIONE|PAPETERIE|PAPELARIA|PAPELERIA|BOOK|LIBRAIRIE|LIBRERIA|LIVRARIA`,
    String.raw`BUCHHANDLUNG|PHARMAC|APOTHEKE|APOTHEEK|FARMACIA|FARMASI|CLINIC|KLINIK|DENTAL|HOTEL|HOSTEL|PETROL|\bKEDAI\b|PASARAYA`,
    String.raw`PERNIAGAAN|SYARIKAT|ENTERPRI[SC]E|TRADING|\bTRADERS?\b|SUPPL(?:Y|IES)|HOLDINGS?|VENTURES?|INDUSTRI|INTERNATIONAL`,
    String.raw`\bGROUP\b|BROTHERS|\b& ?(?:CO|SONS)\b|BISTRO|BRASSERIE|TRATTORIA|PIZZERIA|TAVERNA|KITCHEN|FOODS?\b|SEAFOOD|NOODLE`,
    String.raw`ELECTRIC|ELECTRONIC|MOTORS?\b|\bAUTO|TYRE|FLORIST|GALLERY|BOUTIQUE|FASHION|FURNITURE|SERVICES\b|SOLUTIONS|CATERING`,
    String.raw`DELI\b|GRILL|TEA ?HOUSE|\bHOUSE\b|CENTRE\b|CENTER\b|AGENCY|PARKING|SALON|OPTICAL|LAUNDRY|WINKEL|TIENDA|\bLOJA\b|MAGASIN`,
    String.raw`GESCHAFT|MINIMARKET|HYPERMARKET|CASH & CARRY`,
  ].join('|'),
)

const ADDRESS = new RegExp(
  [
    String.raw`\b(?:JALAN|JLN|JIN|LORONG|LRG|TAMAN|KAMPUNG|LEBUH|PERSIARAN|BANDAR|SEKSYEN|KAWASAN|WISMA|MENARA)\b`,
    String.raw`\b(?:STREET|ROAD|AVENUE|BOULEVARD|HIGHWAY|RUE|CALLE|AVENIDA|AVDA|RUA|PRACA|VIALE|PIAZZA|CORSO)\b`,
    String.raw`STRASSE|STR\. ?\d|STRAAT|\bJALAN|\bLOT ?\d|\b(?:LOT|NO|UNIT|BLOCK|BLK|SUITE)\b[.:]? ?[A-Z]?-?\d|\d{5} ?[A-Z]`,
    String.raw`[A-Z,] ?\d{5}\b|\b\d{1,3}(?:ST|ND|RD|TH) FLOOR|\bFLOOR\b|\bLEVEL ?\d|\b\d{4}-\d{3}\b|\b[A-Z]{2} \d{5}\b`,
    String.raw`^\d{1,5}[A-Z]?,? .*\b(?:ST|RD|AVE?|BLVD|DR|LN|HWY)\b|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b`,
  ].join('|'),
)

/** A number under which a company or a tax payer is registered: it stands below the name. */
const REGISTERED = /\(?\b(?:[A-Z]{2})?\d{5,12} ?-? ?[A-Z]?\b\)?/

const STOPS = ['document', 'clerk', 'table', 'date', 'time', 'summary', 'count'] as const
const CONTRARY = [
  'contact',
  'registration',
  'number',
  'document',
  'clerk',
  'table',
  'other_date',
  'points',
  'exchange',
  'total',
  'change',
] as const

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0
const digitsIn = (text: string): number => text.match(/\d/g)?.length ?? 0

/** The name alone: without a registration number behind it, rules of a table, quotes. */
function tidied(text: string): string {
  const cut = text
    .replace(/\s*[([{]? ?(?:CO(?:MPANY)?\.? ?)?(?:REG(?:ISTRATION)?|ROC|GST|SST|VAT|TAX)\b.*$/i, '')
    .replace(/\s*[([{]? ?(?:No\.? ?)?[A-Z]{0,3}\d{4,}[\dA-Z/-]* ?-? ?[A-Z0-9]?\b ?[)\]}]?.*$/i, '')
  const kept = lettersIn(cut) >= 3 ? cut : text
  return kept
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\d(]+|[^\p{L}\d).!]+$/gu, '')
    .replace(/^\((?=[^)]*$)|\((?=[^)]*$).{0,2}$/g, '')
    .slice(0, 100)
    .toWellFormed()
    .trim()
}

interface Candidate {
  readonly name: string
  readonly score: number
  readonly rows: readonly Row[]
}

/** The lines above the first one about the purchase itself. Some print the head of the receipt again below; that is not looked at. */
function headOf(rows: readonly Row[]): Row[] {
  const enough = rows.findIndex(
    (row, at) => at > 2 && row.amounts.some(({ quality, currency }) => quality >= 0.9 || currency !== undefined),
  )
  return rows.slice(0, Math.min(16, enough < 0 ? rows.length : enough))
}

function formScore(folded: string): number {
  return (LEGAL_FORM.test(folded) ? 4 : 0) + (TRADE.test(folded) ? 2 : 0)
}

function contraryScore(row: Row, folded: string): number {
  const words = wordsOf(row.marks)
  const { share } = coverageOf(row)
  let score = 0
  if (hasAny(words, ...CONTRARY) && share > 0.3) score -= 5 * Math.max(0.5, share)
  if (words.has('thanks') && share > 0.5) score -= 4
  if (words.has('alias')) score -= 4
  if (words.has('customer') && share > 0.4) score -= 3
  // Behind a legal form only the number of the company stands.
  if (ADDRESS.test(LEGAL_FORM.test(folded) ? fold(tidied(row.text)) : folded)) score -= 4.5
  else if (words.has('address')) score -= 1
  if (/WWW|HTTP|\.COM\b|@[A-Z]+\./.test(folded)) score -= 4
  if (row.days.length > 0 || row.clocks.length > 0) score -= 4
  if (row.text.includes(',')) score -= 0.8
  if (/:/.test(row.text)) score -= 1
  // Streets begin with the number of the house in half of the world.
  if (/^\d{1,5}[A-Z]?,? [A-Z]/.test(folded) && formScore(folded) === 0) score -= 1
  return score
}

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

function scoreOf(row: Row, at: number, head: readonly Row[]): number {
  const folded = fold(row.text)
  const name = tidied(row.text)
  const letters = lettersIn(name)
  if (letters < 3) return -9
  const height = medianOf(head.map(({ line }) => line.height))
  const clean = letters / Math.max(1, name.replace(/\s/g, '').length)
  let score = 3 - at * 0.35 + formScore(folded) + contraryScore(row, folded)
  score += Math.max(-0.5, Math.min(1.5, (row.line.height / Math.max(1, height) - 1) * 2))
  score += clean > 0.85 ? 0.6 : clean < 0.6 ? -2.5 : 0
  score += (row.line.confidence - 0.85) * 4
  if (letters < 5) score -= 1.5
  if (!/\p{Lu}/u.test(name)) score -= 1.5
  if (/^\p{Ll}/u.test(name)) score -= 0.7
  if (digitsIn(name) > letters) score -= 2
  const below = head[at + 1]
  // Companies are registered, and print their number beside or below the name.
  if (below !== undefined && REGISTERED.test(below.text) && lettersIn(below.text) < 16 && digitsIn(below.text) >= 5) score += 1
  if (name !== row.text && REGISTERED.test(row.text.slice(name.length))) score += 1
  const above = head[at - 1]
  if (above !== undefined && wordsOf(above.marks).has('alias')) score -= 4
  if (below !== undefined && wordsOf(below.marks).has('alias')) score += 1
  // Below the title of the document stands whom it is made out to.
  const isBelowTitle = head.slice(0, at).some((row_) => hasAny(wordsOf(row_.marks), ...STOPS) && coverageOf(row_).share > 0.5)
  const isBelowAddress = head.slice(0, at).some((row_) => ADDRESS.test(fold(row_.text)) || wordsOf(row_.marks).has('contact'))
  const isBilled = head.slice(0, at).some((row_) => wordsOf(row_.marks).has('customer'))
  return score - (isBelowTitle ? 1.5 : 0) - (isBelowAddress ? 2 : 0) - (isBilled ? 3 : 0)
}

/** Whether the line is the second half of the name above: a legal form with at most a word before it. */
function continues(above: Row, row: Row): boolean {
  const folded = fold(row.text)
  const form = LEGAL_FORM.exec(folded)
  if (form === null || ADDRESS.test(folded)) return false
  const words = folded.slice(0, form.index).match(/[A-Z]{2,}/g) ?? []
  const gap = row.line.top - above.line.bottom
  if (gap > above.line.height * 1.2 || LEGAL_FORM.test(fold(above.text).replace(/SDN\.?$/, ''))) return false
  if (words.length === 0) return true
  return words.length === 1 && row.line.height > above.line.height * 0.75 && row.line.height < above.line.height * 1.35 && form.index <= 14
}

function candidatesOf(head: readonly Row[]): Candidate[] {
  return head.flatMap((row, at) => {
    const score = scoreOf(row, at, head)
    const next = head[at + 1]
    const whole: Candidate = { name: tidied(row.text), score, rows: [row] }
    if (next === undefined || !continues(row, next) || score < 0) return [whole]
    const joined = `${row.text.trim()} ${next.text.trim()}`
    return [whole, { name: tidied(joined), score: Math.max(score, scoreOf(next, at + 1, head)) + 1.5, rows: [row, next] }]
  })
}

/** Some thank by name at the end: "thank you for shopping at ...". */
function thankedName(rows: readonly Row[]): Candidate[] {
  return rows.flatMap((row, at) => {
    const found = /(?:SHOPPING (?:AT|WITH)|VISITING|EINKAUF BEI|VISITE CHEZ|COMPRA EN|COMPRAR NA?O?)\s*[:,]?\s*(.*)$/.exec(fold(row.text))
    if (found === null) return []
    const own = found[1] === '' ? undefined : row.text.slice(-(found[1] ?? '').length)
    const name = tidied(own ?? rows[at + 1]?.text ?? '')
    return lettersIn(name) < 3 ? [] : [{ name, score: 1.5, rows: [row] }]
  })
}

export function chooseVendor(rows: readonly Row[]): Field<string> {
  const [first, second] = [...candidatesOf(headOf(rows)), ...thankedName(rows)].sort((a, b) => b.score - a.score)
  if (first === undefined || first.name === '' || first.score < -1) return null
  const rival = second === undefined || first.rows.includes(second.rows[0] as Row) ? 0 : second.score
  const margin = first.score - Math.max(0, rival)
  const seen = Math.min(...first.rows.map(({ line }) => line.confidence))
  const likely = 1 / (1 + Math.exp(1 - 0.25 * first.score - 0.25 * margin))
  return { value: first.name, confidence: Math.min(0.97, likely) * (0.4 + 0.6 * seen) }
}
